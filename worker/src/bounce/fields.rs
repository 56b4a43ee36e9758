//! Groups of fields as reports are made of (RFC 3464, 2.1): lines like those of a header, groups with an empty line
//! between.

/// One group of fields.
#[derive(Default)]
pub(super) struct Group {
    fields: Vec<(String, String)>,
}

impl Group {
    /// The first field of this name.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let mut named = self
            .fields
            .iter()
            .filter(|(known, _)| known.eq_ignore_ascii_case(name));
        named.next().map(|(_, value)| value.as_str())
    }

    /// The fields of this name.
    pub(super) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.fields
            .iter()
            .filter(move |(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    fn push(&mut self, line: &str) {
        match line.split_once(':') {
            Some((name, value)) if is_name(name) => {
                self.fields.push((name.to_owned(), value.trim().to_owned()));
            }
            _ => self.go_on(line),
        }
    }

    /// A line that goes on, folded or broken by somebody on the way.
    fn go_on(&mut self, line: &str) {
        if let Some((_, value)) = self.fields.last_mut() {
            value.push(' ');
            value.push_str(line.trim());
        }
    }
}

fn is_name(name: &str) -> bool {
    !name.is_empty()
        && name
            .bytes()
            .all(|octet| octet.is_ascii_alphanumeric() || octet == b'-' || octet == b'_')
}

/// The groups of a text.
pub(super) fn groups(text: &str) -> Vec<Group> {
    let mut groups = Vec::new();
    let mut group = Group::default();
    for line in text.lines() {
        if line.trim().is_empty() {
            if !group.fields.is_empty() {
                groups.push(std::mem::take(&mut group));
            }
        } else if line.starts_with([' ', '\t']) && !group.fields.is_empty() {
            group.go_on(line);
        } else {
            // Some leave out the empty line before the next recipient.
            if begins_recipient(line) && group.get("final-recipient").is_some() {
                groups.push(std::mem::take(&mut group));
            }
            group.push(line.trim_start());
        }
    }
    if !group.fields.is_empty() {
        groups.push(group);
    }
    groups
}

fn begins_recipient(line: &str) -> bool {
    line.split_once(':')
        .is_some_and(|(name, _)| name.trim().eq_ignore_ascii_case("final-recipient"))
}

/// A field with a type before it (`rfc822; ann@example.org`, `smtp; 550 ...`), without the type.
pub(super) fn untyped(value: &str) -> &str {
    match value.split_once(';') {
        Some((kind, rest)) if kind.trim().len() <= 24 && !kind.trim().contains(' ') => rest.trim(),
        _ => value.trim(),
    }
}
