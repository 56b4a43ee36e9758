//! The proofs, one file a noun. A name that begins with `p01` to `p18` proves that promise.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod catalogue;
mod delivery;
mod furnished;
mod histories;
mod ledger;
mod link;
mod mailing;
mod model;
mod opt_in;
mod outbox;
mod policy;
mod preferences;
mod rule;
mod sending;
mod session;
mod tenancy;
mod town;
