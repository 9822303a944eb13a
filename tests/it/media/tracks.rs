//! Several audio tracks: the one that is meant is heard, and none says what is not public.

use std::num::NonZeroU32;
use std::path::{Path, PathBuf};

use mitschnitt::domain::{ErrorKind, MediaTime, PublicSpans, Result, SoundChoice, Span, Track};
use mitschnitt::media;

use super::{decoder, hear, open};
use crate::harness::ffmpeg;

/// Tones of the tracks, in Hz, and their languages as containers take them.
const TRACKS: [(f64, &str); 3] = [(400.0, "deu"), (900.0, "fra"), (1_700.0, "eng")];

/// Three audio tracks behind a picture; every one is another tone.
fn make(folder: &Path, name: &str, codec: &str) -> PathBuf {
    let target = folder.join(name);
    let tones = TRACKS.map(|(hz, _)| format!("sine=f={hz}:d=4:r=48000,volume=0.5"));
    let mut arguments = vec!["-f", "lavfi", "-i", "color=s=64x64:r=10:d=4"];
    tones.iter().for_each(|tone| arguments.extend(["-f", "lavfi", "-i", tone]));
    arguments.extend(["-map", "0:v", "-map", "1:a", "-map", "2:a", "-map", "3:a", "-c:a", codec]);
    let languages: Vec<String> = TRACKS.iter().map(|(_, l)| format!("language={l}")).collect();
    let keys = ["-metadata:s:a:0", "-metadata:s:a:1", "-metadata:s:a:2"];
    keys.iter().zip(&languages).for_each(|(key, language)| arguments.extend([*key, language]));
    ffmpeg(&arguments, &target);
    target
}

/// The tone of the chosen track, from the zero crossings of its middle.
fn tone(path: &Path, track: Track) -> Result<f64> {
    let choice = SoundChoice { track, ..SoundChoice::default() };
    let sound = hear(&mut open(path, &choice)?)?;
    let middle = &sound[16_000..48_000];
    let crossings = middle.windows(2).filter(|w| (w[0] < 0.0) != (w[1] < 0.0)).count();
    Ok(crossings as f64 / 4.0)
}

#[test]
fn a_track_is_chosen_by_number_or_language() {
    let folder = tempfile::tempdir().unwrap();
    // symphonia reads the first two of these, ffmpeg the others.
    for (name, codec) in
        [("a.mp4", "aac"), ("a.mkv", "libopus"), ("a.ts", "mp2"), ("ac3.mkv", "ac3")]
    {
        let path = make(folder.path(), name, codec);
        let number = |n| Track::Number(NonZeroU32::new(n).unwrap());
        let language = |l: &str| Track::Language(l.to_owned());
        for (track, hz) in [
            (Track::First, 400.0),
            (number(1), 400.0),
            (number(2), 900.0),
            (number(3), 1_700.0),
            (language("de"), 400.0),
            (language("ger"), 400.0),
            (language("fre"), 900.0),
            (language("en-GB"), 1_700.0),
        ] {
            let heard = tone(&path, track.clone()).unwrap_or_else(|e| panic!("{e}"));
            assert!((heard - hz).abs() < 10.0, "{name}, {track:?}: {heard} Hz, not {hz}");
        }
        for unknown in [number(4), language("tur")] {
            let error = tone(&path, unknown.clone()).expect_err("a track that is not there");
            println!("{error}");
            assert_eq!(error.kind(), ErrorKind::BadInput);
            let said = error.to_string();
            let parts = [name, &unknown.to_string(), "1 (deu)", "2 (fra)", "3 (eng)"];
            assert!(parts.iter().all(|part| said.contains(part)), "{said}");
        }
        let tracks = media::probe(&path, &decoder()).unwrap().tracks;
        assert_eq!(tracks.len(), 3, "{name}: {tracks:?}");
    }
}

/// What a public copy holds of any track is heard only where it is public.
#[test]
fn a_public_copy_keeps_no_track_with_more_than_is_public() {
    let folder = tempfile::tempdir().unwrap();
    let at = MediaTime::from_millis;
    for (name, start, end) in [("cut.mp4", 0, 2_500), ("black.mp4", 1_000, 2_500)] {
        let path = make(folder.path(), name, "aac");
        let public = PublicSpans::only(vec![Span::new(at(start), at(end)).unwrap()]);
        let sound = SoundChoice::default();
        let copy = media::publish(&path, &public, &sound, folder.path(), &decoder()).unwrap().path;
        let tracks = media::probe(&copy, &decoder()).unwrap().tracks;
        assert_eq!(tracks.len(), 1, "{name}");
        for track in tracks {
            let choice = SoundChoice {
                track: Track::Number(NonZeroU32::new(track.number).unwrap()),
                ..SoundChoice::default()
            };
            let sound = hear(&mut open(&copy, &choice).unwrap()).unwrap();
            for (n, sample) in sound.iter().enumerate() {
                let t = n as u64 / 16;
                // The encoder's ringing is quieter than this, speech is not.
                assert!(
                    (start..end).contains(&t) || sample.abs() < 0.01,
                    "{name}: {sample} at {t}"
                );
            }
            let inside = &sound[(start as usize + 200) * 16..(end as usize - 400) * 16];
            assert!(inside.iter().any(|s| s.abs() > 0.05), "{name}: nothing public is left");
        }
    }
}
