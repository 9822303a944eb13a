//! A meeting's words in the order they were spoken, cut into sections, turns and utterances for
//! the page. Pure: words and alignment in, what the template writes out.

use std::collections::HashSet;

use crate::domain::{
    AgendaItemId, Alignment, GapReason, MediaTime, Span, Transcript, Utterance, Warning,
    WarningKind, Word,
};
use crate::edition::Edition;
use crate::web::public::outline::{self, SURE};
use crate::web::public::query::seconds;

/// Which words are marked.
#[derive(Default)]
pub struct Marks {
    /// The word a link led to.
    pub word: Option<usize>,
    /// Starts of words that match a search in the meeting.
    pub hits: HashSet<MediaTime>,
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
    /// Nothing can be read here, and why.
    Gap(GapReason),
}

/// Consecutive utterances of one speaker.
pub struct TurnBlock {
    /// The name, where the speaker is known.
    pub name: Option<String>,
    /// Party or group.
    pub party: Option<String>,
    /// As what.
    pub role: crate::domain::Role,
    /// Whether the speaker is a guess.
    pub guessed: bool,
    /// Where it starts, where that is known.
    pub start: Option<MediaTime>,
    /// Number of its first utterance, its anchor.
    pub number: usize,
    /// A colour from 0 to 7 that stays with the person; always beside the name.
    pub colour: Option<usize>,
    /// Index of the turn in the alignment; voices that are not assigned have none.
    turn: Option<usize>,
    /// What was said.
    pub utterances: Vec<UtteranceBlock>,
}

/// A sentence-like run of words.
pub struct UtteranceBlock {
    /// Its number in the meeting, from 0.
    pub number: usize,
    /// Index of its first word.
    pub first_word: usize,
    /// Start of the first word in milliseconds, then the distance from word start to word start;
    /// empty where no times are known.
    pub times: String,
    /// The words, one space between two; no word contains a space (see [`shown`]).
    pub parts: Vec<TextPart>,
    /// Whether the recogniser doubts it.
    pub doubtful: bool,
}

/// A piece of an utterance.
pub enum TextPart {
    /// Plain words.
    Plain(String),
    /// A word that matches a search.
    Hit(String),
    /// The word a link led to, with its index.
    Target(usize, String),
}

/// `?t=` of a place, and where it stands in the text.
pub fn place(t: MediaTime, anchor: &str) -> String {
    format!("?t={}#{anchor}", seconds(t))
}

/// The text of a meeting in sections.
pub fn sections(edition: &Edition, marks: &Marks) -> Vec<Section> {
    let Some((transcript, alignment)) = &edition.text else { return recorded(edition, marks) };
    let doubts = doubts(&transcript.warnings);
    let mut writer = Writer { edition, transcript, alignment, marks, doubts, sections: Vec::new() };
    let mut gaps = transcript.gaps.iter().filter(|gap| told(gap.reason)).peekable();
    for (number, utterance) in transcript.utterances.iter().enumerate() {
        let Some(span) = transcript.span_of(utterance) else { continue };
        while let Some(gap) = gaps.next_if(|gap| gap.start_ms <= span.start()) {
            writer.gap(gap.reason, gap.start_ms);
        }
        writer.utterance(number, utterance, span);
    }
    for gap in gaps {
        writer.gap(gap.reason, gap.start_ms);
    }
    writer.sections
}

/// What another record says was said: a block for each speech, under its item.
fn recorded(edition: &Edition, marks: &Marks) -> Vec<Section> {
    let agenda = &edition.council.meeting.agenda;
    let mut sections: Vec<Section> = Vec::new();
    let mut first_word = 0;
    for (number, speech) in edition.speeches.iter().enumerate() {
        let place = agenda.iter().position(|item| Some(&item.id) == speech.item.as_ref());
        let items: Vec<usize> = place.into_iter().collect();
        if sections.last().is_none_or(|last| last.items != items) {
            let anchor = anchor(&sections, &items);
            let start = speech.start_ms.unwrap_or_default();
            sections.push(Section { anchor, items, start, blocks: Vec::new() });
        }
        let words: Vec<&str> = speech.text.split_whitespace().collect();
        let utterance = UtteranceBlock {
            number,
            first_word,
            times: String::new(),
            parts: parts(words.iter().map(|word| (*word, None)), first_word, marks),
            doubtful: false,
        };
        first_word += words.len();
        let block = TurnBlock {
            name: speech.speaker.as_ref().map(|speaker| speaker.name.clone()),
            party: speech.party.clone(),
            role: speech.role,
            guessed: false,
            start: speech.start_ms,
            number,
            colour: None,
            turn: Some(number),
            utterances: vec![utterance],
        };
        if let Some(section) = sections.last_mut() {
            section.blocks.push(Block::Turn(block));
        }
    }
    sections
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
    sections: Vec<Section>,
}

