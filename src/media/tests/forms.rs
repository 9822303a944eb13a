//! Sound that is not what the header says: longer, of another form from some point on, or with
//! channels that are each other's inverse.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::domain::PublicSpans;

use super::super::{Decoder, SoundCheck, StereoChannel, open};
use super::decode;
use super::made::ffmpeg;

/// Seconds of the first and of the second part.
const PARTS: (f64, f64) = (3.3, 6.2);

/// One part: a tone of so many Hz.
fn part(folder: &Path, name: &str, hz: u32, seconds: f64, form: [&str; 2]) -> PathBuf {
    let path = folder.join(format!("{hz}-{}-{}-{name}", form[0], form[1]));
    let source = format!("sine=f={hz}:r=48000:d={seconds},volume=4");
    let codec = match path.extension().unwrap().to_str().unwrap() {
        "mp3" => "libmp3lame",
        "ts" => "aac",
        "ogg" => "libopus",
        own => own,
    };
    let form = ["-f", "lavfi", "-i", &source, "-ac", form[0], "-ar", form[1], "-c:a", codec];
    ffmpeg(&form, &path);
    path
}

/// The frames of a FLAC file, or all of another, and what stands before.
fn split(path: &Path) -> (Vec<u8>, Vec<u8>) {
    let bytes = std::fs::read(path).unwrap();
    if !bytes.starts_with(b"fLaC") {
        return (Vec::new(), bytes);
    }
    let mut at = 4;
    loop {
        let head = &bytes[at..at + 4];
        let is_last = head[0] & 0x80 != 0;
        at += 4 + head[1..].iter().fold(0, |n, b| n << 8 | usize::from(*b));
        if is_last {
            return (bytes[..at].to_vec(), bytes[at..].to_vec());
        }
    }
}

/// A file whose sound goes on in another form.
fn joined(folder: &Path, name: &str, one: [&str; 2], two: [&str; 2]) -> PathBuf {
    let (header, first) = split(&part(folder, name, 400, PARTS.0, one));
    let (_, second) = split(&part(folder, name, 900, PARTS.1, two));
    let path = folder.join(name);
    std::fs::write(&path, [header, first, second].concat()).unwrap();
    path
}

/// The tone in Hz of a second, from its zero crossings.
fn tone(second: &[f32]) -> f64 {
    second.windows(2).filter(|w| (w[0] < 0.0) != (w[1] < 0.0)).count() as f64 / 2.0
}

#[test]
fn sound_that_changes_its_form_goes_on_at_its_time() {
    let folder = tempfile::tempdir().unwrap();
    let (mono, stereo) = (["1", "48000"], ["2", "48000"]);
    for name in ["a.flac", "a.mp3", "a.aac", "a.ac3", "a.ts", "a.ogg"] {
        for (one, two) in [(mono, stereo), (stereo, mono), (mono, ["2", "32000"])] {
            // Opus has one rate; in FLAC and TS ffmpeg misplaces what follows (half a second, the pitch).
            if two[1] != "48000" && ["a.ogg", "a.flac", "a.ts"].contains(&name) {
                continue;
            }
            let path = joined(folder.path(), name, one, two);
            let sound = decode(&path, &PublicSpans::WHOLE).unwrap_or_else(|e| panic!("{e}"));
            let seconds = sound.len() as f64 / 16_000.0;
            assert!((seconds - PARTS.0 - PARTS.1).abs() < 0.25, "{name}, {two:?}: {seconds} s");
            let tones: Vec<f64> = sound.as_chunks::<16_000>().0.iter().map(|s| tone(s)).collect();
            println!("{name}, {one:?}, {two:?}: {seconds:.3} s, {tones:.0?}");
            let is = |n: usize, hz: f64| (tones[n] - hz).abs() < 25.0;
            assert!((0..3).all(|n| is(n, 400.0)) && (4..9).all(|n| is(n, 900.0)), "{tones:?}");
        }
    }
}

/// Makes ten seconds in a container, with what stands behind the sound.
fn lengthy(path: &Path, codec: &str, behind: &[u8]) -> Vec<u8> {
    let args = ["-f", "lavfi", "-i", "sine=f=700:r=48000:d=10,volume=4", "-c:a", codec];
    ffmpeg(&args, path);
    let mut bytes = std::fs::read(path).unwrap();
    bytes.extend(behind);
    bytes
}

