//! A document as it is written: values that are columns, filters or stored, which Tantivy takes as
//! they are, and texts whose words are looked for.

use std::borrow::Cow;
use std::iter::{Empty, Map};
use std::slice::Iter;

use tantivy::schema::Field;
use tantivy::schema::document::{Document, ReferenceValue, ReferenceValueLeaf, Value};

use crate::model::words::Words;
use crate::segment::schema::{DocumentKind, Fields, IndexedText};

/// A document.
#[derive(Debug, Default)]
pub(crate) struct IndexDocument<'m> {
    pub values: Values,
    /// Words with spaces between them, by the text they are of.
    pub texts: Vec<(IndexedText, Cow<'m, str>)>,
    /// What is said in a passage, and behind it.
    pub spoken: Option<(&'m Words, &'m Words)>,
}

/// Fields and what they hold.
#[derive(Debug, Default)]
pub(crate) struct Values(Vec<FieldValue>);

type FieldValue = (Field, Content);

/// What a field holds.
#[derive(Clone, Debug)]
pub(crate) enum Content {
    Text(String),
    Number(u64),
}

impl IndexDocument<'_> {
    /// An empty one of this sort.
    pub(crate) fn new(fields: &Fields, what: DocumentKind) -> Self {
        let mut document = Self::default();
        document.add_text(fields.what, what.as_str());
        document
    }

    /// `text` is in `field` too.
    pub(crate) fn add_text(&mut self, field: Field, text: impl Into<String>) {
        self.values.0.push((field, Content::Text(text.into())));
    }

    /// `number` is in `field` too.
    pub(crate) fn add_u64(&mut self, field: Field, number: u64) {
        self.values.0.push((field, Content::Number(number)));
    }
}

impl Values {
    /// All of them.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &FieldValue> {
        self.0.iter()
    }
}

impl Document for Values {
    type Value<'a> = &'a Content;
    type FieldsValuesIter<'a> =
        Map<Iter<'a, FieldValue>, fn(&'a FieldValue) -> (Field, &'a Content)>;

    fn iter_fields_and_values(&self) -> Self::FieldsValuesIter<'_> {
        self.0.iter().map(|(field, content)| (*field, content))
    }
}

impl<'a> Value<'a> for &'a Content {
    type ArrayIter = Empty<Self>;
    type ObjectIter = Empty<(&'a str, Self)>;

    fn as_value(&self) -> ReferenceValue<'a, Self> {
        ReferenceValue::Leaf(match self {
            Content::Text(text) => ReferenceValueLeaf::Str(text),
            Content::Number(number) => ReferenceValueLeaf::U64(*number),
        })
    }
}
