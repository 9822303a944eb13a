//! Where words do not stand in one passage: the speeches, then the agenda items in which all of them stand,
//! then the passages that have most of them. Each step is taken only where the one before found nothing.

use std::collections::HashSet;
use std::sync::Arc;

use foldhash::{HashMap, HashMapExt};
use tantivy::query::{Bm25StatisticsProvider, EnableScoring, Query};
use tantivy::{DocAddress, DocId, Score, Term};

use super::clause::Clause;
use super::context::SearchContext;
use super::steps::{Holds, Plan};
use crate::model::error::{Doing, Result};
use crate::model::request::Breadth;
use crate::postings::budget::Budget;
use crate::postings::docs::FoundDocs;
use crate::postings::terms::rarity;
use crate::ranking::bag::{Bag, Depth, Level, Meant};
use crate::segment::columns::{SegmentColumns, StretchKey};

/// What a word counts where only the title, the paper or the speaker's name answers it.
const CONTEXT: Score = 0.1;
/// Most words of which subsets are tried; of more, the most frequent are left out first.
const SUBSETS: usize = 6;

const DOING: &str = "Weiter suchen";

/// What may answer a word in a stretch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answers {
    /// What is said, or what it is about, or who says it.
    Said,
    /// What is similar too.
    Similar,
}

/// The stretch that a document is of, if it is of any.
type StretchOf = fn(&SegmentColumns, DocId) -> Option<StretchKey>;

