//! What `graphql-transport-ws` has at which place, and with which code a connection ends whose client does not keep to it
//! (github.com/enisdenjo/graphql-ws, PROTOCOL.md). The library that runs the operations is told only what fits.

use std::collections::{HashMap, HashSet};

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::{Value, json};

use super::json;

/// The name that a client offers.
pub(super) const PROTOCOL: &str = "graphql-transport-ws";

/// The most operations of one connection that are held, refused ones included until that is said.
const MOST_HELD: usize = 2 * MAX_OPERATIONS;

/// The most operations of one connection at once.
pub(super) const MAX_OPERATIONS: usize = 20;

/// The longest id of an operation, in octets.
const MAX_ID_OCTETS: usize = 128;

/// How a client broke the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Breach {
    /// The code to close with.
    pub(super) code: u16,
    /// What it means.
    pub(super) words: &'static str,
}

impl Breach {
    pub(super) const fn new(code: u16, words: &'static str) -> Self {
        Self { code, words }
    }
}

const NO_MESSAGE: Breach = Breach::new(4400, "this is no message of the protocol");
const NOT_YET: Breach = Breach::new(4401, "say who is asking first, in connection_init");
const SAID_TWICE: Breach = Breach::new(4429, "who is asking is said once");
const TOO_MANY: Breach = Breach::new(4429, "too many operations at once");
const TAKEN: Breach = Breach::new(4409, "an operation with this id is running");

/// A message of a client. What else is in it is the library's to read.
#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Heard {
    ConnectionInit {},
    Ping {},
    Pong {},
    Subscribe { id: String, payload: Value },
    Complete { id: String },
}

/// A message of the library.
#[derive(Deserialize)]
struct Said {
    #[serde(rename = "type")]
    what: String,
    #[serde(default)]
    id: String,
    payload: Option<Outcome>,
}

/// What came of an operation.
#[derive(Default, Deserialize)]
struct Outcome {
    data: Option<IgnoredAny>,
    errors: Option<Value>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Nothing has been said of who is asking.
    New,
    /// It has been said.
    Introduced,
    /// It is known.
    Known,
}

/// Where a connection stands.
pub(super) struct Protocol {
    stage: Stage,
    /// The operations that run, and whether anything came of them yet.
    running: HashMap<String, bool>,
    /// Those of which the library has still to say that they ended, which the client knows.
    ended: HashSet<String>,
}

impl Protocol {
    pub(super) fn new() -> Self {
        Self {
            stage: Stage::New,
            running: HashMap::new(),
            ended: HashSet::new(),
        }
    }

    /// Whether it is known who is asking.
    pub(super) fn is_known(&self) -> bool {
        self.stage == Stage::Known
    }

    /// Looks at what a client says, before anything is done about it.
    pub(super) fn heard(&mut self, text: &str) -> Result<(), Breach> {
        let said = json::read(text.as_bytes()).and_then(serde_json::from_value);
        match said.map_err(|_| NO_MESSAGE)? {
            Heard::ConnectionInit {} if self.stage == Stage::New => self.stage = Stage::Introduced,
            Heard::ConnectionInit {} => return Err(SAID_TWICE),
            Heard::Subscribe { payload, .. } if !payload.get("query").is_some_and(Value::is_string) => {
                return Err(NO_MESSAGE);
            }
            Heard::Subscribe { .. } if !self.is_known() => return Err(NOT_YET),
            Heard::Subscribe { id, .. } if id.len() > MAX_ID_OCTETS => return Err(NO_MESSAGE),
            Heard::Subscribe { id, .. } if self.running.contains_key(&id) || self.ended.contains(&id) => {
                return Err(TAKEN);
            }
            Heard::Subscribe { .. } if self.running.len() + self.ended.len() >= MOST_HELD => {
                return Err(TOO_MANY);
            }
            Heard::Subscribe { id, .. } => {
                self.running.insert(id, false);
            }
            Heard::Complete { id } => {
                if self.running.remove(&id).is_some() {
                    self.ended.insert(id);
                }
            }
            Heard::Ping {} | Heard::Pong {} => {}
        }
        Ok(())
    }

