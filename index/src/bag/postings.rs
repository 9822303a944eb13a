//! Reads the postings of a bag of words in one segment, passage by passage. Scoring and
//! highlighting both go through it.

use std::sync::Arc;

use tantivy::fieldnorm::FieldNormReader;
use tantivy::postings::Postings;
use tantivy::query::Bm25Weight;
use tantivy::schema::IndexRecordOption;
use tantivy::{DocId, DocSet, Result, Score, SegmentReader, TERMINATED, Term};

use super::{Bag, Depth, LEVELS, Level, Likeness, Meant, NEAR, level_of, rank};
use crate::budget::{Budget, Meter};
use crate::cursor::Cursor;
use crate::span::SpanPostings;
use crate::terms::{Known, Terms};

/// A bag, with what was looked up of its terms.
pub(super) struct Weighed {
    pub bag: Bag,
    pub terms: Terms,
    /// For every word its terms. Terms that no passage has are not there.
    pub rated: Vec<Vec<Arc<Rated>>>,
    /// Whether passages are scored.
    pub scored: bool,
    pub budget: Budget,
}

/// A term and how rare it is.
pub(super) struct Rated {
    pub term: Term,
    pub known: Arc<Known>,
    /// None where nothing is scored.
    pub bm25: Option<Bm25Weight>,
}

impl Weighed {
    fn rated(&self, word: usize, term: &Term) -> Option<&Arc<Rated>> {
        self.rated.get(word)?.iter().find(|rated| rated.term == *term)
    }
}

/// Where a term counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
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
    fn place(self) -> usize {
        match self {
            Self::Own(level) => 2 * level as usize,
            Self::Ahead(level) => 2 * level as usize + 1,
            Self::Named => 2 * LEVELS,
            Self::Title => 2 * LEVELS + 1,
            Self::Similar => 2 * LEVELS + 2,
        }
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
    /// The level from which on another term finds what it does.
    spared_from: Option<Level>,
    weighing: Option<Weighing>,
}

/// What a term adds to the weight of a passage.
struct Weighing {
    rated: Arc<Rated>,
    weight: Score,
    norms: FieldNormReader,
}

impl TermPostings {
    /// Its weight in this passage.
    fn weight(&self) -> Option<Score> {
        let Weighing { rated, weight, norms } = self.weighing.as_ref()?;
        let bm25 = rated.bm25.as_ref()?;
        Some(weight * bm25.score(norms.fieldnorm_id(self.cursor.doc()), self.cursor.term_freq()))
    }
}

