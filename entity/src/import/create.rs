//! Asking for an import: what a tenant says of it before its table is read.

use assent_domain::audit::AuditAct;
use assent_domain::clock::Timestamp;
use assent_domain::id::{CollectionPointId, ImportId, MailingListId, new_id, stored};
use assent_domain::import::{
    Column, Decoder, ImportStatus, Layout, PermissionEvidence, TextEncoding, WithoutEvidence,
};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::json;
use sha2::{Digest, Sha256};

use super::problem::Counts;
use super::table::{self, Whole};
use super::{purposes, row};
use crate::audit::Change;
use crate::error::StoreError;
use crate::row::import_purpose;
use crate::tx::{TenantTx, Write};
use crate::{collection_point, mailing_list, policy, text};

/// The longest words about a permission, in characters.
const MAX_WORDS_CHARS: usize = 2000;

/// How many imports of a tenant can be under way at once: each may have a table that waits to be read.
pub const MAX_UNDER_WAY: u64 = 20;

/// What a tenant says of how it came by the permission of all whom it brings along.
#[derive(Clone, Debug)]
pub struct NewEvidence {
    /// Where it was given.
    pub source: String,
    /// When.
    pub collected_at: Timestamp,
    /// The words that people agreed to.
    pub statement: String,
    /// The codes of the purposes that they agreed to.
    pub purposes: Vec<String>,
}

/// What is to be brought along.
#[derive(Clone, Debug)]
pub struct NewImport {
    /// The list that people are to be put on.
    pub list: MailingListId,
    /// What the tenant says of the table.
    pub layout: Layout,
    /// How the permission was come by.
    pub evidence: Option<NewEvidence>,
    /// What becomes of those who come without.
    pub without_evidence: WithoutEvidence,
    /// The codes of the purposes that rows speak of that say themselves how the permission was come by, and for which others
    /// are asked. Needed where there is no evidence for all and rows say so.
    pub purposes: Option<Vec<String>>,
    /// The form by whose words those are asked who come without evidence; the newest that leads to the list, if none is
    /// named.
    pub form: Option<CollectionPointId>,
    /// Whether it is only to say what would become of each row.
    pub is_dry_run: bool,
    /// The most rows that are read.
    pub max_rows: u64,
    /// The tenant's own key: asked again with the same, nothing is brought along twice.
    pub idempotency_key: Option<String>,
}

/// Prepares an import, whose table is still to come. The same key gives the same import.
pub async fn create(tx: &mut TenantTx<Write>, new: &NewImport) -> Result<ImportId, StoreError> {
    let (id, is_new) = find_or_insert(tx, new).await?;
    if is_new {
        note(tx, AuditAct::ImportPrepared, id, new.list, new.is_dry_run).await?;
    }
    Ok(id)
}

/// Takes an import with its table, as CSV; a worker reads it. The same key gives the same import.
pub async fn create_with(
    tx: &mut TenantTx<Write>,
    new: &NewImport,
    csv: &str,
) -> Result<ImportId, StoreError> {
    let (id, _) = find_or_insert(tx, new).await?;
    let hash = Sha256::digest(csv).to_vec();
    tx.lock::<row::Entity>(id.uuid()).await?;
    let known = tx.get::<row::Entity>(id.uuid()).await?;
    if let Some(known) = known.table_hash {
        return if known == hash { Ok(id) } else { Err(other_table()) };
    }
    let mut text = String::with_capacity(csv.len());
    let mut reading = Decoder::new(Some(TextEncoding::utf_8()));
    reading.push(csv.as_bytes(), &mut text);
    let decoded = reading.finish(&mut text);
    // An upload of the same may have begun; it does not count any more.
    while table::forget_some(tx, id).await? > 0 {}
    table::keep(tx, id, &text, 0).await?;
    let whole = Whole {
        hash,
        decoded,
        octets: text.len(),
    };
    table::settle(tx, id, whole, "csv").await?;
    Ok(id)
}

