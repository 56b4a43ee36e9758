//! Watching: the latest state comes first, then each that differs, to whoever may know and for as long as they may.

use std::time::Duration;

use assent_domain::api_token::Scope;
use assent_domain::policy::NOTICE_PERIOD;
use assent_entity::mailing;
use assent_entity::outcome::Outcome;
use assent_tests::house::NEWS_OFFERS_BILL;
use assent_tests::sending::ended;
use assent_tests::watcher::Heard;
use assent_tests::{House, on_both};
use serde_json::{Value, json};

use crate::contract::DOCUMENT;
use crate::furnished::{due_campaign, furnished};
use crate::scopes::shop;

const WATCH: &str = "subscription($id: ID!) { campaignProgress(id: $id) { total queued sent } }";

fn state(payload: &Value) -> (u64, u64, u64) {
    let of = |name: &str| {
        payload["data"]["campaignProgress"][name]
            .as_u64()
            .unwrap_or(u64::MAX)
    };
    (of("total"), of("queued"), of("sent"))
}

on_both!(a_campaign_is_watched_to_its_end, async |db| {
    let (house, _, id) = due_campaign(db, 2).await;
    let mailing = mailing::by_id(&house.read().await, id).await.unwrap();
    let campaign = mailing.campaign.unwrap();
    let site = db.site();
    let owner = site.owner("acme").await;
    let token = owner.token.clone().unwrap();
    let mut watcher = site.watch(&token).await;
    let of_it = json!({ "id": campaign.to_string() });
    watcher
        .subscribe_to("one", DOCUMENT, Some("CampaignProgressed"), of_it)
        .await;
    assert_eq!(state(&watcher.next("one").await), (0, 0, 0));
    let worker = db.worker();
    let mailing = house.begin(id, worker).await;
    assert_eq!(state(&watcher.next("one").await), (2, 2, 0));
    let claims = house.turn(&mailing, worker, &[], 1).await.unwrap().claims;
    let sent = [ended(&claims[0], Outcome::Sent, db.store.now())];
    house.turn(&mailing, worker, &sent, 0).await.unwrap();
    loop {
        let (total, _, sent) = state(&watcher.next("one").await);
        assert_eq!(total, 2);
        if sent == 1 {
            break;
        }
    }
    // Who comes back sees the latest state at once.
    let mut again = site.watch(&token).await;
    again
        .subscribe("two", WATCH, json!({ "id": campaign.to_string() }))
        .await;
    assert_eq!(state(&again.next("two").await), (2, 1, 1));
    drop(again);
    let mut tx = house.write().await;
    mailing::release(&mut tx, id, worker).await.unwrap();
    tx.commit().await.unwrap();
    house.send(id, Outcome::Sent).await;
    loop {
        if state(&watcher.next("one").await).2 == 2 {
            break;
        }
    }
    let over = watcher.hear().await;
    assert_eq!(over, Heard::Message(json!({ "type": "complete", "id": "one" })));
    site.close().await;
});

on_both!(
    p14_nobody_watches_what_is_not_theirs_nor_longer_than_they_may,
    async |db| {
        let theirs = furnished(db, "acme").await;
        furnished(db, "brook").await;
        let site = db.site();
        let token = site.owner("brook").await.token.unwrap();
        let mut watcher = site.watch(&token).await;
        let refused = async |watcher: &mut assent_tests::watcher::Watcher, query: &str, id: &str| {
            watcher.subscribe("no", query, json!({ "id": id })).await;
            let errors = watcher.refused("no").await;
            errors[0]["extensions"]["code"].as_str().map(str::to_owned)
        };
        let foreign = theirs.campaign.to_string();
        assert_eq!(
            refused(&mut watcher, WATCH, &foreign).await.as_deref(),
            Some("NOT_FOUND")
        );
        let list = theirs.list.to_string();
        assert_eq!(
            refused(&mut watcher, WATCH, &list).await.as_deref(),
            Some("BAD_USER_INPUT")
        );
        for query in [
            "query($id: ID!) { campaign(id: $id) { id } }",
            "subscription { nothing }",
            "subscription($id: ID!) { a: campaignProgress(id: $id) { total } b: campaignProgress(id: $id) { sent } }",
            "{",
        ] {
            let code = refused(&mut watcher, query, &foreign).await;
            assert_eq!(code.as_deref(), Some("BAD_USER_INPUT"), "{query}");
        }
        // A program watches what its scopes open.
        let house = House { db, ctx: theirs.ctx };
        let program = shop(&house, &[Scope::ReadPolicy]).await;
        let mut watcher = site.watch(&program).await;
        assert_eq!(
            refused(&mut watcher, WATCH, &foreign).await.as_deref(),
            Some("FORBIDDEN")
        );
        // Whoever signs out watches no longer.
        let owner = site.owner("acme").await;
        let mut watcher = site.watch(owner.token.as_deref().unwrap()).await;
        let campaign = campaign_that_waits(db, &theirs).await;
        watcher.subscribe("mine", WATCH, json!({ "id": campaign })).await;
        watcher.next("mine").await;
        owner.data("mutation { signOut { signedOut } }", json!({})).await;
        let answer = watcher.next("mine").await;
        assert_eq!(
            answer["errors"][0]["extensions"]["code"], "UNAUTHENTICATED",
            "{answer}"
        );
        site.close().await;
    }
);

