//! The mails of a consent's life as they arrive: the whole road, from the chore to the mailbox and back.

use std::time::Duration;

use assent_entity::{chore, expiry};
use assent_tests::on_both;
use assent_tests::process::until;
use assent_tests::visitor::{FORM, Site};
use assent_worker::Workers;
use assent_worker::settings::{QueueSettings, RelaySettings, Transport, WorkerSettings};

use crate::address_change::ask;

const LIMIT: Duration = Duration::from_mins(1);

/// The mail to an address with a link to such a path, once it is there.
pub(crate) async fn mail_to(site: &Site, email: &str, path: &str) -> String {
    let to = format!("To: {email}");
    let named = format!("<{email}>");
    let found = || {
        let ids = site.mailbox.newest(50).unwrap().ids;
        let mails = ids.iter().filter_map(|id| site.mailbox.read(id).unwrap());
        let mails = mails.map(|mail| String::from_utf8(mail).unwrap());
        let mut mails = mails.filter(|mail| mail.contains(&to) || mail.contains(&named));
        mails.find(|mail| mail.replace("=\r\n", "").contains(path))
    };
    until("the mail is there", LIMIT, || async { found().is_some() }).await;
    found().unwrap()
}

/// The path of the first link of a mail that begins so, with the soft line breaks of quoted-printable taken out.
pub(crate) fn link_in(mail: &str, site: &Site, path: &str) -> String {
    let text = mail.replace("=\r\n", "").replace("=3D", "=");
    let start = format!("http://{}{path}", site.address);
    let from = text.find(&start).unwrap_or_else(|| panic!("no {path} in {text}"));
    let link: String = text[from..]
        .chars()
        .take_while(|c| c.is_ascii_alphanumeric() || "/:._-".contains(*c))
        .collect();
    link.trim_start_matches(&format!("http://{}", site.address))
        .to_owned()
}

on_both!(
    the_mails_of_a_consents_life_arrive_and_their_links_work,
    async |db| {
        let house = db.house("acme").await;
        let (_, form) = house.news().await;
        let ann = house.member_of(&form, "ann@example.org", &["news"]).await;
        let mut tx = house.write().await;
        expiry::set(&mut tx, "news", Some(60)).await.unwrap();
        tx.commit().await.unwrap();
        db.clock.forward(Duration::from_hours(24 * 50));
        let site = db.site();
        let settings = WorkerSettings {
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
            queue: QueueSettings::Sqlite {
                path: db.data_dir().join("jobs.db"),
            },
        };
        let workers = Workers::start(db.store.clone(), settings).await.unwrap();
        for ctx in chore::tenants(&db.store).await.unwrap() {
            chore::of_tenant(&db.store, ctx).await.unwrap();
        }
        let question = mail_to(&site, "ann@example.org", "/renew/").await;
        assert!(question.contains("About news"), "{question}");
        assert!(question.contains("Auto-Submitted: auto-generated"), "{question}");
        let path = link_in(&question, &site, "/renew/");
        assert!(
            site.get(&path)
                .await
                .must_be(200)
                .text()
                .contains("Your yes lasts until 1 May 2026")
        );
        site.get(&link_in(&question, &site, "/preferences/"))
            .await
            .must_be(200);

        ask(&house, &site, ann, "ann@new.example").await;
        let mail = mail_to(&site, "ann@new.example", "/address/").await;
        assert!(!mail.contains("ann@example.org"), "{}", mail);
        let path = link_in(&mail, &site, "/address/");
        site.post(&path, FORM, "").await.must_be(200);
        assert_eq!(
            db.column::<String>("SELECT email FROM subscriber").await,
            ["ann@new.example"]
        );
        let word = mail_to(&site, "ann@example.org", "/address/").await;
        assert!(!word.contains("ann@new.example"), "{word}");
        let path = link_in(&word, &site, "/address/");
        let page = site.get(&path).await;
        assert!(page.must_be(200).text().contains("write to you here again"));
        workers.stop().await;
        site.close().await;
    }
);
