//! The proofs, one file a noun. A name that begins with `p01` to `p18` proves that promise.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod address_change;
mod address_left;
mod backup;
mod backup_faults;
mod bounce;
mod bounce_corpus;
mod bounce_whose;
mod browsers;
mod catalogue;
mod choices;
mod circuit;
mod coming_back;
mod content;
mod content_parties;
mod contract;
mod cookies;
mod copy_complete;
mod delivery;
mod disclosure;
mod disclosure_reach;
mod dkim;
mod erasure;
mod expiry;
mod forms;
mod forms_json;
mod furnished;
mod graphql;
mod graphql_http;
mod histories;
mod isolation;
mod kill;
mod languages;
mod ledger;
mod limits;
mod link;
mod links;
mod listener;
mod mailing;
mod member;
mod model;
mod noes;
mod noes_decided;
mod old_links;
mod operator;
mod opt_in;
mod outbox;
mod outcomes;
mod pages;
mod pages_confirm;
mod pages_join;
mod pages_join_input;
mod pages_policy;
mod pages_preferences;
mod pages_unsubscribe;
mod personal_copy;
mod policy;
mod policy_upcoming;
mod postfix;
mod preferences;
mod preview;
mod privacy;
mod privacy_answers;
mod privacy_mail;
mod private_files;
mod proxies;
mod receipt;
mod refusals;
mod renewal_mail;
mod request_log;
mod retention;
mod roles;
mod rule;
mod schema;
mod scopes;
mod sending;
mod sending_domain;
mod sending_limits;
mod server;
mod session;
mod setup;
mod sign_in;
mod standing;
mod suppressions;
mod tenancy;
mod tenant_life;
mod town;
mod transactional_mail;
mod transport;
mod webhooks;
