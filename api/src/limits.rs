//! How often something may be asked: a form is no weapon, and a password is not guessed. All is counted in memory, under
//! keyed hashes that change daily, so that no address is kept (P02).

use std::time::Duration;

use actix_web::HttpRequest;
use assent_domain::address::EmailAddress;
use assent_domain::id::{MemberId, WebhookEndpointId};
use assent_entity::Store;
use assent_entity::access::Access;

mod network;
mod operations;
mod rate;

pub use network::Network;
pub use operations::{Allowance, Exhausted, Operations};
pub use rate::{Left, Rate, TooOften};

const TEN_MINUTES: Duration = Duration::from_mins(10);

/// How much wider than the limit of forms is that of noes: a no is heard, from whole offices too, and still nobody
/// silences a town.
const NOES_A_FORM: u32 = 10;

/// How often one network may try to sign in within ten minutes, for each form that it may send.
const SIGN_INS_A_FORM: u32 = 3;

/// How often anybody may try to sign in as one member within ten minutes. Beyond it the member waits as well, a minute
/// for each try (NIST SP 800-63B, 3.2.2, allows no more than 100 failures in a row).
const SIGN_INS_A_MEMBER: u32 = 10;

/// How often whoever is signed in as a member may try that member's secrets within ten minutes. It is counted apart from
/// what strangers try.
const OWN_SECRETS_A_MEMBER: u32 = 10;

/// How often one member may try out mail servers within ten minutes: each try connects to wherever they name.
const TRIES_A_MEMBER: u32 = 20;

/// How many invitations one member may send within ten minutes: they go to people who have not asked for them.
const INVITATIONS_A_MEMBER: u32 = 30;

/// What is counted. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Limits {
    forms: Rate,
    noes: Rate,
    sign_ins_from: Rate,
    sign_ins_as: Rate,
    operations: Operations,
    tries: Rate,
    own_secrets: Rate,
    account_links: Rate,
    invitations: Rate,
}

impl Limits {
    /// A network may send `forms` that cause mail at once, and as many again within ten minutes; none is no limit of
    /// networks, for a server that does not see where requests come from. All of a tenant may send `operations` within a
    /// minute; none is no limit.
    pub fn new(store: &Store, forms: u32, operations: u32) -> Self {
        let within = |times| Rate::new(store, times, TEN_MINUTES);
        Self {
            forms: within(forms),
            noes: within(forms.saturating_mul(NOES_A_FORM)),
            sign_ins_from: within(forms.saturating_mul(SIGN_INS_A_FORM)),
            sign_ins_as: within(SIGN_INS_A_MEMBER),
            operations: Operations::new(store, operations),
            tries: within(TRIES_A_MEMBER),
            own_secrets: within(OWN_SECRETS_A_MEMBER),
            account_links: within(forms.saturating_mul(SIGN_INS_A_FORM)),
            invitations: within(INVITATIONS_A_MEMBER),
        }
    }

    /// No limits, for tests that do in a moment what people do in a week.
    pub fn none(store: &Store) -> Self {
        let none = Rate::new(store, 0, TEN_MINUTES);
        Self {
            forms: none.clone(),
            noes: none.clone(),
            sign_ins_from: none.clone(),
            sign_ins_as: none.clone(),
            operations: Operations::none(store),
            tries: none.clone(),
            own_secrets: none.clone(),
            account_links: none.clone(),
            invitations: none,
        }
    }

    /// Counts a form that causes mail.
    pub fn form(&self, request: &HttpRequest) -> Result<(), TooOften> {
        self.forms.take(Network::of(request).octets())
    }

    /// Counts a no that anybody can say for anybody.
    pub fn no(&self, request: &HttpRequest) -> Result<(), TooOften> {
        self.noes.take(Network::of(request).octets())
    }

    /// Counts an attempt to sign in, whether or not there is such a member.
    pub fn sign_in(&self, from: &Network, tenant: &str, email: &str) -> Result<(), TooOften> {
        self.sign_ins_from.take(from.octets())?;
        let email =
            EmailAddress::parse(email).map_or_else(|_| email.to_owned(), |email| email.comparison_key());
        self.sign_ins_as.take(format!("{tenant}\n{email}").as_bytes())
    }

    /// Counts an attempt to sign in of which it is not known yet as whom.
    pub fn provider_sign_in(&self, from: &Network) -> Result<(), TooOften> {
        self.sign_ins_from.take(from.octets())
    }

    /// Counts a wish for a new password, or a use of a link to one or of an invitation.
    pub fn account_link(&self, from: &Network) -> Result<(), TooOften> {
        self.account_links.take(from.octets())
    }

    /// Counts an invitation that a member has sent.
    pub fn invitation(&self, by: MemberId) -> Result<(), TooOften> {
        self.invitations.take(by.uuid().as_bytes())
    }

    /// Counts a try of a member, who is signed in, of their own password or second factor.
    pub fn own_secret(&self, by: MemberId) -> Result<(), TooOften> {
        self.own_secrets.take(by.uuid().as_bytes())
    }

    /// Counts a try of a mail server.
    pub fn try_out(&self, by: MemberId) -> Result<(), TooOften> {
        self.tries.take(by.uuid().as_bytes())
    }

    /// Counts a try of an endpoint of webhooks.
    pub fn try_endpoint(&self, of: WebhookEndpointId) -> Result<(), TooOften> {
        self.tries.take(of.uuid().as_bytes())
    }

    /// Counts an operation, and says of which limit the least is left.
    pub fn operation(&self, by: &Access) -> Result<Option<Allowance>, Exhausted> {
        self.operations.take(by)
    }
}
