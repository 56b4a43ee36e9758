//! What came back, from its arrival to what follows: whatever face it comes in by calls this.

use assent_domain::address::EmailAddress;
use assent_domain::bounce::{BounceClass, SoftLimit};
use assent_domain::clock::Timestamp;
use assent_domain::id::DeliveryId;
use assent_domain::message_id::MessageIds;
use assent_domain::return_path::ReturnPaths;
use assent_domain::site::HostName;
use assent_entity::bounce::{Said, Taken, sender_of, take};
use assent_entity::{Store, StoreError, TenantCtx, TenantTx};

use super::{Failure, Provider, Report, classify};

/// Where mail that came back is taken in.
#[derive(Debug)]
pub struct Inbox {
    store: Store,
    paths: Option<ReturnPaths>,
    ids: MessageIds,
    limit: SoftLimit,
}

/// What became of a mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arrived {
    /// What it says.
    pub class: BounceClass,
    /// What became of it; `None` where it is about no message of ours.
    pub taken: Option<Taken>,
}

impl Inbox {
    /// An inbox for the return paths in `domain`, if there is one.
    pub fn new(store: &Store, domain: Option<HostName>, limit: SoftLimit) -> Self {
        Self {
            paths: domain.map(|domain| ReturnPaths::new(store.keys(), domain)),
            ids: MessageIds::new(store.keys()),
            store: store.clone(),
            limit,
        }
    }

    /// Whether mail to an address is taken in: a return path that was made here, or an office of its domain.
    pub fn takes(&self, address: &str) -> bool {
        let is_one = |paths: &ReturnPaths| paths.read(address).is_some() || paths.is_office(address);
        self.paths.as_ref().is_some_and(is_one)
    }

    /// Takes a mail in: reads it, finds the message that it is about, and does what follows. `envelope_to` is to whom
    /// it was sent, where that is known. The same mail taken in again changes nothing.
    pub async fn take(&self, envelope_to: Option<&str>, raw: Vec<u8>) -> Result<Arrived, StoreError> {
        self.act_on(envelope_to, &read(raw).await?).await
    }

    /// Takes a mail in that was sent to several; one answer each.
    pub async fn take_for(&self, envelope_to: &[String], raw: Vec<u8>) -> Vec<Result<Arrived, StoreError>> {
        let Ok(report) = read(raw).await else {
            let unread = || StoreError::Corrupt("a mail that came back".to_owned());
            return envelope_to.iter().map(|_| Err(unread())).collect();
        };
        let mut arrived = Vec::with_capacity(envelope_to.len());
        for address in envelope_to {
            arrived.push(self.act_on(Some(address), &report).await);
        }
        arrived
    }

    /// Takes an event in that a provider told: the text of its JSON. `None` where it is nothing that says something of a
    /// message.
    pub async fn take_event(&self, provider: Provider, event: &str) -> Result<Option<Arrived>, StoreError> {
        match provider.read(event) {
            Some(report) => self.act_on(None, &report).await.map(Some),
            None => Ok(None),
        }
    }

    /// Does what follows a report, wherever it came from.
    async fn act_on(&self, envelope_to: Option<&str>, report: &Report) -> Result<Arrived, StoreError> {
        let class = report.class;
        let taken = match self.find(envelope_to, report).await? {
            Some((ctx, delivery)) if class.is_kept() => {
                let told_at = report.told_at;
                let said = report
                    .failures
                    .iter()
                    .cloned()
                    .map(|failure| said(failure, told_at));
                let said: Vec<_> = said.collect();
                let mut tx = TenantTx::write(&self.store, ctx).await?;
                let taken = take(&mut tx, delivery, &said, self.limit).await?;
                tx.commit().await?;
                Some(taken)
            }
            Some(_) => Some(Taken::Nothing),
            None => None,
        };
        Ok(Arrived { class, taken })
    }

    /// The message that a report is about: by its return path, wherever that stands, or else by the `Message-ID` of what
    /// came back. Both are signed: what somebody made up is about no message.
    async fn find(
        &self,
        envelope_to: Option<&str>,
        report: &Report,
    ) -> Result<Option<(TenantCtx, DeliveryId)>, StoreError> {
        let returned = &report.returned;
        let within = returned.addressed_to.iter().chain(&returned.return_paths);
        let signed = envelope_to
            .into_iter()
            .chain(within.map(String::as_str))
            .find_map(|address| self.paths.as_ref()?.read(address));
        if let Some(delivery) = signed {
            let ctx = sender_of(&self.store, delivery).await?;
            return Ok(ctx.map(|ctx| (ctx, delivery)));
        }
        let named = report.returned.message_ids.iter();
        for delivery in named.filter_map(|id| self.ids.read(id)) {
            if let Some(ctx) = sender_of(&self.store, delivery).await? {
                return Ok(Some((ctx, delivery)));
            }
        }
        Ok(None)
    }
}

async fn read(raw: Vec<u8>) -> Result<Report, StoreError> {
    let read = tokio::task::spawn_blocking(move || classify(&raw)).await;
    read.map_err(|_| StoreError::Corrupt("a mail that came back".to_owned()))
}

pub(super) fn said(failure: Failure, told_at: Option<Timestamp>) -> Said {
    let address = failure.recipient.as_deref().map(EmailAddress::parse);
    Said {
        recipient: address.and_then(Result::ok),
        class: failure.class,
        status: failure.status,
        reason: failure.reason,
        text: failure.text,
        told_at,
    }
}
