//! How this process works: how much at once, for how long at a stretch, and through what mail leaves.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use assent_domain::bounce::SoftLimit;
use assent_domain::delivery::RetryFor;
use assent_domain::sending_domain::Surroundings;
use assent_domain::site::HostName;

use crate::mailbox::Mailbox;
use crate::networks::Networks;
use crate::smtp::SmtpSettings;

/// Through what mail leaves.
#[derive(Clone, Debug)]
pub enum Transport {
    /// A mail server.
    Smtp(SmtpSettings),
    /// The built-in mailbox, which sends nothing.
    Mailbox(Mailbox),
}

impl Transport {
    /// What it is called where it is noted how it does.
    pub fn name(&self) -> String {
        match self {
            Self::Smtp(settings) => format!("{}:{}", settings.host, settings.port),
            Self::Mailbox(_) => "mailbox".to_owned(),
        }
    }
}

/// The settings of a worker process.
#[derive(Clone, Debug)]
pub struct WorkerSettings {
    /// Through what mail leaves.
    pub transport: Transport,
    /// How mail servers of tenants are reached.
    pub relays: RelaySettings,
    /// The address under which the world sees the hosted pages, without a slash at the end.
    pub base_url: String,
    /// How many connections one mailing may open at a time.
    pub connections: usize,
    /// How many mailings are worked on at a time. A confirmation waits for none of the others.
    pub mailings_at_once: usize,
    /// How long a mailing is worked on before others get their turn.
    pub slice: Duration,
    /// The domain of the return paths, if what comes back to it comes here.
    pub bounce_domain: Option<HostName>,
    /// Whether messages hold what Postmark tells with its events, since it replaces return paths and `Message-ID`s.
    pub tells_postmark: bool,
    /// For how long what the mail server puts off is tried again.
    pub retry_for: RetryFor,
    /// How often mail may be refused for now before its recipient is not written to any more.
    pub soft_limit: SoftLimit,
    /// How the domains that mail comes from are looked at.
    pub sender: SenderSettings,
    /// How endpoints of tenants are told what happens.
    pub webhooks: WebhookSettings,
    /// After how many days the request log forgets IP addresses.
    pub request_log_days: u32,
    /// Where the queue is kept: `None` for PostgreSQL, which holds it itself, or the file beside an SQLite
    /// database.
    pub queue: QueueSettings,
}

/// How mail servers of tenants are reached.
#[derive(Clone, Debug)]
pub struct RelaySettings {
    /// The name we give in EHLO, as to the operator's own.
    pub hello_name: String,
    /// A PEM file with further root certificates to trust, as for the operator's own.
    pub root_certificate: Option<PathBuf>,
    /// Networks that are not on the public internet, and in which they may be all the same.
    pub networks: Networks,
}

impl Default for RelaySettings {
    /// On the public internet, from nowhere in particular.
    fn default() -> Self {
        Self {
            hello_name: "localhost".to_owned(),
            root_certificate: None,
            networks: Networks::default(),
        }
    }
}

/// How endpoints of tenants are told what happens.
#[derive(Clone, Debug)]
pub struct WebhookSettings {
    /// Networks that are not on the public internet, and in which they may be all the same.
    pub networks: Networks,
    /// Whether they may be told there by plain HTTP: not in production.
    pub takes_plain_http: bool,
    /// A PEM file with further root certificates to trust.
    pub root_certificate: Option<PathBuf>,
    /// For how long everything may fail before an endpoint is disabled.
    pub patience: Duration,
    /// How long an attempt may take, all together.
    pub timeout: Duration,
}

impl Default for WebhookSettings {
    /// On the public internet, by HTTPS; disabled after three days.
    fn default() -> Self {
        Self {
            networks: Networks::default(),
            takes_plain_http: false,
            root_certificate: None,
            patience: Duration::from_hours(3 * 24),
            timeout: Duration::from_secs(15),
        }
    }
}

/// How identity providers of tenants are reached.
#[derive(Clone, Debug)]
pub struct IdentitySettings {
    /// Networks that are not on the public internet, and in which they may be all the same.
    pub networks: Networks,
    /// Whether they may be asked there by plain HTTP: not in production.
    pub takes_plain_http: bool,
    /// A PEM file with further root certificates to trust.
    pub root_certificate: Option<PathBuf>,
    /// How long a provider may take to answer one request.
    pub timeout: Duration,
}

impl Default for IdentitySettings {
    /// On the public internet, by HTTPS.
    fn default() -> Self {
        Self {
            networks: Networks::default(),
            takes_plain_http: false,
            root_certificate: None,
            timeout: Duration::from_secs(8),
        }
    }
}

/// How the domains that mail comes from are looked at.
#[derive(Clone, Debug, Default)]
pub struct SenderSettings {
    /// The name server that is asked; those of the system if there is none.
    pub dns_server: Option<SocketAddr>,
    /// What their records depend on.
    pub around: Surroundings,
    /// Whether a campaign needs a verified one, as in production.
    pub requires_verified: bool,
}

/// Where the queue is kept.
#[derive(Clone, Debug)]
pub enum QueueSettings {
    /// In an SQLite file of its own.
    Sqlite {
        /// The file.
        path: PathBuf,
    },
    /// In the PostgreSQL database, in a schema of its own.
    Postgres {
        /// The address of the database.
        url: String,
    },
}
