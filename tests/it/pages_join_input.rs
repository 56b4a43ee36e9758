//! What people, and others, send to a form: every mistake is named at its field, nothing typed is lost, and
//! nothing of it is taken for markup, for headers of a mail, or for text where it is none.

use assent_entity::subscriber;
use assent_tests::dump::difference;
use assent_tests::house::address;
use assent_tests::on_both;
use assent_tests::visitor::FORM;

use crate::pages_join::{PATH, both, fill_in};

/// Text with its line breaks as a parser of HTML writes them.
fn in_one_way(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n")
}

on_both!(a_form_that_is_not_accepted_keeps_what_was_typed, async |db| {
    let house = db.house("acme").await;
    both(&house).await;
    let site = db.site();
    let long = "x".repeat(201);
    let wrong: [(&[(&str, &str)], &str); 11] = [
        (
            &[("email", "not an address"), ("name", "Ann"), ("purpose", "news")],
            "email",
        ),
        (&[("email", ""), ("name", "Ann"), ("purpose", "news")], "email"),
        (
            &[("email", "a@b.example\r\nBcc: c@d.example"), ("purpose", "news")],
            "email",
        ),
        (
            &[("email", "a@b.example\nBcc: c@d.example"), ("purpose", "news")],
            "email",
        ),
        (&[("email", "a\r@b.example"), ("purpose", "news")], "email"),
        (
            &[("email", "a@b.example, c@d.example"), ("purpose", "news")],
            "email",
        ),
        (
            &[
                ("email", "a@b.example"),
                ("email", "c@d.example"),
                ("purpose", "news"),
            ],
            "email",
        ),
        (&[("email", "a@b.example"), ("name", "Ann")], "choices"),
        (
            &[("email", "a@b.example"), ("name", "Ann"), ("purpose", "bill")],
            "choices",
        ),
        (
            &[
                ("email", "a@b.example"),
                ("name", "Ann\r\nBcc: x"),
                ("purpose", "news"),
            ],
            "name",
        ),
        (
            &[("email", "a@b.example"), ("company", &long), ("purpose", "news")],
            "company",
        ),
    ];
    let before = db.dump().await;
    for (fields, field) in wrong {
        let page = fill_in(&site, fields).await;
        page.must_be(422);
        assert_eq!(
            page.attributes("[role=alert] a", "href"),
            [format!("#{field}")],
            "{fields:?}"
        );
        assert_eq!(
            page.count(&format!("#{field}")),
            1,
            "the summary leads to the field"
        );
        assert!(
            page.count(".error") == 1 && page.body.contains("Please check"),
            "{fields:?}"
        );
        for (name, value) in page.filled_in() {
            let typed = fields.iter().find(|(of, _)| *of == name);
            let typed = typed.map_or("", |(_, typed)| *typed);
            assert!(
                name == "shown" || in_one_way(&value) == in_one_way(typed),
                "{name}: {value:?}"
            );
        }
        let ticked = fields.contains(&("purpose", "news"));
        let boxes = page.attributes("[checked]", "value");
        assert_eq!(boxes, if ticked { vec!["news"] } else { vec![] }, "{fields:?}");
    }
    assert_eq!(difference(&before, &db.dump().await), [""; 0]);
    site.close().await;
});

on_both!(what_was_typed_is_never_taken_for_markup, async |db| {
    let house = db.house("acme").await;
    both(&house).await;
    let site = db.site();
    let hostile = "\"'><script>alert(1)</script><img src=x onerror=alert(1)>";
    let sent: [&[(&str, &str)]; 5] = [
        &[
            ("email", hostile),
            ("name", hostile),
            ("company", hostile),
            ("purpose", "news"),
        ],
        &[
            ("email", "\"<script>alert(1)</script>\"@example.org"),
            ("purpose", "news"),
        ],
        &[("email", "a@b.example"), ("name", hostile), ("purpose", "news")],
        &[
            ("email", "\"<script>alert(1)</script>\"@example.org"),
            ("no_mail", "1"),
        ],
        &[("email", "a@b.example"), ("name", hostile), ("shown", "old")],
    ];
    for fields in sent {
        let page = fill_in(&site, fields).await;
        assert!(
            !page.body.contains("<script") && !page.body.contains("<img"),
            "{}",
            page.body
        );
        assert_eq!(page.count("script, img, [onerror]"), 0);
    }
    // A person's name on their own pages.
    let (email, name) = ("cat@example.org", hostile);
    fill_in(&site, &[("email", email), ("name", name), ("purpose", "news")])
        .await
        .must_be(200);
    let tx = house.read().await;
    let cat = subscriber::with_address(&tx, &address(email))
        .await
        .unwrap()
        .unwrap();
    drop(tx);
    let opt_in = house.newest_opt_in(cat.id).await;
    for path in [house.confirm_path(cat.id, opt_in), house.preferences_path(cat.id)] {
        assert!(!site.get(&path).await.must_be(200).body.contains("<script"));
    }
    site.close().await;
});

on_both!(what_is_no_form_is_refused_and_changes_nothing, async |db| {
    let house = db.house("acme").await;
    both(&house).await;
    let site = db.site();
    let before = db.dump().await;
    let shown = site.get(PATH).await.shown();
    let good = format!("shown={shown}&email=ann@example.org&purpose=news");
    let long = format!("{good}&name={}", "x".repeat(100 * 1024));
    let refused: [(&str, u16, Vec<u8>); 9] = [
        (FORM, 400, format!("{good}&name=%ff%fe").into_bytes()),
        (FORM, 400, [good.as_bytes(), b"&name=\xff\xfe"].concat()),
        (FORM, 400, [good.as_bytes(), b"&\xc3=1"].concat()),
        (FORM, 413, long.into_bytes()),
        (FORM, 409, b"email=ann@example.org&purpose=news".to_vec()),
        (FORM, 409, format!("{good}&shown=x").into_bytes()),
        ("application/json", 415, b"{}".to_vec()),
        ("multipart/form-data; boundary=x", 415, b"--x--".to_vec()),
        ("text/plain", 415, good.clone().into_bytes()),
    ];
    for (content_type, status, body) in refused {
        let start = String::from_utf8_lossy(&body[..body.len().min(99)]).into_owned();
        let page = site.post(PATH, content_type, body).await;
        assert_eq!(page.status.as_u16(), status, "{start}");
        page.must_be(status);
    }
    for path in [
        "/t/acme/join/none",
        "/t/nobody/join/both",
        "/t/acme/join/BOTH",
        "/t/acme/join/%ff",
        "/t/%00/join/both",
    ] {
        site.post(path, FORM, good.clone()).await.must_be(404);
        site.get(path).await.must_be(404);
    }
    assert_eq!(difference(&before, &db.dump().await), [""; 0]);
    site.post(PATH, FORM, good).await.must_be(200);
    site.close().await;
});
