//! How large a rule may be: each of its tests is made for each of a tenant's people, and any member may write one.

use super::{NumberTest, Period, Rule, TextTest, ValueTest};
use crate::custom_field::is_exact;
use crate::line;

/// How many tests stand in each other at most.
const MAX_DEPTH: usize = 8;

/// How many tests a rule has at most.
const MAX_TESTS: usize = 64;

/// How many things of one sort a test names at most.
const MAX_NAMED: usize = 100;

/// How many things all tests of a rule name together at most.
const MAX_NAMED_IN_ALL: usize = 500;

/// How many tests a rule has at most that look at campaigns.
const MAX_CAMPAIGN_TESTS: usize = 4;

/// The longest text that a test compares with, in characters.
const MAX_TEXT_CHARS: usize = 200;

/// How far back or ahead days are counted at most: a hundred years.
const MAX_DAYS: u32 = 36_525;

/// Why a rule is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RuleError {
    /// It is too deep.
    #[error("more than {MAX_DEPTH} tests stand in each other: make it flatter")]
    TooDeep,
    /// It has too many tests.
    #[error("it has more than {MAX_TESTS} tests: make two segments of it")]
    TooMany,
    /// Something names nothing.
    #[error("`all`, `any` and every list of a test name at least one thing, and at most {MAX_NAMED}")]
    Count,
    /// Its tests name too many things.
    #[error("its tests name more than {MAX_NAMED_IN_ALL} things in all: make two segments of it")]
    TooManyNamed,
    /// It looks at campaigns too often.
    #[error("it has more than {MAX_CAMPAIGN_TESTS} tests of campaigns: make two segments of it")]
    TooManyCampaigns,
    /// A text that is none.
    #[error("a text to compare with has 1 to {MAX_TEXT_CHARS} characters and no control characters")]
    Text,
    /// A range of numbers that is none.
    #[error("a range has one end or two, of at most 15 digits, and the second is not less than the first")]
    Range,
    /// Too many days, or a time that ends before it begins.
    #[error("a time has at most {MAX_DAYS} days, and ends after it begins")]
    Period,
}

impl Rule {
    /// Checks what the types do not.
    pub fn check(&self) -> Result<(), RuleError> {
        let mut tests = 0;
        self.check_within(MAX_DEPTH, &mut tests)?;
        let tests = self.tests();
        if tests.iter().map(|test| test.names()).sum::<usize>() > MAX_NAMED_IN_ALL {
            return Err(RuleError::TooManyNamed);
        }
        let of_campaigns = |test: &&&Self| matches!(test, Self::GotCampaign(_) | Self::Clicked(_));
        if tests.iter().filter(of_campaigns).count() > MAX_CAMPAIGN_TESTS {
            return Err(RuleError::TooManyCampaigns);
        }
        Ok(())
    }

    /// How many things a test names, each of which everybody is compared with.
    fn names(&self) -> usize {
        match self {
            Self::Language(languages) => languages.len(),
            Self::OnList(test) => test.states.len(),
            Self::Consent(test) => test.said.len(),
            Self::Field(test) => match &test.value {
                ValueTest::Among(choices) => choices.len(),
                _ => 1,
            },
            _ => 1,
        }
    }

    fn check_within(&self, depth: usize, tests: &mut usize) -> Result<(), RuleError> {
        *tests += 1;
        if *tests > MAX_TESTS {
            return Err(RuleError::TooMany);
        }
        let inner = depth.checked_sub(1).ok_or(RuleError::TooDeep)?;
        match self {
            Self::All(rules) | Self::Any(rules) => {
                named(rules)?;
                rules.iter().try_for_each(|rule| rule.check_within(inner, tests))
            }
            Self::Not(rule) => rule.check_within(inner, tests),
            Self::Name(test) | Self::Company(test) => test.check(),
            Self::Language(languages) => named(languages),
            Self::Joined(period) | Self::Confirmed(period) => period.check(),
            Self::CameThrough(_) => Ok(()),
            Self::OnList(test) => named(&test.states).and_then(|()| test.since.check()),
            Self::Consent(test) => named(&test.said),
            Self::GotCampaign(test) | Self::Clicked(test) => test.when.check(),
            Self::Field(test) => test.value.check(),
        }
    }
}

