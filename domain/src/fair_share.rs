//! How tenants share the places among the workers: by weight, whoever has how much to do.

/// A tenant with work that is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claimant {
    /// Its weight: with 3 it gets three times the places of one with 1.
    pub weight: u32,
    /// The places that it has.
    pub has: u32,
    /// How many more it could use.
    pub wants: u32,
}

/// How many of the free places each gets. One place after the other goes to whoever has the fewest for its weight; of those
/// that are equal, to the next from `turn` on, so that the same is not always first.
pub fn shares(claimants: &[Claimant], places: u32, turn: usize) -> Vec<u32> {
    let mut given = vec![0_u32; claimants.len()];
    for _ in 0..places {
        let order = (0..claimants.len()).map(|at| (at + turn) % claimants.len());
        let ranked = order.filter_map(|at| {
            let (claimant, given) = (claimants.get(at)?, given.get(at)?);
            let next = u64::from(claimant.has + given + 1) * 1_000_000 / u64::from(claimant.weight.max(1));
            (*given < claimant.wants).then_some((next, at))
        });
        // The first of equals.
        let Some((_, next)) = ranked.min_by_key(|(rank, _)| *rank) else {
            break;
        };
        if let Some(given) = given.get_mut(next) {
            *given += 1;
        }
    }
    given
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claimant(weight: u32, has: u32, wants: u32) -> Claimant {
        Claimant { weight, has, wants }
    }

    #[test]
    fn places_go_by_weight_whoever_wants_how_many() {
        let all = [claimant(1, 0, 1000), claimant(1, 0, 2), claimant(1, 0, 1000)];
        assert_eq!(shares(&all, 8, 0), [3, 2, 3]);
        assert_eq!(shares(&[claimant(3, 0, 100), claimant(1, 0, 100)], 8, 0), [6, 2]);
        assert_eq!(shares(&[claimant(1, 1, 0), claimant(1, 0, 3)], 8, 0), [0, 3]);
    }

    #[test]
    fn whoever_has_places_waits_for_those_who_have_none() {
        assert_eq!(shares(&[claimant(1, 7, 100), claimant(1, 0, 100)], 1, 0), [0, 1]);
        assert_eq!(shares(&[claimant(1, 7, 100), claimant(1, 6, 100)], 3, 0), [1, 2]);
    }

    #[test]
    fn of_equals_the_same_is_not_always_first() {
        let equals = [claimant(1, 0, 9), claimant(1, 0, 9)];
        assert_eq!(shares(&equals, 1, 0), [1, 0]);
        assert_eq!(shares(&equals, 1, 1), [0, 1]);
        assert!(shares(&[], 3, 5).is_empty());
    }
}
