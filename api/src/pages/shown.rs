//! What a form showed, as it comes back with the answers: its version, the policy's, and the language.

use std::fmt;

use actix_web::HttpRequest;
use assent_domain::language::{self, Language};
use assent_entity::collection_point::{self, CollectionPoint};
use assent_entity::{StoreError, TenantTx};

use super::posted::Posted;
use super::reader::Reader;

/// The words that a person had before them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Shown {
    /// The version of the form.
    pub(super) version: i32,
    /// The number of the policy version.
    pub(super) policy: i32,
    /// The language of the form's words.
    pub(super) language: Language,
}

impl Shown {
    /// Reads what came back. It is no secret and not signed: whatever it names is shown to anybody.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (version, rest) = text.split_once('.')?;
        let (policy, language) = rest.split_once('.')?;
        Some(Self {
            version: version.parse().ok()?,
            policy: policy.parse().ok()?,
            language: Language::parse(language).ok()?,
        })
    }

    /// The two versions alone, as the definition of a form names them.
    pub(super) fn versions(&self) -> String {
        format!("{}.{}", self.version, self.policy)
    }
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.version, self.policy, self.language)
    }
}

/// What the address of a form asks for behind the question mark. Whatever else stands there is passed over.
#[derive(Clone, Debug, Default)]
pub(super) struct Asked {
    /// The language, whether there is such a one or not.
    pub(super) language: Option<String>,
    /// Whether to go on after the outside parties were shown.
    pub(super) goes_on: bool,
    /// Whether to leave then.
    pub(super) leaves: bool,
}

impl Asked {
    pub(super) fn read(request: &HttpRequest) -> Self {
        let Some(query) = Posted::parse(request.query_string().as_bytes()) else {
            return Self::default();
        };
        let language = query.typed("lang");
        Self {
            language: (!language.is_empty()).then(|| language.to_owned()),
            goes_on: query.is_ticked("go_on"),
            leaves: query.is_ticked("leave"),
        }
    }
}

/// A form in the language that fits its reader best, of those that it is offered in; else in its own.
pub(super) async fn in_best_language<M>(
    tx: &TenantTx<M>,
    point: CollectionPoint,
    reader: &Reader,
) -> Result<CollectionPoint, StoreError> {
    let on_offer = collection_point::languages(tx, &point).await?;
    match language::choose(reader.wanted(), &on_offer) {
        Some(best) => collection_point::in_language(tx, point, best).await,
        None => Ok(point),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_shown_comes_back_as_it_went() {
        let shown = Shown::parse("3.1.de-AT").expect("what was shown");
        assert_eq!(shown.to_string(), "3.1.de-AT");
        assert_eq!(shown.versions(), "3.1");
        for bad in [
            "",
            "3",
            "3.1",
            "3.1.",
            "x.1.de",
            "3.x.de",
            "3.1.<b>",
            "99999999999.1.de",
        ] {
            assert_eq!(Shown::parse(bad), None, "{bad}");
        }
    }
}
