//! What is refused at compile, and where the author is told to look.

use super::*;

#[test]
fn an_unknown_variable_is_refused_where_the_author_wrote_it() {
    for format in [BodyFormat::Html, BodyFormat::Markdown] {
        let error = refused(&source("x", format, "# Hällo\n\nDär {{ subscriber.nmae }}!"));
        assert_eq!(
            (error.field, error.line, error.column),
            (TemplateField::Body, 3, 8)
        );
        assert!(
            error.message.contains("Unknown variable `subscriber.nmae`"),
            "{}",
            error.message
        );
        assert!(
            error
                .message
                .contains("subscriber.name, subscriber.company, tenant.name"),
            "{}",
            error.message
        );
    }
    let error = refused(&source("Hi {{ nmae }}", BodyFormat::Html, "x"));
    assert_eq!(
        (error.field, error.line, error.column),
        (TemplateField::Subject, 1, 7)
    );
}

#[test]
fn unknown_names_are_found_wherever_they_hide() {
    for body in [
        "{{ subscriber }}",
        "{{ tenant.postal_adress }}",
        "{{ unsubscribe_url.x }}",
        "{{ 'a' | default(nope) }}",
        "{% if nope %}x{% endif %}",
        "{% if not (subscriber.name and tenant.nope) %}x{% endif %}",
        "{{ 'a' if nope else 'b' }}",
        "{% for x in nope %}x{% endfor %}",
        "{% for x in ['a'] %}x{% endfor %}{{ x }}",
        "{% for x in ['a'] %}x{% else %}{{ x }}{% endfor %}",
        "{% if subscriber.name %}{% set y = 1 %}{% endif %}{{ y }}",
        "{{ 1 < 2 < nope }}",
        "{{ [nope] }}",
        "<a href=\"{{ nope }}\">x</a>",
        "{{ subscriber['name'] }}",
        "{{ 'x' | nope }}",
        "{{ 'x' is nope }}",
    ] {
        let error = refused(&html(body));
        assert!(error.message.contains(": "), "{body}: {error}");
    }
}

#[test]
fn the_engine_is_closed() {
    for body in [
        "{% include 'x' %}",
        "{% import 'x' as y %}",
        "{% extends 'x' %}",
        "{% macro m() %}{% endmacro %}",
        "{% block b %}{% endblock %}",
        "{% autoescape false %}{{ subscriber.name }}{% endautoescape %}",
        "{% filter upper %}x{% endfilter %}",
        "{% with x = 1 %}{% endwith %}",
        "{% set x %}y{% endset %}",
        "{% do subscriber.name.upper() %}",
        "{{ range(10) }}",
        "{{ debug() }}",
        "{{ subscriber.name.upper() }}",
        "{{ subscriber.name | safe }}",
        "{% set unsubscribe_url = 'x' %}",
        "{% raw %}{{ x }}{% endraw %}",
        "{{ subscriber.__class__ }}",
    ] {
        refused(&html(body));
    }
}

#[test]
fn a_syntax_error_is_refused_at_its_line() {
    let error = refused(&markdown("a\nb {% if subscriber.name %} c\n"));
    assert_eq!(error.line, 2, "{error}");
    let error = refused(&markdown("a\n\n{{ subscriber.name | }}"));
    assert_eq!((error.field, error.line), (TemplateField::Body, 3), "{error}");
    let error = refused(&markdown("{% inclde x %}"));
    assert!(
        error.message.contains("Statements are if, for and set"),
        "{error}"
    );
}

