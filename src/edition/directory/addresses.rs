//! Readable addresses of what the directory lists: "falko-grube", "ds-500-25-1". An address never leads to
//! somebody else than before: where two would share one, it says so, and each has a longer one.

use std::collections::HashMap;

use mitschnitt_german::folding::fold;

use crate::domain::Digest;

/// Longer ones are cut.
const LONGEST: usize = 80;

/// Where an address leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Address {
    /// Here.
    Here(usize),
    /// To what has this address now.
    Moved(String),
    /// To several of this name.
    Several,
}

/// The addresses of one kind of pages.
#[derive(Debug, Default)]
pub(super) struct Addresses {
    places: HashMap<String, Address>,
    others: HashMap<String, Option<usize>>,
    /// By position.
    own: Vec<String>,
}

impl Addresses {
    /// Of things with a name and something that tells them from others of that name.
    pub(super) fn of<'n>(all: impl Iterator<Item = (&'n str, String)>) -> Self {
        let all: Vec<(&str, String)> = all.collect();
        let mut counts: HashMap<&str, usize> = HashMap::new();
        all.iter().for_each(|(name, _)| *counts.entry(name).or_default() += 1);
        let mut addresses = Self::default();
        for (place, (name, identity)) in all.iter().enumerate() {
            let digest = Digest::of(identity.as_bytes());
            let longer = format!("{name}-{}", &digest.as_str()[..8]);
            let is_alone = counts[name] == 1 && !name.is_empty();
            let own = if is_alone { (*name).to_owned() } else { longer.clone() };
            if is_alone {
                addresses.places.insert(longer, Address::Moved(own.clone()));
            } else {
                addresses.places.insert((*name).to_owned(), Address::Several);
            }
            addresses.places.insert(own.clone(), Address::Here(place));
            addresses.own.push(own);
        }
        addresses
    }

    /// Another name of what stands at `place`: an id of a source.
    pub(super) fn also(&mut self, name: &str, place: usize) {
        let known = self.others.entry(name.to_owned()).or_insert(Some(place));
        if *known != Some(place) {
            *known = None;
        }
    }

    /// The address of what stands at `place`.
    pub(super) fn at(&self, place: usize) -> &str {
        self.own.get(place).map_or("", String::as_str)
    }

    /// Where an address leads; nothing where nothing is there.
    pub(super) fn find(&self, address: &str) -> Option<Address> {
        if let Some(found) = self.places.get(address) {
            return Some(found.clone());
        }
        match self.others.get(address)? {
            Some(place) => Some(Address::Moved(self.at(*place).to_owned())),
            None => Some(Address::Several),
        }
    }
}

/// A text as a part of an address: folded words with hyphens between them.
pub(super) fn address_part(text: &str) -> String {
    let mut part = String::new();
    for word in text.split(|c: char| !c.is_alphanumeric()).map(fold).filter(|w| !w.is_empty()) {
        if part.len() + word.len() >= LONGEST && !part.is_empty() {
            break;
        }
        if !part.is_empty() {
            part.push('-');
        }
        part.extend(word.chars().take(LONGEST));
    }
    part
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_never_leads_to_somebody_else() {
        let alone = Addresses::of([("erika-muster", "a".to_owned())].into_iter());
        assert_eq!(alone.at(0), "erika-muster");
        let both = [("erika-muster", "a".to_owned()), ("erika-muster", "b".to_owned())];
        let mut both = Addresses::of(both.into_iter());
        assert_eq!(both.find("erika-muster"), Some(Address::Several));
        assert_ne!(both.at(0), both.at(1));
        assert_eq!(both.find(both.at(1)), Some(Address::Here(1)));
        // What was the longer address stays good.
        assert_eq!(alone.find(both.at(0)), Some(Address::Moved("erika-muster".into())));
        both.also("https://oparl/1", 1);
        assert_eq!(both.find("https://oparl/1"), Some(Address::Moved(both.at(1).to_owned())));
        both.also("https://oparl/1", 0);
        assert_eq!(both.find("https://oparl/1"), Some(Address::Several));
        assert_eq!(both.find("x"), None);
    }

    #[test]
    fn names_are_readable() {
        assert_eq!(address_part("Jörg-Peter Müller, ß"), "joerg-peter-mueller-ss");
        assert_eq!(address_part("<script>"), "script");
        assert_eq!(address_part("–"), "");
        assert!(address_part(&"lang ".repeat(90)).len() <= LONGEST);
    }
}
