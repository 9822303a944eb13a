//! What a clerk must know of a meeting before it is released: how much was heard and how surely, what is
//! missing, what nobody was found for. Counts and places only, no words.

use serde::Serialize;

use super::{ExportSource, cues};
use crate::domain::{
    AgendaItemId, Alignment, GapReason, MediaTime, Role, Span, TextReview, Transcript, WarningKind,
};
use crate::edition::{Edition, SURE};

/// The state of a meeting in figures.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MeetingReport {
    /// How far the text can be relied on.
    pub review: TextReview,
    /// Length of what is public, in milliseconds.
    pub public_ms: u64,
    /// How much of that somebody speaks in, as far as that is known.
    pub speech_ms: u64,
    /// How much of the speech was recognised, 0..=1; none while there is no text.
    pub recognised: Option<f64>,
    /// Words, and how many of them are doubtful.
    pub words: u64,
    /// Those that the recogniser is not sure of.
    pub doubtful_words: u64,
    /// What cannot be read, in order of time.
    pub gaps: Vec<ReportedPlace<GapReason>>,
    /// What is doubtful as a whole, in order of time.
    pub warnings: Vec<ReportedPlace<WarningKind>>,
    /// The public items of the agenda.
    pub items: Vec<ReportedItem>,
    /// Milliseconds spoken by somebody known surely, guessed, and not known.
    pub speakers: SpeakerShares,
    /// What people have fixed.
    pub corrections: usize,
    /// How the captions keep the broadcasters' rules.
    pub captions: CaptionCounts,
}

/// A place with what is the matter there.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ReportedPlace<K> {
    /// Where, on the meeting's clock.
    #[serde(flatten)]
    pub span: Span,
    /// What.
    pub kind: K,
}

/// An item of the agenda.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ReportedItem {
    /// Its id.
    pub id: AgendaItemId,
    /// Its number.
    pub number: Option<String>,
    /// Its title.
    pub title: String,
    /// Where it begins; none where it was found nowhere.
    pub start_ms: Option<MediaTime>,
    /// How long it is treated.
    pub length_ms: u64,
    /// How sure that is, 0..=1; none where it was found nowhere.
    pub confidence: Option<f32>,
    /// How far its words can be relied on.
    pub review: TextReview,
}

/// Who speaks how long.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct SpeakerShares {
    /// Of somebody known surely, in milliseconds.
    pub sure_ms: u64,
    /// Of somebody who is a guess.
    pub guessed_ms: u64,
    /// Of nobody known.
    pub unknown_ms: u64,
    /// How many turns are nobody's.
    pub unknown_turns: usize,
}

/// Captions, and those that break a rule.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct CaptionCounts {
    /// All of them.
    pub count: usize,
    /// With a line of more than 37 characters.
    pub too_wide: usize,
    /// That stand for less than a second.
    pub too_short: usize,
    /// Faster than 17 characters a second: where somebody speaks as fast.
    pub fast: usize,
}

/// The report on a meeting of which people have fixed so many places.
pub fn report(edition: &Edition, corrections: usize) -> MeetingReport {
    let (extent, public_ms) = (edition.extent(), edition.public_ms());
    let mut report = MeetingReport {
        review: edition.text_review(&[]),
        public_ms,
        speech_ms: 0,
        recognised: None,
        words: 0,
        doubtful_words: 0,
        gaps: Vec::new(),
        warnings: Vec::new(),
        items: items(edition),
        speakers: SpeakerShares::default(),
        corrections,
        captions: CaptionCounts::default(),
    };
    let Some((text, alignment)) = &edition.text else { return report };
    let failed = text.gaps.iter().filter(|gap| gap.reason == GapReason::Failed);
    let failed: u64 = failed.map(|gap| gap.end_ms.since(gap.start_ms)).sum();
    report.speech_ms = extent.speech_ms;
    let failed = failed.min(report.speech_ms);
    report.recognised = (report.speech_ms > 0)
        .then(|| (report.speech_ms - failed) as f64 / report.speech_ms as f64);
    report.words = extent.words;
    report.doubtful_words = extent.doubtful_words;
    let told = [GapReason::NotPublic, GapReason::Failed];
    report.gaps = (text.gaps.iter().filter(|gap| told.contains(&gap.reason)))
        .filter_map(|gap| {
            Some(ReportedPlace { span: Span::new(gap.start_ms, gap.end_ms)?, kind: gap.reason })
        })
        .collect();
    report.warnings = (text.warnings.iter())
        .filter_map(|w| {
            Some(ReportedPlace { span: Span::new(w.start_ms, w.end_ms)?, kind: w.kind })
        })
        .collect();
    report.speakers = speakers(alignment);
    report.captions = captions(edition, text, alignment);
    report
}

fn items(edition: &Edition) -> Vec<ReportedItem> {
    let alignment = edition.text.as_ref().map(|(_, alignment)| alignment);
    let public = edition.council.meeting.agenda.iter().filter(|item| item.public);
    public
        .map(|item| {
            let found = alignment.and_then(|a| a.items.iter().find(|i| i.id == item.id));
            let found = found.filter(|found| !found.spans.is_empty());
            ReportedItem {
                id: item.id.clone(),
                number: item.number.clone(),
                title: item.title.clone(),
                start_ms: found.and_then(|f| Some(f.spans.first()?.start())),
                length_ms: found.iter().flat_map(|f| &f.spans).map(|span| span.millis()).sum(),
                confidence: found.map(|f| f.confidence),
                review: edition.text_review(std::slice::from_ref(&item.id)),
            }
        })
        .collect()
}

fn speakers(alignment: &Alignment) -> SpeakerShares {
    let mut shares = SpeakerShares::default();
    for turn in &alignment.turns {
        let length = turn.end_ms.since(turn.start_ms);
        let is_known = turn.person.is_some() || turn.role == Role::Chair;
        match is_known {
            true if turn.confidence >= SURE => shares.sure_ms += length,
            true => shares.guessed_ms += length,
            false => {
                shares.unknown_ms += length;
                shares.unknown_turns += 1;
            }
        }
    }
    shares
}

fn captions(edition: &Edition, transcript: &Transcript, alignment: &Alignment) -> CaptionCounts {
    let source = ExportSource {
        council: Some(&edition.council),
        transcript,
        alignment: Some(alignment),
        offset: MediaTime::ZERO,
        address: None,
        review: TextReview::Automatic,
    };
    let mut counts = CaptionCounts::default();
    for cue in cues::cues(&source) {
        let millis = cue.end.since(cue.start);
        let chars: usize = cue.lines.iter().map(|line| line.chars().count()).sum();
        counts.count += 1;
        counts.too_wide +=
            usize::from(cue.lines.iter().any(|line| line.chars().count() > cues::LINE_CHARS));
        counts.too_short += usize::from(millis < cues::SHORTEST_MS);
        counts.fast += usize::from(chars as u64 * 1000 > cues::FASTEST * millis);
    }
    counts
}
