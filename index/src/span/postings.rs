//! Reads the postings of a span in one segment, passage by passage. Scoring and highlighting both
//! go through it.

use tantivy::schema::IndexRecordOption;
use tantivy::{DocId, SegmentReader, TERMINATED, Term};

use super::{Places, Shape, Span};
use crate::budget::{Budget, Meter};
use crate::cursor::Cursor;
use crate::terms::Terms;

/// The words of a span in one segment, standing at the same passage.
pub(crate) struct SpanPostings {
    shape: Shape,
    /// How many words it has.
    words: u32,
    /// Of its words and pairs, in order.
    slots: Vec<SlotPostings>,
    places: Vec<Places>,
    /// The places of `slots`, the rarest first: the others are only looked for where it stands.
    rarest: Vec<usize>,
    meter: Meter,
    doc: DocId,
    /// Before this one no passage behind `doc` holds all words.
    beyond: DocId,
}

/// All terms of one word or pair.
struct SlotPostings {
    /// How many words behind the first one.
    offset: usize,
    own: Vec<Cursor>,
    ahead: Vec<Cursor>,
}

impl SpanPostings {
    /// The postings at `doc`; `None` where it does not match.
    pub(crate) fn at(
        span: &Span,
        terms: &Terms,
        reader: &SegmentReader,
        doc: DocId,
    ) -> tantivy::Result<Option<Self>> {
        let mut postings = Self::new(span, terms, reader, &Budget::endless())?;
        postings.doc = doc;
        let holds = postings.slots.iter_mut().all(|slot| slot.seek(doc) == doc);
        Ok((holds && postings.verify()).then_some(postings))
    }

    /// The postings at the very first passage, whether it matches or not.
    pub(crate) fn new(
        span: &Span,
        terms: &Terms,
        reader: &SegmentReader,
        budget: &Budget,
    ) -> tantivy::Result<Self> {
        let pairs = span.pairs.iter().map(|pair| {
            (pair.at, std::slice::from_ref(&pair.own), std::slice::from_ref(&pair.ahead))
        });
        let paired =
            |word: usize| span.pairs.iter().any(|pair| (pair.at..pair.at + 2).contains(&word));
        let single = span.slots.iter().enumerate().filter(|(word, _)| !paired(*word));
        let single = single.map(|(word, slot)| (word, slot.own.as_slice(), slot.ahead.as_slice()));
        let mut slots = Vec::with_capacity(span.slots.len());
        for (offset, own, ahead) in pairs.chain(single) {
            let (own, ahead) = (open_all(own, terms, reader)?, open_all(ahead, terms, reader)?);
            slots.push(SlotPostings { offset, own, ahead });
        }
        slots.sort_by_key(|slot| slot.offset);
        let place =
            |slot: &SlotPostings| Places { offset: slot.offset as u32, ..Places::default() };
        let places = slots.iter().map(place).collect();
        let mut rarest: Vec<usize> = (0..slots.len()).collect();
        rarest.sort_by_key(|n| slots[*n].most());
        let words = span.slots.len() as u32;
        let meter = Meter::new(budget);
        Ok(Self { shape: span.shape, words, slots, places, rarest, meter, doc: 0, beyond: 0 })
    }

    /// The passage it stands at, or `TERMINATED`.
    pub(crate) fn doc(&self) -> DocId {
        self.doc
    }

    /// Moves to the next passage that matches.
    pub(crate) fn advance(&mut self) -> DocId {
        if self.doc != TERMINATED {
            self.settle(self.doc + 1);
        }
        self.doc
    }

    /// Moves to the first passage from `target` on that matches.
    pub(crate) fn seek(&mut self, target: DocId) -> DocId {
        if self.doc < target {
            self.settle(target);
        }
        self.doc
    }

    /// Opens the postings, standing at the first passage that may match: it holds all words.
    pub(crate) fn open_unsure(
        span: &Span,
        terms: &Terms,
        reader: &SegmentReader,
        budget: &Budget,
    ) -> tantivy::Result<Self> {
        let mut postings = Self::new(span, terms, reader, budget)?;
        postings.doc = postings.common_from(0, |_, _| true);
        Ok(postings)
    }

