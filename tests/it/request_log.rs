//! The request log: for the server's sake, apart from everybody, and forgetful (P02).

use std::process::Command;
use std::time::Duration;

use assent_api::visits::VisitSettings;
use assent_entity::request_log::{self, LoggedRequest, Origin};
use assent_tests::database::SECRET;
use assent_tests::visitor::FORM;
use assent_tests::{Backend, TestStore, on_both, process};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::catalogue::{columns, keys, tables};

/// In seconds.
const DAY: u64 = 24 * 60 * 60;

fn logging() -> VisitSettings {
    VisitSettings {
        logs_requests: true,
        ..VisitSettings::default()
    }
}

/// The lines that the operator is shown.
async fn lines(db: &TestStore) -> Vec<String> {
    let mut lines = Vec::new();
    let long_ago = db.store.now().before(Duration::from_secs(1000 * DAY));
    request_log::read(&db.store, long_ago, |request| lines.push(request.to_string()))
        .await
        .unwrap();
    lines
}

on_both!(p02_the_log_knows_routes_and_not_who_went_there, async |db| {
    let house = db.house("acme").await;
    let (_, form) = house.news().await;
    let (_, ann) = house.join(&form, "ann@example.org", &["news"]).await;
    let confirm = house.confirm_path(ann, house.newest_opt_in(ann).await);
    let site = db.site_that_notes(logging());
    db.clock.forward(Duration::from_millis(1234));
    site.get("/t/acme/policy?from=ann@example.org").await.must_be(200);
    site.get(&confirm).await.must_be(200);
    site.post(&confirm, FORM, "").await.must_be(200);
    site.get("/secret/of/ann").await.must_be(404);
    site.request("ANN".parse().unwrap(), "/healthz")
        .send()
        .await
        .unwrap();
    site.owner("acme").await;
    site.write_down().await;
    let mut lines = lines(db).await;
    lines.sort();
    let seen: Vec<_> = lines
        .iter()
        .map(|line| {
            let words: Vec<_> = line.split(' ').collect();
            assert_eq!(words[0], "2026-03-02T09:00:01Z", "whole seconds");
            assert_eq!(words[5], "127.0.0.1");
            [words[1], words[2], words[3]].join(" ")
        })
        .collect();
    let expected = [
        "GET (none) 404",
        "GET /confirm/{token} 200",
        "GET /t/{tenant}/policy 200",
        "OTHER /healthz 405",
        "POST /confirm/{token} 200",
        "POST /graphql 200",
    ];
    assert_eq!(seen, expected);
    site.close().await;
});

on_both!(a_request_whose_body_does_not_come_is_in_the_log_too, async |db| {
    db.house("acme").await;
    let site = db.site_that_notes(logging());
    let mut silent = TcpStream::connect(site.address).await.unwrap();
    let head = "POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 30\r\n\r\n{";
    silent.write_all(head.as_bytes()).await.unwrap();
    let mut answer = String::new();
    silent.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
    site.write_down().await;
    let lines = lines(db).await;
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(lines[0].contains(" POST /graphql 408 "), "{lines:?}");
    site.close().await;
});

on_both!(p02_no_path_leads_from_the_log_to_a_person, async |db| {
    let house = db.house("acme").await;
    let (_, form) = house.news().await;
    let site = db.site_that_notes(logging());
    house.member_of(&form, "ann@example.org", &["news"]).await;
    site.owner("acme").await;
    site.get("/t/acme/join/news").await.must_be(200);
    site.write_down().await;

    let known = columns(db, "request_log").await;
    let mut expected = [
        "id",
        "received_at",
        "method",
        "route",
        "status",
        "duration_millis",
        "ip_address",
        "ip_prefix",
    ];
    let mut sorted: Vec<_> = known.iter().map(String::as_str).collect();
    sorted.sort_unstable();
    expected.sort_unstable();
    assert_eq!(
        sorted, expected,
        "no column for a tenant, a member, a subscriber, a session or a token"
    );
    for table in tables(db).await {
        for key in keys(db, &table).await {
            let leads = key.refers_to.as_ref().map(|(target, _)| target.as_str());
            assert!(leads != Some("request_log"), "{table}: {key:?}");
            assert!(table != "request_log" || leads.is_none(), "{key:?}");
        }
    }
    let dump = db.dump().await;
    for id in db.column::<uuid::Uuid>("SELECT id FROM request_log").await {
        assert_eq!(id.get_version_num(), 4, "random, in no order");
        let (hex, text) = (id.simple().to_string(), id.to_string());
        for (table, rows) in &dump {
            let holds = |row: &String| row.to_lowercase().contains(&hex) || row.contains(&text);
            let own = table.ends_with("request_log");
            assert!(own || !rows.iter().any(holds), "{table} knows {id}");
        }
    }
    let of_network = match db.backend {
        Backend::Sqlite => 0,
        Backend::Postgres => {
            let sql = "SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = 'public'
                       AND data_type IN ('inet', 'cidr', 'macaddr')";
            db.value::<i64>(sql).await
        }
    };
    assert_eq!(of_network, 0);
    site.close().await;
});

