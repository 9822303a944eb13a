//! Compounds and their parts: "Kreistagssitzungen" is found by "Sitzung", "Kreistag", "Kreis" and
//! "Tag". A word is cut where words of the archive meet, by the most likely sequence of them
//! (unigram costs after Koehn & Knight, "Empirical Methods for Compound Splitting", 2003), over
//! linking elements. What the archive never said as a word is no part.

use std::ops::Range;

use foldhash::{HashMap, HashSet};

use super::function_words::is_stopword;
use super::stem::stem;
use super::vocabulary::{Entry, common};

/// Shortest part, in letters, but for [`SHORT`].
const MIN_PART: usize = 4;
/// Words of three letters that make compounds.
const SHORT: [&str; 17] = [
    "amt", "arm", "art", "bad", "bau", "bus", "eis", "hof", "not", "oel", "ort", "rad", "rat",
    "see", "tag", "tor", "weg",
];
/// Shortest word that is split.
const MIN_WORD: usize = 6;
/// Longest word that is split, in letters; the work grows with its square.
const MAX_WORD: usize = 60;
/// Words that begin others without being a part of their meaning ("Unternehmen").
const PREFIXES: [&str; 22] = [
    "ausser", "binnen", "dabei", "dafuer", "damit", "davon", "dazu", "entgegen", "gegen", "heraus",
    "herein", "hervor", "hinaus", "hinein", "hinter", "nicht", "voraus", "wider", "wieder",
    "zurueck", "zusammen", "zwischen",
];
/// Words that end others as endings only ("Studierende", "Schülerinnen").
const ENDINGS: [&str; 12] = [
    "ende", "enden", "ender", "innen", "keit", "heit", "schaft", "lich", "ungen", "chen", "tion",
    "tionen",
];
/// What stands between two parts, and what it costs beside none; letters that a first part has
/// lost are in [`LOST`].
const LINKS: [(&str, f32); 7] =
    [("s", 0.3), ("n", 0.5), ("en", 1.0), ("es", 1.5), ("er", 1.5), ("e", 1.5), ("ens", 2.0)];
/// Letters of the longest part that one of [`SHORT`] makes, with what stands behind it.
const LONGEST_OF_SHORT: usize = 6;
/// What a first part can have lost: "Schul(e)ausschuss", "Wohn(en)raum".
const LOST: [(&str, f32); 2] = [("e", 1.0), ("en", 2.0)];
/// How often the parts must be said, by their geometric mean, beside the whole: what is said far
/// more often than anything it seems to be made of is a word of its own ("Deutschland").
const SHARE: f32 = 0.2;
/// Cost of every part, so that few long ones win over many short ones.
const PART_COST: f32 = 2.0;

/// The words of an archive, as far as they make others.
#[derive(Debug, Default)]
pub(crate) struct Compounds {
    words: HashMap<String, AttestedWord>,
    /// How words are written, where not as they are normalized.
    written: HashMap<String, String>,
    /// Stems of nouns, and whether of others, for inflected last parts.
    stems: HashMap<String, AttestedWord>,
    /// How the words begin: no word of the archive begins at most places of another.
    beginnings: HashSet<Beginning>,
    /// Logarithm of all occurrences.
    total: f32,
}

/// The first letters of a word that has as many.
type Beginning = [u8; MIN_PART];

fn beginning(word: &str) -> Option<Beginning> {
    word.as_bytes().first_chunk().copied()
}

#[derive(Clone, Copy, Debug, Default)]
struct AttestedWord {
    noun: bool,
    other: bool,
    count: u32,
}

impl AttestedWord {
    fn add(&mut self, entry: &Entry) {
        self.count = self.count.saturating_add(entry.count);
        self.noun |= entry.noun;
        self.other |= !entry.noun;
    }

    /// Logarithm of how often it is said.
    fn said(self) -> f32 {
        (self.count.max(1) as f32).ln()
    }
}

