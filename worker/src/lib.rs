//! The hands: what is queued is done here. Jobs, rendering, and handing mail over.

pub mod mailbox;
pub mod mime;
pub mod render;
pub mod smtp;
