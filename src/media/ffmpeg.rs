//! ffmpeg as a child process, for what symphonia cannot read. Owns the command lines, their
//! limits and what they say; refuses the network, playlists and other files than the one named.

use std::ffi::OsString;
use std::io::{self, BufRead, BufReader, Read};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, ChildStderr, ChildStdout, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use serde::Deserialize;

use crate::domain::{Channels, Error, MediaTime, Result, Track};

use super::decode::sane;
use super::holes::Holes;
use super::mask::Mask;
use super::mp4::Mp4;
use super::outlet::{BLOCK, Outlet, Report, WAITING};
use super::timeline::JITTER_MS;
use super::{AudioTrack, MediaInfo, SAMPLE_RATE, name, tracks};

/// Containers that hold their sound themselves. Playlists (hls, concat, dash) are not among
/// them: they would make ffmpeg open other files.
const CONTAINERS: &str = "aac,ac3,eac3,aiff,amr,amrnb,amrwb,ape,asf,au,avi,caf,dts,dtshd,flac,flv,\
                          gsm,latm,loas,matroska,webm,mov,mp4,m4a,3gp,mp3,mpeg,mpegts,mxf,nut,ogg,\
                          rm,tta,voc,w64,wav,wv";

/// Containers whose header says how long this very track is.
const EXACT: [&str; 5] = ["mov", "wav", "flac", "aiff", "caf"];

/// Containers whose clock ffmpeg sets to zero at the first packet it is asked for (those with
/// `AVFMT_TS_DISCONT`), so that sound starting behind the picture would come too early.
const RESTARTED: [&str; 4] = ["mpegts", "mpeg", "ogg", "nut"];

/// Containers without timestamps: sound follows on sound, and what ffmpeg computes as times from
/// their block sizes is as wrong as these.
const TIMELESS: [&str; 1] = ["avi"];

/// Seconds by which frames may lie beside the end of the one before without being moved, as in our
/// own time line. ffmpeg's default, 0.1, would leave words so far off.
const JITTER: f64 = JITTER_MS as f64 / 1000.0;

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

/// A command of the ffmpeg suite, quiet and without a terminal.
pub(super) fn command(program: &str) -> Command {
    let mut command = Command::new(program);
    command.args(["-hide_banner", "-v", "warning"]).stdin(Stdio::null());
    command
}

/// The input, so that neither its name nor its content can make ffmpeg open anything else.
pub(super) fn input(path: &Path) -> [OsString; 6] {
    let mut file = OsString::from("file:");
    file.push(path);
    let [whitelist, protocols] = ["-format_whitelist", "-protocol_whitelist"].map(OsString::from);
    [whitelist, CONTAINERS.into(), protocols, "file,pipe".into(), "-i".into(), file]
}

/// The error for a program of the suite that did not start.
pub(super) fn missing(program: &str, path: &Path, source: io::Error) -> Error {
    if source.kind() == io::ErrorKind::NotFound {
        return Error::failed(format!(
            "{}: dafür wird ffmpeg gebraucht, und {program} fehlt",
            name(path)
        ))
        .remedy("Bitte ffmpeg installieren: apt install ffmpeg");
    }
    Error::failed(format!("{program} lässt sich nicht starten")).because(source)
}

/// ffprobe's answer.
#[derive(Deserialize)]
pub(super) struct Probed {
    #[serde(default)]
    pub(super) streams: Vec<Stream>,
    #[serde(default)]
    pub(super) format: Format,
}

/// One track of any kind; numbers that ffprobe writes as text are text.
#[derive(Deserialize)]
pub(super) struct Stream {
    pub(super) index: u32,
    codec_type: Option<String>,
    pub(super) codec_name: Option<String>,
    pub(super) profile: Option<String>,
    pub(super) pix_fmt: Option<String>,
    #[serde(default)]
    pub(super) width: u64,
    #[serde(default)]
    pub(super) height: u64,
    /// Whether the picture carries subtitles inside (CEA-608/708).
    #[serde(default)]
    pub(super) closed_captions: u8,
    sample_rate: Option<String>,
    pub(super) channels: Option<u32>,
    duration: Option<String>,
    start_time: Option<String>,
    #[serde(default)]
    disposition: Disposition,
    #[serde(default)]
    tags: Tags,
}

#[derive(Default, Deserialize)]
struct Tags {
    language: Option<String>,
}

#[derive(Default, Deserialize)]
struct Disposition {
    #[serde(default)]
    attached_pic: u8,
}

/// The container.
#[derive(Default, Deserialize)]
pub(super) struct Format {
    format_name: Option<String>,
    duration: Option<String>,
    start_time: Option<String>,
    #[serde(default)]
    probe_score: u32,
}

/// Below this ffmpeg is guessing (`AVPROBE_SCORE_RETRY` is 25): it takes noise for speech codecs.
const SURE: u32 = 30;

