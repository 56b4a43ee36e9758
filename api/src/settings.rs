//! Settings: `assent.toml`, then `ASSENT_*` variables, then flags. Each is checked at start, with an error that
//! names it; none is needed to try things out.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use assent_domain::keys::Keys;
use assent_domain::tenant_life::GraceDays;
use assent_entity::StoreSettings;
use assent_worker::settings::{IdentitySettings, QueueSettings, WorkerSettings};
use clap::{Args, ValueEnum};
use serde::Deserialize;

use crate::bounces::Bounces;
use crate::graphql::documents::Documents;
use crate::uploads::Uploads;
use crate::visits::VisitSettings;
use crate::webhooks::Webhooks;

mod bounces;
mod faces;
mod identity;
mod mail;
mod secrets;
mod sender;
mod tls;
mod uploads;
mod visits;
mod webhooks;

pub use bounces::Listen;
pub use tls::SmtpTls;

/// What the process is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Environment {
    /// Trying things out: a secret is made up, mail may stay in the built-in mailbox.
    #[default]
    Development,
    /// Real people: secrets, HTTPS and a mail server are required.
    Production,
}

/// The settings as they are given. Every one can stand in `assent.toml` under the flag's name with underscores.
#[derive(Args, Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Options {
    /// What the process is for: `development` or `production`. [default: development]
    #[arg(long, env = "ASSENT_ENV", global = true, value_name = "ENVIRONMENT")]
    pub env: Option<Environment>,
    /// Where the SQLite files, the built-in mailbox and a made-up secret are kept. [default: ./data]
    #[arg(long, env = "ASSENT_DATA_DIR", global = true, value_name = "DIRECTORY")]
    pub data_dir: Option<PathBuf>,
    /// The database, as `sqlite://PATH` or `postgres://USER:PASSWORD@HOST/NAME`. [default: an SQLite file in the data directory]
    #[arg(
        long,
        env = "ASSENT_DATABASE_URL",
        global = true,
        value_name = "URL",
        hide_env_values = true
    )]
    pub database_url: Option<String>,
    /// The most connections to PostgreSQL, for requests and for everything else each; or readers of the SQLite file. [default: 16]
    #[arg(
        long,
        env = "ASSENT_DATABASE_CONNECTIONS",
        global = true,
        value_name = "NUMBER"
    )]
    pub database_connections: Option<u32>,
    /// Accept a PostgreSQL role that row-level security does not bind.
    #[arg(long, env = "ASSENT_ALLOW_RLS_BYPASS", global = true, num_args = 0..=1, default_missing_value = "true")]
    pub allow_rls_bypass: Option<bool>,
    /// The secret from which all keys derive: at least 32 characters, kept with the backups. Changing it makes the links in mails that went out invalid. [default: made up once and kept in the data directory; required in production]
    #[arg(
        long,
        env = "ASSENT_SECRET",
        global = true,
        value_name = "SECRET",
        hide_env_values = true
    )]
    pub secret: Option<String>,
    /// The secret there was before, after a change: what was sealed under it can be read, and is sealed anew within minutes, and access tokens that it signed count until they run out. Nothing else goes by it. [default: none]
    #[arg(
        long,
        env = "ASSENT_SECRET_PREVIOUS",
        global = true,
        value_name = "SECRET",
        hide_env_values = true
    )]
    pub secret_previous: Option<String>,
    /// The address and port to listen on. [default: 127.0.0.1:8080]
    #[arg(long, env = "ASSENT_LISTEN", global = true, value_name = "ADDRESS:PORT")]
    pub listen: Option<SocketAddr>,
    /// The address under which the world sees this server; links in mail begin with it. [default: http://localhost:PORT; required, as https://, in production]
    #[arg(long, env = "ASSENT_BASE_URL", global = true, value_name = "URL")]
    pub base_url: Option<String>,
    /// Whether GraphQL introspection and the GraphiQL page are offered. [default: true, false in production]
    #[arg(long, env = "ASSENT_EXPLORER", global = true, value_name = "BOOLEAN")]
    pub explorer: Option<bool>,
    /// A file of GraphQL operations that clients send by their ids, as JSON: `{"ID": "OPERATION"}`. [default: none]
    #[arg(long, env = "ASSENT_DOCUMENTS", global = true, value_name = "FILE")]
    pub documents: Option<PathBuf>,
    /// Whether no other operations are run than those of that file. [default: false]
    #[arg(long, env = "ASSENT_ONLY_DOCUMENTS", global = true, value_name = "BOOLEAN")]
    pub only_documents: Option<bool>,
    /// The mail server. Without one, mail is kept in the built-in mailbox at /dev/mailbox. [required in production]
    #[arg(long, env = "ASSENT_SMTP_HOST", global = true, value_name = "HOST")]
    pub smtp_host: Option<String>,
    /// The mail server's port. [default: 25, 587 or 465, by --smtp-tls]
    #[arg(long, env = "ASSENT_SMTP_PORT", global = true, value_name = "PORT")]
    pub smtp_port: Option<u16>,
    /// How connections to it are encrypted: `none`, `starttls` or `implicit`. [default: starttls]
    #[arg(long, env = "ASSENT_SMTP_TLS", global = true, value_name = "MODE")]
    pub smtp_tls: Option<SmtpTls>,
    /// The user name at the mail server, if it asks for one.
    #[arg(long, env = "ASSENT_SMTP_USER", global = true, value_name = "USER")]
    pub smtp_user: Option<String>,
    /// The password at the mail server.
    #[arg(
        long,
        env = "ASSENT_SMTP_PASSWORD",
        global = true,
        value_name = "PASSWORD",
        hide_env_values = true
    )]
    pub smtp_password: Option<String>,
    /// The name this machine gives itself to the mail server (EHLO). [default: the host of --base-url]
    #[arg(long, env = "ASSENT_SMTP_HELLO", global = true, value_name = "NAME")]
    pub smtp_hello: Option<String>,
    /// A PEM file with further root certificates to trust.
    #[arg(
        long,
        env = "ASSENT_SMTP_ROOT_CERTIFICATE",
        global = true,
        value_name = "FILE"
    )]
    pub smtp_root_certificate: Option<PathBuf>,
    /// The most connections to the mail server for one mailing. [default: 10]
    #[arg(long, env = "ASSENT_SMTP_CONNECTIONS", global = true, value_name = "NUMBER")]
    pub smtp_connections: Option<usize>,
    /// For how many hours what the mail server puts off is tried again, with growing waits between; 0 is one attempt, 336 the most. [default: 96]
    #[arg(long, env = "ASSENT_RETRY_HOURS", global = true, value_name = "HOURS")]
    pub retry_hours: Option<u32>,
    /// How many mailings are worked on at a time. [default: 8]
    #[arg(long, env = "ASSENT_MAILINGS_AT_ONCE", global = true, value_name = "NUMBER")]
    pub mailings_at_once: Option<usize>,
    /// Whether requests are logged: method, route, status, duration and IP address, apart from everybody. [default: true]
    #[arg(long, env = "ASSENT_REQUEST_LOG", global = true, value_name = "BOOLEAN")]
    pub request_log: Option<bool>,
    /// After how many days the log forgets IP addresses; after seven it keeps only their networks, and after twice as many days as are given here nothing. [default: 30]
    #[arg(long, env = "ASSENT_REQUEST_LOG_DAYS", global = true, value_name = "DAYS")]
    pub request_log_days: Option<u32>,
    /// Networks that tenants may have mail servers of their own in, as addresses or networks with commas between. All others have to be on the public internet, at the ports 25, 465, 587 or 2525. [default: none]
    #[arg(
        long,
        env = "ASSENT_TRANSPORT_NETWORKS",
        global = true,
        value_name = "NETWORKS"
    )]
    pub transport_networks: Option<String>,
    /// The proxies whose `Forwarded` or `X-Forwarded-For` is believed, as addresses or networks with commas between. They have to remove the one of the two that they do not write. [default: none]
    #[arg(long, env = "ASSENT_TRUSTED_PROXIES", global = true, value_name = "NETWORKS")]
    pub trusted_proxies: Option<String>,
    /// How many forms that cause mail one network (/24, /48) may send in ten minutes; 0 is no limit. [default: 20]
    #[arg(
        long,
        env = "ASSENT_FORM_POSTS_PER_SOURCE",
        global = true,
        value_name = "NUMBER"
    )]
    pub form_posts_per_source: Option<u32>,
    /// How many GraphQL operations the members and tokens of one tenant may send together in a minute; 0 is no limit. [default: 6000]
    #[arg(
        long,
        env = "ASSENT_OPERATIONS_PER_TENANT",
        global = true,
        value_name = "NUMBER"
    )]
    pub operations_per_tenant: Option<u32>,
    /// The domain of return paths, if what comes back to it comes here: each message then has one of its own. [default: the sender's address is the return path]
    #[arg(long, env = "ASSENT_BOUNCE_DOMAIN", global = true, value_name = "DOMAIN")]
    pub bounce_domain: Option<String>,
    /// What a mail server shows that hands over what came back, with `POST /bounces`; at least 20 characters. [default: nothing is taken in]
    #[arg(
        long,
        env = "ASSENT_BOUNCE_TOKEN",
        global = true,
        value_name = "TOKEN",
        hide_env_values = true
    )]
    pub bounce_token: Option<String>,
    /// Where to listen for mail that comes back, as `smtp://ADDRESS:PORT` or `lmtp://ADDRESS:PORT`. Needs --bounce-domain. [default: nowhere]
    #[arg(long, env = "ASSENT_BOUNCE_LISTEN", global = true, value_name = "URL")]
    pub bounce_listen: Option<String>,
    /// How many messages a minute the listener takes from one network (/24, /48); 0 is no limit. [default: 600]
    #[arg(long, env = "ASSENT_BOUNCE_RATE", global = true, value_name = "NUMBER")]
    pub bounce_rate: Option<u32>,
    /// The topics (ARNs, commas between) of Amazon SNS through which Amazon SES tells, with `POST /webhooks/ses`. [default: none]
    #[arg(long, env = "ASSENT_SES_TOPICS", global = true, value_name = "ARNS")]
    pub ses_topics: Option<String>,
    /// The password in the address that Postmark is given, as in `https://postmark:SECRET@HOST/webhooks/postmark`; at least 20 characters. [default: Postmark is not listened to]
    #[arg(
        long,
        env = "ASSENT_POSTMARK_TOKEN",
        global = true,
        value_name = "TOKEN",
        hide_env_values = true
    )]
    pub postmark_token: Option<String>,
    /// Mailgun's webhook signing key, for `POST /webhooks/mailgun`. [default: Mailgun is not listened to]
    #[arg(
        long,
        env = "ASSENT_MAILGUN_KEY",
        global = true,
        value_name = "KEY",
        hide_env_values = true
    )]
    pub mailgun_key: Option<String>,
    /// The name server that is asked about sending domains, endpoints of webhooks and identity providers, as ADDRESS or ADDRESS:PORT. [default: those of the system]
    #[arg(long, env = "ASSENT_DNS_SERVER", global = true, value_name = "ADDRESS")]
    pub dns_server: Option<String>,
    /// What the SPF record of a sending domain has to include so that the mail server may send for it, as in `_spf.relay.example`. [default: any SPF record will do]
    #[arg(long, env = "ASSENT_SPF_INCLUDE", global = true, value_name = "DOMAIN")]
    pub spf_include: Option<String>,
    /// After how many messages that came back for now, as from a full mailbox, somebody is not written to any more. [default: 5]
    #[arg(long, env = "ASSENT_SOFT_BOUNCES", global = true, value_name = "NUMBER")]
    pub soft_bounces: Option<u32>,
    /// Within how many days these have to come back. [default: 30]
    #[arg(long, env = "ASSENT_SOFT_BOUNCE_DAYS", global = true, value_name = "DAYS")]
    pub soft_bounce_days: Option<u32>,
    /// The largest table of people that is uploaded, in MiB, as it is once unpacked. [default: 1024]
    #[arg(long, env = "ASSENT_IMPORT_MIB", global = true, value_name = "MIB")]
    pub import_mib: Option<u64>,
    /// The most rows of a table of people. [default: 5000000]
    #[arg(long, env = "ASSENT_IMPORT_ROWS", global = true, value_name = "NUMBER")]
    pub import_rows: Option<u64>,
    /// The largest file within a GraphQL request, in MiB; while it comes in it lies in the data directory. [default: 64]
    #[arg(long, env = "ASSENT_UPLOAD_MIB", global = true, value_name = "MIB")]
    pub upload_mib: Option<u64>,
    /// After how many days a closed tenant is deleted, with all that it holds. Those that are closed keep their day. [default: 30]
    #[arg(long, env = "ASSENT_TENANT_DELETE_DAYS", global = true, value_name = "DAYS")]
    pub tenant_delete_days: Option<u32>,
    /// Networks that endpoints of webhooks may be in beside the public internet, as addresses or networks with commas between; there, but for production, by plain HTTP too. [default: none]
    #[arg(long, env = "ASSENT_WEBHOOK_NETWORKS", global = true, value_name = "NETWORKS")]
    pub webhook_networks: Option<String>,
    /// A PEM file with further root certificates to trust at endpoints of webhooks. [default: the system's]
    #[arg(
        long,
        env = "ASSENT_WEBHOOK_ROOT_CERTIFICATE",
        global = true,
        value_name = "FILE"
    )]
    pub webhook_root_certificate: Option<PathBuf>,
    /// For how many days everything that is sent to an endpoint may fail before it is disabled, 1 to 30. [default: 3]
    #[arg(long, env = "ASSENT_WEBHOOK_DISABLE_DAYS", global = true, value_name = "DAYS")]
    pub webhook_disable_days: Option<u32>,
    /// Networks that identity providers of tenants may be in beside the public internet, as addresses or networks with commas between; there, but for production, by plain HTTP too. [default: none]
    #[arg(
        long,
        env = "ASSENT_IDENTITY_NETWORKS",
        global = true,
        value_name = "NETWORKS"
    )]
    pub identity_networks: Option<String>,
    /// A PEM file with further root certificates to trust at identity providers. [default: the system's]
    #[arg(
        long,
        env = "ASSENT_IDENTITY_ROOT_CERTIFICATE",
        global = true,
        value_name = "FILE"
    )]
    pub identity_root_certificate: Option<PathBuf>,
    /// What is logged, as in `info` or `warn,assent_worker=debug`. [default: Assent's own news, and the libraries' troubles]
    #[arg(long, env = "ASSENT_LOG", global = true, value_name = "FILTER")]
    pub log: Option<String>,
}

