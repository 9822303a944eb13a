//! From a request to its answer: read the query, rank, count, show. Reads the index only.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};

use tantivy::collector::TopDocs;
use tantivy::query::{BooleanQuery, Occur, Query};
use tantivy::schema::Field;
use tantivy::{
    DocAddress, Executor, Order, Score, Searcher, SegmentOrdinal, TantivyDocument, Term,
};

use crate::analysis::{self, Analyzer};
use crate::bag::{Bag, Depth, Found, Level, Meant, RANKS, unpacked};
use crate::budget::Budget;
use crate::columns::Columns;
use crate::document::Kind;
use crate::error::{Doing, Result};
use crate::facets::{Counts, FacetCollector};
use crate::highlight;
use crate::meetings::Meetings;
use crate::newest::NewestCollector;
use crate::query::ast::Node;
use crate::query::{Clause, Days, Ground, Planner, Reading, read};
use crate::record;
use crate::reorder::Reorder;
use crate::request::{Filters, Group, Hit, HitWord, MeetingRef, Request, Response, Sort};
use crate::schema::{CHRONOLOGY, Fields, Place};
use crate::similar;
use crate::snippet;
use crate::span::Span;
use crate::top;
use crate::why;

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
/// With fewer hits than this, what is merely similar is offered too.
const FEW: usize = 10;

/// What is said where a search was ended early.
const OUT_OF_TIME: &str = "Diese Suche dauert zu lange; sie zeigt nur, was bis dahin gefunden war.";

/// One state of the index, to be searched.
pub(crate) struct Search<'i> {
    pub fields: &'i Fields,
    pub searcher: &'i Searcher,
    pub analyzer: &'i Analyzer,
    pub meetings: &'i Meetings,
    pub columns: &'i Columns,
    /// The threads of a search.
    pub executor: &'i Executor,
}

/// A query ready to run: conditions in the order of their ranks. Each finds what those before it
/// have not.
struct Plan {
    tiers: Vec<Tier>,
    /// All that match.
    wide: Clause,
    /// What is asked for beside the words that can be similar.
    conditions: Vec<Clause>,
    /// Whether what is merely similar was looked for.
    widened: bool,
    /// The words that are asked for, wherever they stand in the query, and what may answer them.
    words: Vec<Meant>,
    depth: Depth,
    /// The same words, as titles and papers answer them.
    written: Vec<Meant>,
    filter: Clause,
    /// Whether the query is words in a row and nothing else: each of them that is there is marked.
    plain: bool,
    /// Whether hits have ranks and words to show.
    ranked: bool,
    /// What of the query is not searched for, in German.
    left_out: Option<String>,
    /// Whether time ran out.
    cut: bool,
}

struct Tier {
    clause: Clause,
    holds: Holds,
}

/// What a tier finds, and so what its scores say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Holds {
    /// What matches at one level; scores are weights.
    Level,
    /// Words together, and what only the context adds; scores hold ranks (see [`unpacked`]).
    Together,
    /// What is merely similar, likewise.
    Similar,
}

/// A matching passage with its rank: the tier and the rank within it, and the weight.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ranked {
    pub rank: (usize, u32),
    pub weight: Score,
    pub address: DocAddress,
}

/// Hits by meeting. A meeting may be spread over files, each of which has its own number for it.
struct Groups {
    most: usize,
    hits: Vec<Vec<Ranked>>,
    places: HashMap<String, usize>,
    numbered: HashMap<(SegmentOrdinal, u64), usize>,
}

impl Groups {
    fn new(most: usize) -> Self {
        Self { most, hits: Vec::new(), places: HashMap::new(), numbered: HashMap::new() }
    }

