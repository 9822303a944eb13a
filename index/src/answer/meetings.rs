//! The meetings that hits belong to, kept while the index does not change.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tantivy::query::{BooleanQuery, Occur, Query, TermQuery};
use tantivy::schema::IndexRecordOption;
use tantivy::{Searcher, TantivyDocument, Term};

use crate::model::error::{Doing, Error, Result};
use crate::model::request::MeetingRef;
use crate::segment::record::{self, StoredMeeting};
use crate::segment::schema::{DocumentKind, Fields};

/// Meetings kept; each has some hundred bytes.
const CAPACITY: usize = 4096;

/// The meetings asked for last.
#[derive(Default)]
pub(crate) struct Meetings(Mutex<CachedMeetings>);

#[derive(Default)]
struct CachedMeetings {
    generation: u64,
    meetings: HashMap<String, Arc<MeetingRef>>,
}

impl Meetings {
    /// The meeting `id` in the state that `searcher` sees.
    ///
    /// # Errors
    /// It is not in the index, which never has passages without their meeting.
    pub(crate) fn get(
        &self,
        fields: &Fields,
        searcher: &Searcher,
        id: &str,
    ) -> Result<Arc<MeetingRef>> {
        let generation = searcher.generation().generation_id();
        if let Some(meeting) = self.kept(generation, id) {
            return Ok(meeting);
        }
        let meeting = Arc::new(load(fields, searcher, id)?);
        // A panic in between leaves a map that is whole, so a poisoned lock is no reason to stop.
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.generation < generation || kept.meetings.len() >= CAPACITY {
            *kept = CachedMeetings { generation, meetings: HashMap::new() };
        }
        if kept.generation == generation {
            kept.meetings.insert(id.to_owned(), Arc::clone(&meeting));
        }
        Ok(meeting)
    }

    fn kept(&self, generation: u64, id: &str) -> Option<Arc<MeetingRef>> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        (kept.generation == generation).then(|| kept.meetings.get(id).cloned()).flatten()
    }
}

fn load(fields: &Fields, searcher: &Searcher, id: &str) -> Result<MeetingRef> {
    const DOING: &str = "Sitzung nachschlagen";
    let has = |term: Term| -> (Occur, Box<dyn Query>) {
        (Occur::Must, Box::new(TermQuery::new(term, IndexRecordOption::Basic)))
    };
    let query = BooleanQuery::new(vec![
        has(Term::from_field_text(fields.meeting, id)),
        has(fields.all(DocumentKind::Meeting)),
    ]);
    let found = searcher.search(&query, &tantivy::collector::DocSetCollector).doing(DOING)?;
    let Some(address) = found.into_iter().next() else {
        return Err(Error::Damaged { what: format!("die Sitzung „{id}“ fehlt") });
    };
    let document: TantivyDocument = searcher.doc(address).doing(DOING)?;
    let stored: StoredMeeting = record::read(fields, &document)?;
    Ok(MeetingRef {
        id: stored.id,
        name: stored.name,
        date: stored.date,
        body: stored.body,
        organization: stored.organization,
        extra: stored.extra,
    })
}
