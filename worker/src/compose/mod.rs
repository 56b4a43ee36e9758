//! From a claim to the bytes of its message. What is the same for all recipients of a mailing is read and
//! compiled once; only what differs is done for each.

mod account;
mod address_change;
mod address_left;
mod answer;
mod campaign;
mod confirmation;
mod hosts;
mod known;
mod letter;
pub(crate) mod links;
mod notice;
mod renewal;
mod sender;
mod test_mail;
mod transactional_mail;
mod webhook_disabled;

use assent_domain::clock::Timestamp;
use assent_domain::delivery::MailingKind;
use assent_domain::id::DeliveryId;
use assent_domain::language::Language;
use assent_domain::message_id::MessageIds;
use assent_domain::permit::Refusal;
use assent_entity::claim::Claim;
use assent_entity::mailing::Mailing;
use assent_entity::tenant::{self, Tenant};
use assent_entity::{TenantCtx, TenantTx, Write, campaign_link};

use crate::jobs::JobError;
use crate::mime::{Draft, ListHeaders, build};
use crate::post::Unfit;
use crate::render::{Rendered, Variables};
use crate::run::World;
use crate::words::Words;
use letter::Letters;
use links::Links;
use sender::Sender;

/// What a provider knows our mail by: 5 to 15 characters, the same for all of it.
const SENDER_ID: &str = "assent";

/// Makes the messages of one mailing.
pub(crate) struct Composer {
    tenant: Tenant,
    sender: Sender,
    tells_postmark: bool,
    /// What sort of mail it is, for providers' statistics.
    feedback_id: String,
    message_ids: MessageIds,
    content: Content,
}

enum Content {
    Campaign(campaign::Content),
    Notice(notice::Content),
    Confirmation(confirmation::Content),
    Answer(answer::Content),
    Renewal(renewal::Content),
    AddressChange(address_change::Content),
    Test(test_mail::Content),
    Transactional(transactional_mail::Content),
    Account(account::Content),
    /// Nothing where it is not so any more.
    WebhookDisabled(Option<webhook_disabled::Content>),
}

/// A rendered message, and the list fields it goes with.
pub(crate) struct Letter {
    rendered: Rendered,
    list: Option<OwnedListHeaders>,
    /// The language that it is in.
    language: &'static Language,
}

impl Letter {
    /// A mail of ours, to somebody who reads `words`.
    fn ours(letters: &Letters, words: Words, variables: &Variables<'_>) -> Result<Self, Unfit> {
        let rendered = letters.template(words)?.render(variables);
        Ok(Self {
            rendered: rendered.map_err(|error| (Refusal::NotRendered, error.to_string()))?,
            list: None,
            language: words.language(),
        })
    }
}

/// The list fields of one message.
pub(crate) struct OwnedListHeaders {
    unsubscribe_url: String,
    phrase: String,
    id: String,
}

impl Composer {
    /// Reads and compiles what the messages of a mailing have in common.
    pub(crate) async fn load(world: &World, ctx: TenantCtx, mailing: &Mailing) -> Result<Self, JobError> {
        let tx = TenantTx::read(&world.store, ctx).await?;
        let tenant = tenant::current(&tx).await?;
        let links = Links::new(&world.store, ctx, &world.settings.base_url, &tenant.slug);
        let content = match mailing.kind {
            MailingKind::Campaign => Content::Campaign(campaign::Content::load(&tx, mailing, links).await?),
            MailingKind::PolicyNotice => Content::Notice(notice::Content::load(&tx, mailing, links).await?),
            MailingKind::Confirmation => {
                Content::Confirmation(confirmation::Content::load(&tx, mailing, links).await?)
            }
            MailingKind::RequestAnswer => Content::Answer(answer::Content::load(&tx, mailing, links).await?),
            MailingKind::ConsentRenewal => {
                Content::Renewal(renewal::Content::load(&tx, mailing, links).await?)
            }
            MailingKind::AddressChange => Content::AddressChange(address_change::load(mailing, links)?),
            MailingKind::AddressLeft => {
                Content::AddressChange(address_left::load(&tx, mailing, links).await?)
            }
            MailingKind::Test => Content::Test(test_mail::Content::load(&tx, mailing, links).await?),
            MailingKind::Transactional => {
                Content::Transactional(transactional_mail::Content::load(&tx, mailing, links).await?)
            }
            MailingKind::Invitation | MailingKind::PasswordReset | MailingKind::PasswordChanged => {
                Content::Account(account::Content::load(&tx, mailing, links).await?)
            }
            MailingKind::WebhookDisabled => {
                Content::WebhookDisabled(webhook_disabled::Content::load(&tx, mailing, links).await?)
            }
        };
        Ok(Self {
            tells_postmark: world.settings.tells_postmark,
            sender: Sender::load(world, &tx, &tenant, mailing).await?,
            feedback_id: feedback_id(&tenant, mailing),
            message_ids: MessageIds::new(world.store.keys()),
            tenant,
            content,
        })
    }

