//! Mail servers of a tenant's own: what is known of one, and which of several mail goes through.

use std::fmt;

use rand::RngExt;
use secrecy::SecretString;
use strum::{Display, EnumString, IntoStaticStr};

use crate::circuit::Pass;
use crate::clock::Timestamp;
use crate::id::SendingDomainId;
use crate::line;
use crate::sending_domain::{Alignment, SendingDomainName};
use crate::sending_limit::{LimitError, Limits};
use crate::site::HostName;

/// The longest name, user and password, in characters.
const MAX_NAME: usize = 100;
const MAX_USER: usize = 255;
const MAX_PASSWORD: usize = 1000;
/// The last rank, and the greatest weight.
const MAX_RANK: u32 = 100;
const MAX_WEIGHT: u32 = 100;
/// The most connections that can be asked for.
const MAX_CONNECTIONS: u32 = 100;

/// How connections to a server are encrypted. Nothing falls back to plain text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Display, EnumString, IntoStaticStr)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum Encryption {
    /// By STARTTLS (RFC 3207); a server that does not offer it gets nothing.
    #[strum(serialize = "STARTTLS")]
    StartTls,
    /// From the first octet (RFC 8314).
    Implicit,
    /// Not at all: then nobody signs in either.
    None,
}

impl Encryption {
    /// The port on which servers usually expect that.
    pub fn usual_port(self) -> u16 {
        match self {
            Self::StartTls => 587,
            Self::Implicit => 465,
            Self::None => 25,
        }
    }
}

/// What cannot be set.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{rule}")]
pub struct Unfit {
    /// Which setting, as clients name it.
    pub field: &'static str,
    /// What it has to be.
    pub rule: String,
}

fn unfit(field: &'static str, rule: impl Into<String>) -> Unfit {
    Unfit {
        field,
        rule: rule.into(),
    }
}

impl From<LimitError> for Unfit {
    fn from(error: LimitError) -> Self {
        unfit(error.name, error.to_string())
    }
}

fn is_printable(text: &str, most: usize) -> bool {
    let characters = text.chars().count();
    (1..=most).contains(&characters) && line::is_line(text)
}

/// As whom we sign in at a server. `Debug` shows neither.
#[derive(Clone)]
pub struct Login {
    user: String,
    password: SecretString,
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Login(..)")
    }
}

impl Login {
    /// A user with a password, neither of which holds what a server could take for the end of a line (RFC 4616, 2).
    pub fn new(user: String, password: SecretString) -> Result<Self, Unfit> {
        use secrecy::ExposeSecret;
        if !is_printable(&user, MAX_USER) {
            let rule = format!("a user has between one and {MAX_USER} characters, and no line breaks");
            return Err(unfit("user", rule));
        }
        if !is_printable(password.expose_secret(), MAX_PASSWORD) {
            let rule =
                format!("a password has between one and {MAX_PASSWORD} characters, and no line breaks");
            return Err(unfit("password", rule));
        }
        Ok(Self { user, password })
    }

    /// The user.
    pub fn user(&self) -> &str {
        &self.user
    }

    /// The password.
    pub fn password(&self) -> &SecretString {
        &self.password
    }
}

/// A mail server as a tenant sets it up, without the password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Relay {
    /// What the tenant calls it.
    pub name: String,
    /// Its host, whose name its certificate has to bear.
    pub host: HostName,
    /// Its port.
    pub port: u16,
    /// How connections are encrypted.
    pub encryption: Encryption,
    /// As whom we sign in, if we do.
    pub user: Option<String>,
    /// For mail from which domain; from any if none is named.
    pub sending_domain: Option<SendingDomainId>,
    /// Those of a lower rank come first.
    pub rank: u32,
    /// Its share of the mail among those of its rank; 0 gets some only where no other of them can be used.
    pub weight: u32,
    /// How many connections all workers together may open.
    pub connections: Option<u32>,
    /// How much may be handed to it a second and an hour.
    pub limits: Limits,
    /// Whether it is used.
    pub is_enabled: bool,
}

