//! What a server says while a message is handed over: of a recipient, read by the rules for what comes back later and
//! taken in by the same way, or of the sender.

use assent_domain::bounce::{BounceClass, SoftLimit};
use assent_domain::circuit::Sign;
use assent_entity::bounce::{Said, take as take_in};
use assent_entity::outcome::Ended;
use assent_entity::{Store, StoreError, TenantCtx, TenantTx};

use super::arrive::said;
use super::codes::Status;
use super::evidence::{Evidence, Stage};
use super::judge::{Context, failure};
use super::rules::UNDETERMINED;
use crate::smtp::{Permanence, Reply, Stage as SmtpStage};

/// What a refusal says.
pub(crate) struct Heard {
    /// Of the recipient, or of the sender to this recipient; where nobody had been named, nothing.
    pub(crate) said: Option<Said>,
    /// Of the server.
    pub(crate) sign: Sign,
}

impl Heard {
    /// Whether it refuses the sender or the message, and not the recipient.
    pub(crate) fn is_of_sender(&self) -> bool {
        let is_block = |said: &Said| said.class == BounceClass::Block;
        matches!(self.sign, Sign::Shut(_)) || self.said.as_ref().is_some_and(is_block)
    }
}

/// Hears what a refusal says.
pub(crate) async fn hear(permanence: Permanence, stage: SmtpStage, reply: &Reply) -> Heard {
    let reply = reply.clone();
    // The tables of sayings are made ready when they are first asked, which takes longer than a permit lives.
    let heard = tokio::task::spawn_blocking(move || read(permanence, stage, &reply)).await;
    heard.unwrap_or(Heard {
        said: None,
        sign: Sign::Silent,
    })
}

fn read(permanence: Permanence, stage: SmtpStage, reply: &Reply) -> Heard {
    let words = format!("{} {}", reply.code, reply.text);
    let is_delayed = permanence == Permanence::Transient;
    let without_addresses = || Evidence::of(&words).said();
    let (said, sign) = match stage {
        // Refused by us.
        SmtpStage::Local => (None, Sign::Silent),
        SmtpStage::Rcpt | SmtpStage::Message => {
            let stage = if stage == SmtpStage::Rcpt {
                Stage::Recipient
            } else {
                Stage::Message
            };
            let said = judge(reply, &words, stage, is_delayed);
            let sign = if speaks_of_server(reply, &said) {
                Sign::Refuses(without_addresses())
            } else {
                Sign::Silent
            };
            (Some(said).filter(|said| said.class.is_kept()), sign)
        }
        // Before the recipient was named, or when they had been taken: the next would be refused, too.
        SmtpStage::Mail | SmtpStage::Data if is_delayed => (None, Sign::Refuses(without_addresses())),
        SmtpStage::Mail | SmtpStage::Data => (None, Sign::Shut(without_addresses())),
    };
    Heard { said, sign }
}

/// Whether a refusal may say more of the server than of the recipient: that it refuses the sender, or everybody.
fn speaks_of_server(reply: &Reply, said: &Said) -> bool {
    let is_of_everybody = || matches!(said.reason.as_str(), "recipient_system" | "no_way" | UNDETERMINED);
    match said.class {
        BounceClass::Block => true,
        _ if reply.is_closing() => true,
        BounceClass::Soft => is_of_everybody() && !is_greylisting(&reply.text),
        _ => false,
    }
}

/// Whether a server puts off whoever it does not know yet, each of them by themselves.
fn is_greylisting(text: &str) -> bool {
    let text = text.to_lowercase().replace(['-', ' '], "");
    text.contains("greylist") || text.contains("graylist")
}

fn judge(reply: &Reply, words: &str, stage: Stage, is_delayed: bool) -> Said {
    let words = Evidence {
        stage: Some(stage),
        ..Evidence::of(words)
    };
    let context = Context {
        status: reply.enhanced.as_deref().and_then(Status::first),
        is_delayed,
        stage: None,
    };
    said(failure(None, &[words], context), None)
}

/// Whether a server said anything of a recipient.
pub(crate) fn is_in(ended: &[Ended]) -> bool {
    ended.iter().any(|end| end.said.is_some())
}

/// Takes in what servers said of recipients, each by itself, as a report about the same delivery would be. Said once
/// more it changes nothing, so it goes before what became of the attempts is recorded, and is not lost between.
pub(crate) async fn take(
    store: &Store,
    ctx: TenantCtx,
    ended: &[Ended],
    limit: SoftLimit,
) -> Result<(), StoreError> {
    for end in ended {
        let Some(said) = &end.said else { continue };
        let mut tx = TenantTx::write(store, ctx).await?;
        match take_in(&mut tx, end.delivery, std::slice::from_ref(said), limit).await {
            Ok(_) => tx.commit().await?,
            // Its tenant has gone meanwhile.
            Err(StoreError::NotFound(_)) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_reply_means_what_a_report_with_these_words_would() {
        use BounceClass::{Block, Hard, Soft};
        use Permanence::{Permanent, Transient};
        use SmtpStage::{Data, Local, Mail, Message, Rcpt};
        let cases = [
            (
                Permanent,
                Rcpt,
                550,
                "5.1.1 <ann@example.org>: no such user",
                Some(Hard),
            ),
            (Permanent, Rcpt, 552, "5.2.2 mailbox full", Some(Soft)),
            (
                Permanent,
                Rcpt,
                550,
                "5.7.1 your network is on our blacklist",
                Some(Block),
            ),
            (Permanent, Rcpt, 554, "5.7.1 relay access denied", Some(Block)),
            // Every address had been taken, so a filter speaks.
            (Permanent, Message, 550, "user unknown", Some(Soft)),
            (Permanent, Message, 550, "5.1.1 user unknown", Some(Hard)),
            (Permanent, Local, 553, "5.6.7 no such user", None),
            (Permanent, Mail, 550, "5.1.1 no such user", None),
            (Permanent, Data, 554, "5.1.1 no such user", None),
            (Transient, Rcpt, 450, "4.1.1 no such user", Some(Soft)),
            (Transient, Rcpt, 452, "4.2.2 mailbox full", Some(Soft)),
        ];
        for (permanence, stage, code, text, expected) in cases {
            let heard = hear(permanence, stage, &Reply::new(code, text)).await;
            assert_eq!(
                heard.said.map(|said| said.class),
                expected,
                "{stage} {code} {text}"
            );
        }
    }

    #[tokio::test]
    async fn what_is_kept_of_a_server_names_nobody() {
        let reply = Reply::new(550, "5.7.1 <ann@example.org>: we do not take your mail");
        let heard = hear(Permanence::Permanent, SmtpStage::Rcpt, &reply).await;
        let Sign::Refuses(words) = heard.sign else {
            panic!("it refuses the sender")
        };
        assert!(
            words.contains("we do not take your mail") && !words.contains("ann"),
            "{words}"
        );
    }
}