/// A setting that will not do.
#[derive(Debug, thiserror::Error)]
#[error("{name}: {problem}")]
pub struct SettingsError {
    name: &'static str,
    problem: String,
}

fn wrong(name: &'static str, problem: impl std::fmt::Display) -> SettingsError {
    SettingsError {
        name,
        problem: format!("{problem}"),
    }
}

/// The settings as they count.
#[derive(Clone, Debug)]
pub struct Settings {
    /// What the process is for.
    pub environment: Environment,
    /// Where files are kept.
    pub data_dir: PathBuf,
    /// The database.
    pub store: StoreSettings,
    /// The keys.
    pub keys: Keys,
    /// Where to listen.
    pub listen: SocketAddr,
    /// How the world sees this server, without a slash at the end.
    pub base_url: String,
    /// Whether introspection and `GraphiQL` are offered.
    pub explorer: bool,
    /// The operations that are known beforehand.
    pub documents: Documents,
    /// What is noted of requests.
    pub visits: VisitSettings,
    /// How many forms that cause mail one network may send in ten minutes; 0 is no limit.
    pub form_posts_per_source: u32,
    /// How many operations all of one tenant may send in a minute; 0 is no limit.
    pub operations_per_tenant: u32,
    /// Whether, and how, what comes back of mail is taken in.
    pub bounces: Bounces,
    /// Which mail providers are listened to.
    pub webhooks: Webhooks,
    /// How identity providers of tenants are reached.
    pub identity: IdentitySettings,
    /// Where mail that comes back is listened for, if it is.
    pub bounce_listen: Option<Listen>,
    /// How large the files may be that come in.
    pub uploads: Uploads,
    /// For how long a closed tenant is kept.
    pub tenant_grace: GraceDays,
    /// How the worker works.
    pub worker: WorkerSettings,
}

