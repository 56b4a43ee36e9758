//! The one-time address: whoever started the server, and nobody else, creates the first tenant, once.

use assent_entity::session;
use assent_tests::dump::difference;
use assent_tests::house::PASSWORD;
use assent_tests::on_both;
use assent_tests::visitor::FORM;

/// A form as it should be filled in.
const GOOD: [(&str, &str); 8] = [
    ("company", "Acme & Sons"),
    ("slug", "acme"),
    ("postal_address", "1 Main Street\r\nSpringfield"),
    ("sender_name", "Acme"),
    ("sender_address", "news@acme.example"),
    ("privacy_contact", "privacy@acme.example"),
    ("owner_email", "owner@acme.example"),
    ("password", PASSWORD),
];

/// The good form with one field changed.
fn with<'a>(name: &str, value: &'a str) -> Vec<(&'a str, &'a str)> {
    let field = |(of, good): &(&'static str, &'static str)| (*of, if *of == name { value } else { *good });
    GOOD.iter().map(field).collect()
}

on_both!(
    the_one_time_address_makes_a_tenant_and_its_owner_once,
    async |db| {
        let site = db.site();
        let path = format!("/setup/{}", site.setup.issue());
        let page = site.get(&path).await;
        assert_eq!(page.must_be(200).count("input[name=setup_code]"), 0);
        let done = site.fill_in(&path, &GOOD).await;
        assert!(
            done.must_be(200).text().contains("Acme & Sons is set up"),
            "{}",
            done.text()
        );
        assert!(!done.body.contains(PASSWORD));
        assert_eq!(db.count("tenant", "slug = 'acme'").await, 1);
        let signed_in =
            session::sign_in(&db.store, "acme", "owner@acme.example", PASSWORD.into(), None).await;
        assert!(signed_in.unwrap().is_some(), "the owner signs in");
        site.get("/t/acme/policy").await.must_be(200);

        let before = db.dump().await;
        for path in [path.as_str(), "/setup"] {
            site.get(path).await.must_be(404);
            site.fill_in(path, &with("slug", "second")).await.must_be(404);
        }
        assert_eq!(difference(&before, &db.dump().await), [""; 0]);
        site.close().await;
    }
);

on_both!(
    two_windows_with_the_one_time_address_make_one_tenant,
    async |db| {
        let site = db.site();
        let path = format!("/setup/{}", site.setup.issue());
        let (one, two) = (with("slug", "one"), with("slug", "two"));
        let (one, two) = tokio::join!(site.fill_in(&path, &one), site.fill_in(&path, &two));
        let mut statuses = [one.status.as_u16(), two.status.as_u16()];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 404]);
        assert_eq!(db.count("tenant", "1 = 1").await, 1);
        site.close().await;
    }
);

on_both!(a_wrong_setup_code_makes_nothing, async |db| {
    let site = db.site();
    let before = db.dump().await;
    site.get("/setup").await.must_be(404);
    site.fill_in("/setup/", &GOOD).await.must_be(404);
    site.fill_in("/setup", &GOOD).await.must_be(404);
    let code = site.setup.issue();
    let (shorter, longer) = (code[1..].to_owned(), format!("{code}A"));
    for wrong in ["x", shorter.as_str(), longer.as_str()] {
        site.get(&format!("/setup/{wrong}")).await.must_be(404);
        site.fill_in(&format!("/setup/{wrong}"), &GOOD).await.must_be(404);
        let asked = [&GOOD[..], &[("setup_code", wrong)]].concat();
        let refused = site.fill_in("/setup", &asked).await;
        assert_eq!(
            refused.must_be(422).attributes("[role=alert] a", "href"),
            ["#setup_code"]
        );
        assert!(!refused.body.contains(&code));
    }
    site.fill_in("/setup", &GOOD).await.must_be(422);
    assert_eq!(difference(&before, &db.dump().await), [""; 0]);
    let asked = [&GOOD[..], &[("setup_code", code.as_str())]].concat();
    site.fill_in("/setup", &asked).await.must_be(200);
    assert_eq!(db.count("tenant", "1 = 1").await, 1);
    site.close().await;
});

on_both!(setup_says_at_each_field_what_is_wrong_with_it, async |db| {
    let site = db.site();
    let path = format!("/setup/{}", site.setup.issue());
    let before = db.dump().await;
    let long = "x".repeat(501);
    let wrong = [
        ("company", ""),
        ("company", "two\r\nlines"),
        ("slug", "No Spaces!"),
        ("slug", "../x"),
        ("postal_address", " \r\n "),
        ("postal_address", &long),
        ("sender_name", ""),
        ("sender_name", "Acme\r\nBcc: eve@example.org"),
        ("sender_address", "nobody"),
        ("sender_address", "a@b.example\r\nBcc: c@d.example"),
        ("privacy_contact", "a@b"),
        ("owner_email", "@"),
        ("password", "short"),
        ("password", ""),
    ];
    for (name, value) in wrong {
        let page = site.fill_in(&path, &with(name, value)).await;
        page.must_be(422);
        let links = page.attributes("[role=alert] a", "href");
        assert_eq!(links, [format!("#{name}")], "{value:?}: {}", page.text());
        for (of, typed) in page.filled_in() {
            let good = GOOD.iter().find(|(name, _)| **name == of).map(|(_, good)| *good);
            if of == "password" {
                assert_eq!(typed, "", "a password is not shown again");
            } else if of != name {
                assert_eq!(Some(typed.as_str()), good, "{of}");
            }
        }
    }
    let empty = site.fill_in(&path, &[]).await;
    assert_eq!(
        empty.must_be(422).count("[role=alert] a"),
        GOOD.len(),
        "all at once"
    );
    site.post(&path, FORM, b"company=%ff".to_vec()).await.must_be(400);
    let hostile = site
        .fill_in(&path, &with("slug", "\"><script>alert(1)</script>"))
        .await;
    assert!(!hostile.must_be(422).body.contains("<script"));
    assert_eq!(difference(&before, &db.dump().await), [""; 0]);
    site.fill_in(&path, &GOOD).await.must_be(200);
    site.close().await;
});
