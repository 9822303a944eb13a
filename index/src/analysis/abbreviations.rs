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
    readings: Vec<ReadAbbreviation>,
    /// The places of readings, by the normalized abbreviation.
    by_short: HashMap<String, Vec<usize>>,
    /// The same by the stems of the long form's words.
    by_long: HashMap<Vec<String>, Vec<usize>>,
    longest: usize,
    /// What overrules the others.
    pub overruling: BTreeMap<String, String>,
    /// Words that the archive writes in capitals, normalized.
    capitals: HashSet<String>,
    /// Initials of the places whose councils these are: short names end or begin with them.
    places: Vec<char>,
}

/// What an abbreviation is read as.
#[derive(Clone, Debug)]
struct ReadAbbreviation {
    /// Normalized.
    short: String,
    /// The words that it stands for.
    long: Vec<String>,
    /// Whether the program or the settings say so, for all.
    is_general: bool,
    /// The bodies whose councils explain it so.
    bodies: Vec<String>,
}

/// The abbreviations as the councils of some bodies read them: where these explain one, what only others
/// make of it does not count. Of no bodies all do.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LocalAbbreviations<'a> {
    all: &'a Abbreviations,
    bodies: &'a [String],
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
            list.add(short, long, None);
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
        for Explained { short, long, body } in explained {
            all.add(short, long, Some(body));
            let last = long.rsplit(' ').next().unwrap_or_default();
            if long.contains(' ') && last.chars().count() >= TELLING {
                all.add(short, last, Some(body));
            }
        }
        all
    }

    /// Takes these in place of what is known of them; an empty text takes one out.
    pub(crate) fn overrule(&mut self, own: BTreeMap<String, String>) {
        for (short, long) in &own {
            let Some(exact) = exact(short) else { continue };
            for known in self.by_short.remove(&exact).unwrap_or_default() {
                self.by_long.values_mut().for_each(|places| places.retain(|at| *at != known));
            }
            self.by_long.retain(|_, places| !places.is_empty());
            self.capitals.remove(&exact);
            if !long.trim().is_empty() {
                self.add(short, long, None);
            }
        }
        self.overruling = own;
    }

    /// `short` is read as `long`, by the councils of `body` or everywhere.
    fn add(&mut self, short: &str, long: &str, body: Option<&String>) {
        let Some(short) = exact(short) else { return };
        let long: Vec<String> = long.split_whitespace().map(str::to_owned).collect();
        let stems = long.iter().filter_map(|word| exact(word)).map(|word| stem(&word));
        let stems: Vec<String> = stems.collect();
        self.longest = self.longest.max(stems.len());
        let places = self.by_long.entry(stems).or_default();
        let known = places.iter().copied().find(|at| self.readings[*at].short == short);
        let at = known.unwrap_or(self.readings.len());
        if known.is_none() {
            places.push(at);
            self.by_short.entry(short.clone()).or_default().push(at);
            let bodies = Vec::new();
            self.readings.push(ReadAbbreviation { short, long, is_general: false, bodies });
        }
        let ReadAbbreviation { is_general, bodies, .. } = &mut self.readings[at];
        match body {
            None => *is_general = true,
            Some(body) if !bodies.contains(body) => bodies.push(body.clone()),
            Some(_) => {}
        }
    }

    /// As the councils of these bodies read them; of all where there are none.
    pub(crate) fn within<'a>(&'a self, bodies: &'a [String]) -> LocalAbbreviations<'a> {
        LocalAbbreviations { all: self, bodies }
    }
}

impl<'a> LocalAbbreviations<'a> {
    /// Those of the readings at these places that count.
    fn local(self, places: &'a [usize]) -> impl Iterator<Item = &'a ReadAbbreviation> {
        let readings = places.iter().map(|at| &self.all.readings[*at]);
        let is_own = move |reading: &&ReadAbbreviation| {
            reading.bodies.iter().any(|body| self.bodies.contains(body))
        };
        let has_own = readings.clone().any(|reading| is_own(&reading));
        readings.filter(move |reading| !has_own || reading.is_general || is_own(reading))
    }

    /// What a normalized word is short for, in the plural too ("Lkws"); nothing for most.
    pub(crate) fn long_forms(self, short: &str) -> impl Iterator<Item = &'a [String]> {
        let known = &self.all.by_short;
        let known = known.get(short).or_else(|| known.get(short.strip_suffix('s')?));
        self.local(known.map_or(&[], Vec::as_slice)).map(|reading| reading.long.as_slice())
    }

