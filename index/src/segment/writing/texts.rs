//! The texts of one kind in a file that is being written (what is said, or titles of items), as the
//! numbers of their words. A field's postings are made of them at the end, by counting how often
//! each form is there and then putting every one in its place: no form is looked up twice.

use std::io;

use foldhash::HashMap;
use tantivy::DocId;
use tantivy::fieldnorm::{FieldNormReaders, FieldNormsWriter};
use tantivy::postings::InvertedIndexSerializer;
use tantivy::schema::Field;

use super::lexicon::{FormId, FormList, Lexicon, WordId};
use super::reader::{More, ReadWord, Reader};
use crate::model::words::Words;
use crate::segment::schema::FormKind;

/// Most fields that hold the same text.
const MOST_FIELDS: usize = 5;

/// All texts of one kind.
pub(super) struct TextBuffer {
    fields: Vec<(Field, FormKind)>,
    /// Of all texts, one behind the other.
    words: Vec<WordId>,
    texts: Vec<ReadText>,
    /// In the order of the documents.
    docs: Vec<Doc>,
    /// By field.
    more: Vec<Vec<More>>,
    /// Forms of all documents, by field.
    tokens: Vec<u64>,
    /// Texts that many documents have, with their place.
    labels: HashMap<Box<str>, u32>,
    /// Bytes of these.
    labelled: usize,
}

/// A text that was read.
#[derive(Clone, Copy, Default)]
struct ReadText {
    /// Where its words end; they begin behind those of the text before.
    end: u32,
    /// The same for the other forms, by field.
    more_ends: [u32; MOST_FIELDS],
    /// How many forms there are of it, by field.
    tokens: [u32; MOST_FIELDS],
}

/// A document and its text.
#[derive(Clone, Copy)]
struct Doc {
    doc: DocId,
    text: u32,
    /// The position of the first word.
    first: u32,
}

impl TextBuffer {
    /// None yet; they will be in these fields.
    pub(super) fn new(fields: Vec<(Field, FormKind)>) -> Self {
        debug_assert!(fields.len() <= MOST_FIELDS, "{fields:?}");
        Self {
            words: Vec::new(),
            texts: Vec::new(),
            docs: Vec::new(),
            more: vec![Vec::new(); fields.len()],
            tokens: vec![0; fields.len()],
            labels: HashMap::default(),
            labelled: 0,
            fields,
        }
    }

    /// Bytes that they take.
    pub(super) fn size(&self) -> usize {
        let more: usize = self.more.iter().map(Vec::len).sum();
        size_of_val(&*self.words)
            + size_of_val(&*self.texts)
            + size_of_val(&*self.docs)
            + more * size_of::<More>()
            + self.labelled
    }

    /// `doc` has this text, which other documents have too; its words have spaces between them.
    pub(super) fn add_label(
        &mut self,
        doc: DocId,
        text: &str,
        reader: &mut Reader,
        norms: &mut FieldNormsWriter,
    ) {
        let known = self.labels.get(text).copied();
        let text = known.unwrap_or_else(|| {
            let words: Words = text.split_whitespace().collect();
            reader.read(words.as_text());
            let place = self.take(words.as_text(), reader, None);
            self.labels.insert(text.into(), place);
            self.labelled += text.len();
            place
        });
        self.give(Doc { doc, text, first: 0 }, norms);
    }

    /// `doc` has the text that was read last; its words begin at position `first`, and `behind` is
    /// the word that follows them.
    pub(super) fn add_read(
        &mut self,
        doc: DocId,
        text: &str,
        first: u32,
        behind: Option<ReadWord>,
        reader: &mut Reader,
        norms: &mut FieldNormsWriter,
    ) {
        let text = self.take(text, reader, behind);
        self.give(Doc { doc, text, first }, norms);
    }

