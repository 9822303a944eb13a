//! Whether recordings that take the place of others run on the same clock: what is restricted of a
//! meeting lies at times, and must not slip with a file that begins elsewhere.

use crate::domain::{Channels, MeetingId, Recording, Result, SoundChoice};
use crate::media::{Decoder, Loudness};
use crate::store::{FormerRecording, Store};

/// Whether the sound of `new` recordings is that of the ones that the meeting has or had, where these
/// began. True where nothing is replaced: recordings that the archive knows, or that a person has
/// confirmed, and those of a time of which it never had one.
///
/// # Errors
/// Those of the archive and of the sound.
pub fn keeps_the_clock(
    store: &Store,
    id: &MeetingId,
    new: &[Recording],
    decoder: &Decoder,
) -> Result<bool> {
    let present = store.recordings(id)?;
    let mut gone = Vec::new();
    for old in present.iter().filter(|old| !new.iter().any(|n| n.sha256 == old.sha256)) {
        gone.push(FormerRecording {
            sha256: old.sha256.clone(),
            offset: old.offset,
            public: old.public.clone(),
            loudness: store.loudness(id, &old.sha256)?,
        });
    }
    let former = store.former_recordings(id)?;
    // What was there before those that are there now tells nothing more.
    let gone = if present.is_empty() { former.clone() } else { gone };
    for recording in new {
        let known = present.iter().any(|old| old.sha256 == recording.sha256)
            || former
                .iter()
                .any(|old| old.sha256 == recording.sha256 && old.offset == recording.offset)
            || store.is_confirmed(id, &recording.sha256)?;
        // The part that it stands for begins where it begins, or a moment beside.
        let Some(stands_for) = nearest(&gone, recording).filter(|_| !known) else { continue };
        let Some(before) = &stands_for.loudness else { return Ok(false) };
        let before = Loudness::from_bytes(before.clone());
        // Only what was public of the old one is listened to.
        let heard = &stands_for.public;
        let sound = SoundChoice { track: recording.sound.track.clone(), channels: Channels::Mix };
        let after = Loudness::of(&recording.path, heard, &sound, decoder)?;
        if recording.offset != stands_for.offset || !before.matches(&after, heard) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The recording of `gone` that began nearest to where this one begins.
fn nearest<'r>(gone: &'r [FormerRecording], new: &Recording) -> Option<&'r FormerRecording> {
    let apart =
        |old: &&FormerRecording| old.offset.since(new.offset).max(new.offset.since(old.offset));
    gone.iter().min_by_key(apart)
}
