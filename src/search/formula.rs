//! Whether a chair says nothing but what every meeting has: calls somebody or something, asks for hands,
//! thanks, tells a result. It reads words; who speaks, its caller knows. In doubt something is said.

use std::collections::HashSet;
use std::sync::LazyLock;

use mitschnitt_german::folding::{core_range, fold};
use mitschnitt_german::{function_words, titles};

/// Longest passage that is a formula, in words.
const MOST_WORDS: usize = 25;
/// Longest clause that "bitte" makes one: "Herr Dr. Muster, bitte sehr."
const MOST_WITH_PLEASE: usize = 4;
/// Longest clause that may begin with a name, which nothing tells from a verb at the beginning.
const MOST_OF_A_NAME: usize = 2;

/// What makes a clause a formula, whatever else it says: words, folded, and beginnings of words before a `*`.
const FORMULA_WORDS: &str = "abstimm* bedanke begruesse dank danke einstimmig* enthaltung* eroeffne erteile folgt \
    gegenstimm* handzeichen redeliste redner* rufe schliesse tagesordnungspunkt* top uebergebe unterbreche wort \
    wortmeldung* zusatzpunkt*";
/// Two words that do so together, the first and the second one of these.
const FORMULA_PAIRS: &[(&str, &str)] = &[
    ("wer", "dafuer dagegen enthaelt enthalten zustimmt zustimmen"),
    ("komme kommen", "zu zum zur"),
    ("naechster naechste naechsten bei", "punkt"),
    (
        "gibt sind besteht bestehen",
        "anmerkungen bedenken einwaende ergaenzungen fragen nachfragen widerspruch",
    ),
    (
        "ist sind damit",
        "abgelehnt angenommen beschlossen bestaetigt gewaehlt ueberwiesen zugestimmt",
    ),
    ("nicht", "fall"),
];
/// Function words that say something where no formula is: answers, and verbs.
const SAYING: &str = "bin bist darf duerfen duerfte durfte durften hat hatte hatten habe haben habt haette haetten ist kann \
    kein keine keinem keinen keiner keines koennen koennte koennten konnte konnten moechte moechten muessen muesste \
    muessten muss musste mussten nein nicht nichts nie niemand sei seid sein seien sind sollen sollte sollten waere waeren \
    war werden will wird wollen wollte wollten worden wurde wurden";

/// What a clause of a sentence is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ClauseKind {
    /// A formula.
    Formula,
    /// Names, places and small words, which say nothing by themselves.
    Nothing,
    /// Anything else.
    Statement,
}

/// Whether these words, with their punctuation, are formulas and nothing else.
pub(super) fn is_formula(words: &[&str]) -> bool {
    if words.len() > MOST_WORDS {
        return false;
    }
    let mut is_any = false;
    let mut begins = true;
    for clause in words.split_inclusive(|word| word.ends_with(['.', '!', '?', ',', ';', ':'])) {
        match read(clause, begins) {
            ClauseKind::Formula => is_any = true,
            ClauseKind::Nothing => {}
            ClauseKind::Statement => return false,
        }
        begins = clause.last().is_some_and(|word| word.ends_with(['.', '!', '?']));
    }
    is_any
}

/// Of a clause at whose beginning a sentence `begins`, or does not.
fn read(clause: &[&str], begins: bool) -> ClauseKind {
    let core = |word: &&'_ str| core_range(word).map(|range| word[range].to_owned());
    let written: Vec<String> = clause.iter().filter_map(core).collect();
    let folded: Vec<String> = written.iter().map(|word| fold(word)).collect();
    let has =
        |list: &str| list.split_whitespace().any(|entry| folded.iter().any(|word| is(word, entry)));
    let is_please = folded.len() <= MOST_WITH_PLEASE && has("bitte");
    if is_please || has(FORMULA_WORDS) || FORMULA_PAIRS.iter().any(|(a, b)| has(a) && has(b)) {
        return ClauseKind::Formula;
    }
    let says_nothing = |(n, word): (usize, &String)| {
        let is_capital = word.starts_with(|c: char| c.is_uppercase() || c.is_numeric());
        let is_name = is_capital && (n > 0 || !begins || written.len() <= MOST_OF_A_NAME);
        let small = is_function(&folded[n]) && !SAYING.split_whitespace().any(|s| s == folded[n]);
        small || !is_function(&folded[n]) && (is_name || titles::is_title(&folded[n]))
    };
    match written.iter().enumerate().all(says_nothing) {
        true if folded.iter().any(|word| titles::is_title(word)) => ClauseKind::Formula,
        true => ClauseKind::Nothing,
        false => ClauseKind::Statement,
    }
}

fn is(word: &str, entry: &str) -> bool {
    entry.strip_suffix('*').map_or(word == entry, |beginning| word.starts_with(beginning))
}

fn is_function(folded: &str) -> bool {
    static ALL: LazyLock<HashSet<&str>> =
        LazyLock::new(|| function_words::all().iter().map(|word| word.word.as_str()).collect());
    ALL.contains(folded)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn formula(text: &str) -> bool {
        is_formula(&text.split_whitespace().collect::<Vec<_>>())
    }

    #[test]
    fn what_calls_thanks_and_counts_is_a_formula() {
        for text in [
            "Das Wort hat die Abgeordnete Frau Müller.",
            "Herr Dr. Müller, bitte.",
            "Frau Kollegin Meier für die SPD-Fraktion.",
            "Vielen Dank, Herr Müller, für Ihren Beitrag.",
            "Ich rufe auf den Tagesordnungspunkt 5: Bericht zum Haushalt.",
            "Wir kommen zum nächsten Punkt.",
            "Wer ist dafür? Wer ist dagegen? Enthaltungen?",
            "Gibt es weitere Fragen? Das ist nicht der Fall.",
            "Damit ist der Antrag einstimmig angenommen.",
            "Ich bitte um das Handzeichen.",
            "Ja, Herr Müller.",
        ] {
            assert!(formula(text), "{text}");
        }
    }

    #[test]
    fn what_answers_is_none_however_short() {
        for text in [
            "Nein, das ist nicht geplant.",
            "Danke, das ist nicht geplant.",
            "Vielen Dank. Die Verwaltung prüft das.",
            "Danke. Das ist Aufgabe der Verwaltung.",
            "Danke, Herr Müller. Nehmen wir mit.",
            "Herr Müller hat das geprüft.",
            "Ja.",
            "Nein.",
            "Im Mai.",
            "Das weiß ich nicht.",
            "",
        ] {
            assert!(!formula(text), "{text}");
        }
        assert!(!formula(&"Danke. ".repeat(MOST_WORDS + 1)));
    }
}
