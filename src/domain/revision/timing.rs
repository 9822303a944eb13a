//! Times of words that a person wrote over others: where they stand for a word they take its time, else they
//! share the time between by syllables.

use mitschnitt_german as german;

use super::anchoring::key;
use crate::domain::{MediaTime, Span, Word};

/// Words without one of their own need at least this time each, in milliseconds; where the pause is shorter, they
/// share that of a neighbour.
pub(super) const SHORTEST_WORD_MS: u64 = 80;

/// The words of a correction with their times, laid over the words that stood there; these lie in `span`, or
/// there were none.
pub(super) fn timed(over: &[Word], texts: &[String], span: Span) -> Vec<Word> {
    let partners = partners(over, texts);
    let mut words: Vec<Word> = Vec::with_capacity(texts.len());
    let mut done = 0;
    let mut from = span.start();
    while done < texts.len() {
        if let Some(partner) = partners[done] {
            let Word { start_ms, end_ms, .. } = over[partner];
            words.push(word(&texts[done], start_ms.max(from), end_ms.max(from)));
            from = end_ms.max(from);
            done += 1;
            continue;
        }
        let run = partners[done..].iter().take_while(|partner| partner.is_none()).count();
        let next = partners.get(done + run).copied().flatten();
        let mut to = next.map_or(span.end(), |partner| over[partner].start_ms).max(from);
        let (mut first, mut end) = (done, done + run);
        if to.since(from) < SHORTEST_WORD_MS * run as u64 {
            // There is no room: a neighbour gives of its own time.
            if let Some(before) = words.pop() {
                (first, from) = (first - 1, before.start_ms);
            } else if let Some(partner) = next {
                (end, to) = (end + 1, over[partner].end_ms.max(to));
            }
        }
        words.extend(shared(&texts[first..end], from, to));
        from = to;
        done = end;
    }
    words
}

fn word(text: &str, start_ms: MediaTime, end_ms: MediaTime) -> Word {
    Word { text: text.to_owned(), start_ms, end_ms, confidence: 1.0, raw: None }
}

/// Words that share a time by their syllables.
fn shared(texts: &[String], from: MediaTime, to: MediaTime) -> Vec<Word> {
    let all: u64 = texts.iter().map(|text| syllables(text)).sum();
    let mut before = 0;
    let at = |syllable: u64| from.plus_millis(to.since(from) * syllable / all.max(1));
    let times = texts.iter().map(|text| {
        let start = at(before);
        before += syllables(text);
        word(text, start, at(before))
    });
    times.collect()
}

/// How many syllables a word is spoken in, at least one: its groups of vowels, of numbers their digits.
fn syllables(text: &str) -> u64 {
    let folded = german::folding::fold(text);
    let is_vowel = |c: char| matches!(c, 'a' | 'e' | 'i' | 'o' | 'u' | 'y');
    let mut count = 0;
    let mut after_vowel = false;
    for c in folded.chars() {
        count += u64::from(c.is_ascii_digit() || is_vowel(c) && !after_vowel);
        after_vowel = is_vowel(c);
    }
    count.max(1)
}

/// The word that each of the new words stands for, if any, in order: the cheapest way by differing words.
fn partners(over: &[Word], texts: &[String]) -> Vec<Option<usize>> {
    let old: Vec<String> = over.iter().map(|word| key(&word.text)).collect();
    let new: Vec<String> = texts.iter().map(|text| key(text)).collect();
    let pairs = super::editing::aligned(old.len(), new.len(), |o, n| {
        if old[o] == new[n] {
            0
        } else if german::likeness::likeness(&old[o], &new[n]) >= 0.6 {
            1
        } else {
            2
        }
    });
    let mut partners = vec![None; new.len()];
    for (o, n) in pairs {
        if let (Some(o), Some(n)) = (o, n) {
            partners[n] = Some(o);
        }
    }
    partners
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn said(texts: &[&str]) -> Vec<Word> {
        let at = |n: usize| MediaTime::from_millis(n as u64 * 400);
        texts.iter().enumerate().map(|(n, text)| word(text, at(n), at(n + 1))).collect()
    }

    #[test]
    fn a_word_for_a_word_keeps_its_time_and_inserted_ones_share_by_syllables() {
        let over = said(&["Stattradkramme", "bitte"]);
        let texts = ["Stadtrat", "Kramer,", "bitte"].map(str::to_owned);
        let words = timed(&over, &texts, Span::new(over[0].start_ms, over[1].end_ms).unwrap());
        let times: Vec<(u64, u64)> =
            words.iter().map(|w| (w.start_ms.millis(), w.end_ms.millis())).collect();
        assert_eq!(times[2], (400, 800));
        assert!(times[0].1 <= times[1].0 && times[1].1 <= 400, "{times:?}");
        let three = ["ja", "Bürgermeisterin", "nein"].map(str::to_owned);
        let shared =
            timed(&[], &three, Span::new(MediaTime::ZERO, MediaTime::from_millis(800)).unwrap());
        let lengths: Vec<u64> = shared.iter().map(|w| w.end_ms.since(w.start_ms)).collect();
        assert!(lengths[1] > 4 * lengths[0], "{lengths:?}");
    }

    proptest! {
        /// However words are changed, times stay in order and inside.
        #[test]
        fn times_stay_in_order_and_inside(
            old in prop::collection::vec("[a-d]{1,3}", 0..8),
            new in prop::collection::vec("[a-d]{1,3}", 0..8),
        ) {
            let over = said(&old.iter().map(String::as_str).collect::<Vec<_>>());
            let span = Span::new(MediaTime::ZERO, MediaTime::from_millis(old.len() as u64 * 400)).unwrap();
            let words = timed(&over, &new, span);
            prop_assert_eq!(words.len(), new.len());
            let mut last = MediaTime::ZERO;
            for word in &words {
                prop_assert!(last <= word.start_ms && word.start_ms <= word.end_ms && word.end_ms <= span.end());
                last = word.end_ms;
            }
        }
    }
}