#[test]
fn work_without_end_is_refused() {
    let list = format!("[{}]", ["1"; 80].join(","));
    let loops = format!(
        "{{% for a in {list} %}}{{% for b in {list} %}}{{% for c in {list} %}}x{{% endfor %}}{{% endfor %}}{{% endfor %}}"
    );
    assert!(refused(&html(&loops)).message.contains("too much work"));
    refused(&html("{{ 'x' * 1000000000 }}"));
    refused(&html(&format!(
        "{{% set a = 'xxxxxxxxxxxxxxxx' %}}{}{{{{ a }}}}",
        "{% set a = a ~ a %}".repeat(40)
    )));
    refused(&html(&format!(
        "{{{{ 'xx' {} }}}}",
        "| replace('x', 'xxxxxxxx')".repeat(30)
    )));
    refused(&html(&"{% if subscriber.name %}".repeat(10_000)));
    refused(&html(&format!("{{{{ {} }}}}", "(".repeat(900))));
    refused(&html(&"{{ subscriber.name }}".repeat(6000)));
    let large = format!("{{% for a in {list} %}}{}{{% endfor %}}", "y".repeat(30_000));
    assert!(refused(&html(&large)).message.contains("larger than"));
}

#[test]
fn no_source_overflows_the_stack_or_takes_long() {
    let start = std::time::Instant::now();
    for piece in [
        "> ",
        "- ",
        "[",
        "![",
        "*a",
        "**a_",
        "`",
        "<",
        "<!--",
        "<!---->",
        "<!----!>",
        "<div>",
        "<b>",
        "<a href=x>",
        "<p>",
        "<table>",
        "<ul><li>",
        "</",
        "&#123;",
        "tag0q",
        "tagqqqq",
        "{",
        "}}",
        "{#",
        "{##}",
        "{{",
        "{%",
        "\\",
        "<pre>",
        "<svg>",
        "<style>",
        "<a b='",
        "[a]: b\n",
        "|a|b|\n|-|-|\n",
    ] {
        for format in [BodyFormat::Html, BodyFormat::Markdown] {
            let body = (piece.repeat(50) + "\n").repeat(64 * 1024 / (50 * piece.len() + 1));
            let _ = Template::compile(&source("x", format, &body), Footer::Marketing);
        }
    }
    for (piece, end) in [
        ("-", "1"),
        ("not ", "1"),
        ("1+", "1"),
        ("1 and ", "1"),
        ("1 if ", "1"),
        ("(", ""),
        ("[", ""),
    ] {
        for times in [90, 199, 900] {
            let body = format!("{{{{ {}{end} }}}}", piece.repeat(times));
            let _ = Template::compile(&html(&body), Footer::Marketing);
        }
    }
    assert!(start.elapsed().as_secs() < 60, "{:?}", start.elapsed());
}

#[test]
fn sizes_are_limited_and_said() {
    let error = refused(&source(&"s".repeat(999), BodyFormat::Html, "x"));
    assert_eq!(error.field, TemplateField::Subject);
    assert!(error.message.contains("999") && error.message.contains("998"));
    refused(&source("  ", BodyFormat::Html, "x"));
    refused(&html(" \n"));
    let error = refused(&html(&"b".repeat(20 * 1024 * 1024)));
    assert_eq!(error.field, TemplateField::Body);
    assert!(error.message.contains("1048576"), "{error}");
}

#[test]
fn a_way_out_that_is_not_shown_to_everybody_is_refused_at_compile() {
    for body in [
        "<!-- {{ unsubscribe_url }} -->",
        "<!-- <a href='{{ unsubscribe_url }}'>x</a> -->",
        "{% if subscriber.name %}<a href='{{ unsubscribe_url }}'>x</a>{% endif %}",
        "<p hidden><a href='{{ unsubscribe_url }}'>x</a></p>",
        "<a href='{{ unsubscribe_url|upper }}'>{{ unsubscribe_url }}</a>",
        "<a data-x='{{ unsubscribe_url }}'>x</a>",
    ] {
        let error = refused(&html(&format!("<p>Hi</p>\n{body}")));
        assert_eq!(
            (error.field, error.line),
            (TemplateField::Body, 2),
            "{body}: {error}"
        );
        assert!(error.message.contains("way out"), "{error}");
    }
    let error = refused(&html("<p style='display:none'>{{ tenant.postal_address }}</p>"));
    assert!(error.message.contains("postal_address"), "{error}");
}

#[test]
fn a_subject_that_can_be_empty_is_refused() {
    let error = refused(&source("{{ subscriber.company }}", BodyFormat::Html, "x"));
    assert_eq!(error.field, TemplateField::Subject);
    assert!(error.message.contains("default("));
}
