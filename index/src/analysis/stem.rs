//! German word forms by the Snowball stemmer (`frostem`, whose version is the algorithm's date),
//! corrected by the override list. It takes the spelling of [`super::exact`] and nothing else, so
//! that words spelt equally have equal stems.

use std::borrow::Cow;

use frostem::{Algorithm, Stemmer};

use super::overrides;

/// Feminine plurals, and what comes before "innen" in them; "gewinnen" is none.
const FEMININE: [&str; 8] = ["er", "ent", "ant", "ist", "at", "or", "leg", "og"];
/// Fewest letters before a feminine ending.
const MIN_BEFORE: usize = 4;

/// Foreign plurals and others that the algorithm does not know, also at the end of compounds, and
/// the singular of each.
const PLURALS: [(&str, &str); 22] = [
    ("zentren", "zentrum"),
    ("ministerien", "ministerium"),
    ("gremien", "gremium"),
    ("kriterien", "kriterium"),
    ("gymnasien", "gymnasium"),
    ("laboratorien", "laboratorium"),
    ("territorien", "territorium"),
    ("stipendien", "stipendium"),
    ("jubilaeen", "jubilaeum"),
    ("museen", "museum"),
    ("datums", "datum"),
    ("praktika", "praktikum"),
    ("themen", "thema"),
    ("schemen", "schema"),
    ("firmen", "firma"),
    ("konten", "konto"),
    ("risiken", "risiko"),
    ("praxen", "praxis"),
    ("turnusse", "turnus"),
    ("zirkusse", "zirkus"),
    ("busse", "bus"),
    ("bussen", "bus"),
];

/// The stem of a normalized word. Words with a digit are their own stem.
pub(crate) fn stem(exact: &str) -> String {
    if exact.chars().any(|c| c.is_ascii_digit()) {
        return exact.to_owned();
    }
    match overrides::lookup(exact) {
        Some(stem) => stem.to_owned(),
        None => Stemmer::new(Algorithm::German).stem(&prepared(exact)).into_owned(),
    }
}

/// The form of a noun in all its inflections: its stem, and the ending by which it was made from
/// other words of that stem, which stemming takes off ("Behauptung" is no form of "behaupten").
/// The "+" keeps it apart from stems.
pub(crate) fn noun(exact: &str) -> String {
    const MADE_BY: [&str; 8] = ["ung", "heit", "keit", "schaft", "ion", "nis", "tum", "ling"];
    let singular = exact.trim_end_matches('s');
    let singular = singular.strip_suffix("en").or(singular.strip_suffix('e')).unwrap_or(singular);
    let made_by = MADE_BY.iter().find(|ending| singular.ends_with(**ending)).unwrap_or(&"");
    format!("{}+{made_by}", stem(exact))
}

/// Endings that the algorithm does not know: "Bürgerinnen" and "Bürgerin" are forms of "Bürger",
/// "Kolleginnen" of "Kollegin", "Südkoreas" of "Südkorea", "Start-ups" of "Start-up", "Bayerns" of "Bayern".
fn prepared(exact: &str) -> Cow<'_, str> {
    for (plural, singular) in PLURALS {
        if let Some(front) = exact.strip_suffix(plural) {
            return Cow::Owned(format!("{front}{singular}"));
        }
    }
    let feminine = |stem: &str| {
        let kind = FEMININE.iter().find(|kind| stem.ends_with(**kind));
        kind.is_some_and(|kind| stem.len() >= MIN_BEFORE.max(kind.len() + 1))
    };
    if let Some(stem) = exact.strip_suffix("innen").filter(|stem| feminine(stem)) {
        return match stem.ends_with("er") {
            true => Cow::Borrowed(stem),
            false => Cow::Owned(format!("{stem}in")),
        };
    }
    let masculine = exact.strip_suffix("in").filter(|stem| stem.ends_with("er"));
    if let Some(stem) = masculine.filter(|stem| stem.len() >= MIN_BEFORE + 2) {
        return Cow::Borrowed(stem);
    }
    let genitive =
        ["as", "os", "ps", "ys", "erns", "elns"].iter().any(|ending| exact.ends_with(ending));
    match exact.strip_suffix('s').filter(|bare| genitive && bare.len() >= MIN_BEFORE) {
        Some(bare) => Cow::Borrowed(bare),
        None => Cow::Borrowed(exact),
    }
}
