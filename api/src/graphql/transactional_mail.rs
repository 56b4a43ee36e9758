//! Transactional mail: one message to one person.

use std::collections::BTreeMap;

use assent_domain::address::EmailAddress;
use assent_entity::transactional_mail::{self, Asked, MailContent, NewMail, To, TransactionalMail as Row};
use assent_worker::render::{Footer, VARIABLES};
use async_graphql::{Context, Description, ID, InputObject, Object, SimpleObject};

use super::campaign::{BodyFormat, template};
use super::context::World;
use super::delivery::Delivery;
use super::error::{ApiError, ErrorCode, Result};
use super::id;
use super::purpose::Purpose;
use super::time::Time;

/// The most values that a message may have, and how long all of them may be, in octets.
const MAX_VALUES: usize = 50;
const MAX_VALUE_BYTES: usize = 64 * 1024;

/// The body of a message.
#[derive(InputObject)]
pub(crate) struct TransactionalBodyInput {
    /// How it is written.
    format: BodyFormat,
    /// The body, a template of at most 1 MiB. A link to what is held about the person is added at its end.
    source: String,
}

/// A value that the templates of a message may name, as `{{ name }}`. It is escaped for its place.
#[derive(InputObject)]
pub(crate) struct TransactionalValueInput {
    /// Its name: a letter, then letters, digits and `_`.
    name: String,
    /// The value.
    value: String,
}

/// A message to one person.
#[derive(InputObject)]
pub(crate) struct SendTransactionalMailInput {
    /// Your own name for the message, such as `receipt-4711`: 1 to 200 characters. Asked for again with the same key, it is
    /// not sent again; another message with that key is a `CONFLICT`.
    key: String,
    /// The code of what it is sent for: an essential purpose of your policy.
    purpose: String,
    /// To whom: an id that begins with subscriber_. This or `email`.
    subscriber_id: Option<ID>,
    /// To whom: the address of somebody who is known. For a token it needs the scope `READ_SUBSCRIBERS`.
    email: Option<String>,
    /// The subject line, a template of at most 998 octets.
    subject: String,
    /// What is shown beside the subject where mails are listed, a template of at most 500 octets.
    preheader: Option<String>,
    /// The body.
    body: TransactionalBodyInput,
    /// Values for the templates, at most 50 and 64 KiB in all.
    #[graphql(default)]
    values: Vec<TransactionalValueInput>,
}

/// A message to one person that was asked for. What it says is deleted when it has been sent.
#[derive(Description)]
pub(crate) struct TransactionalMail(Row);

#[Object(use_type_description)]
impl TransactionalMail {
    /// The tenant's own name for it.
    async fn key(&self) -> &str {
        &self.0.key
    }

    /// What it is sent for.
    async fn purpose(&self, ctx: &Context<'_>) -> Result<Purpose> {
        Purpose::load(ctx, self.0.purpose).await
    }

    /// When it was asked for first.
    async fn created_at(&self) -> Time {
        self.0.created_at.into()
    }

    /// What became of it: where it stands, and why it was refused, if it was.
    async fn delivery(&self) -> Delivery {
        Delivery(self.0.delivery.clone())
    }
}

/// The message that was asked for.
#[derive(SimpleObject)]
pub(crate) struct SendTransactionalMailPayload {
    /// The message.
    mail: TransactionalMail,
    /// Whether it had been asked for before, and so is not sent again.
    repeated: bool,
}

/// What can be asked about transactional mail.
#[derive(Default)]
pub(crate) struct TransactionalMailQuery;

#[Object]
impl TransactionalMailQuery {
    /// The message with this key. `NOT_FOUND` if there is none, or its person was erased.
    async fn transactional_mail(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The tenant's own name for the message.")] key: String,
    ) -> Option<Result<TransactionalMail>> {
        Some(find(ctx, &key).await)
    }
}

async fn find(ctx: &Context<'_>, key: &str) -> Result<TransactionalMail> {
    let found = transactional_mail::by_key(&ctx.read().await?, key).await?;
    Ok(TransactionalMail(found))
}

/// Sending messages to one person.
#[derive(Default)]
pub(crate) struct TransactionalMailMutation;

