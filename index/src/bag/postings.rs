//! Reads the postings of a bag of words in one segment, passage by passage. Scoring and
//! highlighting both go through it.

use std::sync::Arc;

use tantivy::fieldnorm::FieldNormReader;
use tantivy::index::SegmentId;
use tantivy::postings::{Postings, SegmentPostings, TermInfo};
use tantivy::query::Bm25Weight;
use tantivy::schema::IndexRecordOption;
use tantivy::{DocId, DocSet, Result, Score, SegmentReader, TERMINATED, Term};

use super::{Bag, Depth, LEVELS, Level, Meant, NEAR, rank};
use crate::span::SpanPostings;

/// A bag, with what was looked up of its terms.
pub(super) struct Weighed {
    pub bag: Bag,
    /// For every word its terms. Terms that no passage has are not there.
    pub terms: Vec<Vec<Known>>,
    /// Whether passages are scored.
    pub scored: bool,
}

/// A term as the files of the index have it.
pub(super) struct Known {
    pub term: Term,
    /// Where its postings lie, by file; none where the file has no such term.
    pub places: Vec<(SegmentId, TermInfo)>,
    /// None where nothing is scored.
    pub bm25: Option<Bm25Weight>,
}

impl Weighed {
    fn known(&self, word: usize, term: &Term) -> Option<&Known> {
        self.terms.get(word)?.iter().find(|known| known.term == *term)
    }
}

type Weighing = Option<(Bm25Weight, FieldNormReader)>;

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

struct TermPostings {
    role: Role,
    postings: SegmentPostings,
    weighing: Weighing,
}

impl TermPostings {
    /// Whether it is at `doc`, behind which it must not stand already.
    fn is_at(&mut self, doc: DocId) -> bool {
        let at = self.postings.doc();
        (if at < doc { self.postings.seek(doc) } else { at }) == doc
    }
}

struct WordPostings {
    /// Its place among the words of the bag.
    number: usize,
    terms: Vec<TermPostings>,
    spans: Vec<SpanState>,
}

/// A span at a passage that holds its words; whether they stand right is looked up when it matters.
struct SpanState {
    level: Level,
    postings: SpanPostings,
    /// The passage last looked into, and whether it matches.
    verified: (DocId, bool),
}

impl SpanState {
    /// Whether all its words are in `doc`.
    fn may_hold(&mut self, doc: DocId) -> bool {
        self.postings.seek_unsure(doc) == doc
    }