/// The best way to some place in a word, by the part that begins at `start`.
#[derive(Clone, Copy, Debug, Default)]
struct SplitPath {
    cost: f32,
    start: usize,
    base: Base,
    known: AttestedWord,
}

impl SplitPath {
    /// By one part from the beginning.
    fn to(base: Base, known: AttestedWord, cost: f32) -> Self {
        Self { cost, start: 0, base, known }
    }
}

/// The word that a part stands for: so many of its letters, and others.
#[derive(Clone, Copy, Debug, Default)]
struct Base {
    kept: usize,
    lost: &'static str,
}

impl Base {
    fn of(kept: &str) -> Self {
        Self { kept: kept.len(), lost: "" }
    }
}

/// A word cut in two or more.
struct CompoundSplit {
    /// Where each part ends, the last at the word's end, and the word that it stands for.
    parts: Vec<CompoundPart>,
}

struct CompoundPart {
    range: Range<usize>,
    /// Without linking letters, with lost ones.
    base: String,
}

impl Compounds {
    /// Splits by these words and those that come with the program.
    pub(crate) fn new(entries: &[Entry]) -> Self {
        let mut made = Self::default();
        let mut total = 0u64;
        let common: Vec<Entry> = common().collect();
        for entry in entries.iter().chain(&common) {
            total += u64::from(entry.count);
            if entry.written != entry.word {
                made.written.entry(entry.word.clone()).or_insert_with(|| entry.written.clone());
            }
            if is_stopword(&entry.word)
                || PREFIXES.contains(&entry.word.as_str())
                || entry.word.len() < MIN_PART && !SHORT.contains(&entry.word.as_str())
            {
                continue;
            }
            made.words.entry(entry.word.clone()).or_default().add(entry);
            made.beginnings.extend(beginning(&entry.word));
            if entry.word.len() >= MIN_PART {
                made.stems.entry(stem(&entry.word)).or_default().add(entry);
            }
        }
        made.total = (total.max(1) as f32).ln();
        made
    }

    /// How a word is mostly written, where that is known.
    pub(crate) fn written(&self, word: &str) -> Option<&str> {
        match self.written.get(word) {
            Some(written) => Some(written),
            None => self.words.get_key_value(word).map(|(word, _)| word.as_str()),
        }
    }

    /// Whether a word is a noun; `None` where it is not known.
    pub(crate) fn is_noun(&self, word: &str) -> Option<bool> {
        self.words.get(word).map(|known| known.noun)
    }

    /// The stems of all parts of a normalized word, of parts of these, and of neighbouring parts
    /// that are a word together; empty for a word in one piece.
    pub(crate) fn stems(&self, word: &str) -> Vec<String> {
        let mut found = Vec::new();
        self.collect(word, &mut found);
        if let Some(verb) = self.participle(word) {
            push_new(&mut found, verb);
        }
        let whole = stem(word);
        found.retain(|part| *part != whole);
        found
    }

    /// The stems of the fewest parts that make the word, in order.
    pub(crate) fn parts(&self, word: &str) -> Vec<String> {
        self.cut(word)
            .map(|cut| cut.parts.iter().map(|part| stem(&part.base)).collect())
            .unwrap_or_default()
    }

    /// The last of them, as spelt.
    pub(crate) fn last_part(&self, word: &str) -> Option<String> {
        let cut = self.cut(word)?;
        cut.parts.last().map(|part| word[part.range.clone()].to_owned())
    }

    fn collect(&self, word: &str, found: &mut Vec<String>) {
        let Some(cut) = self.cut(word) else { return };
        for (first, part) in cut.parts.iter().enumerate() {
            push_new(found, stem(&part.base));
            self.collect(&part.base, found);
            for last in &cut.parts[first + 1..] {
                let whole = first == 0 && last.range.end == word.len();
                let span = &word[part.range.start..last.range.end - last.range.len()];
                let span = format!("{span}{}", last.base);
                if !whole
                    && (self.words.contains_key(&span) || self.stems.contains_key(&stem(&span)))
                {
                    push_new(found, stem(&span));
                }
            }
        }
    }

