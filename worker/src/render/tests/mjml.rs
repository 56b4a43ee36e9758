//! MJML, from its source to the mail one person gets, and how it is refused.

use super::*;

fn mjml(body: &str) -> TemplateSource {
    source("Hello", BodyFormat::Mjml, body)
}

fn section(inner: &str) -> TemplateSource {
    mjml(&format!(
        "<mjml>\n<mj-body>\n<mj-section>\n<mj-column>\n{inner}\n</mj-column>\n</mj-section>\n</mj-body>\n</mjml>"
    ))
}

#[test]
fn mjml_becomes_a_mail_with_values_links_and_a_way_out() {
    let mail = rendered(&section(
        "<mj-text>Dear <b>{{ subscriber.name }}</b>,<br>see\n<a href=\"https://acme.example/?a=1&amp;b=2\">this</a></mj-text>\
         <mj-button href=\"{{ policy_url }}\">The policy</mj-button>",
    ));
    assert!(
        mail.html.starts_with("<!doctype html><html lang=\"en\""),
        "{}",
        mail.html
    );
    assert!(
        mail.html.contains("Dear <b>Ada &lt;b&gt;</b>,<br"),
        "{}",
        mail.html
    );
    assert!(
        mail.html.contains("href=\"https://acme.example/policy\""),
        "{}",
        mail.html
    );
    assert!(mail.html.contains("https://acme.example/u/t?a=1&amp;b=2"));
    assert_eq!(
        mail.text,
        "Dear Ada <b>,\nsee this <https://acme.example/?a=1&b=2>\n\nThe policy <https://acme.example/policy>\n\n---\n\
         Acme & Co\n1 Main St\nUnsubscribe: https://acme.example/u/t?a=1&b=2\n\
         Change your preferences: https://acme.example/p/t\nYour data: https://acme.example/t/acme/privacy\n"
    );
}

#[test]
fn p13_mjml_loads_nothing_that_its_author_did_not_name() {
    let template = compile(&section("<mj-text font-family=\"Roboto, Lato\">x</mj-text>"));
    assert!(template.content().is_empty(), "{:?}", template.content());
    let named = compile(&mjml(
        "<mjml><mj-head>\n<mj-font name=\"Roboto\" href=\"https://fonts.example/r.css\" /></mj-head><mj-body><mj-section>\
         <mj-column><mj-text font-family=\"Roboto\">x</mj-text>\n<mj-image src=\"https://img.example/a.png\" />\n\
         </mj-column></mj-section></mj-body></mjml>",
    ));
    let found: Vec<_> = named
        .content()
        .iter()
        .map(|party| (party.host.to_string(), party.line))
        .collect();
    assert_eq!(
        found,
        [("fonts.example".to_owned(), 2), ("img.example".to_owned(), 3)]
    );
}

#[test]
fn statements_stand_around_sections_and_columns_and_within_text() {
    let template = compile(&mjml(
        "<mjml><mj-body>{% if subscriber.company %}<mj-section><mj-column><mj-text>firm {{ subscriber.company }}</mj-text>\
         </mj-column></mj-section>{% else %}<mj-section><mj-column><mj-text>alone</mj-text></mj-column></mj-section>\
         {% endif %}<mj-section>{% for c in ['Rome', 'Oslo'] %}<mj-column><mj-text>{{ c }}{% if c == 'Oslo' %}!{% endif %}\
         </mj-text></mj-column>{% endfor %}</mj-section></mj-body></mjml>",
    ));
    let words = |mail: &Rendered| {
        let text = mail.text.split("---").next().unwrap_or_default().to_owned();
        text.split_whitespace().map(str::to_owned).collect::<Vec<_>>()
    };
    let mail = template.render(&ada()).expect("renders");
    assert_eq!(words(&mail), ["alone", "Rome", "Oslo!"]);
    assert!(
        !mail.html.contains("firm") && !mail.html.contains("tag"),
        "{}",
        mail.html
    );
    let mut with_company = ada();
    with_company.subscriber.company = "A&B";
    let mail = template.render(&with_company).expect("renders");
    assert_eq!(words(&mail), ["firm", "A&B", "Rome", "Oslo!"]);
    assert!(mail.html.contains("firm A&amp;B"));
}

