//! Past every door: raw SQL as the owner of the tables, to look at what is stored and to tamper with it.

use assent_domain::id::{Id, TenantId};
use sea_orm::{ConnectionTrait, DbErr, QueryResult, Statement, TryGetable};
use type_safe_id::StaticType;
use uuid::Uuid;

use crate::database::{Backend, TestStore};

impl TestStore {
    /// Runs SQL as the owner, seeing every tenant.
    pub async fn exec(&self, sql: &str) -> Result<u64, DbErr> {
        self.see_all().await;
        let done = self.raw.execute_unprepared(sql).await?;
        Ok(done.rows_affected())
    }

    /// The rows of a query, seeing every tenant.
    pub async fn query(&self, sql: &str) -> Vec<QueryResult> {
        self.see_all().await;
        let statement = Statement::from_string(self.raw.get_database_backend(), sql);
        self.raw
            .query_all_raw(statement)
            .await
            .unwrap_or_else(|error| panic!("{sql}: {error}"))
    }

    /// The first column of a query's rows.
    pub async fn column<T: TryGetable>(&self, sql: &str) -> Vec<T> {
        let rows = self.query(sql).await;
        rows.iter()
            .map(|row| row.try_get_by_index(0).expect("a column of this type"))
            .collect()
    }

    /// The one value of a query.
    pub async fn value<T: TryGetable>(&self, sql: &str) -> T {
        let mut values = self.column(sql).await;
        assert_eq!(values.len(), 1, "{sql}");
        values.remove(0)
    }

    /// How many rows of a table fulfil a condition.
    pub async fn count(&self, table: &str, condition: &str) -> i64 {
        self.value(&format!("SELECT COUNT(*) FROM {table} WHERE {condition}"))
            .await
    }

    /// Takes the triggers off a table, as an intruder with the owner's rights would.
    pub async fn drop_guards(&self, table: &str) {
        match self.backend {
            Backend::Postgres => {
                let sql = format!("ALTER TABLE {table} DISABLE TRIGGER USER");
                self.exec(&sql).await.expect("the owner may");
            }
            Backend::Sqlite => {
                let names =
                    format!("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = '{table}'");
                for name in self.column::<String>(&names).await {
                    self.exec(&format!("DROP TRIGGER {name}"))
                        .await
                        .expect("the owner may");
                }
            }
        }
    }

    /// An id as a literal.
    pub fn id<T: StaticType>(&self, id: Id<T>) -> String {
        self.uuid(id.uuid())
    }

    /// A UUID as a literal.
    pub fn uuid(&self, uuid: Uuid) -> String {
        match self.backend {
            Backend::Sqlite => format!("X'{}'", uuid.simple()),
            Backend::Postgres => format!("'{uuid}'::uuid"),
        }
    }

    /// Octets as a literal.
    pub fn octets(&self, octets: &[u8]) -> String {
        use std::fmt::Write;
        let hex = octets.iter().fold(String::new(), |mut hex, octet| {
            write!(hex, "{octet:02x}").expect("a string takes all");
            hex
        });
        match self.backend {
            Backend::Sqlite => format!("X'{hex}'"),
            Backend::Postgres => format!("'\\x{hex}'::bytea"),
        }
    }

    /// On PostgreSQL, what raw SQL sees inside a transaction of a tenant, or of nobody.
    pub async fn rows_seen_by(&self, tenant: Option<TenantId>, table: &str) -> i64 {
        let sql = format!("SELECT COUNT(*) FROM {table}");
        let tx = self.as_tenant(tenant).await;
        let statement = Statement::from_string(tx.get_database_backend(), sql);
        let row = tx.query_one_raw(statement).await.expect("a count");
        row.and_then(|row| row.try_get_by_index(0).ok()).expect("a count")
    }

    /// On PostgreSQL, runs raw SQL inside a transaction of a tenant, and rolls it back.
    pub async fn exec_as(&self, tenant: TenantId, sql: &str) -> Result<u64, DbErr> {
        let tx = self.as_tenant(Some(tenant)).await;
        Ok(tx.execute_unprepared(sql).await?.rows_affected())
    }

    async fn as_tenant(&self, tenant: Option<TenantId>) -> sea_orm::DatabaseTransaction {
        use sea_orm::TransactionTrait;
        assert_eq!(
            self.backend,
            Backend::Postgres,
            "SQLite has no row-level security"
        );
        let tx = self.raw.begin().await.expect("a transaction");
        let setting = tenant.map_or(String::new(), |id| id.uuid().to_string());
        for sql in [
            "SET LOCAL assent.platform = ''".to_owned(),
            format!("SET LOCAL assent.tenant = '{setting}'"),
        ] {
            tx.execute_unprepared(&sql).await.expect("a setting");
        }
        tx
    }

    async fn see_all(&self) {
        if self.backend == Backend::Postgres {
            self.raw
                .execute_unprepared("SET assent.platform = 'on'")
                .await
                .expect("a setting");
        }
    }
}
