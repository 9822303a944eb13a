//! The roster as alignment sees it: family and given names folded, parties, offices, who presides.
//! Owns what is known of persons before anybody speaks; reads no words.

use mitschnitt_german::folding::fold;
use mitschnitt_german::inflection::stem;
use mitschnitt_german::likeness::likeness;
use mitschnitt_german::sound::cologne;
use mitschnitt_german::titles;

use crate::domain::{Council, Person, Role};

/// Below this a name is not that name (see [`likeness`]).
pub(super) const ALIKE: f32 = 0.62;

/// A person as they may be called.
pub(super) struct RosterEntry {
    /// Folded ways to say the family name, each with what it is worth; with its sound.
    pub families: Vec<(String, String, f32)>,
    pub givens: Vec<String>,
    pub parties: Vec<String>,
    /// Offices of the administration, each by its stem.
    pub offices: Vec<&'static str>,
    /// "frau" or "herr", where known.
    pub form: Option<String>,
    pub role: Role,
    pub presides: bool,
    /// Whether they preside instead of the chair.
    pub deputizes: bool,
}

/// The roster, indexed.
pub(super) struct Roster {
    pub(super) entries: Vec<RosterEntry>,
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

    /// The one person who presides instead, if there is exactly one.
    pub fn deputy(&self) -> Option<usize> {
        let mut deputies = (0..self.entries.len()).filter(|i| self.entries[*i].deputizes);
        deputies.next().filter(|_| deputies.next().is_none())
    }

    /// Whether the meeting is chaired by the head of the administration, as in councils where the
    /// mayor presides, who then also debates from the chair.
    pub fn chair_governs(&self) -> bool {
        self.chair().is_some_and(|chair| self.role(chair) == Role::Administration)
    }

    /// The whole family name, folded, where it is long enough to be heard across words.
    pub fn whole_family(&self, person: usize) -> Option<&str> {
        self.entries[person].families.first().map(|f| f.0.as_str()).filter(|f| f.len() >= 4)
    }

    /// Whoever presides as head of the administration.
    pub fn mayor(&self) -> Option<usize> {
        self.chair().filter(|_| self.chair_governs())
    }

    /// How many persons there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whoever holds the office this word names, if that is one person.
    pub fn holders(&self, word: &str) -> Vec<(usize, f32)> {
        let Some(office) = titles::office(word) else { return Vec::new() };
        let holders: Vec<(usize, f32)> = self
            .entries
            .iter()
            .enumerate()
            .filter(|(_, e)| e.offices.contains(&office))
            .map(|(i, _)| (i, 0.9))
            .collect();
        if holders.len() == 1 { holders } else { Vec::new() }
    }

    /// Whether a person belongs to a party; `None` if nothing is known of theirs.
    pub fn belongs(&self, person: usize, party: &String) -> Option<bool> {
        let own = &self.entries[person].parties;
        (!own.is_empty()).then(|| own.contains(party))
    }

    /// Whether anybody belongs to this party.
    pub fn is_party(&self, key: &String) -> bool {
        self.entries.iter().any(|e| e.parties.contains(key))
    }

    /// Whether a person is addressed so ("frau", "herrn"); `None` if that is not known.
    pub fn is_addressed(&self, person: usize, word: &str) -> Option<bool> {
        let form = self.entries[person].form.as_deref()?;
        let wanted = if word == "frau" || word.ends_with("in") { "frau" } else { "herr" };
        Some(form.starts_with(wanted))
    }

    /// Whether given and family name both fit: a full self-introduction.
    pub fn full_name(&self, given: &str, family: &str) -> Option<usize> {
        let (given, family) = (fold(given), fold(family));
        let fit = |e: &RosterEntry| {
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
        let family = |e: &RosterEntry| !e.families[0].0.is_empty() && whole(&e.families[0].0);
        let given = |e: &RosterEntry| e.givens.iter().any(|given| words.contains(given));
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

fn entry(person: &Person, council: &Council) -> RosterEntry {
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
    let words = offices.flat_map(|role| role.split_whitespace().map(fold));
    let offices: Vec<&str> = words.filter_map(|word| titles::office(&word)).collect();
    RosterEntry {
        families: families.into_iter().map(|(f, w)| (f.clone(), cologne(&f), w)).collect(),
        givens: given.split([' ', '-']).map(fold).filter(|g| g.len() >= 2).collect(),
        parties: party_keys(person),
        form: person.form_of_address.as_deref().map(fold),
        role: role_of(person, &offices),
        offices,
        presides: council.presides(person),
        deputizes: deputizes(person),
    }
}

/// "Stellvertretende Vorsitzende", "1. Stellvertreter des Vorsitzenden": not of a parliamentary group.
fn deputizes(person: &Person) -> bool {
    let roles = person.memberships.iter().filter(|m| !m.is_party).filter_map(|m| m.role.as_deref());
    roles.map(fold).any(|role| {
        role.contains("stellv") && role.contains("vorsitz") && !role.contains("fraktion")
    })
}

fn role_of(person: &Person, offices: &[&str]) -> Role {
    let roles: Vec<String> =
        person.memberships.iter().filter_map(|m| m.role.as_deref()).map(fold).collect();
    let says = |what: &str| roles.iter().any(|r| r.contains(what));
    if !offices.is_empty() || says("verwaltung") || says("amtsleit") || says("dezernent") {
        Role::Administration
    } else if says("einwohner") {
        Role::Resident
    } else if says("gast") || says("gaest") || says("sachverstaendig") {
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
                && !matches!(key.as_str(), "die" | "der" | "fraktion" | "und" | "fuer" | "im")
        })
        .filter(|key| !key.bytes().all(|b| b.is_ascii_digit()))
        .collect()
}

pub(super) fn party_key(word: &str) -> String {
    stem(&fold(word)).to_owned()
}
