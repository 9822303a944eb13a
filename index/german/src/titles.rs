//! The words before names: forms of address, degrees and offices ("Frau", "Dr.", "Landrätin"). One
//! table; its users read different columns of it, because what one of them takes for a title too many
//! costs another one a word. Knows no names.

use std::collections::HashSet;
use std::sync::LazyLock;

use crate::folding::{fold, fold_by_ear};

/// What a word before a name is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum TitleKind {
    /// "Herr", "Frau".
    Address,
    /// What somebody is together with the others: "Kollegin", "Abgeordneter".
    Member,
    /// "Dr.", "Professorin".
    Degree,
    /// An office of a parliament, a council or a government.
    Office,
    /// An office of the local administration, which stands for whoever is in it.
    Administration,
    /// The head of the local administration, who is called by the office.
    Head,
}

/// A title and its forms; see [`TITLES`].
struct Title {
    kind: TitleKind,
    stems: &'static str,
    inflected: bool,
    searched: &'static str,
    heard: &'static str,
}

const fn title(
    kind: TitleKind,
    stems: &'static str,
    searched: &'static str,
    heard: &'static str,
) -> Title {
    Title { kind, stems, inflected: true, searched, heard }
}

/// An office that only the roster knows, by this stem or its feminine.
const fn uninflected(stems: &'static str, searched: &'static str) -> Title {
    Title { kind: Administration, stems, inflected: false, searched, heard: "" }
}

use TitleKind::{Address, Administration, Degree, Head, Member, Office};

/// All titles, with
/// - what their forms begin with, for [`is_title`] and [`office`];
/// - the forms behind which the index takes capitals for a name, for [`before_names`]: who changes
///   them changes the index, and must raise its version;
/// - the forms behind which alignment expects a name, for [`heard`] and [`is_degree`]: what sounds
///   like one is taken for it, so that each takes other words away.
#[rustfmt::skip]
const TITLES: &[Title] = &[
    title(Address, "herr herrn", "herr herrn", "herr herrn"),
    title(Address, "frau", "frau", "frau"),
    title(Member, "kolleg kollegin", "kollege kollegen kollegin", "kollege kollegen kollegin"),
    title(Member, "abgeordnet", "abgeordneter abgeordnete abgeordneten", "abgeordneter abgeordnete abgeordneten"),
    title(Member, "stadtrat stadträt", "stadtrat", "stadtrat stadträtin"),
    title(Member, "kreisrat kreisrät", "kreisrat kreisrätin", "kreisrat kreisrätin"),
    title(Member, "", "", "gemeinderat gemeinderätin"),
    title(Member, "", "", "stadtverordneter stadtverordnete"),
    title(Member, "ratsherr ratsfrau", "", ""),
    title(Degree, "dr doktor", "dr doktor", "dr doktor"),
    title(Degree, "prof professor", "prof professor", "prof professor professorin"),
    title(Degree, "", "", "med jur"),
    title(Office, "minist minister ministerin", "minister ministers ministerin", "minister ministerin"),
    title(Office, "", "", "bundesminister bundesministerin"),
    title(Office, "", "", "staatsminister staatsministerin"),
    title(Office, "staatssekretär", "", "staatssekretär staatssekretärin"),
    title(Office, "kanzler bundeskanzler", "", "bundeskanzler"),
    title(Office, "präsident vizepräsident", "präsident präsidentin", ""),
    title(Office, "vorsitzend fraktionsvorsitzend", "", ""),
    title(Office, "ortsvorsteher", "", ""),
    title(Head, "landrat landrät", "landrat landrats landrätin", ""),
    title(Head, "bürgermeister", "bürgermeister bürgermeisterin", ""),
    title(Head, "oberbürgermeister", "oberbürgermeister oberbürgermeisterin", ""),
    title(Administration, "beigeordnet", "beigeordneter beigeordnete", ""),
    title(Administration, "dezernent", "dezernent dezernentin", ""),
    uninflected("baudezernent", ""),
    uninflected("sozialdezernent", ""),
    uninflected("kämmer", "kämmerer kämmerin"),
    uninflected("kreisdirektor", ""),
    uninflected("stadtdirektor", ""),
    uninflected("amtsdirektor", ""),
    uninflected("geschäftsführer", ""),
];

/// No office of the administration has fewer letters.
const SHORTEST_OFFICE: usize = 7;

/// The table folded, by user.
struct Titles {
    searched: HashSet<String>,
    heard: Vec<String>,
    degrees: Vec<String>,
    stems: HashSet<String>,
    offices: Vec<OfficeStems>,
    heads: Vec<String>,
}

struct OfficeStems {
    stems: Vec<String>,
    inflected: bool,
}

