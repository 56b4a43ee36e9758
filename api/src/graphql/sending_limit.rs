//! How much a tenant sends in which time, and when it rests.

use assent_domain::quiet_hours::QuietHours as DomainQuietHours;
use assent_domain::sending_limit::Limits;
use assent_domain::site::HostName;
use assent_domain::time_zone::{Moment, TimeZone};
use assent_entity::sending_limit::{self, Rest, SendingLimit as Row, Setter};
use assent_entity::{TenantTx, Write};
use async_graphql::{Context, Description, InputObject, Object, SimpleObject};

use super::context::World;
use super::error::{ApiError, Result};
use super::time::Time;

/// Limits in messages; null where there is none.
#[derive(SimpleObject)]
#[expect(clippy::struct_field_names, reason = "the names that clients read")]
pub(crate) struct LimitNumbers {
    /// A second. A bucket holds a second's worth, so a burst may have that much more.
    per_second: Option<u32>,
    /// An hour. A bucket holds a minute's worth.
    per_hour: Option<u32>,
    /// A day of the tenant's time zone.
    per_day: Option<u32>,
}

impl From<Limits> for LimitNumbers {
    fn from(limits: Limits) -> Self {
        Self {
            per_second: limits.per_second,
            per_hour: limits.per_hour,
            per_day: limits.per_day,
        }
    }
}

/// Limits of all mail, or of mail to one domain, with what is left of them. Campaigns wait for all of them, policy notices and
/// renewals for those of a second and an hour; a single mail that a person waits for goes at once, and counts.
#[derive(Description)]
pub(crate) struct SendingLimit {
    row: Row,
    moment: Moment,
}

#[Object(use_type_description)]
impl SendingLimit {
    /// For mail to which domain; null: for all mail.
    async fn receiving_domain(&self) -> Option<&str> {
        self.row.receiving_domain.as_deref()
    }

    /// What counts: the lower of what whoever runs the server has set, and the tenant.
    async fn effective(&self) -> LimitNumbers {
        self.row.meter.limits.into()
    }

    /// What whoever runs the server has set.
    async fn operator(&self) -> LimitNumbers {
        self.row.operator.into()
    }

    /// What the tenant has set for itself.
    async fn own(&self) -> LimitNumbers {
        self.row.own.into()
    }

    /// How many messages of today count; 0 where no limit has been set.
    async fn sent_today(&self) -> u32 {
        self.row.meter.sent_on(&self.moment)
    }

    /// How many more may go today; null where there is no limit of the day.
    async fn left_today(&self) -> Option<u32> {
        self.row.meter.left_today(&self.moment)
    }

    /// From when on a campaign's next message may go by these limits; null where one may now.
    async fn next_at(&self) -> Option<Time> {
        self.row.next_at(&self.moment).map(Time)
    }
}

/// When no campaign goes out, by the tenant's clocks.
#[derive(SimpleObject)]
pub(crate) struct QuietHours {
    /// When they begin, such as 22:00.
    from: String,
    /// When they end, such as 07:00: over midnight if that is earlier.
    until: String,
    /// When they end that are now; null where none are.
    ends_at: Option<Time>,
}

/// How much the tenant sends in which time, and when it rests.
#[derive(SimpleObject)]
pub(crate) struct SendingLimits {
    /// The limits of all its mail.
    all_mail: SendingLimit,
    /// The limits of mail to domains that have some of their own, by name.
    receiving_domains: Vec<SendingLimit>,
    /// By which time zone its days begin, and its quiet hours are. Persons have none of their own.
    time_zone: String,
    /// When none of its campaigns goes out; null where there is no such time.
    quiet_hours: Option<QuietHours>,
    /// Its share of the workers beside other tenants: with 3, three times that of one with 1. Whoever runs the server sets it.
    weight: i32,
}

async fn read<M>(tx: &TenantTx<M>) -> Result<SendingLimits> {
    let rest = sending_limit::rest(tx).await?;
    let moment = rest.time_zone.moment(tx.now());
    let of_row = |row| SendingLimit { row, moment };
    let mut limits = sending_limit::all(tx).await?.into_iter();
    let all_mail = limits
        .next()
        .ok_or_else(|| ApiError::internal("no limits of all mail"))?;
    let quiet_hours = rest.quiet_hours.map(|hours| {
        let (from, until) = hours.texts();
        let ends_at = hours.end(tx.now(), rest.time_zone).map(Time);
        QuietHours { from, until, ends_at }
    });
    Ok(SendingLimits {
        all_mail: of_row(all_mail),
        receiving_domains: limits.map(of_row).collect(),
        time_zone: rest.time_zone.name().to_owned(),
        quiet_hours,
        weight: sending_limit::weight(tx).await?,
    })
}

