//! The order of the stages: transcribe, second pass, publish, align, index. Each has a key of everything
//! that decides its result; where the archive has a result of that key, nothing is done.

mod align;
mod calibration;
mod checked;
mod clock;
mod index;
mod intake;
mod open_archive;
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
use crate::domain::{Cutting, Error, MeetingId, Recording, Result};
use crate::media::Decoder;
use crate::search::Searcher;
use crate::store::Store;

pub use align::align_anew;
pub use calibration::{Efforts, Wanted};
pub use checked::{hash, verify};
pub use clock::{Clock, clocks};
pub use intake::{IntakeFiles, IntakeFolders, Intakes};
pub use open_archive::{OpenArchive, location};
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
    /// How many windows are recognised at once.
    pub wanted: Wanted,
    /// What is remembered of that.
    pub efforts: Efforts,
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
        let Some(_lock) = self.locks.meeting(id)? else {
            return Err(Error::archive("Ein anderer Lauf ist gerade an dieser Sitzung")
                .remedy("Warten Sie, bis er fertig ist"));
        };
        let mut outcome = RunOutcome::default();
        let mut run = Run::begin(self, id, redo)?;
        let mut failure = None;
        for _ in 0..ATTEMPTS {
            failure = None;
            let mut changed = Done::Nothing;
            for recording in run.recordings()? {
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
        outcome.indexed = self.index(id)?;
        failure.map_or(Ok(outcome), Err)
    }
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
