//! OParl persons with their memberships. Refuses a person without a name.

use std::collections::HashSet;

use mitschnitt_german::folding::fold;
use mitschnitt_german::titles::is_degree;

use super::json::{Object, Ref};
use super::organization::{self, Organizations};
use super::pool::Pool;
use crate::domain::{Membership, Person, PersonId};
use crate::ingest::quirk::Quirks;
use crate::ingest::when;

/// Everybody of the given objects who can be named, each once.
pub fn roster<'a>(
    objects: &[Object<'a>],
    pool: &Pool<'a>,
    organizations: &mut Organizations,
    quirks: &mut Quirks,
) -> Vec<Person> {
    let mut seen = HashSet::new();
    let mut persons = Vec::new();
    for object in objects {
        let place = object.id().unwrap_or("Person ohne Kennung");
        if object.deleted() {
            quirks.note(place, "Die Person ist als gelöscht gekennzeichnet und wurde übergangen");
            continue;
        }
        let Some(person) = person(*object, pool, organizations) else {
            quirks
                .note(place, "Die Person hat keinen Namen oder keine Kennung und wurde übergangen");
            continue;
        };
        if seen.insert(person.id.clone()) {
            persons.push(person);
        } else {
            quirks.note(place, "Die Person steht mehrfach da; es gilt der erste Eintrag");
        }
    }
    persons
}

fn person<'a>(
    object: Object<'a>,
    pool: &Pool<'a>,
    organizations: &mut Organizations,
) -> Option<Person> {
    let (given_name, family_name) = (object.text("givenName"), object.text("familyName"));
    let name = object.text("name").or_else(|| match (&given_name, &family_name) {
        (Some(given), Some(family)) => Some(format!("{given} {family}")),
        _ => family_name.clone(),
    })?;
    let mut memberships = Vec::new();
    for membership in pool.memberships(object).into_iter().filter(|m| !m.deleted()) {
        memberships.extend(of(membership, pool, organizations));
    }
    // "Landrat", "Bürgermeisterin": an office that belongs to no organization of the source.
    memberships.extend(object.texts("status").into_iter().map(|status| Membership {
        organization: None,
        organization_name: None,
        role: Some(status),
        is_party: false,
        start: None,
        end: None,
    }));
    let (given_name, family_name) = match (given_name, family_name) {
        (None, None) => names(&name),
        known => known,
    };
    Some(Person {
        id: PersonId::new(object.id()?).ok()?,
        name,
        family_name,
        given_name,
        form_of_address: object.text("formOfAddress"),
        titles: object.texts("title"),
        memberships,
    })
}

/// Given and family name of "Lenz, Petra" and of "Petra Lenz (CDU)", where a source gives but the whole.
/// Where it is not plain which is which, neither.
fn names(whole: &str) -> (Option<String>, Option<String>) {
    let bare = whole.split('(').next().unwrap_or_default().trim();
    let degree = |word: &&str| !is_degree(&fold(word));
    let words = |part: &str| part.split_whitespace().filter(degree).collect::<Vec<_>>().join(" ");
    let (given, family) = match bare.split_once(',') {
        Some((family, given)) => (words(given), words(family)),
        None if bare != whole.trim() => match words(bare).rsplit_once(' ') {
            Some((given, family)) => (given.to_owned(), family.to_owned()),
            None => return (None, None),
        },
        None => return (None, None),
    };
    let some = |name: String| (!name.is_empty()).then_some(name);
    (some(given), some(family))
}

/// A membership, and a second one in the group on whose behalf it is held.
fn of<'a>(
    object: Object<'a>,
    pool: &Pool<'a>,
    organizations: &mut Organizations,
) -> Vec<Membership> {
    let day = |key| object.text(key).and_then(|text| when::day(&text));
    let (start, end) = (day("startDate"), day("endDate"));
    let role = object.text("role");
    let mut named = |key| object.reference(key).and_then(|r: Ref<'a>| organizations.named(r, pool));
    let (organization, group) = (named("organization"), named("onBehalfOf"));
    let is_party =
        organization.as_ref().is_some_and(|o| organization::is_party(o, role.as_deref()));
    let mut memberships = vec![Membership {
        organization: organization.as_ref().map(|o| o.id.clone()),
        organization_name: organization.and_then(|o| o.name),
        role,
        is_party,
        start,
        end,
    }];
    memberships.extend(group.map(|group| Membership {
        organization: Some(group.id),
        organization_name: group.name,
        role: None,
        is_party: true,
        start,
        end,
    }));
    memberships
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_names_are_taken_apart_where_it_is_plain_how() {
        for (whole, given, family) in [
            ("Lenz, Petra", Some("Petra"), Some("Lenz")),
            ("Dr. Muster-Probe, Eva Maria", Some("Eva Maria"), Some("Muster-Probe")),
            ("Petra Lenz (CDU)", Some("Petra"), Some("Lenz")),
            ("Petra Lenz", None, None),
            ("Lenz (CDU)", None, None),
        ] {
            let own = |name: Option<&str>| name.map(str::to_owned);
            assert_eq!(names(whole), (own(given), own(family)), "{whole}");
        }
    }
}
