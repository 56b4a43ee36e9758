//! What an import would do, without doing it.

use assent_domain::consent::ConsentState;
use assent_domain::suppression::SuppressionReason;
use assent_entity::import::{self, NewImport};
use assent_entity::suppression::operator;
use assent_tests::dump::difference;
use assent_tests::house::address;
use assent_tests::on_both;

use super::{counts, known, problems, stage};

on_both!(a_dry_run_foretells_every_row_and_changes_nobody, async |db| {
    let (house, new) = stage(db).await;
    let form = house.form("all", &[new.list], &["news", "offers"]).await;
    for name in ["there", "all", "left", "took", "bounced"] {
        house
            .member_of(&form, &format!("{name}@example.org"), &["news", "offers"])
            .await;
    }
    let (_, asked) = house.join(&form, "asked@example.org", &["news"]).await;
    assert_eq!(house.consent(asked, "news").await, Some(ConsentState::Requested));
    let id = async |name: &str| known(&house, &format!("{name}@example.org")).await.unwrap();
    house.opt_out_of_all(id("all").await).await;
    house.choose(id("left").await, &["news", "offers"], &[]).await;
    house.choose(id("took").await, &["offers"], &[new.list]).await;
    house
        .suppress(id("bounced").await, SuppressionReason::HardBounced)
        .await;
    operator::hold(&db.store, &address("held@example.org"), "spam trap")
        .await
        .unwrap();
    let csv = "email,name\nnew@example.org,N\nNEW@example.org,again\nthere@example.org,\nall@example.org,\nleft@example.org,\n\
               took@example.org,\nbounced@example.org,\nheld@example.org,\nasked@example.org,\nnobody,\n\
               other@example.org,\nnew@example.org,once more\n";
    for new in [
        new.clone(),
        NewImport {
            evidence: None,
            ..new.clone()
        },
    ] {
        let dry = NewImport {
            is_dry_run: true,
            ..new.clone()
        };
        let before = db.dump().await;
        let foretold = house.take_in(&dry, csv).await;
        let changed = difference(&before, &db.dump().await);
        assert!(
            changed.iter().all(|line| line.is_empty()
                || ["people_import", "import_", "ledger", "outbox"]
                    .iter()
                    .any(|table| line.contains(table))),
            "{changed:?}"
        );
        let foretold_problems = problems(&house, foretold.id).await;
        let reasons = import::reasons(&house.read().await, foretold.id).await.unwrap();
        assert_eq!(
            reasons.iter().map(|(_, rows)| rows).sum::<u64>(),
            foretold.rows_refused
        );
        assert_eq!(db.count("import_seen", "1 = 1").await, 0, "it has ended");
        // In another house, where it is done, the same comes of it. Here only what is foretold is compared with it.
        if new.evidence.is_some() {
            assert_eq!(foretold.people_new, 2);
            let done = house.take_in(&new, csv).await;
            assert_eq!(counts(&foretold), counts(&done));
            assert_eq!(foretold.people_new, done.people_new);
            assert_eq!(foretold_problems, problems(&house, done.id).await);
        } else {
            assert_eq!(foretold.people_new, 0, "all are known by now");
            let done = house.take_in(&new, csv).await;
            assert_eq!(counts(&foretold), counts(&done));
            assert_eq!(foretold_problems, problems(&house, done.id).await);
        }
    }
});