/// What whoever brings another table under the same key is told.
pub(super) fn other_table() -> StoreError {
    let advice =
        "another list was brought along under this key: repeat that one as it was, or choose a new key";
    StoreError::conflict("idempotencyKey", advice)
}

/// Notes on the record what people are brought along for.
pub(super) async fn note(
    tx: &mut TenantTx<Write>,
    act: AuditAct,
    id: ImportId,
    list: MailingListId,
    is_dry_run: bool,
) -> Result<(), StoreError> {
    let purposes: Vec<_> = super::purposes_of(tx, id)
        .await?
        .iter()
        .map(ToString::to_string)
        .collect();
    let mut brought = json!({ "lists": [list.to_string()], "purposes": purposes });
    if is_dry_run && let Some(members) = brought.as_object_mut() {
        members.insert("dryRun".to_owned(), true.into());
    }
    tx.audit(act, id, &Change::to(brought))
}

/// The import with this key, or a new one; and whether it is new.
pub(super) async fn find_or_insert(
    tx: &TenantTx<Write>,
    new: &NewImport,
) -> Result<(ImportId, bool), StoreError> {
    tx.require_open()?;
    let hash = hash(new)?;
    if let Some(key) = &new.idempotency_key {
        text::key("idempotencyKey", key)?;
        if let Some(known) = by_key(tx, key).await? {
            return repeated(&known, &hash);
        }
    }
    require_room(tx).await?;
    let policy = policy::require_in_force(tx, "mailingListId").await?;
    let list = mailing_list::by_id(tx, new.list).await?;
    let named: Vec<_> = policy::purposes_of(tx, policy.id).await?;
    let purposes = purposes::chosen(tx, new, &named).await?;
    let evidence = new.evidence.as_ref().map(|said| checked(tx, said)).transpose()?;
    let form = form_for(tx, list.id, new.form).await?;
    let id: ImportId = new_id(tx.now());
    let row = row::ActiveModel {
        tenant_id: Set(tx.uuid()),
        id: Set(id.uuid()),
        list_id: Set(list.id.uuid()),
        collection_point_id: Set(form.map(|form| form.uuid())),
        idempotency_key: Set(new.idempotency_key.clone()),
        content_hash: Set(hash.clone()),
        table_hash: Set(None),
        status: Set(ImportStatus::AwaitingTable.to_string()),
        failure: Set(None),
        is_dry_run: Set(new.is_dry_run.into()),
        without_evidence: Set(new.without_evidence.to_string()),
        names_purposes: Set((new.purposes.is_some() || evidence.is_some()).into()),
        layout: Set(written(&new.layout)?),
        upload_id: Set(None),
        encoding: Set(None),
        is_encoding_guess: Set(0),
        delimiter: Set(None),
        columns: Set(written(&Vec::<Column>::new())?),
        source: Set(evidence.as_ref().map(|said| said.source.clone())),
        collected_at: Set(evidence.as_ref().map(|said| said.collected_at.micros())),
        statement: Set(evidence.as_ref().map(|said| said.statement.clone())),
        octets: Set(0),
        read_to: Set(0),
        line: Set(1),
        max_rows: Set(i64::try_from(new.max_rows).unwrap_or(i64::MAX)),
        rows_read: Set(0),
        rows_imported: Set(0),
        rows_held: Set(0),
        rows_refused: Set(0),
        people_new: Set(0),
        reasons: Set(Some(written(&Counts::new())?)),
        created_at: Set(tx.now().micros()),
        finished_at: Set(None),
    };
    let by_another = OnConflict::columns([row::Column::TenantId, row::Column::IdempotencyKey])
        .do_nothing()
        .to_owned();
    let inserted = row::Entity::insert(row)
        .on_conflict(by_another)
        .exec_without_returning(tx.conn())
        .await?;
    if inserted == 0 {
        // Somebody asked for the same at the same time.
        let key = new.idempotency_key.as_deref().unwrap_or_default();
        let known = by_key(tx, key).await?.ok_or(StoreError::NotFound("import"))?;
        return repeated(&known, &hash);
    }
    let rows = purposes.iter().map(|purpose| import_purpose::ActiveModel {
        tenant_id: Set(tx.uuid()),
        import_id: Set(id.uuid()),
        purpose_id: Set(purpose.uuid()),
    });
    import_purpose::Entity::insert_many(rows)
        .exec_without_returning(tx.conn())
        .await?;
    Ok((id, true))
}

