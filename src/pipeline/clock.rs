//! Whether recordings that take the place of others run on the same clock: what is restricted of a
//! meeting lies at times, and must not slip with a file that begins elsewhere.

use crate::domain::{Channels, Digest, MediaTime, MeetingId, Recording, Result, SoundChoice};
use crate::media::{Decoder, Loudness};
use crate::store::{FormerRecording, Store};

/// Parts that begin this close together, in milliseconds, stand for each other.
const CLOSE_MS: u64 = 600_000;

/// What a new recording is to the meeting's clock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Clock {
    /// The archive knows it, or it sounds like the one whose place it takes.
    Kept,
    /// It is of a time of which the meeting never had a recording.
    Added,
    /// It takes the place of this one, and sounds otherwise.
    Doubtful(Digest),
}

/// What each of the `new` recordings is to the meeting's clock.
///
/// # Errors
/// Those of the archive and of the sound.
pub fn clocks(
    store: &Store,
    id: &MeetingId,
    new: &[Recording],
    decoder: &Decoder,
) -> Result<Vec<Clock>> {
    let present = store.recordings(id)?;
    let former = store.former_recordings(id)?;
    // Of those that began at one time, the one that is there now goes before earlier ones.
    let mut gone = Vec::new();
    for old in present.iter().filter(|old| !new.iter().any(|n| n.sha256 == old.sha256)) {
        gone.push(FormerRecording {
            sha256: old.sha256.clone(),
            offset: old.offset,
            public: old.public.clone(),
            loudness: store.loudness(id, &old.sha256)?,
        });
    }
    gone.extend(former.iter().cloned());
    let clock = |recording: &Recording| {
        let known = present.iter().any(|old| old.sha256 == recording.sha256)
            || former.iter().any(|f| f.sha256 == recording.sha256 && f.offset == recording.offset)
            || store.is_confirmed(id, &recording.sha256)?;
        if known {
            return Ok(Clock::Kept);
        }
        let Some(stands_for) = nearest(&gone, recording) else { return Ok(Clock::Added) };
        let same = sounds_like(stands_for, recording, decoder)?;
        Ok(if same { Clock::Kept } else { Clock::Doubtful(stands_for.sha256.clone()) })
    };
    new.iter().map(clock).collect()
}

/// Whether a recording sounds like one that began where it begins. Only what was public of that one is
/// listened to.
fn sounds_like(old: &FormerRecording, new: &Recording, decoder: &Decoder) -> Result<bool> {
    let Some(before) = &old.loudness else { return Ok(false) };
    if old.offset != new.offset || old.public.is_empty() {
        return Ok(false);
    }
    let sound = SoundChoice { track: new.sound.track.clone(), channels: Channels::Mix };
    let after = Loudness::of(&new.path, &old.public, &sound, decoder)?;
    Ok(Loudness::from_bytes(before.clone()).matches(&after, &old.public))
}

/// The recording of `gone` in whose time this one begins.
fn nearest<'r>(gone: &'r [FormerRecording], new: &Recording) -> Option<&'r FormerRecording> {
    let apart =
        |old: &FormerRecording| old.offset.since(new.offset).max(new.offset.since(old.offset));
    let runs = |old: &&FormerRecording| {
        let length = old.loudness.as_ref().map(|l| Loudness::from_bytes(l.clone()).length());
        // One of unknown length runs for as long as a meeting may.
        let end = old.offset.plus_millis(length.map_or(CLOSE_MS, MediaTime::millis));
        new.offset < end || apart(old) < CLOSE_MS
    };
    gone.iter().filter(runs).min_by_key(|old| apart(old))
}
