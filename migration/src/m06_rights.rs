//! The rights of the person: what they ask about their data, and how far retention has got (P17).

use sea_orm_migration::prelude::*;

use crate::dialect::{Ban, ban, run};
use crate::security::isolate;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, TABLES).await?;
        ban(manager, BANS).await?;
        isolate(
            manager,
            "tenant_id",
            &[
                "privacy_request",
                "privacy_step",
                "privacy_mail",
                "retention_mark",
            ],
        )
        .await
    }
}

const TABLES: &[&str] = &[
    // `subscriber_id` refers to nobody once that person is erased. Everything personal is in `email`, `message`,
    // `answer` and `extension_reason`; of an erasure none of it is kept.
    // `settled_at` is when the traces of an erasure outside the tables were gone too.
    "CREATE TABLE privacy_request (
       tenant_id {uuid} NOT NULL REFERENCES tenant (id),
       id {uuid} NOT NULL,
       kind TEXT NOT NULL CHECK (kind IN (
         'COPY', 'CORRECTION', 'RESTRICTION', 'RESTRICTION_LIFT', 'ERASURE', 'OBJECTION', 'QUESTION', 'LINK')),
       state TEXT NOT NULL CHECK (state IN ('RECEIVED', 'IN_PROGRESS', 'DONE', 'REFUSED')),
       channel TEXT NOT NULL CHECK (channel IN ('LINK', 'FORM', 'MAIL', 'POST', 'PHONE')),
       identity TEXT NOT NULL CHECK (identity IN ('VERIFIED', 'UNVERIFIED')),
       subscriber_id {uuid},
       address_hash {bytes},
       email TEXT,
       message TEXT,
       answer TEXT,
       received_at BIGINT NOT NULL,
       due_at BIGINT NOT NULL,
       extended_at BIGINT,
       extension_reason TEXT,
       closed_at BIGINT,
       settled_at BIGINT,
       PRIMARY KEY (tenant_id, id),
       CHECK ((state IN ('DONE', 'REFUSED')) = (closed_at IS NOT NULL)),
       CHECK (due_at > received_at)
     ) {strict}",
    "CREATE INDEX privacy_request_open ON privacy_request (tenant_id, due_at)
       WHERE state IN ('RECEIVED', 'IN_PROGRESS')",
    "CREATE INDEX privacy_request_of_subscriber ON privacy_request (tenant_id, subscriber_id)
       WHERE subscriber_id IS NOT NULL",
    "CREATE INDEX privacy_request_of_mailbox ON privacy_request (tenant_id, address_hash, received_at)
       WHERE address_hash IS NOT NULL",
    "CREATE INDEX privacy_request_unsettled ON privacy_request (tenant_id, id)
       WHERE kind = 'ERASURE' AND state = 'DONE' AND settled_at IS NULL",
    // The history of a request: codes, ids and times, nothing personal.
    "CREATE TABLE privacy_step (
       tenant_id {uuid} NOT NULL REFERENCES tenant (id),
       request_id {uuid} NOT NULL,
       number INTEGER NOT NULL CHECK (number > 0),
       step TEXT NOT NULL,
       done_by TEXT NOT NULL,
       done_at BIGINT NOT NULL,
       PRIMARY KEY (tenant_id, request_id, number),
       FOREIGN KEY (tenant_id, request_id) REFERENCES privacy_request (tenant_id, id)
     ) {strict}",
    // Which mailing tells a person of which request: that their page is theirs to open, or the answer.
    "CREATE TABLE privacy_mail (
       tenant_id {uuid} NOT NULL REFERENCES tenant (id),
       mailing_id {uuid} NOT NULL,
       request_id {uuid} NOT NULL,
       says TEXT NOT NULL CHECK (says IN ('LINK', 'EXTENDED', 'ANSWER')),
       PRIMARY KEY (tenant_id, mailing_id),
       FOREIGN KEY (tenant_id, mailing_id) REFERENCES mailing (tenant_id, id),
       FOREIGN KEY (tenant_id, request_id) REFERENCES privacy_request (tenant_id, id)
     ) {strict}",
    "CREATE INDEX privacy_mail_of_request ON privacy_mail (tenant_id, request_id)",
    // The few mailings that any person may have got; those to one person are found by what they are about.
    "CREATE INDEX mailing_to_many ON mailing (tenant_id, id)
       WHERE kind <> 'CONFIRMATION' AND kind <> 'REQUEST_ANSWER'",
    // What retention looks for.
    "CREATE INDEX opt_in_unconfirmed ON opt_in (tenant_id, requested_at) WHERE confirmed_at IS NULL",
    "CREATE INDEX subscriber_unconfirmed ON subscriber (tenant_id, created_at) WHERE confirmed_at IS NULL",
    // How far a round of retention has got in a table that is too large to read at once.
    "CREATE TABLE retention_mark (
       tenant_id {uuid} NOT NULL REFERENCES tenant (id),
       rule TEXT NOT NULL,
       reached {uuid} NOT NULL,
       PRIMARY KEY (tenant_id, rule)
     ) {strict}",
];

const BANS: &[Ban] = &[
    Ban {
        name: "privacy_step_is_final",
        table: "privacy_step",
        event: "UPDATE",
        when: "1 = 1",
        message: "the history of a request cannot be changed",
    },
    Ban {
        name: "privacy_step_stays",
        table: "privacy_step",
        event: "DELETE",
        when: "EXISTS (SELECT 1 FROM privacy_request r WHERE r.tenant_id = OLD.tenant_id AND r.id = OLD.request_id
                 AND r.closed_at IS NULL)",
        message: "the history of a request that is open cannot be deleted",
    },
];
