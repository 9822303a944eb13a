//! From a request to its answer: read the query, rank, count, show. Reads the index only.

use tantivy::collector::TopDocs;
use tantivy::query::{BooleanQuery, BoostQuery, Occur, Query, TermQuery};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{DocAddress, Order, Searcher, TantivyDocument, Term};

use crate::analysis;
use crate::document::Kind;
use crate::error::{Doing, Result};
use crate::facets::FacetCollector;
use crate::highlight;
use crate::meetings::Meetings;
use crate::query::ast::{Node, Word};
use crate::query::{Breadth, Clause, Days, Planner, Reading, read};
use crate::record::{self, PassageRecord};
use crate::request::{Filters, Hit, HitWord, Request, Response, Sort};
use crate::schema::{CHRONOLOGY, Fields, Place, SPOKEN};
use crate::snippet;

/// Weight of a query's word in the title of the agenda item that is spoken about.
const ITEM_BOOST: f32 = 0.5;
/// Weight of a query's word in the speaker's name.
const SPEAKER_BOOST: f32 = 0.3;
/// Most hits of one page, and how far pages go.
const MAX_LIMIT: usize = 1_000;
const MAX_OFFSET: usize = 100_000;

/// One state of the index, to be searched.
pub(crate) struct Search<'i> {
    pub fields: &'i Fields,
    pub searcher: &'i Searcher,
    pub meetings: &'i Meetings,
}

/// A query ready to run.
struct Plan {
    /// The conditions of the best rank: words as spelt.
    exact: Clause,
    /// All that match; holds `exact`.
    wide: Clause,
    /// Where else the words count, without deciding what matches.
    boosts: Vec<(Term, f32)>,
    filter: Clause,
    /// What of the query is not searched for, in German.
    left_out: Option<String>,
}

/// A matching passage with its rank.
type Ranked = (f32, DocAddress);

