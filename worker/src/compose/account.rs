//! Mail about a sign-in: an invitation to become a member, the link to a new password, and word that it was changed.

use assent_domain::clock::Timestamp;
use assent_domain::delivery::MailingKind;
use assent_domain::permit::{Recipient, Refusal};
use assent_domain::tenant::Role;
use assent_entity::account_link::AccountAct;
use assent_entity::claim::Claim;
use assent_entity::mailing::Mailing;
use assent_entity::tenant::Tenant;
use assent_entity::{TenantTx, invitation, password_reset};

use super::Letter;
use super::known::Known;
use super::letter::{ADDRESS, Body, Letters, TENANT};
use super::links::Links;
use crate::jobs::JobError;
use crate::post::Unfit;
use crate::words::Words;

fn invite(words: Words, role: Role) -> (String, Body) {
    let body = Body::headed(words.invitation_heading())
        .says(words.invitation_lead(TENANT, ADDRESS, words.role(role)))
        .links("account_url", words.invitation_button())
        .says(words.invitation_if_not());
    (words.invitation_subject(TENANT), body)
}

fn reset(words: Words) -> (String, Body) {
    let body = Body::headed(words.reset_heading())
        .says(words.reset_lead(ADDRESS, TENANT))
        .links("account_url", words.reset_button())
        .says(words.reset_if_not());
    (words.reset_subject(TENANT), body)
}

fn changed(words: Words, at: Timestamp) -> (String, Body) {
    let body = Body::headed(words.password_changed_heading())
        .says(words.password_changed_lead(ADDRESS, TENANT, words.minute(at.to_utc())))
        .says(words.password_changed_if_not(TENANT));
    (words.password_changed_subject(TENANT), body)
}

/// A link, and until when it counts.
type Link = (AccountAct, Timestamp);

pub(super) struct Content {
    letters: Letters,
    links: Links,
    /// None where the mail has no link.
    link: Option<Link>,
    /// What whoever asked reads, for recipients of whom that is not known.
    words: Words,
}

impl Content {
    pub(super) async fn load<M>(tx: &TenantTx<M>, mailing: &Mailing, links: Links) -> Result<Self, JobError> {
        let mut words = Words::english();
        let (link, letters) = match mailing.kind {
            MailingKind::Invitation => {
                // Where it was sent again meanwhile, this mail goes to nobody: the claim says so.
                let found = invitation::of_mailing(tx, mailing.id).await?;
                let role = found.as_ref().map_or(Role::Analyst, |found| found.role);
                let link = found.map(|found| {
                    let act = AccountAct::Invitation {
                        invitation: found.id,
                        mailing: mailing.id,
                    };
                    (act, found.expires_at)
                });
                let write = move |words| invite(words, role);
                (link, Letters::ours(&["account_url"], write))
            }
            MailingKind::PasswordReset => {
                let found = password_reset::of_mailing(tx, mailing.id).await?;
                if let Some(found) = &found {
                    words = Words::of(found.language.as_ref());
                }
                let link =
                    found.map(|found| (AccountAct::PasswordReset { reset: found.id }, found.expires_at));
                (link, Letters::ours(&["account_url"], reset))
            }
            _ => {
                let at = mailing.created_at;
                (None, Letters::ours(&[], move |words| changed(words, at)))
            }
        };
        Ok(Self {
            letters,
            links,
            link,
            words,
        })
    }

    pub(super) fn write(&self, tenant: &Tenant, claim: &Claim) -> Result<Letter, Unfit> {
        if matches!(claim.permit.addressee().recipient, Recipient::Subscriber(_)) {
            let reason = "it is about a sign-in, and subscribers have none".to_owned();
            return Err((Refusal::NotAMember, reason));
        }
        let url = self.link.map(|(act, until)| self.links.account(act, until));
        let known = Known::of(tenant, claim, &self.links);
        let variables = known.and(url.iter().map(|url| ("account_url", url.as_str())));
        let words = claim
            .language
            .as_ref()
            .map_or(self.words, |language| Words::of(Some(language)));
        Letter::ours(&self.letters, words, &variables)
    }
}
