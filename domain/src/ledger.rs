//! The arithmetic of a tenant's ledger: commitments that can be forgotten, and a chain that cannot be bent.

use rand::Rng;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::clock::Timestamp;

/// A SHA-256.
pub type Hash = [u8; 32];

/// The hash before the first row.
pub const GENESIS: Hash = [0; 32];

/// Separates these hashes from any other use of SHA-256 over the same bytes.
const ROW_DOMAIN: &[u8] = b"assent ledger row v1";

/// What the chain covers of a row: ids, codes and times, and a commitment to the rest.
#[derive(Clone, Copy, Debug)]
pub struct Row<'a> {
    /// Rows of a tenant are numbered from 1 without a gap.
    pub seq: i64,
    /// What kind of entry it is.
    pub kind: &'a str,
    /// The entry's id.
    pub id: Uuid,
    /// Whom it is about, if anybody.
    pub subject: Option<Uuid>,
    /// When it was recorded.
    pub recorded_at: Timestamp,
    /// Ids and codes as JSON, byte for byte as stored.
    pub facts: &'a str,
    /// [`commit`] of salt and evidence.
    pub commitment: &'a [u8],
}

/// The hash of a row, given the hash of the row before it. Every part carries its length, so that no two rows
/// have the same bytes.
pub fn chain(previous: &Hash, row: &Row<'_>) -> Hash {
    let mut hasher = Sha256::new();
    hasher.update(ROW_DOMAIN);
    hasher.update(previous);
    hasher.update(row.seq.to_be_bytes());
    hasher.update(row.recorded_at.micros().to_be_bytes());
    for part in [
        row.kind.as_bytes(),
        row.id.as_bytes(),
        row.subject.as_ref().map_or(&[][..], |subject| subject.as_bytes()),
        row.facts.as_bytes(),
        row.commitment,
    ] {
        hasher.update((part.len() as u64).to_be_bytes());
        hasher.update(part);
    }
    hasher.finalize().into()
}

/// The commitment to evidence: it can be checked while salt and evidence are kept, and says nothing after.
pub fn commit(salt: &[u8], evidence: &[u8]) -> Hash {
    let mut hasher = Sha256::new();
    hasher.update(salt);
    hasher.update(evidence);
    hasher.finalize().into()
}

/// A fresh salt: without it, evidence as short as an address could be guessed from its commitment.
pub fn salt() -> [u8; 16] {
    let mut salt = [0; 16];
    rand::rng().fill_bytes(&mut salt);
    salt
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(facts: &str) -> Row<'_> {
        Row {
            seq: 1,
            kind: "CONSENT",
            id: Uuid::nil(),
            subject: None,
            recorded_at: Timestamp::from_micros(1),
            facts,
            commitment: &[0; 32],
        }
    }

    #[test]
    fn p06_any_change_to_a_row_changes_its_hash() {
        let original = chain(&GENESIS, &row("{}"));
        assert_eq!(original, chain(&GENESIS, &row("{}")));
        let mut changed = vec![
            chain(&[1; 32], &row("{}")),
            chain(&GENESIS, &row("{ }")),
            chain(&GENESIS, &Row { seq: 2, ..row("{}") }),
            chain(
                &GENESIS,
                &Row {
                    kind: "AUDIT",
                    ..row("{}")
                },
            ),
            chain(
                &GENESIS,
                &Row {
                    id: Uuid::max(),
                    ..row("{}")
                },
            ),
            chain(
                &GENESIS,
                &Row {
                    subject: Some(Uuid::nil()),
                    ..row("{}")
                },
            ),
            chain(
                &GENESIS,
                &Row {
                    recorded_at: Timestamp::from_micros(2),
                    ..row("{}")
                },
            ),
            chain(
                &GENESIS,
                &Row {
                    commitment: &[1; 32],
                    ..row("{}")
                },
            ),
        ];
        assert!(!changed.contains(&original));
        changed.dedup();
        assert_eq!(changed.len(), 8);
    }
}
