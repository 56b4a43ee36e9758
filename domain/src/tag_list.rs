//! Lists of tags, as records of DKIM and DMARC are written: `tag=value; tag=value` (RFC 6376, 3.2).

/// Reads a list: each tag once, with white space around names and values left out. `None` where it is none.
pub(crate) fn read(text: &str) -> Option<Vec<(String, String)>> {
    let mut tags: Vec<(String, String)> = Vec::new();
    let last = text.trim().strip_suffix(';').unwrap_or(text);
    for tag in last.split(';') {
        let (name, value) = tag.split_once('=')?;
        let name = name.trim();
        let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic())
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        if !is_name || tags.iter().any(|(known, _)| known == name) {
            return None;
        }
        tags.push((name.to_owned(), value.trim().to_owned()));
    }
    Some(tags)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_has_each_tag_once() {
        let read = |text| {
            read(text).map(|tags| {
                tags.into_iter()
                    .map(|(name, value)| format!("{name}:{value}"))
                    .collect::<Vec<_>>()
            })
        };
        assert_eq!(
            read("v=DMARC1;p = none ; "),
            Some(vec!["v:DMARC1".to_owned(), "p:none".to_owned()])
        );
        assert_eq!(read("p="), Some(vec!["p:".to_owned()]));
        for bad in ["", "v", "v=1; v=2", "=1", "v=1;;p=x", "1v=x"] {
            assert_eq!(read(bad), None, "{bad:?}");
        }
    }
}
