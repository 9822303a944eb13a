//! The index through its public interface: a small archive in a temporary directory.

mod answers;
mod damage;
mod directory;
mod layers;
mod meaning;
mod oracle;
mod votes;
mod wider;

use std::collections::BTreeSet;

use crate::*;

/// An index with its directory.
struct Archive {
    // Dropped after the index.
    index: Index,
    dir: tempfile::TempDir,
}

impl Archive {
    fn empty() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let opened = Index::open(&dir.path().join("index")).unwrap();
        assert_eq!(opened.rebuilt, Some(Reason::Missing));
        Self { index: opened.index, dir }
    }

    fn with(meetings: impl IntoIterator<Item = MeetingDoc>) -> Self {
        let archive = Self::empty();
        archive.index.put(meetings).unwrap();
        archive
    }

    fn ask(&self, q: &str) -> Response {
        self.index.search(&request(q)).unwrap()
    }

    /// Ids of the passages found, in order.
    fn found(&self, q: &str) -> Vec<String> {
        let response = self.ask(q);
        assert_eq!(response.total as usize, response.hits.len(), "{q}");
        response.hits.into_iter().map(|hit| hit.passage).collect()
    }
}

fn request(q: &str) -> Request {
    Request { q: q.to_owned(), limit: 1000, ..Request::default() }
}

/// A meeting of one word sequence, cut into passages of these lengths. Word n is spoken from
/// 400 n + 3 to 400 n + 301 ms.
fn meeting(id: &str, words: &[&str], lengths: &[usize]) -> MeetingDoc {
    let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
    let mut passages = Vec::new();
    let mut first = 0;
    for &length in lengths {
        let end = (first + length).min(words.len());
        if first < end {
            passages.push(passage(id, &words, first..end));
        }
        first = end;
    }
    if first < words.len() {
        passages.push(passage(id, &words, first..words.len()));
    }
    MeetingDoc {
        id: id.to_owned(),
        name: format!("Sitzung {id}"),
        date: Some(jiff::civil::date(2021, 6, 21)),
        body: "Landkreis Musterland".to_owned(),
        organization: "Kreistag".to_owned(),
        extra: format!("extra of {id}"),
        fingerprint: format!("stand-{}", words.len()),
        passages,
    }
}

fn passage(meeting: &str, words: &[String], own: std::ops::Range<usize>) -> PassageDoc {
    let behind = (own.end + LOOKAHEAD).min(words.len());
    let time = |n: usize| 400 * n as u32;
    let spoken = |n| WordTime { start_ms: time(n) + 3, end_ms: time(n) + 301 };
    PassageDoc {
        id: format!("{meeting}/{}", own.start),
        order: own.start as u32,
        kind: Kind::Spoken,
        item: None,
        speaker: None,
        first_word: own.start as u32,
        words: words[own.clone()].iter().collect(),
        lookahead: words[own.end..behind].iter().collect(),
        word_times: (own.start..behind).map(spoken).collect(),
        start_ms: Some(time(own.start)),
        end_ms: Some(time(own.end)),
        link: None,
        review: None,
        role: None,
        formula: false,
        unlisted: false,
        vote: None,
    }
}

/// A meeting of one passage.
fn said(id: &str, text: &str) -> MeetingDoc {
    let words: Vec<&str> = text.split_whitespace().collect();
    meeting(id, &words, &[words.len()])
}

/// The words marked in a hit, by their index in the meeting.
fn marked(hit: &Hit) -> BTreeSet<u32> {
    hit.snippet.iter().filter_map(|part| part.hit.map(|hit| hit.word)).collect()
}

fn text(hit: &Hit) -> String {
    hit.snippet.iter().map(|part| part.text.as_str()).collect()
}
