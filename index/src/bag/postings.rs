//! Reads the postings of a bag of words in one segment, passage by passage. Scoring and
//! highlighting both go through it.

use tantivy::fieldnorm::FieldNormReader;
use tantivy::postings::{Postings, SegmentPostings};
use tantivy::query::Bm25Weight;
use tantivy::schema::IndexRecordOption;
use tantivy::{DocId, DocSet, Score, SegmentReader, TERMINATED, Term};

use super::{Bag, Depth, LEVELS, Level, Meant, NEAR, rank};
use crate::span::SpanPostings;

/// How a term is scored; none in the lookahead, and where nothing is scored.
pub(super) type Weighing = Option<(Bm25Weight, FieldNormReader)>;

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

struct WordPostings {
    terms: Vec<TermPostings>,
    spans: Vec<(Level, SpanPostings)>,
}

/// The words of a bag in one segment, standing at the same passage.
pub(super) struct BagPostings {
    words: Vec<WordPostings>,
    depth: Depth,
    only: bool,
    doc: DocId,
    /// Positions by word and level, kept for their memory.
    positions: Vec<[Vec<u32>; LEVELS]>,
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

/// The positions that answered a word, by level; similar ones last.
#[derive(Clone, Debug, Default)]
pub(crate) struct Found {
    pub by_level: [Vec<u32>; LEVELS],
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
        bag: &Bag,
        reader: &SegmentReader,
        mut weigh: impl FnMut(usize, &Term, f32) -> tantivy::Result<Weighing>,
        positions: bool,
    ) -> tantivy::Result<Self> {
        let mut words = Vec::with_capacity(bag.words.len());
        for (n, meant) in bag.words.iter().enumerate() {
            words.push(open_word(meant, bag.depth, reader, positions, |term, weight| {
                weigh(n, term, weight)
            })?);
        }
        // The rarest word first: the others only look where it stands.
        words.sort_by_key(WordPostings::most);
        let places = vec![Default::default(); words.len()];
        let mut opened =
            Self { words, depth: bag.depth, only: bag.only, doc: 0, positions: places };
        opened.settle(0);
        Ok(opened)
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
            let candidate = self.common_from(target);
            if candidate == TERMINATED || self.holds(candidate) {
                break candidate;
            }
            target = candidate + 1;
        };
    }

    fn common_from(&mut self, mut target: DocId) -> DocId {
        'again: loop {
            for word in &mut self.words {
                let doc = word.seek(target);
                if doc > target {
                    if doc == TERMINATED {
                        return TERMINATED;
                    }
                    target = doc;
                    continue 'again;
                }
            }
            return target;
        }
    }

    /// Whether a passage that has an answer to every word has the answers that count.
    fn holds(&self, doc: DocId) -> bool {
        let answers = || self.words.iter().map(|word| word.answer(doc));
        let in_text = answers().any(|answer| answer.own);
        let text = in_text && answers().all(|answer| answer.own || answer.ahead);
        let named = answers().all(|answer| answer.named);
        let context = named
            || in_text
                && answers()
                    .all(|answer| answer.own || answer.ahead || answer.named || answer.title);
        match (self.depth, self.only) {
            (Depth::Text, _) => text,
            (Depth::Context, only) => (text || context) && !(only && text),
            (Depth::Similar, only) => {
                // The name alone, however it sounds, is an answer too.
                let spoken = in_text || named || answers().all(|a| a.named || a.similar);
                spoken && !(only && (text || context))
            }
        }
    }

    /// Sum over the words of the best weight of any of their terms here.
    pub(super) fn weight(&mut self) -> Score {
        let doc = self.doc;
        self.words.iter_mut().map(|word| word.weight(doc)).sum()
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
        let mut sets: Vec<Vec<u32>> = vec![Vec::new(); self.words.len()];
        for level in Level::ALL {
            for (set, places) in sets.iter_mut().zip(&self.positions) {
                set.extend(&places[level as usize]);
                set.sort_unstable();
                set.dedup();
            }
            if let Some(spread) = spread(&sets) {
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
        for (_, span) in &mut self.spans {
            first = first.min(span.seek(target));
        }
        first
    }

    fn most(&self) -> u32 {
        let terms = self.terms.iter().map(|term| term.postings.doc_freq());
        let spans = self.spans.iter().map(|(_, span)| span.most());
        terms.chain(spans).fold(0, u32::saturating_add)
    }

    fn answer(&self, doc: DocId) -> Answer {
        let mut answer = Answer::default();
        for term in self.terms.iter().filter(|term| term.postings.doc() == doc) {
            match term.role {
                Role::Own(_) => answer.own = true,
                Role::Ahead(_) => answer.ahead = true,
                Role::Named => answer.named = true,
                Role::Title => answer.title = true,
                Role::Similar => answer.similar = true,
            }
        }
        // A span belongs to the passage that owns its first word.
        answer.own |= self.spans.iter().any(|(_, span)| span.doc() == doc);
        answer
    }

    fn best(&self, doc: DocId) -> Level {
        let terms = self.terms.iter().filter(|term| term.postings.doc() == doc);
        let terms = terms.filter_map(|term| match term.role {
            Role::Own(level) | Role::Ahead(level) => Some(level),
            _ => None,
        });
        let spans = self.spans.iter().filter(|(_, s)| s.doc() == doc).map(|(level, _)| *level);
        terms.chain(spans).min().unwrap_or(Level::Part)
    }

    fn weight(&mut self, doc: DocId) -> Score {
        let mut best: Score = 0.0;
        for term in self.terms.iter_mut().filter(|term| term.postings.doc() == doc) {
            if let Some((bm25, norms)) = &term.weighing {
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
        for (level, span) in self.spans.iter().filter(|(_, span)| span.doc() == doc) {
            span.matches(|start| places[*level as usize].push(start));
        }
    }
}

fn open_word(
    meant: &Meant,
    depth: Depth,
    reader: &SegmentReader,
    positions: bool,
    mut weigh: impl FnMut(&Term, f32) -> tantivy::Result<Weighing>,
) -> tantivy::Result<WordPostings> {
    let mut wanted: Vec<(Role, &Term, Option<f32>)> = Vec::new();
    wanted.extend(meant.terms.iter().map(|(level, term, w)| (Role::Own(*level), term, Some(*w))));
    wanted.extend(meant.ahead.iter().map(|(level, term)| (Role::Ahead(*level), term, None)));
    if depth >= Depth::Context {
        let named = meant.speaker.iter().chain(&meant.paper);
        wanted.extend(named.map(|term| (Role::Named, term, Some(1.0))));
        wanted.extend(meant.title.iter().map(|term| (Role::Title, term, Some(1.0))));
    }
    if depth >= Depth::Similar {
        wanted.extend(meant.similar.iter().map(|(term, w)| (Role::Similar, term, Some(*w))));
    }
    let mut terms = Vec::with_capacity(wanted.len());
    for (role, term, weight) in wanted {
        let placed = matches!(role, Role::Own(_) | Role::Ahead(_));
        let option = match positions && placed {
            true => IndexRecordOption::WithFreqsAndPositions,
            false => IndexRecordOption::WithFreqs,
        };
        let Some(postings) = reader.inverted_index(term.field())?.read_postings(term, option)?
        else {
            continue;
        };
        let weighing = match weight {
            Some(weight) => weigh(term, weight)?,
            None => None,
        };
        terms.push(TermPostings { role, postings, weighing });
    }
    let mut spans = Vec::with_capacity(meant.spans.len());
    for (level, span) in &meant.spans {
        spans.push((*level, SpanPostings::open(span, reader, 0)?));
    }
    Ok(WordPostings { terms, spans })
}

impl Found {
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
    ) -> tantivy::Result<Self> {
        let mut found = Self::default();
        let places = |term: &Term, places: &mut Vec<u32>| -> tantivy::Result<bool> {
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
            places(term, &mut found.by_level[*level as usize])?;
        }
        for (level, term) in &meant.ahead {
            places(term, &mut found.by_level[*level as usize])?;
        }
        for (level, span) in &meant.spans {
            let postings = SpanPostings::open(span, reader, doc)?;
            if postings.doc() == doc {
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
