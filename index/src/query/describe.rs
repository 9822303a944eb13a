//! How a query was read, as codes.

use super::ast::{Node, QueryWord};
use super::date::Days;
use crate::model::understood::{AskedField, AskedWord, QueryPart};
use crate::segment::schema::SearchField;

/// What a tree asks for.
pub(super) fn asked(tree: &Node) -> QueryPart {
    match tree {
        Node::Word { field, word: text } => QueryPart::Word(asked_field(*field), word(text)),
        Node::Reading { words, .. } => QueryPart::Together(all(words)),
        Node::LongForm { words, .. } => QueryPart::All(
            words.iter().map(|text| QueryPart::Word(AskedField::Any, word(text))).collect(),
        ),
        Node::Phrase { field, words } => QueryPart::Phrase(asked_field(*field), all(words)),
        Node::Near { field, words, distance } => {
            QueryPart::Near(asked_field(*field), all(words), *distance)
        }
        Node::Date(days) => {
            let (first, last) = span(*days);
            QueryPart::Days(first, last)
        }
        Node::Role(role) => QueryPart::Role(role.as_str()),
        Node::Vote(verdicts) => {
            QueryPart::Vote(verdicts.iter().map(|verdict| verdict.code()).collect())
        }
        Node::All(parts) => QueryPart::All(parts.iter().map(asked).collect()),
        Node::One(parts) => QueryPart::One(parts.iter().map(asked).collect()),
        Node::Not(inner) => QueryPart::Not(Box::new(asked(inner))),
    }
}

fn all(words: &[QueryWord]) -> Vec<AskedWord> {
    words.iter().map(word).collect()
}

fn word(word: &QueryWord) -> AskedWord {
    AskedWord { text: word.text().to_owned(), is_beginning: matches!(word, QueryWord::Prefix(_)) }
}

fn asked_field(field: SearchField) -> AskedField {
    match field {
        SearchField::Spoken | SearchField::Written => AskedField::Any,
        SearchField::Speaker => AskedField::Speaker,
        SearchField::Party => AskedField::Party,
        SearchField::Organization => AskedField::Organization,
        SearchField::Item | SearchField::VoteItem => AskedField::Item,
        SearchField::Paper | SearchField::VotePaper => AskedField::Paper,
    }
}

fn span(days: Days) -> (String, String) {
    let day = |n: u64| format!("{:04}-{:02}-{:02}", n / 10_000, n / 100 % 100, n % 100);
    (day(days.first), day(days.last))
}
