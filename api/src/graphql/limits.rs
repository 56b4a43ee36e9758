//! How much one operation may ask for. Checked before the library validates it, because validation itself walks
//! the expanded tree: a few hundred octets of nested fragments would keep it busy for seconds.
//!
//! | what | limit |
//! |---|---|
//! | text of the document | 64 KiB, 10,000 tokens, brackets 60 deep |
//! | operations and fragments | 100 |
//! | selections, with every fragment written out | 1,000 for each operation and fragment |
//! | depth in fields | 12; 20 with introspection |
//! | aliases, with every fragment written out | 50 |
//! | directives, with every fragment written out | 50 |
//! | top-level fields of a mutation | 10, of them one that hashes or signs: `signIn`, `refreshSession`, `acceptInvitation`, `resetPassword` |
//! | lists of introspection within each other | 2 |
//! | cost: a point a field, times the rows of its page, more where work hides behind it | 10,000 |
//!
//! Fragments that contain themselves are refused.

use async_graphql::ServerError;
use async_graphql::parser::parse_query;
use async_graphql::parser::types::{ExecutableDocument, OperationType};

use super::error::{ApiError, ErrorCode};

mod measure;
mod scan;

use measure::{Measure, Size};

/// The longest text of a document, in octets.
pub(crate) const MAX_OCTETS: usize = 64 * 1024;
const MAX_DEFINITIONS: usize = 100;
const MAX_SELECTIONS: u32 = 1000;
const MAX_DEPTH: u32 = 12;
const MAX_INTROSPECTION_DEPTH: u32 = 20;
const MAX_INTROSPECTION_LISTS: u32 = 2;
const MAX_ALIASES: u32 = 50;
const MAX_DIRECTIVES: u32 = 50;
const MAX_CHANGES: u32 = 10;
/// The most that an operation may cost, in points.
pub(crate) const MAX_COST: usize = 10_000;

fn too_complex(message: impl std::fmt::Display) -> ApiError {
    ApiError::new(ErrorCode::QueryTooComplex, message)
}

/// Parses a document and refuses what asks for too much. The error is one of the request: nothing was done.
pub(crate) fn admit(query: &str, may_introspect: bool) -> Result<ExecutableDocument, ServerError> {
    if query.len() > MAX_OCTETS {
        let message =
            format!("the document is longer than {MAX_OCTETS} octets: pass long values as variables");
        return Err(too_complex(message).into());
    }
    scan::check(query)?;
    let document = parse_query(query).map_err(|error| {
        let message = format!("the document cannot be parsed: {error}");
        let mut refusal = ServerError::from(ApiError::new(ErrorCode::BadUserInput, message));
        refusal.locations = error.positions().collect();
        refusal
    })?;
    check_size(&document, may_introspect)?;
    Ok(document)
}

fn check_size(document: &ExecutableDocument, may_introspect: bool) -> Result<(), ApiError> {
    let definitions = document.operations.iter().len() + document.fragments.len();
    if definitions > MAX_DEFINITIONS {
        let message = format!("a document has at most {MAX_DEFINITIONS} operations and fragments");
        return Err(too_complex(message));
    }
    let mut measure = Measure::of(document);
    for name in document.fragments.keys() {
        // Whether a fragment is used for introspection is seen where it is used.
        check(measure.fragment(name, 0)?, MAX_INTROSPECTION_DEPTH)?;
    }
    for (_, operation) in document.operations.iter() {
        let mut size = measure.set(&operation.node.selection_set.node, 0)?;
        size.directives = size
            .directives
            .saturating_add(measure::directives(&operation.node));
        if size.introspects && !may_introspect {
            let message = "introspection is switched off on this server: `assent schema` prints the schema";
            return Err(ApiError::new(ErrorCode::BadUserInput, message));
        }
        let max_depth = if size.introspects {
            MAX_INTROSPECTION_DEPTH
        } else {
            MAX_DEPTH
        };
        check(size, max_depth)?;
        if operation.node.ty == OperationType::Mutation && size.top > MAX_CHANGES {
            return Err(too_complex(format!(
                "a mutation makes at most {MAX_CHANGES} changes"
            )));
        }
    }
    Ok(())
}

fn check(size: Size, max_depth: u32) -> Result<(), ApiError> {
    let limits = [
        (
            size.selections,
            MAX_SELECTIONS,
            "selections, fragments written out",
        ),
        (size.depth, max_depth, "levels of fields"),
        (size.aliases, MAX_ALIASES, "aliases, fragments written out"),
        (
            size.directives,
            MAX_DIRECTIVES,
            "directives, fragments written out",
        ),
    ];
    if let Some((_, limit, what)) = limits.into_iter().find(|(found, limit, _)| found > limit) {
        return Err(too_complex(format!(
            "an operation has at most {limit} {what}: ask in several operations"
        )));
    }
    if size.introspects && size.lists > MAX_INTROSPECTION_LISTS {
        return Err(too_complex("introspection is nested too deep"));
    }
    Ok(())
}

/// What the library says of an operation that costs more than [`MAX_COST`], and nothing beside: neither a code nor advice.
/// An extension would know the cost, and be asked before each field of each row.
const SAID_OF_COST: &str = "Query is too complex.";

/// What is said in place of that.
pub(crate) fn too_costly(error: &ServerError) -> Option<ServerError> {
    (error.message == SAID_OF_COST).then(|| {
        let message = format!(
            "the operation costs more than the {MAX_COST} points that are allowed: ask for smaller pages, or for less of \
             each row"
        );
        too_complex(message).into()
    })
}

#[cfg(test)]
mod tests;
