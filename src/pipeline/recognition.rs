//! One file through the recogniser: model to settings, sound to transcript, failures to words.

use std::path::Path;

use super::Progress;
use crate::domain::{
    Digest, Engine, Error, GapReason, PublicSpans, Result, SoundChoice, Transcript,
};
use crate::media::Decoder;
use crate::models::{self, Heads, Model, Preset};
use crate::transcribe::{Aligner, EngineCommand, EngineProcess, Settings};
use crate::{media, transcribe};

/// Transcribes one file, with or without an archive.
///
/// # Errors
/// `BadInput` where the file cannot be read or nobody speaks in it; `Failed` where the recogniser
/// failed on everything.
pub fn transcribe_file(
    path: &Path,
    public: &PublicSpans,
    model: &Model,
    model_sha256: &Digest,
    settings: Settings,
    engine: &EngineCommand,
    progress: &dyn Progress,
) -> Result<Transcript> {
    let mut sound = media::open(path, public, &SoundChoice::default(), &Decoder::this_program()?)?;
    let about = Engine {
        name: "whisper.cpp".into(),
        version: transcribe::engine_version().into(),
        model: model.name.clone(),
        model_sha256: Some(model_sha256.clone()),
        settings: serde_json::to_value(&settings).unwrap_or_default(),
    };
    let mut recognizer =
        EngineProcess::start(engine.clone(), model.path.clone(), settings, threads(model))?;
    progress.begin(&format!("Spracherkennung ({})", model.name), sound.duration());
    let length = sound.duration();
    let mut blocks = std::iter::from_fn(|| sound.next_block().transpose());
    let mut done = |t| progress.at(t);
    let transcript =
        transcribe::transcribe(&mut blocks, length, public, &mut recognizer, about, &mut done);
    progress.end();
    let transcript = transcript?;
    if transcript.words.is_empty() {
        let name = path.display();
        let failed = transcript.gaps.iter().any(|g| g.reason == GapReason::Failed);
        return Err(if failed {
            Error::failed(format!("Die Spracherkennung ist an {name} ganz gescheitert"))
                .remedy("`mitschnitt doctor` prüft Modell und Speicher")
        } else {
            Error::bad_input(format!("In {name} ist keine Sprache zu hören"))
                .remedy("Prüfen Sie die Tonspur und die öffentlichen Zeiten im Manifest")
        });
    }
    Ok(transcript)
}

/// How a model wants to be used.
pub fn settings(model: &Model) -> Settings {
    Settings {
        language: "de".into(),
        window_ms: model.window_ms() as u32,
        audio_ctx: model.audio_ctx(),
        beam: 5,
        aligner: match model.heads() {
            Heads::Unknown => Aligner::TokenTimes,
            Heads::Custom(heads) => Aligner::Heads(heads.to_vec()),
            Heads::Preset(preset) => Aligner::Preset(preset_name(preset).into()),
        },
    }
}

/// Threads for one engine process. ggml's threads wait for each other in a busy loop after every
/// matrix; in a model as small as the demo's that costs more than it saves, and on a machine that
/// does other work besides it costs five times as much (measured).
fn threads(model: &Model) -> u32 {
    const SMALL_MODEL: u64 = 64 << 20;
    let bytes = model.path.metadata().map_or(0, |m| m.len());
    let cores = std::thread::available_parallelism().map_or(1, |n| n.get() as u32);
    if bytes < SMALL_MODEL { 1 } else { cores }
}

fn preset_name(preset: Preset) -> &'static str {
    match preset {
        Preset::Tiny => "tiny",
        Preset::Base => "base",
        Preset::Small => "small",
        Preset::Medium => "medium",
        Preset::LargeV2 => "large-v2",
        Preset::LargeV3 => "large-v3",
        Preset::LargeV3Turbo => "large-v3-turbo",
    }
}

/// A known model's digest is in the table; that of a file of one's own is computed.
pub(super) fn model_digest(model: &Model) -> Result<Digest> {
    match model.spec {
        Some(spec) => {
            Digest::new(spec.sha256).map_err(|e| Error::failed("Modelltabelle").because(e))
        }
        None => models::verify(model),
    }
}
