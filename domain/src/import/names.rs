//! What columns are called in the tables that other providers and programs write. A new name is one more line.

use super::ImportField;
use ImportField::{CollectedAt, Company, Email, FamilyName, GivenName, Language, Name, Source, Statement};

/// Names without case, blanks and signs, and what such a column is about. Of two columns about the same, the one with the
/// lower number is meant; two with the same number are not told apart.
const NAMES: &[(&str, ImportField, u8)] = &[
    ("email", Email, 1),
    // Mailchimp, HubSpot, Klaviyo.
    ("emailaddress", Email, 1),
    ("mail", Email, 1),
    ("emailadresse", Email, 1),
    ("adresseemail", Email, 1),
    ("correoelectronico", Email, 1),
    ("subscriber", Email, 2),
    // ExactTarget.
    ("subscriberkey", Email, 2),
    // Where a table has a postal address, this is it.
    ("address", Email, 3),
    ("name", Name, 1),
    ("fullname", Name, 1),
    ("displayname", Name, 1),
    ("contact", Name, 2),
    // Mailchimp, HubSpot, Klaviyo: "First Name"; Brevo: "FIRSTNAME", "PRENOM", "VORNAME".
    ("firstname", GivenName, 1),
    ("givenname", GivenName, 1),
    ("fname", GivenName, 2),
    ("prenom", GivenName, 2),
    ("vorname", GivenName, 2),
    ("lastname", FamilyName, 1),
    ("familyname", FamilyName, 1),
    ("surname", FamilyName, 1),
    ("lname", FamilyName, 2),
    ("nom", FamilyName, 2),
    ("nachname", FamilyName, 2),
    ("company", Company, 1),
    // HubSpot.
    ("companyname", Company, 1),
    ("associatedcompany", Company, 2),
    ("organisation", Company, 1),
    ("organization", Company, 1),
    ("employer", Company, 2),
    ("firm", Company, 2),
    ("firma", Company, 2),
    ("language", Language, 1),
    // HubSpot.
    ("preferredlanguage", Language, 1),
    ("lang", Language, 2),
    ("locale", Language, 2),
    ("source", Source, 1),
    ("permissionsource", Source, 1),
    ("consentsource", Source, 1),
    ("optinsource", Source, 1),
    ("signupsource", Source, 1),
    // Klaviyo.
    ("emailmarketingconsentsource", Source, 1),
    ("originalsource", Source, 2),
    ("collectedat", CollectedAt, 1),
    ("consentdate", CollectedAt, 1),
    ("consentedat", CollectedAt, 1),
    ("permissiondate", CollectedAt, 1),
    // Klaviyo.
    ("emailmarketingconsenttimestamp", CollectedAt, 1),
    ("consenttimestamp", CollectedAt, 1),
    // Mailchimp writes when somebody confirmed and when they asked to: the first is the proof. Brevo has the other.
    ("confirmtime", CollectedAt, 2),
    ("doubleoptintime", CollectedAt, 2),
    ("optintime", CollectedAt, 3),
    ("optindate", CollectedAt, 3),
    ("subscribedat", CollectedAt, 3),
    ("statement", Statement, 1),
    ("consentstatement", Statement, 1),
    ("consenttext", Statement, 1),
    ("wording", Statement, 1),
];

/// What a column with this name is about, if it is known, and how sure that is: 1 is the surest.
pub(super) fn about(name: &str) -> Option<(ImportField, u8)> {
    let plain = plain(name);
    let known = NAMES.iter().find(|(known, ..)| *known == plain);
    known.map(|(_, field, sureness)| (*field, *sureness))
}

/// A name without case, blanks and signs.
pub(super) fn plain(name: &str) -> String {
    let letters = name.chars().filter(|c| c.is_alphanumeric());
    letters.collect::<String>().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_name_stands_there_once_and_plain() {
        for (at, (name, ..)) in NAMES.iter().enumerate() {
            assert_eq!(plain(name), *name);
            assert!(
                NAMES.iter().skip(at + 1).all(|(other, ..)| other != name),
                "{name}"
            );
        }
    }
}
