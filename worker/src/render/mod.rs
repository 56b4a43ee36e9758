//! From campaign content to subject, HTML and text.
//!
//! [`Template::compile`] runs once a campaign: it checks what the author wrote, converts Markdown to HTML and
//! HTML to text with the template tags in place, and adds the footer. [`Template::render`] runs once a
//! person and only fills in values. Nothing here knows of databases, permits or SMTP.

mod check;
mod content;
mod convert;
mod engine;
mod entities;
mod error;
mod footer;
mod inline;
mod markdown;
mod markup;
mod mjml;
mod protect;
mod sheets;
mod skeleton;
mod source;
mod text;
mod tracked;
mod variables;
mod warning;
mod way_out;

#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;

use assent_domain::content::ContentParty;
use assent_domain::site::HostName;
use minijinja::Value;
use minijinja::value::Serde;

use check::{Uses, check};
use convert::{Converted, Written, convert};
use engine::{Engine, Part};
use protect::segments;
use variables::{Known, Names, sample};

pub use assent_domain::campaign::BodyFormat;
pub use content::host_of;
pub use error::{MissingWayOut, RenderError, TemplateError, TemplateField};
pub use source::{
    Footer, MAX_BODY_BYTES, MAX_PREHEADER_BYTES, MAX_RENDERED_BYTES, MAX_SUBJECT_BYTES, TemplateSource,
};
pub use variables::{SubscriberVariables, TenantVariables, VARIABLES, Variables};
pub use warning::{CLIPPED_AT_BYTES, Warning, WarningKind};

/// A mail ready to be rendered for many people.
pub struct Template {
    engine: Engine,
    footer: Footer,
    content: Vec<ContentParty>,
    links: Vec<String>,
    warnings: Vec<Warning>,
    /// The hosts that every mail loads from, where its elements are the same for all and the way out was proven of
    /// them; none where each mail is looked at.
    proven: Option<BTreeSet<HostName>>,
}

/// A mail rendered for one person. Its `Debug` shows sizes only: the content is personal.
#[derive(Clone, PartialEq, Eq)]
pub struct Rendered {
    /// One line without control characters.
    pub subject: String,
    /// A whole HTML document.
    pub html: String,
    /// Plain text with `\n` line ends.
    pub text: String,
}

impl fmt::Debug for Rendered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rendered")
            .field("subject_bytes", &self.subject.len())
            .field("html_bytes", &self.html.len())
            .field("text_bytes", &self.text.len())
            .finish()
    }
}

impl Rendered {
    /// Proves that a reader of either part can leave: a visible link to `unsubscribe_url` and a visible
    /// `postal_address`. Comments and hidden elements do not count.
    pub fn way_out(&self, unsubscribe_url: &str, postal_address: &str) -> Result<(), RenderError> {
        way_out::prove(&self.html, &self.text, unsubscribe_url, postal_address).map_err(RenderError::NoWayOut)
    }
}

impl Template {
    /// Checks and converts a mail. What cannot be rendered for anybody, or for people without a name, is
    /// refused here rather than person by person.
    pub fn compile(source: &TemplateSource, footer: Footer) -> Result<Self, TemplateError> {
        Self::compile_with(source, footer, &[])
    }

    /// Like [`compile`](Self::compile), with further variables for essential mails, such as `confirm_url`;
    /// their values come in [`Variables::extra`].
    pub fn compile_with(
        source: &TemplateSource,
        footer: Footer,
        extra: &[&str],
    ) -> Result<Self, TemplateError> {
        source::check_sizes(source)?;
        let names = Names { extra };
        segments(TemplateField::Subject, &source.subject)?;
        check(TemplateField::Subject, &source.subject, names)?;
        let preheader = segments(TemplateField::Preheader, &source.preheader)?;
        check(TemplateField::Preheader, &source.preheader, names)?;
        let body = segments(TemplateField::Body, &source.body)?;
        let uses = check(TemplateField::Body, &source.body, names)?;

        let written = Written {
            source,
            preheader: &preheader,
            body: &body,
            uses,
            footer,
        };
        let Converted {
            html,
            text,
            preheader,
            content,
            links,
            warnings,
            is_rigid,
        } = convert(&written)?;
        let mut engine = Engine::new();
        let parts = [
            (Part::Subject, source.subject.clone()),
            (Part::Html, html),
            (Part::Text, text),
            (Part::Preheader, preheader),
        ];
        for (part, template) in parts {
            engine.add(part, template).map_err(|_| misplaced(source))?;
        }
        let mut template = Self {
            engine,
            footer,
            content,
            links,
            warnings,
            proven: None,
        };
        for known in [Known::All, Known::Nothing] {
            let refused = |error: RenderError| refusal(source, uses, &error, known);
            let rendered = template.render(&sample(names, known)).map_err(refused)?;
            if known == Known::All {
                template.warnings.extend(Warning::clipped(rendered.html.len()));
                let preheader = template.preheader(&sample(names, known)).map_err(refused)?;
                template
                    .warnings
                    .extend(preheader.is_empty().then(Warning::no_preheader));
            }
        }
        if is_rigid && let Ok(rendered) = template.render(&sample(names, Known::Unseen)) {
            template.proven = Some(content::hosts(&rendered.html));
        }
        Ok(template)
    }

