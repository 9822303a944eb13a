//! The formulas of council meetings and how strongly each speaks for what it speaks for.
//! Owns patterns and weights (natural log-odds, set by hand from council rules of procedure and
//! checked against measured cases); decides nothing by itself.
//!
//! A pattern is words in order; `a|b` are alternatives, `..` stands for up to four other words, `...`
//! for up to eight.
//! Words match as written or as they sound ("Fort" for "Wort"), because recognisers mishear.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::stream::Token;
use crate::phonetics::{cologne, distance, fold};

/// What a formula speaks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Opens an agenda item.
    Call,
    /// Opens the following item without naming it.
    Next,
    /// Speaks of the agenda without opening anything ("TOP 8 wird abgesetzt").
    Arrange,
    /// The chair gives somebody the floor.
    Floor,
    /// The chair asks something of the speaker, who then goes on.
    Interject,
    /// The chair asks whether somebody may put a question to the speaker.
    Question,
    /// Only the chair says this.
    Chair,
    /// The chair says this when the debate or the vote on an item is over.
    Done,
    /// Somebody is thanked; the chair, if a name follows.
    Thanks,
    /// Only somebody who is not the chair says this.
    Member,
    /// Somebody begins to speak by greeting the chair.
    Greet,
    /// Who puts a question, or answers one, says this.
    Asked,
    /// Somebody says their own name.
    Introduce,
    /// The meeting, or its public part, ends.
    Close,
    /// The public part goes on.
    Reopen,
}

impl Kind {
    /// Whether the chair does not say this.
    pub fn speaks_against_chair(self) -> bool {
        matches!(self, Self::Member | Self::Greet | Self::Asked | Self::Introduce)
    }
}

/// A formula found: `first..end` are token indices.
#[derive(Clone, Copy, Debug)]
pub(super) struct Hit {
    pub kind: Kind,
    pub weight: f32,
    pub first: usize,
    pub end: usize,
}

