//! The order of the stages: transcribe, second pass, publish, align, index. Each has a key of everything
//! that decides its result; where the archive has a result of that key, nothing is done.

mod align;
mod backup;
mod calibration;
mod checked;
mod clip;
mod clock;
mod import;
mod inbox;
mod index;
mod intake;
mod open_archive;
mod pace;
mod prepared;
mod publish;
mod purge;
mod recognition;
pub mod registering;
mod run;
mod second_pass;
mod transcribe;
mod vocabulary;

use std::path::PathBuf;

use crate::archive::{Files, Locks};
use crate::child::ChildProgram;
use crate::domain::{Cutting, DecodingSettings, Error, MeetingId, Recording, Result};
use crate::media::Decoder;
use crate::search::Searcher;
use crate::store::Store;

pub use align::align_anew;
pub use backup::{BackedUp, LedgerPlace, Restored, back_up, restore, verify_backup};
pub use calibration::{Efforts, Wanted};
pub use checked::{hash, verify};
pub use clip::{ClipSource, cut_clip};
pub use clock::{Clock, clocks};
pub use import::{Import, Imported};
pub use inbox::forget_withdrawn_words;
pub use intake::{IntakeFiles, IntakeFolders, Intakes};
pub use open_archive::{OpenArchive, location};
pub use pace::Pace;
pub use prepared::PreparedModel;
pub use purge::Unpurged;
pub use recognition::{Recognition, Source, settings};
pub use run::{ModelChoice, Progress, Redo, RunOutcome, Silent, Stage};
pub use vocabulary::{read_vocabulary, vocabulary};

use run::{Done, Run};

/// How often a meeting that changes under the work is begun again.
const ATTEMPTS: usize = 4;

/// The stages with everything they need.
pub struct Pipeline<'a> {
    /// The archive.
    pub store: &'a Store,
    /// The index.
    pub searcher: &'a Searcher,
    /// Where public copies lie.
    pub files: Box<dyn Files>,
    /// What keeps processes apart.
    pub locks: Locks,
    /// How the recogniser's process is started.
    pub engine: ChildProgram,
    /// Where files are decoded.
    pub decoder: Decoder,
    /// How windows are cut.
    pub cutting: Cutting,
    /// How the recogniser looks for words.
    pub decoding: DecodingSettings,
    /// How many windows are recognised at once.
    pub wanted: Wanted,
    /// What is remembered of that.
    pub efforts: Efforts,
    /// What is likely to be said, beside what the council's data say; the most important last.
    pub terms: Vec<String>,
    /// Where models are looked for.
    pub model_dirs: Vec<PathBuf>,
    /// Who waits.
    pub progress: &'a dyn Progress,
}

impl Pipeline<'_> {
    /// Brings one meeting up to date. What is withdrawn while it is being heard does not come in. What
    /// there is is shown, even where a recording failed.
    ///
    /// # Errors
    /// Those of the stages; what was finished before stays. `Archive` where another process is at it.
    pub fn run(&self, id: &MeetingId, choice: &ModelChoice, redo: Redo) -> Result<RunOutcome> {
        let lock = self.locks.meeting(id)?;
        // Who has a lease goes on beside a process that hangs: that one can write nothing any more.
        if lock.is_none() && !self.store.is_under_lease() {
            return Err(busy());
        }
        let mut outcome = RunOutcome::default();
        let mut run = Run::begin(self, id, redo)?;
        let mut failure = None;
        for _ in 0..ATTEMPTS {
            failure = None;
            let mut changed = Done::Nothing;
            for recording in run.recordings()? {
                self.store.refuse_lost_lease()?;
                let done = hear(&run, &recording, choice, &mut outcome);
                changed = changed.max(*done.as_ref().unwrap_or(&Done::Nothing));
                let published = done.and_then(|_| publish::publish(&run, &recording));
                outcome.published += usize::from(matches!(published, Ok(Done::Work)));
                failure = failure.or(published.err());
            }
            if changed != Done::Nothing {
                run.reread()?;
            }
            let aligned = align::align(self.store, self.progress, &run.council, run.redo)?;
            outcome.aligned |= aligned == Done::Work;
            if changed.max(aligned) != Done::Outdated {
                break;
            }
            run = Run::begin(self, id, Redo::Missing)?;
        }
        outcome.indexed = self.index_again(id, redo)?;
        failure.map_or(Ok(outcome), Err)
    }

    /// Aligns a meeting anew where its text, its agenda or what is fixed has changed, and indexes it.
    ///
    /// # Errors
    /// Those of the archive and of the index.
    pub fn realign(&self, id: &MeetingId) -> Result<RunOutcome> {
        let mut outcome = RunOutcome::default();
        for _ in 0..ATTEMPTS {
            let council = self.store.council(id)?;
            let aligned = align::align(self.store, self.progress, &council, Redo::Missing)?;
            outcome.aligned |= aligned == Done::Work;
            if aligned != Done::Outdated {
                break;
            }
        }
        outcome.indexed = self.index(id)?;
        Ok(outcome)
    }

    /// Makes the public copies of a meeting that are missing, and indexes it.
    ///
    /// # Errors
    /// Those of the stage; copies that were made before stay.
    pub fn publish(&self, id: &MeetingId) -> Result<RunOutcome> {
        let mut outcome = RunOutcome::default();
        let run = Run::begin(self, id, Redo::Missing)?;
        for recording in run.recordings()? {
            let published = publish::publish(&run, &recording)?;
            outcome.published += usize::from(published == Done::Work);
        }
        outcome.indexed = self.index(id)?;
        Ok(outcome)
    }
}

/// What is said to whoever comes to a meeting that another process is at.
pub fn busy() -> Error {
    Error::archive("Ein anderer Lauf ist gerade an dieser Sitzung")
        .remedy("Warten Sie, bis er fertig ist; `mitschnitt jobs` zeigt, wie weit er ist")
}

/// Sound to the text that is shown: a first pass, and a second where that left doubts.
fn hear(
    run: &Run<'_>,
    recording: &Recording,
    choice: &ModelChoice,
    outcome: &mut RunOutcome,
) -> Result<Done> {
    let Some(inputs) = transcribe::HearInputs::of(run, recording, choice)? else {
        return Ok(Done::Nothing);
    };
    let first = transcribe::transcribe(run, recording, &inputs)?;
    let second = second_pass::second_pass(run, recording, &inputs)?;
    outcome.transcribed += usize::from(first.max(second) == Done::Work);
    Ok(first.max(second))
}
