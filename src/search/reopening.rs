//! The index made anew in its place while others hold the searcher. Owns when searches are refused
//! for that; what goes into the new index, and who may write, is the caller's.

use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};

use mitschnitt_index as index;

use super::searcher::{Searcher, explain, reason};
use crate::domain::{Error, Result};

impl Searcher {
    /// Whether searches are refused because the index is to be made anew.
    pub fn is_suspended(&self) -> bool {
        self.shared.suspended.load(Ordering::Acquire)
    }

    /// Refuses searches until [`Self::refill`] has succeeded: better no answer than a wrong one.
    pub fn suspend(&self) {
        self.shared.suspended.store(true, Ordering::Release);
    }

    /// What is damaged of the index on disk, or what a search has stumbled over; costs some dozen
    /// looks at a folder where nothing is.
    ///
    /// # Errors
    /// It cannot be known.
    pub fn find_damage(&self) -> Result<Option<String>> {
        self.index().find_damage().map_err(explain)
    }

    /// Opens the index afresh, for all who hold this searcher. Where it is damaged, an empty one
    /// takes its place, searches are refused from then on, and the reason is given: the caller
    /// fills it with [`Self::refill`].
    ///
    /// # Errors
    /// `Archive` where the folder cannot be used, also because another process is writing.
    pub fn reopen(&self) -> Result<Option<String>> {
        self.index().abandon();
        let opened = index::Index::open_verified(&self.shared.dir).map_err(explain)?;
        if opened.rebuilt.is_some() {
            self.suspend();
        }
        let own = self.shared.abbreviations.read().unwrap_or_else(PoisonError::into_inner);
        if !own.is_empty() {
            opened.index.overrule_abbreviations(&own).map_err(explain)?;
        }
        let mut index = self.shared.index.write().unwrap_or_else(PoisonError::into_inner);
        *index = Arc::new(opened.index);
        Ok(opened.rebuilt.map(reason))
    }

    /// Runs `fill`, which puts into the index what is missing; then lets other processes write, and
    /// answers searches again. Where `fill` fails, it does so only if all was written that could be
    /// read.
    ///
    /// # Errors
    /// That of `fill`, or writing the index failed.
    pub fn refill(&self, fill: impl FnOnce() -> Result<usize>) -> Result<usize> {
        self.shared.unwritten.store(false, Ordering::Release);
        let filled = fill();
        self.release()?;
        let is_written = !self.shared.unwritten.load(Ordering::Acquire);
        if filled.is_ok() || is_written && !self.fingerprints()?.is_empty() {
            self.shared.suspended.store(false, Ordering::Release);
        }
        filled
    }

    /// The index, where it may be searched.
    pub(super) fn answering(&self) -> Result<Arc<index::Index>> {
        match self.is_suspended() {
            true => Err(Error::rebuilding("Die Suche wird gerade neu aufgebaut")
                .remedy("Versuchen Sie es in ein paar Sekunden noch einmal")),
            false => Ok(self.index()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::domain::ErrorKind;
    use crate::search::{SearchBackend as _, SearchRequest};

    #[test]
    fn a_damaged_index_is_exchanged_for_all_who_hold_it() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("index");
        let (searcher, _) = Searcher::open(&path).unwrap();
        let other = searcher.clone();
        assert_eq!(other.find_damage().unwrap(), None);
        assert_eq!(searcher.reopen().unwrap(), None, "it is sound");
        other.search(&SearchRequest::default()).unwrap();

        fs::write(path.join("meta.json"), "rubbish").unwrap();
        assert!(other.find_damage().unwrap().is_some());
        assert!(searcher.reopen().unwrap().is_some_and(|reason| reason.contains("damaged")));
        let refused = other.search(&SearchRequest::default()).unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::Rebuilding);
        assert!(searcher.refill(|| Err(Error::failed("unlesbar"))).is_err());
        assert!(other.is_suspended(), "nothing was filled in");
        searcher.refill(|| Ok(0)).unwrap();
        other.search(&SearchRequest::default()).unwrap();
        assert_eq!(other.find_damage().unwrap(), None);
    }
}
