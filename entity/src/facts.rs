//! Gathering facts for the one rule. SQL reads them, `domain` decides.

use assent_domain::clock::Timestamp;
use assent_domain::consent::ConsentState;
use assent_domain::delivery::MailingKind;
use assent_domain::id::{CampaignId, PurposeId, SubscriberId};
use assent_domain::mailing_list::SubscriptionState;
use assent_domain::permit::{ConsentFact, MessageFacts, RecipientFacts, Refusal, refusal};
use assent_domain::suppression::{MessageKind, Suppressions};
use sea_orm::{FromQueryResult, Value};
use uuid::Uuid;

use crate::content;
use crate::error::{StoreError, read_code};
use crate::naming::{self, Naming};
use crate::purpose;
use crate::tx::TenantTx;

/// What is true of a message, and of the policy versions it may have been agreed to under.
#[derive(Clone, Debug)]
pub(crate) struct Ground {
    pub(crate) message: MessageFacts,
    naming: Naming,
    /// The latest time of a yes that has run out; none where none has.
    over_up_to: Option<Timestamp>,
}

/// Reads what is true of a message, whoever gets it; `content_of` is the campaign whose content it has, if that brings
/// anybody in.
pub(crate) async fn ground<M>(
    tx: &TenantTx<M>,
    purpose: PurposeId,
    kind: MessageKind,
    content_of: Option<CampaignId>,
) -> Result<Ground, StoreError> {
    let naming = naming::naming(tx, purpose).await?;
    ground_of(tx, naming, purpose, kind, content_of).await
}

/// The same, where it is known already which versions name the purpose.
pub(crate) async fn ground_of<M>(
    tx: &TenantTx<M>,
    naming: Naming,
    purpose: PurposeId,
    kind: MessageKind,
    content_of: Option<CampaignId>,
) -> Result<Ground, StoreError> {
    // The very first policy is announced to members before any is in force.
    let announces_the_first = kind == MessageKind::PolicyNotice && !naming.is_ruled();
    let content_in_policy = match content_of {
        Some(campaign) => content::is_named_by(tx, campaign, naming.version_in_force()).await?,
        None => true,
    };
    let message = MessageFacts {
        tenant: tx.tenant(),
        tenant_life: naming.tenant_life(),
        tenant_status: naming.tenant_status(),
        purpose,
        kind,
        purpose_in_force: naming.in_force() || announces_the_first,
        content_in_policy,
        is_too_late: false,
    };
    let over_up_to = naming.expiry().and_then(|expiry| expiry.over_up_to(tx.now()));
    Ok(Ground {
        message,
        naming,
        over_up_to,
    })
}

macro_rules! rank {
    () => {
        "CASE u.state WHEN 'ACTIVE' THEN 1 WHEN 'PENDING' THEN 2 ELSE 3 END"
    };
}

/// The rank of a subscription `u`, the best first: of several, the best counts.
pub(crate) const RANK: &str = rank!();

/// What a rank says.
pub(crate) fn standing(rank: i64) -> SubscriptionState {
    match rank {
        1 => SubscriptionState::Active,
        2 => SubscriptionState::Pending,
        _ => SubscriptionState::Ended,
    }
}

