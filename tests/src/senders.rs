//! Sending domains under test.

use std::collections::BTreeSet;

use assent_domain::dkim::DkimAlgorithm;
use assent_domain::id::SendingDomainId;
use assent_domain::sending_domain::{SendingDomainName, Surroundings};
use assent_entity::sending_domain::{self, NewKeys, SendingDomain};
use assent_worker::settings::SenderSettings;

use crate::dns::NameServer;
use crate::house::House;

impl House<'_> {
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