#[rustfmt::skip]
const FORMULAS: &[(&str, Kind, f32)] = &[
    ("rufe .. auf", Kind::Call, 3.0),
    ("rufe .. den|die|das tagesordnungspunkt|tagesordnungspunkte|top|zusatzpunkt|zusatzpunkte|punkt|einzelplan", Kind::Call, 2.5),
    ("rufe .. tagesordnungspunkt|tagesordnungspunkte|top|zusatzpunkt|zusatzpunkte|punkt", Kind::Call, 2.5),
    ("auf .. den|die tagesordnungspunkt|tagesordnungspunkte|zusatzpunkt|zusatzpunkte|top", Kind::Call, 1.5),
    ("kommen .. zu|zum|zur tagesordnungspunkt|tagesordnungspunkte|top|punkt|zusatzpunkt|einzelplan|tagesordnungspunkten|punkten", Kind::Call, 3.0),
    ("kommen .. zu dem|den|der tagesordnungspunkt|tagesordnungspunkten|top|punkt|zusatzpunkt|zusatzpunkten", Kind::Call, 3.0),
    ("kommen wir .. zu|zum|zur", Kind::Call, 1.5),
    ("wir kommen .. zu|zum|zur", Kind::Call, 1.5),
    ("kommen .. zu|zum|zur", Kind::Call, 0.8),
    ("komme .. zu|zum|zur", Kind::Call, 1.0),
    ("gelangen .. zu|zum|zur", Kind::Call, 2.0),
    ("gehen .. uber zu|zum|zur", Kind::Call, 2.0),
    ("weiter .. mit", Kind::Call, 0.8),
    ("beginnen .. mit", Kind::Call, 1.5),
    ("treten .. ein in", Kind::Call, 1.0),
    ("eroffne .. den|die tagesordnungspunkt|punkt|top", Kind::Call, 2.0),
    ("behandeln .. den|die tagesordnungspunkt|tagesordnungspunkte|punkt|top", Kind::Call, 1.5),
    ("setzen|kehren .. zuruck zu|zum|zur", Kind::Call, 2.0),
    ("nachster|nachste|nachsten punkt|tagesordnungspunkt|top|zusatzpunkt", Kind::Next, 3.0),
    ("folgt .. tagesordnungspunkt|top", Kind::Next, 2.0),

    ("komme|kommen .. zuruck zu|zum", Kind::Arrange, 1.5),
    ("komme|kommen .. zu|zum|zur .. abstimmung|abstimmungen|schlussabstimmung|beschlussfassung|entscheidung|wahl|aussprache|debatte", Kind::Arrange, 1.0),
    ("bevor .. zu|zum|zur|den|die", Kind::Arrange, 3.0),
    ("erfolgt|beraten|gemeinsam .. mit|zu tagesordnungspunkt|top", Kind::Arrange, 2.0),
    ("abgesetzt", Kind::Arrange, 3.0),
    ("absetzen", Kind::Arrange, 2.0),
    ("setze|setzen|nehmen|nehme .. ab", Kind::Arrange, 2.5),
    ("von der tagesordnung", Kind::Arrange, 4.0),
    ("zuruckgezogen", Kind::Arrange, 2.0),
    ("zuruckgestellt", Kind::Arrange, 3.0),
    ("vertagt", Kind::Arrange, 3.0),
    ("verschoben", Kind::Arrange, 2.0),
    ("vorgezogen", Kind::Arrange, 2.0),
    ("aufgesetzt", Kind::Arrange, 1.0),
    ("die tagesordnung .. erganzt|erweitert|erweitern|andern", Kind::Arrange, 2.0),
    ("reihenfolge", Kind::Arrange, 1.0),
    ("redner|rednerin .. zu diesem", Kind::Arrange, 2.0),
    ("schliesse .. den|die tagesordnungspunkt|punkt|top", Kind::Arrange, 1.5),

    ("das wort hat", Kind::Floor, 4.0),
    ("wort .. hat .. die|der|das|fur|herr|frau|kollege|kollegin|abgeordnete", Kind::Floor, 2.5),
    ("hat ... das wort", Kind::Floor, 3.5),
    ("haben .. das wort", Kind::Floor, 3.0),
    ("erhalt|bekommt ... das wort", Kind::Floor, 3.5),
    ("erteile .. wort", Kind::Floor, 4.0),
    ("erteile ich", Kind::Floor, 3.0),
    ("ich erteile", Kind::Floor, 3.5),
    ("gebe .. wort", Kind::Floor, 3.5),
    ("gebe .. weiter an", Kind::Floor, 3.0),
    ("wort .. geht an", Kind::Floor, 4.0),
    ("ubergebe .. an|das", Kind::Floor, 2.5),
    ("nachster|nachste|erster|erste|letzter|letzte|nachsten|ersten redner|rednerin", Kind::Floor, 4.0),
    ("redner|rednerin ist", Kind::Floor, 2.0),
    ("redner|rednerin .. in der|dieser debatte|aussprache", Kind::Floor, 2.0),
    ("als nachste|nachster|nachstes|nachsten|erste|erster|erstes|letzte|letzter", Kind::Floor, 2.5),
    ("spricht|redet .. fur", Kind::Floor, 2.0),
    ("spricht .. herr|frau|kollege|kollegin|dr", Kind::Floor, 2.0),
    ("es folgt|spricht", Kind::Floor, 2.0),
    ("ist .. zu wort gemeldet", Kind::Floor, 3.0),
    ("kommt|kommen .. zu wort", Kind::Floor, 3.5),
    ("gehen .. weiter zu", Kind::Floor, 2.5),
    ("fur die .. fraktion", Kind::Floor, 1.5),
    ("folgt .. fur", Kind::Floor, 1.5),
    ("kommen .. zu herrn|frau|dr", Kind::Floor, 2.0),
    ("wortmeldung .. von", Kind::Floor, 2.0),
    ("bitte schon|sehr", Kind::Floor, 1.5),
    ("bitte", Kind::Floor, 0.7),
    ("berichterstatter|berichterstatterin ist", Kind::Floor, 2.5),
    ("wort .. antragsteller|antragstellerin", Kind::Floor, 3.0),
    ("zur begrundung", Kind::Floor, 1.0),
    ("folgt ihm|ihr", Kind::Floor, 1.5),

    ("kommen sie .. zum|zu schluss|ende", Kind::Interject, 4.0),
    ("sie kommen .. zum|zu schluss|ende", Kind::Interject, 3.0),
    ("zum|zu schluss|ende kommen", Kind::Interject, 2.0),
    ("gestatten|erlauben|lassen sie .. zwischenfrage|frage|zwischenbemerkung", Kind::Question, 4.0),
    ("zwischenfrage|zwischenbemerkung .. von|des|der", Kind::Question, 3.0),
    ("sie .. zwischenfrage|zwischenbemerkung", Kind::Question, 3.5),
    ("zwischenfrage|zwischenbemerkung", Kind::Question, 2.0),
    ("mochte|wurde .. zwischenfrage|frage stellen", Kind::Question, 2.5),
    ("kurzintervention", Kind::Question, 3.0),
    ("ihre redezeit", Kind::Interject, 2.5),
    ("redezeit", Kind::Interject, 1.0),
    ("letzter satz", Kind::Interject, 1.0),
    ("ich bitte um ruhe|aufmerksamkeit", Kind::Interject, 3.0),
    ("ordnungsruf", Kind::Interject, 2.0),

    ("eroffne .. aussprache|beratung|debatte|abstimmung|rednerliste", Kind::Chair, 4.0),
    ("schliesse .. aussprache|beratung|debatte|abstimmung|rednerliste", Kind::Done, 4.0),
    ("eroffne|schliesse .. sitzung|kreistagssitzung", Kind::Chair, 4.0),
    ("eroffne|schliesse", Kind::Chair, 1.0),
    ("sitzung ist .. eroffnet|geschlossen", Kind::Chair, 3.0),
    ("ich unterbreche", Kind::Chair, 2.0),
    ("keine weiteren wortmeldungen|redner|fragen", Kind::Done, 3.0),
    ("weitere wortmeldungen", Kind::Done, 3.0),
    ("wortmeldungen|wortmeldung", Kind::Chair, 1.0),
    ("gibt es .. wortmeldungen|fragen|gegenstimmen|enthaltungen|uberweisungsvorschlage|widerspruch", Kind::Chair, 2.0),
    ("zur abstimmung|entscheidung|wahl", Kind::Chair, 1.0),
    ("kommen .. zur abstimmung", Kind::Chair, 3.0),
    ("wer stimmt", Kind::Chair, 3.0),
    ("wer enthalt sich", Kind::Chair, 3.0),
    ("wer .. dafur|dagegen", Kind::Chair, 1.5),
    ("stimmt dagegen", Kind::Chair, 1.5),
    ("gegenprobe", Kind::Chair, 3.0),
    ("gegenstimmen|gegenstimme", Kind::Chair, 1.5),
    ("enthaltungen|enthaltung", Kind::Chair, 1.2),
    ("ihr votum", Kind::Chair, 3.0),
    ("handzeichen|kartenzeichen", Kind::Chair, 2.5),
    ("einstimmig|einstimmigkeit", Kind::Done, 1.5),
    ("mehrheitlich|mehrheitliche", Kind::Done, 1.5),
    ("deutliche|grosse mehrheit", Kind::Chair, 1.0),
    ("damit|somit|dann .. angenommen|abgelehnt|beschlossen", Kind::Done, 2.5),
    ("angenommen|abgelehnt", Kind::Chair, 0.7),
    ("so beschlossen", Kind::Done, 1.5),
    ("das|auch .. ist .. einstimmig|einstimmigkeit", Kind::Done, 2.0),
    ("fur die aussprache", Kind::Chair, 3.0),
    ("dauer von .. minuten", Kind::Chair, 2.0),
    ("verfahren wir", Kind::Done, 1.5),
    ("liegt ihnen vor", Kind::Chair, 0.5),
    ("uberweisung", Kind::Chair, 0.4),
    ("rednerliste", Kind::Chair, 1.0),

    ("vielen|herzlichen|schonen|besten dank", Kind::Thanks, 1.0),
    ("danke|dankeschon", Kind::Thanks, 1.0),
    ("danken|danke .. ihnen", Kind::Thanks, 0.3),

    ("frau prasidentin|vorsitzende|vorsitzender|oberburgermeisterin|landratin|burgermeisterin|prasident", Kind::Greet, 3.0),
    ("herr|herrn prasident|vorsitzender|vorsitzende|oberburgermeister|landrat|burgermeister|kreistagsvorsitzender", Kind::Greet, 2.5),
    ("frau kreistagsvorsitzende|stadtverordnetenvorsteherin", Kind::Greet, 3.0),
    ("sehr geehrte|geehrter|geehrten|verehrte|verehrten|verehrter", Kind::Member, 1.2),
    ("dank .. fur das wort", Kind::Greet, 4.0),
    ("meine damen und herren", Kind::Member, 0.8),
    ("kolleginnen und kollegen", Kind::Member, 0.5),
    ("fur ihre|die aufmerksamkeit", Kind::Member, 3.0),
    ("meine|meiner|unsere|unserer fraktion", Kind::Member, 2.0),
    ("unser|unseren|unserem|unseres antrag", Kind::Member, 1.5),
    ("wir als", Kind::Member, 1.5),
    ("wir .. zustimmen|ablehnen", Kind::Member, 1.0),
    ("wir stimmen|lehnen", Kind::Member, 1.5),
    ("vorredner|vorrednerin|vorredners", Kind::Member, 1.5),
    ("meine frage", Kind::Member, 1.0),
    ("habe .. eine|zwei|drei frage|fragen", Kind::Member, 1.0),

    ("dass sie .. zwischenfrage|zwischenbemerkung|kurzintervention|frage zulassen|gestatten|erlauben", Kind::Asked, 5.0),
    ("zulassen|zulassung der|meiner zwischenfrage|zwischenbemerkung|kurzintervention|frage", Kind::Asked, 5.0),
    ("fur ihre|die frage|fragen|zwischenfrage|nachfrage|zwischenbemerkung|kurzintervention", Kind::Asked, 3.0),
    ("ihre|ihrer zwischenfrage|zwischenbemerkung|kurzintervention", Kind::Asked, 3.0),

    ("mein name ist", Kind::Introduce, 4.0),
    ("ich heisse", Kind::Introduce, 3.0),

    ("schliesse .. die sitzung", Kind::Close, 4.0),
    ("schliesse .. den offentlichen teil", Kind::Close, 4.0),
    ("sitzung ist geschlossen|beendet", Kind::Close, 4.0),
    ("stelle .. die|nichtoffentlichkeit .. her", Kind::Close, 1.0),
    ("nichtoffentlichkeit .. her", Kind::Close, 4.0),
    ("zum nichtoffentlichen teil", Kind::Close, 3.5),
    ("am schluss|ende .. tagesordnung", Kind::Close, 3.5),
    ("am schluss|ende .. der offentlichen sitzung", Kind::Close, 3.5),
    ("offentlichkeit .. ist wieder hergestellt", Kind::Reopen, 4.0),
];