    /// A passage from `target` on before which none holds all words. Where it is `target`, all are
    /// there, unless it is the very first passage.
    pub(crate) fn bound(&mut self, target: DocId) -> DocId {
        if self.doc >= target || self.beyond > target {
            return self.doc.max(self.beyond);
        }
        if self.meter.is_over() {
            return TERMINATED;
        }
        for &slot in &self.rarest {
            let doc = self.slots[slot].seek(target);
            if doc > target {
                self.beyond = doc;
                return doc;
            }
        }
        self.doc = target;
        target
    }

    /// Whether a passage may hold all words, as far as is known without looking for them.
    pub(crate) fn may_hold(&self, doc: DocId) -> bool {
        self.doc == doc || self.doc < doc && self.beyond <= doc
    }

    /// Moves to the first passage from `target` on that holds all words and of which it is `worth`
    /// knowing whether they stand as the span asks, by the number of matches that it has at most:
    /// [`Self::verify`] reads positions, which is what takes time. The rarest word tells that, mostly
    /// before the others are looked for.
    pub(crate) fn seek_worth(
        &mut self,
        target: DocId,
        worth: impl Fn(DocId, u32) -> bool,
    ) -> DocId {
        if self.doc < target {
            self.doc = self.common_from(target, worth);
        }
        self.doc
    }

    /// Upper bound of the number of matches in this passage, told without reading positions.
    pub(crate) fn most_here(&self) -> u32 {
        match self.shape {
            Shape::Phrase => {
                let slots = self.slots.iter();
                slots.map(|slot| slot.most_matches(self.shape, self.doc)).min().unwrap_or(0)
            }
            // Each begins with an own word of any.
            Shape::Near { .. } => {
                self.slots.iter().map(|slot| frequency(&slot.own, self.doc)).sum()
            }
        }
    }

    /// Whether this passage matches.
    pub(crate) fn verify(&mut self) -> bool {
        let doc = self.doc;
        if doc == TERMINATED {
            return false;
        }
        for (slot, places) in self.slots.iter_mut().zip(&mut self.places) {
            slot.read(doc, places);
        }
        let mut any = false;
        self.matches(|_| any = true);
        any
    }

    /// Calls `found` with the first position of every match in this passage.
    pub(crate) fn matches(&self, found: impl FnMut(u32)) {
        self.shape.matches(&self.places, found);
    }

    /// The positions of all words of all matches in this passage.
    pub(crate) fn covered(&self, positions: &mut Vec<u32>) {
        self.matches(|start| self.shape.covered(&self.places, self.words, start, positions));
    }

    /// Upper bound of the number of passages.
    pub(crate) fn most(&self) -> u32 {
        self.slots.iter().map(SlotPostings::most).min().unwrap_or(0)
    }

    fn settle(&mut self, mut target: DocId) {
        self.doc = loop {
            let candidate = self.common_from(target, |_, _| true);
            if candidate == TERMINATED {
                break TERMINATED;
            }
            self.doc = candidate;
            if self.verify() {
                break candidate;
            }
            target = candidate + 1;
        };
    }

    /// The first passage from `target` on that holds all words and is `worth` it.
    fn common_from(&mut self, mut target: DocId, worth: impl Fn(DocId, u32) -> bool) -> DocId {
        'again: loop {
            if self.meter.is_over() {
                return TERMINATED;
            }
            for (n, &slot) in self.rarest.iter().enumerate() {
                let slot = &mut self.slots[slot];
                let doc = slot.seek(target);
                if doc > target {
                    if doc == TERMINATED {
                        return TERMINATED;
                    }
                    target = doc;
                    continue 'again;
                }
                if n == 0 && !worth(target, slot.most_matches(self.shape, target)) {
                    target += 1;
                    continue 'again;
                }
            }
            return target;
        }
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

    /// Upper bound of the number of matches in `doc`, by this word or pair alone.
    fn most_matches(&self, shape: Shape, doc: DocId) -> u32 {
        match shape {
            // Each begins with an own word of the first slot, and has one of every other.
            Shape::Phrase if self.offset == 0 => frequency(&self.own, doc),
            Shape::Phrase => frequency(&self.own, doc) + frequency(&self.ahead, doc),
            // Each may begin with any.
            Shape::Near { .. } => u32::MAX,
        }
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

fn open_all(any: &[Term], terms: &Terms, reader: &SegmentReader) -> tantivy::Result<Vec<Cursor>> {
    let mut all = Vec::with_capacity(any.len());
    for term in any {
        let option = IndexRecordOption::WithFreqsAndPositions;
        let postings = terms.open(term, reader.segment_id(), option)?;
        all.extend(postings.map(Cursor::new));
    }
    Ok(all)
}
