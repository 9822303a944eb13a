//! Abbreviations and their long forms (`abbreviations.txt`, and what the archive explains): read with the query,
//! so that the list may grow without touching an index.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::Range;
use std::sync::OnceLock;

use mitschnitt_german::folding::core_range;

use super::explained::Explained;
use super::function_words::is_function;
use super::spelling::exact;
use super::stem::stem;
use super::vocabulary::Entry;

/// A long form among the words of a query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LongForm {
    /// Indices of its words.
    pub words: Range<usize>,
    /// What it is abbreviated to, normalized.
    pub shorts: Vec<String>,
    /// Whether nothing but their initials says so.
    pub by_initials: bool,
}

/// Abbreviations that come with the program, and those that an archive explains.
#[derive(Clone, Debug, Default)]
pub(crate) struct Abbreviations {
    /// Long forms, as words, by normalized abbreviation.
    longs: HashMap<String, Vec<Vec<String>>>,
    /// Abbreviations by the stems of the long form's words.
    shorts: HashMap<Vec<String>, Vec<String>>,
    longest: usize,
    /// What overrules the others.
    pub overruling: BTreeMap<String, String>,
    /// Words that the archive writes in capitals, normalized.
    capitals: HashSet<String>,
    /// Initials of the places whose councils these are: short names end or begin with them.
    places: Vec<char>,
}

/// Letters of a short form that is known by its initials alone.
const INITIALS: Range<usize> = 3..6;

/// From so many letters on the last word of an explained long form stands for all of it ("Abfallwirtschaftsbetrieb").
const TELLING: usize = 10;

/// Those that come with the program.
fn list() -> &'static Abbreviations {
    static LIST: OnceLock<Abbreviations> = OnceLock::new();
    LIST.get_or_init(|| {
        let mut list = Abbreviations::default();
        let lines = include_str!("abbreviations.txt").lines().filter(|l| !l.starts_with('#'));
        for (short, long) in lines.filter_map(|line| line.split_once('=')) {
            list.add(short, long);
        }
        list
    })
}

impl Abbreviations {
    /// Those that come with the program, and these.
    pub(crate) fn new(explained: &[Explained], entries: &[Entry], places: &[String]) -> Self {
        let mut all = list().clone();
        let capitals = entries.iter().filter(|entry| {
            INITIALS.contains(&entry.written.chars().count())
                && entry.written.chars().all(char::is_uppercase)
        });
        all.capitals = capitals.map(|entry| entry.word.clone()).collect();
        all.places = places.iter().filter_map(|place| initial(place)).collect();
        for Explained { short, long } in explained {
            all.add(short, long);
            let last = long.rsplit(' ').next().unwrap_or_default();
            if long.contains(' ') && last.chars().count() >= TELLING {
                all.add(short, last);
            }
        }
        all
    }

    /// Takes these in place of what is known of them; an empty text takes one out.
    pub(crate) fn overrule(&mut self, own: BTreeMap<String, String>) {
        for (short, long) in &own {
            let Some(exact) = exact(short) else { continue };
            self.longs.remove(&exact);
            self.shorts.values_mut().for_each(|shorts| shorts.retain(|known| *known != exact));
            self.shorts.retain(|_, shorts| !shorts.is_empty());
            self.capitals.remove(&exact);
            if !long.trim().is_empty() {
                self.add(short, long);
            }
        }
        self.overruling = own;
    }

    fn add(&mut self, short: &str, long: &str) {
        let Some(short) = exact(short) else { return };
        let long: Vec<String> = long.split_whitespace().map(str::to_owned).collect();
        let stems = long.iter().filter_map(|word| exact(word)).map(|word| stem(&word));
        let stems: Vec<String> = stems.collect();
        self.longest = self.longest.max(stems.len());
        let shorts = self.shorts.entry(stems).or_default();
        if !shorts.contains(&short) {
            shorts.push(short.clone());
            self.longs.entry(short).or_default().push(long);
        }
    }

    /// What a normalized word is short for, in the plural too ("Lkws"); nothing for most.
    pub(crate) fn long_forms(&self, short: &str) -> &[Vec<String>] {
        let known = self.longs.get(short).or_else(|| self.longs.get(short.strip_suffix('s')?));
        known.map_or(&[], Vec::as_slice)
    }

    /// The long forms among words, as [`Self::among`] finds them and by their initials.
    pub(crate) fn long_forms_among(&self, written: &[Option<&str>]) -> Vec<LongForm> {
        let normalized: Vec<Option<String>> =
            written.iter().map(|word| word.and_then(exact)).collect();
        let mut found = self.among(&normalized);
        let by_initials = self.by_initials(written);
        found.extend(
            by_initials
                .filter(|long| {
                    let apart = |other: &LongForm| {
                        other.words.end <= long.words.start || long.words.end <= other.words.start
                    };
                    found.iter().all(apart)
                })
                .collect::<Vec<_>>(),
        );
        found
    }

