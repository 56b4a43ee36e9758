use proptest::prelude::*;
use strum::IntoEnumIterator;
use uuid::Uuid;

use super::*;
use crate::id::stored;

fn party(in_force: Fields) -> PartyFacts {
    PartyFacts {
        tenant: stored(Uuid::from_u128(1)),
        party: stored(Uuid::from_u128(2)),
        in_force,
    }
}

fn fields() -> impl Strategy<Value = Fields> {
    proptest::collection::btree_set(
        proptest::sample::select(PersonField::iter().collect::<Vec<_>>()),
        0..=3,
    )
}

fn permission() -> impl Strategy<Value = PermissionFact> {
    let states: Vec<_> = ConsentState::iter().collect();
    (proptest::sample::select(states), any::<bool>()).prop_map(|(state, named_by_its_version)| {
        PermissionFact {
            state,
            named_by_its_version,
        }
    })
}

fn person() -> impl Strategy<Value = PersonFacts> {
    let all: Vec<_> = PersonField::iter().collect();
    let permissions = proptest::collection::btree_map(proptest::sample::select(all), permission(), 0..=3);
    (any::<bool>(), permissions, fields()).prop_map(|(restricted, permissions, ordered)| PersonFacts {
        restricted,
        permissions,
        ordered: ordered
            .into_iter()
            .map(|field| (field, stored(Uuid::from_u128(9))))
            .collect(),
    })
}

/// The rule once more, as plainly as it can be said.
fn plainly(party: &PartyFacts, person: &PersonFacts, field: PersonField) -> bool {
    let said_yes = person
        .permissions
        .get(&field)
        .is_some_and(|said| said.state == ConsentState::Given && said.named_by_its_version);
    person.ordered.contains_key(&field) || (party.in_force.contains(&field) && said_yes && !person.restricted)
}

proptest! {
    #[test]
    fn p14_a_field_leaves_only_by_permission_or_order(in_force in fields(), facts in person(), wanted in fields()) {
        let party = party(in_force);
        let of = stored(Uuid::from_u128(3));
        let decision = may_disclose(&party, of, &facts, &wanted);
        let granted: Fields = decision.release.iter().flat_map(|release| release.granted().keys().copied()).collect();
        for field in PersonField::iter() {
            let may = plainly(&party, &facts, field);
            prop_assert_eq!(granted.contains(&field), may && wanted.contains(&field));
            prop_assert_eq!(decision.withheld.contains_key(&field), !may && wanted.contains(&field));
        }
        let is_known = PersonField::iter().any(|field| plainly(&party, &facts, field));
        prop_assert_eq!(decision.release.is_some(), is_known);
    }
}
