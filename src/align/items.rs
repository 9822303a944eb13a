//! The agenda as alignment sees it: numbers to items, rare title words, the order of the points.
//! Owns what is known before anybody speaks; reads no formulas.

use std::collections::{HashMap, HashSet};
use std::ops::Index;

use mitschnitt_german::folding::fold;
use mitschnitt_german::inflection::stem;
use mitschnitt_german::sound::cologne;

use super::numbers::{self, AgendaPart, ItemNumber};
use super::stream::{SpeechSegment, StreamToken, WordStream};
use crate::domain::{AgendaItem, Council, OrganizationId, PersonId};

/// Only this many content words of a title count: chairs seldom read further.
const TITLE_WORDS: usize = 30;
/// What the name of who brought an item in adds to its call.
const ORIGINATOR: f32 = 1.2;
/// How much less a title word counts each time it is said again: weight × count^-0.6.
const CONTENT_DAMPING: f32 = 0.6;

/// Names a state of the decoder; an item's own state is not its index on the agenda.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct StateId(usize);

impl StateId {
    /// Nothing is open.
    pub const NONE: Self = Self(0);

    /// An item alone is open.
    pub fn of_item(item: usize) -> Self {
        Self(1 + item)
    }

    /// Its place among all states.
    pub fn index(self) -> usize {
        self.0
    }
}

/// All states of the decoder: [`StateId::NONE`], one for each item, and those made on the way.
#[derive(Clone, Debug)]
pub(super) struct ItemStates(Vec<ItemState>);

impl ItemStates {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// All of them, in the order of their places.
    pub fn ids(&self) -> impl Iterator<Item = StateId> + use<> {
        (0..self.0.len()).map(StateId)
    }

    /// Adds a state.
    pub fn push(&mut self, state: ItemState) -> StateId {
        self.0.push(state);
        StateId(self.0.len() - 1)
    }
}

impl Index<StateId> for ItemStates {
    type Output = ItemState;

    fn index(&self, id: StateId) -> &ItemState {
        &self.0[id.0]
    }
}

/// A state of the decoder: nothing (no items), one item, or items called together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ItemState {
    pub items: Vec<usize>,
    first: i32,
    last: i32,
}

struct IndexedItem {
    numbers: Vec<ItemNumber>,
    /// Position among the items that can be called, counting each number once.
    rank: i32,
    public: bool,
    absent: bool,
}

/// A word of titles: how often it is said in the meeting, and the items it speaks for.
struct TitleWord {
    often: f32,
    items: Vec<(usize, f32)>,
}

/// The agenda, indexed.
pub(super) struct Items {
    items: Vec<IndexedItem>,
    by_number: HashMap<ItemNumber, usize>,
    /// Title word (its sound) → items with their weights.
    by_word: HashMap<String, TitleWord>,
    references: Vec<(usize, Vec<String>)>,
    /// Folded names of who brought an item's papers in, as far as no more than a third of the
    /// agenda's items share them.
    originators: Vec<(usize, Vec<String>)>,
    /// Per item: the items of which it is a part, by number.
    wholes: Vec<Vec<usize>>,
    /// By the first word of each segment: items its words speak for.
    content: HashMap<usize, Vec<(usize, f32)>>,
    /// Per item: weight of its title words per word of the meeting.
    rates: Vec<f32>,
}

impl Items {
    /// Reads the agenda; `stream` tells which title words are common in this meeting.
    pub fn new(council: &Council, stream: &WordStream) -> Self {
        let agenda = &council.meeting.agenda;
        let mut items: Vec<IndexedItem> = Vec::new();
        let mut by_number: HashMap<ItemNumber, usize> = HashMap::new();
        let mut rank = 0;
        for (i, item) in agenda.iter().enumerate() {
            let numbers = item.number.as_deref().map(numbers::of_item).unwrap_or_default();
            let absent = is_absent(&item.title);
            let mut fresh = numbers.is_empty();
            for number in &numbers {
                by_number.entry(number.clone()).or_insert_with(|| {
                    fresh = true;
                    i
                });
            }
            rank += i32::from(fresh && !absent && i > 0);
            items.push(IndexedItem {
                numbers,
                rank,
                public: item.public,
                absent: absent || !fresh,
            });
        }
        let by_word = rare_words(council, stream);
        let references = agenda
            .iter()
            .enumerate()
            .filter_map(|(i, item)| Some((i, reference_groups(council.reference(item)?))))
            .filter(|(_, groups)| groups.len() >= 2)
            .collect();
        let mut content = HashMap::new();
        let mut rates = vec![0.0; items.len()];
        let mut keys: HashMap<&str, String> = HashMap::new();
        for segment in &stream.segments {
            let found = content_of(&by_word, &mut keys, stream.words(*segment));
            for (item, weight) in &found {
                rates[*item] += weight / stream.tokens.len() as f32;
            }
            content.insert(segment.first, found);
        }
        let originators = telling_originators(council);
        let wholes = items.iter().map(|part| wholes(part, &items)).collect();
        Self { items, by_number, by_word, references, originators, wholes, content, rates }
    }