    /// The hosts that one of its mails loads from when it is read.
    pub fn hosts(&self, rendered: &Rendered) -> Cow<'_, BTreeSet<HostName>> {
        match &self.proven {
            Some(hosts) => Cow::Borrowed(hosts),
            None => Cow::Owned(content::hosts(&rendered.html)),
        }
    }

    /// What it loads from where, whoever reads it. Each host and kind stands once, with its first line.
    pub fn content(&self) -> &[ContentParty] {
        &self.content
    }

    /// What its author should know, though it can be sent.
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }

    /// What mail programs show beside the subject; empty where that is whatever the mail begins with.
    pub fn preheader(&self, variables: &Variables<'_>) -> Result<String, RenderError> {
        let values = Value::from(Serde(variables));
        Ok(one_line(&self.engine.render(Part::Preheader, values)?))
    }

    /// The addresses of the web that the body links to and that are the same for everybody, in its order.
    pub fn links(&self) -> &[String] {
        &self.links
    }

    /// Fills in the values for one person; a marketing mail without a way out is refused.
    pub fn render(&self, variables: &Variables<'_>) -> Result<Rendered, RenderError> {
        let values = Value::from(Serde(variables));
        let subject = one_line(&self.engine.render(Part::Subject, values.clone())?);
        if subject.is_empty() {
            return Err(RenderError::EmptySubject);
        }
        let html = self.engine.render(Part::Html, values.clone())?;
        let text = text::tidy(&self.engine.render(Part::Text, values)?);
        let rendered = Rendered { subject, html, text };
        let (url, address) = (variables.unsubscribe_url, variables.tenant.postal_address);
        let is_proven = self.proven.is_some() && way_out::can_be_seen(url, address);
        if self.footer == Footer::Marketing && !is_proven {
            rendered.way_out(url, address)?;
        }
        Ok(rendered)
    }
}

fn one_line(subject: &str) -> String {
    let spaced: String = subject
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    spaced.trim().to_owned()
}

/// The statements of a good template no longer match after conversion.
fn misplaced(source: &TemplateSource) -> TemplateError {
    let offset = source.body.find("{%").unwrap_or_default();
    let message = "A statement and its end come apart when the body is converted: put whole paragraphs, list \
                   items or elements between them.";
    TemplateError::at(TemplateField::Body, &source.body, offset, message)
}

/// Why a trial failed, at the place that is the likeliest to be mended.
fn refusal(source: &TemplateSource, uses: Uses, error: &RenderError, known: Known) -> TemplateError {
    let whom = match known {
        Known::Nothing => " for people without a name and company",
        Known::All | Known::Unseen => "",
    };
    let (field, text, offset) = match error {
        RenderError::EmptySubject => (TemplateField::Subject, &source.subject, 0),
        RenderError::NoWayOut(missing) => {
            let written_at = if missing.is_address() {
                uses.postal_address
            } else {
                uses.unsubscribe_url
            };
            (TemplateField::Body, &source.body, written_at.unwrap_or_default())
        }
        _ => (
            TemplateField::Body,
            &source.body,
            source.body.find("{%").unwrap_or_default(),
        ),
    };
    let advice = match error {
        RenderError::EmptySubject => {
            " Give a name a default, such as {{ subscriber.name | default(\"friend\") }}."
        }
        RenderError::NoWayOut(_) => {
            " Put it outside of conditions, comments and hidden elements, or leave it out: the footer has it."
        }
        _ => "",
    };
    TemplateError::at(
        field,
        text,
        offset,
        format!("This mail cannot be sent{whom}: {error}.{advice}"),
    )
}
