//! The parameters of a request, from a JSON body or from the query string.

use async_graphql::Variables;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::answer::Refusal;
use super::json;
use crate::graphql::documents::Documents;

/// What a request asks for.
#[derive(Debug)]
pub(super) struct Parameters {
    pub(super) query: String,
    pub(super) operation_name: Option<String>,
    pub(super) variables: Variables,
    /// `extensions.reason`: what personal data is read for, for the audit log.
    pub(super) reason: Option<String>,
    /// The file that came with it.
    pub(super) file: Option<std::fs::File>,
    /// The key under which it is done once.
    pub(super) idempotency_key: Option<String>,
}

/// The longest reason, in characters.
const MAX_REASON_CHARS: usize = 200;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct QueryString {
    query: Option<String>,
    document_id: Option<String>,
    operation_name: Option<String>,
    variables: Option<String>,
    extensions: Option<String>,
}

impl Parameters {
    /// Reads a body. An operation may be named by the id of one that is known.
    pub(super) fn from_json(octets: &[u8], known: &Documents) -> Result<Self, Refusal> {
        let body = json::read(octets)
            .map_err(|error| Refusal::bad_request(format!("the body is not JSON in UTF-8: {error}")))?;
        Self::from_value(body, known)
    }

    /// Reads a body that is JSON.
    pub(super) fn from_value(body: Value, known: &Documents) -> Result<Self, Refusal> {
        match body {
            Value::Object(body) => Self::from_members(body, known),
            Value::Array(_) => Err(Refusal::bad_request(
                "send one operation a request: batches are not taken",
            )),
            _ => Err(Refusal::bad_request(
                "the body has to be a JSON object with the member `query`",
            )),
        }
    }

    /// Reads a query string.
    pub(super) fn from_query(text: &str, known: &Documents) -> Result<Self, Refusal> {
        let given: QueryString = serde_urlencoded::from_str(text)
            .map_err(|_| Refusal::bad_request("the query string cannot be read"))?;
        let mut members = Map::new();
        for (name, text) in [
            ("query", given.query),
            ("documentId", given.document_id),
            ("operationName", given.operation_name),
        ] {
            members.extend(text.map(|text| (name.to_owned(), Value::String(text))));
        }
        for (name, text) in [("variables", given.variables), ("extensions", given.extensions)] {
            if let Some(text) = text.filter(|text| !text.is_empty()) {
                let value = json::read(text.as_bytes())
                    .map_err(|_| Refusal::bad_request(format!("`{name}` is not JSON")))?;
                members.insert(name.to_owned(), value);
            }
        }
        Self::from_members(members, known)
    }

    fn from_members(mut members: Map<String, Value>, known: &Documents) -> Result<Self, Refusal> {
        let query = operation(members.remove("query"), members.remove("documentId"), known)?;
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
            file: None,
            idempotency_key: None,
        })
    }
}

/// The text of the operation: as it was sent, or by the id of one that is known.
fn operation(query: Option<Value>, id: Option<Value>, known: &Documents) -> Result<String, Refusal> {
    match (query, id) {
        (Some(Value::String(query)), None) if known.allow(&query) => Ok(query),
        (Some(Value::String(_)), None) => Err(Refusal::bad_request(
            "this server runs only operations that it knows: send the `documentId` of one",
        )),
        (None, Some(Value::String(id))) => known.by_id(&id).map(str::to_owned).ok_or_else(|| {
            Refusal::bad_request(
                "this server knows no operation with this `documentId`: send it as `query`, or have it added",
            )
        }),
        (Some(_), None) => Err(Refusal::bad_request("`query` has to be a string")),
        (None, Some(_)) => Err(Refusal::bad_request("`documentId` has to be a string")),
        (Some(_), Some(_)) => Err(Refusal::bad_request("send `query` or `documentId`, not both")),
        (None, None) => Err(Refusal::bad_request("`query` is missing: it holds the operation")),
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
        let read = Parameters::from_json(full.as_bytes(), &Documents::default()).unwrap();
        assert_eq!(
            (read.query.as_str(), read.operation_name.as_deref()),
            ("{a}", Some("A"))
        );
        let nulls = r#"{"query":"{a}","operationName":null,"variables":null,"extensions":null}"#;
        assert!(Parameters::from_json(nulls.as_bytes(), &Documents::default()).is_ok());
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
            assert!(
                Parameters::from_json(bad.as_bytes(), &Documents::default()).is_err(),
                "{bad}"
            );
        }
        assert!(Parameters::from_json(b"{\"query\":\"\xff\"}", &Documents::default()).is_err());
        assert!(Parameters::from_json("[".repeat(100_000).as_bytes(), &Documents::default()).is_err());
    }

    #[test]
    fn query_strings_hold_json_in_variables() {
        let read = Parameters::from_query(
            "query=%7Ba%7D&variables=%7B%22b%22%3A1%7D&operationName=",
            &Documents::default(),
        )
        .unwrap();
        assert_eq!(read.variables.len(), 1);
        assert_eq!(read.operation_name, None);
        for bad in [
            "",
            "variables=%7B%7D",
            "query=%7Ba%7D&variables=%7B",
            "query=%7Ba%7D&variables=1",
            "query=a&query=b",
        ] {
            assert!(
                Parameters::from_query(bad, &Documents::default()).is_err(),
                "{bad}"
            );
        }
    }
}
