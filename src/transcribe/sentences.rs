//! Where a sentence ends, as far as full stops and pauses tell. Owns which numbers are ordinals; refuses
//! to cut "am 15. Mai", "der 3. Senat" and "Dr. Muster".

use std::collections::HashSet;
use std::sync::LazyLock;

use mitschnitt_german::folding::fold;
use mitschnitt_german::{abbreviations, function_words};

use crate::domain::Word;

/// A pause of this many milliseconds behind "15." ends a sentence where neither the words before it nor
/// the one behind say that it is an ordinal.
const SENTENCE_PAUSE: u64 = 300;

/// Behind these, a number before a noun is an ordinal: "die 12. Sitzung", "zum 3. Mal", "Ihr 2. Antrag".
const DETERMINERS: &str = "\
    der die das den dem des ein eine einen einem einer eines am ans beim im ins vom zum zur \
    dieser diese dieses diesen diesem jeder jede jedes jeden jedem mein meine meinen meinem meiner \
    meines sein seine seinen seinem seiner seines ihr ihre ihren ihrem ihrer ihres unser unsere \
    unseren unserem unserer unseres euer eure kein keine keinen keinem keiner keines dessen deren";

/// Behind these, too, unless the number is as big as a year: "in 2. Lesung", "ab 3. Klasse".
const PREPOSITIONS: &str = "ab in je laut gemäß";

/// With a capital, these only begin sentences, beside function words: no ordinal stands before them.
const OPENERS: &str = "\
    danke dankeschön dank okay ok gut gibt gibts herr herrn frau kollege kollegin liebe lieber \
    meine verehrte geehrte sehr guten dafür zunächst gleich sodann erstens weiterhin ansonsten \
    heute gestern vorhin";

const MONTHS: &str = "\
    januar jänner februar märz april mai juni juli august september oktober november dezember \
    jan feb apr jun jul aug sep sept okt nov dez";

/// Whether a word may begin a sentence.
pub fn begins_sentence(text: &str) -> bool {
    text.chars().find(|c| c.is_alphanumeric()).is_some_and(char::is_uppercase)
}

/// Whether a sentence ends behind these words, the first of which begins an utterance.
pub fn ends_sentence(words: &[Word], next: &Word) -> bool {
    let Some((last, before)) = words.split_last() else { return false };
    let text = last.text.as_str();
    if text.ends_with(['!', '?', '…']) {
        return true;
    }
    if !text.ends_with('.') || !begins_sentence(&next.text) {
        return false;
    }
    let number = text.trim_end_matches('.');
    if number.bytes().all(|b| b.is_ascii_digit()) {
        let pause = next.start_ms.since(last.end_ms);
        return number_ends_sentence(number, before, &fold(&next.text), pause);
    }
    !abbreviations::goes_on(&text.to_lowercase())
}

/// Whether "15." before a capital is a number at the end of its sentence; `next` is folded, `pause` in
/// milliseconds.
fn number_ends_sentence(number: &str, before: &[Word], next: &str, pause: u64) -> bool {
    // "2. Die Verwaltung wird beauftragt" counts, at the beginning and behind a comma.
    let counts = |word: &Word| word.text.ends_with([',', ';', ':']);
    if number.is_empty() || before.last().is_none_or(counts) || is_of(&FOLDED.months, next) {
        return false;
    }
    if is_of(&FOLDED.openers, next) {
        return true;
    }
    let previous = first_of_row(before);
    if is_of(&FOLDED.determiners, &previous) {
        return false;
    }
    // Nobody is the 2030th.
    number.len() >= 4 || pause >= SENTENCE_PAUSE && !is_of(&FOLDED.prepositions, &previous)
}

/// The word before a number, folded, or of a row of ordinals ("der 2. und 3. Senat") before its first.
fn first_of_row(mut before: &[Word]) -> String {
    while let [earlier @ .., number, link] = before
        && matches!(link.text.as_str(), "und" | "oder" | "bis" | "sowie" | "bzw.")
        && number.text.strip_suffix('.').is_some_and(|n| n.bytes().all(|b| b.is_ascii_digit()))
    {
        before = earlier;
    }
    before.last().map(|word| fold(&word.text)).unwrap_or_default()
}

