//! From what a browser says of itself to the family it is counted under. The words themselves go no further.

use assent_domain::browser::BrowserFamily;
use woothee::parser::Parser;

/// The family of a `User-Agent`.
pub(crate) fn family_of(user_agent: &str) -> BrowserFamily {
    let Some(known) = Parser::new().parse(user_agent) else {
        return BrowserFamily::Program;
    };
    if matches!(known.category, "crawler" | "misc" | "UNKNOWN") {
        return BrowserFamily::Program;
    }
    match known.name {
        "Chrome" => BrowserFamily::Chrome,
        "Edge" => BrowserFamily::Edge,
        "Firefox" => BrowserFamily::Firefox,
        "Safari" => BrowserFamily::Safari,
        "SamsungBrowser" => BrowserFamily::SamsungInternet,
        "Opera" => BrowserFamily::Opera,
        _ => BrowserFamily::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn p02_a_browser_is_counted_under_its_family() {
        use BrowserFamily::{Chrome, Edge, Firefox, Opera, Other, Program, Safari, SamsungInternet};
        let chromium = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36";
        for (family, user_agent) in [
            (Chrome, chromium),
            (Edge, &format!("{chromium} Edg/140.0.0.0")),
            (Opera, &format!("{chromium} OPR/120.0.0.0")),
            (Other, &format!("{chromium} Vivaldi/7.5")),
            (
                Firefox,
                "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
            ),
            (
                Safari,
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1",
            ),
            (
                SamsungInternet,
                "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36",
            ),
            (
                Program,
                "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
            ),
            (
                Program,
                "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
            ),
            (Program, "python-requests/2.32"),
            (Program, "curl/8.14"),
            (Program, ""),
        ] {
            assert_eq!(family_of(user_agent), family, "{user_agent}");
        }
    }
}
