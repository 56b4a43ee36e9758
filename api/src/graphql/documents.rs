//! Operations that a server knows beforehand: clients send their ids in place of their texts, and a server may be told to run no
//! others.

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;

use async_graphql::parser::parse_query;

/// The operations that are known. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Documents {
    known: Arc<Known>,
    /// Whether nothing else is run.
    only: bool,
}

#[derive(Debug, Default)]
struct Known {
    by_id: HashMap<String, String>,
    texts: HashSet<String>,
}

/// Why a file of operations cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DocumentsError {
    /// It cannot be read.
    #[error("it cannot be read: {0}")]
    Unreadable(#[from] std::io::Error),
    /// It is not what clients' compilers write.
    #[error(
        "it has to be a JSON object of ids and operations, as Relay and GraphQL Code Generator write it: {0}"
    )]
    Malformed(#[from] serde_json::Error),
    /// One of its operations is none.
    #[error("the operation {id:?} cannot be read: {error}")]
    NoOperation {
        /// Its id.
        id: String,
        /// What is wrong with it.
        error: String,
    },
    /// There is nothing that could be run.
    #[error("without operations that are known, nothing could be run: name a file of them")]
    Nothing,
}

impl Documents {
    /// Reads a file of operations, if there is one. With `only`, nothing else is run.
    pub fn read(file: Option<&Path>, only: bool) -> Result<Self, DocumentsError> {
        let Some(file) = file else {
            return if only {
                Err(DocumentsError::Nothing)
            } else {
                Ok(Self::default())
            };
        };
        let by_id: HashMap<String, String> = serde_json::from_slice(&std::fs::read(file)?)?;
        for (id, text) in &by_id {
            parse_query(text).map_err(|error| DocumentsError::NoOperation {
                id: id.clone(),
                error: error.to_string(),
            })?;
        }
        let texts = by_id.values().cloned().collect();
        Ok(Self {
            known: Arc::new(Known { by_id, texts }),
            only,
        })
    }

    /// The operation with this id.
    pub(super) fn by_id(&self, id: &str) -> Option<&str> {
        self.known.by_id.get(id).map(String::as_str)
    }

    /// Whether an operation may be run that a client sent as a text.
    pub(super) fn allow(&self, text: &str) -> bool {
        !self.only || self.known.texts.contains(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, only: bool) -> Result<Documents, DocumentsError> {
        let file =
            std::env::temp_dir().join(format!("assent-documents-{}-{}", std::process::id(), text.len()));
        std::fs::write(&file, text).unwrap();
        let read = Documents::read(Some(&file), only);
        std::fs::remove_file(&file).unwrap();
        read
    }

    #[test]
    fn what_is_known_is_found_and_what_is_not_is_run_only_where_that_is_allowed() {
        let text = r#"{"one": "{ viewer { member { id } } }"}"#;
        for only in [false, true] {
            let documents = read(text, only).unwrap();
            assert_eq!(documents.by_id("one"), Some("{ viewer { member { id } } }"));
            assert_eq!(documents.by_id("two"), None);
            assert!(documents.allow("{ viewer { member { id } } }"));
            assert_eq!(documents.allow("{ viewer { tenant { id } } }"), !only);
        }
        assert!(Documents::default().allow("{ a }"));
    }

    #[test]
    fn a_file_that_is_none_is_refused() {
        for bad in ["", "[]", r#"{"a": 1}"#, r#"{"a": "{"}"#] {
            assert!(read(bad, false).is_err(), "{bad}");
        }
        assert!(matches!(
            Documents::read(None, true),
            Err(DocumentsError::Nothing)
        ));
        let missing = Documents::read(Some(Path::new("/nowhere/documents.json")), false);
        assert!(matches!(missing, Err(DocumentsError::Unreadable(_))));
    }
}
