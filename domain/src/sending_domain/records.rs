//! What is to be published in DNS for a domain.

use strum::{Display, IntoStaticStr};

use super::{Finding, SendingDomainName};
use crate::dkim::{self, DkimAlgorithm, DkimKeyState, Selector};
use crate::site::HostName;

/// The longest string within a TXT record, in octets (RFC 1035, 3.3).
const MAX_STRING: usize = 255;

/// The type of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Display, IntoStaticStr)]
#[strum(serialize_all = "UPPERCASE")]
pub enum RecordType {
    /// Text.
    Txt,
    /// Another name for the same.
    Cname,
}

/// What a record is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Display, IntoStaticStr)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum RecordKind {
    /// A key that signs.
    Dkim,
    /// Which servers send.
    Spf,
    /// What receivers do with mail that is neither signed nor sent as it should be.
    Dmarc,
    /// Where what comes back goes.
    ReturnPath,
}

/// A record to be published, and what was found of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DnsRecord {
    /// What it is for.
    pub kind: RecordKind,
    /// Its type.
    pub record_type: RecordType,
    /// Its name, without a dot at the end.
    pub name: String,
    /// Its value; `None` where we cannot know it, see `note`.
    pub value: Option<String>,
    /// Whether a campaign needs it in production.
    pub is_required: bool,
    /// What to know about it; empty where there is nothing.
    pub note: String,
    /// What was found when it was last looked for.
    pub finding: Finding,
}

/// What a domain's records depend on that whoever runs the server decides.
#[derive(Clone, Debug, Default)]
pub struct Surroundings {
    /// The domain that takes in what comes back, if one does.
    pub bounce_domain: Option<HostName>,
    /// What a domain's SPF record has to include so that our servers may send for it.
    pub spf_include: Option<HostName>,
}

impl Surroundings {
    /// The domain of the return paths of mail from `domain`, for which SPF is asked (RFC 7208, 2.4).
    pub fn return_path_domain(&self, domain: &SendingDomainName, is_delegated: bool) -> String {
        match &self.bounce_domain {
            Some(ours) => domain.return_path_domain(ours, is_delegated).to_string(),
            None => domain.to_string(),
        }
    }
}

/// A key, as far as its record goes.
#[derive(Clone, Debug)]
pub struct KeyToPublish {
    /// The name it is published under.
    pub selector: Selector,
    /// With what it signs.
    pub algorithm: DkimAlgorithm,
    /// Its public part, see [`dkim::record`].
    pub public_key: Vec<u8>,
    /// Where it is in its life.
    pub state: DkimKeyState,
    /// What was found of its record.
    pub finding: Finding,
}

/// What was found of the records that are not of keys.
#[derive(Clone, Debug)]
pub struct Found<'a> {
    /// Of SPF.
    pub spf: &'a Finding,
    /// Of DMARC.
    pub dmarc: &'a Finding,
    /// Of the return path.
    pub return_path: &'a Finding,
}

/// The records of a domain: its keys, DMARC, SPF where it is the domain's own to publish, and the return path.
pub fn records(
    domain: &SendingDomainName,
    keys: &[KeyToPublish],
    around: &Surroundings,
    found: &Found<'_>,
) -> Vec<DnsRecord> {
    let mut records: Vec<_> = keys.iter().map(|key| of_key(domain, key)).collect();
    let delegation = around.bounce_domain.as_ref().and_then(|ours| {
        let own = domain.delegated_return_path(ours)?;
        Some((own, ours))
    });
    if delegation.is_none() {
        records.push(of_spf(domain, around, found.spf));
    }
    records.push(DnsRecord {
        kind: RecordKind::Dmarc,
        record_type: RecordType::Txt,
        name: format!("_dmarc.{domain}"),
        value: Some("v=DMARC1; p=none".to_owned()),
        is_required: true,
        note: "If there is one, here or at a domain above, leave it. This one changes nothing for the domain's other \
               mail; p=quarantine or p=reject, once all of it is signed, keeps others from using the name."
            .to_owned(),
        finding: found.dmarc.clone(),
    });
    if let Some((own, ours)) = delegation {
        records.push(DnsRecord {
            kind: RecordKind::ReturnPath,
            record_type: RecordType::Cname,
            name: own.to_string(),
            value: Some(ours.to_string()),
            is_required: false,
            note: "What comes back then comes to the domain's own name: DMARC passes by SPF as well, and complaints \
                   are reported to us."
                .to_owned(),
            finding: found.return_path.clone(),
        });
    }
    records
}

