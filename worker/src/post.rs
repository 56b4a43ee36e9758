//! Handing over: a crew of connections that take permits and give back what became of them.
//!
//! A message leaves only here, only for a permit, and only to the address the permit names.

use std::sync::Arc;
use std::time::Duration;

use assent_domain::circuit::Sign;
use assent_domain::clock::Clock;
use assent_domain::delivery::RetryFor;
use assent_domain::permit::Refusal;
use assent_entity::claim::Claim;
use assent_entity::outcome::{Ended, Outcome};
use tokio::sync::{Mutex, mpsc};
use tokio::task::JoinSet;

use crate::compose::Composer;
use crate::run::World;
use crate::settings::Transport;

mod ledger;
mod line;
mod lines;
mod verdict;

use ledger::Ledger;
pub(crate) use ledger::Turn;
use line::{Handed, Line};
use lines::Lines;
use verdict::{Attempt, Verdict};

/// How long a hand waits before it tries to connect again, while others are at work.
const BREATH: Duration = Duration::from_secs(1);

/// Messages in the hands of one connection: one on its way and one to follow.
const CLAIMS_A_CONNECTION: usize = 2;

/// How many take turns at the database: three, with a third of the messages each, were 5 % faster than two with half of them,
/// and four no faster.
pub(crate) const TAKERS: usize = 3;

/// Why nothing more is claimed where one of the crew has come to grief.
pub(crate) const BROKEN_OFF: &str = "the worker broke off";

/// The crew that hands the messages of one slice over, and the count of what it has in its hands. Several may give it work
/// and take what became of it: while one is at the database, the others keep the crew busy.
pub(crate) struct Post {
    work: flume::Sender<Claim>,
    returns: Mutex<Returns>,
    ledger: Ledger,
    lines: Arc<Lines>,
}

/// Where what became of messages comes in.
struct Returns {
    done: mpsc::UnboundedReceiver<Ended>,
    crew: JoinSet<()>,
}

impl Post {
    /// Opens as many connections as are asked for.
    pub(crate) fn open(
        world: &World,
        transport: &Transport,
        composer: &Arc<Composer>,
        connections: usize,
    ) -> Self {
        let (work, of_work) = flume::unbounded();
        let (to_done, done) = mpsc::unbounded_channel();
        let lines = Arc::new(Lines::default());
        let mut crew = JoinSet::new();
        for _ in 0..connections {
            let hand = Hand {
                line: Line::new(transport),
                composer: Arc::clone(composer),
                clock: world.store.clock(),
                retry_for: world.settings.retry_for,
                lines: Arc::clone(&lines),
                has_line: false,
            };
            lines.begins_to_open();
            crew.spawn(hand.work(of_work.clone(), to_done.clone()));
        }
        Self {
            work,
            returns: Mutex::new(Returns { done, crew }),
            ledger: Ledger::default(),
            lines,
        }
    }

    /// Whether a message is lost of which nobody will say what became of it.
    pub(crate) fn has_lost(&self) -> bool {
        self.ledger.has_lost()
    }

    /// Why claiming more would be of no use: the server cannot be reached, or refuses us.
    pub(crate) fn stalled(&self) -> Option<String> {
        self.lines.stalled()
    }

    /// Why the server gives no connection at all, if it does not. What it said to a message is known where that is recorded.
    pub(crate) fn unreachable(&self) -> Option<String> {
        self.lines.unreachable()
    }

    /// Waits until a connection is open or it is clear that none will be. Waiting may be given up.
    pub(crate) async fn until_ready(&self) {
        self.lines.until_open().await;
    }

    /// How many messages one turn claims at most: as many as are left to each, where all take theirs at the same time.
    pub(crate) fn share(&self) -> usize {
        (self.lines.open() * CLAIMS_A_CONNECTION).div_ceil(TAKERS)
    }

    /// Begins a turn that records `ended` messages and may claim more if it `wants_more`.
    pub(crate) fn begin_turn(&self, ended: usize, wants_more: bool) -> Turn {
        let most = self.lines.open() * CLAIMS_A_CONNECTION;
        let share = if wants_more { self.share() } else { 0 };
        self.ledger.begin_turn(ended, most, share)
    }

    /// Ends it, and gives what was claimed to the crew.
    pub(crate) fn end_turn(&self, turn: Turn, claims: Vec<Claim>) {
        self.ledger.end_turn(turn, claims.len());
        for claim in claims {
            if self.work.send(claim).is_err() {
                self.ledger.lose();
            }
        }
    }

    /// Whether nothing is in the crew's hands, or about to be.
    pub(crate) fn is_idle(&self) -> bool {
        self.ledger.is_idle()
    }

    /// How many messages are in the crew's hands, or have come back and are in no turn yet.
    pub(crate) fn out(&self) -> usize {
        self.ledger.out()
    }

    /// Waits for one message to end, and `patience` longer for others, up to a share, so that one turn records many: with a
    /// fast server the turn is what takes time. Once one has ended, something else is done `meanwhile`. Gives up when nothing
    /// can come any more. Waiting may be given up, too; what has ended is in `ended` then.
    pub(crate) async fn collect<T>(
        &self,
        ended: &mut Vec<Ended>,
        patience: Duration,
        meanwhile: impl Future<Output = T>,
    ) -> Option<T> {
        let mut returns = self.returns.lock().await;
        self.collect_one(&mut returns, ended).await;
        if ended.is_empty() {
            return None;
        }
        // It takes what holds the others back with it, when it is over.
        let more = async move {
            while ended.len() < self.share().max(1) && self.out() > ended.len() {
                self.collect_one(&mut returns, ended).await;
            }
        };
        let (_, done) = tokio::join!(tokio::time::timeout(patience, more), meanwhile);
        Some(done)
    }

