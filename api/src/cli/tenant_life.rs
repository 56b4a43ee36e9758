//! `assent tenant close`, `reopen`, `list` and `export`: the life of a tenant, for whoever runs the server.

use std::path::{Path, PathBuf};

use assent_domain::tenant_life::TenantLife;
use assent_entity::{Store, TenantCtx, TenantTx, operator, tenant, tenant_end, tenant_export, tenant_life};
use clap::Args;

use super::{Failure, say};
use crate::settings::Settings;

#[derive(Debug, Args)]
pub(super) struct Close {
    /// The tenant's short name.
    slug: String,
    /// Its name as people read it, to make sure that it is this one that is meant.
    #[arg(long)]
    name: String,
    /// Why. It goes on the record.
    #[arg(long)]
    reason: String,
}

#[derive(Debug, Args)]
pub(super) struct Reopen {
    /// The tenant's short name.
    slug: String,
    /// Why. It goes on the record.
    #[arg(long)]
    reason: String,
}

#[derive(Debug, Args)]
pub(super) struct Export {
    /// The tenant's short name.
    slug: String,
    /// The file to write; one that exists is not touched.
    file: PathBuf,
}

pub(super) async fn find(store: &Store, slug: &str) -> Result<TenantCtx, Failure> {
    let found = tenant::for_operator(store, slug).await?;
    if found.is_none() && tenant::gone_by_slug(store, slug).await?.is_some() {
        return Err(Failure(format!(
            "{slug}: this tenant is deleted: there is no way back"
        )));
    }
    found.ok_or_else(|| Failure(format!("there is no tenant {slug:?}: see `assent tenant list`")))
}

/// Closes a tenant.
pub(super) async fn close(store: &Store, settings: &Settings, what: Close) -> Result<(), Failure> {
    let ctx = find(store, &what.slug).await?;
    let mut tx = TenantTx::write(store, ctx).await?;
    let closing = tenant_life::close(&mut tx, &what.name, &what.reason, settings.tenant_grace).await?;
    tx.commit().await?;
    say(format_args!(
        "{}: {closing}. `assent tenant reopen` opens it again until then.",
        what.slug
    ));
    Ok(())
}

/// Opens a closed tenant again.
pub(super) async fn reopen(store: &Store, what: Reopen) -> Result<(), Failure> {
    let ctx = find(store, &what.slug).await?;
    let mut tx = TenantTx::write(store, ctx).await?;
    tenant_life::reopen(&mut tx, &what.reason).await?;
    tx.commit().await?;
    say(format_args!(
        "{}: open again. Notices that waited go on; a member has to resume each campaign.",
        what.slug
    ));
    Ok(())
}

/// Makes a tenant the operator's own.
pub(super) async fn make_operators(store: &Store, slug: &str) -> Result<(), Failure> {
    let ctx = find(store, slug).await?;
    let mut tx = TenantTx::write(store, ctx).await?;
    operator::mark(&mut tx).await?;
    tx.commit().await?;
    say(format_args!(
        "{slug}: the operator's own. A worker takes in the members of all other tenants, within ten minutes, once its \
         policy is in force."
    ));
    Ok(())
}

/// Prints every tenant there is or was.
pub(super) async fn list(store: &Store) -> Result<(), Failure> {
    let here = tenant::all(store).await?;
    let mut lines: Vec<_> = here
        .into_iter()
        .map(|(_, tenant)| {
            let whose = tenant.operator_since.map_or("", |_| ", the operator's own");
            (tenant.slug, format!("{}{whose}", in_words(tenant.life)))
        })
        .collect();
    let former = tenant_end::former(store).await?;
    lines.extend(
        former
            .into_iter()
            .map(|former| (former.slug, in_words(former.life))),
    );
    lines.sort();
    for (slug, life) in lines {
        say(format_args!("{slug:<40} {life}"));
    }
    Ok(())
}

fn in_words(life: TenantLife) -> String {
    match life {
        TenantLife::Open => "open".to_owned(),
        TenantLife::Closing(closing) => closing.to_string(),
        TenantLife::Deleting { since } => format!("being deleted since {since}"),
        TenantLife::Deleted { at } => format!("deleted on {at}"),
    }
}

/// Writes all that a tenant has into a file.
pub(super) async fn export(store: &Store, what: &Export) -> Result<(), Failure> {
    let ctx = find(store, &what.slug).await?;
    let file: &Path = &what.file;
    let manifest = tenant_export::write(store, ctx, file).await?;
    say(format_args!(
        "{}: {} rows of {} tables as of {}. It holds personal data: give it to the tenant, and to nobody else.",
        file.display(),
        manifest.rows().values().sum::<u64>(),
        manifest.files.len(),
        manifest.created_at
    ));
    Ok(())
}
