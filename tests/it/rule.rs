//! The one rule against the reference model, over random histories of one person (P01, P10, P18).

use std::collections::BTreeSet;

use assent_domain::clock::Timestamp;
use assent_domain::consent::{ConsentSource, ConsentState, transition};
use assent_domain::id::{DeliveryId, SubscriberId, new_id};
use assent_domain::mailing_list::SubscriptionState;
use assent_domain::permit::{
    Addressee, ConsentFact, MessageFacts, Recipient, RecipientFacts, Refusal, may_send, refusal,
};
use assent_domain::suppression::{MessageKind, SuppressionReason, Suppressions};
use assent_domain::tenant::TenantStatus;
use assent_domain::tenant_life::{GraceDays, TenantLife};
use assent_tests::house::address;
use proptest::prelude::*;
use strum::IntoEnumIterator;

use crate::model::{OnList, Person, World};

const NEWS: &str = "news";
const LIST: &str = "list";

/// Something that happens to a person, or to the policy they came under.
#[derive(Clone, Copy, Debug)]
enum Event {
    VersionTakesEffect { names_it: bool },
    StrangerAsks,
    StrangerLeavesOut,
    StrangerSignsUp,
    SaysYes,
    SaysYesOnceMore,
    SaysNo,
    TimeIsOver,
    ChoreRuns,
    JoinsList,
    LeavesList,
    Suppressed(SuppressionReason),
    ComesBack,
    Restricted,
    TenantCloses,
    TenantReopens,
}

fn event() -> impl Strategy<Value = Event> {
    use SuppressionReason::{Complained, Erased, HardBounced, HeldByOperator, Listed, OptedOutOfAll};
    prop_oneof![
        3 => any::<bool>().prop_map(|names_it| Event::VersionTakesEffect { names_it }),
        3 => Just(Event::StrangerAsks),
        1 => Just(Event::StrangerLeavesOut),
        2 => Just(Event::StrangerSignsUp),
        4 => Just(Event::SaysYes),
        1 => Just(Event::SaysYesOnceMore),
        2 => Just(Event::SaysNo),
        2 => Just(Event::TimeIsOver),
        1 => Just(Event::ChoreRuns),
        5 => Just(Event::JoinsList),
        1 => Just(Event::LeavesList),
        1 => prop::sample::select(vec![OptedOutOfAll, Complained, Erased, HardBounced, Listed, HeldByOperator])
            .prop_map(Event::Suppressed),
        2 => Just(Event::ComesBack),
        1 => Just(Event::Restricted),
        1 => Just(Event::TenantCloses),
        2 => Just(Event::TenantReopens),
    ]
}

/// What the code under test makes of a history.
struct Folded {
    versions: Vec<bool>,
    suppressions: Suppressions,
    restricted: bool,
    subscription: Option<SubscriptionState>,
    consent: Option<(ConsentState, usize)>,
    /// Whether the time of a yes is over. The chore that records it may come much later.
    is_over: bool,
    life: TenantLife,
}

impl Folded {
    fn answer(&mut self, wanted: ConsentState, source: ConsentSource) {
        let current = self.consent.map(|(state, _)| state);
        let counted = match current {
            Some(ConsentState::Given) if self.is_over => Some(ConsentState::Expired),
            current => current,
        };
        if let Some(next) = transition(counted, wanted, source) {
            self.consent = Some((next, self.versions.len() - 1));
            self.is_over = false;
        }
    }

    fn take(&mut self, event: Event) {
        match event {
            Event::VersionTakesEffect { names_it } => self.versions.push(names_it),
            Event::StrangerAsks => {
                self.answer(ConsentState::Requested, ConsentSource::Form);
                self.subscription = Some(SubscriptionState::after_request(self.subscription));
            }
            Event::StrangerLeavesOut => self.answer(ConsentState::Refused, ConsentSource::Form),
            Event::StrangerSignsUp => self.answer(ConsentState::Given, ConsentSource::Api),
            Event::SaysYes => self.answer(ConsentState::Given, ConsentSource::Confirmation),
            Event::SaysYesOnceMore => self.answer(ConsentState::Given, ConsentSource::RenewalPage),
            Event::SaysNo => self.answer(ConsentState::Withdrawn, ConsentSource::PreferencePage),
            Event::TimeIsOver => {
                self.is_over = self
                    .consent
                    .is_some_and(|(state, _)| state == ConsentState::Given);
            }
            Event::ChoreRuns => {
                if self.is_over {
                    self.consent = Some((ConsentState::Expired, self.versions.len() - 1));
                }
            }
            Event::JoinsList => self.subscription = Some(SubscriptionState::Active),
            Event::LeavesList => self.subscription = Some(SubscriptionState::Ended),
            Event::Suppressed(reason) => self.suppressions = self.suppressions.with(reason),
            Event::ComesBack => self.suppressions = Suppressions::NONE,
            Event::Restricted => self.restricted = true,
            Event::TenantCloses => {
                if let Ok(closing) = self.life.close(Timestamp::from_micros(0), GraceDays::default()) {
                    self.life = TenantLife::Closing(closing);
                }
            }
            Event::TenantReopens => {
                if self.life.reopen(Timestamp::from_micros(1)).is_ok() {
                    self.life = TenantLife::Open;
                }
            }
        }
    }

