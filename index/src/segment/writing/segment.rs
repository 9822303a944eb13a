//! One file of the index (a segment, in Tantivy's words) while it is written. Tantivy has the format,
//! the columns, the store and the merging; the postings are ours, because our terms come many to a
//! word.

use tantivy::directory::{TerminatingWrite, WritePtr};
use tantivy::fastfield::FastFieldsWriter;
use tantivy::fieldnorm::{FieldNormReaders, FieldNormsSerializer, FieldNormsWriter};
use tantivy::index::{SegmentComponent, SegmentMeta};
use tantivy::postings::InvertedIndexSerializer;
use tantivy::schema::{Field, Schema};
use tantivy::store::StoreWriter;
use tantivy::{DocId, Index, Result, Segment};

use super::filters::FilterPostings;
use super::reader::Reader;
use super::texts::{Sorter, TextBuffer};
use crate::segment::index_document::IndexDocument;
use crate::segment::schema::{Fields, IndexedText, SearchField};

/// A file that is being written.
pub(super) struct SegmentWriter {
    segment: Segment,
    schema: Schema,
    written_by: Field,
    store: StoreWriter,
    columns: FastFieldsWriter,
    columns_file: WritePtr,
    norms: FieldNormsWriter,
    filters: FilterPostings,
    /// By the number of the text.
    texts: Vec<TextBuffer>,
    n_docs: DocId,
}

impl SegmentWriter {
    /// An empty one.
    pub(super) fn new(index: &Index, fields: &Fields) -> Result<Self> {
        let segment = index.new_segment();
        let schema = index.schema();
        let settings = index.settings();
        let store = StoreWriter::new(
            segment.open_write(SegmentComponent::Store)?,
            settings.docstore_compression,
            settings.docstore_blocksize,
            // Every core has enough to do.
            false,
        )?;
        let tokenizers = index.tokenizers().clone();
        Ok(Self {
            store,
            columns: FastFieldsWriter::from_schema_and_tokenizer_manager(&schema, tokenizers)?,
            columns_file: segment.open_write(SegmentComponent::FastFields)?,
            norms: FieldNormsWriter::for_schema(&schema),
            filters: FilterPostings::new(&schema),
            texts: IndexedText::ALL.map(|text| TextBuffer::new(fields.of_text(text))).into(),
            written_by: fields.written_by,
            segment,
            schema,
            n_docs: 0,
        })
    }

    /// Bytes of memory that texts take; what is beside them is little.
    pub(super) fn size(&self) -> usize {
        self.texts.iter().map(TextBuffer::size).sum()
    }

    /// Adds a document, which bears these names.
    pub(super) fn add(
        &mut self,
        document: &IndexDocument<'_>,
        written_by: &[String],
        reader: &mut Reader,
    ) -> Result<()> {
        let doc = self.n_docs;
        self.store.store(&document.values, &self.schema)?;
        self.columns.add_document(&document.values)?;
        self.filters.add(doc, &document.values);
        for change in written_by {
            self.filters.add_one(self.written_by, change.as_bytes(), doc);
        }
        let Self { texts, norms, .. } = self;
        for (text, words) in &document.texts {
            texts[text.number()].add_label(doc, words, reader, norms);
        }
        if let Some((own, ahead)) = document.spoken {
            let behind = reader.first(ahead.as_text());
            reader.read(own.as_text());
            let n_own = reader.spoken().count() as u32;
            let spoken = &mut texts[IndexedText::Of(SearchField::Spoken).number()];
            spoken.add_read(doc, own.as_text(), 0, behind, reader, norms);
            if behind.is_some() {
                reader.read(ahead.as_text());
                let texts = &mut texts[IndexedText::Ahead.number()];
                texts.add_read(doc, ahead.as_text(), n_own, None, reader, norms);
            }
        }
        self.n_docs += 1;
        Ok(())
    }

    /// Writes it to the end.
    pub(super) fn finish(mut self, reader: &Reader, sorter: &mut Sorter) -> Result<SegmentMeta> {
        let segment = &self.segment;
        self.norms.fill_up_to_max_doc(self.n_docs);
        let norms = segment.open_write(SegmentComponent::FieldNorms)?;
        self.norms.serialize(FieldNormsSerializer::from_write(norms)?, None)?;
        let norms = FieldNormReaders::open(segment.open_read(SegmentComponent::FieldNorms)?)?;
        let mut serializer = InvertedIndexSerializer::open(segment)?;
        for texts in std::mem::take(&mut self.texts) {
            texts.write(&reader.lexicon, &norms, sorter, &mut serializer)?;
        }
        self.filters.write(&mut serializer)?;
        serializer.close()?;
        self.columns.serialize(&mut self.columns_file, None)?;
        self.columns_file.terminate()?;
        self.store.close()?;
        let meta = self.segment.with_max_doc(self.n_docs).meta().clone();
        meta.untrack_temp_docstore();
        Ok(meta)
    }
}
