//! How many messages are claimed of which it is not recorded what became of them: so many become unknown if the process dies.

use std::sync::Mutex;

use tokio::sync::Notify;
use tokio::sync::futures::Notified;

/// The count.
#[derive(Default)]
pub(super) struct Ledger {
    state: Mutex<State>,
    moved: Notify,
}

#[derive(Default)]
struct State {
    /// Claimed, and in no turn.
    out: usize,
    /// What turns that are not over have in them: what they record, or what they claim, if that is more. Either is there
    /// before it is over, and the other after.
    in_turns: usize,
    has_lost: bool,
}

/// A turn that is not over.
#[must_use]
pub(crate) struct Turn {
    /// How many messages it may claim.
    pub(crate) room: usize,
    weight: usize,
}

impl Ledger {
    fn change<T: Default>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        // Nobody panics with this in their hands.
        self.state
            .lock()
            .map(|mut state| change(&mut state))
            .unwrap_or_default()
    }

    fn see<T: Default>(&self, see: impl FnOnce(&State) -> T) -> T {
        self.state.lock().map(|state| see(&state)).unwrap_or_default()
    }

    /// Begins a turn that records `ended` messages and claims `share` at most, so that there are never more than `most`.
    pub(super) fn begin_turn(&self, ended: usize, most: usize, share: usize) -> Turn {
        let (room, weight) = self.change(|state| {
            state.out = state.out.saturating_sub(ended);
            let room = most.saturating_sub(state.out + state.in_turns).min(share);
            let weight = room.max(ended);
            state.in_turns += weight;
            (room, weight)
        });
        Turn { room, weight }
    }

    pub(super) fn end_turn(&self, turn: Turn, claimed: usize) {
        self.change(|state| {
            state.in_turns = state.in_turns.saturating_sub(turn.weight);
            state.out += claimed;
        });
        // A turn in which nothing was done wakes nobody, or two who wait would wake each other for ever.
        if turn.weight > 0 {
            self.moved.notify_waiters();
        }
    }

    /// One that is out will not come back.
    pub(super) fn lose(&self) {
        self.change(|state| {
            state.out = state.out.saturating_sub(1);
            state.has_lost = true;
        });
        self.moved.notify_waiters();
    }

    pub(super) fn out(&self) -> usize {
        self.see(|state| state.out)
    }

    pub(super) fn has_lost(&self) -> bool {
        self.see(|state| state.has_lost)
    }

    pub(super) fn is_idle(&self) -> bool {
        self.see(|state| state.out == 0 && state.in_turns == 0)
    }

    /// Ends when a turn is over next, or a message is lost.
    pub(super) fn moved(&self) -> Notified<'_> {
        self.moved.notified()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn turns_at_the_same_time_never_claim_more_than_there_may_be() {
        let ledger = Ledger::default();
        let first = ledger.begin_turn(0, 20, 10);
        let second = ledger.begin_turn(0, 20, 10);
        let third = ledger.begin_turn(0, 20, 10);
        assert_eq!((first.room, second.room, third.room), (10, 10, 0));
        ledger.end_turn(third, 0);
        ledger.end_turn(first, 10);
        ledger.end_turn(second, 10);
        assert_eq!(ledger.out(), 20);
        // Ten that ended are out until that is recorded: nobody else takes their places before.
        let recording = ledger.begin_turn(10, 20, 4);
        let other = ledger.begin_turn(2, 20, 10);
        assert_eq!((recording.room, other.room), (4, 2));
        ledger.end_turn(recording, 4);
        ledger.end_turn(other, 2);
        assert_eq!(ledger.begin_turn(0, 20, 10).room, 6);
    }

    #[test]
    fn it_is_idle_when_nothing_is_out_and_no_turn_may_claim() {
        let ledger = Ledger::default();
        assert!(ledger.is_idle());
        let turn = ledger.begin_turn(0, 2, 1);
        assert!(!ledger.is_idle());
        ledger.end_turn(turn, 1);
        assert!(!ledger.is_idle());
        ledger.lose();
        assert!(ledger.is_idle() && ledger.has_lost());
    }
}
