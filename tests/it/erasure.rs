//! Erasure: what was a person's is found nowhere, the ledger still verifies, and the address stays out (P17).

use std::time::Duration;

use assent_domain::id::SubscriberId;
use assent_domain::mailing_list::OptIn;
use assent_domain::permit::Refusal;
use assent_domain::suppression::SuppressionReason;
use assent_entity::collection_point::CollectionPoint;
use assent_entity::opt_in::Joined;
use assent_entity::outcome::Outcome;
use assent_entity::verify::{self, Fault};
use assent_tests::http::Client;
use assent_tests::people::request;
use assent_tests::process::until;
use assent_tests::visitor::Site;
use assent_tests::{Backend, House, TestStore, on_both};
use assent_worker::Workers;
use assent_worker::chores::Chores;
use assent_worker::settings::{QueueSettings, RelaySettings, Transport, WorkerSettings};
use serde_json::{Value, json};

const DAY: Duration = Duration::from_hours(24);

const EMAIL: &str = "annabel.quince@orchard.example";

/// What would tell who Annabel Quince of Quince Pears is, in whatever text it stands.
const TRACES: &[&str] = &["annabel", "orchard.example", "quince", "pears"];

/// The settings of a worker that keeps mail in the site's mailbox.
pub(crate) fn worker(db: &TestStore, site: &Site) -> WorkerSettings {
    WorkerSettings {
        bounce_domain: None,
        soft_limit: assent_domain::bounce::SoftLimit::default(),
        retry_for: assent_domain::delivery::RetryFor::default(),
        tells_postmark: false,
        request_log_days: 30,
        sender: assent_tests::dns::unknown_everywhere(),
        transport: Transport::Mailbox(site.mailbox.clone()),
        relays: RelaySettings::default(),
        webhooks: assent_worker::settings::WebhookSettings::default(),
        base_url: format!("http://{}", site.address),
        connections: 2,
        mailings_at_once: 4,
        slice: Duration::from_secs(1),
        queue: match db.backend {
            Backend::Sqlite => QueueSettings::Sqlite {
                path: db.data_dir().join("jobs.db"),
            },
            Backend::Postgres => QueueSettings::Postgres { url: db.url.clone() },
        },
    }
}

/// Where traces of her are found: the rows of every table, and on SQLite the files themselves.
async fn found(db: &TestStore) -> Vec<String> {
    let mut places = Vec::new();
    for (table, rows) in db.dump().await {
        let text = rows.join("\n").to_lowercase();
        places.extend(traces(&table, text.as_bytes()));
    }
    let mut files = vec![db.data_dir().to_owned()];
    while let Some(path) = files.pop() {
        if path.is_dir() {
            files.extend(
                std::fs::read_dir(&path)
                    .unwrap()
                    .map(|entry| entry.unwrap().path()),
            );
        } else {
            let bytes = std::fs::read(&path).unwrap().to_ascii_lowercase();
            places.extend(traces(&path.display().to_string(), &bytes));
        }
    }
    places
}

fn traces(place: &str, content: &[u8]) -> Vec<String> {
    let holds = |trace: &&&str| content.windows(trace.len()).any(|part| part == trace.as_bytes());
    let found = TRACES.iter().filter(holds);
    found.map(|trace| format!("{place}: {trace}")).collect()
}

const SUBSCRIBE: &str = "mutation($input: SubscribeInput!) {
    subscribe(input: $input) { status reason subscriber { id } } }";

fn her(form: &str) -> Value {
    json!({ "input": {
        "collectionPoint": form, "email": EMAIL, "name": "Annabel Quince", "company": "Quince Pears Ltd",
        "choices": [{ "purpose": "news", "given": true }], "evidence": "Ms Quince said so at the fair",
    } })
}

