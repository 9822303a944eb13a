//! Alignment and index after people's changes of texts, in a thread of their own: search within a second,
//! alignment once nobody types any more. Owns when; whoever kills it loses nothing, as both are made again of
//! what the archive holds.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

use crate::archive::Environment;
use crate::domain::{Error, MeetingId, Result};
use crate::pipeline::{OpenArchive, Silent, align_anew};

/// So long after the last change of its text a meeting is aligned anew.
const QUIET: Duration = Duration::from_secs(20);
/// How often it is looked whether it is time for that.
const LOOK: Duration = Duration::from_secs(2);

/// Follows the changes of an archive's texts.
#[derive(Clone)]
pub struct Following {
    archive: OpenArchive,
    changed: Sender<MeetingId>,
}

impl Following {
    /// Starts it; it ends with the last handle. What was changed before it began, and not followed, it makes up
    /// for.
    ///
    /// # Errors
    /// `Failed` where there is no thread for it.
    pub fn start(archive: OpenArchive, environment: &Environment) -> Result<Self> {
        let (changed, changes) = mpsc::channel();
        let follower = Follower { archive: archive.clone(), environment: environment.clone() };
        let work = move || follower.follow(&changes);
        let thread = thread::Builder::new().name("following".to_owned()).spawn(work);
        thread.map_err(|e| Error::failed("Die Suche kann Korrekturen nicht folgen").because(e))?;
        Ok(Self { archive, changed })
    }

    /// The text of a meeting has changed.
    pub fn text_changed(&self, meeting: &MeetingId) {
        // Nobody listens once the site ends: the next start makes up for it.
        let _ = self.changed.send(meeting.clone());
    }

    /// Aligns a meeting anew; the index follows.
    ///
    /// # Errors
    /// Those of the archive.
    pub fn fixed(&self, meeting: &MeetingId) -> Result<()> {
        align_anew(&self.archive.store, &Silent, meeting)?;
        self.text_changed(meeting);
        Ok(())
    }
}

struct Follower {
    archive: OpenArchive,
    environment: Environment,
}

impl Follower {
    fn follow(&self, changes: &Receiver<MeetingId>) {
        let mut unaligned: BTreeMap<MeetingId, Instant> = BTreeMap::new();
        match self.archive.store.revised_meetings() {
            Ok(all) => all.iter().for_each(|meeting| self.index(meeting)),
            Err(error) => tracing::error!(%error, "corrected meetings could not be listed"),
        }
        loop {
            match changes.recv_timeout(LOOK) {
                Ok(first) => {
                    let changed: BTreeSet<MeetingId> =
                        std::iter::once(first).chain(changes.try_iter()).collect();
                    for meeting in changed {
                        self.index(&meeting);
                        unaligned.insert(meeting, Instant::now());
                    }
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
            let quiet: Vec<MeetingId> = (unaligned.iter())
                .filter(|(_, since)| since.elapsed() >= QUIET)
                .map(|(meeting, _)| meeting.clone())
                .collect();
            for meeting in quiet {
                unaligned.remove(&meeting);
                if let Err(error) = align_anew(&self.archive.store, &Silent, &meeting) {
                    tracing::error!(%meeting, %error, "a corrected text could not be aligned");
                }
                self.index(&meeting);
            }
        }
    }

    fn index(&self, meeting: &MeetingId) {
        let pipeline = self.archive.pipeline(&self.environment, &Silent);
        if let Err(error) = pipeline.and_then(|pipeline| pipeline.index(meeting)) {
            tracing::error!(%meeting, %error, "search could not follow a correction");
        }
    }
}
