//! Handing over: a crew of connections that take permits and give back what became of them.
//!
//! A message leaves only here, only for a permit, and only to the address the permit names.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use assent_domain::clock::Clock;
use assent_domain::permit::Refusal;
use assent_entity::bounce::Said;
use assent_entity::claim::Claim;
use assent_entity::outcome::{Ended, Outcome};
use tokio::sync::{Mutex, Notify, mpsc};
use tokio::task::JoinSet;

use crate::bounce::refusal;
use crate::compose::Composer;
use crate::mailbox::Mailbox;
use crate::run::World;
use crate::settings::Transport;
use crate::smtp::{Permanence, SendOutcome, SmtpConnection, SmtpSettings, Stage};

/// How long a server may take to say goodbye.
const GOODBYE: Duration = Duration::from_secs(2);

/// The crew that hands the messages of one shift over.
pub(crate) struct Post {
    work: mpsc::UnboundedSender<Claim>,
    done: mpsc::UnboundedReceiver<Ended>,
    in_flight: usize,
    lines: Arc<Lines>,
    crew: JoinSet<()>,
}

/// How the connections of a crew stand.
#[derive(Default)]
struct Lines {
    /// How many have been opened. A message is claimed only for a connection that is there, since a permit
    /// does not outlive the time that opening one may take.
    ready: AtomicUsize,
    /// Set when the server cannot be reached, or refuses us whatever we send.
    stalled: AtomicBool,
    changed: Notify,
}

impl Lines {
    fn stall(&self) {
        self.stalled.store(true, Ordering::Relaxed);
        self.changed.notify_waiters();
        self.changed.notify_one();
    }

    fn opened(&self) {
        self.ready.fetch_add(1, Ordering::Relaxed);
        self.changed.notify_one();
    }
}

impl Post {
    /// Opens as many connections as are asked for, each when it gets its first message.
    pub(crate) fn open(world: &World, composer: Arc<Composer>, connections: usize) -> Self {
        let (work, of_work) = mpsc::unbounded_channel();
        let (to_done, done) = mpsc::unbounded_channel();
        let of_work = Arc::new(Mutex::new(of_work));
        let lines = Arc::new(Lines::default());
        let mut crew = JoinSet::new();
        for _ in 0..connections {
            let hand = Hand {
                line: Line::new(&world.settings.transport),
                composer: Arc::clone(&composer),
                clock: world.store.clock(),
                lines: Arc::clone(&lines),
            };
            crew.spawn(hand.work(Arc::clone(&of_work), to_done.clone()));
        }
        Self {
            work,
            done,
            in_flight: 0,
            lines,
            crew,
        }
    }

    /// How many messages are in the crew's hands.
    pub(crate) fn in_flight(&self) -> usize {
        self.in_flight
    }

    /// Whether the server cannot be reached, or refuses us: claiming more would be of no use.
    pub(crate) fn is_stalled(&self) -> bool {
        self.lines.stalled.load(Ordering::Relaxed)
    }

    /// How many connections are open.
    pub(crate) fn ready(&self) -> usize {
        self.lines.ready.load(Ordering::Relaxed)
    }

    /// Waits until a connection is open or it is clear that none will be. Waiting may be given up.
    pub(crate) async fn until_ready(&self) {
        while self.ready() == 0 && !self.is_stalled() {
            self.lines.changed.notified().await;
        }
    }

    /// Gives messages to the crew.
    pub(crate) fn hand(&mut self, claims: Vec<Claim>) {
        for claim in claims {
            if self.work.send(claim).is_ok() {
                self.in_flight += 1;
            }
        }
    }

    /// Waits for one message to end, and `patience` longer for the others, so that one turn records many: with a
    /// fast server the turn is what takes time. Waiting may be given up; what has ended is in `ended` then.
    pub(crate) async fn collect(&mut self, ended: &mut Vec<Ended>, patience: Duration) {
        self.collect_one(ended).await;
        let all = async {
            while self.in_flight > 0 {
                self.collect_one(ended).await;
            }
        };
        let _ = tokio::time::timeout(patience, all).await;
    }

    async fn collect_one(&mut self, ended: &mut Vec<Ended>) {
        tokio::select! {
            biased;
            Some(first) = self.done.recv() => {
                ended.push(first);
                self.in_flight = self.in_flight.saturating_sub(1);
            }
            // A hand that ends before its work does has broken off: its message stays claimed, and becomes
            // unknown when the mailing is next taken over.
            _ = self.crew.join_next() => {
                self.lines.stall();
                self.in_flight = self.in_flight.saturating_sub(1);
            }
        }
    }

    /// Lets the crew finish and close its connections.
    pub(crate) async fn close(self) {
        drop(self.work);
        let mut crew = self.crew;
        while crew.join_next().await.is_some() {}
    }
}

/// One member of the crew, with a connection of its own.
struct Hand {
    line: Line,
    composer: Arc<Composer>,
    clock: Arc<dyn Clock>,
    lines: Arc<Lines>,
}

impl Hand {
    async fn work(
        mut self,
        work: Arc<Mutex<mpsc::UnboundedReceiver<Claim>>>,
        done: mpsc::UnboundedSender<Ended>,
    ) {
        match self.line.make_ready().await {
            Ok(()) => self.lines.opened(),
            Err(reason) => {
                tracing::warn!(reason, "the mail server cannot be used");
                self.lines.stall();
            }
        }
        loop {
            let next = work.lock().await.recv().await;
            let Some(claim) = next else { break };
            if done.send(self.deliver(claim).await).is_err() {
                break;
            }
        }
        self.line.close().await;
    }

