//! The figures that the README promises, measured over cases with known truth: none may fall by more
//! than a hundredth below what `fixtures/scores.json` records. Invented cases lie in the repository,
//! real ones beside it. `MITSCHNITT_RECORD=1` records anew: what fell is then seen in the change.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use mitschnitt::domain::{Council, MediaTime, SpeakerLabel, Transcript, Utterance};
use mitschnitt::eval::{self, AgendaScore, SpeakerScore, Truth};
use mitschnitt::{align, ingest};

use crate::harness::{Archive, root};
use crate::shared::shared;

/// By how much a figure may fall.
const SLACK: f64 = 0.01;

type Figures = BTreeMap<String, f64>;

/// Compares figures with those recorded under `name`, or records them.
#[track_caller]
pub fn compare(name: &str, figures: &Figures) {
    // Tests run side by side, and each records its own.
    static FILE: Mutex<()> = Mutex::new(());
    let _alone = FILE.lock().unwrap();
    let path = root().join("fixtures/scores.json");
    let text = std::fs::read_to_string(&path).unwrap();
    let mut recorded: BTreeMap<String, Figures> = serde_json::from_str(&text).unwrap();
    if std::env::var_os("MITSCHNITT_RECORD").is_some() {
        let rounded = |value: &f64| (value * 1000.0).round() / 1000.0;
        let figures = figures.iter().map(|(key, value)| (key.clone(), rounded(value)));
        recorded.insert(name.to_owned(), figures.collect());
        let text = serde_json::to_string_pretty(&recorded).unwrap();
        std::fs::write(&path, text + "\n").unwrap();
        return;
    }
    let known = recorded.get(name).unwrap_or_else(|| panic!("{name} is not in scores.json"));
    assert!(known.keys().eq(figures.keys()), "{name}: other figures than in scores.json");
    let mut fallen = Vec::new();
    for (figure, value) in figures {
        let before = known[figure];
        println!("{name}: {figure} {value:.3} (recorded {before:.3})");
        if *value < before - SLACK {
            fallen.push(format!("{name}: {figure} fell from {before:.3} to {value:.3}"));
        }
    }
    assert!(fallen.is_empty(), "{fallen:#?}");
}

/// A meeting with its transcript and what was really said by whom under which item.
struct Case {
    council: Council,
    transcript: Transcript,
    truth: Truth,
}

impl Case {
    fn read(folder: &Path) -> Self {
        Self {
            council: ingest::align_input(&gunzip(&folder.join("meeting.json.gz"))).unwrap(),
            transcript: from_json(&folder.join("transcript.json.gz")),
            truth: from_json(&folder.join("truth.json.gz")),
        }
    }
}

fn from_json<T: serde::de::DeserializeOwned>(path: &Path) -> T {
    serde_json::from_str(&gunzip(path)).unwrap()
}

fn gunzip(path: &Path) -> String {
    let mut text = String::new();
    let file = std::fs::File::open(path).unwrap();
    std::io::Read::read_to_string(&mut flate2::read::GzDecoder::new(file), &mut text).unwrap();
    text
}

fn folders(folder: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    found.retain(|path| path.is_dir());
    found.sort();
    found
}

