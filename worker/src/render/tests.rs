//! Templates from the author's source to the mail one person gets.

mod mjml;
mod refused;
mod warned;

use std::collections::BTreeMap;

use super::*;

fn source(subject: &str, format: BodyFormat, body: &str) -> TemplateSource {
    TemplateSource {
        subject: subject.to_owned(),
        preheader: String::new(),
        format,
        body: body.to_owned(),
        language: "en".to_owned(),
    }
}

fn html(body: &str) -> TemplateSource {
    source("Hello", BodyFormat::Html, body)
}

fn markdown(body: &str) -> TemplateSource {
    source("Hello", BodyFormat::Markdown, body)
}

fn ada() -> Variables<'static> {
    Variables {
        subscriber: SubscriberVariables {
            email: "ada@example.com",
            name: "Ada <b>",
            company: "",
        },
        tenant: TenantVariables {
            name: "Acme",
            postal_address: "Acme & Co\n1 Main St",
        },
        unsubscribe_url: "https://acme.example/u/t?a=1&b=2",
        preferences_url: "https://acme.example/p/t",
        policy_url: "https://acme.example/policy",
        data_url: "https://acme.example/t/acme/privacy",
        extra: BTreeMap::new(),
    }
}

fn compile(source: &TemplateSource) -> Template {
    Template::compile(source, Footer::Marketing).unwrap_or_else(|error| panic!("{error}"))
}

fn rendered(source: &TemplateSource) -> Rendered {
    compile(source).render(&ada()).expect("renders")
}

/// What is appended to the text of mail by templates of our own.
const SYSTEM_FOOTER: &str = "\n---\nYour data: https://acme.example/t/acme/privacy\n";

/// A mail of ours, its text without the footer.
fn plain(source: &TemplateSource) -> Rendered {
    let template = Template::compile(source, Footer::System).unwrap_or_else(|error| panic!("{error}"));
    let mail = template.render(&ada()).expect("renders");
    let text = mail.text.strip_suffix(SYSTEM_FOOTER).expect("has the footer");
    Rendered {
        text: text.to_owned(),
        ..mail
    }
}

fn refused(source: &TemplateSource) -> TemplateError {
    Template::compile(source, Footer::Marketing)
        .err()
        .expect("is refused")
}

#[test]
fn values_are_escaped_in_html_and_nowhere_else() {
    let mail = plain(&source(
        "For {{ subscriber.name }}",
        BodyFormat::Html,
        "<p>Dear {{ subscriber.name }}</p>",
    ));
    assert_eq!(mail.subject, "For Ada <b>");
    assert!(mail.html.contains("<p>Dear Ada &lt;b&gt;</p>"));
    assert_eq!(mail.text, "Dear Ada <b>\n");
}

#[test]
fn a_value_that_looks_like_a_tag_stays_text() {
    let template = compile(&markdown("Dear {{ subscriber.name }}"));
    let mut variables = ada();
    variables.subscriber.name = "{{ subscriber.email }}{% if";
    let mail = template.render(&variables).expect("renders");
    assert!(mail.text.starts_with("Dear {{ subscriber.email }}{% if\n"));
}

#[test]
fn a_default_covers_an_empty_value() {
    let mail = plain(&markdown(
        "{{ subscriber.company | default(\"you\") }}, {{ subscriber.name|default('x') }}",
    ));
    assert_eq!(mail.text, "you, Ada <b>\n");
    let mail = plain(&markdown(
        "{% if subscriber.company is defined %}yes{% else %}no{% endif %}",
    ));
    assert_eq!(mail.text, "no\n");
}

#[test]
fn a_subject_is_one_line_whatever_the_values_hold() {
    let template = compile(&source("Hi {{ subscriber.name }}!", BodyFormat::Markdown, "x"));
    let mut variables = ada();
    variables.subscriber.name = "A\r\nBcc: victim@example.com\u{0}\u{85}";
    let mail = template.render(&variables).expect("renders");
    assert_eq!(mail.subject, "Hi A  Bcc: victim@example.com  !");
}