/// What ffprobe says of a file.
pub(super) struct Headers {
    pub(super) info: MediaInfo,
    /// The duration where it is a promise about the track that is decoded.
    pub(super) promised: Option<MediaTime>,
    /// Seconds of nothing before the sound that ffmpeg would drop.
    lead: f64,
    /// The chosen track's index among the audio tracks.
    index: usize,
}

/// Asks ffprobe for the headers, with those of the `wanted` track. Errors: `BadInput` for what is
/// no recording or lacks that track, `Failed` where ffprobe is missing.
pub(super) fn probe(path: &Path, wanted: &Track) -> Result<Headers> {
    let output = asking(path).output().map_err(|e| missing("ffprobe", path, e))?;
    let probed = answer(path, &output.stdout, &String::from_utf8_lossy(&output.stderr))?;
    let (index, known) = probed.sound(path, wanted)?;
    let headers = headers(&probed.streams, &probed.format, index);
    let mut headers = headers.ok_or_else(|| unreadable(path, ""))?;
    headers.info.tracks = known;
    // A fragmented MP4 repeats in its header what its first author planned.
    if Mp4::read(path).is_ok_and(|m| m.is_some_and(|m| m.fragmented)) {
        headers.promised = None;
    }
    Ok(headers)
}

/// The command that asks ffprobe what a file holds.
pub(super) fn asking(path: &Path) -> Command {
    let mut command = command("ffprobe");
    command.args(["-show_format", "-show_streams", "-of", "json"]).args(input(path));
    command
}

/// Reads the answer to [`asking`]. Errors: `BadInput` for what is no recording.
pub(super) fn answer(path: &Path, answer: &[u8], said: &str) -> Result<Probed> {
    let probed: Probed = serde_json::from_slice(answer).map_err(|_| unreadable(path, said))?;
    if probed.format.probe_score < SURE {
        return Err(unreadable(path, said));
    }
    Ok(probed)
}

fn unreadable(path: &Path, said: &str) -> Error {
    let said = first_reason(said);
    Error::bad_input(format!("{}: keine lesbare Mediendatei ({said})", name(path)))
        .remedy("Bitte prüfen, ob die Datei vollständig und eine Ton- oder Videoaufnahme ist")
}

impl Probed {
    /// The `wanted` track's index among the audio tracks, and what there are. Errors: `BadInput`
    /// where there is none, or not that one.
    pub(super) fn sound(&self, path: &Path, wanted: &Track) -> Result<(usize, Vec<AudioTrack>)> {
        let known = tracks::numbered(self.sounds().map(|s| s.tags.language.clone()));
        if known.is_empty() {
            return Err(Error::bad_input(format!("{}: enthält keine Tonspur", name(path)))
                .remedy("Bitte die Aufnahme mit Ton bereitstellen"));
        }
        let index = tracks::pick(&known, wanted);
        Ok((index.ok_or_else(|| tracks::unknown(path, wanted, &known))?, known))
    }

    /// The audio tracks.
    pub(super) fn sounds(&self) -> impl Iterator<Item = &Stream> {
        self.streams.iter().filter(|s| s.is("audio"))
    }

    /// The picture to show: the first that is no cover.
    pub(super) fn picture(&self) -> Option<&Stream> {
        self.streams.iter().find(|s| s.is_picture())
    }
}

impl Format {
    /// Short name of the container, the first where ffmpeg knows several.
    pub(super) fn container(&self) -> &str {
        self.format_name.as_deref().and_then(|n| n.split(',').next()).unwrap_or("?")
    }

    /// Whether times in the container say nothing.
    pub(super) fn is_timeless(&self) -> bool {
        TIMELESS.contains(&self.container())
    }

    /// Seconds of nothing before the first of these tracks that ffmpeg drops where it is asked for
    /// no others.
    pub(super) fn dropped_lead<'a>(&self, wanted: impl IntoIterator<Item = &'a Stream>) -> f64 {
        let starts = wanted.into_iter().map(|s| seconds(&s.start_time).unwrap_or(0.0));
        let first = starts.fold(f64::INFINITY, f64::min) - seconds(&self.start_time).unwrap_or(0.0);
        let is_dropped = RESTARTED.contains(&self.container()) && first.is_finite();
        if is_dropped { first.max(0.0) } else { 0.0 }
    }
}

fn seconds(text: &Option<String>) -> Option<f64> {
    text.as_deref().and_then(|t| t.parse().ok())
}

impl Stream {
    fn is(&self, kind: &str) -> bool {
        self.codec_type.as_deref() == Some(kind)
    }

    fn is_picture(&self) -> bool {
        self.is("video") && self.disposition.attached_pic == 0
    }
}

