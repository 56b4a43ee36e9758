//! Passwords: argon2id, off the async threads, and as slow for a stranger as for a member.

use std::sync::LazyLock;
use std::time::Duration;

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::timeout;

use crate::error::StoreError;

/// The fewest characters of a password (NIST SP 800-63B asks for 8 at least, 15 where it stands alone).
pub const MIN_CHARS: usize = 12;

/// The most characters of a password: hashing more would be work for an attacker to ask for.
pub const MAX_CHARS: usize = 200;

/// Each hashing takes 19 MiB and a core for a while: only so many at a time, and whoever guesses waits in line.
static HASHING: Semaphore = Semaphore::const_new(4);

/// How many stand in that line at most, and for how long: whoever comes then is told so at once, rather than when they
/// have given up.
static WAITING: Semaphore = Semaphore::const_new(64);
const MAX_WAIT: Duration = Duration::from_secs(5);

/// Waits for a turn to hash.
async fn turn() -> Result<SemaphorePermit<'static>, StoreError> {
    let _in_line = WAITING.try_acquire().map_err(|_| StoreError::Busy)?;
    match timeout(MAX_WAIT, HASHING.acquire()).await {
        Ok(Ok(turn)) => Ok(turn),
        Ok(Err(_)) | Err(_) => Err(StoreError::Busy),
    }
}

/// What is verified when nobody by that name exists, so that the answer takes as long.
static NOBODY: LazyLock<String> = LazyLock::new(|| {
    let hash = Argon2::default().hash_password(b"nobody has this password");
    hash.map(|hash| hash.to_string()).unwrap_or_default()
});

/// Makes the hash that stands in for nobody's, so that the first stranger does not wait longer than others.
pub async fn warm_up() {
    // If it fails, the first stranger makes it.
    let _ = tokio::task::spawn_blocking(|| LazyLock::force(&NOBODY).len()).await;
}

/// What is said of a password that is too short or too long.
pub fn rule() -> String {
    format!("a password has {MIN_CHARS} to {MAX_CHARS} characters")
}

/// Hashes a password of acceptable length.
pub(crate) async fn hash(password: SecretString) -> Result<String, StoreError> {
    let length = password.expose_secret().chars().count();
    if !(MIN_CHARS..=MAX_CHARS).contains(&length) {
        return Err(StoreError::invalid("password", rule()));
    }
    let _turn = turn().await?;
    let hashed = tokio::task::spawn_blocking(move || {
        Argon2::default()
            .hash_password(password.expose_secret().as_bytes())
            .map(|hash| hash.to_string())
    });
    match hashed.await {
        Ok(Ok(hash)) => Ok(hash),
        _ => Err(StoreError::Corrupt("a password could not be hashed".to_owned())),
    }
}

/// Checks a password against a member's hash, or against nobody's in the same time.
pub(crate) async fn verify(hash: Option<String>, password: SecretString) -> Result<bool, StoreError> {
    if password.expose_secret().len() > MAX_CHARS * 4 {
        return Ok(false);
    }
    let _turn = turn().await?;
    let exists = hash.is_some();
    let checked = tokio::task::spawn_blocking(move || {
        let hash = hash.unwrap_or_else(|| NOBODY.clone());
        PasswordHash::new(&hash).is_ok_and(|hash| {
            Argon2::default()
                .verify_password(password.expose_secret().as_bytes(), &hash)
                .is_ok()
        })
    });
    Ok(matches!(checked.await, Ok(true)) && exists)
}