#[test]
fn tags_survive_markdown_in_text_links_code_and_entities() {
    let mail = plain(&markdown(
        "# Hi **{{ subscriber.name }}**\n\n[Read *it*]({{ policy_url }}?x=1) and <{{ preferences_url }}>\n\n\
         `{{ subscriber.email }}` &#123;{ no tag }} &#123;{{ tenant.name }}",
    ));
    assert!(
        mail.html.contains("<h1>Hi <strong>Ada &lt;b&gt;</strong></h1>"),
        "{}",
        mail.html
    );
    assert!(
        mail.html
            .contains("<a href=\"https://acme.example/policy?x=1\">Read <em>it</em></a>")
    );
    assert!(
        mail.html
            .contains("<a href=\"https://acme.example/p/t\">https://acme.example/p/t</a>")
    );
    assert!(
        mail.html
            .contains("<code>ada@example.com</code> {{ no tag }} {Acme"),
        "{}",
        mail.html
    );
    assert_eq!(
        mail.text,
        "Hi Ada <b>\n\nRead it <https://acme.example/policy?x=1> and https://acme.example/p/t\n\n\
         ada@example.com {{ no tag }} {Acme\n"
    );
}

#[test]
fn statements_on_lines_of_their_own_enclose_markdown_blocks() {
    let mail = plain(&markdown(
        "{% if subscriber.name %}\n# Yes\n{% endif %}\n{% for city in [\"Rome\", \"Oslo\"] %}\n- {{ city }}\n{% endfor %}\n\nend",
    ));
    assert_eq!(mail.html.matches("<ul>\n<li>").count(), 2, "{}", mail.html);
    assert_eq!(mail.html.matches("</li>\n</ul>").count(), 2);
    assert!(!mail.html.contains("<!--"));
    assert_eq!(
        mail.text.split_whitespace().collect::<Vec<_>>(),
        ["Yes", "*", "Rome", "*", "Oslo", "end"]
    );
}

#[test]
fn loops_and_conditions_in_tables_and_lists_stay_where_they_are_in_the_text() {
    let mail = plain(&html(
        "<table>{% for c in ['Rome', 'Oslo'] %}<tr><td>{{ c }}</td><td>x</td></tr>{% endfor %}\
         {% if subscriber.company %}<tr><td>never</td></tr>{% endif %}</table>\
         <ul>{% for c in ['a', 'b'] %}<li>{{ c }}</li>{% endfor %}</ul>",
    ));
    assert_eq!(mail.text, "Rome x\nOslo x\n\n* a\n* b\n");
    assert!(!mail.text.contains("never"));
}

#[test]
fn what_the_author_left_out_is_appended_part_by_part() {
    let mail = rendered(&markdown("Hello"));
    assert!(
        mail.html
            .contains("<a href=\"https://acme.example/u/t?a=1&amp;b=2\""),
        "{}",
        mail.html
    );
    assert!(mail.html.contains("Acme &amp; Co\n1 Main St"));
    assert_eq!(
        mail.text,
        "Hello\n\n---\nAcme & Co\n1 Main St\nUnsubscribe: https://acme.example/u/t?a=1&b=2\n\
         Change your preferences: https://acme.example/p/t\nYour data: https://acme.example/t/acme/privacy\n"
    );

    let mail = rendered(&markdown("[Leave]({{ unsubscribe_url }})"));
    assert_eq!(mail.html.matches("/u/t").count(), 1);
    assert!(
        mail.text
            .contains("Leave <https://acme.example/u/t?a=1&b=2>\n\n---\nAcme & Co\n1 Main St\nChange")
    );

    let mail = rendered(&html(
        "<html><body><p>{{ tenant.postal_address|trim }} <a href='{{ unsubscribe_url }}'>x</a> \
         <a href='{{ preferences_url }}'>y</a> <a href='{{ data_url }}'>z</a></body></html>",
    ));
    assert!(!mail.html.contains("border-top"));
    assert!(!mail.text.contains("---"));
}

#[test]
fn the_footer_speaks_the_language_of_the_mail() {
    let mut german = markdown("Hallo");
    german.language = "de-CH".to_owned();
    let mail = rendered(&german);
    assert!(mail.text.contains("Abmelden: https://"));
    assert!(mail.html.contains("<html lang=\"de-CH\">"));
}

#[test]
fn a_way_out_that_one_person_would_not_see_stops_that_mail() {
    let template = compile(&html(
        "{% if subscriber.email != 'ada@example.com' %}<a href='{{ unsubscribe_url }}'>x</a>{% endif %}",
    ));
    let mut variables = ada();
    assert_eq!(
        template.render(&variables),
        Err(RenderError::NoWayOut(MissingWayOut::LinkInHtml))
    );
    variables.subscriber.email = "bob@example.com";
    assert!(template.render(&variables).is_ok());
    variables.unsubscribe_url = "";
    assert_eq!(
        template.render(&variables),
        Err(RenderError::NoWayOut(MissingWayOut::LinkInHtml))
    );
}

