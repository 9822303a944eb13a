//! A query as conditions on the index. The same conditions make Tantivy's query here and tell which words
//! match where a hit is shown, so both speak of the same set.

use std::ops::Bound;
use std::sync::Arc;

use tantivy::Term;
use tantivy::query::{
    BooleanQuery, BoostQuery, ConstScoreQuery, DisjunctionMaxQuery, EmptyQuery, Occur, Query,
    RangeQuery, TermQuery,
};
use tantivy::schema::IndexRecordOption;

use super::date::Days;
use crate::model::document::Kind;
use crate::postings::budget::Budget;
use crate::postings::docs::{DocsQuery, FoundDocs};
use crate::postings::span::{SpanQuery, WordSpan};
use crate::postings::terms::Terms;
use crate::ranking::bag::{Bag, BagQuery, Depth, Level, Meant};
use crate::segment::schema::{DocumentKind, Fields};

/// Share of the weaker forms in a word's score.
const TIE: f32 = 0.1;

/// Which words a bare word is looked for in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ground {
    /// What was said.
    Spoken,
    /// Titles and papers.
    Written,
}

/// A condition on a passage.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Clause {
    /// Every passage.
    Everything,
    /// None.
    Nothing,
    /// One of these terms, with their weights.
    Terms(Vec<(Term, f32)>),
    /// Words in a certain nearness.
    Span(WordSpan),
    /// Words that are asked for together.
    Bag(Bag),
    /// Held on one of these days.
    Days(Days),
    /// Found before.
    Docs(Arc<FoundDocs>),
    /// All of them.
    All(Vec<Clause>),
    /// At least one of them.
    One(Vec<Clause>),
    /// Not this.
    Not(Box<Clause>),
}

impl Clause {
    /// That a passage's own words answer `meant` at this level or a better one.
    pub(crate) fn of(meant: &Meant, level: Level) -> Self {
        let terms = meant.terms.iter().filter(|(of, ..)| *of <= level);
        let terms: Vec<_> = terms.map(|(_, term, weight)| (term.clone(), *weight)).collect();
        let spans = meant.spans.iter().filter(|(of, _)| *of <= level);
        let mut readings = vec![Self::Terms(terms)];
        readings.extend(spans.map(|(_, span)| Self::Span(span.clone())));
        match readings.len() {
            1 => readings.remove(0),
            _ => Self::One(readings),
        }
    }

    /// The span that this is, if it is one.
    pub(crate) fn span(self) -> Option<WordSpan> {
        match self {
            Self::Span(span) => Some(span),
            _ => None,
        }
    }

    /// That a document is a vote.
    pub(crate) fn votes(fields: &Fields) -> Self {
        let kind = Term::from_field_text(fields.kind, Kind::Vote.as_str());
        Self::Terms(vec![(kind, 1.0)])
    }

    /// This condition, planned on `ground`, among the passages of it only.
    pub(crate) fn grounded(self, fields: &Fields, ground: Ground) -> Self {
        if self.is_grounded(fields) {
            return self;
        }
        let kind = Term::from_field_text(fields.kind, Kind::Spoken.as_str());
        let spoken = Self::Terms(vec![(kind, 0.0)]);
        Self::All(match ground {
            Ground::Spoken => vec![self, spoken],
            Ground::Written => vec![self, Self::Not(Box::new(spoken))],
        })
    }

    /// Whether every match holds a word of the ground that was asked, so that no passage of another
    /// sort is among them.
    fn is_grounded(&self, fields: &Fields) -> bool {
        match self {
            Self::Everything | Self::Days(_) | Self::Not(_) => false,
            Self::Nothing | Self::Docs(_) => true,
            // By the context alone titles match too.
            Self::Bag(bag) => bag.depth == Depth::Text,
            Self::Terms(terms) => terms.iter().all(|(term, _)| fields.is_own(term.field())),
            Self::Span(span) => span.is_own(fields),
            Self::All(parts) => parts.iter().any(|part| part.is_grounded(fields)),
            Self::One(parts) => parts.iter().all(|part| part.is_grounded(fields)),
        }
    }

    /// The condition as Tantivy's query, whose scores rank.
    pub(crate) fn to_query(
        &self,
        fields: &Fields,
        terms: &Terms,
        budget: &Budget,
    ) -> Box<dyn Query> {
        self.query(Making { fields, terms, budget, scores: Scores::Ranked })
    }

    /// The condition as Tantivy's query for counting, which knows no scores.
    pub(crate) fn to_count(
        &self,
        fields: &Fields,
        terms: &Terms,
        budget: &Budget,
    ) -> Box<dyn Query> {
        self.query(Making { fields, terms, budget, scores: Scores::Unused })
    }

