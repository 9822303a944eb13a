//! The chair's words cut into sentences, as meant where a formula was misheard, and how many voted for,
//! against or not at all, as the chair counts: "bei drei Gegenstimmen und einer Enthaltung", "21 zu 5
//! Stimmen", "mit Nein 35". Reads numbers where the words tie them to a side; refuses to add up, and to
//! guess what "der Rest" comes to.

use crate::align::numbers::{self, count};
use crate::align::stream::StreamToken;

/// A side in a vote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    InFavour,
    Against,
    Abstained,
}

/// The numbers said, by side.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Tally {
    pub in_favour: Option<u32>,
    pub against: Option<u32>,
    pub abstentions: Option<u32>,
    /// Told as "21 zu 5": the larger number is that of the side that won.
    proportion: bool,
}

/// Words between a side and its number behind it ("Gegenstimmen sehe ich keine").
const BETWEEN: &[&str] = &[
    "auch", "es", "gab", "gestimmt", "gibt", "haben", "hat", "ich", "sehe", "sehen", "sind",
    "stimmte", "stimmten", "waren", "wir",
];
/// Words a bare answer may consist of, beside its number.
#[rustfmt::skip]
const ANSWER: &[&str] = &[
    "also", "auch", "da", "danke", "dann", "das", "der", "die", "einzige", "erkennbar",
    "erkenne", "erkennen", "es", "fall", "gegenstimme", "gegenstimmen", "gibt", "gut",
    "herzlichen", "hier", "hoere", "ich", "ist", "ja", "jetzt", "kann", "nicht", "noch",
    "sehe", "sehen", "sind", "so", "enthaltung", "enthaltungen", "stimme", "stimmen", "und",
    "vielen", "dank", "wieder", "wir",
];

impl Tally {
    /// All numbers tied to a side in words `from..end` of a sentence.
    pub fn read(sentence: &Sentence, from: usize, end: usize) -> Self {
        let mut tally = Self::default();
        let mut said: Vec<(Side, u32)> = Vec::new();
        // Up to here numbers belong to a side already.
        let mut used = from;
        let mut last: Option<(usize, u32)> = None;
        for i in from..end {
            if let Some((first, second)) = proportion(sentence, i, from) {
                (tally.in_favour, tally.against) = (Some(first), Some(second));
                tally.proportion = true;
                used = i + 1;
                continue;
            }
            let Some(noun) = noun(sentence, i, from) else { continue };
            let number = before(sentence, i, used, &noun)
                .or_else(|| noun.counts_behind.then(|| behind(sentence, i + 1, end)).flatten())
                .or_else(|| shared(sentence, i, last));
            let Some((n, after)) = number else { continue };
            said.push((noun.side, n));
            used = after.max(i + 1);
            last = Some((i, n));
        }
        for (side, n) in &said {
            // Two numbers of one side are those of two votes.
            let one = said.iter().all(|(other, m)| other != side || m == n);
            *tally.of(*side) = Some(*n).filter(|_| one);
        }
        tally
    }

    /// "Mit 21 zu 5 Stimmen abgelehnt": 21 were against.
    pub fn of_rejection(self) -> Self {
        let (yes, no) = (self.in_favour.min(self.against), self.in_favour.max(self.against));
        match self.proportion {
            true => Self { in_favour: yes, against: no, ..self },
            false => self,
        }
    }

    /// The number of a side.
    pub fn of(&mut self, side: Side) -> &mut Option<u32> {
        match side {
            Side::InFavour => &mut self.in_favour,
            Side::Against => &mut self.against,
            Side::Abstained => &mut self.abstentions,
        }
    }

    /// These numbers, and where there are none those of `other`.
    pub fn or(self, other: Self) -> Self {
        Self {
            in_favour: self.in_favour.or(other.in_favour),
            against: self.against.or(other.against),
            abstentions: self.abstentions.or(other.abstentions),
            proportion: self.proportion || other.proportion,
        }
    }

    /// Whether nothing is known.
    pub fn is_empty(self) -> bool {
        self == Self::default()
    }

    /// Whether both count the same side, and differently.
    pub fn contradicts(self, other: Self) -> bool {
        let differ = |a: Option<u32>, b: Option<u32>| a.is_some() && b.is_some() && a != b;
        differ(self.in_favour, other.in_favour)
            || differ(self.against, other.against)
            || differ(self.abstentions, other.abstentions)
    }
}

