//! Yeses that run out: the period of a purpose, the page on which a person says yes once more, and what is due when
//! time passes (see [`due`]).

use assent_domain::audit::AuditAct;
use assent_domain::clock::Timestamp;
use assent_domain::consent::{ConsentSource, ConsentState};
use assent_domain::expiry::ConsentExpiry;
use assent_domain::id::SubscriberId;
use serde_json::json;

use crate::audit::Change;
use crate::consent::{self, Occasion};
use crate::error::StoreError;
use crate::policy::{self, NamedPurpose};
use crate::preferences::{Taken, statement_for};
use crate::purpose::{self, Purpose};
use crate::row::purpose as row;
use crate::subscriber::{self, Subscriber};
use crate::tx::{TenantTx, Write};
use crate::wording;

mod due;

pub use due::asked_in;
pub(crate) use due::{ask, lapse, still_asked};

/// Sets how many days a yes to a purpose lasts, or, with none, that it does not run out. It counts for those who
/// have said yes already too, though nobody's yes is over before there was time to ask them.
pub async fn set(tx: &mut TenantTx<Write>, code: &str, days: Option<i64>) -> Result<Purpose, StoreError> {
    let id = purpose::by_code(tx, "purpose", code).await?.id;
    tx.lock::<row::Entity>(id.uuid()).await?;
    let before = purpose::by_id(tx, id).await?;
    if !before.kind.needs_consent() {
        let message = format!(
            "nobody is asked about {:?}, so no yes to it can run out",
            before.code
        );
        return Err(StoreError::invalid("purpose", message));
    }
    let expiry = days.map(|days| ConsentExpiry::new(days, tx.now())).transpose();
    let expiry = expiry.map_err(|error| StoreError::invalid("expiresAfterDays", error))?;
    let days_of = |expiry: Option<ConsentExpiry>| expiry.map(ConsentExpiry::days);
    let (old, new) = (days_of(before.expiry), days_of(expiry));
    tx.execute(
        "UPDATE purpose SET expires_after_days = $3, expiry_set_at = $4 WHERE tenant_id = $1 AND id = $2",
        [
            id.uuid().into(),
            new.map(i32::from).into(),
            new.map(|_| tx.now().micros()).into(),
        ],
    )
    .await?;
    let change = Change::from_to(json!({ "days": old }), json!({ "days": new }));
    tx.audit(AuditAct::ConsentExpirySet, id, &change)?;
    purpose::by_id(tx, id).await
}

/// A yes that runs out, or has.
#[derive(Clone, Debug)]
pub struct Renewable {
    /// The purpose, in the words of the policy in force.
    pub purpose: NamedPurpose,
    /// When the yes runs out, or ran out.
    pub expires_at: Timestamp,
    /// Whether it has.
    pub is_over: bool,
    /// Whether it is time to say it once more.
    pub is_due: bool,
}

/// A person's page of yeses that run out.
#[derive(Clone, Debug)]
pub struct Renewals {
    /// Whose it is.
    pub subscriber: Subscriber,
    /// What they have said yes to, of what runs out and the policy in force names.
    pub yeses: Vec<Renewable>,
}

/// Reads a person's page of yeses that run out.
pub async fn view<M>(tx: &TenantTx<M>, of: SubscriberId) -> Result<Renewals, StoreError> {
    let mut yeses = Vec::new();
    if let Some(version) = policy::in_force(tx).await? {
        for named in policy::purposes_of(tx, version.id).await? {
            yeses.extend(renewable(tx, of, named).await?);
        }
    }
    Ok(Renewals {
        subscriber: subscriber::by_id(tx, of).await?,
        yeses,
    })
}

async fn renewable<M>(
    tx: &TenantTx<M>,
    of: SubscriberId,
    named: NamedPurpose,
) -> Result<Option<Renewable>, StoreError> {
    let Some(expiry) = purpose::by_id(tx, named.id).await?.expiry else {
        return Ok(None);
    };
    let Some(record) = consent::newest(tx, of, named.id).await? else {
        return Ok(None);
    };
    let (expires_at, is_over) = match record.state {
        ConsentState::Given => {
            let at = expiry.expires_at(record.counts_from);
            (at, at <= tx.now())
        }
        ConsentState::Expired => (record.recorded_at, true),
        _ => return Ok(None),
    };
    Ok(Some(Renewable {
        purpose: named,
        expires_at,
        is_over,
        is_due: is_over || record.counts_from <= expiry.ask_up_to(tx.now()),
    }))
}

/// Says yes once more to one purpose: the person's own act, to the words of the version that was `shown`. Where another is
/// in force by now, nothing counts.
pub async fn renew(
    tx: &mut TenantTx<Write>,
    of: SubscriberId,
    code: &str,
    shown: &str,
) -> Result<Taken, StoreError> {
    tx.require_open()?;
    let person = subscriber::speaks(tx, of).await?;
    let policy = policy::require_in_force(tx, "token").await?;
    if policy.id.to_string() != shown {
        return Ok(Taken::OnlyNoes);
    }
    let page = view(tx, person.id).await?;
    let found = page.yeses.into_iter().find(|yes| yes.purpose.code == code);
    let Some(yes) = found else {
        let code: String = code.chars().take(60).collect();
        let message = format!("no yes of yours to {code:?} runs out");
        return Err(StoreError::invalid("purpose", message));
    };
    if !yes.is_due {
        return Ok(Taken::All);
    }
    let shown = wording::keep(tx, "purposes", &statement_for(&yes.purpose)).await?;
    let occasion = Occasion {
        source: ConsentSource::RenewalPage,
        policy: policy.id,
        point: None,
        evidence: None,
        form: None,
    };
    let given = ConsentState::Given;
    consent::record(tx, &person, yes.purpose.id, given, Some(&shown), &occasion).await?;
    Ok(Taken::All)
}
