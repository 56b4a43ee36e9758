//! The request log: for diagnosing and administering the server, and for nothing else (P02).
//!
//! It stands apart from everybody. Its ids are random and occur nowhere else, its times are of whole seconds, and it
//! knows routes, not addresses of pages: no name of a tenant, no token, nothing that a person was given.

use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

use assent_domain::clock::Timestamp;
use rand::Rng;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, ExprTrait, QueryFilter,
    QueryOrder, QuerySelect,
};
use uuid::{Builder, Uuid};

use crate::chore::CHUNK;
use crate::error::StoreError;
use crate::row::request_log as row;
use crate::store::Store;
use crate::tx::PlatformTx;

/// How long a whole address is kept at most.
pub const WHOLE_ADDRESS_FOR: Duration = Duration::from_hours(7 * 24);

/// Rows written in one statement.
const AT_ONCE: usize = 500;

/// Rows read in one transaction.
const READ_AT_ONCE: u64 = 1000;

/// A request that was answered.
#[derive(Clone, PartialEq, Eq)]
pub struct LoggedRequest {
    /// When it came, in whole seconds.
    pub received_at: Timestamp,
    /// Its method.
    pub method: String,
    /// The pattern of its route, such as `/confirm/{token}`; never the address that was asked for.
    pub route: String,
    /// The status of the answer.
    pub status: u16,
    /// How long the answer took.
    pub duration: Duration,
    /// Where it came from: an address, or the network it is in, once that is all that is kept.
    pub from: Option<Origin>,
}

/// Where a request came from.
#[derive(Clone, PartialEq, Eq)]
pub enum Origin {
    /// The whole address.
    Address(IpAddr),
    /// Its network, as `192.0.2.0/24` or `2001:db8:1::/48`.
    Network(String),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(address) => write!(f, "{address}"),
            Self::Network(network) => f.write_str(network),
        }
    }
}

/// One line for the operator.
impl fmt::Display for LoggedRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (at, method, route) = (self.received_at, &self.method, &self.route);
        write!(
            f,
            "{at} {method} {route} {} {}ms ",
            self.status,
            self.duration.as_millis()
        )?;
        match &self.from {
            Some(origin) => write!(f, "{origin}"),
            None => f.write_str("-"),
        }
    }
}

/// The network of an address: 24 bits of IPv4, 48 of IPv6.
fn network_of(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => {
            let [a, b, c, _] = address.octets();
            format!("{a}.{b}.{c}.0/24")
        }
        IpAddr::V6(address) => {
            let bits = address.to_bits() & (u128::MAX << 80);
            format!("{}/48", std::net::Ipv6Addr::from_bits(bits))
        }
    }
}

/// Not in the order of time, and unlike any other id: it leads nowhere.
fn random_id() -> Uuid {
    let mut bytes = [0; 16];
    rand::rng().fill_bytes(&mut bytes);
    Builder::from_random_bytes(bytes).into_uuid()
}

fn whole_second(at: Timestamp) -> i64 {
    at.micros() - at.micros().rem_euclid(1_000_000)
}

fn active(request: &LoggedRequest) -> row::ActiveModel {
    let (address, network) = match &request.from {
        Some(Origin::Address(address)) => (
            Some(address.to_canonical().to_string()),
            Some(network_of(*address)),
        ),
        Some(Origin::Network(network)) => (None, Some(network.clone())),
        None => (None, None),
    };
    row::ActiveModel {
        id: Set(random_id()),
        received_at: Set(whole_second(request.received_at)),
        method: Set(request.method.clone()),
        route: Set(request.route.clone()),
        status: Set(i32::from(request.status)),
        duration_millis: Set(i32::try_from(request.duration.as_millis()).unwrap_or(i32::MAX)),
        ip_address: Set(address),
        ip_prefix: Set(network),
    }
}

/// Writes requests down.
pub async fn write(store: &Store, requests: &[LoggedRequest]) -> Result<(), StoreError> {
    for some in requests.chunks(AT_ONCE) {
        let tx = PlatformTx::write(store).await?;
        row::Entity::insert_many(some.iter().map(active))
            .exec_without_returning(tx.conn())
            .await?;
        tx.commit().await?;
    }
    Ok(())
}

impl From<row::Model> for LoggedRequest {
    fn from(row: row::Model) -> Self {
        let address = row.ip_address.and_then(|text| text.parse().ok());
        let network = row.ip_prefix.map(Origin::Network);
        Self {
            received_at: Timestamp::from_micros(row.received_at),
            method: row.method,
            route: row.route,
            status: u16::try_from(row.status).unwrap_or_default(),
            duration: Duration::from_millis(u64::try_from(row.duration_millis).unwrap_or_default()),
            from: address.map(Origin::Address).or(network),
        }
    }
}

/// Shows the operator every request since a time, oldest first. Memory does not grow with the log.
pub async fn read(
    store: &Store,
    since: Timestamp,
    mut show: impl FnMut(&LoggedRequest),
) -> Result<(), StoreError> {
    let mut behind: Option<(i64, Uuid)> = None;
    loop {
        let mut next = row::Entity::find().filter(row::Column::ReceivedAt.gte(whole_second(since)));
        if let Some((at, id)) = behind {
            let later = Condition::any()
                .add(row::Column::ReceivedAt.gt(at))
                .add(row::Column::ReceivedAt.eq(at).and(row::Column::Id.gt(id)));
            next = next.filter(later);
        }
        let tx = PlatformTx::read(store).await?;
        let rows = next
            .order_by_asc(row::Column::ReceivedAt)
            .order_by_asc(row::Column::Id)
            .limit(READ_AT_ONCE)
            .all(tx.conn())
            .await?;
        drop(tx);
        let Some(last) = rows.last() else { return Ok(()) };
        behind = Some((last.received_at, last.id));
        for row in rows {
            show(&row.into());
        }
    }
}

/// Forgets: the last part of an address after a week, or sooner where `days` are fewer; all of it after `days`; the
/// request itself after twice as many.
pub async fn forget(store: &Store, days: u32) -> Result<(), StoreError> {
    let kept = Duration::from_hours(24) * days;
    let steps = [
        (
            "UPDATE request_log SET ip_address = NULL",
            "ip_address IS NOT NULL AND",
            kept.min(WHOLE_ADDRESS_FOR),
        ),
        (
            "UPDATE request_log SET ip_prefix = NULL",
            "ip_prefix IS NOT NULL AND",
            kept,
        ),
        ("DELETE FROM request_log", "", kept * 2),
    ];
    for (change, among, after) in steps {
        let sql = format!(
            "{change} WHERE id IN (SELECT id FROM request_log WHERE {among} received_at < $1
                                   ORDER BY received_at LIMIT {CHUNK})"
        );
        loop {
            let tx = PlatformTx::write(store).await?;
            let until = tx.now().before(after).micros();
            let done = tx.conn().execute_raw(tx.statement(&sql, [until.into()])).await?;
            tx.commit().await?;
            if done.rows_affected() < u64::from(CHUNK) {
                break;
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn p02_a_network_says_less_than_an_address() {
        let network = |text: &str| network_of(text.parse().unwrap());
        assert_eq!(network("192.0.2.77"), "192.0.2.0/24");
        assert_eq!(network("::ffff:192.0.2.77"), "192.0.2.0/24");
        assert_eq!(network("2001:db8:1:2:3:4:5:6"), "2001:db8:1::/48");
    }
}
