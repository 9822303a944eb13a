//! Nothing that is not public survives in the public copy, and its times stay.

use std::path::Path;
use std::process::Command;

use crate::domain::{MediaTime, PublicSpans, Span};

use super::super::publish::publish;
use super::decode;
use super::made::ffmpeg;

const PUBLIC_HZ: f64 = 400.0;
const SECRET_HZ: f64 = 1_700.0;
/// Brightness of the picture: 60 where public, 235 where not.
const BRIGHT: u8 = 120;

#[test]
fn a_cut_leaves_nothing_from_behind_it() {
    for file in ["a.mp4", "a.mp3", "a.webm", "a.m4a", "a.ogg", "a.flac"] {
        shown(file, &[(0, 6_370)]);
    }
}

#[test]
fn what_lies_between_is_silent_and_black() {
    for file in ["b.mp4", "b.mp3", "b.webm"] {
        shown(file, &[(1_210, 3_030), (4_500, 6_777)]);
    }
}

#[test]
fn a_wholly_public_recording_is_not_copied() {
    let folder = tempfile::tempdir().unwrap();
    let (source, target) = (folder.path().join("c.wav"), folder.path().join("d.wav"));
    make(&source, &[(0, 8_000)]);
    let whole = MediaTime::from_millis(8_000);
    assert!(publish(&source, &PublicSpans::WHOLE, whole, &target).is_err());
    assert!(publish(&source, &PublicSpans::only(Vec::new()), whole, &target).is_err());
    assert!(!target.exists());
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "something was left behind");
}

/// Makes a recording that tells its secret outside of `public`, publishes it and listens.
fn shown(file: &str, public: &[(u64, u64)]) {
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join(file);
    let target = folder.path().join(format!("public-{file}"));
    make(&source, public);
    let sound = decode(&source, &PublicSpans::WHOLE).unwrap();
    let secret = sound.chunks(1_600).map(|c| energy(c, SECRET_HZ)).fold(0.0, f64::max);
    assert!(secret > 0.1, "{file}: no secret to keep ({secret})");

    let at = MediaTime::from_millis;
    let spans = public.iter().map(|&(a, b)| Span::new(at(a), at(b)).unwrap()).collect();
    publish(&source, &PublicSpans::only(spans), at(8_000), &target)
        .unwrap_or_else(|e| panic!("{e}"));

    let heard = decode(&target, &PublicSpans::WHOLE).unwrap();
    // Two thousandths of full scale are the leakage of the window and the codecs' noise.
    for (n, piece) in heard.chunks(1_600).enumerate() {
        let secret = energy(piece, SECRET_HZ);
        assert!(secret < 2e-3, "{file}: secret sound at {} ms: {secret}", n * 100);
    }
    let last = public.last().unwrap().1;
    assert!(heard.len() as u64 <= (last + 50) * 16, "{file}: {} samples", heard.len());
    for &(start, end) in public {
        let inside = &heard[(start as usize + 100) * 16..(end as usize - 400) * 16];
        let loud = energy(inside, PUBLIC_HZ);
        assert!(loud > 0.2, "{file}: public sound has gone ({loud})");
    }
    let brightest = brightness(&target).into_iter().max().unwrap_or(0);
    assert!(brightest < BRIGHT, "{file}: a picture that is not public ({brightest})");
}

/// Eight seconds: tone and picture say at each time whether it is public.
fn make(path: &Path, public: &[(u64, u64)]) {
    let inside: Vec<String> = (public.iter())
        .map(|&(a, b)| format!("between(t,{},{})", a as f64 / 1e3, b as f64 / 1e3 - 1e-6))
        .collect();
    let inside = inside.join("+");
    let sound = format!(
        "aevalsrc='0.5*if({inside},sin(2*PI*{PUBLIC_HZ}*t),sin(2*PI*{SECRET_HZ}*t))':s=48000:d=8"
    );
    let picture = format!(
        "color=0x303030:s=64x64:r=25:d=8,drawbox=t=fill:color=white:enable='not({inside})'"
    );
    let has_picture = matches!(path.extension().unwrap().to_str(), Some("mp4" | "webm"));
    let mut args = vec!["-f", "lavfi", "-i", &sound];
    if has_picture {
        args.extend(["-f", "lavfi", "-i", &picture, "-bf", "3"]);
    }
    ffmpeg(&args, path);
}

/// How loud a tone is, relative to full scale.
fn energy(sound: &[f32], hz: f64) -> f64 {
    let (mut re, mut im) = (0.0, 0.0);
    let count = sound.len() as f64;
    for (n, sample) in sound.iter().enumerate() {
        let angle = 2.0 * std::f64::consts::PI * hz * n as f64 / 16_000.0;
        let window = 1.0 - (2.0 * std::f64::consts::PI * (n as f64 + 0.5) / count).cos();
        re += f64::from(*sample) * angle.cos() * window;
        im += f64::from(*sample) * angle.sin() * window;
    }
    2.0 * re.hypot(im) / count.max(1.0)
}

/// The mean brightness of every picture; empty where there is none.
fn brightness(path: &Path) -> Vec<u8> {
    let output = Command::new("ffmpeg")
        .args(["-nostdin", "-v", "quiet", "-i"])
        .arg(path)
        .args(["-map", "0:V:0", "-vf", "scale=1:1:flags=area,format=gray", "-f", "rawvideo", "-"])
        .output()
        .unwrap();
    output.stdout
}
