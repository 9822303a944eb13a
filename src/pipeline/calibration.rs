//! How many windows at once and with how many threads: as asked for, as remembered, or as tried
//! out on this machine. Owns the memory of trials; refuses to try what the memory has no room for.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Progress, Source, Stage};
use crate::archive::machine::{ProcessorTime, cores, free_memory, processor};
use crate::archive::models::Model;
use crate::archive::write_whole;
use crate::child::ChildProgram;
use crate::domain::{Cutting, Digest, MediaTime, Result};
use crate::media::Decoder;
use crate::transcribe::{self, Effort, Settings};

/// What the operator asks for; what is left open is tried out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Windows at once.
    pub jobs: Option<u32>,
    /// Threads for each.
    pub threads: Option<u32>,
}

/// From this share of the processor on that others have during a trial it measures them, and is not
/// remembered.
const BUSY: f64 = 0.15;
/// Trying out is worth its time for recordings from this length on: with the bundled model on two cores
/// it takes a quarter of a minute.
const WORTH_IT: MediaTime = MediaTime::from_millis(60 * 60_000);
/// Windows for a trial are looked for in this much sound: a recording may start with a long wait.
const HEARD: MediaTime = MediaTime::from_millis(15 * 60_000);

/// The sound of a window.
type Samples = Arc<Vec<f32>>;

/// Outcomes of trials, in a file.
#[derive(Clone, Debug)]
pub struct Efforts {
    /// `None` remembers nothing.
    file: Option<PathBuf>,
}

/// One trial, as it is remembered.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Trial {
    model: String,
    cores: u32,
    chosen: Effort,
    /// What was tried, and how many times real time it came to.
    tried: Vec<(Effort, f64)>,
}

/// Everything a trial needs.
pub struct Trier<'a> {
    /// The model.
    pub model: &'a Model,
    /// Its hash.
    pub model_sha256: &'a Digest,
    /// How it is used.
    pub settings: &'a Settings,
    /// How windows are cut.
    pub cutting: &'a Cutting,
    /// How the engine is started.
    pub engine: &'a ChildProgram,
    /// Who waits.
    pub progress: &'a dyn Progress,
}

impl Efforts {
    /// Remembers in `file`; `None` remembers nothing.
    pub fn new(file: Option<PathBuf>) -> Self {
        Self { file }
    }

    /// What to do for a recording of this length: what is wanted, else what is remembered, else what a trial on
    /// its own first windows shows. Short recordings, and those that do not tell their length, get a guess.
    ///
    /// # Errors
    /// Those of the sound and of starting the engine.
    pub fn choose(
        &self,
        wanted: Wanted,
        trier: &Trier<'_>,
        source: &Source<'_>,
        length: Option<MediaTime>,
        decoder: &Decoder,
    ) -> Result<Effort> {
        let cores = cores();
        if let Some(effort) = wanted.effort(cores) {
            return Ok(effort);
        }
        let key = trier.key(cores);
        if let Some(trial) = self.trials().get(&key) {
            return Ok(trial.chosen);
        }
        let windows_in =
            |length: MediaTime| length.millis().div_ceil(trier.settings.window_ms.into());
        if let Some(length) = length.filter(|length| *length < WORTH_IT || cores == 1) {
            return Ok(trier.guess(cores, windows_in(length)));
        }
        let mut sound = source.open(decoder)?;
        let mut blocks = std::iter::from_fn(|| sound.next_block().transpose());
        let windows = trier.first_windows(&mut blocks, cores)?;
        let Some(length) = length.filter(|_| windows.len() >= cores as usize) else {
            return Ok(trier.guess(cores, windows.len() as u64));
        };
        trier.progress.begin(Stage::Calibration, "", None);
        let load = ProcessorTime::now();
        let tried = trier.try_out(&windows, cores, length);
        trier.progress.end();
        let tried = tried?;
        let Some(&(chosen, speed)) = tried.first() else {
            return Ok(trier.guess(cores, windows.len() as u64));
        };
        tracing::info!(jobs = chosen.jobs, threads = chosen.threads, speed, "calibrated");
        let others = load.and_then(ProcessorTime::others_since).unwrap_or(0.0);
        let is_whole = tried.len() == trier.candidates(cores).len();
        if others > BUSY || !is_whole {
            tracing::debug!(others, is_whole, "the calibration holds for this recording alone");
            return Ok(chosen);
        }
        let model = trier.model.name.clone();
        self.remember(key, Trial { model, cores, chosen, tried });
        Ok(chosen)
    }

