//! The programs of the ffmpeg suite: how they are called, and the first thing they complain of.
//! Owns that they open no file but the one named; refuses the network and playlists.

use std::ffi::OsString;
use std::io;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::domain::Error;

use super::file::name;
use super::timeline::JITTER_MS;

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
