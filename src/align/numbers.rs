//! German numbers as spoken and written → agenda numbers: "fünf Punkt eins", "zwanzig eins",
//! "dreizehn a bis c", "Ö 28", lists; and plain counts. Reads numbers only; which item they mean,
//! `agenda` decides.

use std::collections::HashMap;
use std::sync::LazyLock;

use mitschnitt_german::folding::fold;
use mitschnitt_german::likeness::distance;
use mitschnitt_german::numerals;
use mitschnitt_german::sound::cologne;

use super::stream::StreamToken;

/// Which list a number counts in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum AgendaPart {
    /// The agenda proper ("5", "Ö 5", "TOP 5").
    Main,
    /// The non-public part ("N 3").
    NonPublic,
    /// Points added later ("ZP 4", "Zusatzpunkt 4").
    Added,
    /// A budget section ("Einzelplan 14").
    Budget,
}

/// An agenda number: part, levels ("5.0.2" = [5, 0, 2]) and letter.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct ItemNumber {
    pub part: AgendaPart,
    pub levels: Vec<u32>,
    pub letter: Option<char>,
}

impl ItemNumber {
    /// The number one level up ("15 a" → 15, "24.1" → 24); `None` at the top.
    pub fn parent(&self) -> Option<Self> {
        let mut up = self.clone();
        if up.letter.take().is_none() {
            up.levels.pop();
        }
        (!up.levels.is_empty()).then_some(up)
    }
}

/// Numbers read from the stream, and the token behind them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct NumberReading {
    pub numbers: Vec<ItemNumber>,
    pub end: usize,
}

/// Reads the number of an agenda item as printed; several for "11 und 12", none for "".
pub(super) fn of_item(text: &str) -> Vec<ItemNumber> {
    let tokens: Vec<StreamToken> = text
        .split(|c: char| c.is_whitespace() || c == '/' || c == '-')
        .filter(|w| !w.is_empty())
        .map(plain_token)
        .collect();
    let mut part = AgendaPart::Main;
    let mut numbers = Vec::new();
    let mut i = 0;
    while i < tokens.len() {
        match tokens[i].text.as_str() {
            "n" | "no" | "nu" | "ns" => part = AgendaPart::NonPublic,
            "zp" | "zusatzpunkt" | "z" => part = AgendaPart::Added,
            "einzelplan" | "epl" => part = AgendaPart::Budget,
            _ => {
                if let Some(reading) = read(&tokens, i, part) {
                    numbers.extend(reading.numbers);
                    i = reading.end;
                    continue;
                }
            }
        }
        i += 1;
    }
    numbers
}

fn plain_token(word: &str) -> StreamToken {
    let text = fold(word);
    StreamToken {
        raw: word.to_owned(),
        sound: cologne(&text),
        text,
        key: None,
        pause: 0,
        capital: false,
        piece: false,
    }
}

