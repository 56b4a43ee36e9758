//! Invitations: whoever is invited chooses their own password, by a link that goes to their mailbox, counts once, and can be
//! taken back.

use std::time::Duration;

use assent_domain::suppression::SuppressionReason;
use assent_domain::tenant::Role;
use assent_entity::session;
use assent_tests::dump::difference;
use assent_tests::house::PASSWORD;
use assent_tests::http::Client;
use assent_tests::visitor::{Site, answer};
use assent_tests::{TestStore, on_both};
use reqwest::Method;
use serde_json::{Value, json};

use crate::account_mails::{altered, mail_to, mails_to, token_of};
use crate::pages::AGENTS;

const INVITE: &str = "mutation($input: InviteMemberInput!) { inviteMember(input: $input) { invitation { id status email role language invitedBy { email } } } }";
const RESEND: &str = "mutation($input: ResendInvitationInput!) { resendInvitation(input: $input) { invitation { id status } } }";
const REVOKE: &str = "mutation($input: RevokeInvitationInput!) { revokeInvitation(input: $input) { invitation { id status } } }";
const ACCEPT: &str = "mutation($input: AcceptInvitationInput!) { acceptInvitation(input: $input) { member { id email role name language } tenant } }";
const INVITATIONS: &str = "{ invitations { totalCount edges { node { id email status } } } }";
const CHOSEN: &str = "my own horse, my battery";
const BEA: &str = "bea@else.example";

async fn invite(by: &Client<'_>, email: &str) -> String {
    let input = json!({ "email": email, "role": "MARKETER" });
    let data = by.data(INVITE, json!({ "input": input })).await;
    data["inviteMember"]["invitation"]["id"]
        .as_str()
        .unwrap()
        .to_owned()
}

fn with_id(id: &str) -> Value {
    json!({ "input": { "id": id } })
}

fn acceptance(token: &str) -> Value {
    json!({ "input": { "token": token, "password": CHOSEN, "name": "Bea Bell" } })
}

async fn signs_in(db: &TestStore, slug: &str, email: &str, password: &str) -> bool {
    let signed_in = session::sign_in(&db.store, slug, email, password.into(), None).await;
    signed_in.unwrap().is_some()
}

on_both!(
    whoever_is_invited_chooses_a_password_on_a_page_that_only_a_button_changes,
    async |db| {
        db.bare_house("acme").await;
        let site = db.site();
        let owner = site.owner("acme").await;
        let input = json!({ "email": BEA, "role": "PRIVACY_OFFICER", "language": "de-AT" });
        let invited =
            owner.data(INVITE, json!({ "input": input })).await["inviteMember"]["invitation"].clone();
        assert_eq!(
            (&invited["status"], &invited["role"], &invited["language"]),
            (&json!("OPEN"), &json!("PRIVACY_OFFICER"), &json!("de-AT"))
        );
        assert_eq!(invited["invitedBy"]["email"], "owner@acme.example");
        let mail = mail_to(db, &site, BEA).await;
        assert_eq!(
            (mail.subject.as_str(), mail.language.as_str()),
            ("House acme: Sie sind eingeladen", "de")
        );
        assert!(mail.text.contains("Datenschutzbeauftragte/r"), "{}", mail.text);
        let path = mail.path("invitation");
        let token = token_of(&path);

        let before = db.dump().await;
        for agent in AGENTS {
            for method in [Method::GET, Method::HEAD] {
                answer(site.request(method, &path).header("user-agent", agent))
                    .await
                    .must_be(200);
            }
        }
        let page = site.get(&path).await;
        assert_eq!(page.count("html[lang=de] form[method=post] input"), 2);
        assert!(page.text().contains("b•••@else.example"), "{}", page.text());
        assert_eq!(page.header("cache-control"), "no-store");
        for (fields, flaw) in [
            (
                vec![("name", "Bea"), ("password", "kurz")],
                "Ein Passwort hat 12 bis 200 Zeichen",
            ),
            (vec![("name", "Bea")], "Das wird gebraucht"),
            (vec![("name", " "), ("password", CHOSEN)], ""),
            (
                vec![
                    ("name", "Bea"),
                    ("password", CHOSEN),
                    ("password", "another of them"),
                ],
                "",
            ),
        ] {
            let again = site.fill_in(&path, &fields).await;
            assert!(
                again.must_be(422).text().contains(flaw) || flaw.starts_with("Das"),
                "{}",
                again.text()
            );
            assert_eq!(
                again.count("input[type=password][value=''], input[type=password]:not([value])"),
                1
            );
        }
        assert_eq!(difference(&before, &db.dump().await), [""; 0]);

        let fields = [("name", "Bea Bell"), ("password", CHOSEN)];
        let done = site.fill_in(&path, &fields).await;
        assert!(done.must_be(200).text().contains("acme"), "{}", done.text());
        assert!(signs_in(db, "acme", BEA, CHOSEN).await);
        let members = owner
            .data(
                "{ members { edges { node { email name role language } } } }",
                json!({}),
            )
            .await;
        let bea = json!({ "email": BEA, "name": "Bea Bell", "role": "PRIVACY_OFFICER", "language": "de-AT" });
        let mut listed = members["members"]["edges"].as_array().unwrap().iter();
        assert!(listed.any(|edge| edge["node"] == bea), "{members}");
        let before = db.dump().await;
        let again = [("name", "Eve"), ("password", "whoever has the mail later")];
        assert_eq!(site.fill_in(&path, &again).await.must_be(200).text(), done.text());
        assert_eq!(site.get(&path).await.must_be(200).text(), done.text());
        let refused = site.anybody().refused(ACCEPT, acceptance(&token)).await;
        assert_eq!(
            (refused.code.as_str(), refused.field.as_str()),
            ("CONFLICT", "token")
        );
        assert_eq!(difference(&before, &db.dump().await), [""; 0]);
        for (table, rows) in before {
            assert!(
                rows.iter().all(|row| !row.contains(&token)),
                "{table} holds the token"
            );
        }
        let acts: Vec<String> = db
            .column("SELECT facts FROM ledger WHERE kind = 'AUDIT' ORDER BY seq")
            .await;
        for act in ["MEMBER_INVITED", "INVITATION_ACCEPTED", "MEMBER_CREATED"] {
            assert!(acts.iter().any(|facts| facts.contains(act)), "{act}: {acts:?}");
        }
        site.close().await;
    }
);

