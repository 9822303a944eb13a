//! The engine process: whisper.cpp through whisper-rs, one `full()` call per window.
//!
//! It runs apart from the program because C++ exceptions and failed assertions abort a process.

use std::io::{Read, Write};

use whisper_rs::{
    DtwAhead, DtwMode, DtwModelPreset, DtwParameters, FullParams, SamplingStrategy, WhisperContext,
    WhisperContextParameters, WhisperState,
};

use super::protocol::{self, Answer, Hello};
use super::{Aligner, SAMPLE_RATE, Segment, Settings, Token};

/// whisper.cpp reads beyond the end of sound shorter than this (wcpp#3956), so short windows are
/// completed with silence.
const SHORTEST_SAMPLES: usize = SAMPLE_RATE as usize;

/// Name and version of the engine, for [`crate::domain::Engine`].
pub fn version() -> &'static str {
    whisper_rs::WHISPER_CPP_VERSION
}

/// Answers windows from `input` on `output` until the stream ends.
///
/// # Errors
/// Those of the pipes; everything else is told to the parent as [`Answer::Failed`].
pub fn serve(input: &mut impl Read, output: &mut impl Write) -> std::io::Result<()> {
    whisper_rs::install_logging_hooks();
    let Some(hello) = protocol::read_json::<Hello>(input)? else { return Ok(()) };
    let loaded = load(&hello);
    let mut engine = match loaded {
        Ok(engine) => engine,
        Err(reason) => return protocol::write_json(output, &Answer::Failed(reason)),
    };
    protocol::write_json(output, &Answer::Ready)?;
    while let Some(samples) = protocol::read_samples(input)? {
        let answer = match engine.recognize(samples) {
            Ok(segments) => Answer::Heard(segments),
            Err(reason) => Answer::Failed(reason),
        };
        protocol::write_json(output, &answer)?;
    }
    Ok(())
}

struct Whisper {
    context: WhisperContext,
    /// whisper.cpp keeps the pointer to these and reads it for every state, which whisper-rs's
    /// lifetimes do not show: they live, and stay where they are, as long as the context.
    _heads: Vec<DtwAhead>,
    settings: Settings,
    threads: i32,
}

fn load(hello: &Hello) -> Result<Whisper, String> {
    if hello.version != protocol::VERSION {
        return Err("the program was replaced while it ran; start it again".into());
    }
    let heads = heads(&hello.settings.aligner);
    let mut parameters = WhisperContextParameters::default();
    // DTW needs flash attention off (whisper.cpp 3708).
    parameters.flash_attn(false).dtw_parameters(DtwParameters {
        mode: dtw_mode(&hello.settings.aligner, &heads),
        ..DtwParameters::default()
    });
    let path = hello.model.to_str().ok_or("the model's path is not UTF-8")?;
    let context = WhisperContext::new_with_params(path, parameters)
        .map_err(|e| format!("whisper.cpp cannot load {path}: {e}"))?;
    let threads = hello.threads.max(1) as i32;
    Ok(Whisper { context, _heads: heads, settings: hello.settings.clone(), threads })
}

fn heads(aligner: &Aligner) -> Vec<DtwAhead> {
    let Aligner::Heads(heads) = aligner else { return Vec::new() };
    let head =
        |&(layer, head): &(u32, u32)| DtwAhead { n_text_layer: layer as i32, n_head: head as i32 };
    heads.iter().map(head).collect()
}

fn dtw_mode<'a>(aligner: &Aligner, heads: &'a [DtwAhead]) -> DtwMode<'a> {
    let preset = |name: &str| match name {
        "tiny" => Some(DtwModelPreset::Tiny),
        "base" => Some(DtwModelPreset::Base),
        "small" => Some(DtwModelPreset::Small),
        "medium" => Some(DtwModelPreset::Medium),
        "large-v1" => Some(DtwModelPreset::LargeV1),
        "large-v2" => Some(DtwModelPreset::LargeV2),
        "large-v3" => Some(DtwModelPreset::LargeV3),
        "large-v3-turbo" => Some(DtwModelPreset::LargeV3Turbo),
        _ => None,
    };
    match aligner {
        Aligner::TokenTimes => DtwMode::None,
        Aligner::Heads(_) => DtwMode::Custom { aheads: heads },
        Aligner::Preset(name) => {
            preset(name).map_or(DtwMode::None, |p| DtwMode::ModelPreset { model_preset: p })
        }
    }
}

impl Whisper {
    fn recognize(&mut self, mut samples: Vec<f32>) -> Result<Vec<Segment>, String> {
        let heard_ms = (samples.len() as u64 * 1000 / SAMPLE_RATE) as u32;
        samples.resize(samples.len().max(SHORTEST_SAMPLES), 0.0);
        // A fresh state each time: its random generator and context would carry over otherwise.
        let mut state = self.context.create_state().map_err(|e| e.to_string())?;
        state.full(self.parameters(), &samples).map_err(|e| format!("whisper.cpp: {e}"))?;
        self.segments(&state, heard_ms)
    }

    fn parameters(&self) -> FullParams<'_, '_> {
        let strategy = match self.settings.beam {
            0 | 1 => SamplingStrategy::Greedy { best_of: 1 },
            beam => SamplingStrategy::BeamSearch { beam_size: beam as i32, patience: -1.0 },
        };
        let mut p = FullParams::new(strategy);
        p.set_n_threads(self.threads);
        p.set_language(Some(&self.settings.language));
        p.set_translate(false);
        p.set_no_context(true);
        // Without timestamp tokens one call covers the whole window and every frame of it is
        // there for DTW.
        p.set_no_timestamps(true);
        p.set_single_segment(true);
        p.set_token_timestamps(self.settings.aligner == Aligner::TokenTimes);
        p.set_audio_ctx(self.settings.audio_ctx as i32);
        // Other temperatures depend on what was decoded before in the same state.
        p.set_temperature_inc(0.0);
        p.set_suppress_nst(true);
        p.set_print_special(false);
        p.set_print_progress(false);
        p.set_print_realtime(false);
        p.set_print_timestamps(false);
        p
    }

    fn segments(&self, state: &WhisperState, heard_ms: u32) -> Result<Vec<Segment>, String> {
        let end_of_text = self.context.token_eot();
        let dtw = self.settings.aligner != Aligner::TokenTimes;
        let mut segments = Vec::new();
        for segment in state.as_iter() {
            let mut tokens = Vec::new();
            for i in 0..segment.n_tokens() {
                let Some(token) = segment.get_token(i) else { continue };
                // Ids from the end of text on are marks, not text.
                if token.token_id() >= end_of_text {
                    continue;
                }
                let data = token.token_data();
                let end = if dtw && data.t_dtw >= 0 { data.t_dtw } else { data.t1 };
                tokens.push(Token {
                    bytes: token.to_bytes().map_err(|e| e.to_string())?.to_vec(),
                    probability: token.token_probability(),
                    end_ms: (end.max(0) as u32 * 10).min(heard_ms),
                });
            }
            segments.push(Segment { no_speech: segment.no_speech_probability(), tokens });
        }
        Ok(segments)
    }
}
