//! A recording as a file: the form of its sound, what its headers say, which of its tracks is wanted, and
//! the German for what cannot be read. Refuses to decode any, and to guess a track where none is meant.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::domain::{ChannelNumber, Error, MediaTime, Result, Span, Track};

/// What a file's headers say of its sound.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MediaInfo {
    /// Short name of the container ("isomp4", "mkv", "mov"); for people, not for decisions.
    pub container: String,
    /// Short name of the audio codec.
    pub codec: String,
    /// Samples per second; 0 where unknown.
    pub sample_rate: u32,
    /// Channels of the chosen track; 0 where unknown.
    pub channels: u32,
    /// Length of the sound as promised by the headers, which may be wrong.
    pub duration: Option<MediaTime>,
    /// All audio tracks, in the file's order.
    pub tracks: Vec<AudioTrack>,
    /// Whether there is a picture to show.
    pub has_video: bool,
}

/// An audio track of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AudioTrack {
    /// Its number among the file's audio tracks, from 1.
    pub number: u32,
    /// Its language as the file gives it (ISO 639-2 or BCP 47), if it does.
    pub language: Option<String>,
}

/// What is wrong with the level or the channels of a recording, as far as it was heard.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SoundCheck {
    /// Which channel of two is silent while the other is not.
    pub silent: Option<StereoChannel>,
    /// Whether for a tenth of the time or more one channel is the inverse of the other.
    pub is_inverse: bool,
    /// How loud the loudest second is, in decibels of full scale, where that is very little.
    pub soft_db: Option<i32>,
}

/// One of two channels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum StereoChannel {
    /// The first.
    Left,
    /// The second.
    Right,
}

/// Seconds after zero at which the first track of a file may start whose clock is its player's
/// (Matroska, MP4). One that starts later was cut out of a stream that had been running for long:
/// nobody wants to see nothing for hours, and its time line begins with it.
pub(super) const LATEST_START: f64 = 600.0;

/// Samples per second of all sound in this program.
pub const SAMPLE_RATE: u32 = 16_000;

/// What is no number, or louder than full scale, is damage.
pub(super) fn sane(sample: f32) -> f32 {
    if sample.is_nan() { 0.0 } else { sample.clamp(-1.0, 1.0) }
}

/// The file's name as messages give it.
pub(super) fn name(path: &Path) -> String {
    path.display().to_string()
}

/// Refuses what is not there, not readable or empty, before any demuxer sees it.
pub(super) fn check_file(path: &Path) -> Result<()> {
    // Asked before it is opened: opening a pipe waits for its writer.
    let found = std::fs::metadata(path);
    let readable =
        found.and_then(|m| if m.is_file() { std::fs::File::open(path).map(|_| m) } else { Ok(m) });
    let file = readable.map_err(|e| {
        let error = Error::bad_input(format!("{}: lässt sich nicht öffnen", name(path)));
        error.because(e).remedy("Bitte Pfad und Leserechte prüfen")
    })?;
    if file.is_dir() {
        return Err(Error::bad_input(format!("{}: ist ein Ordner", name(path)))
            .remedy("Bitte die Aufnahme selbst angeben"));
    }
    if !file.is_file() {
        // A pipe could be read once only, and for ever.
        return Err(Error::bad_input(format!("{}: ist keine Datei", name(path)))
            .remedy("Bitte die Aufnahme erst speichern"));
    }
    if file.len() == 0 {
        return Err(Error::bad_input(format!("{}: die Datei ist leer", name(path)))
            .remedy("Bitte die Aufnahme noch einmal übertragen"));
    }
    Ok(())
}

/// The error for a thread that cannot be started.
pub(super) fn no_threads(e: std::io::Error) -> Error {
    Error::failed("kein Platz für weitere Fäden").because(e)
}

/// The error for a file whose sound nobody can read.
pub(super) fn refused(path: &Path, why: &str) -> Error {
    Error::bad_input(format!("{}: der Ton lässt sich nicht lesen ({why})", name(path))).remedy(
        "Bitte die Aufnahme prüfen und in einem gängigen Format bereitstellen (MP4, MP3, WAV)",
    )
}

/// The error for a track that has too few or too many channels to take them for microphones.
pub(super) fn unsplittable(path: &Path, channels: usize) -> Error {
    let what = "die Tonspur lässt sich nicht nach Mikrofonen trennen; Kanäle";
    Error::bad_input(format!("{}: {what}: {channels}", name(path)))
        .remedy("Bitte `split` weglassen oder eine Tonspur mit einem Kanal je Mikrofon wählen")
}

/// The error for a recording of which only the samples before number `at` are readable.
pub(super) fn truncated(path: &Path, at: u64, why: &str) -> Error {
    Error::bad_input(format!(
        "{}: die Aufnahme bricht ab, lesbar sind {:.1} Sekunden ({why})",
        name(path),
        at as f64 / f64::from(SAMPLE_RATE)
    ))
    .remedy(
        "Bitte die Datei noch einmal vollständig übertragen; ist das Original so, dann den \
             lesbaren Teil mit ffmpeg neu verpacken",
    )
}

/// The tracks with these languages, numbered.
pub(super) fn numbered(languages: impl IntoIterator<Item = Option<String>>) -> Vec<AudioTrack> {
    let known = |l: &String| !l.is_empty() && l != "und";
    (1..)
        .zip(languages)
        .map(|(number, l)| AudioTrack { number, language: l.filter(known) })
        .collect()
}

