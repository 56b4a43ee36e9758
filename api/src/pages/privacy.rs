//! `/privacy/{token}`: what is held about a person, and what they do about it: see, copy, correct, restrict, object,
//! erase, ask (P17). Whoever has the link is the person, so what they ask for is done at once.

use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_DISPOSITION, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, web};
use assent_domain::id::PrivacyRequestId;
use assent_entity::link::{self, Act, Opened};
use assent_entity::privacy::by_person;
use assent_entity::restriction::Restricted;
use assent_entity::{Store, StoreError, TenantTx, Write, copy, subscriber};
use assent_worker::words::Words;

use super::copy_archive::Archive;
use super::copy_tables;
use super::error::PageError;
use super::flaw::Flaw;
use super::posted::Posted;
use super::privacy_words::request_row;
use super::reader::Reader;
use super::respond::{self, Keep};
use super::tenant;
use super::views::{Field, MessagePage, PrivacyCopyPage, PrivacyNotice, PrivacyPage};
use crate::app::App;

/// Opens a link, and makes sure that there is still somebody whom it is about.
pub(super) async fn open(store: &Store, reader: &Reader, token: &str) -> Result<Opened, PageError> {
    let link = link::open(store, token).await?;
    if link.act != Act::Privacy {
        return Err(PageError::link_altered());
    }
    let tx = TenantTx::read(store, link.ctx).await?;
    match subscriber::by_id(&tx, link.subscriber).await {
        Ok(_) => Ok(link),
        Err(StoreError::NotFound(_)) => {
            let page = MessagePage::nothing_held(tenant::chrome(&tx, reader.tongue()).await?);
            Err(PageError::new(StatusCode::GONE, page))
        }
        Err(error) => Err(error.into()),
    }
}

/// What can be done.
pub(super) async fn show(
    app: web::Data<App>,
    reader: Reader,
    token: web::Path<String>,
) -> Result<HttpResponse, PageError> {
    let link = open(&app.store, &reader, &token).await?;
    page(&app.store, &reader, &link, None, None).await
}

/// What a person does. What changed nothing has nothing to say.
#[derive(Clone, Copy)]
enum Deed {
    Correct,
    Restrict,
    Lift,
    Object,
    ComeBack,
    Write,
    Vouch,
}

/// One of the buttons.
pub(super) async fn send(
    app: web::Data<App>,
    reader: Reader,
    request: HttpRequest,
    token: web::Path<String>,
    payload: web::Payload,
) -> Result<HttpResponse, PageError> {
    let link = open(&app.store, &reader, &token).await?;
    let posted = Posted::read(&request, payload).await?;
    let deed = match posted.one("act") {
        Ok("copy") => return download(&app.store, &link).await,
        Ok("read") => return read(&app.store, &reader, &link).await,
        Ok("erase") => return erase(&app.store, &reader, &link, &posted).await,
        Ok("correct") => Deed::Correct,
        Ok("restrict") => Deed::Restrict,
        Ok("lift") => Deed::Lift,
        Ok("object") => Deed::Object,
        Ok("come_back") => Deed::ComeBack,
        Ok("write") => Deed::Write,
        Ok("vouch") => Deed::Vouch,
        _ => return Err(PageError::unreadable(StatusCode::BAD_REQUEST)),
    };
    let mut tx = TenantTx::write(&app.store, link.ctx).await?;
    match act(&mut tx, &link, deed, &posted).await {
        Ok(notice) => {
            tx.commit().await?;
            page(&app.store, &reader, &link, notice, None).await
        }
        Err(StoreError::Invalid { field, message }) => {
            drop(tx);
            let wrong = Wrong {
                posted: &posted,
                field,
                flaw: Flaw::of_rule(message),
            };
            page(&app.store, &reader, &link, None, Some(wrong)).await
        }
        Err(error) => Err(error.into()),
    }
}

async fn act(
    tx: &mut TenantTx<Write>,
    link: &Opened,
    deed: Deed,
    posted: &Posted,
) -> Result<Option<PrivacyNotice>, StoreError> {
    let of = link.subscriber;
    let one = |field: &'static str| {
        let twice = |_| StoreError::invalid(field, "this came more than once: enter it once");
        posted.one(field).map_err(twice)
    };
    let done = match deed {
        Deed::Correct => {
            by_person::correct(tx, of, one("name")?, one("company")?).await?;
            PrivacyNotice::Corrected
        }
        Deed::Restrict => {
            by_person::restrict(tx, of, Restricted::Yes).await?;
            PrivacyNotice::Restricted
        }
        Deed::Lift => {
            by_person::restrict(tx, of, Restricted::No).await?;
            PrivacyNotice::Lifted
        }
        Deed::Object => {
            by_person::object(tx, of).await?;
            PrivacyNotice::Objected
        }
        Deed::ComeBack => {
            // A page from before a later no does not undo it.
            let is_back = by_person::come_back(tx, of, one("no")?).await?;
            return Ok(is_back.then_some(PrivacyNotice::CameBack));
        }
        Deed::Write => {
            by_person::write(tx, of, one("message")?).await?;
            PrivacyNotice::Sent
        }
        Deed::Vouch => {
            let id: PrivacyRequestId = one("request")?
                .parse()
                .map_err(|_| StoreError::NotFound("request"))?;
            by_person::vouch(tx, of, id).await?;
            PrivacyNotice::Vouched
        }
    };
    Ok(Some(done))
}

