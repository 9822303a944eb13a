//! Reads the postings of a bag of words in one segment, passage by passage: which match, how much
//! they weigh, and how well they answer.

use std::sync::Arc;

use tantivy::fieldnorm::FieldNormReader;
use tantivy::index::SegmentId;
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{DocId, Result, Score, SegmentReader, TERMINATED};

use super::answer::{BagScope, TermRole, WordAnswer, suffice};
use super::weighed::{Answering, Weighed, Weighing};
use super::{Bag, Depth, Level, Nearness, Rank, SortKey};
use crate::postings::cursor::Cursor;
use crate::postings::intersection::Intersection;
use crate::postings::span::SpanPostings;

/// The words of a bag in one segment, standing at the same passage.
pub(super) struct BagPostings {
    weighed: Arc<Weighed>,
    file: SegmentId,
    /// How many passages the segment has.
    passages: u32,
    intersection: Intersection,
    words: Vec<WordPostings>,
    scope: BagScope,
    doc: DocId,
    /// Answers, positions by word, and places among these, kept for their memory.
    answers: Vec<WordAnswer>,
    sets: Vec<Vec<u32>>,
    places: Vec<usize>,
}

struct TermPostings {
    cursor: Cursor,
    role: TermRole,
    /// Whether it finds what no other term does.
    finds: bool,
    weighing: Option<(Weighing, FieldNormReader)>,
}

impl TermPostings {
    /// Whether it is in a passage, whose word is answered so in `scope`.
    fn is_at(&mut self, doc: DocId, answer: WordAnswer, scope: BagScope) -> bool {
        // What is in scope was found.
        let is_known = scope.is_found_by(self.role, None);
        (!is_known || answer.is_by(self.role)) && self.cursor.seek(doc) == doc
    }

    /// Its weight in this passage.
    fn weight(&self) -> Option<Score> {
        let (Weighing { bm25, weight, .. }, norms) = self.weighing.as_ref()?;
        Some(weight * bm25.score(norms.fieldnorm_id(self.cursor.doc()), self.cursor.term_freq()))
    }
}

struct WordPostings {
    /// By their roles, the best first.
    terms: Vec<TermPostings>,
    spans: Vec<(Level, SpanPostings)>,
}

impl BagPostings {
    /// Opens the postings, standing at the first passage that matches and is in `scope`; with
    /// `positioned` also to tell the ranks of passages.
    pub(super) fn open(
        weighed: &Arc<Weighed>,
        reader: &SegmentReader,
        positioned: bool,
        scope: BagScope,
    ) -> Result<Self> {
        let (file, passages) = (reader.segment_id(), reader.max_doc());
        let intersection =
            Intersection::new(weighed.conjunction(file, scope)?, passages, &weighed.budget);
        let mut opened = Self {
            weighed: Arc::clone(weighed),
            file,
            passages,
            intersection,
            words: Vec::new(),
            scope,
            doc: TERMINATED,
            answers: Vec::new(),
            sets: vec![Vec::new(); weighed.bag.words.len()],
            places: Vec::new(),
        };
        // Most segments have no passage for which more would be needed.
        let first = opened.intersection.next(0);
        if first != TERMINATED {
            opened.words = WordPostings::all(weighed, reader, positioned)?;
            opened.settle(first);
        }
        Ok(opened)
    }

    /// Looks for fewer passages from here on.
    pub(super) fn narrow(&mut self, scope: BagScope) {
        if self.scope == scope {
            return;
        }
        self.scope = scope;
        match self.weighed.conjunction(self.file, scope) {
            Ok(conjunction) => {
                self.intersection =
                    Intersection::new(conjunction, self.passages, &self.weighed.budget)
            }
            // A scorer cannot fail: the search does, at its end.
            Err(error) => self.weighed.terms.keep(error),
        }
    }

    pub(super) fn doc(&self) -> DocId {
        self.doc
    }

    pub(super) fn advance(&mut self) -> DocId {
        if self.doc != TERMINATED {
            self.settle(self.doc + 1);
        }
        self.doc
    }

    pub(super) fn seek(&mut self, target: DocId) -> DocId {
        if self.doc < target {
            self.settle(target);
        }
        self.doc
    }

    /// Upper bound of the number of passages.
    pub(super) fn most(&self) -> u32 {
        self.intersection.most()
    }

