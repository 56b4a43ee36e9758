//! Executing an operation that was admitted: for whom, in what time, and in what order its answer stands.

use std::sync::Arc;
use std::time::Duration;

use assent_entity::access::{Access, Asking};
use async_graphql::parser::types::{
    DocumentOperations, ExecutableDocument, OperationDefinition, OperationType,
};
use async_graphql::{Name, Request, Response, ServerError, Value, Variables};

use super::chosen::{chosen, leave_others_out};
use super::once;
use super::order;
use super::parameters::Parameters;
use crate::app::App;
use crate::auth::Credential;
use crate::graphql::access::Asked;
use crate::graphql::error::{ApiError, ErrorCode};
use crate::graphql::loaders;
use crate::graphql::person::Readings;
use crate::graphql::reader::Reader;
use crate::graphql::scans;
use crate::graphql::schema::SCHEMA;
use crate::graphql::upload::Uploaded;
use crate::limits::{Allowance, Network};

/// How long an operation may take.
const MAX_DURATION: Duration = Duration::from_secs(10);

/// Executes the operation that the parameters choose. An error here means that nothing was done.
pub(super) async fn execute(
    app: &App,
    from: Network,
    credential: Option<Credential>,
    mut parameters: Parameters,
    mut document: ExecutableDocument,
) -> Result<Response, ServerError> {
    leave_others_out(&mut document, parameters.operation_name.as_deref());
    let chosen = chosen(&document, parameters.operation_name.as_deref()).cloned();
    if let Some(operation) = &chosen {
        check_variables(operation, &parameters.variables)?;
    }
    let fragments = document.fragments.clone();
    let asking = match credential {
        Some(credential) => credential.asking(app).await.map_err(ApiError::from)?,
        None => None,
    };
    let access = asking.as_ref().map(|asking| asking.access.clone());
    let left = match access.as_ref().map(|access| app.limits.operation(access)) {
        None => None,
        Some(Ok(left)) => left,
        Some(Err(exhausted)) => {
            let mut refused = Response::from_errors(vec![ApiError::from(exhausted).into()]);
            tell_what_is_left(&mut refused, exhausted.allowance());
            return Ok(refused);
        }
    };
    let asked = chosen.as_ref().map(|operation| Asked::of(operation, &document));
    let asked = asked.unwrap_or_default();
    if let Some(Err(refused)) = access.as_ref().map(|access| asked.check(access)) {
        let mut refused = Response::from_errors(vec![refused.into()]);
        if let Some(left) = left {
            tell_what_is_left(&mut refused, left);
        }
        return Ok(refused);
    }
    let is_scan = scans::is_one(&parameters.query, &parameters.variables);
    let is_query = chosen
        .as_ref()
        .is_some_and(|operation| operation.ty == OperationType::Query);
    let is_in_one_go = is_query && !is_scan && !lets_go(&parameters.query);
    let reader = asking.map(|asking| reader_for(app, asking, is_in_one_go));
    let _turn = match &access {
        Some(access) if is_scan => Some(scans::turn(access.ctx().tenant()).await?),
        _ => None,
    };
    let reason = parameters.reason.clone();
    let reason = reason.or_else(|| name_of(&document, parameters.operation_name.as_deref()));
    let wish = match parameters.idempotency_key.take() {
        Some(key) => {
            let access = access.as_ref().ok_or_else(ApiError::unauthenticated)?;
            let wish = once::wish(app, access, &key, &parameters, &asked)?;
            if let Some(answered) = once::again(app, &wish).await? {
                return Ok(answered);
            }
            Some(Arc::new(wish))
        }
        None => None,
    };
    let readings = Arc::new(Readings::default());
    let request = request_of(app, access.clone().zip(reader), parameters, document)
        .data(from)
        .data(Arc::clone(&readings));
    let request = match &wish {
        Some(wish) => request.data(Arc::clone(wish)),
        None => request,
    };
    let outcome = in_time(request).await;
    // What was broken off may have been done, or not: that is no answer to keep.
    let is_answer = outcome.is_ok() && readings.are_none().await;
    let mut response = outcome.unwrap_or_else(|error| Response::from_errors(vec![error.into()]));
    if let Some(access) = access {
        // What is not noted is not answered.
        let reason = reason.as_deref().unwrap_or("not said");
        if let Err(error) = readings.keep(&app.store, &access, reason).await {
            tracing::warn!(?error, "a reading of personal data could not be noted");
            let message = "what was read could not be noted, so it is not shown; before you repeat a change, see \
                           whether it was made";
            let error = ApiError::new(ErrorCode::Unavailable, message);
            response.data = Value::Null;
            response.errors = vec![error.into()];
        }
    }
    if let Some(operation) = &chosen {
        order::as_asked(operation, &fragments, &mut response.data);
    }
    if let Some(wish) = wish.filter(|_| is_answer) {
        once::keep(app, &wish, &asked, &response).await;
    }
    if let Some(left) = left {
        tell_what_is_left(&mut response, left);
    }
    Ok(response)
}

