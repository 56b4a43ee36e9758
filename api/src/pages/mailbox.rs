//! `/dev/mailbox`: the mail that was kept in place of being sent. Where there is no such mailbox, as in
//! production, there are no such pages.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use assent_domain::clock::Timestamp;
use assent_worker::mailbox::Mailbox;
use mail_parser::{Addr, HeaderForm, Message, MessageParser, PartType};

use super::error::PageError;
use super::reader::Reader;
use super::respond::{self, Keep};
use super::views::{MailboxMessagePage, MailboxPage, MailboxRow, Tongue, When};
use crate::app::App;

/// How many messages are listed.
const LISTED: usize = 100;

fn mailbox(app: &App) -> Result<Mailbox, PageError> {
    app.mailbox.clone().ok_or_else(PageError::not_found)
}

/// The newest messages.
pub(super) async fn list(app: web::Data<App>, reader: Reader) -> Result<HttpResponse, PageError> {
    let mailbox = mailbox(&app)?;
    let page = web::block(move || rows(&mailbox, reader.tongue())).await;
    let page = page.map_err(PageError::internal)?.map_err(PageError::internal)?;
    respond::page(StatusCode::OK, Keep::Never, &page)
}

fn rows(mailbox: &Mailbox, tongue: Tongue) -> std::io::Result<MailboxPage> {
    let newest = mailbox.newest(LISTED)?;
    let mut messages = Vec::with_capacity(newest.ids.len());
    for id in newest.ids {
        let Some(raw) = mailbox.read(&id)? else { continue };
        let parsed = MessageParser::default().parse_headers(&raw);
        let parsed = parsed.unwrap_or_default();
        messages.push(MailboxRow {
            at: kept_at(&id),
            from: people(parsed.from().into_iter().flat_map(|list| list.iter())),
            to: people(parsed.to().into_iter().flat_map(|list| list.iter())),
            subject: parsed.subject().unwrap_or_default().to_owned(),
            id,
        });
    }
    Ok(MailboxPage {
        tongue,
        messages,
        not_listed: newest.not_listed,
    })
}

async fn read(app: &App, id: &str) -> Result<Vec<u8>, PageError> {
    let mailbox = mailbox(app)?;
    let id = id.to_owned();
    let read = web::block(move || mailbox.read(&id)).await;
    let message = read.map_err(PageError::internal)?.map_err(PageError::internal)?;
    message.ok_or_else(PageError::not_found)
}

/// One message.
pub(super) async fn show(
    app: web::Data<App>,
    reader: Reader,
    id: web::Path<String>,
) -> Result<HttpResponse, PageError> {
    let raw = read(&app, &id).await?;
    let parsed = MessageParser::default().parse(&raw).unwrap_or_default();
    let page = MailboxMessagePage {
        tongue: reader.tongue(),
        at: kept_at(&id),
        subject: parsed.subject().unwrap_or_default().to_owned(),
        headers: headers(&parsed),
        text: text_part(&parsed).map(str::to_owned),
        has_html: html_part(&parsed).is_some(),
        id: id.into_inner(),
    };
    respond::framing_page(&page)
}

/// The HTML part of a message.
pub(super) async fn html(app: web::Data<App>, id: web::Path<String>) -> Result<HttpResponse, PageError> {
    let raw = read(&app, &id).await?;
    let parsed = MessageParser::default().parse(&raw).unwrap_or_default();
    let html = html_part(&parsed).ok_or_else(PageError::not_found)?;
    Ok(respond::letter(html.to_owned()))
}

/// A message as it would have gone out.
pub(super) async fn raw(app: web::Data<App>, id: web::Path<String>) -> Result<HttpResponse, PageError> {
    let raw = read(&app, &id).await?;
    Ok(respond::file(
        StatusCode::OK,
        Keep::Never,
        "text/plain; charset=utf-8",
        raw,
    ))
}

/// A message's name begins with the time at which it was kept.
fn kept_at(id: &str) -> When {
    let micros = id.split('-').next().and_then(|digits| digits.parse().ok());
    When::from(Timestamp::from_micros(micros.unwrap_or_default()))
}

fn people<'a>(of: impl Iterator<Item = &'a Addr<'a>>) -> String {
    let one = |person: &Addr<'_>| match (person.name(), person.address()) {
        (Some(name), Some(address)) => format!("{name} <{address}>"),
        (_, address) => address.unwrap_or_default().to_owned(),
    };
    of.map(one).collect::<Vec<_>>().join(", ")
}

/// Every header in its order, decoded and unfolded.
fn headers(message: &Message<'_>) -> Vec<(String, String)> {
    let mut seen = std::collections::BTreeMap::<String, usize>::new();
    let mut headers = Vec::new();
    for (name, raw) in message.headers_raw() {
        let nth = seen.entry(name.to_ascii_lowercase()).or_default();
        let decoded = message.header_as(name.to_owned(), HeaderForm::Text);
        let text = decoded.get(*nth).and_then(|value| value.as_text());
        *nth += 1;
        let text = text
            .unwrap_or(raw)
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ");
        headers.push((name.to_owned(), text));
    }
    headers
}

fn text_part<'a>(message: &'a Message<'_>) -> Option<&'a str> {
    message.text_bodies().find_map(|part| match &part.body {
        PartType::Text(text) => Some(text.as_ref()),
        _ => None,
    })
}

fn html_part<'a>(message: &'a Message<'_>) -> Option<&'a str> {
    message.html_bodies().find_map(|part| match &part.body {
        PartType::Html(html) => Some(html.as_ref()),
        _ => None,
    })
}