/// She joins through an integration, confirms, gets a campaign, is read by a member, and writes to the contact.
async fn her_life(house: &House<'_>, site: &Site, owner: &Client<'_>) -> SubscriberId {
    let list = house.list("News", OptIn::Double, &["news"]).await;
    let form = house.form("news", &[list], &["news"]).await;
    for number in 0..40 {
        house
            .member_of(&form, &format!("other{number}@example.org"), &["news"])
            .await;
    }
    let joined = owner.data(SUBSCRIBE, her("news")).await;
    let id = joined["subscribe"]["subscriber"]["id"].as_str().unwrap();
    let her: SubscriberId = id.parse().unwrap();
    let opt_in = house.newest_opt_in(her).await;
    let page = site.fill_in(&house.confirm_path(her, opt_in), &[]).await;
    page.must_be(200);
    let campaign = house.campaign("news", &[list]).await;
    house.schedule(campaign, Duration::ZERO).await;
    house.send(house.mailing_of(campaign).await, Outcome::Sent).await;
    let reply = format!(
        "UPDATE attempt SET reply = '250 2.1.5 <{EMAIL}> ok' WHERE delivery_id IN (
           SELECT id FROM delivery WHERE recipient_id = {})",
        house.db.id(her)
    );
    house.db.exec(&reply).await.unwrap();
    let read = json!({
        "query": "{ subscribers(first: 100) { edges { node { id email name company } } } }",
        "extensions": { "reason": "Ms Quince called about her pears" },
    });
    owner.post("application/json", read.to_string()).await;
    let message = "I am Annabel Quince. What do you hold about me?";
    site.fill_in("/t/acme/privacy", &[("email", EMAIL), ("message", message)])
        .await
        .must_be(200);
    let page = house.privacy_path(her);
    site.fill_in(&page, &[("act", "write"), ("message", "Quince here, again")])
        .await
        .must_be(200);
    let corrected = [
        ("act", "correct"),
        ("name", "Annabel Q. Quince"),
        ("company", "Pears"),
    ];
    site.fill_in(&page, &corrected).await.must_be(200);
    // She was reached elsewhere for a while, and had signed up twice.
    house.change_address(her, "annabel@pears.example").await;
    house.change_address(her, EMAIL).await;
    let twice = house.member_of(&form, "quince@orchard.example", &["news"]).await;
    house.change_address(twice, EMAIL).await;
    her
}

on_both!(
    p17_after_an_erasure_nothing_of_the_person_is_found_and_the_ledger_verifies,
    async |db| {
        let house = db.house("acme").await;
        let site = db.site();
        let owner = site.owner("acme").await;
        let her = her_life(&house, &site, &owner).await;
        let settings = worker(db, &site);
        let workers = Workers::start(db.store.clone(), settings.clone()).await.unwrap();
        let sent = async || db.count("outbox", "stopped_at IS NULL").await == 0;
        until("mail is sent", Duration::from_secs(30), sent).await;
        let before = found(db).await;
        for place in [
            "subscriber",
            "ledger_evidence",
            "attempt",
            "privacy_request",
            "mailbox",
        ] {
            assert!(
                before.iter().any(|found| found.contains(place)),
                "{place}: {before:?}"
            );
        }
        let links = [house.privacy_path(her), house.preferences_path(her)];

        let unsure = site.fill_in(&links[0], &[("act", "erase")]).await;
        assert!(unsure.must_be(422).text().contains("Tick the box"));
        let erased = site.fill_in(&links[0], &[("act", "erase"), ("sure", "1")]).await;
        assert!(erased.must_be(200).text().contains("Your data is erased"));
        let open = db
            .count("privacy_request", "settled_at IS NULL AND kind = 'ERASURE'")
            .await;
        assert_eq!(open, 2, "one for each id under which she was known");
        let chores = Chores::open(db.store.clone(), &settings).await.unwrap();
        chores.round().await;
        let open = db
            .count("privacy_request", "settled_at IS NULL AND kind = 'ERASURE'")
            .await;
        assert_eq!(open, 0, "traces are gone too");
        assert_eq!(found(db).await, Vec::<String>::new());

        let report = verify::all(&db.store, |_, _| {}).await.unwrap().remove(0);
        assert_eq!(report.fault, None);
        let gone = format!(
            "subject_id = {} AND kind = 'CONSENT' AND seq NOT IN (SELECT seq FROM ledger_evidence)",
            db.id(her)
        );
        let consents = db.count("ledger", &gone).await;
        assert!(consents >= 2, "her records stand, without a name");
        assert!(report.erased >= consents.unsigned_abs(), "{report:?}");
        assert_eq!(db.count("suppression", "reason = 'ERASED'").await, 1);
        for link in &links {
            let status = site.get(link).await.status;
            assert!([404, 410].contains(&status.as_u16()), "{status}");
        }
        let again = site.fill_in(&links[0], &[("act", "erase"), ("sure", "1")]).await;
        assert!(again.must_be(410).text().contains("We hold nothing"));
        workers.stop().await;
        site.close().await;
    }
);

async fn erased(house: &House<'_>, site: &Site, form: &CollectionPoint) -> SubscriberId {
    let her = house.member_of(form, EMAIL, &["news"]).await;
    let page = house.privacy_path(her);
    site.fill_in(&page, &[("act", "erase"), ("sure", "1")])
        .await
        .must_be(200);
    her
}

