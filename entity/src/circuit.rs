//! How a tenant stands with a mail server, kept where all workers see it: see [`assent_domain::circuit`].

use std::collections::HashMap;

use assent_domain::circuit::{Circuit, Open, Pass, Sign};
use assent_domain::clock::Timestamp;
use assent_domain::id::{CampaignId, TransportId};
use sea_orm::{FromQueryResult, Value};

use crate::error::StoreError;
use crate::outcome::Ended;
use crate::transport::circuit_of;
use crate::tx::{self, TenantTx, Write};

/// Why a campaign waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// The mail server's words, or ours where it said nothing.
    pub reason: String,
    /// Since when.
    pub since: Timestamp,
    /// When a message is tried again.
    pub next_try_at: Timestamp,
}

/// The columns of a circuit, which a query may join where there is one.
#[derive(Debug, FromQueryResult)]
pub(crate) struct Row {
    refusals: Option<i32>,
    open_since: Option<i64>,
    next_try_at: Option<i64>,
    rests: Option<i32>,
    is_tried: Option<i32>,
    reason: Option<String>,
}

/// These columns, of a table `k`.
pub(crate) const COLUMNS: &str = "k.refusals, k.open_since, k.next_try_at, k.rests, k.is_tried, k.reason";

impl From<Row> for Circuit {
    fn from(row: Row) -> Self {
        let count = |of: Option<i32>| of.and_then(|of| u32::try_from(of).ok()).unwrap_or(0);
        let times = row.open_since.zip(row.next_try_at);
        Self {
            refusals: count(row.refusals),
            open: times.map(|(since, next_try_at)| Open {
                since: Timestamp::from_micros(since),
                next_try_at: Timestamp::from_micros(next_try_at),
                rests: count(row.rests),
                is_tried: row.is_tried == Some(1),
                reason: row.reason.unwrap_or_default(),
            }),
        }
    }
}

/// A circuit as it stands; `locking` is what the query ends with.
async fn read<M>(tx: &TenantTx<M>, server: &str, locking: &str) -> Result<Circuit, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM circuit k WHERE k.tenant_id = $1 AND k.server = $2 {locking}");
    let row: Option<Row> = tx.one(&sql, [server.into()]).await?;
    Ok(row.map(Circuit::from).unwrap_or_default())
}

/// Whether messages may be handed to a server.
pub async fn pass<M>(tx: &TenantTx<M>, server: &str) -> Result<Pass, StoreError> {
    Ok(read(tx, server, "").await?.pass(tx.now()))
}

#[derive(FromQueryResult)]
struct Named {
    server: String,
    #[sea_orm(nested)]
    circuit: Row,
}

/// Whether messages may be handed to each of these servers; what is not noted is free.
pub(crate) async fn passes<M>(
    tx: &TenantTx<M>,
    servers: &[String],
) -> Result<HashMap<String, Pass>, StoreError> {
    let places = tx::places(2, servers.len());
    let sql = format!(
        "SELECT k.server, {COLUMNS} FROM circuit k WHERE k.tenant_id = $1 AND k.server IN ({places})"
    );
    let rows: Vec<Named> = tx
        .all(&sql, servers.iter().map(|server| server.as_str().into()))
        .await?;
    let passes = rows
        .into_iter()
        .map(|row| (row.server, Circuit::from(row.circuit).pass(tx.now())));
    Ok(passes.collect())
}

/// Forgets how a server did.
pub(crate) async fn forget(tx: &TenantTx<Write>, server: &str) -> Result<(), StoreError> {
    let sql = "DELETE FROM circuit WHERE tenant_id = $1 AND server = $2";
    tx.execute(sql, [server.into()]).await?;
    Ok(())
}

/// Reads a circuit for a change, and keeps others from changing it meanwhile.
async fn hold(tx: &TenantTx<Write>, server: &str) -> Result<Circuit, StoreError> {
    let there = "INSERT INTO circuit (tenant_id, server) VALUES ($1, $2) ON CONFLICT DO NOTHING";
    tx.execute(there, [server.into()]).await?;
    read(tx, server, tx.for_update()).await
}

async fn keep(tx: &TenantTx<Write>, server: &str, circuit: &Circuit) -> Result<(), StoreError> {
    let open = circuit.open.as_ref();
    let number = |of: u32| i32::try_from(of).unwrap_or(i32::MAX);
    let values = [
        server.into(),
        number(circuit.refusals).into(),
        open.map(|open| open.since.micros()).into(),
        open.map(|open| open.next_try_at.micros()).into(),
        open.map_or(0, |open| number(open.rests)).into(),
        open.map_or(0, |open| i32::from(open.is_tried)).into(),
        open.map_or(String::new(), |open| open.reason.clone()).into(),
    ];
    let sql =
        "UPDATE circuit SET refusals = $3, open_since = $4, next_try_at = $5, rests = $6, is_tried = $7,
                      reason = $8
               WHERE tenant_id = $1 AND server = $2";
    tx.execute(sql, values).await?;
    Ok(())
}

