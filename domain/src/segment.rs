//! Segments: which of a tenant's people are meant, as a tree of tests. The store makes a question to the database of
//! one; this is what it may say.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use strum::{Display, EnumString, IntoStaticStr};

use crate::clock::Timestamp;
use crate::custom_field::FieldKey;
use crate::id::{CampaignId, CollectionPointId, MailingListId};
use crate::language::Language;
use crate::mailing_list::SubscriptionState;
use crate::purpose::PurposeCode;

mod bounds;

pub use bounds::RuleError;

/// Who is meant. Each rule is true or false of everybody: what is not known of a person passes no test about it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub enum Rule {
    /// Whoever passes all of these.
    All(Vec<Rule>),
    /// Whoever passes one of these.
    Any(Vec<Rule>),
    /// Whoever does not pass this.
    Not(Box<Rule>),
    /// By name.
    Name(TextTest),
    /// By company.
    Company(TextTest),
    /// Who signed up in one of these languages, or in a variety of it: `de` takes `de-AT` in.
    Language(Vec<Language>),
    /// Who first gave information then.
    Joined(Period),
    /// Who first confirmed then; at any time, if it names none.
    Confirmed(Period),
    /// Who came through a form.
    CameThrough(CameThrough),
    /// By where they stand with a list.
    OnList(OnList),
    /// By what they last said to a purpose.
    Consent(ConsentTest),
    /// Who got a campaign then.
    GotCampaign(CampaignTest),
    /// Who followed a measured link then, as long as they agree to be measured.
    Clicked(CampaignTest),
    /// By a field of the tenant's own.
    Field(FieldTest),
}

/// A test of a text. The letters a to z are alike in upper and lower case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub enum TextTest {
    /// It is this.
    Is(String),
    /// It begins so.
    StartsWith(String),
    /// It has this in it.
    Contains(String),
    /// Whether there is one.
    Known(bool),
}

/// A time by points, or by days that end now. Without anything: whenever.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Period {
    /// Not before this.
    #[serde(default, with = "rfc3339", skip_serializing_if = "Option::is_none")]
    pub from: Option<Timestamp>,
    /// Before this.
    #[serde(default, with = "rfc3339", skip_serializing_if = "Option::is_none")]
    pub before: Option<Timestamp>,
    /// Within so many days up to now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within_days: Option<u32>,
    /// More than so many days ago.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub more_than_days_ago: Option<u32>,
}

/// By which form somebody came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CameThrough {
    /// Which form.
    pub collection_point_id: CollectionPointId,
}

/// Where somebody stands with a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct OnList {
    /// Which list.
    pub mailing_list_id: MailingListId,
    /// In one of these states.
    pub states: Vec<SubscriptionState>,
    /// Since then.
    #[serde(default, skip_serializing_if = "Period::is_any")]
    pub since: Period,
}

/// What somebody last said to a purpose.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, Display, EnumString, IntoStaticStr,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum Said {
    /// They were asked, and have not answered.
    Requested,
    /// Yes, and it still counts.
    Given,
    /// No.
    Refused,
    /// Yes, and took it back.
    Withdrawn,
    /// Yes, and its time is over.
    Expired,
    /// Nothing, and nobody asked.
    Nothing,
}

/// By what somebody last said to a purpose.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ConsentTest {
    /// The code of the purpose.
    pub purpose: PurposeCode,
    /// One of these.
    pub said: Vec<Said>,
}

/// Something that happened with a campaign.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CampaignTest {
    /// With this one; with any, if none is named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub campaign_id: Option<CampaignId>,
    /// Then.
    #[serde(default, skip_serializing_if = "Period::is_any")]
    pub when: Period,
}

/// A test of a field of the tenant's own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FieldTest {
    /// The field's key.
    pub key: FieldKey,
    /// What is tested of its value.
    #[serde(flatten)]
    pub value: ValueTest,
}

/// What is tested of a value; it has to fit what sort of field it is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ValueTest {
    /// Whether there is one: any sort.
    Known(bool),
    /// Of a text.
    Text(TextTest),
    /// Of a number.
    Number(NumberTest),
    /// Of a date. Days are counted in UTC.
    Date(Period),
    /// Of a flag.
    Flag(bool),
    /// Of a choice: one of these.
    Among(Vec<String>),
}

/// A range of numbers, both ends in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NumberTest {
    /// Not less than this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_least: Option<f64>,
    /// Not more than this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_most: Option<f64>,
}

impl Rule {
    /// All tests of the tree that hold no others.
    pub fn tests(&self) -> Vec<&Self> {
        match self {
            Self::All(rules) | Self::Any(rules) => rules.iter().flat_map(Self::tests).collect(),
            Self::Not(rule) => rule.tests(),
            _ => vec![self],
        }
    }

