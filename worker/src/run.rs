//! Starting and stopping the workers of a process.

use std::sync::Arc;

use assent_domain::id::{WorkerId, new_id};
use assent_entity::Store;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::chores::Chores;
use crate::queue::{Queue, QueueError, Wakes};
use crate::relay;
use crate::settings::WorkerSettings;
use crate::webhook::{Messenger, Runners};

/// What every job can reach.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) store: Store,
    pub(crate) settings: WorkerSettings,
    /// Set when the process stops: slices end early, what is in flight is finished.
    pub(crate) stopping: CancellationToken,
    /// The jobs under way.
    pub(crate) under_way: TaskTracker,
    /// What tells endpoints of tenants what happens.
    pub(crate) messenger: Messenger,
    /// Which endpoints are being told.
    pub(crate) runners: Runners,
}

/// Why the workers cannot start.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct StartError(#[from] QueueError);

/// The running workers of this process.
#[derive(Debug)]
pub struct Workers {
    world: Arc<World>,
    stop: CancellationToken,
    relay: JoinHandle<()>,
    chores: JoinHandle<()>,
    queue: JoinHandle<Result<(), QueueError>>,
}

impl Workers {
    /// Starts the relay and the queue's worker.
    pub async fn start(store: Store, settings: WorkerSettings) -> Result<Self, StartError> {
        let queue = Queue::open(&settings.queue).await?;
        let name: WorkerId = new_id(store.now());
        let (stop, wake) = (CancellationToken::new(), Arc::new(Wakes::default()));
        let messenger = Messenger::new(&settings);
        let world = Arc::new(World {
            store: store.clone(),
            settings,
            stopping: CancellationToken::new(),
            under_way: TaskTracker::new(),
            messenger,
            runners: Runners::default(),
        });
        let chores = Chores::new(store.clone(), queue.clone(), &world.settings);
        let chores = tokio::spawn(chores.run(stop.clone()));
        let relay = tokio::spawn(relay::run(
            store,
            queue.clone(),
            Arc::clone(&wake),
            stop.clone(),
            world.settings.mailings_at_once,
        ));
        let (of_queue, queue_stop) = (Arc::clone(&world), stop.clone());
        let queue = tokio::spawn(async move { queue.work(of_queue, name, &wake, queue_stop).await });
        Ok(Self {
            world,
            stop,
            relay,
            chores,
            queue,
        })
    }

    /// Resolves if the queue's worker stops by itself, which it should not.
    pub async fn failed(&mut self) -> String {
        match (&mut self.queue).await {
            Ok(Ok(())) => "the queue's worker ended".to_owned(),
            Ok(Err(error)) => error.to_string(),
            Err(error) => error.to_string(),
        }
    }

    /// Lets what is in flight finish.
    pub async fn let_finish(&self) {
        self.world.stopping.cancel();
        self.world.under_way.close();
        self.world.under_way.wait().await;
    }

    /// Lets what is in flight finish, and stops.
    pub async fn stop(self) {
        self.let_finish().await;
        self.stop.cancel();
        let _ = tokio::join!(self.relay, self.chores, self.queue);
    }
}
