//! Tags are told apart, and come back where they were.

use super::*;

fn split(source: &str) -> Vec<Segment<'_>> {
    segments(TemplateField::Body, source).expect("is a template")
}

#[test]
fn text_variables_statements_and_comments_are_told_apart() {
    use Segment::{Block, Text, Variable};
    assert_eq!(
        split("a{{ x }}b{# {{ c }} #}{%- if x -%} d {% endif %}"),
        [
            Text("a"),
            Variable("{{ x }}"),
            Text("b"),
            Block("{# {{ c }} #}"),
            Block("{%- if x -%}"),
            Text(" d "),
            Block("{% endif %}")
        ]
    );
}

#[test]
fn closing_braces_in_a_string_do_not_end_a_tag() {
    assert_eq!(
        split("{{ x | default('}}') }}!"),
        [Segment::Variable("{{ x | default('}}') }}"), Segment::Text("!")]
    );
}

#[test]
fn the_tags_come_back_where_their_placeholders_are() {
    let source = "tag0q {{ a }} tag0q0x <!--{% if a %}--> <!--{{ a }}--> {% endif %}";
    let mut tags = Tags::new(source);
    let protected = tags.protect_all(&split(source));
    assert!(!protected.contains('{'));
    assert_eq!(
        tags.restore(&protected),
        "tag0q {{ a }} tag0q0x {% if a %} <!--{{ a }}--> {% endif %}"
    );
}

#[test]
fn what_stands_in_protected_text_is_found_in_the_source() {
    let source = "ab{{ x }}c{% if y %}{# z #}d";
    let mut tags = Tags::new(source);
    let parts = split(source);
    let protected = tags.protect_all(&parts);
    for mark in ["a", "b", "c"] {
        assert_eq!(
            tags.source_offset(&parts, protected.find(mark).unwrap()),
            source.find(mark).unwrap()
        );
    }
    assert_eq!(
        tags.source_offset(&parts, 4),
        2,
        "within a placeholder: where its tag begins"
    );
    assert_eq!(tags.source_offset(&parts, protected.len()), source.len());
    assert_eq!(tags.statements_in(&protected).matches("tag0q").count(), 2);
}

#[test]
fn braces_that_a_converter_made_do_not_become_tags() {
    let tags = Tags::new("");
    assert_eq!(
        tags.restore("{{ x }} {% y %} a { b"),
        "{{ \"{\" }}{ x }} {{ \"{\" }}% y %} a { b"
    );
}

#[test]
fn a_raw_block_and_an_endless_tag_are_refused_where_they_begin() {
    let raw = segments(TemplateField::Body, "a\nb {% raw %}{{ x }}{% endraw %}").expect_err("raw");
    assert_eq!((raw.line, raw.column), (2, 3));
    let long = format!("\n {{{{ \"{}\" }}}}", "a".repeat(2000));
    let long = segments(TemplateField::Body, &long).expect_err("long");
    assert_eq!((long.line, long.column), (2, 2));
}

#[test]
fn a_long_chain_of_branches_is_refused() {
    let source = format!("{{% if x %}}{}{{% endif %}}", "{% elif x %}".repeat(80_000));
    assert!(segments(TemplateField::Body, &source).is_err());
}