    async fn deliver(&mut self, claim: Claim) -> Ended {
        let (delivery, attempt, started_at) = (claim.permit.delivery(), claim.attempt, claim.started_at);
        let end = |verdict: Verdict, at| Ended {
            delivery,
            attempt,
            outcome: verdict.outcome,
            started_at,
            at,
            reply_code: verdict.reply_code,
            enhanced_status: verdict.enhanced_status,
            reply: verdict.reply,
            said: verdict.said,
        };
        let verdict = self.try_deliver(claim).await;
        end(verdict, self.clock.now())
    }

    /// Everything that takes time comes before the permit is spent; then the message goes.
    async fn try_deliver(&mut self, claim: Claim) -> Verdict {
        if let Err(reason) = self.line.make_ready().await {
            self.lines.stall();
            // Nothing was tried, so it does not count as an attempt.
            return Verdict::ours(Outcome::Stale, reason);
        }
        let message = match self.composer.compose(&claim, self.clock.now()) {
            Ok(message) => message,
            Err((refusal, reason)) => return Verdict::ours(Outcome::Unfit(refusal), reason),
        };
        let (delivery, attempt) = (claim.permit.delivery(), claim.attempt);
        let addressee = match claim.permit.redeem(self.clock.now()) {
            Ok(addressee) => addressee,
            Err(stale) => return Verdict::ours(Outcome::Stale, stale.to_string()),
        };
        let to = addressee.address.expose();
        match &mut self.line {
            Line::Mailbox(mailbox) => match mailbox.put(self.clock.now(), delivery, &message).await {
                Ok(()) => Verdict::ours(Outcome::Sent, "kept in the mailbox".to_owned()),
                Err(error) => Verdict::ours(Outcome::TryLater, error.to_string()),
            },
            Line::Smtp {
                connection: Some(connection),
                ..
            } => {
                let from = self.composer.envelope_from(delivery);
                let sent = connection.send(&from, &to, &message);
                let outcome = sent.await;
                if is_about_us(&outcome) {
                    self.lines.stall();
                }
                let said = refusal::read(&outcome, attempt).await;
                Verdict {
                    said,
                    ..Verdict::of(outcome)
                }
            }
            Line::Smtp { connection: None, .. } => {
                Verdict::ours(Outcome::TryLater, "the connection was lost".to_owned())
            }
        }
    }
}

/// Whether the server refuses the sender rather than the recipient: MAIL or DATA were refused for good. Then
/// every further message would be refused too, and none of these people is to blame.
fn is_about_us(outcome: &SendOutcome) -> bool {
    matches!(
        outcome,
        SendOutcome::Rejected {
            permanence: Permanence::Permanent,
            stage: Stage::Mail | Stage::Data,
            ..
        }
    )
}

/// What became of a message, in the words of the server or ours.
struct Verdict {
    outcome: Outcome,
    reply_code: Option<u16>,
    enhanced_status: Option<String>,
    reply: String,
    said: Option<Said>,
}

impl Verdict {
    fn ours(outcome: Outcome, reply: String) -> Self {
        Self {
            outcome,
            reply_code: None,
            enhanced_status: None,
            reply,
            said: None,
        }
    }

    fn of(outcome: SendOutcome) -> Self {
        let (outcome, reply) = match outcome {
            SendOutcome::Accepted { reply } => (Outcome::Sent, reply),
            SendOutcome::Rejected {
                permanence: Permanence::Permanent,
                stage: Stage::Local | Stage::Rcpt | Stage::Message,
                reply,
            } => (Outcome::Rejected, reply),
            SendOutcome::Rejected { reply, .. } => (Outcome::TryLater, reply),
            SendOutcome::Lost {
                after_data,
                stage,
                detail,
            } => {
                let outcome = if after_data {
                    Outcome::Unknown
                } else {
                    Outcome::TryLater
                };
                return Self::ours(outcome, format!("{stage}: {detail}"));
            }
        };
        Self {
            outcome,
            reply_code: Some(reply.code),
            enhanced_status: reply.enhanced,
            reply: reply.text,
            said: None,
        }
    }
}

/// What a message goes through.
enum Line {
    Mailbox(Mailbox),
    Smtp {
        settings: Box<SmtpSettings>,
        connection: Option<Box<SmtpConnection>>,
    },
}

impl Line {
    fn new(transport: &Transport) -> Self {
        match transport {
            Transport::Mailbox(mailbox) => Self::Mailbox(mailbox.clone()),
            Transport::Smtp(settings) => Self::Smtp {
                settings: Box::new(settings.clone()),
                connection: None,
            },
        }
    }

    /// Makes sure that the line is open. A server that closes after some messages is normal.
    async fn make_ready(&mut self) -> Result<(), String> {
        let Self::Smtp { settings, connection } = self else {
            return Ok(());
        };
        if connection
            .as_ref()
            .is_some_and(|connection| connection.is_usable())
        {
            return Ok(());
        }
        let opened = SmtpConnection::connect(settings)
            .await
            .map_err(|error| error.to_string())?;
        *connection = Some(Box::new(opened));
        Ok(())
    }

    async fn close(self) {
        if let Self::Smtp {
            connection: Some(connection),
            ..
        } = self
        {
            // A server that does not say goodbye is left alone.
            let _ = tokio::time::timeout(GOODBYE, connection.quit()).await;
        }
    }
}

/// The refusal of a message that could not be made, with the reason for the record.
pub(crate) type Unfit = (Refusal, String);
