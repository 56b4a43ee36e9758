//! `/`: what this server is, for whoever opens its address in a browser.

use askama::Template;

use super::tongue::Tongue;

/// The front page of the server.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/home.html", whitespace = "minimize")]
pub struct HomePage {
    /// The language.
    pub tongue: Tongue,
    /// The server's version.
    pub version: String,
    /// Whether there is no tenant yet, so that setting up comes first.
    pub needs_setup: bool,
    /// Whether `GET /graphql` shows GraphiQL.
    pub graphiql: bool,
    /// Whether mail is kept in the built-in mailbox in place of being sent.
    pub mailbox: bool,
    /// The tenants of the demonstration; empty on a real server, which names none.
    pub demo_tenants: Vec<TenantLink>,
}

/// A tenant of the demonstration.
#[derive(Debug, Clone)]
pub struct TenantLink {
    /// Its name.
    pub name: String,
    /// Its part of public addresses.
    pub slug: String,
    /// Its published forms.
    pub join: Vec<JoinLink>,
}

/// A published form.
#[derive(Debug, Clone)]
pub struct JoinLink {
    /// The collection point's public name.
    pub title: String,
    /// Its address.
    pub path: String,
}
