//! Handing mails to an SMTP relay: one connection, many mails, one outcome each.
//!
//! The commands are issued one by one, so that an outcome knows how far a mail came: whether it may be tried
//! again, or whether nobody knows if it was taken. What an outcome means for a delivery is decided elsewhere.

mod address;
mod bounded;
mod connection;
mod error;
mod outcome;
mod reach;
mod reply;
mod send;
mod settings;
pub(crate) mod tls;
mod wire;

#[cfg(test)]
mod tests;

pub use address::wire_address;
pub use connection::SmtpConnection;
pub use error::{SmtpError, Step};
pub use outcome::{Permanence, SendOutcome, Stage};
pub use reach::Reach;
pub use reply::Reply;
pub use settings::{SmtpSettings, TlsMode};
