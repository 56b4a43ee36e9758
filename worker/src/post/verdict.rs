//! What an attempt amounts to: what becomes of its delivery, and what it says of the server.

use assent_domain::address::EmailAddress;
use assent_domain::circuit::Sign;
use assent_domain::clock::Timestamp;
use assent_domain::id::DeliveryId;
use assent_entity::bounce::Said;
use assent_entity::claim::Claim;
use assent_entity::outcome::{Ended, Outcome};

use crate::bounce::refusal::{self, Heard};
use crate::smtp::{Permanence, Reply, SendOutcome, Stage};

/// What became of a message, in the words of the server or ours.
pub(super) struct Verdict {
    outcome: Outcome,
    reply_code: Option<u16>,
    enhanced_status: Option<String>,
    reply: String,
    said: Option<Said>,
    pub(super) sign: Sign,
}

/// Of which attempt a verdict is.
#[derive(Clone, Copy)]
pub(super) struct Attempt {
    delivery: DeliveryId,
    number: i32,
    tries: i32,
    started_at: Timestamp,
}

impl From<&Claim> for Attempt {
    fn from(claim: &Claim) -> Self {
        Self {
            delivery: claim.permit.delivery(),
            number: claim.attempt,
            tries: claim.tries,
            started_at: claim.started_at,
        }
    }
}

impl Verdict {
    /// What we say ourselves: it says nothing of the server.
    pub(super) fn ours(outcome: Outcome, reply: String) -> Self {
        Self {
            outcome,
            reply_code: None,
            enhanced_status: None,
            reply,
            said: None,
            sign: Sign::Silent,
        }
    }

    /// The built-in mailbox kept it.
    pub(super) fn kept() -> Self {
        Self {
            sign: Sign::Accepts,
            ..Self::ours(Outcome::Sent, "kept in the mailbox".to_owned())
        }
    }

    /// What a server said. `is_last` says that no attempt is left.
    pub(super) async fn of(outcome: SendOutcome, is_last: bool) -> Self {
        match outcome {
            SendOutcome::Accepted { reply } => Self {
                sign: Sign::Accepts,
                ..Self::replied(Outcome::Sent, reply)
            },
            SendOutcome::Lost {
                after_data,
                stage,
                detail,
            } => {
                let outcome = if after_data {
                    Outcome::Unknown
                } else {
                    Outcome::TryLater
                };
                let words = format!("{stage}: {detail}");
                Self {
                    sign: Sign::Refuses(words.clone()),
                    ..Self::ours(outcome, words)
                }
            }
            SendOutcome::Rejected {
                permanence,
                stage,
                reply,
            } => Self::refused(permanence, stage, reply, is_last).await,
        }
    }

    async fn refused(permanence: Permanence, stage: Stage, reply: Reply, is_last: bool) -> Self {
        let heard = refusal::hear(permanence, stage, &reply).await;
        let is_permanent = permanence == Permanence::Permanent;
        let outcome = match (stage, is_permanent) {
            (Stage::Local, _) => Outcome::Rejected,
            _ if heard.is_of_sender() => Outcome::Blocked,
            (Stage::Rcpt | Stage::Message, true) => Outcome::Rejected,
            _ => Outcome::TryLater,
        };
        let Heard { said, sign } = heard;
        Self {
            // What is put off says something of the recipient when no attempt is left.
            said: said.filter(|_| is_permanent || is_last),
            sign,
            ..Self::replied(outcome, reply)
        }
    }

    /// The same, with nothing in what it says of the server that names whom the message was for.
    pub(super) fn hiding(self, recipient: &EmailAddress) -> Self {
        let sign = match self.sign {
            Sign::Refuses(words) => Sign::Refuses(recipient.hidden_in(&words)),
            Sign::Shut(words) => Sign::Shut(recipient.hidden_in(&words)),
            sign => sign,
        };
        Self { sign, ..self }
    }

    fn replied(outcome: Outcome, reply: Reply) -> Self {
        Self {
            reply_code: Some(reply.code),
            enhanced_status: reply.enhanced,
            ..Self::ours(outcome, reply.text)
        }
    }

    /// The record of the attempt.
    pub(super) fn end(self, of: Attempt, at: Timestamp) -> Ended {
        Ended {
            delivery: of.delivery,
            attempt: of.number,
            tries: of.tries,
            outcome: self.outcome,
            started_at: of.started_at,
            at,
            reply_code: self.reply_code,
            enhanced_status: self.enhanced_status,
            reply: self.reply,
            said: self.said,
            sign: self.sign,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn of(permanence: Permanence, stage: Stage, code: u16, text: &str) -> (Outcome, &'static str) {
        let outcome = SendOutcome::Rejected {
            permanence,
            stage,
            reply: Reply::new(code, text),
        };
        let verdict = Verdict::of(outcome, false).await;
        let sign = match verdict.sign {
            Sign::Accepts => "accepts",
            Sign::Silent => "silent",
            Sign::Refuses(_) => "refuses",
            Sign::Shut(_) => "shut",
        };
        (verdict.outcome, sign)
    }

    #[tokio::test]
    async fn only_what_is_said_of_the_recipient_is_held_against_them() {
        use Outcome::{Blocked, Rejected, TryLater};
        use Permanence::{Permanent, Transient};
        use Stage::{Data, Local, Mail, Message, Rcpt};
        for (permanence, stage, code, text, outcome, sign) in [
            (Permanent, Rcpt, 550, "5.1.1 no such user", Rejected, "silent"),
            (Permanent, Rcpt, 552, "5.2.2 mailbox full", Rejected, "silent"),
            (
                Permanent,
                Rcpt,
                550,
                "5.7.1 your network is on our blacklist",
                Blocked,
                "refuses",
            ),
            (
                Permanent,
                Rcpt,
                554,
                "5.7.1 relay access denied",
                Blocked,
                "refuses",
            ),
            (
                Permanent,
                Message,
                554,
                "5.7.1 message refused by policy",
                Blocked,
                "refuses",
            ),
            (Permanent, Message, 550, "5.1.1 user unknown", Rejected, "silent"),
            (Permanent, Mail, 553, "5.1.8 sender refused", Blocked, "shut"),
            (Permanent, Data, 554, "5.5.1 not now", Blocked, "shut"),
            (Permanent, Rcpt, 550, "as you like it", Rejected, "refuses"),
            (Permanent, Local, 553, "5.6.7 not ASCII", Rejected, "silent"),
            (
                Transient,
                Rcpt,
                450,
                "4.7.1 your network is on our blacklist",
                Blocked,
                "refuses",
            ),
            (Transient, Rcpt, 452, "4.2.2 mailbox full", TryLater, "silent"),
            (Transient, Rcpt, 450, "4.1.1 no such user", TryLater, "silent"),
            (
                Transient,
                Rcpt,
                451,
                "4.7.1 Greylisted, come back later",
                TryLater,
                "silent",
            ),
            (
                Transient,
                Rcpt,
                451,
                "4.3.0 local error in processing",
                TryLater,
                "refuses",
            ),
            (Transient, Rcpt, 421, "4.3.2 shutting down", TryLater, "refuses"),
            (
                Transient,
                Mail,
                452,
                "4.3.1 insufficient system storage",
                TryLater,
                "refuses",
            ),
        ] {
            assert_eq!(
                of(permanence, stage, code, text).await,
                (outcome, sign),
                "{stage} {code} {text}"
            );
        }
    }
}
