//! Which words of a passage a query matched: read from the same postings that found it, so a word
//! is marked if and only if it took part. Words of a `-term` and of alternatives that did not
//! match are never marked.

use tantivy::postings::Postings;
use tantivy::schema::IndexRecordOption;
use tantivy::{DocId, DocSet, SegmentReader, Term};

use crate::postings::span::SpanPostings;
use crate::postings::terms::Terms;
use crate::query::Clause;
use crate::ranking::bag::Found;
use crate::segment::schema::{DAY, Fields};

/// The positions of the words of `doc` that `clause` matched, in order; each once.
///
/// # Errors
/// Reading the index failed.
pub(crate) fn matched(
    clause: &Clause,
    fields: &Fields,
    terms: &Terms,
    reader: &SegmentReader,
    doc: DocId,
) -> tantivy::Result<Vec<u32>> {
    let mut positions = Vec::new();
    PassageMatcher { fields, terms, reader, doc }.matches(clause, &mut positions)?;
    positions.sort_unstable();
    positions.dedup();
    Ok(positions)
}

struct PassageMatcher<'r> {
    fields: &'r Fields,
    terms: &'r Terms,
    reader: &'r SegmentReader,
    doc: DocId,
}

impl PassageMatcher<'_> {
    /// Whether the passage meets `clause`; only then are positions added.
    fn matches(&self, clause: &Clause, positions: &mut Vec<u32>) -> tantivy::Result<bool> {
        match clause {
            Clause::Everything => Ok(true),
            Clause::Nothing => Ok(false),
            Clause::Docs(found) => Ok(found.contains(self.reader.segment_id(), self.doc)),
            Clause::Terms(terms) => {
                let mut any = false;
                for (term, _) in terms {
                    any |= self.term(term, positions)?;
                }
                Ok(any)
            }
            Clause::Span(span) => {
                let postings = SpanPostings::at(span, self.terms, self.reader, self.doc)?;
                if let Some(postings) = postings.as_ref().filter(|_| span.is_own(self.fields)) {
                    postings.covered(positions);
                }
                Ok(postings.is_some())
            }
            Clause::Bag(bag) => {
                let own = |term: &Term| self.fields.is_own(term.field());
                let mut found = Vec::with_capacity(bag.words.len());
                for meant in &*bag.words {
                    let (terms, reader) = (self.terms, self.reader);
                    found.push(Found::read(meant, bag.depth, own, terms, reader, self.doc)?);
                }
                let holds = Found::suffice(bag, &found);
                if holds {
                    positions.extend(found.iter().flat_map(Found::positions));
                }
                Ok(holds)
            }
            Clause::Days(days) => {
                let day = self.reader.fast_fields().u64(DAY)?.first(self.doc);
                Ok(day.is_some_and(|day| days.contains(day)))
            }
            Clause::All(parts) => {
                let mut together = Vec::new();
                for part in parts {
                    if !self.matches(part, &mut together)? {
                        return Ok(false);
                    }
                }
                positions.append(&mut together);
                Ok(true)
            }
            Clause::One(parts) => {
                let mut any = false;
                for part in parts {
                    any |= self.matches(part, positions)?;
                }
                Ok(any)
            }
            Clause::Not(inner) => Ok(!self.matches(inner, &mut Vec::new())?),
        }
    }

    fn term(&self, term: &Term, positions: &mut Vec<u32>) -> tantivy::Result<bool> {
        let own = self.fields.is_own(term.field());
        let wanted =
            if own { IndexRecordOption::WithFreqsAndPositions } else { IndexRecordOption::Basic };
        let postings = self.terms.open(term, self.reader.segment_id(), wanted)?;
        let Some(mut postings) = postings else { return Ok(false) };
        if postings.doc() < self.doc {
            postings.seek(self.doc);
        }
        let holds = postings.doc() == self.doc;
        if holds && own {
            postings.append_positions_with_offset(0, positions);
        }
        Ok(holds)
    }
}
