//! What an endpoint knows an event by: a secret that it shares with us, and the signatures made with it (Standard Webhooks,
//! 1.0, symmetric).

use std::fmt;

use data_encoding::BASE64;
use hmac::{Hmac, KeyInit, Mac};
use rand::Rng;
use secrecy::{ExposeSecret, SecretSlice, SecretString};
use sha2::Sha256;

/// What a secret begins with, so that a scanner of source code knows one when it sees it.
const PREFIX: &str = "whsec_";

/// The length of a new secret, in octets; 24 to 64 are allowed.
const OCTETS: usize = 32;

/// The secret of an endpoint. It cannot be printed.
#[derive(Clone)]
pub struct WebhookSecret(SecretSlice<u8>);

impl WebhookSecret {
    /// Draws a new one.
    pub fn draw() -> Self {
        let mut octets = vec![0_u8; OCTETS];
        rand::rng().fill_bytes(&mut octets);
        Self(octets.into())
    }

    /// The secret with these octets.
    pub fn of(octets: SecretSlice<u8>) -> Self {
        Self(octets)
    }

    /// Its octets, to be sealed.
    pub fn octets(&self) -> &[u8] {
        self.0.expose_secret()
    }

    /// As it is shown, once: `whsec_` and base64.
    pub fn shown(&self) -> SecretString {
        format!("{PREFIX}{}", BASE64.encode(self.octets())).into()
    }

    /// The signature of a message: `v1,` and base64 of HMAC-SHA256 over id, time in seconds, and body, with dots between.
    pub fn sign(&self, id: &str, seconds: i64, body: &str) -> String {
        // A key of HMAC may have any length.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(self.octets()) else {
            return String::new();
        };
        for part in [id, ".", &seconds.to_string(), ".", body] {
            mac.update(part.as_bytes());
        }
        format!("v1,{}", BASE64.encode(&mac.finalize().into_bytes()))
    }
}

impl fmt::Debug for WebhookSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WebhookSecret")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signatures_are_those_of_the_standard() {
        // The example of the specification.
        let octets = BASE64.decode(b"MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let secret = WebhookSecret::of(octets.into());
        assert_eq!(
            secret.sign(
                "msg_p5jXN8AQM9LWM0D4loKWxJek",
                1_614_265_330,
                r#"{"test": 2432232314}"#
            ),
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
        );
        assert_eq!(
            secret.shown().expose_secret(),
            "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
        );
    }

    #[test]
    fn secrets_are_drawn_and_not_printed() {
        let (one, other) = (WebhookSecret::draw(), WebhookSecret::draw());
        assert_ne!(one.octets(), other.octets());
        assert_eq!(one.octets().len(), 32);
        assert_eq!(format!("{one:?}"), "WebhookSecret");
    }
}
