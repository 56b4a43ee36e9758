//! How a person came to say what a consent record says, in plain words, and the way to its receipt.

use assent_domain::consent::ConsentSource;
use assent_entity::Store;
use assent_entity::link::{Act, Opened};
use assent_entity::preferences;

use super::views::Said;

/// What a preference page says of a record, with the way to its receipt.
pub(super) fn said(store: &Store, link: &Opened, record: &preferences::Said) -> Said {
    let receipt = link.onward(store, Act::Receipt { record: record.id });
    Said {
        how: how(record.source).to_owned(),
        place: record.place.clone(),
        policy_version: record.version,
        expires_at: record.expires_at.map(Into::into),
        receipt_path: format!("/receipt/{receipt}"),
    }
}

/// Where somebody said it.
pub(super) fn how(source: ConsentSource) -> &'static str {
    match source {
        ConsentSource::Form => "a form",
        ConsentSource::Confirmation => "the link in a confirmation mail",
        ConsentSource::Import => "a list that was brought along",
        ConsentSource::Api => "a service of ours",
        ConsentSource::PreferencePage => "your preferences page",
        ConsentSource::Unsubscribe => "the unsubscribe link of a mail",
        ConsentSource::Complaint => "your complaint to your mail provider",
        ConsentSource::PolicyNotice => "a notice of a new policy",
        ConsentSource::ChoicePage => "the page about a new policy",
        ConsentSource::RenewalPage => "the page on which you said it once more",
        ConsentSource::PrivacyPage => "the page about your data",
        ConsentSource::Expiry => "its time being over",
        ConsentSource::Merge => "another address of yours",
        ConsentSource::Restore => "what you had said before we had to restore our data",
    }
}
