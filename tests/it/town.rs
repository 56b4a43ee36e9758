//! A town of random people: what they do, done both to the store, through the functions that forms, links and
//! bounces call, and to the reference model.

use std::collections::BTreeMap;
use std::time::Duration;

use assent_domain::clock::Timestamp;
use assent_domain::id::{CampaignId, MailingId, MailingListId, OptInId, SubscriberId};
use assent_domain::mailing_list::OptIn;
use assent_domain::purpose::PurposeKind;
use assent_domain::suppression::SuppressionReason;
use assent_entity::collection_point::CollectionPoint;
use assent_entity::opt_in::Joined;
use assent_entity::preferences;
use assent_tests::house::Purposes;
use assent_tests::people::request;
use assent_tests::{House, TestStore};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};

use crate::model::{OnList, Person, World};

/// The lists: name, whether one confirms, purposes. Each has a form of its own.
pub(crate) const LISTS: &[(&str, OptIn, &[&str])] = &[
    ("news", OptIn::Double, &["news"]),
    ("both", OptIn::Double, &["news", "offers"]),
    ("quick", OptIn::Single, &["news"]),
    ("bills", OptIn::Double, &["bill"]),
];

/// The campaigns: purpose and lists.
pub(crate) const CAMPAIGNS: &[(&str, &[&str])] = &[
    ("news", &["news", "both"]),
    ("news", &["quick"]),
    ("offers", &["both"]),
    ("bill", &["bills"]),
];

pub(crate) const POLICIES: &[Purposes<'static>] = &[
    &[
        ("news", PurposeKind::Marketing),
        ("offers", PurposeKind::Marketing),
        ("bill", PurposeKind::Essential),
    ],
    &[("offers", PurposeKind::Marketing)],
    &[("news", PurposeKind::Marketing), ("bill", PurposeKind::Essential)],
];

pub(crate) fn needs_consent(purpose: &str) -> bool {
    purpose != "bill"
}

/// Something to confirm, as the model keeps it.
struct Asked {
    id: OptInId,
    form: usize,
    chosen: Vec<&'static str>,
    until: Timestamp,
    done: bool,
}

/// A person, as the store knows them and as the model does.
pub(crate) struct Life {
    pub(crate) id: SubscriberId,
    email: String,
    pub(crate) model: Person,
    asked: Vec<Asked>,
}

/// The tenant, its lists, forms and campaigns, and what the policy said.
pub(crate) struct Town<'a> {
    pub(crate) house: House<'a>,
    forms: Vec<CollectionPoint>,
    lists: BTreeMap<&'static str, MailingListId>,
    pub(crate) campaigns: Vec<(CampaignId, MailingId)>,
    pub(crate) world: World,
    rng: StdRng,
}

