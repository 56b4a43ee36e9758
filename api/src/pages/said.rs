//! How a person came to say what a consent record says, in plain words, and the way to its receipt.

use assent_domain::clock::Timestamp;
use assent_domain::consent::ConsentSource;
use assent_domain::id::{ConsentRecordId, SubscriberId};
use assent_entity::link::{Act, LinkSigner};
use assent_entity::preferences;
use assent_worker::words::Words;

use super::views::Said;

/// The address of a record's receipt, for the person whose record it is.
pub(super) fn receipt_path(
    signer: &LinkSigner,
    of: SubscriberId,
    record: ConsentRecordId,
    now: Timestamp,
) -> String {
    format!("/receipt/{}", signer.sign(of, Act::Receipt { record }, now))
}

/// What a preference page says of a record.
pub(super) fn said(
    signer: &LinkSigner,
    of: SubscriberId,
    record: &preferences::Said,
    now: Timestamp,
    words: Words,
) -> Said {
    Said {
        how: how(record.source, words),
        place: record.place.clone(),
        policy_version: record.version,
        expires_at: record.expires_at.map(Into::into),
        receipt_path: receipt_path(signer, of, record.id, now),
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
        ConsentSource::PolicyNotice => words.said_policy_notice(),
        ConsentSource::ChoicePage => words.said_choices(),
        ConsentSource::RenewalPage => words.said_renewal(),
        ConsentSource::PrivacyPage => words.said_privacy(),
        ConsentSource::Expiry => words.said_expiry(),
        ConsentSource::Merge => words.said_merge(),
    }
}
