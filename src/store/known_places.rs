//! Where revisions were found in texts, between one look at a text and the next. Owns how many texts that are; the
//! archive itself has nothing of it.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use crate::domain::{Digest, KnownPlaces};

/// Of so many recordings at most; of one more, all are forgotten, and found again when they are asked for.
const RECORDINGS: usize = 16;

/// Places by recording.
#[derive(Default)]
pub(super) struct PlacesByRecording(Mutex<HashMap<Digest, KnownPlaces>>);

impl PlacesByRecording {
    /// Works with what is known of a recording. Whoever comes meanwhile begins with nothing, instead of waiting.
    pub(super) fn with<T>(
        &self,
        recording: &Digest,
        work: impl FnOnce(&mut KnownPlaces) -> T,
    ) -> T {
        let all = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut known = all().remove(recording).unwrap_or_default();
        let done = work(&mut known);
        if !known.is_empty() {
            let mut kept = all();
            if kept.len() >= RECORDINGS {
                kept.clear();
            }
            kept.insert(recording.clone(), known);
        }
        done
    }
}
