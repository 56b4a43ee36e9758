//! What a person is told of their request (P17): where their own page is, that the answer takes longer, or the answer.

use assent_domain::clock::Timestamp;
use assent_domain::privacy::{RequestKind, RequestState};
use assent_entity::TenantTx;
use assent_entity::claim::Claim;
use assent_entity::mailing::Mailing;
use assent_entity::privacy::mail::{self, Says};
use assent_entity::tenant::Tenant;

use super::Letter;
use super::known::{Known, reader};
use super::letter::{ADDRESS, Body, Letters, TENANT};
use super::links::Links;
use crate::jobs::JobError;
use crate::post::Unfit;
use crate::words::Words;

/// What a mail says.
#[derive(Clone, Copy)]
enum Message {
    Link,
    LinkAlone,
    Extended,
    Refused,
    Done,
}

impl Message {
    fn write(self, words: Words, received: &str, due: &str) -> (String, Body) {
        let page = "{{ privacy_url }}";
        let (subject, body) = match self {
            Self::Link => (
                words.answer_link_subject(TENANT),
                Body::headed(words.answer_link_heading())
                    .says(words.answer_link_lead(received, TENANT, ADDRESS, due))
                    .says(words.answer_link_what(page))
                    .says(words.answer_link_keep()),
            ),
            Self::LinkAlone => (
                words.answer_link_subject(TENANT),
                Body::headed(words.answer_link_heading())
                    .says(words.answer_link_alone_lead(TENANT, ADDRESS))
                    .says(words.answer_link_alone_what(page))
                    .says(words.answer_link_alone_keep()),
            ),
            Self::Extended => (
                words.answer_extended_subject(TENANT),
                Body::headed(words.answer_extended_heading())
                    .says(words.answer_extended_lead(received, TENANT, due))
                    .shows_lines("words")
                    .says(words.answer_extended_rights(page)),
            ),
            Self::Refused => (
                words.answer_refused_subject(TENANT),
                Body::headed(words.answer_refused_heading())
                    .says(words.answer_refused_lead(received, TENANT))
                    .shows_lines("words")
                    .says(words.answer_refused_rights(page)),
            ),
            Self::Done => (
                words.answer_done_subject(TENANT),
                Body::headed(words.answer_done_heading())
                    .says(words.answer_asked(received, TENANT))
                    .either(
                        "words",
                        |body| body.shows_lines("words"),
                        |body| body.says(words.answer_done_simply()),
                    )
                    .says(words.answer_done_standing(page)),
            ),
        };
        (subject, body.says(words.answer_why()))
    }
}

/// What the templates may name beside what every mail has.
const VARIABLES: &[&str] = &["words", "privacy_url"];

pub(super) struct Content {
    letters: Letters,
    links: Links,
    words: String,
}

impl Content {
    pub(super) async fn load<M>(tx: &TenantTx<M>, mailing: &Mailing, links: Links) -> Result<Self, JobError> {
        let (says, request) = mail::of_mailing(tx, mailing.id).await?;
        let (message, reason) = match (says, request.state) {
            (Says::Link, _) if request.kind == RequestKind::Link => (Message::LinkAlone, None),
            (Says::Link, _) => (Message::Link, None),
            (Says::Extended, _) => (Message::Extended, request.extension_reason),
            (Says::Answer, RequestState::Refused) => (Message::Refused, request.answer),
            (Says::Answer, _) => (Message::Done, request.answer),
        };
        let (received, due) = (request.times.received_at.to_utc(), request.times.due_at.to_utc());
        let write = move |words: Words| message.write(words, &words.day(received), &words.day(due));
        Ok(Self {
            letters: Letters::ours(VARIABLES, write),
            links,
            words: reason.unwrap_or_default(),
        })
    }

    pub(super) fn write(&self, tenant: &Tenant, claim: &Claim, now: Timestamp) -> Result<Letter, Unfit> {
        let to = reader(claim)?;
        let privacy_url = self.links.privacy(to, now);
        let known = Known::of(tenant, claim, &self.links);
        let variables = known.and([
            ("words", self.words.as_str()),
            ("privacy_url", privacy_url.as_str()),
        ]);
        Letter::ours(&self.letters, Words::of(claim.language.as_ref()), &variables)
    }
}