impl Search<'_> {
    /// Answers `request`.
    ///
    /// # Errors
    /// Reading the index failed; no query is an error.
    pub(crate) fn run(&self, request: &Request) -> Result<Response> {
        let (plan, understood) = match read(&request.q) {
            Reading::Nothing { understood } => {
                return Ok(Response { understood: Some(understood), ..Response::default() });
            }
            Reading::Everything => (self.plan(None, &request.filters)?, None),
            Reading::Query { root, understood } => {
                (self.plan(Some(&root), &request.filters)?, understood)
            }
        };
        let ranked = self.rank(&plan, request)?;
        let counts = self
            .searcher
            .search(&*self.filtered(&plan.wide, &plan), &FacetCollector)
            .doing("Treffer zählen")?;
        let hits = ranked.into_iter().map(|ranked| self.show(&plan.wide, ranked));
        Ok(Response {
            hits: hits.collect::<Result<_>>()?,
            total: counts.total,
            facets: counts.facets(),
            understood: understood.into_iter().chain(plan.left_out).reduce(|a, b| a + " " + &b),
        })
    }

    fn plan(&self, root: Option<&Node>, filters: &Filters) -> Result<Plan> {
        let mut planner = Planner::new(self.fields, self.searcher);
        let mut plan = |breadth| match root {
            Some(root) => planner.plan(root, breadth),
            None => Ok(Clause::Everything),
        };
        let mut boosts = Vec::new();
        if let Some(root) = root {
            collect_boosts(self.fields, root, &mut boosts);
        }
        Ok(Plan {
            exact: plan(Breadth::Exact)?,
            wide: plan(Breadth::WordForms)?,
            left_out: planner.left_out(),
            boosts,
            filter: filter_clause(self.fields, filters),
        })
    }

    fn rank(&self, plan: &Plan, request: &Request) -> Result<Vec<Ranked>> {
        let limit = request.limit.min(MAX_LIMIT);
        let offset = request.offset.min(MAX_OFFSET);
        if limit == 0 {
            return Ok(Vec::new());
        }
        if request.sort == Sort::Date || !plan.wide.asks_for_words(self.fields) {
            return self.by_date(plan, offset, limit);
        }
        self.by_relevance(plan, offset, limit)
    }

    fn by_date(&self, plan: &Plan, offset: usize, limit: usize) -> Result<Vec<Ranked>> {
        let top = TopDocs::with_limit(limit)
            .and_offset(offset)
            .order_by_u64_field(CHRONOLOGY, Order::Desc);
        let found = self
            .searcher
            .search(&*self.filtered(&plan.wide, plan), &top)
            .doing("Treffer nach Datum ordnen")?;
        Ok(found.into_iter().map(|(_, address)| (0.0, address)).collect())
    }

    /// Ranks one after the other: what was said as spelt, what was said in another word form, then
    /// titles in the same order. A title is short and would win every comparison of scores, but
    /// people come for what was said.
    fn by_relevance(&self, plan: &Plan, offset: usize, limit: usize) -> Result<Vec<Ranked>> {
        let end = offset + limit;
        let spoken = Term::from_field_text(self.fields.kind, SPOKEN);
        let mut ranked = Vec::new();
        for (kind, below) in [(Occur::Must, 0.0), (Occur::MustNot, 2.0)] {
            let of_kind = |clause: &Clause| -> Box<dyn Query> {
                let kind_query = TermQuery::new(spoken.clone(), IndexRecordOption::Basic);
                Box::new(BooleanQuery::new(vec![
                    (Occur::Must, self.filtered(clause, plan)),
                    (kind, Box::new(kind_query)),
                ]))
            };
            let exact = of_kind(&plan.exact);
            if ranked.len() < end {
                let missing = end - ranked.len();
                ranked.extend(self.best(&*self.boosted(&exact, plan), missing, 1.0 - below)?);
            }
            if ranked.len() < end {
                let rest: Box<dyn Query> = Box::new(BooleanQuery::new(vec![
                    (Occur::Must, of_kind(&plan.wide)),
                    (Occur::MustNot, exact),
                ]));
                let missing = end - ranked.len();
                ranked.extend(self.best(&*self.boosted(&rest, plan), missing, 0.0 - below)?);
            }
        }
        Ok(ranked.into_iter().skip(offset).collect())
    }

    fn best(&self, query: &dyn Query, limit: usize, base: f32) -> Result<Vec<Ranked>> {
        let top = TopDocs::with_limit(limit).order_by_score();
        let found = self.searcher.search(query, &top).doing("Treffer suchen")?;
        Ok(found.into_iter().map(|(score, at)| (base + score / (1.0 + score), at)).collect())
    }

    fn filtered(&self, clause: &Clause, plan: &Plan) -> Box<dyn Query> {
        let query = clause.to_query(self.fields);
        if matches!(plan.filter, Clause::Everything) {
            return query;
        }
        Box::new(BooleanQuery::new(vec![
            (Occur::Must, query),
            (Occur::Must, plan.filter.to_filter(self.fields)),
        ]))
    }

    fn boosted(&self, query: &dyn Query, plan: &Plan) -> Box<dyn Query> {
        let mut clauses = vec![(Occur::Must, query.box_clone())];
        for (term, weight) in &plan.boosts {
            let query = Box::new(TermQuery::new(term.clone(), IndexRecordOption::WithFreqs));
            clauses.push((Occur::Should, Box::new(BoostQuery::new(query, *weight))));
        }
        Box::new(BooleanQuery::new(clauses))
    }

    fn show(&self, clause: &Clause, (score, address): Ranked) -> Result<Hit> {
        const DOING: &str = "Treffer lesen";
        let document: TantivyDocument = self.searcher.doc(address).doing(DOING)?;
        let passage: PassageRecord = record::read(self.fields, &document)?;
        let meeting = self.meetings.get(self.fields, self.searcher, &passage.meeting)?;
        let reader = self.searcher.segment_reader(address.segment_ord);
        let positions =
            highlight::matched(clause, self.fields, reader, address.doc_id).doing(DOING)?;
        let word = |index: usize| {
            let word = passage.first_word.saturating_add(index as u32);
            let time = match passage.kind {
                Kind::Spoken => meeting.word_time(word),
                Kind::Item | Kind::Paper => None,
            };
            HitWord { word, start_ms: time.map(|t| t.start_ms), end_ms: time.map(|t| t.end_ms) }
        };
        let snippet = snippet::excerpt(&passage, &positions, word);
        Ok(Hit {
            meeting: meeting.shown.clone(),
            passage: passage.id,
            order: passage.order,
            kind: passage.kind,
            item: passage.item,
            speaker: passage.speaker,
            first_word: passage.first_word,
            start_ms: passage.start_ms,
            end_ms: passage.end_ms,
            link: passage.link,
            score,
            snippet: snippet.parts,
            first_hit: snippet.first_hit,
        })
    }
}

/// The spoken words asked for, as words of item titles and names.
fn collect_boosts(fields: &Fields, node: &Node, boosts: &mut Vec<(Term, f32)>) {
    let mut boost = |words: &[Word]| {
        for word in words {
            if let Word::Whole(text) = word
                && let Some(exact) = analysis::exact(text)
                && !analysis::is_stopword(&exact)
            {
                let title = fields.of(Place::Item).stem;
                boosts.push((Term::from_field_text(title, &analysis::stem(&exact)), ITEM_BOOST));
                let name = fields.of(Place::Speaker).exact;
                boosts.push((Term::from_field_text(name, &exact), SPEAKER_BOOST));
            }
        }
    };
    match node {
        Node::Word { place: Place::Spoken, word } => boost(std::slice::from_ref(word)),
        Node::Phrase { place: Place::Spoken, words }
        | Node::Near { place: Place::Spoken, words, .. } => boost(words),
        Node::All(parts) | Node::One(parts) => {
            parts.iter().for_each(|part| collect_boosts(fields, part, boosts));
        }
        _ => {}
    }
}

/// The number of an item, or all words of its title.
fn item_clause(fields: &Fields, item: &str) -> Clause {
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

fn filter_clause(fields: &Fields, filters: &Filters) -> Clause {
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
    parts.extend(filters.item.as_deref().map(|item| item_clause(fields, item)));
    let days =
        Days::of_filters(filters.year.as_deref(), filters.from.as_deref(), filters.to.as_deref());
    parts.extend(days.map(Clause::Days));
    if parts.is_empty() { Clause::Everything } else { Clause::All(parts) }
}
