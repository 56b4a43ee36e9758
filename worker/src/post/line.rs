//! What messages go through: a connection to the mail server, or the built-in mailbox.

use std::time::Duration;

use assent_domain::clock::Timestamp;
use assent_domain::id::DeliveryId;

use crate::mailbox::Mailbox;
use crate::settings::Transport;
use crate::smtp::{SendOutcome, SmtpConnection, SmtpSettings, Stage};

/// How long opening a connection may take with all its steps: meanwhile a place among the workers is taken, which mail of
/// other tenants may wait for.
const OPENING: Duration = Duration::from_secs(45);

/// How long a server may take to say goodbye.
const GOODBYE: Duration = Duration::from_secs(2);

/// What a message goes through.
pub(super) enum Line {
    Mailbox(Mailbox),
    Smtp {
        settings: Box<SmtpSettings>,
        connection: Option<Box<SmtpConnection>>,
        /// Whether the connection has brought a message to its end, taken or not.
        has_served: bool,
    },
}

/// What became of a message on a line.
pub(super) enum Handed {
    /// The mailbox kept it, or says why not.
    Kept(std::io::Result<()>),
    /// What the server made of it.
    Smtp(SendOutcome),
    /// The connection had served its time: the server closed it after so many messages, as many do. Nothing was tried.
    ServedItsTime(String),
    /// There was no connection.
    NoConnection,
}

impl Line {
    pub(super) fn new(transport: &Transport) -> Self {
        match transport {
            Transport::Mailbox(mailbox) => Self::Mailbox(mailbox.clone()),
            Transport::Smtp(settings) => Self::Smtp {
                settings: Box::new(settings.clone()),
                connection: None,
                has_served: false,
            },
        }
    }

    pub(super) fn is_open(&self) -> bool {
        match self {
            Self::Mailbox(_) => true,
            Self::Smtp { connection, .. } => connection
                .as_ref()
                .is_some_and(|connection| connection.is_usable()),
        }
    }

    /// Opens the line anew.
    pub(super) async fn open(&mut self) -> Result<(), String> {
        let Self::Smtp {
            settings,
            connection,
            has_served,
        } = self
        else {
            return Ok(());
        };
        let opened = tokio::time::timeout(OPENING, SmtpConnection::connect(settings))
            .await
            .map_err(|_| format!("opening a connection took longer than {} s", OPENING.as_secs()))?
            .map_err(|error| error.to_string())?;
        (*connection, *has_served) = (Some(Box::new(opened)), false);
        Ok(())
    }

    /// Hands a message over.
    pub(super) async fn hand(
        &mut self,
        from: &str,
        to: &str,
        message: &[u8],
        of: (DeliveryId, Timestamp),
    ) -> Handed {
        match self {
            Self::Mailbox(mailbox) => Handed::Kept(mailbox.put(of.1, of.0, message).await),
            Self::Smtp {
                connection: Some(connection),
                has_served,
                ..
            } => {
                let outcome = connection.send(from, to, message).await;
                if *has_served && let Some(words) = goodbye(&outcome) {
                    return Handed::ServedItsTime(words);
                }
                *has_served = true;
                Handed::Smtp(outcome)
            }
            Self::Smtp { connection: None, .. } => Handed::NoConnection,
        }
    }

    pub(super) async fn close(self) {
        if let Self::Smtp {
            connection: Some(connection),
            ..
        } = self
        {
            // A server that does not say goodbye is left alone.
            let _ = tokio::time::timeout(GOODBYE, connection.quit()).await;
        }
    }
}

/// What a server says, if it is that it takes no more on this connection: it closes before it hears of the next message
/// (RFC 5321, 3.8).
fn goodbye(outcome: &SendOutcome) -> Option<String> {
    match outcome {
        SendOutcome::Lost {
            stage: Stage::Mail,
            detail,
            ..
        } => Some(detail.clone()),
        SendOutcome::Rejected {
            stage: Stage::Mail,
            reply,
            ..
        } if reply.is_closing() => Some(reply.text.clone()),
        _ => None,
    }
}
