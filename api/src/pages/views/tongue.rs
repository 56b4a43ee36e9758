//! The language of a page, and the links to the same page in the others.

use assent_worker::words::Words;
use url::form_urlencoded;

/// What asks for a language, in the address of any page.
pub const PARAMETER: &str = "lang";

/// The language that a page is in.
#[derive(Debug, Clone)]
pub struct Tongue {
    /// Its texts.
    pub words: Words,
    /// Whether the address asked for it, so that the pages behind the links of this one speak it, too.
    is_asked_for: bool,
    /// What else the address asked, in the links to other languages.
    query: Vec<(String, String)>,
}

/// The same page in another language, or in this.
pub struct LanguageLink {
    /// The language, as a tag.
    pub tag: String,
    /// Its name for itself.
    pub name: String,
    /// Where it is: the same address with another query.
    pub href: String,
    /// Whether it is the language of this page.
    pub is_this: bool,
}

impl Tongue {
    /// A page in a language of which its address says nothing.
    pub fn of(words: Words) -> Self {
        Self {
            words,
            is_asked_for: false,
            query: Vec::new(),
        }
    }

    /// The same, with what its address asked beside the language.
    #[must_use]
    pub fn with_query(mut self, query: Vec<(String, String)>) -> Self {
        self.query = query;
        self
    }

    /// The same, where the address asked for the language.
    #[must_use]
    pub fn asked_for(mut self) -> Self {
        self.is_asked_for = true;
        self
    }

    /// The address of another page in the same language, if this one's asked for it.
    pub fn keep(&self, path: String) -> String {
        if self.is_asked_for {
            let mark = if path.contains('?') { '&' } else { '?' };
            format!("{path}{mark}{PARAMETER}={}", self.words.language())
        } else {
            path
        }
    }

    /// This page in every language.
    pub fn links(&self) -> Vec<LanguageLink> {
        Words::all().map(|words| self.link(words)).collect()
    }

    fn link(&self, words: Words) -> LanguageLink {
        let tag = words.language().to_string();
        let mut query = form_urlencoded::Serializer::for_suffix(String::from("?"), 1);
        query.extend_pairs(&self.query).append_pair(PARAMETER, &tag);
        LanguageLink {
            href: query.finish(),
            name: words.language_name(),
            is_this: words == self.words,
            tag,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_to_another_language_keeps_what_else_was_asked() {
        let query = vec![("go_on".to_owned(), "1 & 2".to_owned())];
        let tongue = Tongue::of(Words::best(["de"])).with_query(query);
        let links = tongue.links();
        let german = links.iter().find(|link| link.tag == "de").unwrap();
        assert_eq!(german.href, "?go_on=1+%26+2&lang=de");
        assert!(german.is_this && links.iter().filter(|link| link.is_this).count() == 1);
        assert_eq!(tongue.keep("/x".to_owned()), "/x");
        assert_eq!(
            tongue.clone().asked_for().keep("/x?y=1".to_owned()),
            "/x?y=1&lang=de"
        );
    }
}
