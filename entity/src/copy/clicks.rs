//! The links of campaigns that a person followed, in a copy of their data.

use assent_domain::clock::Timestamp;
use assent_domain::id::SubscriberId;
use sea_orm::FromQueryResult;
use serde::Serialize;

use crate::error::StoreError;
use crate::tx::TenantTx;

/// A link that a person followed, and agreed to be counted for.
#[derive(Serialize)]
pub struct Click {
    /// The subject of the campaign.
    pub subject: String,
    /// Where the link leads.
    pub url: String,
    /// When they followed it first.
    pub clicked_at: String,
    /// How often.
    pub clicks: i64,
}

#[derive(FromQueryResult)]
struct Row {
    subject: String,
    url: String,
    clicked_at: i64,
    clicks: i64,
}

/// What a person followed, in the order in which they first did.
pub(super) async fn by<M>(tx: &TenantTx<M>, person: SubscriberId) -> Result<Vec<Click>, StoreError> {
    let sql = "SELECT c.subject, l.url, k.clicked_at, k.clicks FROM link_click k
               JOIN campaign_link l ON l.tenant_id = k.tenant_id AND l.campaign_id = k.campaign_id
                                   AND l.number = k.number
               JOIN campaign c ON c.tenant_id = k.tenant_id AND c.id = k.campaign_id
               WHERE k.tenant_id = $1 AND k.subscriber_id = $2 ORDER BY k.clicked_at, k.campaign_id, k.number";
    let rows: Vec<Row> = tx.all(sql, [person.uuid().into()]).await?;
    let click = |row: Row| Click {
        subject: row.subject,
        url: row.url,
        clicked_at: Timestamp::from_micros(row.clicked_at).to_string(),
        clicks: row.clicks,
    };
    Ok(rows.into_iter().map(click).collect())
}