async fn is_worth_nothing(site: &Site, token: &str, status: u16, code: &str) {
    let path = format!("/invitation/{token}");
    site.get(&path).await.must_be(status);
    let fields = [("name", "Eve"), ("password", CHOSEN)];
    site.fill_in(&path, &fields).await.must_be(status);
    let refused = site.anybody().refused(ACCEPT, acceptance(token)).await;
    assert_eq!(
        (refused.code.as_str(), refused.field.as_str()),
        (code, "token"),
        "{refused:?}"
    );
}

on_both!(
    a_link_that_is_altered_expired_overtaken_or_taken_back_makes_no_member,
    async |db| {
        db.bare_house("acme").await;
        let site = db.site();
        let owner = site.owner("acme").await;
        let id = invite(&owner, BEA).await;
        let first = token_of(&mail_to(db, &site, BEA).await.path("invitation"));
        let ask =
            "mutation($input: RequestPasswordResetInput!) { requestPasswordReset(input: $input) { asked } }";
        let whose = json!({ "input": { "tenant": "acme", "email": "owner@acme.example" } });
        site.anybody().data(ask, whose).await;
        let reset = token_of(&mail_to(db, &site, "owner@acme.example").await.path("reset"));
        let before = db.dump().await;
        for bad in altered(&first).into_iter().chain([reset]) {
            is_worth_nothing(&site, &bad, 404, "BAD_USER_INPUT").await;
        }
        assert_eq!(difference(&before, &db.dump().await), [""; 0]);
        db.clock.forward(Duration::from_secs(1));
        owner.data(RESEND, with_id(&id)).await;
        let mails = mails_to(db, &site, BEA).await;
        let paths: Vec<_> = mails
            .iter()
            .map(|mail| token_of(&mail.path("invitation")))
            .collect();
        let second = paths
            .iter()
            .find(|token| **token != first)
            .expect("another link")
            .clone();
        is_worth_nothing(&site, &first, 410, "CONFLICT").await;
        let of_week = Duration::from_hours(7 * 24);
        db.clock.forward(of_week.saturating_sub(Duration::from_secs(1)));
        site.get(&format!("/invitation/{second}")).await.must_be(200);
        db.clock.forward(Duration::from_secs(1));
        is_worth_nothing(&site, &second, 410, "CONFLICT").await;
        let owner = site.owner("acme").await;
        let listed = owner.data(INVITATIONS, json!({})).await;
        assert_eq!(listed["invitations"]["edges"][0]["node"]["status"], "EXPIRED");
        // Who was invited long ago can be invited anew, and be sent away again.
        let anew = invite(&owner, BEA).await;
        let mails = mails_to(db, &site, BEA).await;
        let known = [first.clone(), second.clone()];
        let third = mails.iter().map(|mail| token_of(&mail.path("invitation")));
        let third = third
            .into_iter()
            .find(|token| !known.contains(token))
            .expect("a third link");
        owner.data(REVOKE, with_id(&anew)).await;
        owner.data(REVOKE, with_id(&anew)).await;
        is_worth_nothing(&site, &third, 410, "CONFLICT").await;
        assert_eq!(owner.refused(RESEND, with_id(&anew)).await.code, "CONFLICT");
        assert_eq!(db.count("member", "1 = 1").await, 1);
        site.close().await;
    }
);

