//! Operations that bring a file: the GraphQL multipart request specification
//! (github.com/jaydenseric/graphql-multipart-request-spec), with one file a request.
//!
//! A form of a foreign page can send `multipart/form-data` with a member's cookie, but it cannot set a header: without one
//! that it cannot set, the request is refused. The file is put down only for members who may bring one, in a file without a
//! name, so that nothing is left behind however the process ends.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Seek, SeekFrom, Write};
use std::time::Instant;

use actix_multipart::{Field, Multipart};
use actix_web::HttpRequest;
use actix_web::http::header::AUTHORIZATION;
use actix_web::web::{Bytes, Payload, block};
use assent_entity::access::Access;
use futures::StreamExt;
use serde_json::{Value, json};

use super::answer::Refusal;

use super::json;
use super::parameters::Parameters;
use super::{MAX_BODY_OCTETS, own_credential};
use crate::app::App;
use crate::graphql::access::allowed;
use crate::graphql::upload::TOKEN;
use crate::pace::{Pace, TooSlow};
use crate::places::{self, LONGEST, Whose};

/// Headers that no form can set (fetch.spec.whatwg.org, CORS-safelisted request-header).
const NOT_OF_A_FORM: [&str; 3] = [
    "graphql-require-preflight",
    "apollo-require-preflight",
    "x-requested-with",
];

/// The longest map, in octets.
const MAX_MAP_OCTETS: usize = 4 * 1024;

/// For how long nothing may come.
const SILENCE: std::time::Duration = std::time::Duration::from_mins(1);

/// How long all may take that comes before the file: it is not known yet who sends it.
const HEAD: std::time::Duration = std::time::Duration::from_secs(30);

/// How much of the file is written at once, in octets.
const WRITTEN_AT_ONCE: usize = 256 * 1024;

/// The field of `Mutation` that files are for.
pub(super) const FOR: &str = "importSubscribers";

/// Reads a request of several parts.
pub(super) async fn read(request: &HttpRequest, body: Payload, app: &App) -> Result<Parameters, Refusal> {
    let headers = request.headers();
    let is_of_a_form =
        !headers.contains_key(AUTHORIZATION) && NOT_OF_A_FORM.iter().all(|name| !headers.contains_key(*name));
    if is_of_a_form {
        return Err(Refusal::media_type(
            "send the operation as application/json; one that brings a file goes as multipart/form-data with the header \
             `GraphQL-Require-Preflight: 1`, which forms of other sites cannot set",
        ));
    }
    let began = Instant::now();
    let mut parts = Multipart::new(headers, body);
    let head = async {
        let operations = whole(&mut parts, "operations", MAX_BODY_OCTETS).await?;
        Ok((operations, whole(&mut parts, "map", MAX_MAP_OCTETS).await?))
    };
    let head = tokio::time::timeout(HEAD, head).await;
    let (operations, map) = head.map_err(|_| Refusal::too_slow())??;
    let mut operations = json::read(&operations).map_err(|error| {
        Refusal::bad_request(format!("the part `operations` is not JSON in UTF-8: {error}"))
    })?;
    let map = json::read(&map).and_then(serde_json::from_value);
    let map: BTreeMap<String, Vec<String>> = map.map_err(|_| {
        Refusal::bad_request(
            "the part `map` has to be a JSON object, as in {\"0\": [\"variables.input.file\"]}",
        )
    })?;
    let name = put_token(&mut operations, &map)?;
    let mut parameters = Parameters::from_value(operations, &app.documents)?;
    let credential = own_credential(request, app)?;
    let access = match credential {
        Some(credential) => credential
            .access(app)
            .await
            .map_err(|_| Refusal::busy("try again"))?,
        None => None,
    };
    // Whoever may not bring a file is told so by the operation.
    if let Some(Access::Member(member)) = access
        && allowed(FOR).includes(member.role)
        && !member.must_enrol
    {
        let place = places::IN.take(Whose::Tenant(member.ctx.tenant()));
        let _place = place.ok_or_else(|| Refusal::busy("many files are coming in: try again in a minute"))?;
        let part = next(&mut parts, &name).await?;
        parameters.file = Some(put_down(part, app, began).await?);
        let more = tokio::time::timeout(SILENCE, parts.next()).await;
        if more.map_err(|_| Refusal::too_slow())?.is_some() {
            return Err(Refusal::bad_request(
                "send one file a request, as the last of its parts",
            ));
        }
    }
    Ok(parameters)
}

