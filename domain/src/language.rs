//! Languages by their tags (BCP 47), and which of those on offer somebody gets.

use icu_locale_core::LanguageIdentifier;
use serde::{Deserialize, Serialize};

/// A language, by its tag in the usual spelling: `en`, `de-AT`, `zh-Hant`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Language(String);

/// What is no language tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a language is a tag such as en, de-AT or zh-Hant (BCP 47)")]
pub struct LanguageError;

impl Language {
    /// Reads a tag: a language, and perhaps a script, a region and variants. Extensions are not taken.
    pub fn parse(text: &str) -> Result<Self, LanguageError> {
        let tag: LanguageIdentifier = text.trim().parse().map_err(|_| LanguageError)?;
        if tag.language.is_unknown() {
            return Err(LanguageError);
        }
        Ok(Self(tag.to_string()))
    }

    /// The language in which this product speaks.
    pub fn english() -> Self {
        Self("en".to_owned())
    }

    /// The tag.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn primary(&self) -> &str {
        self.0.split('-').next().unwrap_or_default()
    }
}

impl std::fmt::Display for Language {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// The language that somebody gets who would like `wanted`, best first: each tag is tried as it is, then cut short
/// from its end (RFC 4647, 3.4), then by another variety of the same language. `None` where nothing on offer fits;
/// what is no tag is passed over.
pub fn choose<'a>(
    wanted: impl IntoIterator<Item = &'a str>,
    on_offer: &'a [Language],
) -> Option<&'a Language> {
    wanted
        .into_iter()
        .filter_map(|tag| Language::parse(tag).ok())
        .find_map(|wanted| {
            let mut tag = wanted.as_str();
            loop {
                if let Some(found) = on_offer.iter().find(|language| language.as_str() == tag) {
                    return Some(found);
                }
                match tag.rsplit_once('-') {
                    Some((shorter, _)) => tag = shorter,
                    None => break,
                }
            }
            on_offer
                .iter()
                .find(|language| language.primary() == wanted.primary())
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(wanted: &[&str], on_offer: &[&str]) -> Option<String> {
        let on_offer: Vec<_> = on_offer.iter().map(|tag| Language::parse(tag).unwrap()).collect();
        choose(wanted.iter().copied(), &on_offer).map(ToString::to_string)
    }

    #[test]
    fn the_best_language_on_offer_is_chosen_and_an_unknown_one_passed_over() {
        for (wanted, on_offer, expected) in [
            (&["de"][..], &["en", "de"][..], Some("de")),
            (&["DE-at"], &["en", "de", "de-AT"], Some("de-AT")),
            (&["de-CH-1996"], &["en", "de"], Some("de")),
            (&["pt"], &["en", "pt-BR"], Some("pt-BR")),
            (&["fr", "de"], &["en", "de"], Some("de")),
            (&["fr"], &["en", "de"], None),
            (&["*", "<script>", "", "tlh-klingonese-long"], &["en"], None),
            (&["<script>", "en-GB"], &["en"], Some("en")),
        ] {
            assert_eq!(chosen(wanted, on_offer).as_deref(), expected, "{wanted:?}");
        }
    }

    #[test]
    fn a_tag_is_kept_in_its_usual_spelling_and_what_is_none_is_refused() {
        assert_eq!(Language::parse(" de-at ").unwrap().as_str(), "de-AT");
        assert_eq!(Language::parse("ZH-hant").unwrap().as_str(), "zh-Hant");
        for bad in ["", "german language", "d", "und", "\u{202e}de", "de\0", "x-mine"] {
            assert_eq!(Language::parse(bad), Err(LanguageError), "{bad:?}");
        }
    }
}
