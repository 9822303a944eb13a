//! What an address says about a place in a meeting, and where that is in the text as it is now. Reads
//! leniently: what makes no sense is left out. Owns that nothing of an address is ever shown but what this
//! site gave out (`Editions::may_show_then`).

use std::ops::Range;

use mitschnitt_german::folding::fold;

use crate::domain::{
    Located, MediaTime, MeetingId, QuotableWord, Quotation, QuoteSeal, Result, SealedQuotation,
    Span,
};
use crate::edition::{Edition, Editions};
use crate::search::link::LEAD_IN_MS;
use crate::web::public::query::{encode, meeting_page, seconds};

/// A named word may have moved so far in a new transcript, in milliseconds.
const FARTHEST_MS: u64 = 30_000;
/// A bare number means its word only where that begins so far before the time of the address …
const EARLIEST_MS: u64 = 2_000;
/// … or behind it, in milliseconds.
const LATEST_MS: u64 = 10_000;
/// Longer words are none.
const LONGEST_WORD: usize = 128;

/// What an address says about a place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PlaceLink {
    time: Option<MediaTime>,
    until: Option<MediaTime>,
    word: Option<WordLink>,
    quotation: Option<Quotation>,
    seal: Option<QuoteSeal>,
}

/// A word by its number when the link was made and, in newer links, its spelling.
#[derive(Clone, Debug, PartialEq, Eq)]
struct WordLink {
    number: usize,
    /// Folded.
    spelling: Option<String>,
}

/// A place as a meeting's page shows it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ShownPlace {
    /// Where the recording starts to play.
    pub time: Option<MediaTime>,
    /// Where the stretch ends that was asked for.
    pub until: Option<MediaTime>,
    /// The words that are marked, by their numbers in the page.
    pub words: Option<Range<usize>>,
    /// The quotation that led here.
    pub quote: Option<ShownQuote>,
}

/// What became of a quotation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShownQuote {
    /// Whether its words still stand there.
    pub state: QuoteState,
    /// The words as they were, where they are others now and this site surely gave them out.
    pub then: Option<String>,
}

/// Whether the words of a quotation still stand where they stood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QuoteState {
    /// They do.
    Same,
    /// Others stand in their place.
    Changed,
    /// The place is not there any more, or not known for sure.
    Lost,
}

/// The address of a quotation on the meeting's page: it stays good when the text changes.
pub fn quotation_address(id: &MeetingId, quotation: &Quotation, seal: &QuoteSeal) -> String {
    let time = |span: Span| format!("t={},{}&", seconds(span.start()), seconds(span.end()));
    format!(
        "{}?{}zitat={}&vor={}&nach={}&siegel={seal}",
        meeting_page(id),
        quotation.span().map(time).unwrap_or_default(),
        encode(quotation.words()),
        encode(quotation.before()),
        encode(quotation.after()),
    )
}

impl PlaceLink {
    /// Reads the pairs of an address.
    pub fn read(pairs: &[(String, String)]) -> Self {
        let value = |name: &str| {
            let mut values = pairs.iter().rev().filter(|(key, _)| key == name);
            values.next().map(|(_, value)| value.as_str())
        };
        let (start, end) = value("t").map_or(("", ""), |t| t.split_once(',').unwrap_or((t, "")));
        let time: Option<MediaTime> = start.parse().ok();
        let until = end.parse().ok().filter(|end| time.is_some_and(|time| time < *end));
        let span = time.zip(until).and_then(|(start, end)| Span::new(start, end));
        let around = |name| value(name).unwrap_or_default();
        let quotation = value("zitat")
            .and_then(|words| Quotation::read(words, around("vor"), around("nach"), span));
        let seal = value("siegel").and_then(|seal| seal.parse().ok());
        Self { time, until, word: value("w").and_then(WordLink::read), quotation, seal }
    }

    /// The quotation with its seal, where both are there.
    pub fn sealed(self) -> Option<SealedQuotation> {
        let (quotation, seal) = self.quotation.zip(self.seal)?;
        Some(SealedQuotation { quotation, seal })
    }