    /// What the meeting's average word says for this item.
    pub fn content_rate(&self, item: usize) -> f32 {
        self.rates[item]
    }

    /// How many items there are.
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Whether "the next item" can mean this one.
    pub fn in_agenda(&self, item: usize) -> bool {
        !self.items[item].absent
    }

    /// The states that are there before anything is called together.
    pub fn states(&self) -> ItemStates {
        let none = ItemState { items: Vec::new(), first: -1, last: -1 };
        let alone = (0..self.len()).map(|i| self.state(&[i]));
        ItemStates(std::iter::once(none).chain(alone).collect())
    }

    fn state(&self, items: &[usize]) -> ItemState {
        let ranks = items.iter().map(|i| self.items[*i].rank);
        ItemState {
            items: items.to_vec(),
            first: ranks.clone().min().unwrap_or(-1),
            last: ranks.max().unwrap_or(-1),
        }
    }

    /// Nothing, while it is known what ended last: "the next item" is the one behind it.
    pub fn none_after(ended: &ItemState) -> ItemState {
        ItemState { items: Vec::new(), first: -1, last: ended.last }
    }

    /// The state for these items called together; made if it is new.
    pub fn state_of(&self, called: &[usize], states: &mut ItemStates) -> StateId {
        if let [one] = called {
            return StateId::of_item(*one);
        }
        let state = self.state(called);
        let known = states.ids().find(|id| states[*id] == state);
        known.unwrap_or_else(|| states.push(state))
    }

    /// The states an item is part of.
    pub fn states_with(&self, item: usize, states: &ItemStates) -> Vec<StateId> {
        let sets = states.ids().skip(self.len() + 1);
        let sets = sets.filter(|set| states[*set].items.contains(&item));
        std::iter::once(StateId::of_item(item)).chain(sets).collect()
    }

    /// The items these numbers mean, in order, each once. A number that is not on the agenda means
    /// its parent ("15 a" → 15).
    pub fn called(&self, numbers: &[ItemNumber]) -> Vec<usize> {
        let mut called: Vec<usize> = Vec::new();
        for number in numbers {
            let mut wanted = Some(number.clone());
            while let Some(number) = wanted {
                if let Some(item) = self.by_number.get(&number) {
                    called.push(*item);
                    break;
                }
                wanted = number.parent();
            }
        }
        called.sort_unstable();
        called.dedup();
        called.retain(|i| {
            self.items[*i].public
                || self.items[*i].numbers.iter().any(|n| n.part == AgendaPart::NonPublic)
        });
        called
    }

    /// The items that a vote is on by its item's number, or else by its paper ("DS0113/25/1" belongs to
    /// DS0113/25), with those that they are a part of: the debate is held on either.
    pub fn voted_on(&self, number: Option<&str>, motion: Option<&str>) -> Vec<usize> {
        let numbers = number.map(numbers::of_item).unwrap_or_default();
        let mut voted = self.called(&numbers);
        if voted.is_empty() && numbers.is_empty() {
            let groups = motion.map(reference_groups).unwrap_or_default();
            let of_paper = self.references.iter().filter(|(_, own)| groups.starts_with(own));
            let longest = of_paper.clone().map(|(_, own)| own.len()).max();
            voted = of_paper
                .filter(|(_, own)| Some(own.len()) == longest)
                .map(|(item, _)| *item)
                .filter(|item| self.items[*item].public)
                .collect();
        }
        let above: Vec<usize> =
            voted.iter().flat_map(|item| &self.wholes[*item]).copied().collect();
        voted.extend(above);
        voted.sort_unstable();
        voted.dedup();
        voted
    }

    /// What a move between states costs: nothing to the next item, something to skip, more to go
    /// back. Bounded, because a plain call outweighs any order.
    pub fn move_cost(&self, from: &ItemState, to: &ItemState) -> f32 {
        if to.items.is_empty() {
            return 0.0;
        }
        match to.first - from.last {
            1 => 0.0,
            d if d > 1 => (0.5 + 0.6 * (d as f32).ln()).min(2.5),
            0 => 1.0,
            _ if from.items.is_empty() => 0.0,
            d => (2.0 + 0.3 * (1.0 - d as f32).ln()).min(3.0),
        }
    }

