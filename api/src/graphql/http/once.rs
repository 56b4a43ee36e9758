//! Changes that are made once however often they are asked for: a client that does not know whether its request arrived
//! sends it again with the same `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header), and gets the same answer.

use actix_web::HttpRequest;
use assent_entity::access::Access;
use assent_entity::keyed_change::{Earlier, Wish};
use async_graphql::{Response, ServerError};
use secrecy::ExposeSecret;

use super::answer::Refusal;
use super::multipart;
use super::parameters::Parameters;
use crate::app::App;
use crate::graphql::access::Asked;
use crate::graphql::error::{ApiError, ErrorCode};

/// The header that holds the key.
const HEADER: &str = "idempotency-key";

/// The header of an answer that was given before.
const REPLAYED: &str = "idempotent-replayed";

/// Changes whose answer shows a secret this once, or leads to what only who asks may get: it is not kept.
const SHOWING_SECRETS: &[&str] = &[
    "beginSecondFactor",
    "confirmSecondFactor",
    "createApiToken",
    "createWebhookEndpoint",
    "exportSubscribers",
    "prepareImport",
    "rotateApiToken",
    "rotateWebhookSecret",
];

/// The key of a request: a string in quotation marks (RFC 8941, 3.3.3), or as it is.
pub(super) fn key_of(request: &HttpRequest) -> Result<Option<String>, Refusal> {
    let mut values = request.headers().get_all(HEADER);
    let key = match (values.next(), values.next()) {
        (None, _) => return Ok(None),
        (Some(key), None) => key.to_str().ok(),
        (Some(_), Some(_)) => None,
    };
    let bare = |key: &str| {
        let quoted = key.strip_prefix('"').and_then(|key| key.strip_suffix('"'));
        quoted.unwrap_or(key).to_owned()
    };
    let key = key.map(bare).filter(|key| !key.contains(['"', '\\']));
    key.map(Some).ok_or_else(|| {
        Refusal::bad_request(
            "`Idempotency-Key` is one header of visible characters, such as a UUID, in quotation marks or without",
        )
    })
}

/// What is to be done once.
pub(super) fn wish(
    app: &App,
    access: &Access,
    key: &str,
    parameters: &Parameters,
    asked: &Asked,
) -> Result<Wish, ApiError> {
    if asked.fields().iter().any(|field| field == multipart::FOR) {
        let message = "an import has an `idempotencyKey` in its input: leave the header out";
        return Err(ApiError::new(ErrorCode::BadUserInput, message));
    }
    if asked.fields().len() != 1 {
        let message = "a request with an `Idempotency-Key` makes one change: send one for each";
        return Err(ApiError::new(ErrorCode::BadUserInput, message));
    }
    let rights = match access {
        Access::Member(member) => format!("{:?} {}", member.role, member.must_enrol),
        Access::Token(_, token) => format!("{:?} {:?}", token.scopes, token.party),
    };
    let request = serde_json::to_vec(&(
        rights,
        &parameters.query,
        &parameters.operation_name,
        &parameters.variables,
    ));
    let request = request.map_err(ApiError::internal)?;
    Ok(Wish::new(&app.store, access.ctx(), key, &request)?)
}

/// The answer to the same wish, if it was fulfilled before.
pub(super) async fn again(app: &App, wish: &Wish) -> Result<Option<Response>, ServerError> {
    let made = || {
        let message = "this was done by an earlier request with this `Idempotency-Key`, whose answer is not kept: it was cut off, \
                       long, or showed a secret or who people are. Ask for what you need by a query";
        ApiError::new(ErrorCode::AlreadyDone, message)
    };
    let Some(earlier) = wish.earlier(&app.store).await.map_err(ApiError::from)? else {
        return Ok(None);
    };
    let mut response = match earlier {
        Earlier::Answered(answer) => {
            serde_json::from_slice(answer.expose_secret()).map_err(ApiError::internal)?
        }
        Earlier::Made => Response::from_errors(vec![made().into()]),
    };
    if let Ok(value) = "true".parse() {
        response.http_headers.insert(REPLAYED, value);
    }
    Ok(Some(response))
}

/// Keeps what was answered. That it could not be kept is no reason not to give it: the change is made, and will not be
/// made again.
pub(super) async fn keep(app: &App, wish: &Wish, asked: &Asked, response: &Response) {
    let shows_secrets = asked
        .fields()
        .iter()
        .any(|field| SHOWING_SECRETS.contains(&field.as_str()));
    if shows_secrets {
        return;
    }
    let kept = match serde_json::to_vec(response) {
        Ok(answer) => wish
            .keep(&app.store, &answer)
            .await
            .map_err(|error| error.to_string()),
        Err(error) => Err(error.to_string()),
    };
    if let Err(error) = kept {
        tracing::warn!(error, "an answer could not be kept for who asks again");
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use actix_web::test::TestRequest;
    use async_graphql::parser::parse_schema;
    use async_graphql::parser::types::{BaseType, TypeKind, TypeSystemDefinition};

    use super::*;
    use crate::graphql::schema::sdl;

    #[test]
    fn a_key_is_one_header_in_quotation_marks_or_without() {
        let of = |values: &[&'static str]| {
            let request = values.iter().fold(TestRequest::post(), |request, value| {
                request.append_header((HEADER, *value))
            });
            key_of(&request.to_http_request()).ok()
        };
        assert_eq!(of(&[]), Some(None));
        assert_eq!(of(&["\"a-1\""]), Some(Some("a-1".to_owned())));
        assert_eq!(of(&["a-1"]), Some(Some("a-1".to_owned())));
        for bad in [&["a", "a"][..], &["\"a"], &["a\\b"], &["\u{e9}"]] {
            assert_eq!(of(bad), None, "{bad:?}");
        }
    }

    /// Fields by which a change shows a secret, or what leads to one.
    const SECRET: [&str; 6] = [
        "secret",
        "recoveryCodes",
        "accessToken",
        "refreshToken",
        "file",
        "upload",
    ];

    /// They make a session for whoever has none, so that no key counts.
    const OF_STRANGERS: [&str; 2] = ["refreshSession", "signIn"];

    #[test]
    fn whatever_shows_a_secret_is_not_kept() {
        let document = parse_schema(sdl()).unwrap();
        let fields_of = |name: &str| {
            let fields = document
                .definitions
                .iter()
                .find_map(|definition| match definition {
                    TypeSystemDefinition::Type(ty) if ty.node.name.node == name => match &ty.node.kind {
                        TypeKind::Object(object) => Some(&object.fields),
                        _ => None,
                    },
                    _ => None,
                });
            let fields = fields.into_iter().flatten().map(|field| {
                let BaseType::Named(of) = &field.node.ty.node.base else {
                    return (field.node.name.node.to_string(), String::new());
                };
                (field.node.name.node.to_string(), of.to_string())
            });
            fields.collect::<Vec<_>>()
        };
        let showing: BTreeSet<String> = fields_of("Mutation")
            .into_iter()
            .filter(|(_, payload)| {
                let fields = fields_of(payload);
                fields.iter().any(|(field, _)| SECRET.contains(&field.as_str()))
            })
            .map(|(name, _)| name)
            .filter(|name| !OF_STRANGERS.contains(&name.as_str()))
            .collect();
        let listed: BTreeSet<String> = SHOWING_SECRETS.iter().map(ToString::to_string).collect();
        assert_eq!(showing, listed);
    }
}