static FOLDED: LazyLock<Titles> = LazyLock::new(|| {
    let folded = |words: &str| words.split_whitespace().map(fold).collect::<Vec<_>>();
    let (degrees, others): (Vec<&Title>, Vec<&Title>) =
        TITLES.iter().partition(|title| title.kind == Degree);
    let administration = |kind| matches!(kind, Head | Administration);
    let offices = TITLES.iter().filter(|title| administration(title.kind));
    let inflected = TITLES.iter().filter(|title| title.inflected);
    let heads = TITLES.iter().filter(|title| title.kind == Head);
    Titles {
        searched: TITLES.iter().flat_map(|title| folded(title.searched)).collect(),
        heard: others.iter().flat_map(|title| folded(title.heard)).collect(),
        degrees: degrees.iter().flat_map(|title| folded(title.heard)).collect(),
        stems: inflected
            .flat_map(|title| title.stems.split_whitespace().map(fold_by_ear))
            .collect(),
        offices: offices
            .map(|title| OfficeStems { stems: folded(title.stems), inflected: title.inflected })
            .collect(),
        heads: heads.flat_map(|title| folded(title.stems)).collect(),
    }
});

/// Whether the index takes capitals behind this folded word for a name.
pub fn before_names(folded: &str) -> bool {
    FOLDED.searched.contains(folded)
}

/// The forms of address and offices behind which alignment expects a name, folded.
pub fn heard() -> impl Iterator<Item = &'static str> {
    FOLDED.heard.iter().map(String::as_str)
}

/// Whether a folded word is an academic degree.
pub fn is_degree(folded: &str) -> bool {
    FOLDED.degrees.iter().any(|degree| degree == folded)
}

/// Whether a word folded by ear is a form of address, a title or an office in any of its forms: a name
/// may follow, it is none.
pub fn is_title(folded: &str) -> bool {
    let bare = folded.strip_suffix("in").unwrap_or(folded);
    let endings = ["es", "er", "en", "em", "e", "n", "s"];
    let stem = |ending: &&str| bare.strip_suffix(*ending).is_some_and(|s| FOLDED.stems.contains(s));
    FOLDED.stems.contains(bare) || endings.iter().any(stem)
}

/// The office of the local administration that a folded word is a form of, by its stem: an office
/// that stands for whoever is in it. "Landrätin" and "Landrates" are both "landrat".
pub fn office(folded: &str) -> Option<&'static str> {
    let bare = folded.strip_suffix("in").unwrap_or(folded);
    // It is asked of every word of a meeting.
    if bare.len() < SHORTEST_OFFICE {
        return None;
    }
    let cut = |ending: &str| bare.strip_suffix(ending);
    let inflected = ["es", "er", "en", "e", "s"]
        .into_iter()
        .filter_map(cut)
        .find_map(|stem| FOLDED.offices.iter().find(|office| office.inflected && office.has(stem)));
    let office = inflected.or_else(|| FOLDED.offices.iter().find(|office| office.has(bare)))?;
    office.stems.first().map(String::as_str)
}

impl OfficeStems {
    fn has(&self, stem: &str) -> bool {
        self.stems.iter().any(|own| own == stem)
    }
}

/// Whether a folded role is that of the head of the local administration, or begins with it.
pub fn is_head(folded: &str) -> bool {
    FOLDED.heads.iter().any(|stem| folded.starts_with(stem))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offices_lose_their_endings() {
        for (word, stem) in [
            ("landrates", Some("landrat")),
            ("landraetin", Some("landrat")),
            ("landraete", Some("landrat")),
            ("beigeordnete", Some("beigeordnet")),
            ("kaemmerin", Some("kaemmer")),
            ("kammer", None),
            ("muster", None),
        ] {
            assert_eq!(office(word), stem, "{word}");
        }
        let shortest =
            FOLDED.offices.iter().flat_map(|office| &office.stems).map(String::len).min();
        assert_eq!(shortest, Some(SHORTEST_OFFICE));
        assert!(is_head("oberbuergermeisterin") && !is_head("dezernent"));
    }

    #[test]
    fn titles_are_known_in_all_forms() {
        for word in ["herrn", "kolleginnen", "abgeordneten", "stadtratin", "stadtrate", "prof"] {
            assert_eq!(is_title(word), word != "kolleginnen", "{word}");
        }
        assert!(!is_title("herrmann") && !is_title("kreisdirektor"));
        assert!(is_degree("dr") && !is_degree("frau"));
        assert!(
            heard().any(|form| form == "staatssekretaerin") && heard().all(|form| form != "dr")
        );
    }

    /// Which words the index has taken for the beginning of a name since its analysis 7.
    #[test]
    fn the_forms_that_the_index_knows_are_those_of_its_version() {
        let mut forms: Vec<&str> = FOLDED.searched.iter().map(String::as_str).collect();
        forms.sort_unstable();
        #[rustfmt::skip]
        assert_eq!(forms, [
            "abgeordnete", "abgeordneten", "abgeordneter", "beigeordnete", "beigeordneter",
            "buergermeister", "buergermeisterin", "dezernent", "dezernentin", "doktor", "dr", "frau",
            "herr", "herrn", "kaemmerer", "kaemmerin", "kollege", "kollegen", "kollegin",
            "kreisraetin", "kreisrat", "landraetin", "landrat", "landrats", "minister", "ministerin",
            "ministers", "oberbuergermeister", "oberbuergermeisterin", "praesident",
            "praesidentin", "prof", "professor", "stadtrat",
        ]);
    }
}
