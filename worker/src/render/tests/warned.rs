//! What an author is told of a mail that can be sent all the same, and style sheets.

use super::*;

fn kinds(source: &TemplateSource) -> Vec<(WarningKind, Option<u32>)> {
    let template = compile(source);
    template
        .warnings()
        .iter()
        .map(|warning| (warning.kind, warning.line))
        .collect()
}

#[test]
fn images_that_say_nothing_scripts_and_mails_without_text_are_warned_of() {
    use WarningKind::{ImageWithoutText, NoPreheader, NoText, Script};
    for (format, body, expected) in [
        (
            BodyFormat::Html,
            "a\n<img src=\"cid:x\"> <img src=y alt=\"\"> <img alt=z>",
            vec![(ImageWithoutText, Some(2))],
        ),
        (
            BodyFormat::Html,
            "a <img src=\"https://x.example/{{ subscriber.email }}\">",
            vec![(ImageWithoutText, Some(1))],
        ),
        (BodyFormat::Markdown, "a ![](x.png) ![words](y.png)", vec![]),
        (
            BodyFormat::Html,
            "a\n\n<script src=x></script>",
            vec![(Script, Some(3))],
        ),
        (BodyFormat::Html, "<img src=x alt=\"\">", vec![(NoText, None)]),
        (
            BodyFormat::Mjml,
            "<mjml><mj-body><mj-section><mj-column><mj-text>a</mj-text>\n<mj-image src=\"x.png\" />\
             <mj-image src=\"y.png\" alt=\"b\" /></mj-column></mj-section></mj-body></mjml>",
            vec![(ImageWithoutText, Some(2))],
        ),
    ] {
        let expected: Vec<_> = expected.into_iter().chain([(NoPreheader, None)]).collect();
        assert_eq!(kinds(&source("Hello", format, body)), expected, "{body}");
    }
}

#[test]
fn a_mail_that_gmail_would_clip_is_warned_of_and_a_larger_one_refused() {
    let of_bytes = |bytes: usize| html(&"<p>0123456</p>\n".repeat(bytes / 15));
    let is_clipped = |source: &TemplateSource| kinds(source).contains(&(WarningKind::Clipped, None));
    assert!(!is_clipped(&of_bytes(100 * 1024)));
    assert!(is_clipped(&of_bytes(104 * 1024)));
    let large =
        "{% for a in [1, 2, 3, 4, 5] %}".to_owned() + &"<p>0123456789</p>\n".repeat(30_000) + "{% endfor %}";
    assert!(refused(&html(&large)).message.contains("larger than"));
}

#[test]
fn a_style_sheet_from_elsewhere_is_refused_where_it_stands() {
    for (format, body) in [
        (
            BodyFormat::Html,
            "<p>a</p>\n<link rel=stylesheet href='https://x.example/a.css'>",
        ),
        (
            BodyFormat::Html,
            "<p>a</p>\n<LINK REL='alternate StyleSheet' HREF=//x.example/>",
        ),
        (
            BodyFormat::Html,
            "<p>a</p>\n<link rel=stylesheet href='{{ policy_url }}'>",
        ),
        (
            BodyFormat::Markdown,
            "a\n<link rel=stylesheet href=file:///etc/passwd>",
        ),
        (
            BodyFormat::Html,
            "<style>\n@IMPORT 'https://x.example/';</style><p>a</p>",
        ),
    ] {
        let error = refused(&source("Hello", format, body));
        assert_eq!((error.field, error.line), (TemplateField::Body, 2), "{error}");
        assert!(error.message.contains("style sheet from elsewhere"), "{error}");
    }
    compile(&html(
        "<link rel=icon href='https://x.example/a.png'><style>@font-face { src: url(x) }</style>",
    ));
}

#[test]
fn rules_of_style_sheets_stand_in_the_elements_of_each_format() {
    for format in [BodyFormat::Html, BodyFormat::Markdown] {
        let mail = rendered(&source(
            "Hello",
            format,
            "<style>p { color: red } a { color: {{ tenant.name }} }</style>\n\n<p>Dear {{ subscriber.name }}</p>",
        ));
        assert!(
            mail.html
                .contains("<p style=\"color: red;\">Dear Ada &lt;b&gt;</p>"),
            "{}",
            mail.html
        );
        assert!(mail.html.contains("a { color: Acme }"), "{}", mail.html);
    }
    let error = refused(&html(&format!("<style>{}</style>x", "a{b:c} ".repeat(20_000))));
    assert!(error.message.contains("style sheets have"), "{error}");
}

#[test]
fn a_way_out_that_a_style_sheet_hides_is_refused() {
    for sheet in [
        "a { display: none }",
        "div { visibility: hidden !important }",
        "* { font-size: 0 }",
    ] {
        let error = refused(&html(&format!("<style>{sheet}</style><p>x</p>")));
        assert!(error.message.contains("way out"), "{sheet}: {error}");
    }
    // The footer says itself how it looks.
    compile(&html("<style>a { color: white }</style><p>x</p>"));
}
