//! A circuit: while a mail server refuses all that a tenant sends, or cannot be reached, nothing more is handed to it. One
//! message after each rest finds out whether it does again.
//!
//! What servers say of a recipient never opens one, and whatever is accepted closes it: a campaign does not wait for a
//! few who are refused.

use std::time::Duration;

use crate::clock::Timestamp;

/// So many refusals with nothing accepted between them open a circuit.
pub const REFUSALS_TO_OPEN: u32 = 10;

/// How long whoever tries has for it, before another may.
pub const TRYING: Duration = Duration::from_mins(2);

/// The first rest; each further one is twice as long.
const FIRST_REST: Duration = Duration::from_secs(30);

/// The longest rest.
const LONGEST_REST: Duration = Duration::from_mins(15);

/// What an attempt says of the server, whomever the message was for. The words hold no addresses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sign {
    /// It takes messages.
    Accepts,
    /// Nothing: it spoke of the recipient, or was not asked.
    Silent,
    /// It refused the sender, or broke off. Alone that may be one recipient's server, passed on.
    Refuses(String),
    /// It cannot be reached, or refused before anybody was named: it would refuse everything.
    Shut(String),
}

/// Whether messages may be handed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pass {
    /// As many as there are.
    Free,
    /// One, to find out.
    Try,
    /// None before this time.
    Wait(Timestamp),
}

/// A circuit that lets nothing through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Open {
    /// Since when.
    pub since: Timestamp,
    /// When the next message is tried.
    pub next_try_at: Timestamp,
    /// How often it has rested.
    pub rests: u32,
    /// Whether somebody has begun to find out.
    pub is_tried: bool,
    /// Why, in the server's words where there are any.
    pub reason: String,
}

/// How a tenant stands with a mail server.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Circuit {
    /// How many refusals there were since anything was accepted.
    pub refusals: u32,
    /// What keeps it open, if it is.
    pub open: Option<Open>,
}

/// How long a circuit rests after it has rested so often.
fn rest(rests: u32) -> Duration {
    let doubled = 1_u32.checked_shl(rests).unwrap_or(u32::MAX);
    FIRST_REST.saturating_mul(doubled).min(LONGEST_REST)
}

impl Circuit {
    /// Whether messages may be handed over at `now`.
    pub fn pass(&self, now: Timestamp) -> Pass {
        match &self.open {
            None => Pass::Free,
            Some(open) if now < open.next_try_at => Pass::Wait(open.next_try_at),
            Some(_) => Pass::Try,
        }
    }

    /// The circuit after an attempt.
    #[must_use]
    pub fn after(self, sign: &Sign, now: Timestamp) -> Self {
        match sign {
            Sign::Accepts => Self::default(),
            Sign::Silent => self.still_untried(now),
            Sign::Refuses(reason) => {
                let opens = self.refusals.saturating_add(1) >= REFUSALS_TO_OPEN;
                self.refused(reason, opens, now)
            }
            Sign::Shut(reason) => self.refused(reason, true, now),
        }
    }

    /// Whoever tried learned nothing: the next may try at once.
    fn still_untried(self, now: Timestamp) -> Self {
        let open = self.open.map(|open| Open {
            next_try_at: if open.is_tried { now } else { open.next_try_at },
            is_tried: false,
            ..open
        });
        Self { open, ..self }
    }

    fn refused(self, reason: &str, opens: bool, now: Timestamp) -> Self {
        let refusals = self.refusals.saturating_add(1);
        let rests = |since, rests| Open {
            since,
            next_try_at: now.after(rest(rests)),
            rests: rests.saturating_add(1),
            is_tried: false,
            reason: reason.to_owned(),
        };
        let open = match self.open {
            None if opens => Some(rests(now, 0)),
            None => None,
            // What was in flight when it opened says nothing new.
            Some(open) if !open.is_tried && now < open.next_try_at => Some(open),
            Some(open) => Some(rests(open.since, open.rests)),
        };
        Self { refusals, open }
    }

    /// The circuit while somebody finds out: others wait meanwhile.
    #[must_use]
    pub fn tried(self, now: Timestamp) -> Self {
        let open = self.open.map(|open| Open {
            next_try_at: now.after(TRYING),
            is_tried: true,
            ..open
        });
        Self { open, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_micros(1_000_000_000_000);

    fn refused(times: u32) -> Circuit {
        let no = Sign::Refuses("550 5.7.1 go away".to_owned());
        (0..times).fold(Circuit::default(), |circuit, _| circuit.after(&no, NOW))
    }

    fn shut() -> Sign {
        Sign::Shut("nobody listens".to_owned())
    }

    #[test]
    fn a_try_that_says_nothing_of_the_server_is_made_again_with_another_at_once() {
        let rested = NOW.after(Duration::from_mins(1));
        let trying = refused(REFUSALS_TO_OPEN).tried(rested);
        assert_eq!(trying.pass(rested), Pass::Wait(rested.after(TRYING)));
        assert_eq!(trying.after(&Sign::Silent, rested).pass(rested), Pass::Try);
        let open = refused(REFUSALS_TO_OPEN);
        assert_eq!(open.clone().after(&Sign::Silent, NOW), open, "a rest goes on");
    }

    #[test]
    fn it_opens_after_several_refusals_in_a_row_and_not_before() {
        assert_eq!(refused(REFUSALS_TO_OPEN - 1).pass(NOW), Pass::Free);
        let open = refused(REFUSALS_TO_OPEN);
        assert_eq!(open.pass(NOW), Pass::Wait(NOW.after(FIRST_REST)));
        assert_eq!(open.open.expect("open").reason, "550 5.7.1 go away");
    }

    #[test]
    fn whatever_is_accepted_closes_it_and_what_is_said_of_recipients_changes_nothing() {
        let nearly = refused(REFUSALS_TO_OPEN - 1);
        assert_eq!(nearly.clone().after(&Sign::Silent, NOW), nearly);
        assert_eq!(nearly.after(&Sign::Accepts, NOW), Circuit::default());
        assert_eq!(refused(50).after(&Sign::Accepts, NOW), Circuit::default());
    }

    #[test]
    fn a_server_that_is_shut_opens_it_at_once() {
        let open = Circuit::default().after(&shut(), NOW);
        assert_eq!(open.pass(NOW), Pass::Wait(NOW.after(FIRST_REST)));
    }

    #[test]
    fn one_tries_after_each_rest_which_grows_to_a_quarter_of_an_hour() {
        let (mut circuit, mut now) = (refused(REFUSALS_TO_OPEN), NOW);
        for rested in [30, 60, 120, 240, 480, 900, 900] {
            let due = now.after(Duration::from_secs(rested));
            assert_eq!(circuit.pass(now), Pass::Wait(due));
            assert_eq!(circuit.pass(due), Pass::Try);
            circuit = circuit.tried(due);
            assert_eq!(
                circuit.pass(due),
                Pass::Wait(due.after(TRYING)),
                "one, not several"
            );
            now = due.after(Duration::from_secs(1));
            circuit = circuit.after(&shut(), now);
            assert_eq!(circuit.open.as_ref().expect("open").since, NOW);
        }
    }

    #[test]
    fn what_was_in_flight_when_it_opened_makes_no_rest_longer() {
        let open = refused(REFUSALS_TO_OPEN);
        assert_eq!(open.clone().open, refused(REFUSALS_TO_OPEN + 20).open);
        let dead = open.tried(NOW.after(FIRST_REST));
        let later = NOW.after(FIRST_REST).after(TRYING);
        assert_eq!(dead.pass(later), Pass::Try, "whoever tried has died");
    }
}
