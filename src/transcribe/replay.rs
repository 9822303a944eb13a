//! A recogniser that gives back prepared answers: for tests of everything around the real one.

use super::{Recognizer, RecognizerError, Segment, Settings};

/// Answers the n-th window with the n-th prepared answer, then with silence.
pub struct Replay {
    settings: Settings,
    answers: std::vec::IntoIter<Result<Vec<Segment>, RecognizerError>>,
    /// The lengths of the windows it was given, in samples.
    pub asked: Vec<usize>,
}

impl Replay {
    /// A recogniser with these answers.
    pub fn new(settings: Settings, answers: Vec<Result<Vec<Segment>, RecognizerError>>) -> Self {
        Self { settings, answers: answers.into_iter(), asked: Vec::new() }
    }
}

impl Recognizer for Replay {
    fn recognize(&mut self, samples: &[f32]) -> Result<Vec<Segment>, RecognizerError> {
        self.asked.push(samples.len());
        self.answers.next().unwrap_or_else(|| Ok(Vec::new()))
    }

    fn settings(&self) -> &Settings {
        &self.settings
    }
}
