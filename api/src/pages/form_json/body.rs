//! What a page of a tenant sends as answers to a form.

use actix_web::http::StatusCode;
use actix_web::{HttpMessage, HttpRequest, web};
use assent_entity::collection_point::{self, CollectionPoint};
use assent_entity::{TenantTx, Write};
use serde::Deserialize;

use super::refusal::{Refusal, Wrongs};
use crate::pages::error::PageError;
use crate::pages::posted::Posted;
use crate::pages::shown::Shown;
use crate::server::MAX_FORM_OCTETS;

/// The answers. It holds what people typed, so it has no `Debug`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Body {
    email: String,
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    company: Option<String>,
    #[serde(default)]
    choices: Vec<Answer>,
    /// The `version` of the definition that was shown.
    #[serde(default)]
    version: Option<String>,
    /// The `language` of that definition.
    #[serde(default)]
    language: Option<String>,
    /// That the person chose to go on, after they were shown the outside parties.
    #[serde(default)]
    go_on: bool,
    /// "No mail of any sort".
    #[serde(default)]
    no_mail: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Answer {
    purpose: String,
    given: bool,
}

impl Body {
    /// Reads a body of at most [`MAX_FORM_OCTETS`].
    pub(super) async fn read(request: &HttpRequest, payload: web::Payload) -> Result<Self, Refusal> {
        if request.content_type() != "application/json" {
            return Err(PageError::unreadable(StatusCode::UNSUPPORTED_MEDIA_TYPE).into());
        }
        let octets = match payload.to_bytes_limited(MAX_FORM_OCTETS).await {
            Ok(Ok(octets)) => octets,
            Ok(Err(_)) => return Err(PageError::unreadable(StatusCode::BAD_REQUEST).into()),
            Err(_) => return Err(PageError::too_large().into()),
        };
        serde_json::from_slice(&octets).map_err(|error| Refusal::unreadable(&error))
    }

    /// The language of what was shown, if it says.
    pub(super) fn language(&self) -> Option<&str> {
        self.language.as_deref()
    }

    /// Refuses answers to choices that the form does not offer in any of its versions that still count.
    pub(super) async fn check(&self, tx: &TenantTx<Write>, point: &CollectionPoint) -> Result<(), Refusal> {
        let shown = Shown::parse(&self.shown());
        let edition = match shown {
            Some(shown) => {
                collection_point::edition(tx, point.clone(), shown.version, &shown.language).await?
            }
            None => None,
        };
        // Words that do not count any more are answered with the new ones, whatever was chosen.
        let Some(edition) = edition.filter(|_| !self.no_mail) else {
            return Ok(());
        };
        let offered = collection_point::choices(tx, &edition).await?;
        let is_offered =
            |answer: &&Answer| offered.iter().any(|choice| choice.purpose.code == answer.purpose);
        if let Some(answer) = self.choices.iter().find(|answer| !is_offered(answer)) {
            let code: String = answer.purpose.chars().take(60).collect();
            return Err(Wrongs::one("choices", format!("this form offers no choice for {code:?}")).into());
        }
        for (at, answer) in self.choices.iter().enumerate() {
            if self
                .choices
                .iter()
                .take(at)
                .any(|before| before.purpose == answer.purpose)
            {
                return Err(Wrongs::one("choices", "each purpose is answered once").into());
            }
        }
        Ok(())
    }

    fn shown(&self) -> String {
        let version = self.version.as_deref().unwrap_or_default();
        format!("{version}.{}", self.language.as_deref().unwrap_or_default())
    }

    /// Whether it asks for no mail of any sort.
    pub(super) fn no_mail(&self) -> bool {
        self.no_mail
    }

    /// The answers as the hosted form would have sent them.
    pub(super) fn posted(&self) -> Posted {
        let mut fields = vec![("email", self.email.clone()), ("shown", self.shown())];
        fields.extend(self.name.clone().map(|name| ("name", name)));
        fields.extend(self.company.clone().map(|company| ("company", company)));
        let yes = self.choices.iter().filter(|answer| answer.given);
        fields.extend(yes.map(|answer| ("purpose", answer.purpose.clone())));
        let flags = [("go_on", self.go_on), ("no_mail", self.no_mail)];
        fields.extend(
            flags
                .into_iter()
                .filter(|(_, set)| *set)
                .map(|(name, _)| (name, "1".to_owned())),
        );
        Posted::of(
            fields
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value))
                .collect(),
        )
    }
}
