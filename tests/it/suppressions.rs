//! Suppression lists: of a tenant, of one of its mailing lists, of a purpose, and of the operator.

use std::time::Duration;

use assent_domain::id::{MailingListId, SubscriberId};
use assent_domain::mailing_list::OptIn;
use assent_domain::permit::Refusal;
use assent_domain::suppression::SuppressionReason;
use assent_entity::audience;
use assent_entity::collection_point::CollectionPoint;
use assent_entity::opt_in::Joined;
use assent_entity::outcome::Outcome;
use assent_entity::suppression::operator;
use assent_tests::house::{House, NEWS_OFFERS_BILL, address};
use assent_tests::http::Client;
use assent_tests::people::request;
use assent_tests::process;
use assent_tests::sink::Sink;
use assent_tests::{TestStore, on_both};
use serde_json::{Value, json};

const ADD: &str = "mutation($input: AddSuppressionInput!) { addSuppression(input: $input) {
    wasKnown suppression { id reason mailingList { name } purpose { code } subscriber { id } } } }";
const REMOVE: &str =
    "mutation($input: RemoveSuppressionInput!) { removeSuppression(input: $input) { suppression { id } } }";
const IMPORT: &str = "mutation($input: ImportSuppressionsInput!) { importSuppressions(input: $input) {
    added known problems { line problem } } }";
const ALL: &str =
    "{ suppressions(first: 50) { edges { node { id reason addressHash subscriber { email } } } } }";

/// A tenant with two lists, for news and for offers, and Ann on both.
struct Stage<'a> {
    house: House<'a>,
    news: MailingListId,
    offers: MailingListId,
    form: CollectionPoint,
    ann: SubscriberId,
}

impl<'a> Stage<'a> {
    async fn set(db: &'a TestStore) -> Self {
        let house = db.house("acme").await;
        let news = house.list("News", OptIn::Double, &["news"]).await;
        let offers = house.list("Offers", OptIn::Double, &["offers"]).await;
        let form = house.form("both", &[news, offers], &["news", "offers"]).await;
        let ann = house
            .member_of(&form, "ann@example.org", &["news", "offers"])
            .await;
        Self {
            house,
            news,
            offers,
            form,
            ann,
        }
    }

    /// Why a campaign for a purpose to a list does not reach Ann, if it does not: sent, and previewed.
    async fn why_not(&self, purpose: &str, list: MailingListId) -> Option<Refusal> {
        let id = self.house.campaign(purpose, &[list]).await;
        let purpose = self.house.purpose(purpose).await.id;
        let tx = self.house.read().await;
        let previewed = audience::of(&tx, id, purpose).await.unwrap();
        drop(tx);
        self.house.schedule(id, Duration::ZERO).await;
        let sent = self
            .house
            .send(self.house.mailing_of(id).await, Outcome::Sent)
            .await;
        assert_eq!(previewed.allowed, u64::try_from(sent.len()).unwrap());
        previewed.refused.first().map(|(refusal, _)| *refusal)
    }
}

async fn add(client: &Client<'_>, input: Value) -> Value {
    client.data(ADD, json!({ "input": input })).await["addSuppression"].clone()
}

on_both!(
    p18_a_list_a_purpose_and_all_marketing_have_lists_of_their_own,
    async |db| {
        let stage = Stage::set(db).await;
        let site = db.site();
        let client = site.owner("acme").await;
        assert_eq!(stage.why_not("news", stage.news).await, None);
        let of_list = json!({ "email": "Ann@Example.org", "mailingListId": stage.news });
        let added = add(&client, of_list.clone()).await;
        assert_eq!(added["suppression"]["mailingList"]["name"], "News");
        assert_eq!(added["suppression"]["subscriber"]["id"], json!(stage.ann));
        assert_eq!(added["wasKnown"], false);
        assert_eq!(add(&client, of_list).await["wasKnown"], true);
        assert_eq!(stage.why_not("news", stage.news).await, Some(Refusal::Suppressed));
        assert_eq!(stage.why_not("offers", stage.offers).await, None);
        add(
            &client,
            json!({ "email": "ann@example.org", "purpose": "offers" }),
        )
        .await;
        assert_eq!(
            stage.why_not("offers", stage.offers).await,
            Some(Refusal::Suppressed)
        );
        let id = added["suppression"]["id"].clone();
        client.data(REMOVE, json!({ "input": { "id": id } })).await;
        assert_eq!(stage.why_not("news", stage.news).await, None);
        add(&client, json!({ "email": "ann@example.org" })).await;
        assert_eq!(stage.why_not("news", stage.news).await, Some(Refusal::Suppressed));
        // What people must be told is told all the same.
        let version = stage.house.draft(NEWS_OFFERS_BILL).await;
        let at = db.store.now().after(Duration::from_hours(8 * 24));
        stage.house.post(version, at).await.unwrap();
        let notices = stage.house.notices(version).await;
        let told = stage.house.send(notices, Outcome::Sent).await;
        let to_ann = |claim: &assent_entity::claim::Claim| {
            claim.permit.addressee().address == address("ann@example.org")
        };
        assert!(told.iter().any(to_ann));
        site.close().await;
    }
);

