//! How long what is kept, as the chores that forget it know it.

use assent_domain::retention::{Period, RETENTION, RetentionRule as Rule};
use async_graphql::{Context, Enum, Object, SimpleObject};

use super::context::World;
use super::error::Result;

/// Until when something is kept.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeptUntil {
    /// For a number of days.
    Days,
    /// Until the person has it erased.
    Erased,
    /// Until the person takes it back.
    TakenBack,
    /// As long as the tenant is there.
    ForGood,
}

/// One kind of data, and how long it is kept.
#[derive(SimpleObject)]
pub(crate) struct RetentionRule {
    /// The kind's stable code.
    code: &'static str,
    /// What it is.
    data: &'static str,
    /// Until when it is kept.
    kept_until: KeptUntil,
    /// For how many days, if it is for days.
    days: Option<u64>,
    /// From when on, or until what.
    counted_from: &'static str,
    /// Why it is kept so long, and on what ground.
    basis: &'static str,
}

impl From<&Rule> for RetentionRule {
    fn from(rule: &Rule) -> Self {
        Self {
            code: rule.code,
            data: rule.data,
            kept_until: match rule.period {
                Period::For(_) => KeptUntil::Days,
                Period::UntilErased => KeptUntil::Erased,
                Period::UntilTakenBack => KeptUntil::TakenBack,
                Period::ForGood => KeptUntil::ForGood,
            },
            days: rule.period.days(),
            counted_from: rule.counted_from,
            basis: rule.basis,
        }
    }
}

/// What can be asked about retention.
#[derive(Default)]
pub(crate) struct RetentionQuery;

#[Object]
impl RetentionQuery {
    /// What is kept of people, why, and for how long. A chore forgets what has had its time.
    async fn retention_rules(&self, ctx: &Context<'_>) -> Result<Vec<RetentionRule>> {
        // The rules are the same for every tenant, but not for everybody.
        ctx.tenant().await?;
        Ok(RETENTION.iter().map(RetentionRule::from).collect())
    }
}