/// The columns from which [`PersonRow`] reads. `CROSS JOIN` makes SQLite begin with the few lists of the campaign
/// and look each subscription up by its whole key, where it would otherwise read all of the tenant's.
///
/// `$2` is the purpose, `$3` the campaign, or NULL, `$4` the latest time of a yes that has run out, see
/// [`Ground::parameters`].
pub(crate) const PERSON_COLUMNS: &str = concat!(
    "
    CAST(COALESCE((SELECT SUM(DISTINCT x.bit) FROM suppression x
                   WHERE x.tenant_id = s.tenant_id AND x.address_hash = s.address_hash
                     AND (x.scope = 'ALL' OR x.scope_id = $2
                          OR EXISTS (SELECT 1 FROM campaign_list l WHERE l.tenant_id = $1 AND l.campaign_id = $3
                                       AND l.list_id = x.scope_id))), 0) AS INTEGER) AS suppressions,
    CASE WHEN s.restricted_at IS NULL THEN 0 ELSE 1 END AS restricted,
    s.collected_under AS collected_under,
    c.state AS consent_state,
    c.policy_version_id AS consent_version,
    CASE WHEN c.recorded_at <= $4 THEN 1 ELSE 0 END AS consent_is_over,
    (SELECT MIN(",
    rank!(),
    ")
     FROM campaign_list l CROSS JOIN subscription u
     WHERE l.tenant_id = $1 AND l.campaign_id = $3
       AND u.tenant_id = $1 AND u.list_id = l.list_id AND u.subscriber_id = s.id) AS subscription"
);

/// Where these columns come from, besides a subscriber `s`.
pub(crate) const THEIR_CONSENT: &str = "
    LEFT JOIN consent c ON c.tenant_id = s.tenant_id AND c.subscriber_id = s.id AND c.purpose_id = $2";

/// The facts of one person.
#[derive(Clone, Debug, FromQueryResult)]
pub(crate) struct PersonRow {
    suppressions: i32,
    restricted: i32,
    collected_under: Uuid,
    consent_state: Option<String>,
    consent_version: Option<Uuid>,
    consent_is_over: i32,
    subscription: Option<i32>,
}

impl PersonRow {
    /// The same person, reached at an address that is held back so.
    pub(crate) fn see_from(&mut self, address: Suppressions) {
        self.suppressions = address.bits().into();
    }
}

impl Ground {
    /// The versions that name the purpose.
    pub(crate) fn naming_versions(&self) -> impl Iterator<Item = Uuid> {
        self.naming.versions()
    }

    /// What the rule asks about a person.
    pub(crate) fn facts_of(&self, row: &PersonRow) -> Result<RecipientFacts, StoreError> {
        let consent = match (&row.consent_state, row.consent_version) {
            (Some(state), Some(version)) => Some(ConsentFact {
                state: read_code::<ConsentState>(state)?,
                named_by_its_version: self.naming.by(version),
                is_over: row.consent_is_over != 0,
            }),
            _ => None,
        };
        Ok(RecipientFacts {
            suppressions: Suppressions::from_bits(u8::try_from(row.suppressions).unwrap_or(u8::MAX)),
            restricted: row.restricted != 0,
            subscription: row.subscription.map(i64::from).map(standing),
            consent,
            collected_for_purpose: self.naming.by(row.collected_under),
            already_sent: false,
            has_answered: false,
        })
    }

    /// `$2`, `$3` and `$4` of the queries above.
    pub(crate) fn parameters(&self, campaign: Option<CampaignId>) -> [Value; 3] {
        let purpose = self.message.purpose.uuid();
        let over_up_to = self.over_up_to.map_or(i64::MIN, Timestamp::micros);
        [
            purpose.into(),
            campaign.map(|id| id.uuid()).into(),
            over_up_to.into(),
        ]
    }

    /// What the rule asks about a member: members are told of policies because they are members.
    pub(crate) fn facts_of_member() -> RecipientFacts {
        RecipientFacts {
            suppressions: Suppressions::NONE,
            restricted: false,
            subscription: None,
            consent: None,
            collected_for_purpose: true,
            already_sent: false,
            has_answered: false,
        }
    }
}

/// Whether a message for this purpose would go to this person now, on any list that has the purpose.
pub async fn decision<M>(
    tx: &TenantTx<M>,
    subscriber: SubscriberId,
    purpose: &purpose::Purpose,
) -> Result<Option<Refusal>, StoreError> {
    let ground = ground(tx, purpose.id, purpose.message_kind(), None).await?;
    let mut facts = facts_without_lists(tx, &ground, subscriber).await?;
    facts.subscription = best_subscription(tx, subscriber, purpose.id).await?;
    Ok(refusal(&ground.message, facts))
}

/// Whether a message to this person alone, which goes to no list, would go to them now.
pub(crate) async fn decision_for_one<M>(
    tx: &TenantTx<M>,
    subscriber: SubscriberId,
    purpose: &purpose::Purpose,
) -> Result<Option<Refusal>, StoreError> {
    let kind = MailingKind::Transactional.message_kind(purpose.needs_consent_in_campaigns());
    let ground = ground(tx, purpose.id, kind, None).await?;
    let facts = facts_without_lists(tx, &ground, subscriber).await?;
    Ok(refusal(&ground.message, facts))
}

async fn facts_without_lists<M>(
    tx: &TenantTx<M>,
    ground: &Ground,
    subscriber: SubscriberId,
) -> Result<RecipientFacts, StoreError> {
    let sql = format!(
        "SELECT {PERSON_COLUMNS} FROM subscriber s {THEIR_CONSENT} WHERE s.tenant_id = $1 AND s.id = $5"
    );
    let id = Value::from(subscriber.uuid());
    let row: Option<PersonRow> = tx
        .one(&sql, ground.parameters(None).into_iter().chain([id]))
        .await?;
    ground.facts_of(&row.ok_or(StoreError::NotFound("subscriber"))?)
}

#[derive(FromQueryResult)]
struct Best {
    subscription: Option<i32>,
}

async fn best_subscription<M>(
    tx: &TenantTx<M>,
    subscriber: SubscriberId,
    purpose: PurposeId,
) -> Result<Option<SubscriptionState>, StoreError> {
    let sql = format!(
        "SELECT MIN({RANK}) AS subscription FROM subscription u
         JOIN list_purpose p ON p.tenant_id = u.tenant_id AND p.list_id = u.list_id
         WHERE u.tenant_id = $1 AND u.subscriber_id = $2 AND p.purpose_id = $3"
    );
    let best: Option<Best> = tx
        .one(&sql, [subscriber.uuid().into(), purpose.uuid().into()])
        .await?;
    Ok(best
        .and_then(|best| best.subscription)
        .map(i64::from)
        .map(standing))
}
