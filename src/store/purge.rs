//! Whether text that was withdrawn may still lie in files beside the archive: noted in the
//! transaction that withdraws it, so that no kill forgets it.

use rusqlite::Transaction;

use super::Store;
use crate::domain::Result;

/// Notes that it does.
pub(super) fn note(t: &Transaction) -> rusqlite::Result<()> {
    t.execute("INSERT OR IGNORE INTO purge_due VALUES (1)", []).map(|_| ())
}

impl Store {
    /// Whether the index is to be purged.
    pub fn is_purge_due(&self) -> Result<bool> {
        self.read(|c| c.query_row("SELECT EXISTS (SELECT 1 FROM purge_due)", [], |r| r.get(0)))
    }

    /// Notes that the index is to be purged.
    pub fn note_purge_due(&self) -> Result<()> {
        self.write(note)
    }

    /// Takes note that the index was purged, and empties the archive's own log.
    pub fn purge_done(&self) -> Result<()> {
        if !self.is_purge_due()? {
            return Ok(());
        }
        self.empty_log()?;
        self.write(|t| t.execute("DELETE FROM purge_due", []).map(|_| ()))
    }
}
