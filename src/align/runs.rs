//! Who speaks from where to where, as decoded: what the search for speakers finds, voices learn from and
//! turns are made of. Owns the values; finds nobody.

use crate::domain::Role;

/// Who speaks in a run of segments `first..end`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct SpeechRun {
    pub first: usize,
    pub end: usize,
    pub speaker: DecodedSpeaker,
    /// What the hand-over was worth (log-odds), and how far ahead of the next best name.
    pub strength: f32,
    pub margin: f32,
    /// As what, where the clerk has fixed it.
    pub fixed: Option<Role>,
}

impl SpeechRun {
    /// Whether the chair speaks, as decoded or as a clerk has fixed it.
    pub fn is_chair(&self) -> bool {
        self.fixed.map_or(self.speaker == DecodedSpeaker::Chair, |role| role == Role::Chair)
    }
}

/// A speaker as decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum DecodedSpeaker {
    Chair,
    Person(usize),
    Unknown,
}
