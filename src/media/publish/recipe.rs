//! The ways to make a public copy of a recording, best first, and their command lines. Owns what all of
//! Chrome, Firefox and Safari play, that nothing but the wanted tracks gets in, and that what is not public
//! is silent and black; refuses to run anything.

use std::path::Path;
use std::process::Command;

use super::super::ffprobe::{self, ContainerFormat, Stream};
use super::super::info::SAMPLE_RATE;
use crate::domain::{Channels, Span};

/// Points of the largest picture that is passed on as it is: 4096 × 2304, level 5.2 of H.264.
const LARGEST_PICTURE: u64 = 4096 * 2304;

/// Longer files of WAV need another header, which no browser reads.
const LONGEST_WAV: u64 = 4_000_000_000;

/// What becomes of a track.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Treatment {
    /// It is left out.
    Leave,
    /// Its packets are copied.
    Keep,
    /// It is decoded and encoded anew.
    Encode,
}

/// One way to make the copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Recipe {
    /// The file name's extension, which decides the container.
    pub(super) extension: &'static str,
    pub(super) picture: Treatment,
    pub(super) sound: Treatment,
    /// Whether this program decodes the sound that is encoded, and not ffmpeg.
    pub(super) own_sound: bool,
}

impl Recipe {
    const fn new(extension: &'static str, picture: Treatment, sound: Treatment) -> Self {
        Self { extension, picture, sound, own_sound: false }
    }

    /// Whether packets are copied.
    pub(super) fn keeps(&self) -> bool {
        self.picture == Treatment::Keep || self.sound == Treatment::Keep
    }

    /// Whether there is something to see.
    pub(super) fn has_picture(&self) -> bool {
        self.picture != Treatment::Leave
    }

    /// Whether ffmpeg decodes the sound while a picture comes with it.
    pub(super) fn places_sound_by_picture(&self) -> bool {
        self.has_picture() && self.sound == Treatment::Encode
    }
}

/// What the copy is made of.
pub(super) struct Ingredients<'a> {
    pub(super) format: &'a ContainerFormat,
    /// The file's length.
    pub(super) bytes: u64,
    pub(super) picture: Option<&'a Stream>,
    pub(super) sound: &'a Stream,
    pub(super) channels: Channels,
    /// Whether it is public from the start to some point, without a gap.
    pub(super) is_one_piece: bool,
    /// Whether it is public to the end.
    pub(super) is_whole: bool,
}

/// The ways, best first. The last one is right by construction.
pub(super) fn recipes(of: &Ingredients) -> Vec<Recipe> {
    use Treatment::{Encode, Keep, Leave};
    let mut ways = Vec::new();
    let picture = of.picture.and_then(picture_container);
    if of.is_one_piece {
        let sound = (of.channels == Channels::Mix).then(|| sound_containers(of));
        let sound = sound.unwrap_or_default();
        match (of.picture, picture) {
            (None, _) => ways.extend(sound.first().map(|kind| Recipe::new(kind, Leave, Keep))),
            (_, Some(kind)) if sound.contains(&kind) => ways.push(Recipe::new(kind, Keep, Keep)),
            _ => {}
        }
        ways.extend(picture.map(|kind| Recipe::new(kind, Keep, Encode)));
    }
    // A sound that begins late is encoded with silence before it: players that do not count from
    // zero would show it early. What lacks its start altogether can be moved by encoding only.
    let is_late = of.format.start_of(of.sound) > LATE;
    let tracks = of.picture.into_iter().chain([of.sound]);
    let is_moved = of.format.dropped_lead(tracks) > LATE;
    ways.retain(|way| !(is_moved || is_late && way.sound == Keep));
    let sound = Recipe::new("m4a", Leave, Encode);
    ways.extend(of.picture.map(|_| Recipe::new("mp4", Encode, Encode)));
    ways.extend([sound, Recipe { own_sound: true, ..sound }]);
    ways
}

/// The container in which browsers show these pictures.
fn picture_container(picture: &Stream) -> Option<&'static str> {
    let is_plain = matches!(picture.pix_fmt.as_deref(), Some("yuv420p" | "yuvj420p"))
        && picture.closed_captions == 0
        && picture.width.saturating_mul(picture.height) <= LARGEST_PICTURE;
    match picture.codec_name.as_deref() {
        Some("h264") if is_plain => Some("mp4"),
        Some("vp8" | "vp9") if is_plain => Some("webm"),
        _ => None,
    }
}

