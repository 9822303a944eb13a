//! Decodes a file with ffmpeg, as a child process, for what symphonia cannot read. Owns the way from
//! its output to blocks, and when what it gave is all there is.

use std::io::{self, BufRead, BufReader, Read};
use std::ops::Range;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, ChildStderr, ChildStdout, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use super::ffprobe::{Headers, first_reason, input, missing, on_time_line, without_tag};
use super::info::{MediaInfo, Report, SAMPLE_RATE, no_threads, sane, unsplittable};
use super::outlet::{BLOCK, Outlet, WAITING};
use super::timeline::{Holes, Mask, Noted};
use crate::domain::{Channels, Error, MediaTime, Result};

/// Lines of ffmpeg's messages that are kept.
const KEPT_LINES: usize = 40;

/// A child that ends with its last owner.
struct Killed(Mutex<Child>);

impl Killed {
    fn with<T>(&self, act: impl FnOnce(&mut Child) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// A decoding ffmpeg: its reports, and the process that lives as long as they are wanted.
pub(super) struct Running {
    pub(super) reports: Receiver<Report>,
    child: Arc<Killed>,
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself; either way there is nothing left to do.
        self.child.with(|child| {
            let _ = child.kill();
            let _ = child.wait();
        });
    }
}

/// Decodes the track of `headers` from sample number `from` on.
pub(super) fn start(
    path: &Path,
    headers: Headers,
    mask: &Mask,
    use_of: Channels,
    from: u64,
) -> Result<Running> {
    let channels = match (use_of, headers.info.channels) {
        (Channels::Mix, 2) => 2,
        (Channels::Mix, _) => 1,
        (Channels::Split, channels) => channels as usize,
    };
    let (sender, reports) = mpsc::sync_channel(WAITING);
    let mut outlet = Outlet::new(sender.clone(), mask.clone(), from);
    outlet.prepare(use_of, channels).map_err(|count| unsplittable(path, count))?;
    let mut child = decoding(path, &headers, mask, use_of)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|e| missing("ffmpeg", path, e))?;
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let child = Arc::new(Killed(Mutex::new(child)));
    let running = Running { reports, child: Arc::clone(&child) };
    let (Some(stdout), Some(stderr)) = (stdout, stderr) else {
        return Err(Error::failed("ffmpeg läuft ohne Ausgabe"));
    };
    let (noted, notes) = mpsc::channel();
    let holes = Holes::new(mask.clone(), from, headers.lead, sender, noted);
    let notes = (!headers.is_timeless()).then_some(notes);
    let reader = OutputReader {
        mask: mask.clone(),
        promised: headers.promised,
        goes_on: headers.goes_on,
        outlet,
        channels,
        restarts: Restarts::new(notes),
        child,
    };
    let threads = || {
        let said = thread("ffmpeg messages", move || messages(stderr, holes))?;
        thread("ffmpeg sound", move || reader.run(stdout, headers.info, said))
    };
    threads().map_err(no_threads)?;
    Ok(running)
}

/// The command that writes interleaved sound to its output, on the time line.
fn decoding(path: &Path, headers: &Headers, mask: &Mask, use_of: Channels) -> Command {
    let mut command = Command::new("ffmpeg");
    // Levels tell what is a message and what the note of a frame's time.
    command.args(["-hide_banner", "-v", "level+info", "-nostats", "-nostdin"]).stdin(Stdio::null());
    // One thread is fast enough for sound; more would each claim address space.
    command.args(["-threads", "1"]);
    if let Some(end) = mask.last_public_time() {
        // One second more than public, because ffmpeg counts from the first sound; the mask cuts.
        command.arg("-t").arg(format!("{:.3}", end.as_secs_f64() + 1.0));
    }
    let mut filter = if headers.is_timeless() {
        "anull".to_owned()
    } else {
        format!("ashowinfo,{}", on_time_line(headers.lead))
    };
    let is_stereo = use_of == Channels::Mix && headers.info.channels == 2;
    if is_stereo {
        filter = format!("{STEREO},{filter},{SUM_AND_DIFFERENCE}");
    }
    let (map, rate) = (format!("0:a:{}", headers.index), SAMPLE_RATE.to_string());
    command.args(input(path)).args(["-vn", "-sn", "-dn", "-map", &map, "-af", &filter]);
    if use_of == Channels::Mix {
        // Asking for as many channels as there are would mix them anew, to ffmpeg's own idea of
        // which speaker each belongs to.
        command.args(["-ac", if is_stereo { "2" } else { "1" }]);
    }
    command.args(["-ar", &rate, "-f", "f32le", "-"]);
    command
}