#[Object]
impl TransactionalMailMutation {
    /// Sends one message to one person, for an essential purpose of the tenant and never for marketing. The rule decides as it
    /// does for all mail, and the answer says at once if it refuses. It goes before campaigns. What it loads has to be on the
    /// tenant's own hosts: `OUTSIDE_PARTY_NOT_IN_POLICY` otherwise.
    #[graphql(complexity = "500 + child_complexity")]
    async fn send_transactional_mail(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The message, and to whom.")] input: SendTransactionalMailInput,
    ) -> Result<SendTransactionalMailPayload> {
        ctx.access()?;
        let to = whom(ctx, &input)?;
        let new = NewMail {
            key: input.key,
            purpose: input.purpose,
            to,
            content: MailContent {
                subject: input.subject,
                preheader: input.preheader.unwrap_or_default(),
                body_format: input.body.format.into(),
                body_source: input.body.source,
                values: values(input.values)?,
            },
        };
        check(ctx, &new.content).await?;
        let mut tx = ctx.write().await?;
        let (mail, repeated) = match transactional_mail::send(&mut tx, &new).await? {
            Asked::New(mail) => {
                tx.commit().await?;
                (mail, false)
            }
            Asked::Before(mail) => (mail, true),
        };
        Ok(SendTransactionalMailPayload {
            mail: TransactionalMail(mail),
            repeated,
        })
    }
}

fn whom(ctx: &Context<'_>, input: &SendTransactionalMailInput) -> Result<To> {
    match (&input.subscriber_id, &input.email) {
        (Some(id), None) => Ok(To::Subscriber(id::parse("subscriberId", id)?)),
        (None, Some(_)) if !ctx.access()?.sees_persons() => {
            // Guessing an address is reading it.
            let message =
                "a token without the scope READ_SUBSCRIBERS names people by their ids: give subscriberId";
            Err(ApiError::new(ErrorCode::Forbidden, message).at("email"))
        }
        (None, Some(email)) => {
            let address = EmailAddress::parse(email).map_err(|error| ApiError::bad_input("email", error))?;
            Ok(To::Address(address))
        }
        _ => Err(ApiError::bad_input(
            "subscriberId",
            "say to whom: give either this or email",
        )),
    }
}

fn values(given: Vec<TransactionalValueInput>) -> Result<BTreeMap<String, String>> {
    let refuse = |message: String| Err(ApiError::bad_input("values", message));
    let bytes: usize = given.iter().map(|given| given.value.len()).sum();
    if given.len() > MAX_VALUES || bytes > MAX_VALUE_BYTES {
        return refuse(format!(
            "there may be {MAX_VALUES} values, of {MAX_VALUE_BYTES} octets in all"
        ));
    }
    let mut values = BTreeMap::new();
    for TransactionalValueInput { name, value } in given {
        let is_name = name.len() <= 60
            && name.starts_with(|c: char| c.is_ascii_alphabetic())
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        let is_taken = VARIABLES
            .iter()
            .any(|known| known.split('.').next() == Some(name.as_str()));
        if !is_name || is_taken {
            let shown: String = name.chars().take(60).collect();
            return refuse(format!("{shown:?} cannot be the name of a value: choose another"));
        }
        if values.insert(name, value).is_some() {
            return refuse("each name stands once".to_owned());
        }
    }
    Ok(values)
}

/// Refuses what would not make a mail, and what loads from others.
async fn check(ctx: &Context<'_>, content: &MailContent) -> Result<()> {
    let source = template::source(
        &content.subject,
        &content.preheader,
        content.body_format,
        &content.body_source,
    );
    let names = content.values.keys().cloned().collect();
    let found = template::check(source, Footer::System, names).await?;
    let (tenant, base_url) = (ctx.tenant().await?, &ctx.app()?.base_url);
    match template::outside(found, &tenant, base_url).first() {
        None => Ok(()),
        Some(party) => {
            let message = format!(
                "line {}: this loads from {}: a message to one person loads nothing from others",
                party.line, party.host
            );
            Err(ApiError::new(ErrorCode::OutsidePartyNotInPolicy, message).at("body.source"))
        }
    }
}
