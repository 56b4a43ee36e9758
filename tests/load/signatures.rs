//! Signed campaigns: which signatures, and the yardstick, OpenSSL's own.

use std::process::Command;

use assent_domain::dkim::DkimAlgorithm::{Ed25519, Rsa2048};
use assent_domain::sending_domain::SendingDomainName;
use assent_entity::sending_domain::{self, NewKeys};
use assent_tests::House;

/// Which signatures messages get.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dkim {
    Rsa,
    Ed25519,
    Both,
}

impl Dkim {
    pub(crate) fn parse(text: &str) -> Self {
        match text {
            "rsa" => Self::Rsa,
            "ed25519" => Self::Ed25519,
            "both" => Self::Both,
            _ => panic!("--dkim takes rsa, ed25519 or both"),
        }
    }

    /// Lets the sender's domain sign from now on. Nothing is published: nobody checks.
    pub(crate) async fn set_up(self, house: &House<'_>) {
        let name = SendingDomainName::parse("acme.example").unwrap();
        let keys = async || NewKeys::generate([Rsa2048, Ed25519].into()).await.unwrap();
        let (first, unused) = (keys().await, keys().await);
        let mut tx = house.write().await;
        let id = sending_domain::create(&mut tx, &name, first).await.unwrap();
        sending_domain::rotate(&mut tx, id, unused, true).await.unwrap();
        tx.commit().await.unwrap();
        let unwanted = match self {
            Self::Rsa => "ED25519",
            Self::Ed25519 => "RSA_2048",
            Self::Both => return,
        };
        let sql = format!("DELETE FROM dkim_key WHERE algorithm = '{unwanted}'");
        house.db.exec(&sql).await.unwrap();
    }
}

/// RSA signatures a second of OpenSSL, with as many processes as there are processors.
pub(crate) fn openssl_per_second() -> f64 {
    let processors = std::thread::available_parallelism()
        .map_or(1, usize::from)
        .to_string();
    let output = Command::new("openssl")
        .args(["speed", "-multi", &processors, "-seconds", "3", "rsa2048"])
        .output()
        .expect("openssl is installed");
    let text = String::from_utf8_lossy(&output.stdout);
    signs_per_second(&text).unwrap_or_else(|| panic!("openssl speed printed no table: {text}"))
}

/// Reads the table, whose columns differ between releases: the first row is headings, the second begins with
/// `rsa 2048 bits`.
fn signs_per_second(table: &str) -> Option<f64> {
    let row = |begins: &str| {
        table
            .lines()
            .rev()
            .find(|line| line.trim_start().starts_with(begins))
    };
    let column = row("sign")?
        .split_whitespace()
        .position(|heading| heading == "sign/s")?;
    let mut figures = row("rsa")?
        .split_whitespace()
        .skip_while(|word| *word != "bits")
        .skip(1);
    figures.nth(column)?.parse().ok()
}
