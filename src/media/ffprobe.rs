//! The programs of the ffmpeg suite: how they are called, what they complain of first, and what ffprobe says
//! of a file. Owns that they open no file but the one named, and which of their answers to believe; refuses
//! the network, playlists, and to decode.

use std::ffi::OsString;
use std::io;
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::{Command, Stdio};

use rustix::process::Signal;
use serde::Deserialize;

use super::info::{self, AudioTrack, LATEST_START, MediaInfo, name};
use super::mp4::Mp4;
use super::timeline::JITTER_MS;
use crate::domain::{Error, MediaTime, Result, Track};

/// Containers whose header says how long this very track is.
const EXACT: [&str; 5] = ["mov", "wav", "flac", "aiff", "caf"];

/// Containers whose clock ffmpeg sets to zero at the first packet it is asked for (those with
/// `AVFMT_TS_DISCONT`), so that sound starting behind the picture would come too early.
const RESTARTED: [&str; 4] = ["mpegts", "mpeg", "ogg", "nut"];

/// Containers whose clock is the player's: it begins at zero, also where no track does, which is
/// what browsers show. ffmpeg counts from the first track.
const OWN_CLOCK: [&str; 2] = ["matroska", "mov"];

/// Containers without timestamps: sound follows on sound, and what ffmpeg computes as times from
/// the sizes of blocks, or from the number of frames as if all were of the first one's form, is as wrong as
/// these.
const TIMELESS: [&str; 7] = ["avi", "aac", "ac3", "dts", "eac3", "flac", "mp3"];

/// ffprobe's answer.
#[derive(Deserialize)]
pub(super) struct Probed {
    #[serde(default)]
    pub(super) streams: Vec<Stream>,
    #[serde(default)]
    pub(super) format: ContainerFormat,
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
pub(super) struct ContainerFormat {
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
    pub(super) lead: f64,
    /// Why there is sound behind the samples that are known, which another decoder left out.
    pub(super) goes_on: Option<(u64, String)>,
    /// The chosen track's index among the audio tracks.
    pub(super) index: usize,
}

impl Headers {
    /// Whether times in the container say nothing.
    pub(super) fn is_timeless(&self) -> bool {
        TIMELESS.contains(&self.info.container.as_str())
    }
}

/// Asks ffprobe for the headers, with those of the `wanted` track. Errors: `BadInput` for what is
/// no recording or lacks that track, `Failed` where ffprobe is missing or was killed.
pub(super) fn probe(path: &Path, wanted: &Track) -> Result<Headers> {
    let output = asking(path).output().map_err(|e| missing("ffprobe", path, e))?;
    let ended_by = output.status.signal().and_then(Signal::from_named_raw);
    if matches!(ended_by, Some(Signal::KILL | Signal::TERM)) {
        // That says nothing of the file.
        let what = format!("{}: ffprobe wurde von außen beendet", name(path));
        return Err(Error::failed(what).remedy(
            "Versuchen Sie es noch einmal; geschieht es wieder, fehlt es dem Rechner an Arbeitsspeicher",
        ));
    }
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
        let known = info::numbered(self.sounds().map(|s| s.tags.language.clone()));
        if known.is_empty() {
            return Err(Error::bad_input(format!("{}: enthält keine Tonspur", name(path)))
                .remedy("Bitte die Aufnahme mit Ton bereitstellen"));
        }
        let index = info::pick(&known, wanted);
        Ok((index.ok_or_else(|| info::unknown(path, wanted, &known))?, known))
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

impl ContainerFormat {
    /// Short name of the container, the first where ffmpeg knows several.
    pub(super) fn container(&self) -> &str {
        self.format_name.as_deref().and_then(|n| n.split(',').next()).unwrap_or("?")
    }

    /// Whether times in the container say nothing.
    pub(super) fn is_timeless(&self) -> bool {
        TIMELESS.contains(&self.container())
    }

    /// Seconds of nothing before the first track of all.
    pub(super) fn origin(&self) -> f64 {
        let start = seconds(&self.start_time).unwrap_or(0.0);
        let is_shown =
            OWN_CLOCK.contains(&self.container()) && (0.0..=LATEST_START).contains(&start);
        if is_shown { start } else { 0.0 }
    }

    /// When a track starts, in seconds on the recording's time line.
    pub(super) fn start_of(&self, track: &Stream) -> f64 {
        let start = |text| seconds(text).unwrap_or(0.0);
        start(&track.start_time) - start(&self.start_time) + self.origin()
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

fn headers(streams: &[Stream], format: &ContainerFormat, index: usize) -> Option<Headers> {
    let audio = streams.iter().filter(|s| s.is("audio")).nth(index)?;
    let container = format.container();
    let own = seconds(&audio.duration).map(|d| d + format.start_of(audio));
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
    let lead = format.origin() + format.dropped_lead([audio]);
    let promised = info.duration.filter(|_| exact);
    Some(Headers { promised, info, lead, goes_on: None, index })
}

/// Containers that hold their sound themselves. Playlists (hls, concat, dash) are not among
/// them: they would make ffmpeg open other files.
const CONTAINERS: &str = "aac,ac3,eac3,aiff,amr,amrnb,amrwb,ape,asf,au,avi,caf,dts,dtshd,flac,flv,\
                          gsm,latm,loas,matroska,webm,mov,mp4,m4a,3gp,mp3,mpeg,mpegts,mxf,nut,ogg,\
                          rm,tta,voc,w64,wav,wv";

/// Seconds by which frames may lie beside the end of the one before without being moved, as in our
/// own time line. ffmpeg's default, 0.1, would leave words so far off.
const JITTER: f64 = JITTER_MS as f64 / 1000.0;

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

/// The filter that puts sound on the recording's time line: gaps become silence.
pub(super) fn on_time_line(lead: f64) -> String {
    format!("asetpts=PTS+{lead:.6}/TB,aresample=async=1:min_hard_comp={JITTER:.3}:first_pts=0")
}

/// The first thing ffmpeg complained of.
pub(super) fn first_reason(said: &str) -> String {
    if said.contains("not on whitelist") {
        return "das Format wird nicht gelesen, weil es auf andere Dateien verweisen kann"
            .to_owned();
    }
    let line = said.lines().map(str::trim).find(|l| !l.is_empty());
    line.map_or_else(|| "ffmpeg nennt keinen Grund".to_owned(), without_tag)
}

/// Without the `[mov @ 0x5581…]` before it, which changes from run to run.
pub(super) fn without_tag(line: &str) -> String {
    let line = line.trim();
    match line.split_once("] ") {
        Some((tag, rest)) if tag.starts_with('[') && tag.contains(" @ 0x") => rest.to_owned(),
        _ => line.to_owned(),
    }
}
