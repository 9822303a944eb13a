//! Reads the postings of a span in one segment, passage by passage. Scoring and highlighting both
//! go through it.

use tantivy::index::SegmentId;
use tantivy::schema::IndexRecordOption;
use tantivy::{DocId, Result, SegmentReader, TERMINATED, Term};

use super::{Places, Shape, WordSpan};
use crate::postings::cursor::Cursor;
use crate::postings::intersection::{Conjunction, Disjunction};
use crate::postings::terms::Terms;

/// The words of a span in one segment.
pub(crate) struct SpanPostings {
    shape: Shape,
    /// How many words it has.
    words: u32,
    /// Of its words and pairs, in order.
    slots: Vec<SlotPostings>,
    places: Vec<Places>,
    /// The places of `slots`, the rarest first: the others are only looked for where it stands.
    rarest: Vec<usize>,
    /// The passage last looked into, and whether it has all words.
    looked_at: (DocId, bool),
    /// The passage whose positions were read last, and whether it matches.
    verified: (DocId, bool),
}

/// All terms of one word or pair.
struct SlotPostings {
    /// How many words behind the first one.
    offset: usize,
    own: Vec<Cursor>,
    ahead: Vec<Cursor>,
}

/// The terms of one word or pair.
struct SlotTerms<'s> {
    /// How many words behind the first one.
    offset: usize,
    own: &'s [Term],
    ahead: &'s [Term],
}

/// What a span is looked for by: its words, and in the place of two words the pair of them.
fn slots_of(span: &WordSpan) -> Vec<SlotTerms<'_>> {
    let pairs = span.pairs.iter().map(|pair| SlotTerms {
        offset: pair.at,
        own: std::slice::from_ref(&pair.own),
        ahead: std::slice::from_ref(&pair.ahead),
    });
    let paired = |word: usize| span.pairs.iter().any(|pair| (pair.at..pair.at + 2).contains(&word));
    let single = span.slots.iter().enumerate().filter(|(word, _)| !paired(*word));
    let single =
        single.map(|(offset, slot)| SlotTerms { offset, own: &slot.own, ahead: &slot.ahead });
    let mut slots: Vec<SlotTerms<'_>> = pairs.chain(single).collect();
    slots.sort_by_key(|slot| slot.offset);
    for slot in &mut slots {
        // A phrase begins with an own word.
        if span.shape == Shape::Phrase && slot.offset == 0 {
            slot.ahead = &[];
        }
    }
    slots
}

/// What finds the passages of a segment that have all words of `span`.
///
/// # Errors
/// Reading the index failed.
pub(crate) fn conjunction_of(
    span: &WordSpan,
    terms: &Terms,
    file: SegmentId,
) -> Result<Conjunction> {
    let mut words = Vec::with_capacity(span.slots.len());
    for slot in slots_of(span) {
        let mut word = Disjunction::default();
        for term in slot.own.iter().chain(slot.ahead) {
            if let Some(list) = terms.known(term)?.list(file)? {
                word.add(0, list);
            }
        }
        words.push(word);
    }
    Ok(Conjunction::new(words))
}

impl SpanPostings {
    /// The postings at `doc`; `None` where it does not match.
    ///
    /// # Errors
    /// Reading the index failed.
    pub(crate) fn at(
        span: &WordSpan,
        terms: &Terms,
        reader: &SegmentReader,
        doc: DocId,
    ) -> Result<Option<Self>> {
        let mut postings = Self::new(span, terms, reader.segment_id())?;
        Ok(postings.holds(doc).then_some(postings))
    }

    /// The postings, at no passage yet.
    ///
    /// # Errors
    /// Reading the index failed.
    pub(crate) fn new(span: &WordSpan, terms: &Terms, file: SegmentId) -> Result<Self> {
        let mut slots = Vec::with_capacity(span.slots.len());
        for SlotTerms { offset, own, ahead } in slots_of(span) {
            let (own, ahead) = (cursors(own, terms, file)?, cursors(ahead, terms, file)?);
            slots.push(SlotPostings { offset, own, ahead });
        }
        let place =
            |slot: &SlotPostings| Places { offset: slot.offset as u32, ..Places::default() };
        let places = slots.iter().map(place).collect();
        let mut rarest: Vec<usize> = (0..slots.len()).collect();
        rarest.sort_by_key(|n| slots[*n].most());
        let words = span.slots.len() as u32;
        let nowhere = (TERMINATED, false);
        Ok(Self {
            shape: span.shape,
            words,
            slots,
            places,
            rarest,
            looked_at: nowhere,
            verified: nowhere,
        })
    }

