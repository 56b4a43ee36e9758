//! The faces: GraphQL and the hosted pages, and the server that carries both.

pub mod app;
pub mod graphql;
pub mod pages;
pub mod server;
pub mod setup;
