//! `mitschnitt.transcript/1`: what one recogniser run heard in one recording. Immutable.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::{Alignment, Digest, MediaTime, Span};

/// The format's name (CONTRACT.md).
pub const TRANSCRIPT_FORMAT: &str = "mitschnitt.transcript/1";

/// One recogniser run over one recording; times are on the recording's true time line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Transcript {
    /// Always [`TRANSCRIPT_FORMAT`].
    pub format: String,
    /// What was transcribed.
    pub media: MediaRef,
    /// By what.
    pub engine: Engine,
    /// "de".
    pub language: String,
    /// All words in order of time.
    pub words: Vec<Word>,
    /// Sentence-like runs of words, in order, covering all words.
    pub utterances: Vec<Utterance>,
    /// Stretches without words, and why.
    #[serde(default)]
    pub gaps: Vec<Gap>,
    /// What is doubtful, and where.
    #[serde(default)]
    pub warnings: Vec<Warning>,
    /// How far the words' times can be trusted.
    #[serde(default, skip_serializing_if = "TimeAccuracy::is_exact")]
    pub times: TimeAccuracy,
}

/// How far the times of words can be trusted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TimeAccuracy {
    /// They come from the recogniser's own alignment with the sound, or from whoever made the text.
    #[default]
    Exact,
    /// Some come from loudness and the length of words alone: right within seconds.
    Approximate,
}

impl TimeAccuracy {
    fn is_exact(&self) -> bool {
        *self == Self::Exact
    }
}

/// The recording a transcript belongs to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MediaRef {
    /// Hash of the file; absent in hand-made transcripts.
    #[serde(default, deserialize_with = "empty_is_none")]
    pub sha256: Option<Digest>,
    /// Length of the sound.
    pub duration_ms: MediaTime,
}

/// The name of the engine that runs Whisper models here.
pub const WHISPER: &str = "whisper.cpp";

/// The recogniser and how it was set.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Engine {
    /// "whisper.cpp".
    pub name: String,
    /// "1.8.3".
    #[serde(default)]
    pub version: String,
    /// "base", "small"; of recordings put together, all of them: "base, small".
    #[serde(default)]
    pub model: String,
    /// Hash of the model file.
    #[serde(default, deserialize_with = "empty_is_none")]
    pub model_sha256: Option<Digest>,
    /// Everything else that decides the text.
    #[serde(default)]
    pub settings: serde_json::Value,
}

impl Engine {
    /// One of which only the name is known, as for transcripts made elsewhere.
    pub fn named(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            version: String::new(),
            model: String::new(),
            model_sha256: None,
            settings: serde_json::Value::Null,
        }
    }

    /// The name of the Whisper model that heard this; `None` of transcripts made elsewhere.
    pub fn whisper_model(&self) -> Option<&str> {
        (self.name == WHISPER && !self.model.is_empty()).then_some(self.model.as_str())
    }

    /// Whether what it heard is good for finding a place and not for quoting it: below `small`,
    /// Whisper gets about every fourth word of a human voice wrong (docs/figures.md).
    pub fn is_for_searching(&self) -> bool {
        let small = |name: &str| {
            let rest = name.strip_prefix("tiny").or_else(|| name.strip_prefix("base"));
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['-', '.']))
        };
        self.whisper_model().is_some_and(|models| models.split(", ").any(small))
    }
}

/// Transcripts made elsewhere write an empty text where they know no hash.
fn empty_is_none<'de, D: serde::Deserializer<'de>>(d: D) -> Result<Option<Digest>, D::Error> {
    match Option::<String>::deserialize(d)?.as_deref() {
        None | Some("") => Ok(None),
        Some(text) => Digest::new(text).map(Some).map_err(serde::de::Error::custom),
    }
}

/// A spoken word with its punctuation as written ("fünf:").
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Word {
    /// As written.
    pub text: String,
    /// Where it starts.
    pub start_ms: MediaTime,
    /// Where it ends.
    pub end_ms: MediaTime,
    /// How sure the recogniser is, 0..=1.
    #[serde(default = "certain")]
    pub confidence: f32,
    /// What the recogniser wrote, where a name was corrected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub raw: Option<String>,
}

fn certain() -> f32 {
    1.0
}

