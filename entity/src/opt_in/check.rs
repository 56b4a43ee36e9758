//! Whether what somebody sent fits the form.

use std::collections::BTreeSet;

use assent_domain::collection_point::FieldName;
use assent_domain::line::is_line;

use super::{Form, JoinRequest};
use crate::collection_point::Field;
use crate::error::StoreError;
use crate::text::MAX_NAME_CHARS;

/// Checks name and company against what the form asks for.
pub(super) fn check_fields(fields: &[Field], request: &JoinRequest) -> Result<(), StoreError> {
    for (name, field, value) in [
        (FieldName::Name, "name", &request.name),
        (FieldName::Company, "company", &request.company),
    ] {
        let asked = fields.iter().find(|field| field.name == name);
        let value = value.trim();
        match asked {
            None if !value.is_empty() => {
                return Err(StoreError::invalid(
                    field,
                    format!("this form does not ask for a {field}: leave it out"),
                ));
            }
            Some(asked) if asked.required && value.is_empty() => {
                return Err(StoreError::invalid(field, format!("this form needs a {field}")));
            }
            _ if value.chars().count() > MAX_NAME_CHARS || !is_line(value) => {
                let rule = format!("a {field} is one line of at most {MAX_NAME_CHARS} characters");
                return Err(StoreError::invalid(field, rule));
            }
            _ => {}
        }
    }
    Ok(())
}

/// Checks the answers against the choices that the form offers.
pub(super) fn check_answers(form: &Form, request: &JoinRequest) -> Result<(), StoreError> {
    let offered: BTreeSet<_> = form
        .choices
        .iter()
        .map(|choice| choice.purpose.code.as_str())
        .collect();
    if let Some(unknown) = request
        .choices
        .keys()
        .find(|code| !offered.contains(code.as_str()))
    {
        let code: String = unknown.chars().take(60).collect();
        return Err(StoreError::invalid(
            "choices",
            format!("this form offers no choice for {code:?}"),
        ));
    }
    if !form.choices.is_empty() && form.chosen(&request.choices).next().is_none() {
        return Err(StoreError::invalid(
            "choices",
            "nothing was chosen: choose what you would like to receive",
        ));
    }
    Ok(())
}
