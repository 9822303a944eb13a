//! The decoder process: takes one request, confines itself, decodes, tells what comes. Owns
//! nothing that must survive it.

use std::io::{self, BufWriter, Read, Write};

use crate::child::frames;
use crate::domain::Result;

use super::limits::ResourceLimits;
use super::local::{self, Local};
use super::protocol::{self, DecoderEvent, DecoderRequest, DecoderTask, VERSION};

/// Serves the one request that `input` holds; the work of the hidden command `decoder`.
///
/// # Errors
/// Where the request cannot be read or the limits cannot be set; a file that cannot be decoded is
/// an answer, not an error.
pub fn serve(input: &mut impl Read, output: &mut impl Write) -> io::Result<()> {
    let request =
        frames::read_message::<DecoderRequest>(input)?.ok_or(io::ErrorKind::UnexpectedEof)?;
    if request.version != VERSION {
        return Err(io::Error::other("another version of the program has asked"));
    }
    ResourceLimits::of_decoding(&request.path()).confine_this_process()?;
    let mut output = BufWriter::new(output);
    match answer(&request, &mut |event| protocol::write_event(&mut output, &event)) {
        // Nobody listens any more; there is nothing left to do.
        Err(e) if e.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}

fn answer(
    request: &DecoderRequest,
    tell: &mut dyn FnMut(DecoderEvent) -> io::Result<()>,
) -> io::Result<()> {
    match work(request, tell)? {
        Ok(()) => tell(DecoderEvent::End),
        Err(e) => tell(DecoderEvent::Failed(e.kind(), e.to_string())),
    }
}

/// The outer result is that of telling, the inner one that of decoding.
fn work(
    request: &DecoderRequest,
    tell: &mut dyn FnMut(DecoderEvent) -> io::Result<()>,
) -> io::Result<Result<()>> {
    let path = request.path();
    let decode = match &request.task {
        DecoderTask::Probe => {
            return match local::probe(&path, request.by) {
                Ok(info) => tell(DecoderEvent::Opened(info)).map(Ok),
                Err(e) => Ok(Err(e)),
            };
        }
        DecoderTask::Decode(decode) => decode,
    };
    let mut sound = match Local::start(&path, decode, request.by) {
        Ok(sound) => sound,
        Err(e) => return Ok(Err(e)),
    };
    loop {
        match sound.next() {
            Ok(DecoderEvent::End) => return Ok(Ok(())),
            Ok(event) => tell(event)?,
            Err(e) => return Ok(Err(e)),
        }
    }
}
