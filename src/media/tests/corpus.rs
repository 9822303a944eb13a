//! Every file of the shared media folder decodes as long as ffmpeg says, or is refused.

use std::collections::HashMap;
use std::sync::mpsc::Receiver;

use crate::domain::{Channels, PublicSpans, Track};

use super::super::info::Report;
use super::super::timeline::Mask;
use super::super::{decode, ffmpeg, ffprobe};

/// Seconds by which two decoders may differ.
const TOLERANCE: f64 = 0.25;

/// Files where ffmpeg is wrong, with the true length in seconds and the reason.
const FFMPEG_ERRS: [(&str, f64, &str); 3] = [
    (
        "androidx_media-bbb_1ch_8kHz_aac_lc.m4a",
        3.328,
        "ffmpeg counts from the first sound; browsers show the 0.256 s of the empty edit before it, too",
    ),
    (
        "androidx_media-bear-flac-32bit.mka",
        2.741,
        "ffmpeg 5.1 has no 32-bit FLAC; the 16-bit file of the same sound is as long",
    ),
    (
        "flac_testbench-01 - wrong max blocksize.flac",
        4.250,
        "ffmpeg trusts the wrong block size and gives up; STREAMINFO counts 4.249958 s",
    ),
];

#[test]
fn every_shared_file_decodes_or_is_refused_with_a_reason() {
    let Some(folder) = crate::shared::shared("data/media") else { return };
    let table = std::fs::read_to_string(folder.join("expected.csv")).unwrap();
    let mut wrong = Vec::new();
    let only = std::env::var("MITSCHNITT_ONLY").unwrap_or_default();
    for row in rows(&table).iter().filter(|r| r["file"].contains(&only)) {
        let file = &row["file"];
        let ffmpeg: f64 = row["decoded_s_16k_mono"].parse().unwrap_or(0.0);
        let exception = FFMPEG_ERRS.iter().find(|(name, ..)| name == file);
        let expected = exception.map_or(ffmpeg, |&(_, seconds, _)| seconds);
        match super::decode(&folder.join(file), &PublicSpans::WHOLE) {
            Ok(sound) => {
                let seconds = sound.len() as f64 / f64::from(super::super::SAMPLE_RATE);
                let deviation = seconds - expected;
                println!("{deviation:+8.3} s  {seconds:8.3} s  {file}");
                if deviation.abs() > TOLERANCE {
                    wrong.push(format!("{file}: {seconds:.3} s instead of {expected:.3} s"));
                }
            }
            Err(e) => {
                println!(" refused ({ffmpeg:.3} s by ffmpeg)  {e}");
                if e.to_string().len() < file.len() + 20 {
                    wrong.push(format!("{file}: refused without a reason"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Milliseconds by which the two ways may place the same sound apart: ffmpeg counts from the
/// first packet even where it is priming before the start.
const APART_MS: usize = 10;

#[test]
fn symphonia_and_ffmpeg_place_the_same_sound_at_the_same_time() {
    let Some(folder) = crate::shared::shared("data/media") else { return };
    let table = std::fs::read_to_string(folder.join("expected.csv")).unwrap();
    let mut compared = 0;
    for row in rows(&table) {
        let path = folder.join(&row["file"]);
        let mask = Mask::new(&PublicSpans::WHOLE);
        let native =
            blocks(&decode::start(path.clone(), mask.clone(), Default::default()).unwrap());
        let Ok(headers) = ffprobe::probe(&path, &Track::First) else { continue };
        if native.len() < 16_000 || !row["ffmpeg_first_error"].is_empty() {
            continue; // too short to tell, not symphonia's, or ffmpeg stumbled over it
        }
        let foreign =
            blocks(&ffmpeg::start(&path, headers, &mask, Channels::Mix, 0).unwrap().reports);
        let Some((shift, likeness)) = best_shift(&envelope(&native), &envelope(&foreign)) else {
            continue; // nothing but silence
        };
        println!("{shift:+4} ms, likeness {likeness:.3}: {}", row["file"]);
        compared += 1;
        assert!(shift.unsigned_abs() <= APART_MS, "{}: {shift} ms apart", row["file"]);
    }
    assert!(compared > 20, "only {compared} files were compared");
}

fn blocks(reports: &Receiver<Report>) -> Vec<f32> {
    let mut sound = Vec::new();
    for report in reports {
        if let Report::Block(block) = report {
            sound.extend(block);
        }
    }
    sound
}

/// The loudness of every millisecond, at most of three seconds.
fn envelope(sound: &[f32]) -> Vec<f32> {
    sound.chunks(16).take(3_000).map(|c| c.iter().map(|s| s.abs()).sum()).collect()
}

/// The shift in milliseconds at which `b` is most like `a`, and how much (correlation).
fn best_shift(a: &[f32], b: &[f32]) -> Option<(isize, f32)> {
    let at = |b: &[f32], n: isize| usize::try_from(n).ok().and_then(|n| b.get(n).copied());
    let norm = |v: &[f32]| v.iter().map(|x| x * x).sum::<f32>().sqrt();
    let size = norm(a) * norm(b);
    let product = |shift: isize| -> f32 {
        a.iter().enumerate().filter_map(|(n, x)| Some(x * at(b, n as isize + shift)?)).sum()
    };
    let best = (-150..=150).map(|s| (s, product(s) / size)).max_by(|x, y| x.1.total_cmp(&y.1));
    best.filter(|_| size > 1.0)
}

/// The rows of a comma-separated table by column name; quoted fields hold commas.
fn rows(table: &str) -> Vec<HashMap<String, String>> {
    let mut lines = table.lines().map(fields);
    let head = lines.next().unwrap();
    lines.map(|line| head.iter().cloned().zip(line).collect()).collect()
}

fn fields(line: &str) -> Vec<String> {
    let mut fields = vec![String::new()];
    let mut quoted = false;
    for c in line.chars() {
        match c {
            '"' => quoted = !quoted,
            ',' if !quoted => fields.push(String::new()),
            c => fields.last_mut().unwrap().push(c),
        }
    }
    fields
}
