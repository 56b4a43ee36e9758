//! The second factor of a sign-in: codes from a device (TOTP, RFC 6238), and ten recovery codes for the day on which it
//! is lost. Each code is worth once. The device's secret is sealed, the recovery codes are hashes.

use assent_domain::address::EmailAddress;
use assent_domain::audit::AuditAct;
use assent_domain::clock::Timestamp;
use assent_domain::id::{MemberId, stored};
use sea_orm::{ActiveValue::Set, EntityTrait, FromQueryResult};
use secrecy::{ExposeSecret, SecretString};

use crate::audit::Change;
use crate::error::StoreError;
use crate::member::{self, Member};
use crate::row::{member as member_row, second_factor as row};
use crate::session::SignedInMember;
use crate::tenant;
use crate::tx::{TenantTx, Write};

mod device;
mod recovery;
mod sealing;

pub use recovery::RECOVERY_CODES;
pub(crate) use sealing::tend;

/// Why a sign-in with the right password is not one yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CodeMissing {
    /// None was sent.
    #[error(
        "the password is right, and this member has a second factor: send `code` too, from their authenticator \
         or one of their recovery codes"
    )]
    NotSent,
    /// It is not one, or is one no more.
    #[error(
        "this code is wrong, too old, or was used before: send the next one of the authenticator, or a recovery code"
    )]
    Wrong,
}

/// A second factor that counts.
#[derive(Clone, Copy, Debug)]
pub struct SecondFactor {
    /// When the member showed that their device gives the right codes.
    pub confirmed_at: Timestamp,
    /// How many recovery codes they have left.
    pub recovery_codes_left: u64,
}

/// What a device has to be told, once.
#[derive(Debug)]
pub struct Begun {
    /// All of it as an address that authenticators read, from a QR code.
    pub uri: SecretString,
    /// The secret alone, to be typed: Base32 (RFC 4648, 6).
    pub secret: SecretString,
}

async fn find<M>(tx: &TenantTx<M>, member: MemberId) -> Result<Option<row::Model>, StoreError> {
    let found = row::Entity::find_by_id((tx.uuid(), member.uuid()));
    Ok(found.one(tx.conn()).await?)
}

/// A second factor that was begun and may have been confirmed, of a member who asks for a change of it.
async fn must_have<M>(tx: &TenantTx<M>, member: MemberId, advice: &str) -> Result<row::Model, StoreError> {
    let found = find(tx, member).await?;
    found.ok_or_else(|| StoreError::conflict("secondFactor", advice))
}

#[derive(FromQueryResult)]
struct Left {
    left_over: i64,
}

/// A member's second factor, if they have one that counts.
pub async fn of_member<M>(tx: &TenantTx<M>, member: MemberId) -> Result<Option<SecondFactor>, StoreError> {
    let confirmed_at = find(tx, member).await?.and_then(|row| row.confirmed_at);
    let Some(confirmed_at) = confirmed_at else {
        return Ok(None);
    };
    let sql = "SELECT COUNT(*) AS left_over FROM recovery_code WHERE tenant_id = $1 AND member_id = $2";
    let left: Option<Left> = tx.one(sql, [member.uuid().into()]).await?;
    Ok(Some(SecondFactor {
        confirmed_at: Timestamp::from_micros(confirmed_at),
        recovery_codes_left: left.map_or(0, |left| u64::try_from(left.left_over).unwrap_or(0)),
    }))
}

/// Makes a secret for a member's device. Nothing is asked of them before they confirm it with a code; beginning again
/// forgets the secret before.
pub async fn begin(tx: &mut TenantTx<Write>, by: &SignedInMember) -> Result<Begun, StoreError> {
    tx.lock::<member_row::Entity>(by.member.uuid()).await?;
    if find(tx, by.member)
        .await?
        .is_some_and(|row| row.confirmed_at.is_some())
    {
        let advice = "there is a second factor already: remove it first, with a code";
        return Err(StoreError::conflict("secondFactor", advice));
    }
    let secret = device::new_secret();
    forget(tx, by.member).await?;
    let row = row::ActiveModel {
        tenant_id: Set(tx.uuid()),
        member_id: Set(by.member.uuid()),
        sealed_secret: Set(sealing::seal(tx, by.member, &secret)?),
        created_at: Set(tx.now().micros()),
        confirmed_at: Set(None),
        last_step: Set(0),
    };
    row::Entity::insert(row).exec_without_returning(tx.conn()).await?;
    let of = member::by_id(tx, by.member).await?.email;
    let issuer = tenant::current(tx).await?.name;
    tx.audit(AuditAct::SecondFactorBegun, by.member, &Change::default())?;
    device::told(&secret, &issuer, &of.expose())
}

