//! A search lands on the second: every word that occurs once, found by itself, against the truth.

use std::collections::HashMap;

use mitschnitt::search::{Kind, Request, Search, Searcher};
use serde_json::Value;

use crate::harness::{demo, root};

/// Farthest from the truth, in milliseconds.
const NEAR_MS: u64 = 200;
/// Farthest from the transcript: the index keeps hundredths of a second.
const TICK_MS: u64 = 10;
/// Share of words that must be so near to the truth: the recogniser's times are as good as this,
/// not better.
const SHARE: f64 = 0.95;

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
        let q = format!("\"{word}\"");
        let results = searcher.search(&Request { q, ..Request::default() }).unwrap();
        let spoken: Vec<_> = results.hits.iter().filter(|hit| hit.kind == Kind::Spoken).collect();
        let [hit] = spoken.as_slice() else { panic!("{} hits of {word}", spoken.len()) };
        let marked: Vec<_> = hit.snippet.iter().filter(|part| part.hit).collect();
        let [part] = marked.as_slice() else { panic!("{} marks of {word}", marked.len()) };
        assert_eq!(bare(&part.text), word);
        let start = part.start_ms.unwrap().millis();
        assert!(start.abs_diff(recognised) <= TICK_MS, "{word}: {start}, not {recognised}");
        let link = format!("t={}", (start.saturating_sub(1500)) as f64 / 1000.0);
        let address = part.url.as_deref().unwrap();
        assert!(address.contains(link.trim_end_matches('0')), "{address} has no {link}");
        let away = said.iter().map(|truth| start.abs_diff(*truth)).min().unwrap();
        right += 1;
        near += u32::from(away <= NEAR_MS);
        if away > NEAR_MS {
            println!("{word} is recognised {away} ms away");
        }
    }
    println!("{near} of {right} words are found within {NEAR_MS} ms of where they are said");
    assert!(right > 100, "only {right} words were found");
    assert!(f64::from(near) >= SHARE * f64::from(right), "{near} of {right}");
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