on_both!(
    an_import_and_the_notices_of_a_policy_are_watched_to_their_end,
    async |db| {
        let house = db.house("acme").await;
        let (list, form) = house.news().await;
        house.member_of(&form, "ann@example.org", &["news"]).await;
        let site = db.site();
        let token = site.owner("acme").await.token.unwrap();
        let mut watcher = site.watch(&token).await;
        let csv = "email\nbob@example.org\ncat@example.org\n";
        let import = house.bring(&house.brought_to(list), csv).await.unwrap();
        let query =
            "subscription($id: ID!) { importProgress(id: $id) { status rowsRead mailingList { name } } }";
        watcher
            .subscribe("import", query, json!({ "id": import.to_string() }))
            .await;
        let state = |payload: Value| payload["data"]["importProgress"].clone();
        assert_eq!(
            state(watcher.next("import").await),
            json!({ "status": "QUEUED", "rowsRead": 0, "mailingList": { "name": "News" } })
        );
        while house.take_some_in(import, 5).await {}
        let last = state(watcher.next("import").await);
        assert_eq!(
            (&last["status"], &last["rowsRead"]),
            (&json!("FINISHED"), &json!(2))
        );
        let over = watcher.hear().await;
        assert_eq!(
            over,
            Heard::Message(json!({ "type": "complete", "id": "import" }))
        );

        let version = house.draft(NEWS_OFFERS_BILL).await;
        let effective_at = db.store.now().after(NOTICE_PERIOD);
        house.post(version, effective_at).await.unwrap();
        let query = "subscription($id: ID!) { policyNoticesProgress(id: $id) { total sent pending } }";
        watcher
            .subscribe("notices", query, json!({ "id": version.to_string() }))
            .await;
        watcher.next("notices").await;
        house.send_notices(version).await;
        loop {
            let shown = watcher.next("notices").await["data"]["policyNoticesProgress"].clone();
            if shown["pending"] == 0 && shown["sent"].as_u64() > Some(0) {
                assert_eq!(shown["total"], shown["sent"]);
                break;
            }
        }
        let over = watcher.hear().await;
        assert_eq!(
            over,
            Heard::Message(json!({ "type": "complete", "id": "notices" }))
        );
        site.close().await;
    }
);

async fn campaign_that_waits(db: &assent_tests::TestStore, of: &crate::furnished::Furnished) -> String {
    let house = House { db, ctx: of.ctx };
    let id = house.campaign("news", &[of.list]).await;
    house.schedule(id, Duration::from_hours(24)).await;
    id.to_string()
}

on_both!(
    a_socket_takes_one_protocol_from_who_says_who_they_are,
    async |db| {
        furnished(db, "acme").await;
        let site = db.site();
        for protocol in ["graphql-ws", "", "graphql-transport-wsx"] {
            assert_eq!(site.try_watch(protocol, &[]).await.err(), Some(400), "{protocol}");
        }
        let token = site.owner("acme").await.token.unwrap();
        let cookie = format!("assent_session={token}");
        let foreign = [("origin", "https://evil.example"), ("cookie", cookie.as_str())];
        assert_eq!(
            site.try_watch("graphql-transport-ws", &foreign).await.err(),
            Some(403)
        );
        for (said, code) in [
            (json!({ "type": "connection_init" }).to_string(), 4403),
            (
                json!({ "type": "connection_init", "payload": { "authorization": "Bearer no" } }).to_string(),
                4403,
            ),
            (
                json!({ "type": "subscribe", "id": "1", "payload": { "query": "{ a }" } }).to_string(),
                4401,
            ),
            ("nonsense".to_owned(), 4400),
            ("x".repeat(200_000), 1009),
        ] {
            let mut watcher = site.try_watch("graphql-transport-ws", &[]).await.unwrap();
            watcher.say_text(&said).await;
            assert_eq!(
                watcher.hear().await,
                Heard::End(code),
                "{}",
                said.chars().take(80).collect::<String>()
            );
        }
        // One that asks for too much at once is told so, and the others go on.
        let mut watcher = site.watch(&token).await;
        let bomb = format!("subscription {{ {} }}", "a: __typename ".repeat(2000));
        watcher.subscribe("bomb", &bomb, json!({})).await;
        assert!(watcher.refused("bomb").await.is_array());
        // A server that stops says so, and clients go over to another.
        site.close().await;
        assert_eq!(watcher.hear().await, Heard::End(1012));
    }
);
