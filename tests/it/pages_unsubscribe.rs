//! The link out of a mailing: whatever is sent to it, by whom and when, opts out (RFC 8058; P18).

use std::collections::BTreeMap;
use std::time::Duration;

use assent_domain::consent::ConsentState;
use assent_domain::id::{MailingId, MailingListId, SubscriberId, new_id};
use assent_domain::mailing_list::{OptIn, SubscriptionState};
use assent_entity::collection_point::CollectionPoint;
use assent_tests::dump::difference;
use assent_tests::process::until;
use assent_tests::visitor::{FORM, answer};
use assent_tests::{House, TestStore, on_both};
use reqwest::Method;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::pages::AGENTS;

/// What a mail program sends (RFC 8058, section 3.1).
const ONE_CLICK: &str = "List-Unsubscribe=One-Click";

const PARTS: &str =
    "--x\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n--x--\r\n";

/// A tenant with a list for `news` and one for `offers`, and a mailing to the first.
struct Road<'a> {
    house: House<'a>,
    news: MailingListId,
    offers: MailingListId,
    form: CollectionPoint,
    mailing: MailingId,
}

impl<'a> Road<'a> {
    async fn new(db: &'a TestStore, slug: &str) -> Self {
        let house = db.house(slug).await;
        let news = house.list("News", OptIn::Double, &["news"]).await;
        let offers = house.list("Offers", OptIn::Double, &["offers"]).await;
        let form = house.form("both", &[news, offers], &["news", "offers"]).await;
        let campaign = house.campaign("news", &[news]).await;
        house.schedule(campaign, Duration::from_hours(1)).await;
        let mailing = house.mailing_of(campaign).await;
        Self {
            house,
            news,
            offers,
            form,
            mailing,
        }
    }

    async fn person(&self, email: &str) -> SubscriberId {
        self.house.member_of(&self.form, email, &["news", "offers"]).await
    }

    fn path(&self, of: SubscriberId) -> String {
        self.house.unsubscribe_path(of, self.mailing)
    }

    async fn is_out(&self, of: SubscriberId) -> bool {
        let ended = BTreeMap::from([
            (self.news, SubscriptionState::Ended),
            (self.offers, SubscriptionState::Active),
        ]);
        self.house.subscriptions(of).await == ended
            && self.house.consent(of, "news").await == Some(ConsentState::Withdrawn)
            && self.house.consent(of, "offers").await == Some(ConsentState::Given)
    }

    async fn is_in(&self, of: SubscriberId) -> bool {
        let lists = self.house.subscriptions(of).await;
        lists.len() == 2
            && lists.values().all(|state| *state == SubscriptionState::Active)
            && self.house.consent(of, "news").await == Some(ConsentState::Given)
    }
}

on_both!(p18_one_click_opts_out_whatever_comes_with_it, async |db| {
    let (road, other) = (Road::new(db, "acme").await, Road::new(db, "brook").await);
    let site = db.site();
    let bystander = road.person("bystander@example.org").await;
    let multipart = "multipart/form-data; boundary=x";
    let clicks: [(&str, &str, &[u8]); 14] = [
        ("as RFC 8058 says", FORM, ONE_CLICK.as_bytes()),
        ("in parts", multipart, PARTS.as_bytes()),
        ("in parts that are none", multipart, b"--y"),
        (
            "in parts without a boundary",
            "multipart/form-data",
            PARTS.as_bytes(),
        ),
        ("nothing", FORM, b""),
        ("nothing, of no type", "", b""),
        ("of no type", "", ONE_CLICK.as_bytes()),
        (
            "with a charset",
            "application/x-www-form-urlencoded; charset=UTF-8",
            ONE_CLICK.as_bytes(),
        ),
        ("no words", FORM, b"\xff\xfe%%%&&&===\0\r\n"),
        ("another answer", FORM, b"List-Unsubscribe=No&no_mail=0"),
        (
            "JSON",
            "application/json",
            b"{\"List-Unsubscribe\": \"One-Click\"}",
        ),
        ("broken JSON", "application/json", b"{"),
        ("plain text", "text/plain", b"please"),
        ("no type at all", "///;;;", b"?"),
    ];
    for (number, (what, content_type, body)) in clicks.into_iter().enumerate() {
        let email = format!("p{number}@example.org");
        let (person, elsewhere) = (road.person(&email).await, other.person(&email).await);
        let mut request = site.request(Method::POST, &road.path(person)).body(body.to_vec());
        if !content_type.is_empty() {
            request = request.header("content-type", content_type);
        }
        answer(request).await.must_be(200);
        assert!(road.is_out(person).await, "{what}");
        assert!(other.is_in(elsewhere).await, "{what}: the other tenant");
    }
    assert!(road.is_in(bystander).await);
    site.close().await;
});

