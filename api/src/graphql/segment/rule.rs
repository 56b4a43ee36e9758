//! The rule of a segment as clients write it, and as they read it.

use assent_domain::custom_field::FieldKey;
use assent_domain::language::Language;
use assent_domain::purpose::PurposeCode;
use assent_domain::segment::{self as domain, Rule};
use async_graphql::{
    Description, Enum, ID, InputObject, InputValueError, InputValueResult, OneofObject, Scalar, ScalarType,
    Value,
};

use crate::graphql::error::{ApiError, Result};
use crate::graphql::id;
use crate::graphql::mailing_list::SubscriptionState;
use crate::graphql::time::Time;

/// The rule of a segment as JSON, in the form of `SegmentRuleInput`: what is read here can be sent there.
#[derive(Description, Clone, Debug, PartialEq)]
pub(crate) struct SegmentRule(pub(super) Rule);

#[Scalar(use_type_description)]
impl ScalarType for SegmentRule {
    fn parse(value: Value) -> InputValueResult<Self> {
        let rule = value
            .into_json()
            .and_then(serde_json::from_value)
            .map_err(InputValueError::custom)?;
        Ok(Self(rule))
    }

    fn to_value(&self) -> Value {
        async_graphql::to_value(&self.0).unwrap_or_default()
    }
}

/// Who is meant: one test, or several in one another, at most 8 deep and 64 in all, which name at most 500 things. What is not known of a person passes no
/// test about it; `not` takes in whoever does not pass.
#[derive(OneofObject)]
pub(crate) enum SegmentRuleInput {
    /// Whoever passes all of these.
    All(Vec<SegmentRuleInput>),
    /// Whoever passes one of these.
    Any(Vec<SegmentRuleInput>),
    /// Whoever does not pass this.
    Not(Box<SegmentRuleInput>),
    /// By name.
    Name(TextTestInput),
    /// By company.
    Company(TextTestInput),
    /// Who signed up in one of these languages (BCP 47), or in a variety of it: `de` takes `de-AT` in.
    Language(Vec<String>),
    /// Who first gave information then.
    Joined(PeriodInput),
    /// Who first confirmed then; whenever, if it says nothing.
    Confirmed(PeriodInput),
    /// Who came through a form.
    CameThrough(CameThroughInput),
    /// By where they stand with a list.
    OnList(OnListInput),
    /// By what they last said to a purpose.
    Consent(ConsentTestInput),
    /// Who got a campaign then: their mail server took it. At most 4 tests of a rule look at campaigns.
    GotCampaign(CampaignTestInput),
    /// Who first followed a measured link then. Nobody is measured who has not agreed to that, and nobody counts who does not any
    /// more.
    Clicked(CampaignTestInput),
    /// By a custom field.
    Field(FieldTestInput),
}

/// A test of a text of 1 to 200 characters. The letters a to z are alike in upper and lower case.
#[derive(OneofObject)]
pub(crate) enum TextTestInput {
    /// It is this.
    Is(String),
    /// It begins so.
    StartsWith(String),
    /// It has this in it.
    Contains(String),
    /// Whether there is one.
    Known(bool),
}

/// A time: all of what is said holds. Without anything: whenever.
#[derive(InputObject, Default)]
pub(crate) struct PeriodInput {
    /// Not before this.
    from: Option<Time>,
    /// Before this.
    before: Option<Time>,
    /// Within so many days of 24 hours up to now: at most 36,525.
    within_days: Option<u32>,
    /// More than so many days ago: at most 36,525.
    more_than_days_ago: Option<u32>,
}

/// By which form somebody came.
#[derive(InputObject)]
pub(crate) struct CameThroughInput {
    /// Which form: an id that begins with form_.
    collection_point_id: ID,
}

/// Where somebody stands with a list.
#[derive(InputObject)]
pub(crate) struct OnListInput {
    /// Which list: an id that begins with list_.
    mailing_list_id: ID,
    /// In one of these states.
    #[graphql(default_with = "vec![SubscriptionState::Active]")]
    states: Vec<SubscriptionState>,
    /// Since then; whenever, if not said.
    #[graphql(default)]
    since: PeriodInput,
}

/// What somebody last said to a purpose.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "domain::Said")]
pub(crate) enum Said {
    /// They were asked, and have not answered.
    Requested,
    /// Yes, and it still counts.
    Given,
    /// No.
    Refused,
    /// Yes, and they took it back.
    Withdrawn,
    /// Yes, and its time is over.
    Expired,
    /// Nothing, and nobody asked.
    Nothing,
}

/// By what somebody last said to a purpose.
#[derive(InputObject)]
pub(crate) struct ConsentTestInput {
    /// The code of the purpose.
    purpose: String,
    /// One of these.
    #[graphql(default_with = "vec![Said::Given]")]
    said: Vec<Said>,
}

/// Something that happened with a campaign.
#[derive(InputObject)]
pub(crate) struct CampaignTestInput {
    /// With which: an id that begins with campaign_. Any, if not said; who got one is looked up among the newest 50.
    campaign_id: Option<ID>,
    /// When; whenever, if not said.
    #[graphql(default)]
    when: PeriodInput,
}

