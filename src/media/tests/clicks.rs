//! A click is heard where it is seen: at its time on the recording's time line.

use std::path::Path;

use crate::domain::{MediaTime, PublicSpans, Span};

use super::decode;
use super::made::ffmpeg;

/// A tone of 20 ms starts at every one of these times, in seconds.
const CLICKS: [f64; 5] = [0.5, 1.25, 2.0, 3.3, 4.7];

/// Milliseconds a click may be off.
const TOLERANCE_MS: f64 = 10.0;

#[test]
fn clicks_stay_in_their_place_in_every_container() {
    let folder = tempfile::tempdir().unwrap();
    for (file, codec) in [
        ("pcm.wav", &["-c:a", "pcm_s16le"][..]),
        ("free.flac", &["-c:a", "flac"]),
        ("lame.mp3", &["-c:a", "libmp3lame"]),
        ("vorbis.ogg", &["-c:a", "libvorbis"]),
        ("opus.ogg", &["-c:a", "libopus"]),
        ("opus.webm", &["-c:a", "libopus"]),
        ("aac.mkv", &["-c:a", "aac"]),
        ("aac.mp4", &["-c:a", "aac"]),
        ("alac.m4a", &["-c:a", "alac"]),
        (
            "fragments.mp4",
            &["-c:a", "aac", "-movflags", "frag_keyframe+empty_moov", "-frag_duration", "500000"],
        ),
        ("aac.ts", &["-c:a", "aac"]),
        ("ac3.mkv", &["-c:a", "ac3"]),
    ] {
        let path = folder.path().join(file);
        make(&path, &[], codec);
        let sound = decode(&path, &PublicSpans::WHOLE).unwrap_or_else(|e| panic!("{e}"));
        // These writers move everything behind AAC's priming and say so nowhere.
        let unsaid = ["aac.mkv", "fragments.mp4", "aac.ts"].contains(&file);
        check(file, &sound, if unsaid { 1024.0 / 48_000.0 } else { 0.0 });
    }
}

/// The sound starts 1.7 s after the picture: an empty edit in MP4, later packets elsewhere.
#[test]
fn sound_that_starts_late_stays_late() {
    let folder = tempfile::tempdir().unwrap();
    let picture = ["-f", "lavfi", "-i", "color=black:s=64x64:r=10:d=6", "-itsoffset", "1.7"];
    for (file, codec) in [
        ("late.mp4", &["-c:v", "libx264", "-c:a", "aac"][..]),
        ("late.mkv", &["-c:v", "libx264", "-c:a", "libopus"]),
        ("late.ts", &["-c:v", "libx264", "-c:a", "mp2"]),
    ] {
        let path = folder.path().join(file);
        make(&path, &picture, codec);
        let sound = decode(&path, &PublicSpans::WHOLE).unwrap_or_else(|e| panic!("{e}"));
        check(file, &sound, 1.7);
    }
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
        make(&path, &[], codec);
        let whole = decode(&path, &PublicSpans::WHOLE).unwrap();
        let heard = decode(&path, &public).unwrap_or_else(|e| panic!("{e}"));
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

/// Clicks at their times, in whatever container `path` names; `before` goes before the input.
fn make(path: &Path, before: &[&str], codec: &[&str]) {
    let on: Vec<String> = CLICKS.iter().map(|t| format!("between(t,{t},{})", t + 0.0199)).collect();
    let source = format!("aevalsrc='0.7*sin(2*PI*1000*t)*({})':s=48000:d=5.5", on.join("+"));
    let mut args = before.to_vec();
    args.extend(["-f", "lavfi", "-i", &source]);
    args.extend(codec);
    ffmpeg(&args, path);
}

fn check(file: &str, sound: &[f32], shift: f64) {
    let heard = onsets(sound);
    assert_eq!(heard.len(), CLICKS.len(), "{file}: {heard:?}");
    for (heard, click) in heard.iter().zip(CLICKS) {
        let off = (heard - click - shift) * 1000.0;
        println!("{file}: click at {click} s off by {off:+.2} ms");
        assert!(off.abs() <= TOLERANCE_MS, "{file}: click at {click} s is {off:+.1} ms off");
    }
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
