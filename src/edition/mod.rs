//! What may be seen of the archive, on the site, in exports and in the index: the only loader of it.
//! Owns that nothing restricted, held back or not public passes, whatever is stored; refuses to change
//! anything.

use std::collections::BTreeSet;
use std::path::PathBuf;

use crate::domain::{
    AgendaItemId, Alignment, Council, Digest, Error, LONGEST_RECORDING, MediaTime, MeetingId,
    PublicSpans, Recording, Restriction, Result, Scope, Span, Speech, Transcript,
};
use crate::store::{self, Held, MeetingRow, Reason, Store, What};

/// Who looks. The clerk's desk will be another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Viewer {
    /// Anybody.
    Public,
}

/// The archive as a viewer may see it; cheap to clone, usable from every thread.
#[derive(Clone)]
pub struct Editions {
    store: Store,
    viewer: Viewer,
}

/// A meeting with all that is shown of it.
pub struct Edition {
    /// The meeting and what surrounds it.
    pub council: Council,
    /// Its recordings in order of time.
    pub parts: Vec<Part>,
    /// Text and alignment on the meeting's clock, once both are there.
    pub text: Option<(Transcript, Alignment)>,
    /// What another record says was said; none where the meeting was recorded here.
    pub speeches: Vec<Speech>,
}

/// A recording, the file that is served for it, and what is said in it.
pub struct Part {
    /// The recording; `public` is what of it may be seen.
    pub recording: Recording,
    /// The served file; absent while nothing is published.
    pub published: Option<File>,
    /// Its text on its own clock, where the meeting's text is shown.
    pub transcript: Option<Transcript>,
}

/// A file that may be served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// SHA-256; its address is `/medien/{sha256}`.
    pub sha256: Digest,
    /// Where it lies.
    pub path: PathBuf,
    /// Its length in bytes.
    pub bytes: u64,
    /// Whether there is a picture.
    pub has_video: bool,
}

/// A meeting in a list.
pub use crate::store::MeetingRow as Listed;

/// What becomes of a file that is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Media {
    /// It is served.
    Served(File),
    /// It was served and may not be seen any more.
    Withdrawn,
    /// There never was such a file.
    Unknown,
}

impl Editions {
    /// The archive for this viewer.
    pub fn new(store: Store, viewer: Viewer) -> Self {
        Self { store, viewer }
    }

    /// All meetings that are shown, newest first.
    pub fn meetings(&self) -> Result<Vec<Listed>> {
        let mut rows = self.store.meetings()?;
        let restricted: BTreeSet<MeetingId> =
            self.store.restricted_meetings()?.into_iter().collect();
        let held: Vec<Held> = self.store.all_held()?;
        let mut failed = None;
        rows.retain_mut(|row: &mut MeetingRow| {
            if has(&held, &row.id, Reason::SameMeeting) {
                return false;
            }
            row.transcribed &= !is_held_back(&held, &row.id);
            if !restricted.contains(&row.id) {
                return true;
            }
            match self.in_force(&row.id) {
                Ok(all) => !all.iter().any(|r| r.scope == Scope::Meeting),
                Err(error) => {
                    failed.get_or_insert(error);
                    false
                }
            }
        });
        failed.map_or(Ok(rows), Err)
    }

    /// Loads a meeting.
    ///
    /// # Errors
    /// `NotFound` where there is no such meeting, `Withdrawn` where it may not be seen any more.
    pub fn load(&self, id: &MeetingId) -> Result<Edition> {
        let Viewer::Public = self.viewer;
        let in_force = self.in_force(id)?;
        let held = self.store.held(id)?;
        let whole = in_force.iter().any(|r| r.scope == Scope::Meeting);
        if whole || has(&held, id, Reason::SameMeeting) {
            return Err(Error::withdrawn("Diese Sitzung wird nicht mehr gezeigt"));
        }
        let mut council = self.store.council(id).map_err(|error| self.explain(id, error))?;
        let spans: Vec<Span> = in_force.iter().flat_map(|r| r.spans.iter().copied()).collect();
        hide(&mut council, &in_force);
        let held_back = is_held_back(&held, id);
        let mut parts = Vec::new();
        for recording in self.store.recordings(id)? {
            parts.push(self.part(id, recording, &spans, held_back)?);
        }
        parts.sort_by_key(|part| part.recording.offset);
        let alignment = self.store.alignment(id)?.filter(|_| !held_back);
        let open = on_clock(&parts).without(&spans);
        let text = alignment.and_then(|stored| {
            let texts =
                parts.iter().filter_map(|p| Some((p.recording.offset, p.transcript.clone()?)));
            let transcript = Transcript::on_meeting_clock(texts.collect())?;
            Some((transcript, only_public(&council, stored.alignment.only(&open))))
        });
        if text.is_none() {
            // Without its alignment nobody knows whether a text treats what is not public.
            parts.iter_mut().for_each(|part| part.transcript = None);
        }
        let speeches = match held_back {
            true => Vec::new(),
            false => self.speeches(id, &council, &in_force, &spans)?,
        };
        Ok(Edition { council, parts, text, speeches })
    }

