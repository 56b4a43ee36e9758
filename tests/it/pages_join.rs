//! The form of a collection point: it asks what it declares, ticks nothing, and tells nobody who is subscribed
//! (P03, P12).

use assent_domain::collection_point::FieldName;
use assent_domain::consent::ConsentState;
use assent_domain::language::Language;
use assent_domain::mailing_list::OptIn;
use assent_domain::permit::Refusal;
use assent_domain::purpose::PurposeCode;
use assent_domain::suppression::SuppressionReason;
use assent_domain::tenant::Slug;
use assent_entity::collection_point::{self, Field, NewCollectionPoint};
use assent_entity::subscriber;
use assent_tests::dump::difference;
use assent_tests::house::address;
use assent_tests::visitor::{Answer, Site};
use assent_tests::{House, on_both};

pub(crate) const PATH: &str = "/t/acme/join/both";

/// A form with two choices and the fields that every test form has.
pub(crate) async fn both(house: &House<'_>) -> collection_point::CollectionPoint {
    let list = house.list("Both", OptIn::Double, &["news", "offers"]).await;
    house.form("both", &[list], &["news", "offers"]).await
}

/// Sends the form as it stands now, with these answers.
pub(crate) async fn fill_in(site: &Site, fields: &[(&str, &str)]) -> Answer {
    let shown = site.get(PATH).await.shown();
    site.fill_in(PATH, &[&[("shown", shown.as_str())], fields].concat())
        .await
}

async fn confirmation_mails(house: &House<'_>) -> i64 {
    house.db.count("mailing", "kind = 'CONFIRMATION'").await
}

on_both!(
    p12_every_choice_stands_by_the_fields_and_none_is_ticked,
    async |db| {
        let house = db.house("acme").await;
        both(&house).await;
        let site = db.site();
        for path in [
            PATH,
            "/t/acme/join/both?purpose=news&purpose=offers&no_mail=1&email=eve@example.org",
        ] {
            let page = site.get(path).await;
            page.must_be(200);
            assert_eq!(page.count("form"), 1);
            let form = "form[method=post]:not([action])";
            assert_eq!(
                page.attributes(&format!("{form} input[name=purpose]"), "value"),
                ["news", "offers"]
            );
            assert_eq!(
                page.attributes(&format!("{form} input[name=no_mail]"), "type"),
                ["checkbox"]
            );
            assert_eq!(page.count("[checked]"), 0, "nothing is ticked for anybody");
            assert_eq!(page.count("input[type=radio], select"), 0);
            let names: Vec<_> = page.filled_in().into_keys().collect();
            assert_eq!(names, ["company", "email", "name", "shown"]);
            assert!(
                page.filled_in()
                    .iter()
                    .all(|(name, value)| value.is_empty() || name == "shown")
            );
            let text = page.text();
            for words in [
                "Yes, write to me about news.",
                "Yes, write to me about offers.",
                "About bill",
                "What we do for bill.",
                "Send no mail of any sort",
                "version 1",
            ] {
                assert!(text.contains(words), "{words}: {text}");
            }
        }
        site.close().await;
    }
);

on_both!(p03_a_form_asks_for_what_it_declares_and_no_more, async |db| {
    let house = db.house("acme").await;
    let list = house.list("News", OptIn::Double, &["news"]).await;
    for (slug, fields) in [
        ("bare", vec![]),
        (
            "both",
            vec![Field {
                name: FieldName::Name,
                required: true,
            }],
        ),
    ] {
        let new = NewCollectionPoint {
            slug: Slug::parse(slug).unwrap(),
            name: "Join".to_owned(),
            lists: vec![list],
            fields,
            choices: vec![(PurposeCode::parse("news").unwrap(), "Yes.".to_owned())],
            parties: Vec::new(),
            language: Language::english(),
            translations: Vec::new(),
        };
        let mut tx = house.write().await;
        collection_point::create(&mut tx, new).await.unwrap();
        tx.commit().await.unwrap();
    }
    let site = db.site();
    let bare = site.get("/t/acme/join/bare").await.filled_in();
    assert_eq!(bare.into_keys().collect::<Vec<_>>(), ["email", "shown"]);
    let page = site.get(PATH).await;
    assert_eq!(
        page.filled_in().into_keys().collect::<Vec<_>>(),
        ["email", "name", "shown"]
    );
    assert_eq!(page.count("input[name=name][required]"), 1);

    let before = db.dump().await;
    let nameless = fill_in(&site, &[("email", "ann@example.org"), ("purpose", "news")]).await;
    assert!(
        nameless.must_be(422).text().contains("This form needs a name"),
        "{}",
        nameless.text()
    );
    assert_eq!(difference(&before, &db.dump().await), [""; 0]);
    let extra = [
        ("email", "ann@example.org"),
        ("name", "Ann"),
        ("company", "Spy Ltd"),
        ("purpose", "news"),
    ];
    fill_in(&site, &extra).await.must_be(200);
    let kept: Vec<String> = db.column("SELECT company FROM subscriber").await;
    assert_eq!(kept, [""], "what was not asked for is not kept");
    site.close().await;
});