impl SearchContext<'_> {
    /// Takes in the speeches that have all words, or else the items that do, from `from` on: further only
    /// where nothing was found, and without those that have `known` hits. Gives whether there are any.
    ///
    /// # Errors
    /// Reading the index failed.
    pub(crate) fn look_around(
        &self,
        plan: &mut Plan,
        from: Breadth,
        known: u64,
        answers: Answers,
    ) -> Result<bool> {
        if !plan.is_row() {
            return Ok(false);
        }
        self.go_on(plan)?;
        let steps: [(Breadth, StretchOf); 2] =
            [(Breadth::Speech, SegmentColumns::speech), (Breadth::Item, SegmentColumns::item)];
        for (breadth, stretch) in steps.into_iter().filter(|(breadth, _)| *breadth >= from) {
            let found = self.together(plan, stretch, known > 0, answers)?;
            if !found.is_empty() || known > 0 {
                let holds = match answers {
                    Answers::Said => Holds::Level,
                    Answers::Similar => Holds::Similar,
                };
                plan.add_wider(breadth, Clause::Docs(Arc::new(found)), holds);
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Takes in the passages that have most of the words, where all of them together are nowhere. Gives whether
    /// there are any.
    ///
    /// # Errors
    /// Reading the index failed.
    pub(crate) fn look_for_most(&self, plan: &mut Plan) -> Result<bool> {
        if !plan.is_row() {
            return Ok(false);
        }
        self.go_on(plan)?;
        let all = self.terms.total_num_docs().doing(DOING)?;
        let mut words: Vec<(Score, Meant)> = Vec::new();
        for word in plan.words.iter() {
            let passages = self.most(&anywhere(word, Answers::Said))?;
            if passages > 0 {
                words.push((rarity(passages, all), word.clone()));
            }
        }
        // The rarest first: it says most about what is meant.
        words.sort_by(|(a, _), (b, _)| b.total_cmp(a));
        words.truncate(SUBSETS);
        let most = words.len().min(plan.words.len() - 1);
        let in_set = |set: u32| {
            let all = words.iter().enumerate();
            all.filter(move |(n, _)| set >> n & 1 == 1).map(|(_, word)| word)
        };
        let says_something = |set: &u32| {
            let letters = |word: &Meant| word.asked.chars().filter(|c| c.is_alphabetic()).count();
            in_set(*set).any(|(_, word)| letters(word) > 2)
        };
        for size in (1..=most).rev() {
            let subsets = (0u32..1 << words.len()).filter(|set| set.count_ones() as usize == size);
            let subsets = subsets.filter(says_something);
            let mut subsets: Vec<(Score, u32)> =
                subsets.map(|set| (in_set(set).map(|(rarity, _)| rarity).sum(), set)).collect();
            subsets.sort_by(|(a, _), (b, _)| b.total_cmp(a));
            for (_, set) in subsets {
                let kept: Arc<[Meant]> = in_set(set).map(|(_, word)| word.clone()).collect();
                let is_kept = |asked: &str| kept.iter().any(|word| word.asked == asked);
                let left_out: Vec<String> = (plan.words.iter())
                    .filter(|word| !is_kept(&word.asked))
                    .map(|word| word.asked.clone())
                    .collect();
                let bag = Clause::Bag(Bag { words: kept, depth: Depth::Context, only: false });
                let clause = plan.with_conditions(bag);
                let query = self.counted(&clause, &plan.admission, &Budget::new());
                if query.count(self.searcher()).doing(DOING)? > 0 {
                    plan.add_wider(Breadth::Most, clause, Holds::Together);
                    plan.missing = left_out;
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    /// Of every stretch that has all words, the passage that has most of them.
    fn together(
        &self,
        plan: &Plan,
        stretch: StretchOf,
        has_hits: bool,
        answers: Answers,
    ) -> Result<FoundDocs> {
        let mut words: Vec<(u64, &Meant)> = Vec::with_capacity(plan.words.len());
        for word in plan.words.iter() {
            words.push((self.most(&anywhere(word, answers))?, word));
        }
        words.sort_by_key(|(most, _)| *most);
        let mut common: Option<HashSet<StretchKey>> = None;
        for (_, word) in &words {
            let mut here: HashSet<StretchKey> = HashSet::new();
            self.each(plan, anywhere(word, answers), |_, columns, doc| {
                let of = stretch(columns, doc);
                here.extend(of.filter(|of| common.as_ref().is_none_or(|known| known.contains(of))));
            })?;
            if here.is_empty() {
                return Ok(FoundDocs::default());
            }
            common = Some(here);
        }
        let mut common = common.unwrap_or_default();
        if has_hits {
            let wide = self.wide(plan)?.clone();
            self.each(plan, wide, |_, columns, doc| {
                if let Some(of) = stretch(columns, doc) {
                    common.remove(&of);
                }
            })?;
        }
        let all = self.terms.total_num_docs().doing(DOING)?;
        let mut scores: HashMap<DocAddress, (StretchKey, Score)> = HashMap::new();
        for (most, word) in &words {
            let weight = rarity(*most, all);
            for (clause, weight) in
                [(Clause::of(word, Level::Part), weight), (around(word, answers), weight * CONTEXT)]
            {
                self.each(plan, clause, |segment, columns, doc| {
                    let Some(of) = stretch(columns, doc).filter(|of| common.contains(of)) else {
                        return;
                    };
                    scores.entry(DocAddress::new(segment, doc)).or_insert((of, 0.0)).1 += weight;
                })?;
            }
        }
        let mut best: HashMap<StretchKey, (Score, DocAddress)> = HashMap::new();
        for (address, (of, score)) in scores {
            let known = best.entry(of).or_insert((score, address));
            if (score, known.1) > (known.0, address) {
                *known = (score, address);
            }
        }
        Ok(FoundDocs::new(self.searcher(), best.into_values()))
    }

    /// Calls `found` for every document that meets a condition and the plan's own. Filters choose among what is
    /// found, not where words may stand.
    fn each(
        &self,
        plan: &Plan,
        clause: Clause,
        mut found: impl FnMut(u32, &SegmentColumns, DocId),
    ) -> Result<()> {
        let clause = plan.with_conditions(clause);
        let query = clause.to_count(self.fields, &self.terms, &Budget::new());
        let weight = query.weight(EnableScoring::disabled_from_searcher(self.searcher()));
        let weight = weight.doing(DOING)?;
        for (segment, reader) in self.searcher().segment_readers().iter().enumerate() {
            let columns = self.columns.of(segment as u32);
            let alive = reader.alive_bitset();
            let is_hidden = |doc: DocId| plan.admission.hides_votes() && columns.is_vote(doc);
            let mut each = |docs: &[DocId]| {
                let alive = docs.iter().filter(|doc| alive.is_none_or(|a| a.is_alive(**doc)));
                let shown = alive.filter(|doc| !is_hidden(**doc));
                shown.for_each(|doc| found(segment as u32, columns, *doc));
            };
            weight.for_each_no_score(reader, &mut each).doing(DOING)?;
        }
        Ok(())
    }
}

/// That a passage, or what it is about, or whoever speaks, answers a word.
fn anywhere(word: &Meant, answers: Answers) -> Clause {
    Clause::One(vec![Clause::of(word, Level::Part), around(word, answers)])
}

/// That what a passage is about, or whoever speaks, answers a word, or something similar in it.
fn around(word: &Meant, answers: Answers) -> Clause {
    let context = word.speaker.iter().chain(&word.paper).chain(&word.title);
    let similar = word.similar.iter().map(|(_, term, _)| term);
    let similar = similar.filter(|_| answers == Answers::Similar);
    let terms: Vec<(Term, f32)> = context.chain(similar).map(|term| (term.clone(), 1.0)).collect();
    Clause::Terms(terms)
}
