//! From a request to its answer: read the query, rank, count, show. Reads the index only.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};

use tantivy::collector::TopDocs;
use tantivy::query::{BooleanQuery, Occur, Query};
use tantivy::{
    DocAddress, Executor, Order, Searcher, SegmentOrdinal, SegmentReader, TantivyDocument, Term,
};

use crate::answer::debates::{DebateCollector, DebateCount, DebateKey, Debates, debate_key};
use crate::answer::facets::{Counts, FacetCollector};
use crate::answer::highlight;
use crate::answer::meetings::Meetings;
use crate::answer::newest::NewestCollector;
use crate::answer::snippet;
use crate::answer::why;
use crate::model::document::Kind;
use crate::model::error::{Doing, Result};
use crate::model::request::{
    Breadth, Group, Grouping, Hit, HitWord, MeetingRef, Request, Response, Sort,
};
use crate::model::understood::{Remark, Understood};
use crate::postings::budget::Budget;
use crate::query::{
    self, Admission, Answers, Clause, FEW, Holds, Minus, Plan, Reading, SearchContext, Votes,
    has_minus, read,
};
use crate::ranking::bag::{Depth, Found, Level, Rank};
use crate::ranking::ranked::Ranked;
use crate::ranking::reorder::Reorder;
use crate::ranking::top;
use crate::segment::columns::Columns;
use crate::segment::record;
use crate::segment::schema::CHRONOLOGY;

/// Most hits of one page, and how far pages go.
const MAX_LIMIT: usize = 10_000;
const MAX_OFFSET: usize = 100_000;
/// Hits that are ranked together: within so many, small things may change the order.
const BLOCK: usize = 50;
/// Hits that are looked at first to fill a page of meetings.
const GROUPED: usize = 200;
/// Passages to be looked into from which on several threads do: until one is awake, another has
/// looked into so many.
const WORTH_THREADS: u64 = 5_000;

/// One state of the index, to be searched.
pub(crate) struct IndexSearch<'i> {
    pub context: SearchContext<'i>,
    pub meetings: &'i Meetings,
    /// The threads of a search.
    pub executor: &'i Executor,
}

/// Hits by meeting, or by item of a meeting. A meeting may be spread over files, each of which has its own
/// number for it.
struct Groups {
    grouping: Grouping,
    hits: Vec<Vec<Ranked>>,
    places: HashMap<(String, Option<u64>), usize>,
    numbered: HashMap<(SegmentOrdinal, u64, Option<u64>), usize>,
}

impl Groups {
    fn new(grouping: Grouping) -> Self {
        let (hits, places, numbered) = Default::default();
        Self { grouping, hits, places, numbered }
    }

    /// The place of a hit's group among the groups, at the end where it is new.
    fn place_of(&mut self, columns: &Columns, address: DocAddress) -> Result<usize> {
        let file = columns.of(address.segment_ord);
        let number = file.meeting_number(address.doc_id).unwrap_or(u64::MAX);
        let item = match self.grouping {
            Grouping::Debates { .. } => file.item(address.doc_id).map(|(_, place)| place),
            Grouping::Alone | Grouping::Meetings { .. } => None,
        };
        self.place(columns, address.segment_ord, number, item)
    }

    /// The place of a meeting of one file, or of one of its items, likewise.
    fn place(
        &mut self,
        columns: &Columns,
        file: SegmentOrdinal,
        number: u64,
        item: Option<u64>,
    ) -> Result<usize> {
        Ok(match self.numbered.entry((file, number, item)) {
            Entry::Occupied(known) => *known.get(),
            Entry::Vacant(new) => {
                let label = columns.meeting_label(file, number)?;
                let place = *self.places.entry((label, item)).or_insert(self.hits.len());
                if place == self.hits.len() {
                    self.hits.push(Vec::new());
                }
                *new.insert(place)
            }
        })
    }

