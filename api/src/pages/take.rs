//! Taking in the answers to a form, whatever face they came through: the hosted page or the JSON of a tenant's own.

use assent_domain::address::EmailAddress;
use assent_domain::collection_point::FieldName;
use assent_domain::consent::ConsentSource;
use assent_entity::collection_point::{self, CollectionPoint};
use assent_entity::opt_in::{self, JoinRequest};
use assent_entity::{StoreError, TenantTx, Write, preferences};

use super::error::PageError;
use super::flaw::Flaw;
use super::join_form::{JoinForm, Wrong};
use super::posted::Posted;
use super::reader::Reader;
use super::shown::{Shown, in_best_language};
use super::tenant;
use super::views::Chrome;

/// What came of it. Nothing was recorded but for the first two.
pub(super) enum Taken {
    /// "No mail of any sort" is kept.
    OptedOut(Chrome, CollectionPoint),
    /// The answers are.
    Done {
        form: JoinForm,
        needs_confirmation: bool,
    },
    /// Something is wrong with what was sent.
    Wrong(JoinForm, Wrong),
    /// The words have changed too long ago, or were never shown.
    Changed(JoinForm),
    /// The form brings outside parties in, and nobody has said that they want to go on (P13).
    NotAsked(JoinForm),
}

/// Takes in the answers to a form. What was shown says in which language it was; where it does not, the reader does.
pub(super) async fn take(
    mut tx: TenantTx<Write>,
    point: CollectionPoint,
    reader: &Reader,
    posted: &Posted,
) -> Result<Taken, PageError> {
    let shown = posted.one("shown").ok().and_then(Shown::parse);
    let language = shown.as_ref().map(|shown| &shown.language);
    let chrome = tenant::chrome(&tx, reader.tongue_for(language)).await?;
    let mut wrong = Wrong::default();
    let email = email(posted, &mut wrong);
    let no_mail = posted.is_ticked("no_mail");
    // It needs the address and nothing else, and wins over whatever else was ticked.
    if let (true, Some(email)) = (no_mail, &email) {
        preferences::opt_out_at_form(&mut tx, email).await?;
        tx.commit().await?;
        return Ok(Taken::OptedOut(chrome, point));
    }
    let edition = match &shown {
        Some(shown) => collection_point::edition(&tx, point.clone(), shown.version, &shown.language).await?,
        None => None,
    };
    let seen = edition.is_some();
    let newest = in_best_language(&tx, point, reader).await?;
    let form = JoinForm::read(&tx, chrome.clone(), edition.unwrap_or_else(|| newest.clone())).await?;
    if no_mail {
        return Ok(Taken::Wrong(form, wrong));
    }
    if !seen || shown.is_none_or(|shown| shown.policy != form.policy_number()) {
        return Ok(Taken::Changed(JoinForm::read(&tx, chrome, newest).await?));
    }
    if form.brings_parties() && !posted.is_ticked("go_on") {
        return Ok(Taken::NotAsked(form));
    }
    join(tx, form, email, posted, wrong).await
}

async fn join(
    mut tx: TenantTx<Write>,
    form: JoinForm,
    email: Option<EmailAddress>,
    posted: &Posted,
    mut wrong: Wrong,
) -> Result<Taken, PageError> {
    let mut text = |name, field: FieldName| match posted.one(name) {
        _ if !form.asks_for(field) => String::new(),
        Ok(value) => value.trim().to_owned(),
        Err(_) => {
            wrong.with(name, Flaw::Twice);
            String::new()
        }
    };
    let (name, company) = (text("name", FieldName::Name), text("company", FieldName::Company));
    form.note_missing(posted, &mut wrong);
    let Some(email) = email.filter(|_| wrong.is_empty()) else {
        return Ok(Taken::Wrong(form, wrong));
    };
    let request = JoinRequest {
        email,
        name,
        company,
        choices: form.answers(posted),
        source: ConsentSource::Form,
        evidence: None,
    };
    match opt_in::join(&mut tx, form.point.clone(), &request).await {
        Ok(_) => {}
        Err(StoreError::Invalid { field, message }) => {
            wrong.with(field, Flaw::of_rule(message));
            return Ok(Taken::Wrong(form, wrong));
        }
        Err(error) => return Err(error.into()),
    }
    let needs_confirmation = form.needs_confirmation(&tx, &request.choices).await?;
    tx.commit().await?;
    Ok(Taken::Done {
        form,
        needs_confirmation,
    })
}

fn email(posted: &Posted, wrong: &mut Wrong) -> Option<EmailAddress> {
    let Ok(text) = posted.one("email") else {
        wrong.with("email", Flaw::Twice);
        return None;
    };
    EmailAddress::parse(text)
        .map_err(|error| wrong.with("email", error.into()))
        .ok()
}
