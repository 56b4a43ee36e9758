//! How a person came to say what a consent record says, in plain words, and the way to its receipt.

use assent_domain::consent::ConsentSource;
use assent_entity::Store;
use assent_entity::link::{Act, Opened};
use assent_entity::preferences;
use assent_worker::words::Words;

use super::views::Said;

/// What a preference page says of a record, with the way to its receipt.
pub(super) fn said(store: &Store, link: &Opened, record: &preferences::Said, words: Words) -> Said {
    let receipt = link.onward(store, Act::Receipt { record: record.id });
    Said {
        how: how(record.source, words),
        place: record.place.clone(),
        policy_version: record.version,
        expires_at: record.expires_at.map(Into::into),
        receipt_path: format!("/receipt/{receipt}"),
    }
}

/// Where somebody said it.
pub(super) fn how(source: ConsentSource, words: Words) -> String {
    match source {
        ConsentSource::Form => words.said_form(),
        ConsentSource::Confirmation => words.said_confirmation(),
        ConsentSource::Import => words.said_import(),
        ConsentSource::Api => words.said_api(),
        ConsentSource::PreferencePage => words.said_preferences(),
        ConsentSource::Unsubscribe => words.said_unsubscribe(),
        ConsentSource::Complaint => words.said_complaint(),
        ConsentSource::PolicyNotice => words.said_policy_notice(),
        ConsentSource::ChoicePage => words.said_choices(),
        ConsentSource::RenewalPage => words.said_renewal(),
        ConsentSource::PrivacyPage => words.said_privacy(),
        ConsentSource::Expiry => words.said_expiry(),
        ConsentSource::Merge => words.said_merge(),
        ConsentSource::Restore => words.said_restore(),
    }
}