    /// Words whose initials, perhaps with that of the place, the archive writes in capitals: "Stadtgarten und
    /// Friedhöfe" is "SFM" in Musterstadt. The longest run of words that has any.
    fn by_initials(&self, written: &[Option<&str>]) -> impl Iterator<Item = LongForm> {
        let content: Vec<(usize, String)> = written
            .iter()
            .enumerate()
            .filter_map(|(n, word)| Some((n, letters((*word)?)?)))
            .collect();
        let runs =
            (2..=content.len().min(INITIALS.end)).rev().flat_map(|size| content.windows(size));
        let mut found = runs.filter_map(|run| {
            let (first, last) = (run.first()?.0, run.last()?.0);
            // Nothing but function words in between.
            let is_row = (first..=last).all(|n| written[n].is_some());
            let initials: String = run.iter().map(|(_, letters)| letters.as_str()).collect();
            let with_place = self
                .places
                .iter()
                .flat_map(|place| [format!("{initials}{place}"), format!("{place}{initials}")]);
            let all = std::iter::once(initials.clone()).chain(with_place);
            let shorts: Vec<String> = all.filter(|short| self.capitals.contains(short)).collect();
            let words = first..last + 1;
            let long = LongForm { words, shorts, by_initials: true };
            (is_row && !long.shorts.is_empty()).then_some(long)
        });
        found.next().into_iter()
    }

    /// The long forms among normalized words, in any of their word forms; the longest from each place,
    /// none within another.
    pub(crate) fn among(&self, words: &[Option<String>]) -> Vec<LongForm> {
        let stems: Vec<Option<String>> =
            words.iter().map(|word| word.as_deref().map(stem)).collect();
        let mut found: Vec<LongForm> = Vec::new();
        let mut at = 0;
        while at < stems.len() {
            let known: Vec<String> =
                stems[at..].iter().take(self.longest).map_while(Clone::clone).collect();
            let longest =
                (1..=known.len()).rev().find_map(|n| Some((n, self.shorts.get(&known[..n])?)));
            match longest {
                Some((n, shorts)) => {
                    let words = at..at + n;
                    let shorts = shorts.clone();
                    found.push(LongForm { words, shorts, by_initials: false });
                    at += n;
                }
                None => at += 1,
            }
        }
        found
    }
}

/// What a word adds to initials: its first letter, or all of what is initials itself ("FC"); nothing of function
/// words.
fn letters(written: &str) -> Option<String> {
    let core = &written[core_range(written)?];
    let lower = exact(core)?;
    if core.len() > 1 && core.len() < INITIALS.start && core.chars().all(char::is_uppercase) {
        return Some(lower);
    }
    (!is_function(&lower)).then(|| initial(core))?.map(String::from)
}

/// The first letter of a word, in lower case and without accents.
fn initial(word: &str) -> Option<char> {
    exact(word)?.chars().next().filter(char::is_ascii_lowercase)
}

/// The form of an abbreviation in capitals that is a function word in small letters: "OB" is not "ob".
pub(crate) fn capitals(written: &str) -> Option<String> {
    let core = &written[core_range(written)?];
    let lower = exact(core)?;
    let is_short = core.len() > 1 && core.chars().all(char::is_uppercase);
    (is_short && is_function(&lower) && list().longs.contains_key(&lower))
        .then(|| format!("={lower}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shorts(text: &str) -> Vec<String> {
        let words: Vec<_> = text.split(' ').map(exact).collect();
        list().among(&words).into_iter().flat_map(|long| long.shorts).collect()
    }

    #[test]
    fn both_ways_in_any_word_form() {
        let long = ["Öffentlicher", "Personennahverkehr"];
        assert!(list().long_forms("oepnv").iter().any(|known| *known == long));
        assert_eq!(list().long_forms("lkws"), list().long_forms("lkw"), "in the plural");
        assert_eq!(shorts("im öffentlichen Personennahverkehr fahren"), ["oepnv"]);
        assert_eq!(shorts("Tagesordnungspunkte"), ["top"]);
        assert_eq!(shorts("Flächennutzungsplans").len(), 2);
        assert!(shorts("öffentlich fahren").is_empty() && list().long_forms("haushalt").is_empty());
    }

    #[test]
    fn every_line_of_the_list_is_one() {
        for line in include_str!("abbreviations.txt").lines().filter(|l| !l.starts_with('#')) {
            let (short, long) = line.split_once(" = ").expect(line);
            let short = exact(short).expect(line);
            assert!(list().long_forms(&short).iter().any(|l| l.join(" ") == long), "{line}");
        }
    }
}
