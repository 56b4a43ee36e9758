//! A member's wish for a new password, as every face takes it. What comes back is the same, and takes as long, whoever's address
//! it is.

use std::time::Duration;

use assent_domain::language::Language;
use assent_entity::{StoreError, password_reset};
use tokio::time::{Instant, sleep_until};

use crate::app::App;
use crate::limits::{Network, TooOften};

/// How long an answer takes at least: longer than the longest way through the store takes on its own.
const ANSWER_AFTER: Duration = Duration::from_millis(250);

/// Why a wish was not taken, which says nothing of who is a member.
#[derive(Debug)]
pub(crate) enum NotTaken {
    /// Too many came from one network.
    TooOften(TooOften),
    /// The store failed.
    Store(StoreError),
}

/// Takes the wish of somebody in this network. `language` is what they read.
pub(crate) async fn ask(
    app: &App,
    from: &Network,
    tenant: &str,
    email: &str,
    language: Option<&Language>,
) -> Result<(), NotTaken> {
    let started = Instant::now();
    app.limits.account_link(from).map_err(NotTaken::TooOften)?;
    let outcome = password_reset::request(&app.store, tenant, email, language).await;
    sleep_until(started + ANSWER_AFTER).await;
    outcome.map_err(NotTaken::Store)
}
