//! Real input: a human voice, and council data as real servers give it.

use std::path::Path;

use mitschnitt::eval::{self, normalize};
use serde_json::Value;

use crate::harness::{Archive, ffmpeg, files, root};
use crate::shared::{shared, soak};

/// From a WebM with Opus to a word error rate, with the model that ships with the program: all 28
/// sentences, in the short form every fourth.
#[test]
fn a_human_voice_is_understood() {
    let archive = Archive::new();
    let audio = root().join("fixtures/audio");
    let (every, most) = if soak() { (1, 0.27) } else { (4, 0.35) };
    let table = std::fs::read_to_string(audio.join("transcripts.tsv")).unwrap();
    let lines: Vec<&str> = table.lines().filter(|line| line.contains(".webm\t")).collect();
    assert_eq!(lines.len(), 28);
    let chosen: Vec<&str> = lines.into_iter().step_by(every).collect();
    for line in &chosen {
        let file = line.split('\t').next().unwrap();
        std::fs::copy(audio.join(file), archive.dir().join(file)).unwrap();
    }
    std::fs::write(archive.dir().join("transcripts.tsv"), chosen.join("\n")).unwrap();
    let folder = archive.dir().to_str().unwrap();
    let output = archive.run(&["eval", "wer", folder, "--json"]).expect(0).json();
    let count = |what: &str| output["pooled"][what].as_f64().unwrap();
    let wrong = count("substitutions") + count("deletions") + count("insertions");
    let wer = wrong / count("words");
    println!("{} sentences in a human voice: {:.1} % word errors", chosen.len(), wer * 100.0);
    assert!(wer <= most, "word error rate {wer:.3}");
}

/// A meeting full of names of a human voice, with a model of one's own: put in, heard, its names right
/// letter for letter, found, and the link lands on the word.
#[test]
fn names_in_a_human_voice_are_heard_found_and_linked() {
    let Some(folder) = shared("data/real-speech") else { return };
    let archive = Archive::new();
    let model = archive.dir().join("eigenes.bin");
    std::fs::copy(root().join("fixtures/models/whisper-base-q8_0.bin"), &model).unwrap();
    archive.run(&["ingest", folder.join("meeting.toml").to_str().unwrap()]).expect(0);
    archive.run(&["run", "--model", model.to_str().unwrap()]).expect(0);

    let transcript = archive.run(&["export", "kt-names", "--format", "json"]).expect(0).json();
    let heard = texts(&transcript);
    let sentences = read(&folder.join("names.json"));
    let said: Vec<&str> = sentences
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|s| s["text"].as_str().unwrap().split_whitespace())
        .collect();
    let case = archive.dir().join("names");
    std::fs::create_dir(&case).unwrap();
    std::fs::write(case.join("ref.txt"), said.join(" ")).unwrap();
    std::fs::copy(folder.join("terms.json"), case.join("terms.json")).unwrap();
    let names = ["eval", "names", case.to_str().unwrap(), "--meeting", "kt-names"];
    println!("{}", archive.run(&names).expect(0).stdout);
    let score = archive.run(&[&names[..], &["--json"]].concat()).expect(0).json();
    let corrected = &score["pooled"]["corrected"];
    let (complete, all) =
        (corrected["complete"].as_u64().unwrap(), corrected["names"].as_u64().unwrap());
    assert!(complete * 100 >= all * 85, "{score}");

    let count = |words: &[&str], term: &str| words.iter().filter(|w| bare(w) == term).count();
    let terms = read(&folder.join("terms.json"));
    let terms: Vec<&str> = terms.as_array().unwrap().iter().filter_map(Value::as_str).collect();

    // Names that begin a sentence, whose time is known.
    let mut landed = 0;
    for sentence in sentences.as_array().unwrap() {
        let first = bare(sentence["text"].as_str().unwrap().split(' ').next().unwrap());
        if !terms.contains(&first) || count(&said, first) > 1 || count(&heard, first) == 0 {
            continue;
        }
        let answer = archive.run(&["search", "--json", "--", &format!("\"{first}\"")]).expect(0);
        let snippet = answer.json()["hits"][0]["snippet"].clone();
        let part = snippet.as_array().unwrap().iter().find(|part| part["hit"] == true).cloned();
        let found = part.unwrap()["start_ms"].as_u64().unwrap();
        let start = sentence["start_ms"].as_u64().unwrap();
        assert!(found.abs_diff(start) <= 200, "{first} is said at {start} and found at {found}");
        landed += 1;
    }
    assert!(landed >= 3, "{landed} names begin a sentence");
}

