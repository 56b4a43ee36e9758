//! A person's copy of their data as tables for people and their spreadsheets.

use assent_entity::copy::PersonalCopy;
use serde_json::Value;

use super::views::Table;

/// A copy as tables.
pub(super) fn tables(copy: &PersonalCopy) -> Vec<Table> {
    vec![
        person(copy),
        former_ids(copy),
        address_changes(copy),
        sign_ups(copy),
        subscriptions(copy),
        consents(copy),
        deliveries(copy),
        attempts(copy),
        clicks(copy),
        suppressions(copy),
        requests(copy),
        request_history(copy),
        audit_log(copy),
        permissions(copy),
        disclosures(copy),
    ]
}

fn table(
    name: &'static str,
    title: &'static str,
    columns: &[&'static str],
    rows: impl Iterator<Item = Vec<String>>,
) -> Table {
    Table {
        name,
        title,
        columns: columns.to_vec(),
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

fn person(copy: &PersonalCopy) -> Table {
    let of = &copy.person;
    let rows = [
        ("Id", of.id.clone()),
        ("E-mail address", of.email.clone()),
        ("Name", of.name.clone()),
        ("Company", of.company.clone()),
        ("First policy version", of.collected_under.to_string()),
        ("Since", of.created_at.clone()),
        ("Confirmed", maybe(of.confirmed_at.as_ref())),
        ("Use restricted since", maybe(of.restricted_at.as_ref())),
        ("Held by", copy.held_by.name.clone()),
        ("Privacy contact", copy.held_by.privacy_contact.clone()),
    ];
    let rows = rows.into_iter().map(|(what, value)| vec![what.to_owned(), value]);
    table("person", "Who you are to us", &["What", "Value"], rows)
}

fn former_ids(copy: &PersonalCopy) -> Table {
    let rows = copy.former_ids.iter();
    let rows = rows.map(|of| vec![of.id.clone(), of.merged_at.clone()]);
    table("former-ids", "Ids you were known by", &["Id", "Until"], rows)
}

fn address_changes(copy: &PersonalCopy) -> Table {
    let rows = copy.address_changes.iter().map(|of| {
        vec![
            of.requested_at.clone(),
            of.email.clone(),
            maybe(of.confirmed_at.as_ref()),
            of.expires_at.clone(),
        ]
    });
    let columns = ["When", "Address", "Confirmed", "Open until"];
    table(
        "address-changes",
        "Where you wanted to be reached",
        &columns,
        rows,
    )
}

fn sign_ups(copy: &PersonalCopy) -> Table {
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
    let columns = [
        "When",
        "Form",
        "Version",
        "Language",
        "Chosen",
        "Confirmed",
        "Open until",
    ];
    table("sign-ups", "What was asked for at forms", &columns, rows)
}

fn clicks(copy: &PersonalCopy) -> Table {
    let rows = copy.clicks.iter().map(|of| {
        vec![
            of.clicked_at.clone(),
            of.subject.clone(),
            of.url.clone(),
            of.clicks.to_string(),
        ]
    });
    let columns = ["First", "Subject", "Link", "How often"];
    table("clicks", "Links you followed", &columns, rows)
}

fn request_history(copy: &PersonalCopy) -> Table {
    let rows = copy.requests.iter().flat_map(|of| {
        of.history
            .iter()
            .map(|step| vec![of.id.clone(), step.at.clone(), step.step.clone(), step.by.clone()])
    });
    let columns = ["Request", "When", "What", "By"];
    table("request-history", "What became of it", &columns, rows)
}

fn subscriptions(copy: &PersonalCopy) -> Table {
    let rows = copy.subscriptions.iter();
    let rows = rows.map(|of| vec![of.list.clone(), of.state.clone(), of.since.clone()]);
    table("subscriptions", "Lists", &["List", "State", "Since"], rows)
}

fn consents(copy: &PersonalCopy) -> Table {
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
        "When",
        "Purpose",
        "State",
        "Through",
        "Policy version",
        "Words shown",
        "Kept as proof",
        "Record",
    ];
    table("consents", "What you said", &columns, rows)
}

fn deliveries(copy: &PersonalCopy) -> Table {
    let rows = copy.deliveries.iter().map(|of| {
        vec![
            of.changed_at.clone(),
            of.kind.clone(),
            maybe(of.subject.as_ref()),
            of.status.clone(),
            maybe(of.refusal.as_ref()),
            of.id.clone(),
        ]
    });
    let columns = [
        "When",
        "Sort",
        "Subject",
        "Status",
        "Not sent because",
        "Delivery",
    ];
    table("deliveries", "What was sent to you", &columns, rows)
}

fn attempts(copy: &PersonalCopy) -> Table {
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
        "Delivery",
        "Number",
        "Began",
        "Ended",
        "Outcome",
        "Code",
        "Server’s reply",
    ];
    table("attempts", "How it was sent", &columns, rows)
}

fn suppressions(copy: &PersonalCopy) -> Table {
    let rows = copy.suppressions.iter();
    let rows = rows.map(|of| vec![of.reason.clone(), of.since.clone()]);
    table(
        "suppressions",
        "Why we do not write to you",
        &["Reason", "Since"],
        rows,
    )
}

fn requests(copy: &PersonalCopy) -> Table {
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
        "When", "Sort", "State", "Through", "Identity", "Message", "Answer", "Due", "Answered", "Request",
    ];
    table("requests", "What you asked about your data", &columns, rows)
}

fn audit_log(copy: &PersonalCopy) -> Table {
    let rows = copy.audit_log.iter().map(|of| {
        vec![
            of.recorded_at.clone(),
            of.act.clone(),
            of.by.clone(),
            json(&of.before),
            json(&of.after),
        ]
    });
    let columns = ["When", "What", "By", "Before", "After"];
    table(
        "audit-log",
        "What was done, and who read your data",
        &columns,
        rows,
    )
}

fn permissions(copy: &PersonalCopy) -> Table {
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
        "When",
        "Outside party",
        "What",
        "State",
        "How",
        "Policy version",
        "Words",
    ];
    table("permissions", "What others may get", &columns, rows)
}

fn disclosures(copy: &PersonalCopy) -> Table {
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
        "Who was given your data",
        &["When", "To whom", "What", "Basis"],
        rows,
    )
}
