//! What may be seen of the archive, on the site, in exports and in the index: the only loader of it.
//! Owns that nothing restricted, held back, unpublished or not public passes, whatever is stored; refuses
//! to change anything.

mod directory;
mod elsewhere;
mod extent;
mod quoting;
mod release;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use crate::domain::{
    AgendaItemId, Alignment, Council, Digest, Error, Hidden, MediaTime, MeetingId, MeetingReview,
    PublicSpans, Recording, Restriction, Result, Review, Scope, ShownAs, Span, Speech, Transcript,
    made_up_name,
};
use crate::store::{self, Held, HoldReason, MeetingRow, Purge, Store};

use directory::DirectoryCache;
use release::{Resolutions, Unreleased};

pub use directory::{
    Address, Contribution, Debated, Directory, DirectoryMeeting, ItemEntry, Member,
    OrganizationEntry, OrganizationKind, PaperEntry, PersonEntry, SURE, VoteEntry,
};
pub use elsewhere::{Elsewhere, Film, NamedPaper, item_of};

/// Who looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Viewer {
    /// Anybody.
    Public,
    /// The clerk's desk: what the public would see if everything were published. What is restricted, nobody sees.
    Preview,
}

/// The archive as a viewer may see it; cheap to clone, usable from every thread.
#[derive(Clone)]
pub struct Editions {
    store: Store,
    viewer: Viewer,
    directory: Arc<DirectoryCache>,
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
    /// What others have on record of it beside its agenda.
    pub elsewhere: Elsewhere,
    /// How far people have come with it.
    pub review: MeetingReview,
    /// The text that it has now, as reviews mean it.
    pub reviewed_text: Digest,
}

