//! The recogniser ready for files of one's own, outside an archive: a verified model with everything that
//! running it needs.

use super::checked::verify;
use super::recognition::{settings, tokenizer};
use super::{Efforts, Progress, Recognition, Wanted};
use crate::archive::Environment;
use crate::archive::models::{self, Model};
use crate::child::ChildProgram;
use crate::domain::{Cutting, DecodingSettings, Digest, Language, Result};
use crate::media::Decoder;
use crate::transcribe::{EngineProcess, Hints, Journal, RecordingVocabulary};

/// A verified model and how its process, the decoder and the memory of trials are reached.
pub struct PreparedModel {
    model: Model,
    digest: Digest,
    engine: ChildProgram,
    decoder: Decoder,
    efforts: Efforts,
    cutting: Cutting,
    decoding: DecodingSettings,
}

impl PreparedModel {
    /// Finds and verifies a model by its name or path.
    ///
    /// # Errors
    /// `BadInput` where the model is not here or damaged.
    pub fn new(name: &str, environment: &Environment, progress: &dyn Progress) -> Result<Self> {
        let model = models::find(name, &environment.model_dirs)?;
        let digest = verify(&model, progress)?;
        Ok(Self {
            model: model.known_by(&digest),
            digest,
            engine: ChildProgram::itself(EngineProcess::COMMAND)?,
            decoder: Decoder::this_program()?,
            efforts: Efforts::new(environment.calibration.clone()),
            cutting: environment.cutting,
            decoding: environment.decoding,
        })
    }

    /// Recognition with it.
    ///
    /// # Errors
    /// `BadInput` where it does not understand the language.
    pub fn recognition<'a>(
        &'a self,
        language: Language,
        wanted: Wanted,
        (journal, hints): (Option<&'a dyn Journal>, &'a Hints),
        progress: &'a dyn Progress,
    ) -> Result<Recognition<'a>> {
        Ok(Recognition {
            model: &self.model,
            model_sha256: &self.digest,
            settings: settings(&self.model, language, self.decoding)?,
            cutting: self.cutting,
            engine: &self.engine,
            decoder: &self.decoder,
            wanted,
            efforts: &self.efforts,
            journal,
            hints,
            progress,
        })
    }

    /// The most sound that it hears at once, in milliseconds.
    ///
    /// # Errors
    /// `BadInput` where its file cannot be read.
    pub fn window_ms(&self) -> Result<u32> {
        Ok(self.model.shape()?.window_ms())
    }

    /// A vocabulary in use.
    ///
    /// # Errors
    /// `BadInput` where the model's own vocabulary cannot be read.
    pub fn hints(&self, vocabulary: RecordingVocabulary) -> Result<Hints> {
        Ok(Hints::new(vocabulary, tokenizer(&self.model)?))
    }

    /// Where files are decoded.
    pub fn decoder(&self) -> &Decoder {
        &self.decoder
    }
}
