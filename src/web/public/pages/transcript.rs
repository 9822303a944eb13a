//! A meeting's words in the order they were spoken, cut into sections, turns and utterances for
//! the page. Pure: words and alignment in, what the template writes out.

mod paragraphs;
mod recorded;

use std::collections::HashSet;
use std::ops::Range;

use crate::domain::{
    Alignment, DOUBTFUL_BELOW, Gap, GapReason, MediaTime, Role, Span, Transcript, Utterance,
    Warning, WarningKind,
};
use crate::edition::Edition;
use crate::web::public::outline::{self, SURE};
use crate::web::public::query::seconds;
use crate::web::shared::word_starts;

use paragraphs::Minutes;
pub use paragraphs::Paragraph;

/// Which words are marked.
#[derive(Default)]
pub struct Marks {
    /// The words a link led to, by their numbers; empty where it led to none.
    pub target: Range<usize>,
    /// Numbers of words that match a search in the meeting.
    pub hits: HashSet<usize>,
    /// The time that was asked for.
    pub at: Option<MediaTime>,
}

/// A stretch under the same agenda items.
pub struct Section {
    /// Id in the page: the first stretch of an item is `top-{order}`.
    pub anchor: String,
    /// Orders of the items treated; two where they were called together, none outside.
    pub items: Vec<usize>,
    /// Where it starts.
    pub start: MediaTime,
    /// Turns and gaps in order of time.
    pub blocks: Vec<Block>,
}

/// A piece of a section.
pub enum Block {
    /// Somebody speaks.
    Turn(TurnBlock),
    /// Nothing can be read here.
    Gap(GapBlock),
}

/// A stretch without words that a reader must know of.
pub struct GapBlock {
    /// Why there are none.
    pub reason: GapReason,
    /// How long it is, in milliseconds.
    pub length_ms: u64,
}

/// Consecutive utterances of one speaker.
pub struct TurnBlock {
    /// The name, where the speaker is known.
    pub name: Option<String>,
    /// Party or group.
    pub party: Option<String>,
    /// As what.
    pub role: Role,
    /// Whether the speaker is a guess.
    pub guessed: bool,
    /// Where it starts, where that is known.
    pub start: Option<MediaTime>,
    /// A colour from 0 to 7 that stays with the person; always beside the name.
    pub colour: Option<usize>,
    /// Where a film elsewhere shows it.
    pub film: Option<String>,
    /// Its number in its meeting, of a speech from a record.
    pub order: Option<u32>,
    /// Index of the turn in the alignment; voices that are not assigned have none.
    turn: Option<usize>,
    /// What was said.
    pub paragraphs: Vec<Paragraph>,
}

impl TurnBlock {
    /// How much room it takes, as a class from `s0` to `s20`: browsers lay out what is far away only when it comes
    /// near, and must know about how high it is. Two steps are twice as much.
    pub fn size(&self) -> String {
        let last = self.paragraphs.iter().flat_map(|p| &p.utterances).next_back();
        let first = self.paragraphs.iter().flat_map(|p| &p.utterances).next();
        let words = last.zip(first).map_or(0, |(last, first)| last.end_word - first.first_word);
        let steps = (words as f32 / 16.0 + 1.0).log2() * 2.0;
        format!("s{}", steps.round().min(20.0))
    }
}

/// A sentence-like run of words.
pub struct UtteranceBlock {
    /// Its number in the meeting, from 0.
    pub number: usize,
    /// Index of its first word.
    pub first_word: usize,
    /// Index of the word behind its last.
    pub end_word: usize,
    /// Start of the first word in milliseconds, then the distance from word start to word start;
    /// empty where no times are known.
    pub times: String,
    /// The words, one space between two; no word contains a space (see [`shown`]).
    pub parts: Vec<TextPart>,
    /// Whether the recogniser doubts it as a whole.
    pub doubtful: bool,
    /// Whether it is the one that runs at the time that was asked for.
    pub is_here: bool,
}

/// A piece of an utterance.
pub enum TextPart {
    /// Plain words.
    Plain(String),
    /// A word that the recogniser is not sure of.
    Doubtful(String),
    /// A word that matches a search.
    Hit(String),
    /// A word a link led to, with its index.
    Target(usize, String),
}

/// Id of the place in the text that runs at the time asked for.
const HERE: &str = "stelle";

/// Address of the text at a time: the page finds the place, so it stays right where the text changes.
pub fn place(t: MediaTime) -> String {
    format!("?t={}#{HERE}", seconds(t))
}

/// Whether some words are marked as doubtful.
pub fn has_doubts(sections: &[Section]) -> bool {
    let blocks = sections.iter().flat_map(|section| &section.blocks);
    let paragraphs = blocks.flat_map(|block| match block {
        Block::Turn(turn) => turn.paragraphs.as_slice(),
        Block::Gap(_) => &[],
    });
    let mut utterances = paragraphs.flat_map(|paragraph| &paragraph.utterances);
    let is_doubtful = |part: &TextPart| matches!(part, TextPart::Doubtful(_));
    utterances.any(|utterance| utterance.doubtful || utterance.parts.iter().any(is_doubtful))
}

