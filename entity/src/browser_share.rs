//! With what hosted pages are read: a count a day and family, and nothing about anybody (P02).

use std::collections::BTreeMap;

use assent_domain::browser::BrowserFamily;
use assent_domain::clock::Timestamp;
use sea_orm::FromQueryResult;

use crate::error::{StoreError, read_code};
use crate::store::Store;
use crate::tenant;
use crate::tx::TenantTx;

const MICROS_A_DAY: i64 = 24 * 60 * 60 * 1_000_000;

/// A day in UTC, counted from 1970-01-01: no time finer than that is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(i32);

impl Day {
    /// The day of a time.
    pub fn of(at: Timestamp) -> Self {
        Self(i32::try_from(at.micros().div_euclid(MICROS_A_DAY)).unwrap_or_default())
    }

    /// Its number, as it is stored.
    pub(crate) fn number(self) -> i32 {
        self.0
    }
}

/// Views of hosted pages, by the tenant's name in addresses.
pub type Views = BTreeMap<String, BTreeMap<(Day, BrowserFamily), u64>>;

/// Adds views to those counted before. A tenant that is gone by now has none.
pub async fn add(store: &Store, views: &Views) -> Result<(), StoreError> {
    for (slug, counts) in views {
        let Some(ctx) = tenant::by_slug(store, slug).await? else {
            continue;
        };
        let tx = TenantTx::write(store, ctx).await?;
        for ((day, family), views) in counts {
            let views = i64::try_from(*views).unwrap_or(i64::MAX);
            tx.execute(
                "INSERT INTO browser_share (tenant_id, day, family, views) VALUES ($1, $2, $3, $4)
                 ON CONFLICT (tenant_id, day, family) DO UPDATE SET views = browser_share.views + excluded.views",
                [day.0.into(), family.to_string().into(), views.into()],
            )
            .await?;
        }
        tx.commit().await?;
    }
    Ok(())
}

/// How many views a family had, and what part of all that is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BrowserShare {
    /// The family.
    pub family: BrowserFamily,
    /// Its views.
    pub views: u64,
    /// Its part of all views, from 0 to 1.
    pub share: f64,
}

#[derive(FromQueryResult)]
struct Counted {
    family: String,
    views: i64,
}

/// The views of the tenant's pages from one day to another, both included, the most frequent family first.
pub async fn between<M>(tx: &TenantTx<M>, from: Day, to: Day) -> Result<Vec<BrowserShare>, StoreError> {
    let sql = "SELECT family, CAST(SUM(views) AS BIGINT) AS views FROM browser_share
               WHERE tenant_id = $1 AND day >= $2 AND day <= $3 GROUP BY family ORDER BY 2 DESC, 1";
    let rows: Vec<Counted> = tx.all(sql, [from.0.into(), to.0.into()]).await?;
    let total: i64 = rows.iter().map(|row| row.views).sum();
    let share = |row: &Counted| -> Result<BrowserShare, StoreError> {
        Ok(BrowserShare {
            family: read_code(&row.family)?,
            views: u64::try_from(row.views).unwrap_or_default(),
            share: part(row.views, total),
        })
    };
    rows.iter().map(share).collect()
}

#[expect(clippy::cast_precision_loss, reason = "a part of a whole, for people to read")]
fn part(views: i64, total: i64) -> f64 {
    views as f64 / (total.max(1) as f64)
}