/// Nouns before an item's number, and how strongly the noun says that the number is an item's.
const NOUNS: &[(&str, f32)] = &[
    ("tagesordnungspunkt", 3.0),
    ("tagesordnungspunkte", 3.0),
    ("tagesordnungspunkten", 3.0),
    ("tagesordnungspunktes", 2.0),
    ("top", 3.0),
    ("tops", 3.0),
    ("zusatzpunkt", 3.0),
    ("zusatzpunkte", 3.0),
    ("zusatzpunkten", 3.0),
    ("einzelplan", 2.5),
    ("punkt", 1.5),
    ("punkte", 1.5),
    ("punkten", 1.5),
    ("nummer", 0.7),
    ("ziffer", 0.5),
];

/// Words after which a name comes.
const ADDRESSES: &[&str] = &[
    "frau",
    "herr",
    "herrn",
    "kollege",
    "kollegin",
    "kollegen",
    "abgeordnete",
    "abgeordneter",
    "abgeordneten",
    "stadtrat",
    "stadtratin",
    "kreisrat",
    "kreisratin",
    "gemeinderat",
    "gemeinderatin",
    "stadtverordnete",
    "stadtverordneter",
    "minister",
    "ministerin",
    "bundesminister",
    "bundesministerin",
    "staatssekretar",
    "staatssekretarin",
    "bundeskanzler",
    "staatsministerin",
    "staatsminister",
];

