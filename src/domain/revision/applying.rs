//! A transcript with what people put right in it. Owns where each revision takes effect, and that one that has
//! no sure place any more takes none and is named.

use std::collections::BTreeMap;
use std::ops::Range;

use super::{Anchor, AnchorPlace, AnchorText, KnownPlaces, Revision, TextChange, timing::timed};
use crate::domain::{Digest, PublicSpans, Span, Transcript, Utterance, Word};

/// Words that were inserted in a pause take at most so much of it each, in milliseconds: German words take 400 on
/// average, with the pauses between them.
const LONGEST_WORD_MS: u64 = 600;

/// A transcript as it is shown: with what holds of people's revisions.
#[derive(Clone, Debug)]
pub struct Corrected {
    /// The text; times are the recording's.
    pub transcript: Transcript,
    /// Revisions that have their place in it, in its order.
    pub placed: Vec<PlacedRevision>,
    /// Those that have none, in the order they were made: people look at them.
    pub unplaced: Vec<UnplacedRevision>,
    /// Where each word comes from.
    pub(super) sources: Vec<WordSource>,
    /// Where each word of the transcript stands now, and its end; of one that is gone, the word behind it.
    now: Vec<usize>,
}

/// A revision in its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlacedRevision {
    /// Its number.
    pub number: u32,
    /// What it says.
    pub change: TextChange,
    /// The words of the transcript that it stands for.
    pub place: Range<usize>,
    /// Its words in the corrected text.
    pub words: Range<usize>,
}

impl PlacedRevision {
    /// Whether it puts words of this range right, or words between two of them.
    pub fn overlaps(&self, range: &Range<usize>) -> bool {
        let is_inside = range.start < self.place.end && self.place.start < range.end;
        matches!(self.change, TextChange::Words(_))
            && (is_inside || self.place.is_empty() && range.contains(&self.place.start))
    }
}

/// A revision without a sure place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnplacedRevision {
    /// Its number.
    pub number: u32,
    /// Words of the transcript that may be meant.
    pub perhaps: Option<Range<usize>>,
}

/// Where a word of a corrected text comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum WordSource {
    /// Word of the transcript.
    Transcript(usize),
    /// A placed revision, by its place among them.
    Revision(usize),
}

impl Corrected {
    /// Lays the revisions that hold upon the transcript of one of a meeting's `recordings`. What was said of a
    /// recording that the meeting has no more is looked for in this one, and has no place there where this is
    /// not the same sound; and none has a place in what is not public of it. What is known is not looked for again.
    pub fn of(
        transcript: Transcript,
        (recording, public): (&Digest, &PublicSpans),
        recordings: &[Digest],
        in_force: &[&Revision],
        known: &mut KnownPlaces,
    ) -> Self {
        let mut all: Vec<(&Revision, AnchorPlace)> = Vec::new();
        let text = AnchorText::new(&transcript.words, transcript.times);
        let mut places = known.of(&text);
        let mut former: BTreeMap<&Digest, Vec<&Revision>> = BTreeMap::new();
        for revision in in_force {
            let anchor = &revision.edit.anchor;
            match anchor.recording == *recording {
                true => all.push((revision, places.place(anchor))),
                false if recordings.contains(&anchor.recording) => {}
                false => former.entry(&anchor.recording).or_default().push(revision),
            }
        }
        for revisions in former.into_values() {
            let anchors: Vec<&Anchor> = revisions.iter().map(|r| &r.edit.anchor).collect();
            let text = text.after(&anchors);
            let mut places = text.as_ref().map(|text| known.of(text));
            all.extend(revisions.into_iter().map(|revision| {
                let place = places.as_mut().map(|places| places.place(&revision.edit.anchor));
                (revision, place.unwrap_or(AnchorPlace::Lost))
            }));
        }
        for (revision, place) in &mut all {
            let span = match &*place {
                // What was cut beside it makes the pause longer, and no other place.
                AnchorPlace::Same(_) => Some(revision.edit.anchor.span),
                other => other.range().map(|range| span_of(&transcript.words, range)),
            };
            if span.is_some_and(|span| !public.covers(span)) {
                *place = AnchorPlace::Lost;
            }
        }
        Self::with(transcript, all)
    }

