//! What others put on record, taken over: speeches, and facts about meetings, each kind in place of what was
//! there of it. Owns the order: a meeting is made before anything is said of it.

use std::path::PathBuf;
use std::sync::mpsc;
use std::thread;

use super::{Pipeline, align_anew};
use crate::domain::{Error, MeetingId, OutsideFacts, Result};
use crate::ingest::{FactKind, InputFile, Records, read_meetings, read_segments, read_votes};
use crate::store::HoldReason;

/// Meetings that are read ahead; the longest have some thousand speeches.
const AHEAD: usize = 2;

/// Everything in some files, read before anything is taken.
pub struct Import {
    records: Option<Records>,
    facts: Vec<(MeetingId, OutsideFacts)>,
    makes_meetings: bool,
}

/// What became of a part of it.
#[derive(Debug)]
pub enum Imported {
    /// Facts of a meeting were taken, but for so many that are withheld.
    Facts {
        /// Of this meeting.
        meeting: MeetingId,
        /// These.
        facts: OutsideFacts,
        /// So many not.
        left_out: usize,
    },
    /// The speeches of a meeting were taken, and withheld ones among them are not found again: it is not shown.
    Held(MeetingId),
    /// The speeches of a meeting were taken, but for so many that are withheld.
    LeftOut {
        /// Of this meeting.
        meeting: MeetingId,
        /// So many not.
        speeches: usize,
    },
    /// All speeches were gone through.
    Speeches {
        /// Taken.
        speeches: usize,
        /// Of so many meetings.
        meetings: usize,
    },
    /// A meeting could not be taken over.
    Failed(Error),
}

impl Import {
    /// Reads files; what they are, where nobody says, tells the first line of each. `of` is the meeting of lines
    /// that name none.
    ///
    /// # Errors
    /// `BadInput` naming file, line and reason.
    pub fn read(paths: &[PathBuf], kind: Option<FactKind>, of: Option<&MeetingId>) -> Result<Self> {
        let mut files: [Vec<InputFile>; 4] = Default::default();
        for path in paths {
            let file = InputFile::open(path)?;
            let kind = kind.map_or_else(|| FactKind::of_file(&file), Ok)?;
            files[kind as usize].push(file);
        }
        let [speeches, votes, segments, meetings] = files;
        let records = (!speeches.is_empty()).then(|| Records::open(speeches)).transpose()?;
        let meetings = read_meetings(&meetings, of)?;
        let makes_meetings = records.is_some() || !meetings.is_empty();
        let facts = [meetings, read_votes(&votes, of)?, read_segments(&segments, of)?];
        Ok(Self { records, facts: facts.into_iter().flatten().collect(), makes_meetings })
    }

    /// Whether it makes meetings; other facts are about meetings that are there.
    pub fn makes_meetings(&self) -> bool {
        self.makes_meetings
    }
}

impl Pipeline<'_> {
    /// Takes everything over and aligns anew where that is evidence; `tell` hears what became of each part.
    /// Indexing is the caller's.
    pub fn import(&self, import: Import, tell: &mut dyn FnMut(Imported)) {
        if let Some(records) = &import.records {
            self.take_speeches(records, tell);
        }
        for (meeting, facts) in import.facts {
            let taken = self.store.put_outside(&meeting, &facts).and_then(|left_out| {
                // What an agenda says elsewhere is no evidence.
                let is_evidence = !matches!(facts, OutsideFacts::Meeting(_));
                tell(Imported::Facts { meeting: meeting.clone(), facts, left_out });
                match is_evidence {
                    true => align_anew(self.store, self.progress, &meeting),
                    false => Ok(()),
                }
            });
            if let Err(error) = taken {
                tell(Imported::Failed(error));
            }
        }
    }

    fn take_speeches(&self, records: &Records, tell: &mut dyn FnMut(Imported)) {
        let (mut meetings, mut speeches) = (0, 0);
        // The next meetings are read while one is stored. Not by rayon: who reads waits for room in the
        // queue, and what waits would hold up its threads.
        let (send, read) = mpsc::sync_channel(AHEAD);
        thread::scope(|scope| {
            scope.spawn(|| {
                let send = send;
                // Nobody takes them any more only where storing them has panicked.
                records.meetings().all(|id| send.send(records.read(id)).is_ok())
            });
            for record in read {
                let taken = record.and_then(|record| {
                    let (council, formerly) = (&record.council, &record.formerly);
                    self.store.put_speeches(council, &record.speeches, formerly)?;
                    let kept = self.store.speeches(&council.meeting.id)?.len();
                    Ok((record.council.meeting.id, kept, record.speeches.len() - kept))
                });
                let (meeting, kept, left_out) = match taken {
                    Ok(taken) => taken,
                    Err(error) => {
                        tell(Imported::Failed(error));
                        continue;
                    }
                };
                let held = self.store.held(&meeting).unwrap_or_default();
                if held.iter().any(|h| h.reason == HoldReason::RecordChanged) {
                    tell(Imported::Held(meeting.clone()));
                }
                (meetings, speeches) = (meetings + 1, speeches + kept);
                if left_out > 0 {
                    tell(Imported::LeftOut { meeting, speeches: left_out });
                }
            }
        });
        tell(Imported::Speeches { speeches, meetings });
    }
}