/// Words of results and of counting that no formula needs, known so that they are heard as meant.
const RESULTS: &[&str] = &[
    "zugestimmt",
    "zustimmung",
    "ablehnung",
    "zuruckgezogen",
    "gegenprobe",
    "stimmenthaltung",
    "stimmenthaltungen",
    "neinstimmen",
    "mehrheitliche",
    "einstimmige",
];

/// Frequent words that sound like a formula word and are none: whoever says "denke" thanks nobody,
/// and "dann können wir das beschließen" is no result.
const ORDINARY: &[&str] = &[
    "aber",
    "begonnen",
    "beschliessen",
    "bestehen",
    "breiten",
    "daher",
    "denke",
    "denken",
    "denn",
    "dies",
    "dingen",
    "eher",
    "er",
    "erleben",
    "erst",
    "gabe",
    "gehoren",
    "gelingen",
    "gelungen",
    "hier",
    "hin",
    "horen",
    "ihn",
    "kenne",
    "kern",
    "kommune",
    "konnen",
    "legt",
    "lesen",
    "losen",
    "macht",
    "manner",
    "monaten",
    "mut",
    "namen",
    "nein",
    "nennen",
    "ob",
    "sei",
    "sitzen",
    "teile",
    "uhr",
    "urteil",
    "war",
    "weder",
    "weiterhin",
    "werde",
    "wert",
    "wohl",
];

