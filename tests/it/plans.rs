//! How the databases answer what clients ask to see: every statement that a list, a filter, an ordering or a look-up of the
//! GraphQL interface causes is planned on a database with many rows, and no plan reads a table, or all of a tenant's rows
//! for a page.
//!
//! `tests/load/plans` does the same over a million subscribers.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use assent_api::graphql::sdl;
use assent_domain::id::TenantId;
use assent_tests::{Backend, House, TestStore, on_both};

use crate::furnished::furnished;
use crate::isolation::atlas::Atlas;

mod multitude;
mod postgres;
mod questions;
mod reading;
mod sqlite;

use multitude::{Size, multiply};
use questions::{one_id_of_each, save_segments};
use reading::{Flaw, Stock};

/// A part of a statement that may do something that no other may, what that is, and why.
type Excuse = (&'static str, fn(&Flaw) -> bool, &'static str);

const EXCUSED: &[Excuse] = &[
    (
        "COUNT(*) AS num_items",
        |flaw| matches!(flaw, Flaw::Counts(_)),
        "`totalCount` counts what it says, of one tenant: it costs a scan, and is asked for by name",
    ),
    (
        "COUNT(*) AS people FROM",
        |flaw| matches!(flaw, Flaw::Counts(part) if part.starts_with("subscriber")),
        "the size of a segment is counted among all people of the tenant, where nothing leads to fewer",
    ),
    (
        "WITH addressed AS",
        |flaw| matches!(flaw, Flaw::Counts(_) | Flaw::ReadsTenant(_)),
        "an audience is decided for everybody on the campaign's lists; tests/load/audience says how long that takes",
    ),
    (
        "FROM subscriber l WHERE l.tenant_id = $1 AND 1 = 1",
        |flaw| matches!(flaw, Flaw::Walks(part) if part.starts_with("subscriber")),
        "a segment that demands nothing few are known to have: it stops when it has a page",
    ),
    (
        "m.id >= COALESCE((SELECT n.id",
        |flaw| flaw.to_string().contains("mailing_of_campaigns"),
        "a tenant's 50 newest campaigns, from where they begin in their index",
    ),
    (
        "\"ledger\".\"subject_id\" IN",
        |flaw| matches!(flaw, Flaw::Sorts(_)),
        "what the ledger has about one person, under the ids they had",
    ),
    (
        "l.address_hash = $",
        |flaw| matches!(flaw, Flaw::Sorts(_)),
        "one person has an address",
    ),
    (
        "\"webhook_endpoint\".\"deleted_at\" IS NULL",
        |flaw| matches!(flaw, Flaw::Walks(_)),
        "a tenant has 20 endpoints, and few that are being deleted",
    ),
    (
        "\"privacy_request\".\"due_at\" <",
        |flaw| matches!(flaw, Flaw::Walks(_) | Flaw::Sorts(_)),
        "what is late is among what is open, and that is answered within a month",
    ),
];

/// What is heard of the statements, by their texts: upon which question each came first.
#[derive(Clone, Default)]
struct Ear(Arc<Mutex<Heard>>);

#[derive(Default)]
struct Heard {
    question: String,
    statements: BTreeMap<String, String>,
}

impl Ear {
    fn at(db: &TestStore) -> Self {
        let ear = Self::default();
        let hearing = ear.clone();
        db.store.watch_statements(move |statement| {
            let mut heard = hearing.0.lock().unwrap();
            let question = heard.question.clone();
            heard.statements.entry(statement.to_owned()).or_insert(question);
        });
        ear
    }

    /// Says what is asked now.
    fn hears(&self, question: &str) {
        question.clone_into(&mut self.0.lock().unwrap().question);
    }

    fn statements(&self) -> BTreeMap<String, String> {
        let heard = self.0.lock().unwrap();
        let mut statements = heard.statements.clone();
        statements.retain(|statement, _| {
            let first = statement.split_whitespace().next().unwrap_or_default();
            ["SELECT", "WITH", "INSERT", "UPDATE", "DELETE"].contains(&first)
        });
        statements
    }
}

fn size() -> Size {
    #[expect(
        clippy::disallowed_methods,
        reason = "how many people a test is about is no setting of the product"
    )]
    let people = std::env::var("ASSENT_TEST_PLANS_PEOPLE").ok();
    // A furnished tenant has a few people: see `furnished`.
    let people: u32 = people.map_or(20_000, |people| people.parse().expect("a number of people"));
    let tenants = if people < 500_000 { 8 } else { 100 };
    Size {
        people: people / tenants / 3,
        houses: 40,
        tenants: tenants - 1,
    }
}

/// What is wrong with the plan of a statement. `number` is one that no other has.
async fn read(db: &TestStore, tenant: TenantId, stock: &Stock, number: usize, sql: &str) -> Vec<Flaw> {
    match db.backend {
        Backend::Postgres => postgres::flaws(&postgres::plan(db, tenant, number, sql).await, stock),
        Backend::Sqlite => sqlite::flaws(sql, &sqlite::plan(db, sql).await, stock),
    }
}

on_both!(no_list_and_no_look_up_reads_all_there_is, async |db| {
    let atlas = Atlas::of(&sdl());
    let there = furnished(db, "acme").await;
    let (house, tenant) = (House { db, ctx: there.ctx }, there.ctx.tenant());
    let segments = save_segments(&house, &there).await;
    let site = db.site();
    let own = one_id_of_each(&atlas, &there, &site.owner("acme").await).await;
    multiply(db, tenant, size()).await;
    let stock = Stock::of(db).await;
    let ear = Ear::at(db);
    ear.hears("sign-in");
    let owner = site.owner("acme").await;
    questions::ask_all(&atlas, &own, &segments, &owner, &ear).await;
    site.close().await;
    let statements = ear.statements();
    assert!(
        statements.len() > 100,
        "{} statements were heard",
        statements.len()
    );
    let (mut wrong, mut known) = (Vec::new(), Vec::new());
    for (number, (sql, question)) in statements.iter().enumerate() {
        let mut flaws = read(db, tenant, &stock, number, sql).await;
        known.push(flaws.iter().map(Flaw::to_string).collect::<Vec<_>>());
        flaws.retain(|flaw| {
            !EXCUSED
                .iter()
                .any(|(part, excuses, _)| sql.contains(part) && excuses(flaw))
        });
        let told = flaws
            .iter()
            .map(|flaw| format!("{flaw}\n  asked: {question}\n  {sql}"));
        wrong.extend(told);
    }
    for (part, ..) in EXCUSED {
        assert!(
            statements.keys().any(|sql| sql.contains(part)),
            "nothing says {part}: it needs no excuse"
        );
    }
    assert!(wrong.is_empty(), "{} plans:\n{}", wrong.len(), wrong.join("\n"));
    let mut number = statements.len();
    for (index, table) in [
        ("bounce_to_subscriber", "bounce"),
        ("ledger_of_audit", "ledger"),
        ("session_of_member", "session"),
    ] {
        db.exec(&format!("DROP INDEX {index}")).await.unwrap();
        let mut is_missed = false;
        for (sql, known) in statements
            .keys()
            .zip(&known)
            .filter(|(sql, _)| sql.contains(table))
        {
            number += 1;
            let flaws = read(db, tenant, &stock, number, sql).await;
            is_missed |= flaws
                .iter()
                .any(|flaw| !matches!(flaw, Flaw::Counts(_)) && !known.contains(&flaw.to_string()));
        }
        assert!(is_missed, "nothing is wrong without {index}");
    }
});
