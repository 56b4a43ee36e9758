//! Sending one mail, command by command.

use std::fmt;
use std::future::Future;
use std::time::Duration;

use lettre::Address;
use lettre::transport::smtp::Error;
use lettre::transport::smtp::commands::{Data, Mail, Rcpt, Rset};
use lettre::transport::smtp::extension::{Extension, MailBodyParameter, MailParameter};
use lettre::transport::smtp::response::Response;
use tokio::time::timeout;

use super::address::wire_address;
use super::connection::SmtpConnection;
use super::outcome::{SendOutcome, Stage};
use super::reply::{Reply, bounded};
use super::wire::{OnTheWire, has_crlf_lines};

/// Replies that accept a recipient or a message (RFC 5321, 4.3.2).
const ACCEPTED: &[u16] = &[250, 251, 252];

/// A mail that can be sent as it is.
struct Checked<'a> {
    from: Option<Address>,
    to: Address,
    parameters: Vec<MailParameter>,
    message: &'a str,
}

impl SmtpConnection {
    /// Sends one mail to one recipient. An empty `envelope_from` is the null return path (RFC 5321, 4.5.5).
    ///
    /// `message` is whole and final, with CRLF line ends: nothing of it is changed but for the dots that SMTP
    /// itself adds and removes. After a rejection the connection is reset for the next mail; ask
    /// [`is_usable`](Self::is_usable) before it.
    pub async fn send(&mut self, envelope_from: &str, envelope_to: &str, message: &[u8]) -> SendOutcome {
        if !self.is_usable() {
            return SendOutcome::lost(Stage::Mail, "the connection is closed".to_owned());
        }
        let checked = match self.check(envelope_from, envelope_to, message) {
            Ok(checked) => checked,
            Err(outcome) => return outcome,
        };
        // Whoever drops this future half-way leaves a connection that nobody can use.
        self.usable = false;
        match self.transact(checked).await {
            Ok(reply) => {
                self.usable = true;
                SendOutcome::Accepted { reply }
            }
            Err(outcome) => {
                self.usable = self.recover(&outcome).await;
                outcome
            }
        }
    }

    /// Asks whether the server would take a mail from and to these, and takes the question back: no mail is sent.
    pub async fn would_take(&mut self, envelope_from: &str, envelope_to: &str) -> SendOutcome {
        let checked = match self.check(envelope_from, envelope_to, b"") {
            Ok(checked) => checked,
            Err(outcome) => return outcome,
        };
        self.usable = false;
        let (limit, connection) = (self.command_timeout, &mut self.inner);
        let mail = Mail::new(checked.from, checked.parameters);
        if let Err(outcome) = step(limit, Stage::Mail, &[250], connection.command(mail)).await {
            return outcome;
        }
        let rcpt = Rcpt::new(checked.to, Vec::new());
        match step(limit, Stage::Rcpt, ACCEPTED, connection.command(rcpt)).await {
            Ok(reply) => {
                self.usable = matches!(timeout(limit, connection.command(Rset)).await, Ok(Ok(_)));
                SendOutcome::Accepted { reply }
            }
            Err(outcome) => outcome,
        }
    }

    async fn transact(&mut self, mail: Checked<'_>) -> Result<Reply, SendOutcome> {
        let limit = self.command_timeout;
        let envelope = Envelope {
            mail: Mail::new(mail.from, mail.parameters),
            rcpt: Rcpt::new(mail.to, Vec::new()),
        };
        if self.pipelines {
            self.announce_at_once(envelope).await?;
        } else {
            self.announce(envelope).await?;
        }
        let message = self.inner.command(OnTheWire(mail.message));
        step(limit, Stage::Message, ACCEPTED, message).await
    }

    /// Says whose mail it is and to whom, command by command.
    async fn announce(&mut self, envelope: Envelope) -> Result<(), SendOutcome> {
        let (limit, connection) = (self.command_timeout, &mut self.inner);
        step(limit, Stage::Mail, &[250], connection.command(envelope.mail)).await?;
        step(limit, Stage::Rcpt, ACCEPTED, connection.command(envelope.rcpt)).await?;
        step(limit, Stage::Data, &[354], connection.command(Data)).await?;
        Ok(())
    }