    /// The condition as a filter, which does not touch the score.
    pub(crate) fn to_filter(
        &self,
        fields: &Fields,
        terms: &Terms,
        budget: &Budget,
    ) -> Box<dyn Query> {
        constant(self.to_count(fields, terms, budget), 0.0)
    }

    fn query(&self, making: Making<'_>) -> Box<dyn Query> {
        let fields = making.fields;
        match self {
            Self::Everything => constant(term_query(&fields.all(DocumentKind::Passage)), 0.0),
            Self::Nothing => Box::new(EmptyQuery),
            Self::Terms(terms) => match making.scores {
                Scores::Ranked => best_of(terms),
                Scores::Unused => any_of(terms),
            },
            Self::Span(span) => {
                let (terms, budget) = (making.terms.clone(), making.budget.clone());
                Box::new(SpanQuery::new(span.clone(), terms, budget))
            }
            Self::Bag(bag) => {
                let (terms, budget) = (making.terms.clone(), making.budget.clone());
                Box::new(BagQuery { bag: bag.clone(), terms, budget })
            }
            Self::Days(days) => constant(day_range(fields, *days), 0.0),
            Self::Docs(found) => Box::new(DocsQuery(Arc::clone(found))),
            // Alone it keeps its shortcuts.
            Self::All(parts) if parts.len() == 1 && !matches!(parts[0], Self::Not(_)) => {
                parts[0].query(making)
            }
            Self::All(parts) => conjunction(parts, making),
            Self::One(parts) => {
                let parts = parts.iter().map(|part| (Occur::Should, part.query(making)));
                Box::new(BooleanQuery::new(parts.collect()))
            }
            Self::Not(_) => conjunction(std::slice::from_ref(self), making),
        }
    }
}

/// How conditions become a query.
#[derive(Clone, Copy)]
struct Making<'m> {
    fields: &'m Fields,
    terms: &'m Terms,
    budget: &'m Budget,
    scores: Scores,
}

/// What a query's scores are for.
#[derive(Clone, Copy, Debug)]
enum Scores {
    Ranked,
    Unused,
}

fn conjunction(parts: &[Clause], making: Making<'_>) -> Box<dyn Query> {
    let Making { fields, terms, budget, .. } = making;
    // The score of a bag is its rank, to which nothing may be added.
    let has_bag = parts.iter().any(|part| matches!(part, Clause::Bag(_)));
    let mut clauses: Vec<(Occur, Box<dyn Query>)> = Vec::with_capacity(parts.len() + 1);
    for part in parts {
        clauses.push(match part {
            // Whatever was not looked for in time would not be excluded.
            Clause::Not(inner) => {
                (Occur::MustNot, inner.to_count(fields, terms, &Budget::endless()))
            }
            Clause::Bag(_) => (Occur::Must, part.query(making)),
            part if has_bag => (Occur::Must, part.to_filter(fields, terms, budget)),
            part => (Occur::Must, part.query(making)),
        });
    }
    if clauses.iter().all(|(occur, _)| *occur == Occur::MustNot) {
        clauses.push((Occur::Must, Clause::Everything.to_query(fields, terms, budget)));
    }
    Box::new(BooleanQuery::new(clauses))
}

fn best_of(terms: &[(Term, f32)]) -> Box<dyn Query> {
    let weighted = |(term, weight): &(Term, f32)| -> Box<dyn Query> {
        match *weight {
            // Alone it keeps its shortcuts.
            1.0 => term_query(term),
            weight => Box::new(BoostQuery::new(term_query(term), weight)),
        }
    };
    match terms {
        [] => Box::new(EmptyQuery),
        [single] => weighted(single),
        many => {
            let queries = many.iter().map(weighted).collect();
            Box::new(DisjunctionMaxQuery::with_tie_breaker(queries, TIE))
        }
    }
}

fn any_of(terms: &[(Term, f32)]) -> Box<dyn Query> {
    let term = |(term, _): &(Term, f32)| term_query(term);
    match terms {
        [] => Box::new(EmptyQuery),
        [single] => term(single),
        many => Box::new(BooleanQuery::union(many.iter().map(term).collect())),
    }
}

fn day_range(fields: &Fields, days: Days) -> Box<dyn Query> {
    if days.first > days.last {
        return Box::new(EmptyQuery);
    }
    let bound = |day| Bound::Included(Term::from_field_u64(fields.day, day));
    Box::new(RangeQuery::new(bound(days.first), bound(days.last)))
}

fn term_query(term: &Term) -> Box<dyn Query> {
    Box::new(TermQuery::new(term.clone(), IndexRecordOption::WithFreqs))
}

fn constant(query: Box<dyn Query>, score: f32) -> Box<dyn Query> {
    Box::new(ConstScoreQuery::new(query, score))
}
