//! Taking out of texts what may not be seen: pure functions on transcripts and alignments. Owns that
//! nothing of a hidden stretch stays, and that nothing else is lost.

use super::{
    Alignment, Gap, GapReason, ItemAlignment, MediaTime, PublicSpans, Span, Transcript, Turn,
    Utterance, Word,
};

impl Transcript {
    /// Without the words that do not lie wholly in `public`, on this transcript's clock.
    #[must_use]
    pub fn only(mut self, public: &PublicSpans) -> Self {
        let seen = |word: &Word| {
            Span::new(word.start_ms, word.end_ms).is_some_and(|span| public.covers(span))
        };
        let keep: Vec<bool> = self.words.iter().map(seen).collect();
        self.utterances = utterances(&self.utterances, &keep);
        let mut kept = keep.iter();
        self.words.retain(|_| kept.next().copied().unwrap_or_default());
        self.gaps = gaps(&self.gaps, public, self.media.duration_ms);
        self.warnings.retain(|w| Span::new(w.start_ms, w.end_ms).is_some_and(|s| public.covers(s)));
        self
    }
}

/// The utterances over the words that are kept; one of which words are gone in its midst becomes two.
fn utterances(before: &[Utterance], keep: &[bool]) -> Vec<Utterance> {
    let mut all = Vec::new();
    let mut first_word = 0;
    for utterance in before {
        let words = &keep[utterance.range(keep.len())];
        for run in words.chunk_by(|a, b| a == b).filter(|run| run.first() == Some(&true)) {
            let speaker_label = utterance.speaker_label.clone();
            all.push(Utterance { first_word, n_words: run.len(), speaker_label });
            first_word += run.len();
        }
    }
    all
}

/// The gaps outside of what is hidden, and a gap for each hidden stretch.
fn gaps(before: &[Gap], public: &PublicSpans, duration: MediaTime) -> Vec<Gap> {
    let open = public.within(duration);
    let mut all: Vec<Gap> = Vec::new();
    for gap in before.iter().filter(|gap| gap.reason != GapReason::NotPublic) {
        let span = Span::new(gap.start_ms, gap.end_ms);
        for part in span.iter().flat_map(|s| open.iter().filter_map(|o| o.intersect(*s))) {
            all.push(Gap { start_ms: part.start(), end_ms: part.end(), ..gap.clone() });
        }
    }
    all.extend(public.hidden_within(duration).into_iter().map(|span| Gap {
        start_ms: span.start(),
        end_ms: span.end(),
        reason: GapReason::NotPublic,
        detail: None,
    }));
    all.sort_by_key(|gap| (gap.start_ms, gap.end_ms));
    all
}

impl Alignment {
    /// Without what lies outside of `public`, on the meeting's clock. Where something does, the words
    /// that gave evidence go with it: some of them may have been said there.
    #[must_use]
    pub fn only(self, public: &PublicSpans) -> Self {
        let cut = self.clone().cut(public);
        if cut.has_places_of(&self) { self } else { cut }
    }

    /// With what lies in each of these ranges moved by so many milliseconds, as where a recording lies
    /// elsewhere on the meeting's clock now.
    #[must_use]
    pub fn moved(mut self, shifts: &[(Span, i64)]) -> Self {
        let by =
            |t: MediaTime| shifts.iter().find(|(range, _)| range.contains(t)).map_or(0, |s| s.1);
        let spans = |start: MediaTime, end: MediaTime| {
            let by = by(start);
            (start.moved(by), end.moved(by))
        };
        for item in &mut self.items {
            let moved = item.spans.iter().filter_map(|s| {
                let (start, end) = spans(s.start(), s.end());
                Span::new(start, end)
            });
            item.spans = moved.collect();
            for vote in &mut item.votes {
                (vote.start_ms, vote.end_ms) = spans(vote.start_ms, vote.end_ms);
            }
        }
        for turn in &mut self.turns {
            (turn.start_ms, turn.end_ms) = spans(turn.start_ms, turn.end_ms);
        }
        self
    }

