//! Records to publish in DNS.

use assent_domain::sending_domain::{
    DnsRecord as Row, RecordKind as DomainKind, RecordType as DomainType, character_strings,
};
use async_graphql::{Enum, SimpleObject};

use super::RecordState;

/// What a record is for.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "DomainKind")]
pub(crate) enum RecordKind {
    /// A key that signs (RFC 6376).
    Dkim,
    /// Which servers send (RFC 7208).
    Spf,
    /// What receivers do with mail that passes neither (RFC 7489).
    Dmarc,
    /// Where what comes back goes.
    ReturnPath,
}

/// The type of a record.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "DomainType")]
pub(crate) enum RecordType {
    /// Text.
    Txt,
    /// Another name for the same.
    Cname,
}

/// A record to publish in DNS, and what was found of it.
#[derive(SimpleObject)]
pub(crate) struct DnsRecord {
    /// What it is for.
    kind: RecordKind,
    /// Its type.
    record_type: RecordType,
    /// Its name.
    name: String,
    /// Its value; null where it depends on what is not known here: see `note`.
    value: Option<String>,
    /// The value as the strings of a TXT record, none longer than 255 characters. Most providers of DNS take the value whole
    /// and cut it themselves.
    strings: Vec<String>,
    /// The record as a line of a zone file; null where there is no value.
    zone_line: Option<String>,
    /// Whether the domain is not verified without it.
    required: bool,
    /// What to know about it; may be empty.
    note: String,
    /// What was found when it was last looked for.
    state: RecordState,
    /// Why it does not do, and what would; empty where it does.
    reason: String,
}

impl From<Row> for DnsRecord {
    fn from(row: Row) -> Self {
        let strings = match (row.record_type, row.value.as_deref()) {
            (DomainType::Txt, Some(value)) => character_strings(value),
            _ => Vec::new(),
        };
        let zone_line = row.value.as_deref().map(|value| {
            let data = match row.record_type {
                DomainType::Txt => format!("\"{}\"", strings.join("\" \"")),
                DomainType::Cname => format!("{value}."),
            };
            format!("{}. IN {} {data}", row.name, row.record_type)
        });
        Self {
            kind: row.kind.into(),
            record_type: row.record_type.into(),
            strings: strings.into_iter().map(str::to_owned).collect(),
            zone_line,
            name: row.name,
            value: row.value,
            required: row.is_required,
            note: row.note,
            state: row.finding.state.into(),
            reason: row.finding.reason,
        }
    }
}
