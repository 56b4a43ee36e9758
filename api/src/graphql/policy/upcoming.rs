//! What can still be done about a version that was posted and does not count yet.

use assent_domain::id::PolicyVersionId;
use assent_entity::mailing::RETRIED_AT_ONCE;
use assent_entity::policy::{self, upcoming};
use assent_entity::{StoreError, TenantTx, Write};
use async_graphql::{Context, ID, InputObject, Object, SimpleObject};

use super::PolicyVersion;
use crate::graphql::context::World;
use crate::graphql::error::Result;
use crate::graphql::id;
use crate::graphql::time::Time;

/// A policy version to be taken back.
#[derive(InputObject)]
pub(crate) struct WithdrawPolicyVersionInput {
    /// Which: an id that begins with policy_.
    id: ID,
}

/// The version that was taken back.
#[derive(SimpleObject)]
pub(crate) struct WithdrawPolicyVersionPayload {
    /// The version.
    policy_version: PolicyVersion,
}

/// A policy version to be put off.
#[derive(InputObject)]
pub(crate) struct PostponePolicyVersionInput {
    /// Which: an id that begins with policy_.
    id: ID,
    /// When it is to take effect: later than was announced, and yet to come.
    effective_at: Time,
}

/// The version that was put off.
#[derive(SimpleObject)]
pub(crate) struct PostponePolicyVersionPayload {
    /// The version.
    policy_version: PolicyVersion,
}

/// A policy version that is not to wait for its notices.
#[derive(InputObject)]
pub(crate) struct OverridePolicyNoticesInput {
    /// Which: an id that begins with policy_.
    id: ID,
    /// Why, in at most 500 characters. It goes on the record, with who said so.
    reason: String,
}

/// The version that does not wait for its notices.
#[derive(SimpleObject)]
pub(crate) struct OverridePolicyNoticesPayload {
    /// The version.
    policy_version: PolicyVersion,
}

/// A policy version whose notices are to be tried again.
#[derive(InputObject)]
pub(crate) struct RetryPolicyNoticesInput {
    /// Which: an id that begins with policy_.
    id: ID,
}

/// The version whose notices are tried again.
#[derive(SimpleObject)]
pub(crate) struct RetryPolicyNoticesPayload {
    /// The version.
    policy_version: PolicyVersion,
    /// How many people got another chance.
    retried: u64,
}

/// Does one thing to a version, and gives it as it is then.
async fn act(
    ctx: &Context<'_>,
    id: &ID,
    act: impl AsyncFnOnce(&mut TenantTx<Write>, PolicyVersionId) -> Result<(), StoreError>,
) -> Result<PolicyVersion> {
    let id = id::parse("id", id)?;
    let mut tx = ctx.write().await?;
    act(&mut tx, id).await?;
    let version = policy::by_id(&tx, id).await?;
    tx.commit().await?;
    Ok(PolicyVersion(version))
}

/// What can be done about a version that was posted and does not count yet. For any other it is a `CONFLICT` on the
/// field `id`.
#[derive(Default)]
pub(crate) struct UpcomingPolicyMutation;

#[Object]
impl UpcomingPolicyMutation {
    /// Takes a version back before it counts. Its words stay at their address, and everybody who had been told of it is
    /// told. Where nobody had been, no mail goes out.
    #[graphql(complexity = "50 + child_complexity")]
    async fn withdraw_policy_version(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which version.")] input: WithdrawPolicyVersionInput,
    ) -> Result<WithdrawPolicyVersionPayload> {
        let policy_version = act(ctx, &input.id, upcoming::withdraw).await?;
        Ok(WithdrawPolicyVersionPayload { policy_version })
    }

    /// Puts a version off. Everybody is told of the new date, once: put off again before all are told, only of the last.
    #[graphql(complexity = "50 + child_complexity")]
    async fn postpone_policy_version(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which version, and until when.")] input: PostponePolicyVersionInput,
    ) -> Result<PostponePolicyVersionPayload> {
        let later = input.effective_at.0;
        let policy_version = act(ctx, &input.id, async |tx, id| {
            upcoming::postpone(tx, id, later).await
        })
        .await?;
        Ok(PostponePolicyVersionPayload { policy_version })
    }

    /// Gives another chance to everybody who could not be told of a version for a reason that may have passed: all failures
    /// but `REJECTED`. Asked twice, it does nothing more. They are taken some thousands at a time: if it breaks off, ask
    /// again. A version that counts already may be told of, too.
    #[graphql(complexity = "50 + child_complexity")]
    async fn retry_policy_notices(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Of which version.")] input: RetryPolicyNoticesInput,
    ) -> Result<RetryPolicyNoticesPayload> {
        let mut retried = 0;
        loop {
            let mut some = 0;
            let policy_version = act(ctx, &input.id, async |tx, id| {
                some = upcoming::retry_notices(tx, id).await?;
                Ok(())
            })
            .await?;
            retried += some;
            if some < u64::from(RETRIED_AT_ONCE) {
                return Ok(RetryPolicyNoticesPayload {
                    policy_version,
                    retried,
                });
            }
        }
    }

    /// Lets a version take effect on its date though not everybody has been told. Who said so, and why, is on the
    /// record.
    #[graphql(complexity = "50 + child_complexity")]
    async fn override_policy_notices(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which version, and why.")] input: OverridePolicyNoticesInput,
    ) -> Result<OverridePolicyNoticesPayload> {
        let policy_version = act(ctx, &input.id, async |tx, id| {
            upcoming::override_notices(tx, id, &input.reason).await
        })
        .await?;
        Ok(OverridePolicyNoticesPayload { policy_version })
    }
}