/// Puts a token into the variable that the map names, and gives the name of the part with the file.
fn put_token(operations: &mut Value, map: &BTreeMap<String, Vec<String>>) -> Result<String, Refusal> {
    let mut entries = map.iter();
    let (Some((name, paths)), None) = (entries.next(), entries.next()) else {
        return Err(Refusal::bad_request(
            "`map` has to name one file: send one a request",
        ));
    };
    let [path] = paths.as_slice() else {
        return Err(Refusal::bad_request(
            "a file is for one variable: name one path for it in `map`",
        ));
    };
    let is_plain = path.starts_with("variables.") && !path.contains(['/', '~']);
    let place = operations
        .pointer_mut(&format!("/{}", path.replace('.', "/")))
        .filter(|_| is_plain);
    if let Some(place @ Value::Null) = place {
        *place = json!(TOKEN);
        return Ok(name.clone());
    }
    let message = format!(
        "`map` names {path:?}: that has to be a variable of `operations` that is there and null, such as \
         variables.input.file"
    );
    Err(Refusal::bad_request(message))
}

/// The next part, which has to have this name.
async fn next(parts: &mut Multipart, name: &str) -> Result<Field, Refusal> {
    let next = tokio::time::timeout(SILENCE, parts.next()).await;
    match next.map_err(|_| Refusal::too_slow())? {
        Some(Ok(part)) if part.name() == Some(name) => Ok(part),
        Some(Err(_)) => Err(broken_off()),
        _ => Err(Refusal::bad_request(format!(
            "the part {name:?} has to come next: first `operations`, then `map`, then the file"
        ))),
    }
}

fn broken_off() -> Refusal {
    Refusal::bad_request("the body broke off, or is no multipart/form-data: nothing was done")
}

/// A short part.
async fn whole(parts: &mut Multipart, name: &str, most: usize) -> Result<Vec<u8>, Refusal> {
    let mut part = next(parts, name).await?;
    let mut whole = Vec::new();
    while let Some(octets) = some_of(&mut part).await? {
        if whole.len() + octets.len() > most {
            return Err(Refusal::too_large(most));
        }
        whole.extend_from_slice(&octets);
    }
    Ok(whole)
}

async fn some_of(part: &mut Field) -> Result<Option<Bytes>, Refusal> {
    let next = tokio::time::timeout(SILENCE, part.next()).await;
    let next = next.map_err(|_| Refusal::too_slow())?;
    next.transpose().map_err(|_| broken_off())
}

/// Puts a file down, and gives it from its beginning.
async fn put_down(mut part: Field, app: &App, began: Instant) -> Result<File, Refusal> {
    let dir = app.uploads.dir.clone();
    let mut file = on_disk(move || tempfile::tempfile_in(dir)).await?;
    let (mut waiting, mut octets) = (Vec::with_capacity(WRITTEN_AT_ONCE), 0);
    let mut pace = Pace::new(app.uploads.least_pace);
    loop {
        let next = pace.next(part.next()).await;
        let next = next.map_err(|TooSlow| Refusal::too_slow())?;
        let Some(some) = next.transpose().map_err(|_| broken_off())? else {
            break;
        };
        octets += some.len() as u64;
        if octets > app.uploads.file_octets {
            return Err(Refusal::too_large(app.uploads.file_octets));
        }
        if began.elapsed() > LONGEST {
            return Err(Refusal::too_slow());
        }
        waiting.extend_from_slice(&some);
        if waiting.len() >= WRITTEN_AT_ONCE {
            (file, waiting) = written(file, waiting).await?;
        }
    }
    (file, _) = written(file, waiting).await?;
    on_disk(move || {
        file.seek(SeekFrom::Start(0))?;
        Ok(file)
    })
    .await
}

async fn written(mut file: File, mut octets: Vec<u8>) -> Result<(File, Vec<u8>), Refusal> {
    on_disk(move || {
        file.write_all(&octets)?;
        octets.clear();
        Ok((file, octets))
    })
    .await
}

async fn on_disk<T: Send + 'static>(
    act: impl FnOnce() -> std::io::Result<T> + Send + 'static,
) -> Result<T, Refusal> {
    let went = block(act).await;
    went.ok()
        .and_then(|went| {
            let failed = |error: &std::io::Error| tracing::error!(%error, "an upload could not be put down");
            went.inspect_err(failed).ok()
        })
        .ok_or_else(|| Refusal::busy("the file could not be put down on this server: try again later"))
}
