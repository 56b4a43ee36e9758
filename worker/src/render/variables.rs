//! The variables a template can use: their values for one mail, and their names.

use std::collections::BTreeMap;

use serde::Serialize;

/// What is known of the person a mail goes to. Absent values are empty: `default` in a template covers that.
#[derive(Clone, Serialize)]
pub struct SubscriberVariables<'a> {
    /// The address the mail goes to.
    pub email: &'a str,
    /// The name, or empty.
    pub name: &'a str,
    /// The company, or empty.
    pub company: &'a str,
}

/// Who sends the mail.
#[derive(Clone, Serialize)]
pub struct TenantVariables<'a> {
    /// The name people know the sender by.
    pub name: &'a str,
    /// The postal address every commercial mail shows (15 USC 7704(a)(5)); may have several lines.
    pub postal_address: &'a str,
}

/// The values for one mail. No `Debug`: personal data cannot be printed.
#[derive(Clone, Serialize)]
pub struct Variables<'a> {
    /// The person.
    pub subscriber: SubscriberVariables<'a>,
    /// The sender.
    pub tenant: TenantVariables<'a>,
    /// The page on which this person opts out.
    pub unsubscribe_url: &'a str,
    /// The page on which this person chooses what to receive.
    pub preferences_url: &'a str,
    /// The privacy policy in force.
    pub policy_url: &'a str,
    /// The page on which anybody asks for the link to what is held about them (P17).
    pub data_url: &'a str,
    /// Further values for essential mails, by the names given to [`compile_with`](super::Template::compile_with).
    #[serde(flatten)]
    pub extra: BTreeMap<&'a str, &'a str>,
}

/// The names every template may use.
pub const VARIABLES: [&str; 9] = [
    "subscriber.email",
    "subscriber.name",
    "subscriber.company",
    "tenant.name",
    "tenant.postal_address",
    "unsubscribe_url",
    "preferences_url",
    "policy_url",
    "data_url",
];

/// The names one template may use.
#[derive(Clone, Copy)]
pub(crate) struct Names<'a> {
    pub(crate) extra: &'a [&'a str],
}

impl Names<'_> {
    pub(crate) fn contains(self, path: &str) -> bool {
        VARIABLES.contains(&path) || self.extra.contains(&path)
    }

    /// The names in one line, for error messages.
    pub(crate) fn listed(self) -> String {
        VARIABLES
            .iter()
            .chain(self.extra)
            .copied()
            .collect::<Vec<_>>()
            .join(", ")
    }
}

/// Whether `name` is the first part of dotted names, such as `subscriber`.
pub(crate) fn is_group(name: &str) -> bool {
    VARIABLES
        .iter()
        .any(|known| known.split_once('.').is_some_and(|(group, _)| group == name))
}

/// What a trial at compile knows of the person's name and company.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Known {
    /// Both.
    All,
    /// Neither.
    Nothing,
    /// Both, and nobody can see them: a space without width.
    Unseen,
}

/// Values for a trial at compile.
pub(crate) fn sample(names: Names<'_>, known: Known) -> Variables<'_> {
    let if_known = |value| match known {
        Known::All => value,
        Known::Nothing => "",
        Known::Unseen => "\u{200b}",
    };
    Variables {
        subscriber: SubscriberVariables {
            email: "someone@example.com",
            name: if_known("Some One"),
            company: if_known("Example & Co"),
        },
        tenant: TenantVariables {
            name: "Sender",
            postal_address: "Sender & Co\n1 Sample Street\n12345 Town",
        },
        unsubscribe_url: "https://assent.invalid/unsubscribe?a=1&b=2",
        preferences_url: "https://assent.invalid/preferences?a=1&b=2",
        policy_url: "https://assent.invalid/policy",
        data_url: "https://assent.invalid/privacy",
        extra: names
            .extra
            .iter()
            .map(|name| (*name, "https://assent.invalid/sample"))
            .collect(),
    }
}
