//! Tables that nobody should send: each is told what is wrong with it, line by line, and what is right in it is taken in.

use assent_domain::import::ImportStatus;
use assent_tests::on_both;
use assent_tests::process::Assent;
use assent_tests::sink::Sink;
use serde_json::json;

use super::{BRING, SHOW, counts, known, problems, settled, stage};

on_both!(whatever_stands_in_a_row_spoils_no_other, async |db| {
    let (house, new) = stage(db).await;
    let naughty = [
        "",
        "undefined",
        "NULL",
        "\u{0}",
        "\u{feff}",
        "\u{202e}moc.elpmaxe@a",
        "Robert'); DROP TABLE subscriber;--",
        "=1+1",
        "<script>alert(1)</script>",
        "%s%n",
        "{{ 7 * 7 }}",
        "../../etc/passwd",
        "田中さん",
        "👩‍👩‍👧‍👦",
        "\u{1b}[2J",
        "a@b@c",
        "(ノಥ益ಥ)ノ",
        "\u{2028}",
        "1e309",
        "Ω≈ç√∫˜µ",
    ];
    let mut csv = String::from("email,name\n");
    for (number, text) in naughty.iter().enumerate() {
        let rows = format!("\"{text}\",\"{text}\"\nperson{number}@example.org,\"{text}\"\n");
        csv.push_str(&rows);
    }
    let import = house.take_in(&new, &csv).await;
    let all = naughty.len() as u64;
    // In three of the names are control characters, or a mark that turns the direction; a line's end is cut off an end.
    let control = 3;
    assert_eq!(
        counts(&import),
        [2 * all, all - control, 0, all + control],
        "{:?}",
        problems(&house, import.id).await
    );
    assert_eq!(
        db.count("subscriber", "name = 'Robert''); DROP TABLE subscriber;--'")
            .await,
        1
    );
    assert_eq!(
        db.count("subscriber", "email LIKE '%<%' OR email LIKE '%{%'")
            .await,
        0
    );
});

on_both!(
    a_table_is_as_wide_and_as_repetitive_as_somebody_likes,
    async |db| {
        let (house, new) = stage(db).await;
        let wide = |cells: usize| {
            format!(
                "email{}\nann@example.org{}\nbob@example.org{}\n",
                ",x".repeat(cells - 1),
                ",1".repeat(cells - 1),
                ",1".repeat(cells)
            )
        };
        let import = house.take_in(&new, &wide(5000)).await;
        assert_eq!(counts(&import), [2, 1, 0, 1]);
        assert_eq!(
            problems(&house, import.id).await,
            [(3, "ROW_TOO_LARGE".to_owned())]
        );
        let refused = house.bring(&new, &wide(5001)).await.unwrap_err().to_string();
        assert!(refused.contains("5000 cells"), "{refused}");
        let same = "same@example.org\nSame@EXAMPLE.org\n".repeat(1500);
        let import = house.take_file_in(&new, same.as_bytes()).await.unwrap();
        assert_eq!(counts(&import), [3000, 3000, 0, 0]);
        assert_eq!((import.people_new, import.status), (1, ImportStatus::Finished));
    }
);

on_both!(a_huge_cell_is_passed_over_and_an_open_quote_is_told, async |db| {
    let (house, new) = stage(db).await;
    let sink = Sink::default();
    let assent = Assent::serve(db, &sink);
    let site = db.site();
    let client = site.owner("acme").await;
    let huge = format!(
        "email,note\nann@example.org,\"{}\"\r\nbob@example.org,short\r\n",
        "eve@example.org\n".repeat(10 * 1024 * 1024 / 16)
    );
    let import = house.bring_file(&new, huge.as_bytes()).await.unwrap();
    let shown = settled(&client, &json!(import.to_string())).await;
    assert_eq!(
        (&shown["status"], &shown["rowsImported"], &shown["rowsRefused"]),
        (&json!("FINISHED"), &json!(1), &json!(1)),
        "{shown}"
    );
    assert_eq!(problems(&house, import).await, [(2, "ROW_TOO_LARGE".to_owned())]);
    assert_eq!(
        known(&house, "eve@example.org").await,
        None,
        "what stands in a cell is no row"
    );
    let open = "email,name\nann@example.org,Ann\n\ncat@example.org,\"Cat\ndan@example.org,Dan\n";
    let input = json!({ "input": { "mailingListId": new.list.to_string(), "csv": open,
        "evidence": { "source": "shop", "collectedAt": "2026-01-02T03:04:05Z", "statement": "Yes.", "purposes": ["news"] } } });
    let id = client.data(BRING, input).await["importSubscribers"]["import"]["id"].clone();
    let shown = settled(&client, &id).await;
    assert_eq!(
        (&shown["status"], &shown["rowsImported"]),
        (&json!("FAILED"), &json!(1)),
        "{shown}"
    );
    assert!(
        shown["failure"].as_str().unwrap().contains("opened in line 4"),
        "{shown}"
    );
    assert_eq!(
        client.data(SHOW, json!({ "id": id })).await["import"]["rowsRead"],
        1
    );
    drop(assent);
    site.close().await;
});
