//! What commands mean, and in which order they may come (RFC 5321, 4.1.4). No octet is moved here.

use std::borrow::Cow;

use smtp_proto::{Error, MailFrom, Request};

use super::reply::Reply;
use super::{Limits, Protocol};

/// Who may be written to, and how much.
pub(super) trait Door {
    /// Whether an address is one that mail is taken for.
    fn takes(&self, address: &str) -> bool;
    /// Whether an address is in the domain of the return paths.
    fn is_ours(&self, address: &str) -> bool;
    /// Whether another message of this source may be taken now; it counts.
    fn takes_one_more(&self) -> bool;
}

/// What is done after a command.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// It is answered, and the next is waited for.
    Say(Reply),
    /// A message follows.
    Message(Reply),
    /// It is answered, and that is the end.
    Leave(Reply),
}

/// How far a conversation has come.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Stage {
    /// Nobody has said who they are.
    Met,
    /// They have.
    Ready,
    /// A message is announced, for these.
    Announced(Vec<String>),
}

/// One conversation.
#[derive(Debug)]
pub(super) struct Session<D> {
    protocol: Protocol,
    name: String,
    limits: Limits,
    door: D,
    stage: Stage,
    failures: u32,
}

impl<D: Door> Session<D> {
    pub(super) fn new(protocol: Protocol, name: &str, limits: Limits, door: D) -> Self {
        Self {
            protocol,
            name: name.to_owned(),
            limits,
            door,
            stage: Stage::Met,
            failures: 0,
        }
    }

    /// What is said first.
    pub(super) fn greeting(&self) -> Reply {
        let spoken = match self.protocol {
            Protocol::Smtp => "ESMTP",
            Protocol::Lmtp => "LMTP",
        };
        Reply::new(220, format!("{} {spoken}", self.name))
    }

    /// What follows a command, or what should have been one.
    pub(super) fn answer(&mut self, command: Result<Request<Cow<'_, str>>, Error>) -> Next {
        let next = match command {
            Ok(request) => self.obey(request),
            // The rest of the line would be taken for commands.
            Err(Error::ResponseTooLong) => Next::Leave(Reply::new(500, "5.5.6 the line is too long")),
            Err(error) => Next::Say(misspoken(&error)),
        };
        let Next::Say(reply) = &next else { return next };
        if reply.is_failure() {
            self.failures += 1;
        }
        if self.failures > self.limits.errors {
            return Next::Leave(Reply::new(421, "4.7.0 too many errors, goodbye"));
        }
        next
    }

    /// The recipients of the message that has come; the next one may be announced.
    pub(super) fn recipients(&mut self) -> Vec<String> {
        match std::mem::replace(&mut self.stage, Stage::Ready) {
            Stage::Announced(to) => to,
            Stage::Met | Stage::Ready => Vec::new(),
        }
    }

    fn obey(&mut self, request: Request<Cow<'_, str>>) -> Next {
        let reply = match request {
            Request::Ehlo { .. } if self.protocol == Protocol::Smtp => self.hello(true),
            Request::Helo { .. } if self.protocol == Protocol::Smtp => self.hello(false),
            Request::Lhlo { .. } if self.protocol == Protocol::Lmtp => self.hello(true),
            Request::Ehlo { .. } | Request::Helo { .. } => {
                Reply::new(500, "5.5.1 LMTP is spoken here: say LHLO")
            }
            Request::Lhlo { .. } => Reply::new(500, "5.5.1 SMTP is spoken here: say EHLO"),
            Request::Mail { from } => self.mail(&from),
            Request::Rcpt { to } => self.rcpt(&to.address),
            Request::Data => return self.data(),
            Request::Rset => {
                self.reset();
                Reply::new(250, "2.0.0 forgotten")
            }
            Request::Noop { .. } => Reply::new(250, "2.0.0 fine"),
            Request::Vrfy { .. } => Reply::new(252, "2.5.0 send some mail, and see"),
            Request::Help { .. } => Reply::new(214, "2.0.0 what comes back of mail is taken in here"),
            Request::Quit => return Next::Leave(Reply::new(221, "2.0.0 goodbye")),
            // What is announced by it would be taken for commands.
            Request::Bdat { .. } | Request::Burl { .. } => {
                return Next::Leave(Reply::new(502, "5.5.1 not offered, goodbye"));
            }
            Request::Auth { .. }
            | Request::StartTls
            | Request::Expn { .. }
            | Request::Etrn { .. }
            | Request::Atrn { .. } => Reply::new(502, "5.5.1 not offered"),
        };
        Next::Say(reply)
    }

    fn hello(&mut self, extended: bool) -> Reply {
        self.stage = Stage::Ready;
        let reply = Reply::new(250, self.name.clone());
        if !extended {
            return reply;
        }
        reply.offering(vec![
            format!("SIZE {}", self.limits.octets),
            "PIPELINING".to_owned(),
            "8BITMIME".to_owned(),
            "SMTPUTF8".to_owned(),
            "ENHANCEDSTATUSCODES".to_owned(),
        ])
    }

    /// What was announced is forgotten.
    fn reset(&mut self) {
        if self.stage != Stage::Met {
            self.stage = Stage::Ready;
        }
    }

    fn mail(&mut self, from: &MailFrom<Cow<'_, str>>) -> Reply {
        match self.stage {
            Stage::Met => return Reply::new(503, "5.5.1 say who you are first"),
            Stage::Announced(_) => return Reply::new(503, "5.5.1 one message at a time"),
            Stage::Ready => {}
        }
        if from.size > self.limits.octets {
            return Reply::new(552, "5.3.4 the message is too large");
        }
        if !self.door.takes_one_more() {
            return Reply::new(
                450,
                "4.7.1 too many messages from your network: try again in a minute",
            );
        }
        self.stage = Stage::Announced(Vec::new());
        Reply::new(250, "2.1.0 go on")
    }

    fn rcpt(&mut self, address: &str) -> Reply {
        let Stage::Announced(to) = &mut self.stage else {
            return Reply::new(503, "5.5.1 say MAIL first");
        };
        if !self.door.takes(address) {
            return if self.door.is_ours(address) {
                Reply::new(550, "5.1.1 there is no such return path")
            } else {
                Reply::new(550, "5.7.1 mail is relayed for nobody")
            };
        }
        if to.len() >= self.limits.recipients {
            return Reply::new(452, "4.5.3 too many recipients");
        }
        to.push(address.to_owned());
        Reply::new(250, "2.1.5 go on")
    }

    fn data(&mut self) -> Next {
        match &self.stage {
            Stage::Announced(to) if !to.is_empty() => {
                Next::Message(Reply::new(354, "end with a dot on a line"))
            }
            _ => Next::Say(Reply::new(503, "5.5.1 name a recipient first")),
        }
    }
}

fn misspoken(error: &Error) -> Reply {
    match error {
        Error::InvalidSenderAddress => Reply::new(501, "5.1.7 that is no address"),
        Error::InvalidRecipientAddress => Reply::new(501, "5.1.3 that is no address"),
        Error::SyntaxError { syntax } => Reply::new(501, format!("5.5.4 say {syntax}")),
        Error::InvalidParameter { param } => Reply::new(501, format!("5.5.4 {param} has no such value")),
        Error::UnsupportedParameter { .. } => Reply::new(555, "5.5.4 there is no such parameter"),
        Error::UnknownCommand
        | Error::NeedsMoreData { .. }
        | Error::ResponseTooLong
        | Error::InvalidResponse { .. } => Reply::new(500, "5.5.1 there is no such command"),
    }
}

#[cfg(test)]
#[path = "session_tests.rs"]
mod tests;