/// Measures the alignment of all these cases together.
fn aligned(cases: &[PathBuf]) -> Figures {
    let (mut agenda, mut speakers) = (AgendaScore::default(), SpeakerScore::default());
    for folder in cases {
        let case = Case::read(folder);
        let found = align::align(&case.transcript, &case.council, &[]);
        agenda += eval::agenda(&case.truth, &found, &case.transcript);
        speakers += eval::speakers(&case.truth, &found, &case.transcript);
    }
    let figures = [
        ("item time", agenda.time_share()),
        ("item starts F1 at 10 s", agenda.f1_10_s()),
        ("items above 0.9 right", agenda.confident_share()),
        ("words to the right speaker", speakers.precision()),
        ("words given to anyone", speakers.coverage()),
        ("turns above 0.9 right", speakers.confident_share()),
    ];
    figures.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

#[test]
fn invented_debates_are_aligned_as_recorded() {
    for folder in folders(&root().join("fixtures/cases")) {
        let name = folder.file_name().unwrap().to_str().unwrap();
        compare(&format!("align {name}"), &aligned(std::slice::from_ref(&folder)));
    }
}

#[test]
fn real_debates_are_aligned_as_recorded() {
    let Some(folder) = shared("data/align") else { return };
    let mut kinds: BTreeMap<String, Vec<PathBuf>> = BTreeMap::new();
    for case in folders(&folder) {
        let name = case.file_name().unwrap().to_str().unwrap().to_owned();
        let (from, _) = name.split_once('-').unwrap();
        let (_, kind) = name.rsplit_once('-').unwrap();
        kinds.entry(format!("align real {from} {kind}")).or_default().push(case);
    }
    for (kind, cases) in kinds {
        compare(&kind, &aligned(&cases));
    }
}

/// The same transcript with an anonymous voice for everybody, one turn in twenty in a wrong one: about
/// what programs that tell voices apart reach.
fn with_voices(case: &Case) -> Transcript {
    let mut transcript = case.transcript.clone();
    let turns = &case.truth.turns;
    let voice = |at: MediaTime| {
        let turn = turns.partition_point(|t| t.start_ms <= at).checked_sub(1)?;
        let heard = if turn % 20 == 7 { turn - 1 } else { turn };
        let who = turns[heard].person.as_ref()?;
        let number = turns.iter().position(|turn| turn.person.as_ref() == Some(who))?;
        Some(SpeakerLabel(format!("Stimme {number}")))
    };
    let mut utterances: Vec<Utterance> = Vec::new();
    for (word, label) in transcript.words.iter().map(|w| voice(w.start_ms)).enumerate() {
        match utterances.last_mut() {
            Some(last) if last.speaker_label == label => last.n_words += 1,
            _ => utterances.push(Utterance { first_word: word, n_words: 1, speaker_label: label }),
        }
    }
    transcript.utterances = utterances;
    transcript
}

#[test]
fn voices_told_apart_help_to_tell_who_speaks() {
    let cases = folders(&root().join("fixtures/cases"));
    let (mut without, mut with) = (SpeakerScore::default(), SpeakerScore::default());
    for case in cases.iter().map(|folder| Case::read(folder)) {
        for (transcript, score) in
            [(case.transcript.clone(), &mut without), (with_voices(&case), &mut with)]
        {
            let found = align::align(&transcript, &case.council, &[]);
            *score += eval::speakers(&case.truth, &found, &transcript);
        }
    }
    println!("without voices\n{without}\nwith\n{with}");
    assert!(without.words > 10_000, "{} words tell nothing", without.words);
    let right = |score: &SpeakerScore| score.precision() * score.coverage();
    assert!(right(&with) > right(&without));
}

#[test]
fn debates_are_found_as_recorded() {
    let archive = Archive::new();
    let folder = root().join("fixtures/debates");
    let speeches = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
    let speeches: Vec<PathBuf> =
        speeches.filter(|p| p.to_string_lossy().contains("speeches.jsonl")).collect();
    let [speeches] = speeches.as_slice() else { panic!("one file, not {speeches:?}") };
    archive.run(&["import", speeches.to_str().unwrap()]).expect(0);
    let measured = archive.run(&["eval", "search", folder.to_str().unwrap(), "--json"]);
    let measured = measured.expect(0).json();
    let mut figures = Figures::new();
    let kinds = measured["pooled"]["kinds"].as_object().unwrap();
    assert_eq!(kinds.len(), 4, "{measured}");
    for (kind, sums) in kinds {
        for measure in ["ndcg", "reciprocal_rank", "recall"] {
            let mean = sums[measure].as_f64().unwrap() / sums["queries"].as_f64().unwrap();
            figures.insert(format!("{kind} {measure}"), mean);
        }
    }
    compare("search", &figures);
}
