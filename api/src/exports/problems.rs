//! The rows that an import left out, as a file: in which line each began, and why. What stands in them was not kept. A last row
//! without a line says how many more there were.

use actix_web::web::Data;
use assent_domain::id::ImportId;
use assent_entity::page::{MAX_ROWS, PageRequest};
use assent_entity::{TenantCtx, TenantTx, import};
use uuid::Uuid;

use super::{Broken, Part, finished, writer};
use crate::app::App;

/// A file of problems that is being written.
pub(super) struct File {
    app: Data<App>,
    ctx: TenantCtx,
    import: ImportId,
    /// How many rows are written.
    listed: u64,
    at: Place,
}

/// How far it is.
enum Place {
    /// Nothing is written.
    Begin,
    /// What stands before the problems behind this one is.
    Behind(Uuid),
    /// It is whole.
    End,
}

impl File {
    pub(super) fn begin(app: &Data<App>, ctx: TenantCtx, import: ImportId) -> Self {
        Self {
            app: app.clone(),
            ctx,
            import,
            listed: 0,
            at: Place::Begin,
        }
    }

    pub(super) async fn next(mut self) -> Result<Part<Self>, Broken> {
        let after = match self.at {
            Place::Begin => None,
            Place::Behind(last) => Some(last),
            Place::End => return Ok(None),
        };
        let request = PageRequest {
            first: MAX_ROWS,
            after,
            count: false,
        };
        let tx = TenantTx::read(&self.app.store, self.ctx).await?;
        let page = import::problems(&tx, self.import, request).await?;
        let import = import::by_id(&tx, self.import).await?;
        drop(tx);
        let mut csv = writer();
        if after.is_none() {
            csv.write_record(["line", "reason", "field"])?;
        }
        for (_, problem) in &page.rows {
            let field = problem.flaw.field.as_ref().map(ToString::to_string);
            csv.write_record([
                problem.line.to_string(),
                problem.flaw.problem.to_string(),
                field.unwrap_or_default(),
            ])?;
        }
        self.listed += u64::try_from(page.rows.len()).unwrap_or(u64::MAX);
        self.at = match page.rows.last() {
            Some((last, _)) if page.has_next => Place::Behind(*last),
            _ => Place::End,
        };
        let more = import.rows_not_kept(self.listed);
        if matches!(self.at, Place::End) && more > 0 {
            csv.write_record(["", "NOT_KEPT", &more.to_string()])?;
        }
        Ok(Some((finished(csv)?, self)))
    }
}