on_both!(
    of_two_who_accept_at_once_one_becomes_a_member_and_a_revocation_is_before_or_after,
    async |db| {
        db.bare_house("acme").await;
        let site = db.site();
        let owner = site.owner("acme").await;
        for round in 0..4 {
            let email = format!("bea{round}@else.example");
            let id = invite(&owner, &email).await;
            let token = token_of(&mail_to(db, &site, &email).await.path("invitation"));
            let accept = async || site.anybody().graphql(ACCEPT, acceptance(&token)).await;
            if round % 2 == 0 {
                let (one, other) = tokio::join!(accept(), accept());
                let went = [one, other]
                    .iter()
                    .filter(|answer| answer.get("errors").is_none())
                    .count();
                assert_eq!(went, 1, "round {round}");
            } else {
                let (accepted, revoked) = tokio::join!(accept(), owner.graphql(REVOKE, with_id(&id)));
                let (accepted, revoked) = (accepted.get("errors").is_none(), revoked.get("errors").is_none());
                assert!(accepted != revoked, "round {round}: {accepted} {revoked}");
                assert_eq!(signs_in(db, "acme", &email, CHOSEN).await, accepted);
            }
            let of_email = format!("email = '{email}'");
            assert!(db.count("member", &of_email).await <= 1);
        }
        site.close().await;
    }
);

on_both!(
    who_is_a_member_elsewhere_gets_an_account_of_its_own_and_nobody_learns_of_the_other,
    async |db| {
        db.bare_house("acme").await;
        db.bare_house("brook").await;
        let site = db.site();
        let owner = site.owner("acme").await;
        let invited = json!({ "input": { "email": "owner@acme.example", "role": "ANALYST" } });
        assert_eq!(owner.refused(INVITE, invited).await.code, "CONFLICT");
        let email = "owner@brook.example";
        let id = invite(&owner, email).await;
        let again = json!({ "input": { "email": "Owner@BROOK.example", "role": "ANALYST" } });
        assert_eq!(
            owner.refused(INVITE, again).await.code,
            "CONFLICT",
            "once is enough"
        );
        let token = token_of(&mail_to(db, &site, email).await.path("invitation"));
        let accepted = site.anybody().data(ACCEPT, acceptance(&token)).await;
        let accepted = &accepted["acceptInvitation"];
        assert_eq!(accepted["tenant"], "acme");
        assert_eq!(accepted["member"]["role"], "MARKETER");
        for (slug, password, is_right) in [
            ("acme", CHOSEN, true),
            ("acme", PASSWORD, false),
            ("brook", PASSWORD, true),
            ("brook", CHOSEN, false),
        ] {
            assert_eq!(
                signs_in(db, slug, email, password).await,
                is_right,
                "{slug} {password}"
            );
        }
        assert_eq!(
            owner.refused(REVOKE, with_id(&id)).await.code,
            "CONFLICT",
            "it was accepted"
        );
        let theirs = site.owner("brook").await;
        for change in [REVOKE, RESEND] {
            assert_eq!(theirs.refused(change, with_id(&id)).await.code, "NOT_FOUND");
        }
        let listed = theirs.data(INVITATIONS, json!({})).await;
        assert_eq!(listed["invitations"]["totalCount"], 0);
        site.close().await;
    }
);

