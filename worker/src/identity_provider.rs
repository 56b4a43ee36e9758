//! Asking identity providers: what they describe themselves by (OpenID Connect Discovery 1.0), whom a code stands for, and
//! what counts of the answer. A tenant names them, so each address of theirs is reached as [`crate::dial`] allows, one
//! request at a time, without redirects, and no more is read than fits.

use std::borrow::Cow;

use assent_domain::clock::Timestamp;
use assent_domain::identity_provider::Issuer;
use assent_entity::identity_provider::IdentityProvider;
use assent_entity::identity_provider::sign_in::Words;
use openidconnect::core::{
    CoreAuthDisplay, CoreClaimName, CoreClaimType, CoreClient, CoreClientAuthMethod, CoreGrantType,
    CoreJsonWebKey, CoreJweContentEncryptionAlgorithm, CoreJweKeyManagementAlgorithm, CoreResponseMode,
    CoreResponseType, CoreSubjectIdentifierType,
};
use openidconnect::{
    AdditionalProviderMetadata, AuthType, AuthenticationFlow, AuthorizationCode, ClientId, ClientSecret,
    CsrfToken, DiscoveryError, EndpointMaybeSet, EndpointNotSet, EndpointSet, IssuerUrl, Nonce,
    PkceCodeChallenge, PkceCodeVerifier, ProviderMetadata, RedirectUrl, RequestTokenError, Scope,
};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use url::Url;

mod token;
mod web;

pub use token::Identity;
use web::NoAnswer;
pub use web::Web;

/// Why a provider did not vouch for anybody. The words are for whoever set it up, and for the log: they name nobody.
#[derive(Debug, thiserror::Error)]
pub enum ProviderError {
    /// It gave no answer that can be read.
    #[error("{asked}: {why}")]
    NoAnswer {
        /// What was asked for.
        asked: &'static str,
        /// Why there is none.
        why: NoAnswer,
    },
    /// What it says of itself will not do.
    #[error("the provider's description (/.well-known/openid-configuration) will not do: {0}")]
    Description(String),
    /// It did not redeem the code.
    #[error("the provider did not redeem the code: {0}")]
    Code(String),
    /// Its token does not count.
    #[error("the provider's token does not count: {0}")]
    Token(String),
    /// It did not say whose account it is.
    #[error("the provider did not say which address the account has: {0}")]
    UserInfo(String),
}

/// What a provider may say of itself beside what every one does.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
struct Extra {
    /// Whether each of its answers names it (RFC 9207, 3).
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
}

impl AdditionalProviderMetadata for Extra {}

type Metadata = ProviderMetadata<
    Extra,
    CoreAuthDisplay,
    CoreClientAuthMethod,
    CoreClaimName,
    CoreClaimType,
    CoreGrantType,
    CoreJweContentEncryptionAlgorithm,
    CoreJweKeyManagementAlgorithm,
    CoreJsonWebKey,
    CoreResponseMode,
    CoreResponseType,
    CoreSubjectIdentifierType,
>;

type Client = CoreClient<
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// A provider as it describes itself now, with its keys.
#[derive(Clone, Debug)]
pub struct Described {
    metadata: Metadata,
}

/// Who we are to a provider.
#[derive(Debug)]
pub struct Registered<'a> {
    /// The provider, and what it calls us.
    pub provider: &'a IdentityProvider,
    /// Our secret there.
    pub secret: &'a SecretString,
    /// Where it sends people back to.
    pub redirect: &'a str,
}

/// Asks a provider what it is, and sees whether people can sign in there. It is asked each time: it changes its keys when it
/// likes.
pub async fn describe(web: &Web, issuer: &Issuer) -> Result<Described, ProviderError> {
    let url = IssuerUrl::new(issuer.as_str().to_owned());
    let url = url.map_err(|error| ProviderError::Description(error.to_string()))?;
    let metadata = Metadata::discover_async(url, web).await.map_err(undescribed)?;
    let unfit = |why: &str| Err(ProviderError::Description(why.to_owned()));
    if let Err(why) = web.leads_to(metadata.authorization_endpoint().as_str()) {
        return unfit(&format!("authorization_endpoint: {why}"));
    }
    if metadata.token_endpoint().is_none() {
        return unfit("it has no token_endpoint");
    }
    let response_types = metadata.response_types_supported().iter();
    let is_code = |types: &[CoreResponseType]| matches!(types, [CoreResponseType::Code]);
    if !response_types.into_iter().any(|types| is_code(types)) {
        return unfit("it does not take the response type code");
    }
    let signs = metadata.id_token_signing_alg_values_supported();
    if !signs
        .iter()
        .any(|algorithm| token::ALGORITHMS.contains(algorithm))
    {
        return unfit("it signs by no algorithm that has a public key, such as RS256 or ES256");
    }
    if metadata.jwks().keys().is_empty() {
        return unfit("there is no key at its jwks_uri");
    }
    Ok(Described { metadata })
}

