//! From a claim to the bytes of its message. What is the same for all recipients of a mailing is read and
//! compiled once; only what differs is done for each.

mod address_change;
mod answer;
mod campaign;
mod confirmation;
mod letter;
pub(crate) mod links;
mod notice;
mod renewal;

use assent_domain::clock::Timestamp;
use assent_domain::delivery::MailingKind;
use assent_domain::id::DeliveryId;
use assent_domain::language::Language;
use assent_domain::message_id::MessageIds;
use assent_domain::permit::Refusal;
use assent_domain::return_path::ReturnPaths;
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

/// Makes the messages of one mailing.
pub(crate) struct Composer {
    tenant: Tenant,
    /// Who sends: the address in the header, and the return path where deliveries have none of their own.
    sender: String,
    return_paths: Option<ReturnPaths>,
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
            MailingKind::AddressChange => {
                Content::AddressChange(address_change::Content::load(mailing, links)?)
            }
        };
        Ok(Self {
            sender: tenant.sender_address.expose(),
            return_paths: return_paths(world),
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
        let own = self.return_paths.as_ref().map(|paths| paths.of(delivery));
        own.unwrap_or_else(|| self.sender.clone())
    }

    /// Where a provider tells of complaints about a message (RFC 9477), if that is read here. People complain about
    /// campaigns; what they must be told is not for complaining.
    fn complaints_to(&self, delivery: DeliveryId) -> Option<String> {
        let is_campaign = matches!(self.content, Content::Campaign(_));
        let paths = self.return_paths.as_ref().filter(|_| is_campaign)?;
        Some(paths.of(delivery))
    }

    /// Makes the message of one claim.
    pub(crate) fn compose(&self, claim: &Claim, now: Timestamp) -> Result<Vec<u8>, Unfit> {
        let letter = match &self.content {
            Content::Campaign(content) => content.write(&self.tenant, claim, now)?,
            Content::Notice(content) => content.write(&self.tenant, claim, now)?,
            Content::Confirmation(content) => content.write(&self.tenant, claim, now)?,
            Content::Answer(content) => content.write(&self.tenant, claim, now)?,
            Content::Renewal(content) => content.write(&self.tenant, claim, now)?,
            Content::AddressChange(content) => content.write(&self.tenant, claim, now)?,
        };
        let to = claim.permit.addressee().address.expose();
        let message_id = message_id(&self.message_ids, claim.permit.delivery(), &self.tenant);
        let list = letter.list.as_ref().map(|list| ListHeaders {
            unsubscribe_url: &list.unsubscribe_url,
            list_id_phrase: &list.phrase,
            list_id: &list.id,
        });
        let complaints_to = self.complaints_to(claim.permit.delivery());
        let draft = Draft {
            from_name: &self.tenant.sender_name,
            from_address: &self.sender,
            to_name: Some(claim.name.as_str()).filter(|name| !name.is_empty()),
            to_address: &to,
            subject: &letter.rendered.subject,
            html: Some(&letter.rendered.html),
            text: &letter.rendered.text,
            message_id: &message_id,
            date: now.to_utc(),
            list,
            auto_submitted: !matches!(self.content, Content::Campaign(_)),
            reply_to: None,
            complaints_to: complaints_to.as_deref(),
            language: letter.language.as_str(),
        };
        build(&draft).map_err(|error| (Refusal::NotRendered, error.to_string()))
    }
}

fn return_paths(world: &World) -> Option<ReturnPaths> {
    let domain = world.settings.bounce_domain.clone()?;
    Some(ReturnPaths::new(world.store.keys(), domain))
}

/// The `Message-ID` of a delivery: the same on every attempt, so that a repeat can be told from another mail.
pub fn message_id(ids: &MessageIds, delivery: DeliveryId, tenant: &Tenant) -> String {
    ids.of(delivery, tenant.sender_address.domain())
}