impl Town<'_> {
    /// A town without people.
    pub(crate) async fn settle(db: &TestStore, seed: u64) -> Town<'_> {
        let house = db.bare_house("acme").await;
        house.first_policy(POLICIES[0]).await;
        let (mut forms, mut lists) = (Vec::new(), BTreeMap::new());
        for (name, opt_in, purposes) in LISTS {
            let list = house.list(name, *opt_in, purposes).await;
            let choices: Vec<_> = purposes
                .iter()
                .copied()
                .filter(|code| needs_consent(code))
                .collect();
            forms.push(house.form(name, &[list], &choices).await);
            lists.insert(*name, list);
        }
        let mut campaigns = Vec::new();
        for (purpose, to) in CAMPAIGNS {
            let to: Vec<_> = to.iter().map(|name| lists[name]).collect();
            let campaign = house.campaign(purpose, &to).await;
            // Far ahead: the mailing is there to opt out of, and is sent at the end of the story.
            house.schedule(campaign, Duration::from_hours(24 * 100)).await;
            campaigns.push((campaign, house.mailing_of(campaign).await));
        }
        let world = World {
            versions: vec![POLICIES[0].iter().map(|(code, _)| *code).collect()],
            closed: false,
        };
        let rng = StdRng::seed_from_u64(seed);
        Town {
            house,
            forms,
            lists,
            campaigns,
            world,
            rng,
        }
    }

    /// Sends a form; the first time, the person comes into being.
    pub(crate) async fn join(&mut self, life: Option<Life>, email: String) -> Option<Life> {
        let form = self.rng.random_range(0..LISTS.len());
        let (name, opt_in, purposes) = LISTS[form];
        let offered: Vec<_> = purposes
            .iter()
            .copied()
            .filter(|code| needs_consent(code))
            .collect();
        let mut chosen = offered.clone();
        chosen.retain(|_| self.rng.random_bool(0.7));
        let answers: Vec<_> = offered
            .iter()
            .map(|code| (*code, chosen.contains(code)))
            .collect();
        let sent = self
            .house
            .send_form(&self.forms[form], &request(&email, &answers))
            .await;
        if chosen.is_empty() && !offered.is_empty() {
            assert!(sent.is_err(), "a form without a choice is not taken");
            return life;
        }
        let (joined, id) = sent.unwrap();
        let held = |model: &Person| model.wants_no_mail || model.complained || model.bounced;
        if life.as_ref().is_some_and(|life| held(&life.model)) {
            assert!(matches!(joined, Joined::Refused(_)));
            return life;
        }
        let collected = self.world.in_force();
        let mut life = life.unwrap_or(Life {
            id: id.unwrap(),
            email,
            model: Person {
                collected,
                ..Person::default()
            },
            asked: Vec::new(),
        });
        let single = opt_in == OptIn::Single;
        for code in offered {
            match (chosen.contains(&code), single) {
                (true, true) => life.model.is_signed_up(code, collected),
                (true, false) => life.model.is_asked(code),
                (false, _) => life.model.is_left_out(code),
            }
        }
        let agreed = chosen.iter().all(|code| life.model.has_said_yes(code));
        let left = life.model.lists.get(name) == Some(&OnList::Left);
        if single && agreed && !left {
            life.model.lists.insert(name, OnList::On);
        } else {
            life.model.lists.entry(name).or_insert(OnList::Waiting);
        }
        let settled = agreed && life.model.lists[name] == OnList::On;
        assert_eq!(
            joined == Joined::ConfirmationSent,
            !settled,
            "{name} {:?}",
            life.model
        );
        if !settled {
            let id = self.house.newest_opt_in(life.id).await;
            let until = self.house.db.store.now().after(Duration::from_hours(7 * 24));
            life.asked.push(Asked {
                id,
                form,
                chosen,
                until,
                done: false,
            });
        }
        Some(life)
    }

    /// Follows the link of any confirmation mail that the person ever got.
    async fn confirm(&mut self, life: &mut Life) {
        let Some(asked) = life.asked.iter_mut().rev().find(|_| self.rng.random_bool(0.7)) else {
            return;
        };
        self.house.confirm(life.id, asked.id).await.unwrap();
        let too_late = self.house.db.store.now() > asked.until;
        if asked.done || too_late || life.model.wants_no_mail || life.model.complained {
            return;
        }
        asked.done = true;
        (life.model.bounced, life.model.erased) = (false, false);
        for code in asked.chosen.iter().filter(|code| self.world.in_force_names(code)) {
            life.model.says_yes(code, self.world.in_force());
        }
        life.model.lists.insert(LISTS[asked.form].0, OnList::On);
    }

    async fn save_preferences(&mut self, life: &mut Life) {
        let codes = ["news", "offers"];
        let wanted: Vec<_> = codes.into_iter().filter(|_| self.rng.random_bool(0.5)).collect();
        let kept: Vec<_> = LISTS
            .iter()
            .map(|list| list.0)
            .filter(|_| self.rng.random_bool(0.6))
            .collect();
        let ids: Vec<_> = kept.iter().map(|name| self.lists[name]).collect();
        self.house.choose(life.id, &wanted, &ids).await;
        for code in codes.into_iter().filter(|code| self.world.in_force_names(code)) {
            if wanted.contains(&code) {
                life.model.says_yes(code, self.world.in_force());
            } else {
                life.model.says_no(code);
            }
        }
        for (name, standing) in &mut life.model.lists {
            *standing = if kept.contains(name) {
                OnList::On
            } else {
                OnList::Left
            };
        }
    }

    async fn unsubscribe(&mut self, life: &mut Life) {
        let number = self.rng.random_range(0..CAMPAIGNS.len());
        let (purpose, to) = CAMPAIGNS[number];
        let mut tx = self.house.write().await;
        preferences::unsubscribe(&mut tx, life.id, self.campaigns[number].1)
            .await
            .unwrap();
        tx.commit().await.unwrap();
        for name in to {
            life.model
                .lists
                .entry(name)
                .and_modify(|standing| *standing = OnList::Left);
        }
        let mut for_it = LISTS
            .iter()
            .filter(|(_, _, purposes)| purposes.contains(&purpose));
        let remains = for_it.any(|(name, ..)| life.model.lists.get(name) == Some(&OnList::On));
        if needs_consent(purpose) && !remains {
            life.model.says_no(purpose);
        }
    }

    /// One thing that happens to a person, by chance.
    pub(crate) async fn act(&mut self, mut life: Life) -> Life {
        match self.rng.random_range(0..20) {
            0..5 => {
                let email = life.email.clone();
                life = self.join(Some(life), email).await.unwrap();
            }
            5..11 => self.confirm(&mut life).await,
            11..14 => self.save_preferences(&mut life).await,
            14..16 => self.unsubscribe(&mut life).await,
            16 => {
                self.house.opt_out_of_all(life.id).await;
                life.model.wants_no_mail = true;
            }
            17 => {
                let mut tx = self.house.write().await;
                preferences::come_back(&mut tx, life.id).await.unwrap();
                tx.commit().await.unwrap();
                (life.model.wants_no_mail, life.model.complained) = (false, false);
            }
            18 => {
                use SuppressionReason::{
                    Complained, Erased, HardBounced, HeldByOperator, Listed, OptedOutOfAll,
                };
                let reason = *[OptedOutOfAll, Complained, Erased, HardBounced]
                    .choose(&mut self.rng)
                    .unwrap();
                self.house.suppress(life.id, reason).await;
                match reason {
                    OptedOutOfAll => life.model.wants_no_mail = true,
                    Complained => life.model.complained = true,
                    Erased => life.model.erased = true,
                    HardBounced => life.model.bounced = true,
                    Listed | HeldByOperator => unreachable!("not chosen above"),
                }
            }
            _ if self.rng.random_bool(0.3) => {
                let restrict = format!(
                    "UPDATE subscriber SET restricted_at = 1 WHERE id = {}",
                    self.house.db.id(life.id)
                );
                self.house.db.exec(&restrict).await.unwrap();
                life.model.restricted = true;
            }
            _ => {}
        }
        life
    }
}
