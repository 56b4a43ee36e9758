//! A person's copy of their data as tables for people and their spreadsheets.

use assent_entity::copy::PersonalCopy;
use assent_worker::words::Words;
use serde_json::Value;

use super::views::Table;

mod identity;

use identity::{address_changes, former_ids, memberships, person};

/// A copy as tables, with heads in a language.
pub(super) fn tables(copy: &PersonalCopy, words: Words) -> Vec<Table> {
    vec![
        person(copy, words),
        former_ids(copy, words),
        address_changes(copy, words),
        memberships(copy, words),
        sign_ups(copy, words),
        subscriptions(copy, words),
        consents(copy, words),
        deliveries(copy, words),
        attempts(copy, words),
        clicks(copy, words),
        suppressions(copy, words),
        requests(copy, words),
        request_history(copy, words),
        audit_log(copy, words),
        permissions(copy, words),
        disclosures(copy, words),
    ]
}

fn table(
    name: &'static str,
    title: String,
    columns: impl IntoIterator<Item = String>,
    rows: impl Iterator<Item = Vec<String>>,
) -> Table {
    Table {
        name,
        title,
        columns: columns.into_iter().collect(),
        rows: rows.collect(),
    }
}

fn maybe(text: Option<&String>) -> String {
    text.cloned().unwrap_or_default()
}

/// Evidence in one line; nothing where there is none.
fn json(value: &Value) -> String {
    if value.is_null() {
        String::new()
    } else {
        value.to_string()
    }
}

fn sign_ups(copy: &PersonalCopy, words: Words) -> Table {
    let rows = copy.sign_ups.iter().map(|of| {
        vec![
            of.requested_at.clone(),
            of.form.clone(),
            of.version.to_string(),
            of.language.clone(),
            of.purposes.join(" "),
            maybe(of.confirmed_at.as_ref()),
            of.expires_at.clone(),
        ]
    });
    table(
        "sign-ups",
        words.copy_sign_ups(),
        [
            words.col_when(),
            words.col_form(),
            words.col_version(),
            words.col_language(),
            words.col_chosen(),
            words.col_confirmed(),
            words.col_open_until(),
        ],
        rows,
    )
}

fn clicks(copy: &PersonalCopy, words: Words) -> Table {
    let rows = copy.clicks.iter().map(|of| {
        vec![
            of.clicked_at.clone(),
            of.subject.clone(),
            of.url.clone(),
            of.clicks.to_string(),
        ]
    });
    table(
        "clicks",
        words.copy_clicks(),
        [
            words.col_first(),
            words.col_subject(),
            words.col_link(),
            words.col_how_often(),
        ],
        rows,
    )
}

fn request_history(copy: &PersonalCopy, words: Words) -> Table {
    let rows = copy.requests.iter().flat_map(|of| {
        of.history
            .iter()
            .map(|step| vec![of.id.clone(), step.at.clone(), step.step.clone(), step.by.clone()])
    });
    table(
        "request-history",
        words.copy_request_history(),
        [
            words.col_request(),
            words.col_when(),
            words.col_what(),
            words.col_by(),
        ],
        rows,
    )
}

fn subscriptions(copy: &PersonalCopy, words: Words) -> Table {
    let rows = copy.subscriptions.iter();
    let rows = rows.map(|of| vec![of.list.clone(), of.state.clone(), of.since.clone()]);
    table(
        "subscriptions",
        words.copy_subscriptions(),
        [words.col_list(), words.col_state(), words.col_since()],
        rows,
    )
}

fn consents(copy: &PersonalCopy, words: Words) -> Table {
    let rows = copy.consents.iter().map(|of| {
        vec![
            of.recorded_at.clone(),
            of.purpose.clone(),
            of.state.clone(),
            of.source.clone(),
            of.policy_version.to_string(),
            maybe(of.words.as_ref()),
            of.evidence.as_ref().map(json).unwrap_or_default(),
            of.id.clone(),
        ]
    });
    let columns = [
        words.col_when(),
        words.col_purpose(),
        words.col_state(),
        words.col_through(),
        words.col_policy_version(),
        words.col_words_shown(),
        words.col_proof(),
        words.col_record(),
    ];
    table("consents", words.copy_consents(), columns, rows)
}

