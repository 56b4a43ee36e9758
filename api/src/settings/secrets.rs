//! The operator's secret: given, or made up the first time.

use std::path::Path;

use assent_domain::keys::Keys;
use data_encoding::HEXLOWER;
use rand::Rng;
use secrecy::SecretString;

use super::{Options, SettingsError, wrong};

/// The secret in `.env.example`, which everybody knows.
pub(super) const EXAMPLE_SECRET: &str = "change-me-change-me-change-me-change-me";

impl Options {
    /// The keys of the operator's secret.
    pub(super) fn keys(&self, production: bool, data_dir: &Path) -> Result<Keys, SettingsError> {
        let name = "ASSENT_SECRET";
        let secret = match &self.secret {
            Some(secret) if production && secret == EXAMPLE_SECRET => {
                return Err(wrong(
                    name,
                    "this is the secret of the example: make one with `openssl rand -hex 32`",
                ));
            }
            Some(secret) => secret.clone(),
            None if production => {
                return Err(wrong(
                    name,
                    "required in production: make one with `openssl rand -hex 32`",
                ));
            }
            None => kept_secret(&data_dir.join("secret")).map_err(|error| wrong(name, error))?,
        };
        let keys = Keys::new(SecretString::from(secret)).map_err(|error| wrong(name, error))?;
        let previous = self.secret_previous.iter().cloned().map(SecretString::from);
        keys.with_previous(previous.collect())
            .map_err(|error| wrong("ASSENT_SECRET_PREVIOUS", error))
    }
}

/// The secret in `path`, made up the first time.
fn kept_secret(path: &Path) -> std::io::Result<String> {
    use std::io::Write;
    use std::os::unix::fs::OpenOptionsExt;
    match std::fs::read_to_string(path) {
        Ok(secret) => return Ok(secret.trim().to_owned()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    let mut bytes = [0; 32];
    rand::rng().fill_bytes(&mut bytes);
    let secret = HEXLOWER.encode(&bytes);
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    file.write_all(secret.as_bytes())?;
    file.sync_all()?;
    Ok(secret)
}
