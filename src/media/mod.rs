//! Sound of a recording as 16 kHz mono on its true time line, and public copies of recordings.
//! The only user of symphonia and ffmpeg; refuses to deliver, or to copy, what is not public.
//!
//! The files lie in layers; each uses only files of the lines above it, and those before it in its
//! own:
//! 1. the form of things: `samples`, `info`, `file`, `errors`, `limits`, `protocol`
//! 2. from a decoder's sound to blocks: `mask`, `timeline`, `resample`, `split`, `outlet`, `holes`
//! 3. headers: `mp4`, `tracks`, `suite` (how ffmpeg's programs are called), `ffprobe`
//! 4. the two decoders: `demux` and `decode` with symphonia, `ffmpeg`
//! 5. the change from the first to the second, within one process: `local`
//! 6. the decoder process: its own end `serve`, the parent's end `child`
//! 7. what other modules use: `stream`, `loudness`, `publish`

mod child;
mod decode;
mod demux;
mod errors;
mod ffmpeg;
mod ffprobe;
mod file;
mod holes;
mod info;
mod limits;
mod local;
mod loudness;
mod mask;
mod mp4;
mod outlet;
mod protocol;
mod publish;
mod resample;
mod samples;
mod serve;
mod split;
mod stream;
mod suite;
mod timeline;
mod tracks;

#[cfg(test)]
mod tests;

pub use child::Decoder;
pub use info::{AudioTrack, MediaInfo};
pub use loudness::Loudness;
pub use publish::{PublicCopy, publish};
pub use samples::SAMPLE_RATE;
pub use serve::serve as serve_decoder;
pub use stream::{AudioStream, open, probe};
