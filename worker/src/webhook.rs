//! Telling endpoints of tenants what happens: where they may be, how an event is posted, and how many at a time.

mod post;
mod reach;
mod runners;

pub(crate) use post::Messenger;
pub use reach::{Unreachable, check};
pub(crate) use runners::{Begun, Runners, Running};
