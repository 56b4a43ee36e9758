//! DKIM signatures (RFC 6376, RFC 8463), made over the final bytes of a message: nothing changes them after this.

use assent_domain::dkim::DkimAlgorithm;
use assent_entity::sending_domain::{Signing, SigningKey};
use mail_auth::common::crypto::{DkimKey, Ed25519Key, RsaKey, Sha256};
use mail_auth::dkim::{DkimSigner, Done};
use secrecy::ExposeSecret as _;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

/// What a signature takes about, in octets.
const SIGNATURE_OCTETS: usize = 1024;

/// The fields that are signed whether they are there or not: where one is not, nobody can add one. `From` is named once
/// more than it is there, so nobody can add a second (RFC 6376, 8.15).
const ALWAYS: &[&str] = &[
    "From",
    "From",
    "Reply-To",
    "To",
    "Cc",
    "Subject",
    "Date",
    "Message-ID",
    "MIME-Version",
    "Content-Type",
    "Content-Language",
    "Auto-Submitted",
    "Feedback-ID",
];

/// The fields that are signed in mail to a list as well (RFC 6376, 5.4.1; RFC 8058, 4).
const OF_LISTS: &[&str] = &["List-Id", "List-Unsubscribe", "List-Unsubscribe-Post"];

/// The field that tells providers where complaints go (RFC 9477, 3.1).
const OF_COMPLAINTS: &[&str] = &["CFBL-Address"];

/// Which fields the messages of a mailing have.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fields {
    /// Those of lists.
    pub(crate) of_lists: bool,
    /// The address for complaints.
    pub(crate) of_complaints: bool,
}

/// A key that cannot sign, or a message that cannot be signed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SignError {
    #[error("the DKIM key {selector} of {domain} cannot be used: {reason}")]
    Key {
        selector: String,
        domain: String,
        reason: String,
    },
    #[error("the message could not be signed: {0}")]
    Message(mail_auth::Error),
}

/// Signs the messages of one mailing. The keys are read once.
pub(crate) struct Signer(Vec<DkimSigner<DkimKey, Done>>);

impl Signer {
    /// Takes the keys of a domain, in the order of their signatures.
    pub(crate) fn new(signing: &Signing, fields: Fields) -> Result<Self, SignError> {
        let of_lists = if fields.of_lists { OF_LISTS } else { &[] };
        let of_complaints = if fields.of_complaints { OF_COMPLAINTS } else { &[] };
        let signed = [ALWAYS, of_lists, of_complaints].concat();
        let signers = signing.keys.iter().map(|key| {
            let unusable = |error: mail_auth::Error| SignError::Key {
                selector: key.selector.as_str().to_owned(),
                domain: signing.domain.to_string(),
                reason: error.to_string(),
            };
            // Relaxed for header and body, without a length, is what the library does unless told otherwise.
            Ok(DkimSigner::from_key(read(key).map_err(unusable)?)
                .domain(signing.domain.as_str())
                .selector(key.selector.as_str())
                .headers(signed.iter().copied()))
        });
        Ok(Self(signers.collect::<Result<_, _>>()?))
    }

    /// The message with its signatures in front.
    pub(crate) fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignError> {
        let mut signed = Vec::with_capacity(message.len() + self.0.len() * SIGNATURE_OCTETS);
        for signer in &self.0 {
            let signature = signer.sign(message).map_err(SignError::Message)?;
            signature.write(&mut signed, true);
        }
        signed.extend_from_slice(message);
        Ok(signed)
    }
}

fn read(key: &SigningKey) -> Result<DkimKey, mail_auth::Error> {
    let pkcs8 = key.private.expose_secret();
    Ok(match key.algorithm {
        DkimAlgorithm::Rsa2048 => {
            let der = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(pkcs8));
            DkimKey::Rsa(RsaKey::<Sha256>::from_key_der(der)?)
        }
        DkimAlgorithm::Ed25519 => DkimKey::Ed25519(Ed25519Key::from_pkcs8_der(pkcs8)?),
    })
}
