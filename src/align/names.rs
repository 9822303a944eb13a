//! Who is named in the words: the roster matched against misheard names, titles and functions.
//! Owns "which persons can these words mean"; not whether they speak.

use std::collections::{HashMap, HashSet};

use mitschnitt_german::function_words;
use mitschnitt_german::likeness::likeness;
use mitschnitt_german::sound::cologne;
use mitschnitt_german::titles::{is_degree, office};

use super::lexicon;
use super::roster::{ALIKE, Roster, party_key};
use super::stream::{SpeechSegment, StreamToken};

/// Somebody is named in tokens `first..end`.
#[derive(Clone, Debug)]
pub(super) struct NameMention {
    pub first: usize,
    pub end: usize,
    /// Person (index into the roster) and how well the words fit, about 0.6..=1.5, best first.
    pub persons: Vec<(usize, f32)>,
    /// Whether a form of address, a title or a given name stands before the name.
    pub addressed: bool,
    /// Whether the best person's given name stands before it, or plainly another.
    pub given: Option<bool>,
}

/// What is going on where a name is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NameContext {
    /// Somebody may be named.
    Any,
    /// The chair gives somebody the floor: a word like a name is a name.
    Floor,
}

/// A name as it is written on the roster.
const EXACT: f32 = 0.99;

/// Where a name is looked for.
#[derive(Clone, Copy)]
struct NameSurroundings<'a> {
    tokens: &'a [StreamToken],
    ordinary: &'a HashSet<&'a str>,
    segment: SpeechSegment,
    context: NameContext,
}

impl Roster {
    /// Everybody named in the segments `wanted` says are worth looking at.
    pub fn mentions(
        &self,
        tokens: &[StreamToken],
        segments: &[SpeechSegment],
        wanted: impl Fn(usize) -> Option<NameContext>,
    ) -> Vec<NameMention> {
        let ordinary = ordinary(tokens);
        let mut known: HashMap<String, Vec<(usize, f32)>> = HashMap::new();
        let mut mentions = Vec::new();
        for (index, segment) in segments.iter().enumerate() {
            let Some(context) = wanted(index) else { continue };
            let parties = self.parties_in(&tokens[segment.first..segment.end]);
            let mut i = segment.first;
            while i < segment.end {
                let words =
                    NameSurroundings { tokens, ordinary: &ordinary, segment: *segment, context };
                match self.mention_at(&words, i, &parties, &mut known) {
                    Some(mention) => {
                        i = mention.end;
                        mentions.push(mention);
                    }
                    None => i += 1,
                }
            }
        }
        mentions
    }

    fn mention_at(
        &self,
        words: &NameSurroundings,
        i: usize,
        parties: &[String],
        known: &mut HashMap<String, Vec<(usize, f32)>>,
    ) -> Option<NameMention> {
        let NameSurroundings { tokens, ordinary, segment, context } = *words;
        let token = &tokens[i];
        if is_address(token) && office(&token.text).is_none() {
            return None;
        }
        // A filler may stand between ("Kollegin äh Muster").
        let reach = segment.first.max(i.saturating_sub(2));
        let addressed = tokens[reach..i]
            .iter()
            .rev()
            .take_while(|t| !t.capital || is_address(t))
            .any(is_address);
        if addressed || office(&token.text).is_some() {
            let persons = self.holders(&token.text);
            if !persons.is_empty() && !follows_name(tokens, segment, i) {
                return Some(NameMention {
                    first: i,
                    end: i + 1,
                    persons,
                    addressed: true,
                    given: None,
                });
            }
        }
        // Short names are heard as letters ("das Wort hat Stadtrat C.").
        let text = match token.text.as_bytes() {
            [letter] if token.capital && addressed => letter_name(*letter)?,
            [_] => return None,
            _ => &token.text,
        };
        let particle =
            matches!(token.text.as_str(), "von" | "de" | "van" | "zu" | "del" | "el" | "al");
        if !particle
            && (is_common(&token.text)
                || !token.capital
                    && !addressed
                    && token.text.len() < 4
                    && context != NameContext::Floor)
        {
            return None;
        }
        let joined = (i + 1 < segment.end && !token.punctuated())
            .then(|| format!("{}{}", token.text, tokens[i + 1].text));
        let two = joined.map(|name| self.alike(&name, known)).unwrap_or_default();
        let mut one = self.alike(text, known);
        // An ordinary word, or a party, is nobody's misheard name.
        if ordinary.contains(token.text.as_str()) || parties.contains(&party_key(&token.text)) {
            one.retain(|(_, fit)| *fit >= EXACT);
        }
        let best = |found: &[(usize, f32)]| found.iter().map(|f| f.1).fold(0.0, f32::max);
        // "Müller Schön" is Müllerschön, though there is a Müller.
        let joined = best(&two) > best(&one) || best(&two) >= EXACT;
        let (found, end) = if joined { (two, i + 2) } else { (one, i + 1) };
        if found.is_empty() {
            return self.given_only(tokens, i, context, parties);
        }
        let before: Vec<&StreamToken> =
            tokens[segment.first.max(i.saturating_sub(3))..i].iter().rev().collect();
        let mut persons: Vec<(usize, f32)> =
            found.iter().map(|(p, fit)| (*p, fit + self.context(*p, &before, parties))).collect();
        persons.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        let before_it = persons.first().map_or(0.0, |(p, _)| self.given_before(*p, &before));
        let given = before_it > 0.0;
        let expected = addressed || given || context == NameContext::Floor;
        let floor = if expected { ALIKE } else { 0.8 };
        let exact = found.iter().any(|f| f.1 >= EXACT);
        persons.retain(|(_, fit)| *fit >= floor);
        persons.truncate(4);
        (!persons.is_empty()
            && (exact && (token.capital || particle)
                || context == NameContext::Floor && (token.capital || token.text.len() >= 4)
                || addressed
                || given))
            .then_some(NameMention {
                first: i,
                end,
                persons,
                addressed: addressed || given,
                given: (before_it != 0.0).then_some(given),
            })
    }