impl Options {
    /// These options, with `file` where they say nothing.
    #[must_use]
    pub fn over(self, file: Self) -> Self {
        macro_rules! first {
            ($($name:ident)+) => { Self { $($name: self.$name.or(file.$name)),+ } };
        }
        first! {
            env data_dir database_url database_connections allow_rls_bypass secret secret_previous listen base_url explorer documents only_documents
            smtp_host smtp_port smtp_tls smtp_user smtp_password smtp_hello smtp_root_certificate
            smtp_connections transport_networks retry_hours mailings_at_once request_log request_log_days trusted_proxies
            form_posts_per_source operations_per_tenant bounce_domain bounce_token bounce_listen bounce_rate ses_topics postmark_token mailgun_key
            import_mib import_rows upload_mib webhook_networks webhook_root_certificate webhook_disable_days identity_networks identity_root_certificate dns_server spf_include soft_bounces soft_bounce_days tenant_delete_days log
        }
    }

    /// Reads `assent.toml`, or the file that was named.
    pub fn from_file(named: Option<&Path>) -> Result<Self, SettingsError> {
        let path = named.unwrap_or(Path::new("assent.toml"));
        match std::fs::read_to_string(path) {
            Ok(text) => toml::from_str(&text).map_err(|error| wrong("assent.toml", error)),
            Err(error) if named.is_none() && error.kind() == std::io::ErrorKind::NotFound => {
                Ok(Self::default())
            }
            Err(error) => Err(wrong("--config", format!("{}: {error}", path.display()))),
        }
    }

