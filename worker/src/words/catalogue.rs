//! The catalogues of texts, read once.

use std::sync::LazyLock;

use assent_domain::language::Language;
use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource};
use unic_langid::LanguageIdentifier;

use super::CATALOGUES;

/// All texts of one language.
pub(super) struct Catalogue {
    language: Language,
    texts: FluentBundle<FluentResource>,
}

static LANGUAGES: LazyLock<Vec<Language>> = LazyLock::new(|| {
    let tags = CATALOGUES.iter().map(|(tag, _)| tag);
    tags.filter_map(|tag| Language::parse(tag).ok()).collect()
});

static ALL: LazyLock<Vec<Catalogue>> = LazyLock::new(|| {
    let catalogues = CATALOGUES.iter();
    catalogues
        .filter_map(|(tag, files)| Catalogue::read(tag, files))
        .collect()
});

static ENGLISH: LazyLock<Catalogue> = LazyLock::new(|| {
    let files = CATALOGUES.iter().find(|(tag, _)| *tag == "en");
    Catalogue::of(Language::english(), files.map_or(&[][..], |(_, files)| files))
});

/// Every language there is, by tag.
pub(super) fn languages() -> &'static [Language] {
    &LANGUAGES
}

/// Every catalogue, by tag.
pub(super) fn catalogues() -> &'static [Catalogue] {
    &ALL
}

/// The catalogue that has every text.
pub(super) fn english() -> &'static Catalogue {
    &ENGLISH
}

impl Catalogue {
    /// A folder whose name is no language tag is passed over; a test says so.
    fn read(tag: &str, files: &[&str]) -> Option<Self> {
        Some(Self::of(Language::parse(tag).ok()?, files))
    }

    /// The files are known to be Fluent: what is not, does not build.
    fn of(language: Language, files: &[&str]) -> Self {
        let tag: LanguageIdentifier = language.as_str().parse().unwrap_or_default();
        let mut texts = FluentBundle::new_concurrent(vec![tag]);
        // Names and addresses stand in texts as they are: the marks would be copied with them.
        texts.set_use_isolating(false);
        for file in files {
            let (Ok(resource) | Err((resource, _))) = FluentResource::try_new((*file).to_owned());
            texts.add_resource_overriding(resource);
        }
        Self { language, texts }
    }

    pub(super) fn language(&self) -> &Language {
        &self.language
    }

    /// A text, or nothing where it is not there or asks for something else.
    pub(super) fn format(&self, id: &str, values: &FluentArgs<'_>) -> Option<String> {
        let text = self.texts.get_message(id)?.value()?;
        let mut wrong = Vec::new();
        let said = self
            .texts
            .format_pattern(text, Some(values), &mut wrong)
            .into_owned();
        wrong.is_empty().then_some(said)
    }
}
