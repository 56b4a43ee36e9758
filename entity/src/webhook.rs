//! Webhooks out: what happened is noted in the transaction in which it does, for endpoints that want to know, and a worker
//! tells them. An endpoint has one job in the outbox while it has something to be told.

pub mod delivery;
pub mod endpoint;
mod event;
mod health;
mod job;
pub mod notice;
pub mod replay;
mod secret;
mod tend;
pub mod turn;

pub(crate) use endpoint::silence_all;
pub(crate) use event::note;
pub(crate) use tend::tend;

/// The most endpoints of a tenant: each is looked at where something happens.
pub const MAX_ENDPOINTS: u64 = 20;

/// Rows of one statement: both databases take fewer than 32,767 values in one.
const ROWS_A_STATEMENT: usize = 2000;
