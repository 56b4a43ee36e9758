//! Standing purposes need nobody's yes, because what is sent for them is not the tenant's to choose: no list and no campaign
//! has one.

use std::time::Duration;

use assent_domain::mailing_list::OptIn;
use assent_domain::permit::Refusal;
use assent_domain::purpose::STANDING_PURPOSES;
use assent_entity::campaign::{self, NewCampaign};
use assent_entity::outcome::Outcome;
use assent_entity::{StoreError, audience, mailing_list};
use assent_tests::on_both;

fn refused(result: Result<impl Sized, StoreError>, field: &str) {
    match result {
        Err(StoreError::Invalid { field: at, message }) => {
            assert_eq!(at, field);
            assert!(message.contains("a purpose of your own"), "{message}");
        }
        other => panic!("{:?}", other.map(|_| ()).map_err(|error| error.to_string())),
    }
}

on_both!(
    p01_neither_a_list_nor_a_campaign_is_for_what_needs_nobodys_yes,
    async |db| {
        let house = db.house("acme").await;
        let list = house.list("News", OptIn::Double, &["news"]).await;
        for standing in STANDING_PURPOSES {
            let code = standing.code;
            let mut tx = house.write().await;
            let codes = ["news".to_owned(), code.to_owned()];
            let list_of = mailing_list::create(&mut tx, "Trick", OptIn::Single, &codes).await;
            refused(list_of, "purposes");
            drop(tx);
            let mut tx = house.write().await;
            refused(mailing_list::add_purpose(&mut tx, list, code).await, "purpose");
            let new = NewCampaign {
                name: "Trick".to_owned(),
                purpose: code.to_owned(),
                lists: vec![list],
                segment: None,
                preheader: String::new(),
                subject: "Buy".to_owned(),
                body_format: assent_domain::campaign::BodyFormat::Markdown,
                body_source: "Buy".to_owned(),
                content: Vec::new(),
                if_unknown: assent_domain::campaign::IfUnknown::default(),
            };
            refused(campaign::create(&mut tx, new).await, "purpose");
        }
    }
);

on_both!(
    p01_a_campaign_for_a_standing_purpose_reaches_nobody_whatever_the_database_says,
    async |db| {
        let house = db.house("acme").await;
        let (list, form) = house.news().await;
        house.member_of(&form, "ann@example.org", &["news"]).await;
        let campaign = house.campaign("news", &[list]).await;
        let notice = house.purpose("policy_notice").await.id;
        for sql in [
            format!("UPDATE campaign SET purpose_id = {}", db.id(notice)),
            format!("UPDATE list_purpose SET purpose_id = {}", db.id(notice)),
        ] {
            db.exec(&sql).await.unwrap();
        }
        let tx = house.read().await;
        let audience = audience::of(&tx, campaign, notice).await.unwrap();
        assert_eq!((audience.total, audience.allowed), (1, 0));
        assert_eq!(audience.refused, [(Refusal::NoConsent, 1)]);
        drop(tx);
        house.schedule(campaign, Duration::ZERO).await;
        let sent = house.send(house.mailing_of(campaign).await, Outcome::Sent).await;
        assert_eq!(sent.len(), 0);
    }
);
