//! Recordings as the program reads them: by its decoder process, in every format.

mod clicks;
mod crash;
mod formats;
mod he_aac;
mod hostile;
mod split;
mod tracks;

use std::path::Path;

use mitschnitt::domain::{PublicSpans, Result, SoundChoice};
use mitschnitt::media::{self, AudioStream, Decoder};

/// The decoder as users get it: a process of its own.
fn decoder() -> Decoder {
    Decoder::of_program(env!("CARGO_BIN_EXE_mitschnitt"))
}

fn open(path: &Path, choice: &SoundChoice) -> Result<AudioStream> {
    media::open(path, &PublicSpans::WHOLE, choice, &decoder())
}

/// All sound of a stream, or why not.
fn hear(stream: &mut AudioStream) -> Result<Vec<f32>> {
    let mut all = Vec::new();
    while let Some(block) = stream.next_block()? {
        all.extend(block);
    }
    Ok(all)
}