/// Confirms that the device gives the right codes: from now on a sign-in asks for one. Gives the recovery codes, this once.
pub async fn confirm(
    tx: &mut TenantTx<Write>,
    by: &SignedInMember,
    code: &SecretString,
) -> Result<Vec<SecretString>, StoreError> {
    // One after the other with whatever else is done to it: what is confirmed is what the code was of.
    tx.lock::<member_row::Entity>(by.member.uuid()).await?;
    let row = must_have(tx, by.member, "there is nothing to confirm: begin first").await?;
    if row.confirmed_at.is_some() {
        let advice = "the second factor is confirmed already";
        return Err(StoreError::conflict("secondFactor", advice));
    }
    if !spend_step(tx, &row, code).await? {
        return Err(wrong(
            "this is not the code that the device shows now: see that its clock is right",
        ));
    }
    let sql = "UPDATE second_factor SET confirmed_at = $3 WHERE tenant_id = $1 AND member_id = $2";
    tx.execute(sql, [row.member_id.into(), tx.now().micros().into()])
        .await?;
    let codes = recovery::issue(tx, by.member).await?;
    tx.audit(AuditAct::SecondFactorConfirmed, by.member, &Change::default())?;
    Ok(codes)
}

/// Takes a member's own second factor away, by a code of it.
pub async fn remove(
    tx: &mut TenantTx<Write>,
    by: &SignedInMember,
    code: &SecretString,
) -> Result<(), StoreError> {
    let row = must_have(tx, by.member, "there is no second factor").await?;
    if !spend(tx, &row, code).await? {
        return Err(wrong(CodeMissing::Wrong));
    }
    forget(tx, by.member).await?;
    tx.audit(AuditAct::SecondFactorRemoved, by.member, &Change::default())
}

/// Takes the second factor of another member away, for an owner: they have lost their device, and their recovery codes.
pub async fn reset(
    tx: &mut TenantTx<Write>,
    by: &SignedInMember,
    id: MemberId,
) -> Result<Member, StoreError> {
    let member = member::by_id(tx, id).await?;
    if id == by.member {
        let advice =
            "this is your own second factor: remove it with a code, or ask another owner to reset it";
        return Err(StoreError::conflict("id", advice));
    }
    take_away(tx, id).await?;
    Ok(member)
}

/// The same, for whoever runs the server: an only owner has nobody else to ask.
pub async fn reset_for_operator(
    tx: &mut TenantTx<Write>,
    email: &EmailAddress,
) -> Result<MemberId, StoreError> {
    let row = member::find_row(tx, email).await?;
    let row = row.ok_or_else(|| StoreError::invalid("email", "nobody with this address is a member"))?;
    let id = stored(row.id);
    take_away(tx, id).await?;
    Ok(id)
}

async fn take_away(tx: &mut TenantTx<Write>, id: MemberId) -> Result<(), StoreError> {
    if find(tx, id).await?.is_none() {
        return Err(StoreError::conflict("id", "this member has no second factor"));
    }
    forget(tx, id).await?;
    tx.audit(AuditAct::SecondFactorReset, id, &Change::default())
}

/// Lets a sign-in go on whose password was right: the member has no second factor that counts, or this is a code of it,
/// which is spent if the transaction commits.
pub(crate) async fn pass(
    tx: &TenantTx<Write>,
    member: MemberId,
    code: Option<&SecretString>,
) -> Result<(), StoreError> {
    let row = find(tx, member).await?.filter(|row| row.confirmed_at.is_some());
    let Some(row) = row else { return Ok(()) };
    match code {
        None => Err(CodeMissing::NotSent.into()),
        Some(code) if spend(tx, &row, code).await? => Ok(()),
        Some(_) => Err(CodeMissing::Wrong.into()),
    }
}

fn wrong(message: impl std::fmt::Display) -> StoreError {
    StoreError::invalid("code", message)
}

/// Spends a code: a recovery code, which counts even where the secret of the device cannot be opened any more, or one of the
/// device.
async fn spend(tx: &TenantTx<Write>, row: &row::Model, code: &SecretString) -> Result<bool, StoreError> {
    Ok(recovery::spend(tx, row.member_id, code).await? || spend_step(tx, row, code).await?)
}

/// Spends a code of the device. Neither it nor one before it counts again (RFC 6238, 5.2), whoever is quicker.
async fn spend_step(tx: &TenantTx<Write>, row: &row::Model, code: &SecretString) -> Result<bool, StoreError> {
    let secret = sealing::open(tx, row)?;
    let Some(step) = device::step_of(secret.expose_secret(), code, tx.now())? else {
        return Ok(false);
    };
    let sql = "UPDATE second_factor SET last_step = $3
               WHERE tenant_id = $1 AND member_id = $2 AND last_step < $3";
    Ok(tx.execute(sql, [row.member_id.into(), step.into()]).await? == 1)
}

/// Forgets a member's second factor, with its recovery codes.
pub(crate) async fn forget(tx: &TenantTx<Write>, member: MemberId) -> Result<(), StoreError> {
    for sql in [
        "DELETE FROM recovery_code WHERE tenant_id = $1 AND member_id = $2",
        "DELETE FROM second_factor WHERE tenant_id = $1 AND member_id = $2",
    ] {
        tx.execute(sql, [member.uuid().into()]).await?;
    }
    Ok(())
}
