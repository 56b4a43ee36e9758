//! Taking members in: as subscribers collected under the policy of the day they became members, who are told what they
//! do not know of it.

use assent_domain::audit::AuditAct;
use assent_domain::id::{PolicyVersionId, SubscriberId};
use assent_domain::membership::{self as rules, Arrival};
use assent_domain::policy::VersionTimes;
use sea_orm::{ActiveValue::Set, EntityTrait, sea_query::OnConflict};

use super::{Newly, moving, noted};
use crate::audit::Change;
use crate::error::StoreError;
use crate::policy::Standing;
use crate::row::membership as row;
use crate::store::Store;
use crate::subscriber;
use crate::tx::{TenantCtx, TenantTx, Write};
use crate::{mailing, policy, suppression};

/// Somebody who was not known before, and the number of the version they were collected under.
struct Newcomer {
    id: SubscriberId,
    collected_under: i32,
}

/// The policy as members are taken in under it.
pub(super) struct Rulebook {
    versions: Vec<Standing>,
    times: Vec<VersionTimes>,
    newcomers: Vec<Newcomer>,
}

impl Rulebook {
    async fn read(tx: &TenantTx<Write>) -> Result<Self, StoreError> {
        let versions = policy::standings(tx).await?;
        Ok(Self {
            times: versions.iter().map(|of| of.times).collect(),
            versions,
            newcomers: Vec::new(),
        })
    }

    /// The version under which a member is taken in; none where no policy is in force.
    fn version_for(&self, tx: &TenantTx<Write>, of: &Newly) -> Option<(PolicyVersionId, i32)> {
        let number = rules::collected_under(&self.times, of.member_since, tx.now())?;
        let version = self
            .versions
            .iter()
            .find(|version| version.times.number == number);
        version.map(|version| (version.id, number))
    }

    /// The number of the oldest version under which one of them is taken in.
    fn oldest_for(&self, tx: &TenantTx<Write>, people: &[Newly]) -> Option<i32> {
        let numbers = people.iter().filter_map(|of| self.version_for(tx, of));
        numbers.map(|(_, number)| number).min()
    }
}

/// Sees to members who are not noted, or under another address.
pub(super) async fn see_to(store: &Store, ctx: TenantCtx, people: &[Newly]) -> Result<(), StoreError> {
    let mut tx = TenantTx::write(store, ctx).await?;
    let mut rulebook = Rulebook::read(&tx).await?;
    let Some(oldest) = rulebook.oldest_for(&tx, people) else {
        return Ok(());
    };
    let news = mailing::hold_news_after(&tx, oldest).await?;
    for of in people {
        match noted(&tx, of.key).await? {
            None => begin(&mut tx, &mut rulebook, of).await?,
            Some(row) if row.address_hash != of.hash.0 => {
                moving::follow(&mut tx, &mut rulebook, &row, of).await?;
            }
            // Another process was here.
            Some(_) => {}
        }
    }
    for news in news {
        let unaware = rulebook.newcomers.iter();
        let unaware = unaware.filter(|of| of.collected_under < news.number());
        let unaware: Vec<_> = unaware.map(|of| of.id).collect();
        mailing::tell(&mut tx, news, &unaware).await?;
    }
    tx.commit().await
}

async fn begin(tx: &mut TenantTx<Write>, rulebook: &mut Rulebook, of: &Newly) -> Result<(), StoreError> {
    let subscriber = admit(tx, rulebook, of).await?;
    let row = row::ActiveModel {
        tenant_id: Set(tx.uuid()),
        member_tenant_id: Set(of.key.tenant),
        member_id: Set(of.key.member),
        subscriber_id: Set(subscriber.map(|id| id.uuid())),
        address_hash: Set(of.hash.0.to_vec()),
        began_at: Set(tx.now().micros()),
        ended_at: Set(None),
    };
    let key = [
        row::Column::TenantId,
        row::Column::MemberTenantId,
        row::Column::MemberId,
    ];
    let noted = OnConflict::columns(key).do_nothing().to_owned();
    let inserted = row::Entity::insert(row)
        .on_conflict(noted)
        .exec_without_returning(tx.conn())
        .await?;
    if inserted == 0 {
        return Ok(());
    }
    tx.audit_about(AuditAct::MembershipBegan, subscriber, &Change::to(of.key.named()))
}

/// The subscriber that a member is or becomes; none where they stay out.
pub(super) async fn admit(
    tx: &TenantTx<Write>,
    rulebook: &mut Rulebook,
    of: &Newly,
) -> Result<Option<SubscriberId>, StoreError> {
    let held_back = suppression::of_address(tx, of.hash).await?;
    let Some((version, number)) = rulebook.version_for(tx, of) else {
        return Ok(None);
    };
    if rules::arrival(held_back) == Arrival::StaysOut {
        return Ok(None);
    }
    let (person, is_new) = subscriber::admit(tx, &of.email, version).await?;
    if is_new {
        rulebook.newcomers.push(Newcomer {
            id: person.id,
            collected_under: number,
        });
    }
    Ok(Some(person.id))
}
