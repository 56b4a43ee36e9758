//! Mails in the language of their reader. A mail of ours is put together from the catalogue's texts; the names of values
//! stand in it in braces, and are filled in for each recipient. Each language is compiled when somebody needs it.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use assent_domain::campaign::BodyFormat;
use assent_domain::language::Language;
use assent_domain::permit::Refusal;

use crate::post::Unfit;
use crate::render::{Footer, Template, TemplateSource};
use crate::words::{Shown, Words};

/// The tenant's name, as the template writes it.
pub(super) const TENANT: &str = "{{ tenant.name }}";
/// The recipient's address.
pub(super) const ADDRESS: &str = "{{ subscriber.email }}";
/// The address of the policy page.
pub(super) const POLICY: &str = "{{ policy_url }}";

/// The templates of one mailing, by language.
pub(super) struct Letters {
    source: Box<dyn Fn(Words) -> TemplateSource + Send + Sync>,
    footer: Footer,
    variables: Vec<String>,
    compiled: BTreeMap<&'static Language, OnceLock<Result<Template, String>>>,
}

impl Letters {
    /// Mails with a subject and a body of ours, which may name `variables` beside what every mail has.
    pub(super) fn ours(
        variables: &'static [&'static str],
        write: impl Fn(Words) -> (String, Body) + Send + Sync + 'static,
    ) -> Self {
        let source = move |words| {
            let (subject, body) = write(words);
            source_of(words, &subject, BodyFormat::Html, &body.close().0)
        };
        let variables = variables.iter().map(|name| (*name).to_owned());
        Self::new(Footer::System, variables.collect(), source)
    }

    /// Mails whose words are somebody else's, which may name `variables`, and which go out whatever was agreed to.
    pub(super) fn essential(
        variables: Vec<String>,
        source: impl Fn(Words) -> TemplateSource + Send + Sync + 'static,
    ) -> Self {
        Self::new(Footer::System, variables, source)
    }

    /// Mails whose words are somebody else's, and whose footer is in the reader's language.
    pub(super) fn marketing(source: impl Fn(Words) -> TemplateSource + Send + Sync + 'static) -> Self {
        Self::new(Footer::Marketing, Vec::new(), source)
    }

    fn new(
        footer: Footer,
        variables: Vec<String>,
        source: impl Fn(Words) -> TemplateSource + Send + Sync + 'static,
    ) -> Self {
        let languages = Words::all().map(|words| (words.language(), OnceLock::new()));
        Self {
            source: Box::new(source),
            footer,
            variables,
            compiled: languages.collect(),
        }
    }

    /// The template in a language.
    pub(super) fn template(&self, words: Words) -> Result<&Template, Unfit> {
        let unfit = |reason: &str| (Refusal::NotRendered, reason.to_owned());
        let place = self.compiled.get(words.language());
        let place = place.ok_or_else(|| unfit("there is no such language"))?;
        let compiled = place.get_or_init(|| {
            let names: Vec<_> = self.variables.iter().map(String::as_str).collect();
            Template::compile_with(&(self.source)(words), self.footer, &names)
                .map_err(|error| error.to_string())
        });
        compiled.as_ref().map_err(|reason| unfit(reason))
    }
}

/// The source of a mail in a language.
pub(super) fn source_of(words: Words, subject: &str, format: BodyFormat, body: &str) -> TemplateSource {
    TemplateSource {
        subject: subject.to_owned(),
        preheader: String::new(),
        format,
        body: body.to_owned(),
        language: words.language().to_string(),
    }
}

/// The body of a mail of ours, paragraph by paragraph.
pub(super) struct Body(String);

impl Body {
    /// Begins with a heading.
    pub(super) fn headed(text: impl Shown) -> Self {
        Self(format!("<h1>{}</h1>\n", text.html()))
    }

    /// A heading within.
    pub(super) fn heading(self, text: impl Shown) -> Self {
        self.with(&format!("<h2>{}</h2>\n", text.html()))
    }

    /// A paragraph.
    pub(super) fn says(self, text: impl Shown) -> Self {
        self.with(&format!("<p>{}</p>\n", text.html()))
    }

    /// A paragraph of two texts.
    pub(super) fn says_both(self, first: impl Shown, second: impl Shown) -> Self {
        self.with(&format!("<p>{} {}</p>\n", first.html(), second.html()))
    }

    /// A paragraph with the value of a variable.
    pub(super) fn shows(self, variable: &str) -> Self {
        self.with(&format!("<p>{{{{ {variable} }}}}</p>\n"))
    }

    /// A paragraph with the value of a variable that was written in lines.
    pub(super) fn shows_lines(self, variable: &str) -> Self {
        self.with(&format!(
            "<p style=\"white-space:pre-line\">{{{{ {variable} }}}}</p>\n"
        ))
    }

    /// A paragraph that is a link.
    pub(super) fn links(self, variable: &str, text: impl Shown) -> Self {
        self.with(&format!(
            "<p><a href=\"{{{{ {variable} }}}}\">{}</a></p>\n",
            text.html()
        ))
    }

    /// What is there only where a variable has a value.
    pub(super) fn given(self, variable: &str, then: impl FnOnce(Self) -> Self) -> Self {
        then(self.with(&format!("{{% if {variable} %}}"))).with("{% endif %}")
    }

    /// What is there where a variable has a value, and what where it has none.
    pub(super) fn either(
        self,
        variable: &str,
        then: impl FnOnce(Self) -> Self,
        otherwise: impl FnOnce(Self) -> Self,
    ) -> Self {
        let then = then(self.with(&format!("{{% if {variable} %}}")));
        otherwise(then.with("{% else %}")).with("{% endif %}")
    }

    /// Who sends it, and from where.
    fn close(self) -> Self {
        self.with("<p>{{ tenant.name }}<br>{{ tenant.postal_address }}</p>\n")
    }

    fn with(mut self, html: &str) -> Self {
        self.0.push_str(html);
        self
    }
}