    /// Checks the options and fills in what is left out.
    pub fn resolve(self) -> Result<Settings, SettingsError> {
        let environment = self.env.unwrap_or_default();
        let production = environment == Environment::Production;
        let data_dir = self.data_dir.clone().unwrap_or_else(|| PathBuf::from("data"));
        std::fs::create_dir_all(&data_dir)
            .map_err(|error| wrong("ASSENT_DATA_DIR", format!("{}: {error}", data_dir.display())))?;
        let listen = self
            .listen
            .unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 8080)));
        let base_url = self.base_url(production, listen)?;
        let url = self
            .database_url
            .clone()
            .unwrap_or_else(|| format!("sqlite://{}", data_dir.join("assent.db").display()));
        let queue = if url.starts_with("sqlite:") {
            QueueSettings::Sqlite { path: beside(&url) }
        } else {
            QueueSettings::Postgres { url: url.clone() }
        };
        Ok(Settings {
            environment,
            keys: self.keys(production, &data_dir)?,
            store: StoreSettings {
                url,
                max_connections: self.database_connections.unwrap_or(16).max(1),
                allow_rls_bypass: self.allow_rls_bypass.unwrap_or(false),
            },
            listen,
            explorer: self.explorer.unwrap_or(!production),
            documents: self.documents()?,
            visits: self.visits()?,
            form_posts_per_source: self.form_posts_per_source.unwrap_or(20),
            operations_per_tenant: self.operations_per_tenant.unwrap_or(6000),
            bounces: self.bounces()?,
            bounce_listen: self.bounce_listen()?,
            webhooks: self.webhooks()?,
            identity: self.identity(production)?,
            uploads: self.uploads(&data_dir)?,
            tenant_grace: self.tenant_grace()?,
            worker: WorkerSettings {
                transport: self.transport(production, &base_url, &data_dir)?,
                relays: self.relays(&base_url)?,
                base_url: base_url.clone(),
                connections: self.smtp_connections.unwrap_or(10).clamp(1, 100),
                mailings_at_once: self.mailings_at_once.unwrap_or(8).clamp(1, 100),
                slice: Duration::from_secs(3),
                bounce_domain: self.bounce_domain()?,
                retry_for: self.retry_for()?,
                soft_limit: self.soft_limit()?,
                tells_postmark: self.postmark_token.is_some(),
                sender: self.sender(production)?,
                webhooks: self.endpoints(production)?,
                request_log_days: self.request_log_days()?,
                queue,
            },
            base_url,
            data_dir,
        })
    }

    fn tenant_grace(&self) -> Result<GraceDays, SettingsError> {
        let given = self.tenant_delete_days.map(GraceDays::new);
        let grace = given.unwrap_or_else(|| Ok(GraceDays::default()));
        grace.map_err(|error| wrong("ASSENT_TENANT_DELETE_DAYS", error))
    }
}

/// The file of the queue: beside the database, so that both go where the data goes.
fn beside(url: &str) -> PathBuf {
    let path = url.trim_start_matches("sqlite:").trim_start_matches("//");
    let path = path.split('?').next().unwrap_or(path);
    Path::new(path).with_file_name("jobs.db")
}

#[cfg(test)]
mod tests;
