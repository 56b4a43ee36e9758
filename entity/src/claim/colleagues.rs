//! Recipients who are no subscribers: members of the tenant, and whom it invites to become one.

use assent_domain::address::EmailAddress;
use assent_domain::delivery::MailingKind;
use assent_domain::id::stored;
use assent_domain::language::Language;
use assent_domain::permit::{Addressee, Recipient, RecipientFacts, Refusal, may_send};
use assent_domain::suppression::Suppressions;
use sea_orm::{ColumnTrait, QueryFilter};

use super::{Claim, Claimed, Decision, ids_of};
use crate::error::StoreError;
use crate::facts::Ground;
use crate::invitation::{self, Invitation, Standing};
use crate::mailing::Mailing;
use crate::password_reset;
use crate::row::member;
use crate::subscriber::{read_address, read_language};
use crate::suppression;
use crate::tx::{TenantTx, Write};
use crate::webhook::notice;

/// The colleagues among the recipients of a turn.
pub(super) struct Colleagues {
    members: Vec<member::Model>,
    invited: Option<(Invitation, Suppressions)>,
    /// Whether the link that the mail is about counts no more, or what it tells is so no more.
    is_too_late: bool,
}

/// Where one of them is reached.
struct Reached {
    address: EmailAddress,
    language: Option<Language>,
    facts: RecipientFacts,
}

impl Colleagues {
    pub(super) async fn of(
        tx: &TenantTx<Write>,
        mailing: &Mailing,
        claimed: &[Claimed],
    ) -> Result<Self, StoreError> {
        let invited = match mailing.kind {
            MailingKind::Invitation => invited(tx, mailing).await?,
            _ => None,
        };
        let is_too_late = match mailing.kind {
            MailingKind::Invitation => invited.is_none(),
            MailingKind::PasswordReset => password_reset::of_mailing(tx, mailing.id).await?.is_none(),
            MailingKind::WebhookDisabled => notice::of_mailing(tx, mailing.id).await?.is_none(),
            _ => false,
        };
        Ok(Self {
            members: members(tx, claimed).await?,
            invited,
            is_too_late,
        })
    }

    pub(super) fn decide(
        &self,
        tx: &TenantTx<Write>,
        ground: &Ground,
        claimed: &Claimed,
        recipient: Recipient,
    ) -> Result<Decision, StoreError> {
        if self.is_too_late {
            return Ok(Err(Refusal::TooLate));
        }
        let Some(reached) = self.reached(recipient)? else {
            return Ok(Err(Refusal::Erased));
        };
        let addressee = Addressee {
            delivery: stored(claimed.delivery_id),
            recipient,
            address: reached.address,
        };
        let decision = may_send(&ground.message, reached.facts, addressee, tx.now());
        Ok(decision.map(|permit| Claim {
            permit,
            attempt: claimed.attempt(),
            tries: claimed.tries(),
            started_at: claimed.started_at(tx.now()),
            name: String::new(),
            company: String::new(),
            language: reached.language,
            list: None,
            tracking: None,
        }))
    }

    fn reached(&self, recipient: Recipient) -> Result<Option<Reached>, StoreError> {
        let none = Ground::facts_of_member();
        match recipient {
            Recipient::Subscriber(_) => Ok(None),
            Recipient::Member(id) => {
                let found = self.members.iter().find(|member| member.id == id.uuid());
                let reached = found.map(|member| {
                    Ok(Reached {
                        address: read_address(&member.email)?,
                        language: read_language(member.language.as_deref()),
                        facts: none,
                    })
                });
                reached.transpose()
            }
            Recipient::Invitee(id) => {
                let found = self.invited.iter().find(|(invitation, _)| invitation.id == id);
                Ok(found.map(|(invitation, suppressions)| Reached {
                    address: invitation.email.clone(),
                    language: invitation.language.clone(),
                    facts: RecipientFacts {
                        suppressions: *suppressions,
                        ..none
                    },
                }))
            }
        }
    }
}

/// Whom a mailing invites, while they can accept, with what holds their address back.
async fn invited(
    tx: &TenantTx<Write>,
    mailing: &Mailing,
) -> Result<Option<(Invitation, Suppressions)>, StoreError> {
    let found = invitation::of_mailing(tx, mailing.id).await?;
    let Some(open) = found.filter(|of| of.standing == Standing::Open) else {
        return Ok(None);
    };
    let hash = tx.address_hasher().hash(&open.email);
    let suppressions = suppression::of_address(tx, hash).await?;
    Ok(Some((open, suppressions)))
}

async fn members(tx: &TenantTx<Write>, claimed: &[Claimed]) -> Result<Vec<member::Model>, StoreError> {
    let ids = ids_of(claimed, "MEMBER");
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    Ok(tx
        .find::<member::Entity>()
        .filter(member::Column::Id.is_in(ids))
        .all(tx.conn())
        .await?)
}
