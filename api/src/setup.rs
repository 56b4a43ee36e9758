//! The one-time code that lets whoever started the server, and nobody else, create the first tenant.

use std::sync::{Arc, Mutex, PoisonError};

use data_encoding::BASE64URL_NOPAD;
use rand::Rng;
use subtle::ConstantTimeEq;

/// A code that works once, in the process that made it.
#[derive(Clone, Debug, Default)]
pub struct SetupCode {
    code: Arc<Mutex<Option<String>>>,
}

impl SetupCode {
    /// Makes a code; the caller shows it to the operator.
    pub fn issue(&self) -> String {
        let mut bytes = [0; 18];
        rand::rng().fill_bytes(&mut bytes);
        let code = BASE64URL_NOPAD.encode(&bytes);
        *self.code.lock().unwrap_or_else(PoisonError::into_inner) = Some(code.clone());
        code
    }

    /// Whether a code is open and this is it.
    pub fn matches(&self, given: &str) -> bool {
        let code = self.code.lock().unwrap_or_else(PoisonError::into_inner);
        code.as_ref()
            .is_some_and(|code| bool::from(code.as_bytes().ct_eq(given.as_bytes())))
    }

    /// Whether a code is open.
    pub fn is_open(&self) -> bool {
        self.code.lock().unwrap_or_else(PoisonError::into_inner).is_some()
    }

    /// Spends the code: the first tenant exists.
    pub fn close(&self) {
        *self.code.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}
