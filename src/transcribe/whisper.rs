//! The engine process: whisper.cpp through whisper-rs, one `full()` call per window, several windows
//! at once over one loaded model. Owns whisper's parameters; refuses to judge what it heard.
//!
//! It runs apart from the program because C++ exceptions and failed assertions abort a process.

use std::io::{Read, Write};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Mutex, PoisonError};

use whisper_rs::{
    DtwMode, DtwModelPreset, DtwParameters, FullParams, SamplingStrategy, WhisperContext,
    WhisperContextParameters, WhisperState,
};

use super::recognizer::{self, Answer, Ask, Hello};
use super::{Aligner, DecodingStrategy, SAMPLE_RATE, Segment, Settings, Token};
use crate::child::frames;

/// whisper.cpp reads beyond the end of sound shorter than this (wcpp#3956), so short windows are
/// completed with silence.
const SHORTEST_SAMPLES: usize = SAMPLE_RATE as usize;
/// Nobody says more tokens a second for long: the most in a window of the demo meeting is 3.7, and
/// Whisper itself allows 224 in 30 s. Ends loops early, in time and in memory, since
/// DTW keeps a row of the whole vocabulary for each token.
const TOKENS_PER_SECOND: usize = 7;
/// Tokens that any window may have beyond that.
const LEAST_TOKENS: usize = 10;
/// What DTW may use for the heads of last layers, in bytes, three copies of which fit: for those of a
/// preset whisper.cpp's own 128 MiB suffice. Only what is used is taken from the system.
const LAST_LAYERS_BYTES: usize = 256 << 20;
/// Draws of which the best is taken where whisper samples (its own default).
const DRAWS: i32 = 5;
/// More than any probability: whisper.cpp must not drop a window by itself, the policy judges.
const NEVER: f32 = 2.0;

/// Name and version of the engine, for [`crate::domain::Engine`].
pub fn version() -> &'static str {
    whisper_rs::WHISPER_CPP_VERSION
}

/// A window on its way to a worker.
type Work = (Ask, Vec<f32>);

/// Answers windows from `input` on `output` until the stream ends.
///
/// # Errors
/// Those of the pipes; everything else is reported to the parent as [`Answer::Failed`].
pub fn serve(input: &mut impl Read, output: &mut (impl Write + Send)) -> std::io::Result<()> {
    whisper_rs::install_logging_hooks();
    let Some(hello) = frames::read_message::<Hello>(input)? else { return Ok(()) };
    let engine = match load(&hello) {
        Ok(engine) => engine,
        Err(reason) => return frames::write(output, &Answer::Unloadable(reason)),
    };
    frames::write(output, &Answer::Ready)?;
    let output = Mutex::new(output);
    let (sender, work) = channel::<Work>();
    let work = Mutex::new(work);
    // Threads of their own, not a pool's: how many is measured (see `calibration`) and not the number
    // of cores, each computes with threads that whisper.cpp starts itself, and in between waits for
    // the parent.
    std::thread::scope(|scope| {
        for _ in 0..hello.jobs.max(1) {
            scope.spawn(|| engine.work(&work, &output));
        }
        // Owned here, so that the workers end when the input does.
        let sender = sender;
        while let Some(ask) = frames::read_message::<Ask>(input)? {
            let Some(samples) = frames::read_sound(input)? else { break };
            if sender.send((ask, samples)).is_err() {
                break;
            }
        }
        Ok(())
    })
}

struct Whisper {
    context: WhisperContext,
    settings: Settings,
    threads: i32,
}

fn load(hello: &Hello) -> Result<Whisper, String> {
    if hello.version != recognizer::VERSION {
        return Err("the program was replaced while it ran; start it again".into());
    }
    let mut parameters = WhisperContextParameters::default();
    // DTW needs flash attention off (whisper.cpp 3708).
    let mut dtw = DtwParameters { mode: dtw_mode(&hello.settings.aligner), ..Default::default() };
    if let DtwMode::TopMost { .. } = dtw.mode {
        dtw.dtw_mem_size = LAST_LAYERS_BYTES;
    }
    parameters.flash_attn(false).dtw_parameters(dtw);
    let path = hello.model.to_str().ok_or("the model's path is not UTF-8")?;
    let context = WhisperContext::new_with_params(path, parameters)
        .map_err(|e| format!("whisper.cpp cannot load {path}: {e}"))?;
    let threads = hello.threads.max(1) as i32;
    Ok(Whisper { context, settings: hello.settings.clone(), threads })
}

