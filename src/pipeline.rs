//! The order of the stages: publish, transcribe, align, index. Each stage has a key of everything
//! it depends on; where the archive holds its result under that key already, nothing is done.

use std::fs::File;
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::domain::{
    Digest, Engine, Error, GapReason, MediaTime, MeetingId, Recording, Result, Transcript,
};
use crate::models::{self, Heads, Model, Preset};
use crate::search::{self, Searcher, Spoken};
use crate::store::{Published, Store};
use crate::transcribe::{Aligner, EngineCommand, EngineProcess, Settings};
use crate::{align, media, transcribe};

/// What is told while a stage runs.
pub trait Progress {
    /// A stage begins; `total` is its length on the recording's time line, where that is known.
    fn begin(&self, what: &str, total: Option<MediaTime>);
    /// It has come this far.
    fn at(&self, done: MediaTime);
    /// It is done.
    fn end(&self);
}

/// Which model is asked for.
#[derive(Clone, Debug)]
pub enum ModelChoice {
    /// This one; meetings transcribed with another are transcribed anew.
    Exactly(String),
    /// Whatever a meeting was transcribed with, else this one.
    Otherwise(String),
}

/// Whether results that are there already count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Redo {
    /// Only what is missing or out of date is done.
    Missing,
    /// Everything is done again.
    Everything,
}

/// What a run did to a meeting.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Recordings transcribed.
    pub transcribed: usize,
    /// Whether items and speakers were aligned.
    pub aligned: bool,
    /// Whether the meeting was indexed.
    pub indexed: bool,
}

/// The stages with everything they need.
pub struct Pipeline<'a> {
    /// The archive.
    pub store: &'a Store,
    /// The index.
    pub searcher: &'a Searcher,
    /// Where public copies are kept.
    pub data_dir: &'a Path,
    /// How the recogniser's process is started.
    pub engine: EngineCommand,
    /// Where models are looked for.
    pub model_dirs: Vec<PathBuf>,
    /// Who is told.
    pub progress: &'a dyn Progress,
}

impl Pipeline<'_> {
    /// Brings one meeting up to date.
    ///
    /// # Errors
    /// Those of the stages; what was finished before stays.
    pub fn run(&self, id: &MeetingId, choice: &ModelChoice, redo: Redo) -> Result<Outcome> {
        let mut outcome = Outcome::default();
        for recording in self.store.recordings(id)? {
            if self.transcribe(id, &recording, choice, redo)? {
                outcome.transcribed += 1;
            }
            self.publish(id, &recording)?;
        }
        outcome.aligned = self.align(id, redo)?;
        outcome.indexed = self.index(id)?;
        Ok(outcome)
    }

    /// Names the file that the site may serve; cuts a public copy where parts are not public.
    fn publish(&self, id: &MeetingId, recording: &Recording) -> Result<()> {
        let published = self.store.published(id, &recording.sha256)?;
        if published.is_some_and(|p| p.path.is_file()) {
            return Ok(());
        }
        let file = if recording.public.is_whole() {
            let Recording { sha256, path, bytes, .. } = recording.clone();
            Published { sha256, path, bytes }
        } else {
            self.progress.begin("Öffentliche Fassung", None);
            let copy = self.public_copy(recording);
            self.progress.end();
            match copy {
                Ok(file) => file,
                Err(error) => {
                    tracing::warn!(meeting = %id, %error, "no public copy, the site shows no video");
                    return Ok(());
                }
            }
        };
        self.store.put_published(id, &recording.sha256, &file)
    }

    fn public_copy(&self, recording: &Recording) -> Result<Published> {
        let Recording { path: source, public, sha256, .. } = recording;
        let folder = self.data_dir.join("public");
        std::fs::create_dir_all(&folder).map_err(|e| {
            Error::archive(format!("{} lässt sich nicht anlegen", folder.display())).because(e)
        })?;
        let name = format!("{}.{}", key(&(sha256, public))?, media::published_extension(source));
        let path = folder.join(name);
        if !path.is_file() {
            let longest = MediaTime::from_millis(u64::MAX);
            let duration = media::probe(source)?.duration.unwrap_or(longest);
            media::publish(source, public, duration, &path)?;
        }
        let path = path.canonicalize().unwrap_or(path);
        let (sha256, bytes) = hash(&path)?;
        Ok(Published { sha256, path, bytes })
    }

    /// Gives whether anything was done.
    fn transcribe(
        &self,
        id: &MeetingId,
        recording: &Recording,
        choice: &ModelChoice,
        redo: Redo,
    ) -> Result<bool> {
        let shown = self.store.transcript_key(id, &recording.sha256)?;
        let name = match (choice, &shown, redo) {
            (ModelChoice::Otherwise(_), Some(_), Redo::Missing) => return Ok(false),
            (ModelChoice::Otherwise(_), Some((_, model)), _) => model,
            (ModelChoice::Otherwise(name) | ModelChoice::Exactly(name), ..) => name,
        };
        let model = models::find(name, &self.model_dirs)?;
        let (digest, settings) = (model_digest(&model)?, settings(&model));
        let key = key(&(
            &recording.sha256,
            &recording.public,
            &digest,
            &settings,
            transcribe::engine_version(),
            transcribe::VERSION,
        ))?;
        let kept = shown.is_some_and(|(k, _)| k == key)
            || self.store.show_transcript(id, &recording.sha256, &key)?;
        if kept && redo == Redo::Missing {
            return Ok(false);
        }
        models::verify(&model)?;
        unchanged(recording)?;
        let mut transcript = transcribe_file(
            &recording.path,
            &recording.public,
            &model,
            settings,
            &self.engine,
            self.progress,
        )?;
        transcript.media.sha256 = Some(recording.sha256.clone());
        self.store.put_transcript(id, &recording.sha256, &key, &transcript)?;
        Ok(true)
    }

    fn align(&self, id: &MeetingId, redo: Redo) -> Result<bool> {
        let Some(transcript) = self.store.meeting_transcript(id)? else { return Ok(false) };
        let council = self.store.council(id)?;
        let key = key(&(align::VERSION, &council, &transcript))?;
        if redo == Redo::Missing && self.store.alignment_key(id)?.as_ref() == Some(&key) {
            return Ok(false);
        }
        self.progress.begin("Tagesordnung und Redende", None);
        let alignment = align::align(&transcript, &council);
        self.store.put_alignment(id, &key, &alignment)?;
        self.progress.end();
        Ok(true)
    }

    /// Puts a meeting into the index as the archive holds it; gives whether anything was done.
    pub fn index(&self, id: &MeetingId) -> Result<bool> {
        let (council, recordings) = (self.store.council(id)?, self.store.recordings(id)?);
        let aligned = self.store.alignment_key(id)?;
        let fingerprint = key(&(search::VERSION, align::VERSION, &council, &recordings, &aligned))?;
        if self.searcher.fingerprints()?.get(id.as_str()).is_some_and(|f| f == fingerprint.as_str())
        {
            return Ok(false);
        }
        let edition = self.store.edition(id)?;
        let passages = edition.as_ref().map(|(t, a)| align::passages(t, a)).unwrap_or_default();
        let spoken = edition.as_ref().map(|(transcript, alignment)| Spoken {
            transcript,
            alignment,
            passages: &passages,
        });
        self.searcher.put(&fingerprint, &council, &recordings, spoken)?;
        Ok(true)
    }

    /// Makes the index hold just what the archive holds; gives how many meetings it had to touch.
    pub fn index_all(&self) -> Result<usize> {
        let meetings: Vec<_> = self.store.meetings()?.into_iter().map(|m| m.id).collect();
        let mut touched = 0;
        for indexed in self.searcher.fingerprints()?.into_keys() {
            if !MeetingId::new(indexed.clone()).is_ok_and(|id| meetings.contains(&id)) {
                self.searcher.remove(&indexed)?;
                touched += 1;
            }
        }
        for id in &meetings {
            touched += usize::from(self.index(id)?);
        }
        Ok(touched)
    }
}