    async fn collect_one(&self, returns: &mut Returns, ended: &mut Vec<Ended>) {
        let moved = self.ledger.moved();
        tokio::pin!(moved);
        // From here on nothing is missed.
        moved.as_mut().enable();
        if self.is_idle() {
            return;
        }
        tokio::select! {
            biased;
            Some(first) = returns.done.recv() => ended.push(first),
            // A hand that ends before its work does has broken off: what became of its message is settled when the mailing
            // is next taken over.
            Some(_) = returns.crew.join_next() => self.break_off(),
            () = moved, if !returns.crew.is_empty() || self.out() == 0 => {}
            // Nobody is left to do what is out.
            else => self.break_off(),
        }
    }

    fn break_off(&self) {
        self.lines.stall(BROKEN_OFF);
        self.ledger.lose();
    }

    /// Lets the crew finish and close its connections.
    pub(crate) async fn close(self) {
        drop(self.work);
        self.lines.closing.cancel();
        let mut crew = self.returns.into_inner().crew;
        while crew.join_next().await.is_some() {}
    }
}

/// One member of the crew, with a connection of its own.
struct Hand {
    line: Line,
    composer: Arc<Composer>,
    clock: Arc<dyn Clock>,
    retry_for: RetryFor,
    lines: Arc<Lines>,
    /// Whether its line counts among those that are open.
    has_line: bool,
}

impl Hand {
    async fn work(mut self, work: flume::Receiver<Claim>, done: mpsc::UnboundedSender<Ended>) {
        let closing = self.lines.closing.clone();
        let _ = closing.run_until_cancelled(self.take_line()).await;
        while let Ok(claim) = work.recv_async().await {
            if done.send(self.deliver(claim).await).is_err() {
                break;
            }
            if !self.line.is_open() {
                let _ = closing.run_until_cancelled(self.retake_line()).await;
            }
        }
        self.line.close().await;
    }

    /// Connects; `begins_to_open` was said before. What others have to do goes on meanwhile, and where nobody has a
    /// connection, all is given back.
    async fn take_line(&mut self) {
        loop {
            match self.line.open().await {
                Ok(()) => {
                    self.has_line = true;
                    return self.lines.has_opened();
                }
                Err(reason) => {
                    tracing::warn!(reason, "the mail server gives no connection");
                    self.lines.could_not_open(&reason);
                }
            }
            if self.lines.is_stalled() {
                return;
            }
            tokio::time::sleep(BREATH).await;
            if self.lines.is_stalled() {
                return;
            }
            self.lines.begins_to_open();
        }
    }

    /// Connects anew. A server that closes after some messages is normal.
    async fn retake_line(&mut self) {
        if std::mem::take(&mut self.has_line) {
            self.lines.has_closed();
        }
        if !self.lines.is_stalled() {
            self.lines.begins_to_open();
            self.take_line().await;
        }
    }

    async fn deliver(&mut self, claim: Claim) -> Ended {
        let attempt = Attempt::from(&claim);
        let verdict = self.try_deliver(claim).await;
        if let Sign::Shut(reason) = &verdict.sign {
            self.lines.stall(reason);
        }
        verdict.end(attempt, self.clock.now())
    }

    /// Everything that takes time comes before the permit is spent; then the message goes.
    async fn try_deliver(&mut self, claim: Claim) -> Verdict {
        // Where nothing was tried, it does not count as an attempt.
        let given_back = |reason| Verdict::ours(Outcome::Stale, reason);
        if let Some(reason) = self.lines.stalled() {
            return given_back(reason);
        }
        let message = match self.composer.compose(&claim, self.clock.now()) {
            Ok(message) => message,
            Err((refusal, reason)) => return Verdict::ours(Outcome::Unfit(refusal), reason),
        };
        let (delivery, tries) = (claim.permit.delivery(), u32::try_from(claim.tries).unwrap_or(0));
        let addressee = match claim.permit.redeem(self.clock.now()) {
            Ok(addressee) => addressee,
            Err(stale) => return given_back(stale.to_string()),
        };
        let (from, to) = (self.composer.envelope_from(delivery), addressee.address.expose());
        let handed = self.line.hand(&from, &to, &message, (delivery, self.clock.now()));
        match handed.await {
            Handed::Kept(Ok(())) => Verdict::kept(),
            Handed::Kept(Err(error)) => Verdict::ours(Outcome::TryLater, error.to_string()),
            Handed::Smtp(outcome) => {
                let is_last = self.retry_for.after(tries).is_none();
                let verdict = Verdict::of(outcome, is_last).await;
                verdict.hiding(&addressee.address)
            }
            Handed::ServedItsTime(words) => given_back(words),
            Handed::NoConnection => given_back("there was no connection".to_owned()),
        }
    }
}

/// The refusal of a message that could not be made, with the reason for the record.
pub(crate) type Unfit = (Refusal, String);