on_both!(p18_one_click_opts_out_whoever_asks, async |db| {
    let road = Road::new(db, "acme").await;
    let site = db.site();
    let headers = [
        ("cookie", "assent_session=forged; a=b"),
        ("authorization", "Bearer forged"),
        ("origin", "https://mail.example"),
        ("sec-fetch-site", "cross-site"),
        ("content-encoding", "gzip"),
        ("accept", "application/json"),
        ("accept-encoding", "nothing-known"),
    ];
    let agents = AGENTS.map(|agent| ("user-agent", agent));
    for (number, (name, value)) in headers.into_iter().chain(agents).enumerate() {
        let person = road.person(&format!("p{number}@example.org")).await;
        let request = site.request(Method::POST, &road.path(person)).header(name, value);
        let request = request.header("content-type", FORM).body(ONE_CLICK);
        answer(request).await.must_be(200);
        assert!(road.is_out(person).await, "{name}: {value}");
    }
    site.close().await;
});

on_both!(one_click_twice_is_one_click, async |db| {
    let road = Road::new(db, "acme").await;
    let site = db.site();
    let ann = road.person("ann@example.org").await;
    let first = site.post(&road.path(ann), FORM, ONE_CLICK).await;
    assert!(first.must_be(200).text().contains("News"), "{}", first.text());
    let before = db.dump().await;
    db.clock.forward(Duration::from_hours(1));
    for _ in 0..2 {
        let again = site.post(&road.path(ann), FORM, ONE_CLICK).await;
        assert_eq!(again.must_be(200).text(), first.text());
    }
    site.get(&road.path(ann)).await.must_be(200);
    assert_eq!(difference(&before, &db.dump().await), [""; 0]);
    site.close().await;
});

on_both!(
    p18_one_click_works_a_year_later_and_for_a_stopped_tenant,
    async |db| {
        let road = Road::new(db, "acme").await;
        let site = db.site();
        let (ann, ben) = (
            road.person("ann@example.org").await,
            road.person("ben@example.org").await,
        );
        let (of_ann, of_ben) = (road.path(ann), road.path(ben));
        db.clock.forward(Duration::from_hours(24 * 366));
        site.post(&of_ann, FORM, ONE_CLICK).await.must_be(200);
        assert!(road.is_out(ann).await);
        db.exec("UPDATE tenant SET status = 'SUSPENDED'").await.unwrap();
        site.get(&of_ben).await.must_be(200);
        site.post(&of_ben, FORM, ONE_CLICK).await.must_be(200);
        assert!(road.is_out(ben).await);
        site.close().await;
    }
);

on_both!(p18_one_click_counts_though_its_body_never_ends, async |db| {
    let road = Road::new(db, "acme").await;
    let site = db.site();
    let (ann, ben) = (
        road.person("ann@example.org").await,
        road.person("ben@example.org").await,
    );
    let heads = [
        (ann, "Content-Length: 100000000\r\n\r\nList-Unsub"),
        (ben, "Transfer-Encoding: chunked\r\n\r\n1A\r\nList-Unsub"),
    ];
    for (person, rest) in heads {
        let mut stream = TcpStream::connect(site.address).await.unwrap();
        let request = format!("POST {} HTTP/1.1\r\nHost: a.example\r\n{rest}", road.path(person));
        stream.write_all(request.as_bytes()).await.unwrap();
        let limit = Duration::from_secs(10);
        until("the opt-out counts", limit, async || road.is_out(person).await).await;
    }
    site.close().await;
});

on_both!(a_link_out_that_is_not_ours_ends_nothing, async |db| {
    let (acme, brook) = (Road::new(db, "acme").await, Road::new(db, "brook").await);
    let site = db.site();
    let (ann, ben) = (
        acme.person("ann@example.org").await,
        brook.person("ben@example.org").await,
    );
    let before = db.dump().await;
    let path = acme.path(ann);
    let refused = [
        format!("{path}A"),
        path.replace("eyJ", "eyK"),
        "/unsubscribe/x".to_owned(),
        // Signed by Brook: for a person of Acme, for a mailing of Acme, and for both.
        brook.house.unsubscribe_path(ann, brook.mailing),
        brook.house.unsubscribe_path(ben, acme.mailing),
        brook.house.unsubscribe_path(ann, acme.mailing),
        acme.house.unsubscribe_path(ann, new_id(db.store.now())),
        acme.house.unsubscribe_path(new_id(db.store.now()), acme.mailing),
    ];
    for path in refused {
        site.post(&path, FORM, ONE_CLICK).await.must_be(404);
        site.get(&path).await.must_be(404);
    }
    assert_eq!(difference(&before, &db.dump().await), [""; 0]);
    site.close().await;
});