/// A sentence-like run of words of one speaker.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Utterance {
    /// Index of its first word.
    pub first_word: usize,
    /// How many words.
    pub n_words: usize,
    /// An anonymous voice, where the recogniser tells voices apart.
    #[serde(default)]
    pub speaker_label: Option<SpeakerLabel>,
}

/// An anonymous voice, valid within one recording only; never a name.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SpeakerLabel(pub String);

/// A stretch without words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gap {
    /// Where it starts.
    pub start_ms: MediaTime,
    /// Where it ends.
    pub end_ms: MediaTime,
    /// Why there are no words.
    pub reason: GapReason,
    /// What went wrong, where it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

/// Why a stretch has no words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GapReason {
    /// Nothing is heard.
    Silence,
    /// Something is heard, but nobody speaks.
    NoSpeech,
    /// It is not public and was never processed.
    NotPublic,
    /// The recogniser failed here.
    Failed,
}

/// Below this the recogniser is not sure of a word: of those that real Whisper heard in three debates every
/// second one is wrong, and a third of all wrong ones are among them (docs/word-times.md).
pub const DOUBTFUL_BELOW: f32 = 0.6;

/// Something doubtful, with its place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Warning {
    /// Where it starts.
    pub start_ms: MediaTime,
    /// Where it ends.
    pub end_ms: MediaTime,
    /// What is doubtful.
    pub kind: WarningKind,
}

/// What is doubtful about a stretch of a transcript.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WarningKind {
    /// The recogniser repeated itself.
    Repetition,
    /// A phrase recognisers invent in silence ("Vielen Dank fürs Zuschauen").
    StockPhrase,
    /// The recogniser is unsure of most words.
    LowConfidence,
    /// Words where nobody speaks were removed, or sound was left out that only resembles speech.
    OutsideSpeech,
    /// The recogniser said the vocabulary it was given instead of what it heard.
    PromptEcho,
    /// Sound is missing in the recording: damaged, or left out.
    MissingSound,
}

impl Utterance {
    /// Where its words stand among the `words` of its transcript; as far as there are any.
    pub fn range(&self, words: usize) -> Range<usize> {
        let end = self.first_word.saturating_add(self.n_words).min(words);
        self.first_word.min(end)..end
    }
}

impl Transcript {
    /// The words of an utterance. Out-of-range utterances give what there is.
    pub fn words_of(&self, utterance: &Utterance) -> &[Word] {
        &self.words[utterance.range(self.words.len())]
    }

    /// The span of an utterance, unless it has no words.
    pub fn span_of(&self, utterance: &Utterance) -> Option<Span> {
        let words = self.words_of(utterance);
        Span::new(words.first()?.start_ms, words.last()?.end_ms)
    }

    /// With its utterances cut where a turn or an item begins or ends: recognisers run sentences across
    /// hand-overs, and nobody's words may stand under another's name. The recording starts at `offset` on the
    /// alignment's clock.
    #[must_use]
    pub fn cut_by(mut self, alignment: &Alignment, offset: MediaTime) -> Self {
        let turns = alignment.turns.iter().flat_map(|turn| [turn.start_ms, turn.end_ms]);
        let items = alignment.items.iter().flat_map(|item| &item.spans);
        let items = items.flat_map(|span| [span.start(), span.end()]);
        let mut edges: Vec<MediaTime> = turns.chain(items).collect();
        edges.sort_unstable();
        let place = |word: &Word| {
            let start = word.start_ms.plus_millis(offset.millis());
            edges.partition_point(|edge| *edge <= start)
        };
        let mut cut = Vec::with_capacity(self.utterances.len());
        for utterance in &self.utterances {
            let mut first_word = utterance.first_word;
            for run in self.words_of(utterance).chunk_by(|a, b| place(a) == place(b)) {
                let speaker_label = utterance.speaker_label.clone();
                cut.push(Utterance { first_word, n_words: run.len(), speaker_label });
                first_word += run.len();
            }
        }
        self.utterances = cut;
        self
    }

