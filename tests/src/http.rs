//! The GraphQL interface as a client meets it: over HTTP, to a real server, signed in or not.

use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use crate::house::PASSWORD;
use crate::visitor::{Answer, Site, answer};

const SIGN_IN: &str = "mutation($input: SignInInput!) { signIn(input: $input) { accessToken } }";

/// Somebody who sends operations.
#[derive(Clone, Debug)]
pub struct Client<'a> {
    site: &'a Site,
    /// The access token, once signed in.
    pub token: Option<String>,
}

/// An error as a client sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// `extensions.code`.
    pub code: String,
    /// `extensions.field`, or nothing.
    pub field: String,
    /// The words for a person.
    pub message: String,
    /// `extensions.line` and `extensions.column`.
    pub place: Option<(u64, u64)>,
}

impl Site {
    /// Somebody who is not signed in.
    pub fn anybody(&self) -> Client<'_> {
        Client {
            site: self,
            token: None,
        }
    }

    /// The owner of a tenant, signed in.
    pub async fn owner(&self, slug: &str) -> Client<'_> {
        self.member(slug, &format!("owner@{slug}.example")).await
    }

    /// A member of a tenant, signed in.
    pub async fn member(&self, slug: &str, email: &str) -> Client<'_> {
        let mut client = self.anybody();
        let data = client.data(SIGN_IN, credentials_of(slug, email)).await;
        let token = data.pointer("/signIn/accessToken").and_then(Value::as_str);
        client.token = Some(token.expect("a token").to_owned());
        client
    }
}

/// The variables with which the owner of a tenant signs in.
pub fn credentials(slug: &str) -> Value {
    credentials_of(slug, &format!("owner@{slug}.example"))
}

fn credentials_of(slug: &str, email: &str) -> Value {
    json!({ "input": { "tenant": slug, "email": email, "password": PASSWORD } })
}

impl Client<'_> {
    /// A request to the address of GraphQL, to be completed.
    pub fn request(&self, method: Method) -> RequestBuilder {
        self.request_to(method, "/graphql")
    }

    fn request_to(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.site.request(method, path);
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    /// Sends a body of some type.
    pub async fn post(&self, content_type: &str, body: impl Into<Vec<u8>>) -> Answer {
        let request = self.request(Method::POST).header("content-type", content_type);
        answer(request.body(body.into())).await
    }

    /// Sends parameters by `GET`.
    pub async fn get(&self, parameters: &[(&str, &str)]) -> Answer {
        let pairs = parameters.iter().map(|(name, value)| {
            let octets = value.bytes().map(|octet| format!("%{octet:02X}"));
            format!("{name}={}", octets.collect::<String>())
        });
        let path = format!("/graphql?{}", pairs.collect::<Vec<_>>().join("&"));
        answer(self.request_to(Method::GET, &path)).await
    }

    /// Sends an operation; gives the whole answer, with `data` and `errors`.
    pub async fn graphql(&self, query: &str, variables: Value) -> Value {
        self.named(query, None, variables).await
    }

    /// Sends a document of several operations, to run one of them.
    pub async fn named(&self, document: &str, operation: Option<&str>, variables: Value) -> Value {
        let body = json!({ "query": document, "operationName": operation, "variables": variables });
        let answer = self.post("application/json", body.to_string()).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        json_of(&answer)
    }

    /// Sends an operation that goes well; gives its data.
    pub async fn data(&self, query: &str, variables: Value) -> Value {
        data_of(self.graphql(query, variables).await)
    }

    /// Sends an operation that is refused with one error and without data.
    pub async fn refused(&self, query: &str, variables: Value) -> Refused {
        refused_by(&self.graphql(query, variables).await)
    }
}

/// The body of an answer.
#[track_caller]
pub fn json_of(answer: &Answer) -> Value {
    let body = serde_json::from_str(&answer.body);
    body.unwrap_or_else(|error| panic!("{error}: {}", answer.body))
}

/// The data of an answer without errors.
#[track_caller]
pub fn data_of(mut answer: Value) -> Value {
    assert_eq!(answer.get("errors"), None, "{answer}");
    answer.get_mut("data").map(Value::take).unwrap_or_default()
}

/// The one error of an answer without data.
#[track_caller]
pub fn refused_by(answer: &Value) -> Refused {
    let nothing = |data: &Value| match data {
        Value::Object(fields) => fields.values().all(Value::is_null),
        data => data.is_null(),
    };
    assert!(answer.get("data").is_none_or(nothing), "it was done: {answer}");
    let errors = answer["errors"].as_array().map(Vec::as_slice);
    let Some([error]) = errors else {
        panic!("not one error: {answer}");
    };
    let extensions = &error["extensions"];
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    Refused {
        code: text(&extensions["code"]),
        field: text(&extensions["field"]),
        message: text(&error["message"]),
        place: extensions["line"].as_u64().zip(extensions["column"].as_u64()),
    }
}