on_both!(
    p17_an_erased_address_stays_out_whatever_a_tenant_brings_along,
    async |db| {
        let house = db.house("acme").await;
        let list = house.list("News", OptIn::Single, &["news"]).await;
        let form = house.form("news", &[list], &["news"]).await;
        let double = house.list("Double", OptIn::Double, &["news"]).await;
        let double = house.form("double", &[double], &["news"]).await;
        let site = db.site();
        let owner = site.owner("acme").await;
        let id = erased(&house, &site, &double).await;
        for form in ["news", "double"] {
            let answer = owner.data(SUBSCRIBE, her(form)).await;
            let refused = json!({ "status": "REFUSED", "reason": "ERASED", "subscriber": null });
            assert_eq!(answer["subscribe"], refused, "{form}");
        }
        assert_eq!(db.count("subscriber", "1 = 1").await, 0);
        let query = "query($id: ID!) { subscriber(id: $id) { id } }";
        let gone = owner.refused(query, json!({ "id": id.to_string() })).await;
        assert_eq!(gone.code, "NOT_FOUND");

        // A hosted form asks her once in thirty days, and single opt-in is not enough.
        for (pause, asked) in [(0, 1), (0, 1), (1, 1), (28, 1), (2, 2)] {
            db.clock.forward(DAY.saturating_mul(pause));
            let (joined, _) = house
                .send_form(&form, &request(EMAIL, &[("news", true)]))
                .await
                .unwrap();
            assert_eq!(joined, Joined::ConfirmationSent);
            assert_eq!(
                db.count("opt_in", "1 = 1").await,
                asked,
                "after {pause} days more"
            );
        }
        let (_, person) = house.join(&form, EMAIL, &["news"]).await;
        assert_eq!(house.decision(person, "news").await, Some(Refusal::Erased));
        let opt_in = house.newest_opt_in(person).await;
        house.confirm(person, opt_in).await.unwrap();
        assert_eq!(
            house.decision(person, "news").await,
            None,
            "she came back herself"
        );
        site.close().await;
    }
);

on_both!(p17_an_erasure_leaves_everybody_else_alone, async |db| {
    let house = db.house("acme").await;
    let other = db.house("brook").await;
    let (list, form) = house.news().await;
    let (_, theirs) = other.news().await;
    let ben = house.member_of(&form, "ben@example.org", &["news"]).await;
    let at_brook = other.member_of(&theirs, EMAIL, &["news"]).await;
    let site = db.site();
    let her = erased(&house, &site, &form).await;
    assert_eq!(
        other.decision(at_brook, "news").await,
        None,
        "another tenant's data is its own"
    );
    assert_eq!(house.decision(ben, "news").await, None);
    let campaign = house.campaign("news", &[list]).await;
    house.schedule(campaign, Duration::ZERO).await;
    let mailing = house.mailing_of(campaign).await;
    assert_eq!(house.send(mailing, Outcome::Sent).await.len(), 1, "Ben");
    assert_eq!(
        db.count("ledger_evidence", &format!("evidence LIKE '%{EMAIL}%'"))
            .await,
        db.count(
            "ledger",
            &format!("kind = 'CONSENT' AND subject_id = {}", db.id(at_brook))
        )
        .await
    );
    house.suppress(ben, SuppressionReason::OptedOutOfAll).await;
    assert_ne!(her, ben);
    site.close().await;
});

on_both!(
    p17_a_campaign_that_is_planned_passes_an_erased_person_by,
    async |db| {
        let house = db.house("acme").await;
        let (list, form) = house.news().await;
        let her = house.member_of(&form, EMAIL, &["news"]).await;
        let campaign = house.campaign("news", &[list]).await;
        house.schedule(campaign, Duration::ZERO).await;
        let mailing = house.mailing_of(campaign).await;
        let worker = db.worker();
        let planned = house.begin(mailing, worker).await;
        let site = db.site();
        let page = house.privacy_path(her);
        site.fill_in(&page, &[("act", "erase"), ("sure", "1")])
            .await
            .must_be(200);
        let turn = house.turn(&planned, worker, &[], 10).await.unwrap();
        assert_eq!((turn.claims.len(), turn.refused), (0, 1));
        let refused: Vec<String> = db
            .column("SELECT refusal FROM delivery WHERE refusal IS NOT NULL")
            .await;
        assert_eq!(refused, ["ERASED"]);
        assert!(house.finish(&planned).await);
        site.close().await;
    }
);

on_both!(
    p17_whoever_takes_a_person_away_past_the_software_is_found_out,
    async |db| {
        let house = db.house("acme").await;
        let (_, form) = house.news().await;
        let her = house.member_of(&form, EMAIL, &["news"]).await;
        let of_her = format!("subscriber_id = {}", db.id(her));
        for sql in [
            format!("DELETE FROM consent WHERE {of_her}"),
            format!("DELETE FROM subscription WHERE {of_her}"),
            "DELETE FROM delivery".to_owned(),
            "DELETE FROM mailing WHERE kind = 'CONFIRMATION'".to_owned(),
            format!("DELETE FROM opt_in WHERE {of_her}"),
            format!("DELETE FROM subscriber WHERE id = {}", db.id(her)),
        ] {
            db.exec(&sql).await.unwrap();
        }
        let report = verify::all(&db.store, |_, _| {}).await.unwrap().remove(0);
        let Some(Fault::PersonMissing { subscriber, .. }) = report.fault else {
            panic!("{report:?}");
        };
        assert_eq!(subscriber, her.uuid());
    }
);