    /// A given name whose family name the recogniser lost, where the floor is given.
    fn given_only(
        &self,
        tokens: &[StreamToken],
        i: usize,
        context: NameContext,
        parties: &[String],
    ) -> Option<NameMention> {
        let token = &tokens[i];
        if context != NameContext::Floor || !token.capital || token.text.len() < 4 {
            return None;
        }
        let namesakes = (0..self.entries.len()).filter(|p| {
            let entry = &self.entries[*p];
            entry.givens.first().is_some_and(|g| likeness(g, &token.text) >= 0.85)
                && (parties.is_empty() || entry.parties.iter().any(|own| parties.contains(own)))
        });
        let persons: Vec<(usize, f32)> = namesakes.take(3).map(|p| (p, 0.7)).collect();
        let few = !persons.is_empty() && persons.len() <= 2;
        few.then_some(NameMention {
            first: i,
            end: i + 1,
            persons,
            addressed: true,
            given: Some(true),
        })
    }

    /// What given name and party around a family name say for this person.
    fn context(&self, person: usize, before: &[&StreamToken], parties: &[String]) -> f32 {
        let mut sum = self.given_before(person, before);
        // Weak, since forms of address are misheard and misfiled; enough to tell namesakes apart.
        let said = before.iter().find(|t| matches!(t.text.as_str(), "frau" | "herr" | "herrn"));
        if let (Some(said), Some(form)) = (said, &self.entries[person].form) {
            sum += if said.text.starts_with(form.as_str()) { 0.05 } else { -0.05 };
        }
        let own = &self.entries[person].parties;
        if !parties.is_empty() && !own.is_empty() {
            sum += if own.iter().any(|p| parties.contains(p)) { 0.15 } else { -0.12 };
        }
        sum
    }

    fn given_before(&self, person: usize, before: &[&StreamToken]) -> f32 {
        let givens = &self.entries[person].givens;
        let Some(name) = before.iter().find(|t| !is_degree(&t.text)) else { return 0.0 };
        if givens.is_empty()
            || name.text.len() < 4 && !name.capital
            || is_address(name)
            || is_common(&name.text)
        {
            return 0.0;
        }
        let best = givens.iter().map(|g| likeness(g, &name.text)).fold(0.0, f32::max);
        if best >= ALIKE {
            0.35 * best
        } else if name.punctuated() {
            0.0
        } else {
            -0.12
        }
    }

    /// Everybody whose family name is like this word. Each distinct word is compared once.
    fn alike(
        &self,
        text: &str,
        known: &mut HashMap<String, Vec<(usize, f32)>>,
    ) -> Vec<(usize, f32)> {
        if let Some(found) = known.get(text) {
            return found.clone();
        }
        let sound = cologne(text);
        let found: Vec<(usize, f32)> = self
            .entries
            .iter()
            .enumerate()
            .filter_map(|(i, entry)| {
                let fit = entry
                    .families
                    .iter()
                    .filter(|(name, its, _)| worth_comparing(text, &sound, name, its))
                    .map(|(name, _, worth)| worth * likeness(name, text))
                    .fold(0.0, f32::max);
                (fit >= ALIKE).then_some((i, fit))
            })
            .collect();
        known.insert(text.to_owned(), found.clone());
        found
    }

