//! Alignment and index after people's changes of texts, in a thread of their own: search within a second,
//! alignment once nobody types any more. Owns when; whoever kills it loses nothing, as both are made again of
//! what the archive holds.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

use crate::archive::Environment;
use crate::domain::{Error, ErrorKind, MeetingId, Result};
use crate::pipeline::{OpenArchive, Silent, align_anew};

/// So long after the last change of its text a meeting is aligned anew.
const QUIET: Duration = Duration::from_secs(20);
/// So long after a failure it is tried again.
const AGAIN: Duration = Duration::from_secs(60);
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

/// Meetings with the time from which on something is to be done with them.
#[derive(Default)]
struct DueMeetings(BTreeMap<MeetingId, Instant>);

impl DueMeetings {
    fn put(&mut self, meeting: MeetingId, pause: Duration) {
        self.0.insert(meeting, Instant::now() + pause);
    }

    /// The next one whose time has come; what came last goes first, for somebody is waiting for it.
    fn next(&mut self) -> Option<MeetingId> {
        let now = Instant::now();
        let due = self.0.iter().filter(|(_, at)| **at <= now);
        let next = due.max_by_key(|(_, at)| **at)?.0.clone();
        self.0.remove(&next);
        Some(next)
    }

    fn is_waiting(&self) -> bool {
        self.0.values().any(|at| *at <= Instant::now())
    }
}

impl Follower {
    fn follow(&self, changes: &Receiver<MeetingId>) {
        let (mut unindexed, mut unaligned) = (DueMeetings::default(), DueMeetings::default());
        match self.archive.store.revised_meetings() {
            // Nobody knows how far whoever was here before has come. What is as it should be costs a look.
            Ok(all) => all.into_iter().for_each(|meeting| {
                unindexed.put(meeting.clone(), Duration::ZERO);
                unaligned.put(meeting, QUIET);
            }),
            Err(error) => tracing::error!(%error, "corrected meetings could not be listed"),
        }
        loop {
            let is_waiting = unindexed.is_waiting() || unaligned.is_waiting();
            match changes.recv_timeout(if is_waiting { Duration::ZERO } else { LOOK }) {
                Ok(first) => {
                    let changed: BTreeSet<MeetingId> =
                        std::iter::once(first).chain(changes.try_iter()).collect();
                    for meeting in changed {
                        unindexed.put(meeting.clone(), Duration::ZERO);
                        unaligned.put(meeting, QUIET);
                    }
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
            // One at a time, so that what is changed meanwhile need not wait for all others.
            if let Some(meeting) = unindexed.next() {
                let pipeline = self.archive.pipeline(&self.environment, &Silent);
                match pipeline.and_then(|pipeline| pipeline.index(&meeting)) {
                    Ok(_) => {}
                    Err(error) if error.kind() == ErrorKind::NotFound => {}
                    Err(error) => {
                        tracing::error!(%meeting, %error, "search could not follow a correction");
                        unindexed.put(meeting, AGAIN);
                    }
                }
            } else if let Some(meeting) = unaligned.next() {
                match align_anew(&self.archive.store, &Silent, &meeting) {
                    Ok(_) => unindexed.put(meeting, Duration::ZERO),
                    // It was taken out of the archive meanwhile.
                    Err(error) if error.kind() == ErrorKind::NotFound => {}
                    Err(error) => {
                        tracing::error!(%meeting, %error, "a corrected text could not be aligned");
                        unaligned.put(meeting, AGAIN);
                    }
                }
            }
        }
    }
}
