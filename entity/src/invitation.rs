//! Invitations: how somebody becomes a member who chooses their own password. The link goes to their mailbox and nowhere
//! else, counts once, and can be taken back. A member belongs to one tenant, so whoever works for several has an account in
//! each, and an invitation tells nothing about the others.

use std::time::Duration;

use assent_domain::address::EmailAddress;
use assent_domain::audit::{Actor, AuditAct};
use assent_domain::clock::Timestamp;
use assent_domain::delivery::MailingKind;
use assent_domain::id::{InvitationId, MailingId, MemberId, new_id, stored};
use assent_domain::language::Language;
use assent_domain::permit::Recipient;
use assent_domain::tenant::Role;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, FromQueryResult, PaginatorTrait, QueryFilter};
use serde_json::json;

use crate::audit::Change;
use crate::error::{StoreError, read_code};
use crate::page::{Page, PageRequest};
use crate::row::invitation as row;
use crate::subscriber::{read_address, read_language};
use crate::tx::{TenantTx, Write};
use crate::{account_mail, member, suppression};

mod accept;
mod forget;

pub use accept::{Opened, accept, open};
pub(crate) use forget::{forget_closed, revoke_all, revoke_made_by};

/// How long an invitation can be accepted after it was sent.
pub const ACCEPT_WITHIN: Duration = Duration::from_hours(7 * 24);

/// How many invitations one address is sent at most, until they are forgotten: they go to somebody who has not asked for them.
/// Those that were revoked count, too: they were sent.
pub const MAX_SENDINGS: i64 = 5;

/// How many invitations of a tenant can be open at once.
pub const MAX_OPEN: u64 = 100;

/// How many people a tenant invites within a day, whatever became of their invitations.
pub const MAX_A_DAY: u64 = 200;

const DAY: Duration = Duration::from_hours(24);

/// Where an invitation stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It can be accepted.
    Open,
    /// Whoever was invited is a member.
    Accepted(MemberId),
    /// It was taken back.
    Revoked,
    /// Its time is over.
    Expired,
}

/// An invitation.
#[derive(Clone, Debug)]
pub struct Invitation {
    /// Its id.
    pub id: InvitationId,
    /// Who is invited.
    pub email: EmailAddress,
    /// What they are to do for the tenant.
    pub role: Role,
    /// The language in which they are written to, if one was named.
    pub language: Option<Language>,
    /// Who invited them.
    pub invited_by: MemberId,
    /// The mailing whose link counts.
    pub mailing: MailingId,
    /// When they were first invited.
    pub created_at: Timestamp,
    /// When the last mail was called for.
    pub sent_at: Timestamp,
    /// Until when it can be accepted.
    pub expires_at: Timestamp,
    /// Where it stood when it was read.
    pub standing: Standing,
}

/// An invitation to be made.
#[derive(Clone, Debug)]
pub struct NewInvitation {
    /// Who is invited.
    pub email: EmailAddress,
    /// What they are to do for the tenant.
    pub role: Role,
    /// The language in which they are written to.
    pub language: Option<Language>,
}

fn read(row: row::Model, now: Timestamp) -> Result<Invitation, StoreError> {
    let standing = match (row.member_id, row.revoked_at) {
        (Some(member), _) => Standing::Accepted(stored(member)),
        (None, Some(_)) => Standing::Revoked,
        (None, None) if row.expires_at <= now.micros() => Standing::Expired,
        (None, None) => Standing::Open,
    };
    Ok(Invitation {
        id: stored(row.id),
        email: read_address(&row.email)?,
        role: read_code(&row.role)?,
        language: read_language(row.language.as_deref()),
        invited_by: stored(row.invited_by),
        mailing: stored(row.mailing_id),
        created_at: Timestamp::from_micros(row.created_at),
        sent_at: Timestamp::from_micros(row.sent_at),
        expires_at: Timestamp::from_micros(row.expires_at),
        standing,
    })
}

