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
use crate::tx::{Read, TenantCtx, TenantTx};

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

/// Somebody who asks, and the transaction in which it was found who they are: what they ask can be read in it too, so that a
/// request begins and ends one transaction.
#[derive(Debug)]
pub struct Asking {
    /// Who it is.
    pub access: Access,
    /// The tables of their tenant.
    pub tx: TenantTx<Read>,
}

/// Who shows this bearer token, if it is ours and counts. The issuer is as for [`access_token::issue`]; `from` is where it
/// is shown, for tokens that count from some networks only.
pub async fn by_bearer(
    store: &Store,
    issuer: &str,
    token: &SecretString,
    from: Option<IpAddr>,
) -> Result<Option<Asking>, StoreError> {
    if token.expose_secret().starts_with(api_token::SECRET_PREFIX) {
        return api_token::by_secret(store, token, from).await;
    }
    Ok(access_token::holder(store, issuer, token)
        .await?
        .map(Asking::of_member))
}

/// Who shows this cookie, if their session lasts.
pub async fn by_cookie(store: &Store, cookie: &SecretString) -> Result<Option<Asking>, StoreError> {
    Ok(session::by_cookie_within(store, cookie)
        .await?
        .map(Asking::of_member))
}

impl Asking {
    fn of_member((member, tx): (SignedInMember, TenantTx<Read>)) -> Self {
        Self {
            access: Access::Member(member),
            tx,
        }
    }
}
