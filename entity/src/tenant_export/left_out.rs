//! What is not exported, and why. Everything else is: a table that is added later is exported unless it stands here.

use serde::Serialize;

/// Something that stays behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct LeftOut {
    /// The table.
    pub table: &'static str,
    /// The column, or all of them.
    pub column: Option<&'static str>,
    /// Why.
    pub why: &'static str,
}

/// All that stays behind.
pub const LEFT_OUT: &[LeftOut] = &[
    LeftOut {
        table: "member",
        column: Some("password_hash"),
        why: "whoever has the file could guess at passwords, which people use elsewhere too",
    },
    LeftOut {
        table: "credential",
        column: None,
        why: "hashes of the secrets that open sessions here, and nothing elsewhere",
    },
    LeftOut {
        table: "refresh_credential",
        column: None,
        why: "hashes of the secrets that keep sessions open here, and nothing elsewhere",
    },
    LeftOut {
        table: "second_factor",
        column: Some("sealed_secret"),
        why: "whoever can read it could show a member's codes; a new server has each member begin anew",
    },
    LeftOut {
        table: "identity_provider",
        column: Some("sealed_secret"),
        why: "whoever can read it could redeem codes at the provider in the tenant's name",
    },
    LeftOut {
        table: "identity_sign_in",
        column: None,
        why: "hashes of secrets that browsers have for ten minutes, and that open nothing elsewhere",
    },
    LeftOut {
        table: "recovery_code",
        column: None,
        why: "hashes of codes that count here, and nowhere else",
    },
    LeftOut {
        table: "api_credential",
        column: None,
        why: "hashes of the secrets of tokens, which open nothing elsewhere",
    },
    LeftOut {
        table: "dkim_key",
        column: Some("sealed_private_key"),
        why: "whoever can read it could sign mail in the tenant's name; a new server makes keys of its own",
    },
    LeftOut {
        table: "transport",
        column: Some("sealed_password"),
        why: "whoever can read it could send through the tenant's mail server",
    },
    LeftOut {
        table: "webhook_endpoint",
        column: Some("sealed_secret"),
        why: "whoever can read it could tell the tenant's programs what did not happen; a new server makes secrets of its own",
    },
    LeftOut {
        table: "webhook_endpoint",
        column: Some("sealed_former_secret"),
        why: "as the secret that took its place",
    },
    LeftOut {
        table: "transactional_mail",
        column: Some("content_hash"),
        why: "what a message said, which is not kept, could be guessed at by it",
    },
    LeftOut {
        table: "people_import",
        column: Some("content_hash"),
        why: "who was brought along, which is not kept, could be guessed at by it",
    },
    LeftOut {
        table: "people_import",
        column: Some("table_hash"),
        why: "who was brought along, which is not kept, could be guessed at by it",
    },
    LeftOut {
        table: "keyed_change",
        column: None,
        why: "which requests of the last day were sent under which key, and what was answered: it counts here, and nowhere else",
    },
    LeftOut {
        table: "import_seen",
        column: None,
        why: "whom a dry run has met so far, by hashes that mean nothing elsewhere",
    },
    LeftOut {
        table: "delivery_queue",
        column: None,
        why: "when this server hands over what waits: that it waits stands in the deliveries",
    },
    LeftOut {
        table: "outbox",
        column: None,
        why: "jobs of this server: what they are to do stands in the tables they are about",
    },
];

/// Whether nothing of a table is exported.
pub(super) fn is_whole_table(table: &str) -> bool {
    LEFT_OUT
        .iter()
        .any(|left_out| left_out.table == table && left_out.column.is_none())
}

/// Whether a column is not exported.
pub(super) fn is_column(table: &str, column: &str) -> bool {
    LEFT_OUT
        .iter()
        .any(|left_out| left_out.table == table && left_out.column == Some(column))
}
