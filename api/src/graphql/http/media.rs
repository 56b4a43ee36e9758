//! Which media types a client sends and wants (RFC 9110, 8.3 and 12.5.1).

use actix_web::HttpRequest;
use actix_web::http::header::{ACCEPT, CONTENT_TYPE};

use super::answer::Refusal;

/// The form of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    /// `application/graphql-response+json`: the status code says whether the operation was run.
    GraphQl,
    /// `application/json`, for older clients: 200 for whatever is a well-formed answer.
    Json,
}

impl Format {
    /// The media type with its charset.
    pub(super) fn media_type(self) -> &'static str {
        match self {
            Self::GraphQl => "application/graphql-response+json; charset=utf-8",
            Self::Json => "application/json; charset=utf-8",
        }
    }

    /// The form that a request wants, or `None` where it wants neither. Who does not say gets the older one.
    pub(super) fn wanted_by(request: &HttpRequest) -> Option<Self> {
        let accepted = accepted(request);
        if accepted.is_empty() {
            return Some(Self::Json);
        }
        let quality = |name: &str| {
            let ranges = [name, "application/*", "*/*"];
            ranges
                .iter()
                .find_map(|range| accepted.iter().find(|(accepted, _)| accepted == range))
                .map_or(0, |(_, quality)| *quality)
        };
        let (graphql, json) = (
            quality("application/graphql-response+json"),
            quality("application/json"),
        );
        let named = accepted
            .iter()
            .any(|(range, _)| range == "application/graphql-response+json");
        match (graphql, json) {
            (0, 0) => None,
            (graphql, json) if graphql > json || (graphql == json && named) => Some(Self::GraphQl),
            _ => Some(Self::Json),
        }
    }
}

/// Whether this is a browser that asks for a page.
pub(super) fn wants_page(request: &HttpRequest) -> bool {
    accepted(request)
        .iter()
        .any(|(range, quality)| range == "text/html" && *quality > 0)
}

/// The media ranges of `Accept` with their quality in thousandths.
fn accepted(request: &HttpRequest) -> Vec<(String, u32)> {
    let values = request
        .headers()
        .get_all(ACCEPT)
        .filter_map(|value| value.to_str().ok());
    let ranges = values.flat_map(|value| value.split(',')).filter_map(|range| {
        let mut parts = range.split(';').map(str::trim);
        let name = parts.next().filter(|name| !name.is_empty())?.to_ascii_lowercase();
        let quality = parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
        Some((name, quality.map_or(1000, thousandths)))
    });
    ranges.collect()
}

fn thousandths(quality: &str) -> u32 {
    let (whole, fraction) = quality.split_once('.').unwrap_or((quality, ""));
    let fraction: String = fraction.chars().chain("000".chars()).take(3).collect();
    match (whole, fraction.parse()) {
        ("0", Ok(fraction)) => fraction,
        _ => 1000,
    }
}

/// Whether a request has parts, as one that brings a file.
pub(super) fn is_multipart(request: &HttpRequest) -> bool {
    let mut values = request.headers().get_all(CONTENT_TYPE);
    let (Some(Ok(value)), None) = (values.next().map(|value| value.to_str()), values.next()) else {
        return false;
    };
    let kind = value.split(';').next().unwrap_or_default().trim();
    kind.eq_ignore_ascii_case("multipart/form-data")
}

/// Refuses every content type but `application/json` in UTF-8. Others are sent by forms of foreign pages.
pub(super) fn check_content_type(request: &HttpRequest) -> Result<(), Refusal> {
    let mut values = request.headers().get_all(CONTENT_TYPE);
    let (Some(Ok(value)), None) = (values.next().map(|value| value.to_str()), values.next()) else {
        return Err(Refusal::media_type(
            "send the operation as application/json, and say so in Content-Type",
        ));
    };
    let mut parts = value.split(';').map(|part| part.trim().to_ascii_lowercase());
    if parts.next().as_deref() != Some("application/json") {
        return Err(Refusal::media_type("send the operation as application/json"));
    }
    let mut parameters = parts.filter(|part| !part.is_empty());
    if parameters.all(|part| part.replace('"', "") == "charset=utf-8") {
        Ok(())
    } else {
        Err(Refusal::media_type(
            "the only charset of application/json is utf-8",
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    fn wanted(accept: &str) -> Option<Format> {
        Format::wanted_by(
            &TestRequest::get()
                .insert_header((ACCEPT, accept))
                .to_http_request(),
        )
    }

    #[test]
    fn the_accept_header_decides_the_form() {
        for (accept, format) in [
            ("application/graphql-response+json", Some(Format::GraphQl)),
            (
                "application/graphql-response+json, application/json;q=0.9",
                Some(Format::GraphQl),
            ),
            (
                "application/json, application/graphql-response+json",
                Some(Format::GraphQl),
            ),
            (
                "application/graphql-response+json;q=0.5, application/json",
                Some(Format::Json),
            ),
            ("application/json", Some(Format::Json)),
            ("*/*", Some(Format::Json)),
            ("application/*", Some(Format::Json)),
            ("text/html", None),
            ("application/json;q=0", None),
            ("text/html, */*;q=0.1", Some(Format::Json)),
        ] {
            assert_eq!(wanted(accept), format, "{accept}");
        }
        assert_eq!(
            Format::wanted_by(&TestRequest::get().to_http_request()),
            Some(Format::Json)
        );
    }

    #[test]
    fn only_json_is_taken() {
        let check = |value: &str| {
            let request = TestRequest::post()
                .insert_header((CONTENT_TYPE, value))
                .to_http_request();
            check_content_type(&request).is_ok()
        };
        for good in [
            "application/json",
            "application/json; charset=utf-8",
            "Application/JSON;charset=\"UTF-8\"",
        ] {
            assert!(check(good), "{good}");
        }
        for bad in [
            "text/plain",
            "application/json; charset=latin1",
            "application/json, text/plain",
            "application/graphql",
            "application/jsonx",
            "multipart/form-data; boundary=application/json",
            "application/json; boundary=x",
        ] {
            assert!(!check(bad), "{bad}");
        }
        assert!(check_content_type(&TestRequest::post().to_http_request()).is_err());
    }
}
