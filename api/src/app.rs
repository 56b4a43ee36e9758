//! What every request can reach: the store, and how this server presents itself.

use assent_domain::tenant_life::GraceDays;
use assent_entity::Store;
use assent_worker::identity_provider::Web;
use assent_worker::mailbox::Mailbox;
use assent_worker::settings::{RelaySettings, SenderSettings, WebhookSettings};
use tokio_util::sync::CancellationToken;

use crate::failed_sign_ins::FailedSignIns;
use crate::graphql::documents::Documents;
use crate::limits::Limits;

/// Says that the server stops.
pub type Stopping = CancellationToken;

/// The server's world. Cheap to clone.
#[derive(Clone, Debug)]
pub struct App {
    /// The data.
    pub store: Store,
    /// The address under which the world sees this server, without a slash at the end.
    pub base_url: String,
    /// Whether cookies are for HTTPS only; so they are wherever `base_url` is HTTPS.
    pub secure_cookies: bool,
    /// Whether introspection and the `GraphiQL` page are offered.
    pub explorer: bool,
    /// The operations that are known beforehand.
    pub documents: Documents,
    /// Whether the home page lists the tenants, as the demo does.
    pub lists_tenants: bool,
    /// The mailbox that stands in for SMTP, if it does.
    pub mailbox: Option<Mailbox>,
    /// For how long a closed tenant is kept before it is deleted.
    pub tenant_grace: GraceDays,
    /// How often something may be asked.
    pub limits: Limits,
    /// The attempts to sign in that failed, until they are noted.
    pub failed_sign_ins: FailedSignIns,
    /// The code of the one-time address that creates the first tenant, while there is none.
    pub setup: crate::setup::SetupCode,
    /// Whether, and how, what comes back of mail is taken in.
    pub bounces: crate::bounces::Bounces,
    /// Which mail providers are listened to.
    pub webhooks: crate::webhooks::Webhooks,
    /// How the domains that mail comes from are looked at.
    pub sender: SenderSettings,
    /// How mail servers of tenants are reached.
    pub relays: RelaySettings,
    /// Where endpoints may be that are told what happens.
    pub endpoints: WebhookSettings,
    /// Asks identity providers.
    pub identity: Web,
    /// How large the files may be that come in, and where they are put down.
    pub uploads: crate::uploads::Uploads,
    /// What is noted of every request.
    pub visits: crate::visits::Visits,
    /// Tells what stays open for long that the server stops.
    pub stopping: Stopping,
}

impl App {
    /// Where members of the tenant with this name sign in by its identity provider.
    pub fn sign_in_address(&self, slug: &str) -> String {
        format!("{}/t/{slug}/sign-in", self.base_url)
    }

    /// Where that provider sends them back to.
    pub fn redirect_address(&self, slug: &str) -> String {
        format!("{}/t/{slug}/sign-in/callback", self.base_url)
    }
}
