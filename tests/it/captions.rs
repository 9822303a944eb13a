//! Captions by the rules of the broadcasters, over debates of hours, and read by a program that is not ours.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use mitschnitt::domain::{Alignment, MediaTime, TextReview, Transcript};
use mitschnitt::export::{ExportSource, Format, export};
use serde_json::{Value, json};

use crate::harness::root;
use crate::shared::shared;

/// Milliseconds from and to, and lines.
type Caption = (u64, u64, Vec<String>);

fn read(case: &Path, name: &str) -> Value {
    let file = std::fs::File::open(case.join(format!("{name}.json.gz"))).unwrap();
    let mut text = String::new();
    flate2::read::GzDecoder::new(file).read_to_string(&mut text).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// A debate with who speaks when.
fn debate(case: &Path) -> (Transcript, Alignment) {
    let turn = |turn: &Value| {
        let mut turn = turn.clone();
        let name = ["name", "person", "role"].iter().find_map(|key| turn[key].as_str());
        (turn["name"], turn["person"]) = (json!(name), Value::Null);
        (turn["confidence"], turn["evidence"]) = (json!(1.0), json!([]));
        turn
    };
    let turns: Vec<Value> =
        read(case, "truth")["turns"].as_array().unwrap().iter().map(turn).collect();
    let alignment = json!({"format": "mitschnitt.alignment/1", "items": [], "turns": turns});
    let transcript = serde_json::from_value(read(case, "transcript")).unwrap();
    (transcript, serde_json::from_value(alignment).unwrap())
}

fn written(transcript: &Transcript, alignment: Option<&Alignment>, format: Format) -> String {
    let offset = MediaTime::ZERO;
    let source = ExportSource {
        council: None,
        transcript,
        alignment,
        offset,
        address: None,
        review: TextReview::Automatic,
    };
    export(&source, format).unwrap()
}

/// Reads SubRip.
fn captions(srt: &str) -> Vec<Caption> {
    let time = |text: &str| {
        let parts: Vec<u64> = text.split([':', ',']).map(|part| part.parse().unwrap()).collect();
        ((parts[0] * 60 + parts[1]) * 60 + parts[2]) * 1000 + parts[3]
    };
    let blocks = srt.split("\n\n").filter(|block| !block.trim().is_empty());
    blocks
        .map(|block| {
            let mut lines = block.lines().skip(1);
            let (from, to) = lines.next().unwrap().split_once(" --> ").unwrap();
            (time(from), time(to), lines.map(str::to_owned).collect())
        })
        .collect()
}

/// What of a text is not spaces, nor hyphens, some of which captions put in.
fn letters(text: &str) -> impl Iterator<Item = char> {
    text.chars().filter(|c| !c.is_whitespace() && *c != '-')
}

fn cases() -> Vec<PathBuf> {
    let mut folders = vec![root().join("fixtures/cases")];
    folders.extend(shared("data/align"));
    let entries = folders.iter().flat_map(|folder| std::fs::read_dir(folder).unwrap());
    let mut cases: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    cases.retain(|case| case.join("transcript.json.gz").is_file());
    cases.sort();
    cases
}

/// Two lines of 37 characters, one to seven seconds, never two at once; faster than 17 characters a second
/// only where the words of the caption were spoken as fast.
#[test]
fn captions_keep_the_rules_of_the_broadcasters() {
    for case in cases() {
        let (transcript, alignment) = debate(&case);
        let (mut free, mut cut_before) = (0, false);
        let mut letters = transcript.words.iter().flat_map(|w| letters(&w.text).map(move |_| w));
        for (from, to, lines) in captions(&written(&transcript, Some(&alignment), Format::Srt)) {
            let place = format!("{} at {from}: {lines:?}", case.display());
            assert!(matches!(lines.len(), 1 | 2), "{place}");
            assert!(lines.iter().all(|line| line.chars().count() <= 37), "{place}");
            assert!(free <= from && (1_000..=7_000).contains(&(to - from)), "{place}");
            free = to;
            let text = lines.join(" ");
            let text = text.strip_prefix("– ").unwrap_or(&text);
            let mut said = letters.by_ref().take(self::letters(text).count());
            let first = said.next().unwrap();
            let last = said.last().unwrap_or(first);
            // Of a word that is cut between two captions nobody knows when its halves were said.
            let is_cut = std::mem::replace(&mut cut_before, text.ends_with('-')) || cut_before;
            // By so much a caption may come early or late.
            let spoken = last.end_ms.since(first.start_ms).saturating_sub(300);
            let chars = text.chars().count() as u64;
            let is_slow = chars * 1_000 <= (to - from) * 17;
            assert!(is_cut || is_slow || to - from >= spoken, "{place}");
        }
    }
}

/// What a reader of others makes of our captions is what was said, when it was said.
#[test]
fn ffmpeg_reads_captions_as_they_are() {
    let words = [
        "<b>Guten",
        "Tag</b>,",
        "-->",
        "&amp;",
        "{\\an8}",
        "Straßenausbaubeitragssatzungsänderung,",
    ];
    let word = |(n, text): (usize, &str)| json!({"text": text, "start_ms": n * 600, "end_ms": n * 600 + 500});
    let all = words.iter().copied().cycle().take(60).enumerate();
    let transcript = json!({
        "format": "mitschnitt.transcript/1", "media": {"sha256": null, "duration_ms": 40_000},
        "engine": {"name": "test"}, "language": "de", "utterances": [],
        "words": all.map(word).collect::<Vec<_>>(),
    });
    let transcript: Transcript = serde_json::from_value(transcript).unwrap();
    let turn = |from: u64, name: &str| {
        json!({"start_ms": from, "end_ms": from + 12_000, "name": name, "person": null,
               "role": "member", "confidence": 1.0, "evidence": []})
    };
    let alignment = json!({"format": "mitschnitt.alignment/1", "items": [],
        "turns": [turn(0, "Frau <i>Muster</i>"), turn(12_000, "A --> B"), turn(24_000, "&lt;")]});
    let alignment: Alignment = serde_json::from_value(alignment).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let ours = captions(&written(&transcript, Some(&alignment), Format::Srt));
    for (format, name) in [(Format::Vtt, "u.vtt"), (Format::Srt, "u.srt")] {
        let path = dir.path().join(name);
        std::fs::write(&path, written(&transcript, Some(&alignment), format)).unwrap();
        let read = Command::new("ffprobe")
            .args([
                "-v",
                "error",
                "-show_entries",
                "packet=pts_time,duration_time",
                "-of",
                "csv=p=0",
            ])
            .arg(&path)
            .output()
            .unwrap();
        assert!(read.status.success() && read.stderr.is_empty(), "{read:?}");
        let theirs: Vec<(u64, u64)> = String::from_utf8(read.stdout)
            .unwrap()
            .lines()
            .map(|line| {
                let times: Vec<f64> = line.split(',').map(|t| t.parse().unwrap()).collect();
                let ms = |seconds: f64| (seconds * 1000.0).round() as u64;
                (ms(times[0]), ms(times[0] + times[1]))
            })
            .collect();
        let times: Vec<(u64, u64)> = ours.iter().map(|(from, to, _)| (*from, *to)).collect();
        assert_eq!(theirs, times, "{name}");
    }
}