    /// "gestreamt" is a form of "streamen" that no suffix rule reaches.
    fn participle(&self, word: &str) -> Option<String> {
        let inner = word.strip_prefix("ge")?;
        let inner = inner.strip_suffix('t').or_else(|| inner.strip_suffix("en"))?;
        let inner = inner.strip_suffix('e').unwrap_or(inner);
        let verb = format!("{inner}en");
        (inner.len() >= 3 && self.words.get(&verb).is_some_and(|known| known.other))
            .then(|| stem(&verb))
    }

    /// The cheapest way to cut a word; `None` where it is in one piece.
    fn cut(&self, word: &str) -> Option<CompoundSplit> {
        let n = word.len();
        if !(MIN_WORD..=MAX_WORD).contains(&n) || !word.bytes().all(|b| b.is_ascii_lowercase()) {
            return None;
        }
        let mut cheapest: [Option<SplitPath>; MAX_WORD + 1] = [None; MAX_WORD + 1];
        cheapest[0] = Some(SplitPath::default());
        // Where the longest part ends that can begin at a place, but for the last one.
        let mut reach = [0; MAX_WORD + 1];
        let reach_from = |start: usize| {
            let known = beginning(&word[start..]).is_some_and(|of| self.beginnings.contains(&of));
            if known { n } else { start + LONGEST_OF_SHORT }
        };
        reach[0] = reach_from(0);
        let kind = self.words.get(word).copied();
        for end in 3..=n {
            for start in (0..=end - 3).rev() {
                let Some(before) = cheapest[start].map(|reached| reached.cost) else { continue };
                let piece = &word[start..end];
                let part = match (start, end == n) {
                    (0, true) => None,
                    (_, true) => self.last(piece, kind),
                    (_, false) if end > reach[start] => None,
                    (_, false) => self.first(piece),
                };
                let Some(mut part) = part else { continue };
                part.cost += before + PART_COST;
                part.start = start;
                if cheapest[end].is_none_or(|best| part.cost < best.cost) {
                    cheapest[end] = Some(part);
                }
            }
            if cheapest[end].is_some() {
                reach[end] = reach_from(end);
            }
        }
        let mut parts = Vec::new();
        let mut said = 0.0;
        let mut end = n;
        while end > 0 {
            let SplitPath { start, base, known, .. } = cheapest[end].take()?;
            // Only nouns begin what is no noun ("energiepolitisch", but "vielleicht").
            if start == 0 && kind.is_some_and(|whole| !whole.noun) && !known.noun {
                return None;
            }
            said += known.said();
            let base = format!("{}{}", &word[start..start + base.kept], base.lost);
            parts.push(CompoundPart { range: start..end, base });
            end = start;
        }
        parts.reverse();
        let whole = kind.map_or(0.0, AttestedWord::said) + SHARE.ln();
        (parts.len() > 1 && said / parts.len() as f32 >= whole).then_some(CompoundSplit { parts })
    }

    /// A part with something behind it.
    fn first(&self, piece: &str) -> Option<SplitPath> {
        let mut best: Option<SplitPath> = None;
        let mut consider = |base: Base, known: Option<&AttestedWord>, extra: f32| {
            let Some(known) = known else { return };
            let cost = self.cost(*known) + extra;
            if best.as_ref().is_none_or(|before| cost < before.cost) {
                best = Some(SplitPath::to(base, *known, cost));
            }
        };
        consider(Base::of(piece), self.words.get(piece), 0.0);
        for (link, extra) in LINKS {
            if let Some(base) = piece.strip_suffix(link) {
                // Only nouns take linking letters.
                let known = self.words.get(base).filter(|known| known.noun);
                consider(Base::of(base), known, extra);
            }
        }
        if piece.len() >= MIN_PART {
            let mut whole = String::with_capacity(piece.len() + 2);
            for (lost, extra) in LOST {
                whole.clear();
                whole.push_str(piece);
                whole.push_str(lost);
                let verb = lost == "en";
                let fits = |known: &&AttestedWord| if verb { known.other } else { known.noun };
                let base = Base { kept: piece.len(), lost };
                consider(base, self.words.get(&whole).filter(fits), extra);
            }
        }
        best
    }

