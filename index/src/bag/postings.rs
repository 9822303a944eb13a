//! Reads the postings of a bag of words in one segment, passage by passage. Scoring and
//! highlighting both go through it.

use std::sync::Arc;

use tantivy::fieldnorm::FieldNormReader;
use tantivy::index::SegmentId;
use tantivy::postings::Postings;
use tantivy::query::Bm25Weight;
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{DocId, DocSet, Result, Score, SegmentReader, TERMINATED, Term};

use super::{Bag, Depth, LEVELS, Level, Likeness, Meant, NEAR, level_of, rank};
use crate::budget::{Budget, Meter};
use crate::cursor::Cursor;
use crate::sieve::{Finder, Row, Sieve};
use crate::span::{SpanPostings, row_of};
use crate::terms::{Known, Terms};

/// A bag, with what was looked up of its terms.
pub(super) struct Weighed {
    pub bag: Bag,
    pub terms: Terms,
    /// What may answer each of its words, the best first.
    pub words: Vec<Vec<Answering>>,
    /// Whether passages are scored.
    pub scored: bool,
    pub budget: Budget,
}

/// A term that may answer a word.
pub(super) struct Answering {
    pub role: Role,
    pub known: Arc<Known>,
    /// The level from which on another term finds what it does.
    pub spared_from: Option<Level>,
    /// None where it adds nothing to the weight of a passage.
    pub weighing: Option<Weighing>,
}

/// What a term adds to the weight of a passage.
#[derive(Clone)]
pub(super) struct Weighing {
    pub field: Field,
    /// That of its field, whose weight is [`Self::weight`] of this.
    pub bm25: Arc<Bm25Weight>,
    pub weight: Score,
}

/// Where a term counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Own(Level),
    Ahead(Level),
    /// The speaker's name or the paper's number: enough by itself.
    Named,
    Title,
    Similar,
}

impl Role {
    /// The place among all roles, the best first: what is said before what is said behind, and both
    /// before what only the context tells.
    pub(super) fn place(self) -> usize {
        match self {
            Self::Own(level) => 2 * level as usize,
            Self::Ahead(level) => 2 * level as usize + 1,
            Self::Named => 2 * LEVELS,
            Self::Title => 2 * LEVELS + 1,
            Self::Similar => 2 * LEVELS + 2,
        }
    }

    /// The kind of answer, as the sieve tells it.
    fn kind(self) -> u8 {
        Answer::of(self).0.trailing_zeros() as u8
    }

    /// The same for weighing: a mere part of a word must not hide that the context says the word.
    fn weight_place(self) -> usize {
        self.place().min(Self::Own(Level::Part).place())
    }

    /// The level of a term of the text.
    fn level(self) -> Option<Level> {
        match self {
            Self::Own(level) | Self::Ahead(level) => Some(level),
            Self::Named | Self::Title | Self::Similar => None,
        }
    }
}

struct TermPostings {
    cursor: Cursor,
    role: Role,
    /// Whether it finds what no other term does.
    finds: bool,
    weighing: Option<(Weighing, FieldNormReader)>,
}

impl TermPostings {
    /// Whether it is in a passage, whose word is answered so in `scope`.
    fn is_at(&mut self, doc: DocId, answer: Answer, scope: Scope) -> bool {
        // What is in scope was found.
        let is_known = scope.is_found_by(self.role, None);
        (!is_known || answer.is(Answer::of(self.role))) && self.cursor.seek(doc) == doc
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

/// Which passages are looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scope {
    /// All that match.
    All,
    /// Only those whose text answers every word, each at this level or a better one.
    Text(Level),
}

impl Scope {
    /// What could still be ranked at `worst` or better.
    pub(super) fn of_rank(worst: u32) -> Self {
        level_of(worst).map_or(Self::All, Self::Text)
    }

    /// Whether answers at this level count.
    fn has(self, level: Level) -> bool {
        match self {
            Self::All => true,
            Self::Text(widest) => level <= widest,
        }
    }

