//! What each content format becomes: sent through the whole of the program, judged by Python's own parser and by dkimpy, and
//! delivered by a real Postfix. Bad content changes nothing.

use std::time::Duration;

use assent_domain::id::{CampaignId, MailingListId, stored};
use assent_tests::dns::NameServer;
use assent_tests::dump::difference;
use assent_tests::http::Client;
use assent_tests::postfix::{Postfix, can_run};
use assent_tests::process::{Assent, until};
use assent_tests::sink::Sink;
use assent_tests::{House, on_both};
use serde_json::{Value, json};

use crate::dkim::{around, opinion_of_campaign, published, wire};
use crate::sending::until_finished;

const CREATE: &str = "mutation($input: CreateCampaignInput!) {
    createCampaign(input: $input) { warnings campaign { id preheader body { format } } } }";

const MJML: &str = "<mjml><mj-head><mj-title>News</mj-title><mj-style>.big p { color: #123456 }</mj-style></mj-head>
<mj-body>{% if subscriber.company %}<mj-section><mj-column><mj-text>never</mj-text></mj-column></mj-section>{% endif %}
<mj-section css-class=\"big\"><mj-column><mj-text><p>Grüße, {{ subscriber.name | default(\"friend\") }}</p></mj-text>
<mj-image src=\"https://www.acme.example/a.png\" alt=\"A boat\" />
<mj-button href=\"https://www.acme.example/?a=1&amp;b=2\">Look</mj-button></mj-column></mj-section></mj-body></mjml>";

