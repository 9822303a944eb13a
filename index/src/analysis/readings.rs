//! One spelling for what is written in several ways, in one word or several: numbers (`numbers`), times of
//! day, roads and lines and house numbers, numbers of papers. All words of a reading have its form; no word
//! has one by itself, since none begins with "=".

use std::ops::Range;

use super::numbers::{self, small};
use super::papers::PaperNumber;

/// Words that are written otherwise elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct WordReading {
    /// Indices of the words.
    pub words: Range<usize>,
    /// The forms that stand for all of them in a document.
    pub forms: Vec<String>,
    /// What they ask for in a query.
    pub asks: Asks,
}

/// What somebody who types it asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Asks {
    /// This form.
    Form(String),
    /// A paper.
    Paper(PaperNumber),
}

/// Whether readings of several words may have this one in the middle or at the end: what has a figure, and
/// what counts. Every reading has such a word as its first or second.
pub(crate) fn counts(word: &str) -> bool {
    word.bytes().any(|b| b.is_ascii_digit()) || numbers::counts(word)
}

/// The readings of one word alone, numbers aside.
pub(crate) fn of_word(word: &str) -> Option<WordReading> {
    if !word.bytes().any(|b| b.is_ascii_digit()) {
        return None;
    }
    let form = |form| {
        Some(WordReading { words: 0..1, forms: vec![form], asks: Asks::Form(String::new()) })
    };
    let plain = time(word).or_else(|| {
        let (letters, figures) = line(word)?;
        Some(format!("={letters}{figures}"))
    });
    match PaperNumber::read(word) {
        Some(paper) => {
            Some(WordReading { words: 0..1, forms: paper.forms(), asks: Asks::Paper(paper) })
        }
        None => form(plain?).map(asking_for_its_form),
    }
}

fn asking_for_its_form(reading: WordReading) -> WordReading {
    let form = reading.forms.first().cloned().unwrap_or_default();
    WordReading { asks: Asks::Form(form), ..reading }
}

/// The readings among normalized words (see [`super::exact`]): numbers of any length, and others of several
/// words; of those that begin at one word, of each kind the longest.
pub(crate) fn among(words: &[Option<&str>]) -> Vec<WordReading> {
    let numbers = numbers::numbers(words).into_iter();
    let mut found: Vec<WordReading> = numbers
        .map(|number| WordReading {
            words: number.words,
            forms: vec![number.form.clone()],
            asks: Asks::Form(number.form),
        })
        .collect();
    let word = |at: usize| words.get(at).copied().flatten();
    let mut paper_end = 0;
    for at in 0..words.len() {
        let Some(first) = word(at) else { continue };
        let rest = [word(at + 1), word(at + 2), word(at + 3)];
        let mut add = |length: usize, forms: Vec<String>, asks: Asks| {
            found.push(WordReading { words: at..at + length, forms, asks });
        };
        let mut plain =
            |length: usize, form: String| add(length, vec![form.clone()], Asks::Form(form));
        match (first, rest) {
            (hour, [Some("uhr"), minute, _]) => {
                let minute = minute.and_then(small).filter(|minute| *minute < 60);
                if let Some(form) = time(hour) {
                    plain(2, form);
                } else if let Some(hour) = small(hour).filter(|hour| *hour <= 24) {
                    let length = if minute.is_some() { 3 } else { 2 };
                    plain(length, clock(hour, minute.unwrap_or(0)));
                }
            }
            (letter, [Some(figures), ..]) if is_line(letter) && is_short_number(figures) => {
                plain(2, format!("={letter}{figures}"));
            }
            (figures, [Some(letter), ..]) if is_letter(letter) && is_short_number(figures) => {
                plain(2, format!("={figures}{letter}"));
            }
            _ => {}
        }
        if at >= paper_end
            && let Some((paper, length)) = PaperNumber::begins(first, rest)
        {
            paper_end = at + length;
            add(length, paper.forms(), Asks::Paper(paper));
        }
    }
    found.sort_by_key(|reading| (reading.words.start, std::cmp::Reverse(reading.words.end)));
    found
}

/// "19:30", "19.30": a time of day with minutes.
fn time(word: &str) -> Option<String> {
    let (hour, minute) = word.split_once([':', '.'])?;
    let figures = |text: &str| text.len() <= 2 && text.bytes().all(|b| b.is_ascii_digit());
    if !figures(hour) || !figures(minute) || minute.len() != 2 {
        return None;
    }
    let (hour, minute): (u64, u64) = (hour.parse().ok()?, minute.parse().ok()?);
    (hour <= 24 && minute < 60).then(|| clock(hour, minute))
}

