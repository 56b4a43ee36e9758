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
        let tables = [
            "people_import",
            "import_purpose",
            "import_text",
            "import_problem",
            "import_seen",
        ];
        isolate(manager, "tenant_id", &tables).await
    }
}

const TABLES: &[&str] = &[
    // `content_hash` tells whether what is asked for under the same key is the same, `table_hash` whether its table is; there is
    // none before the table has come whole, and no `delimiter` and no `encoding` either. `layout` is what the tenant says of
    // the table, `columns` what was found, both as JSON. `upload_id` is the upload that counts: the last that began.
    // `read_to` is how many octets of the text have been read, `line` the line that follows them. Without `source`, only rows
    // that say themselves how a permission was come by have evidence. A dry run changes nobody.
    "CREATE TABLE people_import (
       tenant_id {uuid} NOT NULL REFERENCES tenant (id),
       id {uuid} NOT NULL,
       list_id {uuid} NOT NULL,
       collection_point_id {uuid},
       idempotency_key TEXT,
       content_hash {bytes} NOT NULL,
       table_hash {bytes},
       status TEXT NOT NULL
         CHECK (status IN ('AWAITING_TABLE', 'QUEUED', 'RUNNING', 'FINISHED', 'CANCELLED', 'FAILED')),
       failure TEXT,
       is_dry_run INTEGER NOT NULL CHECK (is_dry_run IN (0, 1)),
       without_evidence TEXT NOT NULL CHECK (without_evidence IN ('ASK', 'REFUSE')),
       names_purposes INTEGER NOT NULL CHECK (names_purposes IN (0, 1)),
       layout TEXT NOT NULL,
       upload_id {uuid},
       encoding TEXT,
       is_encoding_guess INTEGER NOT NULL DEFAULT 0 CHECK (is_encoding_guess IN (0, 1)),
       delimiter TEXT,
       columns TEXT NOT NULL,
       source TEXT,
       collected_at BIGINT CHECK ((collected_at IS NULL) = (source IS NULL)),
       statement TEXT CHECK ((statement IS NULL) = (source IS NULL)),
       octets BIGINT NOT NULL,
       read_to BIGINT NOT NULL CHECK (read_to BETWEEN 0 AND octets),
       line BIGINT NOT NULL,
       max_rows BIGINT NOT NULL,
       rows_read BIGINT NOT NULL DEFAULT 0,
       rows_imported BIGINT NOT NULL DEFAULT 0,
       rows_held BIGINT NOT NULL DEFAULT 0,
       rows_refused BIGINT NOT NULL DEFAULT 0,
       people_new BIGINT NOT NULL DEFAULT 0,
       created_at BIGINT NOT NULL,
       finished_at BIGINT,
       PRIMARY KEY (tenant_id, id),
       UNIQUE (tenant_id, idempotency_key),
       CHECK (rows_read = rows_imported + rows_held + rows_refused),
       CHECK ((failure IS NULL) = (status <> 'FAILED')),
       CHECK ((finished_at IS NULL) = (status IN ('AWAITING_TABLE', 'QUEUED', 'RUNNING'))),
       CHECK ((table_hash IS NULL) = (delimiter IS NULL) AND (table_hash IS NULL) = (encoding IS NULL)),
       CHECK (table_hash IS NOT NULL OR status IN ('AWAITING_TABLE', 'CANCELLED', 'FAILED')),
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
    // Whom a dry run has met who is not known, by the hash of the address: each is counted once. They go with its end.
    "CREATE TABLE import_seen (
       tenant_id {uuid} NOT NULL,
       import_id {uuid} NOT NULL,
       address_hash {bytes} NOT NULL,
       PRIMARY KEY (tenant_id, import_id, address_hash),
       FOREIGN KEY (tenant_id, import_id) REFERENCES people_import (tenant_id, id)
     ) {by_key}",
    // What is wrong with a line: a code, and the code of a field or the key of a custom field; without anything that stands in it.
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
