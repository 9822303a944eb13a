//! Where one passage answers the words of a bag: what is shown of a hit, and why it is one.

use tantivy::postings::Postings;
use tantivy::schema::IndexRecordOption;
use tantivy::{DocId, DocSet, Result, SegmentReader, Term};

use super::answer::{WordAnswer, suffice};
use super::{Bag, Depth, LEVELS, Likeness, Meant};
use crate::postings::span::SpanPostings;
use crate::postings::terms::Terms;

/// The positions that answered a word, by level; similar ones apart.
#[derive(Clone, Debug, Default)]
pub(crate) struct Found {
    pub by_level: [Vec<u32>; LEVELS],
    /// Whether any of them is among the passage's own words.
    own: bool,
    pub similar: Vec<(Likeness, u32)>,
    /// Whether the speaker's name, the paper's number or the item's title answers.
    pub speaker: bool,
    pub paper: bool,
    pub title: bool,
    pub speaker_similar: bool,
}

impl Found {
    /// Whether a passage that answers the words of a bag so matches it.
    pub(crate) fn suffice(bag: &Bag, found: &[Self]) -> bool {
        let answer = |found: &Self| {
            let is_ahead = found.by_level.iter().any(|places| !places.is_empty());
            let is_similar = found.speaker_similar || !found.similar.is_empty();
            WordAnswer::default()
                .with(WordAnswer::OWN, found.own)
                .with(WordAnswer::AHEAD, is_ahead)
                .with(WordAnswer::NAMED, found.speaker || found.paper)
                .with(WordAnswer::TITLE, found.title)
                .with(WordAnswer::SIMILAR, is_similar)
        };
        let answers: Vec<WordAnswer> = found.iter().map(answer).collect();
        suffice(&answers, bag.depth, bag.only)
    }

    /// Every position that answers.
    pub(crate) fn positions(&self) -> impl Iterator<Item = u32> + '_ {
        let similar = self.similar.iter().map(|(_, position)| position);
        self.by_level.iter().flatten().chain(similar).copied()
    }

    /// Where `doc` answers `meant`, in any way.
    ///
    /// # Errors
    /// Reading the index failed.
    pub(crate) fn read(
        meant: &Meant,
        depth: Depth,
        is_own: impl Fn(&Term) -> bool,
        terms: &Terms,
        reader: &SegmentReader,
        doc: DocId,
    ) -> Result<Self> {
        let mut found = Self::default();
        let places = |term: &Term, places: &mut Vec<u32>| -> Result<bool> {
            let option = IndexRecordOption::WithFreqsAndPositions;
            let Some(mut postings) = terms.open(term, reader.segment_id(), option)? else {
                return Ok(false);
            };
            let at = if postings.doc() < doc { postings.seek(doc) } else { postings.doc() };
            if at == doc {
                postings.append_positions_with_offset(0, places);
            }
            Ok(at == doc)
        };
        for (level, term, _) in &meant.terms {
            found.own |= places(term, &mut found.by_level[*level as usize])?;
        }
        for (level, term) in &meant.ahead {
            places(term, &mut found.by_level[*level as usize])?;
        }
        for (level, span) in &meant.spans {
            if let Some(postings) = SpanPostings::at(span, terms, reader, doc)? {
                found.own = true;
                postings.covered(&mut found.by_level[*level as usize]);
            }
        }
        if depth >= Depth::Context {
            for term in &meant.speaker {
                found.speaker |= places(term, &mut Vec::new())?;
            }
            for term in &meant.paper {
                found.paper |= places(term, &mut Vec::new())?;
            }
            for term in &meant.title {
                found.title |= places(term, &mut Vec::new())?;
            }
        }
        if depth >= Depth::Similar {
            for (likeness, term, _) in &meant.similar {
                let mut here = Vec::new();
                let is_here = places(term, &mut here)?;
                match is_own(term) {
                    true => found.similar.extend(here.into_iter().map(|at| (*likeness, at))),
                    false => found.speaker_similar |= is_here,
                }
            }
        }
        Ok(found)
    }
}
