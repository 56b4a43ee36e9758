//! Template tags behind placeholders, so that converters of Markdown and HTML leave them alone.
//!
//! A placeholder is a word of ASCII letters and digits that occurs nowhere in the source: it survives
//! Markdown, HTML parsers and `href` attributes unchanged.

use std::collections::HashSet;

use minijinja::machinery::{Token, Tokenizer};
use minijinja::syntax::SyntaxConfig;

use super::error::{TemplateError, TemplateField};
use super::source::short_lines;

/// A tag has at most this many words and signs. The engine walks expressions recursively and does not count
/// signs before a value.
const MAX_TAG_TOKENS: usize = 200;
/// A tag is at most this long.
const MAX_TAG_BYTES: usize = 1000;
/// A template has at most this many tags and comments: looking up one name after the other stays quick.
const MAX_TAGS: usize = 5000;
/// `elif` branches nest too, without a limit of the engine's own.
const MAX_ELIFS: usize = 50;
/// The last letter of a placeholder, so that number 1 is not the beginning of number 12.
const END: char = 'x';

/// A piece of a template source.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Segment<'a> {
    /// Text between tags.
    Text(&'a str),
    /// `{{ … }}`.
    Variable(&'a str),
    /// `{% … %}` or `{# … #}`, which leave no text of their own.
    Block(&'a str),
}

/// Splits a source into text and tags; refuses what the engine cannot read and tags beyond the limits.
pub(crate) fn segments(field: TemplateField, source: &str) -> Result<Vec<Segment<'_>>, TemplateError> {
    let refuse = |offset, message| Err(TemplateError::at(field, source, offset, message));
    let readable = short_lines(field, source)?;
    let mut tokens = Tokenizer::new(&readable, field.as_str(), false, SyntaxConfig::default());
    let mut found = Vec::new();
    let (mut cursor, mut start, mut in_tag, mut elifs) = (0, 0, 0, 0);
    loop {
        let next = tokens
            .next_token()
            .map_err(|error| syntax_error(field, source, &error, ""))?;
        let Some((token, span)) = next else { break };
        in_tag += 1;
        match token {
            Token::VariableStart | Token::BlockStart => {
                start = span.start_offset as usize;
                in_tag = 0;
            }
            Token::VariableEnd | Token::BlockEnd => {
                push_text(field, source, cursor, start, &mut found)?;
                cursor = span.end_offset as usize;
                let tag = source.get(start..cursor).unwrap_or_default();
                if tag.len() > MAX_TAG_BYTES {
                    return refuse(start, format!("This tag has more than {MAX_TAG_BYTES} bytes."));
                }
                let is_variable = matches!(token, Token::VariableEnd);
                found.push(if is_variable {
                    Segment::Variable(tag)
                } else {
                    Segment::Block(tag)
                });
                in_tag = 0;
            }
            Token::Ident("elif") if in_tag == 1 => elifs += 1,
            _ => {}
        }
        if in_tag > MAX_TAG_TOKENS {
            return refuse(
                start,
                format!("This tag has more than {MAX_TAG_TOKENS} words and signs."),
            );
        }
        if elifs > MAX_ELIFS {
            return refuse(start, format!("There are more than {MAX_ELIFS} elif branches."));
        }
    }
    push_text(field, source, cursor, source.len(), &mut found)?;
    if found
        .iter()
        .filter(|segment| !matches!(segment, Segment::Text(_)))
        .count()
        > MAX_TAGS
    {
        return refuse(0, format!("There are more than {MAX_TAGS} tags and comments."));
    }
    Ok(found)
}

/// Pushes the text between two tags, with its comments apart.
fn push_text<'a>(
    field: TemplateField,
    source: &'a str,
    from: usize,
    to: usize,
    found: &mut Vec<Segment<'a>>,
) -> Result<(), TemplateError> {
    let mut cursor = from;
    while let Some(rest) = source.get(cursor..to).filter(|rest| !rest.is_empty()) {
        let comment = rest.find("{#");
        let text = comment.map_or(rest, |at| rest.get(..at).unwrap_or_default());
        if let Some(raw) = text.find("{%") {
            let message = "{% raw %} is not available here. To show braces, write {{ \"{{\" }}.";
            return Err(TemplateError::at(field, source, cursor + raw, message));
        }
        if !text.is_empty() {
            found.push(Segment::Text(text));
        }
        let Some(at) = comment else { break };
        let end = rest
            .get(at..)
            .and_then(|comment| comment.find("#}"))
            .map_or(rest.len(), |end| at + end + 2);
        found.push(Segment::Block(rest.get(at..end).unwrap_or_default()));
        cursor += end;
    }
    Ok(())
}

/// The engine's syntax error at its place in the author's source.
pub(crate) fn syntax_error(
    field: TemplateField,
    source: &str,
    error: &minijinja::Error,
    hint: &str,
) -> TemplateError {
    let offset = error.range().map_or(0, |range| range.start);
    let detail = error.detail().unwrap_or("this is not a template");
    TemplateError::at(field, source, offset, format!("Syntax error: {detail}.{hint}"))
}

/// The tags of one template and the placeholders that stand for them.
pub(crate) struct Tags<'a> {
    prefix: String,
    tags: Vec<&'a str>,
}

impl<'a> Tags<'a> {
    /// No tags yet; `source` is the text in which no placeholder may occur by chance.
    pub(crate) fn new(source: &str) -> Self {
        let taken: HashSet<&str> = source
            .split("tag")
            .skip(1)
            .filter_map(|after| after.split_once('q').map(|(n, _)| n))
            .collect();
        let free = (0..=taken.len())
            .find(|number| !taken.contains(number.to_string().as_str()))
            .unwrap_or(0_usize);
        Self {
            prefix: format!("tag{free}q"),
            tags: Vec::new(),
        }
    }