async fn done(tx: TenantTx<Write>) -> Result<SendingLimitsPayload> {
    let sending_limits = read(&tx).await?;
    tx.commit().await?;
    Ok(SendingLimitsPayload { sending_limits })
}

/// What can be asked about limits.
#[derive(Default)]
pub(crate) struct SendingLimitQuery;

#[Object]
impl SendingLimitQuery {
    /// How much the tenant sends in which time, what is left of it, and when it rests.
    #[graphql(complexity = "20 + child_complexity")]
    async fn sending_limits(&self, ctx: &Context<'_>) -> Result<SendingLimits> {
        read(&ctx.read().await?).await
    }
}

/// Limits in place of those that the tenant had set for itself. What is left out is not limited.
#[derive(InputObject)]
pub(crate) struct SetSendingLimitInput {
    /// For mail to which domain, such as gmail.com; all mail if not said. 50 domains at most.
    receiving_domain: Option<String>,
    /// Messages a second, from 1 to 10,000.
    per_second: Option<u32>,
    /// Messages an hour, from 1 to 100,000,000.
    per_hour: Option<u32>,
    /// Messages a day, from 1 to 100,000,000; only for all mail.
    per_day: Option<u32>,
}

/// When campaigns rest.
#[derive(InputObject)]
pub(crate) struct SetQuietHoursInput {
    /// When they begin, such as 22:00; without `from` and `until`, campaigns go out at any time.
    from: Option<String>,
    /// When they end, such as 07:00.
    until: Option<String>,
    /// The tenant's time zone by its IANA name, such as Europe/Berlin; as it is if not said, Etc/UTC at first.
    time_zone: Option<String>,
}

/// The limits as they are since.
#[derive(SimpleObject)]
pub(crate) struct SendingLimitsPayload {
    /// The limits.
    sending_limits: SendingLimits,
}

/// What can be limited.
#[derive(Default)]
pub(crate) struct SendingLimitMutation;

#[Object]
impl SendingLimitMutation {
    /// Limits what the tenant sends, within what whoever runs the server has set: `CONFLICT` above that. Counts at once, also
    /// for what is being sent; what is held back waits and is not refused. For owners.
    #[graphql(complexity = "50 + child_complexity")]
    async fn set_sending_limit(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The limits.")] input: SetSendingLimitInput,
    ) -> Result<SendingLimitsPayload> {
        let domain = input.receiving_domain.as_deref().map(HostName::parse).transpose();
        let domain = domain.map_err(|error| ApiError::bad_input("receivingDomain", error))?;
        let limits = Limits {
            per_second: input.per_second,
            per_hour: input.per_hour,
            per_day: input.per_day,
        };
        let mut tx = ctx.write().await?;
        sending_limit::set(&mut tx, Setter::Tenant, domain.as_ref(), limits).await?;
        done(tx).await
    }

    /// Says when no campaign goes out. What is due then goes when they end; notices, confirmations and answers do not wait. For
    /// owners.
    #[graphql(complexity = "50 + child_complexity")]
    async fn set_quiet_hours(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "When.")] input: SetQuietHoursInput,
    ) -> Result<SendingLimitsPayload> {
        let quiet_hours = match (&input.from, &input.until) {
            (None, None) => None,
            (Some(from), Some(until)) => Some(
                DomainQuietHours::parse(from, until).map_err(|error| ApiError::bad_input("from", error))?,
            ),
            _ => {
                let rule = "give both `from` and `until`, or neither for no quiet hours";
                return Err(ApiError::bad_input("until", rule));
            }
        };
        let zone = input.time_zone.as_deref().map(TimeZone::parse).transpose();
        let zone = zone.map_err(|error| ApiError::bad_input("timeZone", error))?;
        let mut tx = ctx.write().await?;
        let time_zone = zone.unwrap_or(sending_limit::rest(&tx).await?.time_zone);
        let rest = Rest {
            time_zone,
            quiet_hours,
        };
        sending_limit::set_rest(&mut tx, rest).await?;
        done(tx).await
    }
}
