//! A click is heard where it is seen: at its time on the recording's time line, as a player shows
//! it. Prints the worst offset of every format.

use std::path::Path;
use std::process::Command;

use mitschnitt::domain::{MediaTime, PublicSpans, SoundChoice, Span};
use mitschnitt::media;

use super::formats::{FORMATS, Format, Place};
use super::{decoder, hear, open};
use crate::harness::ffmpeg;

/// A tone of 20 ms starts at every one of these times, in seconds.
const CLICKS: [f64; 5] = [0.5, 1.25, 2.0, 3.3, 4.7];

/// Milliseconds a click may be off.
const TOLERANCE_MS: f64 = 10.0;

/// Seconds of priming that a container may keep to itself: SBR and AAC together take 0.06.
const LONGEST_PRIMING: f64 = 0.07;

#[test]
fn clicks_stay_in_their_place_in_every_format() {
    let folder = tempfile::tempdir().unwrap();
    let mut wrong = Vec::new();
    for format in FORMATS {
        let path = format.make(&clicks(), folder.path());
        let mut stream = open(&path, &SoundChoice::default()).unwrap_or_else(|e| panic!("{e}"));
        let sound = hear(&mut stream).unwrap_or_else(|e| panic!("{e}"));
        let heard = onsets(&sound);
        let shift = shift(format, &path);
        let expected: Vec<f64> = CLICKS.iter().map(|c| c + shift).collect();
        let offsets = expected.iter().zip(&heard).map(|(e, h)| (h - e) * 1000.0);
        let worst = offsets.fold(0.0, |a: f64, b| if b.abs() > a.abs() { b } else { a });
        println!("{:16} worst {worst:+6.2} ms, sound starts at {shift:+.4} s", format.name);
        if heard.len() != CLICKS.len() || worst.abs() > TOLERANCE_MS {
            wrong.push(format!("{}: heard at {heard:?}, not {expected:?}", format.name));
        }
        let gap = format.name.starts_with("gap");
        let told = stream.missing().iter().map(|s| s.millis()).max().unwrap_or(0);
        if gap != (500..1_000).contains(&told) {
            wrong.push(format!("{}: missing is {:?}", format.name, stream.missing()));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Where a player hears the sound's start.
fn shift(format: &Format, path: &Path) -> f64 {
    if let Place::At(seconds) = format.place {
        return seconds;
    }
    let tool = |program: &str, arguments: &[&str]| {
        let mut command = Command::new(program);
        command.args(["-v", "error", "-i"]).arg(path).args(arguments);
        command.output().unwrap().stdout
    };
    let pipe = ["-map", "0:a:0", "-ac", "1", "-ar", "16000", "-f", "f32le", "-"];
    let sound = tool("ffmpeg", &pipe);
    let sound = sound.as_chunks::<4>().0.iter().map(|b| f32::from_le_bytes(*b));
    let times = ["-select_streams", "a:0", "-read_intervals", "%+2", "-of", "csv=p=0"];
    let shown = ["-show_entries", "format=start_time:frame=pts_time"];
    let said = String::from_utf8(tool("ffprobe", &[&times[..], &shown].concat())).unwrap();
    let mut said = said.lines().map(|l| l.trim_end_matches(',').parse::<f64>().unwrap());
    let (first, start) = (said.next().unwrap(), said.next_back().unwrap());
    let shift = onsets(&sound.collect::<Vec<_>>())[0] - CLICKS[0] + first - start;
    assert!((0.0..LONGEST_PRIMING).contains(&shift), "{}: {shift}", format.name);
    shift
}

#[test]
fn only_public_sound_is_delivered_and_in_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let at = |ms| MediaTime::from_millis(ms);
    let spans =
        vec![Span::new(at(1_900), at(2_500)).unwrap(), Span::new(at(4_000), at(4_400)).unwrap()];
    let public = PublicSpans::only(spans.clone());
    for (file, codec) in [
        ("a.mp4", &["-c:a", "aac"][..]),
        ("a.mp3", &["-c:a", "libmp3lame"]),
        ("a.webm", &["-c:a", "libopus"]),
        ("a.ogg", &["-c:a", "libvorbis"]),
        ("a.flac", &["-c:a", "flac"]),
        ("ac3.mkv", &["-c:a", "ac3"]),
    ] {
        let path = folder.path().join(file);
        let source = clicks();
        ffmpeg(&[&["-f", "lavfi", "-i", &source], codec].concat(), &path);
        let sound = |public| {
            let choice = SoundChoice::default();
            let mut stream = media::open(&path, public, &choice, &decoder()).unwrap();
            hear(&mut stream).unwrap_or_else(|e| panic!("{e}"))
        };
        let (whole, heard) = (sound(&PublicSpans::WHOLE), sound(&public));
        assert_eq!(heard.len(), 4_400 * 16, "{file}");
        for (n, sample) in heard.iter().enumerate() {
            let t = at(n as u64 / 16);
            assert!(public.contains(t) || *sample == 0.0, "{file}: sound at {t}");
        }
        // Pre-roll suffices: inside a span the sound is the one of the whole recording.
        // (Matroska's clock ticks in milliseconds, so it may lie a little beside.)
        let inside = || 1_920 * 16..2_480 * 16;
        let error = (-16..=16).map(|shift: i64| {
            inside()
                .map(|n| (heard[n] - whole[(n as i64 + shift) as usize]).abs())
                .fold(0.0, f32::max)
        });
        let error = error.fold(f32::MAX, f32::min);
        assert!(error < 0.02, "{file}: differs by {error}");
    }
}

/// The clicks as a source filter of ffmpeg.
fn clicks() -> String {
    let on: Vec<String> = CLICKS.iter().map(|t| format!("between(t,{t},{})", t + 0.0199)).collect();
    format!("aevalsrc='0.7*sin(2*PI*1000*t)*({})':s=48000:d=5.5", on.join("+"))
}

/// Seconds at which sound starts after at least 100 ms without.
fn onsets(sound: &[f32]) -> Vec<f64> {
    let mut quiet = usize::MAX;
    let mut found = Vec::new();
    for (n, sample) in sound.iter().enumerate() {
        if sample.abs() > 0.25 {
            if quiet > 1_600 {
                found.push(n as f64 / 16_000.0);
            }
            quiet = 0;
        } else {
            quiet = quiet.saturating_add(1);
        }
    }
    found
}
