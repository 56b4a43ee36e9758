//! Checking the ledger of every tenant from its first row: that nothing was altered, taken out or moved, and
//! that today's states are those of the newest records.

use assent_domain::clock::Timestamp;
use assent_domain::id::TenantId;
use assent_domain::ledger::{GENESIS, Hash, Row, chain, commit};
use assent_domain::suppression::SuppressionReason;
use sea_orm::FromQueryResult;
use uuid::Uuid;

use crate::checkpoint::Checkpoint;
use crate::error::StoreError;
use crate::ledger::read_hash;
use crate::store::Store;
use crate::tenant::{self, Tenant};
use crate::tenant_end::{self, Former};
use crate::tx::PlatformTx;

mod acts;
mod states;
mod suppressions;

/// Rows read at a time.
const CHUNK: i64 = 5000;

/// What was found of one tenant's ledger.
#[derive(Clone, Debug)]
pub struct Report {
    /// Whose it is.
    pub tenant: Tenant,
    /// How many rows hold.
    pub rows: u64,
    /// How many of them had their evidence erased.
    pub erased: u64,
    /// The first thing that is wrong, if anything is.
    pub fault: Option<Fault>,
}

/// What is wrong with a ledger.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The row that says where the chain ends is gone; it is made with the tenant.
    #[error("the ledger's head is missing: the ledger was taken away")]
    NoHead,
    /// Numbers have a gap.
    #[error("row {seq} is missing")]
    Missing {
        /// The number that is missing.
        seq: i64,
    },
    /// A row, or the order of rows, is not what was hashed.
    #[error("row {seq} ({id}) was altered, or stands in the wrong place")]
    Altered {
        /// The row's number.
        seq: i64,
        /// The row's id.
        id: Uuid,
    },
    /// The evidence beside a row is not what was committed to.
    #[error("the evidence of row {seq} ({id}) was altered")]
    EvidenceAltered {
        /// The row's number.
        seq: i64,
        /// The row's id.
        id: Uuid,
    },
    /// The chain ends elsewhere than the head says.
    #[error("the ledger ends after row {seq}, but its head says otherwise: rows were cut off")]
    CutOff {
        /// The last row that was found.
        seq: i64,
    },
    /// The ledger ends before the row that a checkpoint names.
    #[error(
        "the ledger ends after row {seq}, but had row {marked} when the checkpoint was taken: rows were cut off"
    )]
    ShorterThanMarked {
        /// The last row that was found.
        seq: i64,
        /// The row that the checkpoint names.
        marked: i64,
    },
    /// A row is another than when a checkpoint was taken, and all that follows was hashed anew.
    #[error(
        "row {seq} is not the one that stood there when the checkpoint was taken: the ledger was written anew"
    )]
    Rewritten {
        /// The row's number.
        seq: i64,
    },
    /// A row stands behind the end that the head gives.
    #[error("row {seq} ({id}) stands behind the end of the ledger: it was put there past the software")]
    Surplus {
        /// The row's number.
        seq: i64,
        /// The row's id.
        id: Uuid,
    },
    /// Today's state of a consent is not that of its newest record.
    #[error("the consent of subscriber {subscriber} to purpose {purpose} does not say what its record says")]
    WrongState {
        /// Whose consent.
        subscriber: Uuid,
        /// To which purpose.
        purpose: Uuid,
    },
    /// What somebody lets an outside party get is not what the newest record says.
    #[error("what subscriber {subscriber} lets outside party {party} get is not what the record says")]
    WrongPermission {
        /// Whose permission.
        subscriber: Uuid,
        /// For whom.
        party: Uuid,
    },
    /// Evidence is gone of somebody who was not erased.
    #[error("the evidence of row {seq} ({id}) was taken away: nobody whom it is about was erased")]
    EvidenceTaken {
        /// The row's number.
        seq: i64,
        /// The row's id.
        id: Uuid,
    },
    /// Whether the use of somebody's data is restricted is not what the ledger says.
    #[error("whether the data of subscriber {subscriber} is restricted is not what the ledger says")]
    WrongRestriction {
        /// Whose data.
        subscriber: Uuid,
    },
    /// Whether somebody has left a list is not what the ledger says.
    #[error("whether subscriber {subscriber} has left list {list} is not what the ledger says")]
    WrongSubscription {
        /// Whose subscription.
        subscriber: Uuid,
        /// To which list.
        list: Uuid,
    },
    /// Somebody said that no mail is to come, and their address is not held back any more.
    #[error(
        "that subscriber {subscriber} is held back ({reason}) is in the ledger and nowhere else: it was taken away"
    )]
    NoTaken {
        /// Who said it, or of whom it was said.
        subscriber: Uuid,
        /// Why no mail goes to them.
        reason: SuppressionReason,
    },
    /// A person is gone, and what was kept as proof of their consent is not: that is no erasure.
    #[error("subscriber {subscriber} is gone, but the evidence of row {seq} is not: nobody erased them")]
    PersonMissing {
        /// Whose row is gone.
        subscriber: Uuid,
        /// The first record that still has its evidence.
        seq: i64,
    },
}

#[derive(FromQueryResult)]
struct LedgerRow {
    seq: i64,
    kind: String,
    id: Uuid,
    subject_id: Option<Uuid>,
    recorded_at: i64,
    facts: String,
    commitment: Vec<u8>,
    hash: Vec<u8>,
    salt: Option<Vec<u8>>,
    evidence: Option<String>,
}

#[derive(FromQueryResult)]
struct Head {
    seq: i64,
    hash: Vec<u8>,
}

