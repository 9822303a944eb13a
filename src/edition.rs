//! A meeting as it may be seen, on the site, in exports and in the index: council, recordings with
//! their served files, text. Owns the loading; refuses text of agenda items that are not public.

use crate::domain::{
    AgendaItemId, Alignment, Council, Error, MediaTime, MeetingId, Recording, Result, Speech,
    Transcript,
};
use crate::store::{Published, Store};

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

/// A recording and the file that is served for it.
pub struct Part {
    /// The recording.
    pub recording: Recording,
    /// The served file; absent while nothing is published.
    pub published: Option<Published>,
}

impl Edition {
    /// Loads a meeting.
    ///
    /// # Errors
    /// `NotFound` where there is no such meeting.
    pub fn load(store: &Store, id: &MeetingId) -> Result<Self> {
        let council = store.council(id)?;
        let mut parts = Vec::new();
        for recording in store.recordings(id)? {
            let published = store.published(id, &recording.sha256)?;
            parts.push(Part { recording, published });
        }
        parts.sort_by_key(|part| part.recording.offset);
        let text = store.text(id)?.filter(|(_, alignment)| only_public(&council, alignment));
        let speeches = store.speeches(id)?;
        Ok(Self { council, parts, text, speeches })
    }

    /// Index of the recording that runs at `t`: the last that has begun.
    pub fn part_at(&self, t: MediaTime) -> usize {
        self.parts.iter().rposition(|part| part.recording.offset <= t).unwrap_or_default()
    }
}

/// The id in an address; nonsense is answered like an unknown meeting.
pub fn meeting_id(text: &str) -> Result<MeetingId> {
    MeetingId::new(text).map_err(|_| Error::not_found("Eine solche Sitzung gibt es nicht"))
}

/// Text with a span of a hidden item must not exist; should it ever, none of it is shown.
fn only_public(council: &Council, alignment: &Alignment) -> bool {
    let hidden = |id: &AgendaItemId| {
        council.meeting.agenda.iter().any(|item| item.id == *id && !item.public)
    };
    let leak = alignment.items.iter().any(|item| !item.spans.is_empty() && hidden(&item.id));
    if leak {
        tracing::error!(meeting = %council.meeting.id, "text of a hidden item withheld");
    }
    !leak
}
