//! The index behind the domain's words: put a meeting in, ask a question, get the API's answer.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Instant;

use mitschnitt_index as index;

use super::documents::{self, Extra, Wording};
use super::link::{self, LEAD_IN_MS};
use super::results::{GROUPS, IN_MEETING, LAST_PAGE, PAGE_SIZE, PER_GROUP};
use super::wording::{InLanguage, in_words};
use super::{
    Completion, GroupBy, HitGroup, HitMeeting, Kind, KnownAbbreviation, LinkedHit, LinkedPart,
    Results, SearchBackend, SearchRequest, Sort,
};
use crate::domain::{Council, Digest, Error, FilmAddress, MediaTime, MeetingId, Recording, Result};
use crate::edition::Elsewhere;

/// How many completions are offered.
const COMPLETIONS: usize = 8;

/// A meeting as it goes into the index.
pub struct Indexable(index::MeetingDoc);

impl Indexable {
    /// Makes the documents of a meeting.
    pub fn new(
        fingerprint: &Digest,
        council: &Council,
        recordings: &[Recording],
        elsewhere: &Elsewhere,
        said: Wording<'_>,
    ) -> Self {
        Self(documents::meeting(fingerprint, council, recordings, elsewhere, said))
    }

    /// How many documents it makes.
    pub fn passages(&self) -> usize {
        self.0.passages.len()
    }
}

/// The words of meetings that are about to be indexed: compounds are split by them.
pub struct Lesson {
    words: index::Vocabulary,
    /// About as many passages as all these meetings have.
    passages: u64,
}

impl Lesson {
    /// Takes in the words of `meetings`, which `read` gives, from several threads; of very many only
    /// some are read. Those for which it gives none have no words to learn.
    pub fn of<M: Sync>(
        meetings: &[M],
        read: impl Fn(&M) -> Result<Option<Indexable>> + Sync,
    ) -> Result<Self> {
        let step = index::Vocabulary::step(meetings.len());
        let passages = AtomicUsize::new(0);
        let words = index::Vocabulary::of(meetings.iter().step_by(step), |meeting| {
            let read = read(meeting)?.map(|Indexable(meeting)| meeting);
            let here = read.as_ref().map_or(0, |meeting| meeting.passages.len());
            passages.fetch_add(here, Ordering::Relaxed);
            Ok(read)
        });
        Ok(Self { words: words?, passages: (passages.into_inner() * step) as u64 })
    }
}

/// A handle to the index; cheap to clone, usable from every thread.
#[derive(Clone)]
pub struct Searcher {
    pub(super) shared: Arc<Shared>,
}

/// What all clones of a searcher have in common.
pub(super) struct Shared {
    pub(super) dir: PathBuf,
    /// Exchanged where it was damaged.
    pub(super) index: RwLock<Arc<index::Index>>,
    /// Whether searches are refused.
    pub(super) suspended: AtomicBool,
    /// Whether a change failed to be written.
    pub(super) unwritten: AtomicBool,
    /// Abbreviations of the settings.
    pub(super) abbreviations: RwLock<BTreeMap<String, String>>,
}

impl Searcher {
    /// Opens the index in `dir`. Where it is new, was damaged or of another format, it is empty
    /// and the reason is given: the caller fills it again.
    ///
    /// # Errors
    /// `Archive` where the folder cannot be used.
    pub fn open(dir: &Path) -> Result<(Self, Option<String>)> {
        let opened = index::Index::open(dir).map_err(explain)?;
        Ok((Self::over(opened.index, dir), opened.rebuilt.map(reason)))
    }

    /// Opens the index in `dir` where nobody may write.
    ///
    /// # Errors
    /// `Archive` where it is missing, damaged or of another version.
    pub fn open_to_read(dir: &Path) -> Result<Self> {
        Ok(Self::over(index::Index::open_to_read(dir).map_err(explain)?, dir))
    }

    fn over(index: index::Index, dir: &Path) -> Self {
        let shared = Shared {
            dir: dir.to_owned(),
            index: RwLock::new(Arc::new(index)),
            suspended: false.into(),
            unwritten: false.into(),
            abbreviations: RwLock::default(),
        };
        Self { shared: Arc::new(shared) }
    }

