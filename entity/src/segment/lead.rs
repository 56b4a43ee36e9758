//! Where to begin to look for whom a rule means: where it demands something that few have, those few are gone through, and
//! not all of the tenant's people.

use assent_domain::keys::AddressHash;
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

/// A query over the people whom a condition means.
pub(crate) struct Query {
    /// Its text.
    pub(crate) sql: String,
    /// What stands in its places, from `$2` on.
    pub(crate) values: Vec<Value>,
}

/// The condition that nobody fails.
pub(crate) const EVERYBODY: &str = "1 = 1";

impl Lead {
    /// The condition of its rows, with its value behind the others.
    fn put_in(&self, values: &mut Vec<Value>) -> String {
        self.only.replace("{}", &put(values, self.value.clone()))
    }

    /// Whoever ever joined a list.
    pub(crate) fn of_list(id: Uuid) -> Self {
        Self {
            table: "subscription",
            id: "l.subscriber_id",
            only: "l.list_id = {}",
            value: id.into(),
        }
    }

    /// Whoever has an address.
    pub(crate) fn of_address(hash: AddressHash) -> Self {
        Self {
            table: "subscriber",
            id: "l.id",
            only: "l.address_hash = {}",
            value: hash.0.to_vec().into(),
        }
    }

    fn of_form(id: Uuid) -> Self {
        Self {
            table: "subscriber",
            id: "l.id",
            only: "l.collection_point_id = {}",
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
        let of_form = demands.iter().find_map(|rule| match rule {
            Rule::CameThrough(test) => Some(test.collection_point_id),
            _ => None,
        });
        of_field
            .map(Self::of_field)
            .or_else(|| of_campaign.map(|id| Self::of_campaign(id.uuid())))
            .or_else(|| of_list.map(|id| Self::of_list(id.uuid())))
            .or_else(|| of_form.map(|id| Self::of_form(id.uuid())))
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
    /// How many it means, as `people`. Its values are to begin at `$2`.
    pub(crate) fn counted(self) -> Query {
        let Self {
            sql,
            mut values,
            lead,
        } = self;
        let from = match lead {
            None => "FROM subscriber s WHERE s.tenant_id = $1".to_owned(),
            // SQLite joins these in the order in which they stand here.
            Some(lead) => format!(
                "FROM {} l CROSS JOIN subscriber s WHERE l.tenant_id = $1 AND {} AND s.tenant_id = $1 AND s.id = {}",
                lead.table,
                lead.put_in(&mut values),
                lead.id
            ),
        };
        Query {
            sql: format!("SELECT COUNT(*) AS people {from} AND {sql}"),
            values,
        }
    }

    /// The next people whom it means, behind one of them, in no order. Its values are to begin at `$2`.
    ///
    /// It goes along an index until it has found enough, and asks of each whether they are meant in a subquery that no planner
    /// turns into a join: PostgreSQL would, for a rule of which it thinks that it means few, look for all of them and put them
    /// in order.
    pub(crate) fn page(self, after: Uuid, limit: u64) -> Query {
        let Self {
            sql,
            mut values,
            lead,
        } = self;
        let sql = match lead {
            None if sql == EVERYBODY => {
                let after = put(&mut values, after.into());
                format!(
                    "SELECT s.* FROM subscriber s WHERE s.tenant_id = $1 AND s.id > {after} ORDER BY s.id LIMIT {limit}"
                )
            }
            lead => {
                let (table, id) = lead
                    .as_ref()
                    .map_or(("subscriber", "l.id"), |of| (of.table, of.id));
                let only = lead
                    .as_ref()
                    .map_or_else(|| EVERYBODY.to_owned(), |of| of.put_in(&mut values));
                let after = put(&mut values, after.into());
                format!(
                    "SELECT s.* FROM (
                       SELECT {id} AS id FROM {table} l WHERE l.tenant_id = $1 AND {only} AND {id} > {after}
                         AND (SELECT 1 FROM subscriber s WHERE s.tenant_id = $1 AND s.id = {id} AND {sql} LIMIT 1) = 1
                       ORDER BY {id} LIMIT {limit}) found
                     CROSS JOIN subscriber s WHERE s.tenant_id = $1 AND s.id = found.id"
                )
            }
        };
        Query { sql, values }
    }
}

/// Puts a value behind the others, and gives its place.
fn put(values: &mut Vec<Value>, value: Value) -> String {
    values.push(value);
    format!("${}", values.len() + 1)
}