/// Reads one number or a list of numbers at `i`, in `part` unless a part is named there.
pub(super) fn read(tokens: &[StreamToken], i: usize, part: AgendaPart) -> Option<NumberReading> {
    let (part, i) = match tokens.get(i)?.text.as_str() {
        "o" | "oe" => (AgendaPart::Main, i + 1),
        "n" => (AgendaPart::NonPublic, i + 1),
        "zp" => (AgendaPart::Added, i + 1),
        _ => (part, i),
    };
    let (first, mut end) = one(tokens, i, part)?;
    let mut numbers = vec![first];
    while let Some((word, next)) = joiner(tokens, end) {
        let last = numbers[numbers.len() - 1].clone();
        let (number, after) = match one(tokens, next, part) {
            Some(found) => found,
            None => match letter(tokens, next) {
                Some(letter) if last.letter.is_some() || word == Joiner::To => {
                    (ItemNumber { letter: Some(letter), ..last.clone() }, next + 1)
                }
                _ => break,
            },
        };
        if word == Joiner::To {
            numbers.extend(between(&last, &number));
        }
        numbers.push(number);
        end = after;
    }
    Some(NumberReading { numbers, end })
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Joiner {
    And,
    To,
}

fn joiner(tokens: &[StreamToken], i: usize) -> Option<(Joiner, usize)> {
    let comma = tokens[i - 1].raw.ends_with(',');
    match tokens.get(i)?.text.as_str() {
        "und" | "sowie" => Some((Joiner::And, i + 1)),
        "bis" => Some((Joiner::To, i + 1)),
        _ if comma && tokens[i].pause < 400 && joiner_after_comma(tokens, i) => {
            Some((Joiner::And, i))
        }
        _ => None,
    }
}

/// "8 a, 8 b und 9": a comma joins numbers only if a list word follows the next one.
fn joiner_after_comma(tokens: &[StreamToken], i: usize) -> bool {
    let Some((_, end)) = one(tokens, i, AgendaPart::Main) else { return false };
    tokens.get(end).is_some_and(|t| matches!(t.text.as_str(), "und" | "sowie" | "bis"))
}

/// The numbers strictly between `a` and `b` in "a bis b", at most 30.
fn between(a: &ItemNumber, b: &ItemNumber) -> Vec<ItemNumber> {
    if let (Some(x), Some(y)) = (a.letter, b.letter)
        && a.levels == b.levels
    {
        let letters = (x..=y).skip(1).filter(|c| *c < y).take(26);
        return letters.map(|c| ItemNumber { letter: Some(c), ..a.clone() }).collect();
    }
    let (Some((&x, up)), Some((&y, up_too))) = (a.levels.split_last(), b.levels.split_last())
    else {
        return Vec::new();
    };
    if up != up_too || a.letter.is_some() || b.letter.is_some() {
        return Vec::new();
    }
    (x.saturating_add(1)..y)
        .take(30)
        .map(|n| ItemNumber { levels: up.iter().copied().chain([n]).collect(), ..a.clone() })
        .collect()
}

/// One number: levels, then perhaps a letter.
fn one(tokens: &[StreamToken], i: usize, part: AgendaPart) -> Option<(ItemNumber, usize)> {
    let token = tokens.get(i)?;
    let (mut levels, mut end) = match written(&token.raw) {
        Some((levels, letter)) if letter.is_some() => {
            return Some((ItemNumber { part, levels, letter }, i + 1));
        }
        Some((levels, None)) => (levels, i + 1),
        _ => spoken(tokens, i).map(|(n, end)| (vec![n], end))?,
    };
    while let Some((sub, after)) = level_below(tokens, end) {
        levels.push(sub);
        end = after;
    }
    let letter = letter(tokens, end).filter(|_| !tokens[end - 1].raw.ends_with(['.', '!', '?']));
    end += usize::from(letter.is_some());
    Some((ItemNumber { part, levels, letter }, end))
}

/// "Punkt eins" behind a number, or the "eins" of "zwanzig eins".
fn level_below(tokens: &[StreamToken], i: usize) -> Option<(u32, usize)> {
    if tokens[i - 1].punctuated() {
        return None;
    }
    let token = tokens.get(i)?;
    if token.text == "punkt" {
        return spoken(tokens, i + 1)
            .or_else(|| Some((*written(&tokens.get(i + 1)?.raw)?.0.first()?, i + 2)));
    }
    // Only words: digits behind digits are something else ("12 2021").
    let word_before = tokens[i - 1].text.bytes().all(|b| b.is_ascii_alphabetic());
    spoken(tokens, i).filter(|(n, _)| word_before && (1..20).contains(n) && token.pause < 300)
}

fn letter(tokens: &[StreamToken], i: usize) -> Option<char> {
    let text = &tokens.get(i)?.text;
    let c = text.chars().next()?;
    (text.len() == 1 && ('a'..='k').contains(&c)).then_some(c)
}

/// "5", "5.", "24.1", "15a", "§" excluded; numbers over 999 are no agenda numbers.
fn written(raw: &str) -> Option<(Vec<u32>, Option<char>)> {
    let trimmed = raw.trim_matches(|c: char| !c.is_alphanumeric());
    let digits_end =
        trimmed.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(trimmed.len());
    let (digits, rest) = trimmed.split_at(digits_end);
    let letter = match rest.to_lowercase().chars().collect::<Vec<_>>()[..] {
        [] => None,
        [c @ 'a'..='k'] => Some(c),
        _ => return None,
    };
    let levels: Option<Vec<u32>> = digits
        .split('.')
        .filter(|d| !d.is_empty())
        .map(|d| d.parse().ok().filter(|n| *n < 1000))
        .collect();
    levels.filter(|l| !l.is_empty()).map(|l| (l, letter))
}

struct NumberNames {
    exact: HashMap<String, u32>,
    sounds: HashMap<String, Vec<(String, u32)>>,
}

static SPOKEN: LazyLock<NumberNames> = LazyLock::new(|| {
    let mut spoken = NumberNames { exact: HashMap::new(), sounds: HashMap::new() };
    for n in 0..200 {
        for name in numerals::names(n) {
            spoken.sounds.entry(cologne(&name)).or_default().push((name.clone(), n));
            spoken.exact.insert(name, n);
        }
    }
    spoken
});

/// How many, as written or spoken ("21", "dreihundertsieben", "einer", "keine"), below 1000 as a
/// word. Only as spelled: a count that merely sounds like one ("nein" like "neun") is none.
pub(super) fn count(word: &str) -> Option<u32> {
    match word {
        "ein" | "eine" | "einem" | "einen" | "einer" => Some(1),
        "kein" | "keine" | "keinen" | "keiner" | "keinerlei" | "niemand" => Some(0),
        _ if word.bytes().next()?.is_ascii_digit() => word.parse().ok(),
        _ => numerals::read(word).and_then(|n| n.try_into().ok()).filter(|n| *n < 1000),
    }
}

/// The value of a number word at `i`, if there is one.
pub(super) fn value(tokens: &[StreamToken], i: usize) -> Option<u32> {
    spoken(tokens, i).map(|(n, _)| n)
}

/// A number word at `i`, also misheard or in two pieces ("vierun Dvierzig").
fn spoken(tokens: &[StreamToken], i: usize) -> Option<(u32, usize)> {
    let token = tokens.get(i)?;
    let next = tokens.get(i + 1).filter(|n| n.pause < 200 && !n.text.is_empty());
    if let Some(next) = next {
        let joined = format!("{}{}", token.text, next.text);
        if joined.len() >= 6
            && !SPOKEN.exact.contains_key(&token.text)
            && let Some(n) = SPOKEN.exact.get(&joined)
        {
            return Some((*n, i + 2));
        }
    }
    if let Some(n) = SPOKEN.exact.get(&token.text) {
        return Some((*n, i + 1));
    }
    if token.text.len() < 4 {
        return None;
    }
    SPOKEN
        .sounds
        .get(&token.sound)?
        .iter()
        .map(|(name, n)| (distance(name, &token.text), *n))
        .filter(|(edits, _)| *edits <= (token.text.len() / 3).max(1))
        .min()
        .map(|(_, n)| (n, i + 1))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn tokens(text: &str) -> Vec<StreamToken> {
        text.split(' ').map(plain_token).collect()
    }

    fn read_text(text: &str) -> Vec<String> {
        read(&tokens(text), 0, AgendaPart::Main)
            .map(|r| r.numbers)
            .unwrap_or_default()
            .iter()
            .map(show)
            .collect()
    }

    fn show(n: &ItemNumber) -> String {
        let levels: Vec<String> = n.levels.iter().map(u32::to_string).collect();
        levels.join(".") + &n.letter.map(String::from).unwrap_or_default()
    }

    #[test]
    fn numbers_are_read_as_spoken_and_written() {
        for (text, want) in [
            ("fünf", "5"),
            ("5.", "5"),
            ("fünf Punkt eins", "5.1"),
            ("5 a", "5a"),
            ("15a", "15a"),
            ("dreizehn a bis c", "13a 13b 13c"),
            ("Ö 28", "28"),
            ("vier und fünf", "4 5"),
            ("zwanzig eins", "20.1"),
            ("24.1", "24.1"),
            ("24.1 bis 24.4", "24.1 24.2 24.3 24.4"),
            ("vierun Dvierzig", "44"),
            ("funfsehn", "15"),
            ("8 a, 8 b und 9", "8a 8b 9"),
            ("3 und dann", "3"),
            ("Haushalt", ""),
            ("2021", ""),
        ] {
            assert_eq!(read_text(text).join(" "), want, "{text:?}");
        }
    }

    #[test]
    fn counts_are_read_as_spelled() {
        for (word, want) in [
            ("21", Some(21)),
            ("keine", Some(0)),
            ("einer", Some(1)),
            ("zweihunderteinundsechzig", Some(261)),
            ("hundertdrei", Some(103)),
            ("fuenfhundert", Some(500)),
            ("nein", None),
            ("hundertschaft", None),
            ("204308", Some(204_308)),
            ("2a", None),
        ] {
            assert_eq!(count(word), want, "{word}");
        }
    }

    #[test]
    fn printed_numbers_carry_their_part() {
        assert_eq!(
            of_item("ZP 4"),
            [ItemNumber { part: AgendaPart::Added, levels: vec![4], letter: None }]
        );
        assert_eq!(of_item("N 3")[0].part, AgendaPart::NonPublic);
        assert_eq!(of_item("11 und 12").len(), 2);
        assert_eq!(of_item("Einzelplan 04")[0].levels, [4]);
        assert!(of_item("").is_empty());
    }

    proptest! {
        #[test]
        fn every_spoken_number_is_read_back(n in 0u32..200) {
            for name in numerals::names(n) {
                prop_assert_eq!(spoken(&tokens(&name), 0), Some((n, 1)));
            }
        }

        #[test]
        fn any_text_is_read_or_not(text in "\\PC{0,40}") {
            let _ = read_text(&text);
            let _ = of_item(&text);
        }
    }
}