fn dtw_mode(aligner: &Aligner) -> DtwMode<'static> {
    let preset = |name: &str| match name {
        "tiny.en" => Some(DtwModelPreset::TinyEn),
        "tiny" => Some(DtwModelPreset::Tiny),
        "base.en" => Some(DtwModelPreset::BaseEn),
        "base" => Some(DtwModelPreset::Base),
        "small.en" => Some(DtwModelPreset::SmallEn),
        "small" => Some(DtwModelPreset::Small),
        "medium.en" => Some(DtwModelPreset::MediumEn),
        "medium" => Some(DtwModelPreset::Medium),
        "large-v2" => Some(DtwModelPreset::LargeV2),
        "large-v3" => Some(DtwModelPreset::LargeV3),
        "large-v3-turbo" => Some(DtwModelPreset::LargeV3Turbo),
        _ => None,
    };
    match aligner {
        Aligner::Loudness => DtwMode::None,
        Aligner::LastLayers(n) => DtwMode::TopMost { n_top: *n as i32 },
        Aligner::Preset(name) => {
            preset(name).map_or(DtwMode::None, |p| DtwMode::ModelPreset { model_preset: p })
        }
    }
}

impl Whisper {
    /// Takes windows until none comes any more, or nobody wants to hear of them.
    fn work(&self, work: &Mutex<Receiver<Work>>, output: &Mutex<&mut (impl Write + Send)>) {
        loop {
            let next = work.lock().unwrap_or_else(PoisonError::into_inner).recv();
            let Ok((ask, samples)) = next else { return };
            let answer = match self.recognize(&ask, samples) {
                Ok(segments) => Answer::Heard(ask.id, segments),
                Err(reason) => Answer::Failed(ask.id, reason),
            };
            let mut output = output.lock().unwrap_or_else(PoisonError::into_inner);
            if frames::write(&mut **output, &answer).is_err() {
                return;
            }
        }
    }

    /// A state of its own for every answer: a used one carries on its random generator, and what an
    /// earlier window left in its caches changes the last bits of later sums, and with them now and
    /// then a word (measured). A fresh one costs little beside the window.
    fn recognize(&self, ask: &Ask, mut samples: Vec<f32>) -> Result<Vec<Segment>, String> {
        let heard_ms = (samples.len() as u64 * 1000 / SAMPLE_RATE) as u32;
        samples.resize(samples.len().max(SHORTEST_SAMPLES), 0.0);
        let mut state = self.context.create_state().map_err(|e| e.to_string())?;
        let parameters = self.parameters(ask, samples.len());
        state.full(parameters, &samples).map_err(|e| format!("whisper.cpp: {e}"))?;
        self.segments(&state, heard_ms)
    }

    fn parameters<'a>(&'a self, ask: &'a Ask, samples: usize) -> FullParams<'a, 'a> {
        let mut p = FullParams::new(match ask.search {
            DecodingStrategy::Beam(beams) => {
                SamplingStrategy::BeamSearch { beam_size: beams.clamp(1, 8) as i32, patience: -1.0 }
            }
            DecodingStrategy::Sample(_) => SamplingStrategy::Greedy { best_of: DRAWS },
        });
        if let DecodingStrategy::Sample(temperature) = ask.search {
            p.set_temperature(temperature);
        }
        // Other temperatures on whisper.cpp's own account depend on what was decoded before.
        p.set_temperature_inc(0.0);
        p.set_no_speech_thold(NEVER);
        p.set_max_tokens(
            (LEAST_TOKENS + samples * TOKENS_PER_SECOND / SAMPLE_RATE as usize) as i32,
        );
        p.set_n_threads(self.threads);
        p.set_language(Some(&self.settings.language));
        p.set_translate(false);
        p.set_no_context(true);
        if !ask.prompt.is_empty() {
            p.set_tokens(&ask.prompt);
        }
        // Without timestamp tokens one call covers the whole window and every frame of it is
        // there for DTW.
        p.set_no_timestamps(true);
        p.set_single_segment(true);
        p.set_suppress_nst(true);
        p.set_print_special(false);
        p.set_print_progress(false);
        p.set_print_realtime(false);
        p.set_print_timestamps(false);
        p
    }

    fn segments(&self, state: &WhisperState, heard_ms: u32) -> Result<Vec<Segment>, String> {
        let end_of_text = self.context.token_eot();
        let mut segments = Vec::new();
        for segment in state.as_iter() {
            let mut tokens = Vec::new();
            for i in 0..segment.n_tokens() {
                let Some(token) = segment.get_token(i) else { continue };
                // Ids from the end of text on are marks, not text.
                if token.token_id() >= end_of_text {
                    continue;
                }
                // In hundredths of a second; below zero where DTW found none, or was not asked.
                let end = u32::try_from(token.token_data().t_dtw).ok();
                tokens.push(Token {
                    bytes: token.to_bytes().map_err(|e| e.to_string())?.to_vec(),
                    probability: token.token_probability(),
                    end_ms: end.map(|end| end.saturating_mul(10).min(heard_ms)),
                });
            }
            segments.push(Segment { no_speech: segment.no_speech_probability(), tokens });
        }
        Ok(segments)
    }
}