fn headers(streams: &[Stream], format: &Format, index: usize) -> Option<Headers> {
    let audio = streams.iter().filter(|s| s.is("audio")).nth(index)?;
    let container = format.container();
    let late =
        seconds(&audio.start_time).unwrap_or(0.0) - seconds(&format.start_time).unwrap_or(0.0);
    let own = seconds(&audio.duration).map(|d| d + late);
    let exact = own.is_some() && EXACT.contains(&container);
    let info = MediaInfo {
        container: container.to_owned(),
        codec: audio.codec_name.clone().unwrap_or_else(|| "?".to_owned()),
        sample_rate: seconds(&audio.sample_rate).unwrap_or(0.0) as u32,
        channels: audio.channels.unwrap_or(0),
        duration: own.or(seconds(&format.duration)).map(MediaTime::from_secs_f64),
        tracks: Vec::new(),
        has_video: streams.iter().any(Stream::is_picture),
    };
    let lead = format.dropped_lead([audio]);
    Some(Headers { promised: info.duration.filter(|_| exact), info, lead, index })
}

/// Decodes the track of `headers` from sample number `from` on.
pub(super) fn start(
    path: &Path,
    headers: Headers,
    mask: &Mask,
    use_of: Channels,
    from: u64,
) -> Result<Running> {
    let channels = match use_of {
        Channels::Mix => 1,
        Channels::Split => headers.info.channels as usize,
    };
    let (sender, reports) = mpsc::sync_channel(WAITING);
    let mut outlet = Outlet::new(sender.clone(), mask.clone(), from);
    outlet.prepare(use_of, channels).map_err(|count| super::local::unsplittable(path, count))?;
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
    let holes = Holes::new(mask.clone(), from, headers.lead, sender);
    let reader = Reader { mask: mask.clone(), promised: headers.promised, outlet, channels, child };
    let threads = || {
        let said = thread("ffmpeg messages", move || messages(stderr, holes))?;
        thread("ffmpeg sound", move || reader.run(stdout, headers.info, said))
    };
    threads().map_err(|e| Error::failed("kein Platz für weitere Fäden").because(e))?;
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
    let filter = if is_timeless(headers) {
        "anull".to_owned()
    } else {
        format!("ashowinfo,{}", on_time_line(headers.lead))
    };
    let (map, rate) = (format!("0:a:{}", headers.index), SAMPLE_RATE.to_string());
    command.args(input(path)).args(["-vn", "-sn", "-dn", "-map", &map, "-af", &filter]);
    if use_of == Channels::Mix {
        // Asking for as many channels as there are would mix them anew, to ffmpeg's own idea of
        // which speaker each belongs to.
        command.args(["-ac", "1"]);
    }
    command.args(["-ar", &rate, "-f", "f32le", "-"]);
    command
}

/// The filter that puts sound on the recording's time line: gaps become silence.
pub(super) fn on_time_line(lead: f64) -> String {
    format!("asetpts=PTS+{lead:.6}/TB,aresample=async=1:min_hard_comp={JITTER:.3}:first_pts=0")
}

fn is_timeless(headers: &Headers) -> bool {
    TIMELESS.contains(&headers.info.container.as_str())
}

fn thread<T: Send + 'static>(
    name: &str,
    work: impl FnOnce() -> T + Send + 'static,
) -> io::Result<JoinHandle<T>> {
    std::thread::Builder::new().name(name.to_owned()).spawn(work)
}

/// Turns ffmpeg's output into blocks.
struct Reader {
    mask: Mask,
    promised: Option<MediaTime>,
    outlet: Outlet,
    channels: usize,
    child: Arc<Killed>,
}

impl Reader {
    fn run(mut self, mut sound: ChildStdout, info: MediaInfo, said: JoinHandle<String>) {
        // These headers replace those of the decoder before.
        self.outlet.tell(Report::Opened(info, self.promised));
        let mut at = 0u64;
        let frame = 4 * self.channels;
        let mut bytes = vec![0u8; BLOCK * frame];
        while let Ok(n) = fill(&mut sound, &mut bytes) {
            let samples =
                bytes[..n].as_chunks::<4>().0.iter().map(|b| sane(f32::from_le_bytes(*b)));
            let frames = n / frame;
            for (k, sample) in samples.take(frames * self.channels).enumerate() {
                self.outlet.planes[k % self.channels].push(sample);
            }
            at += frames as u64;
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
        if let Some(line) = said.lines().find(|l| breaks_off(l)) {
            return Report::Truncated(clean(line));
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

/// The first thing ffmpeg complained of.
pub(super) fn first_reason(said: &str) -> String {
    if said.contains("not on whitelist") {
        return "das Format wird nicht gelesen, weil es auf andere Dateien verweisen kann"
            .to_owned();
    }
    let line = said.lines().map(str::trim).find(|l| !l.is_empty());
    line.map_or_else(|| "ffmpeg nennt keinen Grund".to_owned(), clean)
}

/// Without the `[mov @ 0x5581…]` before it, which changes from run to run.
fn clean(line: &str) -> String {
    let line = line.trim();
    match line.split_once("] ") {
        Some((tag, rest)) if tag.starts_with('[') && tag.contains(" @ 0x") => rest.to_owned(),
        _ => line.to_owned(),
    }
}
