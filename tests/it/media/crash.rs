//! The decoder's process: what its death costs.

use std::path::Path;

use mitschnitt::child::ChildProgram;
use mitschnitt::domain::{Error, ErrorKind, PublicSpans, SoundChoice};
use mitschnitt::media::{self, Decoder};

use super::{hear, open};
use crate::harness::ffmpeg;

/// What happens, as a shell script, in which `REAL` is the real decoder.
fn planted(script: &str) -> Decoder {
    let real = format!("'{}' decoder", env!("CARGO_BIN_EXE_mitschnitt"));
    let arguments = vec!["-c".to_owned(), script.replace("REAL", &real)];
    Decoder::Child(ChildProgram { program: "sh".into(), arguments })
}

fn decode(path: &Path, decoder: &Decoder) -> Result<Vec<f32>, Error> {
    media::open(path, &PublicSpans::WHOLE, &SoundChoice::default(), decoder)
        .and_then(|mut stream| hear(&mut stream))
}

#[test]
fn after_a_crash_the_sound_goes_on_where_it_broke_off() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.flac");
    ffmpeg(&["-f", "lavfi", "-i", "anoisesrc=d=20:a=0.3:seed=1:r=48000"], &path);
    let whole = hear(&mut open(&path, &SoundChoice::default()).unwrap()).unwrap();
    for (n, death) in ["kill -SEGV $$", "REAL | head -c 400000; kill -SEGV $$"].iter().enumerate() {
        let mark = folder.path().join(n.to_string());
        let mark = mark.display();
        let decoder =
            planted(&format!("if [ -e '{mark}' ]; then exec REAL; fi; touch '{mark}'; {death}"));
        let heard = decode(&path, &decoder).unwrap_or_else(|e| panic!("{e}"));
        assert_eq!(heard.len(), whole.len(), "{death}");
        // Another decoder with another resampler goes on; what it gives is the same sound.
        let unlike = |range: std::ops::Range<usize>| {
            let pairs = heard[range.clone()].iter().zip(&whole[range]);
            pairs.fold((0.0, 0.0), |(d, e), (a, b)| (d + (a - b).powi(2), e + b * b))
        };
        for second in 0..20 {
            let (difference, energy): (f32, f32) = unlike(second * 16_000..(second + 1) * 16_000);
            assert!(difference < energy / 20.0, "{death}: {difference} of {energy} at {second} s");
        }
    }
}

#[test]
fn a_decoder_that_always_dies_is_a_reason() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.wav");
    ffmpeg(&["-f", "lavfi", "-i", "sine=d=20"], &path);
    let error =
        decode(&path, &planted("kill -ABRT $$")).map(|s| s.len()).expect_err("nothing decodes");
    println!("{error}");
    assert_eq!(error.kind(), ErrorKind::BadInput);
    let said = error.to_string();
    assert!(["a.wav", "abgestürzt", "Signal 6"].iter().all(|s| said.contains(s)), "{said}");
    assert!(media::probe(&path, &planted("kill -ABRT $$")).is_err());

    let late =
        decode(&path, &planted("REAL | head -c 200000; kill -ABRT $$")).expect_err("it dies");
    println!("{late}");
    assert!(late.to_string().contains("bricht ab, lesbar sind"), "{late}");

    let missing = ChildProgram { program: "/nirgends/mitschnitt".into(), arguments: Vec::new() };
    let error = decode(&path, &Decoder::Child(missing)).map(|s| s.len()).expect_err("no program");
    assert_eq!(error.kind(), ErrorKind::Failed, "{error}");
}
