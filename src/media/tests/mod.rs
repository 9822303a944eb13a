//! What the whole module promises, on real files and on files that ffmpeg makes here.

mod corpus;
mod damage;
mod forms;
mod lines;
pub(super) mod made;
mod publish;

use std::path::Path;

use crate::domain::{PublicSpans, Result, SoundChoice};

use super::Decoder;

/// All sound of a file, or why not.
fn decode(path: &Path, public: &PublicSpans) -> Result<Vec<f32>> {
    let mut stream = super::open(path, public, &SoundChoice::default(), &Decoder::Here)?;
    let mut all = Vec::new();
    while let Some(block) = stream.next_block()? {
        all.extend(block);
    }
    Ok(all)
}
