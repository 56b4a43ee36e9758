//! Links to other sites: marked on pages, measured only for those who agreed, and never an open door (P16).

use std::time::Duration;

use assent_domain::id::{CampaignId, SubscriberId};
use assent_domain::mailing_list::OptIn;
use assent_domain::policy::PurposeDraft;
use assent_domain::purpose::{PurposeCode, PurposeKind};
use assent_entity::policy::{self, NewVersion};
use assent_entity::{campaign_link, outbox};
use assent_tests::dump::difference;
use assent_tests::house::WITH_CLICKS;
use assent_tests::http::Client;
use assent_tests::visitor::{Site, answer};
use assent_tests::{Backend, House, TestStore, on_both};
use assent_worker::Workers;
use assent_worker::settings::{QueueSettings, RelaySettings, Transport, WorkerSettings};
use reqwest::Method;
use serde_json::json;

const SHOP: &str = "https://shop.example/a?x=1&y=2";
const BODY: &str = "[Shop](https://shop.example/a?x=1&y=2), [once more](https://shop.example/a?x=1&y=2), \
                    [yours](https://shop.example/?for={{ subscriber.email | urlencode }}) and the \
                    [policy]({{ policy_url }})";

const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

/// Sends all that is due, through the built-in mailbox.
async fn send_all(db: &TestStore, site: &Site) {
    let queue = match db.backend {
        Backend::Sqlite => QueueSettings::Sqlite {
            path: db.data_dir().join("jobs.db"),
        },
        Backend::Postgres => QueueSettings::Postgres { url: db.url.clone() },
    };
    let settings = WorkerSettings {
        transport: Transport::Mailbox(site.mailbox.clone()),
        relays: RelaySettings::default(),
        webhooks: assent_worker::settings::WebhookSettings::default(),
        base_url: format!("http://{}", site.address),
        connections: 2,
        mailings_at_once: 4,
        slice: Duration::from_secs(1),
        bounce_domain: None,
        soft_limit: assent_domain::bounce::SoftLimit::default(),
        retry_for: assent_domain::delivery::RetryFor::default(),
        tells_postmark: false,
        request_log_days: 30,
        sender: assent_tests::dns::unknown_everywhere(),
        queue,
    };
    let workers = Workers::start(db.store.clone(), settings).await.unwrap();
    for _ in 0..600 {
        if outbox::count_open(&db.store).await.unwrap() == 0 {
            return workers.stop().await;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("jobs are left");
}

/// The HTML and the page of the newest mail to somebody.
async fn mail_to(site: &Site, email: &str) -> (String, String) {
    for id in site.mailbox.newest(50).unwrap().ids {
        let page = site.get(&format!("/dev/mailbox/{id}")).await;
        if page.body.contains(email) && page.body.contains("Shop") {
            let html = site.get(&format!("/dev/mailbox/{id}/html")).await;
            return (html.body, page.text());
        }
    }
    panic!("no mail to {email}");
}

/// The measured links of a mail, without the server's address.
fn measured(html: &str, site: &Site) -> Vec<String> {
    let start = format!("http://{}/l/", site.address);
    let links = html.split(start.as_str()).skip(1);
    links
        .map(|rest| format!("/l/{}", rest.split('"').next().unwrap()))
        .collect()
}

async fn clicks(db: &TestStore) -> (i64, i64) {
    let sum = "SELECT CAST(COALESCE(SUM(clicks), 0) AS BIGINT) FROM";
    let of_links = db.value(&format!("{sum} campaign_link")).await;
    (of_links, db.value(&format!("{sum} link_click")).await)
}

async fn follow(site: &Site, path: &str) -> assent_tests::visitor::Answer {
    answer(site.request(Method::GET, path).header("user-agent", FIREFOX)).await
}

struct Sent<'a> {
    house: House<'a>,
    campaign: CampaignId,
    ann: SubscriberId,
    dan: SubscriberId,
}

/// A campaign is sent to Ann and Dan, who agreed to be measured, to Ben, who did not, and to Cat, who took it back.
async fn sent<'a>(db: &'a TestStore, site: &Site) -> Sent<'a> {
    let house = db.bare_house("acme").await;
    house.first_policy(WITH_CLICKS).await;
    let list = house.list("News", OptIn::Double, &["news", "clicks"]).await;
    let form = house.form("news", &[list], &["news", "clicks"]).await;
    let mut people = Vec::new();
    for name in ["ann", "cat", "dan"] {
        let email = format!("{name}@example.org");
        people.push(house.member_of(&form, &email, &["news", "clicks"]).await);
    }
    house.member_of(&form, "ben@example.org", &["news"]).await;
    house.choose(people[1], &["news"], &[list]).await;
    let campaign = house.tracked_campaign(&[list], BODY).await;
    house.schedule(campaign, Duration::ZERO).await;
    send_all(db, site).await;
    Sent {
        house,
        campaign,
        ann: people[0],
        dan: people[2],
    }
}