    /// What to tell the client where the library says this; nothing, where the client knows already.
    pub(super) fn said(&mut self, text: String) -> Option<String> {
        let Said { what, id, payload } = serde_json::from_str(&text).ok()?;
        match what.as_str() {
            "connection_ack" => self.stage = Stage::Known,
            "complete" => {
                self.ended.remove(&id);
                self.running.remove(&id)?;
            }
            "next" => {
                let anything_came = self.running.get_mut(&id)?;
                let outcome = payload.unwrap_or_default();
                if let (false, None, Some(errors)) = (*anything_came, outcome.data, outcome.errors) {
                    // An operation that never began ends with its errors.
                    self.running.remove(&id);
                    let refused = json!({ "type": "error", "id": id, "payload": errors });
                    self.ended.insert(id);
                    return Some(refused.to_string());
                }
                *anything_came = true;
            }
            _ => {}
        }
        Some(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const INIT: &str = r#"{"type":"connection_init","payload":{"authorization":"Bearer x"}}"#;
    const ACK: &str = r#"{"type":"connection_ack"}"#;
    const ONE: &str = r#"{"type":"subscribe","id":"1","payload":{"query":"subscription { a }"}}"#;
    const NEXT: &str = r#"{"type":"next","id":"1","payload":{"data":{"a":1}}}"#;
    const OVER: &str = r#"{"type":"complete","id":"1"}"#;

    fn known() -> Protocol {
        let mut protocol = Protocol::new();
        protocol.heard(INIT).unwrap();
        assert_eq!(protocol.said(ACK.to_owned()).as_deref(), Some(ACK));
        protocol
    }

    #[test]
    fn what_does_not_fit_ends_the_connection_with_its_code() {
        for (said, before, after) in [
            (INIT, Ok(()), Err(SAID_TWICE)),
            (ONE, Err(NOT_YET), Ok(())),
            (r#"{"type":"ping"}"#, Ok(()), Ok(())),
            ("nonsense", Err(NO_MESSAGE), Err(NO_MESSAGE)),
            ("[]", Err(NO_MESSAGE), Err(NO_MESSAGE)),
            (r#"{"type":"start","id":"1"}"#, Err(NO_MESSAGE), Err(NO_MESSAGE)),
            (
                r#"{"type":"subscribe","id":"1"}"#,
                Err(NO_MESSAGE),
                Err(NO_MESSAGE),
            ),
        ] {
            assert_eq!(Protocol::new().heard(said), before, "{said}");
            assert_eq!(known().heard(said), after, "{said}");
        }
        let mut protocol = known();
        protocol.heard(ONE).unwrap();
        assert_eq!(protocol.heard(ONE), Err(TAKEN));
        let numbered = |id: usize| ONE.replace("\"1\"", &format!("\"{id}\""));
        for id in 2..=MOST_HELD {
            protocol.heard(&numbered(id)).unwrap();
        }
        assert_eq!(protocol.heard(&numbered(0)), Err(TOO_MANY));
        let long = ONE.replace("\"1\"", &format!("\"{}\"", "x".repeat(MAX_ID_OCTETS + 1)));
        assert_eq!(known().heard(&long), Err(NO_MESSAGE));
    }

    #[test]
    fn an_operation_that_never_began_ends_with_its_errors() {
        let mut protocol = known();
        protocol.heard(ONE).unwrap();
        let refused = r#"{"type":"next","id":"1","payload":{"data":null,"errors":[{"message":"no"}]}}"#;
        let told: Value = serde_json::from_str(&protocol.said(refused.to_owned()).unwrap()).unwrap();
        assert_eq!(
            told,
            json!({ "type": "error", "id": "1", "payload": [{ "message": "no" }] })
        );
        assert_eq!(protocol.said(OVER.to_owned()), None);
        protocol.heard(ONE).unwrap();
        assert_eq!(protocol.said(NEXT.to_owned()).as_deref(), Some(NEXT));
        // What goes wrong later is a result like others.
        assert_eq!(protocol.said(refused.to_owned()).as_deref(), Some(refused));
        assert_eq!(protocol.said(OVER.to_owned()).as_deref(), Some(OVER));
    }

    #[test]
    fn a_client_that_ends_an_operation_hears_no_more_of_it() {
        let mut protocol = known();
        protocol.heard(ONE).unwrap();
        protocol.heard(OVER).unwrap();
        assert_eq!(protocol.said(NEXT.to_owned()), None);
        assert_eq!(protocol.said(OVER.to_owned()), None);
        protocol.heard(ONE).unwrap();
        assert_eq!(protocol.said(NEXT.to_owned()).as_deref(), Some(NEXT));
    }
}
