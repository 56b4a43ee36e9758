//! Recovery codes: for the day on which the device is lost. They are drawn, so that a hash is enough to keep them from
//! whoever reads the database: there are 2^80 to be tried.

use assent_domain::id::MemberId;
use data_encoding::BASE32_NOPAD;
use rand::Rng;
use sea_orm::{ActiveValue::Set, EntityTrait};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::error::StoreError;
use crate::row::recovery_code as row;
use crate::tx::{TenantTx, Write};

/// How many there are.
pub const RECOVERY_CODES: usize = 10;

const OCTETS: usize = 10;
const LETTERS: usize = OCTETS * 8 / 5;

/// Makes the codes of a member, and gives them this once.
pub(super) async fn issue(tx: &TenantTx<Write>, member: MemberId) -> Result<Vec<SecretString>, StoreError> {
    let mut codes = Vec::with_capacity(RECOVERY_CODES);
    let mut rows = Vec::with_capacity(RECOVERY_CODES);
    for _ in 0..RECOVERY_CODES {
        let mut octets = [0; OCTETS];
        rand::rng().fill_bytes(&mut octets);
        let letters = BASE32_NOPAD.encode(&octets);
        rows.push(row::ActiveModel {
            tenant_id: Set(tx.uuid()),
            member_id: Set(member.uuid()),
            code_hash: Set(hash_of(member.uuid(), &letters)),
        });
        codes.push(SecretString::from(in_groups(&letters)));
    }
    row::Entity::insert_many(rows)
        .exec_without_returning(tx.conn())
        .await?;
    Ok(codes)
}

/// Spends a code. Of two who try at once, one does.
pub(super) async fn spend(
    tx: &TenantTx<Write>,
    member: Uuid,
    code: &SecretString,
) -> Result<bool, StoreError> {
    let Some(letters) = letters_of(code.expose_secret()) else {
        return Ok(false);
    };
    let sql = "DELETE FROM recovery_code WHERE tenant_id = $1 AND member_id = $2 AND code_hash = $3";
    let values = [member.into(), hash_of(member, &letters).into()];
    Ok(tx.execute(sql, values).await? == 1)
}

fn hash_of(member: Uuid, letters: &str) -> Vec<u8> {
    let hash = Sha256::new().chain_update(member.as_bytes());
    hash.chain_update(letters.as_bytes()).finalize().to_vec()
}

/// Four letters at a time, as people read them.
fn in_groups(letters: &str) -> String {
    let mut text = String::with_capacity(letters.len() + 3);
    for (at, letter) in letters.chars().enumerate() {
        if at > 0 && at % 4 == 0 {
            text.push('-');
        }
        text.push(letter);
    }
    text
}

/// The letters of a code as somebody typed it: large or small, in groups or not.
fn letters_of(typed: &str) -> Option<String> {
    let letters: String = typed
        .chars()
        .take(64)
        .filter(|letter| !letter.is_whitespace() && *letter != '-')
        .map(|letter| letter.to_ascii_uppercase())
        .collect();
    (letters.len() == LETTERS).then_some(letters)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_however_it_is_typed() {
        assert_eq!(in_groups("ABCDEFGHIJKLMNOP"), "ABCD-EFGH-IJKL-MNOP");
        for typed in [
            "ABCD-EFGH-IJKL-MNOP",
            "abcdefghijklmnop",
            " abcd efgh ijkl mnop\n",
        ] {
            assert_eq!(letters_of(typed).as_deref(), Some("ABCDEFGHIJKLMNOP"));
        }
        for wrong in ["", "ABCD-EFGH-IJKL-MNO", "ABCD-EFGH-IJKL-MNOPQ", "123456"] {
            assert_eq!(letters_of(wrong), None);
        }
        let [one, other] = [1, 2].map(|member| hash_of(Uuid::from_u128(member), "ABCDEFGHIJKLMNOP"));
        assert_ne!(one, other, "the same code of two members has two hashes");
    }
}