/// The invitation with this id.
pub async fn by_id<M>(tx: &TenantTx<M>, id: InvitationId) -> Result<Invitation, StoreError> {
    read(tx.get::<row::Entity>(id.uuid()).await?, tx.now())
}

/// The tenant's invitations, oldest first, those that are over too.
pub async fn page<M>(tx: &TenantTx<M>, request: PageRequest) -> Result<Page<Invitation>, StoreError> {
    let now = tx.now();
    request
        .run(tx, tx.find::<row::Entity>(), |row| read(row, now))
        .await
}

/// The invitation whose link a mailing carries, if it is the one that counts.
pub async fn of_mailing<M>(tx: &TenantTx<M>, mailing: MailingId) -> Result<Option<Invitation>, StoreError> {
    let query = tx
        .find::<row::Entity>()
        .filter(row::Column::MailingId.eq(mailing.uuid()));
    let row = query.one(tx.conn()).await?;
    row.map(|row| read(row, tx.now())).transpose()
}

/// Invites somebody to become a member, by mail. That an address is a member's is told to who asks: they can see the
/// tenant's members anyway. Whether it is known elsewhere is not looked at.
pub async fn invite(tx: &mut TenantTx<Write>, new: &NewInvitation) -> Result<InvitationId, StoreError> {
    let Actor::Member { id: by, .. } = tx.actor() else {
        return Err(StoreError::conflict(
            "email",
            "a member has to answer for an invitation",
        ));
    };
    // One after the other, so that of two for the same address the second is told of the first.
    hold_tenant(tx).await?;
    if member::find_row(tx, &new.email).await?.is_some() {
        let advice = "somebody with this address is a member of this tenant already";
        return Err(StoreError::conflict("email", advice));
    }
    let unanswered = || {
        let query = tx.find::<row::Entity>();
        query
            .filter(row::Column::AcceptedAt.is_null())
            .filter(row::Column::RevokedAt.is_null())
    };
    let before = unanswered().filter(row::Column::EmailKey.eq(new.email.comparison_key()));
    if let Some(before) = before.one(tx.conn()).await? {
        if before.expires_at > tx.now().micros() {
            let advice =
                "somebody with this address is invited already: resend that invitation, or revoke it first";
            return Err(StoreError::conflict("email", advice));
        }
        end(tx, stored(before.id)).await?;
    }
    let open = unanswered().filter(row::Column::ExpiresAt.gt(tx.now().micros()));
    if open.count(tx.conn()).await? >= MAX_OPEN {
        let advice =
            format!("{MAX_OPEN} invitations are open: revoke some, or wait until they were answered");
        return Err(StoreError::conflict("email", advice));
    }
    let lately = tx.find::<row::Entity>();
    let lately = lately.filter(row::Column::SentAt.gt(tx.now().before(DAY).micros()));
    if lately.count(tx.conn()).await? >= MAX_A_DAY {
        let advice = format!("{MAX_A_DAY} people were invited within a day: wait until tomorrow");
        return Err(StoreError::conflict("email", advice));
    }
    allow_mail(tx, "email", &new.email.comparison_key()).await?;
    suppression::operator::heed(tx, &new.email, None).await?;
    let id: InvitationId = new_id(tx.now());
    let mailing = account_mail::send(tx, MailingKind::Invitation, Recipient::Invitee(id)).await?;
    let now = tx.now();
    let row = row::ActiveModel {
        tenant_id: Set(tx.uuid()),
        id: Set(id.uuid()),
        email: Set(new.email.expose()),
        email_key: Set(new.email.comparison_key()),
        role: Set(new.role.to_string()),
        language: Set(new.language.as_ref().map(ToString::to_string)),
        invited_by: Set(by.uuid()),
        mailing_id: Set(mailing.uuid()),
        sendings: Set(1),
        created_at: Set(now.micros()),
        sent_at: Set(now.micros()),
        expires_at: Set(now.after(ACCEPT_WITHIN).micros()),
        accepted_at: Set(None),
        member_id: Set(None),
        revoked_at: Set(None),
    };
    row::Entity::insert(row).exec_without_returning(tx.conn()).await?;
    tx.audit(
        AuditAct::MemberInvited,
        id,
        &Change::to(json!({ "role": new.role, "email": new.email.expose() })),
    )?;
    Ok(id)
}

