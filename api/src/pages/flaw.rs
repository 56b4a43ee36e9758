//! What is wrong with what somebody typed, said in the language of their page.

use assent_domain::address::{AddressError, MAX_OCTETS};
use assent_entity::{address_change, password, privacy};
use assent_worker::words::Words;

use super::terms::sentence;

/// What is wrong with a field. It holds nothing of what was typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Flaw {
    /// It is no e-mail address.
    Address(AddressError),
    /// It is the address that the person has.
    SameAddress,
    /// It came more than once where there is one address.
    SeveralAddresses,
    /// It came more than once.
    Twice,
    /// The form asks for a name.
    NameNeeded,
    /// The form asks for a company.
    CompanyNeeded,
    /// Of all that could be chosen, nothing was.
    NothingChosen,
    /// The words beside the boxes have changed in the meantime.
    WordsChanged,
    /// There is no message.
    MessageNeeded,
    /// A password is too short or too long.
    PasswordLength,
    /// The box that goes with erasing is not ticked.
    NotSure,
    /// It breaks a rule, which has English words only.
    Rule(String),
}

impl From<AddressError> for Flaw {
    fn from(error: AddressError) -> Self {
        Self::Address(error)
    }
}

impl Flaw {
    /// What a rule of the store said.
    pub(super) fn of_rule(message: impl std::fmt::Display) -> Self {
        match message.to_string() {
            said if said == address_change::SAME_ADDRESS => Self::SameAddress,
            said if said == privacy::MESSAGE_NEEDED => Self::MessageNeeded,
            said if said == password::rule() => Self::PasswordLength,
            said => Self::Rule(sentence(said)),
        }
    }

    /// In a sentence.
    pub(super) fn say(&self, words: Words) -> String {
        match self {
            Self::Address(AddressError::Empty) => words.wrong_address_empty(),
            Self::Address(AddressError::TooLong) => words.wrong_address_too_long(MAX_OCTETS),
            Self::Address(AddressError::ControlCharacter) => words.wrong_address_control(),
            Self::Address(AddressError::Malformed) => words.wrong_address_malformed(),
            Self::Address(AddressError::BadDomain) => words.wrong_address_domain(),
            Self::SameAddress => words.wrong_address_same(),
            Self::SeveralAddresses => words.wrong_address_one(),
            Self::Twice => words.wrong_twice(),
            Self::NameNeeded => words.wrong_name_needed(),
            Self::CompanyNeeded => words.wrong_company_needed(),
            Self::NothingChosen => words.wrong_nothing_chosen(),
            Self::WordsChanged => words.wrong_words_changed(),
            Self::MessageNeeded => words.wrong_message_empty(),
            Self::PasswordLength => words.wrong_password_length(password::MIN_CHARS, password::MAX_CHARS),
            Self::NotSure => words.privacy_erase_tick(),
            Self::Rule(rule) => words.wrong_otherwise(rule),
        }
    }
}
