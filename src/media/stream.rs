//! The public face of decoding: symphonia first, ffmpeg where it fails, one time line for both.
//! Owns that change of horses and the German errors; refuses to guess what is missing.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

use crate::domain::{Error, MediaTime, PublicSpans, Result, Span};

use super::decode::{self, Report};
use super::demux::{self, Refusal};
use super::ffmpeg;
use super::mask::Mask;
use super::{MediaInfo, SAMPLE_RATE, check_file, name};

/// A demuxer that says nothing for so long hangs (damaged Matroska files make symphonia do so).
const PATIENCE: Duration = Duration::from_secs(60);

/// What a file holds, by its headers alone; nothing is decoded.
///
/// Errors: `BadInput` where it is missing, unreadable, no media file, without sound or encrypted;
/// `Failed` where only ffmpeg could tell and is not installed.
pub fn probe(path: &Path) -> Result<MediaInfo> {
    check_file(path)?;
    let (sender, receiver) = std::sync::mpsc::channel();
    let file = path.to_owned();
    // In a thread: a damaged file may make a demuxer panic or hang.
    let thread = std::thread::Builder::new().name("probe".to_owned()).spawn(move || {
        let found = demux::open(&file)
            .and_then(|d| demux::decoder(&d.params).map(|_| d.info).map_err(Refusal::TryFfmpeg));
        // A caller that gave up waiting needs no answer.
        let _ = sender.send(found);
    });
    thread.map_err(|e| Error::failed("kein Platz für weitere Fäden").because(e))?;
    match receiver.recv_timeout(PATIENCE) {
        Ok(Ok(info)) => Ok(info),
        Ok(Err(Refusal::Final(why))) => Err(refused(path, &why)),
        Ok(Err(Refusal::TryFfmpeg(why))) => {
            tracing::debug!(file = %path.display(), why, "asking ffprobe");
            ffmpeg::probe(path).map(|h| h.info)
        }
        Err(_) => ffmpeg::probe(path).map(|h| h.info),
    }
}

/// Opens the first audio track for decoding to 16 kHz mono on the recording's time line (the one
/// a player shows: from the start of the earliest track, edit lists applied).
///
/// Only what is public is delivered: other samples are exact zeros, decoding ends with the last
/// public span. symphonia's decoder never sees other packets but for the pre-roll before a span;
/// ffmpeg decodes them up to the last public span, and they are silenced here.
///
/// Errors: as of [`probe`].
pub fn open(path: &Path, public: &PublicSpans) -> Result<AudioStream> {
    check_file(path)?;
    let mask = Mask::new(public);
    let reports = decode::start(path.to_owned(), mask.clone())
        .map_err(|e| Error::failed("kein Platz für weitere Fäden").because(e))?;
    let mut stream = AudioStream {
        path: path.to_owned(),
        mask,
        source: Source::Symphonia(reports),
        info: None,
        promised: None,
        position: 0,
        missing: Vec::new(),
    };
    match stream.report() {
        Report::Opened(info, promised) => {
            stream.info = Some(info);
            stream.promised = promised;
        }
        Report::Refused(why) => return Err(refused(path, &why)),
        Report::Trouble(why) | Report::Truncated(why) => stream.turn_to_ffmpeg(&why)?,
        // The first report is never any of these.
        Report::Block(_) | Report::Missing(_) | Report::Alive | Report::Complete => {
            stream.source = Source::Ended
        }
    }
    Ok(stream)
}

/// Sound of a recording, block by block: sample n lies at n/16 ms.
pub struct AudioStream {
    path: PathBuf,
    mask: Mask,
    source: Source,
    info: Option<MediaInfo>,
    promised: Option<MediaTime>,
    position: u64,
    missing: Vec<Span>,
}

enum Source {
    Symphonia(Receiver<Report>),
    Ffmpeg(ffmpeg::Running),
    Ended,
}