    /// Takes these abbreviations in place of those that the program and the archive know; an empty text takes
    /// one out.
    ///
    /// # Errors
    /// `Archive` where the index cannot be read.
    pub fn overrule_abbreviations(&self, own: &BTreeMap<String, String>) -> Result<()> {
        let mut known = self.shared.abbreviations.write().unwrap_or_else(PoisonError::into_inner);
        known.clone_from(own);
        match own.is_empty() {
            true => Ok(()),
            false => self.index().overrule_abbreviations(own).map_err(explain),
        }
    }

    /// Every abbreviation that the archive has taught or the settings name, with what it stands for.
    ///
    /// # Errors
    /// `Archive` where the index cannot be read.
    pub fn abbreviations(&self) -> Result<Vec<KnownAbbreviation>> {
        self.index().abbreviations().map_err(explain)
    }

    /// The index as it is now; it stays usable where it is exchanged meanwhile.
    pub(super) fn index(&self) -> Arc<index::Index> {
        // It is exchanged whole, so a poisoned lock is no reason to stop.
        Arc::clone(&self.shared.index.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn written(&self, written: index::Result<()>) -> Result<()> {
        written.map_err(|error| {
            self.shared.unwritten.store(true, Ordering::Release);
            explain(error)
        })
    }

    /// Indexes meetings in place of what was there, all of them or none; searchable when this
    /// returns.
    pub fn put(&self, meetings: impl IntoIterator<Item = Indexable>) -> Result<()> {
        let mut meetings = meetings.into_iter().map(|Indexable(doc)| doc).peekable();
        match meetings.peek() {
            // A commit takes a moment even where nothing changes.
            None => Ok(()),
            Some(_) => self.written(self.index().put(meetings)),
        }
    }

    /// Learns words before their meetings are put in, where there are enough of them.
    pub fn learn(&self, lesson: Lesson) -> Result<()> {
        let index = self.index();
        match index.outgrown(lesson.passages) {
            true => self.written(index.relearn(lesson.words, lesson.passages)),
            false => Ok(()),
        }
    }

    /// Splits compounds anew where the index has grown much since it learned its words.
    pub fn relearn_if_outgrown(&self) -> Result<()> {
        let index = self.index();
        match index.outgrown(0) {
            true => self.written(index.relearn(index::Vocabulary::default(), 0)),
            false => Ok(()),
        }
    }

    /// Makes the index hold these meetings and nothing else, in one step; until then searches are
    /// answered as before.
    pub fn rebuild(
        &self,
        lesson: &Lesson,
        meetings: impl Iterator<Item = Indexable>,
    ) -> Result<()> {
        let meetings = meetings.map(|Indexable(doc)| Ok::<_, index::Error>(doc));
        self.written(self.index().rebuild(&lesson.words, meetings))
    }

    /// Takes a meeting out; gone when this returns, its bytes with the next [`Self::purge`].
    pub fn remove(&self, meeting: &str) -> Result<()> {
        self.written(self.index().remove(meeting))
    }

    /// Rewrites what still contains deleted passages.
    pub fn purge(&self) -> Result<()> {
        self.written(self.index().purge())
    }

    /// Lets other processes write: waits for merges and frees the writer's lock, which a process
    /// has from its first write on.
    pub fn release(&self) -> Result<()> {
        self.index().release().map_err(explain)
    }

    /// What the index contains: meeting and fingerprint.
    pub fn fingerprints(&self) -> Result<std::collections::BTreeMap<String, String>> {
        self.index().fingerprints().map_err(explain)
    }

    /// The fingerprint with which the index holds a meeting, if it does.
    pub fn fingerprint(&self, meeting: &MeetingId) -> Result<Option<String>> {
        self.index().fingerprint(meeting.as_str()).map_err(explain)
    }

    /// Reads the whole index.
    pub fn check(&self) -> Result<()> {
        let checked = self.index().check().map_err(explain)?;
        if checked.damaged.is_empty() {
            return Ok(());
        }
        let files = checked.damaged.join(", ");
        Err(Error::archive(format!("Im Suchindex sind Dateien beschädigt: {files}"))
            .remedy("Löschen Sie den Ordner index im Datenordner; er wird von selbst neu gebaut"))
    }

    /// Searches with pages of `page_size` hits.
    pub fn search_pages(&self, request: &SearchRequest, page_size: usize) -> Result<Results> {
        let began = Instant::now();
        let page = request.page.clamp(1, LAST_PAGE);
        let (limit, grouping) = match request.group {
            GroupBy::Nothing => (page_size, index::Grouping::Alone),
            GroupBy::Meeting => (GROUPS, index::Grouping::Meetings { most: PER_GROUP }),
            GroupBy::Debate => (GROUPS, index::Grouping::Debates { most: PER_GROUP }),
        };
        let index = self.answering()?;
        index.follow().map_err(explain)?;
        let response = index
            .search(&index::Request {
                q: request.q.clone(),
                filters: request.filters.clone(),
                sort: request.sort,
                offset: (page - 1) * limit,
                limit,
                grouping,
                hits_only: false,
                breadth: request.breadth,
            })
            .map_err(explain)?;
        let listed = match request.group {
            GroupBy::Nothing => response.total,
            GroupBy::Meeting | GroupBy::Debate => response.all_groups,
        };
        let hits = response.hits.into_iter().map(hit).collect::<Result<Vec<_>>>()?;
        let groups = response.groups.iter().map(|group| {
            let best = &hits[group.best];
            let is_debate = request.group != GroupBy::Meeting;
            HitGroup {
                meeting: best.meeting.clone(),
                agenda_item: best.agenda_item.clone().filter(|_| is_debate),
                total: group.total,
                speeches: is_debate.then_some(group.speeches),
                passage: best.passage.clone(),
                hits: match request.group {
                    GroupBy::Nothing => Vec::new(),
                    _ => hits[group.best..group.best + group.shown].to_vec(),
                },
            }
        });
        let groups = groups.collect();
        let hits = if request.group == GroupBy::Nothing { hits } else { Vec::new() };
        Ok(Results {
            query: request.q.clone(),
            understood: in_words(&response.understood, InLanguage::German),
            reading: response.understood,
            total: response.total,
            similar: response.similar,
            breadth: response.breadth,
            wider: response.wider,
            missing: response.missing,
            meetings: response.meetings,
            took_ms: began.elapsed().as_millis() as u64,
            page,
            pages: (listed as usize).div_ceil(limit.max(1)).min(LAST_PAGE),
            groups,
            hits,
            facets: response.facets,
            suggestion: response.suggestion,
        })
    }
}

impl SearchBackend for Searcher {
    fn search(&self, request: &SearchRequest) -> Result<Results> {
        self.search_pages(request, PAGE_SIZE)
    }

    fn search_meeting(&self, meeting: &MeetingId, q: &str) -> Result<Results> {
        let request = SearchRequest {
            q: q.to_owned(),
            filters: index::Filters::only(index::Facet::Meeting, meeting.as_str()),
            sort: Sort::Date,
            ..SearchRequest::default()
        };
        self.search_pages(&request, IN_MEETING)
    }

    fn complete(&self, beginning: &str) -> Result<Vec<Completion>> {
        let index = self.answering()?;
        index.follow().map_err(explain)?;
        index.complete(beginning, COMPLETIONS).map_err(explain)
    }
}

fn hit(hit: index::Hit) -> Result<LinkedHit> {
    let id = MeetingId::new(hit.meeting.id.as_str()).map_err(|e| {
        Error::archive("Der Suchindex nennt eine unmögliche Sitzung")
            .because(e)
            .remedy("`mitschnitt index rebuild` baut ihn neu auf")
    })?;
    let extra: Extra = serde_json::from_str(&hit.meeting.extra).unwrap_or_default();
    let spoken = hit.kind == Kind::Spoken;
    let first = hit.first_hit().filter(|_| spoken);
    let shown = |word: u32| {
        let part = hit.snippet.iter().find(|part| part.hit.is_some_and(|hit| hit.word == word));
        link::word(word, part.map(|part| part.text.as_str()))
    };
    let (word, start) = match first {
        // Of records only the passage has a time, an estimate: this is one too.
        Some(word) => {
            let start = word.start_ms.or_else(|| estimated(&hit, word.word));
            (Some(shown(word.word)), start)
        }
        // Of a vote without a time the place is where its item begins.
        None => {
            let begins = spoken || hit.kind == Kind::Vote && hit.start_ms.is_none();
            (begins.then(|| link::word(hit.first_word, None)), hit.start_ms)
        }
    };
    let url = link::to_word(&id, word, start.map(time));
    let video_url = match &hit.link {
        Some(link) => Some(later(link, hit.start_ms, start)),
        None => start.and_then(|start| video_address(&extra, time(start))),
    };
    let words = hit.hits.iter().filter(|_| spoken).map(|hit| hit.word as usize).collect();
    let snippet = hit.snippet.into_iter().map(|part| snippet_part(part, &id)).collect();
    Ok(LinkedHit {
        kind: hit.kind,
        meeting: HitMeeting {
            id,
            name: hit.meeting.name,
            date: hit.meeting.date.map(|d| d.to_string()),
            organization: hit.meeting.organization,
            body: hit.meeting.body,
            synthetic: extra.synthetic,
        },
        passage: hit.passage,
        order: hit.order,
        start_ms: hit.start_ms.map(time),
        end_ms: hit.end_ms.map(time),
        agenda_item: hit.item,
        speaker: hit.speaker,
        vote: hit.vote,
        snippet,
        words,
        at: start.map(time),
        why: hit.why,
        url,
        video_url,
    })
}

/// About when a word of a passage is said of which only the whole has a time.
fn estimated(hit: &index::Hit, word: u32) -> Option<u32> {
    let (start, end) = (hit.start_ms?, hit.end_ms?);
    let place = u64::from(word.saturating_sub(hit.first_word).min(hit.n_words));
    let into = u64::from(end.saturating_sub(start)) * place / u64::from(hit.n_words.max(1));
    Some(start.saturating_add(into as u32))
}

/// The public film of a passage at a word of it, just before; `link` opens it where the passage begins.
fn later(link: &str, passage: Option<u32>, word: Option<u32>) -> String {
    let into = passage.zip(word).map_or(0, |(from, to)| i64::from(to) - i64::from(from));
    match FilmAddress::read(link).filter(|film| film.start.is_some()) {
        Some(film) => film.later(into - LEAD_IN_MS as i64),
        None => link.to_owned(),
    }
}

fn snippet_part(part: index::SnippetPart, id: &MeetingId) -> LinkedPart {
    let start = part.hit.and_then(|w| w.start_ms);
    let place = part.hit.filter(|_| start.is_some());
    let word = place.map(|hit| link::word(hit.word, Some(&part.text)));
    LinkedPart {
        url: word.map(|word| link::to_word(id, Some(word), start.map(time))),
        hit: part.hit.is_some(),
        start_ms: start.map(time),
        end_ms: part.hit.and_then(|w| w.end_ms).map(time),
        text: part.text,
    }
}

fn time(ms: u32) -> MediaTime {
    MediaTime::from_millis(ms.into())
}

/// The same place in the public copy of the recording that it lies in; players elsewhere take
/// whole seconds.
fn video_address(extra: &Extra, at: MediaTime) -> Option<String> {
    let (offset, url, shift) = extra.videos.iter().rfind(|(offset, ..)| *offset <= at)?;
    let ms = at.minus_millis(LEAD_IN_MS).since(*offset) as i64 + shift;
    Some(FilmAddress::read(url)?.at(ms))
}

pub(super) fn explain(error: index::Error) -> Error {
    Error::archive(error.to_string())
}

/// Why an index was made anew, for the log.
pub(super) fn reason(reason: index::Reason) -> String {
    match reason {
        index::Reason::Missing => "there was none".to_owned(),
        index::Reason::Damaged(how) => format!("damaged: {how}"),
        index::Reason::OtherVersion => "of another version".to_owned(),
    }
}
