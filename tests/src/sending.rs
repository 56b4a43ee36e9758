//! A worker without a network: it takes mailings the way the real one does, and says what became of each
//! message as a test wants it.

use assent_domain::circuit::Sign;
use assent_domain::delivery::RetryFor;
use assent_domain::id::{CampaignId, MailingId, PolicyVersionId, WorkerId, new_id, stored};
use assent_domain::job::Job;
use assent_entity::claim::{self, Claim, Claims, Place};
use assent_entity::mailing::{self, Mailing, Turn};
use assent_entity::outbox::{self, Lane, OpenJob};
use assent_entity::outcome::{Ended, Outcome, Terms};
use assent_entity::{StoreError, campaign, plan};
use uuid::Uuid;

use crate::database::TestStore;
use crate::house::House;

/// What is true of a delivery that was claimed, and of which nobody has said yet what became of it.
pub const ON_ITS_WAY: &str =
    "status IN ('QUEUED', 'DEFERRED') AND id NOT IN (SELECT delivery_id FROM delivery_queue)";

/// The mail server of the tests.
pub const SERVER: &str = "mail.example:25";

/// The terms on which a worker of the tests sends.
pub fn terms(worker: WorkerId) -> Terms {
    Terms {
        worker,
        server: SERVER.to_owned(),
        transport: None,
        retry_for: RetryFor::default(),
    }
}

/// What became of a message.
pub fn ended(claim: &Claim, outcome: Outcome, at: assent_domain::clock::Timestamp) -> Ended {
    Ended {
        delivery: claim.permit.delivery(),
        attempt: claim.attempt,
        tries: claim.tries,
        outcome,
        started_at: claim.started_at,
        at,
        reply_code: Some(250),
        enhanced_status: None,
        reply: "as the test wants it".to_owned(),
        said: None,
        sign: match outcome {
            Outcome::Sent => Sign::Accepts,
            Outcome::Blocked => Sign::Refuses("550 5.7.1 we do not take your mail".to_owned()),
            _ => Sign::Silent,
        },
    }
}

impl TestStore {
    /// A worker process.
    pub fn worker(&self) -> WorkerId {
        new_id(self.store.now())
    }

    /// Forgets what is queued, so that a process does nothing but what a test schedules from now on.
    pub async fn forget_jobs(&self) {
        self.exec("DELETE FROM outbox").await.expect("jobs are forgotten");
    }

    /// The jobs that are due, as the relay takes them.
    pub async fn due_jobs(&self) -> Vec<OpenJob> {
        let mut jobs = Vec::new();
        for lane in [Lane::Urgent, Lane::Ordinary] {
            for due in outbox::take_due(&self.store, lane, 1000).await.expect("jobs") {
                jobs.extend(outbox::open(&self.store, due.id).await.expect("a job"));
            }
        }
        jobs
    }
}

impl House<'_> {
    /// The mailing that tells of a policy version.
    pub async fn notices(&self, version: PolicyVersionId) -> MailingId {
        let sql = format!(
            "SELECT id FROM mailing WHERE policy_version_id = {} AND news = 'POSTED'",
            self.db.id(version)
        );
        stored(self.db.value::<Uuid>(&sql).await)
    }

    /// The mailing of a campaign.
    pub async fn mailing_of(&self, id: CampaignId) -> MailingId {
        let tx = self.read().await;
        let mailing = campaign::mailing_of(&tx, id).await.expect("a mailing");
        mailing.expect("a scheduled campaign")
    }

    /// Turns to a mailing.
    pub async fn acquire(&self, id: MailingId, worker: WorkerId) -> Turn {
        let mut tx = self.write().await;
        let turn = mailing::acquire(&mut tx, id, worker).await.expect("a turn");
        tx.commit().await.expect("a turn");
        turn
    }

    /// Turns to a mailing that is there to be sent, and plans it to the end.
    pub async fn begin(&self, id: MailingId, worker: WorkerId) -> Mailing {
        let Turn::Yours(mut mailing) = self.acquire(id, worker).await else {
            panic!("the mailing is not to be sent now");
        };
        loop {
            let mut tx = self.write().await;
            let is_last = plan::chunk(&mut tx, &mut mailing).await.expect("a plan");
            tx.commit().await.expect("a plan");
            if is_last {
                return *mailing;
            }
        }
    }

    /// Records what became of the last messages and claims the next.
    pub async fn turn(
        &self,
        mailing: &Mailing,
        worker: WorkerId,
        ended: &[Ended],
        limit: u32,
    ) -> Result<Claims, StoreError> {
        let mut tx = self.write().await;
        let mut place = Place::default();
        let claims = claim::turn(&mut tx, mailing, &terms(worker), ended, limit, &mut place).await?;
        tx.commit().await?;
        Ok(claims)
    }

    /// Ends a mailing, if no row is open.
    pub async fn finish(&self, mailing: &Mailing) -> bool {
        let mut tx = self.write().await;
        let finished = mailing::finish(&mut tx, mailing).await.expect("an end");
        tx.commit().await.expect("an end");
        finished
    }

    /// Sends what is due of a mailing, in the order of claiming, with the same outcome for all.
    pub async fn send(&self, id: MailingId, outcome: Outcome) -> Vec<Claim> {
        let worker = self.db.worker();
        let mailing = self.begin(id, worker).await;
        let mut sent = Vec::new();
        let mut last = Vec::new();
        loop {
            let turn = self.turn(&mailing, worker, &last, 20).await.expect("a turn");
            if turn.found_nothing() {
                break;
            }
            let now = self.db.store.now();
            last = turn
                .claims
                .iter()
                .map(|claim| ended(claim, outcome, now))
                .collect();
            sent.extend(turn.claims);
        }
        self.finish(&mailing).await;
        let mut tx = self.write().await;
        mailing::release(&mut tx, id, worker).await.expect("a release");
        tx.commit().await.expect("a release");
        sent
    }

    /// Sends the notices of a policy version.
    pub async fn send_notices(&self, version: PolicyVersionId) {
        let mailing = self.notices(version).await;
        self.send(mailing, Outcome::Sent).await;
    }

    /// The mailing that a job is about.
    pub fn mailing_in(job: &Job) -> MailingId {
        let Job::SendMailing { mailing, .. } = job else {
            panic!("a job that sends a mailing: {job:?}")
        };
        *mailing
    }
}
