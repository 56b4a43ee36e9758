//! Whole mails, each of another kind; the tables of sayings have tests of their own.

use assent_domain::bounce::BounceClass::{
    self, AuthReport, AutoReply, Block, Complaint, Delivered, Hard, NotBounce, Optout, Soft,
};

use super::{Report, classify};

/// A delivery report by the standard, with these fields for its one recipient and these words for people.
fn report(fields: &str, words: &str) -> String {
    format!(
        "From: Mail Delivery System <MAILER-DAEMON@mx.example.com>\n\
         To: bounce+token@example.com\n\
         Subject: Undelivered Mail Returned to Sender\n\
         Auto-Submitted: auto-replied\n\
         MIME-Version: 1.0\n\
         Content-Type: multipart/report; report-type=delivery-status; boundary=\"b\"\n\n\
         --b\nContent-Type: text/plain; charset=utf-8\n\n{words}\n\n\
         --b\nContent-Type: message/delivery-status\n\n\
         Reporting-MTA: dns; mx.example.com\n\n\
         Final-Recipient: rfc822; ann@example.org\n{fields}\n\n\
         --b\nContent-Type: message/rfc822\n\n\
         From: news@example.com\nTo: ann@example.org\nMessage-ID: <delivery_1@example.com>\nSubject: News\n\nHello\n\
         --b--\n"
    )
}

/// A report in words alone.
fn notice(words: &str) -> String {
    format!("From: MAILER-DAEMON@mx.example.com\nTo: news@example.com\nSubject: failure notice\n\n{words}\n")
}

fn class(mail: &str) -> BounceClass {
    classify(mail.as_bytes()).class
}

fn found(report: &Report) -> Vec<(&str, BounceClass)> {
    report
        .failures
        .iter()
        .map(|failure| (failure.recipient.as_deref().unwrap_or_default(), failure.class))
        .collect()
}

#[test]
fn the_words_of_the_server_come_before_the_codes_of_the_report() {
    let cases = [
        (
            "Action: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 User unknown",
            Hard,
        ),
        (
            "Action: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 mailbox is full",
            Soft,
        ),
        (
            "Action: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.7.1 blocked by the blacklist",
            Block,
        ),
        (
            "Action: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 450 4.1.1 User unknown",
            Soft,
        ),
        (
            "Action: delayed\nStatus: 4.4.7\nDiagnostic-Code: smtp; User unknown",
            Soft,
        ),
        ("Action: failed\nStatus: 5.1.1", Hard),
        ("Action: failed\nStatus: 5.2.1", Soft),
        ("Action: failed\nStatus: 5.7.1", Block),
        ("Action: failed\nStatus: 5.0.0", Soft),
        ("Action: delivered\nStatus: 2.0.0", Delivered),
        ("Action: relayed\nStatus: 2.0.0", Delivered),
    ];
    for (fields, expected) in cases {
        assert_eq!(class(&report(fields, "It did not work.")), expected, "{fields}");
    }
}

#[test]
fn who_refuses_before_a_recipient_was_named_refuses_the_sender() {
    let at = |command: &str| {
        let words = format!(
            "<ann@example.org>: host mx said: 550 5.1.1 unknown user (in reply to {command} command)"
        );
        class(&report("Action: failed\nStatus: 5.0.0", &words))
    };
    assert_eq!(at("RCPT TO"), Hard);
    assert_eq!(at("MAIL FROM"), Block);
    let filtered = "<ann@example.org>: host mx said: 550 unknown user (in reply to end of DATA command)";
    assert_eq!(class(&report("Action: failed\nStatus: 5.0.0", filtered)), Soft);
}

#[test]
fn each_recipient_has_an_answer_of_their_own() {
    let words = "The following addresses failed:\n\n  ann@example.org\n    550 5.1.1 no such user here\n  \
                 bob@example.org\n    552 5.2.2 mailbox full\n\n------ This is a copy of the message ------\n\n\
                 To: eve@example.org\n550 no such user";
    let report = classify(notice(words).as_bytes());
    assert_eq!(
        found(&report),
        [("ann@example.org", Hard), ("bob@example.org", Soft)]
    );
    assert_eq!(report.class, Hard);
}