    /// What becomes of the file with this hash.
    pub fn media(&self, sha256: &Digest) -> Result<Media> {
        let (media, of) = self.store.media(sha256)?;
        let file = match media {
            store::Media::Published(file) => file,
            store::Media::Withdrawn => return Ok(Media::Withdrawn),
            store::Media::Unknown => return Ok(Media::Unknown),
        };
        for (meeting, recording) in of {
            // A file of two meetings is shown where one of them shows it.
            let edition = match self.load_parts(&meeting) {
                Err(error) if error.kind() == crate::domain::ErrorKind::Withdrawn => continue,
                loaded => loaded?,
            };
            let mut shown = edition.into_iter().filter(|p| p.recording.sha256 == recording);
            if shown.any(|part| part.published.is_some_and(|p| p.sha256 == file.sha256)) {
                return Ok(Media::Served(served(file)));
            }
        }
        Ok(Media::Withdrawn)
    }

    /// The meetings of which the index may still hold what was withdrawn: of these, search shows
    /// nothing until that is made up for.
    pub fn not_yet_reindexed(&self) -> Result<BTreeSet<String>> {
        let pending = self.store.pending_purges()?;
        Ok(pending.into_iter().filter(|p| p.what == What::Index).map(|p| p.subject).collect())
    }

    /// Everything that decides what is shown of a meeting beside its stored texts, for keys.
    ///
    /// # Errors
    /// Those of the archive.
    pub fn decisive(&self, id: &MeetingId) -> Result<impl serde::Serialize + use<>> {
        let restrictions: Vec<(u32, Vec<Span>)> =
            self.in_force(id)?.into_iter().map(|r| (r.number, r.spans)).collect();
        let held: Vec<String> =
            self.store.held(id)?.iter().map(|h| format!("{:?}", h.reason)).collect();
        Ok((restrictions, held))
    }

    fn in_force(&self, id: &MeetingId) -> Result<Vec<Restriction>> {
        let all = self.store.restrictions_of(id)?;
        Ok(all.into_iter().filter(Restriction::holds).collect())
    }

    /// A meeting that was here once is gone, not unknown.
    fn explain(&self, id: &MeetingId, error: Error) -> Error {
        match self.store.removed(id) {
            Ok(Some(_)) => Error::withdrawn("Diese Sitzung wird nicht mehr gezeigt"),
            _ => error,
        }
    }

    fn load_parts(&self, id: &MeetingId) -> Result<Vec<Part>> {
        let in_force = self.in_force(id)?;
        let held = self.store.held(id)?;
        let whole = in_force.iter().any(|r| r.scope == Scope::Meeting);
        if whole || has(&held, id, Reason::SameMeeting) || is_held_back(&held, id) {
            return Ok(Vec::new());
        }
        let spans: Vec<Span> = in_force.iter().flat_map(|r| r.spans.iter().copied()).collect();
        let recordings = self.store.recordings(id)?.into_iter();
        let public = |mut recording: Recording| {
            recording.public = recording.public.without(&on_recording(&spans, recording.offset));
            let published = self.published(id, &recording)?;
            Ok(Part { recording, published, transcript: None })
        };
        recordings.map(public).collect()
    }

    fn part(
        &self,
        id: &MeetingId,
        mut recording: Recording,
        hidden: &[Span],
        held_back: bool,
    ) -> Result<Part> {
        recording.public = recording.public.without(&on_recording(hidden, recording.offset));
        if held_back {
            return Ok(Part { recording, published: None, transcript: None });
        }
        let stored = self.store.transcript(id, &recording.sha256)?;
        let transcript = stored.map(|stored| stored.transcript.only(&recording.public));
        if recording.public.is_empty() {
            // A film elsewhere shows what may not be seen here.
            recording.video_url = None;
        }
        let published = self.published(id, &recording)?;
        Ok(Part { recording, published, transcript })
    }

