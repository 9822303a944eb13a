//! A search lands on the second: every word that occurs once, found by itself, against the truth.

use std::collections::HashMap;

use mitschnitt::search::{Hit, Kind, Request, Search, Searcher};
use serde_json::Value;

use crate::harness::{demo, root};

/// Farthest from the truth, in milliseconds.
const NEAR_MS: u64 = 200;
/// Farthest from the transcript: the index keeps hundredths of a second.
const TICK_MS: u64 = 10;
/// So long before the word a link opens the video.
const LEAD_IN_MS: u64 = 1500;
/// Words that may be farther from the truth, and how far: what the recogniser gets right, and when,
/// differs a little between processors.
const FAR: u32 = 1;
const FARTHEST_MS: u64 = 240;

#[test]
fn a_word_recognised_once_is_found_where_it_is_said() {
    let (archive, _) = demo();
    let truth = root().join("fixtures/meetings/kreistag-demo/truth.json");
    let said = starts(&serde_json::from_slice(&std::fs::read(truth).unwrap()).unwrap());
    let transcript = archive.run(&["export", "kreistag-demo", "--format", "json"]).expect(0).json();
    let (searcher, rebuilt) = Searcher::open(&archive.dir().join("index")).unwrap();
    assert_eq!(rebuilt, None);
    let (mut right, mut near) = (0, 0);
    for (word, recognised) in starts(&transcript) {
        let (&[recognised], Some(said)) = (recognised.as_slice(), said.get(&word)) else {
            continue; // Several times, or wrong.
        };
        let spoken = |q: String| -> Vec<Hit> {
            let results = searcher.search(&Request { q, ..Request::default() }).unwrap();
            results.hits.into_iter().filter(|hit| hit.kind == Kind::Spoken).collect()
        };
        let exactly = spoken(format!("\"{word}\""));
        let [hit] = exactly.as_slice() else { panic!("{} hits of {word}", exactly.len()) };
        // In any form it is found too, and first as it was typed.
        assert_eq!(spoken(word.clone())[0].passage, hit.passage, "{word}");
        let marked: Vec<_> = hit.snippet.iter().filter(|part| part.hit).collect();
        let [part] = marked.as_slice() else { panic!("{} marks of {word}", marked.len()) };
        assert_eq!(bare(&part.text), word);
        let start = part.start_ms.unwrap().millis();
        assert!(start.abs_diff(recognised) <= TICK_MS, "{word}: {start}, not {recognised}");
        let opens = opened_at(part.url.as_deref().unwrap());
        assert!(opens.abs_diff(start.saturating_sub(LEAD_IN_MS)) <= TICK_MS, "{word}: {opens}");
        let away = said.iter().map(|truth| start.abs_diff(*truth)).min().unwrap();
        right += 1;
        near += u32::from(away <= NEAR_MS);
        assert!(away <= FARTHEST_MS, "{word} is {away} ms from where it is said");
    }
    println!("{near} of {right} words are found within {NEAR_MS} ms of where they are said");
    assert!(right > 100, "only {right} words were found");
    assert!(near + FAR >= right, "{near} of {right}");
}

/// Where a link opens the video, in milliseconds.
fn opened_at(address: &str) -> u64 {
    let (_, behind) = address.split_once("?t=").unwrap();
    let seconds = behind.split('&').next().unwrap();
    (seconds.parse::<f64>().unwrap() * 1000.0).round() as u64
}

/// Where each word of a transcript starts, in milliseconds.
fn starts(transcript: &Value) -> HashMap<String, Vec<u64>> {
    let mut starts: HashMap<String, Vec<u64>> = HashMap::new();
    for word in transcript["words"].as_array().unwrap() {
        let text = bare(word["text"].as_str().unwrap());
        starts.entry(text).or_default().push(word["start_ms"].as_u64().unwrap());
    }
    starts.remove("");
    starts
}

fn bare(word: &str) -> String {
    word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase()
}