    /// Keeps the links of a campaign whose links are measured, as far as they may be. Once is enough; again does no
    /// harm.
    pub(crate) async fn keep_links(
        world: &World,
        tx: &TenantTx<Write>,
        ctx: TenantCtx,
        mailing: &Mailing,
    ) -> Result<(), JobError> {
        let (Some(id), Some(_)) = (mailing.campaign, mailing.tracks) else {
            return Ok(());
        };
        let tenant = tenant::current(tx).await?;
        let links = Links::new(&world.store, ctx, &world.settings.base_url, &tenant.slug);
        let urls = campaign::measurable(tx, id, &links).await?;
        Ok(campaign_link::keep(tx, id, &urls).await?)
    }

    /// The return path of a message: an address of its own, where what comes back is read here.
    pub(crate) fn envelope_from(&self, delivery: DeliveryId) -> String {
        self.sender.envelope_from(delivery)
    }

    /// Whether the mail may carry the name that goes with its address. Until the mailbox has confirmed, anybody may have
    /// typed it, and what a stranger writes is not ours to send.
    fn may_name(&self) -> bool {
        !matches!(self.content, Content::Confirmation(_) | Content::AddressChange(_))
    }

    /// Makes the message of one claim, signed where the sender's domain has keys.
    pub(crate) fn compose(&self, claim: &Claim, now: Timestamp) -> Result<Vec<u8>, Unfit> {
        let letter = match &self.content {
            Content::Campaign(content) => content.write(&self.tenant, claim, now)?,
            Content::Notice(content) => content.write(&self.tenant, claim, now)?,
            Content::Confirmation(content) => content.write(&self.tenant, claim, now)?,
            Content::Answer(content) => content.write(&self.tenant, claim, now)?,
            Content::Renewal(content) => content.write(&self.tenant, claim, now)?,
            Content::AddressChange(content) => content.write(&self.tenant, claim, now)?,
            Content::Test(content) => content.write(&self.tenant, claim)?,
            Content::Transactional(content) => content.write(&self.tenant, claim)?,
            Content::Account(content) => content.write(&self.tenant, claim)?,
            Content::WebhookDisabled(Some(content)) => content.write(&self.tenant, claim)?,
            Content::WebhookDisabled(None) => {
                let reason = "the endpoint was enabled again".to_owned();
                return Err((Refusal::TooLate, reason));
            }
        };
        let to = claim.permit.addressee().address.expose();
        let message_id = message_id(&self.message_ids, claim.permit.delivery(), &self.tenant);
        let list = letter.list.as_ref().map(|list| ListHeaders {
            unsubscribe_url: &list.unsubscribe_url,
            list_id_phrase: &list.phrase,
            list_id: &list.id,
        });
        let complaints_to = self.sender.complaints_to(claim.permit.delivery());
        let postmark_return_path = self
            .tells_postmark
            .then(|| self.envelope_from(claim.permit.delivery()));
        let draft = Draft {
            from_name: &self.tenant.sender_name,
            from_address: self.sender.address(),
            to_name: Some(claim.name.as_str()).filter(|name| !name.is_empty() && self.may_name()),
            to_address: &to,
            subject: &letter.rendered.subject,
            html: Some(&letter.rendered.html),
            text: &letter.rendered.text,
            message_id: &message_id,
            date: now.to_utc(),
            list,
            auto_submitted: !matches!(self.content, Content::Campaign(_) | Content::Test(_)),
            reply_to: None,
            complaints_to: complaints_to.as_deref(),
            postmark_return_path: postmark_return_path.as_deref(),
            feedback_id: Some(&self.feedback_id),
            language: letter.language.as_str(),
        };
        let message = build(&draft).map_err(|error| (Refusal::NotRendered, error.to_string()))?;
        let signed = self.sender.sign(message);
        signed.map_err(|error| (Refusal::NotRendered, error.to_string()))
    }
}

/// What a provider counts complaints by: the campaign or the kind of mail, the tenant, whether people can do without it,
/// and who we are. It names nobody.
fn feedback_id(tenant: &Tenant, mailing: &Mailing) -> String {
    let kind = mailing.kind.to_string().to_ascii_lowercase();
    match mailing.campaign {
        Some(campaign) => format!("{campaign}:{}:{kind}:{SENDER_ID}", tenant.slug),
        None => format!("{kind}:{}:essential:{SENDER_ID}", tenant.slug),
    }
}

/// The `Message-ID` of a delivery: the same on every attempt, so that a repeat can be told from another mail.
pub fn message_id(ids: &MessageIds, delivery: DeliveryId, tenant: &Tenant) -> String {
    ids.of(delivery, tenant.sender_address.domain())
}
