//! What the commands that recognise speech share: the model, jobs and threads, and the memory of
//! trials.

use super::Context;
use crate::child::ChildProgram;
use crate::domain::{Digest, Result};
use crate::media::Decoder;
use crate::models::{self, Model};
use crate::pipeline::{self, Efforts, Recognition, Wanted};
use crate::transcribe::{EngineProcess, Hints, Journal, RecordingVocabulary, Tokenizer};

/// How hard to work.
#[derive(Clone, Copy, Debug, Default, clap::Args)]
pub struct EffortArgs {
    /// So viele Fenster zugleich erkennen; ohne Angabe wird es an langen Aufnahmen einmal ausprobiert
    #[arg(long, value_name = "ANZAHL", value_parser = clap::value_parser!(u32).range(1..=256))]
    jobs: Option<u32>,
    /// So viele Rechenfäden für jedes Fenster
    #[arg(long, value_name = "ANZAHL", value_parser = clap::value_parser!(u32).range(1..=256))]
    threads: Option<u32>,
}

impl EffortArgs {
    /// What of it was said.
    pub fn wanted(self) -> Wanted {
        Wanted { jobs: self.jobs, threads: self.threads }
    }
}

impl Context {
    /// What is remembered of trials on this machine: in the user's cache, because it belongs to
    /// the machine and not to an archive.
    pub fn efforts(&self) -> Efforts {
        Efforts::new(super::user_cache().map(|cache| cache.join("calibration.json")))
    }
}

/// A verified model with everything that running it needs.
pub struct Ready {
    model: Model,
    digest: Digest,
    engine: ChildProgram,
    decoder: Decoder,
    efforts: Efforts,
}

impl Ready {
    /// Finds and verifies a model; without a name, that of the settings.
    ///
    /// # Errors
    /// Where the model is not here or damaged.
    pub fn new(
        name: Option<&str>,
        context: &Context,
        progress: &super::progress::Display,
    ) -> Result<Self> {
        let name = name.unwrap_or(&context.config.model);
        let model = models::find(name, &context.model_dirs())?;
        let digest = pipeline::verify(&model, progress)?;
        let engine = ChildProgram::itself(EngineProcess::COMMAND)?;
        let decoder = Decoder::this_program()?;
        Ok(Self { model, digest, engine, decoder, efforts: context.efforts() })
    }

    /// Recognition with it.
    pub fn recognition<'a>(
        &'a self,
        language: &str,
        effort: EffortArgs,
        context: &'a Context,
        (journal, hints): (Option<&'a dyn Journal>, &'a Hints),
        progress: &'a super::progress::Display,
    ) -> Recognition<'a> {
        Recognition {
            model: &self.model,
            model_sha256: &self.digest,
            settings: pipeline::settings(&self.model, language),
            cutting: context.config.windows,
            engine: &self.engine,
            decoder: &self.decoder,
            wanted: effort.wanted(),
            efforts: &self.efforts,
            journal,
            hints,
            progress,
        }
    }

    /// A vocabulary in use.
    ///
    /// # Errors
    /// `BadInput` where the model's own vocabulary cannot be read.
    pub fn hints(&self, vocabulary: RecordingVocabulary) -> Result<Hints> {
        Ok(Hints::new(vocabulary, Tokenizer::from_model(&self.model.path)?))
    }

    /// Where files are decoded.
    pub fn decoder(&self) -> &Decoder {
        &self.decoder
    }
}
