//! One spelling for equal numbers: "fünf Millionen", "5 Mio." and "5.000.000" are all "=5000000".
//! Reads cardinal numbers only; ordinals, dates and the numbers of items and papers are words.

use std::ops::Range;

use mitschnitt_german::numerals::{self, scale};

/// Values are counted in thousandths, so that "1,25 Mio." is whole.
const ONE: u64 = 1000;

/// A number and the words that make it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Number {
    /// Indices of its words.
    pub words: Range<usize>,
    /// Its one form; no word has it, since none begins with "=".
    pub form: String,
}

/// Whether this normalized word is a number, or makes one of an article or number before it. Every
/// word of a number does, but for an article, which has one behind it that does.
pub(crate) fn counts(word: &str) -> bool {
    scale(word).is_some() || value(word).is_some()
}

/// The numbers among normalized words (see [`super::exact`]), in order, each as long as it goes.
pub(crate) fn numbers(words: &[Option<&str>]) -> Vec<Number> {
    let word = |index: usize| words.get(index).copied().flatten();
    let mut found = Vec::new();
    let mut at = 0;
    while at < words.len() {
        let number = word(at).and_then(|first| read(first, word(at + 1), word(at + 2)));
        let length = match number {
            Some((value, length)) => {
                found.push(Number { words: at..at + length, form: form(value) });
                length
            }
            None => 1,
        };
        at += length;
    }
    found
}

/// The number that `first` begins, in thousandths, and of how many words it is.
fn read(first: &str, second: Option<&str>, third: Option<&str>) -> Option<(u64, usize)> {
    let scaled = second.and_then(scale).and_then(|scale| {
        let value = value(first).or_else(|| is_article(first).then_some(ONE))?;
        Some((value.checked_mul(scale)?, scale))
    });
    if let Some((much, scale)) = scaled {
        // "12 Tausend 500"
        let rest = third.filter(|_| scale == THOUSAND).and_then(value);
        return match rest.filter(|rest| *rest < scale * ONE && rest % ONE == 0) {
            Some(rest) => Some((much.checked_add(rest)?, 3)),
            None => Some((much, 2)),
        };
    }
    // "12 500", "1 250 000"
    let groups = [second, third].into_iter().map_while(|group| group.filter(|g| is_group(g)));
    let groups: Vec<&str> = if begins_groups(first) { groups.collect() } else { Vec::new() };
    if !groups.is_empty() {
        let whole: u64 = format!("{first}{}", groups.concat()).parse().ok()?;
        return Some((whole.checked_mul(ONE)?, 1 + groups.len()));
    }
    Some((value(first)?, 1))
}

/// The scale after which a number goes on.
const THOUSAND: u64 = 1000;

fn is_group(word: &str) -> bool {
    word.len() == 3 && word.bytes().all(|b| b.is_ascii_digit())
}

fn begins_groups(word: &str) -> bool {
    (1..=3).contains(&word.len())
        && !word.starts_with('0')
        && word.bytes().all(|b| b.is_ascii_digit())
}

/// The value of a word that is a whole number.
pub(super) fn small(word: &str) -> Option<u64> {
    value(word).filter(|value| value % ONE == 0).map(|value| value / ONE)
}

/// "Ein" is a number only before a scale.
fn is_article(word: &str) -> bool {
    matches!(word, "ein" | "eine" | "einer")
}

fn value(word: &str) -> Option<u64> {
    match word.starts_with(|c: char| c.is_ascii_digit()) {
        true => figures(word),
        false => {
            // "eineinhalb", "fünfeinhalb"; "ein" alone is an article.
            match word.strip_suffix("einhalb").filter(|whole| !whole.is_empty()) {
                Some(whole) => Some(numerals::read(whole)? * ONE + ONE / 2),
                None if word == "ein" => None,
                None => Some(numerals::read(word)? * ONE),
            }
        }
    }
}

