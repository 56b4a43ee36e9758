//! What is read from Amazon: the certificate of a signature, and the confirmation of a subscription. Whoever asks has made
//! sure of the address; the client follows no redirect, uses no proxy, speaks nothing but HTTPS, and reads little.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use assent_domain::clock::Timestamp;
use tokio::sync::Semaphore;
use ureq::Agent;
use url::Url;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// How many questions are asked at once. Whoever posts made-up messages makes us ask no more.
const AT_ONCE: usize = 4;

/// The longest answer that is read, in octets.
const MAX_OCTETS: u64 = 64 * 1024;

/// How long a certificate is kept before it is asked for again.
const KEPT: Duration = Duration::from_hours(24);

/// The most certificates that are kept: the service has one a region, and changes it now and then.
const MOST: usize = 64;

type Certificates = HashMap<Url, (Timestamp, Arc<Vec<u8>>)>;

/// Reaches Amazon. Cheap to clone.
#[derive(Clone)]
pub struct Outside {
    source: Source,
    at_once: Arc<Semaphore>,
    certificates: Arc<Mutex<Certificates>>,
}

#[derive(Clone)]
enum Source {
    Network(Agent),
    Known(Arc<HashMap<String, Vec<u8>>>),
}

impl Default for Outside {
    fn default() -> Self {
        let agent = Agent::config_builder()
            .https_only(true)
            .max_redirects(0)
            .proxy(None)
            .timeout_global(Some(PATIENCE))
            .user_agent("assent")
            .build();
        Self::of(Source::Network(agent.into()))
    }
}

impl Outside {
    fn of(source: Source) -> Self {
        Self {
            source,
            at_once: Arc::new(Semaphore::new(AT_ONCE)),
            certificates: Arc::default(),
        }
    }

    /// One that knows the answers beforehand, by address: for tests.
    pub fn known(answers: HashMap<String, Vec<u8>>) -> Self {
        Self::of(Source::Known(Arc::new(answers)))
    }

    /// A certificate; from memory, where it was read not long ago.
    pub(super) async fn certificate(&self, url: &Url, now: Timestamp) -> Result<Arc<Vec<u8>>, String> {
        let known = self.lock().get(url).cloned();
        if let Some((at, certificate)) = known
            && now.since(at) < KEPT
        {
            return Ok(certificate);
        }
        let certificate = Arc::new(self.get(url).await?);
        let mut certificates = self.lock();
        if certificates.len() >= MOST {
            certificates.clear();
        }
        certificates.insert(url.clone(), (now, Arc::clone(&certificate)));
        Ok(certificate)
    }

    /// What lies at an address.
    pub(super) async fn get(&self, url: &Url) -> Result<Vec<u8>, String> {
        let agent = match &self.source {
            Source::Known(answers) => {
                return answers
                    .get(url.as_str())
                    .cloned()
                    .ok_or_else(|| "not there".to_owned());
            }
            Source::Network(agent) => agent.clone(),
        };
        let Ok(_turn) = self.at_once.try_acquire() else {
            return Err("too much is asked at once".to_owned());
        };
        let url = url.to_string();
        let read = tokio::task::spawn_blocking(move || {
            let mut answer = agent.get(url).call()?;
            match answer.status().as_u16() {
                200 => answer.body_mut().with_config().limit(MAX_OCTETS).read_to_vec(),
                other => Err(ureq::Error::StatusCode(other)),
            }
        });
        match read.await {
            Ok(read) => read.map_err(|error: ureq::Error| error.to_string()),
            Err(error) => Err(error.to_string()),
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Certificates> {
        self.certificates.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Outside {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outside").finish_non_exhaustive()
    }
}
