//! What a clerk means by "5" or "Ahrens": the item or the person, or the nearest there are.
//! Owns the reading of what is typed, not of what is spoken.

use mitschnitt_german::folding::fold;
use mitschnitt_german::likeness::likeness;

use super::numbers;
use crate::domain::{AgendaItem, Council, Error, Person, Result};

/// How many names an error offers.
const OFFERED: usize = 3;

/// The item with this id or number; "5" means "Ö 5" as well.
///
/// # Errors
/// `NotFound` where no item has it, or where several do; names the nearest.
pub fn item_meant<'a>(council: &'a Council, typed: &str) -> Result<&'a AgendaItem> {
    let agenda = &council.meeting.agenda;
    let is = |text: &str| text.trim() == typed.trim();
    let number = |item: &AgendaItem| item.number.clone().unwrap_or_default();
    if let Some(item) = agenda.iter().find(|i| is(i.id.as_str()) || is(&number(i))) {
        return Ok(item);
    }
    let wanted = numbers::of_item(typed);
    let same = |item: &&AgendaItem| !wanted.is_empty() && numbers::of_item(&number(item)) == wanted;
    only(agenda.iter().filter(same)).ok_or_else(|| {
        let numbers = agenda.iter().filter(|i| i.number.is_some()).map(number);
        not_found("keinen Tagesordnungspunkt", typed, nearest(typed, numbers))
    })
}

/// The person with this id, name or family name.
///
/// # Errors
/// `NotFound` where nobody has it, or where several do; names the nearest.
pub fn person_meant<'a>(council: &'a Council, typed: &str) -> Result<&'a Person> {
    let persons = &council.persons;
    let wanted = fold(typed);
    let is = |name: &str| fold(name) == wanted;
    let whole = |p: &&Person| p.id.as_str() == typed || is(&p.name) || is(&p.spoken_name());
    let family = |p: &&Person| p.family_name.as_deref().is_some_and(is);
    let found = only(persons.iter().filter(whole)).or_else(|| only(persons.iter().filter(family)));
    found.ok_or_else(|| {
        let namesakes = persons.iter().filter(family).map(|p| p.name.clone());
        let mut offered: Vec<String> = namesakes.collect();
        if offered.is_empty() {
            offered = nearest(typed, persons.iter().map(|p| p.name.clone()));
        }
        not_found("niemanden", typed, offered)
    })
}

fn only<T>(mut found: impl Iterator<Item = T>) -> Option<T> {
    found.next().filter(|_| found.next().is_none())
}

fn not_found(what: &str, typed: &str, offered: Vec<String>) -> Error {
    let error =
        Error::not_found(format!("Die Sitzung kennt {what} „{typed}“, oder nicht eindeutig"));
    if offered.is_empty() {
        return error.remedy("Tagesordnung und Personen kommen mit `mitschnitt ingest`");
    }
    let offered: Vec<String> = offered.into_iter().map(|name| format!("„{name}“")).collect();
    error.remedy(format!("Gemeint vielleicht: {}", offered.join(", ")))
}

/// The names most like what was typed, as a whole or in one of their words.
fn nearest(typed: &str, names: impl Iterator<Item = String>) -> Vec<String> {
    let wanted = fold(typed);
    let alike = |name: &str| {
        let words = name.split([' ', '-']).chain([name]);
        words.map(|word| likeness(&fold(word), &wanted)).fold(0.0, f32::max)
    };
    let mut names: Vec<(f32, String)> = names.map(|name| (alike(&name), name)).collect();
    names.sort_by(|a, b| b.0.total_cmp(&a.0));
    names.into_iter().take(OFFERED).map(|(_, name)| name).collect()
}

#[cfg(test)]
mod tests {
    use super::super::tests::council;
    use super::*;

    #[test]
    fn what_is_typed_is_found_or_the_nearest_named() {
        let council = council();
        let item = |typed| item_meant(&council, typed).map(|i| i.id.as_str().to_owned());
        for typed in ["Ö 2", "2", "TOP 2", "i2"] {
            assert_eq!(item(typed).unwrap(), "i2", "{typed}");
        }
        assert_eq!(item("N 1").unwrap(), "i6", "the non-public part counts for itself");
        let person = |typed| person_meant(&council, typed).map(|p| p.id.as_str().to_owned());
        for typed in ["Ina Ahrens", "ahrens", "p2"] {
            assert_eq!(person(typed).unwrap(), "p2", "{typed}");
        }
        let error = person("Arens").unwrap_err();
        assert!(error.to_string().contains("Ina Ahrens"), "{error}");
        assert!(item("77").is_err());
    }
}
