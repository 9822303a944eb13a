//! Recordings from their first byte to the meeting that they belong to: received, listened to, described, cut
//! where that is wanted, registered. Owns the order of these; each step may be killed and is done again.

mod files;
mod manifest;
mod registration;
mod waveforms;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;

use super::{OpenArchive, Silent};
use crate::archive::{Environment, write_whole};
use crate::domain::{
    Error, Intake, IntakeId, IntakeSource, IntakeStage, MeetingId, Peaks, RecordingDescription,
    RecordingSound, Result, SampleWish, Signature, SoundChoice, UploadPart, UploadRefusal,
};
use crate::media::{self, Decoder};

pub use files::IntakeFiles;
use registration::AcceptedRecording;
use waveforms::Waveforms;

/// What was typed of a recording, until it is taken in. It may name what is not public, so it lies beside the
/// recording and not in the archive.
const FORM: &str = "formular.json";

/// Where recordings may lie that are taken in where they are.
#[derive(Clone, Debug, Default)]
pub struct IntakeFolders {
    /// Whatever appears here is listed.
    pub watched: Option<PathBuf>,
    /// What lies here may be named.
    pub allowed: Vec<PathBuf>,
}

/// Told of a meeting that was taken in: it is to be recognised.
type OnRegistered = dyn Fn(&MeetingId, &Signature) -> Result<()> + Send + Sync;

/// Everything that is coming in.
pub struct Intakes {
    archive: OpenArchive,
    environment: Environment,
    decoder: Decoder,
    files: IntakeFiles,
    folders: IntakeFolders,
    waveforms: Waveforms,
    busy: Mutex<Busy>,
    /// Held while a recording comes to a meeting that has others: each must see the one before.
    adding: Mutex<()>,
    on_registered: Box<OnRegistered>,
}

/// What is being done now, and what failed.
#[derive(Default)]
struct Busy {
    reading: BTreeSet<IntakeId>,
    registering: BTreeSet<IntakeId>,
    failed: BTreeMap<IntakeId, String>,
}

impl Intakes {
    /// Of this archive.
    ///
    /// # Errors
    /// `Failed` where the program does not find itself, to start its decoder.
    pub fn new(
        archive: OpenArchive,
        environment: &Environment,
        folders: IntakeFolders,
        on_registered: Box<OnRegistered>,
    ) -> Result<Self> {
        Ok(Self {
            files: IntakeFiles::new(archive.store.clone(), environment.data_dir.intake()),
            archive,
            environment: environment.clone(),
            decoder: Decoder::this_program()?,
            folders,
            waveforms: Waveforms::default(),
            busy: Mutex::default(),
            adding: Mutex::default(),
            on_registered,
        })
    }

    /// All of them, the newest first.
    pub fn list(&self) -> Result<Vec<Intake>> {
        self.archive.store.intakes()
    }

    /// One of them.
    ///
    /// # Errors
    /// `NotFound` where there is none of this id.
    pub fn get(&self, id: &IntakeId) -> Result<Intake> {
        self.archive.store.intake(id)
    }

    /// Where it is on its way.
    pub fn stage(&self, intake: &Intake) -> IntakeStage {
        let busy = self.busy();
        match &intake.meeting {
            _ if busy.registering.contains(&intake.id) => IntakeStage::Registering,
            Some(meeting) => IntakeStage::Registered(meeting.clone()),
            None if !intake.is_received() => IntakeStage::Receiving,
            None => match busy.failed.get(&intake.id) {
                Some(why) => IntakeStage::Failed(why.clone()),
                None if intake.is_whole() => IntakeStage::Ready,
                None => IntakeStage::Checking,
            },
        }
    }

    /// Begins an upload.
    ///
    /// # Errors
    /// As of [`IntakeFiles::begin`].
    pub fn begin(&self, sent_name: &str, bytes: u64, made: &Signature) -> Result<Intake> {
        self.files.begin(sent_name, bytes, made)
    }

    /// Takes a part of an upload; with the last one it is read through for its hash.
    ///
    /// # Errors
    /// As of [`IntakeFiles::append`].
    pub fn append(
        self: &Arc<Self>,
        id: &IntakeId,
        part: UploadPart<'_>,
    ) -> Result<Result<u64, UploadRefusal>> {
        let appended = self.files.append(id, part)?;
        if appended.is_ok() && self.get(id)?.is_received() {
            self.finish(id.clone());
        }
        Ok(appended)
    }

