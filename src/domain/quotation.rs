//! Words of a meeting as they were quoted, and how they are found again in another text of it: after a
//! new transcript, a correction, another offset. Owns the decision which place is theirs; refuses to
//! guess: where two places fit alike, it is neither.

mod fitting;

use std::ops::Range;

use fitting::{ComparedText, Fit, Sought};

use super::Span;

/// How many words around a quotation it is known by.
const CONTEXT: usize = 6;
/// So many at most, where fewer stand around the same words twice.
const LONGEST_CONTEXT: usize = 24;
/// Longest quotation that is read, in characters; more than the site gives out.
const LONGEST: usize = 2000;
/// Longest text before or behind one that is read, in characters.
const LONGEST_AROUND: usize = 600;

/// A word of a text in which a quotation is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QuotableWord<'t> {
    /// As written.
    pub text: &'t str,
    /// When it is said, on the meeting's clock; of records that time speeches alone, the speech's time.
    pub span: Option<Span>,
}

/// Words as they were written when they were quoted, and what they are known again by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quotation {
    words: String,
    before: String,
    after: String,
    span: Option<Span>,
}

/// Where the words of a quotation are in a text, by word numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Located {
    /// The same words stand here.
    Same(Range<usize>),
    /// This is the place, and other words stand here.
    Changed(Range<usize>),
    /// No place is surely theirs.
    Lost,
}

impl Located {
    /// The words at the place, if there is one.
    pub fn range(&self) -> Option<&Range<usize>> {
        match self {
            Self::Same(range) | Self::Changed(range) => Some(range),
            Self::Lost => None,
        }
    }
}

impl Quotation {
    /// From the texts of an address; blanks become single spaces. `None` where nothing is quoted, or more
    /// than is ever given out.
    pub fn read(words: &str, before: &str, after: &str, span: Option<Span>) -> Option<Self> {
        let is_short = |text: &str, most: usize| text.chars().nth(most).is_none();
        let are_short = is_short(words, LONGEST)
            && [before, after].iter().all(|text| is_short(text, LONGEST_AROUND));
        let [words, before, after] = [words, before, after].map(single_spaced);
        let quotation = Self { words, before, after, span };
        (are_short && !quotation.words.is_empty()).then_some(quotation)
    }

