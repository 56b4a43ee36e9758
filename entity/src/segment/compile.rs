//! From the rule of a segment to a condition that both databases read alike. Every piece of its text is one of this file's
//! own; all that a tenant wrote goes beside it, as a value.

use std::collections::BTreeMap;
use std::time::Duration;

use assent_domain::clock::Timestamp;
use assent_domain::custom_field::FieldKind;
use assent_domain::id::PurposeId;
use assent_domain::purpose::PurposeKind;
use assent_domain::segment::{
    CampaignTest, ConsentTest, FieldTest, NumberTest, OnList, Period, Rule, Said, TextTest, ValueTest,
};
use sea_orm::{ConnectionTrait, DatabaseBackend, Value};
use uuid::Uuid;

use crate::custom_field::{self, CustomField};
use crate::error::StoreError;
use crate::purpose::{self, Purpose};
use crate::tx::TenantTx;
use crate::{campaign, collection_point, mailing_list, naming};

use super::lead::Lead;

const DAY: Duration = Duration::from_hours(24);

/// How many campaigns are looked at where none is named.
const NEWEST_CAMPAIGNS: u8 = 50;

/// A condition about a subscriber `s`; `$1` is the tenant.
#[derive(Clone, Debug)]
pub(crate) struct Condition {
    /// Its text. It is true or false, never unknown.
    pub(crate) sql: String,
    /// What stands in its places, in their order.
    pub(crate) values: Vec<Value>,
    /// Where to begin to look for whom it means, if that is not with everybody.
    pub(crate) lead: Option<Lead>,
}

/// Whether what a rule names has to be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Names {
    /// It has: somebody writes the rule, or is about to use it.
    Required,
    /// It had, when the rule was kept. A field that is gone since has no value of anybody.
    Remembered,
}

/// Makes a condition of a rule, with its values from `$first` on. What the rule names has to be the tenant's.
pub(crate) async fn compile<M>(tx: &TenantTx<M>, rule: &Rule, first: usize) -> Result<Condition, StoreError> {
    rule.check().map_err(|error| StoreError::invalid("rule", error))?;
    compile_with(tx, rule, first, Names::Required).await
}

/// The same of a rule that was kept as it was.
pub(super) async fn compile_frozen<M>(
    tx: &TenantTx<M>,
    rule: &Rule,
    first: usize,
) -> Result<Condition, StoreError> {
    compile_with(tx, rule, first, Names::Remembered).await
}

async fn compile_with<M>(
    tx: &TenantTx<M>,
    rule: &Rule,
    first: usize,
    names: Names,
) -> Result<Condition, StoreError> {
    let mut compiler = Compiler {
        world: World::of(tx, rule).await?,
        names,
        now: tx.now(),
        backend: tx.conn().get_database_backend(),
        first,
        values: Vec::new(),
    };
    let sql = compiler.rule(rule)?;
    let fields = &compiler.world.fields;
    Ok(Condition {
        sql,
        lead: Lead::of(rule, |key| fields.get(key).map(|field| field.id.uuid())),
        values: compiler.values,
    })
}

/// What a rule speaks of, as it is at the tenant's.
#[derive(Default)]
struct World {
    purposes: BTreeMap<String, Purpose>,
    fields: BTreeMap<String, CustomField>,
    /// Under which circumstances a click may be looked at, by what it was measured for.
    measured: Vec<Measured>,
}

/// A purpose for which clicks are measured, that the policy in force names.
struct Measured {
    purpose: PurposeId,
    /// The versions under which somebody can have agreed to it.
    versions: Vec<Uuid>,
    /// The latest time of a yes that has run out.
    over_up_to: i64,
}

impl World {
    async fn of<M>(tx: &TenantTx<M>, rule: &Rule) -> Result<Self, StoreError> {
        let mut world = Self::default();
        for test in rule.tests() {
            match test {
                Rule::Consent(of) => {
                    let purpose = purpose::by_code(tx, "rule", of.purpose.as_str()).await?;
                    world.purposes.insert(purpose.code.clone(), purpose);
                }
                Rule::Field(_) if world.fields.is_empty() => {
                    let all = custom_field::all(tx).await?.into_iter();
                    world.fields = all.map(|field| (field.key.to_string(), field)).collect();
                }
                Rule::OnList(of) => {
                    mailing_list::by_id(tx, of.mailing_list_id).await?;
                }
                Rule::CameThrough(of) => {
                    collection_point::by_id(tx, of.collection_point_id).await?;
                }
                Rule::GotCampaign(of) => require(tx, of).await?,
                Rule::Clicked(of) => {
                    require(tx, of).await?;
                    if world.measured.is_empty() {
                        world.measured = measured(tx).await?;
                    }
                }
                _ => {}
            }
        }
        Ok(world)
    }

