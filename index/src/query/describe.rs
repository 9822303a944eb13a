//! How a query was read, in German, for the page above the hits.

use super::ast::{Node, QueryWord};
use super::date::Days;
use super::lexer::Minus;
use super::parse::Note;
use super::{LOOKAHEAD, MAX_CHARS, MAX_TERMS, MIN_PREFIX};
use crate::segment::schema::SearchField;

/// The reading of a query and where it differs from the text.
pub(super) fn query(root: &Node, notes: &[Note]) -> String {
    format!("Gesucht wird {}. {}", node(root), remarks(notes))
}

/// Nothing of the text can be searched for.
pub(super) fn nothing(notes: &[Note]) -> String {
    format!("Darin ist kein Wort, nach dem gesucht werden kann. {}", remarks(notes))
        .trim_end()
        .to_owned()
}

fn remarks(notes: &[Note]) -> String {
    notes.iter().map(remark).collect::<Vec<_>>().join(" ")
}

fn remark(note: &Note) -> String {
    match note {
        Note::TooLong => format!("Gelesen wurden die ersten {MAX_CHARS} Zeichen."),
        Note::TooManyWords => format!("Gelesen wurden die ersten {MAX_TERMS} Wörter."),
        Note::Unclosed => "Das schließende Anführungszeichen wurde ergänzt.".to_owned(),
        Note::Brackets => "Klammern ohne Gegenstück wurden ergänzt oder ausgelassen.".to_owned(),
        Note::Operator => {
            "Verknüpfungen und Felder, denen ein Wort fehlt, wurden ausgelassen.".to_owned()
        }
        Note::Near => "NAHE verbindet nur einzelne Wörter; hier gilt UND.".to_owned(),
        Note::Distance => format!("NAHE und ~ reichen 1 bis {LOOKAHEAD} Wörter weit."),
        Note::Sign('~') => {
            "„~“ gilt nur hinter einer Wortfolge; Ähnliches wird von selbst gesucht.".to_owned()
        }
        Note::Sign(sign) => format!("„{sign}“ gilt nur am Ende eines Wortes."),
        Note::ShortPrefix(word) => {
            format!("„{word}*“ braucht {MIN_PREFIX} Buchstaben und gilt als Wort.")
        }
        Note::Date(text) => format!("„{text}“ ist kein Datum (etwa 2021 oder 2020-01..2021-06)."),
        Note::Role(text) => format!(
            "„{text}“ ist keine Rolle (Vorsitz, Mitglied, Verwaltung, Gast oder Einwohner)."
        ),
        Note::Day(text) => format!("„{text}“ gilt auch als Zeit der Sitzung."),
        Note::Item(text) => format!("„{text}“ gilt auch als Tagesordnungspunkt."),
        Note::Minus(Minus::Sign) => {
            "Das Minus gilt als Vorzeichen der Zahl; „NICHT“ schließt sie aus.".to_owned()
        }
        Note::Minus(Minus::Not) => {
            "Das Minus schließt die Zahl aus, weil sie mit Vorzeichen nicht vorkommt.".to_owned()
        }
        Note::Stopwords(words) => {
            format!("Nicht gesucht, weil fast überall: {}.", words.join(", "))
        }
    }
}

fn node(tree: &Node) -> String {
    match tree {
        Node::Word { field, word: text } => format!("{}{}", field_name(*field), word(text)),
        Node::Reading { words, .. } => format!("„{}“", joined(words, " ")),
        Node::LongForm { words, .. } => words.iter().map(word).collect::<Vec<_>>().join(" und "),
        Node::Phrase { field, words } => {
            format!("{}genau „{}“", field_name(*field), joined(words, " "))
        }
        Node::Near { field, words, distance: 1 } => format!(
            "{}{} nebeneinander",
            field_name(*field),
            words.iter().map(word).collect::<Vec<_>>().join(" und ")
        ),
        Node::Near { field, words, distance } => format!(
            "{}{} höchstens {distance} Wörter voneinander",
            field_name(*field),
            words.iter().map(word).collect::<Vec<_>>().join(" nahe ")
        ),
        Node::Date(days) => format!("Datum {}", span(*days)),
        Node::Role(role) => format!("Rolle: {}", role.in_german()),
        Node::All(parts) => list(parts, " und "),
        Node::One(parts) => list(parts, " oder "),
        Node::Not(inner) => format!("nicht {}", nested(inner)),
    }
}

fn list(parts: &[Node], between: &str) -> String {
    parts.iter().map(nested).collect::<Vec<_>>().join(between)
}

fn nested(tree: &Node) -> String {
    match tree {
        Node::All(_) | Node::One(_) => format!("({})", node(tree)),
        _ => node(tree),
    }
}

fn word(word: &QueryWord) -> String {
    match word {
        QueryWord::Whole(text) => format!("„{text}“"),
        QueryWord::Prefix(text) => format!("„{text}…“"),
    }
}

fn joined(words: &[QueryWord], between: &str) -> String {
    let text = |word: &QueryWord| match word {
        QueryWord::Whole(text) => text.clone(),
        QueryWord::Prefix(text) => format!("{text}…"),
    };
    words.iter().map(text).collect::<Vec<_>>().join(between)
}

fn field_name(field: SearchField) -> &'static str {
    match field {
        SearchField::Spoken | SearchField::Written => "",
        SearchField::Speaker => "Sprecher: ",
        SearchField::Party => "Fraktion: ",
        SearchField::Organization => "Gremium: ",
        SearchField::Item => "TOP: ",
        SearchField::Paper => "Vorlage: ",
    }
}

fn span(days: Days) -> String {
    let day = |n: u64| format!("{:04}-{:02}-{:02}", n / 10_000, n / 100 % 100, n % 100);
    match days.first == days.last {
        true => day(days.first),
        false => format!("{} bis {}", day(days.first), day(days.last)),
    }
}