/// The containers in which browsers play this sound, the usual one first.
fn sound_containers(of: &Ingredients) -> Vec<&'static str> {
    let is_short = of.bytes < LONGEST_WAV;
    // A FLAC cut packet by packet keeps length and checksum of the whole in its header.
    let is_flac = of.format.container() == "flac" && of.is_whole;
    let is_ogg = of.format.container() == "ogg";
    match (of.sound.codec_name.as_deref(), of.sound.profile.as_deref()) {
        (Some("aac"), Some("LC" | "HE-AAC" | "HE-AACv2")) => vec!["m4a", "mp4"],
        (Some("mp3"), _) => vec!["mp3", "mp4"],
        (Some("opus"), _) if is_ogg => vec!["ogg", "webm"],
        (Some("opus"), _) => vec!["webm"],
        // In WebM the header of Vorbis would bring along the tags of where it came from.
        (Some("vorbis"), _) if is_ogg => vec!["ogg"],
        (Some("flac"), _) if is_flac => vec!["flac"],
        (Some("pcm_s16le" | "pcm_u8"), _) if is_short => vec!["wav"],
        _ => Vec::new(),
    }
}

/// Seconds by which sound may begin behind zero and count as beginning with it.
const LATE: f64 = 0.25;

/// Seconds of public sound given up at a cut without encoding: a packet before the cut holds
/// sound from behind it (overlapping windows of AAC, bit reservoir of MP3).
const COPY_MARGIN: f64 = 0.25;

/// Seconds by which silence and black reach into the public part, more than one step of the
/// filters, which switch from frame to frame.
const BLACK_MARGIN: f64 = 0.05;

/// H.264 at 1920 × 1080 points and 30 pictures a second at most. Two threads: each claims address
/// space. A picture to start from every five seconds, so that a word can be jumped to.
const H264: [&str; 18] = [
    "-c:v",
    "libx264",
    "-preset",
    "veryfast",
    "-crf",
    "23",
    "-profile:v",
    "high",
    "-pix_fmt",
    "yuv420p",
    "-threads:v",
    "2",
    "-a53cc",
    "0",
    "-fpsmax",
    "30",
    "-force_key_frames",
    "expr:gte(t,n_forced*5)",
];

/// What the filters do to a picture's size.
const SCALE: &str = "scale=w='min(1920,iw)':h='min(1080,ih)':\
                     force_original_aspect_ratio=decrease:force_divisible_by=2,format=yuv420p";

/// Writes what `recipe` says to `part`; `None` where the first public part is too short for it.
pub(super) fn copying(
    source: &Path,
    of: &Ingredients,
    spans: &[Span],
    recipe: &Recipe,
    part: &Path,
) -> Option<Command> {
    let picture = of.picture.filter(|_| recipe.has_picture());
    let lead = of.format.dropped_lead(picture.into_iter().chain([of.sound]));
    let mut command = quiet();
    command.args(["-nostdin", "-threads", "2", "-filter_threads", "1"]);
    if of.format.origin() > 0.0 {
        command.args(["-itsoffset", &format!("{:.6}", of.format.origin())]);
    }
    command.args(ffprobe::input(source));
    if let Some(picture) = picture {
        command.args(["-map", &format!("0:{}", picture.index)]);
        show(&mut command, spans, of.is_whole, recipe, lead);
    }
    command.args(["-map", &format!("0:{}", of.sound.index)]);
    sound(&mut command, of, spans, recipe, lead);
    if let Some(last) = spans.last().filter(|_| !of.is_whole) {
        let margin = if recipe.keeps() { COPY_MARGIN } else { 0.0 };
        let length = last.end().as_secs_f64() - margin - if recipe.keeps() { lead } else { 0.0 };
        if length <= 0.0 {
            return None;
        }
        command.args(["-t", &format!("{length:.3}")]);
    }
    if recipe.keeps() && lead > 0.0 {
        command.args(["-output_ts_offset", &format!("{lead:.6}")]);
    }
    bare(&mut command, recipe, part);
    Some(command)
}

/// Writes the sound that comes through the standard input, as this program decodes it, to `part`.
pub(super) fn encoding(recipe: &Recipe, part: &Path) -> Command {
    let mut command = quiet();
    command.args(["-f", "f32le", "-ar", &SAMPLE_RATE.to_string(), "-ac", "1"]);
    command.args(["-protocol_whitelist", "pipe", "-i", "pipe:0", "-map", "0:0"]);
    // Shorter frames than at 16 kHz, which do not reach as far into silence.
    command.args(["-ar", "48000", "-c:a", "aac", "-b:a", "64k"]);
    bare(&mut command, recipe, part);
    command
}