    fn purpose(&self, test: &ConsentTest) -> Result<&Purpose, StoreError> {
        self.purposes
            .get(test.purpose.as_str())
            .ok_or(StoreError::NotFound("purpose"))
    }
}

async fn require<M>(tx: &TenantTx<M>, test: &CampaignTest) -> Result<(), StoreError> {
    if let Some(id) = test.campaign_id {
        campaign::by_id(tx, id).await?;
    }
    Ok(())
}

async fn measured<M>(tx: &TenantTx<M>) -> Result<Vec<Measured>, StoreError> {
    let mut measured = Vec::new();
    let all = purpose::all(tx).await?.into_iter();
    for purpose in all.filter(|purpose| purpose.kind == PurposeKind::Analytics) {
        let naming = naming::naming(tx, purpose.id).await?;
        if naming.in_force() {
            measured.push(Measured {
                over_up_to: over_up_to(&purpose, tx.now()),
                purpose: purpose.id,
                versions: naming.versions().collect(),
            });
        }
    }
    Ok(measured)
}

struct Compiler {
    world: World,
    names: Names,
    now: Timestamp,
    backend: DatabaseBackend,
    first: usize,
    values: Vec<Value>,
}

impl Compiler {
    fn place(&mut self, value: impl Into<Value>) -> String {
        self.values.push(value.into());
        format!("${}", self.first + self.values.len() - 1)
    }

    fn places<T: Into<Value>>(&mut self, values: impl IntoIterator<Item = T>) -> String {
        let places: Vec<_> = values.into_iter().map(|value| self.place(value)).collect();
        places.join(", ")
    }

    fn rule(&mut self, rule: &Rule) -> Result<String, StoreError> {
        match rule {
            Rule::All(rules) => self.joined(rules, " AND "),
            Rule::Any(rules) => self.joined(rules, " OR "),
            Rule::Not(rule) => Ok(format!("NOT {}", self.rule(rule)?)),
            Rule::Name(test) => Ok(self.own_text("s.name", test)),
            Rule::Company(test) => Ok(self.own_text("s.company", test)),
            Rule::Language(tags) => {
                let tags = tags.iter().map(|tag| self.language(tag.as_str()));
                let any: Vec<_> = tags.collect();
                Ok(format!("(s.language IS NOT NULL AND ({}))", any.join(" OR ")))
            }
            Rule::Joined(period) => Ok(self.during("s.created_at", *period)),
            Rule::Confirmed(period) => Ok(format!(
                "(s.confirmed_at IS NOT NULL AND {})",
                self.during("s.confirmed_at", *period)
            )),
            Rule::CameThrough(of) => {
                let form = self.place(of.collection_point_id.uuid());
                Ok(format!(
                    "(s.collection_point_id IS NOT NULL AND s.collection_point_id = {form})"
                ))
            }
            Rule::OnList(test) => Ok(self.on_list(test)),
            Rule::Consent(test) => self.consent(test),
            Rule::GotCampaign(test) => Ok(self.got_campaign(*test)),
            Rule::Clicked(test) => Ok(self.clicked(*test)),
            Rule::Field(test) => self.field(test),
        }
    }

    fn joined(&mut self, rules: &[Rule], by: &str) -> Result<String, StoreError> {
        let rules: Vec<_> = rules
            .iter()
            .map(|rule| self.rule(rule))
            .collect::<Result<_, _>>()?;
        Ok(format!("({})", rules.join(by)))
    }

    /// A column as it is compared: SQLite knows the letters a to z as alike, and PostgreSQL no others in this collation.
    fn folded(&self, column: &str) -> String {
        if self.backend == DatabaseBackend::Postgres {
            format!("LOWER({column} COLLATE \"C\")")
        } else {
            format!("LOWER({column})")
        }
    }

    /// Of a column that is empty where nothing is known.
    fn own_text(&mut self, column: &str, test: &TextTest) -> String {
        match test {
            TextTest::Known(true) => format!("({column} <> '')"),
            TextTest::Known(false) => format!("({column} = '')"),
            _ => self.text(column, test),
        }
    }

    fn text(&mut self, column: &str, test: &TextTest) -> String {
        let folded = self.folded(column);
        match test {
            TextTest::Known(is_known) => always(*is_known),
            TextTest::Is(wanted) => format!("({folded} = {})", self.place(wanted.to_ascii_lowercase())),
            TextTest::StartsWith(wanted) => {
                let start = self.place(wanted.to_ascii_lowercase());
                format!("(SUBSTR({folded}, 1, LENGTH({start})) = {start})")
            }
            TextTest::Contains(wanted) => {
                let part = self.place(wanted.to_ascii_lowercase());
                if self.backend == DatabaseBackend::Postgres {
                    format!("(STRPOS({folded}, {part}) > 0)")
                } else {
                    format!("(INSTR({folded}, {part}) > 0)")
                }
            }
        }
    }

