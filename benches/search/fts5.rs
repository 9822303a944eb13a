//! SQLite FTS5 with its Unicode tokenizer, the text and the speaker's name in one table.

use std::path::{Path, PathBuf};

use mitschnitt_index::MeetingDoc;
use rusqlite::Connection;

use crate::corpus::spaced;
use crate::queries::plain;
use crate::{Anyhow, Engine};

pub struct Fts5 {
    file: PathBuf,
    database: Connection,
}

impl Fts5 {
    pub fn new(folder: &Path) -> Anyhow<Self> {
        let file = folder.join("fts5.sqlite");
        let database = Connection::open(&file)?;
        database.execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -200000;
             CREATE VIRTUAL TABLE IF NOT EXISTS p USING fts5(
                 meeting UNINDEXED, speech UNINDEXED, text, speaker,
                 tokenize = 'unicode61 remove_diacritics 2');",
        )?;
        Ok(Self { file, database })
    }

    /// As its query language spells it: words or phrases, between them the operator.
    fn spelt(query: &str, operator: &str) -> String {
        let quoted = |part: &String| format!("\"{}\"", part.replace('"', ""));
        plain(query).iter().map(quoted).collect::<Vec<_>>().join(operator)
    }
}

impl Engine for Fts5 {
    fn name(&self) -> &'static str {
        "SQLite FTS5"
    }

    fn fill(&mut self, meetings: Vec<MeetingDoc>) -> Anyhow<()> {
        let transaction = self.database.transaction()?;
        let mut insert = transaction.prepare("INSERT INTO p VALUES (?, ?, ?, ?)")?;
        for meeting in meetings {
            for p in &meeting.passages {
                let speaker = p.speaker.as_ref().map(|s| s.name.as_str());
                insert.execute((&meeting.id, p.order, spaced(&p.words), speaker))?;
            }
        }
        drop(insert);
        Ok(transaction.commit()?)
    }

    fn bytes(&self) -> Anyhow<u64> {
        self.database.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)")?;
        Ok(std::fs::metadata(&self.file)?.len())
    }

    fn top(&self, query: &str) -> Anyhow<usize> {
        let mut select = self
            .database
            .prepare_cached("SELECT rowid FROM p WHERE p MATCH ? ORDER BY rank LIMIT 10")?;
        let rows = select.query_map([Self::spelt(query, " AND ")], |row| row.get::<_, i64>(0))?;
        Ok(rows.collect::<Result<Vec<_>, _>>()?.len())
    }

    fn ranking(&self, query: &str) -> Anyhow<Vec<(String, u32)>> {
        let mut ranking = Vec::new();
        // All words first; where that finds little, any of them.
        for operator in [" AND ", " OR "] {
            let mut select = self.database.prepare_cached(
                "SELECT meeting, speech FROM p WHERE p MATCH ? ORDER BY rank LIMIT 400",
            )?;
            let rows = select
                .query_map([Self::spelt(query, operator)], |row| Ok((row.get(0)?, row.get(1)?)))?;
            for place in rows {
                let place = place?;
                if !ranking.contains(&place) {
                    ranking.push(place);
                }
            }
        }
        Ok(ranking)
    }
}
