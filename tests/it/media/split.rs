//! A microphone on each channel: who speaks is found although every voice is in every microphone.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use mitschnitt::domain::{Channels, MediaTime, PublicSpans, SoundChoice, Span};
use mitschnitt::media;

use super::{decoder, hear, open};
use crate::harness::{files, root};

const SPLIT: SoundChoice =
    SoundChoice { track: mitschnitt::domain::Track::First, channels: Channels::Split };

/// Samples of 20 ms at 16 kHz.
const FRAME: usize = 320;

/// How the three microphones are set: whoever is loud in one must not win by that alone.
const GAINS: [f32; 3] = [0.9, 0.35, 0.6];

/// The voice of one in the microphones of the others: 12 dB less.
const BLEED: f32 = 0.25;

/// Who speaks in turn.
const TURNS: [usize; 7] = [0, 1, 0, 2, 1, 2, 0];

/// A meeting of recorded voices, and who really speaks in each frame.
struct Meeting {
    channels: [Vec<f32>; 3],
    truth: Vec<Option<usize>>,
}

fn meeting() -> Meeting {
    let mut voices = files(&root().join("fixtures/audio"));
    voices.retain(|p| p.extension().is_some_and(|e| e == "webm"));
    voices.sort();
    let mut meeting = Meeting { channels: Default::default(), truth: Vec::new() };
    for (turn, path) in TURNS.iter().zip(&voices) {
        let mut voice = hear(&mut open(path, &SoundChoice::default()).unwrap()).unwrap();
        voice.truncate(voice.len() / FRAME * FRAME);
        let peak = voice.iter().fold(0.0f32, |m, s| m.max(s.abs()));
        let energy = |f: &[f32]| f.iter().map(|s| (s / peak).powi(2)).sum::<f32>() / FRAME as f32;
        // Speech is what is less than 30 dB below the loudest frame.
        let loudest = voice.chunks(FRAME).map(energy).fold(0.0, f32::max);
        meeting
            .truth
            .extend(voice.chunks(FRAME).map(|f| (energy(f) > loudest / 1e3).then_some(*turn)));
        for (channel, samples) in meeting.channels.iter_mut().enumerate() {
            let share = if channel == *turn { 1.0 } else { BLEED } * 0.8 / peak;
            samples.extend(voice.iter().map(|s| s * share));
        }
    }
    // Noise of each microphone's own, 50 dB below full scale: a linear congruential generator.
    let mut state = 1u32;
    for (samples, gain) in meeting.channels.iter_mut().zip(GAINS) {
        for sample in samples {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let noise = (state >> 8) as f32 / (1 << 23) as f32 - 1.0;
            *sample = (*sample + noise * 0.0055) * gain;
        }
    }
    meeting
}

/// Writes the meeting as a recording of three channels.
fn record(meeting: &Meeting, target: &Path, codec: &str) {
    let mut bytes = Vec::new();
    for n in 0..meeting.channels[0].len() {
        meeting.channels.iter().for_each(|c| bytes.extend(c[n].to_le_bytes()));
    }
    let raw = target.with_extension("raw");
    std::fs::write(&raw, bytes).unwrap();
    let made = Command::new("ffmpeg")
        .args(["-nostdin", "-v", "fatal", "-y", "-f", "f32le", "-ar", "16000", "-ac", "3"])
        // Not what ffmpeg takes three channels for by itself: a decoder must not mix them anew.
        .args(["-channel_layout", "3.0", "-i"])
        .arg(raw)
        .args(["-ar", "48000", "-c:a", codec])
        .arg(target)
        .stdin(Stdio::null())
        .status();
    assert!(made.unwrap().success());
}

#[test]
fn the_microphone_that_is_spoken_into_is_heard() {
    let folder = tempfile::tempdir().unwrap();
    let meeting = meeting();
    // symphonia reads the first two, ffmpeg the third.
    for (name, codec) in [("a.flac", "flac"), ("a.wav", "pcm_s24le"), ("a.wv", "wavpack")] {
        let path: PathBuf = folder.path().join(name);
        record(&meeting, &path, codec);
        let mut stream = open(&path, &SPLIT).unwrap_or_else(|e| panic!("{e}"));
        let heard = hear(&mut stream).unwrap_or_else(|e| panic!("{e}"));
        assert!(heard.len().abs_diff(meeting.channels[0].len()) < 1_600, "{name}: {}", heard.len());
        let seats = stream.seats();
        assert!(seats.windows(2).all(|w| w[0].0.end() <= w[1].0.start()), "{seats:?}");
        let (mut spoken, mut named, mut taken) = (0, 0, 0);
        for (n, who) in meeting.truth.iter().enumerate() {
            let Some(who) = who else { continue };
            spoken += 1;
            let t = MediaTime::from_millis(n as u64 * 20 + 10);
            named += usize::from(seats.iter().any(|(s, c)| s.contains(t) && c.index() == *who));
            taken += usize::from(is_from(&meeting.channels, &heard, n * FRAME, *who));
        }
        let share = |n: usize| 100.0 * n as f64 / spoken as f64;
        println!(
            "{name}: of {:.1} s of speech {:.1} % from the right microphone, {:.1} % with the right seat",
            spoken as f64 / 50.0,
            share(taken),
            share(named),
        );
        assert!(share(taken) >= 95.0 && share(named) >= 95.0, "{name}: {seats:?}");
    }
}

/// Whether the frame at sample `at` is most like channel `who`.
fn is_from(channels: &[Vec<f32>; 3], heard: &[f32], at: usize, who: usize) -> bool {
    let Some(frame) = heard.get(at..at + FRAME) else { return false };
    let difference =
        |c: &Vec<f32>| -> f32 { frame.iter().zip(&c[at..]).map(|(a, b)| (a - b).powi(2)).sum() };
    let differences: Vec<f32> = channels.iter().map(difference).collect();
    differences.iter().all(|d| *d >= differences[who])
}

#[test]
fn nobody_has_a_seat_where_it_is_not_public() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.flac");
    record(&meeting(), &path, "flac");
    let at = MediaTime::from_millis;
    let public = PublicSpans::only(vec![Span::new(at(3_000), at(9_000)).unwrap()]);
    let mut stream = media::open(&path, &public, &SPLIT, &decoder()).unwrap();
    let heard = hear(&mut stream).unwrap();
    assert_eq!(heard.len(), 9_000 * 16);
    assert!(heard[..3_000 * 16].iter().all(|s| *s == 0.0));
    assert!(!stream.seats().is_empty());
    assert!(
        stream.seats().iter().all(|(s, _)| s.start() >= at(3_000) && s.end() <= at(9_000)),
        "{:?}",
        stream.seats()
    );
}

#[test]
fn one_channel_cannot_be_split() {
    let error = open(&root().join("fixtures/audio/de_rhasspy-0004.webm"), &SPLIT)
        .and_then(|mut s| hear(&mut s))
        .expect_err("one channel");
    println!("{error}");
    assert!(error.to_string().contains("Kanäle: 1"), "{error}");
}
