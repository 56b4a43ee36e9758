//! A furnished tenant, many times over: its rows are copied by the database itself, with other ids, so that a table that is
//! added has many rows like the others. What is copied is past every door and makes no sense in itself; it has the shape and
//! the size that a planner looks at.

use std::collections::BTreeSet;

use assent_domain::id::TenantId;
use assent_migration::DIRECTORY_TABLES;
use assent_tests::{Backend, TestStore};
use uuid::Uuid;

use crate::catalogue::{keys, tables};

/// How many times.
#[derive(Clone, Copy, Debug)]
pub(super) struct Size {
    /// The people of the tenant, with all that is about them, in its own lists and campaigns.
    pub(super) people: u32,
    /// All that the tenant has: lists, campaigns, members and the rest, each with a few people of its own.
    pub(super) houses: u32,
    /// The tenant itself.
    pub(super) tenants: u32,
}

/// More than the furnished tenant has numbered of anything.
const SPAN: u32 = 1_000;

/// What there is more of with every day and every person; what belongs to these is more by itself.
const GROWING: [&str; 4] = ["subscriber", "suppression", "session", "webhook_event"];

/// What points at a person and is not about them: how far something has got.
const MARKS: [&str; 2] = ["planned_to", "reached"];

/// Kept by hash for all of a tenant: a copy would be a text that nobody was shown.
const SHARED: &str = "wording";

/// Copied by the numbers of the ledger, which are its only key.
const BESIDE_THE_LEDGER: &str = "ledger_evidence";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Uuid,
    Octets,
    Text,
    Number,
}

#[derive(Debug)]
struct Column {
    name: String,
    kind: Kind,
}

#[derive(Debug)]
struct Table {
    name: String,
    columns: Vec<Column>,
    /// The columns of each unique key, but for the tenant.
    keys: Vec<Vec<String>>,
}

/// Which ids are others in a copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Moving {
    /// All but the tenant's.
    All,
    /// Those of people and of what else grows.
    OfPeople,
}

impl Table {
    fn uuids(&self) -> impl Iterator<Item = &str> {
        let uuids = self.columns.iter().filter(|column| column.kind == Kind::Uuid);
        uuids
            .map(|column| column.name.as_str())
            .filter(|name| *name != "tenant_id")
    }

    fn kind(&self, name: &str) -> Kind {
        let column = self.columns.iter().find(|column| column.name == name);
        column.expect("a column of the table").kind
    }

    fn names(&self) -> String {
        let names: Vec<_> = self.columns.iter().map(|column| column.name.as_str()).collect();
        names.join(", ")
    }

    /// The columns beside the ids that have to differ for a key to differ; nothing where a tenant has one row.
    fn varied(&self, moved: &BTreeSet<&str>) -> Option<BTreeSet<&str>> {
        let mut varied = BTreeSet::new();
        for key in &self.keys {
            if key.is_empty() {
                return None;
            }
            if !key.iter().any(|column| moved.contains(column.as_str())) {
                let other = key.iter().find(|column| self.kind(column) != Kind::Uuid);
                varied.extend(other.map(String::as_str));
            }
        }
        let hash = self.columns.iter().find(|column| column.name == "address_hash");
        varied.extend(hash.map(|column| column.name.as_str()));
        Some(varied)
    }
}

/// The database with what is copied in it.
pub(super) struct Multitude<'a> {
    db: &'a TestStore,
    tenant: TenantId,
    tables: Vec<Table>,
}

/// Copies a furnished tenant, and lets the database take stock as it does by itself.
pub(super) async fn multiply(db: &TestStore, tenant: TenantId, size: Size) {
    let mut names = tables(db).await;
    names.sort();
    let unbound = unbind(db, &names).await;
    let mut of_tenant = Vec::new();
    for name in &names {
        if let Some(table) = describe(db, name).await {
            let copy = format!(
                "CREATE TEMP TABLE base_{name} AS SELECT * FROM {name} WHERE tenant_id = {}",
                db.id(tenant)
            );
            run(db, &copy).await;
            of_tenant.push(table);
        }
    }
    let multitude = Multitude {
        db,
        tenant,
        tables: of_tenant,
    };
    multitude.find_people().await;
    multitude.copy(Moving::All, 1, size.houses).await;
    multitude
        .copy(Moving::OfPeople, size.houses + 1, size.people)
        .await;
    multitude.copy_evidence().await;
    multitude.copy_tenant(size.tenants).await;
    for statement in unbound {
        run(db, &statement).await;
    }
    if db.backend == Backend::Postgres {
        run(db, &format!("VACUUM (ANALYZE) {}", names.join(", "))).await;
    }
}

