//! One request and its answer, at an address of a provider.

use std::net::SocketAddr;
use std::pin::Pin;
use std::time::Duration;

use assent_domain::webhook::EndpointUrl;
use http_body_util::{BodyExt, Full, Limited};
use hyper::Request;
use hyper::body::Bytes;
use hyper::header::{CONNECTION, HOST, USER_AGENT};
use hyper_util::rt::TokioIo;
use openidconnect::{AsyncHttpClient, HttpRequest, HttpResponse};

use crate::dial::reach::check;
use crate::dial::{Bounds, Dialer, NoConnection, Unreachable};
use crate::settings::IdentitySettings;

/// The most octets of an answer: the keys of the largest providers are a tenth of it.
const MAX_BODY: usize = 256 * 1024;

/// The most octets of an answer's head.
const MAX_HEAD: usize = 16 * 1024;

/// Why there is no answer. It tells nothing of the networks behind this server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoAnswer {
    /// It is no address of HTTP.
    #[error("it names an address that is none of HTTPS")]
    NoUrl,
    /// Plain HTTP.
    #[error("providers are asked by HTTPS: give an address that begins with https://")]
    NotEncrypted,
    /// A port of another service.
    #[error("the port is neither 443 nor one from 1024 on")]
    Port,
    /// No address at all, or none that is public.
    #[error(
        "the host was not found on the public internet; whoever runs this server can let networks of their own be used \
         (ASSENT_IDENTITY_NETWORKS)"
    )]
    NotFound,
    /// Nobody took the connection.
    #[error("nobody took the connection")]
    Refused,
    /// The connection could not be encrypted.
    #[error("the connection could not be encrypted, or the certificate does not count")]
    Tls,
    /// It took too long.
    #[error("the answer took too long")]
    Late,
    /// What came back is no answer of HTTP.
    #[error("what came back is no answer of HTTP")]
    Protocol,
    /// More came back than is read.
    #[error("the answer is too large, or broke off")]
    TooLarge,
}

impl From<Unreachable> for NoAnswer {
    fn from(why: Unreachable) -> Self {
        match why {
            Unreachable::NotEncrypted => Self::NotEncrypted,
            Unreachable::Port => Self::Port,
            // Told apart, they would say which names there are in the networks behind this server.
            Unreachable::NotPublic | Unreachable::NotFound => Self::NotFound,
        }
    }
}

impl From<NoConnection> for NoAnswer {
    fn from(why: NoConnection) -> Self {
        match why {
            NoConnection::Unreachable(why) => why.into(),
            NoConnection::Refused => Self::Refused,
            NoConnection::Tls => Self::Tls,
        }
    }
}

/// Asks providers. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Web {
    dialer: Dialer,
    bounds: Bounds,
    timeout: Duration,
}

impl Web {
    /// For providers where the settings let them be.
    pub fn new(settings: &IdentitySettings, dns_server: Option<SocketAddr>) -> Self {
        let bounds = Bounds {
            networks: settings.networks.clone(),
            takes_plain_http: settings.takes_plain_http,
            root_certificate: settings.root_certificate.clone(),
        };
        Self {
            dialer: Dialer::new(bounds.clone(), dns_server),
            bounds,
            timeout: settings.timeout,
        }
    }

    /// Whether people may be sent to an address of a provider, as far as it can be told without asking anybody.
    pub(super) fn leads_to(&self, url: &str) -> Result<(), NoAnswer> {
        let url = EndpointUrl::parse(url).map_err(|_| NoAnswer::NoUrl)?;
        Ok(check(&url, &self.bounds)?)
    }

    async fn ask(&self, request: HttpRequest) -> Result<HttpResponse, NoAnswer> {
        let asking = tokio::time::timeout(self.timeout, self.exchange(request)).await;
        asking.unwrap_or(Err(NoAnswer::Late))
    }

    async fn exchange(&self, request: HttpRequest) -> Result<HttpResponse, NoAnswer> {
        let url = EndpointUrl::parse(&request.uri().to_string()).map_err(|_| NoAnswer::NoUrl)?;
        let request = addressed(request, &url)?;
        let stream = self.dialer.dial(&url).await?;
        let began = hyper::client::conn::http1::Builder::new()
            .max_buf_size(MAX_HEAD)
            .handshake(TokioIo::new(stream))
            .await;
        let (mut sender, connection) = began.map_err(|_| NoAnswer::Protocol)?;
        let answering = async move {
            let answer = sender.send_request(request).await;
            let (head, body) = answer.map_err(|_| NoAnswer::Protocol)?.into_parts();
            let body = Limited::new(body, MAX_BODY).collect().await;
            let body = body.map_err(|_| NoAnswer::TooLarge)?.to_bytes();
            Ok(HttpResponse::from_parts(head, body.to_vec()))
        };
        tokio::pin!(connection, answering);
        // The connection works only while it is polled, and is gone when this ends. However it ended, an answer may have come
        // before.
        tokio::select! {
            answer = &mut answering => answer,
            _ = &mut connection => answering.await,
        }
    }
}

/// The request as it goes to the server of the address (RFC 9112, 3.2.1).
fn addressed(request: HttpRequest, url: &EndpointUrl) -> Result<Request<Full<Bytes>>, NoAnswer> {
    let (head, body) = request.into_parts();
    let mut addressed = Request::builder()
        .method(head.method)
        .uri(url.target())
        .header(HOST, url.authority())
        .header(USER_AGENT, "Assent-Sign-In/1")
        .header(CONNECTION, "close");
    for (name, value) in &head.headers {
        addressed = addressed.header(name, value);
    }
    let body = Full::from(Bytes::from(body));
    addressed.body(body).map_err(|_| NoAnswer::Protocol)
}

impl<'c> AsyncHttpClient<'c> for Web {
    type Error = NoAnswer;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, NoAnswer>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.ask(request))
    }
}