/// Tells a program how often it may ask, before it asks too often.
fn tell_what_is_left(response: &mut Response, left: Allowance) {
    for (name, value) in left.headers() {
        if let Ok(value) = value.parse() {
            response.http_headers.insert(name, value);
        }
    }
}

/// The fields for which a mail is written, or another tenant's tables are read: an operation that names one would hold a
/// connection while it does not need it, or wait for a second one.
const LETTING_GO: [&str; 3] = ["preview", "summary", "operatorPolicy"];

/// Whether an operation may ask for one of those.
fn lets_go(query: &str) -> bool {
    LETTING_GO.iter().any(|field| query.contains(field))
}

/// What is asked in one go, and writes nothing meanwhile, is read in one transaction. What waits for its turn holds no
/// connection; what an outside party reads is written down at the same time.
fn reader_for(app: &App, asking: Asking, is_in_one_go: bool) -> Reader {
    if is_in_one_go && asking.access.outside_party().is_none() {
        return Reader::for_query(app.store.clone(), asking);
    }
    Reader::anew(app.store.clone(), asking.access.ctx())
}

fn request_of(
    app: &App,
    asking: Option<(Access, Reader)>,
    parameters: Parameters,
    document: ExecutableDocument,
) -> Request {
    let mut request = Request::new(parameters.query)
        .variables(parameters.variables)
        .data(app.clone());
    request.operation_name = parameters.operation_name;
    if let Some(file) = parameters.file {
        request = request.data(Uploaded::new(file));
    }
    request.set_parsed_query(document);
    if !app.explorer {
        request = request.disable_introspection();
    }
    match asking {
        Some((access, reader)) => {
            let reader = Arc::new(reader);
            request
                .data(loaders::of(Arc::clone(&reader)))
                .data(reader)
                .data(access)
        }
        None => request,
    }
}

async fn in_time(request: Request) -> Result<Response, ApiError> {
    let outcome = tokio::time::timeout(MAX_DURATION, SCHEMA.execute(request)).await;
    outcome.map_err(|_| {
        let message = "the operation took too long and was stopped: ask for less, or again later; before you \
                       repeat a change, see whether it was made, or send it with the same `Idempotency-Key`";
        ApiError::new(ErrorCode::Unavailable, message)
    })
}

/// The name of the operation that will be run, if it has one.
fn name_of(document: &ExecutableDocument, chosen: Option<&str>) -> Option<String> {
    let only = match &document.operations {
        DocumentOperations::Multiple(operations) if operations.len() == 1 => operations.keys().next(),
        _ => None,
    };
    chosen.or(only.map(Name::as_str)).map(str::to_owned)
}

/// Refuses an operation whose variables leave out what it cannot do without; the library would begin it.
pub(super) fn check_variables(
    operation: &OperationDefinition,
    variables: &Variables,
) -> Result<(), ApiError> {
    let missing = operation.variable_definitions.iter().find(|variable| {
        let given = variables.get(&variable.node.name.node);
        let has_default = given.is_none() && variable.node.default_value.is_some();
        let is_null = given.is_none_or(|value| *value == Value::Null);
        !variable.node.var_type.node.nullable && !has_default && is_null
    });
    missing.map_or(Ok(()), |variable| {
        let message = format!(
            "the variable ${} of type {} is needed, and was not given",
            variable.node.name.node, variable.node.var_type.node
        );
        Err(ApiError::new(ErrorCode::BadUserInput, message))
    })
}
