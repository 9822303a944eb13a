//! What the program and its decoder process say to each other, in frames over pipes, and what such a process
//! may use: address space, processor time, disk. Every program it starts (ffmpeg, ffprobe) inherits that.

use std::ffi::OsString;
use std::io::{self, Read, Write};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};
use std::process::Child;

use rustix::process::{Pid, Resource, Rlimit, getrlimit, prlimit, setrlimit};
use serde::{Deserialize, Serialize};

use super::info::{MediaInfo, SoundCheck};
use crate::child::frames::{self, PipeFrame};
use crate::domain::{ChannelNumber, ErrorKind, MediaTime, PublicSpans, SoundChoice, Span};

/// Raised with every change of the frames; parent and child are the same program, so a difference
/// means that the program was replaced while running.
pub(super) const VERSION: u32 = 2;

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
    Checked(SoundCheck),
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

/// Address space of each process, in bytes. Decoding needs far less (see the hostile test's
/// output), and converting a picture of 1920 × 1080 points with two threads less than 700 MB; what
/// asks for more follows a damaged length or an absurd picture. It is this and not resident memory
/// that Linux can bound.
pub(super) const ADDRESS_SPACE: u64 = 1 << 30;

/// Seconds of processor time for any file, however small: a minute of Opus takes one second on the
/// slowest sensible machine, and a small file may hold hours of silence.
const LEAST_SECONDS: u64 = 300;

/// Bytes that buy another second: 64 KiB are 44 s of speech at 12 kbit/s, and at the usual
/// bit rates of videos less than one.
const BYTES_PER_SECOND: u64 = 64 << 10;

/// Seconds of processor time for each second of a recording whose picture is converted: slow
/// machines need one or two for 30 pictures of 1920 × 1080 points.
const SECONDS_PER_SECOND: u64 = 4;

/// Bytes of a converted copy for each second of the recording: a noisy picture of 1920 × 1080
/// points takes half of it.
const COPY_BYTES_PER_SECOND: u64 = 2 << 20;

/// The limits of one process.
pub(super) struct ResourceLimits {
    cpu_seconds: u64,
    /// Length of the files it may write, where it writes any.
    file_bytes: Option<u64>,
}

impl ResourceLimits {
    /// For decoding the sound of `file`.
    pub(super) fn of_decoding(file: &Path) -> Self {
        Self { cpu_seconds: LEAST_SECONDS + bytes(file) / BYTES_PER_SECOND, file_bytes: None }
    }

    /// For copying `file`, whose sound is that long, with or without converting its picture.
    pub(super) fn of_copying(file: &Path, length: MediaTime) -> Self {
        let seconds = length.millis() / 1000;
        let Self { cpu_seconds, .. } = Self::of_decoding(file);
        Self {
            cpu_seconds: cpu_seconds + seconds * SECONDS_PER_SECOND,
            // The fixed part is for the tables of containers.
            file_bytes: Some(2 * bytes(file) + seconds * COPY_BYTES_PER_SECOND + (64 << 20)),
        }
    }

    /// Confines this process, and those it will start, for good.
    ///
    /// # Errors
    /// Those of the operating system, where a limit cannot be set.
    pub(super) fn confine_this_process(&self) -> io::Result<()> {
        self.each(setrlimit)
    }

    /// Confines a child that was just started.
    ///
    /// # Errors
    /// As [`Self::confine_this_process`].
    pub(super) fn confine(&self, child: &Child) -> io::Result<()> {
        let pid = Some(Pid::from_child(child));
        self.each(|resource, limit| prlimit(pid, resource, limit).map(drop))
    }

    fn each(&self, set: impl Fn(Resource, Rlimit) -> rustix::io::Result<()>) -> io::Result<()> {
        let limits = [
            (Resource::As, Some(ADDRESS_SPACE)),
            (Resource::Cpu, Some(self.cpu_seconds)),
            (Resource::Fsize, self.file_bytes),
            // A crash must not leave the sound of a meeting in a core dump.
            (Resource::Core, Some(0)),
        ];
        for (resource, limit) in limits {
            let Some(limit) = limit else { continue };
            // A child starts with the limits of this process.
            let limit = getrlimit(resource).maximum.map_or(limit, |m| m.min(limit));
            set(resource, Rlimit { current: Some(limit), maximum: Some(limit) })?;
        }
        Ok(())
    }
}

fn bytes(file: &Path) -> u64 {
    std::fs::metadata(file).map_or(0, |m| m.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

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