/// What may turn into one channel midway, and does not change the sound of two.
const STEREO: &str = "aformat=sample_fmts=fltp:channel_layouts=stereo";

/// The sum of two channels, bit for bit as ffmpeg makes one of them (by −3 dB each, after the change
/// of rate), and the difference beside it.
const SUM_AND_DIFFERENCE: &str = "aformat=sample_rates=16000,\
     pan=stereo|c0=0.7071067811865475244*c0+0.7071067811865475244*c1\
     |c1=0.7071067811865475244*c0-0.7071067811865475244*c1";

/// A thread of its own, not one of a pool: it waits for a pipe as long as ffmpeg runs.
fn thread<T: Send + 'static>(
    name: &str,
    work: impl FnOnce() -> T + Send + 'static,
) -> io::Result<JoinHandle<T>> {
    std::thread::Builder::new().name(name.to_owned()).spawn(work)
}

/// Turns ffmpeg's output into blocks.
struct OutputReader {
    mask: Mask,
    promised: Option<MediaTime>,
    goes_on: Option<(u64, String)>,
    outlet: Outlet,
    channels: usize,
    restarts: Restarts,
    child: Arc<Killed>,
}

/// Where the form of the sound has changed: ffmpeg filters anew then, and gives out silence up to the
/// first frame's time once more (none where times begin anew, too). Owns which samples are that.
struct Restarts {
    /// `None` where frames have no times.
    notes: Option<Receiver<Noted>>,
    /// Samples of ffmpeg's output that are noted.
    noted: u64,
    /// The sample of ffmpeg's output at which it has last begun to filter.
    origin: u64,
    /// Samples of silence that stand in the output once more, the oldest first.
    cuts: Vec<Range<u64>>,
}

impl Restarts {
    fn new(notes: Option<Receiver<Noted>>) -> Self {
        Self { notes, noted: 0, origin: 0, cuts: Vec::new() }
    }

    /// Waits until the samples before number `end` are noted.
    fn wait(&mut self, end: u64) {
        while self.noted + SLACK < end
            && let Some(notes) = &self.notes
        {
            match notes.recv_timeout(PATIENCE) {
                Ok(note) => self.take(note),
                // What has a note has it before it comes out; whoever stumbles over one that has not
                // (ffmpeg fills up the end) goes on soon.
                Err(_) => self.notes = None,
            }
        }
    }

    fn take(&mut self, note: Noted) {
        let samples = |seconds: f64| (seconds * f64::from(SAMPLE_RATE)).round() as u64;
        if note.is_restart {
            self.origin = self.noted;
            let cut: u64 = self.cuts.iter().map(|cut| cut.end - cut.start).sum();
            // What is longer than what was heard is a gap.
            let silence = samples(note.start).min(self.noted - cut);
            self.cuts.push(self.noted..self.noted + silence);
        }
        self.noted = self.noted.max(self.origin + samples(note.end));
    }

    /// Whether sample `n` of ffmpeg's output is silence from before the start.
    fn is_cut(&self, n: u64) -> bool {
        self.cuts.iter().any(|cut| cut.contains(&n))
    }
}

/// Samples by which ffmpeg's output may be ahead of its notes, by rounding.
const SLACK: u64 = 32;

/// How long ffmpeg's notes are waited for.
const PATIENCE: Duration = Duration::from_secs(5);

