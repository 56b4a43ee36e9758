//! How many rows SQLite takes a tenant for.

use sea_orm_migration::sea_orm::{ConnectionTrait, DbErr};

/// Untold, SQLite takes the rows of a tenant for ten, and reads them all sooner than it goes by another key. What it is told
/// is a large house's guess and no count: `ANALYZE` would count the tenants of the day, and plan for these ever after.
/// An index over some of the rows is taken for one over half of them, as SQLite does itself.
///
/// Its planner finds a `WITHOUT ROWID` table's own key under the table's name
/// (<https://www.sqlite.org/fileformat2.html#stat1tab>).
const ESTIMATES: &[&str] = &[
    // Makes the table, where there is none.
    "ANALYZE sqlite_schema",
    "DELETE FROM sqlite_stat1",
    "INSERT INTO sqlite_stat1 (tbl, idx, stat)
     SELECT t.name, CASE WHEN t.wr = 1 AND i.origin = 'pk' THEN t.name ELSE i.name END,
            CASE WHEN i.partial = 1 THEN '500000 50000' ELSE '1000000 100000' END
     FROM pragma_table_list t, pragma_index_list(t.name) i, pragma_index_info(i.name) c
     WHERE t.schema = 'main' AND t.type = 'table' AND c.seqno = 0 AND c.name = 'tenant_id'",
    // Reads what it was told.
    "ANALYZE sqlite_schema",
];

/// Tells SQLite how much there is of a tenant by each index. Comes after the last change of the schema.
pub async fn estimate(sqlite: &impl ConnectionTrait) -> Result<(), DbErr> {
    for statement in ESTIMATES {
        sqlite.execute_unprepared(statement).await?;
    }
    Ok(())
}
