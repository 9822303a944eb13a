//! A search lands on the second: every word that occurs once, found by itself, against the truth.

use std::collections::HashMap;

use mitschnitt::search::{Kind, LinkedHit, SearchBackend, SearchRequest, Searcher};
use serde_json::Value;

use crate::harness::{demo, root};

/// Farthest before and behind the truth, in milliseconds. Inside of a sentence that is itself an
/// estimate, which is 70 ms early in the middle; `demo.rs` measures the words that are known exactly.
const EARLIEST_MS: u64 = 140;
const LATEST_MS: u64 = 240;
/// Words that may be farther: what the recogniser gets right, and when, differs a little between
/// processors.
const FAR: u32 = 1;
/// Farthest from the transcript: the index keeps hundredths of a second.
const TICK_MS: u64 = 10;
/// So long before the word a link opens the video.
const LEAD_IN_MS: u64 = 1500;

#[test]
fn a_word_recognised_once_is_found_where_it_is_said() {
    let (archive, _) = demo();
    let truth = root().join("fixtures/meetings/kreistag-demo/truth.json");
    let truth: Value = serde_json::from_slice(&std::fs::read(truth).unwrap()).unwrap();
    let said = starts(&truth);
    let transcript = archive.run(&["export", "kreistag-demo", "--format", "json"]).expect(0).json();
    let (searcher, rebuilt) = Searcher::open(&archive.dir().join("index")).unwrap();
    assert_eq!(rebuilt, None);
    let (mut right, mut near) = (0, 0);
    for (word, recognised) in starts(&transcript) {
        let (&[recognised], Some([said])) =
            (recognised.as_slice(), said.get(&word).map(Vec::as_slice))
        else {
            continue; // Several times, or wrong.
        };
        let spoken = |q: String| -> Vec<LinkedHit> {
            let results =
                searcher.search(&SearchRequest { q, ..SearchRequest::default() }).unwrap();
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
        right += 1;
        let is_near = (said.saturating_sub(EARLIEST_MS)..=said + LATEST_MS).contains(&start);
        near += u32::from(is_near);
        if !is_near {
            println!("{word} is said at {said} ms and found at {start} ms");
        }
    }
    println!("{near} of {right} words are found where they are said, within {LATEST_MS} ms");
    assert!(right > 200, "only {right} words were found");
    assert!(near + FAR >= right, "{near} of {right}");
}

/// Where a link opens the video, in milliseconds.
fn opened_at(address: &str) -> u64 {
    let (_, behind) = address.split_once("?t=").unwrap();
    let seconds = behind.split('&').next().unwrap();
    (seconds.parse::<f64>().unwrap() * 1000.0).round() as u64
}

/// Where each word of a transcript or a truth starts, in milliseconds.
fn starts(text: &Value) -> HashMap<String, Vec<u64>> {
    let mut starts: HashMap<String, Vec<u64>> = HashMap::new();
    for word in text["words"].as_array().unwrap() {
        let text = bare(word["text"].as_str().unwrap());
        starts.entry(text).or_default().push(word["start_ms"].as_u64().unwrap());
    }
    starts.remove("");
    starts
}

fn bare(word: &str) -> String {
    word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase()
}
