//! What is stored and how it changes: tenant-scoped queries, state transitions, the ledger and the outbox.
//!
//! [`TenantTx`] is the only door to a tenant's tables; the entities are private. The functions that read and
//! change things live in a module a noun.

mod catalogue;
mod error;
mod ledger;
mod naming;
mod row;
mod store;
mod text;
mod token;
mod tx;
mod upkeep;

pub mod access;
pub mod address_change;
pub mod allowed_origin;
pub mod api_token;
pub mod audit;
pub mod backup;
pub mod browser_share;
pub mod campaign;
pub mod campaign_link;
pub mod checkpoint;
pub mod choice;
pub mod chore;
pub mod claim;
pub mod collection_point;
pub mod consent;
pub mod content;
pub mod copy;
pub mod correction;
pub mod delivery;
pub mod disclosure;
pub mod erasure;
pub mod expiry;
pub mod facts;
pub mod legal_order;
pub mod link;
pub mod mailing;
pub mod mailing_list;
pub mod member;
mod merge;
pub mod noes;
pub mod opt_in;
pub mod outbox;
pub mod outcome;
pub mod outside_party;
pub mod page;
pub mod password;
pub mod permission;
pub mod plan;
pub mod policy;
pub mod preferences;
pub mod privacy;
pub mod purpose;
pub mod receipt;
pub mod request_log;
pub mod restriction;
pub mod retention;
pub mod session;
pub mod sharing;
pub mod subscriber;
pub mod subscription;
pub mod suppression;
pub mod tenant;
pub mod tenant_end;
pub mod tenant_export;
pub mod tenant_life;
pub mod tracking;
pub mod verify;
mod wording;

pub use error::StoreError;
pub use store::{OpenError, Store, StoreSettings};
pub use token::TokenError;
pub use tx::{Read, TenantCtx, TenantTx, Write};
