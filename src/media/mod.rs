//! Sound of a recording as 16 kHz mono on its true time line, and public copies of recordings.
//! The only user of symphonia and ffmpeg; refuses to deliver, or to copy, what is not public.
//!
//! The files lie in layers; each uses only files of the lines above it, and those before it in its
//! own:
//! 1. the form of things: `info`, `protocol`
//! 2. from a decoder's sound to blocks: `timeline`, `split`, `phase`, `outlet`
//! 3. headers: `mp4`, `lengths`, `flac`, `ffprobe`
//! 4. the two decoders: `demux` and `decode` with symphonia, `ffmpeg`
//! 5. the change from the first to the second, and the process in which they run: `local`
//! 6. the parent's end of that process: `child`
//! 7. what other modules use: `stream`, `loudness`, `publish`

mod child;
mod decode;
mod demux;
mod ffmpeg;
mod ffprobe;
mod flac;
mod info;
mod lengths;
mod local;
mod loudness;
mod mp4;
mod outlet;
mod phase;
mod protocol;
mod publish;
mod split;
mod stream;
mod timeline;

#[cfg(test)]
mod tests;

pub use child::Decoder;
pub use info::{AudioTrack, MediaInfo, SAMPLE_RATE, SoundCheck, StereoChannel};
pub use local::serve as serve_decoder;
pub use loudness::Loudness;
pub use publish::{PublicCopy, clip, publish, sample, sound_of};
pub use stream::{AudioStream, open, probe};