    /// Whether it asks who somebody is, or what the tenant keeps of them: a count for such a rule tells it (P15).
    pub fn asks_who(&self) -> bool {
        self.tests()
            .iter()
            .any(|test| matches!(test, Self::Name(_) | Self::Company(_) | Self::Field(_)))
    }

    /// The same without the words that it compares people with: they may be somebody's, and an audit log keeps what it is
    /// told (P17).
    #[must_use]
    pub fn without_words(&self) -> Self {
        let all = |rules: &[Self]| rules.iter().map(Self::without_words).collect();
        match self {
            Self::All(rules) => Self::All(all(rules)),
            Self::Any(rules) => Self::Any(all(rules)),
            Self::Not(rule) => Self::Not(Box::new(rule.without_words())),
            Self::Name(test) => Self::Name(test.without_words()),
            Self::Company(test) => Self::Company(test.without_words()),
            Self::Field(test) => Self::Field(test.without_words()),
            test => test.clone(),
        }
    }

    /// The fields of the tenant's own that it tests.
    pub fn fields(&self) -> BTreeSet<&FieldKey> {
        let tests = self.tests().into_iter();
        tests
            .filter_map(|test| match test {
                Self::Field(of) => Some(&of.key),
                _ => None,
            })
            .collect()
    }
}

impl TextTest {
    fn without_words(&self) -> Self {
        let none = "...".to_owned();
        match self {
            Self::Is(_) => Self::Is(none),
            Self::StartsWith(_) => Self::StartsWith(none),
            Self::Contains(_) => Self::Contains(none),
            Self::Known(is_known) => Self::Known(*is_known),
        }
    }
}

impl FieldTest {
    /// A number, a date or a choice may be somebody's as well as a word.
    fn without_words(&self) -> Self {
        let value = match &self.value {
            ValueTest::Known(is_known) => ValueTest::Known(*is_known),
            ValueTest::Text(test) => ValueTest::Text(test.without_words()),
            _ => ValueTest::Text(TextTest::Is("...".to_owned())),
        };
        Self {
            key: self.key.clone(),
            value,
        }
    }
}

impl Period {
    /// Whether it is whenever.
    pub fn is_any(&self) -> bool {
        *self == Self::default()
    }
}

/// Points in time in a stored rule, as clients write them.
mod rfc3339 {
    use chrono::{DateTime, Utc};
    use serde::{Deserialize, Deserializer, Serializer};

    use crate::clock::Timestamp;

    #[expect(clippy::ref_option, reason = "serde calls it so")]
    pub(super) fn serialize<S: Serializer>(at: &Option<Timestamp>, to: S) -> Result<S::Ok, S::Error> {
        match at {
            Some(at) => to.collect_str(at),
            None => to.serialize_none(),
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Timestamp>, D::Error> {
        let at: Option<DateTime<Utc>> = Option::deserialize(from)?;
        Ok(at.map(Timestamp::from))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::new_id;

    fn joined(days: u32) -> Rule {
        Rule::Joined(Period {
            within_days: Some(days),
            ..Period::default()
        })
    }

    #[test]
    fn a_rule_is_read_as_it_was_written() {
        let list = new_id(Timestamp::from_micros(0));
        let rule = Rule::All(vec![
            joined(30),
            Rule::Not(Box::new(Rule::Company(TextTest::StartsWith("Ac\"me".into())))),
            Rule::Any(vec![
                Rule::OnList(OnList {
                    mailing_list_id: list,
                    states: vec![SubscriptionState::Active],
                    since: Period {
                        from: Some(Timestamp::from_micros(1_700_000_000_000_000)),
                        ..Period::default()
                    },
                }),
                Rule::Field(FieldTest {
                    key: FieldKey::parse("size").unwrap(),
                    value: ValueTest::Number(NumberTest {
                        at_least: Some(38.5),
                        at_most: None,
                    }),
                }),
            ]),
            Rule::Clicked(CampaignTest::default()),
        ]);
        let text = serde_json::to_string(&rule).unwrap();
        assert_eq!(
            text,
            format!(
                r#"{{"all":[{{"joined":{{"withinDays":30}}}},{{"not":{{"company":{{"startsWith":"Ac\"me"}}}}}},{{"any":[{{"onList":{{"mailingListId":"{list}","states":["ACTIVE"],"since":{{"from":"2023-11-14T22:13:20Z"}}}}}},{{"field":{{"key":"size","number":{{"atLeast":38.5}}}}}}]}},{{"clicked":{{}}}}]}}"#
            )
        );
        assert_eq!(serde_json::from_str::<Rule>(&text).unwrap(), rule);
        assert!(rule.check().is_ok());
        assert!(rule.fields().contains(&FieldKey::parse("size").unwrap()));
        assert!(rule.asks_who() && !joined(1).asks_who());
    }
}
