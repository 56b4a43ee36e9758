//! The harness of the proofs: a database a test, a clock that tests set, tenants with something in them, and
//! raw SQL for what no function of ours would do.
//!
//! What is tested lives in `tests/it`, a file a noun. `on_both!` makes one test a database of a body.
#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::missing_panics_doc,
    reason = "a harness says what went wrong by panicking"
)]

pub mod certificate;
pub mod clock;
pub mod crowd;
pub mod database;
pub mod dns;
pub mod dump;
pub mod hook;
pub mod house;
pub mod http;
pub mod imports;
pub mod kill;
pub mod mail_client;
pub mod partners;
pub mod people;
pub mod postfix;
pub mod process;
pub mod receiver;
pub mod senders;
pub mod sending;
pub mod sink;
pub mod sql;
pub mod visitor;
pub mod watcher;

use std::panic::{AssertUnwindSafe, resume_unwind};

use futures::FutureExt;

pub use clock::TestClock;
pub use database::{Backend, TestStore};
pub use house::House;

/// Runs a body on a fresh database, which is taken away again whatever the body does. What the product warns of is told
/// where the test fails.
pub fn run(backend: Backend, body: impl AsyncFnOnce(&TestStore)) {
    // Where it is there already, another test of this process has asked for it.
    let _ = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::WARN)
        .with_test_writer()
        .try_init();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let db = TestStore::new(backend).await;
        let ended = AssertUnwindSafe(body(&db)).catch_unwind().await;
        db.remove().await;
        if let Err(panic) = ended {
            resume_unwind(panic);
        }
    });
}

/// `on_both!(name, async |db| { ... })`: the tests `name::sqlite` and `name::postgres`.
#[macro_export]
macro_rules! on_both {
    ($name:ident, $body:expr $(,)?) => {
        mod $name {
            use super::*;

            #[test]
            fn sqlite() {
                $crate::run($crate::Backend::Sqlite, $body);
            }

            #[test]
            fn postgres() {
                $crate::run($crate::Backend::Postgres, $body);
            }
        }
    };
}
