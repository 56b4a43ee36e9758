//! How many operations one token may send, and all of one tenant together. What a tenant sends counts against nobody else.

use std::time::Duration;

use assent_entity::Store;
use assent_entity::access::Access;

use super::{Left, Rate, TooOften};

const MINUTE: Duration = Duration::from_mins(1);

/// How many operations one token may send within a minute.
const OF_A_TOKEN: u32 = 600;

/// Which limit it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Of {
    Token,
    Tenant,
}

impl Of {
    /// What the headers call it.
    fn name(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::Tenant => "tenant",
        }
    }
}

/// What is left of a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allowance {
    of: Of,
    left: Left,
}

impl Allowance {
    /// The headers that tell of it, with their values (draft-ietf-httpapi-ratelimit-headers, 3 and 4).
    pub fn headers(self) -> [(&'static str, String); 2] {
        let (name, left) = (self.of.name(), self.left);
        let policy = format!("\"{name}\";q={};w={}", left.limit, left.within.as_secs());
        let now = format!("\"{name}\";r={};t={}", left.remaining, left.reset_seconds());
        [("ratelimit-policy", policy), ("ratelimit", now)]
    }
}

/// A limit of which nothing is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exhausted {
    of: Of,
    /// When there will be.
    pub often: TooOften,
}

impl Exhausted {
    /// What to say of it.
    pub fn words(self) -> &'static str {
        match self.of {
            Of::Token => "this token has sent too many operations",
            Of::Tenant => "the members and tokens of this tenant have sent too many operations together",
        }
    }

    /// What is left of it: nothing.
    pub fn allowance(self) -> Allowance {
        Allowance {
            of: self.of,
            left: self.often.left,
        }
    }
}

/// Counts operations, by the ids of who sends them: two of them never share a count.
#[derive(Clone, Debug)]
pub struct Operations {
    of_token: Rate<u128>,
    of_tenant: Rate<u128>,
}

impl Operations {
    /// All of a tenant may send so many within a minute; none is no limit.
    pub fn new(store: &Store, of_tenant: u32) -> Self {
        Self {
            of_token: Rate::new(store, OF_A_TOKEN, MINUTE),
            of_tenant: Rate::new(store, of_tenant, MINUTE),
        }
    }

    /// No limits.
    pub fn none(store: &Store) -> Self {
        Self {
            of_token: Rate::new(store, 0, MINUTE),
            of_tenant: Rate::new(store, 0, MINUTE),
        }
    }

    /// Counts one, and gives of the limits it counts against the one that is nearest to its end. What a token sends beyond
    /// its own limit does not count against its tenant's.
    pub fn take(&self, by: &Access) -> Result<Option<Allowance>, Exhausted> {
        let of_token = match by {
            Access::Member(_) => None,
            Access::Token(_, token) => take(&self.of_token, Of::Token, token.id.uuid().as_u128())?,
        };
        let of_tenant = take(&self.of_tenant, Of::Tenant, by.ctx().tenant().uuid().as_u128())?;
        Ok(match (of_token, of_tenant) {
            (Some(token), Some(tenant)) if tenant.left.is_closer_than(token.left) => Some(tenant),
            (token, tenant) => token.or(tenant),
        })
    }
}

fn take(rate: &Rate<u128>, of: Of, thing: u128) -> Result<Option<Allowance>, Exhausted> {
    match rate.take_of(&thing) {
        Ok(left) => Ok(left.map(|left| Allowance { of, left })),
        Err(often) => Err(Exhausted { of, often }),
    }
}