    fn facts(&self) -> RecipientFacts {
        RecipientFacts {
            suppressions: self.suppressions,
            restricted: self.restricted,
            subscription: self.subscription,
            consent: self.consent.map(|(state, version)| ConsentFact {
                state,
                named_by_its_version: self.versions[version],
                is_over: self.is_over,
            }),
            collected_for_purpose: self.versions[0],
            already_sent: false,
            has_answered: false,
        }
    }
}

fn tell(model: &mut Person, world: &mut World, event: Event) {
    let now = world.in_force();
    match event {
        Event::VersionTakesEffect { names_it } => {
            world.versions.push(if names_it {
                BTreeSet::from([NEWS])
            } else {
                BTreeSet::new()
            });
        }
        Event::StrangerAsks => {
            model.is_asked(NEWS);
            model.lists.entry(LIST).or_insert(OnList::Waiting);
        }
        Event::StrangerLeavesOut => model.is_left_out(NEWS),
        Event::StrangerSignsUp => model.is_signed_up(NEWS, now),
        Event::SaysYes => model.says_yes(NEWS, now),
        Event::SaysYesOnceMore => model.says_yes_once_more(NEWS, now),
        Event::SaysNo => model.says_no(NEWS),
        Event::TimeIsOver => model.runs_out(NEWS),
        Event::ChoreRuns => {}
        Event::JoinsList => drop(model.lists.insert(LIST, OnList::On)),
        Event::LeavesList => drop(model.lists.insert(LIST, OnList::Left)),
        Event::Suppressed(SuppressionReason::OptedOutOfAll) => model.wants_no_mail = true,
        Event::Suppressed(SuppressionReason::Complained) => model.complained = true,
        Event::Suppressed(SuppressionReason::Erased) => model.erased = true,
        Event::Suppressed(SuppressionReason::HardBounced) => model.bounced = true,
        Event::Suppressed(SuppressionReason::Listed) => model.listed = true,
        Event::Suppressed(SuppressionReason::HeldByOperator) => model.held = true,
        Event::ComesBack => {
            (model.wants_no_mail, model.complained, model.erased, model.bounced) =
                (false, false, false, false);
            (model.listed, model.held) = (false, false);
        }
        Event::Restricted => model.restricted = true,
        Event::TenantCloses => world.closed = true,
        Event::TenantReopens => world.closed = false,
    }
}