#[test]
fn essential_mail_has_variables_of_its_own_and_only_the_way_to_the_readers_data() {
    let essential = markdown("[Confirm]({{ confirm_url }})");
    assert!(Template::compile(&essential, Footer::System).is_err());
    let template = Template::compile_with(&essential, Footer::System, &["confirm_url"]).expect("compiles");
    let mut variables = ada();
    variables.extra.insert("confirm_url", "https://acme.example/c");
    assert_eq!(
        template.render(&variables).expect("renders").text,
        format!("Confirm <https://acme.example/c>\n{SYSTEM_FOOTER}")
    );
}

#[test]
fn links_hold_whatever_tags_and_text_are_mixed_in_their_targets() {
    let tags = [
        "{{ policy_url }}",
        "{{ subscriber.email | urlencode }}",
        "{{ tenant.name | lower }}",
    ];
    let values = ["https://acme.example/policy", "ada%40example.com", "acme"];
    for (first, first_value) in tags.iter().zip(values) {
        for (second, second_value) in tags.iter().zip(values) {
            for (glue, escaped) in [
                ("", ""),
                ("/", "/"),
                ("?a=1&b=", "?a=1&amp;b="),
                ("#x-", "#x-"),
                ("_*_", "_*_"),
            ] {
                let mail = plain(&markdown(&format!(
                    "x [y *z*]({first}{glue}{second} \"t\") **w**"
                )));
                let href =
                    format!("<a href=\"{first_value}{escaped}{second_value}\" title=\"t\">y <em>z</em></a>");
                assert!(mail.html.contains(&href), "{href} in {}", mail.html);
                let target = format!("y z <{first_value}{glue}{second_value}> w");
                assert!(mail.text.contains(&target), "{target} in {}", mail.text);
            }
        }
    }
}

#[test]
fn p13_what_a_template_hides_from_its_reader_is_seen_in_what_it_makes() {
    let hidden = "<b {% if subscriber.company %}title=\"{% endif %}><img src=https://x.example/>\"</b>";
    let template = compile(&html(hidden));
    let hosts = template
        .hosts(&template.render(&ada()).expect("renders"))
        .into_owned();
    let hosts: Vec<_> = hosts.iter().map(ToString::to_string).collect();
    assert_eq!(hosts, ["x.example"]);
}

#[test]
fn what_is_proven_once_holds_for_whatever_people_call_themselves() {
    let names = [
        "</body><!--",
        "\" onload=\"x",
        "' style='display:none",
        "--><img src=https://x.example/>",
        "\u{200b}",
        "\u{feff}\u{200d}",
        "<a href=https://x.example hidden>",
        "&lt;div hidden&gt;",
        "x\u{2028}<style>",
        "https://x.example/a.png",
        "{{ subscriber.name }}",
        " ",
    ];
    let bodies = [
        "<p>Dear {{ subscriber.name }}</p>",
        "<a title=\"{{ subscriber.name }}\" href='https://acme.example/?n={{ subscriber.name | urlencode }}'>x</a>",
        "<a href=\"{{ unsubscribe_url }}\">{{ subscriber.name | default(\"leave\") }}</a> {{ tenant.postal_address }}",
        "<img src=https://acme.example/a.png alt=\"{{ subscriber.company | upper | escape }}\">",
        "<p {{ subscriber.name | urlencode }}>x</p>",
        "<b title={{ subscriber.name | default(\"x\") }}>x</b>",
        "<!-- {{ subscriber.name }} -->{{ subscriber.name | escape | replace(\"&lt;\", \"<\") }}",
        "{% if subscriber.name %}<i hidden>{% endif %}</i>{{ subscriber.name }}",
    ];
    let mut proven = 0;
    for body in bodies {
        let template = compile(&html(body));
        proven += usize::from(template.proven.is_some());
        for name in names {
            let mut person = ada();
            (person.subscriber.name, person.subscriber.company) = (name, name);
            let Ok(mail) = template.render(&person) else {
                assert!(template.proven.is_none(), "{body} refuses {name}");
                continue;
            };
            mail.way_out(person.unsubscribe_url, person.tenant.postal_address)
                .unwrap_or_else(|error| panic!("{body} of {name}: {error}"));
            assert_eq!(
                *template.hosts(&mail),
                content::hosts(&mail.html),
                "{body} of {name}"
            );
        }
    }
    assert_eq!(proven, 3);
}

#[test]
fn a_proof_says_nothing_for_a_sender_without_a_postal_address() {
    let template = compile(&html("<p>x</p>"));
    assert!(template.proven.is_some());
    let mut nowhere = ada();
    nowhere.tenant.postal_address = " ";
    assert_eq!(
        template.render(&nowhere),
        Err(RenderError::NoWayOut(MissingWayOut::PostalAddressInHtml))
    );
}
