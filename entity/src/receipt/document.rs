//! What a receipt says: the fields of ISO/IEC TS 27560:2023, with the states of the Data Privacy Vocabulary. It names
//! a person by a pseudonym only, the id of the subscriber.

use assent_domain::consent::{ConsentSource, ConsentState};
use assent_domain::expiry::ConsentExpiry;
use assent_domain::id::CollectionPointId;
use assent_domain::language::Language;
use assent_domain::purpose::PurposeKind;
use data_encoding::HEXLOWER;
use serde::Serialize;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::validity;
use crate::consent::ConsentRecord;
use crate::policy::{NamedParty, NamedPurpose, PolicyVersion};
use crate::purpose::Purpose;
use crate::tenant::Tenant;

/// Which schema a receipt follows.
pub(super) const SCHEMA_VERSION: &str = "ISO/IEC TS 27560:2023";

/// A receipt, unsigned.
#[derive(Clone, Debug, Serialize)]
pub struct Document {
    /// Which schema it follows.
    pub schema_version: &'static str,
    /// The record, and how many events its history had: a receipt that says more has another id.
    pub receipt_id: String,
    /// When it was issued (RFC 3339).
    pub issued_at: String,
    /// The consent record that it is about, one of `events`.
    pub record_id: Uuid,
    /// The person, by a pseudonym that only the controller can resolve.
    pub pii_principal_id: String,
    /// Where the keys are that it can be checked with (RFC 7517).
    pub keys_url: String,
    /// What was agreed to.
    pub pii_processing: Processing,
    /// Who the parties are that it names by id.
    pub party_identification: Vec<Party>,
    /// What was said about the purpose, first to last, up to the time of issue.
    pub events: Vec<Event>,
}

/// What was agreed to.
#[derive(Clone, Debug, Serialize)]
pub struct Processing {
    /// The policy under which it was.
    pub privacy_notice: Notice,
    /// The language (BCP 47) in which the person read what they agreed to, where it is known: a form says in which it was
    /// shown, a version of the policy does not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<Language>,
    /// What information is used for.
    pub purposes: Vec<Use>,
}

/// A version of the policy.
#[derive(Clone, Debug, Serialize)]
pub struct Notice {
    /// Its number.
    pub version: i32,
    /// Its permanent address.
    pub url: String,
    /// SHA-256 of its text, in hex.
    pub text_sha256: String,
}

impl Notice {
    pub(super) fn of(version: &PolicyVersion, public: &str) -> Self {
        Self {
            version: version.times.number,
            url: format!("{public}/policy/{}", version.times.number),
            text_sha256: HEXLOWER.encode(&Sha256::digest(version.body.as_bytes())),
        }
    }
}

/// A use of information.
#[derive(Clone, Debug, Serialize)]
pub struct Use {
    /// The purpose's code.
    pub purpose: String,
    /// Its name in the version of the policy.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What it covers, in the words of the version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// What sort of purpose it is.
    pub purpose_type: PurposeKind,
    /// The nearest purpose of the Data Privacy Vocabulary, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub purpose_category: Option<&'static str>,
    /// On what ground information is used.
    pub lawful_basis: &'static str,
    /// What information.
    pub pii_types: [&'static str; 3],
    /// Who decides about it, by party id.
    pub pii_controllers: Vec<String>,
    /// Who else may get it, under the version of the policy.
    pub recipients: Vec<Recipient>,
    /// How a yes is taken back.
    pub withdrawal_method: &'static str,
}

/// An outside party.
#[derive(Clone, Debug, Serialize)]
pub struct Recipient {
    /// Who.
    pub name: String,
    /// What they get.
    pub receives: String,
    /// Why.
    pub reason: String,
}

impl Use {
    pub(super) fn of(
        purpose: &Purpose,
        named: Option<NamedPurpose>,
        tenant: &Tenant,
        parties: Vec<NamedParty>,
    ) -> Self {
        let (name, description) = named.map(|named| (named.name, named.description)).unzip();
        let recipients = parties.into_iter().map(|party| Recipient {
            name: party.name,
            receives: party.what,
            reason: party.why,
        });
        Self {
            purpose: purpose.code.clone(),
            name,
            description,
            purpose_type: purpose.kind,
            purpose_category: category(purpose.kind),
            lawful_basis: "consent (GDPR, article 6(1)(a))",
            pii_types: ["e-mail address", "name, if given", "company, if given"],
            pii_controllers: vec![tenant.id.to_string()],
            recipients: recipients.collect(),
            withdrawal_method: "the unsubscribe or the preferences link in every message, or a message to the \
                                controller's contact",
        }
    }
}

fn category(kind: PurposeKind) -> Option<&'static str> {
    match kind {
        PurposeKind::Marketing => Some("https://w3id.org/dpv#DirectMarketing"),
        PurposeKind::Analytics => Some("https://w3id.org/dpv#ServiceUsageAnalytics"),
        PurposeKind::Essential | PurposeKind::Disclosure => None,
    }
}

