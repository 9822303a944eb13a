//! Loops: a run of words said over and over, as recognisers do and people do not. Owns how they are
//! found and cut; refuses to decide what becomes of an answer that has one.

use crate::domain::Word;

/// The same run of words this often in a row is a loop.
const LOOP: usize = 4;
/// Longest run of words that is looked for in a loop.
const LONGEST_LOOP_UNIT: usize = 12;

/// Whether a text repeats a run of words over and over.
pub fn loops(text: &str) -> bool {
    let texts: Vec<String> = text.split_whitespace().map(bare).collect();
    find_loop(&texts).is_some()
}

/// Cuts a run of words that is repeated over and over down to its first time.
pub fn cut_loop(words: &mut Vec<Word>) -> bool {
    let texts: Vec<String> = words.iter().map(|w| bare(&w.text)).collect();
    let Some((start, unit, times)) = find_loop(&texts) else { return false };
    words.drain(start + unit..start + unit * times);
    true
}

/// A text in lower case without punctuation, spaces single.
pub fn bare(text: &str) -> String {
    let letters = |c: char| if c.is_alphanumeric() { c } else { ' ' };
    let text: String = text.to_lowercase().chars().map(letters).collect();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Where a loop starts, how long its unit is and how often it is said.
fn find_loop(texts: &[String]) -> Option<(usize, usize, usize)> {
    (1..=LONGEST_LOOP_UNIT).find_map(|unit| {
        let last = texts.len().checked_sub(unit * LOOP)?;
        (0..=last).find_map(|start| {
            let first = &texts[start..start + unit];
            let times = texts[start..].chunks_exact(unit).take_while(|c| *c == first).count();
            (times >= LOOP).then_some((start, unit, times))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::MediaTime;

    fn words(text: &str) -> Vec<Word> {
        let word = |(i, t): (usize, &str)| Word {
            text: t.into(),
            start_ms: MediaTime::from_millis(i as u64 * 300),
            end_ms: MediaTime::from_millis(i as u64 * 300 + 250),
            confidence: 0.9,
            raw: None,
        };
        text.split_whitespace().enumerate().map(word).collect()
    }

    #[test]
    fn a_loop_is_cut_and_a_figure_of_speech_is_not() {
        let mut looped = words("Wir kommen zum Punkt. Zum Punkt. Zum Punkt. Zum Punkt. Danke.");
        assert!(cut_loop(&mut looped));
        assert_eq!(looped.len(), 5);
        let mut said = words("Nein, nein, nein, das geht nicht.");
        assert!(!cut_loop(&mut said));
        assert_eq!(said.len(), 6);
    }
}