    /// Whether passages of this scope are found by terms in this role.
    fn is_found_by(self, role: Role, spared_from: Option<Level>) -> bool {
        match (self, role) {
            (Self::Text(widest), Role::Own(level) | Role::Ahead(level)) => {
                level <= widest && spared_from.is_none_or(|from| widest < from)
            }
            (Self::Text(_), _) => false,
            (Self::All, _) => spared_from.is_none(),
        }
    }
}

/// The words of a bag in one segment, standing at the same passage.
pub(super) struct BagPostings {
    weighed: Arc<Weighed>,
    file: SegmentId,
    /// How many passages the segment has.
    passages: u32,
    sieve: Sieve,
    words: Vec<WordPostings>,
    scope: Scope,
    meter: Meter,
    doc: DocId,
    /// Answers, positions by word, and places among these, kept for their memory.
    answers: Vec<Answer>,
    sets: Vec<Vec<u32>>,
    places: Vec<usize>,
}

/// How a passage answers one word: a bit for each kind of roles.
#[derive(Clone, Copy, Debug, Default)]
struct Answer(u8);

impl Answer {
    const OWN: Self = Self(1);
    const AHEAD: Self = Self(1 << 1);
    const NAMED: Self = Self(1 << 2);
    const TITLE: Self = Self(1 << 3);
    const SIMILAR: Self = Self(1 << 4);

    fn of(role: Role) -> Self {
        match role {
            Role::Own(_) => Self::OWN,
            Role::Ahead(_) => Self::AHEAD,
            Role::Named => Self::NAMED,
            Role::Title => Self::TITLE,
            Role::Similar => Self::SIMILAR,
        }
    }

    /// This and, where `also` holds, that.
    fn with(self, other: Self, also: bool) -> Self {
        if also { Self(self.0 | other.0) } else { self }
    }

    /// Whether the word is answered in any of these ways.
    fn is(self, any: Self) -> bool {
        self.0 & any.0 != 0
    }

    fn any(self) -> bool {
        self.0 != 0
    }
}

/// Any answer of the text.
const SAID: Answer = Answer(Answer::OWN.0 | Answer::AHEAD.0);

/// Whether these answers, one for each word, make a match.
fn suffice(answers: &[Answer], depth: Depth, only: bool) -> bool {
    const AROUND: Answer = Answer(SAID.0 | Answer::NAMED.0 | Answer::TITLE.0);
    const NAMELIKE: Answer = Answer(Answer::NAMED.0 | Answer::SIMILAR.0);
    let all = |ways: Answer| answers.iter().all(|answer| answer.is(ways));
    let in_text = answers.iter().any(|answer| answer.is(Answer::OWN));
    let text = in_text && all(SAID);
    let named = || all(Answer::NAMED);
    let context = || named() || in_text && all(AROUND);
    match depth {
        Depth::Text => text,
        Depth::Context => !(only && text) && (text || context()),
        Depth::Similar => {
            // The name alone, however it sounds, is an answer too.
            let spoken = || in_text || named() || all(NAMELIKE);
            answers.iter().all(|answer| answer.any()) && spoken() && !(only && (text || context()))
        }
    }
}

/// The positions that answered a word, by level; similar ones apart.
#[derive(Clone, Debug, Default)]
pub(crate) struct Found {
    pub by_level: [Vec<u32>; LEVELS],
    /// Whether any of them is among the passage's own words.
    own: bool,
    pub similar: Vec<(Likeness, u32)>,
    /// Whether the speaker's name, the paper's number or the item's title answers.
    pub speaker: bool,
    pub paper: bool,
    pub title: bool,
    pub speaker_similar: bool,
}

impl BagPostings {
    /// Opens the postings, standing at the first passage that matches and is in `scope`; with
    /// `positioned` also to tell the ranks of passages.
    pub(super) fn open(
        weighed: &Arc<Weighed>,
        reader: &SegmentReader,
        positioned: bool,
        scope: Scope,
    ) -> Result<Self> {
        let (file, passages) = (reader.segment_id(), reader.max_doc());
        let sieve = Sieve::new(weighed.row(file, scope)?, passages, &weighed.budget);
        let mut opened = Self {
            weighed: Arc::clone(weighed),
            file,
            passages,
            sieve,
            words: Vec::new(),
            scope,
            meter: Meter::new(&weighed.budget),
            doc: TERMINATED,
            answers: Vec::new(),
            sets: vec![Vec::new(); weighed.words.len()],
            places: Vec::new(),
        };
        // Most segments have no passage for which more would be needed.
        let first = opened.sieve.next(0);
        if first != TERMINATED {
            opened.words = weighed.open(reader, positioned)?;
            opened.settle(first);
        }
        Ok(opened)
    }