    /// The place of the text that was read last among all.
    fn take(&mut self, text: &str, reader: &mut Reader, behind: Option<ReadWord>) -> u32 {
        let from = self.words.len();
        self.words.extend(reader.spoken().map(|(word, _)| word));
        let mut read = ReadText { end: self.words.len() as u32, ..ReadText::default() };
        for (n, (_, held)) in self.fields.iter().enumerate() {
            let more = reader.more(*held, text, behind);
            let mut tokens = more.len();
            if let Some(list) = held.list() {
                let lists = self.words[from..].iter().map(|word| reader.lexicon.list(*word, list));
                tokens += lists.map(<[FormId]>::len).sum::<usize>();
            }
            self.more[n].extend(more);
            read.more_ends[n] = self.more[n].len() as u32;
            read.tokens[n] = tokens as u32;
        }
        self.texts.push(read);
        self.texts.len() as u32 - 1
    }

    fn give(&mut self, doc: Doc, norms: &mut FieldNormsWriter) {
        self.docs.push(doc);
        let text = &self.texts[doc.text as usize];
        for (n, (field, _)) in self.fields.iter().enumerate() {
            self.tokens[n] += u64::from(text.tokens[n]);
            norms.record(doc.doc, *field, text.tokens[n]);
        }
    }

    /// The words of the text at this place.
    fn words(&self, text: u32) -> &[WordId] {
        let at = text as usize;
        let from = at.checked_sub(1).map_or(0, |before| self.texts[before].end);
        &self.words[from as usize..self.texts[at].end as usize]
    }

    /// The other forms of the text at this place in the field `n`.
    fn more(&self, text: u32, n: usize) -> &[More] {
        let at = text as usize;
        let from = at.checked_sub(1).map_or(0, |before| self.texts[before].more_ends[n]);
        &self.more[n][from as usize..self.texts[at].more_ends[n] as usize]
    }

    /// Writes the postings of all fields.
    pub(super) fn write(
        &self,
        lexicon: &Lexicon,
        norms: &FieldNormReaders,
        sorter: &mut Sorter,
        serializer: &mut InvertedIndexSerializer,
    ) -> tantivy::Result<()> {
        sorter.count(lexicon, self);
        for (n, (field, _)) in self.fields.iter().enumerate() {
            if self.tokens[n] == 0 {
                continue;
            }
            sorter.sort(lexicon, self, n);
            let norms = norms.get_field(*field)?;
            let mut field = serializer.new_field(*field, self.tokens[n], norms)?;
            let mut deltas = Vec::new();
            sorter.terms(|form, places| {
                write_term(&mut field, lexicon.text(form), places, &mut deltas)
            })?;
            field.close()?;
        }
        Ok(())
    }
}

/// Writes where a term stands.
fn write_term(
    field: &mut tantivy::postings::FieldSerializer<'_>,
    term: &str,
    places: &mut [DocPosition],
    deltas: &mut Vec<u32>,
) -> io::Result<()> {
    // What depends on other words comes behind the others of its document.
    if !places.is_sorted() {
        places.sort_unstable();
    }
    let by_doc = || places.chunk_by(|a, b| a.doc() == b.doc());
    field.new_term(term.as_bytes(), by_doc().count() as u32, true)?;
    for here in by_doc() {
        deltas.clear();
        let mut before = 0;
        for place in here {
            deltas.push(place.position() - before);
            before = place.position();
        }
        field.write_doc(here[0].doc(), here.len() as u32, deltas);
    }
    field.close_term()
}

/// Where a form stands: a document and a position, in this order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct DocPosition(u64);

impl DocPosition {
    fn new(doc: DocId, position: u32) -> Self {
        Self(u64::from(doc) << 32 | u64::from(position))
    }

    fn doc(self) -> DocId {
        (self.0 >> 32) as DocId
    }

    fn position(self) -> u32 {
        self.0 as u32
    }
}

