//! What of withdrawn things still lies in files: noted in the transaction that withdraws them, so
//! that no kill forgets it, and struck out only when the bytes are gone.

use rusqlite::{Connection, Transaction, params};

use super::Store;
use crate::domain::Result;

/// What is to be overwritten or deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purge {
    /// The search index, for a meeting.
    Index,
    /// The public copies of a meeting that are no longer served.
    Copies,
    /// A single file.
    File,
    /// The archive's own log.
    Log,
    /// Lines that are still to be written to the ledger's file.
    Ledger,
    /// What readers have reported of a meeting.
    Inbox,
}

impl Purge {
    const ALL: [(Self, &'static str); 6] = [
        (Self::Index, "index"),
        (Self::Copies, "copies"),
        (Self::File, "file"),
        (Self::Log, "log"),
        (Self::Ledger, "ledger"),
        (Self::Inbox, "inbox"),
    ];

    fn name(self) -> &'static str {
        Self::ALL.into_iter().find(|(what, _)| *what == self).map_or("", |(_, name)| name)
    }
}

/// Something that is still to be overwritten or deleted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PendingPurge {
    /// Its number; a later withdrawal of the same gets another.
    pub id: i64,
    /// What it is.
    pub what: Purge,
    /// The meeting, or the file's path.
    pub subject: String,
    /// Since when, as RFC 3339.
    pub since: String,
}

/// Notes that it is to be done; a note that is there already gets a new number, because somebody may
/// be at it who does not know of this withdrawal.
pub(super) fn note(t: &Transaction, what: Purge, subject: &str) -> rusqlite::Result<()> {
    t.execute(
        "INSERT OR REPLACE INTO pending_purge (what, subject, since) VALUES (?1, ?2, ?3)",
        params![
            what.name(),
            subject,
            jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
        ],
    )?;
    Ok(())
}

fn all(c: &Connection) -> rusqlite::Result<Vec<PendingPurge>> {
    c.prepare_cached("SELECT id, what, subject, since FROM pending_purge ORDER BY id")?
        .query_map([], |r| {
            let name: String = r.get(1)?;
            let known = Purge::ALL.into_iter().find(|(_, known)| *known == name);
            Ok(PendingPurge {
                id: r.get(0)?,
                what: known.map_or(Purge::Index, |(what, _)| what),
                subject: r.get(2)?,
                since: r.get(3)?,
            })
        })?
        .collect()
}

impl Store {
    /// What is still to be overwritten or deleted, in the order it was noted.
    pub fn pending_purges(&self) -> Result<Vec<PendingPurge>> {
        self.read(all)
    }

    /// Notes that the index may hold words of a meeting that is no longer there.
    pub fn note_index_purge(&self, meeting: &str) -> Result<()> {
        self.write(|t| note(t, Purge::Index, meeting))
    }

    /// Strikes out what is done.
    pub fn purged(&self, done: &[PendingPurge]) -> Result<()> {
        if done.is_empty() {
            return Ok(());
        }
        self.write(|t| {
            for purge in done {
                t.execute("DELETE FROM pending_purge WHERE id = ?1", [purge.id])?;
            }
            Ok(())
        })
    }
}