on_both!(
    p16_links_are_rewritten_for_those_who_agreed_and_for_nobody_else,
    async |db| {
        let site = db.site();
        sent(db, &site).await;
        for (name, is_measured) in [("ann", true), ("ben", false), ("cat", false), ("dan", true)] {
            let email = format!("{name}@example.org");
            let (html, text) = mail_to(&site, &email).await;
            let links = measured(&html, &site);
            assert_eq!(links.len(), if is_measured { 2 } else { 0 }, "{name}: {html}");
            assert_eq!(
                html.contains("https://shop.example/a?"),
                !is_measured,
                "{name}: {html}"
            );
            assert_eq!(text.contains(SHOP), !is_measured, "{name}: {text}");
            assert!(
                html.contains(&format!("https://shop.example/?for={name}%40example.org")),
                "{html}"
            );
            assert!(
                html.contains(&format!("http://{}/t/acme/policy\"", site.address)),
                "{html}"
            );
            assert!(
                html.contains("/unsubscribe/") && html.contains("/preferences/"),
                "{html}"
            );
            assert!(!html.contains("<img"), "no pixel: {html}");
        }
        let urls = db.column::<String>("SELECT url FROM campaign_link").await;
        assert_eq!(urls, [SHOP], "each once, and none that is personal or ours");
        site.close().await;
    }
);

on_both!(p16_a_click_is_recorded_only_while_the_person_agrees, async |db| {
    let site = db.site();
    let Sent {
        house,
        campaign,
        ann,
        dan,
    } = sent(db, &site).await;
    let (html, _) = mail_to(&site, "ann@example.org").await;
    let of_ann = measured(&html, &site).remove(0);
    assert_eq!(
        of_ann,
        house.follow_path(ann, campaign, 1),
        "the link holds no address"
    );
    let page = follow(&site, &of_ann).await;
    assert!(
        page.must_be(200)
            .text()
            .contains("leads to another site: shop.example"),
        "{}",
        page.text()
    );
    assert_eq!(page.attributes("main a", "href"), [SHOP]);
    assert_eq!(page.attributes("main a", "rel"), ["noopener noreferrer external"]);
    assert_eq!(clicks(db).await, (1, 1));
    let who: uuid::Uuid = db.value("SELECT subscriber_id FROM link_click").await;
    assert_eq!(who, ann.uuid());

    // What is no reading by a person does not count.
    let before = db.dump().await;
    answer(site.request(Method::HEAD, &of_ann).header("user-agent", FIREFOX))
        .await
        .must_be(200);
    for (header, value) in [
        ("sec-purpose", "prefetch"),
        ("user-agent", "Slackbot-LinkExpanding 1.0"),
    ] {
        let request = site.request(Method::GET, &of_ann);
        let request = if header == "user-agent" {
            request
        } else {
            request.header("user-agent", FIREFOX)
        };
        answer(request.header(header, value)).await.must_be(200);
    }
    // Dan takes it back: his link works, and says nothing of him. So does that of somebody who never agreed.
    let of_dan = house.follow_path(dan, campaign, 1);
    follow(&site, &of_dan).await.must_be(200);
    assert_eq!(clicks(db).await, (2, 2));
    let lists: Vec<_> = house.subscriptions(dan).await.into_keys().collect();
    house.choose(dan, &["news"], &lists).await;
    let before_dan = db.dump().await;
    follow(&site, &of_dan).await.must_be(200);
    assert_eq!(difference(&before_dan, &db.dump().await), [""; 0]);
    assert_ne!(difference(&before, &before_dan), [""; 0]);
    house.opt_out_of_all(ann).await;
    follow(&site, &of_ann).await.must_be(200);
    assert_eq!(clicks(db).await, (2, 2));
    site.close().await;
});