/// Writes a stretch of a public copy to `part`, picture and sound encoded anew: kept as they are, they could
/// begin only where a whole picture stands.
pub(super) fn clipping(source: &Path, span: Span, has_video: bool, part: &Path) -> Command {
    let mut command = quiet();
    command.args(["-nostdin", "-threads", "2", "-filter_threads", "1"]);
    command.args(["-ss", &format!("{:.3}", span.start().as_secs_f64())]);
    command.args(ffprobe::input(source));
    command.args(["-t", &format!("{:.3}", span.millis() as f64 / 1000.0)]);
    if has_video {
        command.args(["-map", "0:v:0", "-vf", SCALE]).args(H264);
    }
    command.args(["-map", "0:a:0", "-c:a", "aac", "-b:a", "128k", "-ar", "48000", "-ac", "2"]);
    command.args(["-sn", "-dn", "-map_metadata", "-1", "-map_chapters", "-1"]);
    command.args(["-movflags", "+faststart", "-y"]).arg(part);
    command
}

/// Lists where packets near `end` seconds start and how long they are.
pub(super) fn listing(file: &Path, end: f64) -> Command {
    let mut command = ffprobe::command("ffprobe");
    command.args(["-v", "error", "-show_entries", "packet=pts_time,duration_time"]);
    command.args(["-of", "csv=p=0", "-read_intervals", &format!("{:.3}%", (end - 10.0).max(0.0))]);
    command.args(ffprobe::input(file));
    command
}

fn quiet() -> Command {
    let mut command = ffprobe::command("ffmpeg");
    command.args(["-v", "error"]);
    command
}

fn sound(command: &mut Command, of: &Ingredients, spans: &[Span], recipe: &Recipe, lead: f64) {
    if recipe.sound == Treatment::Keep {
        command.args(["-c:a", "copy"]);
        return;
    }
    let count = of.sound.channels.unwrap_or(1).max(1);
    let mut filters = Vec::new();
    if !of.format.is_timeless() {
        // A picture that is kept is moved by the muxer, together with this sound.
        let lead = if recipe.keeps() { 0.0 } else { lead };
        filters.push(ffprobe::on_time_line(lead));
    }
    let channels = match of.channels {
        Channels::Split => {
            filters.push(all_microphones(count));
            1
        }
        Channels::Mix => count.min(2),
    };
    filters.push("aresample=48000".to_owned());
    if !of.is_whole {
        // The filter switches from frame to frame: 480 samples are 10 ms.
        filters.push(format!("asetnsamples=n=480:p=0,volume=0:{}", outside(spans)));
    }
    let codec = if recipe.extension == "webm" { "libopus" } else { "aac" };
    command.args(["-af", &filters.join(","), "-ac", &channels.to_string(), "-ar", "48000"]);
    command.args(["-c:a", codec, "-b:a", &format!("{}k", 80 * channels)]);
}

/// Mixes all channels, whatever the file says of where their speakers stand. One speaks at a time,
/// so that the sum of their noises, not of their voices, is what counts.
fn all_microphones(count: u32) -> String {
    let gain = 1.0 / f64::from(count).sqrt();
    let parts: Vec<String> = (0..count).map(|c| format!("{gain:.4}*c{c}")).collect();
    format!("pan=mono|c0={}", parts.join("+"))
}

fn show(command: &mut Command, spans: &[Span], is_whole: bool, recipe: &Recipe, lead: f64) {
    if recipe.picture == Treatment::Keep {
        command.args(["-c:v", "copy"]);
    } else {
        let mut filters = format!("setpts=PTS+{lead:.6}/TB,{SCALE}");
        if !is_whole {
            filters += &format!(",drawbox=x=0:y=0:w=iw:h=ih:color=black:t=fill:{}", outside(spans));
        }
        command.args(["-vf", &filters]).args(H264);
    }
    command.args(["-flags:v", "+bitexact", "-disposition:v", "default"]);
}

/// Switches a filter on outside of `spans`.
fn outside(spans: &[Span]) -> String {
    let inside: Vec<String> = (spans.iter())
        .map(|s| (s.start().as_secs_f64(), s.end().as_secs_f64() - BLACK_MARGIN))
        // The very start needs no margin: nothing lies before it.
        .map(|(from, to)| (if from > 0.0 { from + BLACK_MARGIN } else { from }, to))
        .map(|(from, to)| format!("between(t,{from:.3},{to:.3})"))
        .collect();
    format!("enable='not({})'", inside.join("+"))
}

/// Leaves out whatever is neither picture nor sound, and names the target.
fn bare(command: &mut Command, recipe: &Recipe, part: &Path) {
    command.args(["-sn", "-dn", "-map_metadata", "-1", "-map_chapters", "-1"]);
    command.args(["-fflags", "+bitexact", "-flags:a", "+bitexact", "-disposition:a", "default"]);
    if matches!(recipe.extension, "mp4" | "m4a") {
        command.args(["-movflags", "+faststart", "-write_tmcd", "0"]);
    }
    command.arg("-y").arg(part);
}