struct WordPostings {
    /// Its place among the words of the bag.
    number: usize,
    /// By their roles, the best first.
    terms: Vec<TermPostings>,
    /// Those of which a passage must have one to be in scope; the others only add to its weight and
    /// rank.
    finding: Vec<usize>,
    spans: Vec<SpanState>,
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

/// A span at a passage that holds its words; whether they stand right is looked up when it matters.
struct SpanState {
    level: Level,
    postings: SpanPostings,
    /// The passage last looked into, and whether it matches.
    verified: (DocId, bool),
}

impl SpanState {
    fn holds(&mut self, doc: DocId) -> bool {
        if self.postings.bound(doc) != doc {
            return false;
        }
        if self.verified.0 != doc {
            self.verified = (doc, self.postings.verify());
        }
        self.verified.1
    }
}

/// The words of a bag in one segment, standing at the same passage.
pub(super) struct BagPostings {
    weighed: Arc<Weighed>,
    reader: SegmentReader,
    words: Vec<WordPostings>,
    /// Whether positions are read.
    positioned: bool,
    scope: Scope,
    /// Whether the terms are open that find nothing themselves. Most segments have no passage for
    /// which they would be needed.
    complete: bool,
    meter: Meter,
    doc: DocId,
    /// Answers, positions by word, and places among these, kept for their memory.
    answers: Vec<Answer>,
    sets: Vec<Vec<u32>>,
    places: Vec<usize>,
}

/// How a passage answers one word.
#[derive(Clone, Copy, Debug, Default)]
struct Answer {
    own: bool,
    ahead: bool,
    named: bool,
    title: bool,
    similar: bool,
}

impl Answer {
    fn any(self) -> bool {
        self.own || self.ahead || self.named || self.title || self.similar
    }
}

/// Whether these answers, one for each word, make a match.
fn suffice(answers: &[Answer], depth: Depth, only: bool) -> bool {
    let all = |answered: fn(&Answer) -> bool| answers.iter().all(answered);
    let in_text = answers.iter().any(|answer| answer.own);
    let text = in_text && all(|answer| answer.own || answer.ahead);
    let named = all(|answer| answer.named);
    let around = all(|answer| answer.own || answer.ahead || answer.named || answer.title);
    let context = named || in_text && around;
    match depth {
        Depth::Text => text,
        Depth::Context => (text || context) && !(only && text),
        Depth::Similar => {
            // The name alone, however it sounds, is an answer too.
            let spoken = in_text || named || all(|answer| answer.named || answer.similar);
            all(|answer| answer.any()) && spoken && !(only && (text || context))
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
    /// Opens the postings, standing at the first passage that matches and is in `scope`.
    pub(super) fn open(
        weighed: &Arc<Weighed>,
        reader: &SegmentReader,
        positioned: bool,
        scope: Scope,
    ) -> Result<Self> {
        let mut words = Vec::with_capacity(weighed.bag.words.len());
        for number in 0..weighed.bag.words.len() {
            let terms = open_terms(weighed, number, reader, positioned, scope, true)?;
            let mut spans = Vec::new();
            for (level, span) in &weighed.bag.words[number].spans {
                let postings = SpanPostings::new(span, &weighed.terms, reader, &weighed.budget)?;
                spans.push(SpanState { level: *level, postings, verified: (TERMINATED, false) });
            }
            let finding = (0..terms.len()).collect();
            words.push(WordPostings { number, terms, finding, spans });
        }
        let mut opened = Self {
            weighed: Arc::clone(weighed),
            reader: reader.clone(),
            answers: Vec::with_capacity(words.len()),
            sets: vec![Vec::new(); words.len()],
            places: Vec::with_capacity(words.len()),
            words,
            positioned,
            scope,
            complete: false,
            meter: Meter::new(&weighed.budget),
            doc: 0,
        };
        opened.sort();
        opened.settle(0);
        Ok(opened)
    }

    /// The rarest word first: the others are only looked for where it stands.
    fn sort(&mut self) {
        let scope = self.scope;
        self.words.sort_by_key(|word| word.most(scope));
    }

    /// Looks for fewer passages from here on.
    pub(super) fn narrow(&mut self, scope: Scope) {
        if self.scope == scope {
            return;
        }
        self.complete();
        self.scope = scope;
        self.words.iter_mut().for_each(|word| word.find(scope));
        self.sort();
    }

    /// Opens the terms that say how good an answer is, unless they are open.
    fn complete(&mut self) {
        if std::mem::replace(&mut self.complete, true) {
            return;
        }
        let Self { weighed, reader, positioned, scope, .. } = self;
        for word in &mut self.words {
            let others = open_terms(weighed, word.number, reader, *positioned, *scope, false);
            // A scorer cannot fail: where they cannot be read, passages rank as if they were not
            // there; the other postings of the same files tell what is wrong with them.
            word.terms.append(&mut others.unwrap_or_default());
            word.terms.sort_by_key(|term| term.role.place());
            word.find(*scope);
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
        self.words.iter().map(|word| word.most(self.scope)).min().unwrap_or(0)
    }

    fn settle(&mut self, mut target: DocId) {
        self.doc = loop {
            let candidate = self.common_from(target);
            if candidate == TERMINATED || self.holds(candidate) {
                break candidate;
            }
            target = candidate + 1;
        };
    }

    /// The first passage from `target` on that may answer every word.
    fn common_from(&mut self, mut target: DocId) -> DocId {
        let scope = self.scope;
        'again: loop {
            if self.meter.is_over() {
                return TERMINATED;
            }
            for word in &mut self.words {
                let doc = word.seek(target, scope);
                if doc > target {
                    if doc == TERMINATED {
                        return TERMINATED;
                    }
                    target = doc;
                    continue 'again;
                }
            }
            // Without words nothing is asked for.
            return if self.words.is_empty() { TERMINATED } else { target };
        }
    }

    /// Whether a passage has the answers to every word that count.
    fn holds(&mut self, doc: DocId) -> bool {
        let scope = self.scope;
        self.answers.clear();
        for word in &mut self.words {
            self.answers.push(word.answer(doc));
        }
        // Where words stand is read last, and only where it decides. A span belongs to the passage
        // that owns its first word.
        for (word, answer) in self.words.iter_mut().zip(&mut self.answers) {
            if !answer.own && !answer.ahead {
                answer.own = word.spans_of(scope).any(|span| span.holds(doc));
            }
            if !answer.any() {
                return false;
            }
        }
        if !self.answers.iter().any(|answer| answer.own) {
            for (word, answer) in self.words.iter_mut().zip(&mut self.answers) {
                answer.own = word.spans_of(scope).any(|span| span.holds(doc));
                if answer.own {
                    break;
                }
            }
        }
        if scope != Scope::All {
            // All words are answered by the text; one of them must be its own, at any level.
            return self.answers.iter().any(|answer| answer.own) || self.is_own(doc);
        }
        let Bag { depth, only, .. } = self.weighed.bag;
        suffice(&self.answers, depth, only)
    }

    /// Whether any own word of `doc` answers, in scope or not.
    fn is_own(&mut self, doc: DocId) -> bool {
        self.complete();
        let own = self.words.iter_mut().any(|word| {
            let mut own = word.terms.iter_mut().filter(|term| matches!(term.role, Role::Own(_)));
            own.any(|term| term.cursor.seek(doc) == doc)
                || word.spans.iter_mut().any(|span| span.holds(doc))
        });
        if own && let Some(first) = self.answers.first_mut() {
            first.own = true;
        }
        own
    }

    /// The weight of this passage, which is the sum over the words of that of their best term here,
    /// and the best rank that the terms allow, without looking where they stand.
    pub(super) fn weigh(&mut self) -> (Score, u32) {
        self.complete();
        let doc = self.doc;
        // In this precision the order of the words, which differs by file, makes no difference.
        let (mut sum, mut worst) = (0.0, Level::Exact);
        for word in &mut self.words {
            let (weight, level) = word.weigh(doc);
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
            for (word, set) in self.words.iter_mut().zip(&mut self.sets) {
                word.read(doc, scope, level, set);
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
    /// The spans that find passages of `scope`.
    fn spans_of(&mut self, scope: Scope) -> impl Iterator<Item = &mut SpanState> {
        let found = move |span: &&mut SpanState| scope.is_found_by(Role::Own(span.level), None);
        self.spans.iter_mut().filter(found)
    }

    /// Finds passages of `scope` from here on.
    fn find(&mut self, scope: Scope) {
        let terms = self.terms.iter().enumerate();
        let found = terms.filter(|(_, term)| scope.is_found_by(term.role, term.spared_from));
        self.finding.clear();
        self.finding.extend(found.map(|(place, _)| place));
    }

    /// The first passage from `target` on that may answer the word. Not all of its terms need to be
    /// there then.
    fn seek(&mut self, target: DocId, scope: Scope) -> DocId {
        let mut first = TERMINATED;
        for place in &self.finding {
            first = first.min(self.terms[*place].cursor.seek(target));
            if first == target {
                return target;
            }
        }
        for span in self.spans_of(scope) {
            first = first.min(span.postings.bound(target));
        }
        first
    }

    fn most(&self, scope: Scope) -> u32 {
        let terms = self.finding.iter().map(|place| self.terms[*place].cursor.most());
        let spans = self.spans.iter().filter(|s| scope.is_found_by(Role::Own(s.level), None));
        terms.chain(spans.map(|span| span.postings.most())).fold(0, u32::saturating_add)
    }

    fn answer(&mut self, doc: DocId) -> Answer {
        let mut answer = Answer::default();
        for place in &self.finding {
            let term = &mut self.terms[*place];
            if term.cursor.seek(doc) != doc {
                continue;
            }
            match term.role {
                Role::Own(_) => answer.own = true,
                Role::Ahead(_) => answer.ahead = true,
                Role::Named => answer.named = true,
                Role::Title => answer.title = true,
                Role::Similar => answer.similar = true,
            }
        }
        answer
    }

    /// The weight of its best term at `doc` that has one, and the best level that any of its terms
    /// and spans may have there.
    fn weigh(&mut self, doc: DocId) -> (Score, Level) {
        let mut best = None;
        let mut weighed: Option<(usize, Score)> = None;
        for term in &mut self.terms {
            let place = term.role.weight_place();
            if weighed.is_some_and(|(best, _)| best < place) {
                break;
            }
            // Once the level is known only terms that weigh are wanted.
            if best.is_some() && term.weighing.is_none() || term.cursor.seek(doc) != doc {
                continue;
            }
            best = best.or(term.role.level());
            if let Some(weight) = term.weight() {
                let before = weighed.map_or(0.0, |(_, before)| before);
                weighed = Some((place, weight.max(before)));
            }
        }
        let weight = weighed.map_or(0.0, |(_, weight)| weight);
        let spans = self.spans.iter().filter(|span| span.postings.may_hold(doc));
        let spans = spans.map(|span| span.level);
        (weight, best.into_iter().chain(spans).min().unwrap_or(Level::Part))
    }

    /// Adds the positions of what answers at `level`, as far as it could rank the passage within
    /// `scope`; all of them are in order then, and each is there once.
    fn read(&mut self, doc: DocId, scope: Scope, level: Level, places: &mut Vec<u32>) {
        let before = places.len();
        for term in &mut self.terms {
            if term.role.level() == Some(level)
                && scope.is_found_by(term.role, None)
                && term.cursor.seek(doc) == doc
            {
                term.cursor.positions(places);
            }
        }
        for span in self.spans_of(scope).filter(|span| span.level == level) {
            if span.holds(doc) {
                span.postings.matches(|start| places.push(start));
            }
        }
        if places.len() > before {
            places.sort_unstable();
            places.dedup();
        }
    }
}

/// Opens those terms of a word that find passages of `scope`, or the others; by their roles, the best
/// first.
fn open_terms(
    weighed: &Weighed,
    word: usize,
    reader: &SegmentReader,
    positioned: bool,
    scope: Scope,
    finds: bool,
) -> Result<Vec<TermPostings>> {
    let meant = &weighed.bag.words[word];
    let depth = weighed.bag.depth;
    let mut terms: Vec<(Role, &Term, Option<Score>)> = Vec::new();
    terms.extend(meant.terms.iter().map(|(level, term, w)| (Role::Own(*level), term, Some(*w))));
    terms.extend(meant.ahead.iter().map(|(level, term)| (Role::Ahead(*level), term, None)));
    if depth >= Depth::Context {
        let named = meant.speaker.iter().chain(&meant.paper);
        terms.extend(named.map(|term| (Role::Named, term, Some(1.0))));
        terms.extend(meant.title.iter().map(|term| (Role::Title, term, Some(1.0))));
    }
    if depth >= Depth::Similar {
        terms.extend(meant.similar.iter().map(|(_, term, w)| (Role::Similar, term, Some(*w))));
    }
    let mut opened = Vec::new();
    for (role, term, weight) in terms {
        let spared_from = meant.spared_from(term);
        if scope.is_found_by(role, spared_from) != finds {
            continue;
        }
        let option = match positioned && role.level().is_some() {
            true => IndexRecordOption::WithFreqsAndPositions,
            false => IndexRecordOption::WithFreqs,
        };
        let Some(rated) = weighed.rated(word, term) else { continue };
        let Some(postings) = rated.known.open(reader.segment_id(), option)? else { continue };
        let weighing = match weight.filter(|_| rated.bm25.is_some()) {
            Some(weight) => {
                let norms = reader.get_fieldnorms_reader(term.field())?;
                Some(Weighing { rated: Arc::clone(rated), weight, norms })
            }
            None => None,
        };
        opened.push(TermPostings { cursor: Cursor::new(postings), role, spared_from, weighing });
    }
    opened.sort_by_key(|term| term.role.place());
    Ok(opened)
}

impl Found {
    /// Whether a passage that answers the words of a bag so matches it.
    pub(crate) fn suffice(bag: &Bag, found: &[Self]) -> bool {
        let answer = |found: &Self| Answer {
            own: found.own,
            ahead: found.by_level.iter().any(|places| !places.is_empty()),
            named: found.speaker || found.paper,
            title: found.title,
            similar: found.speaker_similar || !found.similar.is_empty(),
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