fn message(
    life: TenantLife,
    status: TenantStatus,
    kind: MessageKind,
    purpose_in_force: bool,
) -> MessageFacts {
    let at = Timestamp::from_micros(0);
    MessageFacts {
        tenant: new_id::<assent_domain::id::Tenant>(at),
        tenant_life: life,
        tenant_status: status,
        purpose: new_id::<assent_domain::id::Purpose>(at),
        kind,
        purpose_in_force,
        content_in_policy: true,
        is_too_late: false,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn p10_the_rule_says_what_the_promises_say_over_random_histories(
        first_names_it in prop::bool::weighted(0.8),
        events in prop::collection::vec(event(), 0..16),
        needs_consent in prop::bool::weighted(0.8),
    ) {
        let mut world = World::default();
        world.versions.push(if first_names_it { BTreeSet::from([NEWS]) } else { BTreeSet::new() });
        let mut model = Person::default();
        let mut folded = Folded {
            versions: vec![first_names_it],
            suppressions: Suppressions::NONE,
            restricted: false,
            subscription: None,
            consent: None,
            is_over: false,
            life: TenantLife::Open,
        };
        for event in &events {
            folded.take(*event);
            tell(&mut model, &mut world, *event);
        }
        let kind = if needs_consent { MessageKind::Marketing } else { MessageKind::Essential };
        let message = message(
            folded.life,
            TenantStatus::Active,
            kind,
            folded.versions[folded.versions.len() - 1],
        );
        let expected = model.why_not(&world, NEWS, needs_consent, &[LIST]);
        let decided = refusal(&message, folded.facts()).map(|refusal| refusal.to_string());
        prop_assert_eq!(decided.as_deref(), expected, "{:?} {:?}", events, model);
    }

    #[test]
    fn p18_a_permit_is_given_exactly_where_there_is_no_refusal_and_lasts_a_second(
        events in prop::collection::vec(event(), 0..10),
        age in 0_i64..2_000_000,
    ) {
        let mut folded = Folded {
            versions: vec![true],
            suppressions: Suppressions::NONE,
            restricted: false,
            subscription: None,
            consent: None,
            is_over: false,
            life: TenantLife::Open,
        };
        for event in &events {
            folded.take(*event);
        }
        let message = message(folded.life, TenantStatus::Active, MessageKind::Marketing, true);
        let (refused, at) = (refusal(&message, folded.facts()), Timestamp::from_micros(5_000_000));
        let (delivery, person): (DeliveryId, SubscriberId) = (new_id(at), new_id(at));
        let recipient = Recipient::Subscriber(person);
        let addressee = Addressee { delivery, recipient, address: address("ann@example.org") };
        match may_send(&message, folded.facts(), addressee, at) {
            Ok(permit) => {
                prop_assert_eq!(refused, None);
                let now = Timestamp::from_micros(at.micros() + age);
                prop_assert_eq!(permit.redeem(now).is_ok(), age <= 1_000_000);
            }
            Err(reason) => prop_assert_eq!(refused, Some(reason)),
        }
    }
}

#[test]
fn nothing_leaves_a_tenant_that_was_stopped_or_closed() {
    let sent = RecipientFacts {
        suppressions: Suppressions::NONE,
        restricted: false,
        subscription: Some(SubscriptionState::Active),
        consent: Some(ConsentFact {
            state: ConsentState::Given,
            named_by_its_version: true,
            is_over: false,
        }),
        collected_for_purpose: true,
        already_sent: false,
        has_answered: false,
    };
    let (at, active) = (Timestamp::from_micros(0), TenantStatus::Active);
    let closing = TenantLife::Open.close(at, GraceDays::default()).unwrap();
    for kind in MessageKind::iter() {
        let ask = |life, status| refusal(&message(life, status, kind, true), sent);
        assert_eq!(ask(TenantLife::Open, active), None);
        let stopped = ask(TenantLife::Open, TenantStatus::Suspended);
        assert_eq!(stopped, Some(Refusal::TenantSuspended));
        for life in [
            TenantLife::Closing(closing),
            TenantLife::Deleting { since: at },
            TenantLife::Deleted { at },
        ] {
            assert_eq!(ask(life, active), Some(Refusal::TenantClosed), "{kind} {life:?}");
        }
        let again = refusal(
            &message(TenantLife::Open, active, kind, true),
            RecipientFacts {
                already_sent: true,
                ..sent
            },
        );
        assert_eq!(again, Some(Refusal::AlreadySent));
    }
}

#[test]
fn mail_about_a_sign_in_goes_to_colleagues_and_nothing_else_goes_to_who_is_invited() {
    let at = Timestamp::from_micros(0);
    let nobody_asked = RecipientFacts {
        suppressions: Suppressions::NONE,
        restricted: false,
        subscription: None,
        consent: None,
        collected_for_purpose: false,
        already_sent: false,
        has_answered: false,
    };
    let ask = |kind, recipient| {
        let addressee = Addressee {
            delivery: new_id(at),
            recipient,
            address: address("ann@example.org"),
        };
        let message = message(TenantLife::Open, TenantStatus::Active, kind, false);
        may_send(&message, nobody_asked, addressee, at).err()
    };
    let subscriber = || Recipient::Subscriber(new_id(at));
    let (member, invitee) = (
        || Recipient::Member(new_id(at)),
        || Recipient::Invitee(new_id(at)),
    );
    assert_eq!(
        ask(MessageKind::Account, member()),
        None,
        "whatever the policy says"
    );
    assert_eq!(ask(MessageKind::Account, invitee()), None);
    assert_eq!(ask(MessageKind::Account, subscriber()), Some(Refusal::NotAMember));
    for kind in MessageKind::iter().filter(|kind| *kind != MessageKind::Account) {
        assert_eq!(ask(kind, invitee()), Some(Refusal::NotAMember), "{kind}");
    }
}
