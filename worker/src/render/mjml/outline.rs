//! The outline of MJML, read as its converter reads it but without its recursion: what is not closed, what may not stand
//! in a mail, and where statements stand between elements.

use std::ops::Range;

use htmlparser::{ElementEnd, StrSpan, TextPos, Token, Tokenizer};

use crate::render::protect::Tags;
use crate::render::sheets::import_in;

pub(super) const NO_ROOT: &str = "MJML begins with <mjml>: put everything between <mjml> and </mjml>.";

/// Elements nested deeper are refused: the converter recurses.
const MAX_DEPTH: usize = 100;

/// Elements that are never closed.
const VOID: [&str; 14] = [
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track",
    "wbr",
];

/// Elements between whose children a statement may stand.
const AROUND: [&str; 6] = [
    "mj-body",
    "mj-wrapper",
    "mj-section",
    "mj-group",
    "mj-column",
    "mj-hero",
];

/// Elements that hold other elements, and no text.
const FRAMES: [&str; 9] = [
    "mjml",
    "mj-head",
    "mj-attributes",
    "mj-navbar",
    "mj-social",
    "mj-accordion",
    "mj-accordion-element",
    "mj-carousel",
    "mj-carousel-image",
];

/// What there is besides these.
const OTHERS: [&str; 20] = [
    "mj-accordion-text",
    "mj-accordion-title",
    "mj-all",
    "mj-breakpoint",
    "mj-button",
    "mj-class",
    "mj-divider",
    "mj-font",
    "mj-html-attributes",
    "mj-image",
    "mj-navbar-link",
    "mj-preview",
    "mj-raw",
    "mj-social-element",
    "mj-spacer",
    "mj-style",
    "mj-table",
    "mj-text",
    "mj-title",
    "mj-include",
];

/// What is wrong, at an offset of the text.
#[derive(Debug)]
pub(super) struct Flaw {
    pub(super) at: usize,
    pub(super) message: String,
}

fn flaw<T>(at: usize, message: impl Into<String>) -> Result<T, Flaw> {
    let message = message.into();
    Err(Flaw { at, message })
}

#[derive(Clone, Copy)]
struct Open<'a> {
    name: &'a str,
    at: usize,
}

/// Where statements stand between elements, in order.
pub(super) fn outline(text: &str, tags: &Tags<'_>) -> Result<Vec<Range<usize>>, Flaw> {
    let mut reader = Reader {
        text,
        tags,
        open: Vec::new(),
        statements: Vec::new(),
    };
    let mut begun = None;
    for token in Tokenizer::from(text) {
        let token = token.or_else(|error| {
            flaw(
                offset_of(text, error.pos()),
                "This is not MJML: close tags with >, and quote attributes.",
            )
        })?;
        match token {
            Token::ElementStart { local, span, .. } => {
                begun = Some(reader.begin(local.as_str(), span.start())?);
            }
            Token::ElementEnd { end, span } => match (end, begun.take()) {
                (ElementEnd::Open, Some(begun)) => reader.enter(begun)?,
                (ElementEnd::Close(_, local), _) => reader.leave(local.as_str(), span.start())?,
                (ElementEnd::Open, None) | (ElementEnd::Empty, _) => {}
            },
            Token::Text { text } => reader.text(text)?,
            _ => {}
        }
    }
    match begun.as_ref().or(reader.open.last()) {
        Some(Open { name, at }) => flaw(*at, format!("<{name}> is not closed: write </{name}>.")),
        None => Ok(reader.statements),
    }
}

struct Reader<'a, 't> {
    text: &'a str,
    tags: &'t Tags<'t>,
    open: Vec<Open<'a>>,
    statements: Vec<Range<usize>>,
}

impl<'a> Reader<'a, '_> {
    fn begin(&self, name: &'a str, at: usize) -> Result<Open<'a>, Flaw> {
        let is_known = || [&AROUND[..], &FRAMES, &OTHERS].concat().contains(&name);
        match name {
            "mj-include" => flaw(
                at,
                "There are no files to include: put what the file has in its place.",
            ),
            _ if name.eq_ignore_ascii_case("script") => {
                flaw(at, "No mail program runs a script: leave it out.")
            }
            _ if name.eq_ignore_ascii_case("link") => flaw(
                at,
                "A style sheet from elsewhere is not loaded: put its rules into <mj-style>, a font into <mj-font>.",
            ),
            "mjml" if !self.open.is_empty() => flaw(at, "<mjml> stands once, around everything."),
            _ if self.open.is_empty() && name != "mjml" => flaw(at, NO_ROOT),
            _ if name.starts_with("mj-") && !is_known() => flaw(
                at,
                format!("MJML has no element <{name}>: documentation.mjml.io lists them."),
            ),
            _ => Ok(Open { name, at }),
        }
    }

    fn enter(&mut self, begun: Open<'a>) -> Result<(), Flaw> {
        if VOID.contains(&begun.name) {
            return Ok(());
        }
        if self.open.len() >= MAX_DEPTH {
            return flaw(
                begun.at,
                format!("Elements are nested more than {MAX_DEPTH} deep: end elements where they end."),
            );
        }
        self.open.push(begun);
        Ok(())
    }

    fn leave(&mut self, name: &str, at: usize) -> Result<(), Flaw> {
        match self.open.pop() {
            Some(last) if last.name == name => Ok(()),
            Some(last) => {
                let line = self.text.get(..last.at).unwrap_or_default().matches('\n').count() + 1;
                let (open, message) = (last.name, "stands here before");
                flaw(
                    at,
                    format!(
                        "</{name}> {message} the <{open}> of line {line} is closed: write </{open}> first."
                    ),
                )
            }
            None => flaw(at, format!("</{name}> closes nothing.")),
        }
    }

    /// Text is for elements that show it; statements may stand around others, too.
    fn text(&mut self, span: StrSpan<'a>) -> Result<(), Flaw> {
        let Some(Open { name, .. }) = self.open.last() else {
            return Ok(());
        };
        if *name == "mj-style"
            && let Some(at) = import_in(span.as_str())
        {
            return flaw(
                span.start() + at,
                "A style sheet from elsewhere is not loaded: put its rules here in place of @import.",
            );
        }
        let may_stand = AROUND.contains(name);
        if !may_stand && !FRAMES.contains(name) {
            return Ok(());
        }
        let mut rest = span.as_str().trim_start();
        while !rest.is_empty() {
            let at = span.end() - rest.len();
            let Some((statement, after)) = self.tags.leading_statement(rest) else {
                let message = format!("Text cannot stand right in <{name}>: put it into <mj-text>.");
                return flaw(at, message);
            };
            if !may_stand {
                let message = format!(
                    "A statement cannot stand in <{name}>: put it around sections, columns or what is in them."
                );
                return flaw(at, message);
            }
            self.statements.push(at..at + statement.len());
            rest = after.trim_start();
        }
        Ok(())
    }
}

/// Where a row and a column, counted in characters from 1, are in a text.
fn offset_of(text: &str, place: TextPos) -> usize {
    let rows = usize::try_from(place.row).unwrap_or(1).saturating_sub(1);
    let columns = usize::try_from(place.col).unwrap_or(1).saturating_sub(1);
    let before: usize = text.split_inclusive('\n').take(rows).map(str::len).sum();
    let line = text.get(before..).unwrap_or_default();
    before + line.chars().take(columns).map(char::len_utf8).sum::<usize>()
}