#[test]
fn reports_that_follow_no_standard_are_read() {
    let cases = [
        (
            "Hi. This is the qmail-send program.\n<ann@example.org>:\nSorry, no mailbox here by that name. (#5.1.1)",
            Hard,
        ),
        (
            "Ihre Nachricht wurde nicht zugestellt.\nann@example.org\n  550 Empfänger unbekannt",
            Hard,
        ),
        ("ann@example.org\n  550 ユーザーが見つかりません", Hard),
        (
            "Your message\n\n  To: ann@example.org\n\ndid not reach the following recipient(s):\n\n\
          ann@example.org on Mon\n    The recipient name is not recognized",
            Hard,
        ),
        (
            "was not delivered to:\n  ann@example.org\nbecause:\n  Maximum hop count exceeded",
            Soft,
        ),
        ("Delivery failed 20 attempts: ann@example.org", Soft),
    ];
    for (words, expected) in cases {
        assert_eq!(class(&notice(words)), expected, "{words}");
    }
}

#[test]
fn complaints_and_opt_outs_count_and_reports_on_signatures_do_not() {
    let feedback = |kind: &str| {
        format!(
            "From: fbl@example.net\nSubject: feedback\nMIME-Version: 1.0\n\
             Content-Type: multipart/report; report-type=feedback-report; boundary=b\n\n\
             --b\nContent-Type: text/plain\n\nA report.\n\n\
             --b\nContent-Type: message/feedback-report\n\nFeedback-Type: {kind}\nUser-Agent: x/1\nVersion: 1\n\n\
             --b\nContent-Type: message/rfc822\n\nTo: ann@example.org\nMessage-ID: <delivery_2@example.com>\n\nHello\n--b--\n"
        )
    };
    let cases = [
        ("abuse", Complaint),
        ("Abuse", Complaint),
        ("fraud", Complaint),
        ("opt-out", Optout),
        ("auth-failure", AuthReport),
        ("not-spam", AuthReport),
        ("of-tomorrow", NotBounce),
    ];
    for (kind, expected) in cases {
        let report = classify(feedback(kind).as_bytes());
        assert_eq!(report.class, expected, "{kind}");
        assert_eq!(report.recipients(), ["ann@example.org"]);
        assert_eq!(report.returned.message_ids, ["delivery_2@example.com"]);
    }
}

#[test]
fn people_and_their_programs_are_no_bounces() {
    let away = "From: ann@example.org\nAuto-Submitted: auto-replied (vacation)\nSubject: Re: News\n\n\
                I am away. Mail to bob@example.org could not be delivered before.\n";
    let away_by_subject =
        "From: ann@example.org\nSubject: Out of Office: News\n\nUser unknown to me, unsubscribe me.\n";
    let person = "From: ann@example.org\nSubject: Re: News\n\nMy friend has no such mailbox. Mailbox full?\n";
    let read = "From: ann@example.org\nSubject: Read: News\nContent-Type: multipart/report; \
                report-type=disposition-notification; boundary=b\n\n--b\n\nRead.\n--b\n\
                Content-Type: message/disposition-notification\n\n\
                Disposition: manual-action/MDN-sent-manually; displayed\n--b--\n";
    assert_eq!(class(away), AutoReply);
    assert_eq!(class(away_by_subject), AutoReply);
    assert_eq!(class(person), NotBounce);
    assert_eq!(class(read), NotBounce);
    assert_eq!(class(""), NotBounce);
}

#[test]
fn line_ends_do_not_matter() {
    let mails = [
        report(
            "Action: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1\n User unknown",
            "It failed.",
        ),
        notice(
            "<ann@example.org>:\nSorry, no mailbox here by that name. (#5.1.1)\n\n--- Below this line is a copy\n",
        ),
    ];
    for mail in mails {
        let expected = classify(mail.as_bytes());
        assert_eq!(expected.class, Hard);
        assert_eq!(classify(mail.replace('\n', "\r\n").as_bytes()), expected);
        assert_eq!(classify(mail.replace('\n', "\r").as_bytes()), expected);
    }
}

#[test]
fn what_is_kept_holds_no_address_and_is_short() {
    let long = "x".repeat(4000);
    let fields = format!(
        "Action: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 <ann@example.org>: User unknown {long}"
    );
    let report = classify(report(&fields, "").as_bytes());
    let text = &report.gravest().expect("there is a failure").text;
    assert!(text.starts_with("550 <address>: User unknown"), "{text}");
    assert_eq!(text.chars().count(), 500);
    assert!(!format!("{report:?}").contains("ann@"));
}
