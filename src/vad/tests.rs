//! The detector on synthetic and human voices, alone and among music, and on what is no voice.

use std::f32::consts::TAU;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::Command;

use proptest::prelude::*;

use super::*;
use crate::domain::PublicSpans;
use crate::media;

const SECOND: usize = 16_000;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// However the samples are cut into pushes, every frame is answered once and in order, also by
    /// a used detector: with what the detector itself says, or as voiceless.
    #[test]
    fn frames_are_answered_in_order(
        cuts in proptest::collection::vec(1usize..3 * SECOND, 1..9), length in 0usize..30 * SECOND,
    ) {
        let sound = &sample()[..length];
        let mut alone = Detector::default();
        let mut vad = Vad::new();
        let whole = heard(sound);
        for cuts in [&cuts[..], &[usize::MAX]] {
            let mut got = Vec::new();
            let mut rest = sound;
            for cut in cuts {
                let (now, later) = rest.split_at(rest.len().min(*cut));
                got.extend(vad.push(now));
                rest = later;
            }
            got.extend(vad.push(rest));
            got.extend(vad.finish());
            prop_assert_eq!(got.len(), length.div_ceil(FRAME));
            prop_assert_eq!(&got, &whole);
            alone.reset();
            for (n, heard) in got.iter().enumerate() {
                let mut frame = sound[n * FRAME..length.min((n + 1) * FRAME)].to_vec();
                frame.resize(FRAME, 0.0);
                let speech = alone.predict_f32(&frame);
                let expected = if heard.voiceless { 0.0 } else { speech };
                prop_assert_eq!(heard.speech, expected, "frame {}", n);
                prop_assert!(!heard.voiceless || speech >= ACTIVE);
            }
        }
    }

    #[test]
    fn the_pitch_of_a_voice_is_found(hz in 75f32..400.0, offset in -0.3f32..0.3) {
        let voiced = |n: usize| (1..6).map(|k| tone(n, hz * k as f32) / k as f32).sum::<f32>();
        let mut tones = Tones::new();
        let sound: Vec<f32> = (0..SECOND).map(|n| offset + 0.1 * voiced(n)).collect();
        sound.chunks_exact(FRAME).for_each(|frame| tones.push(frame));
        let found: Vec<_> = std::iter::from_fn(|| tones.next_tone()).skip(10).collect();
        prop_assert!(found.len() > 40);
        for tone in found {
            let above = tone.pitch.expect("a pitch") - 12.0 * hz.log2();
            // High voices may be heard an octave lower: a glide stays a glide.
            let near = |octaves: f32| (above + 12.0 * octaves).abs() < 0.2;
            prop_assert!(near(0.0) || hz > 150.0 && near(1.0), "{above} semitones from {hz} Hz");
        }
    }
}

/// Half a minute of everything: a voice, a tune, noise, nothing.
fn sample() -> &'static [f32] {
    static SAMPLE: std::sync::OnceLock<Vec<f32>> = std::sync::OnceLock::new();
    SAMPLE.get_or_init(|| {
        let voice = sound_of(&human_voices().next().unwrap());
        let parts = [&voice[..], &music()[..9 * SECOND], &noise(0.1)[..5 * SECOND], &voice];
        let mut all = parts.concat();
        all.resize(30 * SECOND, 0.0);
        all
    })
}

#[test]
fn silence_hum_noise_and_music_are_no_speech() {
    for (what, sound) in [
        ("silence", vec![0.0; 20 * SECOND]),
        ("hum", hum(0.02)),
        ("quiet noise", noise(0.003)),
        ("loud noise", noise(0.1)),
        ("music", music()),
    ] {
        // Noise that sets in suddenly sounds like a consonant for a moment.
        let allowed = if what == "loud noise" { 30 } else { 0 };
        let frames = heard(&sound).iter().filter(|h| h.speech >= 0.5).count();
        println!("{what}: {frames} of {} frames taken for speech", sound.len() / FRAME);
        assert!(frames <= allowed, "{what}: {frames} frames taken for speech");
    }
    let doubted = heard(&music()).iter().filter(|h| h.voiceless).count();
    assert!(doubted > 600, "the detector alone took music for speech, and that is told: {doubted}");
}

