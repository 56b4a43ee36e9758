//! Tables that are uploaded by an address of their own: whole or not at all, for whom the address was made, in its time.

use std::io::Write;
use std::time::{Duration, Instant};

use assent_api::uploads::{LeastPace, Uploads};
use assent_entity::chore;
use assent_entity::import::{self, NewImport};
use assent_tests::dump::difference;
use assent_tests::house::House;
use assent_tests::http::{Client, json_of};
use assent_tests::process::{Assent, until};
use assent_tests::sink::Sink;
use assent_tests::visitor::{Answer, Site, answer};
use assent_tests::{TestStore, on_both};
use flate2::Compression;
use flate2::write::GzEncoder;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::{SHOW, settled, stage};

const PREPARE: &str = "mutation($input: PrepareImportInput!) { prepareImport(input: $input) {
    import { id status dryRun } upload { url expiresAt maxMebibytes maxRows } } }";

fn input(new: &NewImport, key: Option<&str>) -> Value {
    json!({ "input": { "mailingListId": new.list.to_string(), "idempotencyKey": key,
        "evidence": { "source": "shop", "collectedAt": "2026-01-02T03:04:05Z", "statement": "Yes.", "purposes": ["news"] } } })
}

/// Prepares an import; gives its id and the path to send the table to.
async fn prepared(client: &Client<'_>, input: Value) -> (Value, String) {
    let prepared = client.data(PREPARE, input).await["prepareImport"].clone();
    let url = prepared["upload"]["url"].as_str().unwrap();
    let path = url.split_once("/imports/").expect("an upload").1;
    (prepared["import"]["id"].clone(), format!("/imports/{path}"))
}

async fn put(site: &Site, path: &str, body: impl Into<Vec<u8>>) -> Answer {
    answer(site.request(Method::PUT, path).body(body.into())).await
}

async fn put_packed(site: &Site, path: &str, body: Vec<u8>) -> Answer {
    let request = site.request(Method::PUT, path).header("content-encoding", "gzip");
    answer(request.body(body)).await
}

fn packed(octets: &[u8]) -> Vec<u8> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::best());
    packed.write_all(octets).unwrap();
    packed.finish().unwrap()
}

on_both!(a_table_is_uploaded_and_taken_once, async |db| {
    let (_house, new) = stage(db).await;
    let sink = Sink::default();
    let assent = Assent::serve(db, &sink);
    let site = db.site();
    let client = site.owner("acme").await;
    let (id, path) = prepared(&client, input(&new, Some("one"))).await;
    let shown = client.data(SHOW, json!({ "id": id })).await["import"].clone();
    assert_eq!(
        (&shown["status"], &shown["octets"]),
        (&json!("AWAITING_TABLE"), &json!(0))
    );
    // Larger than what is kept in one transaction.
    let rows: Vec<_> = (0..40_000)
        .map(|number| format!("p{number}@example.org,Person number {number}\n"))
        .collect();
    let rows = rows.concat();
    let table = format!("email,name\n{rows}");
    let unreadable = put(&site, &path, "name\nAnn\n").await;
    let problem = json_of(&unreadable);
    assert_eq!(
        (unreadable.status.as_u16(), &problem["code"]),
        (422, &json!("BAD_USER_INPUT")),
        "{problem}"
    );
    assert_eq!(unreadable.headers["content-type"], "application/problem+json");
    assert_eq!(db.count("import_text", "1 = 1").await, 0);
    let taken = put_packed(&site, &path, packed(table.as_bytes())).await;
    assert_eq!(taken.status, 200, "{}", taken.body);
    assert_eq!(json_of(&taken)["id"], id);
    // Asked again, packed or not, under an old or a new address, it is the same import; another table is refused.
    let (again, other_path) = prepared(&client, input(&new, Some("one"))).await;
    assert_eq!(again, id);
    for path in [&path, &other_path] {
        let again = put(&site, path, table.as_str()).await;
        assert_eq!(
            (again.status.as_u16(), &json_of(&again)["id"]),
            (200, &id),
            "{}",
            again.body
        );
        let other = put(&site, path, "email\nother@example.org\n").await;
        assert_eq!(
            (other.status.as_u16(), &json_of(&other)["code"]),
            (409, &json!("CONFLICT")),
            "{}",
            other.body
        );
    }
    let mut dry = input(&new, Some("one"));
    dry["input"]["dryRun"] = json!(true);
    assert_eq!(client.refused(PREPARE, dry).await.field, "idempotencyKey");
    let shown = settled(&client, &id).await;
    assert_eq!(
        (&shown["status"], &shown["rowsImported"]),
        (&json!("FINISHED"), &json!(40_000)),
        "{shown}"
    );
    assert_eq!(db.count("subscriber", "1 = 1").await, 40_000);
    assert_eq!(db.count("import_text", "1 = 1").await, 0);
    assert_eq!(db.count("people_import", "1 = 1").await, 1);
    drop(assent);
    site.close().await;
});