on_both!(p16_a_link_leads_only_where_the_message_leads, async |db| {
    let site = db.site();
    let Sent {
        house, campaign, ann, ..
    } = sent(db, &site).await;
    let owner = site.owner("acme").await;
    let set = "mutation { setLeavingPage(input: { shown: false }) { tenant { leavingPage } } }";
    let tenant = owner.data(set, json!({})).await;
    assert_eq!(tenant["setLeavingPage"]["tenant"]["leavingPage"], false);
    let of_ann = house.follow_path(ann, campaign, 1);
    for path in [
        of_ann.clone(),
        format!("{of_ann}?url=https://evil.example/&to=https://evil.example/"),
    ] {
        let led = follow(&site, &path).await;
        assert_eq!(led.status.as_u16(), 303);
        assert_eq!(led.header("location"), SHOP);
        assert_eq!(led.header("referrer-policy"), "same-origin");
        assert_eq!(led.header("cache-control"), "no-store");
    }
    let brook = db.house("brook").await;
    let mut altered = of_ann.clone();
    let last = if altered.ends_with('A') { 'B' } else { 'A' };
    altered.replace_range(10..11, &last.to_string());
    for path in [
        altered,
        "/l/https://evil.example/".to_owned(),
        "/l/x".to_owned(),
        house.follow_path(ann, campaign, 2),
        house.follow_path(ann, campaign, 0),
        house.follow_path(ann, campaign, -1),
        brook.follow_path(ann, campaign, 1),
        house.preferences_path(ann).replace("/preferences/", "/l/"),
        of_ann.replace("/l/", "/preferences/"),
        of_ann.replace("/l/", "/unsubscribe/"),
    ] {
        follow(&site, &path).await.must_be(404);
    }
    site.close().await;
});

const CREATE: &str = "mutation($input: CreateCampaignInput!) { createCampaign(input: $input) {
    campaign { id linksTrackedFor { code } links { url clicks } } } }";

fn draft(list: &str, more: serde_json::Value) -> serde_json::Value {
    let mut input = json!({
        "name": "C", "purpose": "news", "mailingListIds": [list], "subject": "Hello",
        "body": { "format": "MARKDOWN", "source": "Hello" },
    });
    for (name, value) in more.as_object().unwrap() {
        input[name] = value.clone();
    }
    json!({ "input": input })
}

async fn refusal(owner: &Client<'_>, list: &str, more: serde_json::Value) -> (String, String) {
    let refused = owner.refused(CREATE, draft(list, more)).await;
    (refused.code, refused.field)
}