/// Takes in what attempts say of the server, in the order in which they ended, and gives the pass that follows. `known`
/// is how it stood; while nothing is wrong, and was not, nothing is read or written.
pub(crate) async fn heed(
    tx: &TenantTx<Write>,
    server: &str,
    known: Circuit,
    ended: &[Ended],
) -> Result<Circuit, StoreError> {
    let is_wrong = |end: &Ended| matches!(end.sign, Sign::Refuses(_) | Sign::Shut(_));
    let accepts = ended.iter().any(|end| end.sign == Sign::Accepts);
    let is_well = known == Circuit::default();
    let was_tried = known.open.as_ref().is_some_and(|open| open.is_tried) && !ended.is_empty();
    if !(ended.iter().any(is_wrong) || accepts && !is_well || was_tried) {
        return Ok(known);
    }
    let mut in_order: Vec<&Ended> = ended.iter().collect();
    in_order.sort_by_key(|end| end.at);
    let before = hold(tx, server).await?;
    let now = tx.now();
    let after = in_order
        .into_iter()
        .fold(before, |circuit, end| circuit.after(&end.sign, now));
    keep(tx, server, &after).await?;
    Ok(after)
}

/// Notes that a server cannot be reached, or would refuse everything.
pub async fn shut(tx: &mut TenantTx<Write>, server: &str, reason: &str) -> Result<(), StoreError> {
    let sign = Sign::Shut(reason.to_owned());
    let after = hold(tx, server).await?.after(&sign, tx.now());
    keep(tx, server, &after).await
}

/// An open circuit of which this transaction may find out whether it closes.
pub(crate) struct ForTry<'a> {
    server: &'a str,
    circuit: Circuit,
}

/// Keeps others from trying until the transaction ends; `None` where somebody else does already.
pub(crate) async fn hold_for_try<'a>(
    tx: &TenantTx<Write>,
    server: &'a str,
) -> Result<Option<ForTry<'a>>, StoreError> {
    let circuit = hold(tx, server).await?;
    let waits = matches!(circuit.pass(tx.now()), Pass::Wait(_));
    Ok((!waits).then_some(ForTry { server, circuit }))
}

impl ForTry<'_> {
    /// Lets others wait while one message finds out.
    pub(crate) async fn begin(self, tx: &TenantTx<Write>) -> Result<(), StoreError> {
        keep(tx, self.server, &self.circuit.tried(tx.now())).await
    }
}

/// Lets the next message be tried at once: a member has seen to what was wrong, or thinks so.
pub(crate) async fn try_soon(tx: &TenantTx<Write>) -> Result<(), StoreError> {
    let now = tx.now().micros();
    let sql = "UPDATE circuit SET next_try_at = $2 WHERE tenant_id = $1 AND next_try_at > $2";
    tx.execute(sql, [now.into()]).await?;
    Ok(())
}

/// Why nothing is handed to a server of the tenant's own for now, if it is so.
pub async fn resting<M>(
    tx: &TenantTx<M>,
    transports: &[TransportId],
) -> Result<HashMap<TransportId, Waiting>, StoreError> {
    let of_server: HashMap<_, _> = transports.iter().map(|id| (circuit_of(*id), *id)).collect();
    let mut servers: Vec<Value> = of_server.keys().map(|server| server.clone().into()).collect();
    servers.resize(servers.len().next_power_of_two(), Value::String(None));
    let sql = format!(
        "SELECT k.server, {COLUMNS} FROM circuit k WHERE k.tenant_id = $1 AND k.server IN ({})",
        tx::places(2, servers.len())
    );
    let found: Vec<Named> = tx.all(&sql, servers).await?;
    let resting = found.into_iter().filter_map(|named| {
        let open = Circuit::from(named.circuit).open?;
        let waiting = Waiting {
            reason: open.reason,
            since: open.since,
            next_try_at: open.next_try_at,
        };
        Some((*of_server.get(&named.server)?, waiting))
    });
    Ok(resting.collect())
}

#[derive(FromQueryResult)]
struct OpenRow {
    reason: String,
    open_since: i64,
    next_try_at: i64,
}

impl From<OpenRow> for Waiting {
    fn from(row: OpenRow) -> Self {
        Self {
            reason: row.reason,
            since: Timestamp::from_micros(row.open_since),
            next_try_at: Timestamp::from_micros(row.next_try_at),
        }
    }
}

/// Which of several campaigns wait for a server, and why.
pub async fn waiting_of<M>(
    tx: &TenantTx<M>,
    campaigns: &[CampaignId],
) -> Result<HashMap<CampaignId, Waiting>, StoreError> {
    let sql = "SELECT m.campaign_id AS of_id, k.reason, k.open_since, k.next_try_at FROM mailing m
               JOIN circuit k ON k.tenant_id = m.tenant_id AND k.server = m.waits_for
               WHERE m.tenant_id = $1 AND m.campaign_id IN ({ids}) AND m.finished_at IS NULL
                 AND k.open_since IS NOT NULL";
    tx.each_about(sql, campaigns, |row: OpenRow| Ok(row.into())).await
}
