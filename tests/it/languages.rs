//! Pages and mails in the language of their reader: the one that the address asks for, else the one in which they signed
//! up, else the one that their browser asks for, else English.

use std::path::Path;
use std::time::Duration;

use assent_domain::mailing_list::OptIn;
use assent_entity::{consent, subscriber};
use assent_tests::dump::difference;
use assent_tests::on_both;
use assent_tests::process::until;
use assent_tests::visitor::{Answer, FORM, Site, answer};
use assent_worker::Workers;
use assent_worker::settings::{QueueSettings, RelaySettings, Transport, WorkerSettings};
use mail_parser::{Message, MessageParser};
use reqwest::Method;
use serde_json::json;

use crate::forms::{open, records};
use crate::pages::paths;

const LANGUAGES: [&str; 3] = ["de", "es", "fr"];

/// A path whose address asks for a language.
fn in_language(path: &str, tag: &str) -> String {
    let mark = if path.contains('?') { '&' } else { '?' };
    format!("{path}{mark}lang={tag}")
}

async fn accepting(site: &Site, path: &str, languages: &str) -> Answer {
    answer(
        site.request(Method::GET, path)
            .header("accept-language", languages),
    )
    .await
}

fn lang(page: &Answer) -> String {
    page.attributes("html", "lang").concat()
}

/// What tenants say in these tests, and what every policy says: it stays as it is.
const TENANTS: [&str; 2] = [
    include_str!("../src/house.rs"),
    include_str!("../../domain/src/purpose.rs"),
];

/// What a catalogue says, in pieces between values and elements; short ones say nothing of a language.
fn sentences(tag: &str) -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../locales").join(tag);
    let mut sentences = Vec::new();
    for file in std::fs::read_dir(folder).expect("a folder") {
        let text = std::fs::read_to_string(file.expect("a file").path()).expect("a catalogue");
        let lines = text.lines().filter(|line| !line.starts_with('#'));
        for line in lines {
            let said = line.split_once(" = ").map_or(line, |(_, said)| said);
            let said = said.trim().trim_start_matches('*').trim_start_matches("[one]");
            let pieces = said.trim_start_matches("[other]").split(['{', '}', '<', '>']);
            let pieces = pieces.map(str::trim).filter(|piece| piece.len() > 11);
            let spoken = pieces.filter(|piece| piece.contains(' ') && !piece.contains(['$', '=', '"']));
            sentences.extend(spoken.map(str::to_owned));
        }
    }
    sentences.retain(|sentence| !TENANTS.iter().any(|said| said.contains(sentence)));
    assert!(sentences.len() > 300, "{}", sentences.len());
    sentences
}

fn is_a_page(page: &Answer) -> bool {
    page.header("content-type").starts_with("text/html") && page.count("main") > 0
}

on_both!(every_page_speaks_every_language_and_no_english, async |db| {
    let site = db.site();
    let mut paths = paths(db, &site).await;
    paths.extend(["/nowhere", "/t/nobody/policy", "/t/acme/policy/9", "/confirm/x"].map(str::to_owned));
    let english = sentences("en");
    let before = db.dump().await;
    let mut seen = 0;
    for path in &paths {
        for tag in LANGUAGES {
            let page = site.get(&in_language(path, tag)).await;
            if !is_a_page(&page) {
                continue;
            }
            seen += 1;
            assert_eq!(lang(&page), tag, "{path}");
            assert_eq!(page.header("content-language"), tag, "{path}");
            assert!(page.header("vary").contains("accept-language"), "{path}");
            let body = page.body.replace("&#39;", "'");
            for sentence in &english {
                assert!(!body.contains(sentence.as_str()), "{path} in {tag}: {sentence}");
            }
            let current = page.attributes("nav.languages [aria-current]", "lang");
            assert_eq!(current, [tag], "{path}");
            assert_eq!(page.count("nav.languages a[hreflang]"), LANGUAGES.len(), "{path}");
        }
    }
    assert!(seen > 20 * LANGUAGES.len(), "{seen} pages");
    assert_eq!(difference(&before, &db.dump().await), [""; 0]);
    site.close().await;
});

