//! From what an author wrote to the templates of HTML and text, in the one order in which each step finds what it needs:
//! the format becomes HTML, that is looked through and becomes text, what we add is put around it, and the rules of style
//! sheets are written to what then stands there.

use assent_domain::campaign::BodyFormat;
use assent_domain::content::ContentParty;

use super::check::Uses;
use super::engine::escape_html;
use super::error::{TemplateError, TemplateField};
use super::footer::{self, Around};
use super::protect::{Segment, Tags};
use super::source::{Footer, TemplateSource};
use super::warning::{Warning, warnings_of};
use super::{content, inline, markdown, mjml, sheets, skeleton, text, tracked};

/// A mail as it was written, and what has been found in it.
pub(super) struct Written<'a> {
    pub(super) source: &'a TemplateSource,
    pub(super) preheader: &'a [Segment<'a>],
    pub(super) body: &'a [Segment<'a>],
    pub(super) uses: Uses,
    pub(super) footer: Footer,
}

/// The templates of a mail, what it loads, what it links to, and what its author should know.
pub(super) struct Converted {
    pub(super) html: String,
    pub(super) text: String,
    /// A template of text.
    pub(super) preheader: String,
    pub(super) content: Vec<ContentParty>,
    pub(super) links: Vec<String>,
    pub(super) warnings: Vec<Warning>,
    pub(super) is_rigid: bool,
}

/// The body as HTML.
struct Body {
    html: String,
    /// What it has for a preheader itself.
    preheader: Option<String>,
    warnings: Vec<Warning>,
}

pub(super) fn convert(written: &Written<'_>) -> Result<Converted, TemplateError> {
    let Written { source, uses, .. } = *written;
    let refuse = |message: String| TemplateError::at(TemplateField::Body, &source.body, 0, message);
    let mut tags = Tags::new(&format!("{}{}", source.body, source.preheader));
    let protected = tags.protect_all(written.body);
    let Body {
        html,
        preheader,
        mut warnings,
    } = body_of(written, protected, &tags)?;
    let content = content::content_of(&html, &source.body, &tags)?;
    let links = tracked::links_of(&html, &tags);
    let text = text::text_of(&html, &tags).map_err(|error| refuse(error.to_string()))?;
    warnings.extend(warnings_of(&html, &text, &source.body, &tags));
    let own = preheader_of(written.preheader, &mut tags);
    let (html_footer, text_footer) = match written.footer {
        Footer::Marketing => footer::missing_parts(uses, &source.language, &mut tags),
        Footer::System => footer::system_parts(uses, &source.language, &mut tags),
    };
    let around = Around {
        preheader: &footer::preheader(&own),
        footer: &html_footer,
    };
    let html = footer::document(&html, &around, &source.language);
    let html = inline::inlined(&html, &tags).map_err(|error| refuse(error.to_string()))?;
    let is_rigid = !uses.varies && skeleton::is_rigid(&html, &tags);
    Ok(Converted {
        html: tags.restore(&html),
        text: tags.restore(&(text + &text_footer)),
        preheader: preheader.map_or_else(|| source.preheader.clone(), |text| tags.restore(&text)),
        content,
        links,
        warnings,
        is_rigid,
    })
}

fn body_of(written: &Written<'_>, protected: String, tags: &Tags<'_>) -> Result<Body, TemplateError> {
    let source = written.source;
    let html = match source.format {
        BodyFormat::Html => protected,
        BodyFormat::Markdown => markdown::html_of(&protected, tags),
        BodyFormat::Mjml => {
            let language = footer::language_tag(&source.language);
            let made = mjml::html_of(&protected, &source.body, written.body, tags, language)?;
            if made.preheader.is_some() && !source.preheader.is_empty() {
                let message = "The body has an <mj-preview>, which says the same: leave one of the two out.";
                return Err(TemplateError::at(
                    TemplateField::Preheader,
                    &source.preheader,
                    0,
                    message,
                ));
            }
            return Ok(Body {
                html: made.html,
                preheader: made.preheader,
                warnings: made.warnings,
            });
        }
    };
    sheets::refuse_remote(&html, &source.body, tags)?;
    Ok(Body {
        html,
        preheader: None,
        warnings: Vec::new(),
    })
}

/// The preheader as protected HTML: it is text.
fn preheader_of<'a>(segments: &[Segment<'a>], tags: &mut Tags<'a>) -> String {
    let parts = segments.iter().map(|segment| match *segment {
        Segment::Text(text) => escape_html(text),
        Segment::Variable(tag) | Segment::Block(tag) => tags.protect(tag),
    });
    parts.collect()
}
