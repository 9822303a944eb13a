//! What the program and its decoder process say to each other, in frames over pipes.

use std::ffi::OsString;
use std::io::{self, Read, Write};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::child::frames::{self, PipeFrame};
use crate::domain::{ChannelNumber, ErrorKind, PublicSpans, SoundChoice, Span};

use super::info::MediaInfo;

/// Raised with every change of the frames; parent and child are the same program, so a difference
/// means that the program was replaced while running.
pub(super) const VERSION: u32 = 1;

/// The parent's only frame.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct DecoderRequest {
    /// [`VERSION`].
    pub(super) version: u32,
    /// Bytes of the file's name, which need not be UTF-8.
    path: Vec<u8>,
    pub(super) by: By,
    pub(super) task: DecoderTask,
}

/// What the child is to do with the file.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) enum DecoderTask {
    /// Answer with `Opened` and `End`.
    Probe,
    Decode(Decode),
}

/// Which sound is wanted, and how.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Decode {
    pub(super) public: PublicSpans,
    pub(super) choice: SoundChoice,
    /// Samples at 16 kHz that are there already.
    pub(super) from: u64,
}

/// Which decoder may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum By {
    /// symphonia, and ffmpeg where it does not know how to go on.
    Either,
    /// symphonia has crashed on this file.
    Ffmpeg,
}

/// What decoding brings; after `End` and `Failed` nothing follows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) enum DecoderEvent {
    Opened(MediaInfo),
    Missing(Span),
    Spoken(Span, ChannelNumber),
    /// The work goes on.
    Alive,
    /// Crosses the pipe as a frame of its own.
    #[serde(skip)]
    Block(Vec<f32>),
    End,
    Failed(ErrorKind, String),
}

impl DecoderRequest {
    pub(super) fn new(path: &Path, by: By, task: DecoderTask) -> Self {
        Self { version: VERSION, path: path.as_os_str().as_bytes().to_vec(), by, task }
    }

    pub(super) fn path(&self) -> PathBuf {
        OsString::from_vec(self.path.clone()).into()
    }
}

pub(super) fn write_event(to: &mut impl Write, event: &DecoderEvent) -> io::Result<()> {
    match event {
        DecoderEvent::Block(samples) => frames::write_sound(to, samples),
        event => frames::write(to, event),
    }
}

/// The next event; `None` at the end of the stream.
pub(super) fn read_event(from: &mut impl Read) -> io::Result<Option<DecoderEvent>> {
    Ok(frames::read(from)?.map(|frame| match frame {
        PipeFrame::Message(event) => event,
        PipeFrame::Sound(samples) => DecoderEvent::Block(samples),
    }))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn sound_crosses_the_pipe_unchanged(samples in proptest::collection::vec(-1.0f32..1.0, 0..99)) {
            let mut pipe = Vec::new();
            let block = DecoderEvent::Block(samples);
            write_event(&mut pipe, &block).unwrap();
            prop_assert_eq!(read_event(&mut pipe.as_slice()).unwrap(), Some(block));
        }

        #[test]
        fn any_name_of_a_file_crosses_the_pipe(name in proptest::collection::vec(1u8.., 1..40)) {
            let path = PathBuf::from(OsString::from_vec(name));
            let mut pipe = Vec::new();
            frames::write(&mut pipe, &DecoderRequest::new(&path, By::Either, DecoderTask::Probe)).unwrap();
            let request: Option<DecoderRequest> = frames::read_message(&mut pipe.as_slice()).unwrap();
            prop_assert_eq!(request.unwrap().path(), path);
        }

        #[test]
        fn any_bytes_are_read_or_refused(bytes: Vec<u8>) {
            let _ = read_event(&mut bytes.as_slice());
            let _ = frames::read_message::<DecoderRequest>(&mut bytes.as_slice());
        }
    }
}