/// "5", "5000", "5.000.000", "1,25". What begins with 0 names something, it counts nothing.
fn figures(word: &str) -> Option<u64> {
    let (whole, part) = word.split_once(',').unwrap_or((word, ""));
    if whole.starts_with('0') && whole != "0" || part.len() > 3 || word.ends_with(',') {
        return None;
    }
    let groups: Vec<&str> = whole.split('.').collect();
    let grouped = groups.len() == 1
        || groups[0].len() <= 3 && groups[1..].iter().all(|group| group.len() == 3);
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if !grouped || !groups.iter().all(|group| !group.is_empty() && digits(group)) || !digits(part) {
        return None;
    }
    let whole: u64 = groups.concat().parse().ok()?;
    let part: u64 = format!("{part:0<3}").parse().ok()?;
    whole.checked_mul(ONE)?.checked_add(part)
}

fn form(thousandths: u64) -> String {
    let (whole, part) = (thousandths / ONE, thousandths % ONE);
    match part {
        0 => format!("={whole}"),
        part => format!("={whole},{}", format!("{part:03}").trim_end_matches('0')),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::analysis::exact;

    fn forms(text: &str) -> Vec<String> {
        let words: Vec<_> = text.split(' ').map(exact).collect();
        let words: Vec<Option<&str>> = words.iter().map(Option::as_deref).collect();
        numbers(&words).into_iter().map(|number| number.form).collect()
    }

    #[test]
    fn equal_numbers_have_one_form() {
        for (form, spellings) in [
            ("=5000000", &["fünf Millionen", "5 Mio.", "5.000.000", "5000000", "5 Millionen,"][..]),
            ("=1250000000", &["1,25 Mrd.", "1,25 Milliarden", "1.250 Millionen"]),
            ("=2500000", &["zweieinhalb Millionen", "2,5 Mio"]),
            ("=1000000", &["eine Million", "1 Million"]),
            ("=36", &["sechsunddreißig", "36"]),
            (
                "=2021",
                &["zweitausendeinundzwanzig", "zweitausendundeinundzwanzig", "2021", "2.021"],
            ),
            ("=1989", &["neunzehnhundertneunundachtzig", "1989"]),
            ("=750000", &["siebenhundertfünfzigtausend", "750 tausend", "750.000"]),
        ] {
            for spelling in spellings {
                assert_eq!(forms(spelling), [form], "{spelling}");
            }
        }
    }

    #[test]
    fn what_counts_nothing_is_no_number() {
        for text in ["ein", "Eine", "3.5", "0029", "29/21", "Million", "fünfte", "und", "1,2345"] {
            assert_eq!(forms(text), [""; 0], "{text}");
        }
    }

    proptest! {
        #[test]
        fn figures_mean_what_they_say(value in 1u64..1_000_000_000) {
            let plain = value.to_string();
            let mut grouped = String::new();
            for (i, digit) in plain.chars().enumerate() {
                if i > 0 && (plain.len() - i) % 3 == 0 {
                    grouped.push('.');
                }
                grouped.push(digit);
            }
            prop_assert_eq!(forms(&plain), [format!("={value}")]);
            prop_assert_eq!(forms(&grouped), [format!("={value}")]);
        }

        #[test]
        fn words_that_count_and_those_before_them_tell_all_numbers(
            words in prop::collection::vec(
                "(ein|eine|einer|und|haus|fuenf|zweitausend|zweieinhalb|million|mio|tausend|[0-9.,]{1,6})",
                0..8,
            ),
        ) {
            let all: Vec<Option<&str>> = words.iter().map(|word| Some(word.as_str())).collect();
            let is_counting = |at: usize| words.get(at).is_some_and(|word| counts(word));
            let told = |at: usize| all[at].filter(|_| is_counting(at) || is_counting(at + 1));
            let some: Vec<Option<&str>> = (0..all.len()).map(told).collect();
            prop_assert_eq!(numbers(&some), numbers(&all));
        }

        #[test]
        fn nothing_panics(words in prop::collection::vec("[a-z0-9.,]{0,20}", 0..6)) {
            forms(&words.join(" "));
        }
    }
}
