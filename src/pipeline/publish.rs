//! The stage that makes the copy of a recording that the site may serve. Where there can be none, the
//! site shows text alone.

use std::time::Duration;

use super::run::{Run, key, logged};
use super::{Done, Stage};
use crate::archive::Guard;
use crate::domain::{Digest, Error, ErrorKind, FirstStage, Recording, Result, ShownAs};
use crate::edition::{Editions, Viewer};
use crate::media::{self, PublicCopy};
use crate::store::Published;

/// Raised when the same recording would give another public copy.
const VERSION: u32 = 1;

/// How often the right to make copies is asked for, and how long between: deleting some takes no longer.
const PATIENCE: (usize, Duration) = (200, Duration::from_millis(50));

/// Everything that decides a public copy.
fn key_of(recording: &Recording) -> Result<Digest> {
    key(&(VERSION, &recording.sha256, &recording.public, &recording.sound))
}

/// Makes the copy where there is none of this key, or its file is gone.
pub(super) fn publish(run: &Run<'_>, recording: &Recording) -> Result<Done> {
    if recording.shown_as != ShownAs::File {
        return Ok(Done::Nothing);
    }
    let editions = Editions::new(run.pipeline.store.clone(), Viewer::Public);
    let recording =
        &Recording { public: editions.public_of(run.id, recording)?, ..recording.clone() };
    let made_of = key_of(recording)?;
    let published = run.pipeline.store.published(run.id, &recording.sha256)?;
    let is_whole = |p: &Published| p.path.metadata().is_ok_and(|m| m.len() == p.bytes);
    let is_there = published.is_some_and(|p| p.made_of == made_of.as_str() && is_whole(&p));
    if is_there && !run.redo.again(FirstStage::PublicCopy) {
        return Ok(Done::Nothing);
    }
    run.pipeline.store.refuse_lost_lease()?;
    logged(Stage::PublicCopy, run.id, Some(recording), || make(run, recording, &made_of))
}

fn make(run: &Run<'_>, recording: &Recording, made_of: &Digest) -> Result<Done> {
    let _lock = lock(run)?;
    // What a kill has left of an earlier try may be as large as the recording.
    run.pipeline.retain_served(run.id)?;
    let copy = match copy(run, recording) {
        Err(error) if !matches!(error.kind(), ErrorKind::Archive | ErrorKind::NoRoom) => {
            tracing::warn!(%error, "no public copy, the site shows no video");
            return Ok(Done::Nothing);
        }
        copy => copy?,
    };
    if let Some(note) = &copy.note {
        tracing::warn!(note, "the public copy lacks something");
    }
    let store = run.pipeline.store;
    store.put_loudness(run.id, &recording.sha256, copy.loudness.as_bytes())?;
    let file = Published {
        sha256: copy.sha256,
        path: run.pipeline.files.put(run.id, &copy.path)?,
        bytes: copy.bytes,
        shows: recording.public.clone(),
        made_of: made_of.to_string(),
        has_video: copy.has_video,
    };
    if store.put_published(run.id, &recording.sha256, &file)? {
        return Ok(Done::Work);
    }
    tracing::info!("something was withdrawn while its copy was made");
    Ok(Done::Nothing)
}

fn copy(run: &Run<'_>, recording: &Recording) -> Result<PublicCopy> {
    let progress = run.pipeline.progress;
    run.checked.refuse_changed(recording, progress)?;
    let workshop = run.pipeline.files.workshop(run.id)?;
    progress.begin(Stage::PublicCopy, "", None);
    let (public, sound) = (&recording.public, &recording.sound);
    let copy = media::publish(&recording.path, public, sound, &workshop, &run.pipeline.decoder);
    progress.end();
    copy
}

/// The right to make copies of the meeting.
fn lock(run: &Run<'_>) -> Result<Guard> {
    let (times, pause) = PATIENCE;
    for _ in 0..times {
        if let Some(lock) = run.pipeline.locks.copies(run.id)? {
            return Ok(lock);
        }
        std::thread::sleep(pause);
    }
    Err(Error::archive("Ein anderer Vorgang räumt gerade die Fassungen dieser Sitzung auf")
        .remedy("Versuchen Sie es noch einmal"))
}