    /// The last part, in any inflection; of the sort of the whole word, where that is known.
    fn last(&self, piece: &str, whole: Option<AttestedWord>) -> Option<SplitPath> {
        if ENDINGS.contains(&piece) {
            return None;
        }
        let fits = |known: &&AttestedWord| match whole {
            Some(whole) => whole.noun && known.noun || whole.other && known.other,
            None => known.noun,
        };
        // Stemming leaves short words their genitive ("Landbaus").
        let bare = piece.strip_suffix('s').filter(|bare| bare.len() == 3);
        if let Some((bare, known)) = bare.and_then(|bare| Some((bare, self.words.get(bare)?)))
            && known.noun
        {
            return Some(SplitPath::to(Base::of(bare), *known, self.cost(*known)));
        }
        let known = self.words.get(piece).filter(fits).or_else(|| {
            (piece.len() >= MIN_PART).then(|| self.stems.get(&stem(piece))).flatten().filter(fits)
        })?;
        Some(SplitPath::to(Base::of(piece), *known, self.cost(*known)))
    }

    fn cost(&self, known: AttestedWord) -> f32 {
        self.total - known.said()
    }
}

fn push_new(list: &mut Vec<String>, form: String) {
    if !list.contains(&form) {
        list.push(form);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::{Vocabulary, exact};

    fn compounds(text: &str) -> Compounds {
        let mut vocabulary = Vocabulary::default();
        text.split_whitespace().for_each(|word| vocabulary.add(word));
        Compounds::new(&vocabulary.entries())
    }

    fn stems(compounds: &Compounds, word: &str) -> Vec<String> {
        let mut stems = compounds.stems(&exact(word).unwrap());
        stems.sort();
        stems
    }

    #[test]
    fn words_of_councils_are_cut() {
        let known = compounds(
            "Wir sprechen über das Havelland und die Havel und die Kinder und wollen streamen; \
             die energetische Sanierung ist politisch umstritten, neu ist die Anlage und das Zeugnis",
        );
        for (word, parts) in [
            ("Kreistagssitzungen", "Kreis Kreistag Sitzung Tag"),
            ("Haushaltssatzung", "Haushalt Satzung"),
            ("Wärmeplanung", "Planung Wärme"),
            ("Havellandklinik", "Havel Havelland Klinik Land"),
            ("Kinderbetreuung", "Betreuung Kind"),
            ("Schulausschuss", "Ausschuss Schule"),
            ("Wohnraum", "Raum wohnen"),
            ("Ratsfraktion", "Fraktion Rat"),
            ("Straßenreinigungsgebührensatzung", "Gebühr Reinigung Satzung Straße"),
            ("energiepolitisch", "Energie politisch"),
            ("gestreamt", "streamen"),
        ] {
            let mut parts: Vec<_> = parts.split(' ').map(|p| stem(&exact(p).unwrap())).collect();
            parts.sort();
            assert_eq!(stems(&known, word), parts, "{word}");
        }
    }

    #[test]
    fn words_in_one_piece_stay_so() {
        let known = compounds("Studierende nehmen sprechen Lehrer Schüler gut");
        for word in ["Unternehmen", "Kreis", "Schülerinnen", "Studierende", "Gesellschaft", "über"]
        {
            assert_eq!(stems(&known, word), [""; 0], "{word}");
        }
    }
}
