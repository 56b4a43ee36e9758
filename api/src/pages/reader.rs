//! What a visitor would like to read: what the address asks for (`?lang=`), what is kept of the person whose page it is,
//! and what their browser asks for, in this order. What is no language, or none of ours, is passed over; in the end it is
//! English. No cookie keeps it.

use std::convert::Infallible;
use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::header::{AcceptLanguage, Header, Quality};
use actix_web::{FromRequest, HttpRequest};
use assent_domain::language::Language;
use assent_worker::words::Words;
use url::form_urlencoded;

use super::views::{LANGUAGE_PARAMETER, Tongue};

/// As many languages as a browser may ask for; what comes after is passed over.
const MAX_ACCEPTED: usize = 20;

/// Whoever asks for a page, by what they would like to read.
#[derive(Clone, Debug, Default)]
pub(super) struct Reader {
    asked: Option<String>,
    accepted: Vec<String>,
    query: Vec<(String, String)>,
}

impl Reader {
    /// Reads it from a request.
    pub(super) fn of(request: &HttpRequest) -> Self {
        let query = form_urlencoded::parse(request.query_string().as_bytes());
        let (asked, query): (Vec<_>, Vec<_>) = query
            .into_owned()
            .partition(|(name, _)| name == LANGUAGE_PARAMETER);
        let header = AcceptLanguage::parse(request);
        let AcceptLanguage(mut accepted) = header.unwrap_or_else(|_| AcceptLanguage(Vec::new()));
        // A quality of zero rules a language out (RFC 9110, 12.4.2).
        accepted.retain(|language| language.quality > Quality::ZERO);
        let accepted = AcceptLanguage(accepted).ranked().into_iter();
        Self {
            asked: asked.into_iter().next().map(|(_, tag)| tag),
            accepted: accepted.take(MAX_ACCEPTED).map(|tag| tag.to_string()).collect(),
            query,
        }
    }

    /// The same, who asks for a language in another way than by the address.
    pub(super) fn asking_for(self, language: Option<&str>) -> Self {
        Self {
            asked: language.map(str::to_owned).or(self.asked),
            ..self
        }
    }

    /// The languages that are wanted, best first, whether they are ours or not.
    pub(super) fn wanted(&self) -> impl Iterator<Item = &str> {
        self.asked.iter().chain(&self.accepted).map(String::as_str)
    }

    /// The language of a page that is nobody's.
    pub(super) fn tongue(&self) -> Tongue {
        self.tongue_for(None)
    }

    /// The language of a page whose reader is known to read a language, or that shows words in one.
    pub(super) fn tongue_for(&self, known: Option<&Language>) -> Tongue {
        if let Some(words) = Words::offered(self.asked.as_deref()) {
            return Tongue::of(words).with_query(self.query.clone()).asked_for();
        }
        let known = known.map(Language::as_str);
        let accepted = self.accepted.iter().map(String::as_str);
        Tongue::of(Words::best(known.into_iter().chain(accepted))).with_query(self.query.clone())
    }
}

impl FromRequest for Reader {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self::of(request)))
    }
}
