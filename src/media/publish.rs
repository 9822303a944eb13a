//! The public copy of a recording: what is not public is cut or blacked out before anything is
//! shown. Owns the copy's time line, which stays the recording's; refuses to serve originals.

use std::fs::File;
use std::path::Path;
use std::process::Command;

use crate::domain::{Error, MediaTime, PublicSpans, Result, Span};

use super::{check_file, ffmpeg, name};

/// Seconds of public sound given up at a cut without encoding: a packet before the cut holds
/// sound from behind it (overlapping windows of AAC, bit reservoir of MP3).
const COPY_MARGIN: f64 = 0.25;

/// Seconds by which silence and black reach into the public part, more than one step of the
/// filters, which switch from frame to frame.
const BLACK_MARGIN: f64 = 0.05;

/// The file name's extension for the public copy of `source`: its own where browsers play it,
/// else MP4.
pub fn published_extension(source: &Path) -> &'static str {
    let own = source.extension().and_then(|e| e.to_str()).unwrap_or("").to_ascii_lowercase();
    let playable = ["mp4", "m4a", "webm", "mp3", "ogg", "opus", "flac", "wav"];
    playable.into_iter().find(|e| *e == own).unwrap_or("mp4")
}

/// Writes the public copy of `source` to `target`, whose extension decides its kind (see
/// [`published_extension`]). Times in the copy are times in the recording; it ends with the last
/// public span. One span from the start is cut without encoding (and up to a quarter of a second
/// early); anything else is encoded anew, silent and black where it is not public. Tags,
/// chapters, subtitles and further tracks are left out.
///
/// `target` appears whole or not at all. Errors: `BadInput` where nothing or everything is public
/// or the source is unreadable; `Failed` where ffmpeg is missing or fails; `Archive` where the
/// target cannot be written.
pub fn publish(
    source: &Path,
    public: &PublicSpans,
    duration: MediaTime,
    target: &Path,
) -> Result<()> {
    check_file(source)?;
    let spans = public.within(duration);
    let (false, Some(last)) = (public.is_whole(), spans.last().copied()) else {
        let what = if public.is_whole() { "ganz öffentlich" } else { "nirgends öffentlich" };
        return Err(Error::bad_input(format!("{}: ist {what}", name(source)))
            .remedy("Eine öffentliche Kopie gibt es nur von teilweise öffentlichen Aufnahmen"));
    };
    let folder = target.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let extension = target.extension().and_then(|e| e.to_str()).unwrap_or("mp4");
    let unwritable = |e: std::io::Error| {
        Error::archive(format!("{}: lässt sich nicht schreiben", name(target)))
            .because(e)
            .remedy("Bitte Schreibrechte und freien Platz prüfen")
    };
    let part = tempfile::Builder::new()
        .prefix(".teil-")
        .suffix(&format!(".{extension}"))
        .tempfile_in(folder)
        .map_err(unwritable)?;
    let from_start = spans.len() == 1 && last.start() == MediaTime::ZERO;
    // A FLAC copied packet by packet keeps length and checksum of the whole in its header.
    let may_cut = from_start && extension != "flac";
    if !(may_cut && cut(source, last.end(), part.path())?) {
        black_out(source, &spans, last.end(), extension, part.path())?;
    }
    // ffmpeg wrote through its own handle; what counts is that the data are on the disk.
    File::open(part.path()).and_then(|f| f.sync_all()).map_err(unwritable)?;
    part.persist(target).map_err(|e| unwritable(e.error))?;
    File::open(folder).and_then(|f| f.sync_all()).map_err(unwritable)
}

/// Copies packets up to `end`; `false` where the container or the codecs do not allow a cut that
/// leaves nothing from behind it.
fn cut(source: &Path, end: MediaTime, part: &Path) -> Result<bool> {
    let length = end.as_secs_f64() - COPY_MARGIN;
    if length <= 0.0 {
        return Ok(false);
    }
    let mut command = ffmpeg::command("ffmpeg");
    command.arg("-nostdin").args(ffmpeg::input(source));
    command.args(["-map", "0:V:0?", "-map", "0:a:0", "-c", "copy"]);
    command.arg("-t").arg(format!("{length:.3}"));
    if let Err(refusal) = write(source, command, part) {
        tracing::debug!(file = %source.display(), %refusal, "no cut without encoding");
        return Ok(false);
    }
    Ok(last_packet_end(part, end)? <= end.as_secs_f64())
}

