//! The desk's way to what is coming in: its border is the web's, the work the pipeline's. Owns nothing of either.

use std::path::Path;
use std::sync::Arc;

use crate::domain::{
    Intake, IntakeId, IntakeStage, Peaks, RecordingDescription, RecordingSound, Result, SampleWish,
    Signature, SoundChoice, UploadPart, UploadRefusal,
};
use crate::pipeline::Intakes;
use crate::web::{RecognisedBy, RecordingIntake};

/// What is coming in, for the desk.
pub struct DeskIntake(pub Arc<Intakes>, pub RecognisedBy);

impl RecordingIntake for DeskIntake {
    fn list(&self) -> Result<Vec<(Intake, IntakeStage)>> {
        let list = self.0.list()?.into_iter();
        Ok(list.map(|intake| (intake.clone(), self.0.stage(&intake))).collect())
    }

    fn get(&self, id: &IntakeId) -> Result<(Intake, IntakeStage)> {
        let intake = self.0.get(id)?;
        let stage = self.0.stage(&intake);
        Ok((intake, stage))
    }

    fn begin(&self, sent_name: &str, bytes: u64, made: &Signature) -> Result<Intake> {
        self.0.begin(sent_name, bytes, made)
    }

    fn append(&self, id: &IntakeId, part: UploadPart<'_>) -> Result<Result<u64, UploadRefusal>> {
        self.0.append(id, part)
    }

    fn discard(&self, id: &IntakeId) -> Result<()> {
        self.0.discard(id)
    }

    fn take_path(&self, path: &str, made: &Signature) -> Result<Intake> {
        self.0.take_path(Path::new(path), made)
    }

    fn folders(&self) -> Vec<String> {
        self.0.folders().allowed.iter().map(|folder| folder.display().to_string()).collect()
    }

    fn watched(&self) -> Option<String> {
        self.0.folders().watched.as_ref().map(|folder| folder.display().to_string())
    }

    fn sound(&self, id: &IntakeId) -> Result<RecordingSound> {
        self.0.sound(id)
    }

    fn sample(&self, id: &IntakeId, wish: SampleWish) -> Result<Vec<u8>> {
        self.0.sample(id, wish)
    }

    fn peaks(&self, id: &IntakeId, choice: &SoundChoice, from: usize) -> Result<Peaks> {
        self.0.peaks(id, choice, from)
    }

    fn keep_form(&self, id: &IntakeId, form: &str) -> Result<()> {
        self.0.keep_form(id, form)
    }

    fn kept_form(&self, id: &IntakeId) -> Option<String> {
        self.0.kept_form(id)
    }

    fn register(
        &self,
        id: &IntakeId,
        description: RecordingDescription,
        made: Signature,
    ) -> Result<()> {
        self.0.register(id, description, made)
    }

    fn recognised_by(&self) -> RecognisedBy {
        self.1
    }
}
