//! The forms that words may be corrected to: every name of a vocabulary as written and inflected,
//! found again by sound. Owns the look-up; does not decide whether a word is to be corrected.

use std::collections::{BTreeMap, HashMap};

use mitschnitt_german::folding::fold_by_ear;
use mitschnitt_german::inflection::differ_in_ending;
use mitschnitt_german::likeness::distance;
use mitschnitt_german::sound::{cologne, heard};
use mitschnitt_german::titles;

use crate::transcribe::{RecordingVocabulary, Term, TermKind};

/// Shorter names sound like too much else.
const SHORTEST_PERSON: usize = 3;
const SHORTEST_NAME: usize = 4;
/// Shorter whole names are not looked for, in sounds.
const SHORTEST_WHOLE: usize = 8;
/// Shorter given names are like too many others ("Ute", "Uwe").
const SHORTEST_GIVEN: usize = 5;
/// A title's words are names or plain words, which cannot be told apart; long ones are seldom hit
/// by chance.
const SHORTEST_TITLE_WORD: usize = 8;

/// A name with one of its endings.
#[derive(Debug)]
pub struct Form {
    /// "Müllers".
    pub written: String,
    pub kind: TermKind,
    /// Whether it is only ever a given name.
    pub given: bool,
    folded: String,
    heard: String,
    sound: String,
    /// Number of the name it is a form of.
    name: usize,
}

impl Form {
    /// Whether a folded word is this one but for its hyphen.
    fn respelt(&self, folded: &str) -> bool {
        self.folded == folded && self.written.contains('-')
    }
}

/// The form that a word is most like.
#[derive(Clone, Copy, Debug)]
pub struct Match<'a> {
    pub form: &'a Form,
    /// Edits between both as they are heard: 0 for words that sound the same, vowels included.
    pub edits: usize,
    /// Edits between both as they are written, umlauts and accents aside.
    pub letters: usize,
    /// Length of the form as it is heard.
    pub sounds: usize,
    /// Whether no other name comes near.
    pub unique: bool,
}

/// What a name is, over all terms that hold it.
#[derive(Clone, Copy)]
struct Use {
    kind: TermKind,
    given: bool,
}

/// A person's name in all its words.
#[derive(Debug)]
struct WholeName {
    words: Vec<String>,
    folded: String,
    heard: String,
}

/// All forms of all names.
#[derive(Debug)]
pub struct Targets {
    forms: Vec<Form>,
    by_sound: HashMap<String, Vec<usize>>,
    by_letters: HashMap<String, Vec<usize>>,
    /// Folded given names by folded family name.
    givens: HashMap<String, Vec<String>>,
    /// Persons by their whole names.
    persons: Vec<WholeName>,
    names: Vec<String>,
}

impl Targets {
    pub fn new(vocabulary: &RecordingVocabulary) -> Self {
        let mut uses: BTreeMap<String, Use> = BTreeMap::new();
        for (name, found) in vocabulary.terms().iter().flat_map(names_of) {
            let known = uses.entry(name).or_insert(found);
            // A person's name stays one where a title holds it too, a family name likewise.
            if found.kind == TermKind::Person {
                known.given &= found.given || known.kind != TermKind::Person;
                known.kind = found.kind;
            }
        }
        let mut targets = Self {
            forms: Vec::new(),
            by_sound: HashMap::new(),
            by_letters: HashMap::new(),
            givens: givens(vocabulary),
            persons: persons(vocabulary),
            names: uses.keys().cloned().collect(),
        };
        for (name, (written, found)) in uses.iter().enumerate() {
            for written in inflected(written, found.kind) {
                targets.add(written, *found, name);
            }
        }
        targets
    }

    fn add(&mut self, written: String, found: Use, name: usize) {
        let (folded, index) = (fold_by_ear(&written), self.forms.len());
        let heard = heard(&folded);
        let sound = cologne(&heard);
        self.by_sound.entry(sound.clone()).or_default().push(index);
        self.by_letters.entry(folded.clone()).or_default().push(index);
        let Use { kind, given } = found;
        self.forms.push(Form { written, kind, given, folded, heard, sound, name });
    }

    /// The names themselves, as written, sorted.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Whether the word is a form of a name already, down to its umlauts.
    pub fn has(&self, word: &str) -> bool {
        let lower = word.to_lowercase();
        let forms = self.by_letters.get(&fold_by_ear(word)).into_iter().flatten();
        forms.into_iter().any(|f| self.forms[*f].written.to_lowercase() == lower)
    }