/// The sides a sentence asks for ("Gegenstimmen?", "Wer enthält sich?").
pub(super) fn asks(sentence: &Sentence) -> Vec<Side> {
    let words = &sentence.words;
    let who = ["wer", "jemand", "moechte", "moechten", "will"].iter().any(|w| words.contains(w));
    let mut sides = Vec::new();
    for (i, word) in words.iter().enumerate() {
        let side = match *word {
            "gegenstimme" | "gegenstimmen" | "gegenprobe" => Side::Against,
            "dagegen" if who => Side::Against,
            "enthaltung" | "enthaltungen" | "stimmenthaltungen" => Side::Abstained,
            "enthaelt" | "enthalten" if who => Side::Abstained,
            "dafuer" if who => Side::InFavour,
            "fuer" if who && i > 0 && words[i - 1] == "stimmt" => Side::InFavour,
            _ => continue,
        };
        if !sides.contains(&side) {
            sides.push(side);
        }
    }
    sides
}

/// The number a sentence answers with, if it says nothing else ("Keine.", "Das sind drei.").
pub(super) fn answer(sentence: &Sentence) -> Option<u32> {
    let words = &sentence.words;
    let mut numbers = words.iter().filter_map(|w| count(w));
    let plain = words.len() <= 7 && words.iter().all(|w| count(w).is_some() || ANSWER.contains(w));
    let denied = words.contains(&"nicht")
        && ["fall", "sehe", "sehen", "erkennen", "hoere"].iter().any(|w| words.contains(w));
    match (plain, numbers.next(), numbers.next()) {
        (true, Some(n), None) => Some(n),
        (true, None, None) if denied => Some(0),
        _ => None,
    }
}

/// A word that names a side, with the ways its number may stand.
struct Noun {
    side: Side,
    /// How many words the name has before this one ("Nein Stimmen").
    words_before: usize,
    counts_behind: bool,
}

fn noun(sentence: &Sentence, i: usize, from: usize) -> Option<Noun> {
    let words = &sentence.words;
    let is = |at: Option<usize>, wanted: &[&str]| {
        at.and_then(|at| words.get(at)).is_some_and(|w| wanted.contains(w))
    };
    let prior = |n: usize| i.checked_sub(n).filter(|at| *at >= from);
    let noun = |side, counts_behind| Some(Noun { side, words_before: 0, counts_behind });
    match words[i] {
        "gegenstimme" | "gegenstimmen" | "neinstimme" | "neinstimmen" => noun(Side::Against, true),
        "enthaltung" | "enthaltungen" | "stimmenthaltung" | "stimmenthaltungen" => {
            noun(Side::Abstained, true)
        }
        "jastimme" | "jastimmen" | "fuerstimmen" => noun(Side::InFavour, true),
        "ablehnung" | "ablehnungen" => noun(Side::Against, false),
        "zustimmungen" | "befuerwortungen" => noun(Side::InFavour, false),
        "stimme" | "stimmen" if is(prior(1), &["ja", "nein"]) => {
            let side = if words[i - 1] == "ja" { Side::InFavour } else { Side::Against };
            Some(Noun { side, words_before: 1, counts_behind: true })
        }
        // "gegen fünf Stimmen", "mit 21 Stimmen", but not "mit zwei Stimmen Mehrheit".
        "stimme" | "stimmen" => {
            let next = |wanted: &[&str]| is(Some(i + 1), wanted);
            let side = match () {
                () if next(&["enthaltung", "enthaltungen"]) => return None,
                () if next(&["mehrheit"]) => return None,
                () if next(&["dagegen"]) || is(prior(2), &["gegen"]) => Side::Against,
                () if next(&["dafuer"]) || is(prior(2), &["mit"]) => Side::InFavour,
                () => return None,
            };
            noun(side, false)
        }
        "ja" | "nein" if is(Some(i + 1), &["stimme", "stimmen"]) => None,
        "ja" | "nein" => {
            let side = if words[i] == "ja" { Side::InFavour } else { Side::Against };
            noun(side, is(prior(1), &["mit"]))
        }
        "dafuer" => noun(Side::InFavour, true),
        "dagegen" => noun(Side::Against, true),
        "enthalten" | "enthielten" => noun(Side::Abstained, false),
        _ => None,
    }
}

/// The number right before the noun at `i`, not before `used`; and the word behind the noun.
fn before(sentence: &Sentence, i: usize, used: usize, noun: &Noun) -> Option<(u32, usize)> {
    let words = &sentence.words;
    let mut at = i.checked_sub(1 + noun.words_before)?;
    let skipped: &[&str] = match words[i] {
        "enthalten" | "enthielten" => &["haben", "hat", "sich"],
        _ => &["weitere", "weiteren", "einzige", "stimmenthaltung"],
    };
    for _ in 0..2 {
        if skipped.contains(&words[at]) {
            at = at.checked_sub(1)?;
        }
    }
    // "ein Ja" is no count.
    let article = matches!(words[i], "ja" | "nein") && words[at].starts_with("ein");
    if at < used || article {
        return None;
    }
    let n = if words[at] == "ohne" { Some(0) } else { count(words[at]) };
    n.map(|n| (n, i + 1))
}

