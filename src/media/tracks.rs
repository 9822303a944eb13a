//! Finds the audio track that is wanted among those a file has. Owns what counts as the same
//! language; refuses to guess where none is meant.

use std::path::Path;

use crate::domain::{Error, Track};

use super::file::name;
use super::info::AudioTrack;

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
