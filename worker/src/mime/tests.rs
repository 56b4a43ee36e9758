//! The bytes of a mail, looked at as a receiving server would.

use chrono::TimeZone as _;

use super::*;

fn draft() -> Draft<'static> {
    Draft {
        from_name: "Acme, Inc.",
        from_address: "news@acme.example",
        to_name: Some("Ada Lovelace"),
        to_address: "ada@example.com",
        subject: "News for you",
        html: Some("<p>Hello</p>\n"),
        text: "Hello\n",
        message_id: "d1@mail.acme.example",
        date: Utc
            .with_ymd_and_hms(2026, 3, 1, 8, 5, 9)
            .single()
            .expect("exists"),
        list: Some(ListHeaders {
            unsubscribe_url: "https://acme.example/unsubscribe/0123456789abcdef0123456789abcdef0123456789abcdef0123456789",
            list_id_phrase: "Acme News",
            list_id: "l1.t1.lists.example",
        }),
        auto_submitted: false,
        reply_to: Some("help@acme.example"),
        complaints_to: Some("bounce+abc234@bounces.acme.example"),
        postmark_return_path: None,
        feedback_id: Some("c1:acme:campaign:assent"),
        language: "en",
    }
}

fn built(draft: &Draft<'_>) -> String {
    String::from_utf8(build(draft).expect("builds")).expect("is UTF-8")
}

