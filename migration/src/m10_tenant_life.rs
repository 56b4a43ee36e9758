//! The life of a tenant: closed for some days, then deleted. Its row in the directory stays, so that its short name is
//! not given away again and old links can say that nothing is held.

use sea_orm_migration::prelude::*;

use crate::dialect::{Ban, ban, run};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, CHANGES).await?;
        ban(manager, BANS).await
    }
}

const CHANGES: &[&str] = &[
    "ALTER TABLE tenant ADD COLUMN closed_at BIGINT",
    // A day at least, to notice a mistake.
    "ALTER TABLE tenant ADD COLUMN delete_at BIGINT
       CHECK ((delete_at IS NULL) = (closed_at IS NULL) AND delete_at >= closed_at + 86400000000)",
    // While this is set, rows of the tenant that are otherwise final can be deleted: see `dialect::ban`.
    "ALTER TABLE tenant ADD COLUMN deleting_since BIGINT CHECK (deleting_since >= delete_at)",
    "ALTER TABLE tenant ADD COLUMN deleted_at BIGINT CHECK (deleted_at >= deleting_since)",
    // Where its ledger ended: what a checkpoint is compared with when the ledger is gone.
    "ALTER TABLE tenant ADD COLUMN last_seq BIGINT",
    "ALTER TABLE tenant ADD COLUMN last_hash {bytes}",
];

const BANS: &[Ban] = &[
    Ban {
        name: "tenant_is_deleted_in_its_time",
        table: "tenant",
        event: "UPDATE",
        when: "NEW.deleting_since IS NOT NULL AND OLD.deleting_since IS NULL
               AND (OLD.delete_at IS NULL OR NEW.delete_at IS NULL OR NEW.delete_at <> OLD.delete_at)",
        message: "a tenant is closed first, and deleted when its day has come",
    },
    Ban {
        name: "tenant_deletion_is_final",
        table: "tenant",
        event: "UPDATE",
        when: "OLD.deleting_since IS NOT NULL AND (NEW.deleting_since IS NULL
                 OR NEW.deleting_since <> OLD.deleting_since OR NEW.closed_at IS NULL OR NEW.slug <> OLD.slug
                 OR (OLD.deleted_at IS NOT NULL AND (NEW.deleted_at IS NULL OR NEW.deleted_at <> OLD.deleted_at)))",
        message: "a tenant that is deleted does not come back",
    },
    Ban {
        name: "tenant_stays",
        table: "tenant",
        event: "DELETE",
        when: "1 = 1",
        message: "the row of a tenant stays, so that nobody else gets its short name",
    },
];
