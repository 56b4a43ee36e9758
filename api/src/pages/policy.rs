//! `/t/{tenant}/policy` and `/t/{tenant}/policy/{n}`: what is in force, what is coming, what was (P09). Drafts
//! are nobody else's business.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use assent_domain::clock::Timestamp;
use assent_domain::policy::PolicyStatus as Stored;
use assent_entity::policy::{self, PolicyVersion};
use assent_entity::{TenantTx, tenant as tenants};
use assent_worker::words::Words;

use super::error::PageError;
use super::leaving::OwnSites;
use super::policy_text;
use super::reader::Reader;
use super::respond::{self, Keep};
use super::tenant;
use super::terms::{number, outside_party, policy_purpose};
use super::views::{
    PolicyPage, PolicyStatus, PolicyVersionPage, UpcomingVersion, VersionLink, VersionText, When,
};
use crate::app::App;

/// The policy page.
pub(super) async fn show(
    app: web::Data<App>,
    reader: Reader,
    tenant: web::Path<String>,
) -> Result<HttpResponse, PageError> {
    let ctx = tenant::find(&app.store, &tenant).await?;
    let tx = TenantTx::read(&app.store, ctx).await?;
    let chrome = tenant::chrome(&tx, reader.tongue()).await?;
    let posted = posted(&tx).await?;
    let now = app.store.now();
    let mut upcoming: Vec<_> = posted
        .iter()
        .filter(|version| version.status == Stored::Posted)
        .map(|version| UpcomingVersion {
            number: number(&version.times),
            effective_at: effective_at(version).into(),
            overdue: effective_at(version) <= now,
            summary: version.summary.clone(),
        })
        .collect();
    upcoming.sort_by_key(|version| version.effective_at.0);
    let in_force = match in_force(&posted) {
        Some(version) => Some(text_of(&tx, version, &app, chrome.tongue.words).await?),
        None => None,
    };
    let versions = posted.iter().rev().map(|version| VersionLink {
        number: number(&version.times),
        status: status(version, &posted, now),
    });
    let page = PolicyPage {
        chrome,
        upcoming,
        in_force,
        versions: versions.collect(),
    };
    respond::page(StatusCode::OK, Keep::Ask, &page)
}

/// One version at its permanent address.
pub(super) async fn show_version(
    app: web::Data<App>,
    reader: Reader,
    address: web::Path<(String, String)>,
) -> Result<HttpResponse, PageError> {
    let (tenant, wanted) = address.into_inner();
    let ctx = tenant::find(&app.store, &tenant).await?;
    let tx = TenantTx::read(&app.store, ctx).await?;
    let chrome = tenant::chrome(&tx, reader.tongue()).await?;
    let posted = posted(&tx).await?;
    let version = posted
        .iter()
        .find(|version| version.times.number.to_string() == wanted);
    let version = version.ok_or_else(PageError::not_found)?;
    let in_force = in_force(&posted).map(|version| number(&version.times));
    let page = PolicyVersionPage {
        version: text_of(&tx, version, &app, chrome.tongue.words).await?,
        chrome,
        status: status(version, &posted, app.store.now()),
        summary: Some(version.summary.clone()).filter(|summary| !summary.is_empty()),
        in_force_number: in_force.filter(|in_force| *in_force != number(&version.times)),
    };
    respond::page(StatusCode::OK, Keep::Ask, &page)
}

/// Every version that was ever posted, first to last.
pub(super) async fn posted<M>(tx: &TenantTx<M>) -> Result<Vec<PolicyVersion>, PageError> {
    let mut versions = policy::all(tx).await?;
    versions.retain(|version| version.status != Stored::Draft);
    Ok(versions)
}

fn in_force(posted: &[PolicyVersion]) -> Option<&PolicyVersion> {
    posted.iter().find(|version| version.status == Stored::InForce)
}

/// When a posted version was meant to take effect.
fn effective_at(version: &PolicyVersion) -> Timestamp {
    version.times.effective_at.unwrap_or(version.created_at)
}

/// When it did, where that can be told, and else when it was meant to.
fn since(version: &PolicyVersion) -> Timestamp {
    version
        .times
        .takes_effect_at()
        .unwrap_or_else(|| effective_at(version))
}

async fn text_of<M>(
    tx: &TenantTx<M>,
    version: &PolicyVersion,
    app: &App,
    words: Words,
) -> Result<VersionText, PageError> {
    let own = OwnSites::of(&tenants::current(tx).await?, &app.base_url);
    let purposes = policy::purposes_of(tx, version.id).await?;
    let parties = policy::parties_of(tx, version.id).await?;
    Ok(VersionText {
        number: number(&version.times),
        posted_at: version.times.posted_at.unwrap_or(version.created_at).into(),
        effective_at: since(version).into(),
        body: policy_text::html_of(&version.body, &own, words),
        purposes: purposes.iter().map(policy_purpose).collect(),
        outside_parties: parties.into_iter().map(outside_party).collect(),
    })
}

fn status(version: &PolicyVersion, posted: &[PolicyVersion], now: Timestamp) -> PolicyStatus {
    match version.status {
        Stored::Draft | Stored::Posted => PolicyStatus::Upcoming {
            effective_at: effective_at(version).into(),
            overdue: effective_at(version) <= now,
        },
        Stored::InForce => PolicyStatus::InForce {
            since: since(version).into(),
        },
        Stored::Withdrawn => PolicyStatus::Withdrawn {
            at: version
                .times
                .withdrawn_at
                .map_or_else(|| When::from(now), When::from),
        },
        Stored::Superseded => superseded(version, posted),
    }
}

/// A version ends when the first later one takes effect; one that was overtaken before its own day never
/// counted.
fn superseded(version: &PolicyVersion, posted: &[PolicyVersion]) -> PolicyStatus {
    let later = posted
        .iter()
        .filter(|later| later.times.number > version.times.number)
        .filter_map(|later| Some((later.times.takes_effect_at()?, number(&later.times))))
        .min();
    let (until, by) = later.unwrap_or_else(|| (since(version), number(&version.times)));
    match version.times.takes_effect_at() {
        Some(since) if since < until => PolicyStatus::Superseded {
            since: since.into(),
            until: until.into(),
            by,
        },
        _ => PolicyStatus::Overtaken { by },
    }
}