async fn run(db: &TestStore, sql: &str) -> u64 {
    db.exec(sql)
        .await
        .unwrap_or_else(|error| panic!("{sql}: {error}"))
}

/// Lets rows be put in in any order. The statements given bind later rows again, as the planner expects.
async fn unbind(db: &TestStore, tables: &[String]) -> Vec<String> {
    for table in tables {
        db.drop_guards(table).await;
    }
    if db.backend == Backend::Sqlite {
        run(db, "PRAGMA foreign_keys = OFF").await;
        return Vec::new();
    }
    let foreign = "SELECT conrelid::regclass::text || ' ' || conname || ' ' || pg_get_constraintdef(oid)
                   FROM pg_constraint WHERE contype = 'f' AND connamespace = 'public'::regnamespace AND conparentid = 0";
    let mut bind = Vec::new();
    for of in db.column::<String>(foreign).await {
        let mut words = of.splitn(3, ' ');
        let [table, name, definition] = [(); 3].map(|()| words.next().expect("three words"));
        run(db, &format!("ALTER TABLE {table} DROP CONSTRAINT {name}")).await;
        bind.push(format!(
            "ALTER TABLE {table} ADD CONSTRAINT {name} {definition} NOT VALID"
        ));
    }
    bind
}

/// What there is to know of a table with rows of tenants.
async fn describe(db: &TestStore, name: &str) -> Option<Table> {
    let columns = match db.backend {
        Backend::Postgres => format!(
            "SELECT column_name || ' ' || data_type FROM information_schema.columns
             WHERE table_schema = 'public' AND table_name = '{name}' ORDER BY ordinal_position"
        ),
        Backend::Sqlite => format!("SELECT name || ' ' || type FROM pragma_table_info('{name}')"),
    };
    let mut described = Vec::new();
    for of in db.column::<String>(&columns).await {
        let (column, sort) = of.split_once(' ').expect("two words");
        let kind = match sort {
            "uuid" => Kind::Uuid,
            // SQLite has one type for both; a UUID is 16 octets long.
            "BLOB" => {
                let other = format!("{column} IS NOT NULL AND LENGTH({column}) <> 16");
                if db.count(name, &other).await == 0 {
                    Kind::Uuid
                } else {
                    Kind::Octets
                }
            }
            "bytea" => Kind::Octets,
            "text" | "TEXT" => Kind::Text,
            _ => Kind::Number,
        };
        described.push(Column {
            name: column.to_owned(),
            kind,
        });
    }
    if !described.iter().any(|column| column.name == "tenant_id") {
        return None;
    }
    let unique = keys(db, name).await.into_iter();
    let unique = unique.filter(|key| key.sort != "foreign key").map(|key| {
        let but_the_tenant = key.columns.into_iter().filter(|column| column != "tenant_id");
        but_the_tenant.collect::<Vec<_>>()
    });
    Some(Table {
        name: name.to_owned(),
        columns: described,
        keys: unique.collect(),
    })
}

