//! What sounds or is spelt like the words that are asked for. It is offered where little else is
//! found, behind everything else.

use std::collections::HashMap;
use std::sync::LazyLock;

use levenshtein_automata::{DFA, LevenshteinAutomatonBuilder, SINK_STATE};
use mitschnitt_german::likeness::distance;
use mitschnitt_german::sound::{heard, may_have_code, spoken_code};
use tantivy::query::Bm25StatisticsProvider;
use tantivy::schema::Field;
use tantivy::{Searcher, Term};
use tantivy_fst::Automaton;

use super::context::SearchContext;
use crate::analysis::{self, Analyzer};
use crate::model::error::{Doing, Result};
use crate::postings::sounds::SoundLimits;
use crate::postings::terms::{Terms, rarity};
use crate::ranking::bag::{Level, Likeness, Meant};
use crate::segment::schema::{Fields, SearchField};

/// Most words that are taken for a misspelt one.
const MAX_SIMILAR: usize = 50;
/// Shortest word whose likes are looked for, in letters, and from how many on two of them may be
/// wrong.
const MIN_LETTERS: usize = 4;
const TWO_WRONG: usize = 8;
/// Longest such word; the automaton grows with it.
const MAX_LETTERS: usize = 32;
/// Shortest sound by which any word is taken for a name, how alike it must be spelt, most such words, and in how many
/// passages at most a misheard name stands.
const MIN_SOUND: usize = 3;
const ALIKE: f32 = 0.55;
const MOST_LONGER: usize = 2;
const MAX_SOUNDING: usize = 20;
const OFTEN: u64 = 200;
/// Weights beside the word itself.
const SOUND: f32 = 0.15;
const SOUND_IN_TEXT: f32 = 0.06;
const SPELLING: f32 = 0.15;
const RELATED: f32 = 0.1;

const DOING: &str = "ähnliche Wörter suchen";

/// What makes automata for words with up to one and up to two wrong letters, where letters that
/// changed places count as one: it takes longer to make than to use, and is the same for all words.
static SPELLINGS: LazyLock<[LevenshteinAutomatonBuilder; 2]> =
    LazyLock::new(|| [1, 2].map(|wrong| LevenshteinAutomatonBuilder::new(wrong, true)));

/// The words with what is similar to them.
///
/// # Errors
/// Reading the index failed.
pub(crate) fn of(
    words: &[Meant],
    fields: &Fields,
    terms: &Terms,
    analyzer: &Analyzer,
) -> Result<Vec<Meant>> {
    let mut words = words.to_vec();
    let several = words.len() > 1;
    for word in &mut words {
        let Some(exact) = analysis::exact(&word.asked) else { continue };
        if exact.chars().count() < MIN_LETTERS || analysis::is_stopword(&exact) {
            continue;
        }
        add_sounds(word, &exact, fields, terms)?;
        if is_unknown(word, terms)? {
            let exact_field = fields.of(SearchField::Spoken).exact;
            let likely = spelt_like(&exact, exact_field, terms.searcher())?;
            for (form, weight) in weighed(likely, terms)? {
                let term = Term::from_field_text(exact_field, &form);
                word.similar.push((Likeness::Spelling, term, weight));
            }
        }
        // What a compound is a sort of: beside other words, "Livestream" is a stream.
        if let Some(head) = analyzer.compound(&exact).last().filter(|_| several) {
            let term = Term::from_field_text(fields.of(SearchField::Spoken).part, head);
            word.similar.push((Likeness::Related, term, RELATED));
        }
    }
    Ok(words)
}

/// The words with the names that sound like them.
///
/// # Errors
/// Reading the index failed.
pub(crate) fn by_sound(words: &[Meant], fields: &Fields, terms: &Terms) -> Result<Vec<Meant>> {
    let mut words = words.to_vec();
    for word in &mut words {
        let Some(exact) = analysis::exact(&word.asked) else { continue };
        if exact.chars().count() >= MIN_LETTERS && !analysis::is_stopword(&exact) {
            add_sounds(word, &exact, fields, terms)?;
            if !is_name(word, terms)? {
                word.similar.clear();
            }
        }
    }
    Ok(words)
}

