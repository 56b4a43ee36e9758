//! What the answers of name servers say of a domain's records, with reasons that a person can act on.

use super::{Alignment, Finding, RecordState, SendingDomainName};
use crate::dkim::{self, DkimAlgorithm};
use crate::site::HostName;
use crate::tag_list;

/// What name servers answered to one question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The records there are, each as one text.
    Records(Vec<String>),
    /// That there are none.
    None,
    /// Nothing that tells; why.
    Unreachable(String),
}

impl Answer {
    /// The records, or what is to be said where there are none to look at.
    fn records(&self, name: &str, what: &str) -> Result<&[String], Finding> {
        match self {
            Self::Records(records) if !records.is_empty() => Ok(records),
            Self::Records(_) | Self::None => Err(missing(name, what)),
            Self::Unreachable(why) => {
                let reason = format!("no name server answered for {name} ({why}): it is tried again");
                Err(Finding::new(RecordState::Unreachable, reason))
            }
        }
    }
}

fn missing(name: &str, what: &str) -> Finding {
    Finding::new(
        RecordState::Missing,
        format!("there is no {what} record at {name}: publish it"),
    )
}

fn wrong(reason: impl std::fmt::Display) -> Finding {
    Finding::new(RecordState::Wrong, reason)
}

/// Of a key's record.
pub fn key(name: &str, answer: &Answer, algorithm: DkimAlgorithm, public_key: &[u8]) -> Finding {
    let records = match answer.records(name, "TXT") {
        Ok(records) => records,
        Err(finding) => return finding,
    };
    // What receivers do with several is undefined (RFC 6376, 3.6.2.2).
    let [record] = records else {
        return wrong(format!(
            "there are {} TXT records at {name}: leave one",
            records.len()
        ));
    };
    match dkim::compare(record, algorithm, public_key) {
        Ok(()) => Finding::published(),
        Err(mismatch) => wrong(format!("at {name}, {mismatch}")),
    }
}

/// Of SPF (RFC 7208), at the domain of return paths. `include` is what whoever runs the server says that the record has
/// to include.
pub fn spf(name: &str, answer: &Answer, include: Option<&HostName>) -> Finding {
    let records = match answer.records(name, "SPF (TXT)") {
        Ok(records) => records,
        Err(finding) => return finding,
    };
    let is_spf = |record: &&String| {
        let begins = record
            .get(..6)
            .is_some_and(|begin| begin.eq_ignore_ascii_case("v=spf1"));
        begins
            && record
                .get(6..)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
    };
    let of_spf: Vec<_> = records.iter().filter(is_spf).collect();
    let record = match of_spf.as_slice() {
        [] => return missing(name, "SPF (TXT)"),
        [record] => record,
        several => {
            let reason = format!(
                "there are {} records at {name} that begin with v=spf1, which counts as none: make them one",
                several.len()
            );
            return wrong(reason);
        }
    };
    let terms: Vec<_> = record.split_ascii_whitespace().skip(1).collect();
    if terms
        .iter()
        .any(|term| ["all", "+all"].contains(&term.to_ascii_lowercase().as_str()))
    {
        return wrong(format!(
            "the record at {name} lets everybody send (+all): end it with ~all or -all"
        ));
    }
    let Some(include) = include else {
        return Finding::published();
    };
    let includes = |term: &&str| {
        let term = term.to_ascii_lowercase();
        let term = term.strip_prefix('+').unwrap_or(&term);
        let target = term
            .strip_prefix("include:")
            .or_else(|| term.strip_prefix("redirect="));
        target.is_some_and(|target| target.trim_end_matches('.') == include.as_str())
    };
    if terms.iter().any(includes) || name == include.as_str() {
        return Finding::published();
    }
    wrong(format!(
        "the record at {name} does not let our servers send: add include:{include} to it, before what ends it"
    ))
}

/// Where the policy of a domain may stand: at the domain itself, or above it (RFC 7489, 6.6.3), nearest first. It never
/// stands at a top-level domain that we would believe.
pub fn dmarc_names(domain: &SendingDomainName) -> Vec<String> {
    let mut names = Vec::new();
    let mut rest = Some(domain.as_str());
    while let Some(name) = rest.filter(|name| name.contains('.')) {
        names.push(format!("_dmarc.{name}"));
        rest = name.split_once('.').map(|(_, above)| above);
    }
    names
}

/// Of DMARC (RFC 7489), from the answers to [`dmarc_names`], with the alignment that the policy asks of signatures. The
/// first name with a policy counts.
pub fn dmarc(answers: &[(String, Answer)]) -> (Finding, Alignment) {
    for (name, answer) in answers {
        let records = match answer.records(name, "DMARC (TXT)") {
            Ok(records) => records,
            Err(finding) if finding.state == RecordState::Missing => continue,
            Err(finding) => return (finding, Alignment::Relaxed),
        };
        let begins = |record: &&String| record.trim_start().starts_with("v=DMARC1");
        match records.iter().filter(begins).collect::<Vec<_>>().as_slice() {
            [] => {}
            [record] => return policy(name, record),
            several => {
                let reason = format!(
                    "there are {} records at {name} that begin with v=DMARC1, which counts as none: leave one",
                    several.len()
                );
                return (wrong(reason), Alignment::Relaxed);
            }
        }
    }
    let own = answers.first().map_or("", |(name, _)| name);
    (missing(own, "DMARC (TXT)"), Alignment::Relaxed)
}