    /// Takes a file of this machine into the list, if it lies where recordings may lie.
    ///
    /// # Errors
    /// `BadInput` where it does not, or is no recording, or is in the list already.
    pub fn take_path(&self, path: &Path, made: &Signature) -> Result<Intake> {
        let elsewhere = || {
            Error::bad_input("Dort darf keine Aufnahme liegen").remedy(
                "Nennen Sie eine Datei in einem der Ordner, die `watch` und `recordings` unter [desk] nennen",
            )
        };
        let real = path.canonicalize().map_err(|_| elsewhere())?;
        let allowed = self.folders.allowed.iter().chain(&self.folders.watched);
        let mut allowed = allowed.filter_map(|folder| folder.canonicalize().ok());
        if !allowed.any(|folder| real.starts_with(folder)) {
            return Err(elsewhere());
        }
        media::probe(&real, &self.decoder)?;
        self.files.take_file(&real, IntakeSource::Server, made)
    }

    /// Lists a file of the watched folder, unless it is known.
    ///
    /// # Errors
    /// `Archive` where it cannot be read or written.
    pub fn notice(&self, path: &Path, bytes: u64) -> Result<()> {
        if self.archive.store.knows_intake(path, bytes)? {
            return Ok(());
        }
        let made = Signature { by: "mitschnitt".to_owned(), at: Timestamp::now() };
        self.files.take_file(path, IntakeSource::Watched, &made).map(drop)
    }

    /// Where recordings may lie that are taken in where they are.
    pub fn folders(&self) -> &IntakeFolders {
        &self.folders
    }

    /// Forgets one and deletes what was uploaded of it.
    ///
    /// # Errors
    /// `BadInput` where a meeting has it or is just getting it.
    pub fn discard(&self, id: &IntakeId) -> Result<()> {
        if self.busy().registering.contains(id) {
            return Err(Error::bad_input("Diese Aufnahme wird gerade aufgenommen")
                .remedy("Warten Sie, bis das fertig ist"));
        }
        self.files.discard(id)
    }

    /// What can be heard of it.
    ///
    /// # Errors
    /// `BadInput` where it is no recording.
    pub fn sound(&self, id: &IntakeId) -> Result<RecordingSound> {
        media::sound_of(&self.whole(id)?.path, &self.decoder)
    }

    /// A stretch of a track, as a WAV file.
    ///
    /// # Errors
    /// `BadInput` where there is nothing to hear.
    pub fn sample(&self, id: &IntakeId, wish: SampleWish) -> Result<Vec<u8>> {
        media::sample(&self.whole(id)?.path, wish)
    }

    /// Its loudness over time, as far as it is known, from pair number `from` on.
    ///
    /// # Errors
    /// `BadInput` where it cannot be read.
    pub fn peaks(&self, id: &IntakeId, choice: &SoundChoice, from: usize) -> Result<Peaks> {
        self.waveforms.peaks(id, self.whole(id)?.path, choice, from, &self.decoder)
    }

    /// Keeps what was typed, so that nobody types it twice.
    ///
    /// # Errors
    /// `NoRoom` or `Archive` where it cannot be written.
    pub fn keep_form(&self, id: &IntakeId, form: &str) -> Result<()> {
        let path = self.files.folder_of(id).join(FORM);
        write_whole(&path, form.as_bytes())
            .map_err(|e| Error::unwritable("Das Ausgefüllte lässt sich nicht speichern", e))
    }

    /// What was typed.
    pub fn kept_form(&self, id: &IntakeId) -> Option<String> {
        std::fs::read_to_string(self.files.folder_of(id).join(FORM)).ok()
    }

    /// Takes a recording in as it is described: refused at once where the description is wrong, else in the
    /// background, since cutting takes its time; once this answers, a stop only delays it. How far it is,
    /// [`Self::stage`] says.
    ///
    /// # Errors
    /// `BadInput` where it is not ready, or the description cannot be right.
    pub fn register(
        self: &Arc<Self>,
        id: &IntakeId,
        description: RecordingDescription,
        made: Signature,
    ) -> Result<()> {
        let intake = self.whole(id)?;
        if !self.busy().registering.insert(id.clone()) {
            return Err(Error::bad_input("Diese Aufnahme wird gerade aufgenommen")
                .remedy("Warten Sie, bis das fertig ist"));
        }
        self.busy().failed.remove(id);
        let planned = self.plan(&intake, &description).inspect_err(|_| {
            self.busy().registering.remove(id);
        })?;
        let accepted = AcceptedRecording { description, made };
        self.accept(id, &accepted).inspect_err(|_| {
            self.busy().registering.remove(id);
        })?;
        self.begin_taking_in(intake, move |intakes, intake| {
            intakes.carry_out(intake, planned, &accepted)
        })
    }

