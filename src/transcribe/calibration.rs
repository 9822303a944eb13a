//! How many windows at once and with how many threads each: tried out on this machine with this
//! model and real sound. Owns the trial; refuses to remember its outcome.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::run::{Ear, Sound};
use super::windows::{Cut, Limits};
use super::{Effort, EngineProcess, Patience, RecognitionRequest, Recognizer, Settings};
use crate::child::ChildProgram;
use crate::domain::{Cutting, MediaTime, Result};

/// A trial takes no more of the time that recognising the recording takes.
const SHARE: f64 = 0.045;
/// More windows than this do not make a trial better.
const MOST_WINDOWS: usize = 8;

/// What can sensibly be tried on a machine: jobs × threads never above its cores (whisper.cpp#110:
/// half as many jobs as cores with two threads each is the usual best), and never more jobs than
/// `most_jobs`, which the memory sets.
pub fn candidates(cores: u32, most_jobs: u32) -> Vec<Effort> {
    let cores = cores.max(1);
    let tried: BTreeSet<(u32, u32)> = [1, 2, 4, cores]
        .into_iter()
        .filter(|threads| *threads <= cores)
        .map(|threads| ((cores / threads).min(most_jobs).max(1), threads))
        .collect();
    tried.into_iter().rev().map(|(jobs, threads)| Effort { jobs, threads }).collect()
}

/// The first windows of a recording, for a trial: at most as many as `wanted`, from sound before
/// `until`.
///
/// # Errors
/// Those of the sound.
pub fn first_windows(
    sound: &mut Sound<'_>,
    cutting: &Cutting,
    window_ms: u32,
    wanted: usize,
    until: MediaTime,
) -> Result<Vec<Arc<Vec<f32>>>> {
    let mut ear = Ear::new(Limits::new(cutting, window_ms));
    let mut windows = Vec::new();
    while windows.len() < wanted.min(MOST_WINDOWS) && ear.heard() < until {
        match ear.next_cut(sound)? {
            Some(Cut::Window(window)) => windows.push(Arc::new(window.samples)),
            Some(Cut::Pause { .. } | Cut::Voiceless(_)) => {}
            None => break,
        }
    }
    Ok(windows)
}

/// Tries the candidates on the same windows, in their order, until the next one would make the trial too long
/// for a recording of this length; gives the quickest first, with the speed of each in multiples of real
/// time. One after the other: side by side they would measure each other.
///
/// # Errors
/// Where the engine cannot be started.
pub fn quickest(
    command: &ChildProgram,
    model: &Path,
    settings: &Settings,
    windows: &[Arc<Vec<f32>>],
    candidates: &[Effort],
    length: MediaTime,
) -> Result<Vec<(Effort, f64)>> {
    let heard: usize = windows.iter().map(|w| w.len()).sum();
    let heard = heard as f64 / super::SAMPLE_RATE as f64;
    let mut tried: Vec<(Effort, f64)> = Vec::new();
    let began = Instant::now();
    let mut longest = Duration::ZERO;
    for &effort in candidates {
        let now = Instant::now();
        // The first one is what would be done without a trial.
        let speed = tried.iter().map(|(_, speed)| *speed).fold(0.0, f64::max);
        if speed > 0.0 {
            let allowed = SHARE * length.as_secs_f64() / speed;
            if (began.elapsed() + longest).as_secs_f64() > allowed {
                break;
            }
        }
        let patience = Patience::default();
        let (command, model) = (command.clone(), model.to_owned());
        let mut engine = EngineProcess::start(command, model, settings.clone(), effort, patience)?;
        // The first answer waits for the model to be read, and is not counted.
        round(&mut engine, settings, &[Arc::new(vec![0.0; super::SAMPLE_RATE as usize])]);
        let round_began = Instant::now();
        round(&mut engine, settings, windows);
        tried.push((effort, heard / round_began.elapsed().as_secs_f64()));
        drop(engine);
        longest = longest.max(now.elapsed());
    }
    tried.sort_by(|a, b| b.1.total_cmp(&a.1));
    Ok(tried)
}

fn round(engine: &mut EngineProcess, settings: &Settings, windows: &[Arc<Vec<f32>>]) {
    for (id, samples) in (0..).zip(windows) {
        let (samples, search) = (samples.clone(), settings.first());
        engine.submit(RecognitionRequest { id, samples, search, prompt: Vec::new() });
    }
    // A window that fails here fails again, and is reported, when it is its turn.
    while engine.answer().is_some() {}
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn no_candidate_asks_for_more_than_there_is(cores in 0u32..300, most in 0u32..300) {
            let all = candidates(cores, most);
            prop_assert!(!all.is_empty());
            for Effort { jobs, threads } in all {
                prop_assert!(jobs >= 1 && threads >= 1);
                prop_assert!(jobs * threads <= cores.max(1) && jobs <= most.max(1));
            }
        }
    }
}