on_both!(
    an_invitation_goes_to_nobody_who_wants_no_mail_and_to_nobody_after_it_was_taken_back,
    async |db| {
        let house = db.house("acme").await;
        let (_, form) = house.news().await;
        let ann = house.member_of(&form, "ann@example.org", &["news"]).await;
        house.suppress(ann, SuppressionReason::OptedOutOfAll).await;
        let site = db.site();
        let owner = site.owner("acme").await;
        invite(&owner, "ann@example.org").await;
        let back = invite(&owner, BEA).await;
        owner.data(REVOKE, with_id(&back)).await;
        let twice = invite(&owner, "cat@else.example").await;
        owner.data(RESEND, with_id(&twice)).await;
        mail_to(db, &site, "cat@else.example").await;
        for nobody in ["ann@example.org", BEA] {
            let mails = mails_to(db, &site, nobody).await;
            let invitations = mails.iter().filter(|mail| mail.text.contains("/invitation/"));
            assert_eq!(invitations.count(), 0, "{nobody}");
        }
        let refusals: Vec<String> = db
            .column("SELECT refusal FROM delivery WHERE recipient_kind = 'INVITEE' AND refusal IS NOT NULL ORDER BY refusal")
            .await;
        assert_eq!(refusals, ["OPTED_OUT_OF_ALL", "TOO_LATE", "TOO_LATE"]);
        // The fifth is the last, whoever asks.
        for _ in 2..5 {
            owner.data(RESEND, with_id(&twice)).await;
        }
        assert_eq!(owner.refused(RESEND, with_id(&twice)).await.code, "CONFLICT");
        site.close().await;
    }
);

on_both!(
    an_address_is_sent_five_invitations_whether_or_not_they_were_taken_back,
    async |db| {
        let house = db.bare_house("acme").await;
        let site = db.site();
        let owner = site.owner("acme").await;
        for _ in 0..2 {
            let id = invite(&owner, BEA).await;
            owner.data(RESEND, with_id(&id)).await;
            owner.data(REVOKE, with_id(&id)).await;
        }
        let fifth = invite(&owner, BEA).await;
        let refused = owner.refused(RESEND, with_id(&fifth)).await;
        assert_eq!(
            (refused.code.as_str(), refused.field.as_str()),
            ("CONFLICT", "id")
        );
        owner.data(REVOKE, with_id(&fifth)).await;
        let again = json!({ "input": { "email": "Bea@ELSE.example", "role": "ANALYST" } });
        let refused = owner.refused(INVITE, again.clone()).await;
        assert_eq!(
            (refused.code.as_str(), refused.field.as_str()),
            ("CONFLICT", "email")
        );
        assert_eq!(db.count("mailing", "kind = 'INVITATION'").await, 5);
        invite(&owner, "cat@else.example").await;
        // What is forgotten counts no more.
        db.clock.forward(Duration::from_hours(31 * 24));
        assent_entity::chore::of_tenant(&db.store, house.ctx)
            .await
            .unwrap();
        site.owner("acme").await.data(INVITE, again).await;
        site.close().await;
    }
);

on_both!(
    invitations_are_for_owners_and_end_with_whoever_made_them,
    async |db| {
        let house = db.bare_house("acme").await;
        let site = db.site();
        let owner = site.owner("acme").await;
        let (_, marketer) = crate::roles::signed_in(&house, &site, Role::Marketer).await;
        for (query, variables) in [
            (INVITE, json!({ "input": { "email": BEA, "role": "ANALYST" } })),
            (INVITATIONS, json!({})),
        ] {
            assert_eq!(marketer.refused(query, variables.clone()).await.code, "FORBIDDEN");
            assert_eq!(
                site.anybody().refused(query, variables).await.code,
                "UNAUTHENTICATED"
            );
        }
        for bad in ["", "no address", "a@b@c"] {
            let refused = owner
                .refused(INVITE, json!({ "input": { "email": bad, "role": "OWNER" } }))
                .await;
            assert_eq!(
                (refused.code.as_str(), refused.field.as_str()),
                ("BAD_USER_INPUT", "email")
            );
        }
        let (other, other_owner) = crate::roles::signed_in(&house, &site, Role::Owner).await;
        invite(&other_owner, BEA).await;
        let token = token_of(&mail_to(db, &site, BEA).await.path("invitation"));
        let remove = "mutation($input: RemoveMemberInput!) { removeMember(input: $input) { member { id } } }";
        owner.data(remove, with_id(&other)).await;
        is_worth_nothing(&site, &token, 410, "CONFLICT").await;
        // What is over is forgotten.
        db.clock.forward(Duration::from_hours(31 * 24));
        assent_entity::chore::of_tenant(&db.store, house.ctx)
            .await
            .unwrap();
        assert_eq!(db.count("invitation", "1 = 1").await, 0);
        is_worth_nothing(&site, &token, 410, "CONFLICT").await;
        site.close().await;
    }
);