    /// The file of a recording, unless it shows more than may be seen.
    fn published(&self, id: &MeetingId, recording: &Recording) -> Result<Option<File>> {
        let file = self.store.published(id, &recording.sha256)?;
        Ok(file.filter(|file| file.shows.is_within(&recording.public)).map(served))
    }

    fn speeches(
        &self,
        id: &MeetingId,
        council: &Council,
        in_force: &[Restriction],
        hidden: &[Span],
    ) -> Result<Vec<Speech>> {
        let is_public =
            |item: &AgendaItemId| council.meeting.agenda.iter().any(|i| i.id == *item && i.public);
        let mut speeches = self.store.speeches(id)?;
        speeches.retain(|speech| {
            let span = speech.start_ms.and_then(|start| {
                Span::new(start, speech.end_ms.unwrap_or(start).max(start.plus_millis(1)))
            });
            let in_time = span.is_some_and(|s| hidden.iter().any(|h| h.overlap_millis(s) > 0));
            let numbered = in_force.iter().any(|r| r.scope == Scope::Speech(speech.order));
            !in_time && !numbered && speech.item.as_ref().is_none_or(is_public)
        });
        Ok(speeches)
    }
}

fn served(file: store::Published) -> File {
    let store::Published { sha256, path, bytes, has_video, .. } = file;
    File { sha256, path, bytes, has_video }
}

/// Whether neither text nor film of a meeting is shown, while its agenda is.
fn is_held_back(held: &[Held], id: &MeetingId) -> bool {
    [Reason::PublicUnsaid, Reason::ItemUnplaced, Reason::RecordingAdded, Reason::RecordChanged]
        .into_iter()
        .any(|reason| has(held, id, reason))
}

fn has(held: &[Held], id: &MeetingId, reason: Reason) -> bool {
    held.iter().any(|h| h.meeting == *id && h.reason == reason)
}

/// Stretches of the meeting's clock on that of a recording.
fn on_recording(spans: &[Span], offset: MediaTime) -> Vec<Span> {
    let ms = offset.millis();
    let moved = |s: &Span| Span::new(s.start().minus_millis(ms), s.end().minus_millis(ms));
    spans.iter().filter_map(moved).filter(|s| s.millis() > 0).collect()
}

/// What is public of the parts, on the meeting's clock.
fn on_clock(parts: &[Part]) -> PublicSpans {
    let moved = parts.iter().flat_map(|part| {
        let ms = part.recording.offset.millis();
        let spans = part.recording.public.within(LONGEST_RECORDING).into_iter();
        spans.filter_map(move |s| Span::new(s.start().plus_millis(ms), s.end().plus_millis(ms)))
    });
    PublicSpans::only(moved.collect())
}

/// Restricted items keep their place on the agenda and nothing else.
fn hide(council: &mut Council, in_force: &[Restriction]) {
    let restricted = |id: &AgendaItemId| {
        in_force.iter().any(|r| matches!(&r.scope, Scope::Item(item) if item.id == *id))
    };
    for item in council.meeting.agenda.iter_mut().filter(|item| restricted(&item.id)) {
        (item.public, item.result) = (false, None);
        item.title.clear();
        item.papers.clear();
    }
}

/// An item that is not public has no place in a text.
fn only_public(council: &Council, mut alignment: Alignment) -> Alignment {
    let hidden = |id: &AgendaItemId| {
        council.meeting.agenda.iter().any(|item| item.id == *id && !item.public)
    };
    for item in alignment.items.iter_mut().filter(|item| hidden(&item.id)) {
        item.spans.clear();
        item.votes.clear();
        item.evidence.clear();
    }
    alignment
}

impl Edition {
    /// Index of the recording that runs at `t`: the last that has begun.
    pub fn part_at(&self, t: MediaTime) -> usize {
        self.parts.iter().rposition(|part| part.recording.offset <= t).unwrap_or_default()
    }
}

/// The id in an address; nonsense is answered like an unknown meeting.
pub fn meeting_id(text: &str) -> Result<MeetingId> {
    MeetingId::new(text).map_err(|_| Error::not_found("Eine solche Sitzung gibt es nicht"))
}
