//! The codes of a member's device: six digits, another six every 30 seconds (RFC 6238, with what every authenticator
//! understands).

use assent_domain::clock::Timestamp;
use rand::Rng;
use secrecy::{ExposeSecret, SecretSlice, SecretString};
use totp_rs::{Builder, Totp};

use super::Begun;
use crate::error::StoreError;

/// As long as RFC 4226, 4, recommends.
const SECRET_OCTETS: usize = 20;

fn unusable(error: impl std::fmt::Display) -> StoreError {
    StoreError::Corrupt(format!("the secret of a second factor: {error}"))
}

fn builder(secret: &[u8]) -> Builder {
    Builder::new().with_secret(secret.to_vec())
}

pub(super) fn new_secret() -> SecretSlice<u8> {
    let mut octets = vec![0; SECRET_OCTETS];
    rand::rng().fill_bytes(&mut octets);
    octets.into()
}

/// What the device is told: the secret, for whom it is, and at whose.
pub(super) fn told(secret: &SecretSlice<u8>, issuer: &str, account: &str) -> Result<Begun, StoreError> {
    // A colon stands between the two in the address, and in neither.
    let [issuer, account] = [issuer, account].map(|text| text.replace(':', " "));
    let device: Totp = builder(secret.expose_secret())
        .with_issuer(Some(issuer))
        .with_account_name(account)
        .build()
        .map_err(unusable)?;
    Ok(Begun {
        uri: device.to_url().map_err(unusable)?.into(),
        secret: device.secret().to_base32().into(),
    })
}

/// Of which 30 seconds a code is: these, those before or those that follow, for clocks that are not quite right.
pub(super) fn step_of(secret: &[u8], code: &SecretString, now: Timestamp) -> Result<Option<i64>, StoreError> {
    let device = builder(secret).build().map_err(unusable)?;
    let seconds = u64::try_from(now.micros() / 1_000_000).map_err(unusable)?;
    // People type them in two groups.
    let digits: String = code
        .expose_secret()
        .chars()
        .take(32)
        .filter(|letter| !letter.is_whitespace())
        .collect();
    let step = device.check(&digits, seconds);
    step.map(|step| i64::try_from(step).map_err(unusable)).transpose()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238, appendix B, with SHA-1; six digits are the last of its eight.
    #[test]
    fn codes_are_those_of_the_standard() {
        let secret = b"12345678901234567890";
        for (seconds, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            let at = |seconds: i64| Timestamp::from_micros(seconds * 1_000_000);
            let step = |code: &str, seconds| step_of(secret, &code.to_owned().into(), at(seconds)).unwrap();
            let right = Some(seconds / 30);
            assert_eq!(step(code, seconds), right);
            assert_eq!(step(&format!(" {} {} ", &code[..3], &code[3..]), seconds), right);
            assert_eq!(step(code, seconds - 30), right, "a clock that is slow");
            assert_eq!(step(code, seconds + 30), right, "and one that is fast");
            assert_eq!(step(code, seconds + 90), None);
            for wrong in ["", "28708", "2870822", "+28708", "abcdef", "²87082"] {
                assert_eq!(step(wrong, seconds), None, "{wrong}");
            }
        }
    }

    #[test]
    fn a_device_is_told_whose_code_it_shows() {
        let secret: SecretSlice<u8> = b"12345678901234567890".to_vec().into();
        let begun = told(&secret, "Ann: & Sons", "ann@example.org").unwrap();
        assert_eq!(begun.secret.expose_secret(), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        let uri = begun.uri.expose_secret();
        assert!(
            uri.starts_with("otpauth://totp/Ann%20%20%26%20Sons:ann%40example.org?secret=GEZD"),
            "{uri}"
        );
        assert!(uri.contains("issuer=Ann%20%20%26%20Sons"), "{uri}");
        assert!(!format!("{begun:?}").contains("GEZD"));
        assert_ne!(new_secret().expose_secret(), new_secret().expose_secret());
    }
}
