//! A new password for a member who has forgotten theirs, by a link in a mail. Nobody learns who is a member: whatever is
//! asked, nothing is answered. The second factor stays needed.

use std::time::Duration;

use assent_domain::address::EmailAddress;
use assent_domain::audit::AuditAct;
use assent_domain::clock::Timestamp;
use assent_domain::delivery::MailingKind;
use assent_domain::id::{MailingId, MemberId, PasswordResetId, new_id, stored};
use assent_domain::language::Language;
use assent_domain::permit::Recipient;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use secrecy::SecretString;
use serde_json::json;

use crate::account_link::{self, AccountAct};
use crate::audit::Change;
use crate::chore::{self, Passing};
use crate::error::StoreError;
use crate::link::LinkError;
use crate::member::{self, Member};
use crate::row::{member as member_row, password_reset as row};
use crate::store::Store;
use crate::subscriber::read_language;
use crate::token::TokenError;
use crate::tx::{TenantCtx, TenantTx, Write};
use crate::{account_mail, password, session, tenant};

/// How long the link counts.
pub const RESET_WITHIN: Duration = Duration::from_hours(1);

/// How many such mails a member gets within that time, whoever asks. Each of their links counts, so that nobody who asks
/// again and again takes the member's own away.
pub const MAX_WITHIN: u64 = 3;

/// Sends a member of the tenant with this published name the link, if there is such a member and they were not sent too
/// many. `language` is what whoever asks reads, for a member of whom that is not known.
pub async fn request(
    store: &Store,
    slug: &str,
    email: &str,
    language: Option<&Language>,
) -> Result<(), StoreError> {
    let Some(ctx) = tenant::by_slug(store, slug).await? else {
        return Ok(());
    };
    let mut tx = TenantTx::write(store, ctx).await?;
    let member = match EmailAddress::parse(email) {
        Ok(email) => member::find_row(&tx, &email).await?,
        Err(_) => None,
    };
    let Some(member) = member else { return Ok(()) };
    let id: MemberId = stored(member.id);
    // One after the other, so that their number holds.
    tx.lock::<member_row::Entity>(member.id).await?;
    let since = tx.now().before(RESET_WITHIN).micros();
    let lately = tx
        .find::<row::Entity>()
        .filter(row::Column::MemberId.eq(member.id))
        .filter(row::Column::RequestedAt.gt(since));
    if lately.count(tx.conn()).await? >= MAX_WITHIN || tx.require_open().is_err() {
        return Ok(());
    }
    let mailing = account_mail::send(&mut tx, MailingKind::PasswordReset, Recipient::Member(id)).await?;
    let (reset, now): (PasswordResetId, _) = (new_id(tx.now()), tx.now());
    let row = row::ActiveModel {
        tenant_id: Set(tx.uuid()),
        id: Set(reset.uuid()),
        member_id: Set(member.id),
        mailing_id: Set(mailing.uuid()),
        language: Set(language.map(ToString::to_string)),
        requested_at: Set(now.micros()),
        expires_at: Set(now.after(RESET_WITHIN).micros()),
    };
    row::Entity::insert(row).exec_without_returning(tx.conn()).await?;
    tx.audit(AuditAct::PasswordResetRequested, id, &Change::default())?;
    tx.commit().await
}

/// A wish for a new password that can be fulfilled.
#[derive(Clone, Debug)]
pub struct PasswordReset {
    /// Its id.
    pub id: PasswordResetId,
    /// Whose it is.
    pub member: MemberId,
    /// What whoever asked reads, if it is known.
    pub language: Option<Language>,
    /// Until when it can be fulfilled.
    pub expires_at: Timestamp,
}

impl From<row::Model> for PasswordReset {
    fn from(row: row::Model) -> Self {
        Self {
            id: stored(row.id),
            member: stored(row.member_id),
            language: read_language(row.language.as_deref()),
            expires_at: Timestamp::from_micros(row.expires_at),
        }
    }
}