    /// Parties named in a segment, of those somebody belongs to.
    pub fn parties_in(&self, tokens: &[StreamToken]) -> Vec<String> {
        let mut named: Vec<String> = Vec::new();
        for token in tokens.iter().filter(|t| t.text.len() >= 3) {
            for part in token.raw.split(|c: char| !c.is_alphanumeric()) {
                let key = party_key(part);
                if self.entries.iter().any(|e| e.parties.contains(&key)) {
                    named.push(key);
                }
            }
        }
        named
    }

    /// Parties a speaker counts themselves to: "wir von der SPD", "wir GRÜNE".
    pub fn own_parties(&self, tokens: &[StreamToken]) -> Vec<String> {
        let own = tokens.iter().position(|t| matches!(t.text.as_str(), "wir" | "uns" | "unsere"));
        let Some(own) = own else { return Vec::new() };
        let after: Vec<&StreamToken> = tokens[own + 1..].iter().take(4).collect();
        let linked = after.iter().take_while(|t| {
            matches!(
                t.text.as_str(),
                "als" | "von" | "der" | "den" | "die" | "fraktion" | "in" | "freien"
            )
        });
        let named = after.get(linked.count()).map(|t| self.parties_in(std::slice::from_ref(*t)));
        named.unwrap_or_default()
    }
}

/// How the name of a letter is written when it is a family's.
fn letter_name(letter: u8) -> Option<&'static str> {
    Some(match letter {
        b'b' => "beh",
        b'c' => "zeh",
        b'd' => "deh",
        b'e' => "eh",
        b'g' => "geh",
        b'h' => "hah",
        b'j' => "jott",
        b'k' => "kah",
        b'l' => "ell",
        b'm' => "emm",
        b'n' => "enn",
        b'p' => "peh",
        b'q' => "kuh",
        b'r' => "err",
        b's' => "ess",
        b't' => "teh",
        b'v' => "vau",
        b'w' => "weh",
        _ => return None,
    })
}

/// Words said so often without a form of address before them that they are no names.
fn ordinary(tokens: &[StreamToken]) -> HashSet<&str> {
    const OFTEN: usize = 4;
    let mut said: HashMap<&str, (usize, usize)> = HashMap::new();
    for (i, token) in tokens.iter().enumerate().filter(|(_, t)| t.text.len() >= 3) {
        let addressed = tokens[i.saturating_sub(2)..i].iter().any(is_address);
        let (all, named) = said.entry(&token.text).or_default();
        *all += 1;
        *named += usize::from(addressed);
    }
    said.retain(|_, (all, named)| *all >= OFTEN && 5 * *named < *all);
    said.into_keys().collect()
}

fn worth_comparing(a: &str, sa: &str, b: &str, sb: &str) -> bool {
    a == b
        || sa == sb
        || sa.len().abs_diff(sb.len()) <= 1
            && a.len().abs_diff(b.len()) <= 3
            && (sa.as_bytes().first() == sb.as_bytes().first()
                || a.as_bytes().last() == b.as_bytes().last())
}

/// Whether a name follows this word: a form of address, a title or an office.
pub(super) fn is_address(token: &StreamToken) -> bool {
    token.key.is_some_and(lexicon::is_address)
        || is_degree(&token.text)
        || office(&token.text).is_some()
}

/// Whether the office at `i` only introduces a name ("Bürgermeister Lenz").
fn follows_name(tokens: &[StreamToken], segment: SpeechSegment, i: usize) -> bool {
    i + 1 < segment.end
        && !tokens[i].punctuated()
        && tokens[i + 1].capital
        && !is_common(&tokens[i + 1].text)
        && tokens[i + 1].key.is_none()
}

/// Words far too common to be taken for a misheard name: those of the language, and those of meetings.
pub(super) fn is_common(text: &str) -> bool {
    function_words::is_common(text)
        || matches!(
            text,
            "danke"
                | "dank"
                | "wort"
                | "fraktion"
                | "redner"
                | "rednerin"
                | "naechste"
                | "naechster"
                | "naechstes"
                | "punkt"
                | "schoen"
                | "gut"
                | "guten"
                | "herren"
                | "damen"
                | "kolleginnen"
                | "aehm"
                | "aeh"
                | "ah"
                | "stimmt"
                | "antrag"
                | "vorlage"
                | "erste"
                | "erster"
                | "letzte"
                | "zwei"
                | "drei"
                | "vier"
                | "waren"
                | "wuerde"
                | "mal"
                | "vorsitzende"
                | "vorsitzender"
                | "praesident"
                | "praesidentin"
                | "tagesordnungspunkt"
                | "top"
        )
}