on_both!(p12_what_is_left_empty_is_a_no, async |db| {
    let house = db.house("acme").await;
    both(&house).await;
    let site = db.site();
    let answers = [
        ("email", "Ann@Example.org"),
        ("name", "Ann"),
        ("purpose", "news"),
        ("purpose", "bill"),
    ];
    fill_in(&site, &answers).await.must_be(200);
    let tx = house.read().await;
    let ann = subscriber::with_address(&tx, &address("ann@example.org"))
        .await
        .unwrap()
        .unwrap();
    drop(tx);
    assert_eq!(ann.name, "Ann");
    assert_eq!(house.consent(ann.id, "news").await, Some(ConsentState::Requested));
    assert_eq!(house.consent(ann.id, "offers").await, Some(ConsentState::Refused));
    assert_eq!(
        house.consent(ann.id, "bill").await,
        None,
        "it is no choice of this form"
    );
    assert_eq!(confirmation_mails(&house).await, 1);
    site.close().await;
});

/// A page without what differs by what was typed.
fn without(page: &Answer, email: &str) -> (u16, Vec<String>, String) {
    let names = page.headers.keys().map(ToString::to_string);
    let mut names: Vec<_> = names.collect();
    names.sort_unstable();
    (page.status.as_u16(), names, page.body.replace(email, "?"))
}

on_both!(p03_a_form_does_not_tell_who_is_subscribed, async |db| {
    let house = db.house("acme").await;
    let form = both(&house).await;
    let site = db.site();
    house
        .member_of(&form, "confirmed@example.org", &["news", "offers"])
        .await;
    house.join(&form, "pending@example.org", &["news"]).await;
    let left = house.member_of(&form, "left@example.org", &["news"]).await;
    house.choose(left, &[], &[]).await;
    for reason in [
        SuppressionReason::OptedOutOfAll,
        SuppressionReason::Complained,
        SuppressionReason::HardBounced,
        SuppressionReason::Erased,
    ] {
        let email = format!("{reason}@example.org").to_lowercase();
        let person = house.member_of(&form, &email, &["news"]).await;
        house.suppress(person, reason).await;
    }
    for more in [
        &[("purpose", "news")][..],
        &[("purpose", "news"), ("no_mail", "1")],
    ] {
        let mut pages = Vec::new();
        for who in [
            "unknown",
            "confirmed",
            "pending",
            "left",
            "opted_out_of_all",
            "complained",
            "hard_bounced",
            "erased",
        ] {
            let email = format!("{who}@example.org");
            let page = fill_in(&site, &[&[("email", email.as_str())], more].concat()).await;
            pages.push((who, without(page.must_be(200), &email)));
        }
        let (_, unknown) = &pages[0];
        for (who, page) in &pages {
            assert_eq!(page, unknown, "{who}");
        }
    }
    site.close().await;
});

on_both!(
    p03_no_mail_of_any_sort_is_kept_for_known_and_unknown,
    async |db| {
        let house = db.house("acme").await;
        let form = both(&house).await;
        let site = db.site();
        let ann = house.member_of(&form, "ann@example.org", &["news"]).await;
        let mails = db.count("mailing", "1 = 1").await;
        // Without having read the form, with all else ticked, and typed in another case.
        for email in ["Ann@EXAMPLE.org", "zoe@example.org"] {
            let fields = [
                ("email", email),
                ("name", "Eve"),
                ("purpose", "news"),
                ("no_mail", "1"),
            ];
            let page = site.fill_in(PATH, &fields).await;
            assert!(page.must_be(200).text().contains("We will send you nothing"));
        }
        for purpose in ["news", "bill", "policy_notice", "confirmation"] {
            assert_eq!(
                house.decision(ann, purpose).await,
                Some(Refusal::OptedOutOfAll),
                "{purpose}"
            );
        }
        assert_eq!(
            db.count("subscriber", "1 = 1").await,
            1,
            "a stranger's address is not kept"
        );
        for email in ["ann@example.org", "ZOE@example.org"] {
            fill_in(
                &site,
                &[("email", email), ("purpose", "news"), ("purpose", "offers")],
            )
            .await
            .must_be(200);
        }
        assert_eq!(
            db.count("mailing", "1 = 1").await,
            mails,
            "no form brings them back"
        );
        assert_eq!(db.count("subscriber", "1 = 1").await, 1);
        let before = db.dump().await;
        site.fill_in(PATH, &[("email", "none"), ("no_mail", "1")])
            .await
            .must_be(422);
        assert_eq!(difference(&before, &db.dump().await), [""; 0]);
        site.close().await;
    }
);