    /// The tag itself, or one that goes on behind it.
    fn language(&mut self, tag: &str) -> String {
        let (tag, longer) = (self.place(tag.to_owned()), self.place(format!("{tag}-")));
        format!("s.language = {tag} OR SUBSTR(s.language, 1, LENGTH({longer})) = {longer}")
    }

    fn during(&mut self, column: &str, period: Period) -> String {
        let ago = |days: u32| self.now.before(DAY.saturating_mul(days));
        let bounds = [
            (" >= ", period.from),
            (" < ", period.before),
            (" >= ", period.within_days.map(ago)),
            (" < ", period.more_than_days_ago.map(ago)),
        ];
        self.bounded(column, bounds.map(|(sign, at)| (sign, at.map(Timestamp::micros))))
    }

    fn bounded<T: Into<Value>, const N: usize>(
        &mut self,
        column: &str,
        bounds: [(&'static str, Option<T>); N],
    ) -> String {
        let bounds: Vec<_> = bounds
            .into_iter()
            .filter_map(|(sign, value)| Some(format!("{column}{sign}{}", self.place(value?))))
            .collect();
        if bounds.is_empty() {
            always(true)
        } else {
            format!("({})", bounds.join(" AND "))
        }
    }

    fn on_list(&mut self, test: &OnList) -> String {
        let list = self.place(test.mailing_list_id.uuid());
        let states = self.places(test.states.iter().map(ToString::to_string));
        let since = self.during("u.changed_at", test.since);
        format!(
            "EXISTS (SELECT 1 FROM subscription u WHERE u.tenant_id = $1 AND u.list_id = {list}
               AND u.subscriber_id = s.id AND u.state IN ({states}) AND {since})"
        )
    }

    /// What somebody said and what they did not: each a case of its own, as the rule of sending has them.
    fn consent(&mut self, test: &ConsentTest) -> Result<String, StoreError> {
        let purpose = self.world.purpose(test)?;
        let over_up_to = over_up_to(purpose, self.now);
        let purpose = self.place(purpose.id.uuid());
        let theirs = format!(
            "SELECT 1 FROM consent c WHERE c.tenant_id = $1 AND c.subscriber_id = s.id AND c.purpose_id = {purpose}"
        );
        let cases = test.said.iter().map(|said| match said {
            Said::Nothing => format!("NOT EXISTS ({theirs})"),
            Said::Given => {
                let over = self.place(over_up_to);
                format!("EXISTS ({theirs} AND c.state = 'GIVEN' AND c.recorded_at > {over})")
            }
            Said::Expired => {
                let over = self.place(over_up_to);
                format!(
                    "EXISTS ({theirs} AND (c.state = 'EXPIRED' OR c.state = 'GIVEN' AND c.recorded_at <= {over}))"
                )
            }
            Said::Requested | Said::Refused | Said::Withdrawn => {
                let state = self.place(said.to_string());
                format!("EXISTS ({theirs} AND c.state = {state})")
            }
        });
        let cases: Vec<_> = cases.collect();
        Ok(format!("({})", cases.join(" OR ")))
    }

    /// Of all campaigns, the newest are looked at: each costs a look for everybody.
    fn got_campaign(&mut self, test: CampaignTest) -> String {
        let mailings = match test.campaign_id {
            Some(campaign) => format!("m.campaign_id = {}", self.place(campaign.uuid())),
            None => format!(
                "m.campaign_id IS NOT NULL
                 AND m.id >= COALESCE((SELECT n.id FROM mailing n WHERE n.tenant_id = $1 AND n.campaign_id IS NOT NULL
                                       ORDER BY n.id DESC LIMIT 1 OFFSET {}), {})",
                NEWEST_CAMPAIGNS - 1,
                self.place(Uuid::nil())
            ),
        };
        let when = self.during("d.changed_at", test.when);
        format!(
            "EXISTS (SELECT 1 FROM mailing m CROSS JOIN delivery d
               WHERE m.tenant_id = $1 AND {mailings}
                 AND d.tenant_id = $1 AND d.mailing_id = m.id AND d.recipient_id = s.id AND d.status = 'SENT'
                 AND {when})"
        )
    }