impl Multitude<'_> {
    fn hex(&self, column: &str) -> String {
        match self.db.backend {
            Backend::Postgres => format!("REPLACE({column}::text, '-', '')"),
            Backend::Sqlite => format!("LOWER(HEX({column}))"),
        }
    }

    /// Notes in a table `moved` the ids of people and of what else grows, and those of what is about them.
    async fn find_people(&self) {
        let db = self.db;
        let mut moved: BTreeSet<String> = BTreeSet::new();
        for table in GROWING {
            let ids = format!("SELECT {} FROM base_{table}", self.hex("id"));
            moved.extend(db.column::<String>(&ids).await);
        }
        let mut rows = Vec::new();
        for table in &self.tables {
            let uuids: Vec<_> = table.uuids().filter(|name| !MARKS.contains(name)).collect();
            if uuids.is_empty() {
                continue;
            }
            let texts = uuids
                .iter()
                .map(|column| format!("COALESCE({}, '')", self.hex(column)));
            let texts: Vec<_> = texts.collect();
            let sql = format!("SELECT {} FROM base_{}", texts.join(" || ',' || "), table.name);
            for row in db.column::<String>(&sql).await {
                let ids: Vec<_> = row.split(',').map(str::to_owned).collect();
                rows.push((table, uuids.clone(), ids));
            }
        }
        loop {
            let before = moved.len();
            for (table, columns, ids) in &rows {
                if !ids.iter().any(|id| moved.contains(id)) {
                    continue;
                }
                let of = |name: &str| {
                    columns
                        .iter()
                        .position(|column| *column == name)
                        .map(|place| ids[place].clone())
                };
                moved.extend(of("id").filter(|id| !id.is_empty()));
                // What there is one of for each, as a mail is, is a person's too.
                for key in &table.keys {
                    let parts: Vec<_> = key.iter().filter_map(|column| of(column)).collect();
                    if key.len() == parts.len() && !parts.iter().any(|id| moved.contains(id)) {
                        moved.extend(parts.into_iter().find(|id| !id.is_empty()));
                    }
                }
            }
            if moved.len() == before {
                break;
            }
        }
        let ids = moved
            .iter()
            .map(|id| format!("({})", db.uuid(id.parse().expect("a UUID"))));
        let sort = if db.backend == Backend::Postgres {
            "uuid"
        } else {
            "BLOB"
        };
        run(db, &format!("CREATE TEMP TABLE moved (id {sort} PRIMARY KEY)")).await;
        let ids: Vec<_> = ids.collect();
        run(db, &format!("INSERT INTO moved VALUES {}", ids.join(", "))).await;
    }

    /// Another id in place of one, in the copy with the number `n`.
    fn other(&self, column: &str) -> String {
        match self.db.backend {
            Backend::Postgres => {
                format!("OVERLAY(b.{column}::text PLACING LPAD(TO_HEX(n), 8, '0') FROM 29)::uuid")
            }
            Backend::Sqlite => format!("UNHEX(SUBSTR(HEX(b.{column}), 1, 24) || PRINTF('%08x', n))"),
        }
    }

    fn varied(&self, column: &Column) -> String {
        let name = &column.name;
        match (column.kind, self.db.backend) {
            (Kind::Text, _) => format!("b.{name} || 'x' || n"),
            (Kind::Number, _) => format!("b.{name} + n * {SPAN}"),
            (_, Backend::Postgres) => {
                format!("OVERLAY(b.{name} PLACING DECODE(LPAD(TO_HEX(n), 8, '0'), 'hex') FROM 1)")
            }
            (_, Backend::Sqlite) => format!("UNHEX(PRINTF('%08x', n) || SUBSTR(HEX(b.{name}), 9))"),
        }
    }

    /// The columns of which an id moves.
    async fn moved_in<'t>(&self, table: &'t Table, moving: Moving) -> BTreeSet<&'t str> {
        let nil = self.db.uuid(Uuid::nil());
        let mut moved = BTreeSet::new();
        for column in table.uuids() {
            let which = match moving {
                Moving::All => format!("{column} <> {nil}"),
                Moving::OfPeople => format!("{column} IN (SELECT id FROM moved)"),
            };
            if self.db.count(&format!("base_{}", table.name), &which).await > 0 {
                moved.insert(column);
            }
        }
        moved
    }

    async fn copy(&self, moving: Moving, first: u32, times: u32) {
        let nil = self.db.uuid(Uuid::nil());
        for table in &self.tables {
            let moved = self.moved_in(table, moving).await;
            let is_meant = moving == Moving::All || !moved.is_empty();
            let Some(varied) = table.varied(&moved).filter(|_| is_meant && table.name != SHARED) else {
                continue;
            };
            let values = table.columns.iter().map(|column| {
                let name = column.name.as_str();
                if moved.contains(name) {
                    let is_to_change = match moving {
                        Moving::All => format!("b.{name} <> {nil}"),
                        Moving::OfPeople => format!("b.{name} IN (SELECT id FROM moved)"),
                    };
                    format!(
                        "CASE WHEN {is_to_change} THEN {} ELSE b.{name} END",
                        self.other(name)
                    )
                } else if varied.contains(name) {
                    self.varied(column)
                } else {
                    format!("b.{name}")
                }
            });
            let values: Vec<_> = values.collect();
            let of_people = match moving {
                Moving::All => "1 = 1".to_owned(),
                Moving::OfPeople => {
                    let any = moved.iter().filter(|name| !MARKS.contains(name));
                    let any: Vec<_> = any
                        .map(|name| format!("b.{name} IN (SELECT id FROM moved)"))
                        .collect();
                    if any.is_empty() {
                        continue;
                    }
                    any.join(" OR ")
                }
            };
            let last = first + times - 1;
            let sql = format!(
                "WITH RECURSIVE copies(n) AS (SELECT {first} UNION ALL SELECT n + 1 FROM copies WHERE n < {last})
                 INSERT INTO {} ({}) SELECT {} FROM copies CROSS JOIN base_{} b WHERE {of_people}",
                table.name,
                table.names(),
                values.join(", "),
                table.name,
            );
            run(self.db, &sql).await;
        }
    }

    /// What stands beside the rows of the ledger: each copy's is the original's.
    async fn copy_evidence(&self) {
        let sql = format!(
            "INSERT INTO {BESIDE_THE_LEDGER} (tenant_id, seq, salt, evidence)
             SELECT l.tenant_id, l.seq, e.salt, e.evidence FROM ledger l
             JOIN base_{BESIDE_THE_LEDGER} e ON e.seq = l.seq % {SPAN}
             WHERE l.tenant_id = {} AND NOT EXISTS (
               SELECT 1 FROM {BESIDE_THE_LEDGER} o WHERE o.tenant_id = l.tenant_id AND o.seq = l.seq)",
            self.db.id(self.tenant)
        );
        run(self.db, &sql).await;
    }

    /// The whole tenant once more, under other names. Its ids are its own all the same: every key begins with the tenant.
    async fn copy_tenant(&self, times: u32) {
        let (db, tenant) = (self.db, self.db.id(self.tenant));
        let columns: Vec<String> = crate::catalogue::columns(db, "tenant").await;
        run(
            db,
            &format!("CREATE TEMP TABLE base_tenant AS SELECT * FROM tenant WHERE id = {tenant}"),
        )
        .await;
        let other = self.other("id");
        let values = columns.iter().map(|column| match column.as_str() {
            "id" => other.clone(),
            "slug" => "b.slug || 'x' || n".to_owned(),
            column => format!("b.{column}"),
        });
        let values: Vec<_> = values.collect();
        let sql = format!(
            "WITH RECURSIVE copies(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM copies WHERE n < {times})
             INSERT INTO tenant ({}) SELECT {} FROM copies CROSS JOIN base_tenant b",
            columns.join(", "),
            values.join(", ")
        );
        run(db, &sql).await;
        for table in self
            .tables
            .iter()
            .filter(|table| !DIRECTORY_TABLES.contains(&table.name.as_str()))
        {
            let others = table.columns.iter().map(|column| match column.name.as_str() {
                "tenant_id" => "o.id".to_owned(),
                column => format!("b.{column}"),
            });
            let others: Vec<_> = others.collect();
            let sql = format!(
                "INSERT INTO {} ({}) SELECT {} FROM tenant o CROSS JOIN {} b
                 WHERE o.slug LIKE (SELECT slug || 'x%' FROM base_tenant) AND b.tenant_id = {tenant}",
                table.name,
                table.names(),
                others.join(", "),
                table.name
            );
            run(db, &sql).await;
        }
    }
}
