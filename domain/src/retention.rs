//! What is kept, why, and for how long: one table, from which the chores take their periods and which the API shows.
//! README says the same in words.

use std::time::Duration;

const DAY: Duration = Duration::from_hours(24);

/// How long somebody who was asked to confirm and did not is kept. The link in the mail is good for 7 days; the rest
/// lets them ask what that mail was about.
pub const UNCONFIRMED: Duration = DAY.saturating_mul(30);

/// How long the words of mail servers are kept, which may repeat the address.
pub const SERVER_REPLIES: Duration = DAY.saturating_mul(90);

/// How long a request about data is kept once it was answered: as long as its answer can be disputed.
pub const ANSWERED_REQUESTS: Duration = DAY.saturating_mul(3 * 365);

/// How long it is kept who followed a link of a campaign: a year shows what interests them, and what was of interest last
/// year does not tell of this one.
pub const LINK_CLICKS: Duration = DAY.saturating_mul(365);

/// How long it is kept with which browsers published pages were read: two years, so that a season has one before it.
pub const BROWSER_SHARES: Duration = DAY.saturating_mul(2 * 365);

/// How long it is kept what the tenant's own programs were told, and what became of that.
pub const WEBHOOKS: Duration = DAY.saturating_mul(30);

/// For how long one confirmation mail at most goes to an address whose data was erased, and one link to one that is
/// nobody's and was silenced on a form.
pub const ASK_ERASED_AGAIN_AFTER: Duration = DAY.saturating_mul(30);

/// How long an invitation to become a member is kept once it is over: so long can somebody ask who invited them.
pub const CLOSED_INVITATIONS: Duration = DAY.saturating_mul(30);

/// How long it is kept in which lines a table of people was wrong, and why: as long as somebody may mend it.
pub const IMPORT_PROBLEMS: Duration = DAY.saturating_mul(90);

/// How long something is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Period {
    /// This long, after what the rule names.
    For(Duration),
    /// Until the person has it erased.
    UntilErased,
    /// Until the person takes it back.
    UntilTakenBack,
    /// As long as the tenant is there: what it holds is deleted some days after it was closed.
    ForGood,
}

impl Period {
    /// The period in whole days, if it is one of days.
    pub fn days(self) -> Option<u64> {
        match self {
            Self::For(period) => Some(period.as_secs() / DAY.as_secs()),
            Self::UntilErased | Self::UntilTakenBack | Self::ForGood => None,
        }
    }
}

/// One kind of data, and how long it is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetentionRule {
    /// The kind's stable code.
    pub code: &'static str,
    /// What it is.
    pub data: &'static str,
    /// How long it is kept.
    pub period: Period,
    /// From when on, or until what.
    pub counted_from: &'static str,
    /// Why it is kept so long, and on what ground.
    pub basis: &'static str,
}

/// Every rule.
pub const RETENTION: &[RetentionRule] = &[
    RetentionRule {
        code: "SUBSCRIBERS",
        data: "address, name and company of people who confirmed; their lists and answers",
        period: Period::UntilErased,
        counted_from: "their request for erasure, which is carried out at once",
        basis: "to write to them as they agreed: consent (GDPR, article 6(1)(a))",
    },
    RetentionRule {
        code: "UNCONFIRMED",
        data: "people who were asked to confirm and did not, with what they were asked",
        period: Period::For(UNCONFIRMED),
        counted_from: "the last time they were asked",
        basis: "to let them confirm, and to answer for the mail that asked: legitimate interest (article 6(1)(f))",
    },
    RetentionRule {
        code: "MEMBERSHIPS",
        data: "in the operator's tenant, which subscribers are members of which tenant",
        period: Period::UntilErased,
        counted_from: "the end of the membership; who was there for nothing else is erased then",
        basis: "to tell members of the operator's policy: contract (article 6(1)(b))",
    },
    RetentionRule {
        code: "INVITATIONS",
        data: "who was invited to become a member of the tenant, and by whom",
        period: Period::For(CLOSED_INVITATIONS),
        counted_from: "the day on which the invitation was accepted or revoked, or ran out",
        basis: "to answer for the mail that invited: legitimate interest (article 6(1)(f))",
    },
    RetentionRule {
        code: "CONSENT_EVIDENCE",
        data: "the personal part of consent records and of the audit log",
        period: Period::UntilErased,
        counted_from: "erasure; the chain of ids, codes and times stays, and verifies",
        basis: "to demonstrate consent (article 7(1))",
    },
    RetentionRule {
        code: "SUPPRESSIONS",
        data: "that an address is not written to, as a keyed hash",
        period: Period::UntilTakenBack,
        counted_from: "the person's own act",
        basis: "to honour a no: legal obligation (article 6(1)(c); article 21(3))",
    },
    RetentionRule {
        code: "DELIVERIES",
        data: "who was sent what and when, by ids",
        period: Period::ForGood,
        counted_from: "being sent; without the person's row an id leads to nobody",
        basis: "to answer for what was sent: legitimate interest (article 6(1)(f))",
    },
    RetentionRule {
        code: "SERVER_REPLIES",
        data: "what mail servers answered, which may repeat the address",
        period: Period::For(SERVER_REPLIES),
        counted_from: "the attempt",
        basis: "to find out why mail does not arrive: legitimate interest (article 6(1)(f))",
    },
    RetentionRule {
        code: "PRIVACY_REQUESTS",
        data: "requests about data, with their history and answers",
        period: Period::For(ANSWERED_REQUESTS),
        counted_from: "the answer; of an erasure only ids and dates are kept from the start",
        basis: "to show that rights were honoured in time (article 5(2))",
    },
    RetentionRule {
        code: "LINK_CLICKS",
        data: "who followed which link of a campaign, how often and when first",
        period: Period::For(LINK_CLICKS),
        counted_from: "the first time they followed it; how often a link was followed in all is kept as a number",
        basis: "to learn what interests those who agreed to it: consent (article 6(1)(a))",
    },
    RetentionRule {
        code: "WEBHOOKS",
        data: "what the tenant's own programs were told by webhooks, by ids, and each attempt to tell them",
        period: Period::For(WEBHOOKS),
        counted_from: "the event",
        basis: "to tell it again where a program missed it: legitimate interest (article 6(1)(f))",
    },
    RetentionRule {
        code: "IMPORT_PROBLEMS",
        data: "which lines of a table of people were left out, and why; never what stood in them",
        period: Period::For(IMPORT_PROBLEMS),
        counted_from: "the end of the import; how many there were for each reason is kept as a number",
        basis: "to let the tenant mend its table: nobody can be told from it, no personal data (article 4(1))",
    },
    RetentionRule {
        code: "BROWSER_SHARES",
        data: "how often published pages were read on a day, by family of browsers; nobody can be told from it",
        period: Period::For(BROWSER_SHARES),
        counted_from: "the day",
        basis: "to know with what pages have to work: counts, no personal data (article 4(1))",
    },
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_rule_has_a_code_of_its_own_and_says_why() {
        let codes: BTreeSet<_> = RETENTION.iter().map(|rule| rule.code).collect();
        assert_eq!(codes.len(), RETENTION.len());
        assert!(RETENTION.iter().all(|rule| rule.basis.contains("article")));
        assert_eq!(Period::For(UNCONFIRMED).days(), Some(30));
    }
}
