//! How the server shows itself: where, and which operations it takes.

use std::net::SocketAddr;

use url::Url;

use super::{Options, SettingsError, wrong};
use crate::graphql::documents::Documents;

impl Options {
    pub(super) fn documents(&self) -> Result<Documents, SettingsError> {
        let only = self.only_documents.unwrap_or(false);
        Documents::read(self.documents.as_deref(), only).map_err(|error| wrong("ASSENT_DOCUMENTS", error))
    }

    pub(super) fn base_url(&self, production: bool, listen: SocketAddr) -> Result<String, SettingsError> {
        let name = "ASSENT_BASE_URL";
        let Some(given) = &self.base_url else {
            return if production {
                Err(wrong(
                    name,
                    "required in production: the https:// address of this server",
                ))
            } else {
                Ok(format!("http://localhost:{}", listen.port()))
            };
        };
        let url = Url::parse(given).map_err(|error| wrong(name, format!("{given:?}: {error}")))?;
        if url.host().is_none() || !matches!(url.scheme(), "http" | "https") {
            return Err(wrong(
                name,
                format!("{given:?} is not an http:// or https:// address"),
            ));
        }
        // RFC 8058, 3.1 wants HTTPS in List-Unsubscribe.
        if production && url.scheme() != "https" {
            return Err(wrong(
                name,
                format!("{given:?} is not an https:// address, as production needs"),
            ));
        }
        Ok(given.trim_end_matches('/').to_owned())
    }
}
