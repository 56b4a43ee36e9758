//! Where to begin to look for whom a rule means: where it demands something that few have, those few are gone through, and
//! not all of the tenant's people.

use assent_domain::segment::{Rule, ValueTest};
use sea_orm::Value;
use uuid::Uuid;

use super::compile::Condition;

/// Rows of a table `l` that hold everybody a rule means, each once. An index has them in the order of the people's ids.
#[derive(Clone, Debug)]
pub(crate) struct Lead {
    table: &'static str,
    /// The column with the people's ids.
    id: &'static str,
    /// Which rows; `{}` is where `value` goes.
    only: &'static str,
    value: Value,
}

/// A query over the people whom a condition means, from `FROM` on.
pub(crate) struct People {
    /// Its text. The people are called `s`.
    pub(crate) sql: String,
    /// What their ids are called where the rows come in the order of these.
    pub(crate) id: &'static str,
    /// What stands in its places, from `$2` on.
    pub(crate) values: Vec<Value>,
}

impl Lead {
    /// Whoever ever joined a list.
    pub(crate) fn of_list(id: Uuid) -> Self {
        Self {
            table: "subscription",
            id: "l.subscriber_id",
            only: "l.list_id = {}",
            value: id.into(),
        }
    }

    fn of_field(id: Uuid) -> Self {
        Self {
            table: "custom_value",
            id: "l.subscriber_id",
            only: "l.field_id = {}",
            value: id.into(),
        }
    }

    fn of_campaign(id: Uuid) -> Self {
        Self {
            table: "delivery",
            id: "l.recipient_id",
            only: "l.mailing_id = (SELECT m.id FROM mailing m WHERE m.tenant_id = $1 AND m.campaign_id = {})",
            value: id.into(),
        }
    }

    /// The lead of a rule, if it has one. `field` knows the tenant's fields by their keys.
    pub(super) fn of(rule: &Rule, field: impl Fn(&str) -> Option<Uuid>) -> Option<Self> {
        let mut demands = Vec::new();
        demanded(rule, &mut demands);
        // A field is kept of fewer people than get a campaign, and a campaign goes to fewer than ever joined a list.
        let of_field = demands.iter().find_map(|rule| match rule {
            Rule::Field(test) if test.value != ValueTest::Known(false) => field(test.key.as_str()),
            _ => None,
        });
        let of_campaign = demands.iter().find_map(|rule| match rule {
            Rule::GotCampaign(test) => test.campaign_id,
            _ => None,
        });
        let of_list = demands.iter().find_map(|rule| match rule {
            Rule::OnList(test) => Some(test.mailing_list_id),
            _ => None,
        });
        of_field
            .map(Self::of_field)
            .or_else(|| of_campaign.map(|id| Self::of_campaign(id.uuid())))
            .or_else(|| of_list.map(|id| Self::of_list(id.uuid())))
    }
}

/// What everybody whom a rule means has to pass.
fn demanded<'a>(rule: &'a Rule, demands: &mut Vec<&'a Rule>) {
    match rule {
        Rule::All(rules) => rules.iter().for_each(|rule| demanded(rule, demands)),
        rule => demands.push(rule),
    }
}

impl Condition {
    /// A query over those it means. Its values are to begin at `$2`.
    pub(crate) fn people(self) -> People {
        let Self {
            sql,
            mut values,
            lead,
        } = self;
        let Some(Lead {
            table,
            id,
            only,
            value,
        }) = lead
        else {
            return People {
                sql: format!("FROM subscriber s WHERE s.tenant_id = $1 AND {sql}"),
                id: "s.id",
                values,
            };
        };
        values.push(value);
        let only = only.replace("{}", &format!("${}", values.len() + 1));
        // SQLite joins these in the order in which they stand here.
        let sql = format!(
            "FROM {table} l CROSS JOIN subscriber s
             WHERE l.tenant_id = $1 AND {only} AND s.tenant_id = $1 AND s.id = {id} AND {sql}"
        );
        People { sql, id, values }
    }
}
