//! The search as the site and `mitschnitt search` use it: what was withdrawn a moment ago, and may
//! still be in the index's files, is not shown. Owns nothing else.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{Completion, Facets, LinkedHit, Results, SearchBackend, SearchRequest};
use crate::domain::{MeetingId, Result};
use crate::edition::Editions;

/// A search that asks the edition what may be shown.
#[derive(Clone)]
pub struct Guarded {
    search: Arc<dyn SearchBackend>,
    editions: Editions,
}

impl Guarded {
    /// Guards a search.
    pub fn new(search: Arc<dyn SearchBackend>, editions: Editions) -> Self {
        Self { search, editions }
    }

    /// What of these results may be shown: takes out the hits of meetings that are still to be indexed
    /// anew. Nobody counts them: that would be to search for what was withdrawn.
    ///
    /// # Errors
    /// Those of the archive.
    pub fn shown(&self, mut results: Results) -> Result<Results> {
        // Asked after the search: what is withdrawn later is in no answer to a later question.
        let hidden = self.editions.not_yet_reindexed()?;
        if hidden.is_empty() {
            return Ok(results);
        }
        let all = hidden.contains("");
        let shown = |hit: &LinkedHit| !all && !hidden.contains(hit.meeting.id.as_str());
        results.hits.retain(shown);
        results.groups.retain(|group| !all && !hidden.contains(group.meeting.id.as_str()));
        // Counted is what is shown: other counts would tell how often a withdrawn word was said.
        results.total = results.all_hits().count() as u64;
        results.meetings =
            results.all_hits().map(|h| &h.meeting.id).collect::<BTreeSet<_>>().len() as u64;
        for group in &mut results.groups {
            group.total = group.hits.len() as u64;
            group.speeches = None;
        }
        (results.similar, results.pages) = (0, results.pages.min(1));
        results.facets = Facets::default();
        results.suggestion = None;
        Ok(results)
    }
}

impl SearchBackend for Guarded {
    fn search(&self, request: &SearchRequest) -> Result<Results> {
        self.shown(self.search.search(request)?)
    }

    fn search_meeting(&self, meeting: &MeetingId, q: &str) -> Result<Results> {
        self.shown(self.search.search_meeting(meeting, q)?)
    }

    fn complete(&self, beginning: &str) -> Result<Vec<Completion>> {
        let completions = self.search.complete(beginning)?;
        let hidden: BTreeSet<String> = self.editions.not_yet_reindexed()?;
        Ok(if hidden.is_empty() { completions } else { Vec::new() })
    }
}