const HTML: &str = "<html><head><style>p { color: #123456 } @media (max-width: 400px) { p { color: red } }</style></head>
<body><p>Grüße, {{ subscriber.name | default(\"friend\") }}</p>{% for c in ['a', 'b'] %}<table><tr><td>{{ c }}</td></tr>
</table>{% endfor %}<img src=\"https://www.acme.example/a.png\" alt=\"A boat\"><a href=\"https://www.acme.example/\">Look</a>
</body></html>";

const MARKDOWN: &str = "<style>p { color: #123456 }</style>\n\n# News\n\nGrüße, {{ subscriber.name | default(\"friend\") }}\n\n\
                        ![A boat](https://www.acme.example/a.png) [Look](https://www.acme.example/)\n";

fn input(list: MailingListId, format: &str, source: &str) -> Value {
    json!({ "input": {
        "name": format, "purpose": "news", "mailingListIds": [list.to_string()],
        "subject": format!("Hello ✉ {format}"), "preheader": "For {{ subscriber.name | default(\"you\") }} — <only>",
        "body": { "format": format, "source": source },
    } })
}

/// Drafts a campaign of each format, and schedules them.
async fn one_of_each(house: &House<'_>, list: MailingListId) -> Vec<CampaignId> {
    let site = house.db.site();
    let owner = site.owner("acme").await;
    let mut campaigns = Vec::new();
    // A line longer than SMTP carries, which is nobody's fault.
    let long = "<p>".to_owned() + &"x".repeat(1200) + "</p>";
    for (format, source) in [
        ("MJML", MJML.replace("<p>", &format!("{long}<p>"))),
        ("HTML", HTML.replace("<p>", &format!("{long}<p>"))),
        ("MARKDOWN", format!("{MARKDOWN}\n{}\n", "y".repeat(1200))),
    ] {
        let made = owner.data(CREATE, input(list, format, &source)).await;
        assert_eq!(made["createCampaign"]["warnings"], json!([]), "{format}");
        let id = made["createCampaign"]["campaign"]["id"]
            .as_str()
            .unwrap()
            .to_owned();
        let sql = "SELECT id FROM campaign ORDER BY created_at DESC, id DESC LIMIT 1";
        let stored_id: CampaignId = stored(house.db.value(sql).await);
        assert_eq!(stored_id.to_string(), id);
        campaigns.push(stored_id);
        house.db.clock.forward(Duration::from_millis(5));
    }
    site.close().await;
    for campaign in &campaigns {
        house.schedule(*campaign, Duration::ZERO).await;
    }
    campaigns
}

on_both!(
    a_message_of_each_format_is_whole_and_signed_whoever_looks_at_it,
    async |db| {
        let house = db.house("acme").await;
        let (list, form) = house.news().await;
        house.member_of(&form, "ann@example.org", &["news"]).await;
        db.forget_jobs().await;
        let (dns, around) = (NameServer::default(), around());
        dns.publish_text(
            "bounces.platform.example",
            "v=spf1 include:_spf.platform.example -all",
        );
        let domain = house.verified_domain("acme.example", &dns, &around).await;
        let records = published(&domain, &around);
        let campaigns = one_of_each(&house, list).await;
        let sink = Sink::default();
        let assent = Assent::serve_with(
            db,
            &sink,
            &[
                ("ASSENT_BOUNCE_DOMAIN", "bounces.platform.example"),
                ("ASSENT_DNS_SERVER", &dns.address.to_string()),
            ],
        );
        for campaign in &campaigns {
            until_finished(&house, house.mailing_of(*campaign).await).await;
        }
        until("all is kept", Duration::from_secs(20), || async {
            sink.received().len() == 3
        })
        .await;
        drop(assent);
        for received in sink.received() {
            let message = wire(&received);
            let opinion = opinion_of_campaign(&message, &records);
            for signature in &opinion.signatures {
                for field in ["list-unsubscribe", "list-unsubscribe-post"] {
                    assert!(
                        signature.signed.iter().any(|signed| signed == field),
                        "{signature:?}"
                    );
                }
            }
            assert!(
                message.split("\r\n").all(|line| line.len() <= 998),
                "a line is too long"
            );
            assert!(message.contains("\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"));
            let mut styles = opinion.html.split("<p style=\"").skip(1);
            let is_blue = |rest: &str| {
                rest.split('"')
                    .next()
                    .is_some_and(|style| style.contains("color: #123456"))
            };
            assert!(styles.any(is_blue), "{}", opinion.html);
            assert!(
                opinion.html.contains("friend") && opinion.text.contains("Grüße, friend"),
                "{}",
                opinion.text
            );
            assert!(
                opinion.html.contains("For you — &lt;only&gt;"),
                "{}",
                opinion.html
            );
            assert!(!opinion.text.contains("only"), "{}", opinion.text);
            assert!(
                !opinion.html.contains("tag0q") && !opinion.html.contains("{%"),
                "{}",
                opinion.html
            );
            assert!(opinion.subject.starts_with("Hello ✉ "), "{}", opinion.subject);
        }
    }
);

on_both!(
    a_real_server_delivers_each_format_to_any_address_it_can_take,
    async |db| {
        if !can_run() {
            return;
        }
        let house = db.house("acme").await;
        let (list, form) = house.news().await;
        for name in ["ann", "jürgen"] {
            house
                .member_of(&form, &format!("{name}@example.org"), &["news"])
                .await;
        }
        db.forget_jobs().await;
        let campaigns = one_of_each(&house, list).await;
        let postfix = Postfix::start(&["ann", "jürgen"], &[], true, "bounces.acme.example", "discard:");
        let assent = Assent::serve_through(db, postfix.port, &[]);
        for campaign in &campaigns {
            until_finished(&house, house.mailing_of(*campaign).await).await;
        }
        let is_whole = || {
            let held = |name| postfix.read(name).matches("\nMessage-ID: ").count();
            held("ann") == 3 && held("jürgen") == 3
        };
        let is_stuck =
            || postfix.log().contains("status=bounced") || postfix.log().contains("status=deferred");
        until("all is in the mailboxes", Duration::from_mins(1), || async {
            is_whole() || is_stuck()
        })
        .await;
        drop(assent);
        assert!(is_whole(), "{}", postfix.log());
        assert_eq!(
            db.count("delivery", "status = 'SENT'").await,
            6,
            "{}",
            postfix.log()
        );
        let kept = postfix.read("jürgen");
        assert!(kept.contains("To: jürgen@example.org"), "{kept}");
    }
);

on_both!(
    an_address_that_the_server_cannot_take_is_refused_and_says_why,
    async |db| {
        let house = db.house("acme").await;
        let (list, form) = house.news().await;
        house.member_of(&form, "grüße@example.org", &["news"]).await;
        house.member_of(&form, "ann@bücher.example", &["news"]).await;
        db.forget_jobs().await;
        let campaign = house.campaign("news", &[list]).await;
        house.schedule(campaign, Duration::ZERO).await;
        let sink = Sink::default();
        let assent = Assent::serve(db, &sink);
        until_finished(&house, house.mailing_of(campaign).await).await;
        drop(assent);
        let replies: Vec<String> = db
            .column("SELECT reply FROM attempt WHERE reply LIKE '%5.6.7%'")
            .await;
        assert_eq!(replies.len(), 1, "{replies:?}");
        assert!(replies[0].contains("SMTPUTF8"), "{replies:?}");
        assert_eq!(db.count("delivery", "status = 'BOUNCED'").await, 1);
        // It is our relay that cannot, and nobody's mailbox that is gone.
        assert_eq!(db.count("suppression", "1 = 1").await, 0);
        // A domain has a spelling that every server takes.
        let recipients: Vec<_> = sink.times().into_keys().collect();
        assert_eq!(recipients, ["ann@xn--bcher-kva.example"]);
    }
);

/// Tries to draft a campaign, and makes sure that nothing has changed.
async fn refused(
    owner: &Client<'_>,
    house: &House<'_>,
    input: Value,
) -> (String, Option<(u64, u64)>, String) {
    let before = house.db.dump().await;
    let refused = owner.refused(CREATE, input).await;
    assert_eq!(refused.code, "BAD_USER_INPUT", "{refused:?}");
    assert_eq!(difference(&before, &house.db.dump().await), [""; 0]);
    (refused.field, refused.place, refused.message)
}

on_both!(bad_content_is_refused_where_it_is_wrong, async |db| {
    let house = db.house("acme").await;
    let (list, _) = house.news().await;
    let site = db.site();
    let owner = site.owner("acme").await;
    for (format, source, line, word) in [
        (
            "MJML",
            "<mjml>\n<mj-body>\n<mj-section>\n</mj-body></mjml>".to_owned(),
            4,
            "</mj-section>",
        ),
        (
            "MJML",
            "<mjml>\n<mj-body><mj-include path=\"/etc/passwd\"/></mj-body></mjml>".to_owned(),
            2,
            "include",
        ),
        (
            "MJML",
            "<mjml><mj-body><mj-raw>\n<script>x</script></mj-raw></mj-body></mjml>".to_owned(),
            2,
            "script",
        ),
        (
            "MJML",
            format!("<mjml><mj-body>\n{}", "<mj-section>\n".repeat(80_000)),
            100,
            "nested",
        ),
        (
            "MJML",
            format!("<mjml><mj-body>\n{}", "<div>\n".repeat(170_000)),
            100,
            "nested",
        ),
        (
            "HTML",
            "<p>x</p>\n<link rel=stylesheet href=http://169.254.169.254/>".to_owned(),
            2,
            "style sheet",
        ),
        (
            "HTML",
            "<p>x</p>\n<link rel=stylesheet href=file:///etc/passwd>".to_owned(),
            2,
            "style sheet",
        ),
        (
            "HTML",
            "<style>\n@import url(http://localhost/)</style>x".to_owned(),
            2,
            "style sheet",
        ),
    ] {
        let (field, place, message) = refused(&owner, &house, input(list, format, &source)).await;
        assert_eq!(field, "body.source", "{message}");
        assert_eq!(place.expect("a place").0, line, "{message}");
        assert!(message.contains(word), "{message}");
    }
    let mut wrong = input(list, "HTML", "x");
    wrong["input"]["preheader"] = json!("{{ nmae }}");
    assert_eq!(refused(&owner, &house, wrong).await.0, "preheader");
    let mut long = input(list, "HTML", "x");
    long["input"]["preheader"] = json!("x".repeat(501));
    assert_eq!(refused(&owner, &house, long).await.0, "preheader");
    site.close().await;
});
