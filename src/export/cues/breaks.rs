//! Where a caption or a line may end: what it costs to cut between two words. Owns what belongs together
//! in German: article and noun, title and name, number and unit.

use mitschnitt_german::folding::fold;
use mitschnitt_german::{abbreviations, titles};

use super::CueWord;

/// Nothing is torn apart.
const NOTHING: u32 = 0;
/// Any two words of a sentence.
const WITHIN: u32 = 28;
/// The halves of a word.
const WORD: u32 = 70;

const CONJUNCTIONS: &str = "\
    und oder aber sondern denn sowie doch dass weil wenn ob obwohl damit als während nachdem bevor \
    bis falls sofern soweit indem wobei wie sodass beziehungsweise bzw. entweder weder noch";

const PREPOSITIONS: &str = "\
    in im ins an am ans auf aufs für fürs mit von vom zu zum zur bei beim nach aus über unter durch \
    gegen ohne um vor hinter neben zwischen seit bis wegen trotz während innerhalb außerhalb \
    bezüglich hinsichtlich gemäß laut entsprechend anhand aufgrund mithilfe statt gegenüber je pro ab";

const DETERMINERS: &str = "\
    der die das den dem des ein eine einen einem einer eines dieser diese dieses diesen diesem jeder \
    jede jedes jeden jedem kein keine keinen keinem keiner keines mein meine meinen meinem meiner \
    unser unsere unseren unserem unserer ihr ihre ihren ihrem ihrer sein seine seinen seinem seiner \
    alle allen aller einige einigen mehrere welche welcher welches welchen am im zum zur vom beim ins";

/// What belongs to the word behind, beside articles, prepositions and titles.
const LEANING: &str = "\
    nicht sehr ganz so zu noch schon nur auch etwa rund circa ca. knapp herr herrn frau kollege \
    kollegin kollegen top nummer nr. ziffer punkt tagesordnungspunkt paragraph § artikel absatz satz";

const UNITS: &str = "\
    euro cent prozent uhr jahre jahren jahr tage tagen wochen monate monaten meter metern kilometer \
    kilometern millionen million milliarden tausend hundert stimmen enthaltungen % € qm januar \
    februar märz april mai juni juli august september oktober november dezember";

/// What it costs to end a caption behind `before` and go on with `behind`; 0 where a sentence ends.
pub fn cost(before: &CueWord, behind: &CueWord) -> u32 {
    if behind.continues {
        return WORD;
    }
    // Where it was cut by itself, a word may be cut again.
    let text = before.text.trim_end_matches(['"', '“', '”', '«', '»', '\'', ')', ']']);
    if before.ends_utterance || ends_sentence(text, &behind.text) {
        return NOTHING;
    }
    let pause = behind.start.since(before.end);
    let (last, next) = (bare(&before.text), bare(&behind.text));
    let place = match text.chars().last() {
        Some(';' | ':') => 3,
        Some(',' | '–' | '—') => 6,
        _ if pause >= 500 => 6,
        _ if is_of(CONJUNCTIONS, &next) => 12,
        _ if pause >= 250 => 16,
        _ if is_of(PREPOSITIONS, &next) => 18,
        _ => WITHIN,
    };
    if place <= 6 && pause < 500 {
        return place;
    }
    place + bond(before, behind, &last, &next)
}

/// How closely the word before is bound to that behind.
fn bond(before: &CueWord, behind: &CueWord, last: &str, next: &str) -> u32 {
    let is_number = |text: &str| text.chars().any(|c| c.is_ascii_digit());
    let capital = |part: &CueWord| {
        part.text.chars().find(|c| c.is_alphabetic()).is_some_and(char::is_uppercase)
    };
    if titles::before_names(&fold(last)) || is_of(LEANING, last) && !is_of(LEANING, next) {
        18
    } else if is_of(DETERMINERS, last)
        || is_of(PREPOSITIONS, last)
        || is_number(last) && (is_of(UNITS, next) || capital(behind))
    {
        16
    } else if is_of(CONJUNCTIONS, last) {
        12
    } else if capital(behind) && !capital(before) {
        // An adjective and its noun, more often than not.
        5
    } else if capital(behind) && capital(before) {
        // Names.
        7
    } else {
        0
    }
}

fn ends_sentence(text: &str, next: &str) -> bool {
    if text.ends_with(['!', '?', '…']) {
        return true;
    }
    let starts = next.chars().find(|c| c.is_alphanumeric()).is_some_and(|c| !c.is_lowercase());
    // "21." is an ordinal, unless an utterance ends there.
    let is_number = |text: &str| text.trim_end_matches('.').ends_with(|c: char| c.is_ascii_digit());
    text.ends_with('.')
        && starts
        && !is_number(text)
        && !abbreviations::goes_on(&text.to_lowercase())
}

fn bare(text: &str) -> String {
    text.trim_end_matches([',', ';', ':', '!', '?', '…', '"', '“', ')'])
        .trim_start_matches(['"', '„', '('])
        .to_lowercase()
}

fn is_of(list: &str, word: &str) -> bool {
    !word.is_empty() && list.split_ascii_whitespace().any(|known| known == word)
}