/// Seconds where the last picture or sound near the end of a cut file ends; pictures are stored
/// in the order of decoding, so some may be shown after the cut.
fn last_packet_end(file: &Path, end: MediaTime) -> Result<f64> {
    let tail = format!("{:.3}%", (end.as_secs_f64() - 10.0).max(0.0));
    let output = ffmpeg::command("ffprobe")
        .args(["-show_entries", "packet=pts_time,duration_time", "-of", "csv=p=0"])
        .args(["-read_intervals", &tail])
        .args(ffmpeg::input(file))
        .output()
        .map_err(|e| ffmpeg::missing("ffprobe", file, e))?;
    let listed = String::from_utf8_lossy(&output.stdout);
    let ends = listed.lines().map(|line| {
        let mut fields = line.split(',').map(|f| f.trim().parse::<f64>());
        let start = fields.next().and_then(|f| f.ok());
        // A packet without a time may be shown at any.
        start.map_or(f64::INFINITY, |s| s + fields.next().and_then(|f| f.ok()).unwrap_or(0.0))
    });
    Ok(ends.fold(f64::NEG_INFINITY, f64::max)).map(|e| if e.is_finite() { e } else { f64::MAX })
}

/// Encodes anew, silent and black outside of `spans`.
fn black_out(
    source: &Path,
    spans: &[Span],
    end: MediaTime,
    extension: &str,
    part: &Path,
) -> Result<()> {
    let inside: Vec<String> = (spans.iter())
        .map(|s| (s.start().as_secs_f64(), s.end().as_secs_f64() - BLACK_MARGIN))
        // The very start needs no margin: nothing lies before it.
        .map(|(from, to)| (if from > 0.0 { from + BLACK_MARGIN } else { from }, to))
        .map(|(from, to)| format!("between(t,{from:.3},{to:.3})"))
        .collect();
    let hidden = format!("enable='not({})'", inside.join("+"));
    // The filter switches from frame to frame: 480 samples are 10 ms.
    let silent = format!("aresample=48000,asetnsamples=n=480:p=0,volume=0:{hidden}");
    let black = format!("drawbox=x=0:y=0:w=iw:h=ih:color=black:t=fill:{hidden}");
    let (video, audio) = encoders(extension)?;
    let mut command = ffmpeg::command("ffmpeg");
    command.arg("-nostdin").args(ffmpeg::input(source)).args(["-map", "0:a:0"]);
    if let Some(video) = video {
        command.args(["-map", "0:V:0?", "-vf", &black, "-c:v"]).args(video);
    }
    command.args(["-af", &silent, "-c:a", audio]);
    command.arg("-t").arg(format!("{:.3}", end.as_secs_f64()));
    write(source, command, part)
}

/// Encoders of pictures (with settings) and of sound for a kind of file.
fn encoders(extension: &str) -> Result<(Option<&'static [&'static str]>, &'static str)> {
    const H264: &[&str] = &["libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p"];
    const VP8: &[&str] = &["libvpx", "-deadline", "realtime", "-cpu-used", "8", "-b:v", "1M"];
    Ok(match extension {
        "mp4" | "mov" | "mkv" => (Some(H264), "aac"),
        "webm" => (Some(VP8), "libopus"),
        "m4a" => (None, "aac"),
        "mp3" => (None, "libmp3lame"),
        "ogg" | "opus" => (None, "libopus"),
        "flac" => (None, "flac"),
        "wav" => (None, "pcm_s16le"),
        other => {
            return Err(Error::bad_input(format!("öffentliche Kopie als .{other} ist unbekannt"))
                .remedy("Möglich sind mp4, webm, m4a, mp3, ogg, flac und wav"));
        }
    })
}

/// Runs ffmpeg; the German reason where it fails.
fn write(source: &Path, mut command: Command, part: &Path) -> Result<()> {
    let output = command
        .args(["-sn", "-dn", "-map_metadata", "-1", "-map_chapters", "-1"])
        .args(["-movflags", "+faststart", "-y"])
        .arg(part)
        .output()
        .map_err(|e| ffmpeg::missing("ffmpeg", source, e))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let why = said.lines().last().unwrap_or("ffmpeg nennt keinen Grund").to_owned();
    Err(Error::failed(format!("{}: die öffentliche Kopie gelingt nicht ({why})", name(source)))
        .remedy("Bitte freien Platz prüfen und ob die Aufnahme vollständig ist"))
}