/// Whether a name follows this formula word ("Frau", "Kollege").
pub(super) fn address(key: &str) -> bool {
    ADDRESSES.contains(&key)
}

/// How strongly this formula word announces an item's number; `None` if it does not.
pub(super) fn noun(key: &str) -> Option<f32> {
    NOUNS.iter().find(|(noun, _)| *noun == key).map(|(_, weight)| *weight)
}

enum Step {
    Word(Vec<&'static str>),
    /// Up to so many other words.
    Gap(usize),
}

/// How many words a part of a pattern that is a gap stands for.
fn gap(part: &str) -> Option<usize> {
    match part {
        ".." => Some(4),
        "..." => Some(8),
        _ => None,
    }
}

struct Formula {
    steps: Vec<Step>,
    kind: Kind,
    weight: f32,
}

struct Lexicon {
    words: HashMap<&'static str, ()>,
    sounds: HashMap<String, Vec<&'static str>>,
    formulas: Vec<Formula>,
    by_first: HashMap<&'static str, Vec<usize>>,
}

static LEXICON: LazyLock<Lexicon> = LazyLock::new(Lexicon::new);

impl Lexicon {
    fn new() -> Self {
        let mut lexicon = Self {
            words: HashMap::new(),
            sounds: HashMap::new(),
            formulas: Vec::new(),
            by_first: HashMap::new(),
        };
        for word in NOUNS.iter().map(|(noun, _)| noun).chain(ADDRESSES).chain(RESULTS) {
            lexicon.learn(word);
        }
        for (pattern, kind, weight) in FORMULAS {
            let mut steps = Vec::new();
            for part in pattern.split(' ') {
                if let Some(words) = gap(part) {
                    steps.push(Step::Gap(words));
                    continue;
                }
                let words: Vec<&'static str> = part.split('|').collect();
                for word in &words {
                    lexicon.learn(word);
                    if steps.is_empty() {
                        lexicon.by_first.entry(word).or_default().push(lexicon.formulas.len());
                    }
                }
                steps.push(Step::Word(words));
            }
            lexicon.formulas.push(Formula { steps, kind: *kind, weight: *weight });
        }
        lexicon
    }

    fn learn(&mut self, word: &'static str) {
        if self.words.insert(word, ()).is_none() {
            self.sounds.entry(cologne(&fold(word))).or_default().push(word);
        }
    }
}

/// The formula word spelled exactly like this.
pub(super) fn exact_key(folded: &str) -> Option<&'static str> {
    LEXICON.words.get_key_value(folded).map(|(word, ())| *word)
}

/// The formula word this stands for: spelled so, or sounding so with few letters changed.
pub(super) fn key(folded: &str, sound: &str) -> Option<&'static str> {
    if let Some(word) = exact_key(folded) {
        return Some(word);
    }
    if ORDINARY.contains(&folded) {
        return None;
    }
    if folded.ends_with("fraktion") {
        return exact_key("fraktion");
    }
    LEXICON
        .sounds
        .get(sound)?
        .iter()
        .filter(|word| folded.len().abs_diff(word.len()) <= 2)
        .map(|word| (distance(folded, word), *word))
        .filter(|(edits, word)| *edits <= (word.len() / 3).max(1))
        .min()
        .map(|(_, word)| word)
}

