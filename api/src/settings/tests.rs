//! Settings that will do, and those that are refused.

use super::secrets::EXAMPLE_SECRET;
use super::*;

fn production() -> Options {
    Options {
        env: Some(Environment::Production),
        data_dir: Some(std::env::temp_dir().join("assent-settings-test")),
        secret: Some("0123456789abcdef0123456789abcdef".to_owned()),
        base_url: Some("https://mail.example.com/".to_owned()),
        smtp_host: Some("smtp.example.com".to_owned()),
        ..Options::default()
    }
}

fn problem(options: Options) -> String {
    options.resolve().unwrap_err().to_string()
}

#[test]
fn production_starts_with_everything_it_needs() {
    let settings = production().resolve().unwrap();
    assert_eq!(settings.base_url, "https://mail.example.com");
    assert!(!settings.explorer);
}

#[test]
fn p06_production_refuses_a_missing_or_known_secret_and_the_mailbox() {
    assert!(
        problem(Options {
            secret: None,
            ..production()
        })
        .contains("ASSENT_SECRET")
    );
    assert!(
        problem(Options {
            secret: Some(EXAMPLE_SECRET.into()),
            ..production()
        })
        .contains("example")
    );
    assert!(
        problem(Options {
            secret: Some("short".into()),
            ..production()
        })
        .contains("ASSENT_SECRET")
    );
    assert!(
        problem(Options {
            smtp_host: None,
            ..production()
        })
        .contains("ASSENT_SMTP_HOST")
    );
    let plain = Some("http://mail.example.com".into());
    assert!(
        problem(Options {
            base_url: plain,
            ..production()
        })
        .contains("ASSENT_BASE_URL")
    );
}

#[test]
fn flags_win_over_the_file_and_unknown_settings_are_named() {
    let file: Options = toml::from_str("smtp_host = \"file\"\nsmtp_port = 2525").unwrap();
    let both = Options {
        smtp_host: Some("flag".into()),
        ..Options::default()
    }
    .over(file);
    assert_eq!(
        (both.smtp_host.as_deref(), both.smtp_port),
        (Some("flag"), Some(2525))
    );
    assert!(
        toml::from_str::<Options>("smtp_hsot = 1")
            .unwrap_err()
            .to_string()
            .contains("smtp_hsot")
    );
}

#[test]
fn the_queue_stands_beside_the_database() {
    assert_eq!(
        beside("sqlite:///var/lib/assent/assent.db?mode=rwc"),
        Path::new("/var/lib/assent/jobs.db")
    );
    assert_eq!(beside("sqlite://data/assent.db"), Path::new("data/jobs.db"));
}

#[test]
fn the_name_server_is_an_address_with_or_without_a_port() {
    let server = |given: &str| {
        let options = Options {
            dns_server: Some(given.to_owned()),
            ..production()
        };
        let settings = options.resolve().map_err(|error| error.to_string())?;
        Ok::<_, String>(settings.worker.sender.dns_server.unwrap().to_string())
    };
    assert_eq!(server("192.0.2.1").unwrap(), "192.0.2.1:53");
    assert_eq!(server("127.0.0.1:5353").unwrap(), "127.0.0.1:5353");
    assert_eq!(server("2001:db8::1").unwrap(), "[2001:db8::1]:53");
    for bad in ["", "dns.example", "192.0.2.1:x", "192.0.2"] {
        assert!(server(bad).unwrap_err().contains("ASSENT_DNS_SERVER"), "{bad}");
    }
}

#[test]
fn production_needs_verified_senders_and_a_whole_secret_from_before() {
    assert!(production().resolve().unwrap().worker.sender.requires_verified);
    assert!(!Options::default().sender(false).unwrap().requires_verified);
    for (name, options) in [
        (
            "ASSENT_SECRET_PREVIOUS",
            Options {
                secret_previous: Some("short".into()),
                ..production()
            },
        ),
        (
            "ASSENT_SPF_INCLUDE",
            Options {
                spf_include: Some("https://x.example".into()),
                ..production()
            },
        ),
    ] {
        assert!(problem(options).contains(name), "{name}");
    }
}
