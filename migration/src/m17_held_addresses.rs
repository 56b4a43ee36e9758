//! The addresses that the operator holds back from every tenant, under a keyed hash of their own.

use sea_orm_migration::prelude::*;

use crate::dialect::run;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, TABLES).await
    }
}

// Whoever is taken in by a tenant is looked up here, so a tenant's transaction may read it; it names nobody.
const TABLES: &[&str] = &["CREATE TABLE held_address (
       address_hash {bytes} NOT NULL PRIMARY KEY,
       note TEXT NOT NULL,
       held_at BIGINT NOT NULL
     ) {strict}"];
