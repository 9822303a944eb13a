//! A meeting that was read, with its recordings, into the archive: what they must fulfil, which of them take
//! the place of others, and that nothing restricted slips. Owns these rules for every way in; says nothing to
//! anybody: what its caller must tell, it gives.

use super::{Clock, Progress, align_anew, clocks, hash};
use crate::domain::{Error, MediaTime, MeetingId, PublicSpans, Recording, Restriction, Result};
use crate::ingest::{IdOrigin, Ingested, RecordingSource};
use crate::media::{self, Decoder};
use crate::store::{Change, Notice, Registered, Registration, Store};

/// What became of a meeting that was registered.
#[derive(Clone, Debug)]
pub struct TakenIn {
    /// The meeting.
    pub id: MeetingId,
    /// What changed.
    pub change: Change,
    /// What its operator must know.
    pub notices: Vec<Notice>,
    /// The recordings that it was given.
    pub recordings: Vec<Recording>,
    /// Whether it keeps the recordings it had, because new ones may run on another clock.
    pub holds_back: bool,
}

/// The meeting under the id that it has in the archive, where this program made one before.
///
/// # Errors
/// `Archive` where it cannot be read.
pub fn known_again(meeting: Ingested, store: &Store) -> Result<Ingested> {
    let IdOrigin::Made { formerly } = &meeting.id_origin else { return Ok(meeting) };
    let id = store.id_of_made(&meeting.council.meeting, formerly)?;
    Ok(meeting.under(id))
}

/// Registers one meeting.
///
/// # Errors
/// `BadInput` where a recording cannot be read or its times cannot be right; `Archive` where it cannot be
/// written. Nothing has changed then.
pub fn register(
    meeting: &Ingested,
    store: &Store,
    decoder: &Decoder,
    progress: &dyn Progress,
) -> Result<TakenIn> {
    let id = &meeting.council.meeting.id;
    let recordings = meeting.recordings.iter().map(|r| recording(r, progress));
    let recordings = recordings.collect::<Result<Vec<_>>>()?;
    refuse_doubles(&recordings)?;
    refuse_beyond_the_end(&meeting.recordings, decoder)?;
    refuse_overlaps(&lengths(&recordings)?)?;
    // Where an item was treated is asked of its text while that still names it.
    if store.council(id).is_ok() {
        align_anew(store, progress, id)?;
    }
    let replaced = replaced(id, &recordings, store, decoder)?;
    let new = Registration {
        council: &meeting.council,
        titles: &meeting.titles,
        recordings: replaced.kept.as_deref().unwrap_or(&recordings),
        unsaid: meeting.recordings.iter().any(|r| r.public.is_none()),
        added: replaced.added,
        origin: meeting.origin,
    };
    let Registered { change, notices } = store.register(&new)?;
    if replaced.kept.is_some() {
        store.hold_recordings(id, &recordings)?;
    }
    let holds_back = replaced.kept.is_some();
    Ok(TakenIn { id: id.clone(), change, notices, recordings, holds_back })
}

/// What becomes of recordings that take the place of others.
struct Replaced {
    /// The recordings to be registered in place of the new ones, where one of these may run on another
    /// clock.
    kept: Option<Vec<Recording>>,
    /// Whether one came to those that are there.
    added: bool,
}

/// Looks whether `new` recordings run on the meeting's clock, where something is restricted at times. Of
/// one that may not, the one whose place it takes is kept, without what is no longer public of it.
fn replaced(
    id: &MeetingId,
    new: &[Recording],
    store: &Store,
    decoder: &Decoder,
) -> Result<Replaced> {
    let restricted = store.restrictions_of(id)?.iter().any(Restriction::holds);
    let present = store.recordings_by_source(id)?;
    let clocks = if restricted { clocks(store, id, new, decoder)? } else { Vec::new() };
    let added = !present.is_empty() && clocks.contains(&Clock::Added);
    if !clocks.iter().any(|clock| matches!(clock, Clock::Doubtful(_))) {
        store.forget_held_recordings(id)?;
        return Ok(Replaced { kept: None, added });
    }
    let keep = |(recording, clock): (&Recording, &Clock)| match clock {
        Clock::Kept | Clock::Added => Some(recording.clone()),
        Clock::Doubtful(old) => {
            let old = present.iter().find(|p| p.sha256 == *old)?;
            let public = old.public.intersection(&recording.public);
            Some(Recording { public, ..old.clone() })
        }
    };
    let kept = new.iter().zip(&clocks).filter_map(keep).collect();
    Ok(Replaced { kept: Some(kept), added })
}

