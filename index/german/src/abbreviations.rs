//! Abbreviations and signs: how they are spoken, and which full stops end no sentence. Short forms of
//! the councils' own ("ÖPNV") are a list of the index.

/// An abbreviation in lower case, or a sign.
struct Abbreviation {
    written: &'static str,
    /// The words that it is read as.
    spoken: Option<&'static str>,
    /// Whether its full stop never ends a sentence.
    goes_on: bool,
}

/// Read as words, and what follows it belongs to its sentence.
const fn inside(written: &'static str, spoken: &'static str) -> Abbreviation {
    Abbreviation { written, spoken: Some(spoken), goes_on: true }
}

/// Read as words; a sentence may end with it.
const fn plain(written: &'static str, spoken: &'static str) -> Abbreviation {
    Abbreviation { written, spoken: Some(spoken), goes_on: false }
}

/// Part of a name, which is read in more ways than one.
const fn in_names(written: &'static str) -> Abbreviation {
    Abbreviation { written, spoken: None, goes_on: true }
}

const ABBREVIATIONS: &[Abbreviation] = &[
    inside("dr.", "doktor"),
    inside("prof.", "professor"),
    inside("nr.", "nummer"),
    inside("abs.", "absatz"),
    inside("art.", "artikel"),
    inside("bzw.", "beziehungsweise"),
    inside("ca.", "circa"),
    inside("z.b.", "zum beispiel"),
    inside("d.h.", "das heißt"),
    inside("u.a.", "unter anderem"),
    plain("usw.", "und so weiter"),
    plain("mio.", "millionen"),
    plain("mrd.", "milliarden"),
    plain("%", "prozent"),
    plain("§", "paragraf"),
    plain("€", "euro"),
    plain("&", "und"),
    in_names("str."),
    in_names("st."),
];

fn find(lower: &str) -> Option<&'static Abbreviation> {
    ABBREVIATIONS.iter().find(|short| short.written == lower)
}

/// The words that a written form in lower case is read as.
pub fn spoken(lower: &str) -> Option<&'static str> {
    find(lower)?.spoken
}

/// Whether a word in lower case is an abbreviation whose full stop ends no sentence.
pub fn goes_on(lower: &str) -> bool {
    find(lower).is_some_and(|short| short.goes_on)
}

/// All that are read as words, with these words: what a measure that spells them out depends on.
pub fn all_spoken() -> impl Iterator<Item = (&'static str, &'static str)> {
    ABBREVIATIONS.iter().filter_map(|short| Some((short.written, short.spoken?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_stop_of_a_title_ends_no_sentence() {
        assert!(goes_on("dr.") && goes_on("st.") && !goes_on("usw.") && !goes_on("haus."));
        assert_eq!((spoken("dr."), spoken("st."), spoken("dr")), (Some("doktor"), None, None));
    }
}
