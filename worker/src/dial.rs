//! Connections to hosts that tenants name: looked up and looked at first (see [`reach`]), encrypted where the address says
//! so, and without a proxy.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use assent_domain::webhook::EndpointUrl;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::OnceCell;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;
use url::Host;

use self::reach::addresses;
use crate::dns::Dns;
use crate::networks::Networks;
use crate::smtp::tls::trusting;

pub(crate) mod reach;

pub(crate) use reach::Unreachable;

/// How long one address may take to answer, so that another is tried.
const CONNECT: Duration = Duration::from_secs(5);

/// The most addresses of a host that are tried.
const MOST_ADDRESSES: usize = 3;

/// Where hosts may be, beside the public internet.
#[derive(Clone, Debug, Default)]
pub(crate) struct Bounds {
    /// Networks in which they may be too.
    pub(crate) networks: Networks,
    /// Whether plain HTTP will do there.
    pub(crate) takes_plain_http: bool,
    /// A PEM file with further root certificates to trust.
    pub(crate) root_certificate: Option<PathBuf>,
}

/// Why there is no connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum NoConnection {
    /// There is no such host, or it must not be connected to.
    Unreachable(Unreachable),
    /// Nobody took the connection.
    Refused,
    /// The connection could not be encrypted, or the certificate does not count.
    Tls,
}

/// Octets both ways.
pub(crate) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// Connects. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Dialer {
    bounds: Arc<Bounds>,
    dns_server: Option<SocketAddr>,
    /// Reading the system's roots takes a while.
    connector: Arc<OnceCell<TlsConnector>>,
}

impl std::fmt::Debug for Dialer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Dialer").finish_non_exhaustive()
    }
}

impl Dialer {
    pub(crate) fn new(bounds: Bounds, dns_server: Option<SocketAddr>) -> Self {
        Self {
            bounds: Arc::new(bounds),
            dns_server,
            connector: Arc::default(),
        }
    }

    /// Connects to where an address leads.
    pub(crate) async fn dial(&self, url: &EndpointUrl) -> Result<Box<dyn Stream>, NoConnection> {
        let no_answer = |_| NoConnection::Unreachable(Unreachable::NotFound);
        let dns = Dns::open(self.dns_server).map_err(no_answer)?;
        let addresses = addresses(url, &self.bounds, &dns).await;
        let addresses = addresses.map_err(NoConnection::Unreachable)?;
        let stream = connect(&addresses).await.ok_or(NoConnection::Refused)?;
        if !url.is_encrypted() {
            return Ok(Box::new(stream));
        }
        let connector = self.connector.get_or_try_init(|| self.trust()).await?;
        let name = server_name(url).ok_or(NoConnection::Tls)?;
        let stream = connector.connect(name, stream).await;
        Ok(Box::new(stream.map_err(|_| NoConnection::Tls)?))
    }

    async fn trust(&self) -> Result<TlsConnector, NoConnection> {
        let bounds = Arc::clone(&self.bounds);
        let reading = tokio::task::spawn_blocking(move || {
            let pem = bounds.root_certificate.as_ref().map(std::fs::read).transpose();
            let pem = pem.map_err(|error| error.to_string())?;
            trusting(pem.as_deref()).map_err(|error| error.to_string())
        });
        let trust = reading.await.unwrap_or_else(|error| Err(error.to_string()));
        trust.map_err(|error| {
            tracing::error!(%error, "no host that a tenant names can be reached by HTTPS");
            NoConnection::Tls
        })
    }
}

/// Connects to the first of the addresses that answers.
async fn connect(addresses: &[SocketAddr]) -> Option<TcpStream> {
    for address in addresses.iter().take(MOST_ADDRESSES) {
        if let Ok(Ok(stream)) = tokio::time::timeout(CONNECT, TcpStream::connect(address)).await {
            let _ = stream.set_nodelay(true);
            return Some(stream);
        }
    }
    None
}

/// The name that the certificate has to bear.
fn server_name(url: &EndpointUrl) -> Option<ServerName<'static>> {
    match url.host() {
        Host::Domain(name) => ServerName::try_from(name.trim_end_matches('.').to_owned()).ok(),
        Host::Ipv4(address) => Some(ServerName::from(std::net::IpAddr::from(address))),
        Host::Ipv6(address) => Some(ServerName::from(std::net::IpAddr::from(address))),
    }
}
