//! A document as it is handed to Tantivy. A passage's words go into five fields, and are there once.

use std::iter::{Empty, Map};
use std::slice::Iter;
use std::sync::Arc;

use tantivy::schema::Field;
use tantivy::schema::document::{Document, ReferenceValue, ReferenceValueLeaf, Value};

/// Fields and what they hold.
#[derive(Debug, Default)]
pub(crate) struct Sheet(Vec<Pair>);

type Pair = (Field, Content);

/// What a field holds.
#[derive(Clone, Debug)]
pub(crate) enum Content {
    Text(Arc<str>),
    Number(u64),
}

impl Sheet {
    /// An empty one.
    pub(crate) fn new() -> Self {
        // A passage has about so many.
        Self(Vec::with_capacity(40))
    }

    /// `text` is in `field` too.
    pub(crate) fn add_text(&mut self, field: Field, text: impl Into<Arc<str>>) {
        self.0.push((field, Content::Text(text.into())));
    }

    /// `number` is in `field` too.
    pub(crate) fn add_u64(&mut self, field: Field, number: u64) {
        self.0.push((field, Content::Number(number)));
    }
}

impl Document for Sheet {
    type Value<'a> = &'a Content;
    type FieldsValuesIter<'a> = Map<Iter<'a, Pair>, fn(&'a Pair) -> (Field, &'a Content)>;

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
