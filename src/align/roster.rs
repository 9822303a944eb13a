//! The roster as alignment sees it: family and given names folded, parties, offices, who presides.
//! Owns what is known of persons before anybody speaks; reads no words.

use crate::domain::{Council, Person, Role};
use crate::phonetics::{cologne, fold, likeness, stem};

/// Below this a name is not that name (see [`likeness`]).
pub(super) const ALIKE: f32 = 0.62;

/// A person as they may be called.
pub(super) struct Entry {
    /// Folded ways to say the family name, each with what it is worth; with its sound.
    pub families: Vec<(String, String, f32)>,
    pub givens: Vec<String>,
    pub parties: Vec<String>,
    pub functions: Vec<String>,
    /// "frau" or "herr", where known.
    pub form: Option<String>,
    pub role: Role,
    pub presides: bool,
}

/// The roster, indexed.
pub(super) struct Roster {
    pub(super) entries: Vec<Entry>,
}

impl Roster {
    /// Reads the roster of a council.
    pub fn new(council: &Council) -> Self {
        Self { entries: council.persons.iter().map(|p| entry(p, council)).collect() }
    }

    /// As what this person speaks when not presiding.
    pub fn role(&self, person: usize) -> Role {
        self.entries[person].role
    }

    /// The one person known to preside, if there is exactly one.
    pub fn chair(&self) -> Option<usize> {
        let mut presiding = (0..self.entries.len()).filter(|i| self.entries[*i].presides);
        presiding.next().filter(|_| presiding.next().is_none())
    }

    /// Whether the meeting is chaired by the head of the administration, as in councils where the
    /// mayor presides, who then also debates from the chair.
    pub fn chair_governs(&self) -> bool {
        self.chair().is_some_and(|chair| self.role(chair) == Role::Administration)
    }

    /// How many persons there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whoever holds the office this word names, if that is one person.
    pub fn holders(&self, word: &str) -> Vec<(usize, f32)> {
        let wanted = stem_of_office(word);
        let holders: Vec<(usize, f32)> = self
            .entries
            .iter()
            .enumerate()
            .filter(|(_, e)| e.functions.iter().any(|f| f == wanted))
            .map(|(i, _)| (i, 0.9))
            .collect();
        if holders.len() == 1 { holders } else { Vec::new() }
    }

    /// Whether a person belongs to a party; `None` if nothing is known of theirs.
    pub fn belongs(&self, person: usize, party: &String) -> Option<bool> {
        let own = &self.entries[person].parties;
        (!own.is_empty()).then(|| own.contains(party))
    }

    /// Whether given and family name both fit: a full self-introduction.
    pub fn full_name(&self, given: &str, family: &str) -> Option<usize> {
        let (given, family) = (fold(given), fold(family));
        let fit = |e: &Entry| {
            e.families.iter().any(|f| likeness(&f.0, &family) > 0.7)
                && e.givens.iter().any(|g| likeness(g, &given) > 0.7)
        };
        self.entries.iter().position(fit)
    }

    /// The one person whose family name stands among these folded words; of namesakes the one whose
    /// given name does as well.
    pub fn named_by(&self, words: &[String]) -> Option<usize> {
        let all = words.concat();
        let whole = |name: &String| words.contains(name) || name.len() >= 8 && all.contains(name);
        let family = |e: &Entry| !e.families[0].0.is_empty() && whole(&e.families[0].0);
        let given = |e: &Entry| e.givens.iter().any(|given| words.contains(given));
        let mut namesakes = (0..self.len()).filter(|p| family(&self.entries[*p]));
        let (first, second) = (namesakes.next()?, namesakes.next());
        if second.is_none() {
            return Some(first);
        }
        let both = |p: &usize| family(&self.entries[*p]) && given(&self.entries[*p]);
        let mut full = (0..self.len()).filter(both);
        full.next().filter(|_| full.next().is_none())
    }

    /// Whether this given name is plainly another than the person's.
    pub fn other_given(&self, person: usize, given: &str) -> bool {
        let givens = &self.entries[person].givens;
        !givens.is_empty() && givens.iter().all(|g| likeness(g, &fold(given)) < ALIKE)
    }
}