/// The header fields as written, folded lines joined.
fn fields(message: &str) -> Vec<(String, String)> {
    let head = message
        .split("\r\n\r\n")
        .next()
        .expect("a header")
        .replace("\r\n ", " ");
    let pairs = head
        .split("\r\n")
        .map(|line| line.split_once(": ").expect("a field"));
    pairs
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

fn field(message: &str, name: &str) -> String {
    let found: Vec<_> = fields(message)
        .into_iter()
        .filter(|(n, _)| n.eq_ignore_ascii_case(name))
        .collect();
    assert_eq!(found.len(), 1, "{name} once in {message}");
    found[0].1.clone()
}

#[test]
fn a_marketing_mail_has_each_field_once_and_as_the_standards_write_it() {
    let message = built(&draft());
    let names: Vec<_> = fields(&message).into_iter().map(|(name, _)| name).collect();
    assert_eq!(
        names,
        [
            "Date",
            "From",
            "Reply-To",
            "To",
            "Subject",
            "Message-ID",
            "MIME-Version",
            "Content-Language",
            "List-Id",
            "List-Unsubscribe",
            "List-Unsubscribe-Post",
            "CFBL-Address",
            "Feedback-ID",
            "Content-Type"
        ]
    );
    assert_eq!(field(&message, "Date"), "Sun, 01 Mar 2026 08:05:09 +0000");
    assert_eq!(field(&message, "Message-ID"), "<d1@mail.acme.example>");
    assert_eq!(field(&message, "List-Id"), "Acme News <l1.t1.lists.example>");
    assert!(message.contains("\r\nList-Unsubscribe: <https://acme.example/unsubscribe/0123456789abcdef0123456789abcdef0123456789abcdef0123456789>\r\n"));
    assert!(message.contains("\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"));
    assert_eq!(field(&message, "To"), "\"Ada Lovelace\" <ada@example.com>");
    assert_eq!(field(&message, "Reply-To"), "help@acme.example");
}

#[test]
fn the_plain_part_comes_before_the_html_part() {
    let message = built(&draft());
    assert!(field(&message, "Content-Type").starts_with("multipart/alternative; boundary=\"=_"));
    let plain = message
        .find("Content-Type: text/plain; charset=utf-8")
        .expect("plain part");
    let html = message
        .find("Content-Type: text/html; charset=utf-8")
        .expect("html part");
    assert!(plain < html);
    let text_only = built(&Draft {
        html: None,
        list: None,
        auto_submitted: true,
        ..draft()
    });
    assert_eq!(field(&text_only, "Content-Type"), "text/plain; charset=utf-8");
    assert_eq!(field(&text_only, "Auto-Submitted"), "auto-generated");
    assert!(!text_only.contains("List-"));
}

#[test]
fn the_same_draft_gives_the_same_bytes() {
    assert_eq!(build(&draft()), build(&draft()));
    assert!(!built(&draft()).contains("X-Mailer") && !built(&draft()).contains("localhost"));
}

#[test]
fn a_line_break_in_a_value_starts_no_other_field() {
    let evil = [
        "a\r\nBcc: v@example.com",
        "a\nBcc: v@example.com",
        "a\rBcc: v@example.com",
        "a\u{0}",
        "a\u{85}b",
    ];
    for value in evil {
        assert_eq!(
            build(&Draft {
                subject: value,
                ..draft()
            }),
            Err(MimeError::ControlCharacter("the subject"))
        );
        assert!(
            build(&Draft {
                from_name: value,
                ..draft()
            })
            .is_err()
        );
        assert!(
            build(&Draft {
                from_address: &format!("{value}@example.com"),
                ..draft()
            })
            .is_err()
        );
        assert!(
            build(&Draft {
                to_address: &format!("\"{value}\"@example.com"),
                ..draft()
            })
            .is_err()
        );
        assert!(
            build(&Draft {
                reply_to: Some(value),
                ..draft()
            })
            .is_err()
        );
        assert!(
            build(&Draft {
                message_id: &format!("{value}@x"),
                ..draft()
            })
            .is_err()
        );
        let list = draft().list.expect("a list");
        for list in [
            ListHeaders {
                unsubscribe_url: &format!("https://x/{value}"),
                ..list
            },
            ListHeaders {
                list_id_phrase: value,
                ..list
            },
            ListHeaders {
                list_id: value,
                ..list
            },
        ] {
            assert!(
                build(&Draft {
                    list: Some(list),
                    ..draft()
                })
                .is_err()
            );
        }
        let message = built(&Draft {
            to_name: Some(value),
            ..draft()
        });
        assert!(
            fields(&message).iter().all(|(name, _)| name != "Bcc"),
            "{message}"
        );
    }
}

#[test]
fn no_name_or_subject_breaks_the_header_whatever_it_is_made_of() {
    let pieces = [
        "a",
        "\"",
        "\\",
        "<",
        ">",
        "@",
        ",",
        "(",
        ")",
        "=?utf-8?q?x?=",
        "ü",
        "日本",
        "🎉",
        " ",
        "  ",
        ";",
        ":",
        ".",
    ];
    for first in pieces {
        for second in pieces {
            for third in pieces {
                let value = format!("x{first}{second}{third}y").repeat(8);
                let message = built(&Draft {
                    from_name: &value,
                    to_name: Some(&value),
                    subject: &value,
                    ..draft()
                });
                let head = message.split("\r\n\r\n").next().expect("a header");
                assert!(head.is_ascii(), "{head}");
                assert!(head.split("\r\n").all(|line| !line.trim().is_empty()), "{head}");
                assert_eq!(fields(&message).len(), 14, "{head}");
                assert!(field(&message, "From").ends_with("<news@acme.example>"), "{head}");
            }
        }
    }
}

#[test]
fn no_line_is_longer_than_998_octets_and_all_is_seven_bit() {
    let long_ascii = "word ".repeat(5000) + &"w".repeat(5000);
    let long_unicode = "ü日🎉".repeat(3000);
    for text in [
        long_ascii.as_str(),
        &long_unicode,
        "trailing \n.\n..\nFrom x\n",
        "a\rb\r\nc\nd",
    ] {
        let message = build(&Draft {
            text,
            html: Some(text),
            ..draft()
        })
        .expect("builds");
        assert!(message.is_ascii());
        assert!(message.split(|&b| b == b'\n').all(|line| line.len() <= 999));
        let text = String::from_utf8(message).expect("ASCII");
        assert!(!text.replace("\r\n", "").contains(['\r', '\n']));
    }
    let subject = "ü".repeat(499);
    assert!(
        build(&Draft {
            subject: &subject,
            ..draft()
        })
        .is_ok()
    );
    assert_eq!(
        build(&Draft {
            subject: &"s".repeat(998),
            ..draft()
        }),
        Err(MimeError::LineTooLong)
    );
}

#[test]
fn international_addresses_keep_their_local_part_and_get_an_ascii_domain() {
    let message = built(&Draft {
        to_address: "jürgen@bücher.example",
        ..draft()
    });
    assert!(message.contains("<jürgen@xn--bcher-kva.example>"), "{message}");
    let message = built(&Draft {
        to_address: "juergen@bücher.example",
        ..draft()
    });
    assert!(message.is_ascii());
    assert_eq!(
        build(&Draft {
            to_address: "nobody",
            ..draft()
        }),
        Err(MimeError::Address("the recipient's address"))
    );
}

#[test]
fn a_list_name_of_any_words_leaves_the_list_id_alone() {
    for phrase in ["", "Größe & Stil, \"Mode\" <x>", "a.b (c)", "日本 ニュース"] {
        let list = ListHeaders {
            list_id_phrase: phrase,
            ..draft().list.expect("a list")
        };
        let message = built(&Draft {
            list: Some(list),
            ..draft()
        });
        assert!(
            field(&message, "List-Id").ends_with("<l1.t1.lists.example>"),
            "{message}"
        );
        assert!(message.is_ascii());
    }
}

#[test]
fn malformed_ids_and_targets_are_refused() {
    for id in ["", "x", "@x", "x@", "a b@c", "a@b@c", "<a@b", "ü@x"] {
        assert_eq!(
            build(&Draft {
                message_id: id,
                ..draft()
            }),
            Err(MimeError::MessageId),
            "{id}"
        );
    }
    assert!(
        build(&Draft {
            message_id: "<a@b>",
            ..draft()
        })
        .is_ok()
    );
    let list = draft().list.expect("a list");
    for url in ["", "mailto:x@y", "https://x/>,<y", "https://x/ü", "https://x/ y"] {
        let list = Some(ListHeaders {
            unsubscribe_url: url,
            ..list
        });
        assert_eq!(
            build(&Draft { list, ..draft() }),
            Err(MimeError::UnsubscribeUrl),
            "{url}"
        );
    }
    for id in ["", "x", "a..b", "a b.c", "a.b>"] {
        let list = Some(ListHeaders { list_id: id, ..list });
        assert_eq!(build(&Draft { list, ..draft() }), Err(MimeError::ListId), "{id}");
    }
    let ancient = Utc
        .with_ymd_and_hms(1969, 1, 1, 0, 0, 0)
        .single()
        .expect("exists");
    assert_eq!(
        build(&Draft {
            date: ancient,
            ..draft()
        }),
        Err(MimeError::Date)
    );
}
