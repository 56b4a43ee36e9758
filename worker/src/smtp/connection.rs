//! Opening and closing a connection to the relay.

use std::fmt;
use std::future::Future;
use std::net::IpAddr;
use std::time::Duration;

use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{AsyncSmtpConnection, AsyncTokioStream};
use lettre::transport::smtp::commands::Ehlo;
use lettre::transport::smtp::extension::ClientId;
use secrecy::ExposeSecret as _;
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;

use super::bounded::Bounded;
use super::error::{SmtpError, Step};
use super::reach::{Barred, Reach};
use super::reply::{Reply, bounded};
use super::settings::{SmtpSettings, TlsMode};
use super::tls;

/// A connection to the relay, greeted, encrypted and authenticated as the settings say.
pub struct SmtpConnection {
    pub(super) inner: AsyncSmtpConnection,
    pub(super) command_timeout: Duration,
    pub(super) usable: bool,
    /// Whether the server takes several commands at once (RFC 2920).
    pub(super) pipelines: bool,
    /// Set when the server waits for a message that we do not send.
    pub(super) awaits_message: bool,
}

impl fmt::Debug for SmtpConnection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SmtpConnection")
            .field("usable", &self.usable)
            .finish_non_exhaustive()
    }
}

impl SmtpConnection {
    /// Connects, greets, encrypts and authenticates.
    ///
    /// The stream is opened here and not by lettre, which leaves Nagle's algorithm on: with it, each of the
    /// small commands of a mail waits for a delayed acknowledgement.
    pub async fn connect(settings: &SmtpSettings) -> Result<Self, SmtpError> {
        let hello = hello(&settings.hello_name)?;
        if settings.credentials.is_some() && settings.tls == TlsMode::None && !settings.is_local() {
            return Err(SmtpError::CredentialsWithoutTls {
                host: settings.host.clone(),
            });
        }
        let stream = open(settings).await?;
        let greeting = AsyncSmtpConnection::connect_with_transport(stream, &hello);
        let mut inner = within(settings.command_timeout, Step::Greeting, greeting)
            .await?
            .map_err(|error| smtp_error(Step::Greeting, &error))?;
        if settings.tls == TlsMode::StartTls {
            starttls(&mut inner, settings, &hello).await?;
        }
        if let Some((user, password)) = &settings.credentials {
            let credentials = Credentials::new(user.clone(), password.expose_secret().to_owned());
            let authenticated = authenticate(&mut inner, settings, &credentials).await;
            authenticated.map_err(|error| error.hiding(user, password))?;
        }
        let pipelines = pipelines(&mut inner, settings, &hello).await?;
        Ok(Self {
            inner,
            command_timeout: settings.command_timeout,
            usable: true,
            pipelines,
            awaits_message: false,
        })
    }

    /// Whether another mail can be sent on this connection.
    pub fn is_usable(&self) -> bool {
        self.usable && !self.inner.has_broken()
    }

    /// Says goodbye, as RFC 5321, 4.1.1.10 asks; a server that does not answer in time is left.
    pub async fn quit(mut self) {
        if self.is_usable() {
            let _ = timeout(self.command_timeout, self.inner.quit()).await;
        }
    }
}

async fn open(settings: &SmtpSettings) -> Result<Box<dyn AsyncTokioStream>, SmtpError> {
    let stream = within(settings.connect_timeout, Step::Connect, dial(settings)).await??;
    if settings.tls != TlsMode::Implicit {
        return Ok(Box::new(Bounded::new(stream)));
    }
    let connector = blocking(settings, tls::connector).await?;
    let handshake = tls::handshake(&connector, settings, stream);
    let stream = within(settings.connect_timeout, Step::TlsHandshake, handshake).await??;
    Ok(Box::new(Bounded::new(stream)))
}

/// Connects to an address that was looked at: asked for a second time, the name could lead elsewhere.
async fn dial(settings: &SmtpSettings) -> Result<TcpStream, SmtpError> {
    let (host, port) = (settings.host.as_str(), settings.port);
    let failed = |source| SmtpError::Connect {
        host: host.to_owned(),
        port,
        source,
    };
    let out_of_reach = |barred| SmtpError::OutOfReach {
        host: host.to_owned(),
        port,
        barred,
    };
    let found = lookup_host((host, port))
        .await
        .map_err(|error| match settings.reach {
            Reach::Anywhere => failed(error),
            // The names of the operator's network are not for tenants to guess.
            Reach::Public(_) => out_of_reach(Barred::NotPublic),
        })?;
    let addresses = settings.reach.admitted(found).map_err(out_of_reach)?;
    let stream = TcpStream::connect(addresses.as_slice()).await.map_err(failed)?;
    stream.set_nodelay(true).map_err(failed)?;
    Ok(stream)
}