#[test]
fn styles_of_mjml_are_written_to_its_elements() {
    for inline in ["", " inline=\"inline\""] {
        let mail = rendered(&mjml(&format!(
            "<mjml><mj-head><mj-style{inline}>.big b {{ color: #123456 }}</mj-style></mj-head><mj-body><mj-section>\
             <mj-column><mj-text css-class=\"big\"><b>x</b></mj-text></mj-column></mj-section></mj-body></mjml>"
        )));
        assert!(
            mail.html.contains("<b style=\"color: #123456;\">x</b>"),
            "{}",
            mail.html
        );
        assert!(mail.html.contains("@media"), "{}", mail.html);
    }
}

#[test]
fn a_preview_is_the_preheader_and_no_part_of_the_text() {
    let body = "<mjml><mj-head><mj-preview>For {{ subscriber.name }} &amp; all</mj-preview></mj-head><mj-body>\
                <mj-section><mj-column><mj-text>x</mj-text></mj-column></mj-section></mj-body></mjml>";
    let template = compile(&mjml(body));
    assert_eq!(template.preheader(&ada()).as_deref(), Ok("For Ada <b> & all"));
    let mail = template.render(&ada()).expect("renders");
    assert!(mail.html.contains("For Ada &lt;b&gt; &amp; all"), "{}", mail.html);
    assert!(mail.text.starts_with("x\n"), "{}", mail.text);
    let twice = TemplateSource {
        preheader: "Again".to_owned(),
        ..mjml(body)
    };
    assert_eq!(refused(&twice).field, TemplateField::Preheader);
}

#[test]
fn a_preheader_stands_first_and_its_values_are_escaped() {
    for format in [BodyFormat::Html, BodyFormat::Markdown, BodyFormat::Mjml] {
        let body = match format {
            BodyFormat::Mjml => {
                "<mjml><mj-body><mj-section><mj-column><mj-text>x</mj-text></mj-column></mj-section>\
                                 </mj-body></mjml>"
            }
            _ => "x",
        };
        let template = compile(&TemplateSource {
            preheader: "A < B for {{ subscriber.name }}{% if subscriber.company %}!{% endif %}".to_owned(),
            ..source("Hello", format, body)
        });
        assert_eq!(template.preheader(&ada()).as_deref(), Ok("A < B for Ada <b>"));
        let mail = template.render(&ada()).expect("renders");
        let (before, _) = mail
            .html
            .split_once("A &lt; B for Ada &lt;b&gt;</div>")
            .expect("is there");
        assert!(
            before
                .rsplit_once("<body")
                .expect("in the body")
                .1
                .contains("display:none")
        );
        assert!(!mail.text.contains("A < B"), "{}", mail.text);
        assert!(
            template
                .warnings()
                .iter()
                .all(|warning| warning.kind != WarningKind::NoPreheader)
        );
    }
    let wrong = TemplateSource {
        preheader: "x\n{{ nmae }}".to_owned(),
        ..html("x")
    };
    let error = refused(&wrong);
    assert_eq!(
        (error.field, error.line, error.column),
        (TemplateField::Preheader, 2, 4)
    );
    let long = TemplateSource {
        preheader: "x".repeat(501),
        ..html("x")
    };
    assert_eq!(refused(&long).field, TemplateField::Preheader);
}

