//! The proofs, one file a noun. A name that begins with `p01` to `p18` proves that promise.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod backup;
mod catalogue;
mod choices;
mod content_parties;
mod contract;
mod delivery;
mod disclosure;
mod forms;
mod forms_json;
mod furnished;
mod graphql;
mod graphql_http;
mod histories;
mod isolation;
mod ledger;
mod link;
mod mailing;
mod model;
mod opt_in;
mod outbox;
mod pages;
mod pages_confirm;
mod pages_join;
mod pages_join_input;
mod pages_policy;
mod pages_preferences;
mod pages_unsubscribe;
mod policy;
mod policy_upcoming;
mod preferences;
mod roles;
mod rule;
mod schema;
mod sending;
mod session;
mod setup;
mod sign_in;
mod tenancy;
mod town;
