//! What pages and mails say, in every language of `locales/`: the one place where a fixed text for people comes from.
//!
//! The texts are Fluent (projectfluent.org), built into the binary. `build.rs` makes a function of each English message:
//! one with elements gives [`Markup`], whose values are escaped, any other gives plain text. What a language lacks is said
//! in English; a test says which that is.

mod catalogue;
mod date;
mod markup;
mod role;

#[cfg(test)]
mod tests;

use assent_domain::language::{self, Language};
use fluent_bundle::{FluentArgs, FluentValue};

use catalogue::{Catalogue, catalogues, english};

pub use markup::{Count, Markup, Shown};

include!(concat!(env!("OUT_DIR"), "/words.rs"));

/// The texts of one language. It is cheap to copy.
#[derive(Clone, Copy)]
pub struct Words {
    catalogue: &'static Catalogue,
}

impl Words {
    /// In English, the language in which every text is there.
    pub fn english() -> Self {
        Self { catalogue: english() }
    }

    /// In every language there is, by tag.
    pub fn all() -> impl Iterator<Item = Self> {
        catalogues().iter().map(|catalogue| Self { catalogue })
    }

    /// In the language that somebody gets who would like `wanted`, best first; `None` where none of these is there.
    /// What is no language tag is passed over.
    pub fn offered<'a>(wanted: impl IntoIterator<Item = &'a str>) -> Option<Self> {
        let best = language::choose(wanted, catalogue::languages())?;
        Self::all().find(|words| words.language() == best)
    }

    /// The same, in English where none is there.
    pub fn best<'a>(wanted: impl IntoIterator<Item = &'a str>) -> Self {
        Self::offered(wanted).unwrap_or_else(Self::english)
    }

    /// In the language that is kept of somebody, if one is.
    pub fn of(language: Option<&Language>) -> Self {
        Self::best(language.map(Language::as_str))
    }

    /// The language.
    pub fn language(self) -> &'static Language {
        self.catalogue.language()
    }

    fn format<const N: usize>(self, id: &str, values: [(&'static str, FluentValue<'static>); N]) -> String {
        let values: FluentArgs<'_> = values.into_iter().collect();
        let said = self.catalogue.format(id, &values);
        said.or_else(|| english().format(id, &values))
            .unwrap_or_else(|| id.to_owned())
    }
}

impl std::fmt::Debug for Words {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Words").field(&self.language().as_str()).finish()
    }
}

impl PartialEq for Words {
    fn eq(&self, other: &Self) -> bool {
        self.language() == other.language()
    }
}

impl Eq for Words {}

/// A value of a text with elements.
fn shown(value: &impl Shown) -> FluentValue<'static> {
    FluentValue::from(value.html())
}

/// A number that a text counts by.
fn counted(value: &impl Count) -> FluentValue<'static> {
    FluentValue::from(value.count())
}

/// A value of a plain text.
fn said(value: &impl std::fmt::Display) -> FluentValue<'static> {
    FluentValue::from(value.to_string())
}
