//! What a page that asks for choices said when it was shown, in a few letters that come back with the answers.

use std::fmt::Display;

use assent_domain::id::OutsidePartyId;
use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

use crate::permission::Permissions;

/// How much of the hash is kept, in octets. It is no secret: whoever sends another than the page had is asked again.
const OCTETS: usize = 16;

/// Names what a page says, thing by thing.
pub(crate) struct Mark(Sha256);

impl Mark {
    pub(crate) fn new() -> Self {
        Self(Sha256::new())
    }

    pub(crate) fn add(&mut self, what: Option<impl Display>) {
        let text = what.map_or_else(|| "-".to_owned(), |what| what.to_string());
        self.0.update(text.as_bytes());
        self.0.update([0]);
    }

    /// What a person said about an outside party, field by field.
    pub(crate) fn add_permissions(&mut self, party: OutsidePartyId, said: &Permissions) {
        self.add(Some(party));
        for (field, permission) in said {
            self.add(Some(*field));
            self.add(Some(permission.state));
            self.add(Some(permission.recorded_at.micros()));
        }
    }

    pub(crate) fn finish(self) -> String {
        let hash = self.0.finalize();
        HEXLOWER.encode(hash.get(..OCTETS).unwrap_or_default())
    }
}