fn deliveries(copy: &PersonalCopy, words: Words) -> Table {
    let rows = copy.deliveries.iter().map(|of| {
        vec![
            of.changed_at.clone(),
            of.kind.clone(),
            maybe(of.subject.as_ref()),
            of.status.clone(),
            maybe(of.refusal.as_ref().or(of.failure.as_ref())),
            of.id.clone(),
        ]
    });
    let columns = [
        words.col_when(),
        words.col_sort(),
        words.col_subject(),
        words.col_status(),
        words.col_not_sent(),
        words.col_delivery(),
    ];
    table("deliveries", words.copy_deliveries(), columns, rows)
}

fn attempts(copy: &PersonalCopy, words: Words) -> Table {
    let rows = copy.deliveries.iter().flat_map(|of| {
        of.attempts.iter().map(|attempt| {
            vec![
                of.id.clone(),
                attempt.number.to_string(),
                attempt.started_at.clone(),
                attempt.ended_at.clone(),
                attempt.outcome.clone(),
                attempt
                    .reply_code
                    .map(|code| code.to_string())
                    .unwrap_or_default(),
                attempt.reply.clone(),
            ]
        })
    });
    let columns = [
        words.col_delivery(),
        words.col_number(),
        words.col_began(),
        words.col_ended(),
        words.col_outcome(),
        words.col_code(),
        words.col_reply(),
    ];
    table("attempts", words.copy_attempts(), columns, rows)
}

fn suppressions(copy: &PersonalCopy, words: Words) -> Table {
    let rows = copy.suppressions.iter();
    let rows = rows.map(|of| vec![of.reason.clone(), of.since.clone()]);
    table(
        "suppressions",
        words.copy_suppressions(),
        [words.col_reason(), words.col_since()],
        rows,
    )
}

fn requests(copy: &PersonalCopy, words: Words) -> Table {
    let rows = copy.requests.iter().map(|of| {
        vec![
            of.received_at.clone(),
            of.kind.clone(),
            of.state.clone(),
            of.channel.clone(),
            of.identity.clone(),
            maybe(of.message.as_ref()),
            maybe(of.answer.as_ref()),
            of.due_at.clone(),
            maybe(of.closed_at.as_ref()),
            of.id.clone(),
        ]
    });
    let columns = [
        words.col_when(),
        words.col_sort(),
        words.col_state(),
        words.col_through(),
        words.col_identity(),
        words.col_message(),
        words.col_answer(),
        words.col_due(),
        words.col_answered(),
        words.col_request(),
    ];
    table("requests", words.copy_requests(), columns, rows)
}

fn audit_log(copy: &PersonalCopy, words: Words) -> Table {
    let rows = copy.audit_log.iter().map(|of| {
        vec![
            of.recorded_at.clone(),
            of.act.clone(),
            of.by.clone(),
            json(&of.before),
            json(&of.after),
        ]
    });
    let columns = [
        words.col_when(),
        words.col_what(),
        words.col_by(),
        words.col_before(),
        words.col_after(),
    ];
    table("audit-log", words.copy_audit(), columns, rows)
}

fn permissions(copy: &PersonalCopy, words: Words) -> Table {
    let rows = copy.permissions.iter().map(|of| {
        vec![
            of.recorded_at.clone(),
            of.outside_party.clone(),
            of.fields.join(" "),
            of.state.clone(),
            of.source.clone(),
            of.policy_version.to_string(),
            maybe(of.words.as_ref()),
        ]
    });
    let columns = [
        words.col_when(),
        words.col_party(),
        words.col_what(),
        words.col_state(),
        words.col_how(),
        words.col_policy_version(),
        words.col_words(),
    ];
    table("permissions", words.copy_permissions(), columns, rows)
}

fn disclosures(copy: &PersonalCopy, words: Words) -> Table {
    let rows = copy.disclosures.iter().map(|of| {
        vec![
            of.recorded_at.clone(),
            of.outside_party.clone(),
            of.fields.join(" "),
            of.basis.to_owned(),
        ]
    });
    table(
        "disclosures",
        words.copy_disclosures(),
        [
            words.col_when(),
            words.col_to_whom(),
            words.col_what(),
            words.col_basis(),
        ],
        rows,
    )
}