#[test]
fn a_length_that_cannot_be_true_does_not_end_the_sound() {
    let folder = tempfile::tempdir().unwrap();
    let list = |big: bool| {
        let size = if big { 2_000u32.to_be_bytes() } else { 2_000u32.to_le_bytes() };
        [&b"LIST"[..], &size, &[0x55; 2_000]].concat()
    };
    // Name, codec, format, magic of the chunk, bytes of its size, whether the highest comes first.
    for (name, codec, chunk, width, big) in [
        ("a.wav", "pcm_s16le", &b"data"[..], 4, false),
        ("u8.wav", "pcm_u8", b"data", 4, false),
        ("s24.wav", "pcm_s24le", b"data", 4, false),
        ("f32.wav", "pcm_f32le", b"data", 4, false),
        ("adpcm.wav", "adpcm_ima_wav", b"data", 4, false),
        // Read by symphonia with the header of a WAV or CAF, and by ffmpeg with its own.
        ("a.w64", "pcm_s16le", b"data\xF3\xAC\xD3\x11\x8C\xD1\x00\xC0\x4F\x8E\xDB\x8A", 8, false),
        ("a.aiff", "pcm_s16be", b"SSND", 4, true),
        ("a.caf", "pcm_s16be", b"data", 8, true),
    ] {
        let path = folder.path().join(name);
        // What stands behind the sound in a W64 or CAF is another kind of chunk.
        let behind = if width == 4 { list(big) } else { Vec::new() };
        let whole = lengthy(&path, codec, &behind);
        std::fs::write(&path, &whole).unwrap();
        let before = decode(&path, &PublicSpans::WHOLE).unwrap_or_else(|e| panic!("{name}: {e}"));
        let at = whole.windows(chunk.len()).position(|w| w == chunk).unwrap() + chunk.len();
        for size in [0u64, 96_000] {
            let mut bytes = whole.clone();
            let number = if big { size.to_be_bytes() } else { size.to_le_bytes() };
            let number = if big { &number[8 - width..] } else { &number[..width] };
            bytes[at..at + width].copy_from_slice(number);
            std::fs::write(&path, bytes).unwrap();
            let heard =
                decode(&path, &PublicSpans::WHOLE).unwrap_or_else(|e| panic!("{name}: {e}"));
            println!("{name}, {size}: {} samples, {} before", heard.len(), before.len());
            assert!(heard.len().abs_diff(before.len()) < 400, "{name}: {size}");
            let apart = heard.iter().zip(&before).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
            // Two programs change the rate, each in its own way, at the first samples above all.
            assert!(apart < 0.02, "{name}, {size}: another sound, {apart}");
        }
    }
}

/// Noise that comes and goes like words, left, and what is right.
fn stereo(path: &Path, right: &str, codec: &[&str]) {
    let source = format!(
        "anoisesrc=d=8:a=0.3:seed=7:r=48000,volume='gt(sin(9*t)+sin(5.3*t*t/8+1),0)':eval=frame,\
         pan=stereo|c0=c0|c1={right}*c0"
    );
    ffmpeg(&[&["-f", "lavfi", "-i", &source], codec].concat(), path);
}

fn checked(path: &Path) -> (Vec<f32>, SoundCheck) {
    let whole = PublicSpans::WHOLE;
    let mut stream = open(path, &whole, &Default::default(), &Decoder::Here).unwrap();
    let mut heard = Vec::new();
    while let Some(block) = stream.next_block().unwrap() {
        heard.extend(block);
    }
    (heard, stream.check())
}

fn energy(samples: &[f32]) -> f32 {
    samples.iter().map(|s| s * s).sum::<f32>() / samples.len() as f32
}

#[test]
fn inverse_channels_do_not_cancel_each_other_out() {
    let folder = tempfile::tempdir().unwrap();
    // symphonia reads the first two, ffmpeg the others.
    for (name, codec) in [
        ("a.flac", &["-c:a", "flac"][..]),
        ("a.m4a", &["-c:a", "aac"]),
        ("a.mka", &["-c:a", "ac3"]),
        ("a.wv", &["-c:a", "wavpack"]),
    ] {
        let path = folder.path().join(name);
        stereo(&path, "1", codec);
        let (plain, check) = checked(&path);
        assert_eq!(check, SoundCheck::default(), "{name}");
        stereo(&path, "-1", codec);
        let (inverse, check) = checked(&path);
        assert!(check.is_inverse && check.silent.is_none(), "{name}: {check:?}");
        let share = energy(&inverse) / energy(&plain);
        println!("{name}: {share:.3} of the energy");
        assert!((0.8..1.25).contains(&share), "{name}: {share}");
        stereo(&path, "0", codec);
        assert_eq!(checked(&path).1.silent, Some(StereoChannel::Right), "{name}");
    }
}

#[test]
fn ordinary_stereo_is_mixed_by_ffmpeg_as_before() {
    let folder = tempfile::tempdir().unwrap();
    for (name, codec) in
        [("a.mka", "ac3"), ("a.wv", "wavpack"), ("a.wma", "wmav2"), ("a.au", "pcm_s16be")]
    {
        let path = folder.path().join(name);
        stereo(&path, "0.4", &["-c:a", codec, "-ar", "44100"]);
        let filter = super::super::ffprobe::on_time_line(0.0);
        let output = Command::new("ffmpeg")
            .args(["-nostdin", "-v", "error", "-i"])
            .arg(&path)
            .args(["-af", &filter, "-ac", "1", "-ar", "16000", "-f", "f32le", "-"])
            .output()
            .unwrap();
        let one: Vec<f32> =
            output.stdout.as_chunks::<4>().0.iter().map(|b| f32::from_le_bytes(*b)).collect();
        let heard = checked(&path).0;
        assert_eq!(heard.len(), one.len(), "{name}");
        let other = heard.iter().zip(&one).filter(|(a, b)| a != b && b.abs() < 1.0).count();
        assert_eq!(other, 0, "{name}: {other} samples differ");
    }
}

#[test]
fn full_scale_stays_within_full_scale_when_the_rate_changes() {
    let folder = tempfile::tempdir().unwrap();
    for channels in ["1", "2"] {
        let path = folder.path().join("square.wav");
        let square = "aevalsrc='sgn(sin(2*PI*310*t))':s=44100:d=2";
        ffmpeg(&["-f", "lavfi", "-i", square, "-ac", channels, "-c:a", "pcm_f32le"], &path);
        let sound = decode(&path, &PublicSpans::WHOLE).unwrap();
        assert!(sound.iter().any(|s| *s > 0.6) && sound.iter().all(|s| s.abs() <= 1.0));
    }
}
