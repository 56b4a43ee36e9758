//! The addresses of a person's pages, as they stand in mail.

use assent_domain::address::EmailAddress;
use assent_domain::clock::Timestamp;
use assent_domain::id::{AddressChangeId, CampaignId, MailingId, OptInId, PolicyVersionId};
use assent_domain::tracking::TrackingLeave;
use assent_entity::account_link::{AccountAct, AccountLinks};
use assent_entity::link::{Act, LinkSigner, Reader};
use assent_entity::{Store, TenantCtx};

use crate::sample::SampleLinks;

/// Makes the addresses of one tenant's pages.
#[derive(Clone, Debug)]
pub struct Links {
    signer: LinkSigner,
    accounts: AccountLinks,
    base_url: String,
    slug: String,
}

impl Links {
    /// Links of a tenant, under the address at which the world sees this server.
    pub fn new(store: &Store, ctx: TenantCtx, base_url: &str, slug: &str) -> Self {
        Self {
            signer: LinkSigner::new(store, ctx),
            accounts: AccountLinks::new(store, ctx),
            base_url: base_url.to_owned(),
            slug: slug.to_owned(),
        }
    }

    /// Where a person confirms an opt-in.
    pub fn confirm(&self, to: Reader<'_>, opt_in: OptInId, now: Timestamp) -> String {
        format!(
            "{}/confirm/{}",
            self.base_url,
            self.signer.sign(to, Act::Confirm { opt_in }, now)
        )
    }

    /// Where a person leaves what a mailing was sent for; one click does (RFC 8058).
    pub fn unsubscribe(&self, to: Reader<'_>, mailing: MailingId, now: Timestamp) -> String {
        format!(
            "{}/unsubscribe/{}",
            self.base_url,
            self.signer.sign(to, Act::Unsubscribe { mailing }, now)
        )
    }

    /// Where a person sees and changes what they agreed to.
    pub fn preferences(&self, to: Reader<'_>, now: Timestamp) -> String {
        format!(
            "{}/preferences/{}",
            self.base_url,
            self.signer.sign(to, Act::Preferences, now)
        )
    }

    /// Where a person sees what is held about them, and acts on it.
    pub fn privacy(&self, to: Reader<'_>, now: Timestamp) -> String {
        format!(
            "{}/privacy/{}",
            self.base_url,
            self.signer.sign(to, Act::Privacy, now)
        )
    }

    /// Where a person answers to what a policy version adds.
    pub fn choices(&self, to: Reader<'_>, version: PolicyVersionId, now: Timestamp) -> String {
        format!(
            "{}/choices/{}",
            self.base_url,
            self.signer.sign(to, Act::Choices { version }, now)
        )
    }

    /// A link of a campaign that is measured, for somebody who may be.
    pub fn follow(
        &self,
        leave: &TrackingLeave,
        mailbox: &EmailAddress,
        campaign: CampaignId,
        link: i32,
        now: Timestamp,
    ) -> String {
        let act = Act::Follow { campaign, link };
        let to = Reader {
            subscriber: leave.of(),
            mailbox,
        };
        format!("{}/l/{}", self.base_url, self.signer.sign(to, act, now))
    }

    /// Whether an address is one of this server.
    pub(crate) fn are_ours(&self, url: &str) -> bool {
        let rest = url.strip_prefix(&self.base_url);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?', '#']))
    }

    /// Where a person says whether a yes still stands.
    pub fn renew(&self, to: Reader<'_>, now: Timestamp) -> String {
        format!(
            "{}/renew/{}",
            self.base_url,
            self.signer.sign(to, Act::Renew, now)
        )
    }

    /// Where a person confirms that an address is theirs.
    pub fn change_address(&self, to: Reader<'_>, change: AddressChangeId, now: Timestamp) -> String {
        format!(
            "{}/address/{}",
            self.base_url,
            self.signer.sign(to, Act::ChangeAddress { change }, now)
        )
    }

    /// Where anybody asks for the link to what is held about them; it needs no token.
    pub fn data(&self) -> String {
        format!("{}/t/{}/privacy", self.base_url, self.slug)
    }

    /// Addresses that are nobody's, for mail that only shows what it will look like.
    pub(crate) fn sample(&self) -> SampleLinks {
        SampleLinks::new(&self.base_url, &self.slug)
    }

    /// Where somebody becomes a member, or a member chooses a new password.
    pub fn account(&self, act: AccountAct, until: Timestamp) -> String {
        let page = match act {
            AccountAct::Invitation { .. } => "invitation",
            AccountAct::PasswordReset { .. } => "reset",
        };
        format!("{}/{page}/{}", self.base_url, self.accounts.sign(act, until))
    }

    /// Where programs ask.
    pub fn api(&self) -> String {
        format!("{}/graphql", self.base_url)
    }

    /// The tenant's policy page.
    pub fn policy(&self) -> String {
        format!("{}/t/{}/policy", self.base_url, self.slug)
    }

    /// The page of one version of the policy.
    pub fn policy_version(&self, number: i32) -> String {
        format!("{}/t/{}/policy/{number}", self.base_url, self.slug)
    }

    /// The page that compares two versions of the policy.
    pub fn policy_comparison(&self, from: i32, to: i32) -> String {
        format!("{}/t/{}/policy/{from}/compare/{to}", self.base_url, self.slug)
    }
}
