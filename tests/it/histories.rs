//! The stored facts against the reference model: random lives of many people, on both databases (P01, P10,
//! P18).

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use assent_domain::id::SubscriberId;
use assent_domain::permit::Recipient;
use assent_entity::outcome::Outcome;
use assent_entity::{audience, delivery, facts};
use assent_tests::on_both;

use crate::furnished::FIRST;
use crate::model::Answer;
use crate::town::{CAMPAIGNS, LISTS, Life, POLICIES, Town, needs_consent};

const PEOPLE: usize = 90;
const ACTS_A_VERSION: usize = 4;

impl Town<'_> {
    async fn compare(&self, lives: &[Life]) {
        let tx = self.house.read().await;
        for purpose in ["news", "offers", "bill"] {
            let found = assent_entity::purpose::by_code(&tx, "purpose", purpose)
                .await
                .unwrap();
            let all: Vec<_> = LISTS
                .iter()
                .filter(|list| list.2.contains(&purpose))
                .map(|list| list.0)
                .collect();
            for life in lives {
                let decided = facts::decision(&tx, life.id, &found).await.unwrap();
                let expected = life
                    .model
                    .why_not(&self.world, purpose, needs_consent(purpose), &all);
                let decided = decided.map(|refusal| refusal.to_string());
                assert_eq!(
                    decided.as_deref(),
                    expected,
                    "{purpose} {:?} {:?}",
                    life.model,
                    self.world
                );
            }
        }
        for ((purpose, to), (campaign, _)) in CAMPAIGNS.iter().zip(&self.campaigns) {
            let id = assent_entity::purpose::by_code(&tx, "purpose", purpose)
                .await
                .unwrap()
                .id;
            let audience = audience::of(&tx, *campaign, id).await.unwrap();
            let expected = self.expected(lives, purpose, to);
            let mut refused: BTreeMap<String, u64> = BTreeMap::new();
            for code in expected.values().copied().flatten() {
                *refused.entry(code.to_owned()).or_default() += 1;
            }
            let counted: BTreeMap<_, _> = audience
                .refused
                .iter()
                .map(|(reason, count)| (reason.to_string(), *count))
                .collect();
            assert_eq!(counted, refused, "{purpose} to {to:?}");
            let allowed = expected.values().filter(|code| code.is_none()).count();
            assert_eq!(
                (audience.total, audience.allowed),
                (expected.len() as u64, allowed as u64)
            );
        }
    }

    /// Everybody who ever joined one of these lists, and why not.
    fn expected(
        &self,
        lives: &[Life],
        purpose: &str,
        to: &[&str],
    ) -> BTreeMap<SubscriberId, Option<&'static str>> {
        let mut expected = BTreeMap::new();
        for life in lives
            .iter()
            .filter(|life| to.iter().any(|name| life.model.lists.contains_key(name)))
        {
            expected.insert(
                life.id,
                life.model
                    .why_not(&self.world, purpose, needs_consent(purpose), to),
            );
        }
        expected
    }

    /// Sends every campaign, and compares who got it, and the refusal on every other row.
    async fn send_all(&self, lives: &[Life]) -> usize {
        let mut sent = 0;
        for ((purpose, to), (_, mailing)) in CAMPAIGNS.iter().zip(&self.campaigns) {
            sent += self.house.send(*mailing, Outcome::Sent).await.len();
            let tx = self.house.read().await;
            let rows = delivery::page_of(&tx, *mailing, FIRST).await.unwrap();
            assert!(!rows.has_next);
            let got: BTreeMap<_, _> = rows
                .rows
                .into_iter()
                .map(|(_, row)| {
                    let Recipient::Subscriber(id) = row.recipient else {
                        panic!("campaigns go to subscribers")
                    };
                    let status = row.status.to_string();
                    assert_eq!(status == "SENT", row.refusal.is_none(), "{status}");
                    (id, row.refusal.map(|refusal| refusal.to_string()))
                })
                .collect();
            let expected = self.expected(lives, purpose, to);
            let expected: BTreeMap<_, _> = expected
                .into_iter()
                .map(|(id, code)| (id, code.map(str::to_owned)))
                .collect();
            assert_eq!(got, expected, "{purpose} to {to:?}");
        }
        sent
    }
}

on_both!(p01_stored_lives_are_decided_as_the_promises_say, async |db| {
    let mut town = Town::settle(db, 20_020_101).await;
    let mut lives: Vec<Life> = Vec::new();
    let mut seen = BTreeSet::new();
    for (number, policy) in POLICIES.iter().enumerate() {
        if number > 0 {
            town.house.next_policy(policy).await;
            town.world
                .versions
                .push(policy.iter().map(|(code, _)| *code).collect());
        }
        for person in 0..PEOPLE / POLICIES.len() {
            let email = format!("person{number}-{person}@example.org");
            lives.extend(town.join(None, email).await);
        }
        for _ in 0..ACTS_A_VERSION {
            db.clock.forward(Duration::from_hours(6));
            let mut older = Vec::new();
            for life in lives {
                older.push(town.act(life).await);
            }
            lives = older;
        }
        town.compare(&lives).await;
        for (purpose, to) in CAMPAIGNS {
            seen.extend(town.expected(&lives, purpose, to).into_values());
        }
    }
    assert!(seen.len() > 10, "the lives are too much alike: {seen:?}");
    assert!(
        lives
            .iter()
            .any(|life| life.model.answers.values().any(|a| *a == Answer::TookBack))
    );
    db.clock.forward(Duration::from_hours(24 * 100));
    assert!(town.send_all(&lives).await > 0);
});
