//! How many rows imports left out, for each reason: counted beside the rows, of which not all are kept.

use sea_orm_migration::prelude::*;

use crate::dialect::run;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, CHANGES).await
    }
}

const CHANGES: &[&str] = &[
    // A JSON object of codes and numbers. Nothing of an import that began before: all its rows are there to be counted.
    "ALTER TABLE people_import ADD COLUMN reasons TEXT",
];