    fn holds(&mut self, doc: DocId) -> bool {
        if !self.may_hold(doc) {
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
    /// Whether the finer terms are open (see [`Meant::finer`]). Most segments have no passage for which
    /// they would be needed.
    finer: bool,
    doc: DocId,
    /// Answers, and positions by word and level, kept for their memory.
    answers: Vec<Answer>,
    positions: Vec<[Vec<u32>; LEVELS]>,
    sets: Vec<Vec<u32>>,
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

/// The positions that answered a word, by level; similar ones last.
#[derive(Clone, Debug, Default)]
pub(crate) struct Found {
    pub by_level: [Vec<u32>; LEVELS],
    /// Whether any of them is among the passage's own words.
    own: bool,
    pub similar: Vec<u32>,
    /// Whether the speaker's name, the paper's number or the item's title answers.
    pub speaker: bool,
    pub paper: bool,
    pub title: bool,
    pub speaker_similar: bool,
}

impl BagPostings {
    /// Opens the postings, standing at the first passage that matches.
    pub(super) fn open(
        weighed: &Arc<Weighed>,
        reader: &SegmentReader,
        positioned: bool,
    ) -> Result<Self> {
        let mut words = Vec::with_capacity(weighed.bag.words.len());
        for number in 0..weighed.bag.words.len() {
            let mut word = WordPostings { number, terms: Vec::new(), spans: Vec::new() };
            word.open(weighed, reader, positioned, false)?;
            words.push(word);
        }
        // The rarest word first: the others are only looked for where it stands.
        words.sort_by_key(WordPostings::most);
        let mut opened = Self {
            weighed: Arc::clone(weighed),
            reader: reader.clone(),
            answers: Vec::with_capacity(words.len()),
            positions: vec![Default::default(); words.len()],
            sets: vec![Vec::new(); words.len()],
            words,
            positioned,
            finer: false,
            doc: 0,
        };
        opened.settle(0);
        Ok(opened)
    }

    /// Opens the terms that say how good an answer is, unless they are open.
    fn refine(&mut self) {
        if std::mem::replace(&mut self.finer, true) {
            return;
        }
        for word in &mut self.words {
            // A scorer cannot fail: where they cannot be read, passages rank as if they were not
            // there; the other postings of the same files tell what is wrong with them.
            let _ = word.open(&self.weighed, &self.reader, self.positioned, true);
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
        self.words.iter().map(WordPostings::most).min().unwrap_or(0)
    }

    fn settle(&mut self, mut target: DocId) {
        self.doc = loop {
            let candidate = self.words.first_mut().map_or(TERMINATED, |word| word.seek(target));
            if candidate == TERMINATED || self.holds(candidate) {
                break candidate;
            }
            target = candidate + 1;
        };
    }

    /// Whether a passage has the answers to every word that count.
    fn holds(&mut self, doc: DocId) -> bool {
        self.answers.clear();
        for word in &mut self.words {
            let answer = word.answer(doc);
            if !answer.any() && !word.spans.iter_mut().any(|span| span.may_hold(doc)) {
                return false;
            }
            self.answers.push(answer);
        }
        // Where words stand is read last, and only where it decides.
        for (word, answer) in self.words.iter_mut().zip(&mut self.answers) {
            if !answer.own {
                // A span belongs to the passage that owns its first word.
                answer.own = word.spans.iter_mut().any(|span| span.holds(doc));
            }
            if !answer.any() {
                return false;
            }
        }
        let Bag { depth, only, .. } = self.weighed.bag;
        suffice(&self.answers, depth, only)
    }

    /// Sum over the words of the best weight of any of their terms here.
    pub(super) fn weight(&mut self) -> Score {
        self.refine();
        let doc = self.doc;
        self.words.iter_mut().map(|word| word.weight(doc)).sum()
    }

    /// Whether the text of this passage answers all words, without the context.
    pub(super) fn is_text(&self) -> bool {
        self.answers.iter().all(|answer| answer.own || answer.ahead)
            && self.answers.iter().any(|answer| answer.own)
    }

    /// The best rank that the terms here allow, without looking where they stand.
    pub(super) fn best_rank(&self) -> u32 {
        let level = self.words.iter().map(|word| word.best(self.doc)).max();
        rank(0, level.unwrap_or(Level::Exact))
    }

    /// The rank of this passage, all of whose words are answered by its text.
    pub(super) fn rank(&mut self) -> u32 {
        let doc = self.doc;
        for (word, places) in self.words.iter_mut().zip(&mut self.positions) {
            word.read(doc, places);
        }
        let mut best = rank(NEAR.len(), Level::Part);
        self.sets.iter_mut().for_each(Vec::clear);
        for level in Level::ALL {
            for (set, places) in self.sets.iter_mut().zip(&self.positions) {
                set.extend(&places[level as usize]);
                set.sort_unstable();
                set.dedup();
            }
            if let Some(spread) = spread(&self.sets) {
                let gaps = self.words.len() as u32 - 1;
                let nearness = NEAR.iter().position(|near| spread <= near * gaps.max(1));
                best = best.min(rank(nearness.unwrap_or(NEAR.len()), level));
            }
        }
        best
    }
}

/// Distance from the first to the last of the nearest positions, one of each set.
fn spread(sets: &[Vec<u32>]) -> Option<u32> {
    let mut at = vec![0; sets.len()];
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
    fn seek(&mut self, target: DocId) -> DocId {
        let mut first = TERMINATED;
        for term in &mut self.terms {
            let doc = term.postings.doc();
            first = first.min(if doc < target { term.postings.seek(target) } else { doc });
        }
        for span in &mut self.spans {
            first = first.min(span.postings.seek_unsure(target));
        }
        first
    }

    fn most(&self) -> u32 {
        let terms = self.terms.iter().map(|term| term.postings.doc_freq());
        let spans = self.spans.iter().map(|span| span.postings.most());
        terms.chain(spans).fold(0, u32::saturating_add)
    }

    fn answer(&mut self, doc: DocId) -> Answer {
        let mut answer = Answer::default();
        for term in &mut self.terms {
            if !term.is_at(doc) {
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

    /// Of the terms; to be asked after [`Self::weight`], which brings them all to `doc`.
    fn best(&self, doc: DocId) -> Level {
        let terms = self.terms.iter().filter(|term| term.postings.doc() == doc);
        let terms = terms.filter_map(|term| match term.role {
            Role::Own(level) | Role::Ahead(level) => Some(level),
            _ => None,
        });
        let spans = self.spans.iter().filter(|s| s.postings.doc() == doc).map(|span| span.level);
        terms.chain(spans).min().unwrap_or(Level::Part)
    }

    fn weight(&mut self, doc: DocId) -> Score {
        let mut best: Score = 0.0;
        for term in &mut self.terms {
            if term.is_at(doc)
                && let Some((bm25, norms)) = &term.weighing
            {
                best = best.max(bm25.score(norms.fieldnorm_id(doc), term.postings.term_freq()));
            }
        }
        best
    }

    fn read(&mut self, doc: DocId, places: &mut [Vec<u32>; LEVELS]) {
        places.iter_mut().for_each(Vec::clear);
        for term in self.terms.iter_mut().filter(|term| term.postings.doc() == doc) {
            if let Role::Own(level) | Role::Ahead(level) = term.role {
                let places = &mut places[level as usize];
                term.postings.append_positions_with_offset(0, places);
            }
        }
        for span in &mut self.spans {
            if span.holds(doc) {
                let places = &mut places[span.level as usize];
                span.postings.matches(|start| places.push(start));
            }
        }
    }
}

impl WordPostings {
    /// Opens the terms that find passages, or the finer ones.
    fn open(
        &mut self,
        weighed: &Weighed,
        reader: &SegmentReader,
        positioned: bool,
        finer: bool,
    ) -> Result<()> {
        let meant = &weighed.bag.words[self.number];
        let depth = weighed.bag.depth;
        let mut wanted: Vec<(Role, &Term, Option<Score>)> = Vec::new();
        let own = meant.terms.iter().filter(|(_, term, _)| meant.finer.contains(term) == finer);
        wanted.extend(own.map(|(level, term, weight)| (Role::Own(*level), term, Some(*weight))));
        let ahead = meant.ahead.iter().filter(|(_, term)| meant.finer.contains(term) == finer);
        wanted.extend(ahead.map(|(level, term)| (Role::Ahead(*level), term, None)));
        if depth >= Depth::Context && !finer {
            let named = meant.speaker.iter().chain(&meant.paper);
            wanted.extend(named.map(|term| (Role::Named, term, Some(1.0))));
            wanted.extend(meant.title.iter().map(|term| (Role::Title, term, Some(1.0))));
        }
        if depth >= Depth::Similar && !finer {
            wanted.extend(meant.similar.iter().map(|(term, w)| (Role::Similar, term, Some(*w))));
        }
        for (role, term, weight) in wanted {
            let placed = matches!(role, Role::Own(_) | Role::Ahead(_));
            let option = match positioned && placed {
                true => IndexRecordOption::WithFreqsAndPositions,
                false => IndexRecordOption::WithFreqs,
            };
            let Some(known) = weighed.known(self.number, term) else { continue };
            let place = known.places.iter().find(|(segment, _)| *segment == reader.segment_id());
            let Some((_, place)) = place else { continue };
            let inverted = reader.inverted_index(term.field())?;
            let postings = inverted.read_postings_from_terminfo(place, option)?;
            let weighing = match (weight, &known.bm25) {
                (Some(weight), Some(bm25)) => {
                    let norms = reader.get_fieldnorms_reader(term.field())?;
                    Some((bm25.boost_by(weight), norms))
                }
                _ => None,
            };
            self.terms.push(TermPostings { role, postings, weighing });
        }
        if !finer {
            for (level, span) in &meant.spans {
                let postings = SpanPostings::open_unsure(span, reader)?;
                let verified = (TERMINATED, false);
                self.spans.push(SpanState { level: *level, postings, verified });
            }
        }
        Ok(())
    }
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
        self.by_level.iter().flatten().chain(&self.similar).copied()
    }

    /// Where `doc` answers `meant`, in any way.
    ///
    /// # Errors
    /// Reading the index failed.
    pub(crate) fn read(
        meant: &Meant,
        depth: Depth,
        is_own: impl Fn(&Term) -> bool,
        reader: &SegmentReader,
        doc: DocId,
    ) -> Result<Self> {
        let mut found = Self::default();
        let places = |term: &Term, places: &mut Vec<u32>| -> Result<bool> {
            let inverted = reader.inverted_index(term.field())?;
            let option = IndexRecordOption::WithFreqsAndPositions;
            let Some(mut postings) = inverted.read_postings(term, option)? else {
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
            let postings = SpanPostings::open(span, reader, doc)?;
            if postings.doc() == doc {
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
            for (term, _) in &meant.similar {
                match is_own(term) {
                    true => places(term, &mut found.similar).map(|_| ())?,
                    false => found.speaker_similar |= places(term, &mut Vec::new())?,
                }
            }
        }
        Ok(found)
    }
}
