//! What a server says of a recipient while a message is handed over: read by the rules for what comes back later, and
//! taken in by the same way.

use assent_domain::bounce::SoftLimit;
use assent_domain::delivery::retry_after;
use assent_entity::bounce::{Said, take as take_in};
use assent_entity::outcome::Ended;
use assent_entity::{Store, StoreError, TenantCtx, TenantTx};

use super::arrive::said;
use super::codes::Status;
use super::evidence::{Evidence, Stage};
use super::judge::{Context, failure};
use crate::smtp::{Permanence, Reply, SendOutcome, Stage as SmtpStage};

/// What a refusal says of the recipient. What is put off says something when no attempt is left.
pub(crate) async fn read(outcome: &SendOutcome, attempt: i32) -> Option<Said> {
    let SendOutcome::Rejected {
        permanence,
        stage,
        reply,
    } = outcome
    else {
        return None;
    };
    let stage = match stage {
        SmtpStage::Rcpt => Stage::Recipient,
        SmtpStage::Message => Stage::Message,
        // Refused by us, or before the recipient was named, or when it had been taken.
        SmtpStage::Local | SmtpStage::Mail | SmtpStage::Data => return None,
    };
    let is_delayed = *permanence == Permanence::Transient;
    if is_delayed && retry_after(u32::try_from(attempt).unwrap_or(0)).is_some() {
        return None;
    }
    let reply = reply.clone();
    // The tables of sayings are made ready when they are first asked, which takes longer than a permit lives.
    let judged = tokio::task::spawn_blocking(move || judge(&reply, stage, is_delayed)).await;
    judged.ok().filter(|said| said.class.is_kept())
}

fn judge(reply: &Reply, stage: Stage, is_delayed: bool) -> Said {
    let words = Evidence {
        stage: Some(stage),
        ..Evidence::of(&format!("{} {}", reply.code, reply.text))
    };
    let context = Context {
        status: reply.enhanced.as_deref().and_then(Status::first),
        is_delayed,
        stage: None,
    };
    said(failure(None, &[words], context), None)
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
    use assent_domain::bounce::BounceClass;

    async fn class(
        permanence: Permanence,
        stage: SmtpStage,
        code: u16,
        text: &str,
        attempt: i32,
    ) -> Option<BounceClass> {
        let outcome = SendOutcome::Rejected {
            permanence,
            stage,
            reply: Reply::new(code, text),
        };
        read(&outcome, attempt).await.map(|said| said.class)
    }

    #[tokio::test]
    async fn a_reply_means_what_a_report_with_these_words_would() {
        use BounceClass::{Block, Hard, Soft};
        use Permanence::{Permanent, Transient};
        use SmtpStage::{Data, Local, Mail, Message, Rcpt};
        let last = 12;
        let cases = [
            (
                Permanent,
                Rcpt,
                550,
                "5.1.1 <ann@example.org>: no such user",
                1,
                Some(Hard),
            ),
            (Permanent, Rcpt, 552, "5.2.2 mailbox full", 1, Some(Soft)),
            (
                Permanent,
                Rcpt,
                550,
                "5.7.1 your network is on our blacklist",
                1,
                Some(Block),
            ),
            (Permanent, Rcpt, 554, "5.7.1 relay access denied", 1, Some(Block)),
            // Every address had been taken, so a filter speaks.
            (Permanent, Message, 550, "user unknown", 1, Some(Soft)),
            (Permanent, Message, 550, "5.1.1 user unknown", 1, Some(Hard)),
            (Permanent, Local, 553, "5.6.7 no such user", 1, None),
            (Permanent, Mail, 550, "5.1.1 no such user", 1, None),
            (Permanent, Data, 554, "5.1.1 no such user", 1, None),
            (Transient, Rcpt, 450, "4.1.1 no such user", 1, None),
            (Transient, Rcpt, 450, "4.1.1 no such user", last, Some(Soft)),
            (Transient, Rcpt, 452, "4.2.2 mailbox full", last, Some(Soft)),
        ];
        for (permanence, stage, code, text, attempt, expected) in cases {
            let found = class(permanence, stage, code, text, attempt).await;
            assert_eq!(found, expected, "{stage} {code} {text} {attempt}");
        }
    }
}
