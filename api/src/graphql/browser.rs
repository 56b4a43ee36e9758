//! With what the tenant's pages are read, as counts.

use assent_domain::browser::BrowserFamily as DomainFamily;
use assent_entity::browser_share::{self, BrowserShare as Row, Day};
use async_graphql::{Context, Enum, Object, SimpleObject};

use super::context::World;
use super::error::Result;
use super::time::Time;

/// What hosted pages are read with, in families so wide that one says nothing about a person.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "DomainFamily")]
pub(crate) enum BrowserFamily {
    /// Google's, and Chromium under its name.
    Chrome,
    /// Microsoft's.
    Edge,
    /// Mozilla's.
    Firefox,
    /// Apple's.
    Safari,
    /// Samsung's.
    SamsungInternet,
    /// Opera's.
    Opera,
    /// Any other browser.
    Other,
    /// No browser: search engines, mail scanners, previews, programs.
    Program,
}

/// How often a family of browsers read the tenant's pages.
#[derive(SimpleObject)]
pub(crate) struct BrowserShare {
    /// The family.
    family: BrowserFamily,
    /// How many views it had.
    views: u64,
    /// What part of all views that is, from 0 to 1.
    share: f64,
}

impl From<Row> for BrowserShare {
    fn from(row: Row) -> Self {
        Self {
            family: row.family.into(),
            views: row.views,
            share: row.share,
        }
    }
}

/// What can be asked about browsers.
#[derive(Default)]
pub(crate) struct BrowserQuery;

#[Object]
impl BrowserQuery {
    /// With what the tenant's published pages - its policy and its forms - were read, the most frequent family first.
    /// These are counts a day and nothing else: who read a page is not known. For owners, privacy officers and
    /// marketers.
    #[graphql(complexity = "20 + 8 * child_complexity")]
    async fn browser_share(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first day, in UTC: any time of it.")] from: Time,
        #[graphql(desc = "The last day, in UTC: any time of it.")] to: Time,
    ) -> Result<Vec<BrowserShare>> {
        let tx = ctx.read().await?;
        let shares = browser_share::between(&tx, Day::of(from.0), Day::of(to.0)).await?;
        Ok(shares.into_iter().map(BrowserShare::from).collect())
    }
}
