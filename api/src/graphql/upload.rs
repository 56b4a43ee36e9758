//! Files that come within a request, by the GraphQL multipart request specification.

use std::fs::File;
use std::sync::{Mutex, PoisonError};

use async_graphql::{Context, Description, InputValueError, InputValueResult, Scalar, ScalarType, Value};

use super::error::{ApiError, Result};

/// What stands in a variable in place of the file.
pub(crate) const TOKEN: &str = "upload:0";

/// A file, sent by the GraphQL multipart request specification: as `multipart/form-data`, with the parts `operations`, `map` and
/// the file, and with the header `GraphQL-Require-Preflight: 1` or a bearer token. One file a request; how large it may be is
/// a setting of the server, 64 MiB unless it says otherwise.
#[derive(Description, Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Upload;

#[Scalar(
    name = "Upload",
    use_type_description,
    specified_by_url = "https://github.com/jaydenseric/graphql-multipart-request-spec"
)]
impl ScalarType for Upload {
    fn parse(value: Value) -> InputValueResult<Self> {
        match &value {
            Value::String(text) if text == TOKEN => Ok(Self),
            _ => Err(InputValueError::custom(
                "a file is sent as a part of the request, and its variable is null: see \
                 https://github.com/jaydenseric/graphql-multipart-request-spec",
            )),
        }
    }

    fn is_valid(value: &Value) -> bool {
        Self::parse(value.clone()).is_ok()
    }

    fn to_value(&self) -> Value {
        Value::Null
    }
}

/// The file of a request, until it is read.
pub(super) struct Uploaded(Mutex<Option<File>>);

impl Uploaded {
    pub(super) fn new(file: File) -> Self {
        Self(Mutex::new(Some(file)))
    }
}

impl Upload {
    /// The file of a request, from its beginning. It is read once.
    pub(crate) fn file(ctx: &Context<'_>, field: &'static str) -> Result<File> {
        let uploaded = ctx.data_opt::<Uploaded>();
        let file = uploaded.and_then(|file| file.0.lock().unwrap_or_else(PoisonError::into_inner).take());
        file.ok_or_else(|| {
            let message = "the request has no such part, or it was used already: send one file for one field";
            ApiError::bad_input(field, message)
        })
    }
}
