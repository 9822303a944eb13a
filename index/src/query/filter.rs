//! Filters as conditions.

use mitschnitt_german::parties;
use tantivy::Term;
use tantivy::schema::Field;

use super::clause::Clause;
use super::context::SearchContext;
use super::date::Days;
use crate::analysis;
use crate::model::error::Result;
use crate::model::facet::{Facet, Filters};
use crate::segment::record::FORMULA;
use crate::segment::schema::{Fields, SearchField};

impl SearchContext<'_> {
    /// The condition that `filters` make.
    ///
    /// # Errors
    /// Reading the index failed.
    pub(super) fn filter_clause(&self, filters: &Filters) -> Result<Clause> {
        let mut parts = Vec::new();
        for (facet, values) in filters.all() {
            let terms = values.iter().map(|value| self.facet_clause(facet, value));
            let mut any = terms.collect::<Result<Vec<_>>>()?;
            parts.push(if any.len() == 1 { any.remove(0) } else { Clause::One(any) });
        }
        if !filters.years.is_empty() {
            let years = filters.years.iter().map(|year| Clause::Days(Days::of_year(*year)));
            parts.push(Clause::One(years.collect()));
        }
        parts.extend(Days::of_filters(filters).map(Clause::Days));
        if filters.without_formulas {
            let formula = Term::from_field_text(self.fields.formula, FORMULA);
            parts.push(Clause::Not(Box::new(Clause::Terms(vec![(formula, 0.0)]))));
        }
        Ok(if parts.is_empty() { Clause::Everything } else { Clause::All(parts) })
    }

    fn facet_clause(&self, facet: Facet, value: &str) -> Result<Clause> {
        let field = self.fields.of_facet(facet);
        let term = match facet {
            // However it is spelt.
            Facet::Party => Term::from_field_text(field, &parties::key(value)),
            _ => Term::from_field_text(field, value),
        };
        let clause = Clause::Terms(vec![(term, 1.0)]);
        // An item is named as the facet has it; else by whatever of it was typed.
        Ok(match facet == Facet::Item && self.most(&clause)? == 0 {
            true => item_words(self.fields, value),
            false => clause,
        })
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
    let titles = [SearchField::Item, SearchField::VoteItem].map(|title| fields.of(title).exact);
    Clause::One([fields.item_number].into_iter().chain(titles).map(all_in).collect())
}
