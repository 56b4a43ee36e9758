//! The hands: what is queued is done here. Jobs, rendering, and handing mail over.

mod compose;
mod dial;
mod dns;
mod jobs;
mod post;
mod queue;
mod relay;
mod run;
mod sign;

pub mod bounce;
pub mod chores;
pub mod identity_provider;
pub mod mailbox;
pub mod mime;
pub mod networks;
pub mod render;
pub mod sample;
pub mod sending_domain;
pub mod settings;
pub mod smtp;
pub mod transport;
pub mod webhook;
pub mod words;

pub use compose::{links::Links, message_id};
pub use run::{StartError, Workers};
