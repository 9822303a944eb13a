//! Parties and parliamentary groups, known again however they are written: "CDU", "Fraktion CDU" and
//! "CDU-Fraktion", "GRÜNE" and "Bündnis 90/Die Grünen". One table of the parties that have several names; a group
//! of several parties is another one than each of them.

use crate::folding::fold;

/// Parties that are written in several ways, each with its names; the first is the one that others come down to.
const PARTIES: [&[&str]; 13] = [
    &[
        "Bündnis 90/Die Grünen",
        "Bündnis90/Die Grünen",
        "B90",
        "B 90",
        "Bündnis Grüne",
        "Bündnis 90",
        "Grüne",
        "Grünen",
    ],
    &["Die Linke", "Linke", "Linken", "Links"],
    &["CDU", "Christlich Demokratische Union Deutschlands", "Christlich Demokratische Union"],
    &["CSU", "Christlich Soziale Union in Bayern", "Christlich Soziale Union"],
    &["SPD", "Sozialdemokratische Partei Deutschlands", "Sozialdemokraten"],
    &["FDP", "Freie Demokratische Partei", "Freie Demokraten"],
    &["AfD", "Alternative für Deutschland"],
    &["BSW", "Bündnis Sahra Wagenknecht"],
    &["Freie Wähler", "Freien Wähler"],
    &["Tierschutzpartei", "Partei Mensch Umwelt Tierschutz"],
    &["Piraten", "Piratenpartei", "Piratenpartei Deutschland"],
    &["ÖDP", "Ökologisch Demokratische Partei"],
    &["Volt", "Volt Deutschland"],
];

/// What says no more than that it is a group, or the party.
const SMALL: [&str; 4] = ["die", "der", "partei", "und"];
/// Behind the group's name comes where it sits: "CDU-Fraktion im Stadtrat".
const SEATED: [&str; 3] = ["im", "in", "des"];

/// What all spellings of a party's or group's name have in common; never empty for a name with a letter.
pub fn key(name: &str) -> String {
    let parts = parts(name);
    match parts.is_empty() {
        true => fold(name),
        false => parts.join("/"),
    }
}

/// Other names of the parties that a name names, so that each of them is found by any of its names.
pub fn other_names(name: &str) -> Vec<&'static str> {
    let parts = parts(name);
    let named = |names: &&&[&str]| parts.iter().any(|part| *part == party_key(names[0]));
    PARTIES.iter().filter(named).flat_map(|names| names.iter().copied()).collect()
}

/// A name in one line, without what says that it is a parliamentary group: "CDU-Fraktion" is "CDU".
pub fn without_group(name: &str) -> String {
    let words: Vec<&str> = name.split_whitespace().collect();
    let plain = words.join(" ");
    let mut kept: Vec<&str> = Vec::with_capacity(words.len());
    for word in words {
        let bare = match word.rsplit_once(['-', '–']) {
            Some((before, last)) if is_group(&fold(last)) => before,
            _ => word,
        };
        if !is_group(&fold(bare)) {
            kept.push(bare);
        }
    }
    if kept.is_empty() { plain } else { kept.join(" ") }
}

/// The parties of a group, each by its key.
fn parts(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut is_seated = false;
    for word in name.split(|c: char| !c.is_alphanumeric()).map(fold) {
        is_seated |= !words.is_empty() && SEATED.contains(&word.as_str());
        if word.is_empty() || is_seated {
            continue;
        }
        match word.strip_suffix("fraktion") {
            // "Linksfraktion".
            Some(before) if !is_group(&word) => words.push(before.to_owned()),
            Some(_) => {}
            None => words.push(word),
        }
    }
    let is_small = |word: &String| SMALL.contains(&word.as_str());
    let mut parts: Vec<String> = Vec::new();
    let mut at = 0;
    while at < words.len() {
        let (part, end) = party_at(&words, at).unwrap_or_else(|| (words[at].clone(), at + 1));
        // "Die PARTEI" has no other words.
        let says_nothing = is_small(&part) && words.iter().any(|word| !is_small(word));
        // "Bündnis 90/Die Grünen (Grüne)".
        if !says_nothing && parts.last() != Some(&part) {
            parts.push(part);
        }
        at = end;
    }
    parts
}

