//! Why a passage is a hit: for every word of the query the best that answers it there.

use crate::analysis::core_range;
use crate::model::document::PassageDoc;
use crate::model::request::{How, Why};
use crate::ranking::bag::{Found, Level, Likeness, Meant};
use crate::segment::record::positioned;

/// Most words that are named as the answer to one.
const MAX_FOUND: usize = 5;

/// The answers of `passage` to `words`, in their order, where they were found. A word that it does
/// not answer (of another alternative) is left out.
pub(crate) fn explain(words: &[Meant], found: &[Found], passage: &PassageDoc) -> Vec<Why> {
    let written: Vec<&str> = passage.words.iter().chain(passage.lookahead.iter()).collect();
    let places = positioned(&written);
    let named = |positions: &[u32]| {
        let mut names: Vec<String> = Vec::new();
        for position in positions {
            let Some(word) = places.get(*position as usize).map(|&at| written[at]) else {
                continue;
            };
            let core = core_range(word).map_or(word, |range| &word[range]);
            if !names.iter().any(|name| name == core) && names.len() < MAX_FOUND {
                names.push(core.to_owned());
            }
        }
        names
    };
    let mut answers = Vec::new();
    for (meant, found) in words.iter().zip(found) {
        let level = Level::ALL.into_iter().find(|&at| !found.by_level[at as usize].is_empty());
        let speaker = || passage.speaker.iter().map(|speaker| speaker.name.clone()).collect();
        let title = || passage.item.iter().map(|item| item.title.clone()).collect();
        let paper = || passage.item.iter().filter_map(|item| item.paper.clone()).collect();
        let (how, found) = match level {
            Some(level) => {
                let how = match level {
                    Level::Exact => How::Exact,
                    Level::Form | Level::Stem => How::WordForm,
                    Level::Part => How::Part,
                };
                (how, named(&found.by_level[level as usize]))
            }
            None if found.paper => (How::Paper, paper()),
            None if found.speaker => (How::Speaker, speaker()),
            None if found.title => (How::Title, title()),
            None => match found.similar.iter().map(|(likeness, _)| *likeness).min() {
                Some(likeness) => {
                    let alike = found.similar.iter().filter(|(of, _)| *of == likeness);
                    let how = match likeness {
                        Likeness::Spelling => How::Spelling,
                        Likeness::Sound => How::Sound,
                        Likeness::Related => How::Related,
                    };
                    (how, named(&alike.map(|(_, at)| *at).collect::<Vec<_>>()))
                }
                None if found.speaker_similar => (How::Sound, speaker()),
                None => continue,
            },
        };
        answers.push(Why { asked: meant.asked.clone(), how, found });
    }
    answers
}
