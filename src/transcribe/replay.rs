//! A recogniser that gives back prepared answers: for tests of everything around the real one.

use std::collections::VecDeque;

use super::{RecognitionRequest, Recognizer, RecognizerError, Segment, Settings};

/// What a prepared recogniser says to a request.
pub type PreparedAnswer = Result<Vec<Segment>, RecognizerError>;

/// Answers each request by a rule; the last one submitted is answered first, which is the most
/// unkind order there is.
pub struct Replay<F> {
    settings: Settings,
    rule: F,
    waiting: VecDeque<RecognitionRequest>,
    /// Every request it was given, in order.
    pub asked: Vec<RecognitionRequest>,
}

impl<F: FnMut(&RecognitionRequest) -> PreparedAnswer> Replay<F> {
    /// A recogniser with this rule.
    pub fn new(settings: Settings, rule: F) -> Self {
        Self { settings, rule, waiting: VecDeque::new(), asked: Vec::new() }
    }
}

impl<F: FnMut(&RecognitionRequest) -> PreparedAnswer> Recognizer for Replay<F> {
    fn capacity(&self) -> usize {
        3
    }

    fn submit(&mut self, request: RecognitionRequest) {
        self.asked.push(request.clone());
        self.waiting.push_back(request);
    }

    fn answer(&mut self) -> Option<(u64, PreparedAnswer)> {
        let request = self.waiting.pop_back()?;
        Some((request.id, (self.rule)(&request)))
    }

    fn settings(&self) -> &Settings {
        &self.settings
    }
}
