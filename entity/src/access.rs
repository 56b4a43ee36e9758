//! Who is asking through the API: a member who signed in, or a partner's program with a token.

use std::net::IpAddr;

use assent_domain::api_token::{Scope, TokenHolder};
use secrecy::{ExposeSecret, SecretString};

use crate::access_token;
use crate::api_token;
use crate::disclosure::Asker;
use crate::error::StoreError;
use crate::session::{self, SignedInMember};
use crate::store::Store;
use crate::tx::TenantCtx;

/// Who is asking.
#[derive(Clone, Debug)]
pub enum Access {
    /// A member.
    Member(SignedInMember),
    /// A program.
    Token(TenantCtx, TokenHolder),
}

impl Access {
    /// Leave to act within the tenant.
    pub fn ctx(&self) -> TenantCtx {
        match self {
            Self::Member(member) => member.ctx,
            Self::Token(ctx, _) => *ctx,
        }
    }

    /// The outside party that asks, if it is one: it sees of people what they permitted, through the gate.
    pub fn outside_party(&self) -> Option<Asker> {
        match self {
            Self::Member(_) => None,
            Self::Token(_, token) => token.party.map(|party| Asker {
                party,
                token: token.id,
            }),
        }
    }

    /// Whether who asks may see who the tenant's people are (P15), as one of the tenant.
    pub fn sees_persons(&self) -> bool {
        match self {
            Self::Member(member) => member.role.sees_persons(),
            Self::Token(_, token) => token.party.is_none() && token.scopes.contains(&Scope::ReadSubscribers),
        }
    }
}

/// Who shows this bearer token, if it is ours and counts. The issuer is as for [`access_token::issue`]; `from` is where it
/// is shown, for tokens that count from some networks only.
pub async fn by_bearer(
    store: &Store,
    issuer: &str,
    token: &SecretString,
    from: Option<IpAddr>,
) -> Result<Option<Access>, StoreError> {
    if token.expose_secret().starts_with(api_token::SECRET_PREFIX) {
        let found = api_token::by_secret(store, token, from).await?;
        return Ok(found.map(|(ctx, holder)| Access::Token(ctx, holder)));
    }
    let member = access_token::holder(store, issuer, token).await?;
    Ok(member.map(Access::Member))
}

/// Who shows this cookie, if their session lasts.
pub async fn by_cookie(store: &Store, cookie: &SecretString) -> Result<Option<Access>, StoreError> {
    Ok(session::by_cookie(store, cookie).await?.map(Access::Member))
}