fn named<T>(things: &[T]) -> Result<(), RuleError> {
    if (1..=MAX_NAMED).contains(&things.len()) {
        Ok(())
    } else {
        Err(RuleError::Count)
    }
}

impl TextTest {
    fn check(&self) -> Result<(), RuleError> {
        match self {
            Self::Known(_) => Ok(()),
            Self::Is(text) | Self::StartsWith(text) | Self::Contains(text) => check_text(text),
        }
    }
}

fn check_text(text: &str) -> Result<(), RuleError> {
    let fits = (1..=MAX_TEXT_CHARS).contains(&text.chars().count()) && line::is_line(text);
    if fits { Ok(()) } else { Err(RuleError::Text) }
}

impl ValueTest {
    fn check(&self) -> Result<(), RuleError> {
        match self {
            Self::Known(_) | Self::Flag(_) => Ok(()),
            Self::Text(test) => test.check(),
            Self::Number(range) => range.check(),
            Self::Date(period) => period.check(),
            Self::Among(choices) => {
                named(choices).and_then(|()| choices.iter().try_for_each(|choice| check_text(choice)))
            }
        }
    }
}

impl NumberTest {
    fn check(self) -> Result<(), RuleError> {
        let ends = [self.at_least, self.at_most];
        let are_numbers = ends.iter().flatten().all(|end| is_exact(*end));
        let is_range = match ends {
            [None, None] => false,
            [Some(least), Some(most)] => least <= most,
            _ => true,
        };
        if are_numbers && is_range {
            Ok(())
        } else {
            Err(RuleError::Range)
        }
    }
}

impl Period {
    fn check(self) -> Result<(), RuleError> {
        let days = [self.within_days, self.more_than_days_ago];
        let is_near = days.iter().flatten().all(|days| *days <= MAX_DAYS);
        let ends_later = self
            .from
            .zip(self.before)
            .is_none_or(|(from, before)| from < before)
            && self
                .within_days
                .zip(self.more_than_days_ago)
                .is_none_or(|(within, more)| more < within);
        if is_near && ends_later {
            Ok(())
        } else {
            Err(RuleError::Period)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::Language;
    use crate::segment::CampaignTest;

    fn joined(days: u32) -> Rule {
        Rule::Joined(Period {
            within_days: Some(days),
            ..Period::default()
        })
    }

    #[test]
    fn a_rule_has_bounds() {
        let deep = |depth| (1..depth).fold(joined(1), |rule, _| Rule::Not(Box::new(rule)));
        assert!(deep(MAX_DEPTH).check().is_ok());
        assert_eq!(deep(MAX_DEPTH + 1).check(), Err(RuleError::TooDeep));
        let wide = |tests| Rule::Any(vec![joined(1); tests]);
        assert!(wide(MAX_TESTS - 1).check().is_ok());
        assert_eq!(wide(MAX_TESTS).check(), Err(RuleError::TooMany));
        assert_eq!(Rule::All(Vec::new()).check(), Err(RuleError::Count));
        let english = Rule::Language(vec![Language::english(); MAX_NAMED]);
        assert!(Rule::Any(vec![english.clone(); 5]).check().is_ok());
        assert_eq!(Rule::Any(vec![english; 6]).check(), Err(RuleError::TooManyNamed));
        let clicked = Rule::Clicked(CampaignTest::default());
        assert_eq!(
            Rule::Any(vec![clicked; MAX_CAMPAIGN_TESTS + 1]).check(),
            Err(RuleError::TooManyCampaigns)
        );
        assert_eq!(joined(MAX_DAYS + 1).check(), Err(RuleError::Period));
        let text = |text: &str| Rule::Name(TextTest::Contains(text.into())).check();
        assert_eq!(text(""), Err(RuleError::Text));
        assert_eq!(text("a\0"), Err(RuleError::Text));
        let number = |at_least, at_most| NumberTest { at_least, at_most }.check();
        assert_eq!(number(None, None), Err(RuleError::Range));
        assert_eq!(number(Some(2.0), Some(1.0)), Err(RuleError::Range));
        assert_eq!(number(Some(f64::NAN), None), Err(RuleError::Range));
        let empty = Period {
            within_days: Some(5),
            more_than_days_ago: Some(5),
            ..Period::default()
        };
        assert_eq!(empty.check(), Err(RuleError::Period));
    }
}
