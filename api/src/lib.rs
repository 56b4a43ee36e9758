//! The faces: GraphQL and the hosted pages, the server that carries both, and the `assent` command line.

// Every group of mutations adds to the depth of the type that answers for all of them.
#![recursion_limit = "256"]

pub mod app;
pub mod auth;
pub mod bounces;
mod browser;
pub mod cli;
mod csv_cell;
mod exports;
pub mod failed_sign_ins;
mod forgotten_password;
pub mod graphql;
mod imports;
pub mod limits;
pub mod listener;
mod pace;
pub mod pages;
mod patience;
mod places;
pub mod server;
pub mod settings;
pub mod setup;
pub mod uploads;
pub mod visitor_address;
pub mod visits;
pub mod webhooks;
