//! The rules of permission-based mail, and nothing else: no I/O, no async, no database.
//!
//! What is decided here is decided once. The heart is [`permit::may_send`]: facts in, a [`permit::Permit`]
//! or a [`permit::Refusal`] out. Everything that mails takes a permit by value, so mail without a decision
//! does not type-check.

pub mod address;
pub mod allowed_networks;
pub mod api_token;
pub mod audit;
pub mod bounce;
pub mod browser;
pub mod campaign;
pub mod circuit;
pub mod clock;
pub mod collection_point;
pub mod consent;
pub mod content;
pub mod custom_field;
pub mod delivery;
pub mod disclosure;
pub mod dkim;
pub mod expiry;
pub mod fair_share;
pub mod id;
pub mod identity_provider;
pub mod import;
pub mod job;
pub mod keys;
pub mod language;
pub mod ledger;
pub mod line;
pub mod mailing_list;
pub mod membership;
pub mod message_id;
pub mod permit;
pub mod policy;
pub mod privacy;
pub mod purpose;
pub mod quiet_hours;
pub mod retention;
pub mod return_path;
pub mod segment;
pub mod sending_domain;
pub mod sending_limit;
pub mod site;
pub mod suppression;
mod tag_list;
pub mod tenant;
pub mod tenant_life;
pub mod time_zone;
pub mod tracking;
pub mod transport;
pub mod warm_up;
pub mod webhook;