on_both!(p18_nobody_takes_back_what_a_person_said, async |db| {
    let stage = Stage::set(db).await;
    let site = db.site();
    let client = site.owner("acme").await;
    for reason in [
        SuppressionReason::OptedOutOfAll,
        SuppressionReason::Complained,
        SuppressionReason::Erased,
    ] {
        stage.house.suppress(stage.ann, reason).await;
    }
    let seen = client.data(ALL, json!({})).await;
    let edges = seen["suppressions"]["edges"].as_array().unwrap();
    assert_eq!(edges.len(), 3);
    for edge in edges {
        let refused = client
            .refused(REMOVE, json!({ "input": { "id": edge["node"]["id"] } }))
            .await;
        assert_eq!(refused.code, "CONFLICT");
    }
    for reason in ["ERASED", "HELD_BY_OPERATOR"] {
        let input = json!({ "email": "bob@example.org", "reason": reason });
        assert_eq!(
            client.refused(ADD, json!({ "input": input })).await.code,
            "BAD_USER_INPUT"
        );
    }
    let scoped = json!({ "email": "bob@example.org", "reason": "COMPLAINED", "purpose": "news" });
    assert_eq!(
        client.refused(ADD, json!({ "input": scoped })).await.code,
        "BAD_USER_INPUT"
    );
    assert_eq!(db.count("suppression", "1 = 1").await, 3);
    site.close().await;
});

on_both!(p18_who_was_listed_comes_back_by_their_own_act_only, async |db| {
    let stage = Stage::set(db).await;
    let site = db.site();
    let client = site.owner("acme").await;
    add(&client, json!({ "email": "bob@example.org" })).await;
    add(
        &client,
        json!({ "email": "bob@example.org", "mailingListId": stage.offers }),
    )
    .await;
    let mut by_api = request("bob@example.org", &[("news", true)]);
    by_api.source = assent_domain::consent::ConsentSource::Api;
    by_api.evidence = Some("a list of old".to_owned());
    let (joined, _) = stage.house.send_form(&stage.form, &by_api).await.unwrap();
    assert_eq!(joined, Joined::Refused(Refusal::Suppressed));
    let (joined, bob) = stage.house.join(&stage.form, "bob@example.org", &["news"]).await;
    assert_eq!(joined, Joined::ConfirmationSent);
    assert_eq!(stage.house.decision(bob, "news").await, Some(Refusal::Suppressed));
    let opt_in = stage.house.newest_opt_in(bob).await;
    stage.house.confirm(bob, opt_in).await.unwrap();
    assert_eq!(stage.house.decision(bob, "news").await, None);
    assert_eq!(
        db.count("suppression", "scope = 'LIST'").await,
        1,
        "they did not ask for offers"
    );
    site.close().await;
});