fn entry(person: &Person, council: &Council) -> Entry {
    let family = person.family_name.clone().unwrap_or_else(|| {
        person.name.split_whitespace().next_back().unwrap_or_default().to_owned()
    });
    let mut families: Vec<(String, f32)> = vec![(fold(&family), 1.0)];
    let parts: Vec<String> = family.split([' ', '-']).map(fold).filter(|p| p.len() >= 3).collect();
    if parts.len() > 1 {
        families.extend(parts.into_iter().map(|p| (p, 0.85)));
    }
    let given = person.given_name.as_deref().unwrap_or_default();
    // Of several given names the last may be a family name ("Isabel Cademartori Dujisin").
    families.extend(given.split(' ').skip(1).map(fold).filter(|g| g.len() >= 4).map(|g| (g, 0.85)));
    let offices = person.memberships.iter().filter_map(|m| m.role.as_deref());
    let offices = offices.chain(person.titles.iter().map(String::as_str));
    let functions: Vec<String> = offices
        .flat_map(|role| role.split_whitespace().map(fold))
        .filter(|word| is_function(word))
        .map(|word| stem_of_office(&word).to_owned())
        .collect();
    Entry {
        families: families.into_iter().map(|(f, w)| (f.clone(), cologne(&f), w)).collect(),
        givens: given.split([' ', '-']).map(fold).filter(|g| g.len() >= 2).collect(),
        parties: party_keys(person),
        form: person.form_of_address.as_deref().map(fold),
        role: role_of(person, &functions),
        functions,
        presides: council.presides(person),
    }
}

fn role_of(person: &Person, functions: &[String]) -> Role {
    let roles: Vec<String> =
        person.memberships.iter().filter_map(|m| m.role.as_deref()).map(fold).collect();
    let says = |what: &str| roles.iter().any(|r| r.contains(what));
    if !functions.is_empty() || says("verwaltung") || says("amtsleit") || says("dezernent") {
        Role::Administration
    } else if says("einwohner") {
        Role::Resident
    } else if says("gast") || says("sachverstandig") {
        Role::Guest
    } else if roles.is_empty() {
        Role::Unknown
    } else {
        Role::Member
    }
}

fn party_keys(person: &Person) -> Vec<String> {
    person
        .memberships
        .iter()
        .filter(|m| m.is_party)
        .filter_map(|m| m.organization_name.as_deref())
        .flat_map(|name| name.split(|c: char| !c.is_alphanumeric()))
        .map(party_key)
        .filter(|key| {
            key.len() >= 2
                && !matches!(key.as_str(), "die" | "der" | "fraktion" | "und" | "fur" | "im")
        })
        .filter(|key| !key.bytes().all(|b| b.is_ascii_digit()))
        .collect()
}

pub(super) fn party_key(word: &str) -> String {
    stem(&fold(word)).to_owned()
}

/// Offices of the administration that stand for their holder.
pub(super) fn is_function(text: &str) -> bool {
    matches!(
        stem_of_office(text),
        "landrat"
            | "burgermeister"
            | "oberburgermeister"
            | "beigeordnet"
            | "dezernent"
            | "kammer"
            | "kreisdirektor"
            | "stadtdirektor"
            | "amtsdirektor"
            | "baudezernent"
            | "geschaftsfuhrer"
            | "sozialdezernent"
    )
}

/// "Landrätin", "Landrates", "Beigeordnete" → "landrat", "beigeordnet".
fn stem_of_office(folded: &str) -> &str {
    let word = folded.strip_suffix("in").unwrap_or(folded);
    for ending in ["es", "er", "en", "e", "s"] {
        if let Some(cut) = word.strip_suffix(ending)
            && matches!(
                cut,
                "landrat" | "beigeordnet" | "burgermeister" | "dezernent" | "oberburgermeister"
            )
        {
            return cut;
        }
    }
    word
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offices_lose_their_endings() {
        for (word, office) in
            [("landrates", "landrat"), ("landratin", "landrat"), ("beigeordnete", "beigeordnet")]
        {
            assert_eq!(stem_of_office(word), office);
            assert!(is_function(word));
        }
        assert!(!is_function("muster"));
    }
}
