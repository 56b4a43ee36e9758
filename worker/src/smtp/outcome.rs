//! What became of one mail.

use std::fmt;

use super::reply::Reply;

/// How far a mail had come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Refused here, before anything was sent.
    Local,
    /// The MAIL command.
    Mail,
    /// The RCPT command.
    Rcpt,
    /// The DATA command.
    Data,
    /// The message itself and the dot that ends it.
    Message,
}

impl Stage {
    /// A stable name for records and reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Local => "local",
            Self::Mail => "mail",
            Self::Rcpt => "rcpt",
            Self::Data => "data",
            Self::Message => "message",
        }
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Whether trying again can help (RFC 5321, 4.2.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Permanence {
    /// 4yz: try again later.
    Transient,
    /// 5yz: do not try again.
    Permanent,
}

/// What became of one mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SendOutcome {
    /// The server has taken responsibility for the mail.
    Accepted {
        /// Its reply, which often names its queue id.
        reply: Reply,
    },
    /// The server, or we, refused the mail: it was not sent.
    Rejected {
        /// Whether trying again can help.
        permanence: Permanence,
        /// Which command was refused.
        stage: Stage,
        /// Why.
        reply: Reply,
    },
    /// The connection ended or timed out, or the server answered what no server may.
    Lost {
        /// The command that was not answered.
        stage: Stage,
        /// The end of the message may have been sent: whether the mail was taken is unknown (RFC 5321,
        /// 4.5.3.2.6), and sending it again may duplicate it. If false, it was not taken.
        after_data: bool,
        /// What happened, without addresses.
        detail: String,
    },
}

impl SendOutcome {
    /// Refused before anything was sent.
    pub(crate) fn refused_here(code: u16, text: &str) -> Self {
        Self::Rejected {
            permanence: Permanence::Permanent,
            stage: Stage::Local,
            reply: Reply::new(code, text),
        }
    }

    pub(crate) fn rejected(stage: Stage, reply: Reply) -> Self {
        let permanence = if reply.code >= 500 {
            Permanence::Permanent
        } else {
            Permanence::Transient
        };
        Self::Rejected {
            permanence,
            stage,
            reply,
        }
    }

    /// Whether nothing more can be asked on the connection.
    pub(crate) fn ends_the_connection(&self) -> bool {
        match self {
            Self::Accepted { .. } => false,
            Self::Rejected { reply, .. } => reply.is_closing(),
            Self::Lost { .. } => true,
        }
    }

    pub(crate) fn lost(stage: Stage, detail: String) -> Self {
        Self::Lost {
            stage,
            after_data: stage == Stage::Message,
            detail,
        }
    }
}
