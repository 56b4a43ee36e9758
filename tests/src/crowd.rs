//! Many people in random positions, put into the tables at once: for runs whose size matters. How people come
//! into these positions is proven elsewhere, through the doors that they use.

use std::fmt::Write;

use assent_domain::id::{MailingListId, PolicyVersionId, PurposeId};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use uuid::Uuid;

use crate::house::{House, address};

/// What a person has answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Nothing; they were not asked.
    None,
    /// Nothing yet.
    Requested,
    /// Yes, under the version with this index.
    Given(usize),
    /// No.
    Refused,
    /// Yes once, then no.
    Withdrawn,
}

/// Where a person stands.
#[derive(Clone, Debug)]
pub struct Position {
    /// Their address.
    pub email: String,
    /// The index of the version their data was collected under.
    pub collected: usize,
    /// What they answered.
    pub answer: Answer,
    /// `PENDING`, `ACTIVE` or `ENDED`.
    pub standing: &'static str,
    /// Whether they want no mail of any sort.
    pub opted_out: bool,
    /// Whether their mailbox is gone.
    pub bounced: bool,
}

/// What the crowd has in common.
#[derive(Clone, Debug)]
pub struct Setting {
    /// The versions of the policy; only the later ones name the purpose.
    pub versions: Vec<PolicyVersionId>,
    /// The purpose in question.
    pub purpose: PurposeId,
    /// The list everybody joined.
    pub list: MailingListId,
}

/// Draws positions; the same seed draws the same.
pub fn draw(people: usize, seed: u64) -> Vec<Position> {
    let mut rng = StdRng::seed_from_u64(seed);
    let positions = (0..people).map(|number| Position {
        email: format!("person{number}@crowd.example"),
        collected: usize::from(rng.random_bool(0.75)),
        answer: match rng.random_range(0..20) {
            0..2 => Answer::None,
            2..4 => Answer::Requested,
            4..5 => Answer::Given(0),
            5..16 => Answer::Given(1),
            16..18 => Answer::Refused,
            _ => Answer::Withdrawn,
        },
        standing: match rng.random_range(0..10) {
            0 => "PENDING",
            1 => "ENDED",
            _ => "ACTIVE",
        },
        opted_out: rng.random_bool(0.04),
        bounced: rng.random_bool(0.04),
    });
    positions.collect()
}

/// A crowd whose every member may get the campaign.
pub fn willing(people: usize) -> Vec<Position> {
    let person = |number| Position {
        email: format!("person{number}@crowd.example"),
        collected: 1,
        answer: Answer::Given(1),
        standing: "ACTIVE",
        opted_out: false,
        bounced: false,
    };
    (0..people).map(person).collect()
}

const ROWS_A_STATEMENT: usize = 500;

#[derive(Default)]
struct Rows(Vec<String>);

impl Rows {
    async fn insert(&self, house: &House<'_>, table: &str, columns: &str) {
        for rows in self.0.chunks(ROWS_A_STATEMENT) {
            let sql = format!("INSERT INTO {table} ({columns}) VALUES {}", rows.join(", "));
            house
                .db
                .exec(&sql)
                .await
                .unwrap_or_else(|error| panic!("{table}: {error}"));
        }
    }
}

impl House<'_> {
    /// Puts a crowd into the tables.
    pub async fn admit(&self, crowd: &[Position], setting: &Setting) {
        let (db, tenant) = (self.db, self.db.id(self.ctx.tenant()));
        let hasher = db.store.keys().address_hasher(self.ctx.tenant());
        let now = db.store.now().micros();
        let version = |index: usize| db.id(*setting.versions.get(index).expect("a version of the setting"));
        let (mut people, mut standing, mut consents, mut held) =
            (Rows::default(), Rows::default(), Rows::default(), Rows::default());
        for (number, position) in (1_u128..).zip(crowd) {
            let id = db.uuid(Uuid::from_u128(number << 8));
            let hash = db.octets(&hasher.hash(&address(&position.email)).0);
            people.0.push(format!(
                "({tenant}, {id}, '{}', {hash}, 'Person', '', {}, {now}, {now})",
                position.email,
                version(position.collected)
            ));
            standing.0.push(format!(
                "({tenant}, {}, {id}, '{}', {now})",
                db.id(setting.list),
                position.standing
            ));
            let (state, under) = match position.answer {
                Answer::None => ("", 0),
                Answer::Requested => ("REQUESTED", 1),
                Answer::Given(under) => ("GIVEN", under),
                Answer::Refused => ("REFUSED", 1),
                Answer::Withdrawn => ("WITHDRAWN", 1),
            };
            if !state.is_empty() {
                let purpose = db.id(setting.purpose);
                consents.0.push(format!(
                    "({tenant}, {id}, {purpose}, '{state}', {}, {id}, {now})",
                    version(under)
                ));
            }
            for (holds, reason, bit) in [
                (position.opted_out, "OPTED_OUT_OF_ALL", 1),
                (position.bounced, "HARD_BOUNCED", 8),
            ] {
                if holds {
                    let own = db.uuid(Uuid::from_u128((number << 8) + bit));
                    let mut row = String::new();
                    write!(row, "({tenant}, {own}, {hash}, '{reason}', {bit}, {now})")
                        .expect("a string takes all");
                    held.0.push(row);
                }
            }
        }
        let columns =
            "tenant_id, id, email, address_hash, name, company, collected_under, created_at, confirmed_at";
        people.insert(self, "subscriber", columns).await;
        standing
            .insert(
                self,
                "subscription",
                "tenant_id, list_id, subscriber_id, state, changed_at",
            )
            .await;
        let columns =
            "tenant_id, subscriber_id, purpose_id, state, policy_version_id, record_id, recorded_at";
        consents.insert(self, "consent", columns).await;
        held.insert(
            self,
            "suppression",
            "tenant_id, id, address_hash, reason, bit, created_at",
        )
        .await;
        // As a database that has been up for a minute has done by itself.
        db.store.take_stock().await.expect("statistics are taken");
    }
}
