//! Ending what withdrawals have begun: the bytes of what may no longer be seen go out of the index, of
//! copies, of the archive's own log, and of what readers have reported. Whatever is in the way is reported, and tried again by the next
//! command or by the running site.

use std::time::Duration;

use super::{Pipeline, forget_withdrawn_words};
use crate::domain::{Error, MeetingId, Result};
use crate::inbox::Inbox;
use crate::store::{PendingPurge, Purge};

/// How long a withdrawal waits for whoever writes the index, before it leaves the rest to others.
const PATIENCE: Duration = Duration::from_secs(3);

/// Something that could not be purged yet, and why.
#[derive(Debug)]
pub struct Unpurged {
    /// What it is.
    pub pending: PendingPurge,
    /// What is in the way.
    pub why: Error,
}

impl Pipeline<'_> {
    /// Purges what is pending; gives what could not be, with the reasons.
    ///
    /// # Errors
    /// `Archive` where the archive itself cannot be read or written.
    pub fn purge(&self) -> Result<Vec<Unpurged>> {
        let pending = self.store.pending_purges()?;
        if pending.is_empty() {
            return Ok(Vec::new());
        }
        let mut done = Vec::new();
        let mut unpurged = Vec::new();
        let (index, others): (Vec<_>, Vec<_>) =
            pending.into_iter().partition(|p| p.what == Purge::Index);
        if !index.is_empty() {
            match self.purge_index(&index) {
                Ok(()) => done.extend(index),
                Err(why) => {
                    let shared = why.to_string();
                    unpurged.extend(
                        index.into_iter().map(|pending| Unpurged {
                            pending,
                            why: Error::archive(shared.clone()),
                        }),
                    );
                }
            }
        }
        for pending in others {
            match self.purge_one(&pending) {
                Ok(()) => done.push(pending),
                Err(why) => unpurged.push(Unpurged { pending, why }),
            }
        }
        self.store.purged(&done)?;
        Ok(unpurged)
    }

    fn purge_index(&self, pending: &[PendingPurge]) -> Result<()> {
        let _lock = self.lock_index(PATIENCE)?;
        let known = self.searcher.fingerprints()?;
        let there: Vec<String> =
            self.store.meetings()?.into_iter().map(|m| m.id.to_string()).collect();
        let mut failed = None;
        for purge in pending {
            // Of an archive of an older version nobody knows which meeting it was.
            let subjects: Vec<&String> = match purge.subject.is_empty() {
                true => known.keys().collect(),
                false => vec![&purge.subject],
            };
            for subject in subjects {
                let id = MeetingId::new(subject.clone()).ok().filter(|_| there.contains(subject));
                let indexed = match id {
                    Some(id) => self.index_unlocked(&id).map(|_| ()),
                    None if known.contains_key(subject) => self.searcher.remove(subject),
                    None => Ok(()),
                };
                if let Err(error) = indexed {
                    // What cannot be read must not be found either.
                    self.searcher.remove(subject)?;
                    failed.get_or_insert(error);
                }
            }
        }
        self.searcher.purge()?;
        self.searcher.release()?;
        failed.map_or(Ok(()), Err)
    }

    fn purge_one(&self, pending: &PendingPurge) -> Result<()> {
        match pending.what {
            Purge::Index => Ok(()),
            Purge::Copies => self.purge_copies(&pending.subject),
            Purge::File => self.files.delete(pending.subject.as_ref()),
            Purge::Log => self.purge_log(),
            Purge::Ledger => self.store.write_ledger(),
            Purge::Inbox => self.purge_inbox(&pending.subject),
        }
    }

    fn purge_copies(&self, meeting: &str) -> Result<()> {
        // A name that leads elsewhere is no meeting's.
        let Ok(id) = MeetingId::new(meeting) else { return Ok(()) };
        let busy = || {
            Error::archive("Gerade wird eine Fassung dieser Sitzung gemacht")
                .remedy("Wer sie macht, löscht danach auch die nicht mehr gezeigten")
        };
        let _lock = self.locks.copies(&id)?.ok_or_else(busy)?;
        self.retain_served(&id)
    }

    /// Deletes the copies of a meeting that are not served, half-made ones too; to be called by who has the right
    /// to make copies of it.
    pub(super) fn retain_served(&self, id: &MeetingId) -> Result<()> {
        let served = self.store.published_paths(id.as_str())?;
        let served: Vec<_> = served.iter().filter_map(|p| p.file_name().map(Into::into)).collect();
        self.files.retain(id, &served)
    }

    fn purge_inbox(&self, meeting: &str) -> Result<()> {
        let Ok(id) = MeetingId::new(meeting) else { return Ok(()) };
        let inbox = Inbox::beside(self.store.data_dir());
        forget_withdrawn_words(self.store, &inbox, Some(&id)).map(|_| ())
    }

    fn purge_log(&self) -> Result<()> {
        for copy in self.store.upgrade_copies() {
            std::fs::remove_file(&copy).map_err(|e| {
                Error::archive(format!("{} lässt sich nicht löschen", copy.display()))
                    .because(e)
                    .remedy("Prüfen Sie die Rechte; die Datei enthält Zurückgezogenes")
            })?;
        }
        match self.store.purge_log()? {
            true => Ok(()),
            false => Err(Error::archive(
                "Ein anderer Vorgang liest noch einen älteren Stand des Archivs",
            )
            .remedy("Beenden Sie ihn (oft eine Sicherung); dann holt der nächste Befehl es nach")),
        }
    }
}
