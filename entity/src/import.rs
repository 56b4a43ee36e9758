//! Lists of people that a tenant brings along: how they come in, and where they stand.
//!
//! The text is kept in pieces until it has been read; a worker takes the rows in, some at a time, and notes in the same
//! transaction how far it got, so that whatever ends in the middle goes on from there and every row counts once.

use std::borrow::Cow;

use std::collections::HashMap;

use assent_domain::audit::AuditAct;
use assent_domain::clock::Timestamp;
use assent_domain::id::{CollectionPointId, ImportId, MailingListId, PurposeId, new_id, stored};
use assent_domain::import::{Flaw, ImportField, ImportStatus, PermissionEvidence, Sheet};
use assent_domain::job::Job;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};
use serde_json::json;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::audit::Change;
use crate::error::{StoreError, read_code};
use crate::page::{Page, PageRequest};
use crate::row::{import_purpose, import_text, people_import as row};
use crate::tx::{TenantTx, Write};
use crate::{collection_point, mailing_list, policy, text};

mod people;
mod purposes;
mod reading;

pub use reading::{Batch, Piece, Went, fail, piece, take};

/// The longest words about a permission, in characters.
const MAX_WORDS_CHARS: usize = 2000;

/// How many octets a piece of the text has at most.
const PIECE_OCTETS: usize = 64 * 1024;

/// A list of people that a tenant brought along.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Import {
    /// Its id.
    pub id: ImportId,
    /// The list that people are put on.
    pub list: MailingListId,
    /// The form by whose words those are asked who come without evidence.
    pub form: Option<CollectionPointId>,
    /// Where it stands.
    pub status: ImportStatus,
    /// Why it cannot be read to its end, if it cannot.
    pub failure: Option<String>,
    /// How the permission of those was come by whose rows do not say otherwise.
    pub evidence: Option<PermissionEvidence>,
    /// How many octets the table has.
    pub octets: u64,
    /// How many of them have been read.
    pub octets_read: u64,
    /// How many rows have been read.
    pub rows_read: u64,
    /// How many people have been taken in with their permission.
    pub rows_imported: u64,
    /// How many were asked to confirm.
    pub rows_held: u64,
    /// How many rows were left out.
    pub rows_refused: u64,
    /// When it came in.
    pub created_at: Timestamp,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
    sheet: Sheet,
    line: u64,
}

/// A row that was left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The line it begins in; the first is 1.
    pub line: u64,
    /// Why, and which column that is about.
    pub flaw: Flaw,
}

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
    /// The table, as CSV.
    pub csv: String,
    /// How the permission was come by.
    pub evidence: Option<NewEvidence>,
    /// The codes of the purposes that rows speak of that say themselves how the permission was come by, and for which others
    /// are asked. Needed where there is no evidence for all and rows say so.
    pub purposes: Option<Vec<String>>,
    /// The form by whose words those are asked who come without evidence; the newest that leads to the list, if none is
    /// named.
    pub form: Option<CollectionPointId>,
    /// The tenant's own key: asked again with the same, nothing is brought along twice.
    pub idempotency_key: Option<String>,
}

impl TryFrom<row::Model> for Import {
    type Error = StoreError;

    fn try_from(row: row::Model) -> Result<Self, StoreError> {
        let count = |of: i64| u64::try_from(of).unwrap_or(0);
        let unreadable = || StoreError::Corrupt(format!("import {}", row.id));
        let columns: Vec<Option<ImportField>> =
            serde_json::from_str(&row.columns).map_err(|_| unreadable())?;
        let evidence = row.source.zip(row.collected_at).zip(row.statement);
        Ok(Self {
            id: stored(row.id),
            list: stored(row.list_id),
            form: row.collection_point_id.map(stored),
            status: read_code(&row.status)?,
            failure: row.failure,
            evidence: evidence.map(|((source, collected_at), statement)| PermissionEvidence {
                source,
                collected_at: Timestamp::from_micros(collected_at),
                statement,
            }),
            octets: count(row.octets),
            octets_read: count(row.read_to),
            rows_read: count(row.rows_read),
            rows_imported: count(row.rows_imported),
            rows_held: count(row.rows_held),
            rows_refused: count(row.rows_refused),
            created_at: Timestamp::from_micros(row.created_at),
            finished_at: row.finished_at.map(Timestamp::from_micros),
            sheet: Sheet {
                delimiter: u8::try_from(row.delimiter)
                    .map_err(|_| StoreError::Corrupt("a delimiter".to_owned()))?,
                columns,
            },
            line: count(row.line),
        })
    }
}