    /// Whether it is that of a quotation.
    pub fn is_quotation(&self) -> bool {
        self.quotation.is_some()
    }

    /// The place in the text as it is now.
    ///
    /// # Errors
    /// Those of the archive.
    pub fn resolve(&self, editions: &Editions, edition: &Edition) -> Result<ShownPlace> {
        let words = edition.quotable_words();
        if let Some(quotation) = &self.quotation {
            return self.quoted(quotation, editions, edition, &words);
        }
        let word = self.word.as_ref().and_then(|word| word.resolve(self.time, &words));
        let marked = word.map(|word| word..word + 1);
        Ok(ShownPlace { time: self.time, until: self.until, words: marked, quote: None })
    }

    fn quoted(
        &self,
        quotation: &Quotation,
        editions: &Editions,
        edition: &Edition,
        words: &[QuotableWord<'_>],
    ) -> Result<ShownPlace> {
        let located = quotation.locate(words);
        let is_known = match (&located, &self.seal) {
            (Located::Same(_), _) | (_, None) => false,
            (_, Some(seal)) => editions.may_show_then(edition, quotation, seal, &located)?,
        };
        let (state, place) = match located {
            Located::Same(range) => (QuoteState::Same, Some(range)),
            // Of words that nobody vouches for, no other words are the change.
            Located::Changed(range) if is_known => (QuoteState::Changed, Some(range)),
            Located::Changed(_) | Located::Lost => (QuoteState::Lost, None),
        };
        let lead = |t: MediaTime| t.minus_millis(LEAD_IN_MS);
        let now = place.clone().and_then(|range| {
            let span = |word: &QuotableWord<'_>| word.span;
            let (first, last) = (words.get(range.start)?, words.get(range.end.checked_sub(1)?)?);
            Some((span(first)?.start(), span(last)?.end()))
        });
        Ok(ShownPlace {
            // The clock may be another by now.
            time: now.map(|(start, _)| start).or(self.time).map(lead),
            until: now.map(|(_, end)| end).or(self.until),
            words: place,
            quote: Some(ShownQuote { state, then: is_known.then(|| quotation.words().to_owned()) }),
        })
    }
}

impl WordLink {
    fn read(text: &str) -> Option<Self> {
        let (number, word) = text.split_once('-').map_or((text, None), |(n, w)| (n, Some(w)));
        let is_number = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
        let number = number.parse().ok().filter(|_| is_number)?;
        let spelling = match word {
            Some(word) if word.chars().nth(LONGEST_WORD).is_some() => return None,
            Some(word) => Some(fold(word)).filter(|folded| !folded.is_empty()),
            None => None,
        };
        Some(Self { number, spelling })
    }

    fn resolve(&self, time: Option<MediaTime>, words: &[QuotableWord<'_>]) -> Option<usize> {
        let start = |word: &QuotableWord<'_>| word.span.map(Span::start);
        let Some(spelling) = &self.spelling else {
            let word = words.get(self.number)?;
            let in_time = time.zip(start(word)).is_none_or(|(t, start)| {
                t.minus_millis(EARLIEST_MS) <= start && start <= t.plus_millis(LATEST_MS)
            });
            return in_time.then_some(self.number);
        };
        // Of records a word has the time of its speech: within it, only the number tells one from another.
        let apart = |word: &QuotableWord<'_>| {
            let Some((t, span)) = time.zip(word.span) else { return 0 };
            let expected = t.plus_millis(LEAD_IN_MS);
            match t == MediaTime::ZERO {
                // The beginning of the recording cut the lead-in short.
                true => span.start().since(expected),
                false => span.start().since(expected).max(expected.since(span.end())),
            }
        };
        let same = words.iter().enumerate().filter(|(_, word)| fold(word.text) == *spelling);
        same.map(|(number, word)| (apart(word), number.abs_diff(self.number), number))
            .filter(|(apart, ..)| *apart <= FARTHEST_MS)
            .min()
            .map(|(.., number)| number)
    }
}

#[cfg(test)]
mod tests;