/// Brings what is said in the order of documents into the order of forms.
#[derive(Default)]
pub(super) struct Sorter {
    /// By word, how often it is there.
    said: Vec<u32>,
    /// Those that are there.
    words: Vec<WordId>,
    /// By form, how often it is there, then where its places end.
    ends: Vec<u32>,
    /// Those that are there, in the order of their texts, with the beginnings of these.
    forms: Vec<(u64, FormId)>,
    places: Vec<DocPosition>,
}

impl Sorter {
    /// Takes the words of `texts`, whose forms are then sorted field by field.
    fn count(&mut self, lexicon: &Lexicon, texts: &TextBuffer) {
        let Self { said, words, .. } = self;
        words.drain(..).for_each(|word| said[word.place()] = 0);
        said.resize(lexicon.n_words(), 0);
        for word in texts.docs.iter().flat_map(|doc| texts.words(doc.text)) {
            let count = &mut said[word.place()];
            if *count == 0 {
                words.push(*word);
            }
            *count += 1;
        }
    }

    /// Takes the forms that a field of the texts has whose words were counted.
    fn sort(&mut self, lexicon: &Lexicon, texts: &TextBuffer, field: usize) {
        let Self { said, words, ends, forms, places } = self;
        ends.resize(lexicon.n_forms(), 0);
        forms.clear();
        let mut count = |form: FormId, times: u32| {
            let count = &mut ends[form.0 as usize];
            if *count == 0 {
                forms.push((beginning(lexicon.text(form)), form));
            }
            *count += times;
        };
        let list = texts.fields[field].1.list();
        if let Some(list) = list {
            for word in words.iter() {
                let forms = lexicon.list(*word, list);
                forms.iter().for_each(|form| count(*form, said[word.place()]));
            }
        }
        let more = texts.docs.iter().flat_map(|doc| texts.more(doc.text, field));
        more.for_each(|more| count(more.form, 1));
        forms.sort_unstable_by(|(a, a_form), (b, b_form)| {
            a.cmp(b).then_with(|| lexicon.text(*a_form).cmp(lexicon.text(*b_form)))
        });
        let mut next = 0;
        for (_, form) in &*forms {
            let count = &mut ends[form.0 as usize];
            (*count, next) = (next, next + *count);
        }
        places.clear();
        places.resize(next as usize, DocPosition::default());
        let mut put = |doc, position, form: FormId| {
            let next = &mut ends[form.0 as usize];
            places[*next as usize] = DocPosition::new(doc, position);
            *next += 1;
        };
        for Doc { doc, text, first } in texts.docs.iter().copied() {
            if let Some(list) = list {
                for (position, word) in (first..).zip(texts.words(text)) {
                    let forms = lexicon.list(*word, list);
                    forms.iter().for_each(|form| put(doc, position, *form));
                }
            }
            texts.more(text, field).iter().for_each(|more| put(doc, first + more.at, more.form));
        }
    }

    /// Calls `each` with every form and its places, in order; nothing is left behind.
    fn terms(
        &mut self,
        mut each: impl FnMut(FormId, &mut [DocPosition]) -> io::Result<()>,
    ) -> io::Result<()> {
        let mut from = 0;
        for (_, form) in &self.forms {
            let end = std::mem::take(&mut self.ends[form.0 as usize]) as usize;
            each(*form, &mut self.places[from..end])?;
            from = end;
        }
        Ok(())
    }
}

/// The first bytes of a text as a number of the same order.
fn beginning(text: &str) -> u64 {
    let mut bytes = [0; 8];
    let length = text.len().min(8);
    bytes[..length].copy_from_slice(&text.as_bytes()[..length]);
    u64::from_be_bytes(bytes)
}

impl FormKind {
    /// The list of a word's forms that a field holds, beside those that depend on other words.
    fn list(self) -> Option<FormList> {
        match self {
            Self::Exact => Some(FormList::Exact),
            Self::Stems => Some(FormList::Stems),
            Self::Parts => Some(FormList::Parts),
            Self::Grams | Self::Names | Self::Sounds => None,
        }
    }
}
