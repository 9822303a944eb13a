//! Where a text deserves a look: what would mislead most comes first. Owns the kinds and their order.

use std::collections::BTreeSet;
use std::ops::Range;

use mitschnitt_german as german;

use crate::domain::{Council, DOUBTFUL_BELOW, Span, Word};
use crate::store::CorrectedText;

/// Below this, what a quote stands and falls with is looked at.
const LOOKED_AT_BELOW: f32 = 0.8;
/// Words that are looked at together, at most.
const TOGETHER: usize = 4;

/// Why words deserve a look, those first that matter most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum DoubtKind {
    /// A reader has reported something.
    Report,
    /// A name that was perhaps misheard.
    Name,
    /// A number.
    Number,
    /// A word that turns a sentence into its contrary.
    Negation,
    /// A motion, or what became of it.
    Decision,
    /// The recogniser is not sure.
    Unsure,
    /// Something is wrong with the stretch as a whole.
    Warning,
}

impl DoubtKind {
    /// Its place in the order, from 0.
    pub fn rank(self) -> u8 {
        self as u8
    }

    /// What it is called.
    pub fn label(self) -> &'static str {
        match self {
            Self::Report => "Hinweis aus der Leserschaft",
            Self::Name => "Name",
            Self::Number => "Zahl",
            Self::Negation => "Verneinung",
            Self::Decision => "Antrag oder Ergebnis",
            Self::Unsure => "unsicher gehört",
            Self::Warning => "auffällige Stelle",
        }
    }
}

/// As its place in the order and what it is called.
impl serde::Serialize for DoubtKind {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (self.rank(), self.label()).serialize(serializer)
    }
}

/// Words to look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Doubt {
    /// Which, of the corrected text.
    pub words: Range<usize>,
    /// Why.
    pub kind: DoubtKind,
}

/// The names of those who may be named, folded.
pub struct Names(BTreeSet<String>);

impl Names {
    /// Of a meeting's roster.
    pub fn of(council: &Council) -> Self {
        let names = council.persons.iter().flat_map(|person| person.name.split_whitespace());
        let names = names.map(german::folding::fold);
        Self(names.filter(|name| name.len() > 2 && !german::titles::is_title(name)).collect())
    }
}

/// The doubtful places in words of a text that nobody has put right or confirmed, in order.
pub(super) fn of(
    text: &CorrectedText,
    range: &Range<usize>,
    names: &Names,
    reported: &[Span],
) -> Vec<Doubt> {
    let corrected = &text.corrected;
    let words = &corrected.transcript.words;
    let mut doubts: Vec<Doubt> = Vec::new();
    for n in range.clone().filter(|n| !corrected.is_revised(*n)) {
        let before = n.checked_sub(1).map(|before| &words[before]);
        let start = words[n].start_ms.plus_millis(text.recording.offset.millis());
        let is_reported = reported.iter().any(|span| span.contains(start));
        let kind = match is_reported {
            true => Some(DoubtKind::Report),
            false => kind(&words[n], before, names),
        };
        let Some(kind) = kind else { continue };
        match doubts.last_mut().filter(|last| last.words.end == n && last.words.len() < TOGETHER) {
            Some(last) => {
                last.words.end = n + 1;
                last.kind = last.kind.min(kind);
            }
            None => doubts.push(Doubt { words: n..n + 1, kind }),
        }
    }
    for warning in &corrected.transcript.warnings {
        let first = words.partition_point(|word| word.start_ms < warning.start_ms);
        let end = words.partition_point(|word| word.start_ms < warning.end_ms);
        // What a person has been at, there somebody has looked.
        let is_new = first < end && !(first..end).any(|n| corrected.is_revised(n));
        let is_free = !doubts.iter().any(|d| d.words.start < end && first < d.words.end);
        if range.contains(&first) && is_new && is_free {
            let words = first..end.min(first + TOGETHER).min(range.end);
            doubts.push(Doubt { words, kind: DoubtKind::Warning });
        }
    }
    doubts.sort_by_key(|doubt| doubt.words.start);
    doubts
}

fn kind(word: &Word, before: Option<&Word>, names: &Names) -> Option<DoubtKind> {
    let looked_at = (word.confidence < LOOKED_AT_BELOW).then(|| {
        let folded = german::folding::fold(&word.text);
        let is_capital =
            word.text.chars().find(|c| c.is_alphabetic()).is_some_and(char::is_uppercase);
        let is_addressed = before.is_some_and(|before| {
            let before = german::folding::fold(&before.text);
            german::titles::before_names(&before) || german::titles::is_title(&before)
        });
        if is_capital && (is_addressed || names.0.contains(&folded)) || word.raw.is_some() {
            return Some(DoubtKind::Name);
        }
        let is_number = word.text.contains(|c: char| c.is_ascii_digit())
            || german::numerals::read(&folded).is_some()
                && !german::function_words::is_common(&folded);
        if is_number {
            return Some(DoubtKind::Number);
        }
        if NEGATIONS.iter().any(|negation| is_form(&folded, negation)) {
            return Some(DoubtKind::Negation);
        }
        DECISIONS.iter().any(|stem| folded.starts_with(stem)).then_some(DoubtKind::Decision)
    });
    looked_at.flatten().or((word.confidence < DOUBTFUL_BELOW).then_some(DoubtKind::Unsure))
}

/// Words that turn a sentence into its contrary, folded.
const NEGATIONS: &[&str] = &["nicht", "kein", "nie", "niemals", "ohne", "weder", "nein"];
/// How motions and results begin, folded.
const DECISIONS: &[&str] = &[
    "antrag",
    "antraeg",
    "angenommen",
    "abgelehnt",
    "beschlossen",
    "beschluss",
    "einstimmig",
    "mehrheit",
    "gegenstimm",
    "enthaltung",
    "vertagt",
    "zurueckgezogen",
    "zugestimmt",
    "gewaehlt",
];

/// Whether a word is this one, or a form of it: "keinem" of "kein".
fn is_form(folded: &str, negation: &str) -> bool {
    folded == negation || negation == "kein" && folded.starts_with("kein") && folded.len() <= 6
}