    /// A transcript with revisions at their places.
    pub(super) fn with(transcript: Transcript, own: Vec<(&Revision, AnchorPlace)>) -> Self {
        let mut unplaced: Vec<UnplacedRevision> = Vec::new();
        let mut sure: Vec<(&Revision, Range<usize>)> = Vec::new();
        for (revision, placement) in own {
            let number = revision.number;
            match placement {
                AnchorPlace::Same(range) | AnchorPlace::Found(range) => {
                    sure.push((revision, range))
                }
                AnchorPlace::Doubtful(range) => {
                    unplaced.push(UnplacedRevision { number, perhaps: Some(range) });
                }
                AnchorPlace::Lost => unplaced.push(UnplacedRevision { number, perhaps: None }),
            }
        }
        sure.sort_by_key(|(revision, range)| (range.start, range.end, revision.number));
        let mut words: Vec<(&Revision, Range<usize>)> = Vec::new();
        let mut sentences = Vec::new();
        for (revision, range) in sure {
            if !matches!(revision.edit.change, TextChange::Words(_)) {
                sentences.push((revision, range));
                continue;
            }
            // Of two that claim the same words, nobody knows whose they are now.
            match words.last().filter(|(_, last)| range.start < last.end) {
                Some(_) => unplaced
                    .push(UnplacedRevision { number: revision.number, perhaps: Some(range) }),
                None => words.push((revision, range)),
            }
        }
        unplaced.sort_by_key(|revision| revision.number);
        let mut corrected = Self::replacing(transcript, &words);
        corrected.unplaced = unplaced;
        corrected.set_sentences(sentences);
        corrected
    }

    fn replacing(mut transcript: Transcript, revisions: &[(&Revision, Range<usize>)]) -> Self {
        let raw = std::mem::take(&mut transcript.words);
        let mut words: Vec<Word> = Vec::with_capacity(raw.len());
        let (mut sources, mut placed) = (Vec::with_capacity(raw.len()), Vec::new());
        let mut now: Vec<usize> = Vec::with_capacity(raw.len() + 1);
        let mut done = 0;
        for (revision, place) in revisions {
            let TextChange::Words(texts) = &revision.edit.change else { continue };
            let copied = done..place.start;
            now.extend(words.len()..words.len() + copied.len());
            sources.extend(copied.clone().map(WordSource::Transcript));
            words.extend_from_slice(&raw[copied]);
            let over = &raw[place.clone()];
            let mut span = span_of(&raw, place);
            if place.is_empty() {
                // What was missing in a long pause was said in some of it.
                span = within_pause(span, texts.len());
            }
            let new = timed(over, texts, span);
            let first = words.len();
            let by_time = |word: &Word| first + new.partition_point(|n| n.start_ms < word.start_ms);
            now.extend(
                over.iter().enumerate().map(|(n, word)| if n == 0 { first } else { by_time(word) }),
            );
            transcript.warnings.retain(|w| w.start_ms < span.start() || span.end() < w.end_ms);
            sources.extend(std::iter::repeat_n(WordSource::Revision(placed.len()), new.len()));
            placed.push(PlacedRevision {
                number: revision.number,
                change: revision.edit.change.clone(),
                place: place.clone(),
                words: first..first + new.len(),
            });
            words.extend(new);
            done = place.end;
        }
        now.extend(words.len()..=words.len() + raw.len() - done);
        sources.extend((done..raw.len()).map(WordSource::Transcript));
        words.extend_from_slice(&raw[done..]);
        let utterances = transcript.utterances.iter().filter_map(|utterance| {
            let range = utterance.range(raw.len());
            let (first_word, end) = (now[range.start], now[range.end]);
            let speaker_label = utterance.speaker_label.clone();
            (first_word < end).then(|| Utterance {
                first_word,
                n_words: end - first_word,
                speaker_label,
            })
        });
        transcript.utterances = utterances.collect();
        transcript.words = words;
        let mut corrected = Self { transcript, placed, unplaced: Vec::new(), sources, now };
        corrected.cover_all();
        corrected
    }

