//! What an index is asked: from the state last loaded, which others may replace meanwhile.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError};

use tantivy::collector::DocSetCollector;
use tantivy::query::{BooleanQuery, Query, TermQuery};
use tantivy::schema::IndexRecordOption;
use tantivy::{Searcher, Term};

use super::dictionary::Dictionary;
use super::state::{Index, IndexState};
use crate::analysis::Explained;
use crate::answer::complete::{Completion, Completions};
use crate::answer::search::IndexSearch;
use crate::model::error::{Doing, Result};
use crate::model::facet::Facet;
use crate::model::known_abbreviation::KnownAbbreviation;
use crate::model::request::{Request, Response};
use crate::postings::terms::Terms;
use crate::query::{SearchContext, Stems};
use crate::segment::schema::{DocumentKind, FINGERPRINT, SEPARATOR};

impl Index {
    /// Every abbreviation that the documents explain or that overrules them, with what it stands for, sorted.
    ///
    /// # Errors
    /// Reading the index failed.
    pub fn abbreviations(&self) -> Result<Vec<KnownAbbreviation>> {
        let dictionary = Dictionary::read(&self.fields, &self.state().searcher)?;
        let own = self.overruling.read().unwrap_or_else(PoisonError::into_inner);
        let explained = dictionary.as_ref().map_or(&[][..], Dictionary::explained).iter();
        let explained = explained.filter(|known| !own.contains_key(&known.short));
        let explained = explained.map(|Explained { short, body, long }| KnownAbbreviation {
            short: short.clone(),
            long: long.clone(),
            body: Some(body.clone()),
        });
        let set = own.iter().filter(|(_, long)| !long.is_empty());
        let set = set.map(|(short, long)| KnownAbbreviation {
            short: short.clone(),
            long: long.clone(),
            body: None,
        });
        let mut all: Vec<KnownAbbreviation> = explained.chain(set).collect();
        all.sort();
        Ok(all)
    }

    /// What meetings the index holds: id and fingerprint.
    ///
    /// # Errors
    /// Reading the index failed.
    pub fn fingerprints(&self) -> Result<BTreeMap<String, String>> {
        self.refresh()?;
        self.guarded(|| self.fingerprints_in(&self.state().searcher))
    }

    /// The fingerprint with which the index holds a meeting, if it does.
    ///
    /// # Errors
    /// Reading the index failed.
    pub fn fingerprint(&self, meeting: &str) -> Result<Option<String>> {
        self.refresh()?;
        let term = Term::from_field_text(self.fields.meeting, meeting);
        let named = TermQuery::new(term, IndexRecordOption::Basic);
        let query = BooleanQuery::intersection(vec![
            Box::new(self.all(DocumentKind::Meeting)),
            Box::new(named),
        ]);
        let mut found = self.guarded(|| self.fingerprints_of(&self.state().searcher, &query))?;
        Ok(found.remove(meeting))
    }

    /// What meetings a state holds: id and fingerprint.
    ///
    /// # Errors
    /// Reading the index failed.
    pub(super) fn fingerprints_in(&self, searcher: &Searcher) -> Result<BTreeMap<String, String>> {
        self.fingerprints_of(searcher, &self.all(DocumentKind::Meeting))
    }

    fn fingerprints_of(
        &self,
        searcher: &Searcher,
        query: &dyn Query,
    ) -> Result<BTreeMap<String, String>> {
        const DOING: &str = "Sitzungen im Suchindex aufzählen";
        let found = searcher.search(query, &DocSetCollector).doing(DOING)?;
        let mut fingerprints = BTreeMap::new();
        for address in found {
            let reader = searcher.segment_reader(address.segment_ord);
            let Some(column) = reader.fast_fields().str(FINGERPRINT).doing(DOING)? else {
                continue;
            };
            let mut entry = String::new();
            if let Some(number) = column.term_ords(address.doc_id).next() {
                column.ord_to_str(number, &mut entry).doing(DOING)?;
            }
            if let Some((id, fingerprint)) = entry.split_once(SEPARATOR) {
                fingerprints.insert(id.to_owned(), fingerprint.to_owned());
            }
        }
        Ok(fingerprints)
    }

    /// Answers a request from the state last loaded.
    ///
    /// # Errors
    /// Reading the index failed; no query is an error.
    pub fn search(&self, request: &Request) -> Result<Response> {
        self.guarded(|| self.searching(&self.state(), request).run(request))
    }

    /// What `beginning` may become, at most `limit`. The very first call gathers all there is, which
    /// takes as long as reading four columns; after a change of the index a thread of its own does
    /// so, and until it has, what was there before is offered.
    ///
    /// # Errors
    /// Reading the index failed.
    pub fn complete(&self, beginning: &str, limit: usize) -> Result<Vec<Completion>> {
        let state = self.state();
        if let Some(completions) = state.completions.get().or(state.older.as_ref()) {
            return Ok(completions.of(beginning, limit));
        }
        self.guarded(|| Ok(self.gathered(&state)?.of(beginning, limit)))
    }

    /// What beginnings may become, gathered where nobody has yet.
    ///
    /// # Errors
    /// Reading the index failed.
    pub(super) fn gathered<'s>(&self, state: &'s IndexState) -> Result<&'s Completions> {
        if let Some(completions) = state.completions.get() {
            return Ok(completions);
        }
        let gathered = Arc::new(state.gather(&self.fields)?);
        Ok(state.completions.get_or_init(|| gathered))
    }

    /// Ranks the hits of a request without reading them; gives how many there are. For measuring.
    ///
    /// # Errors
    /// As for [`Index::search`].
    pub fn rank(&self, request: &Request) -> Result<usize> {
        self.guarded(|| self.searching(&self.state(), request).rank_only(request))
    }

    fn searching<'s>(&'s self, state: &'s IndexState, request: &'s Request) -> IndexSearch<'s> {
        let bodies = request.filters.values(Facet::Body);
        IndexSearch {
            context: SearchContext {
                fields: &self.fields,
                terms: Terms::new(state.searcher.clone(), Arc::clone(&state.dictionaries)),
                stems: Stems::default(),
                analyzer: &state.analyzer,
                abbreviations: state.analyzer.abbreviations.within(bodies),
                columns: &state.columns,
            },
            meetings: &self.meetings,
            executor: self.index.search_executor(),
        }
    }

    /// The query of all documents of a sort.
    pub(super) fn all(&self, what: DocumentKind) -> TermQuery {
        TermQuery::new(self.fields.all(what), IndexRecordOption::Basic)
    }
}