impl OutputReader {
    fn run(mut self, mut sound: ChildStdout, info: MediaInfo, said: JoinHandle<String>) {
        // These headers replace those of the decoder before.
        self.outlet.tell(Report::Opened(info, self.promised));
        let (mut at, mut read) = (0u64, 0u64);
        let frame = 4 * self.channels;
        let mut bytes = vec![0u8; BLOCK * frame];
        while let Ok(n) = fill(&mut sound, &mut bytes) {
            let samples =
                bytes[..n].as_chunks::<4>().0.iter().map(|b| sane(f32::from_le_bytes(*b)));
            let frames = n / frame;
            self.restarts.wait(read + frames as u64);
            let before = self.outlet.planes[0].len();
            for (k, sample) in samples.take(frames * self.channels).enumerate() {
                if !self.restarts.is_cut(read + (k / self.channels) as u64) {
                    self.outlet.planes[k % self.channels].push(sample);
                }
            }
            read += frames as u64;
            at += (self.outlet.planes[0].len() - before) as u64;
            self.outlet.flush(BLOCK);
            if !self.outlet.open {
                break;
            }
            if n < bytes.len() || at >= self.mask.end() {
                break;
            }
        }
        self.outlet.finish(None);
        let last = if at >= self.mask.end() {
            Report::Complete
        } else {
            self.verdict(at, &said.join().unwrap_or_default())
        };
        // A reader that has gone needs no last word.
        self.outlet.tell(last);
    }

    fn verdict(&self, samples: u64, said: &str) -> Report {
        let heard = samples as f64 / f64::from(SAMPLE_RATE);
        // Its messages have ended, so it has, or is about to.
        let status = self.child.with(|child| child.wait());
        if let Some(signal) = status.ok().and_then(|s| s.signal()) {
            return Report::Truncated(format!("ffmpeg wurde beendet, Signal {signal}"));
        }
        if samples == 0 {
            let nothing = said.is_empty();
            let why = if nothing { "die Tonspur ist leer".to_owned() } else { first_reason(said) };
            return Report::Refused(why);
        }
        if let Some((known, why)) = &self.goes_on
            && samples <= known + u64::from(SAMPLE_RATE) / 2
        {
            return Report::Truncated(why.clone());
        }
        if let Some(line) = said.lines().find(|l| breaks_off(l)) {
            return Report::Truncated(without_tag(line));
        }
        if let Some(promised) = self.promised.map(MediaTime::as_secs_f64) {
            let public = self.mask.last_public_time().map_or(promised, |t| t.as_secs_f64());
            if promised.min(public) - heard > (promised * 0.005).max(1.0) {
                return Report::Truncated(format!("erwartet werden {promised:.1} Sekunden"));
            }
        }
        Report::Complete
    }
}

/// Reads until `buffer` is full or the end.
fn fill(from: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut n = 0;
    while n < buffer.len() {
        match from.read(&mut buffer[n..]) {
            Ok(0) => break,
            Ok(k) => n += k,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    Ok(n)
}

/// The first lines of warnings and errors, and every line about a broken end; the times of frames
/// go to `holes`.
fn messages(stderr: ChildStderr, mut holes: Holes) -> String {
    let mut kept = Vec::new();
    for line in BufReader::new(stderr).split(b'\n').map_while(Result::ok) {
        let line = String::from_utf8_lossy(&line[..line.len().min(500)]).into_owned();
        if let Some((tag, note)) = line.split_once("[info] ") {
            if tag.starts_with("[Parsed_ashowinfo") {
                holes.frame(note);
            }
        } else if kept.len() < KEPT_LINES || kept.len() < 2 * KEPT_LINES && breaks_off(&line) {
            kept.push(without_level(&line));
        }
    }
    kept.join("\n")
}

/// Without the `[error] ` that stands first, or behind `[mov @ 0x5581…] `.
fn without_level(line: &str) -> String {
    let level = ["[warning] ", "[error] ", "[fatal] ", "[panic] "];
    let level = level.iter().find(|l| line.contains(**l));
    level.map_or_else(|| line.to_owned(), |l| line.replacen(l, "", 1))
}

/// What the demuxers of ffmpeg say when the file is shorter than its header.
fn breaks_off(line: &str) -> bool {
    ["partial file", "File ended prematurely"].iter().any(|sign| line.contains(sign))
}