/// Somebody that a receipt names by id.
#[derive(Clone, Debug, Serialize)]
pub struct Party {
    /// The id.
    pub party_id: String,
    /// What they are to the person.
    pub party_type: &'static str,
    /// Who they are.
    pub party_name: String,
    /// Their postal address.
    pub party_address: String,
    /// Where questions go.
    pub party_contact: String,
}

impl Party {
    pub(super) fn of(tenant: &Tenant) -> Self {
        Self {
            party_id: tenant.id.to_string(),
            party_type: "PII controller",
            party_name: tenant.name.clone(),
            party_address: tenant.postal_address.clone(),
            party_contact: tenant.privacy_contact.expose(),
        }
    }
}

/// One thing that was said, or came about.
#[derive(Clone, Debug, Serialize)]
pub struct Event {
    /// Its consent record.
    pub event_id: Uuid,
    /// When (RFC 3339).
    pub event_time: String,
    /// What sort of consent it is about.
    pub event_type: &'static str,
    /// What state it led to, in the words of the Data Privacy Vocabulary.
    pub event_state: &'static str,
    /// Who brought it about: the person, the controller, or somebody who filled in a form.
    pub entity_id: String,
    /// Until when a yes counts; none where it does not run out, or is no yes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<String>,
    /// For how long a yes counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub validity_duration: Option<String>,
    /// How it came about.
    pub collection_method: ConsentSource,
    /// The form it came through.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub collection_point: Option<Place>,
    /// The exact words that the person saw.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub statement: Option<String>,
    /// The language (BCP 47) of these words, where it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<Language>,
    /// The policy version in force.
    pub privacy_notice_version: i32,
}

/// A form.
#[derive(Clone, Debug, Serialize)]
pub struct Place {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
}

impl Event {
    pub(super) fn of(
        record: &ConsentRecord,
        privacy_notice_version: i32,
        place: Option<(CollectionPointId, String)>,
        expiry: Option<ConsentExpiry>,
        tenant: &Tenant,
    ) -> Self {
        let (valid_until, validity_duration) = if record.state == ConsentState::Given {
            let (until, period) = validity(expiry, record.counts_from);
            (until, Some(period))
        } else {
            (None, None)
        };
        Self {
            event_id: record.id.uuid(),
            event_time: record.recorded_at.to_string(),
            event_type: "explicit consent",
            event_state: state(record),
            entity_id: entity(record, tenant),
            valid_until,
            validity_duration,
            collection_method: record.source,
            collection_point: place.map(|(id, name)| Place {
                id: id.to_string(),
                name,
            }),
            statement: record.statement.clone(),
            language: language(record),
            privacy_notice_version,
        }
    }
}

/// The language in which the words of a record were shown, where it is known.
pub(super) fn language(record: &ConsentRecord) -> Option<Language> {
    record.form.as_ref().map(|form| form.language.clone())
}

fn state(record: &ConsentRecord) -> &'static str {
    match record.state {
        ConsentState::Requested => "ConsentRequested",
        ConsentState::Given if record.source == ConsentSource::RenewalPage => "RenewedConsentGiven",
        ConsentState::Given => "ConsentGiven",
        ConsentState::Refused => "ConsentRefused",
        ConsentState::Withdrawn => "ConsentWithdrawn",
        ConsentState::Expired => "ConsentExpired",
    }
}

fn entity(record: &ConsentRecord, tenant: &Tenant) -> String {
    match record.source {
        source if source.is_own_act() => record.subscriber.to_string(),
        // Anybody can fill in a form with anybody's address.
        ConsentSource::Form => "visitor".to_owned(),
        _ => tenant.id.to_string(),
    }
}