    /// The place of a meeting of one file among the groups, at the end where it is new.
    fn place(&mut self, columns: &Columns, file: SegmentOrdinal, number: u64) -> Result<usize> {
        Ok(match self.numbered.entry((file, number)) {
            Entry::Occupied(known) => *known.get(),
            Entry::Vacant(new) => {
                let label = columns.meeting_label(file, number)?;
                let place = *self.places.entry(label).or_insert(self.hits.len());
                if place == self.hits.len() {
                    self.hits.push(Vec::new());
                }
                *new.insert(place)
            }
        })
    }

    fn add(&mut self, place: usize, hit: Ranked) {
        if self.hits[place].len() < self.most {
            self.hits[place].push(hit);
        }
    }
}

impl Search<'_> {
    /// Answers `request`.
    ///
    /// # Errors
    /// Reading the index failed; no query is an error.
    pub(crate) fn run(&self, request: &Request) -> Result<Response> {
        let (mut plan, understood) = match read(&request.q) {
            Reading::Nothing { understood } => {
                return Ok(Response { understood: Some(understood), ..Response::default() });
            }
            Reading::Everything => (self.plan(None, &request.filters)?, None),
            Reading::Query { root, understood } => {
                (self.plan(Some(&root), &request.filters)?, understood)
            }
        };
        let (counts, similar) = match request.hits_only {
            true => Default::default(),
            false => self.count(&mut plan)?,
        };
        let suggestion = match request.hits_only || counts.total - similar >= FEW as u64 {
            true => None,
            false => similar::suggestion(&request.q, &plan.words, self)?,
        };
        let budget = Budget::new();
        let (ranked, sizes) = match request.per_meeting {
            0 => (self.rank(&mut plan, request, &budget)?, Vec::new()),
            most => self.grouped(&mut plan, request, most, &budget)?,
        };
        plan.cut |= budget.is_spent();
        let hits = ranked.into_iter().map(|ranked| self.show(&plan, ranked));
        let hits = hits.collect::<Result<Vec<_>>>()?;
        let mut first = 0;
        let groups = sizes.into_iter().map(|shown| {
            let meeting = &hits[first].meeting;
            first += shown;
            Group { total: counts.of_meeting(&meeting.id, &meeting.name), shown }
        });
        Ok(Response {
            groups: groups.collect(),
            hits,
            total: counts.total,
            similar,
            meetings: counts.meetings(),
            facets: counts.facets(),
            suggestion,
            understood: understood
                .into_iter()
                .chain(plan.left_out)
                .chain(plan.cut.then(|| OUT_OF_TIME.to_owned()))
                .reduce(|a, b| a + " " + &b),
        })
    }

    /// The best hits of each meeting, the meetings in the order of their best, and how many hits
    /// each has here. Behind those of which any hit was ranked come all others, the newest first.
    fn grouped(
        &self,
        plan: &mut Plan,
        request: &Request,
        most: usize,
        budget: &Budget,
    ) -> Result<(Vec<Ranked>, Vec<usize>)> {
        let offset = request.offset.min(MAX_OFFSET);
        let end = offset + request.limit.min(MAX_LIMIT);
        let mut fetched = GROUPED;
        let groups = loop {
            let all = Request { offset: 0, limit: fetched, ..request.clone() };
            let ranked = self.rank(plan, &all, budget)?;
            let is_all = ranked.len() < fetched;
            let mut groups = Groups::new(most);
            for hit in ranked {
                let number = self.columns.meeting_number(hit.address).unwrap_or(u64::MAX);
                let place = groups.place(self.columns, hit.address.segment_ord, number)?;
                groups.add(place, hit);
            }
            if groups.hits.len() >= end || is_all {
                break groups.hits;
            }
            if fetched >= MAX_LIMIT {
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
        let query = counted(self.fields, &plan.wide, &plan.filter, budget);
        let collector = NewestCollector { columns: self.columns, most: groups.most };
        let all = self.searcher.search(&*query, &collector).doing("Sitzungen ordnen")?;
        let mut rest: Vec<Vec<(u64, DocAddress)>> = Vec::new();
        let mut last = None;
        for gathered in all {
            let meeting = record::meeting_of(gathered.first());
            // The files of one meeting follow each other.
            if groups.hits.len() >= end && last != Some(meeting) {
                break;
            }
            last = Some(meeting);
            let place = groups.place(self.columns, gathered.segment, gathered.number)?;
            if let Some(new) = place.checked_sub(known) {
                rest.resize_with(rest.len().max(new + 1), Vec::new);
                rest[new].extend(gathered.hits);
            }
        }
        for (new, mut hits) in rest.into_iter().enumerate() {
            hits.sort_unstable_by_key(|(place, _)| std::cmp::Reverse(*place));
            for (_, address) in hits {
                groups.add(known + new, Ranked { rank: (0, 0), weight: 0.0, address });
            }
        }
        Ok(groups.hits)
    }

    /// How many hits `request` would show: the ranking alone.
    ///
    /// # Errors
    /// Reading the index failed.
    pub(crate) fn rank_only(&self, request: &Request) -> Result<usize> {
        match read(&request.q) {
            Reading::Query { root, .. } => {
                let mut plan = self.plan(Some(&root), &request.filters)?;
                Ok(self.rank(&mut plan, request, &Budget::new())?.len())
            }
            Reading::Everything | Reading::Nothing { .. } => Ok(0),
        }
    }

    /// Counts all that match; where that is little, what is merely similar too. Gives also how many
    /// of them are merely similar.
    fn count(&self, plan: &mut Plan) -> Result<(Counts, u64)> {
        let budget = Budget::new();
        let count = |plan: &Plan| {
            self.searcher
                .search(
                    &*counted(self.fields, &plan.wide, &plan.filter, &budget),
                    &FacetCollector(self.columns),
                )
                .doing("Treffer zählen")
        };
        let mut counts = count(plan)?;
        let matching = counts.total;
        if matching < FEW as u64 && self.widen(plan)? {
            counts = count(plan)?;
        }
        plan.cut |= budget.is_spent();
        let similar = counts.total.saturating_sub(matching);
        Ok((counts, similar))
    }

    /// Takes in what is merely similar, if there is anything; gives whether the plan has changed.
    fn widen(&self, plan: &mut Plan) -> Result<bool> {
        if std::mem::replace(&mut plan.widened, true) {
            return Ok(false);
        }
        let similar = similar::of(&plan.words, self.fields, self.searcher, self.analyzer)?;
        let Some(words) = similar else { return Ok(false) };
        let bag = |only| {
            let bag = Clause::Bag(Bag { words: words.clone(), depth: Depth::Similar, only });
            Clause::All(std::iter::once(bag).chain(plan.conditions.iter().cloned()).collect())
        };
        let wide = Clause::One(vec![plan.wide.clone(), bag(false)]);
        plan.tiers.push(Tier { clause: bag(true), holds: Holds::Similar });
        plan.wide = wide;
        plan.words = words;
        plan.depth = Depth::Similar;
        Ok(true)
    }

    fn plan(&self, root: Option<&Node>, filters: &Filters) -> Result<Plan> {
        let filter = self.filter_clause(filters)?;
        let everything = Plan {
            tiers: Vec::new(),
            wide: Clause::Everything,
            conditions: Vec::new(),
            widened: true,
            words: Vec::new(),
            depth: Depth::Context,
            written: Vec::new(),
            plain: false,
            filter,
            ranked: false,
            left_out: None,
            cut: false,
        };
        let Some(root) = root else { return Ok(everything) };
        let planner = |ground| Planner::new(self.fields, self.searcher, self.analyzer, ground);
        let (mut spoken, mut written) = (planner(Ground::Spoken), planner(Ground::Written));
        let wide_spoken = spoken.plan(root, Level::Part)?;
        let wide_written = written.plan(root, Level::Part)?;
        if !wide_spoken.asks_for_words(self.fields) {
            // Only conditions: they hold on either ground.
            let wide = Clause::All(vec![wide_spoken, wide_written]);
            return Ok(Plan { wide, left_out: spoken.left_out(), ..everything });
        }
        let (words, conditions) = spoken.bag(root, Level::Part)?;
        let together = |depth, only| -> Option<Clause> {
            let bag = Clause::Bag(Bag { words: words.clone(), depth, only });
            let all = std::iter::once(bag).chain(conditions.iter().cloned());
            (!words.is_empty()).then(|| Clause::All(all.collect()))
        };
        let mut tiers = Vec::new();
        // Several words together: one look finds what is said and, behind it, what the context adds.
        let several = words.len() > 1;
        match together(Depth::Context, false).filter(|_| several) {
            Some(clause) => tiers.push(Tier { clause, holds: Holds::Together }),
            None => self.levels(root, &mut spoken, &mut tiers)?,
        }
        if self.most(&wide_written)? > 0 {
            self.levels(root, &mut written, &mut tiers)?;
        }
        let context = together(Depth::Context, true).filter(|_| !several);
        tiers.extend(context.map(|clause| Tier { clause, holds: Holds::Together }));
        let mut wide = vec![self.grounded(wide_written, Ground::Written)];
        wide.push(match (words.as_slice(), together(Depth::Context, false)) {
            // One word that is said, or names the speaker or the paper: nothing to compare.
            ([single], _) if conditions.is_empty() => {
                let named = single.speaker.iter().chain(&single.paper);
                let named = named.map(|term| (term.clone(), 1.0)).collect();
                Clause::One(vec![Clause::of(single, Level::Part), Clause::Terms(named)])
            }
            (_, Some(context)) => context,
            (_, None) => self.grounded(wide_spoken, Ground::Spoken),
        });
        let asked = match words.is_empty() {
            true => spoken.leaves(root)?,
            false => words.clone(),
        };
        Ok(Plan {
            tiers,
            wide: Clause::One(wide),
            plain: conditions.is_empty() && !words.is_empty(),
            conditions,
            widened: words.is_empty(),
            words: asked,
            written: written.leaves(root)?,
            ranked: true,
            left_out: spoken.left_out(),
            ..everything
        })
    }

    fn filter_clause(&self, filters: &Filters) -> Result<Clause> {
        let fields = self.fields;
        let mut parts = Vec::new();
        let mut equal = |field: Field, value: &Option<String>| {
            if let Some(value) = value {
                parts.push(Clause::Terms(vec![(Term::from_field_text(field, value), 1.0)]));
            }
        };
        equal(fields.meeting, &filters.meeting);
        equal(fields.body, &filters.body);
        equal(fields.organization, &filters.organization);
        equal(fields.person, &filters.person);
        equal(fields.party, &filters.party);
        equal(fields.kind, &filters.kind);
        equal(fields.review, &filters.review);
        if let Some(item) = &filters.item {
            // As the facet has it; else whatever of an item was typed.
            let title = Clause::Terms(vec![(Term::from_field_text(fields.item_label, item), 1.0)]);
            parts.push(match self.most(&title)? > 0 {
                true => title,
                false => item_words(fields, item),
            });
        }
        let days = Days::of_filters(
            filters.year.as_deref(),
            filters.from.as_deref(),
            filters.to.as_deref(),
        );
        parts.extend(days.map(Clause::Days));
        Ok(if parts.is_empty() { Clause::Everything } else { Clause::All(parts) })
    }

    /// Upper bound of the passages that must be looked into for `clause`; 0 where the index does not
    /// hold what every match must hold.
    fn most(&self, clause: &Clause) -> Result<u64> {
        let all = || self.searcher.num_docs();
        let with = |term: &Term| self.searcher.doc_freq(term).doing("Wörter nachschlagen");
        let sum = |terms: &mut dyn Iterator<Item = &Term>| -> Result<u64> {
            let mut most = 0;
            for term in terms {
                most += with(term)?;
            }
            Ok(most)
        };
        let least = |parts: &mut dyn Iterator<Item = Result<u64>>| -> Result<u64> {
            let mut least = all();
            for most in parts {
                least = least.min(most?);
                if least == 0 {
                    break;
                }
            }
            Ok(least)
        };
        let in_span = |span: &Span| {
            let slots = span.slots.iter();
            least(&mut slots.map(|slot| sum(&mut slot.own.iter().chain(&slot.ahead))))
        };
        match clause {
            Clause::Nothing => Ok(0),
            Clause::Everything | Clause::Days(_) | Clause::Not(_) => Ok(all()),
            Clause::Terms(terms) => sum(&mut terms.iter().map(|(term, _)| term)),
            Clause::All(parts) => least(&mut parts.iter().map(|part| self.most(part))),
            Clause::One(parts) => parts.iter().map(|part| self.most(part)).sum(),
            Clause::Span(span) => in_span(span),
            Clause::Bag(bag) => least(&mut bag.words.iter().map(|word| {
                let spans = word.spans.iter().map(|(_, span)| in_span(span));
                let spans = spans.sum::<Result<u64>>()?;
                let text = word.terms.iter().map(|(_, term, _)| term);
                let text = text.chain(word.ahead.iter().map(|(_, term)| term));
                let text = text.filter(|term| word.coarser(term).is_none());
                let around = word.speaker.iter().chain(&word.paper).chain(&word.title);
                let similar = word.similar.iter().map(|(_, term, _)| term);
                Ok(spans + sum(&mut text.chain(around).chain(similar))?)
            })),
        }
    }

    /// What `root` finds at each level and not at a better one.
    fn levels(&self, root: &Node, planner: &mut Planner, tiers: &mut Vec<Tier>) -> Result<()> {
        let ground = planner.ground();
        let mut before = None;
        for level in Level::ALL {
            let clause = self.grounded(planner.plan(root, level)?, ground);
            if before.as_ref() == Some(&clause) {
                continue;
            }
            let rest = match before.replace(clause.clone()) {
                Some(better) => Clause::All(vec![clause, Clause::Not(Box::new(better))]),
                None => clause,
            };
            tiers.push(Tier { clause: rest, holds: Holds::Level });
        }
        Ok(())
    }

    /// Among the passages of one ground only.
    fn grounded(&self, clause: Clause, ground: Ground) -> Clause {
        if clause.is_grounded(self.fields) {
            return clause;
        }
        let kind = Term::from_field_text(self.fields.kind, Kind::Spoken.as_str());
        let spoken = Clause::Terms(vec![(kind, 0.0)]);
        Clause::All(match ground {
            Ground::Spoken => vec![clause, spoken],
            Ground::Written => vec![clause, Clause::Not(Box::new(spoken))],
        })
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
        self.by_date(plan, offset, limit, budget)
    }

    fn by_date(
        &self,
        plan: &Plan,
        offset: usize,
        limit: usize,
        budget: &Budget,
    ) -> Result<Vec<Ranked>> {
        let top = TopDocs::with_limit(limit)
            .and_offset(offset)
            .order_by_u64_field(CHRONOLOGY, Order::Desc);
        let query = filtered(self.fields, &plan.wide, &plan.filter, budget);
        let found = self.searcher.search(&*query, &top).doing("Treffer nach Datum ordnen")?;
        Ok(found
            .into_iter()
            .map(|(_, address)| Ranked { rank: (0, 0), weight: 0.0, address })
            .collect())
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
        let reorder = Reorder::new(self.searcher, self.columns, &plan.words)?;
        let (mut ranked, mut context): (Vec<Ranked>, Vec<Ranked>) = Default::default();
        let mut at = 0;
        while ranked.len() < end.max(FEW) {
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
                if ranked.len() >= FEW || !self.widen(plan)? {
                    break;
                }
                continue;
            };
            // Blocks begin with the tier, so that every page cuts them alike.
            let wanted = (end.max(FEW) - ranked.len()).next_multiple_of(BLOCK);
            let query = filtered(self.fields, &tier.clause, &plan.filter, budget);
            let executor = match self.most(&tier.clause)? >= WORTH_THREADS {
                true => self.executor,
                false => &Executor::SingleThread,
            };
            let best = top::best(self.searcher, executor, &*query, wanted);
            let best = best.doing("Treffer suchen")?;
            let best = best.into_iter().map(|(score, address)| {
                let (rank, weight) = match tier.holds {
                    Holds::Level => (0, score),
                    Holds::Together | Holds::Similar => unpacked(score),
                };
                Ranked { rank: (at, rank), weight, address }
            });
            let mut best: Vec<Ranked> = best.collect();
            for block in best.chunks_mut(BLOCK) {
                reorder.sort(block)?;
            }
            if tier.holds == Holds::Together {
                let said = best.partition_point(|hit| hit.rank.1 < RANKS);
                context.extend(best.drain(said..));
            }
            ranked.extend(best);
            at += 1;
        }
        Ok(ranked.into_iter().skip(offset).take(limit).collect())
    }

    fn show(&self, plan: &Plan, ranked: Ranked) -> Result<Hit> {
        const DOING: &str = "Treffer lesen";
        let Ranked { address, .. } = ranked;
        let document: TantivyDocument = self.searcher.doc(address).doing(DOING)?;
        let (meeting, passage) = record::read_passage(self.fields, &document)?;
        let meeting = self.meetings.get(self.fields, self.searcher, &meeting)?;
        let reader = self.searcher.segment_reader(address.segment_ord);
        let word = |index: usize| {
            let word = passage.first_word.saturating_add(index as u32);
            let time = passage.word_times.get(index);
            HitWord { word, start_ms: time.map(|t| t.start_ms), end_ms: time.map(|t| t.end_ms) }
        };
        let words = match passage.kind {
            Kind::Spoken => &plan.words,
            Kind::Item | Kind::Paper => &plan.written,
        };
        let own = |term: &Term| self.fields.is_own(term.field());
        let mut found = Vec::with_capacity(words.len());
        for meant in words {
            let read = Found::read(meant, plan.depth, own, reader, address.doc_id);
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
                highlight::matched(&plan.wide, self.fields, reader, address.doc_id).doing(DOING)?
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
            start_ms: passage.start_ms,
            end_ms: passage.end_ms,
            link: passage.link,
            snippet: snippet.parts,
            first_hit: snippet.first_hit,
        })
    }
}

fn filtered(fields: &Fields, clause: &Clause, filter: &Clause, budget: &Budget) -> Box<dyn Query> {
    let query = clause.to_query(fields, budget);
    if matches!(filter, Clause::Everything) {
        return query;
    }
    Box::new(BooleanQuery::new(vec![
        (Occur::Must, query),
        (Occur::Must, filter.to_filter(fields, budget)),
    ]))
}

fn counted(fields: &Fields, clause: &Clause, filter: &Clause, budget: &Budget) -> Box<dyn Query> {
    match filter {
        Clause::Everything => clause.to_count(fields, budget),
        filter => Clause::All(vec![clause.clone(), filter.clone()]).to_count(fields, budget),
    }
}

/// The number of an item, or all words of its title.
fn item_words(fields: &Fields, item: &str) -> Clause {
    let words: Vec<String> = item.split_whitespace().filter_map(analysis::exact).collect();
    let all_in = |field: Field| {
        let term = |word: &String| Clause::Terms(vec![(Term::from_field_text(field, word), 1.0)]);
        Clause::All(words.iter().map(term).collect())
    };
    if words.is_empty() {
        return Clause::Nothing;
    }
    Clause::One(vec![all_in(fields.item_number), all_in(fields.of(Place::Item).exact)])
}
