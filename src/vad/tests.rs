//! Hysteresis as properties; the detector on synthetic and human voices and on what is no voice.

use std::path::Path;
use std::process::Command;

use proptest::prelude::*;

use super::*;
use crate::domain::PublicSpans;
use crate::media;

const SECOND: usize = 16_000;

proptest! {
    #[test]
    fn spans_are_sorted_apart_and_inside(
        probabilities in proptest::collection::vec(0f32..1.0, 0..400),
        lead_ms in 0u64..300,
    ) {
        let thresholds = Thresholds { lead_ms, ..Thresholds::default() };
        let spans = speech_spans(&probabilities, &thresholds);
        let end = frame_start(probabilities.len());
        prop_assert!(spans.iter().all(|s| s.end() <= end));
        prop_assert!(spans.windows(2).all(|w| w[0].end() < w[1].start()));
        // Every span has a reason: a frame at which speech may begin.
        for span in &spans {
            let frames = frame_at(span.start())..frame_at(span.end());
            prop_assert!(probabilities[frames].iter().any(|p| *p >= thresholds.enter));
        }
    }

    /// However the samples are cut into pushes, the answer is the same.
    #[test]
    fn pieces_do_not_matter(cuts in proptest::collection::vec(1usize..900, 1..40)) {
        let sound = &hum()[..SECOND];
        let mut whole = Vad::new();
        let expected = whole.push(sound);
        let mut vad = Vad::new();
        let mut got = Vec::new();
        let mut rest = sound;
        for cut in cuts {
            let (now, later) = rest.split_at(cut.min(rest.len()));
            got.extend(vad.push(now));
            rest = later;
        }
        got.extend(vad.push(rest));
        prop_assert_eq!(got, expected);
    }
}

#[test]
fn silence_hum_and_noise_are_no_speech() {
    let noise = |level: f32| -> Vec<f32> {
        let mut state = 1u32;
        let mut next = move || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as f32 / (1u32 << 23) as f32 - 1.0
        };
        (0..20 * SECOND).map(|_| next() * level).collect()
    };
    for (what, sound) in [
        ("silence", vec![0.0; 20 * SECOND]),
        ("hum", hum()),
        ("quiet noise", noise(0.003)),
        ("loud noise", noise(0.1)),
    ] {
        // Noise that sets in suddenly sounds like a consonant for a moment.
        let allowed = if what == "loud noise" { 500 } else { 0 };
        let spans = speech_spans(&heard(&sound), &Thresholds::default());
        let ms: u64 = spans.iter().map(|s| s.millis()).sum();
        println!("{what}: {ms} ms of 20 s taken for speech");
        assert!(ms <= allowed, "{what} taken for speech: {spans:?}");
    }
}

#[test]
fn synthetic_voices_are_found_and_pauses_kept() {
    let folder = tempfile::tempdir().unwrap();
    for voice in ["de", "de+f2", "de+m3", "de+f4", "de+croak"] {
        let file = folder.path().join(format!("{voice}.wav"));
        let said = "Ich rufe auf den Tagesordnungspunkt fünf: Einführung eines Livestreams. \
                    Wer stimmt dafür? Gegenstimmen? Das ist einstimmig so beschlossen.";
        let spoken =
            Command::new("espeak-ng").args(["-v", voice, "-w"]).arg(&file).arg(said).status();
        if !spoken.is_ok_and(|s| s.success()) {
            println!("skipped: no espeak-ng");
            return;
        }
        let spans = found(voice, &sound_of(&file), 0.97);
        assert!(spans >= 2, "{voice}: five sentences in {spans} spans leave no place to cut");
    }
}

#[test]
fn human_voices_are_found() {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared");
    let shared = std::env::var_os("MITSCHNITT_SHARED").map_or(beside, Into::into);
    let Ok(files) = std::fs::read_dir(shared.join("data/audio")) else {
        println!("skipped: no shared audio folder (MITSCHNITT_SHARED)");
        return;
    };
    let files = files.map(|f| f.unwrap().path());
    for file in files.filter(|f| f.extension().is_some_and(|e| e == "webm")).take(10) {
        found(&file.display().to_string(), &sound_of(&file), 0.95);
    }
}

/// Puts `voice` between two silences of three seconds (with the noise of a quiet room) and checks
/// that at least `recall` of its loud frames are found, and nothing far from them. Returns the
/// number of spans.
fn found(name: &str, voice: &[f32], recall: f64) -> usize {
    let room = |n: usize| ((n * 7_919 % 1_000) as f32 / 1_000.0 - 0.5) * 2e-4;
    let mut sound: Vec<f32> = (0..3 * SECOND).map(room).collect();
    sound.extend(voice);
    sound.extend((0..3 * SECOND).map(room));
    let level = |n: usize| sound[n * FRAME..][..FRAME].iter().map(|s| s * s).sum::<f32>();
    let loudest = (0..sound.len() / FRAME).map(level).fold(0.0, f32::max);
    // 35 dB below the loudest frame; softer ones are ends of breath.
    let loud: Vec<usize> =
        (0..sound.len() / FRAME).filter(|&n| level(n) > loudest * 10f32.powf(-3.5)).collect();
    let spans = speech_spans(&heard(&sound), &Thresholds::default());
    let hit = loud.iter().filter(|&&n| spans.iter().any(|s| s.contains(frame_start(n)))).count();
    let share = hit as f64 / loud.len() as f64;
    let first = frame_start(loud[0]);
    let last = frame_start(loud[loud.len() - 1] + 1);
    let (Some(from), Some(to)) = (spans.first(), spans.last()) else { panic!("{name}: no speech") };
    println!(
        "{name}: {share:.3} of {} loud frames in {} spans; starts {:+} ms, ends {:+} ms",
        loud.len(),
        spans.len(),
        from.start().millis() as i64 - first.millis() as i64,
        to.end().millis() as i64 - last.millis() as i64,
    );
    assert!(share >= recall, "{name}: only {share:.3} found");
    assert!(from.start().plus_millis(500) >= first && to.end() <= last.plus_millis(500), "{name}");
    spans.len()
}

fn heard(sound: &[f32]) -> Vec<f32> {
    let mut vad = Vad::new();
    let mut probabilities = vad.push(sound);
    probabilities.extend(vad.finish());
    probabilities
}

/// Twenty seconds of mains hum: 50 Hz and its harmonics.
fn hum() -> Vec<f32> {
    let tone = |n: usize, hz: f32| (2.0 * std::f32::consts::PI * hz * n as f32 / 16_000.0).sin();
    (0..20 * SECOND)
        .map(|n| 0.02 * (tone(n, 50.0) + 0.5 * tone(n, 100.0) + 0.3 * tone(n, 150.0)))
        .collect()
}

fn sound_of(file: &Path) -> Vec<f32> {
    let mut stream =
        media::open(file, &PublicSpans::WHOLE, &Default::default(), &media::Decoder::Here).unwrap();
    let mut all = Vec::new();
    while let Some(block) = stream.next_block().unwrap() {
        all.extend(block);
    }
    all
}