    /// Words that were inserted between two sentences belong to the one before; to the first, at the start.
    fn cover_all(&mut self) {
        let all = self.transcript.words.len();
        let utterances = &mut self.transcript.utterances;
        if utterances.is_empty() && all > 0 {
            utterances.push(Utterance { first_word: 0, n_words: all, speaker_label: None });
        }
        if let Some(first) = utterances.first_mut() {
            first.n_words += first.first_word;
            first.first_word = 0;
        }
        for n in 0..utterances.len() {
            let end = utterances.get(n + 1).map_or(all, |next| next.first_word);
            utterances[n].n_words = end.saturating_sub(utterances[n].first_word);
        }
    }

    /// Begins and joins sentences where people said so.
    fn set_sentences(&mut self, changes: Vec<(&Revision, Range<usize>)>) {
        for (revision, place) in changes {
            let at = self.word_at(place.end);
            let (change, number) = (revision.edit.change.clone(), revision.number);
            let utterances = &mut self.transcript.utterances;
            match change {
                TextChange::Break => split(utterances, at),
                TextChange::NoBreak => join(utterances, at),
                TextChange::Words(_) => {}
            }
            self.placed.push(PlacedRevision {
                number,
                change,
                place: place.end..place.end,
                words: at..at,
            });
        }
    }

    /// Whether a person wrote or confirmed a word of this text.
    pub fn is_revised(&self, word: usize) -> bool {
        matches!(self.sources.get(word), Some(WordSource::Revision(_)))
    }

    /// The word of this text that a word of the transcript is, or that stands where it stood.
    pub fn word_at(&self, raw: usize) -> usize {
        self.now.get(raw).copied().unwrap_or(self.transcript.words.len())
    }
}

fn split(utterances: &mut Vec<Utterance>, at: usize) {
    let inside = |u: &Utterance| u.first_word < at && at < u.first_word + u.n_words;
    if let Some(n) = utterances.iter().position(inside) {
        let whole = &mut utterances[n];
        let behind = Utterance {
            first_word: at,
            n_words: whole.first_word + whole.n_words - at,
            speaker_label: whole.speaker_label.clone(),
        };
        whole.n_words = at - whole.first_word;
        utterances.insert(n + 1, behind);
    }
}

fn join(utterances: &mut Vec<Utterance>, at: usize) {
    let Some(n) = utterances.iter().position(|u| u.first_word == at).filter(|n| *n > 0) else {
        return;
    };
    if utterances[n - 1].speaker_label == utterances[n].speaker_label {
        let behind = utterances.remove(n);
        utterances[n - 1].n_words += behind.n_words;
    }
}

/// When so many words are said that were missing in a pause.
pub(super) fn within_pause(pause: Span, words: usize) -> Span {
    let end = pause.start().plus_millis(LONGEST_WORD_MS * words as u64);
    Span::new(pause.start(), end.min(pause.end())).unwrap_or(pause)
}

/// The time of words; of none, the pause between those around.
pub(super) fn span_of(words: &[Word], place: &Range<usize>) -> Span {
    let last = place.end.checked_sub(1).map(|n| words[n].end_ms);
    let first = words.get(place.start).map(|w| w.start_ms);
    let (from, to) = match place.is_empty() {
        true => (last.or(first), first.or(last)),
        false => (first, last),
    };
    let from = from.unwrap_or_default();
    // Its end lies at or behind its start.
    let end = to.unwrap_or(from).max(from);
    Span::new(from, end).unwrap_or_else(|| Span::moment(from))
}