impl Relay {
    /// Refuses what cannot work.
    pub fn check(&self) -> Result<(), Unfit> {
        if !is_printable(&self.name, MAX_NAME) || self.name.trim() != self.name {
            let rule = format!("a name has between one and {MAX_NAME} characters, and no line breaks");
            return Err(unfit("name", rule));
        }
        if self.port == 0 {
            return Err(unfit("port", "a port is a number from 1 to 65535"));
        }
        if self.user.is_some() && self.encryption == Encryption::None {
            let rule = "a password would cross the network in plain text: use STARTTLS or IMPLICIT, or leave out user and password";
            return Err(unfit("tls", rule));
        }
        let ranges = [
            ("rank", Some(self.rank), 1, MAX_RANK),
            ("weight", Some(self.weight), 0, MAX_WEIGHT),
            ("connections", self.connections, 1, MAX_CONNECTIONS),
        ];
        for (field, value, least, most) in ranges {
            if value.is_some_and(|value| !(least..=most).contains(&value)) {
                return Err(unfit(
                    field,
                    format!("{field} is a number from {least} to {most}"),
                ));
            }
        }
        Ok(self.limits.check()?)
    }

    /// Whether a password that was given for `before` may be kept: it goes to the same server, for the same user, and is
    /// encrypted as it was. Else whoever may change a relay, and may not see its password, would have it sent to
    /// themselves.
    pub fn keeps_password_of(&self, before: &Self) -> bool {
        (&self.host, self.port, self.encryption, &self.user)
            == (&before.host, before.port, before.encryption, &before.user)
    }

    /// Where it is, as attempts note it.
    pub fn server(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }
}

/// A server that is enabled, among which one is chosen.
#[derive(Clone, Debug)]
pub struct Candidate<T> {
    /// Which.
    pub of: T,
    /// For mail from which domain; from any if none is named.
    pub domain: Option<SendingDomainName>,
    /// Its rank.
    pub rank: u32,
    /// Its weight.
    pub weight: u32,
    /// How its circuit stands.
    pub pass: Pass,
}

impl<T> Candidate<T> {
    fn rests_until(&self) -> Option<Timestamp> {
        match self.pass {
            Pass::Wait(until) => Some(until),
            Pass::Free | Pass::Try => None,
        }
    }
}

/// Chooses through which server mail from `from` goes; `None` where none is for it.
///
/// Those for the sending domain that speaks for the sender come before those for any: of several domains, the one next to
/// it. Of these, the best rank with one whose circuit lets something through, and among those by weight; `draw` gives a
/// number from 0 up to and without its argument. Where all rest, the one that rests the shortest: mail waits for it, and
/// goes nowhere else.
pub fn choose<T>(
    candidates: Vec<Candidate<T>>,
    from: &str,
    draw: impl FnOnce(u32) -> u32,
) -> Option<Candidate<T>> {
    let nearness = |candidate: &Candidate<T>| match &candidate.domain {
        None => Some(0),
        Some(domain) if domain.signs_for(from, Alignment::Relaxed) => Some(domain.as_str().len()),
        Some(_) => None,
    };
    let nearest = candidates.iter().filter_map(nearness).max()?;
    let (awake, resting): (Vec<_>, Vec<_>) = candidates
        .into_iter()
        .filter(|candidate| nearness(candidate) == Some(nearest))
        .partition(|candidate| candidate.rests_until().is_none());
    let Some(rank) = awake.iter().map(|candidate| candidate.rank).min() else {
        return resting
            .into_iter()
            .min_by_key(|candidate| (candidate.rests_until(), candidate.rank));
    };
    by_weight(awake.into_iter().filter(|candidate| candidate.rank == rank), draw)
}

fn by_weight<T>(
    alike: impl Iterator<Item = Candidate<T>>,
    draw: impl FnOnce(u32) -> u32,
) -> Option<Candidate<T>> {
    let mut alike: Vec<_> = alike.collect();
    let total: u32 = alike.iter().map(|candidate| candidate.weight).sum();
    // Where none has a weight, all have the same.
    let share = |candidate: &Candidate<T>| if total == 0 { 1 } else { candidate.weight };
    let shares: u32 = alike.iter().map(share).sum();
    let mut drawn = draw(shares.max(1));
    let chosen = alike.iter().position(|candidate| {
        let share = share(candidate);
        let is_it = drawn < share;
        drawn = drawn.saturating_sub(share);
        is_it
    })?;
    Some(alike.swap_remove(chosen))
}

/// Draws a number from 0 up to and without `below`.
pub fn draw(below: u32) -> u32 {
    rand::rng().random_range(0..below.max(1))
}

#[cfg(test)]
mod tests;
