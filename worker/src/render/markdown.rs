//! From Markdown to HTML, with template tags in it.

use std::fmt::Write as _;

use pulldown_cmark::{Options, Parser, html};

use super::protect::Tags;

/// Converts protected Markdown to protected HTML.
///
/// Statements that stand alone on a line become comments, which Markdown takes as blocks of their own: what
/// they enclose keeps its nesting. A variable between angle brackets becomes a link, as an address would.
pub(crate) fn html_of(markdown: &str, tags: &Tags<'_>) -> String {
    let mut source = String::with_capacity(markdown.len() + 1024);
    for line in markdown.split_inclusive('\n') {
        if !push_statements(line, tags, &mut source) {
            push_autolinked(line, tags, &mut source);
        }
    }
    let parser = Parser::new_ext(&source, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH);
    let mut converted = String::with_capacity(source.len() * 2);
    html::push_html(&mut converted, parser);
    converted
}

/// Pushes a line that holds nothing but statements; says whether it was one.
fn push_statements(line: &str, tags: &Tags<'_>, out: &mut String) -> bool {
    let indent = line
        .get(..line.len() - line.trim_start().len())
        .unwrap_or_default();
    let mut statements = String::new();
    let mut rest = line.trim();
    while let Some((placeholder, after)) = tags.leading_statement(rest) {
        let _ = writeln!(statements, "{indent}<!--{placeholder}-->");
        rest = after.trim_start();
    }
    let alone = rest.is_empty() && !statements.is_empty();
    if alone {
        out.push_str(&statements);
    }
    alone
}

fn push_autolinked(line: &str, tags: &Tags<'_>, out: &mut String) {
    let mut parts = line.split('<');
    out.push_str(parts.next().unwrap_or_default());
    for part in parts {
        match part.split_once('>') {
            Some((target, rest)) if tags.is_variable(target) => {
                let _ = write!(out, "[{target}]({target}){rest}");
            }
            _ => {
                out.push('<');
                out.push_str(part);
            }
        }
    }
}
