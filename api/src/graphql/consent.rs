//! Consent: what people said, and what the sender would decide now.

use assent_domain::consent::{ConsentSource as DomainSource, ConsentState as DomainState};
use assent_entity::consent::{self, ConsentRecord as Row};
use assent_entity::{facts, purpose, receipt, subscriber};
use async_graphql::{Context, Description, Enum, ID, Object, SimpleObject};

use super::context::World;
use super::error::{ApiError, Result};
use super::id;
use super::loaders::WordsOf;
use super::permit::Refusal;
use super::policy::PolicyVersion;
use super::purpose::Purpose;
use super::time::Time;

/// Where a person's consent to one purpose stands.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "DomainState")]
pub(crate) enum ConsentState {
    /// Asked for, not answered.
    Requested,
    /// Yes.
    Given,
    /// No, when asked.
    Refused,
    /// No, after a yes.
    Withdrawn,
    /// A yes whose time is over.
    Expired,
}

/// How a consent record came about.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "DomainSource")]
pub(crate) enum ConsentSource {
    /// A hosted form, which anyone can fill in with anyone's address.
    Form,
    /// The link in a confirmation mail.
    Confirmation,
    /// A list that the tenant brought along, with evidence.
    Import,
    /// The tenant's own integration.
    Api,
    /// The person's preferences page.
    PreferencePage,
    /// The unsubscribe link or the one-click header of a mail.
    Unsubscribe,
    /// The notice of a policy version, which asks for what the version adds.
    PolicyNotice,
    /// The page to which that notice leads.
    ChoicePage,
    /// The page on which the person objects to every use.
    PrivacyPage,
    /// The page on which a person said once more what was about to run out.
    RenewalPage,
    /// The person told their provider that the mail is spam.
    Complaint,
    /// Time: the yes ran out.
    Expiry,
    /// Two subscribers turned out to be one person.
    Merge,
    /// The operator, after a restore: the person had said no since that backup.
    Restore,
}

/// What the form showed to whoever answered.
#[derive(SimpleObject)]
pub(crate) struct FormShown {
    /// The version of the form.
    version: i32,
    /// The language (BCP 47) it was shown in.
    language: String,
    /// The ids of the outside parties that it named before any field.
    outside_party_ids: Vec<ID>,
    /// All its words, where they were ours to show: the text itself, not its hash.
    words: Option<String>,
}

/// One entry of the ledger: what a person said to one purpose. Records are never changed; the newest counts.
#[derive(Description)]
pub(crate) struct ConsentRecord(pub(crate) Row);

#[Object(use_type_description)]
impl ConsentRecord {
    /// The record's id.
    pub(crate) async fn id(&self) -> ID {
        id::text(self.0.id)
    }

    /// What it says.
    async fn state(&self) -> ConsentState {
        self.0.state.into()
    }

    /// What it is about.
    async fn purpose(&self, ctx: &Context<'_>) -> Result<Purpose> {
        Purpose::load(ctx, self.0.purpose).await
    }

    /// What the form showed, if it came through one; its words stand in the record of the form, not of the confirmation.
    #[graphql(complexity = "10 + child_complexity")]
    async fn form(&self, ctx: &Context<'_>) -> Result<Option<FormShown>> {
        let Some(form) = &self.0.form else { return Ok(None) };
        let words = match form.words.clone() {
            Some(hash) => ctx.loader()?.load_one(WordsOf(hash)).await?,
            None => None,
        };
        Ok(Some(FormShown {
            words,
            version: form.version,
            language: form.language.to_string(),
            outside_party_ids: form.outside_parties.iter().copied().map(id::text).collect(),
        }))
    }

    /// The policy version in force at the time.
    async fn policy_version(&self, ctx: &Context<'_>) -> Result<PolicyVersion> {
        let found = ctx.loader()?.load_one(self.0.policy_version).await?;
        found
            .map(PolicyVersion)
            .ok_or_else(|| ApiError::internal("a consent record points to no policy version"))
    }

    /// How it came about.
    async fn source(&self) -> ConsentSource {
        self.0.source.into()
    }

    /// When it was recorded.
    async fn recorded_at(&self) -> Time {
        self.0.recorded_at.into()
    }

    /// The exact words the person was shown, if there were any.
    async fn statement(&self) -> Option<&str> {
        self.0.statement.as_deref()
    }

    /// When it runs out, or ran out, if it is a yes to a purpose whose yeses do.
    async fn expires_at(&self, ctx: &Context<'_>) -> Result<Option<Time>> {
        if self.0.state != DomainState::Given {
            return Ok(None);
        }
        let expiry = Purpose::load(ctx, self.0.purpose).await?.0.expiry;
        Ok(expiry.map(|expiry| expiry.expires_at(self.0.counts_from).into()))
    }

    /// What it says, signed, so that a third party can check it offline: with the history of the purpose as it stands
    /// now. It names the person by their id only.
    #[graphql(complexity = "50 + child_complexity")]
    async fn receipt(&self, ctx: &Context<'_>) -> Result<ConsentReceipt> {
        let app = ctx.app()?;
        let tx = ctx.read().await?;
        let receipt = receipt::issue(&tx, self.0.id, &app.base_url).await?;
        Ok(ConsentReceipt {
            jws: receipt.jws,
            keys_url: receipt.document.keys_url,
        })
    }
}

/// A consent receipt with the fields of ISO/IEC TS 27560.
#[derive(SimpleObject)]
pub(crate) struct ConsentReceipt {
    /// The receipt: a JWS in compact serialisation (RFC 7515), signed with Ed25519 (RFC 8037).
    jws: String,
    /// Where the keys are that it can be checked with (RFC 7517).
    keys_url: String,
}

/// The decision the sender would take now.
#[derive(SimpleObject)]
pub(crate) struct ConsentDecision {
    /// Whether a message for the purpose would go to the person.
    allowed: bool,
    /// Why not, if not.
    refusal: Option<Refusal>,
    /// The person's newest record for the purpose; null if they were never asked.
    record: Option<ConsentRecord>,
}

/// What can be asked about consent.
#[derive(Default)]
pub(crate) struct ConsentQuery;

#[Object]
impl ConsentQuery {
    /// The decision the sender would take now for a message to this person, on any list that has the purpose,
    /// and why.
    #[graphql(complexity = "10 + child_complexity")]
    async fn consent_decision(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who: an id that begins with subscriber_.")] subscriber_id: ID,
        #[graphql(desc = "The code of the purpose.")] purpose: String,
    ) -> Result<ConsentDecision> {
        let id = id::parse("subscriberId", &subscriber_id)?;
        let tx = ctx.read().await?;
        // Whom the tenant does not know is not found, whatever the purpose.
        let of = subscriber::by_any_id(&tx, id).await?.id;
        let purpose = purpose::by_code(&tx, "purpose", &purpose).await?;
        let refusal = facts::decision(&tx, of, &purpose).await?;
        let record = consent::newest(&tx, of, purpose.id).await?;
        Ok(ConsentDecision {
            allowed: refusal.is_none(),
            refusal: refusal.map(Refusal::from),
            record: record.map(ConsentRecord),
        })
    }
}