/// Notes that a copy is taken, then makes it.
async fn take_copy(store: &Store, link: &Opened) -> Result<copy::PersonalCopy, PageError> {
    let mut tx = TenantTx::write(store, link.ctx).await?;
    by_person::take_copy(&mut tx, link.subscriber).await?;
    tx.commit().await?;
    let tx = TenantTx::read(store, link.ctx).await?;
    Ok(copy::of_person(&tx, link.subscriber).await?)
}

/// The copy as a file.
async fn download(store: &Store, link: &Opened) -> Result<HttpResponse, PageError> {
    let copy = take_copy(store, link).await?;
    let archive = Archive::of(&copy).map_err(PageError::internal)?;
    let mut answer = respond::file(StatusCode::OK, Keep::Never, "application/zip", archive.0);
    let name = HeaderValue::from_static("attachment; filename=\"your-data.zip\"");
    answer.headers_mut().insert(CONTENT_DISPOSITION, name);
    Ok(answer)
}

/// The copy as a page.
async fn read(store: &Store, reader: &Reader, link: &Opened) -> Result<HttpResponse, PageError> {
    let copy = take_copy(store, link).await?;
    let tx = TenantTx::read(store, link.ctx).await?;
    let chrome = tenant::chrome_for(&tx, reader, link.subscriber).await?;
    let page = PrivacyCopyPage {
        made_at: tx.now().into(),
        tables: copy_tables::tables(&copy, chrome.tongue.words),
        chrome,
    };
    respond::page(StatusCode::OK, Keep::Never, &page)
}

/// Erases, if the box that says so is ticked as well: a button is pressed by mistake sooner than the two.
async fn erase(
    store: &Store,
    reader: &Reader,
    link: &Opened,
    posted: &Posted,
) -> Result<HttpResponse, PageError> {
    if !posted.is_ticked("sure") {
        let wrong = Wrong {
            posted,
            field: "sure",
            flaw: Flaw::NotSure,
        };
        return page(store, reader, link, None, Some(wrong)).await;
    }
    let mut tx = TenantTx::write(store, link.ctx).await?;
    let chrome = tenant::chrome_for(&tx, reader, link.subscriber).await?;
    by_person::erase(&mut tx, link.subscriber).await?;
    tx.commit().await?;
    respond::page(StatusCode::OK, Keep::Never, &MessagePage::erased(chrome))
}

/// What is wrong with what was sent.
struct Wrong<'a> {
    posted: &'a Posted,
    field: &'static str,
    flaw: Flaw,
}

impl Wrong<'_> {
    /// A field with what was typed, and what is wrong with it if it is the one.
    fn field(&self, name: &'static str, kept: &str, words: Words) -> Field {
        let came = self.posted.with_prefix(name).any(|(rest, _)| rest.is_empty());
        let value = if came { self.posted.typed(name) } else { kept };
        let field = Field::optional().with_value(value);
        if self.field == name {
            field.with_error(self.flaw.say(words))
        } else {
            field
        }
    }
}

async fn page(
    store: &Store,
    reader: &Reader,
    link: &Opened,
    notice: Option<PrivacyNotice>,
    wrong: Option<Wrong<'_>>,
) -> Result<HttpResponse, PageError> {
    let tx = TenantTx::read(store, link.ctx).await?;
    let now = by_person::view(&tx, link.subscriber).await?;
    let chrome = tenant::chrome_for(&tx, reader, link.subscriber).await?;
    let words = chrome.tongue.words;
    let field = |name: &'static str, kept: &str| match &wrong {
        Some(wrong) => wrong.field(name, kept, words),
        None => Field::optional().with_value(kept),
    };
    let requests = now.requests.iter().map(|of| request_row(of, words));
    let page = PrivacyPage {
        chrome,
        masked_address: now.subscriber.email.masked(),
        address_path: format!("/privacy/{}/address", link.onward(store, Act::Privacy)),
        notice,
        name: field("name", &now.subscriber.name),
        company: field("company", &now.subscriber.company),
        message: field("message", ""),
        sure_error: field("sure", "").error,
        restricted_since: now.subscriber.restricted_at.map(Into::into),
        no_mail_since: now.no_mail.map(|no| no.since().micros()),
        requests: requests.collect(),
    };
    let status = if wrong.is_some() {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    respond::page(status, Keep::Never, &page)
}