/// Takes a list of people; a worker reads it. The same key gives the same import.
pub async fn create(tx: &mut TenantTx<Write>, new: NewImport) -> Result<ImportId, StoreError> {
    tx.require_open()?;
    let hash = hash(&new)?;
    if let Some(key) = &new.idempotency_key {
        text::key("idempotencyKey", key)?;
        if let Some(known) = by_key(tx, key).await? {
            return repeated(&known, &hash);
        }
    }
    let policy = policy::require_in_force(tx, "mailingListId").await?;
    let list = mailing_list::by_id(tx, new.list).await?;
    let csv = with_line_ends(&new.csv);
    let (sheet, header) = Sheet::of(&csv).map_err(|flaw| StoreError::invalid("csv", flaw))?;
    let named: Vec<_> = policy::purposes_of(tx, policy.id).await?;
    let purposes = purposes::chosen(tx, &new, &sheet, &named).await?;
    let evidence = new.evidence.as_ref().map(|said| checked(tx, said)).transpose()?;
    let form = form_for(tx, list.id, new.form).await?;
    let id: ImportId = new_id(tx.now());
    let octets = i64::try_from(csv.len()).unwrap_or(i64::MAX);
    let row = row::ActiveModel {
        tenant_id: Set(tx.uuid()),
        id: Set(id.uuid()),
        list_id: Set(list.id.uuid()),
        collection_point_id: Set(form.map(|form| form.uuid())),
        idempotency_key: Set(new.idempotency_key.clone()),
        content_hash: Set(hash.clone()),
        status: Set(ImportStatus::Queued.to_string()),
        failure: Set(None),
        delimiter: Set(sheet.delimiter.into()),
        columns: Set(written(&sheet.columns)?),
        source: Set(evidence.as_ref().map(|said| said.source.clone())),
        collected_at: Set(evidence.as_ref().map(|said| said.collected_at.micros())),
        statement: Set(evidence.as_ref().map(|said| said.statement.clone())),
        octets: Set(octets),
        read_to: Set(i64::try_from(header.octets).unwrap_or(octets)),
        line: Set(i64::try_from(header.line).unwrap_or(1)),
        rows_read: Set(0),
        rows_imported: Set(0),
        rows_held: Set(0),
        rows_refused: Set(0),
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
    keep_text(tx, id, &csv, header.octets).await?;
    let purposes: Vec<_> = purposes.iter().map(ToString::to_string).collect();
    let brought = json!({ "lists": [list.id.to_string()], "purposes": purposes });
    tx.audit(AuditAct::PeopleImported, id, &Change::to(brought))?;
    let job = Job::ImportPeople {
        tenant: tx.tenant(),
        import: id,
    };
    let now = tx.now();
    tx.enqueue(&job, now).await?;
    Ok(id)
}

/// The table with a line feed wherever a line ends: some programs write a carriage return alone.
fn with_line_ends(csv: &str) -> Cow<'_, str> {
    if csv.contains('\n') || !csv.contains('\r') {
        return csv.into();
    }
    csv.replace('\r', "\n").into()
}

fn written(value: &impl serde::Serialize) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::Corrupt(error.to_string()))
}

/// Tells one import from another.
fn hash(new: &NewImport) -> Result<Vec<u8>, StoreError> {
    let evidence = new.evidence.as_ref().map(|said| {
        let at = said.collected_at.micros();
        (&said.source, at, &said.statement, &said.purposes)
    });
    let form = new.form.map(|form| form.to_string());
    let whole = (new.list.to_string(), form, &new.csv, evidence, &new.purposes);
    Ok(Sha256::digest(written(&whole)?).to_vec())
}

async fn by_key<M>(tx: &TenantTx<M>, key: &str) -> Result<Option<row::Model>, StoreError> {
    let query = tx
        .find::<row::Entity>()
        .filter(row::Column::IdempotencyKey.eq(key));
    Ok(query.one(tx.conn()).await?)
}

