//! Lists of people that a tenant brings along.

use sea_orm_migration::prelude::*;

use crate::dialect::run;
use crate::security::isolate;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, TABLES).await?;
        let tables = ["people_import", "import_purpose", "import_text", "import_problem"];
        isolate(manager, "tenant_id", &tables).await
    }
}

const TABLES: &[&str] = &[
    // `content_hash` tells whether what comes under the same key is the same. `columns` is what each column is about, as JSON. `read_to` is how many octets of the text have been read, `line` the line
    // that follows them. Without `source`, only rows that say themselves how a permission was come by have evidence.
    "CREATE TABLE people_import (
       tenant_id {uuid} NOT NULL REFERENCES tenant (id),
       id {uuid} NOT NULL,
       list_id {uuid} NOT NULL,
       collection_point_id {uuid},
       idempotency_key TEXT,
       content_hash {bytes} NOT NULL,
       status TEXT NOT NULL CHECK (status IN ('QUEUED', 'RUNNING', 'FINISHED', 'CANCELLED', 'FAILED')),
       failure TEXT,
       delimiter INTEGER NOT NULL,
       columns TEXT NOT NULL,
       source TEXT,
       collected_at BIGINT CHECK ((collected_at IS NULL) = (source IS NULL)),
       statement TEXT CHECK ((statement IS NULL) = (source IS NULL)),
       octets BIGINT NOT NULL,
       read_to BIGINT NOT NULL CHECK (read_to BETWEEN 0 AND octets),
       line BIGINT NOT NULL,
       rows_read BIGINT NOT NULL DEFAULT 0,
       rows_imported BIGINT NOT NULL DEFAULT 0,
       rows_held BIGINT NOT NULL DEFAULT 0,
       rows_refused BIGINT NOT NULL DEFAULT 0,
       created_at BIGINT NOT NULL,
       finished_at BIGINT,
       PRIMARY KEY (tenant_id, id),
       UNIQUE (tenant_id, idempotency_key),
       CHECK (rows_read = rows_imported + rows_held + rows_refused),
       CHECK ((failure IS NULL) = (status <> 'FAILED')),
       CHECK ((finished_at IS NULL) = (status IN ('QUEUED', 'RUNNING'))),
       FOREIGN KEY (tenant_id, list_id) REFERENCES mailing_list (tenant_id, id),
       FOREIGN KEY (tenant_id, collection_point_id) REFERENCES collection_point (tenant_id, id)
     ) {strict}",
    "CREATE TABLE import_purpose (
       tenant_id {uuid} NOT NULL,
       import_id {uuid} NOT NULL,
       purpose_id {uuid} NOT NULL,
       PRIMARY KEY (tenant_id, import_id, purpose_id),
       FOREIGN KEY (tenant_id, import_id) REFERENCES people_import (tenant_id, id),
       FOREIGN KEY (tenant_id, purpose_id) REFERENCES purpose (tenant_id, id)
     ) {by_key}",
    // What the tenant brought, in pieces, each gone when it has been read. Its octets are UTF-8.
    "CREATE TABLE import_text (
       tenant_id {uuid} NOT NULL,
       import_id {uuid} NOT NULL,
       begins_at BIGINT NOT NULL,
       piece {bytes} NOT NULL,
       PRIMARY KEY (tenant_id, import_id, begins_at),
       FOREIGN KEY (tenant_id, import_id) REFERENCES people_import (tenant_id, id)
     ) {strict}",
    // What is wrong with a line, without anything that stands in it.
    "CREATE TABLE import_problem (
       tenant_id {uuid} NOT NULL,
       import_id {uuid} NOT NULL,
       line BIGINT NOT NULL,
       reason TEXT NOT NULL,
       field TEXT,
       PRIMARY KEY (tenant_id, import_id, line),
       FOREIGN KEY (tenant_id, import_id) REFERENCES people_import (tenant_id, id)
     ) {by_key}",
];