on_both!(
    rubbish_in_place_of_a_language_is_english_and_does_no_harm,
    async |db| {
        db.house("acme").await;
        let site = db.site();
        let endless = "de-".repeat(3000);
        let many = vec!["tlh;q=0.9"; 900].join(",");
        for (asked, accepted, expected) in [
            ("", "de", "de"),
            ("", "pt, de-AT;q=0.7, fr;q=0.8", "fr"),
            ("", "de;q=0", "en"),
            ("", "de;q=0, fr;q=x, *", "en"),
            ("", "<script>alert(1)</script>", "en"),
            ("", endless.as_str(), "en"),
            ("", many.as_str(), "en"),
            ("?lang=es", "de", "es"),
            ("?lang=ES-mx&lang=fr", "de", "es"),
            ("?lang=tlh", "de", "de"),
            ("?lang=%3Cscript%3Ealert(1)%3C/script%3E", "en", "en"),
            ("?lang=%ff%00../../etc/passwd", "en", "en"),
            ("?lang=", "fr", "fr"),
        ] {
            for path in ["/t/acme/policy", "/t/acme/privacy", "/", "/t/acme/nothing"] {
                let page = accepting(&site, &format!("{path}{asked}"), accepted).await;
                assert_eq!(lang(&page), expected, "{path}{asked} {accepted:.60}");
                assert!(!page.body.contains("<script"), "{path}{asked}");
            }
        }
        let other = accepting(&site, "/t/acme/policy?x=%3Cb%3E%22&lang=de", "en").await;
        let links = other.attributes("nav.languages a", "href");
        assert!(links.contains(&"?x=%3Cb%3E%22&lang=fr".to_owned()), "{links:?}");
        let policy = other.attributes("footer a", "href").remove(0);
        assert_eq!(policy, "/t/acme/policy?lang=de");
        site.close().await;
    }
);

/// A program that works off what is queued, into the mailbox of a site.
async fn workers(db: &assent_tests::TestStore, site: &Site) -> Workers {
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
    Workers::start(db.store.clone(), settings).await.expect("workers")
}

/// The mail to an address with such a subject, once it is there.
async fn mail_to(site: &Site, email: &str, subject: &str) -> Vec<u8> {
    let to = format!("To: {email}");
    let is_it = |mail: &Vec<u8>| {
        let parsed = MessageParser::default().parse(mail).expect("a whole mail");
        let found = parsed.subject().unwrap_or_default().contains(subject);
        found && String::from_utf8_lossy(mail).contains(&to)
    };
    let found = || {
        let ids = site.mailbox.newest(50).expect("a mailbox").ids;
        let mut mails = ids.iter().filter_map(|id| site.mailbox.read(id).expect("a mail"));
        mails.find(is_it)
    };
    let limit = Duration::from_mins(1);
    until("the mail is there", limit, || async { found().is_some() }).await;
    found().expect("a mail")
}

fn header<'a>(mail: &'a Message<'_>, name: &'static str) -> &'a str {
    mail.header_raw(name).map(str::trim).unwrap_or_default()
}

