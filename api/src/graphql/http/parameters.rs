//! The parameters of a request, from a JSON body or from the query string.

use async_graphql::Variables;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::answer::Refusal;

/// What a request asks for.
#[derive(Debug)]
pub(super) struct Parameters {
    pub(super) query: String,
    pub(super) operation_name: Option<String>,
    pub(super) variables: Variables,
    /// `extensions.reason`: what personal data is read for, for the audit log.
    pub(super) reason: Option<String>,
}

/// The longest reason, in characters.
const MAX_REASON_CHARS: usize = 200;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct QueryString {
    query: Option<String>,
    operation_name: Option<String>,
    variables: Option<String>,
    extensions: Option<String>,
}

impl Parameters {
    /// Reads a body.
    pub(super) fn from_json(octets: &[u8]) -> Result<Self, Refusal> {
        let body: Value = serde_json::from_slice(octets)
            .map_err(|error| Refusal::bad_request(format!("the body is not JSON in UTF-8: {error}")))?;
        match body {
            Value::Object(body) => Self::from_members(body),
            Value::Array(_) => Err(Refusal::bad_request(
                "send one operation a request: batches are not taken",
            )),
            _ => Err(Refusal::bad_request(
                "the body has to be a JSON object with the member `query`",
            )),
        }
    }

    /// Reads a query string.
    pub(super) fn from_query(text: &str) -> Result<Self, Refusal> {
        let given: QueryString = serde_urlencoded::from_str(text)
            .map_err(|_| Refusal::bad_request("the query string cannot be read"))?;
        let mut members = Map::new();
        for (name, text) in [("query", given.query), ("operationName", given.operation_name)] {
            members.extend(text.map(|text| (name.to_owned(), Value::String(text))));
        }
        for (name, text) in [("variables", given.variables), ("extensions", given.extensions)] {
            if let Some(text) = text.filter(|text| !text.is_empty()) {
                let value = serde_json::from_str(&text)
                    .map_err(|_| Refusal::bad_request(format!("`{name}` is not JSON")))?;
                members.insert(name.to_owned(), value);
            }
        }
        Self::from_members(members)
    }

    fn from_members(mut members: Map<String, Value>) -> Result<Self, Refusal> {
        let query = match members.remove("query") {
            Some(Value::String(query)) => query,
            Some(_) => return Err(Refusal::bad_request("`query` has to be a string")),
            None => return Err(Refusal::bad_request("`query` is missing: it holds the operation")),
        };
        let operation_name = match members.remove("operationName") {
            None | Some(Value::Null) => None,
            Some(Value::String(name)) => Some(name).filter(|name| !name.is_empty()),
            Some(_) => return Err(Refusal::bad_request("`operationName` has to be a string or null")),
        };
        let variables = match members.remove("variables") {
            None | Some(Value::Null) => Variables::default(),
            Some(variables @ Value::Object(_)) => Variables::from_json(variables),
            Some(_) => return Err(Refusal::bad_request("`variables` has to be an object or null")),
        };
        let reason = match members.remove("extensions") {
            None | Some(Value::Null) => None,
            Some(Value::Object(mut extensions)) => reason(extensions.remove("reason"))?,
            Some(_) => return Err(Refusal::bad_request("`extensions` has to be an object or null")),
        };
        Ok(Self {
            query,
            operation_name,
            variables,
            reason,
        })
    }
}

fn reason(given: Option<Value>) -> Result<Option<String>, Refusal> {
    match given {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text))
            if text.chars().count() <= MAX_REASON_CHARS && !text.chars().any(char::is_control) =>
        {
            Ok(Some(text))
        }
        Some(_) => Err(Refusal::bad_request(
            "`extensions.reason` has to be one line of at most 200 characters",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_are_read_by_the_specification() {
        let full = r#"{"query":"{a}","operationName":"A","variables":{"b":1},"extensions":{},"more":1}"#;
        let read = Parameters::from_json(full.as_bytes()).unwrap();
        assert_eq!(
            (read.query.as_str(), read.operation_name.as_deref()),
            ("{a}", Some("A"))
        );
        let nulls = r#"{"query":"{a}","operationName":null,"variables":null,"extensions":null}"#;
        assert!(Parameters::from_json(nulls.as_bytes()).is_ok());
        for bad in [
            "",
            "{",
            "[]",
            "[{\"query\":\"{a}\"}]",
            "7",
            "null",
            "{}",
            r#"{"query":7}"#,
            r#"{"query":null}"#,
            r#"{"query":"{a}","operationName":7}"#,
            r#"{"query":"{a}","variables":[]}"#,
            r#"{"query":"{a}","variables":"{}"}"#,
            r#"{"query":"{a}","extensions":[]}"#,
            r#"{"query":"{a}","extensions":{"reason":7}}"#,
            r#"{"query":"{a}","extensions":{"reason":"a\nb"}}"#,
        ] {
            assert!(Parameters::from_json(bad.as_bytes()).is_err(), "{bad}");
        }
        assert!(Parameters::from_json(b"{\"query\":\"\xff\"}").is_err());
        assert!(Parameters::from_json("[".repeat(100_000).as_bytes()).is_err());
    }

    #[test]
    fn query_strings_hold_json_in_variables() {
        let read =
            Parameters::from_query("query=%7Ba%7D&variables=%7B%22b%22%3A1%7D&operationName=").unwrap();
        assert_eq!(read.variables.len(), 1);
        assert_eq!(read.operation_name, None);
        for bad in [
            "",
            "variables=%7B%7D",
            "query=%7Ba%7D&variables=%7B",
            "query=%7Ba%7D&variables=1",
            "query=a&query=b",
        ] {
            assert!(Parameters::from_query(bad).is_err(), "{bad}");
        }
    }
}