/// The one whose mail a mailing is, as long as its link counts.
pub async fn of_mailing<M>(
    tx: &TenantTx<M>,
    mailing: MailingId,
) -> Result<Option<PasswordReset>, StoreError> {
    let query = tx
        .find::<row::Entity>()
        .filter(row::Column::MailingId.eq(mailing.uuid()))
        .filter(row::Column::ExpiresAt.gt(tx.now().micros()));
    Ok(query.one(tx.conn()).await?.map(PasswordReset::from))
}

async fn lasting<M>(tx: &TenantTx<M>, id: PasswordResetId) -> Result<PasswordReset, LinkError> {
    match tx.get::<row::Entity>(id.uuid()).await {
        Ok(row) if row.expires_at > tx.now().micros() => Ok(row.into()),
        Ok(_) | Err(StoreError::NotFound(_)) => Err(TokenError::Expired.into()),
        Err(error) => Err(error.into()),
    }
}

/// The link of such a mail that was followed.
#[derive(Clone, Debug)]
pub struct Opened {
    /// Leave to look at the tenant.
    pub ctx: TenantCtx,
    /// Whose password it is about.
    pub member: Member,
    /// The wish.
    pub reset: PasswordReset,
}

/// Reads a link. One that was used, or overtaken, has expired.
pub async fn open(store: &Store, link: &str) -> Result<Opened, LinkError> {
    let (ctx, act) = account_link::open(store, link).await?;
    let AccountAct::PasswordReset { reset } = act else {
        return Err(TokenError::Altered.into());
    };
    let tx = TenantTx::read(store, ctx).await?;
    let reset = lasting(&tx, reset).await?;
    Ok(Opened {
        ctx,
        member: member::by_id(&tx, reset.member).await?,
        reset,
    })
}

/// Gives a member the password that they chose, and ends all their sessions. They are told by mail. The link, and every
/// other that they were sent, is worth nothing from now on.
pub async fn reset(store: &Store, link: &str, new: SecretString) -> Result<(), LinkError> {
    let Opened { ctx, member, reset } = open(store, link).await?;
    let hash = password::hash(new).await?;
    let mut tx = TenantTx::write(store, ctx).await?;
    tx.require_open()?;
    tx.lock::<member_row::Entity>(member.id.uuid()).await?;
    // Whoever was quicker has taken it away.
    let reset = lasting(&tx, reset.id).await?;
    let sql = "UPDATE member SET password_hash = $3, language = COALESCE(language, $4) WHERE tenant_id = $1 AND id = $2";
    let language = reset.language.map(|language| language.to_string());
    let values = [reset.member.uuid().into(), hash.into(), language.into()];
    tx.execute(sql, values).await?;
    overtake(&tx, reset.member).await?;
    let ended = session::end_all(&mut tx, reset.member, None).await?;
    account_mail::send(
        &mut tx,
        MailingKind::PasswordChanged,
        Recipient::Member(reset.member),
    )
    .await?;
    let change = Change::to(json!({ "sessions": ended }));
    tx.audit(AuditAct::PasswordReset, reset.member, &change)?;
    tx.commit().await?;
    Ok(())
}

/// Takes the links away that a member was sent.
pub(crate) async fn overtake(tx: &TenantTx<Write>, of: MemberId) -> Result<(), StoreError> {
    let sql = "DELETE FROM password_reset WHERE tenant_id = $1 AND member_id = $2";
    tx.execute(sql, [of.uuid().into()]).await?;
    Ok(())
}

/// Takes all of them away: after a restore, one may have been used since.
pub(crate) async fn overtake_all(tx: &TenantTx<Write>) -> Result<(), StoreError> {
    tx.execute("DELETE FROM password_reset WHERE tenant_id = $1", [])
        .await?;
    Ok(())
}

/// Forgets those whose time is over.
pub(crate) async fn forget_expired(store: &Store, ctx: TenantCtx) -> Result<(), StoreError> {
    let rows = Passing {
        table: "password_reset",
        key: "id",
        at: "expires_at",
        kept_for: Duration::ZERO,
    };
    chore::forget(store, ctx, rows).await
}
