//! Lines that people read: which characters have a place in one, and whether there is anything to see in it.

/// Whether a character ends a line, turns the direction of writing for what stands behind it, or is none at all: control
/// characters, the separators of lines and paragraphs, embeddings and isolates (Unicode Standard Annex 9, 2), and
/// non-characters (Unicode Standard, 23.7).
pub fn is_stray(c: char) -> bool {
    let is_no_character = u32::from(c) & 0xFFFE == 0xFFFE || matches!(c, '\u{FDD0}'..='\u{FDEF}');
    c.is_control()
        || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
        || is_no_character
}

/// Whether a text is one line.
pub fn is_line(text: &str) -> bool {
    !text.chars().any(is_stray)
}

/// Whether there is nothing to see in a text: no character but white space, joiners, fillers and marks that are invisible.
pub fn is_blank(text: &str) -> bool {
    let is_invisible = |c: char| {
        c.is_whitespace()
            || matches!(
                c,
                '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}'
            )
            || matches!(c, '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{2060}'..='\u{206F}')
            // The blank of braille, the anchors of annotations, and the marks of shorthand and of music.
            || matches!(c, '\u{2800}' | '\u{FFF9}'..='\u{FFFB}' | '\u{1BCA0}'..='\u{1BCA3}')
            || matches!(c, '\u{1D159}' | '\u{1D173}'..='\u{1D17A}')
            || matches!(c, '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}' | '\u{E0000}'..='\u{E0FFF}')
    };
    text.chars().all(is_invisible)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_does_not_end_in_its_middle_nor_turn_round_what_follows() {
        for bad in [
            "a\u{2028}b",
            "a\u{2029}",
            "\u{202E}a",
            "a\u{2067}b",
            "a\u{FFFE}",
            "\u{1FFFF}",
            "a\nb",
            "a\u{85}b",
        ] {
            assert!(!is_line(bad), "{bad:?}");
        }
        for good in ["", "Ann", "می\u{200C}خواهم", "👩\u{200D}🌾", "a\u{200F}b"] {
            assert!(is_line(good), "{good:?}");
        }
    }

    #[test]
    fn a_name_that_nobody_can_see_is_none() {
        for blank in [
            "",
            " \u{3000}",
            "\u{200B}",
            "\u{FEFF}",
            "\u{2060}",
            "\u{3164}",
            "\u{E0041}",
        ] {
            assert!(is_blank(blank), "{blank:?}");
        }
        assert!(!is_blank("\u{200B}a"));
    }
}
