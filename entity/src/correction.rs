//! Putting right what a person is known by, by their own act (GDPR, article 16).

use assent_domain::audit::AuditAct;
use assent_domain::line::is_line;
use serde_json::json;

use crate::audit::Change;
use crate::error::StoreError;
use crate::subscriber::Subscriber;
use crate::text::MAX_NAME_CHARS;
use crate::tx::{TenantTx, Write};

/// Name and company as they are right. Either may be empty.
#[derive(Clone)]
pub struct Correction {
    name: String,
    company: String,
}

impl Correction {
    /// Takes name and company as the person writes them: each one line, not endless.
    pub fn new(name: &str, company: &str) -> Result<Self, StoreError> {
        Ok(Self {
            name: line("name", name)?,
            company: line("company", company)?,
        })
    }
}

fn line(field: &'static str, text: &str) -> Result<String, StoreError> {
    let text = text.trim();
    if text.chars().count() > MAX_NAME_CHARS || !is_line(text) {
        let rule = format!("a {field} is one line of at most {MAX_NAME_CHARS} characters");
        return Err(StoreError::invalid(field, rule));
    }
    Ok(text.to_owned())
}

/// Puts a person right, and says whether that changed anything. Their row has to be locked.
pub(crate) async fn apply(
    tx: &mut TenantTx<Write>,
    person: &Subscriber,
    right: &Correction,
) -> Result<bool, StoreError> {
    if person.name == right.name && person.company == right.company {
        return Ok(false);
    }
    tx.execute(
        "UPDATE subscriber SET name = $3, company = $4 WHERE tenant_id = $1 AND id = $2",
        [
            person.id.uuid().into(),
            right.name.as_str().into(),
            right.company.as_str().into(),
        ],
    )
    .await?;
    let known_by = |name: &str, company: &str| json!({ "name": name, "company": company });
    let change = Change::from_to(
        known_by(&person.name, &person.company),
        known_by(&right.name, &right.company),
    );
    tx.audit_about(AuditAct::PersonCorrected, Some(person.id), &change)?;
    Ok(true)
}
