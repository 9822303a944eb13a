//! Places that were looked for before. Owns that a place from here is the one that a search would give; keeps texts
//! and anchors as hashes alone, so that no word outlives its withdrawal here.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};

use super::{Anchor, AnchorPlace, AnchorText};

/// Where anchors were found in the text that a recording has: with a thousand corrections of a text that was heard
/// anew, a look into a table instead of a search for each.
#[derive(Debug, Default)]
pub struct KnownPlaces {
    /// Its keys are drawn at random, so that nobody can write words whose hashes meet.
    hasher: RandomState,
    /// The hash of the text in which the places are.
    text: u64,
    /// By the hash of the anchor, and of how much later everything is in the text than it says.
    places: HashMap<u64, AnchorPlace>,
}

/// The places of anchors in a text at hand.
pub(super) struct PlacesInText<'k, 't> {
    known: &'k mut KnownPlaces,
    text: &'k AnchorText<'t>,
    /// Whether what is known has been compared with this text; that takes a millisecond, and most places ask nothing.
    is_compared: bool,
}

impl KnownPlaces {
    /// Whether nothing was looked for yet.
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// These places, in a text.
    pub(super) fn of<'k, 't>(&'k mut self, text: &'k AnchorText<'t>) -> PlacesInText<'k, 't> {
        PlacesInText { known: self, text, is_compared: false }
    }
}

impl PlacesInText<'_, '_> {
    /// Finds a place.
    pub(super) fn place(&mut self, anchor: &Anchor) -> AnchorPlace {
        if let Some(place) = self.text.unchanged(anchor) {
            return place;
        }
        let Self { known, text, is_compared } = self;
        if !*is_compared {
            *is_compared = true;
            let hash = text.hash(&known.hasher);
            if known.text != hash {
                known.places.clear();
                known.text = hash;
            }
        }
        let anchored = known.hasher.hash_one((anchor, text.shift()));
        known.places.entry(anchored).or_insert_with(|| text.look(anchor)).clone()
    }
}
