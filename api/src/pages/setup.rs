//! `/setup`: the first tenant and its owner, made by whoever has the code that the server printed at its start.
//! The code is in the address, or is asked for.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use assent_domain::address::EmailAddress;
use assent_domain::tenant::Slug;
use assent_entity::StoreError;
use assent_entity::member::NewMember;
use assent_entity::operator;
use assent_entity::tenant::{self, NewTenant};
use assent_worker::words::Words;
use secrecy::SecretString;
use tokio::sync::Mutex;

use super::error::PageError;
use super::flaw::Flaw;
use super::posted::Posted;
use super::reader::Reader;
use super::respond::{self, Keep};
use super::views::{Field, OperatorPolicyRef, SetupDonePage, SetupPage, Tongue};
use crate::app::App;

/// Two windows with the same code make one tenant.
static ONE_AT_A_TIME: Mutex<()> = Mutex::const_new(());

/// The form, with the code in its address.
pub(super) async fn show(
    app: web::Data<App>,
    reader: Reader,
    code: web::Path<String>,
) -> Result<HttpResponse, PageError> {
    if !app.setup.matches(&code) {
        return Err(PageError::not_found());
    }
    let page = empty(&app, reader.tongue(), false).await?;
    respond::page(StatusCode::OK, Keep::Never, &page)
}

/// The form that asks for the code.
pub(super) async fn show_asking(app: web::Data<App>, reader: Reader) -> Result<HttpResponse, PageError> {
    if !app.setup.is_open() {
        return Err(PageError::not_found());
    }
    let page = empty(&app, reader.tongue(), true).await?;
    respond::page(StatusCode::OK, Keep::Never, &page)
}

/// Creates the tenant, with the code in the address.
pub(super) async fn send(
    app: web::Data<App>,
    reader: Reader,
    request: HttpRequest,
    code: web::Path<String>,
    payload: web::Payload,
) -> Result<HttpResponse, PageError> {
    let _turn = ONE_AT_A_TIME.lock().await;
    if !app.setup.matches(&code) {
        return Err(PageError::not_found());
    }
    let posted = Posted::read(&request, payload).await?;
    let page = empty(&app, reader.tongue(), false).await?;
    create(&app, &posted, filled(&posted, page)).await
}

/// Creates the tenant, with the code in the form.
pub(super) async fn send_asking(
    app: web::Data<App>,
    reader: Reader,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, PageError> {
    let posted = Posted::read(&request, payload).await?;
    let _turn = ONE_AT_A_TIME.lock().await;
    if !app.setup.is_open() {
        return Err(PageError::not_found());
    }
    let mut page = filled(&posted, empty(&app, reader.tongue(), true).await?);
    if !app.setup.matches(posted.typed("setup_code").trim()) {
        let error = page.words().setup_wrong_code();
        page.setup_code = Some(Field::required().with_error(error));
        return again(&page);
    }
    create(&app, &posted, page).await
}

/// The empty form, with the policy that applies to whoever becomes a member by it.
async fn empty(app: &App, tongue: Tongue, with_code: bool) -> Result<SetupPage, PageError> {
    let policy = operator::policy_in_force(&app.store).await?;
    Ok(SetupPage {
        operator_policy: policy.map(|policy| OperatorPolicyRef {
            path: policy.path(),
            version: policy.number,
            company: policy.company,
        }),
        ..SetupPage::empty(tongue, with_code)
    })
}

fn filled(posted: &Posted, mut page: SetupPage) -> SetupPage {
    let needed = page.words().setup_needed();
    for (name, field) in texts(&mut page) {
        posted.typed(name).trim().clone_into(&mut field.value);
        if field.value.is_empty() {
            field.error = Some(needed.clone());
        }
    }
    if posted.typed("password").is_empty() {
        page.password.error = Some(needed.clone());
    }
    page
}

/// The fields that are shown again with what was typed.
fn texts(page: &mut SetupPage) -> [(&'static str, &mut Field); 7] {
    [
        ("company", &mut page.company),
        ("slug", &mut page.slug),
        ("postal_address", &mut page.postal_address),
        ("sender_name", &mut page.sender_name),
        ("sender_address", &mut page.sender_address),
        ("privacy_contact", &mut page.privacy_contact),
        ("owner_email", &mut page.owner_email),
    ]
}

async fn create(app: &App, posted: &Posted, mut page: SetupPage) -> Result<HttpResponse, PageError> {
    let words = page.words();
    let slug = parsed(&mut page.slug, words, |text| {
        Slug::parse(text).map_err(Flaw::of_rule)
    });
    let address = |text: &str| EmailAddress::parse(text).map_err(Flaw::from);
    let sender_address = parsed(&mut page.sender_address, words, address);
    let privacy_contact = parsed(&mut page.privacy_contact, words, address);
    let owner_email = parsed(&mut page.owner_email, words, address);
    let (Some(slug), Some(sender_address), Some(privacy_contact), Some(owner_email)) =
        (slug, sender_address, privacy_contact, owner_email)
    else {
        return again(&page);
    };
    if !page.errors().is_empty() {
        return again(&page);
    }
    let new = NewTenant {
        name: page.company.value.clone(),
        sender_name: page.sender_name.value.clone(),
        sender_address,
        privacy_contact,
        postal_address: page.postal_address.value.clone(),
        slug,
    };
    let password = SecretString::from(posted.typed("password").to_owned());
    let made = match NewMember::new(owner_email, password).await {
        Ok(owner) => tenant::create(&app.store, new, owner).await,
        Err(error) => Err(error),
    };
    match made {
        Ok(_) => {}
        Err(StoreError::Invalid { field, message } | StoreError::Conflict { field, message }) => {
            field_of(&mut page, field).error = Some(Flaw::of_rule(message).say(words));
            return again(&page);
        }
        Err(error) => return Err(error.into()),
    }
    app.setup.close();
    let done = SetupDonePage {
        tongue: page.tongue,
        policy_path: format!("/t/{}/policy", page.slug.value),
        company: page.company.value,
        mailbox: app.mailbox.is_some(),
    };
    respond::page(StatusCode::OK, Keep::Never, &done)
}

fn parsed<T>(field: &mut Field, words: Words, parse: impl Fn(&str) -> Result<T, Flaw>) -> Option<T> {
    match parse(&field.value) {
        Ok(value) => Some(value),
        Err(_) if field.value.is_empty() => None,
        Err(flaw) => {
            field.error = Some(flaw.say(words));
            None
        }
    }
}

/// The field of the form that an input of the store stands for.
fn field_of<'a>(page: &'a mut SetupPage, input: &str) -> &'a mut Field {
    match input {
        "slug" => &mut page.slug,
        "senderName" => &mut page.sender_name,
        "postalAddress" => &mut page.postal_address,
        "password" => &mut page.password,
        "email" => &mut page.owner_email,
        _ => &mut page.company,
    }
}

fn again(page: &SetupPage) -> Result<HttpResponse, PageError> {
    respond::page(StatusCode::UNPROCESSABLE_ENTITY, Keep::Never, page)
}
