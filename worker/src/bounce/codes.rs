//! Codes in the words of servers: replies (RFC 5321, 4.2) and enhanced statuses (RFC 3463).

use std::fmt;
use std::sync::LazyLock;

use assent_domain::bounce::BounceClass;
use regex::Regex;

use super::rules::pattern;

/// An enhanced status: class, subject, detail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Status {
    class: u8,
    subject: u16,
    detail: u16,
}

/// What the codes in a text are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Codes {
    /// The first reply code.
    pub(super) reply: Option<u16>,
    /// The first status that says more than that something went wrong, or else the first.
    pub(super) status: Option<Status>,
}

static STATUS: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?:^|[^\w.])([245])\.(\d{1,3})\.(\d{1,3})(?:[^\w.]|\.?$|\.\s)"));

static REPLY: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r#"(?m)(?:^|said: ?|<<< ?|[:;,="'#(>-] ?|error |code |was |reply |reason )([45]\d\d)(?:[\s,;:)\-'"]|$)"#,
    )
});

impl Status {
    /// The first status in a text.
    pub(super) fn first(text: &str) -> Option<Self> {
        Self::all(text).next()
    }

    fn all(text: &str) -> impl Iterator<Item = Self> {
        STATUS.captures_iter(text).filter_map(|found| {
            let number = |at: usize| found.get(at)?.as_str().parse::<u16>().ok();
            Some(Self {
                class: u8::try_from(number(1)?).ok()?,
                subject: number(2)?,
                detail: number(3)?,
            })
        })
    }

    /// Whether it says no more than that something went wrong: `5.0.0`, `5.1.0`, `5.5.0`.
    pub(super) fn is_generic(self) -> bool {
        self.detail == 0 && matches!(self.subject, 0 | 1 | 5)
    }

    /// Whether the address is at fault (RFC 3463, 3.2): its mailbox or its domain.
    pub(super) fn is_about_address(self) -> bool {
        self.subject == 1 && !matches!(self.detail, 7..=9)
    }

    /// Whether another attempt may succeed.
    pub(super) fn is_temporary(self) -> bool {
        self.class == 4
    }

    /// What a status alone amounts to: only those that speak of no such mailbox, or no such domain, count as such.
    /// `5.2.1` (disabled) and `5.2.2` (full) do not, nor does anything about the sender.
    pub(super) fn verdict(self) -> Option<(BounceClass, &'static str)> {
        let found = match (self.subject, self.detail) {
            (1, 1 | 3 | 6) => (BounceClass::Hard, "no_such_mailbox"),
            (1, 2 | 10) => (BounceClass::Hard, "no_such_domain"),
            (1, 7..=9) => (BounceClass::Block, "sender_refused"),
            (2, 1) => (BounceClass::Soft, "mailbox_locked"),
            (2, 2) => (BounceClass::Soft, "mailbox_full"),
            (2, 3) | (3, 4) => (BounceClass::Block, "message_too_large"),
            (5, 1..) => (BounceClass::Block, "protocol"),
            (6, _) => (BounceClass::Block, "content_refused"),
            (7, _) => (BounceClass::Block, "policy"),
            (2 | 3, _) | (1, 1..) => (BounceClass::Soft, "recipient_system"),
            (4, _) => (BounceClass::Soft, "no_way"),
            _ => return None,
        };
        match found {
            (BounceClass::Hard, reason) if self.is_temporary() => Some((BounceClass::Soft, reason)),
            found => Some(found),
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.class, self.subject, self.detail)
    }
}

impl Codes {
    /// The codes in a text.
    pub(super) fn of(text: &str) -> Self {
        let status = Status::all(text)
            .find(|status| !status.is_generic())
            .or_else(|| Status::first(text));
        let reply = REPLY
            .captures(text)
            .and_then(|found| found.get(1)?.as_str().parse().ok());
        Self { reply, status }
    }

    /// Whether they say that another attempt may succeed, if they say anything.
    pub(super) fn is_temporary(self) -> Option<bool> {
        let by_reply = self.reply.map(|code| code < 500);
        by_reply.or(self.status.map(Status::is_temporary))
    }
}