/// The index of the wanted track.
pub(super) fn pick(tracks: &[AudioTrack], wanted: &Track) -> Option<usize> {
    match wanted {
        Track::First => (!tracks.is_empty()).then_some(0),
        Track::Number(number) => tracks.iter().position(|t| t.number == number.get()),
        Track::Language(wanted) => tracks
            .iter()
            .position(|t| t.language.as_deref().is_some_and(|l| primary(l) == primary(wanted))),
    }
}

/// The error for a track that the file does not have: it names those it has.
pub(super) fn unknown(path: &Path, wanted: &Track, tracks: &[AudioTrack]) -> Error {
    let known: Vec<String> = (tracks.iter())
        .map(|t| format!("{} ({})", t.number, t.language.as_deref().unwrap_or("ohne Sprache")))
        .collect();
    let what = format!("{}: keine Tonspur „{wanted}“", name(path));
    Error::bad_input(format!("{what}; vorhanden: {}", known.join(", ")))
        .remedy("Bitte eine davon nach Nummer oder Sprache wählen (`--track`, `track` im Manifest)")
}

/// The languages with more than one three-letter code (ISO 639-2, bibliographic and terminological)
/// and those a German council may meet; others are known by their code alone.
/// Source: the code list of the Library of Congress, the registration authority of ISO 639-2.
#[rustfmt::skip]
const CODES: &[(&str, &str, &str)] = &[
    ("ar", "ara", "ara"), ("bg", "bul", "bul"), ("bo", "bod", "tib"), ("cs", "ces", "cze"),
    ("cy", "cym", "wel"), ("da", "dan", "dan"), ("de", "deu", "ger"), ("el", "ell", "gre"),
    ("en", "eng", "eng"), ("es", "spa", "spa"), ("et", "est", "est"), ("eu", "eus", "baq"),
    ("fa", "fas", "per"), ("fi", "fin", "fin"), ("fr", "fra", "fre"), ("fy", "fry", "fry"),
    ("ga", "gle", "gle"), ("hr", "hrv", "hrv"), ("hu", "hun", "hun"), ("hy", "hye", "arm"),
    ("is", "isl", "ice"), ("it", "ita", "ita"), ("ja", "jpn", "jpn"), ("ka", "kat", "geo"),
    ("ku", "kur", "kur"), ("lt", "lit", "lit"), ("lv", "lav", "lav"), ("mi", "mri", "mao"),
    ("mk", "mkd", "mac"), ("ms", "msa", "may"), ("mt", "mlt", "mlt"), ("my", "mya", "bur"),
    ("nl", "nld", "dut"), ("no", "nor", "nor"), ("pl", "pol", "pol"), ("pt", "por", "por"),
    ("ro", "ron", "rum"), ("ru", "rus", "rus"), ("sk", "slk", "slo"), ("sl", "slv", "slv"),
    ("sq", "sqi", "alb"), ("sr", "srp", "srp"), ("sv", "swe", "swe"), ("tr", "tur", "tur"),
    ("uk", "ukr", "ukr"), ("zh", "zho", "chi"),
];

/// A language's code without region and script, the same for all its codes.
fn primary(language: &str) -> String {
    let code = language.split(['-', '_']).next().unwrap_or_default().to_ascii_lowercase();
    let row = CODES.iter().find(|(two, t, b)| [*two, *t, *b].contains(&code.as_str()));
    row.map_or(code, |(two, ..)| (*two).to_owned())
}

/// What a decoding thread reports; after anything but `Opened`, `Block`, `Missing`, `Spoken`,
/// `Checked` and `Alive` it has ended.
#[derive(Debug)]
pub(super) enum Report {
    /// The headers, and the length they promise of this very track.
    Opened(MediaInfo, Option<MediaTime>),
    /// Sound at 16 kHz, following the last block.
    Block(Vec<f32>),
    /// Sound is missing here (damaged packets, or a gap in the packets' times) and silent.
    Missing(Span),
    /// The next block has speech from this channel here.
    Spoken(Span, ChannelNumber),
    /// What is wrong with the level or the channels of all that was delivered.
    Checked(SoundCheck),
    /// Nothing to deliver yet, but the file is being read.
    Alive,
    /// All there is has been delivered.
    Complete,
    /// Nobody can read this; the German reason.
    Refused(String),
    /// The channels cannot be split; how many there are.
    Unsplittable(usize),
    /// There is no such track, but these.
    NoTrack(Vec<AudioTrack>),
    /// symphonia came to an end; ffmpeg should go on from here. Why.
    Trouble(String),
    /// symphonia has reached the end it knows, and behind it there is more sound. Why.
    GoesOn(String),
    /// The recording breaks off here; why.
    Truncated(String),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_is_found_by_any_of_its_codes() {
        let tracks = numbered(["eng", "ger", "und"].map(|l| Some(l.to_owned())));
        for german in ["de", "deu", "ger", "DE", "de-AT"] {
            assert_eq!(pick(&tracks, &Track::Language(german.into())), Some(1), "{german}");
        }
        for absent in ["fra", "und", "d"] {
            assert_eq!(pick(&tracks, &Track::Language(absent.into())), None, "{absent}");
        }
    }
}
