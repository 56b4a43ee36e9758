//! Requests about data in the words of the person's page.

use assent_domain::privacy::{IdentityCheck, RequestKind, RequestState};
use assent_entity::privacy::PrivacyRequest;

use super::views::RequestRow;

/// A request as the page lists it.
pub(super) fn request_row(of: &PrivacyRequest) -> RequestRow {
    RequestRow {
        id: of.id.to_string(),
        kind: kind(of.kind),
        state: state(of.state),
        received_at: of.times.received_at.into(),
        due_at: of.state.is_open().then(|| of.times.due_at.into()),
        message: of.message.clone(),
        answer: of.answer.clone(),
        asks_whether_it_was_you: of.state.is_open() && of.identity == IdentityCheck::Unverified,
    }
}

fn kind(of: RequestKind) -> &'static str {
    match of {
        RequestKind::Copy => "A copy",
        RequestKind::Correction => "A correction",
        RequestKind::Restriction => "Restricting the use",
        RequestKind::RestrictionLift => "Lifting the restriction",
        RequestKind::Erasure => "Erasure",
        RequestKind::Objection => "No use of any sort",
        RequestKind::Question => "A message",
        RequestKind::Link => "The link to this page",
    }
}

fn state(of: RequestState) -> &'static str {
    match of {
        RequestState::Received => "waits for an answer",
        RequestState::InProgress => "takes longer",
        RequestState::Done => "done",
        RequestState::Refused => "refused",
    }
}
