//! A form is no weapon: one source sends so many and no more, and is not kept (P02, P04).

use std::time::Duration;

use assent_tests::dump::difference;
use assent_tests::on_both;
use assent_tests::visitor::{Answer, Site};

async fn send(site: &Site, email: &str, fields: &[(&str, &str)]) -> Answer {
    let path = "/t/acme/join/news";
    let shown = site.get(path).await.shown();
    let all = [&[("shown", shown.as_str()), ("email", email)], fields].concat();
    site.fill_in(path, &all).await
}

on_both!(
    p04_one_source_sends_so_many_forms_and_no_more_but_a_no_is_always_taken,
    async |db| {
        let house = db.house("acme").await;
        house.news().await;
        let site = db.site_taking(3);
        let field = site
            .get("/t/acme/join/news")
            .await
            .attributes("input[type=checkbox]:not([name=no_mail])", "name")
            .remove(0);
        let value = site
            .get("/t/acme/join/news")
            .await
            .attributes("input[type=checkbox]:not([name=no_mail])", "value")
            .remove(0);
        let yes = [(field.as_str(), value.as_str())];
        for number in 0..3 {
            send(&site, &format!("person{number}@example.org"), &yes)
                .await
                .must_be(200);
        }
        let before = db.dump().await;
        for number in 3..6 {
            let page = send(&site, &format!("person{number}@example.org"), &yes).await;
            assert!(page.must_be(429).text().contains("wait ten minutes"));
            assert_eq!(page.header("retry-after"), "600");
        }
        assert_eq!(difference(&before, &db.dump().await), [""; 0]);
        for number in 0..6 {
            send(&site, &format!("quiet{number}@example.org"), &[("no_mail", "1")])
                .await
                .must_be(200);
        }
        assert_eq!(db.count("suppression", "1 = 1").await, 6);
        db.clock.forward(Duration::from_mins(10));
        send(&site, "person9@example.org", &yes).await.must_be(200);
        for (table, rows) in db.dump().await {
            assert!(rows.iter().all(|row| !row.contains("127.0.0")), "{table}");
        }
        site.close().await;
    }
);
