//! Bringing people along, as a member and a worker do it.

use std::time::Duration;

use assent_domain::id::{ImportId, MailingListId};
use assent_domain::import::{Layout, WithoutEvidence};
use assent_entity::StoreError;
use assent_entity::import::{self, Import, NewEvidence, NewImport, Reception, Went};

use crate::house::House;

impl House<'_> {
    /// People for a list, of whom a shop knows since a month that they agreed to news.
    pub fn brought_to(&self, list: MailingListId) -> NewImport {
        let evidence = NewEvidence {
            source: "shop".to_owned(),
            collected_at: self.db.store.now().before(Duration::from_hours(24 * 30)),
            statement: "Yes, send me the news.".to_owned(),
            purposes: vec!["news".to_owned()],
        };
        NewImport {
            list,
            layout: Layout::default(),
            evidence: Some(evidence),
            without_evidence: WithoutEvidence::Ask,
            purposes: None,
            form: None,
            is_dry_run: false,
            max_rows: 1_000_000,
            idempotency_key: None,
        }
    }

    /// Brings people along; nobody reads the table yet.
    pub async fn bring(&self, new: &NewImport, csv: &str) -> Result<ImportId, StoreError> {
        let mut tx = self.write().await;
        let id = import::create_with(&mut tx, new, csv).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// Brings people along by a file in whatever encoding, a little at a time; nobody reads it yet.
    pub async fn bring_file(&self, new: &NewImport, octets: &[u8]) -> Result<ImportId, StoreError> {
        let mut reception = Reception::begin_new(&self.db.store, self.ctx, new).await?;
        let id = reception.import();
        for some in octets.chunks(9999) {
            reception.push(some).await?;
        }
        reception.finish("file").await?;
        Ok(id)
    }

    /// The same, and takes them in.
    pub async fn take_file_in(&self, new: &NewImport, octets: &[u8]) -> Result<Import, StoreError> {
        let id = self.bring_file(new, octets).await?;
        while self.take_some_in(id, 1000).await {}
        import::by_id(&self.read().await, id).await
    }

    /// Takes a batch of at most `rows` in, and says whether the import goes on.
    pub async fn take_some_in(&self, id: ImportId, rows: usize) -> bool {
        let piece = import::piece(&self.read().await, id, 128 * 1024)
            .await
            .expect("a piece");
        let Some(piece) = piece else { return false };
        let batch = piece.rows(rows, self.db.store.now()).expect("rows");
        let mut tx = self.write().await;
        let went = import::take(&mut tx, id, &piece, batch).await.expect("a batch");
        tx.commit().await.expect("a batch");
        went == Went::On
    }

    /// Brings people along and takes them in, some at a time.
    pub async fn take_in(&self, new: &NewImport, csv: &str) -> Import {
        let id = self.bring(new, csv).await.expect("an import");
        while self.take_some_in(id, 3).await {}
        import::by_id(&self.read().await, id).await.expect("an import")
    }
}
