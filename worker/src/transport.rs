//! Mail servers of tenants: how they are talked to, and what comes of trying one.

use std::time::Duration;

use assent_domain::address::EmailAddress;
use assent_domain::id::TransportId;
use assent_domain::transport::{Encryption, Login, Relay};
use assent_entity::transport;
use assent_entity::{Store, StoreError, TenantCtx, TenantTx};

use crate::settings::RelaySettings;
use crate::smtp::{Reach, Reply, SendOutcome, SmtpConnection, SmtpError, SmtpSettings, Step, TlsMode};

/// How long connecting and the TLS handshake may take.
const CONNECT: Duration = Duration::from_secs(15);
/// How long any one command may take.
const COMMAND: Duration = Duration::from_mins(2);

/// How long a step of a test may take, and the whole of it: somebody waits for the answer, and an operation of GraphQL has
/// ten seconds.
const TEST_STEP: Duration = Duration::from_secs(6);
const TEST: Duration = Duration::from_secs(8);

/// How far a test came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TestStage {
    /// Finding the host and connecting.
    Connecting,
    /// Encrypting the connection.
    Tls,
    /// The server's greeting, and its answer to ours; also where each step was in time, and all together took too long.
    Greeting,
    /// Signing in.
    Authentication,
    /// Whether it takes mail from the tenant's sender to the member.
    Envelope,
}

impl TestStage {
    /// As the audit log says it.
    fn code(self) -> &'static str {
        match self {
            Self::Connecting => "CONNECTING",
            Self::Tls => "TLS",
            Self::Greeting => "GREETING",
            Self::Authentication => "AUTHENTICATION",
            Self::Envelope => "ENVELOPE",
        }
    }
}

/// What came of a test.
#[derive(Clone, Debug)]
pub struct Tested {
    /// Where it failed; nowhere if it did not.
    pub failed_at: Option<TestStage>,
    /// The server's reply that decided it, where there was one.
    pub reply: Option<Reply>,
    /// What happened, in plain words: the server's own where there are any.
    pub words: String,
}

/// Whom a test names to the server, which gets no mail for it.
#[derive(Clone, Copy, Debug)]
pub struct Envelope<'a> {
    /// The tenant's sender.
    pub from: &'a EmailAddress,
    /// The member who asks.
    pub to: &'a EmailAddress,
}

impl RelaySettings {
    /// How a tenant's mail server is talked to.
    pub(crate) fn smtp(&self, relay: &Relay, login: Option<&Login>) -> SmtpSettings {
        let host = relay.host.as_str();
        // An address of IPv6 is written in brackets (RFC 3986, 3.2.2), and resolved without.
        let host = host.trim_start_matches('[').trim_end_matches(']');
        SmtpSettings {
            host: host.to_owned(),
            port: relay.port,
            tls: match relay.encryption {
                Encryption::None => TlsMode::None,
                Encryption::StartTls => TlsMode::StartTls,
                Encryption::Implicit => TlsMode::Implicit,
            },
            credentials: login.map(|login| (login.user().to_owned(), login.password().clone())),
            hello_name: self.hello_name.clone(),
            connect_timeout: CONNECT,
            command_timeout: COMMAND,
            root_certificate: self.root_certificate.clone(),
            reach: Reach::Public(self.networks.clone()),
        }
    }
}

/// Tries whether a mail server works: connects, greets, encrypts, signs in and, if asked to, names a sender and a
/// recipient. Takes as long as the server takes, and 8 s at most; no transaction is open meanwhile. Who asked, and how
/// far it came, is in the audit log.
pub async fn try_out(
    store: &Store,
    ctx: TenantCtx,
    id: TransportId,
    settings: &RelaySettings,
    envelope: Option<Envelope<'_>>,
) -> Result<Tested, StoreError> {
    let tx = TenantTx::read(store, ctx).await?;
    let (transport, login) = transport::with_login(&tx, id).await?;
    drop(tx);
    let smtp = SmtpSettings {
        connect_timeout: TEST_STEP,
        command_timeout: TEST_STEP,
        ..settings.smtp(&transport.relay, login.as_ref())
    };
    let trying = tokio::time::timeout(TEST, talk(&smtp, envelope)).await;
    let tested = trying.unwrap_or_else(|_| Tested {
        failed_at: Some(TestStage::Greeting),
        reply: None,
        words: format!("all together took longer than {} s", TEST.as_secs()),
    });
    let outcome = tested.failed_at.map_or("WORKS", TestStage::code);
    let mut tx = TenantTx::write(store, ctx).await?;
    transport::note_test(&mut tx, id, outcome).await?;
    tx.commit().await?;
    Ok(tested)
}

async fn talk(settings: &SmtpSettings, envelope: Option<Envelope<'_>>) -> Tested {
    let mut connection = match SmtpConnection::connect(settings).await {
        Ok(connection) => connection,
        Err(error) => return Tested::failed(error),
    };
    let asked = match envelope {
        None => Tested {
            failed_at: None,
            reply: None,
            words: "it works".to_owned(),
        },
        Some(Envelope { from, to }) => {
            Tested::asked(connection.would_take(&from.expose(), &to.expose()).await)
        }
    };
    // A server that does not say goodbye in time is left alone.
    let _ = tokio::time::timeout(Duration::from_secs(1), connection.quit()).await;
    asked
}

impl Tested {
    fn failed(error: SmtpError) -> Self {
        let failed_at = Some(stage_of(&error));
        match error {
            SmtpError::Refused { reply, .. } => Self {
                failed_at,
                words: reply.text.clone(),
                reply: Some(reply),
            },
            error => Self {
                failed_at,
                reply: None,
                words: error.to_string(),
            },
        }
    }

    fn asked(outcome: SendOutcome) -> Self {
        let (is_taken, reply, words) = match outcome {
            SendOutcome::Accepted { reply } => (true, Some(reply.clone()), reply.text),
            SendOutcome::Rejected { reply, .. } => (false, Some(reply.clone()), reply.text),
            SendOutcome::Lost { detail, .. } => (false, None, detail),
        };
        Self {
            failed_at: (!is_taken).then_some(TestStage::Envelope),
            reply,
            words,
        }
    }
}

fn stage_of(error: &SmtpError) -> TestStage {
    match error {
        SmtpError::Connect { .. } | SmtpError::OutOfReach { .. } => TestStage::Connecting,
        SmtpError::Tls { .. } | SmtpError::StartTlsNotOffered { .. } | SmtpError::RootCertificate { .. } => {
            TestStage::Tls
        }
        SmtpError::CredentialsWithoutTls { .. } | SmtpError::AuthenticationNotOffered { .. } => {
            TestStage::Authentication
        }
        SmtpError::HelloName(_) => TestStage::Greeting,
        SmtpError::Timeout { step } | SmtpError::Refused { step, .. } | SmtpError::Protocol { step, .. } => {
            match step {
                Step::Connect => TestStage::Connecting,
                Step::TlsHandshake | Step::StartTls => TestStage::Tls,
                Step::Greeting => TestStage::Greeting,
                Step::Authentication => TestStage::Authentication,
            }
        }
    }
}