/// A test of a custom field: its key, and one test that fits its kind. Where nothing is kept of somebody, only
/// `known: false` takes them in.
#[derive(InputObject)]
pub(crate) struct FieldTestInput {
    /// The field's key.
    key: String,
    /// Whether there is a value.
    known: Option<bool>,
    /// Of a `TEXT` or a `CHOICE`.
    text: Option<TextTestInput>,
    /// Of a `NUMBER`.
    number: Option<NumberTestInput>,
    /// Of a `DATE`, by days in UTC; `withinDays` ends today.
    date: Option<PeriodInput>,
    /// Of a `FLAG`.
    flag: Option<bool>,
    /// Of a `CHOICE`: one of these.
    among: Option<Vec<String>>,
}

/// A range of numbers, both ends in it; at least one is said.
#[derive(InputObject)]
pub(crate) struct NumberTestInput {
    /// Not less than this.
    at_least: Option<f64>,
    /// Not more than this.
    at_most: Option<f64>,
}

const RULE: &str = "rule";

impl TryFrom<SegmentRuleInput> for Rule {
    type Error = ApiError;

    fn try_from(input: SegmentRuleInput) -> Result<Self> {
        use SegmentRuleInput as Input;
        let each = |rules: Vec<Input>| rules.into_iter().map(Self::try_from).collect::<Result<_>>();
        Ok(match input {
            Input::All(rules) => Self::All(each(rules)?),
            Input::Any(rules) => Self::Any(each(rules)?),
            Input::Not(rule) => Self::Not(Box::new(Self::try_from(*rule)?)),
            Input::Name(test) => Self::Name(test.into()),
            Input::Company(test) => Self::Company(test.into()),
            Input::Language(tags) => Self::Language(languages(&tags)?),
            Input::Joined(period) => Self::Joined(period.into()),
            Input::Confirmed(period) => Self::Confirmed(period.into()),
            Input::CameThrough(test) => Self::CameThrough(domain::CameThrough {
                collection_point_id: id::parse(RULE, &test.collection_point_id)?,
            }),
            Input::OnList(test) => Self::OnList(domain::OnList {
                mailing_list_id: id::parse(RULE, &test.mailing_list_id)?,
                states: test.states.into_iter().map(Into::into).collect(),
                since: test.since.into(),
            }),
            Input::Consent(test) => Self::Consent(domain::ConsentTest {
                purpose: PurposeCode::parse(&test.purpose)
                    .map_err(|error| ApiError::bad_input(RULE, error))?,
                said: test.said.into_iter().map(Into::into).collect(),
            }),
            Input::GotCampaign(test) => Self::GotCampaign(test.try_into()?),
            Input::Clicked(test) => Self::Clicked(test.try_into()?),
            Input::Field(test) => Self::Field(test.try_into()?),
        })
    }
}

fn languages(tags: &[String]) -> Result<Vec<Language>> {
    let tags = tags.iter().map(|tag| Language::parse(tag));
    tags.collect::<Result<_, _>>()
        .map_err(|error| ApiError::bad_input(RULE, error))
}

impl From<TextTestInput> for domain::TextTest {
    fn from(test: TextTestInput) -> Self {
        match test {
            TextTestInput::Is(words) => Self::Is(words),
            TextTestInput::StartsWith(words) => Self::StartsWith(words),
            TextTestInput::Contains(words) => Self::Contains(words),
            TextTestInput::Known(is_known) => Self::Known(is_known),
        }
    }
}

impl From<PeriodInput> for domain::Period {
    fn from(period: PeriodInput) -> Self {
        Self {
            from: period.from.map(|time| time.0),
            before: period.before.map(|time| time.0),
            within_days: period.within_days,
            more_than_days_ago: period.more_than_days_ago,
        }
    }
}

impl TryFrom<CampaignTestInput> for domain::CampaignTest {
    type Error = ApiError;

    fn try_from(test: CampaignTestInput) -> Result<Self> {
        let campaign = test.campaign_id.as_ref();
        Ok(Self {
            campaign_id: campaign.map(|id| id::parse(RULE, id)).transpose()?,
            when: test.when.into(),
        })
    }
}

impl TryFrom<FieldTestInput> for domain::FieldTest {
    type Error = ApiError;

    fn try_from(test: FieldTestInput) -> Result<Self> {
        let key = FieldKey::parse(&test.key).map_err(|error| ApiError::bad_input(RULE, error))?;
        let number = |test: NumberTestInput| domain::NumberTest {
            at_least: test.at_least,
            at_most: test.at_most,
        };
        let tests = [
            test.known.map(domain::ValueTest::Known),
            test.text.map(|test| domain::ValueTest::Text(test.into())),
            test.number.map(|test| domain::ValueTest::Number(number(test))),
            test.date.map(|period| domain::ValueTest::Date(period.into())),
            test.flag.map(domain::ValueTest::Flag),
            test.among.map(domain::ValueTest::Among),
        ];
        let mut tests = tests.into_iter().flatten();
        if let (Some(value), None) = (tests.next(), tests.next()) {
            return Ok(Self { key, value });
        }
        let message = format!("{key}: say one test beside the key, and put several into `all` or `any`");
        Err(ApiError::bad_input(RULE, message))
    }
}
