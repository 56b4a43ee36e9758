//! What a provider says of somebody: the ID token, and what counts of it (Core, 3.1.3.7).

use std::time::Duration;

use assent_domain::address::EmailAddress;
use assent_domain::clock::Timestamp;
use assent_domain::identity_provider::{MAX_SUBJECT_OCTETS, SignInWay};
use assent_entity::identity_provider::IdentityProvider;
use assent_entity::identity_provider::sign_in::Words;
use chrono::{DateTime, Utc};
use openidconnect::core::{
    CoreIdTokenVerifier, CoreJwsSigningAlgorithm, CoreTokenResponse, CoreUserInfoClaims,
};
use openidconnect::{
    AccessToken, ClientId, Nonce, OAuth2TokenResponse, SubjectIdentifier, TokenResponse, UserInfoError,
};
use secrecy::ExposeSecret;

use super::web::NoAnswer;
use super::{Client, Metadata, ProviderError, Web};

/// The algorithms that count: those with a public key. Whoever has our secret could sign by the others, and by `none`
/// anybody.
pub(super) const ALGORITHMS: &[CoreJwsSigningAlgorithm] = &[
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha384,
    CoreJwsSigningAlgorithm::RsaSsaPssSha512,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
    CoreJwsSigningAlgorithm::EdDsa,
];

/// How far apart a provider's clock and ours may be, and how old a token may be that was made for a sign-in of ten minutes.
const FRESH: Duration = Duration::from_mins(15);

/// Whom a provider vouches for.
pub struct Identity {
    /// What it calls the account.
    pub subject: String,
    /// The address of the account, and whether the provider says that it has verified it.
    pub address: Option<(EmailAddress, bool)>,
    /// How they showed who they are.
    pub way: SignInWay,
    access_token: AccessToken,
}

/// It stands for a person.
impl std::fmt::Debug for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Identity")
            .field("way", &self.way)
            .finish_non_exhaustive()
    }
}

impl Identity {
    /// The address, where the provider has verified it.
    pub fn verified_address(&self) -> Option<EmailAddress> {
        let verified = self.address.as_ref().filter(|(_, is_verified)| *is_verified);
        verified.map(|(address, _)| address.clone())
    }
}

fn void(why: impl std::fmt::Display) -> ProviderError {
    ProviderError::Token(why.to_string())
}

/// Reads who the token stands for, if it is one of this provider, for us, for this sign-in, and fresh.
pub(super) fn read(
    answer: &CoreTokenResponse,
    metadata: &Metadata,
    provider: &IdentityProvider,
    words: &Words,
    now: Timestamp,
) -> Result<Identity, ProviderError> {
    let token = answer.id_token().ok_or_else(|| void("there is no ID token"))?;
    let time =
        DateTime::<Utc>::from_timestamp_micros(now.micros()).ok_or_else(|| void("the clock is wrong"))?;
    let client = ClientId::new(provider.client_id.clone());
    // Ours is a public client to the verifier: it then takes no token that our secret could have signed.
    let issuer = metadata.issuer().clone();
    let verifier = CoreIdTokenVerifier::new_public_client(client.clone(), issuer, metadata.jwks().clone())
        .set_allowed_algs(ALGORITHMS.iter().cloned())
        .set_time_fn(move || time)
        .set_issue_time_verifier_fn(move |at| is_fresh(at, time));
    let nonce = Nonce::new(words.nonce.expose_secret().to_owned());
    let claims = token
        .claims(&verifier, &nonce)
        .map_err(|error| void(kind_of(&error)))?;
    if claims.authorized_party().is_some_and(|party| *party != client) {
        return Err(void("it was made for another client (azp)"));
    }
    let subject = claims.subject().as_str();
    if subject.is_empty() || subject.len() > MAX_SUBJECT_OCTETS {
        return Err(void("it has no subject of 1 to 255 octets"));
    }
    let methods = claims.auth_method_refs().map_or(&[][..], Vec::as_slice);
    Ok(Identity {
        subject: subject.to_owned(),
        address: address(
            claims.email().map(|email| email.as_str()),
            claims.email_verified(),
        ),
        way: SignInWay::by_provider(methods.iter().map(|method| method.as_str())),
        access_token: answer.access_token().clone(),
    })
}

fn address(email: Option<&str>, verified: Option<bool>) -> Option<(EmailAddress, bool)> {
    let address = EmailAddress::parse(email?).ok()?;
    Some((address, verified == Some(true)))
}

fn is_fresh(at: DateTime<Utc>, now: DateTime<Utc>) -> Result<(), String> {
    let apart = now.signed_duration_since(at).abs();
    let fits = apart.to_std().is_ok_and(|apart| apart <= FRESH);
    fits.then_some(()).ok_or_else(|| "its time is not now".to_owned())
}

/// What is wrong with a token, in words that repeat nothing of it.
fn kind_of(error: &openidconnect::ClaimsVerificationError) -> &'static str {
    use openidconnect::ClaimsVerificationError as Wrong;
    match error {
        Wrong::Expired(_) => "it has expired, or its clock is not ours (exp, iat)",
        Wrong::InvalidAudience(_) => "it was made for another client, or for others too (aud)",
        Wrong::InvalidIssuer(_) => "another issuer made it (iss)",
        Wrong::InvalidNonce(_) => "it was made for another sign-in (nonce)",
        Wrong::SignatureVerification(_) => {
            "none of the provider's keys signed it by an algorithm that counts"
        }
        Wrong::Unsupported(_) => "it is encrypted, or of another kind",
        _ => "it cannot be read",
    }
}

/// Asks for the address of an account. The answer has to be about the same one (Core, 5.3.2).
pub(super) async fn complete(
    web: &Web,
    client: &Client,
    identity: &mut Identity,
) -> Result<(), ProviderError> {
    if client.user_info_url().is_none() {
        return Ok(());
    }
    let unanswered = |words: &str| ProviderError::UserInfo(words.to_owned());
    // The library takes it for granted that the provider gave one that can stand in a header (RFC 6750, 2.1).
    if !identity
        .access_token
        .secret()
        .bytes()
        .all(|octet| octet.is_ascii_graphic())
    {
        return Err(unanswered("its access token is none"));
    }
    let subject = SubjectIdentifier::new(identity.subject.clone());
    let request = client.user_info(identity.access_token.clone(), Some(subject));
    let request = request.map_err(|_| unanswered("it has no userinfo_endpoint"))?;
    let claims: Result<CoreUserInfoClaims, UserInfoError<NoAnswer>> = request.request_async(web).await;
    let claims = claims.map_err(|error| match error {
        UserInfoError::Request(why) => ProviderError::NoAnswer {
            asked: "the provider cannot be asked for the address",
            why,
        },
        UserInfoError::ClaimsVerification(_) => unanswered("the answer is about another account"),
        _ => unanswered("the answer cannot be read"),
    })?;
    identity.address = address(
        claims.email().map(|email| email.as_str()),
        claims.email_verified(),
    );
    Ok(())
}