    fn settle(&mut self, mut target: DocId) {
        self.doc = loop {
            let candidate = self.intersection.next(target);
            if candidate == TERMINATED || self.holds(candidate) {
                break candidate;
            }
            target = candidate + 1;
        };
    }

    /// Whether a passage that the intersection found has the answers to every word that count.
    fn holds(&mut self, doc: DocId) -> bool {
        let scope = self.scope;
        self.answers.resize(self.words.len(), WordAnswer::default());
        let answers = &mut self.answers;
        self.intersection.kinds(doc, |word, kinds| answers[word] = WordAnswer::of_kinds(kinds));
        // Where words stand is read last, and only where it decides. A span belongs to the passage
        // that owns its first word.
        let Self { words, answers, .. } = self;
        for (word, answer) in words.iter_mut().zip(answers.iter_mut()) {
            if !answer.is(WordAnswer::SAID) {
                *answer = answer.with(WordAnswer::OWN, word.has_span(doc, scope));
            }
            if !answer.any() {
                return false;
            }
        }
        if !answers.iter().any(|answer| answer.is(WordAnswer::OWN)) {
            for (word, answer) in words.iter_mut().zip(answers.iter_mut()) {
                *answer = answer.with(WordAnswer::OWN, word.has_span(doc, scope));
                if answer.is(WordAnswer::OWN) {
                    break;
                }
            }
        }
        if scope != BagScope::All {
            // All words are answered by the text; one of them must be its own, at any level.
            return self.answers.iter().any(|answer| answer.is(WordAnswer::OWN))
                || self.is_own(doc);
        }
        let Bag { depth, only, .. } = self.weighed.bag;
        suffice(&self.answers, depth, only)
    }

    /// Whether any own word of `doc` answers, in scope or not.
    fn is_own(&mut self, doc: DocId) -> bool {
        let own = self.words.iter_mut().any(|word| {
            let own = word.terms.iter_mut();
            let mut own = own.filter(|term| term.finds && matches!(term.role, TermRole::Own(_)));
            own.any(|term| term.cursor.seek(doc) == doc) || word.has_span(doc, BagScope::All)
        });
        if let Some(first) = self.answers.first_mut() {
            *first = first.with(WordAnswer::OWN, own);
        }
        own
    }

    /// The best key that this passage may have, without looking where the terms stand: its weight is the
    /// sum over the words of that of their best term here, and it may be the best of its level.
    pub(super) fn best_key(&mut self) -> SortKey {
        let (doc, scope) = (self.doc, self.scope);
        let (mut sum, mut worst) = (0.0, Level::Exact);
        for (word, answer) in self.words.iter_mut().zip(&self.answers) {
            let (weight, level) = word.weigh(doc, *answer, scope);
            sum += f64::from(weight);
            worst = worst.max(level);
        }
        SortKey { rank: Rank::of(worst, Nearness::Close), weight: sum as Score }
    }

    /// Whether the text of this passage answers all words, without the context.
    pub(super) fn is_text(&self) -> bool {
        suffice(&self.answers, Depth::Text, false)
    }

    /// The rank of this passage, all of whose words are answered by its text.
    pub(super) fn rank(&mut self) -> Rank {
        let (doc, scope) = (self.doc, self.scope);
        self.sets.iter_mut().for_each(Vec::clear);
        for level in Level::ALL {
            // Weaker answers are only read where better ones do not suffice.
            let words = self.words.iter_mut().zip(&self.answers);
            for ((word, answer), set) in words.zip(&mut self.sets) {
                word.read(doc, *answer, scope, level, set);
            }
            if let Some(spread) = spread(&self.sets, &mut self.places) {
                let gaps = self.words.len() as u32 - 1;
                return Rank::of(level, Nearness::of(spread, gaps));
            }
        }
        // Where positions cannot be read, it is as if the words were far apart.
        Rank::of(Level::Part, Nearness::Apart)
    }
}

/// Distance from the first to the last of the nearest positions, one of each set; `at` is room for
/// a place in each.
fn spread(sets: &[Vec<u32>], at: &mut Vec<usize>) -> Option<u32> {
    at.clear();
    at.resize(sets.len(), 0);
    let mut best: Option<u32> = None;
    loop {
        let (mut first, mut last, mut lowest) = (u32::MAX, 0, 0);
        for (n, set) in sets.iter().enumerate() {
            let Some(&position) = set.get(at[n]) else { return best };
            if position < first {
                (first, lowest) = (position, n);
            }
            last = last.max(position);
        }
        best = Some(best.map_or(last - first, |before| before.min(last - first)));
        at[lowest] += 1;
    }
}

