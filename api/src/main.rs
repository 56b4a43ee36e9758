//! The `assent` command.

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    assent_api::cli::run().await
}
