//! Whether recordings that take the place of others run on the same clock: what is restricted of a
//! meeting lies at times, and must not slip with a file that begins elsewhere.

use crate::domain::{Channels, MeetingId, Recording, Result, SoundChoice};
use crate::media::{Decoder, Loudness};
use crate::store::Store;

/// Whether the sound of `new` recordings is that of the meeting's present ones, wherever both are. True
/// where nothing is replaced: recordings that the archive has already, or that a person has confirmed,
/// and those of a time that it has no recording of.
///
/// # Errors
/// Those of the archive and of the sound.
pub fn keeps_the_clock(
    store: &Store,
    id: &MeetingId,
    new: &[Recording],
    decoder: &Decoder,
) -> Result<bool> {
    let old = store.recordings(id)?;
    let gone: Vec<&Recording> =
        old.iter().filter(|o| !new.iter().any(|n| n.sha256 == o.sha256)).collect();
    for recording in new {
        let known = old.iter().any(|o| o.sha256 == recording.sha256)
            || store.is_confirmed(id, &recording.sha256)?;
        if known {
            continue;
        }
        // The part that it stands for begins where it begins, or a moment beside.
        let Some(stands_for) = nearest(&gone, recording) else { continue };
        let Some(before) = store.loudness(id, &stands_for.sha256)? else { return Ok(false) };
        let before = Loudness::from_bytes(before);
        // Only what was public of the old one is listened to.
        let heard = stands_for.public.clone();
        let sound = SoundChoice { track: recording.sound.track.clone(), channels: Channels::Mix };
        let after = Loudness::of(&recording.path, &heard, &sound, decoder)?;
        let moved = recording.offset != stands_for.offset;
        if moved || !before.matches(&after, &heard) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The recording of `gone` that begins nearest to where this one begins.
fn nearest<'r>(gone: &[&'r Recording], new: &Recording) -> Option<&'r Recording> {
    let apart = |old: &&&Recording| old.offset.since(new.offset).max(new.offset.since(old.offset));
    gone.iter().min_by_key(apart).copied()
}
