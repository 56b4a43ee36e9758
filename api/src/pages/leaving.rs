//! Links that leave a tenant's own sites, marked in words for everybody (P16).
//!
//! Its own are this server and the domain that its mail comes from, with what lies below.

use url::{Host, Url};

use assent_entity::tenant::Tenant;
use assent_worker::words::Words;

/// What stands behind a link that leaves.
pub(super) fn mark(words: Words) -> String {
    format!(" <span class=\"leaves\">{}</span>", words.leaves_site())
}

/// What such a link is to the page (HTML Standard, 4.6.7).
const REL: &str = "noopener noreferrer external";

/// The sites that are a tenant's own.
pub(super) struct OwnSites {
    server: Option<Host<String>>,
    domain: String,
}

impl OwnSites {
    /// The sites of a tenant on this server.
    pub(super) fn of(tenant: &Tenant, base_url: &str) -> Self {
        Self::new(base_url, tenant.sender_address.domain())
    }

    /// This server, and a domain with what lies below.
    pub(super) fn new(base_url: &str, domain: &str) -> Self {
        let server = Url::parse(base_url).ok();
        Self {
            server: server.and_then(|url| url.host().map(|host| host.to_owned())),
            domain: domain.to_ascii_lowercase(),
        }
    }

    /// Whether a link leaves them. One without a scheme stays here; one that writes a mail leaves no site.
    fn are_left_by(&self, href: &str) -> bool {
        let Ok(url) = Url::parse(href) else { return false };
        match url.host() {
            None => false,
            Some(Host::Domain(host)) if self.is_own(host) => false,
            host => host.map(|host| host.to_owned()) != self.server,
        }
    }

    fn is_own(&self, host: &str) -> bool {
        let above = host.strip_suffix(self.domain.as_str());
        !self.domain.is_empty() && above.is_some_and(|above| above.is_empty() || above.ends_with('.'))
    }

    /// Marks the links of a text. It has to come from the sanitiser, which quotes every value and closes every link.
    pub(super) fn mark(&self, html: &str, words: Words) -> String {
        let mut marked = String::with_capacity(html.len() + 256);
        let (mut rest, mut leaves) = (html, false);
        while let Some(at) = rest.find('<') {
            let (text, tag) = rest.split_at(at);
            let (tag, after) = tag.split_at(end_of_tag(tag));
            marked.push_str(text);
            rest = after;
            if tag == "</a>" && std::mem::take(&mut leaves) {
                marked.push_str(&mark(words));
                marked.push_str(tag);
            } else if href_of(tag).is_some_and(|href| self.are_left_by(&href)) {
                leaves = true;
                marked.push_str(&tag.replacen("<a ", &format!("<a rel=\"{REL}\" "), 1));
            } else {
                marked.push_str(tag);
            }
        }
        marked.push_str(rest);
        marked
    }
}

/// Where a tag ends: a `>` may stand in a quoted value.
fn end_of_tag(tag: &str) -> usize {
    let mut quoted = false;
    let end = tag.find(|c: char| {
        quoted ^= c == '"';
        c == '>' && !quoted
    });
    end.map_or(tag.len(), |end| end + 1)
}

/// Where a link leads.
fn href_of(tag: &str) -> Option<String> {
    let (_, value) = tag.strip_prefix("<a ")?.split_once("href=\"")?;
    let (value, _) = value.split_once('"')?;
    Some(value.replace("&amp;", "&"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own() -> OwnSites {
        OwnSites::new("https://mail.host.example", "acme.example")
    }

    #[test]
    fn p16_a_link_that_leaves_is_marked_in_words() {
        let marked = own().mark(
            "<p>a <a href=\"https://b.example/?x=1&amp;y=2\" title=\"1 > 2\">b <em>c</em></a> d</p>",
            Words::english(),
        );
        let mark = mark(Words::english());
        let expected = format!(
            "<p>a <a rel=\"{REL}\" href=\"https://b.example/?x=1&amp;y=2\" title=\"1 > 2\">b <em>c</em>{mark}</a> d</p>"
        );
        assert_eq!(marked, expected);
    }

    #[test]
    fn p16_a_link_to_ones_own_sites_is_not_marked() {
        for stays in [
            "https://acme.example/",
            "https://www.acme.example/shop",
            "http://mail.host.example/t/acme/policy",
            "/t/acme/policy/1",
            "mailto:privacy@b.example",
        ] {
            let html = format!("<a href=\"{stays}\">x</a>");
            assert_eq!(own().mark(&html, Words::english()), html);
        }
        for leaves in [
            "https://notacme.example/",
            "https://acme.example.b.example/",
            "https://192.0.2.1/",
        ] {
            let html = format!("<a href=\"{leaves}\">x</a>");
            assert!(
                own().mark(&html, Words::english()).contains("leaves this site"),
                "{leaves}"
            );
        }
    }
}