/// The party whose name stands in `words` from `at` on, the longest first, and where it ends.
fn party_at(words: &[String], at: usize) -> Option<(String, usize)> {
    let mut best: Option<(String, usize)> = None;
    for names in PARTIES {
        for name in names {
            let name: Vec<String> = folded(name);
            let end = at + name.len();
            let is_longer = best.as_ref().is_none_or(|(_, known)| end > *known);
            if is_longer && words.get(at..end).is_some_and(|words| words == name) {
                best = Some((party_key(names[0]), end));
            }
        }
    }
    best
}

/// The key of a party of the table.
fn party_key(name: &str) -> String {
    folded(name).join(" ")
}

fn folded(name: &str) -> Vec<String> {
    let words = name.split(|c: char| !c.is_alphanumeric()).map(fold);
    words.filter(|word| !word.is_empty()).collect()
}

/// "Fraktion", "Stadtratsfraktion": a word that says only that it is a parliamentary group.
fn is_group(word: &str) -> bool {
    const OF: [&str; 12] = [
        "",
        "rats",
        "stadtrats",
        "kreistags",
        "gemeinderats",
        "landtags",
        "bundestags",
        "bezirks",
        "ortschaftsrats",
        "stadt",
        "kreis",
        "zaehl",
    ];
    word.strip_suffix("fraktion").is_some_and(|of| OF.contains(&of))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_party_is_the_same_in_every_spelling() {
        for same in [
            &[
                "CDU",
                "cdu",
                "CDU-Fraktion",
                "Fraktion CDU",
                "Fraktion der CDU",
                " CDU\n",
                "CDU-Stadtratsfraktion",
                "CDU-Fraktion im Kreistag",
                "Fraktion der CDU im Rat der Stadt",
            ][..],
            &[
                "GRÜNE",
                "Grüne",
                "Die Grünen",
                "Bündnis 90/Die Grünen",
                "BÜNDNIS 90/DIE\n            GRÜNEN",
                "Bündnis 90 / Die Grünen",
                "B90/Grüne",
                "B 90/Die Grünen",
                "Fraktion BÜNDNIS 90/DIE GRÜNEN",
                "Bündnis 90/Die Grünen-Fraktion",
                "BÜNDNIS 90/GRÜNE",
            ],
            &[
                "DIE LINKE",
                "Die Linke",
                "Linke",
                "DIE\n   LINKE",
                "Linksfraktion",
                "Fraktion DIE LINKE.",
            ],
            &["fraktionslos", "Fraktionslos"],
            &["Freie Wähler", "FREIE WÄHLER", "Fraktion Freie Wähler", "Freie-Wähler-Fraktion"],
            &["GRÜNE/future!", "Bündnis 90/Die Grünen/future!", "Fraktion GRÜNE / future!"],
            &["AfD", "AFD", "Alternative für Deutschland"],
            &["Gartenpartei", "Fraktion Gartenpartei"],
            &["Die PARTEI", "DIE PARTEI"],
        ] {
            for name in same {
                assert_eq!(key(name), key(same[0]), "{name}");
            }
        }
    }

    #[test]
    fn what_is_another_party_stays_one() {
        let all = [
            "CDU",
            "CSU",
            "CDU/CSU",
            "CDU/FDP",
            "SPD",
            "SPD/Tierschutzallianz/Volt",
            "FDP/Tierschutzpartei",
            "Tierschutzpartei",
            "Gartenpartei",
            "Gartenpartei/Tierschutzallianz",
            "GRÜNE",
            "GRÜNE/future!",
            "DIE LINKE",
            "AfD",
            "BSW",
            "fraktionslos",
            "Freie Wähler",
            "Freie Liste",
            "Fraktion",
            "Die PARTEI",
            "Oberbürgermeisterin",
        ];
        for (n, name) in all.iter().enumerate() {
            assert!(!key(name).is_empty(), "{name}");
            for other in &all[..n] {
                assert_ne!(key(name), key(other), "{name} {other}");
            }
        }
    }

    #[test]
    fn a_group_has_the_names_of_its_parties_and_no_word_for_being_one() {
        assert!(other_names("GRÜNE/future!").contains(&"Bündnis 90/Die Grünen"));
        assert!(other_names("Freie Liste").is_empty());
        for (name, plain) in [
            ("CDU-Fraktion", "CDU"),
            ("Fraktion  CDU", "CDU"),
            ("Fraktion", "Fraktion"),
            ("GRÜNE/future!", "GRÜNE/future!"),
        ] {
            assert_eq!(without_group(name), plain);
        }
    }
}