    /// Whether a passage could match, told without reading positions: it has all words, and was not
    /// seen to have them in other places. No passage may be asked for that is before an earlier one.
    pub(crate) fn may_hold(&mut self, doc: DocId) -> bool {
        if self.verified.0 == doc {
            return self.verified.1;
        }
        if self.looked_at.0 != doc {
            let slots = &mut self.slots;
            self.looked_at = (doc, self.rarest.iter().all(|slot| slots[*slot].seek(doc) == doc));
        }
        self.looked_at.1
    }

    /// Whether a passage matches; likewise.
    pub(crate) fn holds(&mut self, doc: DocId) -> bool {
        if !self.may_hold(doc) {
            return false;
        }
        if self.verified.0 != doc {
            for (slot, places) in self.slots.iter_mut().zip(&mut self.places) {
                slot.read(doc, places);
            }
            let mut any = false;
            self.matches(|_| any = true);
            self.verified = (doc, any);
        }
        self.verified.1
    }

    /// Whether a passage is `worth` knowing whether it matches, by the number of matches that it has
    /// at most: reading positions is what takes time. Likewise.
    pub(crate) fn is_worth(&mut self, doc: DocId, worth: impl Fn(u32) -> bool) -> bool {
        match self.shape {
            // Each match has one of every word; the rarest tells most, before the others are sought.
            Shape::Phrase => self.rarest.iter().all(|&slot| {
                let slot = &mut self.slots[slot];
                slot.seek(doc) == doc && worth(slot.frequency(doc))
            }),
            // Each begins with an own word of any.
            Shape::Near { .. } => {
                self.may_hold(doc)
                    && worth(self.slots.iter().map(|slot| frequency(&slot.own, doc)).sum())
            }
        }
    }

    /// Calls `found` with the first position of every match in this passage.
    pub(crate) fn matches(&self, found: impl FnMut(u32)) {
        self.shape.matches(&self.places, found);
    }

    /// The positions of all words of all matches in this passage.
    pub(crate) fn covered(&self, positions: &mut Vec<u32>) {
        self.matches(|start| self.shape.covered(&self.places, self.words, start, positions));
    }
}

impl SlotPostings {
    fn seek(&mut self, target: DocId) -> DocId {
        let mut first = TERMINATED;
        for postings in self.own.iter_mut().chain(&mut self.ahead) {
            first = first.min(postings.seek(target));
        }
        first
    }

    /// How often it is in `doc`.
    fn frequency(&self, doc: DocId) -> u32 {
        frequency(&self.own, doc) + frequency(&self.ahead, doc)
    }

    fn read(&mut self, doc: DocId, places: &mut Places) {
        places.positions.clear();
        gather(&mut self.own, doc, &mut places.positions);
        places.positions.sort_unstable();
        places.positions.dedup();
        places.n_own = places.positions.len();
        // Positions in the lookahead are behind all own ones, so sorting leaves these in front.
        gather(&mut self.ahead, doc, &mut places.positions);
        places.positions.sort_unstable();
        places.positions.dedup();
    }

    fn most(&self) -> u32 {
        self.own.iter().chain(&self.ahead).map(Cursor::most).sum()
    }
}

/// How often the terms are in `doc`.
fn frequency(all: &[Cursor], doc: DocId) -> u32 {
    all.iter().filter(|postings| postings.doc() == doc).map(Cursor::term_freq).sum()
}

fn gather(all: &mut [Cursor], doc: DocId, positions: &mut Vec<u32>) {
    for postings in all.iter_mut().filter(|postings| postings.doc() == doc) {
        postings.positions(positions);
    }
}

fn cursors(any: &[Term], terms: &Terms, file: SegmentId) -> Result<Vec<Cursor>> {
    let mut all = Vec::with_capacity(any.len());
    for term in any {
        let option = IndexRecordOption::WithFreqsAndPositions;
        all.extend(Cursor::new(terms, &terms.known(term)?, file, option));
    }
    Ok(all)
}