    /// What is remembered, for people: model, jobs, threads, and times real time.
    pub fn known(&self) -> Vec<(String, Effort, f64)> {
        let speed = |t: &Trial| t.tried.first().map_or(0.0, |(_, speed)| *speed);
        self.trials().into_values().map(|t| (t.model.clone(), t.chosen, speed(&t))).collect()
    }

    /// Where it is remembered.
    pub fn file(&self) -> Option<&Path> {
        self.file.as_deref()
    }

    /// A memory that cannot be read is none: the trial is made again.
    fn trials(&self) -> BTreeMap<String, Trial> {
        let text = self.file.as_ref().and_then(|f| std::fs::read(f).ok());
        text.and_then(|t| serde_json::from_slice(&t).ok()).unwrap_or_default()
    }

    /// Not being able to remember costs a minute next time, and nothing now.
    fn remember(&self, key: String, trial: Trial) {
        let Some(file) = &self.file else { return };
        let mut trials = self.trials();
        trials.insert(key, trial);
        let json = serde_json::to_vec_pretty(&trials).map_err(std::io::Error::from);
        if let Err(error) = json.and_then(|json| write_whole(file, &json)) {
            tracing::debug!(%error, file = %file.display(), "the calibration is not remembered");
        }
    }
}

impl Wanted {
    fn effort(self, cores: u32) -> Option<Effort> {
        let rest = |n: u32| (cores / n.max(1)).max(1);
        let (jobs, threads) = match (self.jobs, self.threads) {
            (None, None) => return None,
            (Some(jobs), None) => (jobs, rest(jobs)),
            (None, Some(threads)) => (rest(threads), threads),
            (Some(jobs), Some(threads)) => (jobs, threads),
        };
        Some(Effort { jobs: jobs.max(1), threads: threads.max(1) })
    }
}

impl Trier<'_> {
    /// A trial holds for this model, engine and machine.
    fn key(&self, cores: u32) -> String {
        let engine = transcribe::engine_version();
        let window = self.settings.window_ms;
        format!("{} {engine} {window} {cores}×{}", self.model_sha256, processor())
    }

    fn first_windows(&self, sound: &mut transcribe::Sound<'_>, cores: u32) -> Result<Vec<Samples>> {
        let longest = self.settings.window_ms;
        transcribe::first_windows(sound, self.cutting, longest, cores as usize, HEARD)
    }

    fn candidates(&self, cores: u32) -> Vec<Effort> {
        transcribe::candidates(cores, self.most_jobs())
    }

    fn try_out(
        &self,
        windows: &[Samples],
        cores: u32,
        length: MediaTime,
    ) -> Result<Vec<(Effort, f64)>> {
        let (model, candidates) = (&self.model.path, self.candidates(cores));
        transcribe::quickest(self.engine, model, self.settings, windows, &candidates, length)
    }

    /// Without a trial: as many windows at once as there are cores, windows and memory for, and what
    /// cores remain as threads. With the bundled model on two cores two windows of one thread each
    /// are done in six tenths of the time of one after the other with two threads (measured).
    fn guess(&self, cores: u32, windows: u64) -> Effort {
        let jobs = (windows.clamp(1, cores.into()) as u32).min(self.most_jobs());
        Effort { jobs, threads: (cores / jobs).max(1) }
    }

    /// How many states fit into the memory that is free. A state takes about half of what its
    /// model does and 150 MB (whisper.cpp's README: small 488 + 364 MB, large 2.9 + 1.0 GB).
    /// States on a GPU wait for each other, so there is one.
    fn most_jobs(&self) -> u32 {
        if cfg!(any(feature = "cuda", feature = "vulkan", feature = "metal")) {
            return 1;
        }
        let state = self.bytes() / 2 + (150 << 20);
        let free = free_memory().map_or(u64::MAX, |free| free.saturating_sub(self.bytes()));
        (free / state).clamp(1, 256) as u32
    }

    fn bytes(&self) -> u64 {
        self.model.path.metadata().map_or(0, |m| m.len())
    }
}