/// A meeting without the words that were recognised in it.
pub struct Overview {
    /// The meeting and what surrounds it.
    pub council: Council,
    /// Who spoke when and to which item, where a text is shown.
    pub alignment: Option<Alignment>,
    /// What another record says was said.
    pub speeches: Vec<Speech>,
    /// What others have on record of it beside its agenda.
    pub elsewhere: Elsewhere,
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
/// Since when a meeting is shown.
pub use crate::store::Publication;

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
        Self { store, viewer, directory: Arc::default() }
    }

    /// All meetings that are shown, newest first.
    pub fn meetings(&self) -> Result<Vec<Listed>> {
        let mut rows = self.store.meetings()?;
        if self.viewer == Viewer::Public {
            let unpublished = self.store.unpublished_meetings()?;
            rows.retain(|row| !unpublished.contains(&row.id));
        }
        let restricted: BTreeSet<MeetingId> =
            self.store.restricted_meetings()?.into_iter().collect();
        let held: Vec<Held> = self.store.all_held()?;
        let mut failed = None;
        rows.retain_mut(|row: &mut MeetingRow| {
            if has(&held, &row.id, HoldReason::SameMeeting) {
                return false;
            }
            let is_shown = !is_held_back(&held, &row.id);
            row.transcribed &= is_shown;
            row.recorded &= is_shown;
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
        let mut names = self.store.recorded_names()?;
        for row in rows.iter_mut().filter(|row| row.recordings == 0) {
            let organization = Some(row.organization.as_str()).filter(|name| !name.is_empty());
            let made_up = row.date.map(|date| made_up_name(organization, date));
            if let Some(name) =
                names.remove(&row.id).filter(|_| made_up.as_ref() == Some(&row.name))
            {
                row.name = name;
            }
        }
        failed.map_or(Ok(rows), Err)
    }

    /// Loads a meeting.
    ///
    /// # Errors
    /// `NotFound` where there is no such meeting, `Withdrawn` where it may not be seen any more.
    pub fn load(&self, id: &MeetingId) -> Result<Edition> {
        let Surroundings { limits, council, mut parts, elsewhere, resolutions } =
            self.around(id)?;
        let review = limits.review.clone();
        let reviewed_text = self.store.reviewed_text(id)?;
        if limits.is_held_back {
            let (text, speeches) = (None, Vec::new());
            return Ok(Edition {
                council,
                parts,
                text,
                speeches,
                elsewhere,
                review,
                reviewed_text,
            });
        }
        for (recording, transcript) in self.store.shown_texts(id)? {
            let own = parts.iter_mut().find(|p| p.recording.sha256 == recording.sha256);
            if let Some(part) = own {
                part.transcript = Some(transcript.only(&part.recording.public));
            }
        }
        let alignment = self.alignment(id, &limits, &council, &parts, &resolutions)?;
        let text = alignment.and_then(|alignment| {
            for part in &mut parts {
                let text = part.transcript.take();
                part.transcript = text.map(|text| text.cut_by(&alignment, part.recording.offset));
            }
            let texts =
                parts.iter().filter_map(|p| Some((p.recording.offset, p.transcript.clone()?)));
            Some((Transcript::on_meeting_clock(texts.collect())?, alignment))
        });
        if text.is_none() {
            // Without its alignment nobody knows whether a text treats what is not public.
            parts.iter_mut().for_each(|part| part.transcript = None);
        }
        let speeches = self.speeches(id, &council, &limits)?;
        Ok(Edition { council, parts, text, speeches, elsewhere, review, reviewed_text })
    }

    /// Loads a meeting without the words that were recognised in it: who spoke when, to which item.
    ///
    /// # Errors
    /// As of [`Self::load`].
    pub fn overview(&self, id: &MeetingId) -> Result<Overview> {
        let Surroundings { limits, council, parts, elsewhere, resolutions } = self.around(id)?;
        if limits.is_held_back {
            return Ok(Overview { council, alignment: None, speeches: Vec::new(), elsewhere });
        }
        let has_text = !self.store.shown_transcripts(id)?.is_empty();
        let alignment = match has_text {
            true => self.alignment(id, &limits, &council, &parts, &resolutions)?,
            false => None,
        };
        let speeches = self.speeches(id, &council, &limits)?;
        Ok(Overview { council, alignment, speeches, elsewhere })
    }

    /// Whether the text of a meeting may be seen, without loading it.
    ///
    /// # Errors
    /// `Withdrawn` where it may not be seen any more, `NotFound` where nothing of it is shown for now.
    pub fn refuse_hidden_text(&self, id: &MeetingId) -> Result<()> {
        let limits = self.limits(id)?;
        if limits.is_gone {
            return Err(Error::withdrawn("Diese Sitzung wird nicht mehr gezeigt"));
        }
        match limits.is_held_back || limits.is_unpublished {
            true => Err(Error::not_found("Der Text dieser Sitzung wird zurückgehalten")),
            false => Ok(()),
        }
    }

    /// What is shown of a meeting beside what was said in it.
    fn around(&self, id: &MeetingId) -> Result<Surroundings> {
        let limits = self.limits(id)?;
        if limits.is_gone {
            return Err(Error::withdrawn("Diese Sitzung wird nicht mehr gezeigt"));
        }
        if limits.is_unpublished {
            return Err(match self.store.publication(id)?.is_some() {
                true => Error::withdrawn("Diese Sitzung wird nicht mehr gezeigt"),
                false => Error::not_found(format!("Die Sitzung {id} gibt es nicht")),
            });
        }
        let mut council = self.store.council(id).map_err(|error| self.explain(id, error))?;
        hide(&mut council, &limits.in_force);
        let mut parts = self.parts(id, &limits)?;
        parts.sort_by_key(|part| part.recording.offset);
        let mut outside = self.store.shown_outside(id)?;
        if limits.is_held_back {
            // What was voted on says what was spoken of.
            outside.votes.clear();
        }
        limits.unreleased.take_results(&mut council);
        limits.unreleased.take_votes(&council, &mut outside);
        let resolutions = Resolutions::of(&self.store, id)?;
        resolutions.put_into_form(&mut council, &mut outside);
        let mut elsewhere = elsewhere::merge(&mut council, outside, &parts);
        hide(&mut council, &limits.in_force);
        if limits.is_held_back {
            elsewhere.film = None;
        }
        Ok(Surroundings { limits, council, parts, elsewhere, resolutions })
    }

    /// Who speaks when and to which item, as far as it may be seen.
    fn alignment(
        &self,
        id: &MeetingId,
        limits: &Limited,
        council: &Council,
        parts: &[Part],
        resolutions: &Resolutions,
    ) -> Result<Option<Alignment>> {
        let public = parts.iter().map(|p| &p.recording);
        let public = public.flat_map(|r| r.public.on_meeting_clock(r.offset)).collect();
        let open = limits.hidden.leave_of_clock(public);
        let Some(stored) = self.store.alignment(id)? else { return Ok(None) };
        let mut alignment = only_public(council, stored.alignment.only(&open));
        resolutions.take_votes(&mut alignment);
        Ok(Some(alignment))
    }

    /// Where on its clock the films begin that are served of a meeting, in this order; none where it may not be seen.
    ///
    /// # Errors
    /// Those of the archive.
    pub fn films(&self, id: &MeetingId) -> Result<Vec<MediaTime>> {
        let limits = self.limits(id)?;
        if limits.is_gone || limits.is_unpublished {
            return Ok(Vec::new());
        }
        let mut parts = self.parts(id, &limits)?;
        parts.sort_by_key(|part| part.recording.offset);
        let films = parts.iter().filter(|p| p.published.as_ref().is_some_and(|f| f.has_video));
        Ok(films.map(|part| part.recording.offset).collect())
    }

    /// What of a recording its public copy may show. Of a meeting that is not published that is all that will be,
    /// so that nobody waits for a copy once it is; of a published one it is what of it is.
    ///
    /// # Errors
    /// Those of the archive.
    pub fn public_of(&self, id: &MeetingId, recording: &Recording) -> Result<PublicSpans> {
        let limits = self.limits(id)?;
        match limits.review.meeting.is_public() {
            true => Ok(limits.hidden.leave_of(&recording.public, recording.offset)),
            false => Ok(recording.public.clone()),
        }
    }

    /// What becomes of the file with this hash.
    pub fn media(&self, sha256: &Digest) -> Result<Media> {
        let (media, of) = self.store.media(sha256)?;
        let file = match media {
            store::MediaRow::Published(file) => file,
            store::MediaRow::Withdrawn => return Ok(Media::Withdrawn),
            store::MediaRow::Unknown => return Ok(Media::Unknown),
        };
        for (meeting, recording) in of {
            // A file of two meetings is shown where one of them shows it.
            let limits = self.limits(&meeting)?;
            if limits.is_gone || limits.is_unpublished {
                continue;
            }
            let parts = self.parts(&meeting, &limits)?;
            let mut shown = parts.into_iter().filter(|p| p.recording.sha256 == recording);
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
        Ok(pending.into_iter().filter(|p| p.what == Purge::Index).map(|p| p.subject).collect())
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
        let (review, forms) = (self.store.review(id)?, self.store.resolution_forms(id)?);
        let shown = (restrictions, held, self.store.shown_outside(id)?);
        let is_reviewed = review.meeting != Review::UNREVIEWED || !review.items.is_empty();
        let is_touched = is_reviewed || !forms.is_empty() || self.store.revised(id)?.is_some();
        // What nobody has touched keeps its key from before there were reviews.
        Ok(match is_touched {
            true => Decisive::Reviewed(shown, review, self.store.reviewed_text(id)?, forms),
            false => Decisive::Untouched(shown),
        })
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

    /// What limits a meeting to what may be seen.
    fn limits(&self, id: &MeetingId) -> Result<Limited> {
        let (in_force, held) = (self.in_force(id)?, self.store.held(id)?);
        let (hidden, review) = (Hidden::by(&in_force), self.store.review(id)?);
        let unreleased = match self.viewer {
            Viewer::Public => Unreleased::of(&self.store, id, &review)?,
            Viewer::Preview => Unreleased::default(),
        };
        let mut limited = Limited {
            is_gone: hidden == Hidden::Everything || has(&held, id, HoldReason::SameMeeting),
            is_unpublished: self.viewer == Viewer::Public && !review.meeting.is_public(),
            is_held_back: is_held_back(&held, id),
            in_force,
            hidden,
            review,
            unreleased: Unreleased::default(),
        };
        unreleased.limit(&mut limited);
        limited.unreleased = unreleased;
        Ok(limited)
    }

    /// The recordings with the files that are served for them, without their texts.
    fn parts(&self, id: &MeetingId, limits: &Limited) -> Result<Vec<Part>> {
        let mut parts = Vec::new();
        for mut recording in self.store.recordings(id)? {
            recording.public = limits.hidden.leave_of(&recording.public, recording.offset);
            if recording.public.is_empty() {
                // A film elsewhere shows what may not be seen here.
                recording.video_url = None;
            }
            if recording.shown_as == ShownAs::None {
                recording.video_url = None;
            }
            let published = match recording.shown_as {
                ShownAs::File if !limits.is_held_back => self.published(id, &recording)?,
                _ => None,
            };
            parts.push(Part { recording, published, transcript: None });
        }
        Ok(parts)
    }

    /// The file of a recording, unless it shows more than may be seen.
    fn published(&self, id: &MeetingId, recording: &Recording) -> Result<Option<File>> {
        let file = self.store.published(id, &recording.sha256)?;
        Ok(file.filter(|file| file.shows.is_within(&recording.public)).map(served))
    }

    fn speeches(&self, id: &MeetingId, council: &Council, limits: &Limited) -> Result<Vec<Speech>> {
        let is_public =
            |item: &AgendaItemId| council.meeting.agenda.iter().any(|i| i.id == *item && i.public);
        let mut speeches = self.store.speeches(id)?;
        speeches.retain(|speech| {
            let scope = Scope::Speech(speech.order);
            let is_hidden = speech.span().is_some_and(|span| limits.hidden.touches(span))
                || limits.in_force.iter().any(|r| r.scope == scope);
            let is_released = |item: &AgendaItemId| !limits.unreleased.contains(item);
            !is_hidden && speech.item.as_ref().is_none_or(|i| is_public(i) && is_released(i))
        });
        Ok(speeches)
    }
}

/// What decides what is shown of a meeting beside its texts.
#[derive(serde::Serialize)]
#[serde(untagged)]
enum Decisive<S, F> {
    /// Nobody has reviewed or corrected it.
    Untouched(S),
    /// Somebody has.
    Reviewed(S, MeetingReview, Digest, F),
}

/// A meeting without anything that was said in it.
struct Surroundings {
    limits: Limited,
    council: Council,
    /// Without their texts.
    parts: Vec<Part>,
    elsewhere: Elsewhere,
    resolutions: Resolutions,
}

/// What limits a meeting to what may be seen.
struct Limited {
    /// Nothing of it may be seen.
    is_gone: bool,
    /// Neither text nor film may be seen, while its agenda is.
    is_held_back: bool,
    /// The public may not see it yet, or not any more.
    is_unpublished: bool,
    in_force: Vec<Restriction>,
    /// By restrictions, and by what is not published yet.
    hidden: Hidden,
    review: MeetingReview,
    unreleased: Unreleased,
}

fn served(file: store::Published) -> File {
    let store::Published { sha256, path, bytes, has_video, .. } = file;
    File { sha256, path, bytes, has_video }
}

/// Whether neither text nor film of a meeting is shown, while its agenda is.
fn is_held_back(held: &[Held], id: &MeetingId) -> bool {
    [
        HoldReason::PublicUnsaid,
        HoldReason::ItemUnplaced,
        HoldReason::RecordingAdded,
        HoldReason::RecordChanged,
    ]
    .into_iter()
    .any(|reason| has(held, id, reason))
}

fn has(held: &[Held], id: &MeetingId, reason: HoldReason) -> bool {
    held.iter().any(|h| h.meeting == *id && h.reason == reason)
}

/// Restricted items keep their place on the agenda and nothing else.
fn hide(council: &mut Council, in_force: &[Restriction]) {
    let restricted = |id: &AgendaItemId| in_force.iter().any(|r| r.is_of(id));
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