impl WordPostings {
    /// What tells of each word how passages of a segment answer it.
    fn all(weighed: &Weighed, reader: &SegmentReader, positioned: bool) -> Result<Vec<Self>> {
        let file = reader.segment_id();
        let mut of_fields: Vec<(Field, FieldNormReader)> = Vec::new();
        let mut norms = |field: Field| -> Result<FieldNormReader> {
            if let Some((_, norms)) = of_fields.iter().find(|(of, _)| *of == field) {
                return Ok(norms.clone());
            }
            let norms = reader.get_fieldnorms_reader(field)?;
            of_fields.push((field, norms.clone()));
            Ok(norms)
        };
        let answering = weighed.words()?;
        let mut words = Vec::with_capacity(answering.len());
        for (answering, meant) in answering.iter().zip(&*weighed.bag.words) {
            let mut terms = Vec::with_capacity(answering.len());
            for Answering { role, known, spared_from, weighing } in answering {
                let option = match positioned && role.level().is_some() {
                    true => IndexRecordOption::WithFreqsAndPositions,
                    false => IndexRecordOption::WithFreqs,
                };
                let Some(cursor) = Cursor::new(&weighed.terms, known, file, option) else {
                    continue;
                };
                let weighing = match weighing {
                    Some(weighing) => Some((weighing.clone(), norms(weighing.field)?)),
                    None => None,
                };
                let finds = spared_from.is_none();
                terms.push(TermPostings { cursor, role: *role, finds, weighing });
            }
            let mut spans = Vec::with_capacity(meant.spans.len());
            for (level, span) in &meant.spans {
                spans.push((*level, SpanPostings::new(span, &weighed.terms, file)?));
            }
            words.push(Self { terms, spans });
        }
        Ok(words)
    }

    /// Whether any span that counts in `scope` matches.
    fn has_span(&mut self, doc: DocId, scope: BagScope) -> bool {
        self.spans.iter_mut().any(|(level, span)| scope.has(*level) && span.holds(doc))
    }

    /// The weight of its best term at `doc` that has one, and the best level that any of its terms
    /// and spans may have there.
    fn weigh(&mut self, doc: DocId, answer: WordAnswer, scope: BagScope) -> (Score, Level) {
        let mut best = None;
        let mut weighed: Option<(usize, Score)> = None;
        for term in &mut self.terms {
            let place = term.role.weight_place();
            if weighed.is_some_and(|(best, _)| best < place) {
                break;
            }
            // Once the level is known only terms that weigh are wanted.
            let is_wanted = best.is_none() || term.weighing.is_some();
            if !is_wanted || !term.is_at(doc, answer, scope) {
                continue;
            }
            best = best.or(term.role.level());
            if let Some(weight) = term.weight() {
                let before = weighed.map_or(0.0, |(_, before)| before);
                weighed = Some((place, weight.max(before)));
            }
        }
        let weight = weighed.map_or(0.0, |(_, weight)| weight);
        let spans =
            self.spans.iter_mut().filter(|(level, _)| best.is_none_or(|best| *level < best));
        let spans = spans.filter_map(|(level, span)| span.may_hold(doc).then_some(*level));
        (weight, spans.min().or(best).unwrap_or(Level::Part))
    }

    /// Adds the positions of what answers at `level`, as far as it could rank the passage within
    /// `scope`; all of them are in order then, and each is there once.
    fn read(
        &mut self,
        doc: DocId,
        answer: WordAnswer,
        scope: BagScope,
        level: Level,
        places: &mut Vec<u32>,
    ) {
        let before = places.len();
        for term in &mut self.terms {
            if term.role.level() == Some(level)
                && scope.is_found_by(term.role, None)
                && term.is_at(doc, answer, scope)
            {
                term.cursor.positions(places);
            }
        }
        for (of, span) in &mut self.spans {
            if *of == level && scope.has(level) && span.holds(doc) {
                span.matches(|start| places.push(start));
            }
        }
        if places.len() > before {
            places.sort_unstable();
            places.dedup();
        }
    }
}
