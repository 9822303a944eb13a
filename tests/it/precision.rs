//! A search lands on the second: every word that occurs once, found by itself, against the truth.

use std::collections::HashMap;

use mitschnitt::search::{Kind, Request, Search, Searcher};
use serde_json::Value;

use crate::harness::{demo, root};

/// Farthest from the truth, in milliseconds.
const NEAR_MS: u64 = 200;
/// Share of words that must be so near: the recogniser's times are as good as this, not better.
const SHARE: f64 = 0.95;

#[test]
fn a_word_said_once_is_found_where_it_is_said() {
    let (archive, _) = demo();
    let truth = root().join("fixtures/meetings/kreistag-demo/truth.json");
    let truth: Value = serde_json::from_slice(&std::fs::read(truth).unwrap()).unwrap();
    let mut said: HashMap<String, Vec<u64>> = HashMap::new();
    for word in truth["words"].as_array().unwrap() {
        let text = bare(word["text"].as_str().unwrap());
        said.entry(text).or_default().push(word["start_ms"].as_u64().unwrap());
    }
    let (searcher, rebuilt) = Searcher::open(&archive.dir().join("index")).unwrap();
    assert_eq!(rebuilt, None);
    let (mut found, mut near) = (0, 0);
    for (word, starts) in said.iter().filter(|(_, starts)| starts.len() == 1) {
        let q = format!("\"{word}\"");
        let results = searcher.search(&Request { q, ..Request::default() }).unwrap();
        let spoken: Vec<_> = results.hits.iter().filter(|hit| hit.kind == Kind::Spoken).collect();
        let [hit] = spoken.as_slice() else { continue };
        let marked: Vec<_> = hit.snippet.iter().filter(|part| part.hit).collect();
        // Once in the transcript too, and as it was said.
        let [part] = marked.as_slice() else { continue };
        if bare(&part.text) != *word {
            continue;
        }
        found += 1;
        let start = part.start_ms.unwrap().millis();
        near += u32::from(start.abs_diff(starts[0]) <= NEAR_MS);
        let link = format!("t={}", (start.saturating_sub(1500)) as f64 / 1000.0);
        let address = part.url.as_deref().unwrap();
        assert!(address.contains(link.trim_end_matches('0')), "{address} has no {link}");
    }
    println!("{near} of {found} words are found within {NEAR_MS} ms of where they are said");
    assert!(found > 80, "only {found} words were found");
    assert!(f64::from(near) >= SHARE * f64::from(found), "{near} of {found}");
}

fn bare(word: &str) -> String {
    word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase()
}