    /// Whether the word is the name of a person, given or family name.
    pub fn is_person(&self, word: &str) -> bool {
        let forms = self.by_letters.get(&fold_by_ear(word)).into_iter().flatten();
        forms.into_iter().any(|f| self.forms[*f].kind == TermKind::Person)
    }

    /// Whether the word is a given name of the vocabulary, but of nobody with this family name:
    /// then somebody is meant whom the vocabulary does not know.
    pub fn is_anothers(&self, given: &str, form: &Form) -> bool {
        let given = fold_by_ear(given);
        let own = self.givens.get(&fold_by_ear(&self.names[form.name]));
        own.is_some_and(|own| !own.is_empty() && !own.contains(&given))
            && self.givens.values().flatten().any(|g| *g == given)
    }

    /// The given name that was meant before a family name, where one alone is like the word: the same but
    /// for one letter, or for one sound. None where the word is it with an ending ("Andrea", "Andreas").
    pub fn given_of(&self, folded: &str, family: &str) -> Option<&str> {
        let is_like = |given: &&String| {
            let is_ending = given.starts_with(folded) || folded.starts_with(given.as_str());
            given.chars().count() >= SHORTEST_GIVEN
                && !is_ending
                && (distance(given, folded) <= 1 || distance(&heard(given), &heard(folded)) <= 1)
        };
        let mut like: Vec<&String> = self.givens.get(family)?.iter().filter(is_like).collect();
        like.dedup();
        let [given] = like[..] else { return None };
        self.names.iter().find(|name| fold_by_ear(name) == *given).map(String::as_str)
    }

    /// The words of the one person's whole name that these sound like, of eight sounds and more: one in five
    /// may differ, and none of a word that is there already with an ending.
    pub fn whole(&self, folded: &[String]) -> Option<&[String]> {
        let said = folded.concat();
        let sounds = heard(&said);
        let initial = sounds.chars().next()?;
        let near = |person: &&WholeName| {
            let length = person.heard.chars().count();
            length >= SHORTEST_WHOLE
                && person.heard.starts_with(initial)
                && length.abs_diff(sounds.chars().count()) <= length / 5
                && distance(&person.heard, &sounds) <= length / 5
        };
        let mut near: Vec<(usize, &WholeName)> = (self.persons.iter().filter(near))
            .map(|person| (distance(&person.heard, &sounds), person))
            .collect();
        near.sort_by_key(|(apart, _)| *apart);
        let (apart, person) = *near.first()?;
        if near.get(1).is_some_and(|(other, _)| *other <= apart + 1) {
            return None;
        }
        let ended = |said: &String, name: &String| {
            said != name && (said.starts_with(name.as_str()) || name.starts_with(said.as_str()))
        };
        let names: Vec<String> = person.words.iter().map(|word| fold_by_ear(word)).collect();
        let is_other =
            names.len() == folded.len() && folded.iter().zip(&names).any(|(s, n)| ended(s, n));
        (said != person.folded && !is_other).then_some(&person.words)
    }

    /// The double name of which the word holds one part letter for letter and the other about: half of its
    /// letters, the first among them.
    pub fn double(&self, word: &str) -> Option<&str> {
        let (first, second) = word.split_once('-')?;
        let (first, second) = (fold_by_ear(first), fold_by_ear(second));
        let is_about = |a: &str, b: &str| {
            a.chars().next() == b.chars().next() && distance(a, b) * 2 <= a.chars().count()
        };
        let mut like = self.forms.iter().filter(|form| {
            let Some((a, b)) = form.written.split_once('-') else { return false };
            let (a, b) = (fold_by_ear(a), fold_by_ear(b));
            form.kind != TermKind::Title
                && form.written == self.names[form.name]
                && (a == first && is_about(&b, &second) || b == second && is_about(&a, &first))
        });
        let form = like.next()?;
        like.next().is_none().then_some(form.written.as_str())
    }

