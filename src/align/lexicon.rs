//! The words and formulas of council meetings, and how strongly each formula speaks for what it speaks
//! for. Owns patterns and weights (natural log-odds, set by hand from council rules of procedure and
//! checked against measured cases); knows no stream of words.
//!
//! A pattern is words in order; `a|b` are alternatives, `..` stands for up to four other words, `...`
//! for up to eight.
//! Words match as written or as they sound ("Fort" for "Wort"), because recognisers mishear.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use mitschnitt_german::folding::{fold, fold_by_ear};
use mitschnitt_german::likeness::distance;
use mitschnitt_german::sound::cologne;
use mitschnitt_german::titles;

/// What a formula speaks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FormulaKind {
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
    /// Somebody else is to preside.
    HandsChair,
    /// Somebody begins to preside.
    TakesChair,
    /// Whoever presided before does so again.
    TakesChairBack,
}

impl FormulaKind {
    /// Whether the chair does not say this.
    pub fn speaks_against_chair(self) -> bool {
        matches!(self, Self::Member | Self::Greet | Self::Asked | Self::Introduce)
    }
}

#[rustfmt::skip]
const FORMULAS: &[(&str, FormulaKind, f32)] = &[
    ("rufe .. auf", FormulaKind::Call, 3.0),
    ("rufe .. den|die|das tagesordnungspunkt|tagesordnungspunkte|top|zusatzpunkt|zusatzpunkte|punkt|einzelplan", FormulaKind::Call, 2.5),
    ("rufe .. tagesordnungspunkt|tagesordnungspunkte|top|zusatzpunkt|zusatzpunkte|punkt", FormulaKind::Call, 2.5),
    ("auf .. den|die tagesordnungspunkt|tagesordnungspunkte|zusatzpunkt|zusatzpunkte|top", FormulaKind::Call, 1.5),
    ("kommen .. zu|zum|zur tagesordnungspunkt|tagesordnungspunkte|top|punkt|zusatzpunkt|einzelplan|tagesordnungspunkten|punkten", FormulaKind::Call, 3.0),
    ("kommen .. zu dem|den|der tagesordnungspunkt|tagesordnungspunkten|top|punkt|zusatzpunkt|zusatzpunkten", FormulaKind::Call, 3.0),
    ("kommen wir .. zu|zum|zur", FormulaKind::Call, 1.5),
    ("wir kommen .. zu|zum|zur", FormulaKind::Call, 1.5),
    ("kommen .. zu|zum|zur", FormulaKind::Call, 0.8),
    ("komme .. zu|zum|zur", FormulaKind::Call, 1.0),
    ("gelangen .. zu|zum|zur", FormulaKind::Call, 2.0),
    ("gehen .. über zu|zum|zur", FormulaKind::Call, 2.0),
    ("weiter .. mit", FormulaKind::Call, 0.8),
    ("beginnen .. mit", FormulaKind::Call, 1.5),
    ("treten .. ein in", FormulaKind::Call, 1.0),
    ("eröffne .. den|die tagesordnungspunkt|punkt|top", FormulaKind::Call, 2.0),
    ("behandeln .. den|die tagesordnungspunkt|tagesordnungspunkte|punkt|top", FormulaKind::Call, 1.5),
    ("setzen|kehren .. zurück zu|zum|zur", FormulaKind::Call, 2.0),
    ("unter .. haben|beraten|behandeln wir", FormulaKind::Call, 3.0),
    ("sind wir .. bei|beim", FormulaKind::Call, 2.5),
    ("wir sind .. bei|beim tagesordnungspunkt|top|punkt|zusatzpunkt", FormulaKind::Call, 2.5),
    ("nächster|nächste|nächsten punkt|tagesordnungspunkt|top|zusatzpunkt", FormulaKind::Next, 3.0),
    ("folgt .. tagesordnungspunkt|top", FormulaKind::Next, 2.0),

    ("komme|kommen .. zurück zu|zum", FormulaKind::Arrange, 1.5),
    ("komme|kommen .. zu|zum|zur .. abstimmung|abstimmungen|schlussabstimmung|beschlussfassung|entscheidung|wahl|aussprache|debatte", FormulaKind::Arrange, 1.0),
    ("bevor .. zu|zum|zur|den|die", FormulaKind::Arrange, 3.0),
    ("erfolgt|beraten|gemeinsam .. mit|zu tagesordnungspunkt|top", FormulaKind::Arrange, 2.0),
    ("abgesetzt", FormulaKind::Arrange, 3.0),
    ("absetzen", FormulaKind::Arrange, 2.0),
    ("setze|setzen|nehmen|nehme .. ab", FormulaKind::Arrange, 2.5),
    ("von der tagesordnung", FormulaKind::Arrange, 4.0),
    ("zurückgezogen", FormulaKind::Arrange, 2.0),
    ("zurückgestellt", FormulaKind::Arrange, 3.0),
    ("vertagt", FormulaKind::Arrange, 3.0),
    ("verschoben", FormulaKind::Arrange, 2.0),
    ("vorgezogen", FormulaKind::Arrange, 2.0),
    ("aufgesetzt", FormulaKind::Arrange, 1.0),
    ("die tagesordnung .. ergänzt|erweitert|erweitern|ändern", FormulaKind::Arrange, 2.0),
    ("reihenfolge", FormulaKind::Arrange, 1.0),
    ("redner|rednerin .. zu diesem", FormulaKind::Arrange, 2.0),
    ("schließe .. den|die tagesordnungspunkt|punkt|top", FormulaKind::Arrange, 1.5),

    ("das wort hat", FormulaKind::Floor, 4.0),
    ("wort .. hat .. die|der|das|für|herr|frau|kollege|kollegin|abgeordnete", FormulaKind::Floor, 2.5),
    ("hat ... das wort", FormulaKind::Floor, 3.5),
    ("haben .. das wort", FormulaKind::Floor, 3.0),
    ("erhält|bekommt ... das wort", FormulaKind::Floor, 3.5),
    ("erteile .. wort", FormulaKind::Floor, 4.0),
    ("erteile ich", FormulaKind::Floor, 3.0),
    ("ich erteile", FormulaKind::Floor, 3.5),
    ("gebe .. wort", FormulaKind::Floor, 3.5),
    ("gebe .. weiter an", FormulaKind::Floor, 3.0),
    ("wort .. geht an", FormulaKind::Floor, 4.0),
    ("übergebe .. an|das", FormulaKind::Floor, 2.5),
    ("nächster|nächste|erster|erste|letzter|letzte|nächsten|ersten redner|rednerin", FormulaKind::Floor, 4.0),
    ("redner|rednerin ist", FormulaKind::Floor, 2.0),
    ("redner|rednerin .. in der|dieser debatte|aussprache", FormulaKind::Floor, 2.0),
    ("als nächste|nächster|nächstes|nächsten|erste|erster|erstes|letzte|letzter", FormulaKind::Floor, 2.5),
    ("spricht|redet .. für", FormulaKind::Floor, 2.0),
    ("spricht .. herr|frau|kollege|kollegin|dr", FormulaKind::Floor, 2.0),
    ("es folgt|spricht", FormulaKind::Floor, 2.0),
    ("ist .. zu wort gemeldet", FormulaKind::Floor, 3.0),
    ("hat sich .. gemeldet", FormulaKind::Floor, 2.5),
    ("kommt|kommen .. zu wort", FormulaKind::Floor, 3.5),
    ("gehen .. weiter zu", FormulaKind::Floor, 2.5),
    ("für die .. fraktion", FormulaKind::Floor, 1.5),
    ("folgt .. für", FormulaKind::Floor, 1.5),
    ("kommen .. zu herrn|frau|dr", FormulaKind::Floor, 2.0),
    ("wortmeldung .. von", FormulaKind::Floor, 2.0),
    ("bitte schön|sehr", FormulaKind::Floor, 1.5),
    ("bitte", FormulaKind::Floor, 0.7),
    ("berichterstatter|berichterstatterin ist", FormulaKind::Floor, 2.5),
    ("wort .. antragsteller|antragstellerin", FormulaKind::Floor, 3.0),
    ("zur begründung", FormulaKind::Floor, 1.0),
    ("folgt ihm|ihr", FormulaKind::Floor, 1.5),

    ("kommen sie .. zum|zu schluss|ende", FormulaKind::Interject, 4.0),
    ("sie kommen .. zum|zu schluss|ende", FormulaKind::Interject, 3.0),
    ("zum|zu schluss|ende kommen", FormulaKind::Interject, 2.0),
    ("gestatten|erlauben|lassen sie .. zwischenfrage|frage|zwischenbemerkung", FormulaKind::Question, 4.0),
    ("zwischenfrage|zwischenbemerkung .. von|des|der", FormulaKind::Question, 3.0),
    ("sie .. zwischenfrage|zwischenbemerkung", FormulaKind::Question, 3.5),
    ("zwischenfrage|zwischenbemerkung", FormulaKind::Question, 2.0),
    ("möchte|würde .. zwischenfrage|frage stellen", FormulaKind::Question, 2.5),
    ("kurzintervention", FormulaKind::Question, 3.0),
    ("ihre redezeit", FormulaKind::Interject, 2.5),
    ("redezeit", FormulaKind::Interject, 1.0),
    ("letzter satz", FormulaKind::Interject, 1.0),
    ("ich bitte um ruhe|aufmerksamkeit", FormulaKind::Interject, 3.0),
    ("ordnungsruf", FormulaKind::Interject, 2.0),

    ("eröffne .. aussprache|beratung|debatte|abstimmung|rednerliste", FormulaKind::Chair, 4.0),
    ("schließe .. aussprache|beratung|debatte|abstimmung|rednerliste", FormulaKind::Done, 4.0),
    ("eröffne|schließe .. sitzung|kreistagssitzung", FormulaKind::Chair, 4.0),
    ("eröffne|schließe", FormulaKind::Chair, 1.0),
    ("sitzung ist .. eröffnet|geschlossen", FormulaKind::Chair, 3.0),
    ("ich unterbreche", FormulaKind::Chair, 2.0),
    ("keine weiteren wortmeldungen|redner|fragen", FormulaKind::Done, 3.0),
    ("weitere wortmeldungen", FormulaKind::Done, 3.0),
    ("wortmeldungen|wortmeldung", FormulaKind::Chair, 1.0),
    ("gibt es .. wortmeldungen|fragen|gegenstimmen|enthaltungen|überweisungsvorschläge|widerspruch", FormulaKind::Chair, 2.0),
    ("zur abstimmung|entscheidung|wahl", FormulaKind::Chair, 1.0),
    ("kommen .. zur abstimmung", FormulaKind::Chair, 3.0),
    ("wer stimmt", FormulaKind::Chair, 3.0),
    ("wer enthält sich", FormulaKind::Chair, 3.0),
    ("wer .. dafür|dagegen", FormulaKind::Chair, 1.5),
    ("stimmt dagegen", FormulaKind::Chair, 1.5),
    ("gegenprobe", FormulaKind::Chair, 3.0),
    ("gegenstimmen|gegenstimme", FormulaKind::Chair, 1.5),
    ("enthaltungen|enthaltung", FormulaKind::Chair, 1.2),
    ("ihr votum", FormulaKind::Chair, 3.0),
    ("handzeichen|kartenzeichen", FormulaKind::Chair, 2.5),
    ("einstimmig|einstimmigkeit", FormulaKind::Done, 1.5),
    ("mehrheitlich|mehrheitliche", FormulaKind::Done, 1.5),
    ("deutliche|große mehrheit", FormulaKind::Chair, 1.0),
    ("damit|somit|dann .. angenommen|abgelehnt|beschlossen", FormulaKind::Done, 2.5),
    ("angenommen|abgelehnt", FormulaKind::Chair, 0.7),
    ("so beschlossen", FormulaKind::Done, 1.5),
    ("das|auch .. ist .. einstimmig|einstimmigkeit", FormulaKind::Done, 2.0),
    ("für die aussprache", FormulaKind::Chair, 3.0),
    ("dauer von .. minuten", FormulaKind::Chair, 2.0),
    ("verfahren wir", FormulaKind::Done, 1.5),
    ("liegt ihnen vor", FormulaKind::Chair, 0.5),
    ("überweisung", FormulaKind::Chair, 0.4),
    ("rednerliste", FormulaKind::Chair, 1.0),

    ("vielen|herzlichen|schönen|besten dank", FormulaKind::Thanks, 1.0),
    ("danke|dankeschön", FormulaKind::Thanks, 1.0),
    ("danken|danke .. ihnen", FormulaKind::Thanks, 0.3),

    ("frau präsidentin|vorsitzende|vorsitzender|oberbürgermeisterin|landrätin|bürgermeisterin|präsident", FormulaKind::Greet, 3.0),
    ("herr|herrn präsident|vorsitzender|vorsitzende|oberbürgermeister|landrat|bürgermeister|kreistagsvorsitzender", FormulaKind::Greet, 2.5),
    ("frau kreistagsvorsitzende|stadtverordnetenvorsteherin", FormulaKind::Greet, 3.0),
    ("sehr geehrte|geehrter|geehrten|verehrte|verehrten|verehrter", FormulaKind::Member, 1.2),
    ("dank .. für das wort", FormulaKind::Greet, 4.0),
    ("meine damen und herren", FormulaKind::Member, 0.8),
    ("kolleginnen und kollegen", FormulaKind::Member, 0.5),
    ("für ihre|die aufmerksamkeit", FormulaKind::Member, 3.0),
    ("meine|meiner|unsere|unserer fraktion", FormulaKind::Member, 2.0),
    ("unser|unseren|unserem|unseres antrag", FormulaKind::Member, 1.5),
    ("wir als", FormulaKind::Member, 1.5),
    ("wir .. zustimmen|ablehnen", FormulaKind::Member, 1.0),
    ("wir stimmen|lehnen", FormulaKind::Member, 1.5),
    ("vorredner|vorrednerin|vorredners", FormulaKind::Member, 1.5),
    ("meine frage", FormulaKind::Member, 1.0),
    ("habe .. eine|zwei|drei frage|fragen", FormulaKind::Member, 1.0),

    ("dass sie .. zwischenfrage|zwischenbemerkung|kurzintervention|frage zulassen|gestatten|erlauben", FormulaKind::Asked, 5.0),
    ("zulassen|zulassung der|meiner zwischenfrage|zwischenbemerkung|kurzintervention|frage", FormulaKind::Asked, 5.0),
    ("für ihre|die frage|fragen|zwischenfrage|nachfrage|zwischenbemerkung|kurzintervention", FormulaKind::Asked, 3.0),
    ("ihre|ihrer zwischenfrage|zwischenbemerkung|kurzintervention", FormulaKind::Asked, 3.0),

    ("mein name ist", FormulaKind::Introduce, 4.0),
    ("ich heiße", FormulaKind::Introduce, 3.0),

    ("schließe .. die sitzung", FormulaKind::Close, 4.0),
    ("schließe .. den öffentlichen teil", FormulaKind::Close, 4.0),
    ("sitzung ist geschlossen|beendet", FormulaKind::Close, 4.0),
    ("stelle .. die|nichtöffentlichkeit .. her", FormulaKind::Close, 1.0),
    ("nichtöffentlichkeit .. her", FormulaKind::Close, 4.0),
    ("zum nichtöffentlichen teil", FormulaKind::Close, 3.5),
    ("am schluss|ende .. tagesordnung", FormulaKind::Close, 3.5),
    ("tagesordnung .. ist .. abgearbeitet|erschöpft|erledigt", FormulaKind::Close, 3.5),
    ("tagesordnung .. abgearbeitet|erschöpft", FormulaKind::Close, 3.0),
    ("am schluss|ende .. der öffentlichen sitzung", FormulaKind::Close, 3.5),
    ("öffentlichkeit .. ist wieder hergestellt", FormulaKind::Reopen, 4.0),

    // A bare "Leitung" is that of an office or a school.
    ("übergebe|übergeben|gebe|geben .. vorsitz|sitzungsleitung|präsidium", FormulaKind::HandsChair, 3.0),
    ("übergebe|übergeben|gebe|geben .. leitung der sitzung", FormulaKind::HandsChair, 3.0),
    ("vorsitz|sitzungsleitung|präsidium .. übergeben|abgeben", FormulaKind::HandsChair, 3.0),
    ("leitung der sitzung .. übergeben|abgeben", FormulaKind::HandsChair, 3.0),
    ("vorsitz|sitzungsleitung|präsidium .. übernimmt", FormulaKind::HandsChair, 3.0),
    ("übernimmt .. vorsitz|sitzungsleitung|präsidium", FormulaKind::HandsChair, 3.0),
    ("übernehme .. vorsitz|sitzungsleitung", FormulaKind::TakesChair, 3.0),
    ("übernehme .. leitung der sitzung", FormulaKind::TakesChair, 3.0),
    ("übernehme .. vorsitz|sitzungsleitung wieder", FormulaKind::TakesChairBack, 3.0),
    ("übernehme .. wieder .. vorsitz|sitzungsleitung", FormulaKind::TakesChairBack, 3.0),
    ("übernehme .. wieder .. leitung der sitzung", FormulaKind::TakesChairBack, 3.0),
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

/// Words of results and of counting that no formula needs, known so that they are heard as meant.
const RESULTS: &[&str] = &[
    "zugestimmt",
    "zustimmung",
    "ablehnung",
    "zurückgezogen",
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
    "beschließen",
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
    "gäbe",
    "gehören",
    "gelingen",
    "gelungen",
    "hier",
    "hin",
    "hören",
    "ihn",
    "kenne",
    "kern",
    "kommune",
    "können",
    "legt",
    "lesen",
    "losen",
    "lösen",
    "macht",
    "männer",
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

/// Words of results, numbers and offices that are none without their umlauts: where a recogniser has
/// lost these, they are meant all the same.
#[rustfmt::skip]
const UMLAUTS: &[&str] = &[
    "änderungsantrag", "annähernd", "anträge", "ausschüsse", "ausschüssen", "befürwortungen",
    "bürgermeister", "bürgermeisterin", "dafür", "dürfen", "einmütig", "einmütige", "enthält",
    "ergänzungsantrag", "früher", "fünf", "fünfzehn", "fünfzig", "für", "gewählt", "höre", "können",
    "landrätin", "möchten", "müssen", "nächste", "nächster", "nächstes", "oberbürgermeister",
    "oberbürgermeisterin", "präsident", "präsidentin", "schlägt", "überwältigende",
    "überwältigender", "überweise", "überweisen", "überweisung", "überwiegende", "überwiesen",
    "unterstützung", "wünsche", "wünscht", "zurück", "zurückgestellt", "zurückgezogen", "zwölf",
];

/// With which words the chair plainly begins a sentence, though nothing else marks it.
const STARTS: &[&str] = &[
    "ich rufe",
    "ich erteile",
    "das wort hat",
    "wir kommen",
    "damit kommen wir",
    "dann kommen wir",
    "vielen dank",
    "herzlichen dank",
    "sehr geehrte",
    "meine damen",
    "nächster redner",
    "nächste rednerin",
    "nächster punkt",
    "nächster tagesordnungspunkt",
    "als nächster",
    "als nächste",
    "als nächstes",
    "bitte schön",
    "mein name ist",
    "weitere wortmeldungen",
    "wer stimmt",
];

/// Whether a name follows this formula word ("Frau", "Kollege").
pub(super) fn is_address(key: &str) -> bool {
    titles::heard().any(|form| form == key)
}

/// How strongly this formula word announces an item's number; `None` if it does not.
pub(super) fn noun(key: &str) -> Option<f32> {
    NOUNS.iter().find(|(noun, _)| *noun == key).map(|(_, weight)| *weight)
}

/// A step of a formula.
pub(super) enum PatternStep {
    /// One of these words.
    Word(Vec<&'static str>),
    /// Up to so many other words.
    Gap(usize),
}

/// A pattern, and what it speaks for.
pub(super) struct Formula {
    pub steps: Vec<PatternStep>,
    pub kind: FormulaKind,
    pub weight: f32,
}

/// Shorter forms of address sound like too many other words (letters).
const SHORTEST_BY_EAR: usize = 8;

/// The lists above, folded and indexed.
struct FormulaLexicon {
    words: HashSet<&'static str>,
    sounds: HashMap<String, Vec<&'static str>>,
    formulas: Vec<Formula>,
    by_first: HashMap<&'static str, Vec<usize>>,
    ordinary: HashSet<&'static str>,
    starts: Vec<Vec<&'static str>>,
    /// Words with umlauts, by what is left of them without.
    umlauts: HashMap<String, &'static str>,
    /// Forms of address that are known by ear, each behind its sound.
    addresses: Vec<(String, &'static str)>,
}

static LEXICON: LazyLock<FormulaLexicon> = LazyLock::new(FormulaLexicon::new);

impl FormulaLexicon {
    fn new() -> Self {
        let mut lexicon = Self {
            words: HashSet::new(),
            sounds: HashMap::new(),
            formulas: Vec::new(),
            by_first: HashMap::new(),
            ordinary: ORDINARY.iter().map(|word| folded(word)).collect(),
            starts: STARTS.iter().map(|start| start.split(' ').map(folded).collect()).collect(),
            umlauts: UMLAUTS.iter().map(|word| (fold_by_ear(word), folded(word))).collect(),
            addresses: titles::heard()
                .filter(|word| word.len() >= SHORTEST_BY_EAR)
                .map(|word| (cologne(word), word))
                .collect(),
        };
        let single = NOUNS.iter().map(|(noun, _)| noun).chain(RESULTS);
        for word in single.map(|word| folded(word)).chain(titles::heard()) {
            lexicon.learn(word);
        }
        for (pattern, kind, weight) in FORMULAS {
            let formula = Formula { steps: steps(pattern), kind: *kind, weight: *weight };
            for (i, step) in formula.steps.iter().enumerate() {
                let PatternStep::Word(words) = step else { continue };
                for word in words {
                    lexicon.learn(word);
                    if i == 0 {
                        lexicon.by_first.entry(word).or_default().push(lexicon.formulas.len());
                    }
                }
            }
            lexicon.formulas.push(formula);
        }
        lexicon
    }

    fn learn(&mut self, word: &'static str) {
        if self.words.insert(word) {
            self.sounds.entry(cologne(word)).or_default().push(word);
        }
    }
}

/// A word of the lists as words of the stream are spelt. The lists live as long as the program.
fn folded(word: &'static str) -> &'static str {
    let folded = fold(word);
    if folded == word { word } else { Box::leak(folded.into_boxed_str()) }
}

fn steps(pattern: &'static str) -> Vec<PatternStep> {
    let step = |part: &'static str| match part {
        ".." => PatternStep::Gap(4),
        "..." => PatternStep::Gap(8),
        words => PatternStep::Word(words.split('|').map(folded).collect()),
    };
    pattern.split(' ').map(step).collect()
}

/// A word as the lists spell it: folded, its umlauts put back where they were lost ("einmutig").
pub(super) fn spell(word: &str) -> String {
    let folded = fold(word);
    LEXICON.umlauts.get(&folded).map_or(folded, |word| (*word).to_owned())
}

/// The formulas that begin with this formula word.
pub(super) fn formulas(key: &str) -> impl Iterator<Item = &'static Formula> {
    let found = LEXICON.by_first.get(key).map_or(&[][..], Vec::as_slice);
    found.iter().map(|index| &LEXICON.formulas[*index])
}

/// The formula word spelled exactly like this.
pub(super) fn exact_key(folded: &str) -> Option<&'static str> {
    LEXICON.words.get(folded).copied()
}

/// The formula word this stands for: spelled so, or sounding so with few letters changed.
pub(super) fn key(folded: &str, sound: &str) -> Option<&'static str> {
    if let Some(word) = exact_key(folded) {
        return Some(word);
    }
    if LEXICON.ordinary.contains(folded) {
        return None;
    }
    if folded.ends_with("fraktion") {
        return exact_key("fraktion");
    }
    let words = LEXICON.sounds.get(sound)?;
    let nearest = words
        .iter()
        .filter(|word| folded.len().abs_diff(word.len()) <= 2)
        .map(|word| (distance(folded, word), *word))
        .filter(|(edits, word)| *edits <= (word.len() / 3).max(1))
        .min()
        .map(|(_, word)| word);
    nearest.or_else(|| address_by_ear(folded))
}

/// The form of address that a word, or two that the recogniser took apart, sounds like ("stattreht den" is
/// "Stadträtin"): long ones, with at most half of the letters changed. What sounds like so long a word is
/// hardly another.
pub(super) fn address_by_ear(folded: &str) -> Option<&'static str> {
    let sound = cologne(folded);
    let alike = |word: &&str| 2 * distance(folded, word) <= word.len();
    LEXICON.addresses.iter().find(|(its, word)| *its == sound && alike(word)).map(|(_, word)| *word)
}

/// Whether a form of address that is known by ear may begin with what sounds so.
pub(super) fn may_begin_address(sound: &str) -> bool {
    sound.len() >= 2 && LEXICON.addresses.iter().any(|(its, _)| its.starts_with(sound))
}

/// Whether a sentence of the chair plainly starts with these formula words, though nothing else marks
/// it.
pub(super) fn starts_formula(keys: impl Iterator<Item = Option<&'static str>> + Clone) -> bool {
    LEXICON.starts.iter().any(|start| {
        let wanted = start.iter().map(|word| Some(*word));
        wanted.eq(keys.clone().take(start.len()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_begins_with_a_word() {
        for formula in &LEXICON.formulas {
            assert!(matches!(formula.steps.first(), Some(PatternStep::Word(_))));
        }
    }

    #[test]
    fn lost_umlauts_are_put_back() {
        assert_eq!(
            (spell("einmutig"), spell("Einmütig,")),
            ("einmuetig".into(), "einmuetig".into())
        );
        assert_eq!(spell("Muller"), "muller");
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
