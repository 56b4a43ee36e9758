//! The upkeep of an SQLite file: what was deleted is to be gone from the disk too. `secure_delete` overwrites it in the
//! file; here the write-ahead log is emptied, which holds pages as they were, and the file is written anew from time
//! to time. PostgreSQL sees to itself.

use assent_domain::clock::Timestamp;
use sea_orm::{ConnectionTrait, DatabaseBackend, DbErr, Statement};

use crate::store::Store;

/// How many days lie between two times that the file is written anew.
const VACUUM_EVERY: i64 = 7;

/// Up to how many octets the file is written anew at once when somebody was erased.
const SMALL: i64 = 256 * 1024 * 1024;

const MICROS_A_DAY: i64 = 24 * 60 * 60 * 1_000_000;

impl Store {
    /// Brings the write-ahead log into the file and cuts it to nothing. `false` where a reader was in the way: try
    /// again later.
    pub async fn empty_log(&self) -> Result<bool, DbErr> {
        if !self.is_sqlite() {
            return Ok(true);
        }
        let busy = self.number("PRAGMA wal_checkpoint(TRUNCATE)").await?;
        Ok(busy == 0)
    }

    /// Writes the file anew once a week, and says whether it did. Writers wait meanwhile: about a second for each
    /// hundred megabytes.
    pub async fn vacuum_weekly(&self) -> Result<bool, DbErr> {
        if !self.is_sqlite() {
            return Ok(false);
        }
        let today = day(self.now());
        // The number is ours to use; it holds the day of the last time.
        let last = self.number("PRAGMA user_version").await?;
        if last != 0 && today - last < VACUUM_EVERY {
            return Ok(false);
        }
        if last != 0 {
            self.writer().execute_unprepared("VACUUM").await?;
        }
        let note = format!("PRAGMA user_version = {today}");
        self.writer().execute_unprepared(&note).await?;
        Ok(last != 0)
    }

    /// Writes the file anew if that takes seconds at most. What rows were moved about within the file may have left
    /// copies of them in unused parts of its pages, which no deletion reaches.
    pub async fn vacuum_if_small(&self) -> Result<bool, DbErr> {
        if !self.is_sqlite() {
            return Ok(false);
        }
        let pages = self.number("PRAGMA page_count").await?;
        let is_small = pages.saturating_mul(self.number("PRAGMA page_size").await?) <= SMALL;
        if is_small {
            self.writer().execute_unprepared("VACUUM").await?;
        }
        Ok(is_small)
    }

    async fn number(&self, pragma: &str) -> Result<i64, DbErr> {
        let statement = Statement::from_string(DatabaseBackend::Sqlite, pragma);
        let row = self.writer().query_one_raw(statement).await?;
        let number: Option<i32> = row.map(|row| row.try_get_by_index(0)).transpose()?;
        Ok(number.unwrap_or(0).into())
    }
}

fn day(at: Timestamp) -> i64 {
    at.micros() / MICROS_A_DAY
}
