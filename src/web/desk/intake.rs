//! What the desk's pages know of recordings that are coming in: that somebody receives, plays and registers
//! them. Owns this border; refuses files and media, which whoever runs the desk brings along.

use std::sync::Arc;

use crate::domain::{
    Error, Intake, IntakeId, IntakeStage, Peaks, RecordingDescription, RecordingSound, Result,
    SampleWish, Signature, SoundChoice, UploadPart, UploadRefusal,
};

/// Who recognises what was taken in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecognisedBy {
    /// The server, by itself.
    Queue,
    /// Somebody who runs `mitschnitt run`.
    Command,
}

/// Receives, plays and registers recordings.
pub trait RecordingIntake: Send + Sync {
    /// All of them with where they are, the newest first.
    ///
    /// # Errors
    /// `Archive` where they cannot be read.
    fn list(&self) -> Result<Vec<(Intake, IntakeStage)>>;

    /// One of them.
    ///
    /// # Errors
    /// `NotFound` where there is none of this id.
    fn get(&self, id: &IntakeId) -> Result<(Intake, IntakeStage)>;

    /// Begins an upload of so many bytes.
    ///
    /// # Errors
    /// `NoRoom` where it would fill the disk, `BadInput` where there is nothing in it.
    fn begin(&self, sent_name: &str, bytes: u64, made: &Signature) -> Result<Intake>;

    /// Takes a part of an upload; gives how much is there now.
    ///
    /// # Errors
    /// `NotFound`, `NoRoom`, `Archive`; nothing of the part is kept then.
    fn append(&self, id: &IntakeId, part: UploadPart<'_>) -> Result<Result<u64, UploadRefusal>>;

    /// Forgets one, and deletes what was uploaded of it.
    ///
    /// # Errors
    /// `BadInput` where a meeting has it.
    fn discard(&self, id: &IntakeId) -> Result<()>;

    /// Takes a file of the server into the list.
    ///
    /// # Errors
    /// `BadInput` where it may not be named, or is no recording.
    fn take_path(&self, path: &str, made: &Signature) -> Result<Intake>;

    /// Folders with files that may be named.
    fn folders(&self) -> Vec<String>;

    /// The folder in which recordings appear.
    fn watched(&self) -> Option<String>;

    /// What can be heard of one.
    ///
    /// # Errors
    /// `BadInput` where it is no recording.
    fn sound(&self, id: &IntakeId) -> Result<RecordingSound>;

    /// A stretch of a track, as a WAV file.
    ///
    /// # Errors
    /// `BadInput` where there is nothing to hear.
    fn sample(&self, id: &IntakeId, wish: SampleWish) -> Result<Vec<u8>>;

    /// Its loudness over time, as far as it is known by now, from pair number `from` on.
    ///
    /// # Errors
    /// `BadInput` where it cannot be read.
    fn peaks(&self, id: &IntakeId, choice: &SoundChoice, from: usize) -> Result<Peaks>;

    /// Keeps what was typed of one until it is taken in.
    ///
    /// # Errors
    /// `NoRoom` or `Archive` where it cannot be written.
    fn keep_form(&self, id: &IntakeId, form: &str) -> Result<()>;

    /// What was typed.
    fn kept_form(&self, id: &IntakeId) -> Option<String>;

    /// Takes one in as it is described, as a draft; goes on in the background.
    ///
    /// # Errors
    /// `BadInput` where it cannot be right.
    fn register(
        &self,
        id: &IntakeId,
        description: RecordingDescription,
        made: Signature,
    ) -> Result<()>;

    /// Who recognises it then.
    fn recognised_by(&self) -> RecognisedBy;
}

/// Where nobody takes recordings in.
pub struct NoIntake;

impl NoIntake {
    /// As the desk has it until it is given another.
    pub fn shared() -> Arc<dyn RecordingIntake> {
        Arc::new(Self)
    }

    fn refused<T>() -> Result<T> {
        Err(Error::not_found("Dieser Arbeitsplatz nimmt keine Aufnahmen an"))
    }
}

impl RecordingIntake for NoIntake {
    fn list(&self) -> Result<Vec<(Intake, IntakeStage)>> {
        Ok(Vec::new())
    }

    fn get(&self, _: &IntakeId) -> Result<(Intake, IntakeStage)> {
        Self::refused()
    }

    fn begin(&self, _: &str, _: u64, _: &Signature) -> Result<Intake> {
        Self::refused()
    }

    fn append(&self, _: &IntakeId, _: UploadPart<'_>) -> Result<Result<u64, UploadRefusal>> {
        Self::refused()
    }

    fn discard(&self, _: &IntakeId) -> Result<()> {
        Self::refused()
    }

    fn take_path(&self, _: &str, _: &Signature) -> Result<Intake> {
        Self::refused()
    }

    fn folders(&self) -> Vec<String> {
        Vec::new()
    }

    fn watched(&self) -> Option<String> {
        None
    }

    fn sound(&self, _: &IntakeId) -> Result<RecordingSound> {
        Self::refused()
    }

    fn sample(&self, _: &IntakeId, _: SampleWish) -> Result<Vec<u8>> {
        Self::refused()
    }

    fn peaks(&self, _: &IntakeId, _: &SoundChoice, _: usize) -> Result<Peaks> {
        Self::refused()
    }

    fn keep_form(&self, _: &IntakeId, _: &str) -> Result<()> {
        Self::refused()
    }

    fn kept_form(&self, _: &IntakeId) -> Option<String> {
        None
    }

    fn register(&self, _: &IntakeId, _: RecordingDescription, _: Signature) -> Result<()> {
        Self::refused()
    }

    fn recognised_by(&self) -> RecognisedBy {
        RecognisedBy::Command
    }
}
