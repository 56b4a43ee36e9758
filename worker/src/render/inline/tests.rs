//! Which styles end up where, and that nothing else changes.

use super::*;
use crate::render::error::TemplateField;
use crate::render::protect::segments;

fn styled(source: &str) -> String {
    let mut tags = Tags::new(source);
    let html = tags.protect_all(&segments(TemplateField::Body, source).expect("a template"));
    let html = inlined(&html, &tags).expect("styles").into_owned();
    tags.restore(&html)
}

#[test]
fn rules_stand_in_the_elements_they_are_for_and_the_sheet_stays() {
    assert_eq!(
        styled(
            "<style>p.x { color: red } @media print { p { color: blue } }</style><p class=x>a</p><p>b</p>"
        ),
        "<style>p.x { color: red } @media print { p { color: blue } }</style>\
         <p style=\"color: red;\" class=x>a</p><p>b</p>"
    );
}

#[test]
fn what_stands_in_an_element_wins_over_a_rule_that_is_not_important() {
    let html = styled(
        "<style>b { color: red; margin: 0 } i { color: red !important }</style>\
                       <b style='color:blue'>x</b><i style=color:blue>x</i>",
    );
    assert!(html.contains("<b style=\"margin: 0;color: blue\">"), "{html}");
    assert!(html.contains("<i style=\"color: red !important\">"), "{html}");
}

#[test]
fn template_tags_stay_where_they_are_even_within_elements() {
    let source = "<style>td { color: red } td { width: 1px }</style><table>{% for c in ['x'] %}<tr><td>{{ c }}</td>\
                  </tr>{% endfor %}</table>{% if tenant.name %}<div>{% else %}<div class=\"x\">{% endif %}</div>\
                  <td {% if tenant.name %}title=\"y\"{% endif %}>";
    let written = styled(source);
    assert_eq!(written.replace(" style=\"color: red;width: 1px;\"", ""), source);
    assert_eq!(
        written.matches("style=").count(),
        1,
        "a cell outside of a table is none: {written}"
    );
}

#[test]
fn a_style_with_template_tags_comes_after_the_rules_it_wins_over() {
    assert_eq!(
        styled("<style>p { color: red }</style><p style='width:{{ tenant.name }}'>x</p>"),
        "<style>p { color: red }</style><p style=\"color: red;width:{{ tenant.name }}\">x</p>"
    );
}

#[test]
fn a_rule_that_differs_from_person_to_person_stays_in_the_sheet() {
    for source in [
        "<style>p { color: {{ tenant.name }} }</style><p>x</p>",
        "<style>{% if tenant.name %} p { color: red } {% endif %}</style><p>x</p>",
        "<style>p { {% if tenant.name %} color: red; {% endif %} }</style><p>x</p>",
    ] {
        let written = styled(source);
        assert!(!written.contains("<p style=\"{"), "{written}");
        assert_eq!(
            written.matches("{{").count(),
            source.matches("{{").count(),
            "{written}"
        );
        assert_eq!(
            written.matches("{%").count(),
            source.matches("{%").count(),
            "{written}"
        );
    }
}

#[test]
fn sheets_for_paper_in_comments_and_of_unknown_rules_change_nothing() {
    for source in [
        "<style media=\"print\">p { color: red }</style><p>x</p>",
        "<style media=\"screen and (min-width:480px)\">p { color: red }</style><p>x</p>",
        "<!--[if mso]><style>p { color: red }</style><![endif]--><p>x</p>",
        "<style>p:hover { color: red } p::before { color: red } @font-face { font-family: x }</style><p>x</p>",
        "<style>}{ p {{ \"{\" }} color</style><p>x</p>",
        "<style></style><p>x</p>",
        "<p>x</p>",
    ] {
        assert_eq!(styled(source), source);
    }
}

#[test]
fn variables_are_filled_in_and_quotes_stay_whole() {
    let html = styled(
        "<style>:root { --c: red } p { color: var(--c); font-family: \"A B\", 'C' }</style><p id='x'>y</p>",
    );
    assert!(html.contains("color: red"), "{html}");
    let tag = pieces(&html).find_map(|piece| match piece {
        Piece::Tag(tag) if tag.is("p") => tag.attribute("style"),
        _ => None,
    });
    let style = super::super::entities::decode(tag.expect("a style")).into_owned();
    assert!(style.contains("'A B', 'C'"), "{style}");
}

#[test]
fn no_source_takes_long_or_overflows_the_stack() {
    let start = std::time::Instant::now();
    let sheet = "<style>p b, div > span, * + *, p:not(.x) { color: red }</style>";
    for piece in [
        "<b>",
        "<font color=1>",
        "<div>",
        "<span>",
        "<p>",
        "<table>",
        "<td>",
        "<tr><td>",
        "<ul><li>",
        "<a><p>",
        "<b></i>",
        "</p>",
        "</b>",
        "<svg>",
        "<math><mi>",
        "<select><option>",
        "<form>",
        "<button>",
        "<x y='",
        "<style>",
        "<br>",
        "<template>",
        "<noscript>",
        "<frameset>",
        "<span></a>",
    ] {
        let html = format!("{sheet}{}", piece.repeat(256 * 1024 / piece.len()));
        let _ = inlined(&html, &Tags::new(&html));
    }
    let unlike = (0..20_000).fold(sheet.to_owned(), |html, n| {
        html + &format!("<font color={n}><p><b>x<a href=y>")
    });
    assert!(matches!(
        inlined(&unlike, &Tags::new(&unlike)),
        Err(InlineError::TooDeep)
    ));
    let rules = format!(
        "<style>{}</style>{}",
        "x p{a:b}".repeat(8000),
        "<div>".repeat(200) + &"<p>".repeat(20_000)
    );
    assert!(inlined(&rules, &Tags::new(&rules)).is_err());
    let long = format!("<style>{}</style>", "a{b:c}".repeat(20_000));
    assert!(matches!(
        inlined(&long, &Tags::new(&long)),
        Err(InlineError::TooLong(_))
    ));
    assert!(start.elapsed().as_secs() < 60, "{:?}", start.elapsed());
}