    /// Goes on with a recording that was accepted before a stop came in between, or before the disk was full.
    fn resume(self: &Arc<Self>, intake: Intake, accepted: AcceptedRecording) -> Result<()> {
        if !self.busy().registering.insert(intake.id.clone()) {
            return Ok(());
        }
        self.begin_taking_in(intake, move |intakes, intake| match intake.meeting.clone() {
            Some(meeting) => intakes.conclude(intake, &meeting, &accepted),
            None => {
                let planned = intakes.plan(intake, &accepted.description)?;
                intakes.carry_out(intake, planned, &accepted)
            }
        })
    }

    /// Takes a recording in, in the background, that is noted as being taken in.
    fn begin_taking_in(
        self: &Arc<Self>,
        intake: Intake,
        act: impl FnOnce(&Self, &Intake) -> Result<()> + Send + 'static,
    ) -> Result<()> {
        let (intakes, id) = (Arc::clone(self), intake.id.clone());
        let work = move || {
            let id = intake.id.clone();
            let done = caught(|| act(&intakes, &intake));
            if let Err(error) = &done {
                tracing::error!(intake = %id, %error, "a recording was not taken in");
                intakes.give_up(&id, error);
            }
            let mut busy = intakes.busy();
            busy.registering.remove(&id);
            match done {
                Ok(()) => busy.failed.remove(&id),
                Err(error) => busy.failed.insert(id, error.to_string()),
            };
        };
        begin_thread("taking in", work).inspect_err(|_| {
            self.busy().registering.remove(&id);
        })
    }

    /// What is to be done again and again: hashes and registrations that a stop has kept from being made, and
    /// what has expired.
    ///
    /// # Errors
    /// `Archive` where something cannot be deleted.
    pub fn tidy(self: &Arc<Self>, now: Timestamp) -> Result<()> {
        self.waveforms.forget();
        for intake in self.list()? {
            if intake.is_received() && !intake.is_whole() {
                self.finish(intake.id);
            } else if let Some(accepted) = self.accepted(&intake.id) {
                self.resume(intake, accepted)?;
            }
        }
        self.files.sweep(now)
    }

    /// Reads an upload through in the background, unless somebody does.
    fn finish(self: &Arc<Self>, id: IntakeId) {
        if !self.busy().reading.insert(id.clone()) {
            return;
        }
        let (intakes, read) = (Arc::clone(self), id.clone());
        let work = move || {
            if let Err(error) = caught(|| intakes.files.finish(&read)) {
                tracing::error!(intake = %read, %error, "an upload could not be read through");
            }
            intakes.busy().reading.remove(&read);
        };
        if begin_thread("upload", work).is_err() {
            // The next round tries again.
            self.busy().reading.remove(&id);
        }
    }

    /// One that is there as a whole.
    fn whole(&self, id: &IntakeId) -> Result<Intake> {
        let intake = self.get(id)?;
        match intake.is_whole() {
            true => Ok(intake),
            false => Err(Error::bad_input("Die Aufnahme ist noch nicht vollständig da")
                .remedy("Warten Sie, bis sie hochgeladen und geprüft ist")),
        }
    }

    fn busy(&self) -> MutexGuard<'_, Busy> {
        self.busy.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Brings the index up to date with a meeting that was registered.
    fn index(&self, meeting: &MeetingId) -> Result<()> {
        let pipeline = self.archive.pipeline(&self.environment, &Silent)?;
        pipeline.purge()?;
        pipeline.index(meeting).map(drop)
    }
}

/// A panic as a failure, so that nothing waits for ever.
fn caught(work: impl FnOnce() -> Result<()>) -> Result<()> {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(work))
        .unwrap_or_else(|_| Err(Error::failed("Das Programm ist dabei abgestürzt")))
}

fn begin_thread(name: &str, work: impl FnOnce() + Send + 'static) -> Result<()> {
    let begun = std::thread::Builder::new().name(name.to_owned()).spawn(work);
    begun.map(drop).map_err(|e| Error::failed("Es lässt sich nichts Weiteres beginnen").because(e))
}

#[cfg(test)]
mod tests;
