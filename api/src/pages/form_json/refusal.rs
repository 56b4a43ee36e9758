//! What a page of a tenant is told when its form was not taken: a code, words for a person, and the fields.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use assent_entity::StoreError;
use assent_worker::words::Words;
use serde::Serialize;
use serde_json::json;

use super::definition::Definition;
use crate::pages::error::PageError;
use crate::pages::flaw::Flaw;
use crate::pages::join_form::Wrong;
use crate::pages::respond::{self, Keep};

/// What is wrong with one field.
#[derive(Clone, Debug, Serialize)]
pub(super) struct FieldProblem {
    field: &'static str,
    message: String,
}

/// What is wrong, field by field.
#[derive(Clone, Debug)]
pub(super) struct Wrongs(Vec<FieldProblem>);

impl Wrongs {
    pub(super) fn of(wrong: Wrong) -> Self {
        let problem = |(field, flaw): (_, Flaw)| FieldProblem {
            field,
            message: flaw.say(Words::english()),
        };
        Self(wrong.errors.into_iter().map(problem).collect())
    }

    pub(super) fn one(field: &'static str, message: impl Into<String>) -> Self {
        let message = message.into();
        Self(vec![FieldProblem { field, message }])
    }
}

/// A form that was not taken. Nothing was recorded.
pub(super) enum Refusal {
    /// What the pages say too.
    Page(PageError),
    /// With a code of its own.
    Coded {
        /// The status.
        status: StatusCode,
        /// The code, which stays.
        code: &'static str,
        /// What happened, and what to do.
        message: String,
        /// What is wrong, field by field.
        fields: Vec<FieldProblem>,
        /// The form as it is now.
        form: Option<Box<Definition>>,
    },
}

impl Refusal {
    fn coded(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self::Coded {
            status,
            code,
            message: message.into(),
            fields: Vec::new(),
            form: None,
        }
    }

    /// The page is of no origin that the tenant allows.
    pub(super) fn stranger() -> Self {
        let message =
            "pages of this origin may not send the form: the tenant allows origins with setAllowedOrigins";
        Self::coded(StatusCode::FORBIDDEN, "ORIGIN_NOT_ALLOWED", message)
    }

    /// What was sent is no JSON of the shape.
    pub(super) fn unreadable(error: &serde_json::Error) -> Self {
        let message = format!(
            "this is not what the form takes ({error}): send a JSON object with email, name, company, choices \
             [{{purpose, given}}], version, language, goOn and noMail, as far as they apply"
        );
        Self::coded(StatusCode::BAD_REQUEST, "UNREADABLE", message)
    }

    /// The person has not chosen to go on.
    pub(super) fn not_asked() -> Self {
        let message = "this form brings outside parties in: show who they are, what they get and why before any \
                       field, and send goOn: true once the person has chosen to go on";
        let mut refusal = Self::coded(
            StatusCode::UNPROCESSABLE_ENTITY,
            "OUTSIDE_PARTIES_NOT_SHOWN",
            message,
        );
        if let Self::Coded { fields, .. } = &mut refusal {
            fields.push(FieldProblem {
                field: "goOn",
                message: message.to_owned(),
            });
        }
        refusal
    }

    /// The words are no longer those that were shown.
    pub(super) fn changed(now: Definition) -> Self {
        let message = "the words of this form have changed, or version and language are not those of its definition: \
                       show it again as it is in `form`";
        let mut refusal = Self::coded(StatusCode::CONFLICT, "WORDS_CHANGED", message);
        if let Self::Coded { form, .. } = &mut refusal {
            *form = Some(Box::new(now));
        }
        refusal
    }

    /// As JSON.
    pub(super) fn answer(self) -> HttpResponse {
        match self {
            Self::Page(error) => {
                let mut answer =
                    respond::json(error.status(), Keep::Never, &json!({ "error": error.words() }));
                error.add_header(&mut answer);
                answer
            }
            Self::Coded {
                status,
                code,
                message,
                fields,
                form,
            } => {
                let mut answer = json!({ "error": { "code": code, "message": message, "fields": fields } });
                if let (Some(form), Some(object)) = (form, answer.as_object_mut()) {
                    object.insert("form".to_owned(), json!(form));
                }
                respond::json(status, Keep::Never, &answer)
            }
        }
    }
}

impl From<PageError> for Refusal {
    fn from(error: PageError) -> Self {
        Self::Page(error)
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        Self::Page(error.into())
    }
}

impl From<Wrongs> for Refusal {
    fn from(wrongs: Wrongs) -> Self {
        let messages: Vec<_> = wrongs.0.iter().map(|wrong| wrong.message.as_str()).collect();
        Self::Coded {
            status: StatusCode::UNPROCESSABLE_ENTITY,
            code: "BAD_USER_INPUT",
            message: messages.join("; "),
            fields: wrongs.0,
            form: None,
        }
    }
}