/// Transcribes one file, with or without an archive.
///
/// # Errors
/// `BadInput` where the file cannot be read or nobody speaks in it; `Failed` where the recogniser
/// failed on everything.
pub fn transcribe_file(
    path: &Path,
    public: &crate::domain::PublicSpans,
    model: &Model,
    settings: Settings,
    engine: &EngineCommand,
    progress: &dyn Progress,
) -> Result<Transcript> {
    let mut sound = media::open(path, public)?;
    let about = Engine {
        name: "whisper.cpp".into(),
        version: transcribe::engine_version().into(),
        model: model.name.clone(),
        model_sha256: Some(model_digest(model)?),
        settings: serde_json::to_value(&settings).unwrap_or_default(),
    };
    let mut recognizer =
        EngineProcess::start(engine.clone(), model.path.clone(), settings, threads(model))?;
    progress.begin(&format!("Spracherkennung ({})", model.name), sound.duration());
    let mut blocks = std::iter::from_fn(|| sound.next_block().transpose());
    let transcript =
        transcribe::transcribe(&mut blocks, public, &mut recognizer, about, &mut |t| {
            progress.at(t);
        });
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
fn model_digest(model: &Model) -> Result<Digest> {
    match model.spec {
        Some(spec) => {
            Digest::new(spec.sha256).map_err(|e| Error::failed("Modelltabelle").because(e))
        }
        None => models::verify(model),
    }
}

fn unchanged(recording: &Recording) -> Result<()> {
    let (sha256, _) = hash(&recording.path)?;
    if sha256 == recording.sha256 {
        return Ok(());
    }
    let path = recording.path.display();
    Err(Error::bad_input(format!("Die Aufnahme {path} ist nicht mehr die, die eingelesen wurde"))
        .remedy("Lesen Sie die Sitzung mit `mitschnitt ingest` neu ein"))
}

fn hash(path: &Path) -> Result<(Digest, u64)> {
    File::open(path).and_then(Digest::of_reader).map_err(|e| {
        Error::bad_input(format!("Die Aufnahme {} ist nicht lesbar", path.display()))
            .because(e)
            .remedy("Legen Sie sie zurück oder lesen Sie die Sitzung neu ein")
    })
}

fn key(parts: &impl Serialize) -> Result<Digest> {
    let bytes =
        serde_json::to_vec(parts).map_err(|e| Error::failed("Stufenschlüssel").because(e))?;
    Ok(Digest::of(&bytes))
}