/// Adds names that sound like a word: those that were addressed, who speaks, and whatever else is said and spelt
/// not much otherwise.
fn add_sounds(word: &mut Meant, exact: &str, fields: &Fields, terms: &Terms) -> Result<()> {
    let is_heard = word.similar.iter().any(|(likeness, ..)| *likeness == Likeness::Sound);
    let Some(sound) = analysis::sound(exact).filter(|_| !is_heard) else { return Ok(()) };
    for field in [fields.names, fields.speaker_sound] {
        word.similar.push((Likeness::Sound, Term::from_field_text(field, &sound), SOUND));
    }
    if sound.len() < MIN_SOUND || !is_name(word, terms)? {
        return Ok(());
    }
    let exact_field = fields.of(SearchField::Spoken).exact;
    for (form, likeness) in sounding_like(exact, &sound, exact_field, terms)? {
        let term = Term::from_field_text(exact_field, &form);
        word.similar.push((Likeness::Sound, term, SOUND_IN_TEXT * likeness));
    }
    Ok(())
}

/// The share of letters of two words that are heard alike; nothing where one is much longer.
fn heard_alike(a: &str, b: &str) -> f32 {
    let (a, b) = (heard(a), heard(b));
    let (longest, shortest) = (a.len().max(b.len()), a.len().min(b.len()));
    match longest - shortest <= MOST_LONGER {
        true => 1.0 - distance(&a, &b) as f32 / longest.max(1) as f32,
        false => 0.0,
    }
}

/// Whether two words begin with like sounds: all vowels, h and j have one digit in the code, and none is taken for
/// any other at the beginning of a name.
fn begins_alike(a: &str, b: &str) -> bool {
    let first = |word: &str| match word.bytes().next() {
        Some(b'j' | b'y') => b'j',
        Some(b'a' | b'e' | b'i' | b'o' | b'u') => b'a',
        Some(b'h') => b'h',
        _ => 0,
    };
    first(a) == first(b)
}

/// Whether a word is a name, as far as the index knows: of somebody who speaks or was addressed, or of nothing
/// else that was said.
fn is_name(word: &Meant, terms: &Terms) -> Result<bool> {
    let heard = word.similar.iter().filter(|(likeness, ..)| *likeness == Likeness::Sound);
    let named = word.speaker.iter().chain(heard.map(|(_, term, _)| term));
    Ok(has_any(named, terms)? || is_unknown(word, terms)?)
}

/// Words of the index that sound like `word`, each with how alike it is heard; the likest first.
fn sounding_like(
    word: &str,
    sound: &str,
    field: Field,
    terms: &Terms,
) -> Result<Vec<(String, f32)>> {
    let limits = SoundLimits { letters: MIN_LETTERS..=MAX_LETTERS, passages: OFTEN };
    let forms: Vec<String> = match terms.sounds(field, &limits) {
        Some(table) => table.with(sound).map(str::to_owned).collect(),
        None => walked(sound, field, terms.searcher())?,
    };
    let mut found: Vec<(String, f32)> = Vec::new();
    for form in forms.into_iter().filter(|form| form != word && !analysis::is_function(form)) {
        let plain: String = form.chars().filter(char::is_ascii_lowercase).collect();
        let likeness = heard_alike(word, &plain);
        if plain.len() >= MIN_LETTERS && likeness >= ALIKE && begins_alike(word, &plain) {
            found.push((form, likeness));
        }
    }
    found.sort_by(|(a, x), (b, y)| y.total_cmp(x).then_with(|| a.cmp(b)));
    found.truncate(MAX_SOUNDING);
    Ok(found)
}

