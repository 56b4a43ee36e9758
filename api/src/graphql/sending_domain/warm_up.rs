//! Warming a sending domain up.

use assent_domain::id::SendingDomainId;
use assent_domain::warm_up::Schedule;
use assent_entity::sending_domain;
use assent_entity::sending_domain::warm_up::{self, Warming};
use async_graphql::{Context, Description, ID, InputObject, Object, SimpleObject};

use super::SendingDomain;
use crate::graphql::context::World;
use crate::graphql::error::{ApiError, Result};
use crate::graphql::id;
use crate::graphql::time::Time;

/// The warm-up of a domain: campaigns from it go out in numbers that grow from day to day, since mailbox providers distrust
/// much mail from a domain that they do not know.
#[derive(Description)]
pub(crate) struct WarmUp(pub(super) Warming);

#[Object(use_type_description)]
impl WarmUp {
    /// Messages of each day, from the first on; after the last there is no limit.
    async fn schedule(&self) -> &[u32] {
        self.0.progress.schedule.days()
    }

    /// On which of these days it is, from 1. A day counts if half of its messages were sent.
    async fn day(&self) -> usize {
        self.0.progress.step_on(&self.0.moment) + 1
    }

    /// How many messages today allows; null where the schedule is over.
    async fn allowed_today(&self) -> Option<u32> {
        self.0.progress.today(&self.0.moment)
    }

    /// How many more campaign messages may go today; null where the schedule is over.
    async fn left_today(&self) -> Option<u32> {
        self.0.progress.left(&self.0.moment)
    }

    /// Since when the domain is being warmed up.
    async fn began_at(&self) -> Time {
        self.0.began_at.into()
    }
}

/// A warm-up that begins, goes on by another schedule, or ends.
#[derive(InputObject)]
pub(crate) struct SetWarmUpInput {
    /// Of which domain: an id that begins with domain_.
    id: ID,
    /// Whether it is warmed up.
    enabled: bool,
    /// Messages of each day, each more than the day before, 90 days at most. If not said, the customary schedule: 50 on the
    /// first day, and about twice as many on each that follows, for 13 days.
    schedule: Option<Vec<u32>>,
}

/// The domain as it is since.
#[derive(SimpleObject)]
pub(crate) struct SetWarmUpPayload {
    /// The domain.
    sending_domain: SendingDomain,
}

/// What can be warmed up.
#[derive(Default)]
pub(crate) struct WarmUpMutation;

#[Object]
impl WarmUpMutation {
    /// Warms a sending domain up, or ends that. Until the schedule is over it limits the campaigns of a day whose sender is in
    /// the domain; other mail from it counts and does not wait.
    #[graphql(complexity = "50 + child_complexity")]
    async fn set_warm_up(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Of which domain, and how.")] input: SetWarmUpInput,
    ) -> Result<SetWarmUpPayload> {
        let id: SendingDomainId = id::parse("id", &input.id)?;
        let own = input.schedule.map(Schedule::new).transpose();
        let own = own.map_err(|error| ApiError::bad_input("schedule", error))?;
        let schedule = input.enabled.then(|| own.unwrap_or_default());
        let mut tx = ctx.write().await?;
        warm_up::set(&mut tx, id, schedule).await?;
        let sending_domain = SendingDomain(sending_domain::by_id(&tx, id).await?);
        tx.commit().await?;
        Ok(SetWarmUpPayload { sending_domain })
    }
}