async fn starttls(
    connection: &mut AsyncSmtpConnection,
    settings: &SmtpSettings,
    hello: &ClientId,
) -> Result<(), SmtpError> {
    if !connection.can_starttls() {
        let _ = timeout(settings.command_timeout, connection.quit()).await;
        return Err(SmtpError::StartTlsNotOffered {
            host: settings.host.clone(),
        });
    }
    let parameters = blocking(settings, tls::starttls_parameters).await?;
    within(
        settings.command_timeout,
        Step::StartTls,
        connection.starttls(parameters, hello),
    )
    .await?
    .map_err(|error| match Reply::from_error(&error) {
        Some(reply) => SmtpError::Refused {
            step: Step::StartTls,
            reply,
        },
        None => tls::handshake_error(settings, &error),
    })
}

async fn authenticate(
    connection: &mut AsyncSmtpConnection,
    settings: &SmtpSettings,
    credentials: &Credentials,
) -> Result<(), SmtpError> {
    if connection
        .server_info()
        .get_auth_mechanism(DEFAULT_MECHANISMS)
        .is_none()
    {
        return Err(SmtpError::AuthenticationNotOffered {
            host: settings.host.clone(),
        });
    }
    let attempt = connection.auth(DEFAULT_MECHANISMS, credentials);
    let response = within(settings.command_timeout, Step::Authentication, attempt)
        .await?
        .map_err(|error| smtp_error(Step::Authentication, &error))?;
    // RFC 4954, 4. Any other reply answers another command: someone wrote into the plain part of the stream.
    if !response.has_code(235) {
        let detail = format!("{} in place of 235", response.code());
        return Err(SmtpError::Protocol {
            step: Step::Authentication,
            detail,
        });
    }
    Ok(())
}

/// Whether the server takes several commands at once. It is asked once more for what it offers, since lettre keeps of the
/// answer only what it uses itself; by now the answer is that of the encrypted and authenticated session.
async fn pipelines(
    connection: &mut AsyncSmtpConnection,
    settings: &SmtpSettings,
    hello: &ClientId,
) -> Result<bool, SmtpError> {
    let asked = connection.command(Ehlo::new(hello.clone()));
    let offered = within(settings.command_timeout, Step::Greeting, asked)
        .await?
        .map_err(|error| smtp_error(Step::Greeting, &error))?;
    Ok(offered
        .message()
        .any(|line| line.trim().eq_ignore_ascii_case("PIPELINING")))
}

/// Runs what reads files on a thread that may wait.
async fn blocking<T: Send + 'static>(
    settings: &SmtpSettings,
    read: fn(&SmtpSettings) -> Result<T, SmtpError>,
) -> Result<T, SmtpError> {
    let owned = settings.clone();
    tokio::task::spawn_blocking(move || read(&owned))
        .await
        .unwrap_or_else(|error| Err(tls::tls_error(settings, &error)))
}

async fn within<T>(limit: Duration, step: Step, future: impl Future<Output = T>) -> Result<T, SmtpError> {
    timeout(limit, future)
        .await
        .map_err(|_| SmtpError::Timeout { step })
}

fn smtp_error(step: Step, error: &lettre::transport::smtp::Error) -> SmtpError {
    match Reply::from_error(error) {
        Some(reply) => SmtpError::Refused { step, reply },
        None => SmtpError::Protocol {
            step,
            detail: bounded(&error.to_string()),
        },
    }
}

/// The argument of EHLO: a domain or an address literal (RFC 5321, 4.1.1.1).
fn hello(name: &str) -> Result<ClientId, SmtpError> {
    match name.parse::<IpAddr>() {
        Ok(IpAddr::V4(address)) => return Ok(ClientId::Ipv4(address)),
        Ok(IpAddr::V6(address)) => return Ok(ClientId::Ipv6(address)),
        Err(_) => {}
    }
    let is_domain = (1..=255).contains(&name.len())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_'));
    if is_domain {
        Ok(ClientId::Domain(name.to_owned()))
    } else {
        Err(SmtpError::HelloName(name.to_owned()))
    }
}