on_both!(a_list_is_brought_along_once_and_taken_along, async |db| {
    let _stage = Stage::set(db).await;
    let site = db.site();
    let client = site.owner("acme").await;
    let csv = "Email,reason,list,purpose\nann@example.org,,News,\nno address,,,\nbob@example.org,complained,,\n\
               cat@example.org,,Nowhere,\ndan@example.org,,,offers\neve@example.org,erased,,\n=1@example.org,,,\n";
    let import = client.data(IMPORT, json!({ "input": { "csv": csv } })).await;
    let problems = import["importSuppressions"]["problems"].as_array().unwrap();
    let lines: Vec<_> = problems
        .iter()
        .map(|problem| problem["line"].as_u64().unwrap())
        .collect();
    assert_eq!(lines, [3, 5, 7], "{import}");
    assert_eq!(import["importSuppressions"]["added"], 4);
    let again = client.data(IMPORT, json!({ "input": { "csv": csv } })).await;
    assert_eq!(
        (
            &again["importSuppressions"]["added"],
            &again["importSuppressions"]["known"]
        ),
        (&json!(0), &json!(4))
    );
    let query = "{ suppressionExport { csv rows next } }";
    let export = client.data(query, json!({})).await["suppressionExport"].clone();
    let text = export["csv"].as_str().unwrap();
    assert!(
        text.starts_with("email,reason,list,purpose,since,hash\n")
            && text.contains("\nann@example.org,LISTED,News,,"),
        "{text}"
    );
    assert!(
        text.contains("\n,COMPLAINED,,,") && !text.contains("bob"),
        "of whom only the hash is known: {text}"
    );
    assert_eq!((&export["rows"], &export["next"]), (&json!(4), &Value::Null));
    let read = "{ auditLog(first: 50) { edges { node { act } } } }";
    let log = client.data(read, json!({})).await.to_string();
    assert!(
        log.contains("PERSONAL_DATA_READ"),
        "that Ann's address was read is noted"
    );
    site.close().await;
});

on_both!(
    the_operator_holds_back_from_every_tenant_now_and_later,
    async |db| {
        let stage = Stage::set(db).await;
        let ann = address("Ann@example.org");
        assert!(operator::hold(&db.store, &ann, "complaint 7").await.unwrap());
        assert!(
            !operator::hold(&db.store, &ann, "complaint 7").await.unwrap(),
            "once is enough"
        );
        assert_eq!(
            stage.house.decision(stage.ann, "news").await,
            Some(Refusal::HeldByOperator)
        );
        let brook = db.house("brook").await;
        let (_, form) = brook.news().await;
        let joining = request("ann@example.org", &[("news", true)]);
        let (joined, person) = brook.send_form(&form, &joining).await.unwrap();
        assert_eq!((joined, person), (Joined::Refused(Refusal::HeldByOperator), None));
        let held = operator::all(&db.store).await.unwrap();
        assert_eq!((held.len(), held[0].note.as_str()), (1, "complaint 7"));
        let tenants: Vec<Vec<u8>> = db.column("SELECT address_hash FROM suppression").await;
        assert!(
            !tenants.contains(&held[0].address_hash.0.to_vec()),
            "nobody can tell by the hash"
        );
        let site = db.site();
        let seen = site.owner("acme").await.data(ALL, json!({})).await;
        assert_eq!(
            seen["suppressions"]["edges"][0]["node"]["reason"],
            "HELD_BY_OPERATOR"
        );
        site.close().await;
    }
);

on_both!(the_operator_says_so_on_the_command_line, async |db| {
    let (sink, stage) = (Sink::default(), Stage::set(db).await);
    let run = |arguments: &[&str]| {
        let mut command = process::command(db, &sink, "127.0.0.1:0");
        let output = command.arg("suppression").args(arguments).output().unwrap();
        (
            output.status.success(),
            String::from_utf8_lossy(&output.stdout).into_owned(),
        )
    };
    db.let_go().await;
    let file = db.data_dir().join("held");
    std::fs::write(&file, "ann@example.org\n\nbob@example.org\n").unwrap();
    let file = file.display().to_string();
    assert!(
        run(&["import", &file, "--note", "abuse desk"])
            .1
            .starts_with("2 addresses")
    );
    assert!(run(&["add", "bob@example.org"]).1.contains("before"));
    assert!(!run(&["add", "no address"]).0);
    let listed = run(&["list"]).1;
    assert_eq!(
        listed.lines().filter(|line| line.ends_with("abuse desk")).count(),
        2,
        "{listed}"
    );
    assert!(!listed.contains("example.org"));
    drop(stage);
});
