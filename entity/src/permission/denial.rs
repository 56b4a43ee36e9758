//! A no that answers no question about one party: an objection to everything, what was said under another id of the same
//! person, and what was said after a backup that was restored.

use std::collections::BTreeMap;

use assent_domain::consent::{ConsentSource, ConsentState, denied};
use assent_domain::disclosure::{Fields, PersonField};
use assent_domain::id::{OutsidePartyId, SubscriberId, stored};
use sea_orm::{ColumnTrait, QueryFilter};

use super::{Occasion, entry, facts, of, project, projected};
use crate::error::{StoreError, read_code};
use crate::row::permission as row;
use crate::tx::{TenantTx, Write};
use crate::wording;

/// The words of an objection, to which the records of [`withdraw_all`] refer.
const OBJECTION: &str = "I object: nobody outside gets anything of me.";

/// The words to which the records of [`merge`] refer.
const SAID_AS_ANOTHER: &str =
    "What was refused at one address is refused at the other, which is the same person's.";

/// Takes back every yes of a person. Their row has to be locked.
pub(crate) async fn withdraw_all(
    tx: &mut TenantTx<Write>,
    person: SubscriberId,
    occasion: Occasion,
) -> Result<(), StoreError> {
    let rows = rows_in(tx, person, &[ConsentState::Given]).await?;
    let mut given: BTreeMap<OutsidePartyId, Fields> = BTreeMap::new();
    for row in rows {
        let fields = given.entry(stored(row.outside_party_id)).or_default();
        fields.insert(read_code(&row.field)?);
    }
    for (party, fields) in given {
        write(
            tx,
            person,
            party,
            fields,
            ConsentState::Withdrawn,
            occasion,
            OBJECTION,
        )
        .await?;
    }
    Ok(())
}

/// Lets every no of somebody who turns out to be another hold for that other, whatever they had said there, or had not.
/// A yes is not carried over: it is asked for anew. Both rows have to be locked.
pub(crate) async fn merge(
    tx: &mut TenantTx<Write>,
    gone: SubscriberId,
    stays: SubscriberId,
) -> Result<(), StoreError> {
    let noes = [ConsentState::Refused, ConsentState::Withdrawn];
    for row in rows_in(tx, gone, &noes).await? {
        let occasion = Occasion {
            source: ConsentSource::Merge,
            policy: stored(row.policy_version_id),
        };
        let (party, field) = (stored(row.outside_party_id), read_code(&row.field)?);
        deny(tx, stays, party, field, occasion, SAID_AS_ANOTHER).await?;
    }
    Ok(())
}

/// Lets a no hold that was said elsewhere, whatever stands: a yes, a question that was not answered, or nothing. `words`
/// say where it comes from. The record names the version under which the person had answered here, if they had. Their
/// row has to be locked.
pub(crate) async fn deny(
    tx: &mut TenantTx<Write>,
    person: SubscriberId,
    party: OutsidePartyId,
    field: PersonField,
    occasion: Occasion,
    words: &str,
) -> Result<(), StoreError> {
    let own = of(tx, person, party).await?.remove(&field);
    let Some(state) = denied(own.map(|own| own.state)) else {
        return Ok(());
    };
    let occasion = Occasion {
        policy: own.map_or(occasion.policy, |own| own.policy_version),
        ..occasion
    };
    write(tx, person, party, [field].into(), state, occasion, words).await
}

async fn rows_in(
    tx: &TenantTx<Write>,
    person: SubscriberId,
    states: &[ConsentState],
) -> Result<Vec<row::Model>, StoreError> {
    let rows = tx
        .find::<row::Entity>()
        .filter(row::Column::SubscriberId.eq(person.uuid()))
        .filter(row::Column::State.is_in(states.iter().map(ToString::to_string)))
        .all(tx.conn())
        .await?;
    Ok(rows)
}

async fn write(
    tx: &mut TenantTx<Write>,
    person: SubscriberId,
    party: OutsidePartyId,
    fields: Fields,
    state: ConsentState,
    occasion: Occasion,
    words: &str,
) -> Result<(), StoreError> {
    let shown = wording::keep(tx, "outsideParties", words).await?;
    let facts = facts(party, fields, state, occasion, &shown);
    let entry = entry(tx, person, &facts)?;
    project(tx, projected(tx, person, &facts, stored(entry.id().uuid()))).await?;
    tx.note(entry);
    Ok(())
}
