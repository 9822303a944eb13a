//! Whether the index is as it was written: counts what is there and looks for damage. What is damaged is
//! reported, and made anew only by whoever opens the index again.

use std::path::PathBuf;
use std::thread;
use std::time::Duration;

use tantivy::IndexMeta;
use tantivy::query::Query;

use super::damage::is_damage;
use super::files::{self, MANAGED};
use super::state::Index;
use crate::model::error::{Doing, Error, Result};
use crate::segment::schema::{DocumentKind, Payload};

/// Damage is what is still there after this time: another process may be exchanging the index.
const SECOND_LOOK: Duration = Duration::from_millis(100);

/// What [`Index::check`] found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Checked {
    /// Meetings in the index.
    pub meetings: u64,
    /// Their passages.
    pub passages: u64,
    /// Files whose checksum is wrong; any of them means: rebuild.
    pub damaged: Vec<String>,
}

impl Index {
    /// Counts what is there and verifies every file's checksum.
    ///
    /// # Errors
    /// Reading the index failed.
    pub fn check(&self) -> Result<Checked> {
        self.refresh()?;
        let damaged = self.damaged_files()?;
        let state = self.state();
        let count = |what| self.all(what).count(&state.searcher).doing("Suchindex prüfen");
        // What is damaged may not let itself be counted.
        let counted =
            self.guarded(|| Ok((count(DocumentKind::Meeting)?, count(DocumentKind::Passage)?)));
        let (meetings, passages) = match counted {
            Err(Error::Damaged { .. }) if !damaged.is_empty() => (0, 0),
            counted => counted?,
        };
        Ok(Checked { meetings: meetings as u64, passages: passages as u64, damaged })
    }

    /// Looks whether the files on disk are those that were written, and gives what is damaged. Costs
    /// some dozen looks at a folder; bytes are read only of files that have changed, and of all
    /// where a search has stumbled since.
    ///
    /// # Errors
    /// It cannot be known, also because another version of the program has replaced the index.
    pub fn find_damage(&self) -> Result<Option<String>> {
        self.guarded(|| {
            let must_verify = self.health.must_verify();
            if self.look_for_damage(must_verify)?.is_none() {
                return Ok(None);
            }
            thread::sleep(SECOND_LOOK);
            self.look_for_damage(must_verify)
        })
    }

    fn look_for_damage(&self, must_verify: bool) -> Result<Option<String>> {
        let meta = match self.index.load_metas() {
            Err(error) if is_damage(&error) => return Ok(Some(error.to_string())),
            meta => meta.doing("Suchindex prüfen")?,
        };
        if Payload::read(meta.payload.as_deref()).is_none() {
            return Err(Error::Replaced { dir: self.dir.clone() });
        }
        if !files::is_managed(&self.dir, &meta).map_err(|e| self.unknown(e))? {
            return Ok(Some(MANAGED.to_owned()));
        }
        let changed = self.health.files().compare(&self.dir, &meta).map_err(|e| self.unknown(e))?;
        if must_verify {
            let damaged = self.damaged_files_of(&meta)?;
            if !damaged.is_empty() {
                return Ok(Some(damaged.join(", ")));
            }
        }
        let mut damaged = Vec::new();
        for path in changed {
            match files::is_whole(&self.dir.join(&path)).map_err(|e| self.unknown(e))? {
                true => {
                    let accepted = self.health.files().accept(&self.dir, path);
                    accepted.map_err(|e| self.unknown(e))?;
                }
                false => damaged.push(path.display().to_string()),
            }
        }
        Ok((!damaged.is_empty()).then(|| damaged.join(", ")))
    }

    /// The files whose checksum is wrong, in order.
    ///
    /// # Errors
    /// Reading the index failed.
    pub(super) fn damaged_files(&self) -> Result<Vec<String>> {
        self.damaged_files_of(&self.index.load_metas().doing("Suchindex prüfen")?)
    }

    fn damaged_files_of(&self, meta: &IndexMeta) -> Result<Vec<String>> {
        let mut damaged = Vec::new();
        let is_there = |path: &PathBuf| self.dir.join(path).exists();
        for path in meta.segments.iter().flat_map(files::paths).filter(is_there) {
            if !files::is_whole(&self.dir.join(&path)).map_err(|e| self.unknown(e))? {
                damaged.push(path.display().to_string());
            }
        }
        damaged.sort();
        Ok(damaged)
    }
}