/// The text of a meeting in sections.
pub fn sections(edition: &Edition, marks: &Marks) -> Vec<Section> {
    let Some((transcript, alignment)) = &edition.text else {
        return recorded::sections(edition, marks);
    };
    let doubts = doubts(&transcript.warnings);
    let mut writer = Writer {
        edition,
        transcript,
        alignment,
        marks,
        doubts,
        here: marks.at.and_then(|t| here(transcript, t)),
        minutes: Minutes::default(),
        sections: Vec::new(),
    };
    let mut gaps = transcript.gaps.iter().filter(|gap| told(gap.reason)).peekable();
    for (number, utterance) in transcript.utterances.iter().enumerate() {
        let Some(span) = transcript.span_of(utterance) else { continue };
        while let Some(gap) = gaps.next_if(|gap| gap.start_ms <= span.start()) {
            writer.gap(gap);
        }
        writer.utterance(number, utterance, span);
    }
    for gap in gaps {
        writer.gap(gap);
    }
    writer.sections
}

/// The number of the utterance that runs at `t`: the last that has begun.
fn here(transcript: &Transcript, t: MediaTime) -> Option<usize> {
    let begun = |u: &Utterance| transcript.span_of(u).is_some_and(|span| span.start() <= t);
    let last = transcript.utterances.iter().rposition(begun);
    last.or((!transcript.utterances.is_empty()).then_some(0))
}

/// The id of the next section with these items.
fn anchor(sections: &[Section], items: &[usize]) -> String {
    let name = match items.first() {
        Some(order) => format!("top-{order}"),
        None => "ohne-top".to_owned(),
    };
    let taken = sections.iter().filter(|s| s.items.first() == items.first()).count();
    if taken == 0 { name } else { format!("{name}-{}", taken + 1) }
}

/// Silence needs no words; what was left out does.
fn told(reason: GapReason) -> bool {
    matches!(reason, GapReason::NotPublic | GapReason::Failed)
}

struct Writer<'a> {
    edition: &'a Edition,
    transcript: &'a Transcript,
    alignment: &'a Alignment,
    marks: &'a Marks,
    /// Where the recogniser doubts what it heard, in order.
    doubts: Vec<Span>,
    /// The utterance that runs at the time asked for.
    here: Option<usize>,
    minutes: Minutes,
    sections: Vec<Section>,
}

impl Writer<'_> {
    fn utterance(&mut self, number: usize, utterance: &Utterance, span: Span) {
        let middle = span.start().plus_millis(span.millis() / 2);
        let turn = self.alignment.turn_at(middle);
        let block = self.block(number, utterance, span);
        let blocks = &mut self.section(middle, span.start()).blocks;
        if !matches!(blocks.last(), Some(Block::Turn(last)) if last.turn == turn) {
            let block = Block::Turn(self.turn_block(turn, span.start()));
            self.section(middle, span.start()).blocks.push(block);
        }
        let mut minutes = std::mem::take(&mut self.minutes);
        if let Some(Block::Turn(last)) = self.section(middle, span.start()).blocks.last_mut() {
            paragraphs::append(&mut last.paragraphs, &mut minutes, block, Some(span));
        }
        self.minutes = minutes;
    }

    fn gap(&mut self, gap: &Gap) {
        let length_ms = gap.end_ms.since(gap.start_ms);
        match self.section(gap.start_ms, gap.start_ms).blocks.last_mut() {
            // The recogniser may report one left-out stretch in several pieces.
            Some(Block::Gap(last)) if last.reason == gap.reason => last.length_ms += length_ms,
            _ => {
                let block = Block::Gap(GapBlock { reason: gap.reason, length_ms });
                self.section(gap.start_ms, gap.start_ms).blocks.push(block);
            }
        }
    }

    /// The section for time `t`: the one written last, or a new one where the items change.
    fn section(&mut self, t: MediaTime, start: MediaTime) -> &mut Section {
        let items = self.items_at(t);
        if self.sections.last().is_none_or(|last| last.items != items) {
            let anchor = anchor(&self.sections, &items);
            self.sections.push(Section { anchor, items, start, blocks: Vec::new() });
        }
        let last = self.sections.len() - 1;
        &mut self.sections[last]
    }

    fn items_at(&self, t: MediaTime) -> Vec<usize> {
        let agenda = self.edition.council.meeting.agenda.iter().enumerate();
        agenda
            .filter(|(_, item)| item.public && self.alignment.treats(&item.id, t))
            .map(|(i, _)| i)
            .collect()
    }

    fn turn_block(&self, index: Option<usize>, start: MediaTime) -> TurnBlock {
        let turn = index.map(|index| &self.alignment.turns[index]);
        let person = turn.and_then(|turn| turn.person.as_ref());
        let persons = &self.edition.council.persons;
        let place = person.and_then(|id| persons.iter().position(|p| p.id == *id));
        let name = turn.and_then(|turn| outline::name(self.edition, turn));
        TurnBlock {
            turn: index,
            guessed: name.is_some() && turn.is_some_and(|turn| turn.confidence < SURE),
            name,
            party: person.and_then(|id| outline::party(self.edition, id)),
            role: turn.map(|turn| turn.role).unwrap_or_default(),
            start: Some(start),
            colour: place.map(|place| place % 8),
            film: None,
            order: None,
            paragraphs: Vec::new(),
        }
    }

    fn block(&self, number: usize, utterance: &Utterance, span: Span) -> UtteranceBlock {
        let words = self.transcript.words_of(utterance);
        UtteranceBlock {
            number,
            first_word: utterance.first_word,
            end_word: utterance.first_word + words.len(),
            times: word_starts(words.iter().map(|word| word.start_ms)),
            parts: parts(
                words.iter().map(|word| (word.text.as_str(), word.confidence)),
                utterance.first_word,
                self.marks,
            ),
            doubtful: doubted(&self.doubts, span) * 2 > span.millis(),
            is_here: self.here == Some(number),
        }
    }
}