fn policy(name: &str, record: &str) -> (Finding, Alignment) {
    let Some(tags) = tag_list::read(record) else {
        let reason = format!("the record at {name} is not of the form v=DMARC1; p=none");
        return (wrong(reason), Alignment::Relaxed);
    };
    let tag = |name: &str| {
        let found = tags.iter().find(|(tag, _)| tag == name);
        found.map(|(_, value)| value.to_ascii_lowercase())
    };
    let alignment = match tag("adkim").as_deref() {
        Some("s") => Alignment::Strict,
        _ => Alignment::Relaxed,
    };
    if let Some("none" | "quarantine" | "reject") = tag("p").as_deref() {
        return (Finding::published(), alignment);
    }
    let reason = format!("the record at {name} names no policy: p=none, p=quarantine or p=reject");
    (wrong(reason), alignment)
}

/// Of the `CNAME` by which return paths lead here. It is no requirement.
pub fn return_path(name: &HostName, answer: &Answer, leads_to: &HostName) -> Finding {
    let targets = match answer.records(name.as_str(), "CNAME") {
        Ok(targets) => targets,
        Err(finding) => return finding,
    };
    let is_ours = |target: &String| {
        target
            .trim_end_matches('.')
            .eq_ignore_ascii_case(leads_to.as_str())
    };
    if targets.iter().any(is_ours) {
        return Finding::published();
    }
    wrong(format!(
        "{name} leads to {}, and not to {leads_to}",
        targets.join(", ")
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn records(texts: &[&str]) -> Answer {
        Answer::Records(texts.iter().map(|text| (*text).to_owned()).collect())
    }

    fn host(text: &str) -> HostName {
        HostName::parse(text).unwrap()
    }

    #[test]
    fn spf_is_one_record_that_lets_us_send_and_not_everybody() {
        let of = |texts: &[&str], include: Option<&str>| {
            spf("acme.example", &records(texts), include.map(host).as_ref()).state
        };
        let ours = Some("_spf.relay.example");
        assert_eq!(of(&["v=spf1 mx -all"], None), RecordState::Published);
        assert_eq!(of(&["v=spf1", "other"], None), RecordState::Published);
        assert_eq!(
            of(&["V=SPF1 +include:_SPF.relay.example ~all"], ours),
            RecordState::Published
        );
        assert_eq!(
            of(&["v=spf1 redirect=_spf.relay.example"], ours),
            RecordState::Published
        );
        assert_eq!(of(&["v=spf1 mx -all"], ours), RecordState::Wrong);
        assert_eq!(
            of(&["v=spf1 -include:_spf.relay.example ~all"], ours),
            RecordState::Wrong
        );
        assert_eq!(of(&["v=spf1 +all"], None), RecordState::Wrong);
        assert_eq!(of(&["v=spf1 all"], None), RecordState::Wrong);
        assert_eq!(of(&["v=spf1 -all", "v=spf1 mx"], None), RecordState::Wrong);
        assert_eq!(of(&["v=spf10 mx", "spf2.0/pra"], None), RecordState::Missing);
        assert_eq!(spf("a.example", &Answer::None, None).state, RecordState::Missing);
        let silent = Answer::Unreachable("timed out".to_owned());
        assert_eq!(spf("a.example", &silent, None).state, RecordState::Unreachable);
    }

    #[test]
    fn dmarc_is_the_nearest_policy_there_is() {
        let domain = SendingDomainName::parse("news.acme.example").unwrap();
        let names = dmarc_names(&domain);
        assert_eq!(names, ["_dmarc.news.acme.example", "_dmarc.acme.example"]);
        let of = |own: Answer, above: Answer| dmarc(&[(names[0].clone(), own), (names[1].clone(), above)]);
        let is = |state, alignment, of: (Finding, Alignment)| {
            assert_eq!((of.0.state, of.1), (state, alignment), "{of:?}");
        };
        let (relaxed, strict) = (Alignment::Relaxed, Alignment::Strict);
        is(RecordState::Missing, relaxed, of(Answer::None, Answer::None));
        is(
            RecordState::Published,
            relaxed,
            of(Answer::None, records(&["v=DMARC1; p=none"])),
        );
        is(
            RecordState::Published,
            strict,
            of(records(&["x", "v=DMARC1; p=Reject; adkim=s;"]), Answer::None),
        );
        is(
            RecordState::Wrong,
            relaxed,
            of(records(&["v=DMARC1; rua=mailto:a@b.example"]), Answer::None),
        );
        is(
            RecordState::Wrong,
            relaxed,
            of(records(&["v=DMARC1 p none"]), records(&["v=DMARC1; p=none"])),
        );
        is(
            RecordState::Wrong,
            relaxed,
            of(records(&["v=DMARC1; p=none", "v=DMARC1; p=none"]), Answer::None),
        );
        let silent = Answer::Unreachable("timed out".to_owned());
        is(
            RecordState::Unreachable,
            relaxed,
            of(silent, records(&["v=DMARC1; p=none"])),
        );
    }

    #[test]
    fn a_key_is_published_once() {
        let said = dkim::record(DkimAlgorithm::Ed25519, &[1; 32]);
        let of = |answer: &Answer| key("s._domainkey.a.example", answer, DkimAlgorithm::Ed25519, &[1; 32]);
        assert_eq!(of(&records(&[&said])), Finding::published());
        assert_eq!(of(&records(&[&said, &said])).state, RecordState::Wrong);
        assert_eq!(of(&records(&["v=DKIM1; p="])).state, RecordState::Wrong);
        let missing = of(&Answer::None);
        assert_eq!(
            missing.reason,
            "there is no TXT record at s._domainkey.a.example: publish it"
        );
    }

    #[test]
    fn return_paths_lead_to_us_and_nobody_else() {
        let of = |target: &str| {
            return_path(
                &host("bounces.a.example"),
                &records(&[target]),
                &host("b.example"),
            )
            .state
        };
        assert_eq!(of("B.example."), RecordState::Published);
        assert_eq!(of("other.example."), RecordState::Wrong);
    }
}
