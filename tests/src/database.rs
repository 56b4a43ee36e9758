//! A database a test: a file in a temporary directory, or a PostgreSQL database that is dropped afterwards.

use std::sync::Arc;
use std::time::Duration;

use assent_domain::keys::Keys;
use assent_entity::{OpenError, Store, StoreSettings};
use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection};
use tempfile::TempDir;
use uuid::Uuid;

use crate::clock::TestClock;

/// Which database a test runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backend {
    /// The embedded default.
    Sqlite,
    /// The production store.
    Postgres,
}

/// The variable that names the PostgreSQL of the tests.
pub const POSTGRES_URL: &str = "ASSENT_TEST_POSTGRES_URL";

const NO_POSTGRES: &str = "ASSENT_TEST_POSTGRES_URL is not set. Run ./tests/run, which starts a PostgreSQL, or \
     give the address of one with a role that may create databases and that row-level security binds, like \
     postgres://assent@localhost/postgres";

/// An operator's secret, for tests only.
pub const SECRET: &str = "a secret for the tests, of 32 and more octets";

/// A migrated store, its clock, and the way around it.
#[derive(Debug)]
pub struct TestStore {
    /// The store under test.
    pub store: Store,
    /// Its clock.
    pub clock: Arc<TestClock>,
    /// Which database it is on.
    pub backend: Backend,
    /// The address of the database.
    pub url: String,
    /// A connection of its own, past every door: see [`crate::sql`].
    pub(crate) raw: DatabaseConnection,
    place: Place,
}

#[derive(Debug)]
enum Place {
    File(TempDir),
    Server {
        admin: String,
        name: String,
        dir: TempDir,
    },
}

impl TestStore {
    /// A fresh database, migrated.
    pub async fn new(backend: Backend) -> Self {
        let (place, url) = match backend {
            Backend::Sqlite => {
                let dir = tempfile::tempdir().expect("a temporary directory");
                let url = format!("sqlite://{}", dir.path().join("assent.db").display());
                (Place::File(dir), url)
            }
            Backend::Postgres => create_on_server().await,
        };
        let clock = Arc::new(TestClock::default());
        let store = open(&url, Arc::clone(&clock)).await;
        store.migrate().await.expect("the migrations run");
        Self {
            raw: connect(&url).await,
            store,
            clock,
            backend,
            url,
            place,
        }
    }

    /// The same database opened once more, as another process would, with the same clock.
    pub async fn open_again(&self) -> Store {
        open(&self.url, Arc::clone(&self.clock)).await
    }

    /// Lets go of the database, so that another process may put another in its place.
    pub async fn let_go(&self) {
        self.store.close().await;
        self.raw.close_by_ref().await.ok();
    }

    /// Opens it again.
    pub async fn come_back(&mut self) {
        self.store = self.open_again().await;
        self.raw = connect(&self.url).await;
    }

    /// A directory for what a process keeps beside the database.
    pub fn data_dir(&self) -> &std::path::Path {
        match &self.place {
            Place::File(dir) | Place::Server { dir, .. } => dir.path(),
        }
    }

    /// Takes the database away.
    pub async fn remove(self) {
        self.raw.close().await.ok();
        drop(self.store);
        match self.place {
            Place::File(dir) => drop(dir),
            Place::Server { admin, name, dir: _ } => {
                let admin = connect(&admin).await;
                let drop = format!("DROP DATABASE \"{name}\" WITH (FORCE)");
                // An ordinary role may not end an autovacuum that is under way there: it is soon over.
                let mut tries = 0;
                while let Err(error) = admin.execute_unprepared(&drop).await {
                    tries += 1;
                    assert!(tries < 100, "the database stays: {error}");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            }
        }
    }
}

async fn open(url: &str, clock: Arc<TestClock>) -> Store {
    try_open(url, clock, false).await.expect("the store opens")
}

/// Opens a store as a process would at its start.
pub async fn try_open(url: &str, clock: Arc<TestClock>, allow_rls_bypass: bool) -> Result<Store, OpenError> {
    let settings = StoreSettings {
        url: url.to_owned(),
        max_connections: 4,
        allow_rls_bypass,
    };
    let keys = Keys::new(SECRET.to_owned().into()).expect("the secret is long enough");
    Store::open(&settings, keys, clock).await
}

/// One raw connection, so that what is set for a session stays set.
pub async fn connect(url: &str) -> DatabaseConnection {
    let mut options = ConnectOptions::new(url);
    options.max_connections(1).sqlx_logging(false);
    Database::connect(options).await.expect("the database answers")
}

async fn create_on_server() -> (Place, String) {
    #[expect(
        clippy::disallowed_methods,
        reason = "where the tests' own PostgreSQL is, is no setting of the product"
    )]
    let admin = std::env::var(POSTGRES_URL).unwrap_or_else(|_| panic!("{NO_POSTGRES}"));
    let name = format!("assent_test_{}", Uuid::from_u128(rand::random()).simple());
    let create = format!("CREATE DATABASE \"{name}\"");
    let server = connect(&admin).await;
    server
        .execute_unprepared(&create)
        .await
        .expect("the role of ASSENT_TEST_POSTGRES_URL may create databases");
    server.close().await.ok();
    let url = with_database(&admin, &name);
    let dir = tempfile::tempdir().expect("a temporary directory");
    (Place::Server { admin, name, dir }, url)
}

/// The address of another database of the same server.
fn with_database(url: &str, name: &str) -> String {
    let (address, options) = url.split_once('?').unwrap_or((url, ""));
    let (server, _) = address.rsplit_once('/').expect("the address names a database");
    format!("{server}/{name}?{options}")
}