/// The places of doubts, disjoint and in order.
fn doubts(warnings: &[Warning]) -> Vec<Span> {
    let kind =
        |w: &&Warning| matches!(w.kind, WarningKind::LowConfidence | WarningKind::Repetition);
    let places = warnings.iter().filter(kind).filter_map(|w| Span::new(w.start_ms, w.end_ms));
    let mut places: Vec<Span> = places.collect();
    places.sort_by_key(|place| place.start());
    let mut doubts: Vec<Span> = Vec::with_capacity(places.len());
    for place in places {
        match doubts.last_mut().filter(|last| place.start() <= last.end()) {
            Some(last) => {
                let end = last.end().max(place.end());
                *last = Span::new(last.start(), end).unwrap_or(*last);
            }
            None => doubts.push(place),
        }
    }
    doubts
}

/// For how many milliseconds of a span the recogniser doubts what it heard.
fn doubted(doubts: &[Span], span: Span) -> u64 {
    let first = doubts.partition_point(|doubt| doubt.end() <= span.start());
    let within = doubts[first..].iter().take_while(|doubt| doubt.start() < span.end());
    within.map(|doubt| doubt.overlap_millis(span)).sum()
}

/// Words with how sure the recogniser is of them.
fn parts<'w>(
    words: impl Iterator<Item = (&'w str, f32)>,
    first: usize,
    marks: &Marks,
) -> Vec<TextPart> {
    let mut parts = Vec::new();
    let mut plain = String::new();
    for (i, (word, confidence)) in words.enumerate() {
        if i > 0 {
            plain.push(' ');
        }
        let index = first + i;
        let marked = if marks.target.contains(&index) {
            TextPart::Target(index, shown(word))
        } else if marks.hits.contains(&index) {
            TextPart::Hit(shown(word))
        } else if confidence < DOUBTFUL_BELOW {
            TextPart::Doubtful(shown(word))
        } else {
            plain.push_str(&shown(word));
            continue;
        };
        parts.push(TextPart::Plain(std::mem::take(&mut plain)));
        parts.push(marked);
    }
    parts.push(TextPart::Plain(plain));
    parts.retain(|part| !matches!(part, TextPart::Plain(text) if text.is_empty()));
    parts
}

/// A word as the page writes it. The page's script finds words by the spaces between them, so
/// inside of one there is none.
fn shown(word: &str) -> String {
    word.chars().map(|c| if c.is_whitespace() { '\u{a0}' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::web::testing;

    fn text(sections: &[Section]) -> Vec<String> {
        let blocks = sections.iter().flat_map(|section| &section.blocks);
        let utterances = blocks.flat_map(|block| match block {
            Block::Turn(turn) => turn.paragraphs.as_slice(),
            Block::Gap(_) => &[],
        });
        let utterances = utterances.flat_map(|paragraph| &paragraph.utterances);
        let parts = utterances.map(|u| {
            u.parts.iter().map(|part| match part {
                TextPart::Plain(t)
                | TextPart::Doubtful(t)
                | TextPart::Hit(t)
                | TextPart::Target(_, t) => t.as_str(),
            })
        });
        parts
            .flat_map(|p| p.collect::<String>().split(' ').map(str::to_owned).collect::<Vec<_>>())
            .collect()
    }

    proptest! {
        /// Whatever the words, their marks and the turns are: each word stands in the page once, in
        /// order, and cutting at spaces finds it again.
        #[test]
        fn every_word_stands_once_and_in_order(
            words in prop::collection::vec("\\PC{1,12}", 1..60),
            lengths in prop::collection::vec(1usize..9, 60),
            turns in prop::collection::vec(0u64..60, 0..6),
            marked in 0usize..60,
        ) {
            let edition = testing::edition_of(&words, &lengths, &turns);
            let at = Some(MediaTime::from_millis(7000));
            let marks = Marks { target: marked..marked + 2, hits: HashSet::from([7]), at };
            let shown: Vec<String> = words.iter().map(|w| shown(w)).collect();
            prop_assert_eq!(text(&sections(&edition, &marks)), shown);
        }
    }

    #[test]
    fn times_are_read_back_by_adding_up() {
        let starts = [72_300, 72_610, 73_000].map(MediaTime::from_millis);
        assert_eq!(word_starts(starts.into_iter()), "72300 310 390");
    }
}
