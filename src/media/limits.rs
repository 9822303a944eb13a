//! What the decoder's process may use: address space and processor time. Owns the figures; every
//! program it starts (ffmpeg, ffprobe) inherits them.

use std::io;
use std::path::Path;

use rustix::process::{Resource, Rlimit, setrlimit};

/// Address space of each process, in bytes. Decoding needs far less (see the hostile test's
/// output); what asks for more follows a damaged length. It is this and not resident memory that
/// Linux can bound.
pub(super) const ADDRESS_SPACE: u64 = 1 << 30;

/// Seconds of processor time for any file, however small: a minute of Opus takes one second on the
/// slowest sensible machine, and a small file may hold hours of silence.
const LEAST_SECONDS: u64 = 300;

/// Bytes that buy another second: 64 KiB are 44 s of speech at 12 kbit/s, and at the usual
/// bit rates of videos less than one.
const BYTES_PER_SECOND: u64 = 64 << 10;

/// Confines this process, and those it will start, for good.
///
/// # Errors
/// Those of the operating system, where a limit cannot be set.
pub(super) fn confine(file: &Path) -> io::Result<()> {
    let bytes = std::fs::metadata(file).map_or(0, |m| m.len());
    for (resource, limit) in [
        (Resource::As, ADDRESS_SPACE),
        (Resource::Cpu, LEAST_SECONDS + bytes / BYTES_PER_SECOND),
        // A crash must not leave the sound of a meeting in a core dump.
        (Resource::Core, 0),
    ] {
        let limit = rustix::process::getrlimit(resource).maximum.map_or(limit, |m| m.min(limit));
        setrlimit(resource, Rlimit { current: Some(limit), maximum: Some(limit) })?;
    }
    Ok(())
}