impl Writer<'_> {
    fn utterance(&mut self, number: usize, utterance: &Utterance, span: Span) {
        let middle = span.start().plus_millis(span.millis() / 2);
        let turn = self.turn_at(middle);
        let block = self.block(number, utterance, span);
        let blocks = &mut self.section(middle, span.start()).blocks;
        match blocks.last_mut() {
            Some(Block::Turn(last)) if last.turn == turn => last.utterances.push(block),
            _ => {
                let block = self.turn_block(turn, number, span.start(), block);
                self.section(middle, span.start()).blocks.push(Block::Turn(block));
            }
        }
    }

    fn gap(&mut self, reason: GapReason, start: MediaTime) {
        let blocks = &mut self.section(start, start).blocks;
        // The recogniser may report one left-out stretch in several pieces.
        if !matches!(blocks.last(), Some(Block::Gap(last)) if *last == reason) {
            blocks.push(Block::Gap(reason));
        }
    }

    /// Index of the turn that runs at `t`.
    fn turn_at(&self, t: MediaTime) -> Option<usize> {
        let turns = &self.alignment.turns;
        let last = turns.partition_point(|turn| turn.start_ms <= t).checked_sub(1)?;
        (t < turns[last].end_ms).then_some(last)
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
        let treated = |id: &AgendaItemId| {
            let item = self.alignment.items.iter().find(|item| item.id == *id);
            item.is_some_and(|item| item.spans.iter().any(|span| span.contains(t)))
        };
        let agenda = self.edition.council.meeting.agenda.iter().enumerate();
        agenda.filter(|(_, item)| item.public && treated(&item.id)).map(|(i, _)| i).collect()
    }

    fn turn_block(
        &self,
        index: Option<usize>,
        number: usize,
        start: MediaTime,
        first: UtteranceBlock,
    ) -> TurnBlock {
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
            number,
            colour: place.map(|place| place % 8),
            utterances: vec![first],
        }
    }

    fn block(&self, number: usize, utterance: &Utterance, span: Span) -> UtteranceBlock {
        let words = self.transcript.words_of(utterance);
        UtteranceBlock {
            number,
            first_word: utterance.first_word,
            times: times(words),
            parts: parts(
                words.iter().map(|word| (word.text.as_str(), Some(word.start_ms))),
                utterance.first_word,
                self.marks,
            ),
            doubtful: doubted(&self.doubts, span) * 2 > span.millis(),
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

fn times(words: &[Word]) -> String {
    let mut before = 0;
    let mut times = String::new();
    for word in words {
        let start = word.start_ms.millis();
        // Out of order cannot be written as a distance; such a word shares its neighbour's time.
        times.push_str(&format!("{} ", start.saturating_sub(before)));
        before = start.max(before);
    }
    times.truncate(times.trim_end().len());
    times
}

/// Words with their starts, where these are known.
fn parts<'w>(
    words: impl Iterator<Item = (&'w str, Option<MediaTime>)>,
    first: usize,
    marks: &Marks,
) -> Vec<TextPart> {
    let mut parts = Vec::new();
    let mut plain = String::new();
    for (i, (word, start)) in words.enumerate() {
        if i > 0 {
            plain.push(' ');
        }
        let index = first + i;
        let marked = if marks.word == Some(index) {
            TextPart::Target(index, shown(word))
        } else if start.is_some_and(|start| marks.hits.contains(&start)) {
            TextPart::Hit(shown(word))
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
            Block::Turn(turn) => turn.utterances.as_slice(),
            Block::Gap(_) => &[],
        });
        let parts = utterances.map(|u| {
            u.parts.iter().map(|part| match part {
                TextPart::Plain(t) | TextPart::Hit(t) | TextPart::Target(_, t) => t.as_str(),
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
            let marks = Marks { word: Some(marked), hits: HashSet::from([MediaTime::from_millis(7000)]) };
            let shown: Vec<String> = words.iter().map(|w| shown(w)).collect();
            prop_assert_eq!(text(&sections(&edition, &marks)), shown);
        }
    }

    #[test]
    fn speeches_of_another_record_stand_under_their_items_with_their_words_counted() {
        let mut edition = testing::edition_of(&["weg".into()], &[1], &[]);
        edition.text = None;
        let first = edition.council.meeting.agenda[0].id.clone();
        let speech = |order, item, text: &str| crate::domain::Speech {
            order,
            item,
            speaker: None,
            party: None,
            role: crate::domain::Role::Member,
            start_ms: None,
            end_ms: None,
            video_url: None,
            text: text.into(),
        };
        edition.speeches = vec![
            speech(3, Some(first.clone()), "Drei kurze Wörter."),
            speech(9, Some(first), "Noch zwei."),
            speech(10, None, "Schluss!"),
        ];
        let sections = sections(&edition, &Marks { word: Some(4), hits: HashSet::new() });
        let anchors: Vec<&str> = sections.iter().map(|s| s.anchor.as_str()).collect();
        assert_eq!(anchors, ["top-0", "ohne-top"]);
        assert_eq!(sections[0].blocks.len(), 2);
        assert_eq!(text(&sections).join(" "), "Drei kurze Wörter. Noch zwei. Schluss!");
        let Block::Turn(second) = &sections[0].blocks[1] else { panic!("a gap") };
        assert!(
            matches!(&second.utterances[0].parts[1], TextPart::Target(4, word) if word == "zwei.")
        );
    }

    #[test]
    fn times_are_read_back_by_adding_up() {
        let word = |ms| Word {
            text: "x".into(),
            start_ms: MediaTime::from_millis(ms),
            end_ms: MediaTime::from_millis(ms + 50),
            confidence: 1.0,
            raw: None,
        };
        assert_eq!(times(&[word(72_300), word(72_610), word(73_000)]), "72300 310 390");
    }
}