/// Words with this sound that are not said too often for a misheard name, by a walk through the dictionary.
fn walked(sound: &str, field: Field, searcher: &Searcher) -> Result<Vec<String>> {
    let automaton = Sounding(sound);
    let mut found: HashMap<String, u64> = HashMap::new();
    for reader in searcher.segment_readers() {
        let inverted = reader.inverted_index(field).doing(DOING)?;
        let mut stream = inverted.terms().search(&automaton).into_stream().doing(DOING)?;
        while stream.advance() {
            let form = String::from_utf8_lossy(stream.key()).into_owned();
            *found.entry(form).or_default() += u64::from(stream.value().doc_freq);
        }
    }
    let rare = found.into_iter().filter(|(_, passages)| *passages <= OFTEN);
    Ok(rare.map(|(form, _)| form).collect())
}

/// Weights of words that are taken for another one. The more often one of them is said the likelier
/// it was meant, while BM25 prefers the rare ones; so that is taken out of the weight.
fn weighed(forms: Vec<(String, u64)>, terms: &Terms) -> Result<Vec<(String, f32)>> {
    let passages = terms.total_num_docs().doing(DOING)?;
    let rarity = |n: u64| rarity(n, passages);
    let Some(most) = forms.iter().map(|(_, n)| *n).max() else { return Ok(Vec::new()) };
    let weight = |n: u64| SPELLING * (n as f32 / most as f32) * rarity(most) / rarity(n);
    Ok(forms.into_iter().map(|(form, n)| (form, weight(n))).collect())
}

/// The query with words that are said in the place of those that are not; `None` where all are, or
/// nothing like them is.
///
/// # Errors
/// Reading the index failed.
pub(crate) fn suggestion(
    query: &str,
    words: &[Meant],
    search: &SearchContext<'_>,
) -> Result<Option<String>> {
    let mut suggested = query.to_owned();
    for word in words {
        for single in doubtful(word, search)? {
            let Some(exact) = analysis::exact(single) else { continue };
            let field = search.fields.of(SearchField::Spoken).exact;
            let likely = spelt_like(&exact, field, search.searcher())?;
            if let Some((form, _)) = likely.into_iter().next() {
                let written = search.analyzer.written(&form).unwrap_or(&form);
                suggested = suggested.replacen(single, written, 1);
            }
        }
    }
    Ok((suggested != query).then_some(suggested))
}

/// What of `word` may be misspelt: itself, words of a phrase, or parts of a hyphenated word, as far
/// as nobody said or wrote it in any form. Nothing where a reading of it as a whole is known.
fn doubtful<'w>(word: &'w Meant, search: &SearchContext<'_>) -> Result<Vec<&'w str>> {
    if has_any(own_terms(word).chain(&word.paper), &search.terms)? {
        return Ok(Vec::new());
    }
    let parts: Vec<&str> = match word.terms.is_empty() {
        true => word.asked.split_whitespace().collect(),
        false if word.spans.iter().all(|(level, _)| *level == Level::Part) => vec![&word.asked],
        false => word.asked.split(['-', '/']).collect(),
    };
    let mut doubtful = Vec::new();
    for part in parts.into_iter().filter(|part| part.chars().any(char::is_alphabetic)) {
        let Some(exact) = analysis::exact(part) else { continue };
        let stem = analysis::stem(&exact);
        let terms = [SearchField::Spoken, SearchField::Written].map(|place| {
            let fields = search.fields.of(place);
            let forms = [(fields.exact, &exact), (fields.stem, &stem)];
            forms.map(|(field, form)| Term::from_field_text(field, form))
        });
        if !has_any(terms.iter().flatten(), &search.terms)? {
            doubtful.push(part);
        }
    }
    Ok(doubtful)
}

/// Whether no passage says the word in any form.
fn is_unknown(word: &Meant, terms: &Terms) -> Result<bool> {
    let in_one_piece = word.spans.iter().all(|(level, _)| *level == Level::Part);
    Ok(in_one_piece && !has_any(own_terms(word), terms)?)
}