    /// The transcripts of a meeting's recordings as one, each moved by its offset to the meeting's
    /// clock. `None` where there are none. Hash and engine are those of the first part.
    pub fn on_meeting_clock(parts: Vec<(MediaTime, Self)>) -> Option<Self> {
        let mut parts = parts;
        parts.sort_by_key(|(offset, _)| *offset);
        let mut parts = parts.into_iter().map(|(offset, t)| t.moved_by(offset.millis()));
        let mut whole = parts.next()?;
        for mut part in parts {
            let words_before = whole.words.len();
            whole.words.append(&mut part.words);
            whole.utterances.extend(part.utterances.into_iter().map(|mut u| {
                u.first_word += words_before;
                u
            }));
            if !whole.engine.model.split(", ").any(|model| model == part.engine.model) {
                whole.engine.model = format!("{}, {}", whole.engine.model, part.engine.model);
            }
            if part.times == TimeAccuracy::Approximate {
                whole.times = part.times;
            }
            whole.gaps.append(&mut part.gaps);
            whole.warnings.append(&mut part.warnings);
            whole.media.duration_ms = whole.media.duration_ms.max(part.media.duration_ms);
        }
        Some(whole)
    }

    fn moved_by(mut self, ms: u64) -> Self {
        let moved = |t: &mut MediaTime| *t = t.plus_millis(ms);
        moved(&mut self.media.duration_ms);
        self.words.iter_mut().flat_map(|w| [&mut w.start_ms, &mut w.end_ms]).for_each(moved);
        self.gaps.iter_mut().flat_map(|g| [&mut g.start_ms, &mut g.end_ms]).for_each(moved);
        self.warnings.iter_mut().flat_map(|w| [&mut w.start_ms, &mut w.end_ms]).for_each(moved);
        self
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::{ALIGNMENT_FORMAT, Turn};

    proptest! {
        /// Words of two turns never stand in one utterance, and no word is lost or moved.
        #[test]
        fn utterances_are_cut_at_turns(
            lengths in prop::collection::vec(1usize..9, 1..6),
            starts in prop::collection::btree_set(0u64..40, 1..8),
            offset in 0u64..50,
        ) {
            let at = |n: u64| MediaTime::from_millis(n * 10);
            let words = lengths.iter().sum::<usize>() as u64;
            let word = |n: u64| Word {
                text: format!("w{n}"),
                start_ms: at(n),
                end_ms: at(n + 1),
                confidence: 1.0,
                raw: None,
            };
            let mut first_word = 0;
            let utterance = |n_words: &usize| {
                first_word += n_words;
                Utterance { first_word: first_word - n_words, n_words: *n_words, speaker_label: None }
            };
            let transcript = Transcript {
                format: TRANSCRIPT_FORMAT.into(),
                media: MediaRef { sha256: None, duration_ms: at(words) },
                engine: Engine::named("test"),
                language: "de".into(),
                words: (0..words).map(word).collect(),
                utterances: lengths.iter().map(utterance).collect(),
                gaps: Vec::new(),
                warnings: Vec::new(),
                times: Default::default(),
            };
            let ends = starts.iter().skip(1).copied().chain([40]);
            let turns = starts.iter().zip(ends).map(|(start, end)| Turn {
                start_ms: at(*start),
                end_ms: at(end),
                person: None,
                name: None,
                role: Default::default(),
                confidence: 1.0,
                evidence: Vec::new(),
            });
            let turns: Vec<Turn> = turns.collect();
            let turn_of = |word: &Word| turns.iter().position(|t| t.start_ms <= word.start_ms && word.start_ms < t.end_ms);
            let format = ALIGNMENT_FORMAT.to_owned();
            let cut = transcript.clone().cut_by(&Alignment { format, items: Vec::new(), turns: turns.clone() }, MediaTime::ZERO);
            for utterance in &cut.utterances {
                let words = cut.words_of(utterance);
                prop_assert!(words.windows(2).all(|w| turn_of(&w[0]) == turn_of(&w[1])));
            }
            // A recording that starts later on the meeting's clock is cut at the same words.
            let later = turns.iter().map(|t| Turn {
                start_ms: t.start_ms.plus_millis(offset),
                end_ms: t.end_ms.plus_millis(offset),
                ..t.clone()
            });
            let format = ALIGNMENT_FORMAT.to_owned();
            let later = Alignment { format, items: Vec::new(), turns: later.collect() };
            prop_assert_eq!(&transcript.clone().cut_by(&later, MediaTime::from_millis(offset)), &cut);
            let said = |t: &Transcript| -> Vec<Word> { t.utterances.iter().flat_map(|u| t.words_of(u).to_vec()).collect() };
            prop_assert_eq!(said(&cut), said(&transcript));
        }
    }
}
