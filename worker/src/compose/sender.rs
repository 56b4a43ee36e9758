//! Who a mailing comes from: the address, the return paths, and the signatures.

use assent_domain::id::DeliveryId;
use assent_domain::return_path::ReturnPaths;
use assent_domain::sending_domain::{Alignment, SendingDomainName};
use assent_domain::site::HostName;
use assent_entity::mailing::Mailing;
use assent_entity::sending_domain::{Signing, signing};
use assent_entity::tenant::Tenant;
use assent_entity::{Read, TenantTx};

use crate::jobs::JobError;
use crate::run::World;
use crate::sign::{Fields, SignError, Signer};

pub(super) struct Sender {
    /// The address in the header, and the return path where deliveries have none of their own.
    address: String,
    return_paths: Option<ReturnPaths>,
    /// Whether providers are told where complaints go.
    takes_complaints: bool,
    signer: Option<Signer>,
}

impl Sender {
    /// Reads who a mailing comes from, with the keys that sign it.
    pub(super) async fn load(
        world: &World,
        tx: &TenantTx<Read>,
        tenant: &Tenant,
        mailing: &Mailing,
    ) -> Result<Self, JobError> {
        let from = tenant.sender_address.domain();
        let signing = signing(tx, from).await?;
        let comes_back_to = world.settings.bounce_domain.as_ref();
        let comes_back_to = comes_back_to.map(|ours| return_path_domain(ours, signing.as_ref()));
        let takes_complaints = mailing.campaign.is_some()
            && signing.as_ref().is_some_and(|signing| {
                let is_near = |domain: &HostName| is_for_complaints(domain, &signing.domain, from);
                comes_back_to.as_ref().is_some_and(is_near)
            });
        let fields = Fields {
            of_lists: mailing.campaign.is_some(),
            of_complaints: takes_complaints,
        };
        let signer = signing.map(|signing| Signer::new(&signing, fields)).transpose();
        Ok(Self {
            address: tenant.sender_address.expose(),
            return_paths: comes_back_to.map(|domain| ReturnPaths::new(world.store.keys(), domain)),
            takes_complaints,
            // What passes: the operator gives the secret that the key was sealed under.
            signer: signer.map_err(|error| JobError::Retry(error.to_string()))?,
        })
    }

    pub(super) fn address(&self) -> &str {
        &self.address
    }

    /// The return path of a message: an address of its own, where what comes back is read here.
    pub(super) fn envelope_from(&self, delivery: DeliveryId) -> String {
        let own = self.return_paths.as_ref().map(|paths| paths.of(delivery));
        own.unwrap_or_else(|| self.address.clone())
    }

    /// Where a provider tells of complaints about a message (RFC 9477). People complain about campaigns; what they must
    /// be told is not for complaining.
    pub(super) fn complaints_to(&self, delivery: DeliveryId) -> Option<String> {
        let paths = self.return_paths.as_ref().filter(|_| self.takes_complaints)?;
        Some(paths.of(delivery))
    }

    /// The message as it goes out.
    pub(super) fn sign(&self, message: Vec<u8>) -> Result<Vec<u8>, SignError> {
        match &self.signer {
            Some(signer) => signer.sign(&message),
            None => Ok(message),
        }
    }
}

fn return_path_domain(ours: &HostName, signing: Option<&Signing>) -> HostName {
    match signing {
        Some(signing) => signing.domain.return_path_domain(ours, signing.is_delegated),
        None => ours.clone(),
    }
}

/// Whether providers heed an address for complaints in `domain`: it has to be the sender's domain or within it, and that
/// very domain has to sign (RFC 9477, 3.1).
fn is_for_complaints(domain: &HostName, signer: &SendingDomainName, from: &str) -> bool {
    signer.signs_for(from, Alignment::Strict) && domain.is_within(signer.as_str())
}