/// Sends the head of a request and some of its body, then goes away.
async fn break_off(site: &Site, path: &str, said: usize, sent: &str) {
    let mut socket = TcpStream::connect(site.address).await.unwrap();
    let head = format!("PUT {path} HTTP/1.1\r\nhost: localhost\r\ncontent-length: {said}\r\n\r\n");
    socket.write_all(head.as_bytes()).await.unwrap();
    socket.write_all(sent.as_bytes()).await.unwrap();
    socket.flush().await.unwrap();
    tokio::time::sleep(Duration::from_millis(300)).await;
}

on_both!(an_upload_that_breaks_off_leaves_nothing, async |db| {
    let (house, new) = stage(db).await;
    let site = db.site();
    let client = site.owner("acme").await;
    let (id, path) = prepared(&client, input(&new, None)).await;
    let rows: Vec<_> = (0..150_000)
        .map(|number| format!("p{number}@example.org\n"))
        .collect();
    let rows = rows.concat();
    let text = format!("email\n{rows}");
    break_off(&site, &path, text.len() + 1, &text).await;
    until("what had come is gone", Duration::from_secs(30), || async {
        db.count("people_import", "upload_id IS NOT NULL").await == 0
            && db.count("import_text", "1 = 1").await == 0
    })
    .await;
    assert_eq!(db.count("people_import", "status = 'AWAITING_TABLE'").await, 1);
    // So does one whose process ended; another upload of the same takes its place, and counts alone.
    let mut lost = begun(&house, &id).await;
    lost.push(text.as_bytes()).await.unwrap();
    assert!(db.count("import_text", "1 = 1").await > 0);
    let whole = put(&site, &path, "email\nann@example.org\n").await;
    assert_eq!(whole.status, 200, "{}", whole.body);
    assert!(lost.push(text.as_bytes()).await.is_err());
    lost.abandon().await.unwrap();
    assert_eq!(
        db.count("people_import", "status = 'QUEUED' AND octets = 22")
            .await,
        1
    );
    // Whoever never sends a table is told after a day.
    let (waits, _) = prepared(&client, input(&new, None)).await;
    let mut forgotten = begun(&house, &waits).await;
    forgotten.push(text.as_bytes()).await.unwrap();
    db.clock.forward(Duration::from_hours(25));
    chores(&house).await;
    let sql = "status = 'FAILED' AND failure = 'its table did not come within a day'";
    assert_eq!(db.count("people_import", sql).await, 1);
    assert_eq!(
        db.count("import_text", "1 = 1").await,
        1,
        "that of the other import"
    );
    assert!(forgotten.finish("table").await.is_err());
    site.close().await;
});

async fn chores(house: &House<'_>) {
    for ctx in chore::tenants(&house.db.store).await.unwrap() {
        chore::of_tenant(&house.db.store, ctx).await.unwrap();
    }
}

async fn begun(house: &House<'_>, id: &Value) -> import::Reception {
    let id = id.as_str().unwrap().parse().unwrap();
    import::Reception::begin(&house.db.store, house.ctx, id)
        .await
        .unwrap()
}

on_both!(
    an_address_opens_for_whom_it_was_made_and_in_its_time,
    async |db| {
        let (_house, new) = stage(db).await;
        db.house("brook").await;
        let site = db.site();
        let client = site.owner("acme").await;
        let (_, path) = prepared(&client, input(&new, None)).await;
        let before = db.dump().await;
        let export = client
            .data(
                "mutation { exportSubscribers(input: {}) { file { url } } }",
                json!({}),
            )
            .await;
        let export = export["exportSubscribers"]["file"]["url"]
            .as_str()
            .unwrap()
            .rsplit('/')
            .next()
            .unwrap()
            .to_owned();
        let cut = &path[..path.len() - 1];
        for path in [cut, "/imports/nothing", &format!("/imports/{export}")] {
            let refused = put(&site, path, "email\nann@example.org\n").await;
            assert_eq!(
                (refused.status.as_u16(), &json_of(&refused)["code"]),
                (404, &json!("NOT_FOUND"))
            );
        }
        // Of another tenant's import there is no address: its id is nobody's here.
        let theirs = site.owner("brook").await;
        assert_eq!(theirs.refused(PREPARE, input(&new, None)).await.code, "NOT_FOUND");
        db.clock.forward(import::OPEN_FOR);
        let late = put(&site, &path, "email\nann@example.org\n").await;
        assert_eq!(late.status, 410, "{}", late.body);
        let client = site.owner("acme").await;
        let (_, path) = prepared(&client, input(&new, None)).await;
        client.data("mutation { signOut { signedOut } }", json!({})).await;
        assert_eq!(put(&site, &path, "email\nann@example.org\n").await.status, 404);
        let changed = difference(&before, &db.dump().await);
        assert!(
            !changed.iter().any(|line| line.contains("import_text")),
            "{changed:?}"
        );
        site.close().await;
    }
);

