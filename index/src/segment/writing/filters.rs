//! The fields of a file that is being written whose values are looked for whole.

use foldhash::HashMap;
use tantivy::DocId;
use tantivy::postings::InvertedIndexSerializer;
use tantivy::schema::{Field, Schema};

use crate::segment::index_document::{Content, Values};

/// Longest value that is looked for, in bytes: Tantivy's bound for terms.
const LONGEST: usize = 65_530;

/// The documents of every value.
type Filter = HashMap<Box<[u8]>, Vec<DocId>>;

/// By field; none where it is not looked into.
pub(super) struct FilterPostings(Vec<Option<Filter>>);

impl FilterPostings {
    /// None yet.
    pub(super) fn new(schema: &Schema) -> Self {
        let filter = |indexed: bool| indexed.then(HashMap::default);
        Self(schema.fields().map(|(_, entry)| filter(entry.is_indexed())).collect())
    }

    /// `doc`, which is behind all others, has these values.
    pub(super) fn add(&mut self, doc: DocId, values: &Values) {
        for (field, content) in values.iter() {
            match content {
                Content::Text(text) => self.add_one(*field, text.as_bytes(), doc),
                Content::Number(number) => self.add_one(*field, &number.to_be_bytes(), doc),
            }
        }
    }

    /// `doc`, which is behind all others, has this value in `field`.
    pub(super) fn add_one(&mut self, field: Field, value: &[u8], doc: DocId) {
        let Some(Some(filter)) = self.0.get_mut(field.field_id() as usize) else { return };
        if value.len() > LONGEST {
            return;
        }
        match filter.get_mut(value) {
            Some(docs) if docs.last() == Some(&doc) => {}
            Some(docs) => docs.push(doc),
            None => {
                filter.insert(value.into(), vec![doc]);
            }
        }
    }

    /// Writes the postings.
    pub(super) fn write(self, serializer: &mut InvertedIndexSerializer) -> tantivy::Result<()> {
        for (field, filter) in self.0.into_iter().enumerate() {
            let mut terms: Vec<(Box<[u8]>, Vec<DocId>)> = filter.into_iter().flatten().collect();
            if terms.is_empty() {
                continue;
            }
            terms.sort_unstable();
            let tokens: usize = terms.iter().map(|(_, docs)| docs.len()).sum();
            let field = Field::from_field_id(field as u32);
            let mut field = serializer.new_field(field, tokens as u64, None)?;
            for (term, docs) in terms {
                field.new_term_without_freq(&term)?;
                docs.iter().for_each(|doc| field.write_doc(*doc, 0, &[]));
                field.close_term()?;
            }
            field.close()?;
        }
        Ok(())
    }
}
