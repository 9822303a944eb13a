//! Abbreviations and their long forms (`abbreviations.txt`): read with the query, so that the list
//! may grow without touching an index.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::OnceLock;

use super::{core_range, exact, is_function, stem};

/// A long form among the words of a query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LongForm {
    /// Indices of its words.
    pub words: Range<usize>,
    /// What it is abbreviated to, normalized.
    pub shorts: Vec<&'static str>,
}

struct Abbreviations {
    /// Long forms, as words, by normalized abbreviation.
    longs: HashMap<String, Vec<Vec<&'static str>>>,
    /// Abbreviations by the stems of the long form's words.
    shorts: HashMap<Vec<String>, Vec<String>>,
    longest: usize,
}

fn list() -> &'static Abbreviations {
    static LIST: OnceLock<Abbreviations> = OnceLock::new();
    LIST.get_or_init(|| {
        let mut list = Abbreviations { longs: HashMap::new(), shorts: HashMap::new(), longest: 0 };
        let lines = include_str!("abbreviations.txt").lines().filter(|l| !l.starts_with('#'));
        for (short, long) in lines.filter_map(|line| line.split_once('=')) {
            let Some(short) = exact(short) else { continue };
            let long: Vec<&'static str> = long.split_whitespace().collect();
            let stems = long.iter().filter_map(|word| exact(word)).map(|word| stem(&word));
            let stems: Vec<String> = stems.collect();
            list.longest = list.longest.max(stems.len());
            list.shorts.entry(stems).or_default().push(short.clone());
            list.longs.entry(short).or_default().push(long);
        }
        list
    })
}

/// What a normalized word is short for, in the plural too ("Lkws"); nothing for most.
pub(crate) fn long_forms(short: &str) -> &'static [Vec<&'static str>] {
    let longs = &list().longs;
    let known = longs.get(short).or_else(|| longs.get(short.strip_suffix('s')?));
    known.map_or(&[], Vec::as_slice)
}

/// The form of an abbreviation in capitals that is a function word in small letters: "OB" is not "ob".
pub(crate) fn capitals(written: &str) -> Option<String> {
    let core = &written[core_range(written)?];
    let lower = exact(core)?;
    let is_short = core.len() > 1 && core.chars().all(char::is_uppercase);
    (is_short && is_function(&lower) && list().longs.contains_key(&lower))
        .then(|| format!("={lower}"))
}

/// The long forms among normalized words, in any of their word forms; the longest from each place,
/// none within another.
pub(crate) fn long_forms_among(words: &[Option<String>]) -> Vec<LongForm> {
    let list = list();
    let stems: Vec<Option<String>> = words.iter().map(|word| word.as_deref().map(stem)).collect();
    let mut found: Vec<LongForm> = Vec::new();
    let mut at = 0;
    while at < stems.len() {
        let known: Vec<String> =
            stems[at..].iter().take(list.longest).map_while(Clone::clone).collect();
        let longest =
            (1..=known.len()).rev().find_map(|n| Some((n, list.shorts.get(&known[..n])?)));
        match longest {
            Some((n, shorts)) => {
                let shorts = shorts.iter().map(String::as_str).collect();
                found.push(LongForm { words: at..at + n, shorts });
                at += n;
            }
            None => at += 1,
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shorts(text: &str) -> Vec<&'static str> {
        let words: Vec<_> = text.split(' ').map(exact).collect();
        long_forms_among(&words).into_iter().flat_map(|long| long.shorts).collect()
    }

    #[test]
    fn both_ways_in_any_word_form() {
        let long = ["Öffentlicher", "Personennahverkehr"];
        assert!(long_forms("oepnv").iter().any(|known| *known == long));
        assert_eq!(long_forms("lkws"), long_forms("lkw"), "in the plural");
        assert_eq!(shorts("im öffentlichen Personennahverkehr fahren"), ["oepnv"]);
        assert_eq!(shorts("Tagesordnungspunkte"), ["top"]);
        assert_eq!(shorts("Flächennutzungsplans").len(), 2);
        assert!(shorts("öffentlich fahren").is_empty() && long_forms("haushalt").is_empty());
    }

    #[test]
    fn every_line_of_the_list_is_one() {
        for line in include_str!("abbreviations.txt").lines().filter(|l| !l.starts_with('#')) {
            let (short, long) = line.split_once(" = ").expect(line);
            let short = exact(short).expect(line);
            assert!(long_forms(&short).iter().any(|l| l.join(" ") == long), "{line}");
        }
    }
}
