//! `assent tenant create` and `assent member create`: passwords are read from standard input, so that they
//! stand in no list of processes and no history.

use std::io::{BufRead, Write};

use assent_domain::address::EmailAddress;
use assent_domain::tenant::{Role, Slug};
use assent_entity::member::{self, NewMember};
use assent_entity::tenant::{self, NewTenant};
use assent_entity::{Store, TenantTx, operator};
use clap::{Args, Subcommand};
use secrecy::SecretString;
use strum::IntoEnumIterator;

use super::{Failure, say, second_factor, tenant_life};
use crate::settings::Settings;

#[derive(Debug, Subcommand)]
pub(super) enum TenantCommand {
    /// Create a tenant with its owner. The owner's password is read from standard input.
    Create(Box<CreateTenant>),
    /// Make a tenant the operator's own: its policy is towards the members of all others, who become its subscribers.
    Operator {
        /// The tenant's short name.
        slug: String,
    },
    /// Close a tenant: it sends nothing from now on, and is deleted some days later, see `--tenant-delete-days`.
    Close(tenant_life::Close),
    /// Open a closed tenant again, as long as it is not deleted.
    Reopen(tenant_life::Reopen),
    /// Print every tenant, and those that are deleted.
    List,
    /// Write all that a tenant has into a ZIP archive, for it to take along.
    Export(tenant_life::Export),
}

#[derive(Debug, Args)]
pub(super) struct CreateTenant {
    /// The short name in addresses, as in `acme`.
    #[arg(long)]
    slug: String,
    /// The name as people read it.
    #[arg(long)]
    name: String,
    /// The name that mail comes from. [default: the name]
    #[arg(long)]
    sender_name: Option<String>,
    /// The address that mail comes from.
    #[arg(long)]
    sender_address: String,
    /// Where questions about privacy go. [default: the sender's address]
    #[arg(long)]
    privacy_contact: Option<String>,
    /// The postal address that every marketing mail carries.
    #[arg(long)]
    postal_address: String,
    /// The owner's address, to sign in with.
    #[arg(long)]
    owner: String,
    /// It is the operator's own: its policy is towards the members of all others, who become its subscribers.
    #[arg(long)]
    operator: bool,
}

#[derive(Debug, Subcommand)]
pub(super) enum MemberCommand {
    /// Make somebody a member. The password is read from standard input.
    Create {
        /// The tenant's short name.
        #[arg(long)]
        tenant: String,
        /// The member's address, to sign in with.
        #[arg(long)]
        email: String,
        /// What they may do: `OWNER`, `PRIVACY_OFFICER`, `MARKETER`, `ANALYST` or `DEVELOPER`; see `assent roles`.
        #[arg(long, default_value = "OWNER")]
        role: String,
    },
    /// Take the second factor of a member away, who has lost their authenticator and their recovery codes. An owner can do
    /// that for others; this is for an only owner. Be sure that it is they who ask.
    ResetSecondFactor {
        /// The tenant's short name.
        #[arg(long)]
        tenant: String,
        /// The member's address.
        #[arg(long)]
        email: String,
    },
}

fn roles() -> String {
    let known: Vec<_> = Role::iter().map(|role| role.to_string()).collect();
    format!("the roles are {}", known.join(", "))
}

pub(super) fn address(flag: &str, text: &str) -> Result<EmailAddress, Failure> {
    EmailAddress::parse(text).map_err(|error| Failure(format!("{flag}: {error}")))
}

fn password() -> Result<SecretString, Failure> {
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line)?;
    Ok(SecretString::from(line.trim_end_matches(['\r', '\n']).to_owned()))
}

pub(super) async fn tenant(
    store: &Store,
    settings: &Settings,
    command: TenantCommand,
) -> Result<(), Failure> {
    match command {
        TenantCommand::Create(new) => create(store, settings, *new).await,
        TenantCommand::Operator { slug } => tenant_life::make_operators(store, &slug).await,
        TenantCommand::Close(what) => tenant_life::close(store, settings, what).await,
        TenantCommand::Reopen(what) => tenant_life::reopen(store, what).await,
        TenantCommand::List => tenant_life::list(store).await,
        TenantCommand::Export(what) => tenant_life::export(store, &what).await,
    }
}

/// Says which policy applies to whoever becomes a member, before they give a password. What a command is asked for goes
/// to standard output, so this does not.
async fn show_policy(store: &Store, settings: &Settings) -> Result<(), Failure> {
    if let Some(policy) = operator::policy_in_force(store).await? {
        let mut out = std::io::stderr().lock();
        writeln!(
            out,
            "The privacy policy of {}, version {}, applies to members: {}{}",
            policy.company,
            policy.number,
            settings.base_url,
            policy.path()
        )?;
    }
    Ok(())
}

async fn create(store: &Store, settings: &Settings, new: CreateTenant) -> Result<(), Failure> {
    let sender_address = address("--sender-address", &new.sender_address)?;
    let privacy_contact = match &new.privacy_contact {
        Some(text) => address("--privacy-contact", text)?,
        None => sender_address.clone(),
    };
    let owner = address("--owner", &new.owner)?;
    show_policy(store, settings).await?;
    let owner = NewMember::new(owner, password()?).await?;
    let slug = Slug::parse(&new.slug).map_err(|error| Failure(format!("--slug: {error}")))?;
    let created = NewTenant {
        slug,
        sender_name: new.sender_name.unwrap_or_else(|| new.name.clone()),
        name: new.name,
        sender_address,
        privacy_contact,
        postal_address: new.postal_address,
    };
    let ctx = if new.operator {
        tenant::create_operators(store, created, owner).await?
    } else {
        tenant::create(store, created, owner).await?
    };
    say(ctx.tenant());
    Ok(())
}

pub(super) async fn member(
    store: &Store,
    settings: &Settings,
    command: MemberCommand,
) -> Result<(), Failure> {
    let (slug, email, role) = match command {
        MemberCommand::Create { tenant, email, role } => (tenant, email, role),
        MemberCommand::ResetSecondFactor { tenant, email } => {
            return second_factor::reset(store, &tenant, &email).await;
        }
    };
    let role: Role = role
        .parse()
        .map_err(|_| Failure(format!("--role: {}", roles())))?;
    let ctx = tenant::for_operator(store, &slug).await?;
    let ctx = ctx.ok_or_else(|| Failure(format!("--tenant: there is no tenant {slug:?}")))?;
    let email = address("--email", &email)?;
    show_policy(store, settings).await?;
    let new = NewMember::new(email, password()?).await?;
    let mut tx = TenantTx::write(store, ctx).await?;
    let id = member::create(&mut tx, new, role).await?;
    tx.commit().await?;
    say(id);
    Ok(())
}
