//! What a query is planned and counted in: one state of the index.

use tantivy::query::Query;
use tantivy::{Searcher, Term};

use super::clause::Clause;
use super::word::Stems;
use crate::analysis::{Analyzer, LocalAbbreviations};
use crate::model::error::{Doing, Result};
use crate::postings::budget::Budget;
use crate::postings::span::WordSpan;
use crate::postings::terms::Terms;
use crate::segment::columns::Columns;
use crate::segment::schema::Fields;

/// One state of the index, and what one search has looked up of it.
pub(crate) struct SearchContext<'i> {
    pub fields: &'i Fields,
    pub terms: Terms,
    pub stems: Stems,
    pub analyzer: &'i Analyzer,
    /// As those read them whose councils are searched.
    pub abbreviations: LocalAbbreviations<'i>,
    pub columns: &'i Columns,
}

/// Which documents may be hits of a search.
#[derive(Clone, Debug)]
pub(crate) struct Admission {
    /// What they must meet beside the query.
    pub filter: Clause,
    pub votes: Votes,
}

/// Whether votes may be hits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Votes {
    /// Nobody asked for them: what was voted on is found by its own title.
    Hidden,
    /// They were asked for, or there are none to be hidden.
    Shown,
}

impl Admission {
    /// Whether votes are no hits.
    pub(crate) fn hides_votes(&self) -> bool {
        self.votes == Votes::Hidden
    }
}

impl SearchContext<'_> {
    /// The state that is searched.
    pub(crate) fn searcher(&self) -> &Searcher {
        self.terms.searcher()
    }

    /// The query of what meets `clause` and is let through, for counting.
    pub(crate) fn counted(
        &self,
        clause: &Clause,
        admission: &Admission,
        budget: &Budget,
    ) -> Box<dyn Query> {
        let hidden = match admission.votes {
            Votes::Hidden => Some(Clause::Not(Box::new(Clause::votes(self.fields)))),
            Votes::Shown => None,
        };
        let filter = Some(&admission.filter).filter(|filter| **filter != Clause::Everything);
        let mut parts = vec![clause.clone()];
        parts.extend(filter.cloned().into_iter().chain(hidden));
        match parts.as_slice() {
            [clause] => clause.to_count(self.fields, &self.terms, budget),
            _ => Clause::All(parts).to_count(self.fields, &self.terms, budget),
        }
    }

    /// Upper bound of the passages that must be looked into for `clause`; 0 where the index does not
    /// hold what every match must hold.
    ///
    /// # Errors
    /// Reading the index failed.
    pub(crate) fn most(&self, clause: &Clause) -> Result<u64> {
        let all = || self.searcher().num_docs();
        let with = |term: &Term| self.terms.passages(term).doing("Wörter nachschlagen");
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
        let in_span = |span: &WordSpan| {
            let slots = span.slots.iter();
            least(&mut slots.map(|slot| sum(&mut slot.own.iter().chain(&slot.ahead))))
        };
        match clause {
            Clause::Nothing => Ok(0),
            Clause::Everything | Clause::Days(_) | Clause::Not(_) => Ok(all()),
            Clause::Terms(terms) => sum(&mut terms.iter().map(|(term, _)| term)),
            Clause::Docs(found) => Ok(found.len()),
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
}