/// The terms of a word in any form, but not of compounds with it.
fn own_terms(word: &Meant) -> impl Iterator<Item = &Term> {
    word.terms.iter().filter(|(level, ..)| *level < Level::Part).map(|(_, term, _)| term)
}

/// Whether the index has any of these terms.
fn has_any<'t>(any: impl IntoIterator<Item = &'t Term>, terms: &Terms) -> Result<bool> {
    for term in any {
        if terms.passages(term).doing(DOING)? > 0 {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Words of the index that are spelt most like `word`, all of them equally, with the number of
/// passages; the most frequent first.
///
/// # Errors
/// Reading the index failed.
pub(crate) fn spelt_like(
    word: &str,
    field: Field,
    searcher: &Searcher,
) -> Result<Vec<(String, u64)>> {
    let letters = word.chars().count();
    if !(MIN_LETTERS..=MAX_LETTERS).contains(&letters) {
        return Ok(Vec::new());
    }
    let [one, two] = &*SPELLINGS;
    let spellings = if letters < TWO_WRONG { one } else { two };
    let automaton = Spelling(spellings.build_dfa(word));
    let mut found: HashMap<String, u64> = HashMap::new();
    for reader in searcher.segment_readers() {
        let inverted = reader.inverted_index(field).doing(DOING)?;
        let mut stream = inverted.terms().search(&automaton).into_stream().doing(DOING)?;
        while stream.advance() {
            let form = String::from_utf8_lossy(stream.key()).into_owned();
            *found.entry(form).or_default() += u64::from(stream.value().doc_freq);
        }
    }
    found.remove(word);
    let distance = |form: &str| automaton.0.eval(form).to_u8();
    let nearest = found.keys().map(|form| distance(form)).min();
    let mut found: Vec<(String, u64)> =
        found.into_iter().filter(|(form, _)| Some(distance(form)) == nearest).collect();
    found.sort_by(|(a, n), (b, m)| m.cmp(n).then_with(|| a.cmp(b)));
    found.truncate(MAX_SIMILAR);
    Ok(found)
}

/// Words with this sound, for the dictionary of terms.
struct Sounding<'s>(&'s str);

/// The letters of a word so far; nothing where no word with the sound begins so.
#[derive(Clone, Copy)]
struct WordBeginning {
    letters: [u8; MAX_LETTERS],
    length: usize,
}

impl WordBeginning {
    fn as_str(&self) -> &str {
        // Letters from a to z only.
        std::str::from_utf8(&self.letters[..self.length]).unwrap_or_default()
    }
}

impl Automaton for Sounding<'_> {
    type State = Option<WordBeginning>;

    fn start(&self) -> Self::State {
        Some(WordBeginning { letters: [0; MAX_LETTERS], length: 0 })
    }

    fn is_match(&self, state: &Self::State) -> bool {
        state.is_some_and(|word| spoken_code(word.as_str()) == self.0)
    }

    fn can_match(&self, state: &Self::State) -> bool {
        state.is_some()
    }

    fn accept(&self, state: &Self::State, byte: u8) -> Self::State {
        let mut word = (*state)?;
        match byte {
            b'-' | b'\'' => Some(word),
            b'a'..=b'z' if word.length < MAX_LETTERS => {
                word.letters[word.length] = byte;
                word.length += 1;
                may_have_code(word.as_str(), self.0).then_some(word)
            }
            _ => None,
        }
    }
}

/// Words at most so many letters away, for the dictionary of terms.
struct Spelling(DFA);

impl Automaton for Spelling {
    type State = u32;

    fn start(&self) -> u32 {
        self.0.initial_state()
    }

    fn is_match(&self, state: &u32) -> bool {
        matches!(self.0.distance(*state), levenshtein_automata::Distance::Exact(_))
    }

    fn can_match(&self, state: &u32) -> bool {
        *state != SINK_STATE
    }

    fn accept(&self, state: &u32, byte: u8) -> u32 {
        self.0.transition(*state, byte)
    }
}
