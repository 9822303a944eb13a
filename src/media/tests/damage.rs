//! What is damaged, cut short or no recording at all: a reason instead of a panic or of silence.

use std::path::Path;

use crate::domain::{ErrorKind, PublicSpans};

use super::super::{Decoder, open, probe};
use super::decode;
use super::made::ffmpeg;

#[test]
fn what_is_no_recording_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    std::fs::write(at("empty.mp4"), b"").unwrap();
    std::fs::write(at("protocol.mp3"), "Niederschrift der 12. Sitzung\n".repeat(200)).unwrap();
    // A playlist would make ffmpeg open the file it names.
    ffmpeg(&["-f", "lavfi", "-i", "sine=d=1"], &at("secret.ts"));
    let playlist = "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nsecret.ts\n#EXT-X-ENDLIST\n";
    std::fs::write(at("list.m3u8"), playlist).unwrap();
    ffmpeg(&["-f", "lavfi", "-i", "color=d=1:s=64x64", "-c:v", "libx264"], &at("mute.mp4"));
    for name in ["missing.mp4", "empty.mp4", "protocol.mp3", "list.m3u8", "mute.mp4", "."] {
        let decoded = decode(&at(name), &PublicSpans::WHOLE);
        let error = decoded.expect_err(name);
        println!("{error}");
        assert_eq!(error.kind(), ErrorKind::BadInput, "{error}");
        assert!(error.to_string().contains(name), "{error}");
        assert!(probe(&at(name), &Decoder::Here).is_err(), "{name}");
    }
    assert!(
        probe(&at("mute.mp4"), &Decoder::Here).unwrap_err().to_string().contains("keine Tonspur")
    );
}

#[test]
fn a_recording_cut_short_ends_with_an_error_and_what_was_readable() {
    let folder = tempfile::tempdir().unwrap();
    for (file, codec) in [
        ("a.wav", &["-c:a", "pcm_s16le"][..]),
        ("a.flac", &["-c:a", "flac"]),
        ("a.mp4", &["-c:a", "aac", "-movflags", "+faststart"]),
        ("a.webm", &["-c:a", "libopus"]),
        ("ac3.mkv", &["-c:a", "ac3"]),
    ] {
        let path = folder.path().join(file);
        noise(&path, codec);
        let bytes = std::fs::read(&path).unwrap();
        std::fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
        let mut stream =
            open(&path, &PublicSpans::WHOLE, &Default::default(), &Decoder::Here).unwrap();
        let error = loop {
            match stream.next_block() {
                Ok(Some(_)) => {}
                Ok(None) => panic!("{file}: the end passes for the true one"),
                Err(e) => break e,
            }
        };
        println!("{error}");
        assert_eq!(error.kind(), ErrorKind::BadInput);
        let read = stream.position().millis();
        assert!((3_500..6_500).contains(&read), "{file}: {read} ms of ten seconds readable");
        assert!(stream.next_block().unwrap().is_none(), "{file}: goes on after its end");
    }
}

#[test]
fn a_damaged_packet_is_silence_and_moves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (good, bad) = (folder.path().join("good.flac"), folder.path().join("bad.flac"));
    noise(&good, &["-c:a", "flac"]);
    let whole = decode(&good, &PublicSpans::WHOLE).unwrap();
    let mut bytes = std::fs::read(&good).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle..middle + 3_000].fill(0);
    std::fs::write(&bad, bytes).unwrap();

    let mut stream = open(&bad, &PublicSpans::WHOLE, &Default::default(), &Decoder::Here).unwrap();
    let mut heard = Vec::new();
    while let Some(block) = stream.next_block().unwrap() {
        heard.extend(block);
    }
    assert_eq!(heard.len(), whole.len());
    let [hole] = stream.missing() else { panic!("holes: {:?}", stream.missing()) };
    println!("hole: {hole:?}");
    assert!(hole.millis() < 500 && hole.start().millis().abs_diff(5_000) < 500, "{hole:?}");
    let (from, to) = (hole.start().millis() as usize * 16, hole.end().millis() as usize * 16);
    // The resampler looks a few milliseconds to both sides.
    let beside = (0..from - 400).chain(to + 400..whole.len());
    assert!(beside.into_iter().all(|n| (heard[n] - whole[n]).abs() < 1e-3), "sound has moved");
    assert!(heard[from + 400..to - 400].iter().all(|s| s.abs() < 1e-3), "{hole:?} is not silent");
}

/// Ten seconds of noise, so that bytes and time are proportional and any shift is heard.
fn noise(path: &Path, codec: &[&str]) {
    let mut args = vec!["-f", "lavfi", "-i", "anoisesrc=d=10:a=0.3:seed=1:r=48000"];
    args.extend(codec);
    ffmpeg(&args, path);
}
