//! Encryption: what we trust, and a TLS stream that lettre's connection can use.

use std::error::Error;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use lettre::transport::smtp::client::{AsyncTokioStream, Certificate, TlsParameters};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{self, CertificateError, ClientConfig, RootCertStore};

use super::error::SmtpError;
use super::settings::SmtpSettings;

/// What lettre's STARTTLS needs. Reads certificate files: not for an async thread.
pub(crate) fn starttls_parameters(settings: &SmtpSettings) -> Result<TlsParameters, SmtpError> {
    let mut builder = TlsParameters::builder(settings.host.clone());
    if let Some(pem) = root_pem(settings)? {
        let certificate = Certificate::from_pem(&pem).map_err(|error| unusable(settings, &error))?;
        builder = builder.add_root_certificate(certificate);
    }
    builder.build().map_err(|error| tls_error(settings, &error))
}

/// A connector that trusts the system's roots and those of the settings. Reads certificate files: not for an
/// async thread.
pub(crate) fn connector(settings: &SmtpSettings) -> Result<TlsConnector, SmtpError> {
    let pem = root_pem(settings)?;
    trusting(pem.as_deref()).map_err(|error| match error {
        TrustError::Root(detail) => unusable(settings, &detail),
        TrustError::Tls(detail) => tls_error(settings, &detail),
    })
}

/// Why there is no connector.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TrustError {
    /// A root certificate that was given will not do.
    #[error("the root certificate: {0}")]
    Root(String),
    /// Something about TLS itself.
    #[error("{0}")]
    Tls(String),
}

/// A connector that trusts the system's roots and those in `pem`. Reads certificate files: not for an async thread.
pub(crate) fn trusting(pem: Option<&[u8]>) -> Result<TlsConnector, TrustError> {
    let root = |error: &dyn std::fmt::Display| TrustError::Root(error.to_string());
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    for certificate in CertificateDer::pem_slice_iter(pem.unwrap_or_default()) {
        let certificate = certificate.map_err(|error| root(&error))?;
        roots.add(certificate).map_err(|error| root(&error))?;
    }
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| TrustError::Tls(error.to_string()))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(config)))
}

/// Encrypts a fresh connection.
pub(crate) async fn handshake(
    connector: &TlsConnector,
    settings: &SmtpSettings,
    stream: TcpStream,
) -> Result<ImplicitTls, SmtpError> {
    let name = ServerName::try_from(settings.host.clone()).map_err(|error| tls_error(settings, &error))?;
    let stream = connector
        .connect(name, stream)
        .await
        .map_err(|error| handshake_error(settings, &error))?;
    Ok(ImplicitTls(stream))
}

fn root_pem(settings: &SmtpSettings) -> Result<Option<Vec<u8>>, SmtpError> {
    let Some(path) = &settings.root_certificate else {
        return Ok(None);
    };
    let pem = std::fs::read(path).map_err(|error| unusable(settings, &error))?;
    if CertificateDer::pem_slice_iter(&pem).next().is_none() {
        return Err(unusable(settings, &"it holds no certificate"));
    }
    Ok(Some(pem))
}

fn unusable(settings: &SmtpSettings, detail: &impl ToString) -> SmtpError {
    let path = settings.root_certificate.clone().unwrap_or_default();
    SmtpError::RootCertificate {
        path,
        detail: detail.to_string(),
    }
}

pub(crate) fn tls_error(settings: &SmtpSettings, detail: &impl ToString) -> SmtpError {
    SmtpError::Tls {
        host: settings.host.clone(),
        detail: detail.to_string(),
    }
}

/// Why a handshake failed, in plain words where it is for the certificate.
pub(crate) fn handshake_error(settings: &SmtpSettings, error: &(dyn Error + 'static)) -> SmtpError {
    match certificate_error(error).and_then(words) {
        Some(words) => tls_error(settings, &words),
        None => tls_error(settings, &error),
    }
}

/// What is wrong with the certificate, however deep the libraries have wrapped it.
fn certificate_error<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a CertificateError> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(rustls::Error::InvalidCertificate(error)) = error.downcast_ref() {
            return Some(error);
        }
        let wrapped = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        next = match wrapped {
            Some(wrapped) => Some(wrapped),
            None => error.source(),
        };
    }
    None
}

fn words(error: &CertificateError) -> Option<&'static str> {
    use CertificateError::{
        Expired, ExpiredContext, NotValidForName, NotValidForNameContext, NotValidYet, NotValidYetContext,
        Revoked, UnknownIssuer,
    };
    match error {
        Expired | ExpiredContext { .. } => Some("its certificate has expired"),
        NotValidYet | NotValidYetContext { .. } => Some("its certificate is not valid yet"),
        NotValidForName | NotValidForNameContext { .. } => Some("its certificate is for another name"),
        UnknownIssuer => Some("its certificate was not issued by anybody who is trusted here"),
        Revoked => Some("its certificate was revoked"),
        _ => None,
    }
}

/// A TLS stream in the shape lettre wants.
#[derive(Debug)]
pub(crate) struct ImplicitTls(TlsStream<TcpStream>);

impl AsyncTokioStream for ImplicitTls {
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.0.get_ref().0.peer_addr()
    }
}

impl AsyncRead for ImplicitTls {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(cx, buf)
    }
}

impl AsyncWrite for ImplicitTls {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }
}