/// The number behind a side, and the word behind that.
fn behind(sentence: &Sentence, from: usize, end: usize) -> Option<(u32, usize)> {
    let words = &sentence.words;
    let mut at = from;
    while at < end && at < from + 3 && BETWEEN.contains(&words[at]) {
        at += 1;
    }
    let word = words.get(at).filter(|_| at < end)?;
    if *word == "nicht" && at > from {
        return Some((0, at + 1));
    }
    let n = count(word)?;
    let next = words.get(at + 1).copied().unwrap_or("");
    let begins_next = is_side(next) && words.get(at + 2).is_none_or(|w| count(w).is_none());
    // "eine" before anything else is an article.
    let article = word.starts_with("ein")
        && word.len() <= 5
        && !(next.is_empty() || is_side(next))
        && !sentence.tokens[at].punctuated()
        && !matches!(next, "und" | "damit" | "dann" | "somit");
    (!begins_next && !article).then_some((n, at + 1))
}

fn is_side(word: &str) -> bool {
    word.starts_with("gegenstimme")
        || word.starts_with("enthaltung")
        || word.starts_with("jastimme")
        || word.starts_with("neinstimme")
}

/// "keine Gegenstimmen und Enthaltungen": none of both.
fn shared(sentence: &Sentence, i: usize, last: Option<(usize, u32)>) -> Option<(u32, usize)> {
    let (noun, n) = last.filter(|(_, n)| *n == 0)?;
    let joined = i == noun + 2 && matches!(sentence.words[noun + 1], "und" | "oder");
    joined.then_some((n, i + 1))
}

/// "21 zu 5 Stimmen", "mit 21 zu 5", ending at `i`.
fn proportion(sentence: &Sentence, i: usize, from: usize) -> Option<(u32, u32)> {
    let words = &sentence.words;
    let votes = words[i] == "stimmen";
    let last = if votes { i.checked_sub(1)? } else { i };
    let first = last.checked_sub(2).filter(|first| *first >= from)?;
    let with = first > from && words[first - 1] == "mit" && words[last - 1] == "zu";
    let next_is_votes = words.get(last + 1) == Some(&"stimmen");
    let plain = matches!(words[last - 1], "zu" | "gegen") && (votes || with && !next_is_votes);
    if !plain {
        return None;
    }
    Some((count(words[first])?, count(words[last])?))
}

/// A word of so many letters is seldom mistaken for another.
const LONG: usize = 7;
/// A silence that ends a sentence whatever its punctuation, in milliseconds.
const SENTENCE_BREAK_MS: u64 = 700;
/// No sentence is longer than this (words); keeps the work linear where full stops are lost.
const SENTENCE_WORDS: usize = 150;

/// Words between two sentence ends, within one turn of the chair.
pub(super) struct Sentence<'a> {
    /// Index of its first token in the stream.
    pub first: usize,
    pub tokens: &'a [StreamToken],
    /// Formula words as meant, others as heard; folded.
    pub words: Vec<&'a str>,
    /// It ends with a question mark.
    pub asks: bool,
}

/// The sentences in tokens `first..end`.
pub(super) fn sentences(tokens: &[StreamToken], first: usize, end: usize) -> Vec<Sentence<'_>> {
    let mut sentences = Vec::new();
    let mut from = first;
    for i in first..end {
        let last = i + 1 == end
            || tokens[i + 1].pause >= SENTENCE_BREAK_MS
            || i + 1 - from == SENTENCE_WORDS;
        if last || tokens[i].ends_sentence() || number_ends(tokens, i) {
            let tokens = &tokens[from..i + 1];
            sentences.push(Sentence {
                first: from,
                tokens,
                words: tokens.iter().map(word).collect(),
                asks: tokens[tokens.len() - 1].raw.ends_with('?'),
            });
            from = i + 1;
        }
    }
    sentences
}

/// Whether a number ends a sentence at `i` ("Das sind 18. Wer ist dagegen?"); mostly its full stop
/// makes it an ordinal.
fn number_ends(tokens: &[StreamToken], i: usize) -> bool {
    let next = tokens.get(i + 1).map_or("", |t| &t.text);
    let begins =
        ["damit", "das", "dann", "enthaltungen", "gegenprobe", "gegenstimmen", "somit", "wer"];
    tokens[i].raw.ends_with('.')
        && numbers::count(&tokens[i].text).is_some()
        && begins.contains(&next)
}

/// The word a token stands for: long words as meant, short ones as heard, because "nein" sounds
/// like "mein". "Beschließen" only sounds like "beschlossen".
fn word(token: &StreamToken) -> &str {
    let other = token.text.contains("schlie") || token.text.contains("schlu");
    match token.key {
        Some("beschlossen") if other => &token.text,
        Some(key) if key.len() >= LONG => key,
        _ => &token.text,
    }
}