/// Times behind the end are a slip of the pen, and what they mean cannot be guessed.
fn refuse_beyond_the_end(sources: &[RecordingSource], decoder: &Decoder) -> Result<()> {
    /// Headers round, and sound may end a little before the picture.
    const ROUNDING_MS: u64 = 2_000;
    for source in sources.iter().filter(|s| !s.places.is_empty()) {
        // One that cannot be read is told when it is transcribed.
        let Some(promised) = media::probe(&source.path, decoder).ok().and_then(|i| i.duration)
        else {
            continue;
        };
        let beyond = |length: MediaTime| {
            let (places, end) = (source.places.iter(), length.plus_millis(ROUNDING_MS));
            places.clone().find(move |(span, _)| span.end() > end)
        };
        if beyond(promised).is_none() {
            continue;
        }
        // Headers are wrong where a recorder was started again: what counts is what is heard.
        let public = source.public.clone().unwrap_or(PublicSpans::WHOLE);
        let Ok(length) = heard(source, &public, decoder) else { continue };
        if let Some((span, place)) = beyond(length) {
            let (end, length) = (span.end().clock(), length.clock());
            return Err(Error::bad_input(format!(
                "{place}: der öffentliche Teil endet bei {end}, die Aufnahme schon bei {length}"
            ))
            .remedy("Gezählt wird ab Beginn der Aufnahme, als HH:MM:SS"));
        }
    }
    Ok(())
}

/// One file twice would have two sets of public parts; two files at one time would be spoken over
/// each other.
fn refuse_doubles(recordings: &[Recording]) -> Result<()> {
    for (i, one) in recordings.iter().enumerate() {
        for other in &recordings[i + 1..] {
            let (a, b) = (one.path.display(), other.path.display());
            if one.sha256 == other.sha256 {
                return Err(Error::bad_input(format!("{a} und {b} sind dieselbe Aufnahme"))
                    .remedy("Nennen Sie jede Aufnahme einmal, mit allen öffentlichen Zeiten"));
            }
            if one.offset == other.offset {
                return Err(Error::bad_input(format!("{a} und {b} beginnen zur selben Zeit"))
                    .remedy("Geben Sie jedem Teil mit `offset` seinen Beginn in der Sitzung"));
            }
        }
    }
    Ok(())
}

/// Milliseconds by which parts may overlap: offsets are written by hand, and clocks of two
/// recorders differ.
const OVERLAP_MS: u64 = 5_000;

/// The recordings with their lengths, where there are several and a header tells.
fn lengths(recordings: &[Recording]) -> Result<Vec<(&Recording, MediaTime)>> {
    if recordings.len() < 2 {
        return Ok(Vec::new());
    }
    let decoder = Decoder::this_program()?;
    // One that cannot be read is told when it is transcribed.
    let length = |r: &Recording| media::probe(&r.path, &decoder).ok().and_then(|i| i.duration);
    Ok(recordings.iter().filter_map(|r| Some((r, length(r)?))).collect())
}

/// What is public of two recordings at one time would be spoken over each other.
fn refuse_overlaps(recordings: &[(&Recording, MediaTime)]) -> Result<()> {
    let on_clock = |(r, length): &(&Recording, MediaTime)| -> Vec<(u64, u64)> {
        let at = |t: MediaTime| t.millis().saturating_add(r.offset.millis());
        r.public.within(*length).iter().map(|s| (at(s.start()), at(s.end()))).collect()
    };
    for (i, one) in recordings.iter().enumerate() {
        for other in &recordings[i + 1..] {
            let both = on_clock(one).into_iter().flat_map(|a| {
                on_clock(other).into_iter().map(move |b| (a.0.max(b.0), a.1.min(b.1)))
            });
            let Some((from, _)) = both.into_iter().find(|(a, b)| b.saturating_sub(*a) > OVERLAP_MS)
            else {
                continue;
            };
            let (a, b) = (one.0.path.display(), other.0.path.display());
            let from = MediaTime::from_millis(from).clock();
            return Err(Error::bad_input(format!("{a} und {b} laufen ab {from} gleichzeitig"))
                .remedy("Berichtigen Sie `offset`, oder grenzen Sie die Teile mit `public` ab"));
        }
    }
    Ok(())
}

/// How far the public sound of a recording really goes.
fn heard(source: &RecordingSource, public: &PublicSpans, decoder: &Decoder) -> Result<MediaTime> {
    let mut sound = media::open(&source.path, public, &source.sound, decoder)?;
    while sound.next_block()?.is_some() {}
    Ok(sound.position())
}

fn recording(source: &RecordingSource, progress: &dyn Progress) -> Result<Recording> {
    let unreadable = |e: std::io::Error| {
        Error::bad_input(format!("Die Aufnahme {} ist nicht lesbar", source.path.display()))
            .because(e)
            .remedy("Prüfen Sie `file` im Manifest und die Rechte der Datei")
    };
    let path = source.path.canonicalize().map_err(unreadable)?;
    let (sha256, bytes) = hash(&path, progress)?;
    Ok(Recording {
        sha256,
        path,
        bytes,
        offset: source.offset,
        video_url: source.video_url.clone(),
        video_offset_ms: source.video_offset_ms,
        shown_as: source.shown_as,
        public: source.public.clone().unwrap_or(PublicSpans::WHOLE),
        sound: source.sound.clone(),
        seats: source.seats.clone(),
    })
}