fn repeated(known: &row::Model, hash: &[u8]) -> Result<ImportId, StoreError> {
    if known.content_hash == hash {
        return Ok(stored(known.id));
    }
    let advice =
        "another list was brought along under this key: repeat that one as it was, or choose a new key";
    Err(StoreError::conflict("idempotencyKey", advice))
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

/// Keeps what follows the first row, in pieces that end where a character does.
async fn keep_text(tx: &TenantTx<Write>, id: ImportId, csv: &str, from: usize) -> Result<(), StoreError> {
    let (mut begins_at, mut rest) = (from, csv.get(from..).unwrap_or_default());
    while !rest.is_empty() {
        let length = rest.floor_char_boundary(PIECE_OCTETS);
        let (piece, behind) = rest.split_at(length);
        let row = import_text::ActiveModel {
            tenant_id: Set(tx.uuid()),
            import_id: Set(id.uuid()),
            begins_at: Set(i64::try_from(begins_at).unwrap_or(i64::MAX)),
            piece: Set(piece.as_bytes().to_vec()),
        };
        import_text::Entity::insert(row)
            .exec_without_returning(tx.conn())
            .await?;
        begins_at += length;
        rest = behind;
    }
    Ok(())
}

/// The import with this id.
pub async fn by_id<M>(tx: &TenantTx<M>, id: ImportId) -> Result<Import, StoreError> {
    tx.get::<row::Entity>(id.uuid()).await?.try_into()
}

/// The tenant's imports, oldest first.
pub async fn page<M>(tx: &TenantTx<M>, request: PageRequest) -> Result<Page<Import>, StoreError> {
    request.run(tx, tx.find::<row::Entity>(), Import::try_from).await
}

/// What people on an import are said to have agreed to, or are asked for.
pub async fn purposes_of<M>(tx: &TenantTx<M>, id: ImportId) -> Result<Vec<PurposeId>, StoreError> {
    let mut found = purposes_of_each(tx, &[id]).await?;
    Ok(found.remove(&id).unwrap_or_default())
}

/// The same of several imports.
pub async fn purposes_of_each<M>(
    tx: &TenantTx<M>,
    imports: &[ImportId],
) -> Result<HashMap<ImportId, Vec<PurposeId>>, StoreError> {
    let sql = "SELECT p.*, p.import_id AS of_id FROM import_purpose p
               WHERE p.tenant_id = $1 AND p.import_id IN ({ids}) ORDER BY p.purpose_id";
    let read = |row: import_purpose::Model| Ok(stored(row.purpose_id));
    tx.lists_about(sql, imports, read).await
}

/// The rows that were left out, in the order of the table. The key of a row is its line.
pub async fn problems<M>(
    tx: &TenantTx<M>,
    id: ImportId,
    request: PageRequest,
) -> Result<Page<Problem>, StoreError> {
    let mut pages = problems_of(tx, &[id], request).await?;
    Ok(pages.remove(&id).unwrap_or_else(Page::empty))
}

/// The same of several imports: a page of each.
pub async fn problems_of<M>(
    tx: &TenantTx<M>,
    imports: &[ImportId],
    request: PageRequest,
) -> Result<HashMap<ImportId, Page<Problem>>, StoreError> {
    reading::problems(tx, imports, request).await
}

/// Stops the taking in of an import; what has been taken in stays.
pub async fn cancel(tx: &mut TenantTx<Write>, id: ImportId) -> Result<(), StoreError> {
    tx.lock::<row::Entity>(id.uuid()).await?;
    let import = by_id(tx, id).await?;
    if !import.status.is_open() {
        let advice = format!("this import is {}: there is nothing to stop", import.status);
        return Err(StoreError::conflict("id", advice));
    }
    reading::stop(tx, id).await
}

/// Stops all imports that are open, and says how many there were.
pub(crate) async fn end_all(tx: &mut TenantTx<Write>) -> Result<usize, StoreError> {
    let query = tx
        .find::<row::Entity>()
        .filter(row::Column::Status.is_in(["QUEUED", "RUNNING"]));
    let open = query.all(tx.conn()).await?;
    for row in &open {
        reading::stop(tx, stored(row.id)).await?;
    }
    Ok(open.len())
}

/// The key of a row that was left out, as a page's cursor holds it.
fn key_of_line(line: u64) -> Uuid {
    Uuid::from_u128(line.into())
}
