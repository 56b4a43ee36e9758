//! The text of a policy: from the Markdown of its tenant to HTML that may stand on a page of ours.

use std::borrow::Cow;
use std::sync::LazyLock;

use ammonia::{Builder, UrlRelative};
use assent_worker::words::Words;
use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd, html};

use super::leaving::OwnSites;
use super::views::SafeHtml;

/// Pictures would tell their host who reads the policy; parts of a page, as `<nav>`, and its first two levels
/// of headings are the page's own.
const NOT_FOR_TENANTS: [&str; 11] = [
    "h1", "h2", "img", "map", "area", "article", "aside", "footer", "header", "hgroup", "nav",
];

static SANITISER: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut builder = Builder::default();
    builder
        .rm_tags(&NOT_FOR_TENANTS)
        .url_schemes(["http", "https", "mailto"].into())
        .url_relative(UrlRelative::Custom(Box::new(within_this_server)))
        .link_rel(None);
    builder
});

/// The level of a text's highest headings: below the two levels that are the page's own.
const HIGHEST: u8 = 3;

/// The HTML of a policy's text.
pub(super) fn html_of(markdown: &str, own: &OwnSites, words: Words) -> SafeHtml {
    let parser = Parser::new_ext(markdown, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH);
    let events: Vec<_> = parser.collect();
    let highest = events.iter().filter_map(level_of).min().unwrap_or(1);
    let lowered = events.into_iter().map(|event| lowered(event, highest));
    let mut converted = String::with_capacity(markdown.len() * 2);
    html::push_html(&mut converted, lowered);
    SafeHtml::from_sanitiser(own.mark(&SANITISER.clean(&converted).to_string(), words))
}

fn level_of(event: &Event<'_>) -> Option<u8> {
    match event {
        Event::Start(Tag::Heading { level, .. }) => Some(*level as u8),
        _ => None,
    }
}

/// Moves headings so that the text's highest, whatever its author began with, comes right below the page's own:
/// readers who go from heading to heading miss no level.
fn lowered(event: Event<'_>, highest: u8) -> Event<'_> {
    let lower = |level: HeadingLevel| {
        let level = usize::from((level as u8).saturating_sub(highest) + HIGHEST);
        HeadingLevel::try_from(level).unwrap_or(HeadingLevel::H6)
    };
    match event {
        Event::Start(Tag::Heading { level, .. }) => Event::Start(Tag::Heading {
            level: lower(level),
            id: None,
            classes: Vec::new(),
            attrs: Vec::new(),
        }),
        Event::End(TagEnd::Heading(level)) => Event::End(TagEnd::Heading(lower(level))),
        event => event,
    }
}

/// A link without a scheme stays on this server, so that every link that leaves it can be marked (P16). A
/// browser reads `//`, `/\` and either of them with a line break in it as another host.
fn within_this_server(url: &str) -> Option<Cow<'_, str>> {
    let stays = url.starts_with('/')
        && !url.starts_with("//")
        && !url.contains(|c: char| c == '\\' || c.is_control());
    stays.then_some(Cow::Borrowed(url))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn html(markdown: &str) -> String {
        let server = "https://mail.example";
        html_of(markdown, &OwnSites::new(server, "acme.example"), Words::english()).to_string()
    }

    #[test]
    fn the_first_two_levels_of_headings_are_the_pages_own() {
        assert_eq!(
            html("# A\n\n## B\n\n###### C"),
            "<h3>A</h3>\n<h4>B</h4>\n<h6>C</h6>\n"
        );
        assert_eq!(html("### A\n\n#### B"), "<h3>A</h3>\n<h4>B</h4>\n");
        assert!(!html("<h1>A</h1><h2 id=x class=y>B</h2>").contains("<h"));
        assert_eq!(html("# A {#x .y}"), "<h3>A {#x .y}</h3>\n");
    }

    #[test]
    fn nothing_that_runs_or_loads_gets_through() {
        let hostile = [
            "<script>alert(1)</script>",
            "<img src=x onerror=alert(1)>",
            "[x](javascript:alert(1))",
            "[x](data:text/html,<script>)",
            "<a href='JaVaScRiPt:alert(1)'>x</a>",
            "<p style='position:fixed' id=a class=b onclick=x>y</p>",
            "<form action=/><input name=x><button>x</button></form>",
            "<iframe src=https://a.example></iframe>",
            "<svg onload=alert(1)><style>*{}</style></svg>",
            "<base href=https://a.example>",
            "<meta http-equiv=refresh content=0>",
            "![x](https://a.example/pixel.png)",
        ];
        let forbidden = [
            "script", "onerror", "onclick", "onload", "style", "id=", "class", "form", "input", "button",
            "iframe", "svg", "base", "meta", "img", "data:",
        ];
        for text in hostile {
            let html = html(text).to_lowercase();
            for part in forbidden {
                assert!(!html.contains(part), "{text} gave {html}");
            }
        }
    }

    #[test]
    fn p16_a_link_without_a_scheme_cannot_leave_unmarked() {
        for url in [
            "//a.example",
            "/\\a.example",
            "/\t/a.example",
            "\\\\a.example",
            "a.example",
            "#x",
        ] {
            let html = html(&format!("<a href=\"{url}\">x</a>"));
            assert!(!html.contains("href"), "{url} gave {html}");
        }
        assert!(html("[x](/t/acme/policy/1)").contains("href=\"/t/acme/policy/1\""));
        let leaves = html("[x](https://a.example/)");
        assert!(
            leaves.contains("href=\"https://a.example/\"") && leaves.contains("noopener noreferrer external")
        );
    }
}
