//! What servers say, and what it amounts to: the tables in `rules/`, compiled in.
//!
//! The first rule that fits decides, file by file in the order below. A rule is a regular expression in which `…` stands
//! for up to 40 characters; upper and lower case are the same.

use std::sync::LazyLock;

use assent_domain::bounce::BounceClass;
use regex::{Regex, RegexSet, RegexSetBuilder};
use serde::Deserialize;

/// The reason where nothing that is known was said.
pub(super) const UNDETERMINED: &str = "undetermined";

/// The table that is asked when codes have been, too.
const VAGUE: &str = "vague.toml";

/// The tables, in the order in which they are asked.
const TABLES: [(&str, &str); 6] = [
    ("first.toml", include_str!("rules/first.toml")),
    ("sender.toml", include_str!("rules/sender.toml")),
    ("mailbox.toml", include_str!("rules/mailbox.toml")),
    ("gone.toml", include_str!("rules/gone.toml")),
    ("way.toml", include_str!("rules/way.toml")),
    (VAGUE, include_str!("rules/vague.toml")),
];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    reason: Vec<Reason>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Reason {
    name: String,
    class: BounceClass,
    rules: Vec<Wording>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wording {
    says: String,
    #[cfg_attr(
        not(test),
        expect(
            dead_code,
            reason = "for readers, and for the test that every rule meets its own"
        )
    )]
    example: String,
}

/// A rule, with the line that shows what it is for.
struct Rule {
    class: BounceClass,
    reason: String,
    is_vague: bool,
    #[cfg(test)]
    example: String,
    #[cfg(test)]
    says: String,
}

struct Rules {
    rules: Vec<Rule>,
    set: RegexSet,
}

static RULES: LazyLock<Rules> = LazyLock::new(|| {
    let (mut rules, mut patterns) = (Vec::new(), Vec::new());
    for (file, table) in TABLES {
        for reason in parsed(file, table).reason {
            for wording in reason.rules {
                patterns.push(spelled_out(&wording.says));
                rules.push(Rule {
                    class: reason.class,
                    reason: reason.name.clone(),
                    is_vague: file == VAGUE,
                    #[cfg(test)]
                    example: wording.example,
                    #[cfg(test)]
                    says: wording.says,
                });
            }
        }
    }
    let set = RegexSetBuilder::new(patterns)
        .size_limit(64 << 20)
        .dfa_size_limit(16 << 20)
        .build();
    #[expect(
        clippy::expect_used,
        reason = "the tables are compiled in, and a test reads them all"
    )]
    let set = set.expect("the tables hold regular expressions");
    Rules { rules, set }
});

/// A rule as a regular expression. The ends of words are those of ASCII: with all of Unicode's, letters beyond ASCII would
/// make the search many times slower.
fn spelled_out(says: &str) -> String {
    let says = says.replace('…', ".{0,40}").replace(r"\b", r"(?-u:\b)");
    format!("(?is){says}")
}

fn parsed(file: &str, table: &str) -> Table {
    #[expect(
        clippy::panic,
        reason = "the tables are compiled in, and a test reads them all"
    )]
    toml::from_str(table).unwrap_or_else(|error| panic!("rules/{file}: {error}"))
}

/// What words that are known amount to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Saying {
    pub(super) class: BounceClass,
    pub(super) reason: &'static str,
    /// Servers say so of many things.
    pub(super) is_vague: bool,
}

/// What the words amount to, if they are known.
pub(super) fn by_words(text: &str) -> Option<Saying> {
    let first = RULES.set.matches(text).iter().next()?;
    let rule = RULES.rules.get(first)?;
    Some(Saying {
        class: rule.class,
        reason: &rule.reason,
        is_vague: rule.is_vague,
    })
}

/// A regular expression that stands in the code.
pub(super) fn pattern(text: &str) -> Regex {
    #[expect(
        clippy::expect_used,
        reason = "a constant of the program, which its tests come by"
    )]
    Regex::new(text).expect("a regular expression")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bounce::evidence::Evidence;

    #[test]
    fn every_rule_is_met_by_its_own_example_and_by_none_before_it() {
        let mut wrong = Vec::new();
        for rule in &RULES.rules {
            let evidence = Evidence::of(&rule.example);
            let by_itself = pattern(&spelled_out(&rule.says));
            if !by_itself.is_match(&evidence.text) {
                wrong.push(format!(
                    "{}: {:?} does not meet its example {:?}",
                    rule.reason, rule.says, rule.example
                ));
            } else if by_words(&evidence.text)
                .is_none_or(|by| by.reason != rule.reason || by.class != rule.class)
            {
                let by = by_words(&evidence.text);
                wrong.push(format!("{}: {:?} is taken for {by:?}", rule.reason, rule.example));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        assert!(RULES.rules.len() > 200);
    }
}