    /// The nearest form of those with the same sound.
    pub fn same_sound(&self, folded: &str) -> Option<Match<'_>> {
        let forms = self.by_sound.get(&cologne(&heard(folded)))?;
        self.nearest(folded, forms.iter().map(|f| &self.forms[*f]))
    }

    /// The nearest family name of those with the same sound or one that differs in one place.
    pub fn person(&self, folded: &str) -> Option<Match<'_>> {
        let sound = cologne(&heard(folded));
        let near = |f: &&Form| {
            f.kind == TermKind::Person
                && !f.given
                && f.sound.len().abs_diff(sound.len()) <= 1
                && f.folded.len().abs_diff(folded.len()) <= 3
                && distance(&f.sound, &sound) <= 1
        };
        self.nearest(folded, self.forms.iter().filter(near))
    }

    /// Nearest as heard, then as written. A form that differs from the word only in its ending is
    /// the same word inflected, and then nothing is to be corrected.
    fn nearest<'a>(
        &'a self,
        folded: &str,
        forms: impl Iterator<Item = &'a Form>,
    ) -> Option<Match<'a>> {
        let word = heard(folded);
        let mut costs: Vec<(usize, usize, &Form)> = Vec::new();
        for form in forms {
            // Titles are written with and without hyphens; that is nothing misheard.
            let joined = form.kind == TermKind::Title && form.respelt(folded);
            if joined || differ_in_ending(folded, &form.folded) {
                return None;
            }
            costs.push((distance(&form.heard, &word), distance(&form.folded, folded), form));
        }
        costs.sort_by_key(|(heard, letters, form)| (*heard, *letters, form.name));
        let (edits, letters, form) = *costs.first()?;
        let other = costs.iter().find(|(.., f)| f.name != form.name);
        // One edit as heard, or two letters: less does not tell two names apart.
        let unique = other.is_none_or(|(e, l, _)| *e > edits || *l > letters + 1);
        Some(Match { form, edits, letters, sounds: form.heard.len(), unique })
    }
}

/// Who is called what: folded given names by folded family name.
fn givens(vocabulary: &RecordingVocabulary) -> HashMap<String, Vec<String>> {
    let mut givens: HashMap<String, Vec<String>> = HashMap::new();
    for term in vocabulary.terms() {
        let names = names_of(term);
        let of = |given: bool| {
            names.iter().filter(move |n| n.1.given == given).map(|n| fold_by_ear(&n.0))
        };
        for family in of(false).filter(|_| term.kind() == TermKind::Person) {
            givens.entry(family).or_default().extend(of(true));
        }
    }
    givens
}

/// Persons who are called by two words or more, each once.
fn persons(vocabulary: &RecordingVocabulary) -> Vec<WholeName> {
    let mut persons: Vec<WholeName> = Vec::new();
    for term in vocabulary.terms().iter().filter(|term| term.kind() == TermKind::Person) {
        let words = name_words(term);
        let folded = fold_by_ear(&words.concat());
        if words.len() > 1 && persons.iter().all(|known| known.folded != folded) {
            persons.push(WholeName { heard: heard(&folded), folded, words });
        }
    }
    persons
}

/// The words of a term that are names, without what stands around them.
fn names_of(term: &Term) -> Vec<(String, Use)> {
    let (kind, shortest) = match term.kind() {
        TermKind::Person => (TermKind::Person, SHORTEST_PERSON),
        TermKind::Name => (TermKind::Name, SHORTEST_NAME),
        TermKind::Title => (TermKind::Title, SHORTEST_TITLE_WORD),
        TermKind::Reference => return Vec::new(),
    };
    let words = name_words(term);
    let mut names = Vec::new();
    for (i, word) in words.iter().enumerate() {
        let found = Use { kind, given: kind == TermKind::Person && i + 1 < words.len() };
        // Somebody with two family names is often called by one of them.
        let split = kind == TermKind::Person && !found.given && word.contains('-');
        let parts = word.split('-').filter(|p| split && p.chars().count() >= SHORTEST_NAME);
        let all = std::iter::once(word.as_str()).chain(parts);
        names.extend(all.filter(|n| n.chars().count() >= shortest).map(|n| (n.to_owned(), found)));
    }
    names
}

/// The words of a term that look like names, of any length.
fn name_words(term: &Term) -> Vec<String> {
    let core = |w: &str| w.trim_matches(|c: char| !c.is_alphanumeric()).to_owned();
    term.text().split_whitespace().map(core).filter(|w| is_name(w)).collect()
}

/// Letters and hyphens, the first of them large, not all of them; no office.
fn is_name(word: &str) -> bool {
    word.chars().next().is_some_and(char::is_uppercase)
        && word.chars().all(|c| c.is_alphabetic() || "-'’".contains(c))
        && word.chars().any(char::is_lowercase)
        && !titles::is_title(&fold_by_ear(word))
}

/// A name with the endings it takes in speech; the name itself first.
fn inflected(name: &str, kind: TermKind) -> Vec<String> {
    let hissing = name.ends_with(['s', 'x', 'z', 'ß']);
    let endings: &[&str] = match (kind, hissing) {
        // A title's words stand there inflected already.
        (TermKind::Title, _) => &[],
        (TermKind::Person, false) => &["s"],
        (TermKind::Person, true) => &[],
        (_, false) => &["s", "es"],
        (_, true) => &["es"],
    };
    let forms = endings.iter().map(|e| format!("{name}{e}"));
    std::iter::once(name.to_owned()).chain(forms).collect()
}