#[test]
fn p02_no_transaction_of_a_tenant_sees_the_log() {
    assent_tests::run(Backend::Postgres, async |db| {
        let house = db.house("acme").await;
        request_log::write(&db.store, &[request(db, "192.0.2.77")])
            .await
            .unwrap();
        assert_eq!(db.count("request_log", "1 = 1").await, 1);
        assert_eq!(db.rows_seen_by(Some(house.ctx.tenant()), "request_log").await, 0);
        assert_eq!(db.rows_seen_by(None, "request_log").await, 0);
    });
}

fn request(db: &TestStore, address: &str) -> LoggedRequest {
    LoggedRequest {
        received_at: db.store.now(),
        method: "GET".to_owned(),
        route: "/".to_owned(),
        status: 200,
        duration: Duration::from_millis(3),
        from: Some(Origin::Address(address.parse().unwrap())),
    }
}

/// Whence the requests of the log came, as far as it still knows.
async fn origins(db: &TestStore) -> Vec<String> {
    let last = |line: String| line.rsplit(' ').next().unwrap_or_default().to_owned();
    let mut origins: Vec<_> = lines(db).await.into_iter().map(last).collect();
    origins.sort();
    origins
}

on_both!(p02_the_log_forgets_addresses_then_everything, async |db| {
    let two = ["192.0.2.77", "2001:db8:1:2::3"].map(|address| request(db, address));
    request_log::write(&db.store, &two).await.unwrap();
    let after = async |seconds: u64| {
        db.clock.forward(Duration::from_secs(seconds));
        request_log::forget(&db.store, 30).await.unwrap();
        origins(db).await
    };
    assert_eq!(after(7 * DAY).await, ["192.0.2.77", "2001:db8:1:2::3"]);
    assert_eq!(after(1).await, ["192.0.2.0/24", "2001:db8:1::/48"]);
    assert_eq!(after(23 * DAY - 1).await, ["192.0.2.0/24", "2001:db8:1::/48"]);
    assert_eq!(after(1).await, ["-", "-"]);
    assert_eq!(after(30 * DAY - 1).await, ["-", "-"]);
    assert_eq!(after(1).await, [""; 0]);

    let later = [request(db, "192.0.2.77")];
    request_log::write(&db.store, &later).await.unwrap();
    db.clock.forward(Duration::from_secs(DAY + 1));
    request_log::forget(&db.store, 1).await.unwrap();
    assert_eq!(origins(db).await, ["-"], "no network outlives the period");
});

on_both!(p02_a_long_log_is_forgotten_to_its_end, async |db| {
    let many = vec![request(db, "192.0.2.77"); 5100];
    request_log::write(&db.store, &many).await.unwrap();
    db.clock.forward(Duration::from_secs(8 * DAY));
    request_log::forget(&db.store, 30).await.unwrap();
    assert_eq!(db.count("request_log", "ip_address IS NOT NULL").await, 0);
    assert_eq!(db.count("request_log", "ip_prefix = '192.0.2.0/24'").await, 5100);
    db.clock.forward(Duration::from_secs(60 * DAY));
    request_log::forget(&db.store, 30).await.unwrap();
    assert_eq!(db.count("request_log", "1 = 1").await, 0);
});

on_both!(p02_nothing_is_logged_where_the_log_is_off, async |db| {
    let site = db.site();
    site.get("/").await.must_be(200);
    site.write_down().await;
    assert_eq!(lines(db).await, [""; 0]);
    site.close().await;
});

on_both!(p02_the_operator_prints_the_log, async |db| {
    request_log::write(&db.store, &[request(db, "192.0.2.77")])
        .await
        .unwrap();
    let print = |since: &str| {
        let mut command = Command::new(process::program());
        command
            .env_clear()
            .env("ASSENT_DATABASE_URL", &db.url)
            .env("ASSENT_DATA_DIR", db.data_dir())
            .env("ASSENT_SECRET", SECRET)
            .current_dir(db.data_dir());
        let output = command.args(["requests", "--since", since]).output().unwrap();
        let error = String::from_utf8(output.stderr).unwrap();
        (String::from_utf8(output.stdout).unwrap(), error)
    };
    let (said, _) = print("2026-03-02T09:00:00Z");
    assert_eq!(said, "2026-03-02T09:00:00Z GET / 200 3ms 192.0.2.77\n");
    assert_eq!(print("2026-03-02T09:00:01Z").0, "");
    assert!(print("yesterday").1.contains("2026-03-01T09:00:00Z"));
});
