//! The `assent` command.

use std::process::ExitCode;

use mimalloc::MiMalloc;

/// An answer is made of thousands of small values, on several threads at once: for these the C library's allocator comes to
/// hold more than twice as much memory. Without huge pages, of which it would touch a little each (`no_thp`).
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

#[tokio::main]
async fn main() -> ExitCode {
    assent_api::cli::run().await
}
