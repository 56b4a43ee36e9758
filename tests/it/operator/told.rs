//! Whoever becomes a member is told which policy of the operator applies before they give a password.

use std::io::Write;
use std::process::{Output, Stdio};

use assent_tests::house::PASSWORD;
use assent_tests::process::command;
use assent_tests::sink::Sink;
use assent_tests::{TestStore, on_both};

use super::ops;

/// Runs a command of the program, which reads `input`.
fn run(db: &TestStore, sink: &Sink, arguments: &[&str], input: &str) -> Output {
    let mut child = command(db, sink, "127.0.0.1:0")
        .env("ASSENT_BASE_URL", "http://assent.example")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    writeln!(stdin, "{input}").unwrap();
    drop(stdin);
    child.wait_with_output().unwrap()
}

const CREATE: &[&str] = &[
    "tenant",
    "create",
    "--name",
    "Ops Ltd",
    "--sender-address",
    "news@ops.example",
    "--postal-address",
    "1 Main Street",
    "--owner",
    "owner@ops.example",
    "--operator",
    "--slug",
];

on_both!(the_set_up_page_links_to_the_operators_policy, async |db| {
    let site = db.site();
    let path = format!("/setup/{}", site.setup.issue());
    let page = site.get(&path).await;
    assert!(!page.must_be(200).body.contains("/policy/"), "there is none");
    ops(db).await;
    for (language, said) in [
        ("en", "applies to whoever signs in here"),
        ("de", "Wer sich hier anmeldet"),
    ] {
        let page = site.get(&format!("{path}?lang={language}")).await;
        assert!(page.must_be(200).text().contains(said), "{}", page.text());
        assert_eq!(
            page.attributes("fieldset a", "href"),
            ["/t/ops/policy/1"],
            "before the password"
        );
    }
    let again = site.fill_in("/setup", &[]).await;
    assert_eq!(
        again.must_be(422).attributes("fieldset a", "href"),
        ["/t/ops/policy/1"]
    );
    site.close().await;
});

on_both!(the_command_line_says_which_policy_applies, async |db| {
    let sink = Sink::default();
    let made = run(db, &sink, &[CREATE, &["ops"]].concat(), PASSWORD);
    assert!(made.status.success(), "{made:?}");
    assert_eq!(made.stderr, b"", "no policy is in force yet");
    let second = run(db, &sink, &[CREATE, &["second"]].concat(), PASSWORD);
    let said = String::from_utf8(second.stderr).unwrap();
    assert!(!second.status.success());
    assert!(said.contains("another tenant is the operator's"), "{said}");
    let marked = run(db, &sink, &["tenant", "operator", "ops"], "");
    let said = String::from_utf8(marked.stderr).unwrap();
    assert!(said.contains("the operator's already"), "{said}");
    let listed = run(db, &sink, &["tenant", "list"], "");
    let listed = String::from_utf8(listed.stdout).unwrap();
    assert!(listed.contains("open, the operator's own"), "{listed}");
    assert!(!listed.contains("second"), "{listed}");
});

on_both!(the_command_line_shows_the_policy_before_it_asks, async |db| {
    db.bare_house("acme").await;
    ops(db).await;
    let sink = Sink::default();
    let hired = run(
        db,
        &sink,
        &[
            "member",
            "create",
            "--tenant",
            "acme",
            "--email",
            "mia@acme.example",
            "--role",
            "ANALYST",
        ],
        PASSWORD,
    );
    assert!(hired.status.success(), "{hired:?}");
    let said = String::from_utf8(hired.stderr).unwrap();
    let expected = "The privacy policy of House ops, version 1, applies to members: http://assent.example/t/ops/policy/1\n";
    assert_eq!(said, expected);
    let id = String::from_utf8(hired.stdout).unwrap();
    assert!(id.starts_with("member_"), "{id}");
});
