//! `assent limits`: how much a tenant sends in which time, and its share of the workers, for whoever runs the server.

use assent_domain::sending_limit::Limits;
use assent_domain::site::HostName;
use assent_entity::sending_limit::{self, Setter};
use assent_entity::{Store, TenantTx};
use clap::{Args, Subcommand};

use super::tenant_life::find;
use super::{Failure, say};

/// What can be done with limits.
#[derive(Debug, Subcommand)]
pub(super) enum LimitsCommand {
    /// Print a tenant's limits, and what is left of them.
    Show {
        /// The tenant's short name.
        slug: String,
    },
    /// Limit what a tenant sends. What is not named stays as it is; it counts from the next claim on.
    Set(Set),
}

#[derive(Debug, Args)]
pub(super) struct Set {
    /// The tenant's short name.
    slug: String,
    /// Limit mail to this domain only, as in gmail.com.
    #[arg(long, value_name = "DOMAIN")]
    receiving_domain: Option<String>,
    /// Messages a second, or none.
    #[arg(long, value_name = "NUMBER", value_parser = limit)]
    per_second: Option<Number>,
    /// Messages an hour, or none.
    #[arg(long, value_name = "NUMBER", value_parser = limit)]
    per_hour: Option<Number>,
    /// Messages a day of the tenant's time zone, or none.
    #[arg(long, value_name = "NUMBER", value_parser = limit)]
    per_day: Option<Number>,
    /// Its share of the workers beside other tenants, 1 to 100: with 3, three times that of one with 1.
    #[arg(long)]
    weight: Option<i32>,
}

/// A limit, or that there is none.
#[derive(Clone, Copy, Debug)]
struct Number(Option<u32>);

fn limit(text: &str) -> Result<Number, String> {
    if text == "none" {
        return Ok(Number(None));
    }
    let number = text
        .parse()
        .map_err(|_| "a number of messages is needed, or none")?;
    Ok(Number(Some(number)))
}

/// Does as told.
pub(super) async fn run(store: &Store, command: LimitsCommand) -> Result<(), Failure> {
    match command {
        LimitsCommand::Show { slug } => show(store, &slug).await,
        LimitsCommand::Set(what) => set(store, what).await,
    }
}

async fn set(store: &Store, what: Set) -> Result<(), Failure> {
    let ctx = find(store, &what.slug).await?;
    let domain = what.receiving_domain.as_deref().map(HostName::parse);
    let domain = domain.transpose().map_err(Failure::new)?;
    let names_limits = what.per_second.is_some() || what.per_hour.is_some() || what.per_day.is_some();
    if !names_limits && (what.weight.is_none() || domain.is_some()) {
        let advice =
            "say what to set: --per-second, --per-hour or --per-day with a number or none, or --weight";
        return Err(Failure(advice.to_owned()));
    }
    let mut tx = TenantTx::write(store, ctx).await?;
    if let Some(weight) = what.weight {
        sending_limit::set_weight(&mut tx, weight).await?;
    }
    if names_limits {
        let name = domain.as_ref().map(HostName::as_str);
        let known = sending_limit::all(&tx).await?;
        let known = known
            .iter()
            .find(|limit| limit.receiving_domain.as_deref() == name);
        let was = known.map_or_else(Limits::default, |known| known.operator);
        let limits = Limits {
            per_second: what.per_second.map_or(was.per_second, |number| number.0),
            per_hour: what.per_hour.map_or(was.per_hour, |number| number.0),
            per_day: what.per_day.map_or(was.per_day, |number| number.0),
        };
        sending_limit::set(&mut tx, Setter::Operator, domain.as_ref(), limits).await?;
    }
    tx.commit().await?;
    show(store, &what.slug).await
}

async fn show(store: &Store, slug: &str) -> Result<(), Failure> {
    let ctx = find(store, slug).await?;
    let tx = TenantTx::read(store, ctx).await?;
    let rest = sending_limit::rest(&tx).await?;
    let moment = rest.time_zone.moment(tx.now());
    say(format_args!(
        "{slug}: weight {}",
        sending_limit::weight(&tx).await?
    ));
    for limit in sending_limit::all(&tx).await? {
        let name = limit.receiving_domain.as_deref().unwrap_or("all mail");
        let next = limit.next_at(&moment).map(|at| format!(", used up until {at}"));
        say(format_args!(
            "{name}: {}; {} today{}",
            in_words(&limit.meter.limits),
            limit.meter.sent_on(&moment),
            next.unwrap_or_default()
        ));
        if !limit.own.is_none() {
            say(format_args!(
                "  of which the tenant set: {}",
                in_words(&limit.own)
            ));
        }
    }
    say(format_args!("time zone: {}", rest.time_zone.name()));
    if let Some((from, until)) = rest
        .quiet_hours
        .map(assent_domain::quiet_hours::QuietHours::texts)
    {
        say(format_args!("no campaigns from {from} to {until}"));
    }
    Ok(())
}

fn in_words(limits: &Limits) -> String {
    let spans = [
        (limits.per_second, "a second"),
        (limits.per_hour, "an hour"),
        (limits.per_day, "a day"),
    ];
    let set = spans
        .iter()
        .filter_map(|(limit, span)| limit.map(|limit| format!("{limit} {span}")));
    let set: Vec<_> = set.collect();
    if set.is_empty() {
        "no limit".to_owned()
    } else {
        set.join(", ")
    }
}