/// Organs, pads, bells, basses: tones that are held, step or die away, low enough for a voice.
#[test]
fn tones_that_stand_or_die_away_are_no_speech() {
    let tones: [(&str, &[f32]); 4] = [
        ("pure", &[1.0]),
        ("soft", &[1.0, 0.3, 0.1]),
        ("hollow", &[1.0, 0.0, 0.7, 0.0, 0.5, 0.0, 0.3]),
        ("bright", &[1.0, 0.5, 0.33, 0.25, 0.2, 0.17, 0.14, 0.12]),
    ];
    // Of a chord that begins now and then: how far its root moves, in semitones; seconds; how it dies.
    let pieces: [(&str, &[i32], f32, f32); 4] = [
        ("held", &[0], 12.0, 0.0),
        ("stepping", &[0, 2, 4, 5, 7, 5, 4, 2], 1.0, 0.0),
        ("slow", &[0, 5, 7, 3], 3.0, 0.0),
        ("dying away", &[0, 5, 7, 3], 1.5, 1.2),
    ];
    let (mut taken, mut all) = (0, 0);
    for (tone_name, partials) in tones {
        for (piece, steps, length, dies) in pieces {
            for root in [65.4f32, 130.8, 261.6] {
                let sound: Vec<f32> = (0..12 * SECOND)
                    .map(|n| {
                        let begun = (n as f32 / (length * SECOND as f32)) as usize;
                        let into = n as f32 / SECOND as f32 - begun as f32 * length;
                        let moved = root * 2f32.powf(steps[begun % steps.len()] as f32 / 12.0);
                        let chord = [1.0, 1.2599, 1.4983].map(|ratio| {
                            let partial = |(k, weight): (usize, &f32)| {
                                weight * tone(n, moved * ratio * (k + 1) as f32)
                            };
                            partials.iter().enumerate().map(partial).sum::<f32>()
                        });
                        0.1 * (into / 0.02).min(1.0)
                            * (-into * dies).exp()
                            * chord.iter().sum::<f32>()
                    })
                    .collect();
                let speech = heard(&sound).iter().filter(|h| h.speech >= 0.5).count();
                if speech > 0 {
                    println!("{tone_name} {piece} {root}: {speech} frames taken for speech");
                }
                (taken, all) = (taken + speech, all + sound.len() / FRAME);
            }
        }
    }
    assert!(taken * 100 <= all * 3, "{taken} of {all} frames taken for speech");
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
            return crate::shared::skipped("espeak-ng is not installed");
        }
        let spans = found(voice, &sound_of(&file), 0.97);
        assert!(spans >= 2, "{voice}: five sentences in {spans} spans leave no place to cut");
    }
}

#[test]
fn human_voices_are_found() {
    for file in human_voices() {
        found(&file.display().to_string(), &sound_of(&file), 0.94);
    }
}

/// What the look at seconds of sound must not do: take a voice for music or applause, because
/// somebody speaks in noise, or right after a tune.
#[test]
fn no_voice_is_denied() {
    let (hum, noise, music) = (hum(1.0), noise(1.0), music());
    for file in human_voices() {
        let voice = sound_of(&file);
        let mixed = |other: &[f32], db: f32| -> Vec<f32> {
            let other = &other[..voice.len().min(other.len())];
            let share = rms(&voice) / rms(other) * 10f32.powf(-db / 20.0);
            voice.iter().zip(other).map(|(v, o)| v + share * o).collect()
        };
        let tune: Vec<f32> = music.iter().map(|s| 0.3 * s).collect();
        for (how, sound) in [
            ("alone", voice.clone()),
            ("quietly", voice.iter().map(|s| s * 0.03).collect()),
            ("in noise at 10 dB", mixed(&noise, 10.0)),
            ("over a hum at 10 dB", mixed(&hum, 10.0)),
            ("with an offset", voice.iter().map(|s| s + 0.2).collect()),
            ("between tunes", [&tune, &voice[..], &tune].concat()),
        ] {
            let at = if how == "between tunes" { tune.len() / FRAME } else { 0 };
            let all = heard(&sound);
            let frames = &all[at..at + voice.len().min(sound.len()) / FRAME];
            let denied = frames.iter().filter(|h| h.voiceless).count();
            // The end of a word may be lost to the tune that follows it.
            let lost = if how == "between tunes" { 10 } else { 0 };
            assert!(denied <= lost, "{} {how}: {denied} frames denied", file.display());
            assert!(frames.iter().any(|h| h.speech >= 0.5), "{} {how}", file.display());
        }
        let doubted = heard(&[&tune, &voice[..], &tune].concat());
        let doubted = doubted.iter().filter(|h| h.voiceless).count();
        assert!(doubted > 1000, "tunes around {}: {doubted} frames", file.display());
    }
}