    fn add(&mut self, place: usize, hit: Ranked) {
        if self.hits[place].len() < self.grouping.most() {
            self.hits[place].push(hit);
        }
    }
}

impl IndexSearch<'_> {
    fn searcher(&self) -> &Searcher {
        self.context.searcher()
    }

    /// Fails where reading has, and nobody could be told.
    fn told(&self) -> Result<()> {
        self.context.terms.told().doing("Fundstellen lesen")
    }

    /// Answers `request`.
    ///
    /// # Errors
    /// Reading the index failed; no query is an error.
    pub(crate) fn run(&self, request: &Request) -> Result<Response> {
        let found = self.run_as(request, Minus::Sign)?;
        let is_something = found.total > found.similar && found.breadth == Breadth::Passage
            || !found.hits.is_empty() && request.hits_only;
        if is_something || !has_minus(&request.q) {
            return Ok(found);
        }
        let excluded = self.run_as(request, Minus::Not)?;
        Ok(if excluded.hits.is_empty() { found } else { excluded })
    }

    fn run_as(&self, request: &Request, minus: Minus) -> Result<Response> {
        let (mut plan, mut understood) = match read(&request.q, minus, self.context.abbreviations) {
            Reading::Nothing { understood } => {
                return Ok(Response { understood, ..Response::default() });
            }
            Reading::Everything => {
                (self.context.plan(None, &request.filters)?, Understood::default())
            }
            Reading::Query { root, understood } => {
                (self.context.plan(Some(root), &request.filters)?, understood)
            }
        };
        let (counts, similar) = match request.hits_only {
            true => Default::default(),
            false => {
                let (mut counts, similar) = self.count(&mut plan, request.breadth)?;
                counts.offer_votes(self.hidden_votes(&plan)?);
                (counts, similar)
            }
        };
        let suggestion = match request.hits_only || counts.total - similar >= FEW as u64 {
            true => None,
            false => query::suggestion(&request.q, &plan.words, &self.context)?,
        };
        let budget = Budget::new();
        let (ranked, sizes) = match request.grouping {
            Grouping::Alone => (self.rank(&mut plan, request, &budget)?, Vec::new()),
            grouping => self.grouped(&mut plan, request, grouping, &budget)?,
        };
        let debates = match request.grouping {
            Grouping::Meetings { .. } => None,
            Grouping::Alone if request.hits_only || ranked.is_empty() => None,
            Grouping::Alone | Grouping::Debates { .. } => Some(self.debates(&plan, &budget)?),
        };
        let addresses: Vec<DocAddress> = ranked.iter().map(|ranked| ranked.address).collect();
        plan.cut |= budget.is_spent();
        let hits = ranked.into_iter().map(|ranked| self.show(&plan, ranked));
        let hits = hits.collect::<Result<Vec<_>>>()?;
        self.told()?;
        let groups = match request.grouping {
            Grouping::Alone => debates_of(debates.as_ref(), self.context.columns, &addresses),
            Grouping::Meetings { .. } | Grouping::Debates { .. } => {
                let mut best = 0;
                let group = |shown| {
                    let at = best;
                    best += shown;
                    let DebateCount { total, speeches } = match &debates {
                        Some(debates) => debates.of(self.context.columns, addresses[at]),
                        None => {
                            let MeetingRef { id, name, .. } = &hits[at].meeting;
                            DebateCount { total: counts.of_meeting(id, name), speeches: 0 }
                        }
                    };
                    Group { total, speeches, best: at, shown }
                };
                sizes.into_iter().map(group).collect()
            }
        };
        let all_groups = debates.as_ref().map_or(counts.meetings(), Debates::len);
        understood.remarks.extend(plan.left_out.take());
        understood.remarks.extend(plan.cut.then_some(Remark::OutOfTime));
        Ok(Response {
            groups,
            all_groups,
            hits,
            total: counts.total,
            similar,
            wider: plan.wider(counts.total - similar),
            breadth: plan.breadth,
            missing: plan.missing,
            meetings: counts.meetings(),
            facets: counts.facets(),
            suggestion,
            understood,
        })
    }

    /// The best hits of each group, the groups in the order of their best, and how many hits
    /// each has here. Behind those of which any hit was ranked come all others, the newest first.
    fn grouped(
        &self,
        plan: &mut Plan,
        request: &Request,
        grouping: Grouping,
        budget: &Budget,
    ) -> Result<(Vec<Ranked>, Vec<usize>)> {
        let offset = request.offset.min(MAX_OFFSET);
        let end = offset + request.limit.min(MAX_LIMIT);
        let mut fetched = GROUPED;
        let groups = loop {
            let all = Request { offset: 0, limit: fetched, ..request.clone() };
            let ranked = self.rank(plan, &all, budget)?;
            let is_all = ranked.len() < fetched;
            let mut groups = Groups::new(grouping);
            for hit in ranked {
                let place = groups.place_of(self.context.columns, hit.address)?;
                groups.add(place, hit);
            }
            if groups.hits.len() >= end || is_all {
                break groups.hits;
            }
            if fetched >= MAX_LIMIT {
                // Debates are paged as far as hits are ranked.
                if matches!(grouping, Grouping::Debates { .. }) {
                    break groups.hits;
                }
                break self.with_the_rest(groups, plan, end, budget)?;
            }
            fetched = (fetched * 4).min(MAX_LIMIT);
        };
        let shown = groups.into_iter().skip(offset).take(end - offset);
        let shown: Vec<Vec<Ranked>> = shown.collect();
        let sizes = shown.iter().map(Vec::len).collect();
        Ok((shown.into_iter().flatten().collect(), sizes))
    }

    /// `groups` and, behind them, the meetings of which no hit is there, until there are `end`.
    fn with_the_rest(
        &self,
        mut groups: Groups,
        plan: &Plan,
        end: usize,
        budget: &Budget,
    ) -> Result<Vec<Vec<Ranked>>> {
        let known = groups.hits.len();
        let query = self.context.counted(self.context.wide(plan)?, &plan.admission, budget);
        let collector =
            NewestCollector { columns: self.context.columns, most: groups.grouping.most() };
        let all = self.searcher().search(&*query, &collector).doing("Sitzungen ordnen")?;
        let mut rest: Vec<Vec<(u64, DocAddress)>> = Vec::new();
        let mut last = None;
        for gathered in all {
            let meeting = record::meeting_of(gathered.first());
            // The files of one meeting follow each other.
            if groups.hits.len() >= end && last != Some(meeting) {
                break;
            }
            last = Some(meeting);
            let place =
                groups.place(self.context.columns, gathered.segment, gathered.number, None)?;
            if let Some(new) = place.checked_sub(known) {
                rest.resize_with(rest.len().max(new + 1), Vec::new);
                rest[new].extend(gathered.hits);
            }
        }
        for (new, mut hits) in rest.into_iter().enumerate() {
            hits.sort_unstable_by_key(|(place, _)| std::cmp::Reverse(*place));
            for (_, address) in hits {
                groups.add(known + new, Ranked::unranked(address));
            }
        }
        Ok(groups.hits)
    }

    /// How many hits `request` would show: the ranking alone.
    ///
    /// # Errors
    /// Reading the index failed.
    pub(crate) fn rank_only(&self, request: &Request) -> Result<usize> {
        match read(&request.q, Minus::Sign, self.context.abbreviations) {
            Reading::Query { root, .. } => {
                let mut plan = self.context.plan(Some(root), &request.filters)?;
                let ranked = self.rank(&mut plan, request, &Budget::new())?;
                self.told()?;
                Ok(ranked.len())
            }
            Reading::Everything | Reading::Nothing { .. } => Ok(0),
        }
    }

    fn debates(&self, plan: &Plan, budget: &Budget) -> Result<Debates> {
        let query = self.context.counted(self.context.wide(plan)?, &plan.admission, budget);
        let collector = DebateCollector(self.context.columns);
        self.searcher().search(&*query, &collector).doing("Debatten zählen")
    }

    /// Counts all that match; where nothing does, what is found wider around, and what is merely similar. Gives
    /// also how many of them are merely similar.
    fn count(&self, plan: &mut Plan, breadth: Breadth) -> Result<(Counts, u64)> {
        let budget = Budget::new();
        let count = |plan: &Plan| {
            let query = self.context.counted(self.context.wide(plan)?, &plan.admission, &budget);
            self.searcher()
                .search(&*query, &FacetCollector(self.context.columns))
                .doing("Treffer zählen")
        };
        let mut counts = count(plan)?;
        let mut similar = 0;
        let exact = counts.total;
        // A misheard name is the name: it comes before what stands further apart.
        if exact < FEW as u64 && self.context.look_by_ear(plan)? {
            counts = count(plan)?;
            similar = counts.total - exact;
        }
        if (exact == 0 || breadth > Breadth::Passage)
            && self.context.look_around(plan, breadth, exact, Answers::Said)?
        {
            counts = count(plan)?;
        }
        // A word that nobody said is misspelt rather than left out.
        if counts.total == 0 && self.knows_all(plan)? && self.context.look_for_most(plan)? {
            counts = count(plan)?;
        }
        if counts.total == 0 && self.context.widen(plan)? {
            counts = count(plan)?;
            // What is spelt alike may stand a few sentences away too.
            if counts.total == 0 && self.context.look_around(plan, breadth, 0, Answers::Similar)? {
                counts = count(plan)?;
            }
            similar = counts.total;
        }
        if counts.total == 0 && self.context.look_for_most(plan)? {
            counts = count(plan)?;
        }
        plan.cut |= budget.is_spent();
        Ok((counts, similar))
    }

    /// How many votes match that are no hits, since nobody asked for them.
    fn hidden_votes(&self, plan: &Plan) -> Result<u64> {
        if !plan.admission.hides_votes() {
            return Ok(0);
        }
        let admission = Admission { votes: Votes::Shown, ..plan.admission.clone() };
        let votes = Clause::votes(self.context.fields);
        let votes = Clause::All(vec![votes, self.context.wide(plan)?.clone()]);
        let query = self.context.counted(&votes, &admission, &Budget::new());
        let count = query.count(self.searcher()).doing("Abstimmungen zählen")?;
        Ok(count as u64)
    }

    /// Whether every word of the query stands somewhere.
    fn knows_all(&self, plan: &Plan) -> Result<bool> {
        for word in plan.words.iter() {
            if self.context.most(&Clause::of(word, Level::Part))? == 0 {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn rank(&self, plan: &mut Plan, request: &Request, budget: &Budget) -> Result<Vec<Ranked>> {
        let limit = request.limit.min(MAX_LIMIT);
        let offset = request.offset.min(MAX_OFFSET);
        if request.sort == Sort::Relevance && plan.ranked && limit > 0 {
            return self.by_relevance(plan, offset, limit, budget);
        }
        if limit == 0 {
            return Ok(Vec::new());
        }
        const DOING: &str = "Treffer nach Datum ordnen";
        let query = self.context.counted(self.context.wide(plan)?, &plan.admission, budget);
        let top = TopDocs::with_limit(limit).and_offset(offset);
        let found: Vec<DocAddress> = match request.sort {
            Sort::Oldest => {
                let key = |reader: &SegmentReader| {
                    let column = reader.fast_fields().u64(CHRONOLOGY).ok();
                    move |doc| column.as_ref().and_then(|c| c.first(doc)).map(record::oldest_first)
                };
                let found = self.searcher().search(&*query, &top.order_by(key)).doing(DOING)?;
                found.into_iter().map(|(_, address)| address).collect()
            }
            Sort::Relevance | Sort::Date => {
                let newest = top.order_by_u64_field(CHRONOLOGY, Order::Desc);
                let found = self.searcher().search(&*query, &newest).doing(DOING)?;
                found.into_iter().map(|(_, address)| address).collect()
            }
        };
        Ok(found.into_iter().map(Ranked::unranked).collect())
    }

    /// One tier after the other, as far as hits are wanted: what was said as spelt, in other word
    /// forms, in compounds; then titles likewise (a title is short and would win every comparison
    /// of weights, but people come for what was said); then what the context answers.
    fn by_relevance(
        &self,
        plan: &mut Plan,
        offset: usize,
        limit: usize,
        budget: &Budget,
    ) -> Result<Vec<Ranked>> {
        let end = offset + limit;
        let reorder = Reorder::new(&self.context.terms, self.context.columns, &plan.words)?;
        let (mut ranked, mut context): (Vec<Ranked>, Vec<Ranked>) = Default::default();
        let (hides_votes, columns) = (plan.admission.hides_votes(), self.context.columns);
        let is_admitted = |segment, doc| !(hides_votes && columns.of(segment).is_vote(doc));
        let mut at = 0;
        while ranked.len() < end.max(FEW) {
            if plan.tiers.get(at).is_none() {
                self.context.go_on(plan)?;
            }
            // What only the context answers stands behind the titles, before what is similar.
            let behind = plan.tiers.get(at).is_none_or(|tier| tier.holds == Holds::Similar);
            if behind && !context.is_empty() {
                // A title with its paper's number was found as what it says.
                let known: HashSet<DocAddress> = ranked.iter().map(|hit| hit.address).collect();
                let context = std::mem::take(&mut context).into_iter();
                ranked.extend(context.filter(|hit| !known.contains(&hit.address)));
                if ranked.len() >= end.max(FEW) {
                    break;
                }
            }
            let Some(tier) = plan.tiers.get(at) else {
                if ranked.len() < FEW && self.context.look_by_ear(plan)? {
                    continue;
                }
                if !ranked.is_empty() || !self.context.widen(plan)? {
                    break;
                }
                continue;
            };
            // Blocks begin with the tier, so that every page cuts them alike.
            // What was found before may be found again: by ear and by spelling, together and in one speech.
            let wanted = end.max(FEW) - ranked.len();
            let again = if at == 0 { 0 } else { ranked.len() + context.len() + BLOCK };
            let wanted = (wanted + again).next_multiple_of(BLOCK);
            let query = self.filtered(&tier.clause, &plan.admission.filter, budget);
            let executor = match self.context.most(&tier.clause)? >= WORTH_THREADS {
                true => self.executor,
                false => &Executor::SingleThread,
            };
            let scores = tier.holds.scores();
            let best =
                top::best(&self.context.terms, executor, &*query, scores, &is_admitted, wanted);
            let best = best.doing("Treffer suchen")?.into_iter();
            let best = best.map(|(key, address)| Ranked { tier: Some(at), key, address });
            let mut best: Vec<Ranked> = best.collect();
            let is_cut = best.len() == wanted;
            if at > 0 {
                let known: HashSet<DocAddress> =
                    ranked.iter().chain(&context).map(|hit| hit.address).collect();
                best.retain(|hit| !known.contains(&hit.address));
                if is_cut {
                    best.truncate(best.len() / BLOCK * BLOCK);
                }
            }
            for block in best.chunks_mut(BLOCK) {
                reorder.sort(block)?;
            }
            if tier.holds == Holds::Together && !plan.by_paper {
                let said = best.partition_point(|hit| hit.key.rank < Rank::CONTEXT);
                context.extend(best.drain(said..));
            }
            ranked.extend(best);
            at += 1;
        }
        Ok(ranked.into_iter().skip(offset).take(limit).collect())
    }

    fn show(&self, plan: &Plan, ranked: Ranked) -> Result<Hit> {
        const DOING: &str = "Treffer lesen";
        let Ranked { address, tier, .. } = ranked;
        // What is similar is no answer where something better was found.
        let depth = match tier.and_then(|at| plan.tiers.get(at)).map(|tier| tier.holds) {
            Some(Holds::Level | Holds::Together) => Depth::Context,
            Some(Holds::Similar) | None => plan.depth,
        };
        let document: TantivyDocument = self.searcher().doc(address).doing(DOING)?;
        let (meeting, passage) = record::read_passage(self.context.fields, &document)?;
        let meeting = self.meetings.get(self.context.fields, self.searcher(), &meeting)?;
        let reader = self.searcher().segment_reader(address.segment_ord);
        let word = |index: usize| {
            let word = passage.first_word.saturating_add(index as u32);
            let time = passage.word_times.get(index);
            HitWord { word, start_ms: time.map(|t| t.start_ms), end_ms: time.map(|t| t.end_ms) }
        };
        let words = match passage.kind {
            Kind::Spoken => &*plan.words,
            Kind::Item | Kind::Paper | Kind::Vote => self.context.written(plan)?,
        };
        let own = |term: &Term| self.context.fields.is_own(term.field());
        let mut found = Vec::with_capacity(words.len());
        for meant in words {
            let read = Found::read(meant, depth, own, &self.context.terms, reader, address.doc_id);
            found.push(read.doing(DOING)?);
        }
        let why = why::explain(words, &found, &passage);
        let positions = match plan.plain && passage.kind == Kind::Spoken {
            true => {
                let mut positions: Vec<u32> = found.iter().flat_map(Found::positions).collect();
                positions.sort_unstable();
                positions.dedup();
                positions
            }
            false => {
                let wide = self.context.wide(plan)?;
                highlight::matched(
                    wide,
                    self.context.fields,
                    &self.context.terms,
                    reader,
                    address.doc_id,
                )
                .doing(DOING)?
            }
        };
        let snippet = snippet::excerpt(&passage, &positions, word);
        Ok(Hit {
            why,
            meeting: MeetingRef::clone(&meeting),
            passage: passage.id,
            order: passage.order,
            kind: passage.kind,
            item: passage.item,
            speaker: passage.speaker,
            first_word: passage.first_word,
            n_words: passage.words.len() as u32,
            start_ms: passage.start_ms,
            end_ms: passage.end_ms,
            link: passage.link,
            vote: passage.vote,
            snippet: snippet.parts,
            hits: snippet.hits,
        })
    }

    /// The query of what meets both, whose scores are of `clause`.
    fn filtered(&self, clause: &Clause, filter: &Clause, budget: &Budget) -> Box<dyn Query> {
        let query = clause.to_query(self.context.fields, &self.context.terms, budget);
        if matches!(filter, Clause::Everything) {
            return query;
        }
        Box::new(BooleanQuery::new(vec![
            (Occur::Must, query),
            (Occur::Must, filter.to_filter(self.context.fields, &self.context.terms, budget)),
        ]))
    }
}

/// The debates of hits, in the order of the best of each.
fn debates_of(debates: Option<&Debates>, columns: &Columns, hits: &[DocAddress]) -> Vec<Group> {
    let Some(debates) = debates else { return Vec::new() };
    let mut places: HashMap<DebateKey, usize> = HashMap::new();
    let mut groups: Vec<Group> = Vec::new();
    for (best, address) in hits.iter().enumerate() {
        let Some(key) = debate_key(columns, *address) else { continue };
        let place = *places.entry(key).or_insert(groups.len());
        if place == groups.len() {
            let DebateCount { total, speeches } = debates.of(columns, *address);
            groups.push(Group { total, speeches, best, shown: 0 });
        }
        groups[place].shown += 1;
    }
    groups
}