/// What was found of all ledgers.
#[derive(Clone, Debug)]
pub struct Verified {
    /// A report a tenant.
    pub reports: Vec<Report>,
    /// Tenants that were deleted when their day had come: their ledgers with them.
    pub former: Vec<Former>,
    /// Tenants that the checkpoint knows and the database does not, or whose ledger had rows then that it never had
    /// when they were deleted.
    pub gone: Vec<TenantId>,
}

/// Checks every tenant. `progress` is told of each chunk: the tenant's short name and the rows checked so far.
pub async fn all(store: &Store, progress: impl FnMut(&str, u64)) -> Result<Vec<Report>, StoreError> {
    Ok(against(store, None, progress).await?.reports)
}

/// Checks every tenant, and that what stood in its ledger when a checkpoint was taken still does.
pub async fn against(
    store: &Store,
    checkpoint: Option<&Checkpoint>,
    mut progress: impl FnMut(&str, u64),
) -> Result<Verified, StoreError> {
    let mut reports: Vec<Report> = Vec::new();
    for (_, tenant) in tenant::all(store).await? {
        let mark = checkpoint.and_then(|checkpoint| checkpoint.of(tenant.id));
        reports.push(one(store, tenant, mark, &mut progress).await?);
    }
    let former = tenant_end::former(store).await?;
    let was_deleted = |id: TenantId, mark| {
        let mut of_it = former.iter().filter(|former| former.id == id);
        of_it.any(|former| former.may_have_been_at(mark))
    };
    let known = |id: TenantId| reports.iter().any(|report| report.tenant.id == id);
    let mut gone = Vec::new();
    for id in checkpoint.into_iter().flat_map(Checkpoint::tenants) {
        let mark = checkpoint.and_then(|checkpoint| checkpoint.of(id));
        if !known(id) && !mark.is_some_and(|mark| was_deleted(id, mark)) {
            gone.push(id);
        }
    }
    Ok(Verified {
        reports,
        former,
        gone,
    })
}

async fn one(
    store: &Store,
    tenant: Tenant,
    mark: Option<(i64, Hash)>,
    progress: &mut impl FnMut(&str, u64),
) -> Result<Report, StoreError> {
    let tx = PlatformTx::read(store).await?;
    tx.see_one_moment().await?;
    let of_tenant = tenant.id.uuid();
    let head = tx.statement(
        "SELECT seq, hash FROM ledger_head WHERE tenant_id = $1",
        [of_tenant.into()],
    );
    let head = Head::find_by_statement(head).one(tx.conn()).await?;
    let mut report = Report {
        tenant,
        rows: 0,
        erased: 0,
        fault: None,
    };
    let Some(head) = head else {
        report.fault = Some(Fault::NoHead);
        return Ok(report);
    };
    let mut walk = Walk {
        seq: 0,
        hash: GENESIS,
    };
    loop {
        // Both sides begin where the last chunk ended: what is said of one table only, a merge of the two does not use
        // for the other, and would read it from its beginning for each chunk.
        let sql = "SELECT l.seq, l.kind, l.id, l.subject_id, l.recorded_at, l.facts, l.commitment, l.hash,
                          e.salt, e.evidence
                   FROM ledger l
                   LEFT JOIN ledger_evidence e ON e.tenant_id = l.tenant_id AND e.seq = l.seq AND e.seq > $2
                   WHERE l.tenant_id = $1 AND l.seq > $2 ORDER BY l.seq LIMIT $3";
        let values = [of_tenant.into(), walk.seq.into(), CHUNK.into()];
        let rows = LedgerRow::find_by_statement(tx.statement(sql, values))
            .all(tx.conn())
            .await?;
        if rows.is_empty() {
            break;
        }
        for row in &rows {
            report.fault = walk.step(row, head.seq).or_else(|| walk.compare(mark));
            if report.fault.is_some() {
                return Ok(report);
            }
            report.rows += 1;
            report.erased += u64::from(row.evidence.is_none());
        }
        progress(&report.tenant.slug, report.rows);
    }
    report.fault = if walk.seq != head.seq || walk.hash != read_hash(&head.hash)? {
        Some(Fault::CutOff { seq: walk.seq })
    } else if let Some((marked, _)) = mark.filter(|(marked, _)| *marked > walk.seq) {
        Some(Fault::ShorterThanMarked {
            seq: walk.seq,
            marked,
        })
    } else {
        states::check(&tx, of_tenant).await?
    };
    Ok(report)
}

struct Walk {
    seq: i64,
    hash: Hash,
}

impl Walk {
    /// Compares the row that was just reached with a checkpoint that names it.
    fn compare(&self, mark: Option<(i64, Hash)>) -> Option<Fault> {
        let (seq, hash) = mark?;
        (seq == self.seq && hash != self.hash).then_some(Fault::Rewritten { seq })
    }

    fn step(&mut self, row: &LedgerRow, end: i64) -> Option<Fault> {
        let (seq, id) = (row.seq, row.id);
        if seq > end && self.seq == end {
            return Some(Fault::Surplus { seq, id });
        }
        if seq != self.seq + 1 {
            return Some(Fault::Missing { seq: self.seq + 1 });
        }
        let expected = chain(
            &self.hash,
            &Row {
                seq,
                kind: &row.kind,
                id,
                subject: row.subject_id,
                recorded_at: Timestamp::from_micros(row.recorded_at),
                facts: &row.facts,
                commitment: &row.commitment,
            },
        );
        if row.hash != expected {
            return Some(Fault::Altered { seq, id });
        }
        if let (Some(salt), Some(evidence)) = (&row.salt, &row.evidence)
            && row.commitment != commit(salt, evidence.as_bytes())
        {
            return Some(Fault::EvidenceAltered { seq, id });
        }
        (self.seq, self.hash) = (seq, expected);
        None
    }
}