    /// A click counts while it might be measured: as long as the person agrees to that, by a yes that counts, and has not
    /// restricted the use of their data.
    fn clicked(&mut self, test: CampaignTest) -> String {
        let campaign = match test.campaign_id {
            Some(campaign) => format!("k.campaign_id = {}", self.place(campaign.uuid())),
            None => always(true),
        };
        let when = self.during("k.clicked_at", test.when);
        let measured = std::mem::take(&mut self.world.measured);
        let agreed: Vec<_> = measured
            .iter()
            .map(|of| {
                let (purpose, over) = (self.place(of.purpose.uuid()), self.place(of.over_up_to));
                let versions = self.places(of.versions.iter().copied());
                format!(
                    "t.purpose_id = {purpose} AND c.recorded_at > {over} AND c.policy_version_id IN ({versions})"
                )
            })
            .collect();
        self.world.measured = measured;
        if agreed.is_empty() {
            return always(false);
        }
        format!(
            "(s.restricted_at IS NULL AND EXISTS (SELECT 1 FROM link_click k
               JOIN campaign_tracking t ON t.tenant_id = k.tenant_id AND t.campaign_id = k.campaign_id
               JOIN consent c ON c.tenant_id = k.tenant_id AND c.subscriber_id = k.subscriber_id
                             AND c.purpose_id = t.purpose_id AND c.state = 'GIVEN'
               WHERE k.tenant_id = $1 AND k.subscriber_id = s.id AND {campaign} AND {when} AND ({})))",
            agreed.join(" OR ")
        )
    }

    fn field(&mut self, test: &FieldTest) -> Result<String, StoreError> {
        let Some(field) = self.world.fields.get(test.key.as_str()).cloned() else {
            return self.gone(
                test,
                format!("there is no custom field {}: make it first", test.key),
            );
        };
        let place = self.place(field.id.uuid());
        let theirs = format!(
            "EXISTS (SELECT 1 FROM custom_value v
               WHERE v.tenant_id = $1 AND v.subscriber_id = s.id AND v.field_id = {place}"
        );
        let holds = match (&test.value, field.kind) {
            (ValueTest::Known(true), _) => return Ok(format!("{theirs})")),
            (ValueTest::Known(false), _) => return Ok(format!("NOT {theirs})")),
            (ValueTest::Text(TextTest::Known(_)), _) => {
                let message = format!("{}: say `known` beside the key, not within `text`", field.key);
                return Err(StoreError::invalid("rule", message));
            }
            (ValueTest::Text(words), FieldKind::Text | FieldKind::Choice) => self.text("v.text", words),
            (ValueTest::Number(range), FieldKind::Number) => self.number(*range),
            (ValueTest::Date(period), FieldKind::Date) => self.date(*period),
            (ValueTest::Flag(flag), FieldKind::Flag) => {
                let flag = self.place(f64::from(u8::from(*flag)));
                format!("v.number = {flag}")
            }
            (ValueTest::Among(choices), FieldKind::Choice) => self.among(&field, choices)?,
            (_, kind) => {
                let message = format!(
                    "{} is of the kind {kind}, and this test is for another",
                    field.key
                );
                return self.gone(test, message);
            }
        };
        Ok(format!("{theirs} AND {holds})"))
    }

    /// A test of a field that is not there: of a rule that was kept, nobody has a value in it.
    fn gone(&self, test: &FieldTest, message: String) -> Result<String, StoreError> {
        match self.names {
            Names::Required => Err(StoreError::invalid("rule", message)),
            Names::Remembered => Ok(always(test.value == ValueTest::Known(false))),
        }
    }

    fn number(&mut self, range: NumberTest) -> String {
        self.bounded("v.number", [(" >= ", range.at_least), (" <= ", range.at_most)])
    }

    /// By days of UTC: a date has no hours.
    fn date(&mut self, period: Period) -> String {
        let day = |at: Timestamp| custom_field::number_of_date(at.to_utc().date_naive());
        let today = day(self.now);
        let ago = |days: u32| today - f64::from(days);
        let bounds = [
            (" >= ", period.from.map(day)),
            (" < ", period.before.map(day)),
            (" >= ", period.within_days.map(ago)),
            (" <= ", period.within_days.map(|_| today)),
            (" < ", period.more_than_days_ago.map(ago)),
        ];
        self.bounded("v.number", bounds)
    }

    fn among(&mut self, field: &CustomField, choices: &[String]) -> Result<String, StoreError> {
        let chosen = choices.iter().map(|choice| {
            let read = field.read(choice).map(|value| value.to_string());
            read.map_err(|error| StoreError::invalid("rule", format!("{}: {choice:?}: {error}", field.key)))
        });
        let chosen: Vec<_> = chosen.collect::<Result<_, _>>()?;
        Ok(format!("v.text IN ({})", self.places(chosen)))
    }
}

fn always(holds: bool) -> String {
    if holds { "1 = 1" } else { "1 = 0" }.to_owned()
}

/// The latest time of a yes that has run out; before all times where none does.
fn over_up_to(purpose: &Purpose, now: Timestamp) -> i64 {
    let over = purpose.expiry.and_then(|expiry| expiry.over_up_to(now));
    over.map_or(i64::MIN, Timestamp::micros)
}