on_both!(p04_a_german_sign_up_is_german_to_the_end, async |db| {
    let house = db.house("acme").await;
    let site = db.site();
    let owner = site.owner("acme").await;
    let german = json!({ "translations": [{
        "language": "de", "name": "Unsere Neuigkeiten",
        "statements": [{ "purpose": "news", "statement": "Ja, schickt mir Neuigkeiten." }],
    }] });
    open(&house, &owner, "news", german).await;
    let form = accepting(&site, "/t/acme/join/news", "de-CH, de;q=0.9").await;
    assert_eq!(lang(&form), "de");
    assert!(form.text().contains("Wir haben nichts für Sie angekreuzt."));
    let shown = form.shown();
    let wrong = [("email", "ann"), ("shown", shown.as_str())];
    let wrong = site.fill_in("/t/acme/join/news", &wrong).await;
    assert_eq!(lang(&wrong), "de", "the words that were shown say so");
    assert!(
        wrong
            .must_be(422)
            .text()
            .contains("2 Angaben sind zu berichtigen")
    );
    assert!(
        wrong.text().contains("Das ist keine E-Mail-Adresse"),
        "{}",
        wrong.text()
    );

    let workers = workers(db, &site).await;
    let fields = [
        ("email", "ann@example.org"),
        ("purpose", "news"),
        ("shown", shown.as_str()),
    ];
    let sent = site.fill_in("/t/acme/join/news", &fields).await;
    assert!(
        sent.must_be(200)
            .text()
            .contains("Sehen Sie jetzt in Ihre E-Mails")
    );
    let raw = mail_to(
        &site,
        "ann@example.org",
        "Bitte bestätigen Sie, dass Sie es waren",
    )
    .await;
    let mail = MessageParser::default().parse(&raw).expect("a mail");
    assert_eq!(header(&mail, "Content-Language"), "de");
    let (text, html) = (mail.body_text(0).unwrap(), mail.body_html(0).unwrap());
    for said in [
        "Waren Sie das?",
        "Ja, schickt mir Neuigkeiten.",
        "Der Link gilt 7 Tage.",
    ] {
        assert!(text.contains(said) && html.contains(said), "{said}: {text}");
    }
    assert!(html.contains("<html lang=\"de\">"), "{html}");
    let english = sentences("en");
    let left = english.iter().find(|sentence| text.contains(sentence.as_str()));
    assert_eq!(left, None);

    let link = text
        .split_whitespace()
        .find_map(|word| word.split_once("/confirm/"));
    let token: String = link
        .unwrap()
        .1
        .chars()
        .take_while(|c| c.is_ascii_alphanumeric() || "._-".contains(*c))
        .collect();
    let path = format!("/confirm/{token}");
    let question = accepting(&site, &path, "fr").await;
    assert_eq!(lang(&question), "de", "it is the language of the form");
    assert_eq!(
        lang(&site.get(&in_language(&path, "fr")).await),
        "fr",
        "unless asked otherwise"
    );
    let done = site.post(&path, FORM, "").await;
    assert!(
        done.must_be(200)
            .text()
            .contains("Vielen Dank, das ist bestätigt")
    );

    let (ann, records) = records(&house, "ann@example.org").await;
    let tx = house.read().await;
    for record in &records {
        assert_eq!(record.statement.as_deref(), Some("Ja, schickt mir Neuigkeiten."));
        let form = record.form.as_ref().unwrap();
        assert_eq!(form.language.as_str(), "de");
    }
    let mut at_form = records.iter().filter_map(|record| record.form.as_ref());
    let at_form = at_form.find(|form| form.words.is_some()).unwrap();
    let words = consent::words_shown(&tx, at_form).await.unwrap();
    assert!(words.unwrap().contains("Choice: Ja, schickt mir Neuigkeiten."));
    let kept = subscriber::language(&tx, ann).await.unwrap();
    assert_eq!(kept.unwrap().as_str(), "de");
    drop(tx);
    let preferences = accepting(&site, &house.preferences_path(ann), "fr").await;
    assert_eq!(lang(&preferences), "de");
    assert!(
        preferences
            .text()
            .contains("zu diesem Wortlaut: Ja, schickt mir Neuigkeiten."),
        "{}",
        preferences.text()
    );

    // Whoever types her address into the form in another language changes nothing for her.
    let path = "/t/acme/join/news?lang=en";
    let shown = site.get(path).await.shown();
    let typed = [
        ("email", "ann@example.org"),
        ("purpose", "news"),
        ("shown", shown.as_str()),
    ];
    site.fill_in(path, &typed).await.must_be(200);
    let kept = subscriber::language(&house.read().await, ann).await.unwrap();
    assert_eq!(kept.unwrap().as_str(), "de");

    // News of the policy go to each in their own language.
    let list = house.list("Other news", OptIn::Double, &["news"]).await;
    let english_form = house.form("other", &[list], &["news"]).await;
    house.member_of(&english_form, "ben@example.org", &["news"]).await;
    let next = house.draft(assent_tests::house::NEWS_OFFERS_BILL).await;
    house
        .post(next, db.store.now().after(assent_domain::policy::NOTICE_PERIOD))
        .await
        .unwrap();
    for (email, subject, tag) in [
        (
            "ann@example.org",
            "Unsere Datenschutzrichtlinie ändert sich am",
            "de",
        ),
        ("ben@example.org", "our privacy policy changes on", "en"),
    ] {
        let raw = mail_to(&site, email, subject).await;
        let mail = MessageParser::default().parse(&raw).unwrap();
        assert_eq!(header(&mail, "Content-Language"), tag);
        assert!(
            mail.body_html(0)
                .unwrap()
                .contains(&format!("<html lang=\"{tag}\">"))
        );
    }
    workers.stop().await;
    site.close().await;
});
