//! Requests about data in the words of the person's page.

use assent_domain::privacy::{IdentityCheck, RequestKind, RequestState};
use assent_entity::privacy::PrivacyRequest;
use assent_worker::words::Words;

use super::views::RequestRow;

/// A request as the page lists it.
pub(super) fn request_row(of: &PrivacyRequest, words: Words) -> RequestRow {
    RequestRow {
        id: of.id.to_string(),
        kind: kind(of.kind, words),
        state: state(of.state, words),
        received_at: of.times.received_at.into(),
        due_at: of.state.is_open().then(|| of.times.due_at.into()),
        message: of.message.clone(),
        answer: of.answer.clone(),
        asks_whether_it_was_you: of.state.is_open() && of.identity == IdentityCheck::Unverified,
    }
}

fn kind(of: RequestKind, words: Words) -> String {
    match of {
        RequestKind::Copy => words.request_copy(),
        RequestKind::Correction => words.request_correction(),
        RequestKind::Restriction => words.request_restriction(),
        RequestKind::RestrictionLift => words.request_restriction_lift(),
        RequestKind::Erasure => words.request_erasure(),
        RequestKind::Objection => words.request_objection(),
        RequestKind::Question => words.request_question(),
        RequestKind::Link => words.request_link(),
    }
}

fn state(of: RequestState, words: Words) -> String {
    match of {
        RequestState::Received => words.request_received(),
        RequestState::InProgress => words.request_in_progress(),
        RequestState::Done => words.request_done(),
        RequestState::Refused => words.request_refused(),
    }
}