    /// The long forms among words, as [`Self::among`] finds them and by their initials.
    pub(crate) fn long_forms_among(self, written: &[Option<&str>]) -> Vec<LongForm> {
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
    fn by_initials(self, written: &[Option<&str>]) -> impl Iterator<Item = LongForm> {
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
                .all
                .places
                .iter()
                .flat_map(|place| [format!("{initials}{place}"), format!("{place}{initials}")]);
            let all = std::iter::once(initials.clone()).chain(with_place);
            let shorts: Vec<String> =
                all.filter(|short| self.all.capitals.contains(short)).collect();
            let words = first..last + 1;
            let long = LongForm { words, shorts, by_initials: true };
            (is_row && !long.shorts.is_empty()).then_some(long)
        });
        found.next().into_iter()
    }

    /// The long forms among normalized words, in any of their word forms; the longest from each place,
    /// none within another.
    fn among(self, words: &[Option<String>]) -> Vec<LongForm> {
        let stems: Vec<Option<String>> =
            words.iter().map(|word| word.as_deref().map(stem)).collect();
        let mut found: Vec<LongForm> = Vec::new();
        let mut at = 0;
        while at < stems.len() {
            let known: Vec<String> =
                stems[at..].iter().take(self.all.longest).map_while(Clone::clone).collect();
            let longest =
                (1..=known.len()).rev().find_map(|n| Some((n, self.all.by_long.get(&known[..n])?)));
            match longest {
                Some((n, places)) => {
                    let words = at..at + n;
                    let shorts = self.local(places).map(|reading| reading.short.clone()).collect();
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
    (is_short && is_function(&lower) && list().by_short.contains_key(&lower))
        .then(|| format!("={lower}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shorts(text: &str) -> Vec<String> {
        let words: Vec<_> = text.split(' ').map(exact).collect();
        list().within(&[]).among(&words).into_iter().flat_map(|long| long.shorts).collect()
    }

    #[test]
    fn both_ways_in_any_word_form() {
        let long = ["Öffentlicher", "Personennahverkehr"];
        let longs = |short| list().within(&[]).long_forms(short).collect::<Vec<_>>();
        assert!(longs("oepnv").iter().any(|known| *known == long));
        assert_eq!(longs("lkws"), longs("lkw"), "in the plural");
        assert_eq!(shorts("im öffentlichen Personennahverkehr fahren"), ["oepnv"]);
        assert_eq!(shorts("Tagesordnungspunkte"), ["top"]);
        assert_eq!(shorts("Flächennutzungsplans").len(), 2);
        assert!(shorts("öffentlich fahren").is_empty() && longs("haushalt").is_empty());
    }

    #[test]
    fn every_line_of_the_list_is_one() {
        for line in include_str!("abbreviations.txt").lines().filter(|l| !l.starts_with('#')) {
            let (short, long) = line.split_once(" = ").expect(line);
            let short = exact(short).expect(line);
            assert!(list().within(&[]).long_forms(&short).any(|l| l.join(" ") == long), "{line}");
        }
    }

    #[test]
    fn a_body_reads_what_it_explains_and_all_read_what_nobody_of_them_does() {
        let explained = |body: &str, long: &str| {
            let [short, body, long] = ["SAB", body, long].map(str::to_owned);
            Explained { short, body, long }
        };
        let all = [
            explained("A", "Städtischer Abfallbetrieb"),
            explained("B", "Sächsische Aufbaubank"),
            explained("C", "Städtischer Abfallbetrieb"),
        ];
        let known = Abbreviations::new(&all, &[], &[]);
        let read = |bodies: &[&str]| -> Vec<String> {
            let bodies: Vec<String> = bodies.iter().map(|body| (*body).to_owned()).collect();
            known.within(&bodies).long_forms("sab").map(|long| long.join(" ")).collect()
        };
        let (waste, bank) = ("Städtischer Abfallbetrieb", "Sächsische Aufbaubank");
        assert!(read(&[]).iter().any(|l| l == waste) && read(&[]).iter().any(|l| l == bank));
        for (body, own, other) in [("A", waste, bank), ("B", bank, waste), ("C", waste, bank)] {
            let read = read(&[body]);
            assert!(read.iter().any(|l| l == own) && !read.iter().any(|l| l == other), "{body}");
        }
        assert_eq!(read(&["D"]), read(&[]), "who explains nothing reads what others do");
        assert_eq!(read(&["A", "B"]), read(&[]));
    }
}