fn clock(hour: u64, minute: u64) -> String {
    format!("=@{hour}:{minute:02}")
}

/// The letters and figures of a road, a line, a house ("a14", "s-4", "3b"), as they are written together.
fn line(word: &str) -> Option<(&str, &str)> {
    let (first, second) = match word.split_once('-') {
        Some(parts) => parts,
        None => {
            let figures = word.starts_with(|c: char| c.is_ascii_digit());
            let turns = |c: char| c.is_ascii_digit() != figures;
            word.split_at(word.find(turns)?)
        }
    };
    let is_road = is_short_number(second)
        && (1..=3).contains(&first.len())
        && first.bytes().all(|b| b.is_ascii_lowercase());
    (is_road || is_short_number(first) && is_letter(second)).then_some((first, second))
}

fn is_letter(word: &str) -> bool {
    word.len() == 1 && word.bytes().all(|b| b.is_ascii_lowercase())
}

/// What may stand before the number of a road or line as a word of its own.
fn is_line(word: &str) -> bool {
    is_letter(word) || matches!(word, "re" | "rb" | "ice" | "ic" | "bab")
}

fn is_short_number(word: &str) -> bool {
    (1..=4).contains(&word.len()) && word.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::analysis::exact;

    /// All forms of a text, those of its words alone among them.
    fn forms(text: &str) -> Vec<String> {
        let words: Vec<_> = text.split(' ').map(exact).collect();
        let alone = words.iter().flatten().filter_map(|word| of_word(word));
        let words: Vec<Option<&str>> = words.iter().map(Option::as_deref).collect();
        alone.chain(among(&words)).flat_map(|reading| reading.forms).collect()
    }

    fn share(a: &str, b: &str) -> bool {
        let forms_of_b = forms(b);
        forms(a).iter().any(|form| forms_of_b.contains(form))
    }

    #[test]
    fn what_is_written_in_several_ways_has_one_form() {
        for alike in [
            &["19:30", "19.30", "19.30 Uhr", "19:30 Uhr", "19 Uhr 30", "neunzehn Uhr dreißig"][..],
            &["18 Uhr", "18:00", "achtzehn Uhr"],
            &["A14", "A 14", "a-14"],
            &["3b", "3 b", "3 B"],
            &["12 500", "12.500", "12500", "12 Tausend 500", "zwölftausendfünfhundert"],
            &["DS0500/25", "DS 0500/25", "DS0500-25", "ds 500/25", "500/25", "Drucksache 500/25"],
            &["F0331/23", "F0331 aus 23", "331 aus 23", "Anfrage 331 aus 2023", "F 331/2023"],
        ] {
            for (a, b) in alike.iter().flat_map(|a| alike.iter().map(move |b| (a, b))) {
                assert!(share(a, b), "{a} and {b}: {:?} {:?}", forms(a), forms(b));
            }
        }
        for (a, b) in [
            ("19:30", "19:31"),
            ("A14", "A 15"),
            ("3a", "3 b"),
            ("12 500", "12 50"),
            ("DS0500/25", "DS0500/24"),
            ("2021", "20:21"),
        ] {
            assert!(!share(a, b), "{a} and {b}: {:?} {:?}", forms(a), forms(b));
        }
    }

    proptest! {
        #[test]
        fn any_time_is_found_in_any_writing(hour in 0u64..24, minute in 0u64..60) {
            let all = [
                format!("{hour}:{minute:02}"), format!("{hour}.{minute:02}"),
                format!("{hour}.{minute:02} Uhr"), format!("{hour} Uhr {minute}"),
            ];
            for (a, b) in all.iter().flat_map(|a| all.iter().map(move |b| (a, b))) {
                prop_assert!(share(a, b), "{} {}", a, b);
            }
        }

        #[test]
        fn what_counts_and_what_stands_beside_it_tells_all_readings(
            words in prop::collection::vec(
                "(ein|uhr|aus|a|ds|drucksache|haus|fuenf|tausend|[0-9.,:/]{1,6})", 0..8,
            ),
        ) {
            let all: Vec<Option<&str>> = words.iter().map(|word| Some(word.as_str())).collect();
            let counting = |at: usize| words.get(at).is_some_and(|word| counts(word));
            let near = |at: usize| (at.saturating_sub(2)..=at + 1).any(counting);
            let some: Vec<Option<&str>> =
                (0..all.len()).map(|at| all[at].filter(|_| near(at))).collect();
            prop_assert_eq!(among(&some), among(&all));
        }

        #[test]
        fn nothing_panics(words in prop::collection::vec("\\PC{0,9}", 0..6)) {
            forms(&words.join(" "));
        }
    }
}