on_both!(
    p16_links_are_measured_only_for_a_purpose_that_the_policy_names,
    async |db| {
        let site = db.site();
        let house = db.house("acme").await;
        let list = house.list("News", OptIn::Double, &["news"]).await.to_string();
        let owner = site.owner("acme").await;
        let before = db.dump().await;
        let is = |code: &str, field: &str| (code.to_owned(), field.to_owned());
        let refused = refusal(&owner, &list, json!({ "trackLinks": true })).await;
        assert_eq!(refused, is("CONFLICT", "trackLinks"));
        let refused = refusal(&owner, &list, json!({ "analyticsPurpose": "news" })).await;
        assert_eq!(refused, is("BAD_USER_INPUT", "analyticsPurpose"));
        assert_eq!(difference(&before, &db.dump().await), [""; 0]);

        house.next_policy(WITH_CLICKS).await;
        let owner = site.owner("acme").await;
        let refused = refusal(
            &owner,
            &list,
            json!({ "trackLinks": true, "analyticsPurpose": "news" }),
        )
        .await;
        assert_eq!(refused, is("BAD_USER_INPUT", "analyticsPurpose"));
        let created = owner
            .data(CREATE, draft(&list, json!({ "trackLinks": true })))
            .await;
        let campaign = &created["createCampaign"]["campaign"];
        assert_eq!(campaign["linksTrackedFor"]["code"], "clicks");
        assert_eq!(campaign["links"], json!([]));
        let created = owner.data(CREATE, draft(&list, json!({}))).await;
        assert_eq!(
            created["createCampaign"]["campaign"]["linksTrackedFor"],
            json!(null)
        );
        assert_eq!(db.count("ledger", "facts LIKE '%LINK_TRACKING_BEGUN%'").await, 1);
        site.close().await;
    }
);

on_both!(p16_members_see_how_often_links_were_followed, async |db| {
    let site = db.site();
    let Sent {
        house,
        campaign,
        ann,
        dan,
    } = sent(db, &site).await;
    for person in [ann, dan, ann] {
        follow(&site, &house.follow_path(person, campaign, 1))
            .await
            .must_be(200);
    }
    let ask = "query($id: ID!) { campaign(id: $id) { links { url clicks } } }";
    let seen = site
        .owner("acme")
        .await
        .data(ask, json!({ "id": campaign.to_string() }))
        .await;
    assert_eq!(seen["campaign"]["links"], json!([{ "url": SHOP, "clicks": 3 }]));
    let tx = house.read().await;
    assert_eq!(campaign_link::of_campaign(&tx, campaign).await.unwrap().len(), 1);
    drop(tx);
    site.close().await;
});

on_both!(
    p16_links_that_leave_the_tenants_own_sites_are_marked,
    async |db| {
        let site = db.site();
        let house = db.bare_house("acme").await;
        let body = "[away](https://else.example/) [ours](https://www.acme.example/shop) [here](/t/acme/policy/1) \
                <a href=\"https://third.example/\" rel=\"opener\" target=\"_top\">raw</a> [mail](mailto:a@else.example)";
        let news = PurposeDraft {
            code: PurposeCode::parse("news").unwrap(),
            name: "News".to_owned(),
            description: "What is new.".to_owned(),
            kind: PurposeKind::Marketing,
        };
        let mut tx = house.write().await;
        let new = NewVersion {
            body: body.to_owned(),
            summary: "First.".to_owned(),
            purposes: vec![news],
            parties: Vec::new(),
        };
        let version = policy::draft(&mut tx, new).await.unwrap();
        tx.commit().await.unwrap();
        house.post(version, db.store.now()).await.unwrap();
        for path in ["/t/acme/policy", "/t/acme/policy/1"] {
            let page = site.get(path).await;
            page.must_be(200);
            let leaving = page.attributes("main .prose a[rel=\"noopener noreferrer external\"]", "href");
            assert_eq!(
                leaving,
                ["https://else.example/", "https://third.example/"],
                "{path}"
            );
            assert_eq!(page.count("main .prose a[rel]"), 2, "{path}");
            assert_eq!(page.count("main .prose a .leaves"), 2, "{path}");
            assert!(page.text().contains("away (leaves this site)"), "{}", page.text());
            assert_eq!(page.count("a[target]"), 0, "{path}");
        }
        site.close().await;
    }
);
