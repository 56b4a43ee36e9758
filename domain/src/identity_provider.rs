//! Identity providers: where the members of a tenant may sign in by OpenID Connect (Core 1.0, Discovery 1.0), and what of
//! their word counts here.

use strum::{Display, EnumIter, EnumString, IntoStaticStr};

use crate::webhook::{EndpointUrl, EndpointUrlError};

/// The longest client id, and the longest client secret, in octets. RFC 6749 (2.2, 2.3.1) sets no limit; real ones are a
/// tenth of it.
pub const MAX_CLIENT_OCTETS: usize = 1000;

/// The longest subject, in octets (Core, 2).
pub const MAX_SUBJECT_OCTETS: usize = 255;

/// How a provider says that it asked for more than one factor (RFC 8176, 2).
const MULTI_FACTOR: &str = "mfa";

/// Who vouches for members: the address that the provider gives itself, letter by letter, since tokens are compared with it
/// so (Core, 3.1.3.7).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issuer(String);

/// Why a text will not do as an issuer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IssuerError {
    /// It is no absolute address.
    #[error("this is no address: give the provider's issuer, such as https://login.example.com")]
    NoUrl,
    /// It holds a user or a password.
    #[error("an issuer holds no user and no password: take them out")]
    Credentials,
    /// It holds a query or a fragment (Discovery, 3).
    #[error("an issuer ends with its path: take out what stands behind ? or #")]
    Query,
    /// It is the address of the provider's description, not the provider's.
    #[error("this is the address of the provider's description: leave /.well-known/openid-configuration out")]
    Description,
}

impl From<EndpointUrlError> for IssuerError {
    fn from(error: EndpointUrlError) -> Self {
        match error {
            EndpointUrlError::NoUrl | EndpointUrlError::Scheme => Self::NoUrl,
            EndpointUrlError::Credentials => Self::Credentials,
            EndpointUrlError::Fragment => Self::Query,
        }
    }
}

impl Issuer {
    /// Reads an issuer. Whether its host may be reached, and whether plain HTTP will do, is for whoever connects.
    pub fn parse(text: &str) -> Result<Self, IssuerError> {
        let text = text.trim();
        let url = EndpointUrl::parse(text)?;
        if url.target().contains('?') {
            return Err(IssuerError::Query);
        }
        if url.target().contains("/.well-known/openid-configuration") {
            return Err(IssuerError::Description);
        }
        Ok(Self(text.to_owned()))
    }

    /// The issuer, as it was given.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Its host, for people.
    pub fn host(&self) -> String {
        EndpointUrl::parse(&self.0).map_or_else(|_| self.0.clone(), |url| url.authority())
    }
}

/// How somebody has signed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Display, EnumIter, EnumString, IntoStaticStr)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum SignInWay {
    /// By their password, and by a code where they have a second factor.
    Password,
    /// By the tenant's identity provider, which did not say that it asked for two factors.
    Provider,
    /// By the tenant's identity provider, which said so.
    ProviderTwoFactors,
}

impl SignInWay {
    /// The way by a provider that names these methods (`amr`).
    ///
    /// That it asked for two factors counts for ours, since it is the tenant's owners who chose the provider, who demand a
    /// second factor, and who could take a member's away. What it does not say does not count: the member's own is asked for.
    pub fn by_provider<'a>(methods: impl IntoIterator<Item = &'a str>) -> Self {
        let has_two = methods.into_iter().any(|method| method == MULTI_FACTOR);
        if has_two {
            Self::ProviderTwoFactors
        } else {
            Self::Provider
        }
    }

    /// Whether somebody else vouched for who it is.
    pub fn is_by_provider(self) -> bool {
        self != Self::Password
    }
}

/// Why somebody for whom the provider vouches is not let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotLetIn {
    /// The provider names no address that it has verified.
    #[error("the provider did not say that it has verified the address")]
    Unverified,
    /// Nobody with that address is a member.
    #[error("nobody with that address is a member")]
    Stranger,
    /// The member with that address signs in by another account at the provider.
    #[error("the member with that address signs in by another account at the provider")]
    OtherAccount,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_issuer_is_an_address_without_query() {
        for text in [
            "https://login.example.com",
            "https://login.example.com/",
            "http://127.0.0.1:9/realms/a",
        ] {
            assert_eq!(Issuer::parse(text).unwrap().as_str(), text, "letter by letter");
        }
        for (text, error) in [
            ("", IssuerError::NoUrl),
            ("login.example.com", IssuerError::NoUrl),
            ("ldap://login.example.com", IssuerError::NoUrl),
            ("https://a:b@login.example.com", IssuerError::Credentials),
            ("https://login.example.com/?tenant=a", IssuerError::Query),
            ("https://login.example.com/#a", IssuerError::Query),
            (
                "https://login.example.com/.well-known/openid-configuration",
                IssuerError::Description,
            ),
        ] {
            assert_eq!(Issuer::parse(text).unwrap_err(), error, "{text:?}");
        }
    }

    #[test]
    fn two_factors_are_those_that_the_provider_says_were_two() {
        assert_eq!(
            SignInWay::by_provider(["pwd", "mfa"]),
            SignInWay::ProviderTwoFactors
        );
        for methods in [&[][..], &["pwd"], &["otp"], &["pwd", "otp"], &["MFA"], &["mfa "]] {
            let way = SignInWay::by_provider(methods.iter().copied());
            assert_eq!(way, SignInWay::Provider, "{methods:?}");
        }
    }
}