    /// The items that `part` is a number below ("24" for "24.1").
    pub fn wholes(&self, part: usize) -> &[usize] {
        &self.wholes[part]
    }

    /// Items whose title words or paper stand in tokens `first..end`, with their weights.
    pub fn title_scores(&self, stream: &WordStream, first: usize, end: usize) -> Vec<(usize, f32)> {
        let tokens = &stream.tokens[first..end];
        let mut scores: HashMap<usize, f32> = HashMap::new();
        let mut seen: HashSet<&str> = HashSet::new();
        for token in tokens {
            for part in parts(token) {
                if !seen.insert(part) {
                    continue;
                }
                for (item, weight) in self.weights(part) {
                    *scores.entry(*item).or_default() += 0.55 * weight;
                }
            }
        }
        for (item, names) in &self.originators {
            let named = tokens.iter().any(|t| t.text.len() >= 3 && names.contains(&t.text));
            if named {
                *scores.entry(*item).or_default() += ORIGINATOR;
            }
        }
        for (item, groups) in &self.references {
            if spoken_reference(tokens, groups) {
                *scores.entry(*item).or_default() += 3.0;
            }
        }
        let mut scores: Vec<(usize, f32)> = scores.into_iter().filter(|s| s.1 > 0.8).collect();
        scores.sort_unstable_by_key(|(item, _)| *item);
        scores
    }

    /// Items the words of a segment speak for, with their weights.
    pub fn content(&self, segment: SpeechSegment) -> &[(usize, f32)] {
        self.content.get(&segment.first).map_or(&[], Vec::as_slice)
    }

    fn weights(&self, part: &str) -> &[(usize, f32)] {
        self.by_word.get(&word_key(part)).map_or(&[], |word| &word.items)
    }
}

/// For each item of the agenda, who brought its papers in (indices into the roster).
pub(super) fn movers(council: &Council) -> Vec<Vec<usize>> {
    let of = |item: &AgendaItem| {
        let persons = council.papers_of(item).flat_map(|paper| &paper.originator_persons);
        persons.filter_map(|id| council.persons.iter().position(|p| p.id == *id)).collect()
    };
    council.meeting.agenda.iter().map(of).collect()
}

fn wholes(part: &IndexedItem, items: &[IndexedItem]) -> Vec<usize> {
    let above: Vec<ItemNumber> = part.numbers.iter().filter_map(ItemNumber::parent).collect();
    let holds = |whole: &IndexedItem| whole.numbers.iter().any(|number| above.contains(number));
    items.iter().enumerate().filter(|(_, whole)| holds(whole)).map(|(i, _)| i).collect()
}

fn content_of<'a>(
    by_word: &HashMap<String, TitleWord>,
    keys: &mut HashMap<&'a str, String>,
    tokens: &'a [StreamToken],
) -> Vec<(usize, f32)> {
    let mut scores: Vec<(usize, f32)> = Vec::new();
    for part in tokens.iter().filter(|t| t.text.len() >= 5).flat_map(parts) {
        let key = keys.entry(part).or_insert_with(|| word_key(part));
        let Some(word) = by_word.get(key) else { continue };
        // A word said all over the meeting says little each time.
        let damping = word.often.powf(-CONTENT_DAMPING);
        for &(item, weight) in &word.items {
            match scores.iter_mut().find(|s| s.0 == item) {
                Some(score) => score.1 += weight * damping,
                None => scores.push((item, weight * damping)),
            }
        }
    }
    scores
}

fn is_absent(title: &str) -> bool {
    let folded = fold(title);
    ["abgesetzt", "vertagt", "entfaellt", "zurueckgezogen", "abgesetztvontagesordnung"]
        .contains(&folded.as_str())
}

/// The pieces of a hyphenated word, or the word.
fn parts(token: &StreamToken) -> impl Iterator<Item = &str> {
    token.raw.split(['-', '/', '–']).filter(|p| p.chars().count() >= 4)
}

/// What title words are compared by: the sound of the stem, or the digits.
fn word_key(word: &str) -> String {
    let folded = fold(word);
    if folded.bytes().any(|b| b.is_ascii_digit()) {
        return folded;
    }
    let stem = stem(&folded);
    // The sound alone confuses short words; its length class keeps "Rat" from "Rede".
    format!("{}{}", cologne(stem), stem.len() / 4)
}

