//! The life of a tenant: open, closed for a while in which it can be reopened, and then deleted. What it may do is
//! derived from the times that are stored and the clock, not from a job having run.

use std::fmt;
use std::time::Duration;

use crate::audit::Actor;
use crate::clock::Timestamp;

const DAY: Duration = Duration::from_hours(24);

/// For how many days a closed tenant is kept before it is deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GraceDays(u16);

/// A number of days that will not do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a closed tenant is kept for 1 to {} days", GraceDays::MAX)]
pub struct GraceError;

impl GraceDays {
    /// The longest that a closed tenant is kept: whoever closes it wants it gone.
    pub const MAX: u16 = 365;

    /// Takes a number of days: 1 to [`GraceDays::MAX`].
    pub fn new(days: u32) -> Result<Self, GraceError> {
        match u16::try_from(days) {
            Ok(days @ 1..=Self::MAX) => Ok(Self(days)),
            _ => Err(GraceError),
        }
    }

    /// How many.
    pub fn days(self) -> u16 {
        self.0
    }

    fn after(self, now: Timestamp) -> Timestamp {
        now.after(DAY * u32::from(self.0))
    }
}

impl Default for GraceDays {
    /// A month, in which somebody notices that it was a mistake.
    fn default() -> Self {
        Self(30)
    }
}

/// A tenant that is closed, and not deleted yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Closing {
    /// Since when it is closed.
    pub since: Timestamp,
    /// When it is deleted. The day stands from the moment of closing, whatever becomes of the setting.
    pub delete_at: Timestamp,
}

/// Where a tenant is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TenantLife {
    /// In business.
    Open,
    /// Closed: it sends nothing, takes nobody in, and can be reopened until its day comes.
    Closing(Closing),
    /// What it held is being deleted: there is no way back.
    Deleting {
        /// Since when.
        since: Timestamp,
    },
    /// Nothing is left but its id, its short name and these days.
    Deleted {
        /// When the last of it went.
        at: Timestamp,
    },
}

/// A step that the life of a tenant does not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LifeError {
    /// It is closed.
    #[error("the tenant is closed already, and will be deleted on {}", .0.delete_at)]
    AlreadyClosed(Closing),
    /// It is open.
    #[error("the tenant is open: there is nothing to reopen")]
    NotClosed,
    /// Its day has come.
    #[error("the tenant's time was over on {}: what it held is being deleted", .0.delete_at)]
    TooLate(Closing),
    /// Its day is yet to come.
    #[error("the tenant is not to be deleted before {}", .0.delete_at)]
    TooEarly(Closing),
    /// It is being deleted, or was.
    #[error("the tenant is deleted: there is no way back")]
    Gone,
}

impl TenantLife {
    /// Whether it is in business.
    pub fn is_open(self) -> bool {
        self == Self::Open
    }

    /// Whether its pages and its members' sign-in are gone.
    pub fn is_gone(self) -> bool {
        matches!(self, Self::Deleting { .. } | Self::Deleted { .. })
    }

    /// Since when it is closed and when it will be deleted, while it is closed and can be reopened.
    pub fn closing(self) -> Option<Closing> {
        match self {
            Self::Closing(closing) => Some(closing),
            Self::Open | Self::Deleting { .. } | Self::Deleted { .. } => None,
        }
    }

    /// Closes it.
    pub fn close(self, now: Timestamp, grace: GraceDays) -> Result<Closing, LifeError> {
        match self {
            Self::Open => Ok(Closing {
                since: now,
                delete_at: grace.after(now),
            }),
            Self::Closing(closing) => Err(LifeError::AlreadyClosed(closing)),
            Self::Deleting { .. } | Self::Deleted { .. } => Err(LifeError::Gone),
        }
    }

    /// Opens it again, as long as its day has not come. Gives what it was.
    pub fn reopen(self, now: Timestamp) -> Result<Closing, LifeError> {
        match self {
            Self::Open => Err(LifeError::NotClosed),
            Self::Closing(closing) if closing.delete_at <= now => Err(LifeError::TooLate(closing)),
            Self::Closing(closing) => Ok(closing),
            Self::Deleting { .. } | Self::Deleted { .. } => Err(LifeError::Gone),
        }
    }