/// Sends the head of an upload and then an octet now and then, until an answer comes.
async fn trickle(site: &Site, path: &str) -> String {
    let stream = TcpStream::connect(site.address).await.unwrap();
    let (mut answers, mut octets) = stream.into_split();
    let head = format!("PUT {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\n");
    octets.write_all(head.as_bytes()).await.unwrap();
    let trickling = async {
        while octets.write_all(b"a").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        std::future::pending::<()>().await;
    };
    let mut answer = vec![0; 4096];
    let read = tokio::select! {
        read = answers.read(&mut answer) => read.unwrap(),
        () = trickling => 0,
    };
    String::from_utf8_lossy(&answer[..read]).into_owned()
}

on_both!(
    who_sends_an_octet_now_and_then_does_not_keep_a_place,
    async |db| {
        let (_house, new) = stage(db).await;
        let site = db.site_with_uploads(Uploads {
            least_pace: LeastPace {
                octets: 100,
                within: Duration::from_secs(2),
            },
            ..Uploads::in_dir(db.data_dir())
        });
        let client = site.owner("acme").await;
        let (_, path) = prepared(&client, input(&new, None)).await;
        let began = Instant::now();
        let slow = tokio::join!(
            trickle(&site, &path),
            trickle(&site, &path),
            trickle(&site, &path)
        );
        for answer in [slow.0, slow.1, slow.2] {
            assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
            assert!(
                answer.contains("BAD_USER_INPUT") && answer.contains("nothing of it was kept"),
                "{answer}"
            );
        }
        assert!(began.elapsed() < Duration::from_secs(8), "{:?}", began.elapsed());
        assert_eq!(db.count("import_text", "1 = 1").await, 0);
        // Their places are free again.
        let table = put(&site, &path, "email\nann@example.org\n").await;
        assert_eq!(table.status, 200, "{}", table.body);
        site.close().await;
    }
);

fn small_site(db: &TestStore) -> Site {
    db.site_with_uploads(Uploads {
        table_octets: 1024 * 1024,
        ..Uploads::in_dir(db.data_dir())
    })
}

on_both!(what_is_too_large_or_no_gzip_leaves_nothing, async |db| {
    let (_house, new) = stage(db).await;
    let site = small_site(db);
    let client = site.owner("acme").await;
    let (id, path) = prepared(&client, input(&new, None)).await;
    let large = "x".repeat(1024 * 1024 + 1);
    let bomb = packed(&vec![b'a'; 40 * 1024 * 1024]);
    assert!(bomb.len() < 1024 * 1024);
    let table = packed(b"email\nann@example.org\n");
    let cut = table[..table.len() - 9].to_vec();
    for (status, refused) in [
        (413, put(&site, &path, large.as_str()).await),
        (413, put_packed(&site, &path, bomb).await),
        (
            400,
            put_packed(&site, &path, b"email\nann@example.org\n".to_vec()).await,
        ),
        (400, put_packed(&site, &path, cut).await),
    ] {
        assert_eq!(refused.status.as_u16(), status, "{}", refused.body);
        assert_eq!(db.count("import_text", "1 = 1").await, 0);
    }
    let unknown = site.request(Method::PUT, &path).header("content-encoding", "br");
    assert_eq!(answer(unknown.body("x")).await.status, 415);
    assert_eq!(put_packed(&site, &path, table).await.status, 200);
    let shown = client.data(SHOW, json!({ "id": id })).await["import"].clone();
    assert_eq!(
        (&shown["status"], &shown["octets"]),
        (&json!("QUEUED"), &json!(22))
    );
    site.close().await;
});