impl AudioStream {
    /// The next samples, about a second of them, following the last without a gap; `None` at the
    /// end.
    ///
    /// Errors: `BadInput` where the recording breaks off before the end its header promises, or
    /// turns out to be unreadable; what was delivered before is good, see [`Self::position`].
    pub fn next_block(&mut self) -> Result<Option<Vec<f32>>> {
        loop {
            if matches!(self.source, Source::Ended) {
                return Ok(None);
            }
            match self.report() {
                Report::Opened(info, _) => self.info = Some(info),
                Report::Block(block) => {
                    self.position += block.len() as u64;
                    return Ok(Some(block));
                }
                Report::Alive => {}
                Report::Missing(span) => self.missing.push(span),
                Report::Complete => self.source = Source::Ended,
                Report::Trouble(why) => self.turn_to_ffmpeg(&why)?,
                Report::Refused(why) => {
                    self.source = Source::Ended;
                    return Err(self.broken(&why));
                }
                Report::Truncated(why) => {
                    self.source = Source::Ended;
                    return Err(truncated(&self.path, self.position(), &why));
                }
            }
        }
    }

    /// Length of the sound as the headers promise it, if they do.
    pub fn duration(&self) -> Option<MediaTime> {
        self.info.as_ref().and_then(|i| i.duration)
    }

    /// What the headers say.
    pub fn info(&self) -> Option<&MediaInfo> {
        self.info.as_ref()
    }

    /// Where silence stands for sound that the file lacks: damaged packets and gaps of at least
    /// 20 ms, as far as delivered, and as far as symphonia decoded (ffmpeg does not tell).
    pub fn missing(&self) -> &[Span] {
        &self.missing
    }

    /// How much has been delivered.
    pub fn position(&self) -> MediaTime {
        MediaTime::from_millis(self.position * 1000 / u64::from(SAMPLE_RATE))
    }

    fn report(&mut self) -> Report {
        let (Source::Symphonia(reports) | Source::Ffmpeg(ffmpeg::Running { reports, .. })) =
            &self.source
        else {
            return Report::Complete;
        };
        match (reports.recv_timeout(PATIENCE), &self.source) {
            (Ok(report), _) => report,
            (Err(_), Source::Ffmpeg(_)) => Report::Truncated("ffmpeg antwortet nicht".to_owned()),
            (Err(RecvTimeoutError::Timeout), _) => Report::Trouble("es geht nicht weiter".into()),
            (Err(RecvTimeoutError::Disconnected), _) => {
                Report::Trouble("der Decoder ist abgestürzt".to_owned())
            }
        }
    }

    /// ffmpeg goes on where symphonia stopped: both count samples on the same time line.
    fn turn_to_ffmpeg(&mut self, why: &str) -> Result<()> {
        self.source = Source::Ended;
        tracing::debug!(file = %self.path.display(), at = %self.position(), why, "turning to ffmpeg");
        let at = self.position();
        let mut headers = match ffmpeg::probe(&self.path) {
            Ok(headers) => headers,
            Err(_) if self.position > 0 => return Err(truncated(&self.path, at, why)),
            Err(e) => return Err(e),
        };
        headers.promised = headers.promised.max(self.promised);
        let running = ffmpeg::start(&self.path, &headers, &self.mask, self.position)?;
        self.info = Some(headers.info);
        self.source = Source::Ffmpeg(running);
        Ok(())
    }

    fn broken(&self, why: &str) -> Error {
        if self.position > 0 {
            return truncated(&self.path, self.position(), why);
        }
        refused(&self.path, why)
    }
}

fn refused(path: &Path, why: &str) -> Error {
    Error::bad_input(format!("{}: der Ton lässt sich nicht lesen ({why})", name(path))).remedy(
        "Bitte die Aufnahme prüfen und in einem gängigen Format bereitstellen (MP4, MP3, WAV)",
    )
}

fn truncated(path: &Path, at: MediaTime, why: &str) -> Error {
    Error::bad_input(format!(
        "{}: die Aufnahme bricht ab, lesbar sind {:.1} Sekunden ({why})",
        name(path),
        at.as_secs_f64()
    ))
    .remedy(
        "Bitte die Datei noch einmal vollständig übertragen; ist das Original so, dann den \
             lesbaren Teil mit ffmpeg neu verpacken",
    )
}