#[test]
fn two_minutes_of_a_human_voice_are_heard_on_the_second_and_doubted_where_they_are_wrong() {
    let Some(folder) = shared("data/real-speech") else { return };
    let archive = Archive::new();
    let sound = archive.dir().join("zwei-minuten.wav");
    let whole = folder.join("long.webm");
    ffmpeg(&["-i", whole.to_str().unwrap(), "-t", "118", "-ac", "1", "-ar", "16000"], &sound);
    let transcript = archive.run(&["transcribe", sound.to_str().unwrap()]).expect(0).json();
    let sentences = read(&folder.join("long.json"));
    let said: Vec<&Value> = sentences
        .as_array()
        .unwrap()
        .iter()
        .filter(|sentence| sentence["end_ms"].as_u64().unwrap() < 117_500)
        .collect();
    let text: Vec<&str> = said.iter().map(|s| s["text"].as_str().unwrap()).collect();
    let score = eval::wer(
        &normalize::words(&text.join(" ")),
        &normalize::words(&texts(&transcript).join(" ")),
    );
    println!("{score}");
    assert!(score.wer() <= 0.26, "{score}");

    let words = transcript["words"].as_array().unwrap();
    let starts: Vec<u64> = words.iter().map(|w| w["start_ms"].as_u64().unwrap()).collect();
    let near = |sentence: &&&Value| {
        let start = sentence["start_ms"].as_u64().unwrap();
        starts.iter().any(|at| at.abs_diff(start) <= 200)
    };
    let on_time = said.iter().filter(near).count();
    println!("{on_time} of {} sentences begin within 0.2 s", said.len());
    assert!(on_time * 100 >= said.len() * 95, "{on_time} of {}", said.len());

    let doubted: Vec<(u64, u64)> = transcript["warnings"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|warning| warning["kind"] == "low_confidence")
        .map(|w| (w["start_ms"].as_u64().unwrap(), w["end_ms"].as_u64().unwrap()))
        .collect();
    let is_doubted = |at: &&u64| doubted.iter().any(|(from, to)| (from..to).contains(at));
    let share = starts.iter().filter(is_doubted).count() as f64 / starts.len() as f64;
    println!("{:.0} % of the words are doubted", share * 100.0);
    assert!((0.05..0.35).contains(&share), "{share}");
}

fn read(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

fn texts(transcript: &Value) -> Vec<&str> {
    transcript["words"].as_array().unwrap().iter().map(|w| w["text"].as_str().unwrap()).collect()
}

/// A word without the marks around it.
fn bare(word: &str) -> &str {
    word.trim_matches(|c: char| !c.is_alphanumeric())
}

#[test]
fn every_meeting_of_real_servers_is_ingested() {
    let Some(oparl) = shared("data/oparl") else { return };
    let archive = Archive::new();
    let output = archive.run(&["ingest", oparl.to_str().unwrap()]);
    println!("{}\n{}", output.stdout, output.stderr);
    let meetings = files(&oparl.join("karlsruhe/meetings")).len();
    let registered = output.stdout.lines().filter(|l| l.contains("Tagesordnungspunkt")).count();
    assert!(registered > meetings, "{registered} registered, the city has {meetings}");
    let again = archive.run(&["ingest", oparl.to_str().unwrap()]);
    assert!(again.stdout.lines().all(|l| l.contains("unverändert")), "{}", again.stdout);
}