/// Bodies that are no MJML, with the line to look at and a word of what is said.
const BAD: [(&str, usize, &str); 19] = [
    (
        "<mjml>\n<mj-body>\n<mj-section>\n</mj-body>\n</mjml>",
        4,
        "</mj-section>",
    ),
    ("<mjml>\n<mj-body>\n<mj-section>", 3, "is not closed"),
    ("<mjml>\n<mj-body>\n<mj-section", 3, "is not closed"),
    (
        "<mjml><mj-body>\n<mj-section><mj-column><mj-text>a<p>b</mj-text></mj-column></mj-section></mj-body></mjml>",
        2,
        "<p>",
    ),
    ("<p>x</p>", 1, "begins with <mjml>"),
    ("just text", 1, "MJML"),
    (
        "<mjml><mj-body>\n{{ subscriber.name }}</mj-body></mjml>",
        2,
        "mj-text",
    ),
    ("<mjml><mj-body>\nstray</mj-body></mjml>", 2, "mj-text"),
    (
        "<mjml><mj-body>\n<mj-include path=\"./secret.mjml\" /></mj-body></mjml>",
        2,
        "no files",
    ),
    (
        "<mjml><mj-head>\n<mj-include path=\"https://x.example/a.mjml\" /></mj-head><mj-body></mj-body></mjml>",
        2,
        "no files",
    ),
    (
        "<mjml><mj-body><mj-raw>\n<script>alert(1)</script></mj-raw></mj-body></mjml>",
        2,
        "script",
    ),
    (
        "<mjml><mj-head><mj-raw>\n<SCRIPT src=x></SCRIPT></mj-raw></mj-head><mj-body></mj-body></mjml>",
        2,
        "script",
    ),
    (
        "<mjml><mj-body>\n<mj-sektion></mj-sektion></mj-body></mjml>",
        2,
        "mj-sektion",
    ),
    (
        "<mjml><mj-head><mj-raw>\n<link rel=\"stylesheet\" href=\"https://x.example/\" /></mj-raw></mj-head></mjml>",
        2,
        "style sheet",
    ),
    (
        "<mjml><mj-head><mj-style>\n@import 'https://x.example/';</mj-style></mj-head></mjml>",
        2,
        "style sheet",
    ),
    (
        "<mjml><mj-head>\n{% if tenant.name %}<mj-title>x</mj-title>{% endif %}</mj-head></mjml>",
        2,
        "statement",
    ),
    ("<mjml><mj-body></mj-body></mjml>\n<mjml></mjml>", 2, "MJML"),
    (
        "<mjml><mj-body>\n<mj-text>x</mj-body></mj-text></mjml>",
        2,
        "<mj-text>",
    ),
    ("</mjml>", 1, "MJML"),
];

#[test]
fn what_is_no_mjml_is_refused_where_it_is_wrong() {
    for (body, line, word) in BAD {
        let error = refused(&mjml(body));
        assert_eq!(
            (error.field, error.line),
            (TemplateField::Body, line),
            "{body}: {error}"
        );
        assert!(error.message.contains(word), "{body}: {error}");
    }
    // Template tags are longer or shorter than what stands for them.
    let error = refused(&mjml(
        "<mjml><mj-body>{% if subscriber.name and subscriber.company %}<mj-section></mj-section>{% endif %}<mj-texxt>",
    ));
    assert_eq!((error.line, error.column), (1, 99), "{error}");
}

#[test]
fn an_unknown_attribute_is_left_out_and_said() {
    let template = compile(&section("<mj-text\n  colour=\"red\">x</mj-text>"));
    let unknown: Vec<_> = template
        .warnings()
        .iter()
        .filter(|warning| warning.kind == WarningKind::UnknownAttribute)
        .collect();
    // The converter tells of few elements' attributes.
    assert!(
        unknown.len() <= 1 && unknown.iter().all(|warning| warning.line == Some(6)),
        "{unknown:?}"
    );
}

#[test]
fn no_mjml_overflows_the_stack_or_takes_long() {
    let start = std::time::Instant::now();
    for piece in [
        "<mj-section>",
        "<mj-column>",
        "<mj-text>",
        "<mj-raw>",
        "<div>",
        "<b>",
        "<br>",
        "<br/>",
        "<mj-raw/>",
        "<mj-text/>",
        "</mj-section>",
        "<!--",
        "<!-- -->",
        "<!--[if mso]>",
        "<![endif]-->",
        "<![CDATA[",
        "<?x",
        "<a b='",
        "<a b=",
        "&amp;",
        "{% if tenant.name %}",
        "x",
        "<mj-spacer/>",
        "<mj-image/>",
        "<mj-wrapper>",
        "<mj-hero>",
        "<mj-group>",
    ] {
        for around in [
            "",
            "<mjml><mj-body>",
            "<mjml><mj-body><mj-section><mj-column><mj-text>",
            "<mjml><mj-head><mj-style>",
        ] {
            let body = format!(
                "{around}{}",
                (piece.repeat(50) + "\n").repeat(256 * 1024 / (50 * piece.len() + 1))
            );
            let _ = Template::compile(&mjml(&body), Footer::Marketing);
        }
    }
    let deep = format!("<mjml><mj-body>{}", "<div>\n".repeat(150_000));
    assert!(refused(&mjml(&deep)).message.contains("nested"));
    assert!(start.elapsed().as_secs() < 60, "{:?}", start.elapsed());
}
