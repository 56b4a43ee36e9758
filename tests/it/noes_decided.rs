//! What a tenant decided since a backup is so after its restore (P06): a version that was taken back does not come into
//! force, a date that was put off is not near again, who left is not back, who closed is closed.

use std::time::Duration;

use assent_domain::clock::{Clock, SystemClock};
use assent_domain::policy::NOTICE_PERIOD;
use assent_domain::tenant::Role;
use assent_domain::tenant_life::GraceDays;
use assent_entity::member::{self, NewMember};
use assent_entity::policy::upcoming;
use assent_entity::tenant_life;
use assent_tests::house::{NEWS_OFFERS_BILL, PASSWORD, address};
use assent_tests::on_both;
use assent_tests::sink::Sink;

use crate::backup::{assent, elsewhere, holds, path};

const DAY: Duration = Duration::from_hours(24);

on_both!(
    p06_what_a_tenant_decided_since_a_backup_is_so_after_its_restore,
    async |db| {
        db.clock.set(SystemClock.now());
        let house = db.house("acme").await;
        let new = NewMember::new(address("leaves@acme.example"), PASSWORD.into());
        let mut tx = house.write().await;
        let leaves = member::create(&mut tx, new.await.unwrap(), Role::Analyst)
            .await
            .unwrap();
        tx.commit().await.unwrap();
        let date = db.store.now().after(NOTICE_PERIOD + DAY);
        let (taken_back, put_off) = (
            house.draft(NEWS_OFFERS_BILL).await,
            house.draft(NEWS_OFFERS_BILL).await,
        );
        house.post(taken_back, date).await.unwrap();
        house.post(put_off, date).await.unwrap();
        let (sink, file, nos) = (
            Sink::discarding(),
            db.data_dir().join("backup"),
            db.data_dir().join("nos"),
        );
        let began = SystemClock.now();
        assent(db, &sink, &["backup", path(&file)]).expect("a backup");
        db.clock.set(SystemClock.now());
        let later = date.after(10 * DAY);
        let mut tx = house.write().await;
        upcoming::withdraw(&mut tx, taken_back).await.unwrap();
        upcoming::postpone(&mut tx, put_off, later).await.unwrap();
        member::remove(&mut tx, leaves).await.unwrap();
        tenant_life::close(&mut tx, "House acme", "they stop writing", GraceDays::default())
            .await
            .unwrap();
        tx.commit().await.unwrap();
        let export = ["nos", "export", path(&nos), "--since", &began.to_string()];
        assent(db, &sink, &export).expect("a list");

        let mut place = elsewhere(db.backend).await;
        let told = assent(&place, &sink, &["restore", path(&file), "--nos", path(&nos)]).expect("a restore");
        place.come_back().await;
        holds(&place).await;
        assert!(
            told.contains("4 noes that were said since hold now; 0 have nothing"),
            "{told}"
        );
        let withdrawn = format!("id = {} AND withdrawn_at IS NOT NULL", place.id(taken_back));
        assert_eq!(place.count("policy_version", &withdrawn).await, 1);
        let dated = format!("id = {} AND effective_at = {}", place.id(put_off), later.micros());
        assert_eq!(place.count("policy_version", &dated).await, 1);
        assert_eq!(
            place.count("member", &format!("id = {}", place.id(leaves))).await,
            0
        );
        assert_eq!(
            place
                .count("tenant", "closed_at IS NOT NULL AND delete_at IS NOT NULL")
                .await,
            1
        );
        place.remove().await;
    }
);