    /// Looks for fewer passages from here on.
    pub(super) fn narrow(&mut self, scope: Scope) {
        if self.scope == scope {
            return;
        }
        self.scope = scope;
        // A scorer cannot fail: where lists cannot be read again, more passages are looked into.
        if let Ok(row) = self.weighed.row(self.file, scope) {
            self.sieve = Sieve::new(row, self.passages, &self.weighed.budget);
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
        self.sieve.most()
    }

    fn settle(&mut self, mut target: DocId) {
        self.doc = loop {
            let candidate = self.sieve.next(target);
            if candidate == TERMINATED || self.meter.is_over() {
                break TERMINATED;
            }
            if self.holds(candidate) {
                break candidate;
            }
            target = candidate + 1;
        };
    }

    /// Whether a passage that the sieve found has the answers to every word that count.
    fn holds(&mut self, doc: DocId) -> bool {
        let scope = self.scope;
        self.answers.resize(self.words.len(), Answer::default());
        let answers = &mut self.answers;
        self.sieve.kinds(doc, |word, kinds| answers[word] = Answer(kinds));
        // Where words stand is read last, and only where it decides. A span belongs to the passage
        // that owns its first word.
        let Self { words, answers, .. } = self;
        for (word, answer) in words.iter_mut().zip(answers.iter_mut()) {
            if !answer.is(SAID) {
                *answer = answer.with(Answer::OWN, word.has_span(doc, scope));
            }
            if !answer.any() {
                return false;
            }
        }
        if !answers.iter().any(|answer| answer.is(Answer::OWN)) {
            for (word, answer) in words.iter_mut().zip(answers.iter_mut()) {
                *answer = answer.with(Answer::OWN, word.has_span(doc, scope));
                if answer.is(Answer::OWN) {
                    break;
                }
            }
        }
        if scope != Scope::All {
            // All words are answered by the text; one of them must be its own, at any level.
            return self.answers.iter().any(|answer| answer.is(Answer::OWN)) || self.is_own(doc);
        }
        let Bag { depth, only, .. } = self.weighed.bag;
        suffice(&self.answers, depth, only)
    }

    /// Whether any own word of `doc` answers, in scope or not.
    fn is_own(&mut self, doc: DocId) -> bool {
        let own = self.words.iter_mut().any(|word| {
            let own = word.terms.iter_mut();
            let mut own = own.filter(|term| term.finds && matches!(term.role, Role::Own(_)));
            own.any(|term| term.cursor.seek(doc) == doc) || word.has_span(doc, Scope::All)
        });
        if let Some(first) = self.answers.first_mut() {
            *first = first.with(Answer::OWN, own);
        }
        own
    }

    /// The weight of this passage, which is the sum over the words of that of their best term here,
    /// and the best rank that the terms allow, without looking where they stand.
    pub(super) fn weigh(&mut self) -> (Score, u32) {
        let (doc, scope) = (self.doc, self.scope);
        // In this precision the order of the words, which differs by file, makes no difference.
        let (mut sum, mut worst) = (0.0, Level::Exact);
        for (word, answer) in self.words.iter_mut().zip(&self.answers) {
            let (weight, level) = word.weigh(doc, *answer, scope);
            sum += f64::from(weight);
            worst = worst.max(level);
        }
        (sum as Score, rank(worst, 0))
    }

    /// Whether the text of this passage answers all words, without the context.
    pub(super) fn is_text(&self) -> bool {
        suffice(&self.answers, Depth::Text, false)
    }

    /// The rank of this passage, all of whose words are answered by its text.
    pub(super) fn rank(&mut self) -> u32 {
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
                let nearness = NEAR.iter().position(|near| spread <= near * gaps.max(1));
                return rank(level, nearness.unwrap_or(NEAR.len()));
            }
        }
        // Where positions cannot be read, it is as if the words were far apart.
        rank(Level::Part, NEAR.len())
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
    /// Whether any span that counts in `scope` matches.
    fn has_span(&mut self, doc: DocId, scope: Scope) -> bool {
        self.spans.iter_mut().any(|(level, span)| scope.has(*level) && span.holds(doc))
    }