/// Words of titles with their weights: rare among the titles, and not common in the meeting.
fn rare_words(council: &Council, stream: &WordStream) -> HashMap<String, TitleWord> {
    let agenda = &council.meeting.agenda;
    let mut spoken: HashMap<String, usize> = HashMap::new();
    let mut keys: HashMap<&str, String> = HashMap::new();
    for token in &stream.tokens {
        for part in parts(token) {
            let key = keys.entry(part).or_insert_with(|| word_key(part));
            *spoken.entry(key.clone()).or_default() += 1;
        }
    }
    let mut holders: HashMap<String, Vec<usize>> = HashMap::new();
    for (i, item) in agenda.iter().enumerate() {
        let words = item.title.split(|c: char| !c.is_alphanumeric());
        let keys = words.filter(|w| w.chars().count() >= 4).take(TITLE_WORDS).map(word_key);
        for key in keys.collect::<HashSet<_>>() {
            holders.entry(key).or_default().push(i);
        }
    }
    let count = agenda.len() as f32;
    let total = stream.tokens.len().max(1) as f32;
    holders
        .into_iter()
        .filter_map(|(key, items)| {
            let among_titles = (count / items.len() as f32).ln() / count.ln().max(1.0);
            let in_meeting = spoken.get(&key).map_or(0.5, |n| *n as f32) / items.len() as f32;
            let rarity = ((total / in_meeting).ln() / total.ln()).clamp(0.0, 1.0);
            let weight = 3.0 * (0.15 + among_titles) * (rarity - 0.25).max(0.0);
            let often = spoken.get(&key).map_or(1.0, |n| *n as f32);
            (weight > 0.2 && items.len() <= 8).then(|| {
                (key, TitleWord { often, items: items.into_iter().map(|i| (i, weight)).collect() })
            })
        })
        .collect()
}

/// For each item the folded names of its originators that tell it from most others.
fn telling_originators(council: &Council) -> Vec<(usize, Vec<String>)> {
    let agenda = &council.meeting.agenda;
    let words = |name: &str| -> Vec<String> {
        let words = name.split(|c: char| !c.is_alphanumeric()).map(fold);
        words.filter(|w| w.len() >= 3 && w != "fraktion" && w != "die").collect()
    };
    let names = |item| originators(council, item).into_iter().flat_map(words);
    let mut named: Vec<(usize, Vec<String>)> =
        agenda.iter().enumerate().map(|(i, item)| (i, names(item).collect())).collect();
    named.retain(|(_, names)| !names.is_empty());
    let mut shared: HashMap<String, usize> = HashMap::new();
    for name in named.iter().flat_map(|(_, names)| names.iter().collect::<HashSet<_>>()) {
        *shared.entry(name.clone()).or_default() += 1;
    }
    let telling = |name: &String| shared.get(name).is_some_and(|n| 3 * n <= agenda.len().max(3));
    named.iter_mut().for_each(|(_, names)| names.retain(telling));
    named
}

/// Who brought in the papers of an item: chairs name them when they call it.
fn originators<'a>(council: &'a Council, item: &'a AgendaItem) -> Vec<&'a str> {
    let papers = || council.papers_of(item);
    let persons = papers().flat_map(|p| &p.originator_persons);
    let person = |id: &PersonId| council.person(id)?.family_name.as_deref();
    let groups = papers().flat_map(|p| &p.originator_organizations);
    let group = |id: &OrganizationId| {
        council.organizations.iter().find(|o| o.id == *id).map(|o| o.name.as_str())
    };
    persons.filter_map(person).chain(groups.filter_map(group)).collect()
}

/// "MV-0029/21" → ["29", "21"]: the groups of digits without leading zeros.
fn reference_groups(reference: &str) -> Vec<String> {
    reference
        .split(|c: char| !c.is_ascii_digit())
        .filter(|g| !g.is_empty())
        .map(|g| g.trim_start_matches('0').to_owned())
        .collect()
}

/// Whether a paper's number is said or written: all its groups within a few words, in order.
fn spoken_reference(tokens: &[StreamToken], groups: &[String]) -> bool {
    tokens.iter().any(|t| {
        let digits = t.raw.bytes().filter(u8::is_ascii_digit).count();
        digits >= 3 && reference_groups(&t.raw) == groups
    }) || spoken_in_words(tokens, groups)
}

fn spoken_in_words(tokens: &[StreamToken], groups: &[String]) -> bool {
    let mut at = 0;
    let mut last = None;
    for group in groups {
        let found = (at..tokens.len()).find(|&i| {
            tokens[i].text == *group
                || numbers::value(tokens, i).is_some_and(|n| n.to_string() == *group)
        });
        let Some(i) = found else { return false };
        if last.is_some_and(|l| i > l + 4) {
            return false;
        }
        last = Some(i);
        at = i + 1;
    }
    true
}