/// All formulas in the stream, in order of their first word. Linear.
pub(super) fn find(tokens: &[Token]) -> Vec<Hit> {
    let mut hits = Vec::new();
    for (i, token) in tokens.iter().enumerate().filter(|(_, token)| !token.piece) {
        let Some(candidates) = token.key.and_then(|key| LEXICON.by_first.get(key)) else {
            continue;
        };
        for &index in candidates {
            let formula = &LEXICON.formulas[index];
            if let Some(end) = matches(&formula.steps, tokens, i) {
                hits.push(Hit { kind: formula.kind, weight: formula.weight, first: i, end });
            }
        }
    }
    // "… dass Sie meine Zwischenfrage zulassen" announces none.
    let asked: Vec<Hit> = hits.iter().filter(|h| h.kind == Kind::Asked).copied().collect();
    hits.retain(|h| {
        let within = |a: &Hit| a.first <= h.first && h.end <= a.end;
        h.kind != Kind::Question || !asked[near(&asked, h.first)].iter().any(within)
    });
    hits
}

/// The hits, of those in order, that may reach over token `at`.
fn near(hits: &[Hit], at: usize) -> std::ops::Range<usize> {
    const LONGEST: usize = 32;
    hits.partition_point(|h| h.first + LONGEST < at)..hits.partition_point(|h| h.first <= at)
}

/// The end of the match that starts at `at`. Takes the nearest word after each gap.
fn matches(steps: &[Step], tokens: &[Token], mut at: usize) -> Option<usize> {
    let mut slack = 0;
    for step in steps {
        match step {
            Step::Gap(words) => slack = *words,
            Step::Word(words) => {
                // The first piece of a word taken apart stands for nothing; the second for all of it.
                while tokens.get(at).is_some_and(|t| t.piece) {
                    at += 1;
                }
                let found = (at..=at + slack)
                    .take_while(|i| *i < tokens.len())
                    .find(|&i| tokens[i].key.is_some_and(|key| words.contains(&key)))?;
                if found > at && tokens[at..found].iter().any(Token::ends_sentence) {
                    return None;
                }
                at = found + 1;
                slack = 0;
            }
        }
    }
    Some(at)
}

/// Whether a sentence of the chair plainly starts at `i`, though nothing else marks it.
pub(super) fn starts_formula(tokens: &[Token], i: usize) -> bool {
    const STARTS: &[&[&str]] = &[
        &["ich", "rufe"],
        &["ich", "erteile"],
        &["das", "wort", "hat"],
        &["wir", "kommen"],
        &["damit", "kommen", "wir"],
        &["dann", "kommen", "wir"],
        &["vielen", "dank"],
        &["herzlichen", "dank"],
        &["sehr", "geehrte"],
        &["meine", "damen"],
        &["nachster", "redner"],
        &["nachste", "rednerin"],
        &["nachster", "punkt"],
        &["nachster", "tagesordnungspunkt"],
        &["als", "nachster"],
        &["als", "nachste"],
        &["als", "nachstes"],
        &["bitte", "schon"],
        &["mein", "name", "ist"],
        &["weitere", "wortmeldungen"],
        &["wer", "stimmt"],
    ];
    STARTS.iter().any(|start| {
        tokens.len() - i >= start.len()
            && start.iter().zip(&tokens[i..]).all(|(want, token)| token.key == Some(want))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_formula_word_is_folded() {
        for (pattern, ..) in FORMULAS {
            for word in pattern.split([' ', '|']).filter(|w| gap(w).is_none()) {
                assert_eq!(fold(word), *word, "in {pattern:?}");
            }
        }
    }

    #[test]
    fn misheard_words_are_known() {
        for (heard, meant) in
            [("fort", "wort"), ("ouf", "auf"), ("takesortnungspunkt", "tagesordnungspunkt")]
        {
            assert_eq!(key(heard, &cologne(heard)), Some(meant));
        }
        assert_eq!(key("haushalt", &cologne("haushalt")), None);
    }
}
