//! Decodes in this very process: symphonia first, ffmpeg where it fails, one time line for both; and the
//! decoder process itself, which takes one request, confines itself and does just that.
//! Owns that change of horses and the German errors; refuses to guess what is missing.

use std::io::{self, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

use super::info::{
    self, MediaInfo, Report, check_file, no_threads, refused, truncated, unsplittable,
};
use super::protocol::{
    self, By, Decode, DecoderEvent, DecoderRequest, DecoderTask, ResourceLimits, VERSION,
};
use super::timeline::Mask;
use super::{decode, demux, ffmpeg, ffprobe};
use crate::child::frames;
use crate::domain::{Error, MediaTime, Result, SoundChoice, Track};

/// A demuxer that says nothing for so long hangs (damaged Matroska files make symphonia do so).
pub(super) const PATIENCE: Duration = Duration::from_secs(60);

/// What the headers say, asked of symphonia and then of ffprobe.
pub(super) fn probe(path: &Path, by: By) -> Result<MediaInfo> {
    check_file(path)?;
    let by_ffprobe = || ffprobe::probe(path, &Track::First).map(|h| h.info);
    if by == By::Ffmpeg {
        return by_ffprobe();
    }
    let (sender, receiver) = std::sync::mpsc::channel();
    let file = path.to_owned();
    // In a thread of its own: a damaged file may make a demuxer panic or hang, which would take a
    // pool's worker for good.
    let thread = std::thread::Builder::new().name("probe".to_owned()).spawn(move || {
        let found = demux::open(&file, &Track::First).and_then(|d| {
            demux::decoder(&d.params).map(|_| d.info).map_err(demux::Refusal::TryFfmpeg)
        });
        // A caller that gave up waiting needs no answer.
        let _ = sender.send(found);
    });
    thread.map_err(no_threads)?;
    match receiver.recv_timeout(PATIENCE) {
        Ok(Ok(info)) => Ok(info),
        Ok(Err(demux::Refusal::Final(why))) => Err(refused(path, &why)),
        _ => by_ffprobe(),
    }
}

/// A recording being decoded.
pub(super) struct Local {
    path: PathBuf,
    mask: Mask,
    choice: SoundChoice,
    source: ActiveDecoder,
    promised: Option<MediaTime>,
    /// Samples that were delivered, here or before.
    position: u64,
}

enum ActiveDecoder {
    Symphonia(Receiver<Report>),
    Ffmpeg(ffmpeg::Running),
    Ended,
}

impl Local {
    /// Starts decoding; what comes of it is reported by [`Self::next`], `Opened` first.
    pub(super) fn start(path: &Path, wanted: &Decode, by: By) -> Result<Self> {
        check_file(path)?;
        let (mask, choice) = (Mask::new(&wanted.public), wanted.choice.clone());
        let source = match by {
            By::Ffmpeg => ActiveDecoder::Ended,
            By::Either => ActiveDecoder::Symphonia(
                decode::start(path.to_owned(), mask.clone(), choice.clone()).map_err(no_threads)?,
            ),
        };
        let (path, position) = (path.to_owned(), wanted.from);
        let mut local = Self { path, mask, choice, source, promised: None, position };
        if by == By::Ffmpeg {
            local.turn_to_ffmpeg("der Decoder ist abgestürzt", None)?;
        }
        Ok(local)
    }

    /// What comes next; `End` for ever after the end.
    pub(super) fn next(&mut self) -> Result<DecoderEvent> {
        loop {
            match self.report() {
                Report::Opened(info, promised) => {
                    self.promised = self.promised.max(promised);
                    return Ok(DecoderEvent::Opened(info));
                }
                Report::Block(block) => {
                    self.position += block.len() as u64;
                    return Ok(DecoderEvent::Block(block));
                }
                Report::Alive => return Ok(DecoderEvent::Alive),
                Report::Missing(span) => return Ok(DecoderEvent::Missing(span)),
                Report::Spoken(span, channel) => return Ok(DecoderEvent::Spoken(span, channel)),
                Report::Checked(check) => return Ok(DecoderEvent::Checked(check)),
                Report::Complete => {
                    self.source = ActiveDecoder::Ended;
                    return Ok(DecoderEvent::End);
                }
                Report::Trouble(why) => self.turn_to_ffmpeg(&why, None)?,
                Report::GoesOn(why) => {
                    self.turn_to_ffmpeg(&why, Some((self.position, why.clone())))?;
                }
                Report::Refused(why) => {
                    self.source = ActiveDecoder::Ended;
                    return Err(self.broken(&why));
                }
                Report::Unsplittable(count) => {
                    self.source = ActiveDecoder::Ended;
                    return Err(unsplittable(&self.path, count));
                }
                Report::NoTrack(known) => {
                    self.source = ActiveDecoder::Ended;
                    return Err(info::unknown(&self.path, &self.choice.track, &known));
                }
                Report::Truncated(why) => {
                    self.source = ActiveDecoder::Ended;
                    return Err(truncated(&self.path, self.position, &why));
                }
            }
        }
    }

    fn report(&mut self) -> Report {
        let (ActiveDecoder::Symphonia(reports)
        | ActiveDecoder::Ffmpeg(ffmpeg::Running { reports, .. })) = &self.source
        else {
            return Report::Complete;
        };
        match (reports.recv_timeout(PATIENCE), &self.source) {
            (Ok(report), _) => report,
            (Err(_), ActiveDecoder::Ffmpeg(_)) => {
                Report::Truncated("ffmpeg antwortet nicht".to_owned())
            }
            (Err(RecvTimeoutError::Timeout), _) => Report::Trouble("es geht nicht weiter".into()),
            (Err(RecvTimeoutError::Disconnected), _) => {
                Report::Trouble("der Decoder ist abgestürzt".to_owned())
            }
        }
    }

    /// ffmpeg goes on where symphonia stopped: both count samples on the same time line.
    fn turn_to_ffmpeg(&mut self, why: &str, goes_on: Option<(u64, String)>) -> Result<()> {
        self.source = ActiveDecoder::Ended;
        tracing::debug!(file = %self.path.display(), at = self.position, why, "turning to ffmpeg");
        let mut headers = match ffprobe::probe(&self.path, &self.choice.track) {
            Ok(headers) => headers,
            Err(_) if self.position > 0 => return Err(truncated(&self.path, self.position, why)),
            Err(e) => return Err(e),
        };
        headers.promised = headers.promised.max(self.promised);
        headers.goes_on = goes_on;
        let running =
            ffmpeg::start(&self.path, headers, &self.mask, self.choice.channels, self.position)?;
        self.source = ActiveDecoder::Ffmpeg(running);
        Ok(())
    }

    fn broken(&self, why: &str) -> Error {
        if self.position > 0 {
            return truncated(&self.path, self.position, why);
        }
        refused(&self.path, why)
    }
}

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
            return match probe(&path, request.by) {
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
