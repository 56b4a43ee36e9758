//! Hosted pages: what a subscriber, a visitor or whoever sets the server up sees in a browser. A handler parses,
//! opens the tenant's tables, calls one function of `entity`, commits, and fills a view.
//!
//! GET and HEAD change nothing, whoever asks: mail scanners follow links. One page counts its readers, see [`follow`], and one
//! takes in what an identity provider says, see [`sign_in::back`].
//! Nothing here reads or sets a cookie, but for signing in. In which language a page is, [`reader`] says.

use actix_web::web::{self, ServiceConfig};
use actix_web::{FromRequest, Handler, Resource, Responder};

mod address;
mod assets;
mod choices;
mod confirm;
mod copy_archive;
mod copy_tables;
mod error;
mod flaw;
mod follow;
mod form_json;
mod health;
mod home;
mod invitation;
mod join;
mod join_form;
mod keys;
mod leaving;
mod mailbox;
mod parties;
mod password_forgotten;
mod password_reset;
mod policy;
mod policy_comparison;
mod policy_text;
mod policy_words;
mod posted;
mod preferences;
mod privacy;
mod privacy_form;
mod privacy_link;
mod privacy_words;
mod reader;
mod receipt;
mod renew;
mod respond;
mod said;
mod setup;
mod sharing;
mod shown;
mod sign_in;
mod snippet;
mod take;
mod tenant;
mod terms;
mod token_keys;
mod unsubscribe;
pub mod views;

use error::PageError;
pub(crate) use error::in_language;
pub(crate) use snippet::snippet;

/// Puts the routes of the hosted pages in place, and the answer to every address that nobody has.
pub fn configure(config: &mut ServiceConfig) {
    config
        .app_data(web::PathConfig::default().error_handler(|_, _| PageError::not_found().into()))
        .service(read("/", home::show))
        .service(read_and_send("/setup", setup::show_asking, setup::send_asking))
        .service(read_and_send("/setup/{code}", setup::show, setup::send))
        .service(read("/t/{tenant}/style.css", assets::tenant_style))
        .service(read("/t/{tenant}/keys.json", keys::show))
        .service(read("/.well-known/jwks.json", token_keys::show))
        .service(read("/t/{tenant}/policy", policy::show))
        .service(read("/t/{tenant}/policy/{number}", policy::show_version))
        .service(read(
            "/t/{tenant}/policy/{from}/compare/{to}",
            policy_comparison::show,
        ))
        .service(read_and_send("/t/{tenant}/join/{point}", join::show, join::send))
        .service(form_json::resource())
        .service(read_and_send("/t/{tenant}/sign-in", sign_in::show, sign_in::send))
        .service(
            web::resource("/t/{tenant}/sign-in/callback")
                .route(web::get().to(sign_in::back::show))
                .default_service(web::to(|| async { PageError::method_not_allowed("GET") })),
        )
        .service(read_and_send(
            "/t/{tenant}/sign-in/code",
            sign_in::code::show,
            sign_in::code::send,
        ))
        .service(read("/t/{tenant}/sign-in/done", sign_in::done))
        .service(read_and_send(
            "/t/{tenant}/reset",
            password_forgotten::show,
            password_forgotten::send,
        ))
        .service(read("/l/{token}", follow::show))
        .service(read_and_send("/confirm/{token}", confirm::show, confirm::send))
        .service(read_and_send(
            "/invitation/{token}",
            invitation::show,
            invitation::send,
        ))
        .service(read_and_send(
            "/reset/{token}",
            password_reset::show,
            password_reset::send,
        ))
        .service(read_and_send("/choices/{token}", choices::show, choices::send))
        .service(read_and_send("/sharing/{token}", sharing::show, sharing::send))
        .service(read_and_send(
            "/unsubscribe/{token}",
            unsubscribe::show,
            unsubscribe::send,
        ))
        .service(read_and_send(
            "/preferences/{token}",
            preferences::show,
            preferences::send,
        ))
        .service(read_and_send("/privacy/{token}", privacy::show, privacy::send))
        .service(read_and_send(
            "/t/{tenant}/privacy",
            privacy_form::show,
            privacy_form::send,
        ))
        .service(read_and_send(
            "/privacy/{token}/address",
            address::show_asking,
            address::send_asking,
        ))
        .service(read_and_send(
            "/preferences/{token}/privacy",
            privacy_link::show,
            privacy_link::send,
        ))
        .service(read_and_send("/address/{token}", address::show, address::send))
        .service(read_and_send("/renew/{token}", renew::show, renew::send))
        .service(read("/receipt/{token}", receipt::show))
        .service(read("/receipt/{token}/jws", receipt::file))
        .service(read("/dev/mailbox", mailbox::list))
        .service(read("/dev/mailbox/{id}", mailbox::show))
        .service(read("/dev/mailbox/{id}/html", mailbox::html))
        .service(read("/dev/mailbox/{id}/raw", mailbox::raw))
        .service(read("/assets/pages.css", assets::pages_css))
        .service(read("/assets/icon.svg", assets::icon))
        .service(read("/healthz", health::alive))
        .service(read("/readyz", health::ready))
        .default_service(web::to(|| async { PageError::not_found() }));
}

/// An address to read.
fn read<F, Args>(path: &str, show: F) -> Resource
where
    F: Handler<Args>,
    Args: FromRequest + 'static,
    F::Output: Responder + 'static,
{
    shown(path, show).default_service(web::to(|| async { PageError::method_not_allowed("GET, HEAD") }))
}

/// An address to read and to send a form to.
fn read_and_send<F, G, Read, Sent>(path: &str, show: F, send: G) -> Resource
where
    F: Handler<Read>,
    Read: FromRequest + 'static,
    F::Output: Responder + 'static,
    G: Handler<Sent>,
    Sent: FromRequest + 'static,
    G::Output: Responder + 'static,
{
    shown(path, show)
        .route(web::post().to(send))
        .default_service(web::to(|| async {
            PageError::method_not_allowed("GET, HEAD, POST")
        }))
}

fn shown<F, Args>(path: &str, show: F) -> Resource
where
    F: Handler<Args>,
    Args: FromRequest + 'static,
    F::Output: Responder + 'static,
{
    web::resource(path)
        .route(web::get().to(show.clone()))
        .route(web::head().to(show))
}
