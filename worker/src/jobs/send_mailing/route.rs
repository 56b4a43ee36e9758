//! The way that a slice's mail takes: through a server of the tenant's own, or through the operator's where it has none.

use assent_domain::id::TransportId;
use assent_entity::transport::{self, Way};
use assent_entity::{StoreError, TenantTx};

use crate::jobs::JobError;
use crate::run::World;
use crate::settings::Transport;

pub(super) struct Route {
    /// What messages are handed to.
    pub(super) transport: Transport,
    /// The server of the tenant's own that this is, if it is one.
    pub(super) way: Option<Way>,
}

impl Route {
    pub(super) async fn choose<M>(world: &World, tx: &TenantTx<M>) -> Result<Self, JobError> {
        let way = transport::way(tx).await.map_err(|error| match error {
            // What passes: the operator gives the secret that the password was sealed under.
            StoreError::Corrupt(problem) => JobError::Retry(problem),
            error => error.into(),
        })?;
        let transport = match &way {
            None => world.settings.transport.clone(),
            Some(way) => {
                let settings = world.settings.relays.smtp(&way.relay, way.login.as_ref());
                Transport::Smtp(settings)
            }
        };
        Ok(Self { transport, way })
    }

    /// The server of the tenant's own that it leads through, if it does.
    pub(super) fn own(&self) -> Option<TransportId> {
        self.way.as_ref().map(|way| way.transport)
    }

    /// Under what name it is noted how the server does.
    pub(super) fn circuit(&self) -> String {
        self.way
            .as_ref()
            .map_or_else(|| self.transport.name(), Way::circuit)
    }
}
