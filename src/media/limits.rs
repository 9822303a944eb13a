//! What a process that reads foreign media may use: address space, processor time, disk. Owns the
//! figures; every program such a process starts (ffmpeg, ffprobe) inherits them.

use std::io;
use std::path::Path;
use std::process::Child;

use rustix::process::{Pid, Resource, Rlimit, getrlimit, prlimit, setrlimit};

use crate::domain::MediaTime;

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