    /// The weight of its best term at `doc` that has one, and the best level that any of its terms
    /// and spans may have there.
    fn weigh(&mut self, doc: DocId, answer: Answer, scope: Scope) -> (Score, Level) {
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
        answer: Answer,
        scope: Scope,
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

impl Weighed {
    /// What finds the passages of a segment that are in `scope`.
    fn row(&self, file: SegmentId, scope: Scope) -> Result<Row> {
        let mut row = Vec::with_capacity(self.words.len());
        for (answering, meant) in self.words.iter().zip(&*self.bag.words) {
            let mut word = Finder::default();
            for term in answering {
                if scope.is_found_by(term.role, term.spared_from)
                    && let Some(list) = term.known.list(file)?
                {
                    word.add(term.role.kind(), list);
                }
            }
            for (level, span) in &meant.spans {
                if scope.has(*level) {
                    word.add_row(row_of(span, &self.terms, file)?);
                }
            }
            row.push(word);
        }
        Ok(Row::new(row))
    }

    /// What tells how passages answer each word.
    fn open(&self, reader: &SegmentReader, positioned: bool) -> Result<Vec<WordPostings>> {
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
        let mut words = Vec::with_capacity(self.words.len());
        for (answering, meant) in self.words.iter().zip(&*self.bag.words) {
            let mut terms = Vec::with_capacity(answering.len());
            for Answering { role, known, spared_from, weighing } in answering {
                let option = match positioned && role.level().is_some() {
                    true => IndexRecordOption::WithFreqsAndPositions,
                    false => IndexRecordOption::WithFreqs,
                };
                let Some(cursor) = known.cursor(file, option) else { continue };
                let weighing = match weighing {
                    Some(weighing) => Some((weighing.clone(), norms(weighing.field)?)),
                    None => None,
                };
                let finds = spared_from.is_none();
                terms.push(TermPostings { cursor, role: *role, finds, weighing });
            }
            let mut spans = Vec::with_capacity(meant.spans.len());
            for (level, span) in &meant.spans {
                spans.push((*level, SpanPostings::new(span, &self.terms, file)?));
            }
            words.push(WordPostings { terms, spans });
        }
        Ok(words)
    }
}

impl Found {
    /// Whether a passage that answers the words of a bag so matches it.
    pub(crate) fn suffice(bag: &Bag, found: &[Self]) -> bool {
        let answer = |found: &Self| {
            let is_ahead = found.by_level.iter().any(|places| !places.is_empty());
            let is_similar = found.speaker_similar || !found.similar.is_empty();
            Answer::default()
                .with(Answer::OWN, found.own)
                .with(Answer::AHEAD, is_ahead)
                .with(Answer::NAMED, found.speaker || found.paper)
                .with(Answer::TITLE, found.title)
                .with(Answer::SIMILAR, is_similar)
        };
        let answers: Vec<Answer> = found.iter().map(answer).collect();
        suffice(&answers, bag.depth, bag.only)
    }

    /// Every position that answers.
    pub(crate) fn positions(&self) -> impl Iterator<Item = u32> + '_ {
        let similar = self.similar.iter().map(|(_, position)| position);
        self.by_level.iter().flatten().chain(similar).copied()
    }

    /// Where `doc` answers `meant`, in any way.
    ///
    /// # Errors
    /// Reading the index failed.
    pub(crate) fn read(
        meant: &Meant,
        depth: Depth,
        is_own: impl Fn(&Term) -> bool,
        terms: &Terms,
        reader: &SegmentReader,
        doc: DocId,
    ) -> Result<Self> {
        let mut found = Self::default();
        let places = |term: &Term, places: &mut Vec<u32>| -> Result<bool> {
            let option = IndexRecordOption::WithFreqsAndPositions;
            let Some(mut postings) = terms.open(term, reader.segment_id(), option)? else {
                return Ok(false);
            };
            let at = if postings.doc() < doc { postings.seek(doc) } else { postings.doc() };
            if at == doc {
                postings.append_positions_with_offset(0, places);
            }
            Ok(at == doc)
        };
        for (level, term, _) in &meant.terms {
            found.own |= places(term, &mut found.by_level[*level as usize])?;
        }
        for (level, term) in &meant.ahead {
            places(term, &mut found.by_level[*level as usize])?;
        }
        for (level, span) in &meant.spans {
            if let Some(postings) = SpanPostings::at(span, terms, reader, doc)? {
                found.own = true;
                postings.covered(&mut found.by_level[*level as usize]);
            }
        }
        if depth >= Depth::Context {
            for term in &meant.speaker {
                found.speaker |= places(term, &mut Vec::new())?;
            }
            for term in &meant.paper {
                found.paper |= places(term, &mut Vec::new())?;
            }
            for term in &meant.title {
                found.title |= places(term, &mut Vec::new())?;
            }
        }
        if depth >= Depth::Similar {
            for (likeness, term, _) in &meant.similar {
                let mut here = Vec::new();
                let is_here = places(term, &mut here)?;
                match is_own(term) {
                    true => found.similar.extend(here.into_iter().map(|at| (*likeness, at))),
                    false => found.speaker_similar |= is_here,
                }
            }
        }
        Ok(found)
    }
}