fn of_key(domain: &SendingDomainName, key: &KeyToPublish) -> DnsRecord {
    let note = match key.state {
        DkimKeyState::Pending => "The key signs as soon as its record is seen.",
        DkimKeyState::Active => "",
        DkimKeyState::Retiring => {
            "The key signs no more, and mail that it signed is still on its way: take the record away once it is not \
             listed here any more."
        }
    };
    DnsRecord {
        kind: RecordKind::Dkim,
        record_type: RecordType::Txt,
        name: key.selector.record_name(domain.as_str()),
        value: Some(dkim::record(key.algorithm, &key.public_key)),
        is_required: key.algorithm.is_required() && key.state != DkimKeyState::Retiring,
        note: note.to_owned(),
        finding: key.finding.clone(),
    }
}

fn of_spf(domain: &SendingDomainName, around: &Surroundings, finding: &Finding) -> DnsRecord {
    let include = around.spf_include.as_ref();
    let note = match include {
        Some(include) => format!(
            "Only one record may begin with v=spf1: if there is one already, add include:{include} to it."
        ),
        None => "Name the servers that mail goes out through; whoever runs this server knows which (ASSENT_SPF_INCLUDE \
                 is not set). Only one record may begin with v=spf1."
            .to_owned(),
    };
    DnsRecord {
        kind: RecordKind::Spf,
        record_type: RecordType::Txt,
        name: around.return_path_domain(domain, false),
        value: include.map(|include| format!("v=spf1 include:{include} ~all")),
        is_required: true,
        note,
        finding: finding.clone(),
    }
}

/// The strings of a TXT record: a longer value is cut, and receivers put it together again (RFC 6376, 3.6.2.2). Values are
/// ASCII.
pub fn character_strings(value: &str) -> Vec<&str> {
    let mut strings = Vec::new();
    let mut rest = value;
    while let Some((string, after)) = rest.split_at_checked(MAX_STRING) {
        strings.push(string);
        rest = after;
    }
    if !rest.is_empty() || strings.is_empty() {
        strings.push(rest);
    }
    strings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(around: &Surroundings) -> Vec<String> {
        let domain = SendingDomainName::parse("acme.example").unwrap();
        let unchecked = Finding::unchecked();
        let found = Found {
            spf: &unchecked,
            dmarc: &unchecked,
            return_path: &unchecked,
        };
        let key = KeyToPublish {
            selector: Selector::stored("one".to_owned()),
            algorithm: DkimAlgorithm::Rsa2048,
            public_key: vec![7; 3],
            state: DkimKeyState::Pending,
            finding: unchecked.clone(),
        };
        let records = records(&domain, &[key], around, &found);
        let told = records.iter().map(|record| {
            let value = record.value.as_deref().unwrap_or("?");
            format!("{} {} {value}", record.name, record.record_type)
        });
        told.collect()
    }

    fn around(bounce_domain: Option<&str>, spf_include: Option<&str>) -> Surroundings {
        let host = |text: &str| HostName::parse(text).unwrap();
        Surroundings {
            bounce_domain: bounce_domain.map(host),
            spf_include: spf_include.map(host),
        }
    }

    #[test]
    fn what_is_to_be_published_follows_from_where_mail_comes_back() {
        let (key, dmarc) = (
            "one._domainkey.acme.example TXT v=DKIM1; k=rsa; p=BwcH",
            "_dmarc.acme.example TXT v=DMARC1; p=none",
        );
        assert_eq!(told(&around(None, None)), [key, "acme.example TXT ?", dmarc]);
        let include = Some("_spf.relay.example");
        let spf = |name| format!("{name} TXT v=spf1 include:_spf.relay.example ~all");
        assert_eq!(told(&around(None, include)), [key, &spf("acme.example"), dmarc]);
        let within = around(Some("back.acme.example"), include);
        assert_eq!(told(&within), [key, &spf("back.acme.example"), dmarc]);
        let elsewhere = around(Some("bounces.platform.example"), include);
        let delegation = "bounces.acme.example CNAME bounces.platform.example";
        assert_eq!(told(&elsewhere), [key, dmarc, delegation]);
    }

    #[test]
    fn a_long_value_is_cut_and_loses_nothing() {
        for octets in [0, 1, 255, 256, 410, 510, 511] {
            let value = "x".repeat(octets);
            let strings = character_strings(&value);
            assert_eq!(strings.concat(), value);
            assert!(strings.iter().all(|string| string.len() <= 255));
            assert_eq!(strings.len(), octets.div_ceil(255).max(1));
        }
    }
}