    /// The text of a template with a placeholder for each tag.
    pub(crate) fn protect_all(&mut self, segments: &[Segment<'a>]) -> String {
        let mut protected = String::new();
        for segment in segments {
            match *segment {
                Segment::Text(text) => protected.push_str(text),
                Segment::Variable(tag) | Segment::Block(tag) => protected.push_str(&self.protect(tag)),
            }
        }
        protected
    }

    /// The placeholder of one more tag.
    pub(crate) fn protect(&mut self, tag: &'a str) -> String {
        let placeholder = self.placeholder(self.tags.len());
        self.tags.push(tag);
        placeholder
    }

    fn placeholder(&self, number: usize) -> String {
        format!("{}{number}{END}", self.prefix)
    }

    /// Where the author wrote what stands at `offset` of the protected text of these segments, the first that were
    /// protected.
    pub(crate) fn source_offset(&self, segments: &[Segment<'_>], offset: usize) -> usize {
        let (mut protected, mut source, mut number) = (0, 0, 0);
        for segment in segments {
            let (written, stands, is_text) = match segment {
                Segment::Text(text) => (text.len(), text.len(), true),
                Segment::Variable(tag) | Segment::Block(tag) => {
                    number += 1;
                    (tag.len(), self.placeholder(number - 1).len(), false)
                }
            };
            if offset < protected + stands {
                return source + if is_text { offset - protected } else { 0 };
            }
            protected += stands;
            source += written;
        }
        source
    }

    /// The placeholders of statements in `text`, without what is around them.
    pub(crate) fn statements_in(&self, text: &str) -> String {
        let mut found = String::new();
        let mut rest = text;
        while let Some(at) = rest.find(&self.prefix) {
            let from = rest.get(at..).unwrap_or_default();
            match self.leading_statement(from) {
                Some((statement, after)) => {
                    found.push_str(statement);
                    rest = after;
                }
                None => rest = from.get(self.prefix.len()..).unwrap_or_default(),
            }
        }
        found
    }

    /// Whether a placeholder stands in `text`, in whatever case.
    pub(crate) fn holds(&self, text: &str) -> bool {
        text.to_ascii_lowercase().contains(&self.prefix)
    }

    /// Whether `text` begins with a placeholder.
    pub(crate) fn begins(&self, text: &str) -> bool {
        text.starts_with(&self.prefix)
    }

    /// The first tag whose placeholder stands in `text`.
    pub(crate) fn first_in(&self, text: &str) -> Option<&'a str> {
        let at = text.find(&self.prefix)?;
        self.leading(text.get(at..)?).map(|(tag, _)| tag)
    }

    /// Whether a tag stands anywhere in `text`.
    pub(crate) fn hold(&self, text: &str) -> bool {
        text.contains(&self.prefix)
    }

    /// Whether `text` is exactly one placeholder of a variable.
    pub(crate) fn is_variable(&self, text: &str) -> bool {
        self.leading(text)
            .is_some_and(|(tag, rest)| rest.is_empty() && !is_statement(tag))
    }

    /// Whether `text` is exactly one placeholder of a statement.
    pub(crate) fn is_statement(&self, text: &str) -> bool {
        self.leading(text)
            .is_some_and(|(tag, rest)| rest.is_empty() && is_statement(tag))
    }

    /// The placeholder of a statement that begins `text`, and what follows it.
    pub(crate) fn leading_statement<'t>(&self, text: &'t str) -> Option<(&'t str, &'t str)> {
        let (tag, rest) = self.leading(text)?;
        is_statement(tag).then(|| text.split_at(text.len() - rest.len()))
    }

    /// The tag whose placeholder begins `text`, and what follows it.
    fn leading<'t>(&self, text: &'t str) -> Option<(&'a str, &'t str)> {
        let (number, rest) = text.strip_prefix(&self.prefix)?.split_once(END)?;
        let tag = self.tags.get(number.parse::<usize>().ok()?)?;
        Some((tag, rest))
    }

    /// Puts the tags back. A comment that holds a statement alone gives way to it, and braces that converters
    /// made of entities or escapes do not become tags.
    pub(crate) fn restore(&self, converted: &str) -> String {
        let mut restored = String::with_capacity(converted.len() + self.tags.len() * 16);
        let mut rest = converted;
        while let Some(at) = rest.find(&self.prefix) {
            let (before, from) = rest.split_at(at);
            let Some((tag, after)) = self.leading(from) else {
                push_literal(before, &mut restored);
                restored.push_str(&self.prefix);
                rest = from.get(self.prefix.len()..).unwrap_or_default();
                continue;
            };
            let (before, after) = if is_statement(tag) {
                uncommented(before, after)
            } else {
                (before, after)
            };
            push_literal(before, &mut restored);
            restored.push_str(tag);
            rest = after;
        }
        push_literal(rest, &mut restored);
        restored
    }
}

fn is_statement(tag: &str) -> bool {
    !tag.starts_with("{{")
}

/// What is around a statement, without the comment it stands in alone; Markdown escapes that one in code.
fn uncommented<'t>(before: &'t str, after: &'t str) -> (&'t str, &'t str) {
    [("<!--", "-->"), ("&lt;!--", "--&gt;")]
        .into_iter()
        .find_map(|(open, close)| Some((before.strip_suffix(open)?, after.strip_prefix(close)?)))
        .unwrap_or((before, after))
}

fn push_literal(text: &str, out: &mut String) {
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        if character == '{' && matches!(characters.peek(), None | Some('{' | '%' | '#')) {
            out.push_str("{{ \"{\" }}");
        } else {
            out.push(character);
        }
    }
}

#[cfg(test)]
mod tests;