#[derive(FromQueryResult)]
struct Sent {
    mails: Option<i64>,
}

/// Refuses a further mail to an address that has had as many as it gets. Whoever became a member by one wanted it.
async fn allow_mail(tx: &TenantTx<Write>, field: &'static str, email_key: &str) -> Result<(), StoreError> {
    let sql = "SELECT CAST(SUM(sendings) AS BIGINT) AS mails FROM invitation
               WHERE tenant_id = $1 AND email_key = $2 AND accepted_at IS NULL";
    let sent: Option<Sent> = tx.one(sql, [email_key.into()]).await?;
    if sent.and_then(|sent| sent.mails).unwrap_or(0) < MAX_SENDINGS {
        return Ok(());
    }
    let advice = format!(
        "{MAX_SENDINGS} invitations were sent to this address: ask whoever is invited by other means, or wait until the \
         last of them has been over for 30 days"
    );
    Err(StoreError::conflict(field, advice))
}

async fn hold_tenant(tx: &TenantTx<Write>) -> Result<(), StoreError> {
    let hold = format!("SELECT id FROM tenant WHERE id = $1 {}", tx.for_update());
    tx.execute(&hold, []).await?;
    Ok(())
}

/// An invitation that can be answered still, held until the transaction ends.
async fn held(tx: &TenantTx<Write>, id: InvitationId) -> Result<row::Model, StoreError> {
    tx.lock::<row::Entity>(id.uuid()).await?;
    let row = tx.get::<row::Entity>(id.uuid()).await?;
    if row.accepted_at.is_some() {
        let advice = "the invitation was accepted: whoever was invited is a member";
        return Err(StoreError::conflict("id", advice));
    }
    Ok(row)
}

/// Sends an invitation once more, with another link and its time from now: the link before is worth nothing.
pub async fn resend(tx: &mut TenantTx<Write>, id: InvitationId) -> Result<Invitation, StoreError> {
    let row = held(tx, id).await?;
    if row.revoked_at.is_some() {
        let advice = "the invitation was revoked: invite them anew";
        return Err(StoreError::conflict("id", advice));
    }
    allow_mail(tx, "id", &row.email_key).await?;
    let mailing = account_mail::send(tx, MailingKind::Invitation, Recipient::Invitee(id)).await?;
    let now = tx.now();
    let sql = "UPDATE invitation SET mailing_id = $3, sendings = sendings + 1, sent_at = $4, expires_at = $5
               WHERE tenant_id = $1 AND id = $2";
    let values = [
        id.uuid().into(),
        mailing.uuid().into(),
        now.micros().into(),
        now.after(ACCEPT_WITHIN).micros().into(),
    ];
    tx.execute(sql, values).await?;
    tx.audit(AuditAct::InvitationResent, id, &Change::default())?;
    by_id(tx, id).await
}

/// Takes an invitation back: its link is worth nothing from now on. Revoked twice is revoked.
pub async fn revoke(tx: &mut TenantTx<Write>, id: InvitationId) -> Result<Invitation, StoreError> {
    held(tx, id).await?;
    end(tx, id).await?;
    tx.audit(AuditAct::InvitationRevoked, id, &Change::default())?;
    by_id(tx, id).await
}

async fn end(tx: &TenantTx<Write>, id: InvitationId) -> Result<(), StoreError> {
    let sql = "UPDATE invitation SET revoked_at = COALESCE(revoked_at, $3) WHERE tenant_id = $1 AND id = $2";
    tx.execute(sql, [id.uuid().into(), tx.now().micros().into()])
        .await?;
    Ok(())
}