fn human_voices() -> impl Iterator<Item = PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/audio");
    let files = std::fs::read_dir(folder).unwrap().map(|f| f.unwrap().path());
    files.filter(|f| f.extension().is_some_and(|e| e == "webm"))
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
    let spans = spans(&heard(&sound));
    let hit = loud.iter().filter(|n| spans.iter().any(|s| s.contains(n))).count();
    let share = hit as f64 / loud.len() as f64;
    let (first, last) = (loud[0], loud[loud.len() - 1] + 1);
    let (Some(from), Some(to)) = (spans.first(), spans.last()) else { panic!("{name}: no speech") };
    println!("{name}: {share:.3} of {} loud frames in {} spans", loud.len(), spans.len());
    assert!(share >= recall, "{name}: only {share:.3} found");
    assert!(from.start + 31 >= first && to.end <= last + 31, "{name}: {spans:?}");
    spans.len()
}

/// Stretches of speech: frames at least 0.4 probable with 96 ms before them, no clicks.
fn spans(heard: &[VoiceActivity]) -> Vec<Range<usize>> {
    let mut spans: Vec<Range<usize>> = Vec::new();
    let likely = heard.windows(3).enumerate().filter(|(_, w)| w.iter().all(|h| h.speech >= 0.4));
    for (frame, _) in likely {
        let (start, end) = (frame.saturating_sub(6), frame + 3);
        match spans.last_mut() {
            // 112 ms of silence are a pause inside of speech.
            Some(last) if start <= last.end + 1 => last.end = end,
            _ => spans.push(start..end),
        }
    }
    spans
}

fn heard(sound: &[f32]) -> Vec<VoiceActivity> {
    let mut vad = Vad::new();
    let mut all = vad.push(sound);
    all.extend(vad.finish());
    all
}

fn rms(sound: &[f32]) -> f32 {
    (sound.iter().map(|s| s * s).sum::<f32>() / sound.len() as f32).sqrt()
}

fn tone(n: usize, hz: f32) -> f32 {
    (TAU * hz * n as f32 / SECOND as f32).sin()
}

/// Twenty seconds of mains hum: 50 Hz and its harmonics.
fn hum(level: f32) -> Vec<f32> {
    let at = |n: usize| tone(n, 50.0) + 0.5 * tone(n, 100.0) + 0.3 * tone(n, 150.0);
    (0..20 * SECOND).map(|n| level * at(n)).collect()
}

/// Twenty seconds of white noise.
fn noise(level: f32) -> Vec<f32> {
    let mut state = 1u32;
    let mut next = move || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as f32 / (1u32 << 23) as f32 - 1.0
    };
    (0..20 * SECOND).map(|_| next() * level).collect()
}

/// Twenty seconds of a tune over triads, four notes a second.
fn music() -> Vec<f32> {
    const TUNE: [f32; 8] = [440.0, 493.9, 554.4, 659.3, 587.3, 554.4, 493.9, 415.3];
    const ROOTS: [f32; 4] = [110.0, 146.8, 164.8, 110.0];
    let voice = |n: usize, hz: f32| (1..=4).map(|k| tone(n, hz * k as f32) / k as f32).sum::<f32>();
    let at = |n: usize| {
        let root = ROOTS[n / (2 * SECOND) % 4];
        let triad: f32 = [1.0, 1.26, 1.5].iter().map(|ratio| voice(n, root * ratio)).sum();
        let note = (n % (SECOND / 4)) as f32 / SECOND as f32;
        0.06 * triad + 0.2 * (-5.0 * note).exp() * voice(n, TUNE[n / (SECOND / 4) % 8])
    };
    (0..20 * SECOND).map(at).collect()
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
