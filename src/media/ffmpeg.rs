//! ffmpeg as a child process, for what symphonia cannot read. Owns the command lines, their
//! limits and what they say; refuses the network, playlists and other files than the one named.

use std::ffi::OsString;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, ChildStderr, ChildStdout, Command, Stdio};
use std::sync::mpsc::{self, Receiver, SyncSender};
use std::thread::JoinHandle;

use serde::Deserialize;

use crate::domain::{Error, MediaTime, Result};

use super::decode::{BLOCK, Report};
use super::mask::Mask;
use super::mp4::Mp4;
use super::{MediaInfo, SAMPLE_RATE, name};

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

/// Lines of ffmpeg's messages that are kept.
const KEPT_LINES: usize = 40;

/// A child that ends with its owner.
pub(super) struct Killed(Child);

impl Drop for Killed {
    fn drop(&mut self) {
        // It may have ended by itself; either way there is nothing left to do.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A decoding ffmpeg: its reports, and the process that lives as long as they are wanted.
pub(super) struct Running {
    pub(super) reports: Receiver<Report>,
    _child: Killed,
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

#[derive(Deserialize)]
struct Probed {
    #[serde(default)]
    streams: Vec<Stream>,
    format: Option<Format>,
}

#[derive(Deserialize)]
struct Stream {
    codec_type: Option<String>,
    codec_name: Option<String>,
    sample_rate: Option<String>,
    channels: Option<u32>,
    duration: Option<String>,
    start_time: Option<String>,
    #[serde(default)]
    disposition: Disposition,
}

#[derive(Default, Deserialize)]
struct Disposition {
    #[serde(default)]
    attached_pic: u8,
}

#[derive(Deserialize)]
struct Format {
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
}

/// Asks ffprobe. Errors: `BadInput` for what is no recording, `Failed` where ffprobe is missing.
pub(super) fn probe(path: &Path) -> Result<Headers> {
    let output = command("ffprobe")
        .args(["-show_format", "-show_streams", "-of", "json"])
        .args(input(path))
        .output()
        .map_err(|e| missing("ffprobe", path, e))?;
    let unreadable = || {
        let said = first_reason(&String::from_utf8_lossy(&output.stderr));
        Error::bad_input(format!("{}: keine lesbare Mediendatei ({said})", name(path)))
            .remedy("Bitte prüfen, ob die Datei vollständig und eine Ton- oder Videoaufnahme ist")
    };
    let probed: Probed = serde_json::from_slice(&output.stdout).map_err(|_| unreadable())?;
    let Some(format) = probed.format.filter(|f| f.probe_score >= SURE) else {
        return Err(unreadable());
    };
    // A fragmented MP4 repeats in its header what its first author planned.
    let fragmented = Mp4::read(path).is_ok_and(|m| m.is_some_and(|m| m.fragmented));
    let found = headers(&probed.streams, &format);
    found.map(|h| Headers { promised: h.promised.filter(|_| !fragmented), ..h }).ok_or_else(|| {
        Error::bad_input(format!("{}: enthält keine Tonspur", name(path)))
            .remedy("Bitte die Aufnahme mit Ton bereitstellen")
    })
}

fn headers(streams: &[Stream], format: &Format) -> Option<Headers> {
    let is = |s: &&Stream, kind: &str| s.codec_type.as_deref() == Some(kind);
    let audio = streams.iter().find(|s| is(s, "audio"))?;
    let container = format.format_name.as_deref().unwrap_or("?");
    let container = container.split(',').next().unwrap_or(container);
    let number = |text: &Option<String>| text.as_deref().and_then(|t| t.parse::<f64>().ok());
    let late = number(&audio.start_time).unwrap_or(0.0) - number(&format.start_time).unwrap_or(0.0);
    let own = number(&audio.duration).map(|d| d + late);
    let exact = own.is_some() && EXACT.contains(&container);
    let info = MediaInfo {
        container: container.to_owned(),
        codec: audio.codec_name.clone().unwrap_or_else(|| "?".to_owned()),
        sample_rate: number(&audio.sample_rate).unwrap_or(0.0) as u32,
        channels: audio.channels.unwrap_or(0),
        duration: own.or(number(&format.duration)).map(MediaTime::from_secs_f64),
        has_video: streams.iter().any(|s| is(&s, "video") && s.disposition.attached_pic == 0),
    };
    let lead = if RESTARTED.contains(&container) { late.max(0.0) } else { 0.0 };
    Some(Headers { promised: info.duration.filter(|_| exact), info, lead })
}

/// Decodes `path` from sample number `from` on.
pub(super) fn start(path: &Path, headers: &Headers, mask: &Mask, from: u64) -> Result<Running> {
    let mut command = command("ffmpeg");
    command.arg("-nostdin");
    if let Some(end) = mask.last_public_time() {
        // One second more than public, because ffmpeg counts from the first sound; the mask cuts.
        command.arg("-t").arg(format!("{:.3}", end.as_secs_f64() + 1.0));
    }
    let filter = if TIMELESS.contains(&headers.info.container.as_str()) {
        "anull".to_owned()
    } else {
        format!("asetpts=PTS+{:.6}/TB,aresample=async=1:first_pts=0", headers.lead)
    };
    let rate = SAMPLE_RATE.to_string();
    let mut child = command
        .args(input(path))
        .args(["-vn", "-sn", "-dn", "-map", "0:a:0", "-af", &filter, "-ac", "1", "-ar", &rate])
        .args(["-f", "f32le", "-"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|e| missing("ffmpeg", path, e))?;
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let child = Killed(child);
    let (Some(stdout), Some(stderr)) = (stdout, stderr) else {
        return Err(Error::failed("ffmpeg läuft ohne Ausgabe"));
    };
    let (sender, reports) = mpsc::sync_channel(4);
    let reader = Reader { mask: mask.clone(), from, promised: headers.promised, sender };
    let threads = || {
        let said = thread("ffmpeg messages", move || messages(stderr))?;
        thread("ffmpeg sound", move || reader.run(stdout, said))
    };
    threads().map_err(|e| Error::failed("kein Platz für weitere Fäden").because(e))?;
    Ok(Running { reports, _child: child })
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
    from: u64,
    promised: Option<MediaTime>,
    sender: SyncSender<Report>,
}

impl Reader {
    fn run(self, mut sound: ChildStdout, said: JoinHandle<String>) {
        let mut at = 0u64;
        let mut bytes = vec![0u8; BLOCK * 4];
        while let Ok(n) = fill(&mut sound, &mut bytes) {
            let mut block = samples(&bytes[..n]);
            self.mask.apply(at, &mut block);
            block.truncate(self.mask.end().saturating_sub(at).min(block.len() as u64) as usize);
            let known = self.from.saturating_sub(at).min(block.len() as u64) as usize;
            at += block.len() as u64;
            block.drain(..known);
            if !block.is_empty() && self.sender.send(Report::Block(block)).is_err() {
                return;
            }
            if n < bytes.len() || at >= self.mask.end() {
                break;
            }
        }
        let last = if at >= self.mask.end() {
            Report::Complete
        } else {
            self.verdict(at, &said.join().unwrap_or_default())
        };
        // A reader that has gone needs no last word.
        let _ = self.sender.send(last);
    }

    fn verdict(&self, samples: u64, said: &str) -> Report {
        let heard = samples as f64 / f64::from(SAMPLE_RATE);
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

fn samples(bytes: &[u8]) -> Vec<f32> {
    let raw = bytes.chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]]));
    raw.map(|s| if s.is_nan() { 0.0 } else { s.clamp(-1.0, 1.0) }).collect()
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

/// The first lines, and every line about a broken end.
fn messages(stderr: ChildStderr) -> String {
    let mut kept = Vec::new();
    for line in BufReader::new(stderr).split(b'\n').map_while(Result::ok) {
        let line = String::from_utf8_lossy(&line[..line.len().min(500)]).into_owned();
        if kept.len() < KEPT_LINES || kept.len() < 2 * KEPT_LINES && breaks_off(&line) {
            kept.push(line);
        }
    }
    kept.join("\n")
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
