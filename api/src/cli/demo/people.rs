//! The people of the demo, and what each of them did.

/// What a person did with one purpose after another, up to today.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Past {
    /// Signed up and confirmed.
    Confirmed,
    /// Signed up and never confirmed.
    NeverConfirmed,
    /// Confirmed, and left the list with one click.
    LeftTheList,
    /// Confirmed, and took their consent back on their page.
    TookItBack,
    /// Confirmed, and wants no mail of any sort.
    NoMailOfAnySort,
    /// Confirmed; the mailbox is gone.
    MailboxGone,
    /// Confirmed, and reported mail as spam.
    ReportedAsSpam,
}

/// Those who came when the policy named the newsletter only.
pub(super) const EARLY: &[(&str, Past)] = &[
    ("Ada", Past::Confirmed),
    ("Ben", Past::Confirmed),
    ("Clara", Past::Confirmed),
    ("David", Past::Confirmed),
    ("Elif", Past::Confirmed),
    ("Farid", Past::Confirmed),
    ("Greta", Past::NeverConfirmed),
    ("Hugo", Past::NoMailOfAnySort),
    ("Ines", Past::MailboxGone),
];

/// Those who came when it named offers too, and whether they ticked them.
pub(super) const LATE: &[(&str, bool, Past)] = &[
    ("Jonas", true, Past::Confirmed),
    ("Kira", true, Past::Confirmed),
    ("Liam", true, Past::Confirmed),
    ("Mina", true, Past::Confirmed),
    ("Noor", true, Past::Confirmed),
    ("Oskar", true, Past::Confirmed),
    ("Petra", true, Past::Confirmed),
    ("Quentin", true, Past::Confirmed),
    ("Rosa", false, Past::Confirmed),
    ("Samir", false, Past::Confirmed),
    ("Tilda", true, Past::TookItBack),
    ("Umar", true, Past::LeftTheList),
    ("Vera", true, Past::NeverConfirmed),
    ("Walter", true, Past::NeverConfirmed),
    ("Xenia", true, Past::NoMailOfAnySort),
    ("Yusuf", true, Past::ReportedAsSpam),
];