/// The lists as they are looked up.
struct FoldedLists {
    determiners: HashSet<String>,
    prepositions: HashSet<String>,
    openers: HashSet<String>,
    months: HashSet<String>,
}

static FOLDED: LazyLock<FoldedLists> = LazyLock::new(|| {
    let folded = |words: &str| words.split_whitespace().map(fold).collect::<HashSet<_>>();
    let function_words = function_words::all().iter().map(|known| known.word.clone());
    FoldedLists {
        determiners: folded(DETERMINERS),
        prepositions: folded(PREPOSITIONS),
        openers: folded(OPENERS).into_iter().chain(function_words).collect(),
        months: folded(MONTHS),
    }
});

fn is_of(words: &HashSet<String>, folded: &str) -> bool {
    words.contains(folded)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::MediaTime;

    /// Whether a sentence ends where "|" stands, after a pause of so many milliseconds.
    fn ends(text: &str, pause: u64) -> bool {
        let (before, next) = text.split_once(" | ").expect("a place");
        let word = |text: &str, at: u64| Word {
            text: text.to_owned(),
            start_ms: MediaTime::from_millis(at),
            end_ms: MediaTime::from_millis(at + 250),
            confidence: 1.0,
            raw: None,
        };
        let words: Vec<Word> =
            (0..).zip(before.split(' ')).map(|(n, text)| word(text, n * 300)).collect();
        let end = words.last().expect("a word").end_ms.millis();
        ends_sentence(&words, &word(next.split(' ').next().expect("a word"), end + pause))
    }

    #[test]
    fn full_stops_end_sentences_but_those_of_titles_do_not() {
        assert!(ends("Das ist beschlossen. | Wir kommen", 50) && ends("Warum? | Weil", 50));
        for text in ["Herr Dr. | Muster", "nach Nr. | Fünf", "und | Wir", "beschlossen. | wir"] {
            assert!(!ends(text, 400), "{text}");
        }
    }

    #[test]
    fn a_number_ends_a_sentence() {
        for (text, pause) in [
            ("Das dauert bis zum Jahr 2030. | Vielen Dank", 400),
            ("Das dauert bis zum Jahr 2030. | Vielen Dank", 60),
            ("Es kostet 15000. | Stadtrat Muster", 60),
            ("ab dem Jahr 2031. | Bürgermeisterin Muster", 60),
            ("Das war Punkt 5. | Wir kommen", 60),
            ("Wir treffen uns am 15. | Frau Muster", 200),
            ("Dafür stimmten 15. | Enthaltungen gab", 400),
            ("Das steht auf Seite 12. | Bürgermeister Muster", 450),
            ("Das gilt mit 18. | Gibt es", 100),
            ("Das macht 350. | Das ist", 60),
        ] {
            assert!(ends(text, pause), "{text}");
        }
    }

    #[test]
    fn ordinals_stay_with_their_nouns() {
        for (text, pause) in [
            ("Wir treffen uns am 15. | Mai", 600),
            ("bis 31. | Dezember", 600),
            ("Das sagt der 3. | Senat", 600),
            ("Das sagen der 2. und 3. | Senat", 600),
            ("Ich eröffne die 12. | Sitzung", 800),
            ("in 2. | Lesung", 500),
            ("Er ist 1. | Bürgermeister", 100),
            ("Das ist unser 4. | Antrag", 500),
            ("Das war die 1000. | Besucherin", 500),
            ("2. | Feststellung der", 500),
            ("wird ermächtigt, 2. | Die Verwaltung", 400),
            ("Folgendes: 1. | Wir bauen", 400),
            ("im 21. | Jahrhundert", 400),
            ("Stimmen 15. | enthalten", 400),
        ] {
            assert!(!ends(text, pause), "{text}");
        }
    }
}
