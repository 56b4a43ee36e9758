//! Sending domains added, looked at, given new keys and taken away.

use std::collections::BTreeSet;

use assent_domain::dkim::{DkimAlgorithm as DomainAlgorithm, DkimKeyState};
use assent_domain::id::SendingDomainId;
use assent_domain::sending_domain::SendingDomainName;
use assent_entity::sending_domain::{self, NewKeys};
use async_graphql::{Context, ID, InputObject, Object, SimpleObject};

use super::{DkimAlgorithm, SendingDomain};
use crate::graphql::context::World;
use crate::graphql::error::{ApiError, Result};
use crate::graphql::id;

/// A domain to be added.
#[derive(InputObject)]
pub(crate) struct CreateSendingDomainInput {
    /// Its name: what stands behind the @ of the sender's address, or a domain above that.
    name: String,
    /// Which keys it signs with: both if not said. An RSA key has to be among them.
    algorithms: Option<Vec<DkimAlgorithm>>,
}

/// The domain that was added.
#[derive(SimpleObject)]
pub(crate) struct CreateSendingDomainPayload {
    /// The domain, with the records to publish.
    sending_domain: SendingDomain,
}

/// A domain whose records are to be looked for.
#[derive(InputObject)]
pub(crate) struct CheckSendingDomainInput {
    /// Which: an id that begins with domain_.
    id: ID,
}

/// The domain whose records were looked for.
#[derive(SimpleObject)]
pub(crate) struct CheckSendingDomainPayload {
    /// The domain, with what was found.
    sending_domain: SendingDomain,
}

/// A domain that is to get new keys.
#[derive(InputObject)]
pub(crate) struct RotateDkimKeysInput {
    /// Which: an id that begins with domain_.
    id: ID,
    /// Whether the new keys sign at once, without being seen in DNS first: where a key may have become known, say. Until
    /// their records are published, receivers cannot check what they sign. Keys that wait already begin to sign.
    #[graphql(default)]
    at_once: bool,
}

/// The domain that got new keys.
#[derive(SimpleObject)]
pub(crate) struct RotateDkimKeysPayload {
    /// The domain, with the records to publish.
    sending_domain: SendingDomain,
}

/// A domain to be taken away.
#[derive(InputObject)]
pub(crate) struct RemoveSendingDomainInput {
    /// Which: an id that begins with domain_.
    id: ID,
}

/// The domain that was taken away.
#[derive(SimpleObject)]
pub(crate) struct RemoveSendingDomainPayload {
    /// The domain as it was: the records listed here may be taken away a week from now.
    sending_domain: SendingDomain,
}

/// What can be done with sending domains.
#[derive(Default)]
pub(crate) struct SendingDomainMutation;

#[Object]
impl SendingDomainMutation {
    /// Adds a domain that the tenant's mail comes from, and makes its keys. They sign as soon as their records are seen in
    /// DNS; nobody signs for a domain whose records they cannot publish.
    #[graphql(complexity = "300 + child_complexity")]
    async fn create_sending_domain(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The domain.")] input: CreateSendingDomainInput,
    ) -> Result<CreateSendingDomainPayload> {
        ctx.access()?;
        let name =
            SendingDomainName::parse(&input.name).map_err(|error| ApiError::bad_input("name", error))?;
        let both = || vec![DkimAlgorithm::Rsa2048, DkimAlgorithm::Ed25519];
        let algorithms = input.algorithms.unwrap_or_else(both).into_iter();
        let keys = NewKeys::generate(algorithms.map(DomainAlgorithm::from).collect()).await?;
        let mut tx = ctx.write().await?;
        let id = sending_domain::create(&mut tx, &name, keys).await?;
        let sending_domain = SendingDomain(sending_domain::by_id(&tx, id).await?);
        tx.commit().await?;
        Ok(CreateSendingDomainPayload { sending_domain })
    }

    /// Looks for a domain's records in DNS now. Workers do so from time to time.
    #[graphql(complexity = "300 + child_complexity")]
    async fn check_sending_domain(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which domain.")] input: CheckSendingDomainInput,
    ) -> Result<CheckSendingDomainPayload> {
        let id: SendingDomainId = id::parse("id", &input.id)?;
        let (app, access) = (ctx.app()?, ctx.access()?);
        assent_worker::sending_domain::check(&app.store, access.ctx(), id, &app.sender).await?;
        let sending_domain = SendingDomain(sending_domain::by_id(&ctx.read().await?, id).await?);
        Ok(CheckSendingDomainPayload { sending_domain })
    }

    /// Makes new keys for a domain. They take the place of those that sign once their records are seen in DNS; the old
    /// records have to stay for 7 days after that. `CONFLICT` while others wait for theirs.
    #[graphql(complexity = "300 + child_complexity")]
    async fn rotate_dkim_keys(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which domain.")] input: RotateDkimKeysInput,
    ) -> Result<RotateDkimKeysPayload> {
        let id: SendingDomainId = id::parse("id", &input.id)?;
        let domain = sending_domain::by_id(&ctx.read().await?, id).await?;
        let in_use = domain
            .keys
            .iter()
            .filter(|key| key.state != DkimKeyState::Retiring);
        let algorithms: BTreeSet<DomainAlgorithm> = in_use.map(|key| key.algorithm).collect();
        let keys = NewKeys::generate(algorithms).await?;
        let mut tx = ctx.write().await?;
        sending_domain::rotate(&mut tx, id, keys, input.at_once).await?;
        let sending_domain = SendingDomain(sending_domain::by_id(&tx, id).await?);
        tx.commit().await?;
        Ok(RotateDkimKeysPayload { sending_domain })
    }

    /// Takes a domain away, with its keys: mail from it goes unsigned from now on, unless a domain above it signs.
    #[graphql(complexity = "50 + child_complexity")]
    async fn remove_sending_domain(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which domain.")] input: RemoveSendingDomainInput,
    ) -> Result<RemoveSendingDomainPayload> {
        let id: SendingDomainId = id::parse("id", &input.id)?;
        let mut tx = ctx.write().await?;
        let sending_domain = SendingDomain(sending_domain::by_id(&tx, id).await?);
        sending_domain::remove(&mut tx, id).await?;
        tx.commit().await?;
        Ok(RemoveSendingDomainPayload { sending_domain })
    }
}