    /// Whether everything lies where it lies in `other`.
    pub fn has_places_of(&self, other: &Self) -> bool {
        let items = |a: &Self| -> Vec<(Vec<Span>, usize)> {
            a.items.iter().map(|i| (i.spans.clone(), i.votes.len())).collect()
        };
        let turns =
            |a: &Self| -> Vec<_> { a.turns.iter().map(|t| (t.start_ms, t.end_ms)).collect() };
        items(self) == items(other) && turns(self) == turns(other)
    }

    fn cut(self, public: &PublicSpans) -> Self {
        let part = |span: Span| {
            public.within(span.end()).into_iter().filter_map(move |p| p.intersect(span))
        };
        let item = |item: ItemAlignment| ItemAlignment {
            spans: item.spans.iter().flat_map(|span| part(*span)).collect(),
            votes: (item.votes.into_iter())
                .filter(|v| Span::new(v.start_ms, v.end_ms).is_some_and(|s| public.covers(s)))
                .collect(),
            evidence: Vec::new(),
            ..item
        };
        let turn = |turn: Turn| {
            let span = Span::new(turn.start_ms, turn.end_ms);
            let parts: Vec<Span> = span.into_iter().flat_map(part).collect();
            parts.into_iter().map(move |p| Turn {
                start_ms: p.start(),
                end_ms: p.end(),
                evidence: Vec::new(),
                ..turn.clone()
            })
        };
        Self {
            items: self.items.into_iter().map(item).collect(),
            turns: self.turns.into_iter().flat_map(turn).collect(),
            ..self
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::*;

    fn at(ms: u64) -> MediaTime {
        MediaTime::from_millis(ms)
    }

    fn transcript(lengths: &[usize]) -> Transcript {
        let n: usize = lengths.iter().sum();
        let word = |i: u64| Word {
            text: format!("w{i}"),
            start_ms: at(i * 10),
            end_ms: at(i * 10 + 7),
            confidence: 1.0,
            raw: None,
        };
        let mut first_word = 0;
        let utterance = |n_words: &usize| {
            let u = Utterance { first_word, n_words: *n_words, speaker_label: None };
            first_word += n_words;
            u
        };
        Transcript {
            times: Default::default(),
            format: TRANSCRIPT_FORMAT.into(),
            media: MediaRef { sha256: None, duration_ms: at(n as u64 * 10) },
            engine: Engine::named("test"),
            language: "de".into(),
            words: (0..n as u64).map(word).collect(),
            utterances: lengths.iter().map(utterance).collect(),
            gaps: Vec::new(),
            warnings: Vec::new(),
        }
    }

    proptest! {
        #[test]
        fn just_the_words_of_hidden_stretches_go(
            lengths in prop::collection::vec(1usize..6, 1..6),
            raw in prop::collection::vec((0u64..300, 0u64..80), 0..4),
        ) {
            let spans = raw.iter().map(|&(a, n)| Span::new(at(a), at(a + n)).unwrap());
            let public = PublicSpans::only(spans.collect());
            let whole = transcript(&lengths);
            let cut = whole.clone().only(&public);
            let seen = |w: &&Word| (w.start_ms.millis()..w.end_ms.millis()).all(|t| public.contains(at(t)));
            let expected: Vec<&Word> = whole.words.iter().filter(seen).collect();
            prop_assert_eq!(cut.words.iter().collect::<Vec<_>>(), expected);
            let covered: usize = cut.utterances.iter().map(|u| u.n_words).sum();
            prop_assert_eq!(covered, cut.words.len());
            // No utterance joins words that had others between them, or that two people said.
            for u in &cut.utterances {
                let words = cut.words_of(u);
                prop_assert!(words.windows(2).all(|w| w[1].start_ms.since(w[0].start_ms) == 10));
            }
            prop_assert_eq!(cut.clone().only(&public), cut);
        }
    }
}
