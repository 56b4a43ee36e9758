//! Which way mail takes: the mail server that is chosen among a tenant's own, and how many connections it still takes.

use std::collections::HashMap;

use assent_domain::circuit::Pass;
use assent_domain::id::{SendingDomainId, TransportId, stored};
use assent_domain::sending_domain::SendingDomainName;
use assent_domain::sending_limit::Patience;
use assent_domain::transport::{Candidate, Login, Relay, choose, draw};
use sea_orm::{ColumnTrait, FromQueryResult, QueryFilter};

use super::{Transport, circuit_of, password};
use crate::error::StoreError;
use crate::mailing::Mailing;
use crate::row::{sending_domain, transport as row};
use crate::tx::{TenantTx, Write};
use crate::{circuit, tenant};

/// The way that mail takes through a server of the tenant's own.
#[derive(Clone, Debug)]
pub struct Way {
    /// Which server.
    pub transport: TransportId,
    /// How it is set up.
    pub relay: Relay,
    /// As whom we sign in, if we do.
    pub login: Option<Login>,
    /// Whether it may be asked now.
    pub pass: Pass,
}

impl Way {
    /// Under what name it is noted how the server does.
    pub fn circuit(&self) -> String {
        circuit_of(self.transport)
    }
}

/// Chooses the way for the tenant's mail; `None` where no server of its own is for it.
pub async fn way<M>(tx: &TenantTx<M>) -> Result<Option<Way>, StoreError> {
    let enabled = tx.find::<row::Entity>().filter(row::Column::IsEnabled.eq(1));
    let rows = enabled.all(tx.conn()).await?;
    if rows.is_empty() {
        return Ok(None);
    }
    let from = tenant::current(tx).await?.sender_address;
    let names = names(tx).await?;
    let keys: Vec<String> = rows.iter().map(|row| circuit_of(stored(row.id))).collect();
    let mut passes = circuit::passes(tx, &keys).await?;
    let (mut candidates, mut locked) = (Vec::with_capacity(rows.len()), None);
    for row in rows {
        // One whose password cannot be opened keeps the others from nothing.
        let login = match password::login(tx, &row) {
            Ok(login) => login,
            Err(error) => {
                tracing::error!(transport = %row.id, %error, "a mail server's password cannot be opened");
                locked = Some(error);
                continue;
            }
        };
        let transport = Transport::try_from(row)?;
        candidates.push(Candidate {
            domain: transport
                .relay
                .sending_domain
                .and_then(|id| names.get(&id).cloned()),
            rank: transport.relay.rank,
            weight: transport.relay.weight,
            pass: passes.remove(&circuit_of(transport.id)).unwrap_or(Pass::Free),
            of: (transport, login),
        });
    }
    let Some(chosen) = choose(candidates, from.domain(), draw) else {
        return locked.map_or(Ok(None), Err);
    };
    let (transport, login) = chosen.of;
    Ok(Some(Way {
        transport: transport.id,
        relay: transport.relay,
        login,
        pass: chosen.pass,
    }))
}

async fn names<M>(tx: &TenantTx<M>) -> Result<HashMap<SendingDomainId, SendingDomainName>, StoreError> {
    let rows = tx.find::<sending_domain::Entity>().all(tx.conn()).await?;
    let named = rows.into_iter().map(|row| {
        let name = SendingDomainName::parse(&row.name);
        let name = name.map_err(|error| StoreError::Corrupt(error.to_string()))?;
        Ok((stored(row.id), name))
    });
    named.collect()
}

#[derive(FromQueryResult)]
struct Held {
    connections: i64,
}

/// Takes connections to a server for a mailing that a worker owns, as many as are wanted and free, until the worker lets
/// the mailing go or its lease is over. What goes to many leaves one for mail that a person waits for.
pub async fn take_connections(
    tx: &TenantTx<Write>,
    mailing: &Mailing,
    way: &Way,
    wanted: usize,
) -> Result<usize, StoreError> {
    let Some(most) = way.relay.connections else {
        return Ok(wanted);
    };
    tx.lock::<row::Entity>(way.transport.uuid()).await?;
    let server = circuit_of(way.transport);
    let others = "SELECT CAST(COALESCE(SUM(connections), 0) AS BIGINT) AS connections FROM mailing
                  WHERE tenant_id = $1 AND goes_through = $2 AND id <> $3 AND lease_until > $4
                    AND finished_at IS NULL";
    let values = [
        server.as_str().into(),
        mailing.id.uuid().into(),
        tx.now().micros().into(),
    ];
    let held: Option<Held> = tx.one(others, values).await?;
    let held = held.map_or(0, |held| usize::try_from(held.connections).unwrap_or(usize::MAX));
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    let kept_free = usize::from(most > 1 && mailing.kind.patience() != Patience::Never);
    let taken = most.saturating_sub(kept_free).saturating_sub(held).min(wanted);
    let sql = "UPDATE mailing SET goes_through = $3, connections = $4 WHERE tenant_id = $1 AND id = $2";
    let values = [
        mailing.id.uuid().into(),
        server.into(),
        i32::try_from(taken).unwrap_or(i32::MAX).into(),
    ];
    tx.execute(sql, values).await?;
    Ok(taken)
}