    /// Says the same in one go, and then reads all replies (RFC 2920, 3.1): one round trip in place of three.
    async fn announce_at_once(&mut self, envelope: Envelope) -> Result<(), SendOutcome> {
        let (limit, connection) = (self.command_timeout, &mut self.inner);
        let mail = step(limit, Stage::Mail, &[250], connection.command(envelope)).await;
        let mail = in_step(mail)?;
        let rcpt = step(limit, Stage::Rcpt, ACCEPTED, connection.read_response()).await;
        let rcpt = in_step(rcpt)?;
        let data = step(limit, Stage::Data, &[354], connection.read_response()).await;
        let Err(refused) = mail.and(rcpt) else {
            return data.map(|_| ());
        };
        // The server waits for a message that goes to nobody, and a reset would be part of it.
        self.awaits_message = data.is_ok();
        Err(refused)
    }

    /// Refuses what this server cannot take, before anything is sent.
    fn check<'a>(&self, from: &str, to: &str, message: &'a [u8]) -> Result<Checked<'a>, SendOutcome> {
        let unreadable =
            |what| SendOutcome::refused_here(553, &format!("5.1.3 The {what} is not an e-mail address"));
        let from = match from {
            "" => None,
            from => Some(wire_address(from).ok_or_else(|| unreadable("return path"))?),
        };
        let to = wire_address(to).ok_or_else(|| unreadable("recipient's address"))?;
        if !has_crlf_lines(message) {
            return Err(SendOutcome::refused_here(
                554,
                "5.6.0 The message has line ends other than CRLF",
            ));
        }
        let Ok(message) = std::str::from_utf8(message) else {
            return Err(SendOutcome::refused_here(554, "5.6.0 The message is not UTF-8"));
        };
        let is_ascii = |address: &Address| AsRef::<str>::as_ref(address).is_ascii();
        let ascii_envelope = from.as_ref().is_none_or(is_ascii) && is_ascii(&to);
        let mut parameters = Vec::new();
        // Our bodies are 7-bit, so whatever is not ASCII in a message is an address in its header.
        if !ascii_envelope || !message.is_ascii() {
            let info = self.inner.server_info();
            if !info.supports_feature(Extension::SmtpUtfEight) {
                let text = "5.6.7 The address is not ASCII and the relay does not offer SMTPUTF8 (RFC 6531)";
                return Err(SendOutcome::refused_here(550, text));
            }
            if !info.supports_feature(Extension::EightBitMime) {
                let text = "5.6.3 The message is not ASCII and the relay does not offer 8BITMIME (RFC 6152)";
                return Err(SendOutcome::refused_here(550, text));
            }
            parameters.push(MailParameter::Body(MailBodyParameter::EightBitMime));
            parameters.push(MailParameter::SmtpUtfEight);
        }
        Ok(Checked {
            from,
            to,
            parameters,
            message,
        })
    }

    /// Makes the connection ready for the next mail; false if it is lost.
    async fn recover(&mut self, outcome: &SendOutcome) -> bool {
        match outcome {
            SendOutcome::Rejected { reply, .. } if !reply.is_closing() && !self.awaits_message => {
                matches!(
                    timeout(self.command_timeout, self.inner.command(Rset)).await,
                    Ok(Ok(_))
                )
            }
            _ => false,
        }
    }
}

/// What is said before the message itself.
struct Envelope {
    mail: Mail,
    rcpt: Rcpt,
}

impl fmt::Display for Envelope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}{}", self.mail, self.rcpt, Data)
    }
}

/// One command and its reply. A reply with another code than the command has answers another command: the
/// two sides no longer agree, and whatever follows would be attributed to the wrong mail.
async fn step(
    limit: Duration,
    stage: Stage,
    expected: &[u16],
    command: impl Future<Output = Result<Response, Error>>,
) -> Result<Reply, SendOutcome> {
    match timeout(limit, command).await {
        Err(_) => Err(SendOutcome::lost(
            stage,
            format!("no reply within {} s", limit.as_secs_f32()),
        )),
        Ok(Ok(response)) => {
            let reply = Reply::from_response(&response);
            if expected.contains(&reply.code) {
                return Ok(reply);
            }
            Err(SendOutcome::lost(
                stage,
                format!("unexpected reply code {}", reply.code),
            ))
        }
        Ok(Err(error)) => Err(match Reply::from_error(&error) {
            Some(reply) => SendOutcome::rejected(stage, reply),
            None => SendOutcome::lost(stage, bounded(&error.to_string())),
        }),
    }
}

/// The reply to one of several commands, where the server goes on to answer the next.
fn in_step(replied: Result<Reply, SendOutcome>) -> Result<Result<Reply, SendOutcome>, SendOutcome> {
    match replied {
        Err(outcome) if outcome.ends_the_connection() => Err(outcome),
        replied => Ok(replied),
    }
}
