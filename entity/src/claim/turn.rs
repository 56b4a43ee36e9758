//! A turn: how the mailing and its mail server stand, and then as much as that lets through.

use assent_domain::circuit::Pass;

use super::{Claimant, Claims, Place};
use crate::circuit;
use crate::error::StoreError;
use crate::mailing::{self, Kept, Mailing};
use crate::outcome::{Ended, Terms};
use crate::store::Store;
use crate::tx::{TenantCtx, TenantTx, Write};

/// A turn that has begun: its transaction is open, and how the mailing stands is known. Nothing is claimed yet. On SQLite
/// nobody else writes from here on.
#[derive(Debug)]
#[must_use]
pub struct Begun<'a> {
    tx: TenantTx<Write>,
    kept: Kept,
    mailing: &'a Mailing,
    terms: &'a Terms,
}

impl<'a> Begun<'a> {
    /// Opens the transaction and asks how the mailing stands.
    pub async fn begin(
        store: &Store,
        ctx: TenantCtx,
        mailing: &'a Mailing,
        terms: &'a Terms,
    ) -> Result<Self, StoreError> {
        let tx = TenantTx::write(store, ctx).await?;
        let kept = mailing::keep_lease(&tx, mailing, terms).await?;
        Ok(Self {
            tx,
            kept,
            mailing,
            terms,
        })
    }

    /// Goes on as [`turn`] does, and commits. The transaction's start is the time of the decisions: hand over within a
    /// second of that.
    pub async fn end(mut self, ended: &[Ended], limit: u32, place: &mut Place) -> Result<Claims, StoreError> {
        let claims = go_on(
            &mut self.tx,
            self.kept,
            self.mailing,
            self.terms,
            ended,
            limit,
            place,
        )
        .await?;
        self.tx.commit().await?;
        Ok(claims)
    }
}

/// Records `ended`, and claims at most `limit` rows that are due, from `place` on; of a server that refuses everything, one
/// after each rest.
///
/// The transaction's start is the time of the decisions: commit it, and hand over within a second.
pub async fn turn(
    tx: &mut TenantTx<Write>,
    mailing: &Mailing,
    terms: &Terms,
    ended: &[Ended],
    limit: u32,
    place: &mut Place,
) -> Result<Claims, StoreError> {
    let kept = mailing::keep_lease(tx, mailing, terms).await?;
    go_on(tx, kept, mailing, terms, ended, limit, place).await
}

async fn go_on(
    tx: &mut TenantTx<Write>,
    kept: Kept,
    mailing: &Mailing,
    terms: &Terms,
    ended: &[Ended],
    limit: u32,
    place: &mut Place,
) -> Result<Claims, StoreError> {
    let server = terms.circuit();
    let circuit = circuit::heed(tx, &server, kept.circuit, ended).await?;
    let claimant = Claimant {
        mailing,
        terms,
        ended,
        place,
        is_limited: kept.is_limited,
        naming: kept.naming,
    };
    if !kept.goes_on {
        // What was not tried goes back to its limits all the same.
        claimant.claim(tx, 0).await?;
        return Ok(Claims::none(false));
    }
    let rests = |claims| Claims {
        rests: true,
        ..claims
    };
    match circuit.pass(tx.now()) {
        Pass::Free => claimant.claim(tx, limit).await,
        Pass::Wait(_) => claimant.claim(tx, 0).await.map(rests),
        Pass::Try if limit == 0 => claimant.claim(tx, 0).await,
        Pass::Try => match circuit::hold_for_try(tx, &server).await? {
            None => claimant.claim(tx, 0).await.map(rests),
            Some(held) => {
                let claims = claimant.claim(tx, 1).await?;
                if !claims.claims.is_empty() {
                    held.begin(tx).await?;
                }
                Ok(claims)
            }
        },
    }
}
