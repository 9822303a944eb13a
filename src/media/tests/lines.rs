//! One time line for sound, public spans and copies, whatever time a file begins at.

use std::path::Path;
use std::process::Command;

use crate::domain::{MediaTime, PublicSpans, Span};

use super::super::Decoder;
use super::super::publish::publish;
use super::decode;
use super::made::ffmpeg;

/// Silence but for a tone from 3 s to 6 s.
const TONE: &str = "sine=f=700:r=48000:d=8,volume='4*between(t,3,6)':eval=frame";

/// A file whose tracks all begin `late` seconds behind its clock's zero.
fn make(path: &Path, codecs: &str, late: &str) {
    let mut args = vec!["-f", "lavfi", "-i", TONE];
    if codecs.contains("-c:v") {
        args.extend(["-f", "lavfi", "-i", "testsrc=s=64x64:r=25:d=8"]);
    }
    args.extend(codecs.split(' '));
    args.extend(["-output_ts_offset", late]);
    ffmpeg(&args, path);
}

/// Seconds at which the tone begins and ends.
fn tone(sound: &[f32]) -> (f64, f64) {
    let is_loud = |c: &&[f32]| c.iter().any(|s| s.abs() > 0.1);
    let steps: Vec<&[f32]> = sound.chunks(160).collect();
    let from = steps.iter().position(is_loud).expect("a tone");
    let to = steps.iter().rposition(is_loud).expect("a tone") + 1;
    (from as f64 / 100.0, to as f64 / 100.0)
}

/// The sound as a program gives it that counts from the first sample.
fn counted(path: &Path) -> Vec<f32> {
    let output = Command::new("ffmpeg")
        .args(["-nostdin", "-v", "error", "-i"])
        .arg(path)
        .args(["-vn", "-ar", "16000", "-ac", "1", "-f", "f32le", "-"])
        .output()
        .unwrap();
    output.stdout.as_chunks::<4>().0.iter().map(|b| f32::from_le_bytes(*b)).collect()
}

fn close(a: f64, b: f64) -> bool {
    (a - b).abs() < 0.12
}

#[test]
fn sound_and_copy_lie_where_a_browser_shows_them() {
    let folder = tempfile::tempdir().unwrap();
    let at = MediaTime::from_millis;
    let (vpx, x264) = ("-c:v libvpx -c:a", "-c:v libx264 -pix_fmt yuv420p -c:a");
    // File, codecs, seconds at which its tracks begin by its clock and in a browser.
    for (file, codecs, late, shown) in [
        ("a.webm", format!("{vpx} libopus"), "0.9", 0.9),
        ("later.webm", format!("{vpx} libvorbis"), "2.3", 2.3),
        ("a.mkv", format!("{x264} aac"), "0.9", 0.9),
        ("ac3.mkv", format!("{x264} ac3"), "1.4", 1.4),
        ("a.mka", "-c:a libopus".to_owned(), "0.9", 0.9),
        ("a.mp4", format!("{x264} aac"), "0.9", 0.9),
        ("a.m4a", "-c:a aac".to_owned(), "2.3", 2.3),
        ("hours.mkv", format!("{x264} aac"), "7200", 0.0),
        ("a.ts", format!("{x264} mp2"), "0.9", 0.0),
        ("a.ogg", "-c:a libopus".to_owned(), "0.9", 0.0),
        ("later.ogg", "-c:a libvorbis".to_owned(), "2.3", 0.0),
        ("a.flv", "-c:v flv -c:a libmp3lame -ar 44100".to_owned(), "0.9", 0.0),
    ] {
        let source = folder.path().join(file);
        make(&source, &codecs, late);
        let (from, to) = tone(&decode(&source, &PublicSpans::WHOLE).unwrap());
        println!("{file}: {from:.2} to {to:.2}");
        assert!(close(from, 3.0 + shown) && close(to, 6.0 + shown), "{file}: {from} to {to}");
        for (first, last) in [(0.0, 5.0), (4.0, 5.0)] {
            let [first, last] = [first, last].map(|s| s + shown);
            let first = if first == shown { 0.0 } else { first };
            let millis = |s: f64| at((s * 1000.0) as u64);
            let public = PublicSpans::only(vec![Span::new(millis(first), millis(last)).unwrap()]);
            for public in [PublicSpans::WHOLE, public] {
                let copy =
                    publish(&source, &public, &Default::default(), folder.path(), &Decoder::Here)
                        .unwrap_or_else(|e| panic!("{file}: {e}"));
                let (begins, ends) = if public.is_whole() {
                    (3.0 + shown, 6.0 + shown)
                } else {
                    (first.max(3.0 + shown), last)
                };
                for (who, sound) in [
                    ("we", decode(&copy.path, &PublicSpans::WHOLE).unwrap()),
                    ("others", counted(&copy.path)),
                ] {
                    let (from, to) = tone(&sound);
                    let what =
                        format!("{file}, {public:?}, {who}: {from} to {to}, {:?}", copy.note);
                    assert!(close(from, begins) && to < ends + 0.06 && to > ends - 0.4, "{what}");
                    let has_picture = codecs.contains("-c:v");
                    assert_eq!((copy.has_video, &copy.note), (has_picture, &None), "{what}");
                }
            }
        }
    }
}
