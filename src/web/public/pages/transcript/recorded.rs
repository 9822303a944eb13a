//! The text of a meeting that is on record elsewhere: a block for each speech, under its item.

use super::paragraphs::{self, Minutes, Paragraph};
use super::{Block, Marks, Section, TurnBlock, UtteranceBlock, anchor, parts};
use crate::domain::{FilmAddress, MediaTime, PersonId, Span, Speech};
use crate::edition::Edition;
use crate::web::shared::word_starts;

/// What another record says was said: a block for each speech, under its item.
pub(super) fn sections(edition: &Edition, marks: &Marks) -> Vec<Section> {
    let agenda = &edition.council.meeting.agenda;
    let mut sections: Vec<Section> = Vec::new();
    let mut numbers = 0..;
    let mut first_word = 0;
    let mut minutes = Minutes::default();
    let here = marks.at.and_then(|t| {
        let begun = |speech: &Speech| speech.start_ms.is_some_and(|start| start <= t);
        edition.speeches.iter().rposition(begun)
    });
    let mut colours: Vec<&PersonId> = Vec::new();
    for (turn, speech) in edition.speeches.iter().enumerate() {
        let speaker = speech.speaker.as_ref().map(|speaker| &speaker.id);
        if let Some(id) = speaker.filter(|id| !colours.contains(id)) {
            colours.push(id);
        }
        let place = agenda.iter().position(|item| Some(&item.id) == speech.item.as_ref());
        let items: Vec<usize> = place.into_iter().collect();
        if sections.last().is_none_or(|last| last.items != items) {
            let anchor = anchor(&sections, &items);
            let start = speech.start_ms.unwrap_or_default();
            sections.push(Section { anchor, items, start, blocks: Vec::new() });
        }
        let words: Vec<&str> = speech.text.split_whitespace().collect();
        let starts = speech.word_starts();
        let mut paragraphs: Vec<Paragraph> = Vec::new();
        let mut from = 0;
        for sentence in sentences(&words) {
            let starts = starts.as_deref().map(|starts| &starts[from..from + sentence.len()]);
            let start = starts.and_then(|starts| starts.first().copied());
            let utterance = UtteranceBlock {
                number: numbers.next().unwrap_or_default(),
                first_word,
                end_word: first_word + sentence.len(),
                times: starts.map(|starts| word_starts(starts.iter().copied())).unwrap_or_default(),
                parts: parts(sentence.iter().map(|word| (*word, 1.0)), first_word, marks),
                doubtful: false,
                is_here: from == 0 && here == Some(turn),
            };
            let end = starts.and_then(|starts| starts.last().copied());
            let span = start.zip(end).and_then(|(start, end)| Span::new(start, end));
            (from, first_word) = (from + sentence.len(), first_word + sentence.len());
            paragraphs::append(&mut paragraphs, &mut minutes, utterance, span);
        }
        let block = TurnBlock {
            name: speech.speaker.as_ref().map(|speaker| speaker.name.clone()),
            party: speech.party.clone(),
            role: speech.role,
            guessed: false,
            start: speech.start_ms,
            colour: speaker
                .map(|id| colours.iter().position(|known| *known == id).unwrap_or_default() % 8),
            film: speech.video_url.clone().or_else(|| film_at(edition, speech.start_ms?)),
            order: Some(speech.order),
            turn: Some(turn),
            paragraphs,
        };
        if let Some(section) = sections.last_mut() {
            section.blocks.push(Block::Turn(block));
        }
    }
    sections
}

/// Where the film of a meeting that was not recorded here shows a time.
fn film_at(edition: &Edition, t: MediaTime) -> Option<String> {
    let film = edition.elsewhere.film.as_ref()?;
    Some(FilmAddress::read(&film.url)?.at(t.millis() as i64 + film.offset_ms))
}

/// Words that are written with a full stop and end no sentence.
const ABBREVIATIONS: [&str; 17] = [
    "Abs", "Art", "Dr", "Nr", "Prof", "St", "Str", "Tsd", "Mio", "Mrd", "bzw", "ca", "etc", "ggf",
    "ehem", "inkl", "sog",
];

/// The words of a speech cut into sentences.
fn sentences<'w, 'a>(words: &'a [&'w str]) -> impl Iterator<Item = &'a [&'w str]> {
    words.chunk_by(|word, _| {
        let core = word.trim_end_matches(['.', '!', '?', '“', '"', '»', ')']);
        let ends = core.len() < word.len() && word.contains(['.', '!', '?']);
        // Of a number, a letter or an abbreviation the full stop is a part.
        let is_short = core.chars().count() == 1
            || core.bytes().all(|b| b.is_ascii_digit())
            || ABBREVIATIONS.contains(&core);
        !ends || word.ends_with('.') && is_short
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::public::pages::transcript::TextPart;
    use crate::web::testing;

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
        let sections = super::sections(&edition, &Marks { target: 4..5, ..Marks::default() });
        let anchors: Vec<&str> = sections.iter().map(|s| s.anchor.as_str()).collect();
        assert_eq!(anchors, ["top-0", "ohne-top"]);
        assert_eq!(sections[0].blocks.len(), 2);
        let Block::Turn(second) = &sections[0].blocks[1] else { panic!("a gap") };
        assert!(
            matches!(&second.paragraphs[0].utterances[0].parts[1], TextPart::Target(4, word) if word == "zwei.")
        );
    }

    #[test]
    fn sentences_end_where_sentences_end() {
        let text = "Am 3. Mai z. B. um 19.30 Uhr. Ja! „Wirklich?“ Nach § 3 Abs. 2 nicht";
        let words: Vec<&str> = text.split_whitespace().collect();
        let cut: Vec<String> = sentences(&words).map(|words| words.join(" ")).collect();
        let wanted =
            ["Am 3. Mai z. B. um 19.30 Uhr.", "Ja!", "„Wirklich?“", "Nach § 3 Abs. 2 nicht"];
        assert_eq!(cut, wanted);
    }
}