fn undescribed(error: DiscoveryError<NoAnswer>) -> ProviderError {
    let words = match error {
        DiscoveryError::Request(why) => {
            let asked = "the provider cannot be asked for its description and keys";
            return ProviderError::NoAnswer { asked, why };
        }
        DiscoveryError::Parse(error) => format!("{} at {}", error.inner(), error.path()),
        DiscoveryError::Response(_, _, words)
        | DiscoveryError::Validation(words)
        | DiscoveryError::Other(words) => words,
        error => error.to_string(),
    };
    ProviderError::Description(words)
}

impl Described {
    fn client(&self, registered: &Registered<'_>) -> Result<Client, ProviderError> {
        let redirect = RedirectUrl::new(registered.redirect.to_owned());
        let redirect = redirect.map_err(|error| ProviderError::Description(error.to_string()))?;
        let secret = ClientSecret::new(registered.secret.expose_secret().to_owned());
        let id = ClientId::new(registered.provider.client_id.clone());
        let client = Client::from_provider_metadata(self.metadata.clone(), id, Some(secret));
        Ok(client
            .set_redirect_uri(redirect)
            .set_auth_type(self.way_to_authenticate()))
    }

    /// How the token endpoint wants to know us: by the header, as every provider has to, unless it names only the other way.
    fn way_to_authenticate(&self) -> AuthType {
        let named = self.metadata.token_endpoint_auth_methods_supported();
        let takes = |way| named.is_none_or(|named| named.contains(&way));
        if !takes(CoreClientAuthMethod::ClientSecretBasic) && takes(CoreClientAuthMethod::ClientSecretPost) {
            return AuthType::RequestBody;
        }
        AuthType::BasicAuth
    }

    /// Where somebody is sent to sign in, with the words that have to come back.
    pub fn address(&self, registered: &Registered<'_>, words: &Words) -> Result<Url, ProviderError> {
        let client = self.client(registered)?;
        let own = |word: &SecretString| word.expose_secret().to_owned();
        let (state, nonce) = (CsrfToken::new(own(&words.state)), Nonce::new(own(&words.nonce)));
        let challenge =
            PkceCodeChallenge::from_code_verifier_sha256(&PkceCodeVerifier::new(own(&words.verifier)));
        let flow = AuthenticationFlow::<CoreResponseType>::AuthorizationCode;
        let request = client.authorize_url::<_, _, _>(flow, || state, || nonce);
        let (url, _, _) = request
            .add_scope(Scope::new("email".to_owned()))
            .set_pkce_challenge(challenge)
            .url();
        Ok(url)
    }

    /// Whether an answer that names its issuer, or does not, is one of this provider (RFC 9207, 2.4).
    pub fn may_have_answered(&self, named: Option<&str>) -> bool {
        match named {
            Some(named) => named == self.metadata.issuer().as_str(),
            None => {
                !self
                    .metadata
                    .additional_metadata()
                    .authorization_response_iss_parameter_supported
            }
        }
    }

    /// Redeems the code that came back, and reads who it stands for.
    pub async fn redeem(
        &self,
        web: &Web,
        registered: &Registered<'_>,
        code: &SecretString,
        words: &Words,
        now: Timestamp,
    ) -> Result<Identity, ProviderError> {
        let client = self.client(registered)?;
        let code = AuthorizationCode::new(code.expose_secret().to_owned());
        let verifier = PkceCodeVerifier::new(words.verifier.expose_secret().to_owned());
        let request = client
            .exchange_code(code)
            .map_err(|error| ProviderError::Description(error.to_string()))?
            .set_pkce_verifier(verifier);
        let answer = request.request_async(web).await.map_err(unredeemed)?;
        token::read(&answer, &self.metadata, registered.provider, words, now)
    }

    /// Asks for the address of an account whose token holds none (Core, 5.3): some providers say it there alone.
    pub async fn ask_address(
        &self,
        web: &Web,
        registered: &Registered<'_>,
        identity: &mut Identity,
    ) -> Result<(), ProviderError> {
        let client = self.client(registered)?;
        token::complete(web, &client, identity).await
    }
}

fn unredeemed<T: openidconnect::ErrorResponse + 'static>(
    error: RequestTokenError<NoAnswer, T>,
) -> ProviderError {
    let words: Cow<'static, str> = match error {
        RequestTokenError::Request(why) => {
            let asked = "the provider cannot be asked to redeem the code";
            return ProviderError::NoAnswer { asked, why };
        }
        // What it says beyond that may be anything, and may name somebody.
        RequestTokenError::ServerResponse(_) => {
            "it refused: see that the client secret is the one it shows".into()
        }
        RequestTokenError::Parse(error, _) => format!("its answer cannot be read at {}", error.path()).into(),
        RequestTokenError::Other(_) => "its answer is none of the protocol".into(),
    };
    ProviderError::Code(words.into_owned())
}