    /// Begins to delete it, once its day has come. It has begun where it had before.
    pub fn begin_deletion(self, now: Timestamp) -> Result<Timestamp, LifeError> {
        match self {
            Self::Open => Err(LifeError::NotClosed),
            Self::Closing(closing) if now < closing.delete_at => Err(LifeError::TooEarly(closing)),
            Self::Closing(_) => Ok(now),
            Self::Deleting { since } => Ok(since),
            Self::Deleted { .. } => Err(LifeError::Gone),
        }
    }

    /// What somebody may change in it.
    pub fn leave_for(self, actor: Actor) -> Result<Leave, NoLeave> {
        match self {
            Self::Open => Ok(Leave::Everything),
            Self::Deleting { .. } | Self::Deleted { .. } => Err(NoLeave::Gone),
            Self::Closing(closing) => match actor {
                Actor::Member { .. } | Actor::Token { .. } => Err(NoLeave::Closed(closing)),
                Actor::Person(_) | Actor::Visitor => Ok(Leave::NoesOnly(closing)),
                Actor::Operator | Actor::Job => Ok(Leave::Everything),
            },
        }
    }
}

/// What somebody may change in a tenant, as its life stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leave {
    /// What they may change anyway.
    Everything,
    /// What goes towards no, and what a person asks about their data: these hold to the last day.
    NoesOnly(Closing),
}

/// Why somebody may change nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoLeave {
    /// It is closed.
    Closed(Closing),
    /// It is deleted.
    Gone,
}

impl fmt::Display for Closing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "closed on {}, to be deleted on {}", self.since, self.delete_at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::{MemberId, SubscriberId, new_id};
    use crate::tenant::Role;

    fn day(number: i64) -> Timestamp {
        Timestamp::from_micros(number * 24 * 60 * 60 * 1_000_000)
    }

    #[test]
    fn a_closed_tenant_can_be_reopened_until_its_day_and_deleted_from_then_on() {
        let closing = TenantLife::Open
            .close(day(10), GraceDays::new(30).unwrap())
            .unwrap();
        assert_eq!((closing.since, closing.delete_at), (day(10), day(40)));
        let closed = TenantLife::Closing(closing);
        let last = Timestamp::from_micros(day(40).micros() - 1);
        assert_eq!(closed.reopen(last), Ok(closing));
        assert_eq!(closed.begin_deletion(last), Err(LifeError::TooEarly(closing)));
        assert_eq!(closed.reopen(day(40)), Err(LifeError::TooLate(closing)));
        assert_eq!(closed.begin_deletion(day(40)), Ok(day(40)));
        let deleting = TenantLife::Deleting { since: day(40) };
        assert_eq!(deleting.begin_deletion(day(41)), Ok(day(40)), "it goes on");
        assert_eq!(deleting.reopen(day(41)), Err(LifeError::Gone));
        assert_eq!(
            closed.close(day(11), GraceDays::default()),
            Err(LifeError::AlreadyClosed(closing))
        );
        assert!(GraceDays::new(0).is_err() && GraceDays::new(366).is_err());
    }

    #[test]
    fn a_closed_tenant_changes_for_nobody_but_towards_no() {
        let closing = TenantLife::Open.close(day(0), GraceDays::default()).unwrap();
        let closed = TenantLife::Closing(closing);
        let id: MemberId = new_id(day(0));
        let person: SubscriberId = new_id(day(0));
        let member = Actor::Member {
            id,
            role: Role::Owner,
        };
        let token = Actor::Token { id: new_id(day(0)) };
        for actor in [member, token] {
            assert_eq!(closed.leave_for(actor), Err(NoLeave::Closed(closing)));
            assert_eq!(TenantLife::Open.leave_for(actor), Ok(Leave::Everything));
        }
        for actor in [Actor::Person(person), Actor::Visitor] {
            assert_eq!(closed.leave_for(actor), Ok(Leave::NoesOnly(closing)));
        }
        for actor in [
            member,
            token,
            Actor::Person(person),
            Actor::Visitor,
            Actor::Operator,
        ] {
            let deleted = TenantLife::Deleted { at: day(31) };
            assert_eq!(deleted.leave_for(actor), Err(NoLeave::Gone));
        }
    }
}
