//! Sending domains under test.

use std::collections::BTreeSet;

use assent_domain::dkim::DkimAlgorithm;
use assent_domain::id::{SendingDomainId, TransportId};
use assent_domain::sending_domain::{SendingDomainName, Surroundings};
use assent_domain::sending_limit::Limits;
use assent_domain::site::HostName;
use assent_domain::transport::{Encryption, Relay};
use assent_entity::sending_domain::{self, NewKeys, SendingDomain};
use assent_entity::transport;
use assent_worker::settings::SenderSettings;

use crate::dns::NameServer;
use crate::house::House;

/// A mail server that anybody may use, in the clear.
pub fn relay(name: &str, host: &str, port: u16) -> Relay {
    Relay {
        name: name.to_owned(),
        host: HostName::parse(host).expect("a host"),
        port,
        encryption: Encryption::None,
        user: None,
        sending_domain: None,
        rank: 1,
        weight: 1,
        connections: None,
        limits: Limits::default(),
        is_enabled: true,
    }
}

impl House<'_> {
    /// Adds a mail server of the tenant's own.
    pub async fn transport(&self, relay: Relay) -> TransportId {
        let mut tx = self.write().await;
        let id = transport::create(&mut tx, relay, None)
            .await
            .expect("a transport");
        tx.commit().await.expect("a transport");
        id
    }

    /// Adds a sending domain, with a key of each kind.
    pub async fn sending_domain(&self, name: &str) -> SendingDomainId {
        self.sending_domain_with(name, &[DkimAlgorithm::Rsa2048, DkimAlgorithm::Ed25519])
            .await
    }

    /// Adds a sending domain.
    pub async fn sending_domain_with(&self, name: &str, algorithms: &[DkimAlgorithm]) -> SendingDomainId {
        let name = SendingDomainName::parse(name).expect("a name");
        let algorithms: BTreeSet<_> = algorithms.iter().copied().collect();
        let keys = NewKeys::generate(algorithms).await.expect("keys");
        let mut tx = self.write().await;
        let id = sending_domain::create(&mut tx, &name, keys)
            .await
            .expect("a domain");
        tx.commit().await.expect("a domain");
        id
    }

    /// A sending domain as it is now.
    pub async fn sender(&self, id: SendingDomainId) -> SendingDomain {
        let tx = self.read().await;
        sending_domain::by_id(&tx, id).await.expect("a domain")
    }

    /// Looks for the records of a sending domain.
    pub async fn check(&self, id: SendingDomainId, settings: &SenderSettings) -> SendingDomain {
        assent_worker::sending_domain::check(&self.db.store, self.ctx, id, settings)
            .await
            .expect("a check");
        self.sender(id).await
    }

    /// Adds a sending domain whose records are published and seen.
    pub async fn verified_domain(
        &self,
        name: &str,
        dns: &NameServer,
        around: &Surroundings,
    ) -> SendingDomain {
        let id = self.sending_domain(name).await;
        dns.publish(&self.sender(id).await.records(around));
        let settings = SenderSettings {
            around: around.clone(),
            ..dns.settings()
        };
        self.check(id, &settings).await
    }
}
