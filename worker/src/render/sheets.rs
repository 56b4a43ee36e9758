//! Style sheets have to stand in the mail: what has to be loaded first cannot be written to the elements.

use super::error::{TemplateError, TemplateField};
use super::markup::{Piece, pieces};
use super::protect::Tags;

/// Refuses style sheets from elsewhere in protected HTML.
pub(super) fn refuse_remote(html: &str, source: &str, tags: &Tags<'_>) -> Result<(), TemplateError> {
    let mut in_style = false;
    for piece in pieces(html) {
        match piece {
            Piece::Tag(tag) => {
                in_style = !tag.closing && tag.is("style");
                let rel = tag.attribute("rel").unwrap_or_default().to_ascii_lowercase();
                if tag.is("link")
                    && !tag.closing
                    && rel.split_ascii_whitespace().any(|rel| rel == "stylesheet")
                {
                    let href = tag.attribute("href").unwrap_or_default();
                    let written = tags.first_in(href).unwrap_or(href);
                    return Err(refused(source, source.find(written)));
                }
            }
            Piece::Raw(sheet) if in_style && import_in(sheet).is_some() => {
                return Err(refused(source, import_in(source)));
            }
            _ => {}
        }
    }
    Ok(())
}

/// Where a text asks for another style sheet.
pub(super) fn import_in(text: &str) -> Option<usize> {
    text.to_ascii_lowercase().find("@import")
}

fn refused(source: &str, offset: Option<usize>) -> TemplateError {
    let message = "A style sheet from elsewhere is not loaded, here or by mail programs: put its rules into <style>. A \
                   font goes there with @font-face.";
    TemplateError::at(TemplateField::Body, source, offset.unwrap_or_default(), message)
}
