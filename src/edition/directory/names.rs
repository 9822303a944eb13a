//! Who is the same person by name, and who holds a mandate or an office. When in doubt, nobody.

use mitschnitt_german::folding::{fold, fold_by_ear};
use mitschnitt_german::titles;

use crate::domain::Person;

/// Degrees that only stand in names, and letters of them.
const DEGREES: [&str; 18] = [
    "dipl", "ing", "med", "phil", "jur", "rer", "nat", "habil", "mult", "hc", "h", "c", "em",
    "mag", "msc", "bsc", "ma", "ba",
];
/// Behind a name.
const BEHIND: [&str; 3] = ["mdb", "mdl", "mdep"];

/// A name without titles, folded, its words parted by hyphens: "Prof.Dr. René Müller" is "rene-mueller".
/// Empty where nothing is left.
pub(super) fn plain_name(name: &str) -> String {
    let bare = name.split(['(', ',', '[']).next().unwrap_or_default();
    let words = bare.split(|c: char| !c.is_alphanumeric() && c != '\'' && c != '’');
    let words: Vec<(String, String)> =
        words.map(|w| (fold(w), fold_by_ear(w))).filter(|(w, _)| !w.is_empty()).collect();
    let mut rest = words.as_slice();
    let mut is_titled = false;
    while let [(word, heard), behind @ ..] = rest {
        let degree =
            is_titled && DEGREES.contains(&word.as_str()) || word == "dipl" || word == "mag";
        if behind.is_empty() || !(degree || titles::is_degree(word) || titles::is_title(heard)) {
            break;
        }
        (rest, is_titled) = (behind, true);
    }
    while let [before @ .., (last, _)] = rest
        && BEHIND.contains(&last.as_str())
        && !before.is_empty()
    {
        rest = before;
    }
    rest.iter().map(|(word, _)| word.as_str()).collect::<Vec<_>>().join("-")
}

/// What memberships say of a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// They hold a mandate or an office.
    Holds,
    /// They are there as a resident, a guest or an expert, and as nothing else.
    Outside,
    /// They say nothing.
    Unsaid,
}

/// Whether somebody holds a mandate or an office, by their memberships.
pub(super) fn standing(person: &Person) -> Standing {
    let outside =
        ["einwohner", "buerger", "gast", "gaest", "sachverstaendig", "sachkundig", "zuhoer"];
    let mut found = Standing::Unsaid;
    for membership in &person.memberships {
        let role = membership.role.as_deref().map(fold).filter(|role| !role.is_empty());
        let is_outside = |role: &String| {
            let mayor = titles::is_head(role);
            !mayor && outside.iter().any(|word| role.contains(word))
        };
        match role {
            Some(role) if is_outside(&role) => found = Standing::Outside,
            Some(_) => return Standing::Holds,
            None if membership.is_party => return Standing::Holds,
            None => {}
        }
    }
    found
}

/// By what a person is listed: the family name, then the rest.
pub(super) fn sort_name(name: &str, family: Option<&str>) -> String {
    let plain = plain_name(name);
    let last = match family {
        Some(family) => plain_name(family),
        None => {
            let hyphenated = name.split_whitespace().next_back().unwrap_or_default();
            plain_name(hyphenated)
        }
    };
    format!("{last} {plain}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Membership, PersonId};

    #[test]
    fn titles_make_nobody_another_person() {
        for (name, plain) in [
            ("Dr. Falko Grube", "falko-grube"),
            ("Prof.Dr. Alexander Pott", "alexander-pott"),
            ("Dr. h. c. René Hempel", "rene-hempel"),
            ("Dipl.-Ing. Jörg Rehbaum", "joerg-rehbaum"),
            ("Regina-Dolores Stieler-Hinz", "regina-dolores-stieler-hinz"),
            ("Oberbürgermeisterin Simone Borris", "simone-borris"),
            ("Frau Muster (SPD)", "muster"),
            ("Herr", "herr"),
            ("H. Müller MdL", "h-mueller"),
            ("–", ""),
        ] {
            assert_eq!(plain_name(name), plain, "{name}");
        }
        assert_eq!(sort_name("Dr. Nadja Meyer-Lösch", None), "meyer-loesch nadja-meyer-loesch");
    }

    #[test]
    fn residents_and_guests_hold_nothing() {
        let member = |role: Option<&str>, is_party| Membership {
            organization: None,
            organization_name: None,
            role: role.map(str::to_owned),
            is_party,
            start: None,
            end: None,
        };
        let of = |memberships| {
            standing(&Person {
                id: PersonId::new("p").unwrap(),
                name: "P".into(),
                family_name: None,
                given_name: None,
                form_of_address: None,
                titles: Vec::new(),
                memberships,
            })
        };
        assert_eq!(of(vec![member(Some("Mitglied"), false)]), Standing::Holds);
        assert_eq!(of(vec![member(Some("Bürgermeisterin"), false)]), Standing::Holds);
        assert_eq!(of(vec![member(None, true)]), Standing::Holds);
        assert_eq!(of(vec![member(None, false)]), Standing::Unsaid);
        assert_eq!(of(Vec::new()), Standing::Unsaid);
        for role in ["Einwohner", "Gast", "Sachverständige", "Sachkundiger Bürger"] {
            assert_eq!(of(vec![member(Some(role), false)]), Standing::Outside, "{role}");
        }
    }
}