/// Refuses one more beside as many as may be under way. Of several that are asked for at the same moment, some more may come in.
async fn require_room(tx: &TenantTx<Write>) -> Result<(), StoreError> {
    let under_way =
        tx.find::<row::Entity>()
            .filter(row::Column::Status.is_in(["AWAITING_TABLE", "QUEUED", "RUNNING"]));
    if under_way.count(tx.conn()).await? < MAX_UNDER_WAY {
        return Ok(());
    }
    let advice = format!(
        "{MAX_UNDER_WAY} imports are under way: wait until one has ended, send the tables that are awaited, or cancel with \
         `cancelImport` what is not wanted"
    );
    Err(StoreError::conflict("mailingListId", advice))
}

pub(super) fn written(value: &impl serde::Serialize) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::Corrupt(error.to_string()))
}

/// Tells what is asked for from something else.
fn hash(new: &NewImport) -> Result<Vec<u8>, StoreError> {
    let evidence = new.evidence.as_ref().map(|said| {
        let at = said.collected_at.micros();
        (&said.source, at, &said.statement, &said.purposes)
    });
    let form = new.form.map(|form| form.to_string());
    let terms = (new.without_evidence, new.is_dry_run, &new.layout);
    let whole = (new.list.to_string(), form, evidence, &new.purposes, terms);
    Ok(Sha256::digest(written(&whole)?).to_vec())
}

async fn by_key<M>(tx: &TenantTx<M>, key: &str) -> Result<Option<row::Model>, StoreError> {
    let query = tx
        .find::<row::Entity>()
        .filter(row::Column::IdempotencyKey.eq(key));
    Ok(query.one(tx.conn()).await?)
}

fn repeated(known: &row::Model, hash: &[u8]) -> Result<(ImportId, bool), StoreError> {
    if known.content_hash == hash {
        return Ok((stored(known.id), false));
    }
    Err(other_table())
}

fn checked(tx: &TenantTx<Write>, said: &NewEvidence) -> Result<PermissionEvidence, StoreError> {
    let words = |field, text: &str| {
        let text = text::lines(field, text, MAX_WORDS_CHARS)?;
        if text.is_empty() {
            let advice = "evidence of permission says where and when it was given, and what people agreed to";
            return Err(StoreError::invalid(field, advice));
        }
        Ok(text)
    };
    if said.collected_at > tx.now() {
        return Err(StoreError::invalid(
            "evidence.collectedAt",
            "this time is yet to come",
        ));
    }
    Ok(PermissionEvidence {
        source: words("evidence.source", &said.source)?,
        collected_at: said.collected_at,
        statement: words("evidence.statement", &said.statement)?,
    })
}

/// The form by whose words people are asked: the one that is named, or the newest that leads to the list.
async fn form_for(
    tx: &TenantTx<Write>,
    list: MailingListId,
    named: Option<CollectionPointId>,
) -> Result<Option<CollectionPointId>, StoreError> {
    let Some(named) = named else {
        return collection_point::newest_for(tx, list).await;
    };
    let form = collection_point::by_id(tx, named).await?;
    let leads_there = collection_point::lists(tx, &form)
        .await?
        .iter()
        .any(|of| of.id == list);
    if leads_there {
        return Ok(Some(named));
    }
    Err(StoreError::invalid(
        "collectionPointId",
        "this form does not lead to the list",
    ))
}
