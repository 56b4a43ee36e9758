//! What a person is told of their request comes by mail, whatever else they get or do not get (P17).

use std::time::Duration;

use assent_tests::on_both;
use assent_tests::process::until;
use assent_worker::Workers;
use serde_json::json;

use crate::erasure::worker;
use crate::privacy_answers::{ANSWER, EXTEND, ann, id, record};

on_both!(
    p17_what_a_person_is_told_comes_by_mail_and_leads_to_their_page,
    async |db| {
        let house = db.house("acme").await;
        let ann = ann(&house).await;
        house.opt_out_of_all(ann).await;
        let site = db.site();
        let owner = site.owner("acme").await;
        let written = [("email", "ann@example.org"), ("message", "Who are you?")];
        site.fill_in("/t/acme/privacy", &written).await.must_be(200);
        let mut open = Vec::new();
        for kind in ["QUESTION", "CORRECTION"] {
            let input = json!({ "kind": kind, "channel": "PHONE", "subscriberId": ann.to_string() });
            open.push(record(&owner, input).await);
        }
        let until_may =
            json!({ "id": id(&open[0]), "until": "2026-05-01T00:00:00Z", "reason": "Many <i>letters</i>." });
        owner.data(EXTEND, json!({ "input": until_may })).await;
        for (of, outcome) in open.iter().zip(["DONE", "REFUSED"]) {
            let input = json!({ "id": id(of), "outcome": outcome, "text": format!("It is {outcome}.") });
            owner.data(ANSWER, json!({ "input": input })).await;
        }
        let workers = Workers::start(db.store.clone(), worker(db, &site)).await.unwrap();
        until("mail is sent", Duration::from_secs(30), async || {
            db.count("outbox", "1 = 1").await == 0
        })
        .await;
        let mut told = Vec::new();
        for letter in site.mailbox.newest(10).unwrap().ids {
            let html = site.get(&format!("/dev/mailbox/{letter}/html")).await;
            let links = html.must_be(200).attributes("a[href*='/privacy/']", "href");
            // The policy's news to the owner is kept there too.
            let Some(link) = links.first() else { continue };
            let path = link.split_once("/privacy/").expect("a link").1;
            let page = site.get(&format!("/privacy/{path}")).await;
            assert!(page.must_be(200).text().contains("a•••@example.org"));
            assert_eq!(html.count("i"), 0, "what a member writes is text");
            assert_eq!(
                html.count("a[href$='/t/acme/privacy']"),
                1,
                "the way that needs no token"
            );
            told.push(html.text());
        }
        assert_eq!(told.len(), 4, "{told:?}");
        for words in [
            "The link is good for 30 days",
            "by 1 May 2026. It takes longer for this reason: Many <i>letters</i>.",
            "It is DONE.",
            "We do not do it, for this reason: It is REFUSED. You may complain",
        ] {
            assert_eq!(
                told.iter().filter(|text| text.contains(words)).count(),
                1,
                "{words}: {told:?}"
            );
        }
        workers.stop().await;
        site.close().await;
    }
);