    /// The words of a range of a text, with as many around them as they are known by. `None` where the
    /// text has no such words.
    pub fn of(text: &[QuotableWord<'_>], range: Range<usize>) -> Option<Self> {
        let quoted = text.get(range.clone()).filter(|words| !words.is_empty())?;
        let first = quoted.iter().find_map(|word| word.span);
        let last = quoted.iter().rev().find_map(|word| word.span);
        let span = first.zip(last).and_then(|(a, b)| Span::new(a.start(), b.end().max(a.start())));
        let compared = ComparedText::of(text);
        let mut around = CONTEXT;
        loop {
            let with = range.start.saturating_sub(around)..(range.end + around).min(text.len());
            if around >= LONGEST_CONTEXT || !compared.stands_twice(&with) {
                let joined = |range: Range<usize>| {
                    let words: Vec<&str> = text[range].iter().map(|word| word.text).collect();
                    single_spaced(&words.join(" "))
                };
                return Some(Self {
                    words: joined(range.clone()),
                    before: joined(with.start..range.start),
                    after: joined(range.end..with.end),
                    span,
                });
            }
            around *= 2;
        }
    }

    /// The words, one space between two.
    pub fn words(&self) -> &str {
        &self.words
    }

    /// The words before them.
    pub fn before(&self) -> &str {
        &self.before
    }

    /// The words behind them.
    pub fn after(&self) -> &str {
        &self.after
    }

    /// When they were said, on the meeting's clock of that time, where that was known.
    pub fn span(&self) -> Option<Span> {
        self.span
    }

    /// Finds them in another text of the same meeting: the place that fits best by words, the words
    /// around and the time, where it fits well and no other does so nearly as well.
    pub fn locate(&self, text: &[QuotableWord<'_>]) -> Located {
        let Some(sought) = Sought::new(&self.before, &self.words, &self.after) else {
            return Located::Lost;
        };
        let compared = ComparedText::of(text);
        let nearby = self.span.map(|span| {
            let from = span.start().minus_millis(NEARBY_MS);
            let to = span.end().plus_millis(NEARBY_MS);
            let is_near = |s: Span| from <= s.start() && s.start() <= to;
            compared.first_where(text, is_near)
        });
        let mut places: Vec<Candidate> = (sought.fits(&compared, nearby.flatten()).into_iter())
            .map(|fit| self.place(fit, text))
            .collect();
        places.sort_by_key(|place| (place.unlikely, place.fit.words.start));
        // Where the words are left out now, the place is theirs, and none has them.
        let best = places.first().filter(|place| !place.fit.words.is_empty());
        let Some(best) = best else { return Located::Lost };
        let is_rival = |other: &&Candidate| {
            let (a, b) = (&best.fit.words, &other.fit.words);
            (a.end <= b.start || b.end <= a.start) && other.unlikely < best.unlikely + CLEARLY
        };
        if !self.is_good(best, &sought, &compared) || places.iter().skip(1).any(|p| is_rival(&p)) {
            return Located::Lost;
        }
        let words = best.fit.words.clone();
        match compared.says_the_same(&words, &sought) {
            true => Located::Same(words),
            false => Located::Changed(words),
        }
    }

    fn place(&self, fit: Fit, text: &[QuotableWord<'_>]) -> Candidate {
        let there = text.get(fit.words.start).and_then(|word| word.span);
        let apart = self.span.zip(there).map(|(then, now)| {
            let (then, now) = (then.start(), now.start());
            then.since(now).max(now.since(then))
        });
        let differences = u64::from(fit.cost) * 100 + u64::from(fit.rare_missing) * RARE_WORD;
        let unlikely = differences + apart.map_or(0, late);
        Candidate { fit, apart, unlikely }
    }

    /// Whether a place fits well enough, where it is the only one: less well where the time is right too,
    /// and elsewhere only with words that are not said all the time. Formulas alone say nothing of a place.
    fn is_good(&self, place: &Candidate, sought: &Sought, compared: &ComparedText) -> bool {
        let Fit { cost, same, rare, rare_missing, .. } = place.fit;
        let differs_by = |hundredths: u64| u64::from(cost) * 100 <= sought.worst() * hundredths;
        let is_telling = rare >= TELLING && rare * 2 >= rare_missing;
        match place.apart {
            Some(ms) if ms <= IN_TIME_MS => differs_by(50) && rare * 2 + 1 >= rare_missing,
            Some(_) => differs_by(33) && is_telling,
            None => {
                (cost == 0 || differs_by(33) && is_telling) && same >= ENOUGH.min(compared.len())
            }
        }
    }
}

/// A place where a quotation fits.
struct Candidate {
    fit: Fit,
    /// How far its time is from the quotation's, in milliseconds, where both are known.
    apart: Option<u64>,
    /// The cost of the fit in hundredths, and more the farther away its time is.
    unlikely: u64,
}

/// So far around its time every word is compared with a quotation, in milliseconds.
const NEARBY_MS: u64 = 60_000;
/// New transcripts place words no farther off than this, in milliseconds.
const IN_TIME_MS: u64 = 8_000;
/// A rival is out of the question from here on: as much as a word and a half that are wrong.
const CLEARLY: u64 = 300;
/// What a rare word that is missing adds to that.
const RARE_WORD: u64 = 200;
/// As many rare words must be the same where the time is not right.
const TELLING: u32 = 2;
/// As many words at least must be the same where no time is known.
const ENOUGH: u32 = 5;

/// How unlikely a place is that is so many milliseconds away, in hundredths of the cost of a fit. At once
/// much, as a text of the same sound has nearly the same times; never so much that it outweighs many words,
/// as an offset may have changed.
fn late(apart: u64) -> u64 {
    let at_once = apart.min(1_000) * 3 / 10;
    let later = apart.clamp(2_000, 12_000) - 2_000;
    at_once + later * 6 / 100
}

fn single_spaced(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests;
