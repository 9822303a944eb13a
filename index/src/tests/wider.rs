//! Words that do not stand in one passage are looked for wider and wider, one step at a time.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;

/// Passages as (speech, item, text).
fn debate(id: &str, passages: &[(u32, &str, &str)]) -> MeetingDoc {
    let texts: Vec<&str> = passages.iter().map(|(_, _, text)| *text).collect();
    let words: Vec<&str> = texts.iter().flat_map(|text| text.split_whitespace()).collect();
    let lengths: Vec<usize> = texts.iter().map(|text| text.split_whitespace().count()).collect();
    let mut meeting = meeting(id, &words, &lengths);
    for (doc, (order, item, _)) in meeting.passages.iter_mut().zip(passages) {
        doc.order = *order;
        let item = ItemRef { number: Some((*item).to_owned()), title: String::new(), paper: None };
        doc.item = Some(item);
        doc.lookahead = Words::default();
        doc.word_times.truncate(doc.words.len());
    }
    meeting
}

fn orders(response: &Response) -> Vec<(String, u32)> {
    response.hits.iter().map(|hit| (hit.meeting.id.clone(), hit.order)).collect()
}

#[test]
fn each_step_is_taken_only_where_the_one_before_found_nothing() {
    let archive = Archive::with([
        debate(
            "a",
            &[
                (1, "1", "Die Straßenbahn fährt heute"),
                (1, "1", "nach Olvenstedt hinaus"),
                (2, "1", "Der Radweg endet hier"),
                (3, "2", "Das Schwimmbad bleibt zu"),
            ],
        ),
        debate("b", &[(1, "1", "Ein Radweg"), (2, "2", "Ein Schwimmbad")]),
    ]);
    let together = archive.ask("Radweg endet");
    assert_eq!((together.breadth, together.total - together.similar), (Breadth::Passage, 1));
    assert_eq!(together.wider, Some(Breadth::Speech));
    let speech = archive.ask("Straßenbahn Olvenstedt");
    assert_eq!((speech.breadth, orders(&speech)), (Breadth::Speech, vec![("a".to_owned(), 1)]));
    let item = archive.ask("Radweg Olvenstedt");
    assert_eq!((item.breadth, item.total), (Breadth::Item, 1));
    let most = archive.ask("Radweg endet Schwimmbad");
    assert_eq!(
        (most.breadth, most.missing.clone()),
        (Breadth::Most, vec!["Schwimmbad".to_owned()])
    );
    assert_eq!(orders(&most), [("a".to_owned(), 2)]);
    // A word that nobody said is misspelt rather than left out.
    let misspelt = archive.ask("Radweg Olvenstett");
    assert_eq!((misspelt.breadth, misspelt.missing.len()), (Breadth::Item, 0));
    // Asked for, wider finds what is nearer too.
    let asked = Request { breadth: Breadth::Item, ..request("Radweg endet") };
    let asked = archive.index.search(&asked).unwrap();
    assert_eq!((asked.breadth, orders(&asked)), (Breadth::Item, vec![("a".to_owned(), 2)]));
    let radweg = Request { breadth: Breadth::Item, ..request("Radweg Straßenbahn") };
    assert_eq!(archive.index.search(&radweg).unwrap().total, 1);
    // Conditions and filters hold at every step.
    assert_eq!(archive.ask("Straßenbahn Olvenstedt datum:2020").total, 0);
    let elsewhere = Request {
        filters: Filters::only(Facet::Meeting, "b"),
        ..request("Straßenbahn Olvenstedt")
    };
    assert_eq!(archive.index.search(&elsewhere).unwrap().total, 0);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// Against a search by hand: the step is the first that finds anything, and finds exactly those stretches.
    #[test]
    fn the_first_step_that_finds_anything_finds_all_of_it(
        passages in prop::collection::vec((0u32..3, 0usize..2, prop::collection::vec(0usize..6, 1..4)), 1..12),
        asked in prop::collection::btree_set(0usize..6, 2..4),
    ) {
        const WORDS: [&str; 6] = ["Amsel", "Buche", "Dachs", "Eibe", "Fichte", "Ginster"];
        let texts: Vec<(u32, usize, String)> = passages
            .iter()
            .map(|(order, item, words)| {
                let text: Vec<&str> = words.iter().map(|word| WORDS[*word]).collect();
                // A speech is under one item.
                (order * 2 + *item as u32, *item, text.join(" "))
            })
            .collect();
        let docs: Vec<(u32, &str, &str)> = texts
            .iter()
            .map(|(order, item, text)| (*order, ["1", "2"][*item], text.as_str()))
            .collect();
        let archive = Archive::with([debate("a", &docs)]);
        let query: Vec<&str> = asked.iter().map(|word| WORDS[*word]).collect();
        let found = archive.ask(&query.join(" "));

        let having_all = |key: &dyn Fn(usize) -> usize| -> BTreeSet<usize> {
            let keys: BTreeSet<usize> = (0..texts.len()).map(key).collect();
            let has = |of: usize, word: usize| {
                (0..texts.len()).any(|n| key(n) == of && passages[n].2.contains(&word))
            };
            keys.into_iter().filter(|of| asked.iter().all(|word| has(*of, *word))).collect()
        };
        let (in_passage, in_speech) =
            (having_all(&|n| n), having_all(&|n| texts[n].0 as usize));
        let in_item = having_all(&|n| texts[n].1);
        let spoken: BTreeSet<usize> = found.hits.iter().map(|hit| hit.order as usize).collect();
        if !in_passage.is_empty() {
            prop_assert_eq!(found.breadth, Breadth::Passage);
            prop_assert_eq!(found.total as usize, in_passage.len());
        } else if !in_speech.is_empty() {
            prop_assert_eq!(found.breadth, Breadth::Speech);
            prop_assert_eq!(spoken, in_speech);
        } else if !in_item.is_empty() {
            prop_assert_eq!(found.breadth, Breadth::Item);
            prop_assert_eq!(found.total as usize, in_item.len());
        } else if asked.iter().all(|word| passages.iter().any(|p| p.2.contains(word))) {
            prop_assert_eq!(found.breadth, Breadth::Most);
            prop_assert!(found.total > 0 && !found.missing.is_empty());
        }
    }
}

#[test]
fn pages_of_what_is_misspelt_are_the_whole_list_and_hold_nothing_twice() {
    let forms =
        ["Herr Borris meint", "Boris meint", "Frau Moritz sagt das", "Borriss meint es auch"];
    let all = (0..90).map(|n| said(&format!("m{n:02}"), forms[n % forms.len()]));
    let archive = Archive::with(all);
    for query in ["Borys", "Borys meint", "Morits sagt"] {
        let whole = archive.ask(query);
        let found: Vec<&str> = whole.hits.iter().map(|hit| hit.passage.as_str()).collect();
        let distinct: BTreeSet<&str> = found.iter().copied().collect();
        assert_eq!(
            (found.len(), whole.total as usize),
            (distinct.len(), distinct.len()),
            "{query}"
        );
        assert!(found.len() > 20, "{query}: {}", found.len());
        for grouping in [Grouping::Alone, Grouping::Debates { most: 3 }] {
            let mut paged = Vec::new();
            for offset in (0..found.len()).step_by(7) {
                let page = Request { offset, limit: 7, grouping, ..request(query) };
                paged.extend(
                    archive.index.search(&page).unwrap().hits.into_iter().map(|h| h.passage),
                );
            }
            assert_eq!(paged, found, "{query}");
        }
    }
}
