//! Numbers, papers and titles of agenda items as they are compared for hiding: no spelling tells them apart.
//! Owns that one spelling more hides more, never less; refuses to say which item is meant (`plain_number`).

use std::collections::BTreeSet;

use mitschnitt_german::folding::fold;
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

/// Between the numbers of several items.
const AND: [&str; 5] = ["und", "u", "sowie", "bis", "oder"];
/// By themselves they say that a number is not public: "N 1", "5 (NÖ)", "NÖT 3".
const NOT_PUBLIC: [&str; 6] = ["n", "no", "noe", "noet", "noeff", "nt"];
/// Beginnings of words that say it: nichtöffentlich, vertraulich, geheim.
const SECRET: [&str; 4] = ["nicht", "vertraul", "geheim", "nonpublic"];
/// Words before a number that begin as those of the part that is not public do.
const HARMLESS: [&str; 6] = ["nr", "nummer", "neu", "nach", "nachtrag", "noch"];
/// What stands before the number at the beginning of a title.
const BEFORE: [&str; 7] = ["tagesordnungspunkt", "top", "punkt", "zu", "oe", "noe", "n"];
/// So much of a reference counts: no reference is longer, and what is read costs its square.
const MOST_PIECES: usize = 64;
/// So many levels of amendments count.
const MOST_LEVELS: usize = 8;
/// Words that two spellings of a title differ in.
const SMALL: &str = " der die das den dem des ein eine einer eines einem einen und u sowie oder in im ins an \
    am ans auf aus bei beim bis durch fuer gegen mit nach ohne um unter ueber von vom vor zu zum zur zwischen \
    wegen d ";

/// An agenda item's number by its levels: "TOP 07. 5a" and "7,5" are the same.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LooseNumber {
    not_public: bool,
    /// Each way to read it; of several numbers each.
    readings: BTreeSet<Vec<u64>>,
    /// What it is where it has no figures; never written.
    #[serde(skip)]
    letters: String,
}

impl LooseNumber {
    /// Reads a number; one without anything that counts is below nothing.
    pub fn of(text: &str) -> Self {
        let pieces = pieces(text);
        let mut number = Self::default();
        let mut figures_before = false;
        for piece in &pieces {
            match piece {
                LoosePiece::Figures(_) => figures_before = true,
                LoosePiece::Word(word) => number.not_public |= is_not_public(word, figures_before),
                LoosePiece::Sign(_) => {}
            }
        }
        for part in
            pieces.split(|piece| matches!(piece, LoosePiece::Word(w) if AND.contains(&w.as_str())))
        {
            let level = |piece: &LoosePiece| match piece {
                LoosePiece::Figures(figures) => Some(figures.parse().unwrap_or(u64::MAX)),
                _ => None,
            };
            let all: Vec<u64> = part.iter().filter_map(level).collect();
            let rest = part.iter().skip_while(|piece| level(piece).is_none());
            let run = rest.take_while(|piece| !matches!(piece, LoosePiece::Word(_)));
            let first: Vec<u64> = run.filter_map(level).collect();
            number.readings.extend([all, first].into_iter().filter(|levels| !levels.is_empty()));
        }
        if number.readings.is_empty() {
            number.letters = fold(text);
        }
        number
    }

    /// Whether it has figures.
    pub fn has_levels(&self) -> bool {
        !self.readings.is_empty()
    }

    /// Whether it says that it is of the part that is not public: "N 1", "5 (NÖ)", "vertraulich 2".
    pub fn is_not_public(&self) -> bool {
        self.not_public
    }

    /// Whether it may be this number, or one below it: "7.5.1" and "7.5a" are of "7.5".
    pub fn is_of(&self, item: &Self) -> bool {
        let is_below = |of: &Vec<u64>| self.readings.iter().any(|own| own.starts_with(of));
        self.not_public == item.not_public
            && (item.readings.iter().any(is_below)
                || !item.letters.is_empty() && item.letters == self.letters)
    }
}

fn is_not_public(word: &str, figures_before: bool) -> bool {
    NOT_PUBLIC.contains(&word)
        || SECRET.iter().any(|secret| word.starts_with(secret))
        || !figures_before && word.starts_with('n') && !HARMLESS.contains(&word)
}

/// The forms under which a hidden paper is known: every paper that the text names, with the amendment that
/// it is.
pub fn paper_forms(text: &str) -> BTreeSet<String> {
    let pieces = pieces(text);
    let mut forms = BTreeSet::new();
    for (at, number, year) in papers_in(&pieces) {
        let levels = levels_after(&pieces, at);
        // What may be the next paper is no amendment of this one.
        let is_next = levels.windows(2).any(|pair| base(pair[0], pair[1]).is_some());
        let amendment: Vec<&str> =
            levels.into_iter().take_while(|level| level.len() <= 2).collect();
        let amendment = if is_next { Vec::new() } else { amendment };
        forms.insert(form(number, year, &amendment));
    }
    // An amendment is no paper of its own, unless nothing else is read.
    if forms.is_empty() {
        forms.extend(whole_form(&pieces[..pieces.len().min(MOST_PIECES)]));
    }
    forms
}

/// The forms of every paper that a text may be of: those that it names, and those that these may amend.
pub fn papers_meant(text: &str) -> BTreeSet<String> {
    let pieces = pieces(text);
    let mut forms = BTreeSet::new();
    for start in 0..pieces.len() {
        for (at, number, year) in paper_at(&pieces, start) {
            let levels = levels_after(&pieces, at);
            for upto in 0..=levels.len() {
                forms.insert(form(number, year, &levels[..upto]));
            }
        }
    }
    for upto in 1..=pieces.len().min(MOST_PIECES) {
        forms.extend(whole_form(&pieces[..upto]));
    }
    forms
}

/// The forms of the papers that a title names. Dates are none.
pub fn papers_in_title(title: &str) -> BTreeSet<String> {
    let mut forms = papers_meant(&title.replace('.', " x "));
    forms.retain(|form| !form.starts_with('='));
    forms
}

/// Beginnings of the words of titles that every agenda has, in its public part and in the other one: they tell no
/// item from another.
const EVERYDAY: [&str; 30] = [
    "mitteilung",
    "anfrage",
    "antwort",
    "beantwortung",
    "verschieden",
    "sonstig",
    "bekanntgabe",
    "niederschrift",
    "protokoll",
    "eroeffnung",
    "begruessung",
    "schliessung",
    "schluss",
    "tagesordnung",
    "bericht",
    "information",
    "einwohner",
    "buerger",
    "fragestunde",
    "genehmigung",
    "feststellung",
    "beschlussfaehigkeit",
    "verwaltung",
    "landr",
    "oberbuergermeister",
    "vorsitz",
    "mitglied",
    "stadtr",
    "kreist",
    "sitzung",
];

/// Whether a title is one that every agenda has ("Mitteilungen der Verwaltung").
fn is_everyday(title: &str) -> bool {
    let bare = without_brackets(title);
    let mut any = false;
    pieces(without_number(&bare, true)).into_iter().all(|piece| match piece {
        LoosePiece::Word(word) => {
            let is_everyday = EVERYDAY.iter().any(|beginning| word.starts_with(beginning));
            any |= is_everyday;
            is_everyday || SMALL.contains(&format!(" {word} "))
        }
        LoosePiece::Figures(_) => false,
        LoosePiece::Sign(_) => true,
    }) && any
}

/// The form by which a hidden title is known; nothing where nothing of it counts, or every agenda has it: then the
/// item is known by its number and papers.
pub fn title_form(title: &str) -> Option<String> {
    whole_title_form(title).filter(|_| !is_everyday(title))
}

fn whole_title_form(title: &str) -> Option<String> {
    let bare = without_brackets(title);
    let form = form_of(without_number(&bare, false)).or_else(|| form_of(&bare));
    let whole = || Some(fold(title)).filter(|form| !form.is_empty());
    form.or_else(|| form_of(title)).or_else(whole)
}

/// The forms of every title that this one may be.
pub fn titles_meant(title: &str) -> BTreeSet<String> {
    let bare = without_brackets(title);
    let readings = [without_number(&bare, true), without_number(&bare, false), &bare, title];
    readings.into_iter().filter_map(form_of).chain(title_form(title)).collect()
}

/// A part of a text.
#[derive(Debug, PartialEq, Eq)]
enum LoosePiece {
    /// As they stand there.
    Figures(String),
    /// Folded.
    Word(String),
    /// What stands between: any number of signs and blanks.
    Sign(String),
}

/// A text in pieces, in one spelling: full-width figures are figures, what is not seen is not there.
fn pieces(text: &str) -> Vec<LoosePiece> {
    let is_seen = |c: &char| !matches!(c, '\u{AD}' | '\u{200B}'..='\u{200F}' | '\u{2060}'..='\u{2064}' | '\u{FEFF}');
    let plain: Vec<char> =
        text.chars().filter(is_seen).nfkc().flat_map(char::to_lowercase).nfkc().collect();
    let kind = |c: &char| (c.is_ascii_digit(), c.is_alphanumeric());
    let runs = plain.chunk_by(|a, b| kind(a) == kind(b));
    runs.map(|run| {
        let text: String = run.iter().collect();
        match kind(&run[0]) {
            (true, _) => LoosePiece::Figures(text),
            (false, true) => LoosePiece::Word(fold(&text)),
            _ => LoosePiece::Sign(text),
        }
    })
    .collect()
}

/// The papers that a text names, one behind the other.
fn papers_in(pieces: &[LoosePiece]) -> Vec<(usize, &str, u32)> {
    let mut found = Vec::new();
    let mut start = 0;
    while start < pieces.len() {
        let papers = paper_at(pieces, start);
        let behind = papers.iter().map(|(behind, ..)| *behind).max();
        found.extend(papers);
        start = behind.unwrap_or(start + 1);
    }
    found
}

/// The paper whose number stands at this place, and where it ends; where the year may stand first, both.
fn paper_at(pieces: &[LoosePiece], start: usize) -> Vec<(usize, &str, u32)> {
    let Some(LoosePiece::Figures(first)) = pieces.get(start) else { return Vec::new() };
    let Some((second, at)) = next_figures(pieces, start + 1, true) else { return Vec::new() };
    let both = [base(first, second), base(second, first).filter(|_| first.len() == 4)];
    both.into_iter().flatten().map(|(number, year)| (at + 1, number, year)).collect()
}

/// The next figures, and where they stand: behind signs, or behind "aus" and its like.
fn next_figures(pieces: &[LoosePiece], from: usize, words: bool) -> Option<(&str, usize)> {
    let joins = |piece: &LoosePiece| match piece {
        LoosePiece::Sign(_) => true,
        LoosePiece::Word(word) => words && matches!(word.as_str(), "aus" | "von" | "vom"),
        LoosePiece::Figures(_) => false,
    };
    let at = from + pieces.get(from..)?.iter().take_while(|piece| joins(piece)).count();
    match pieces.get(at) {
        Some(LoosePiece::Figures(figures)) => Some((figures, at)),
        _ => None,
    }
}

/// The figures that stand behind a paper, joined by signs alone.
fn levels_after(pieces: &[LoosePiece], mut at: usize) -> Vec<&str> {
    let mut levels = Vec::new();
    while levels.len() < MOST_LEVELS
        && let Some((figures, found)) = next_figures(pieces, at, false)
    {
        levels.push(figures);
        at = found + 1;
    }
    levels
}

/// A paper's number and its year in the century, where the figures may be these.
fn base<'t>(number: &'t str, year: &str) -> Option<(&'t str, u32)> {
    let value: u32 = year.parse().ok()?;
    let is_year = year.len() == 2 || year.len() == 4 && (1950..2100).contains(&value);
    let number = number.trim_start_matches('0');
    ((1..=6).contains(&number.len()) && is_year).then_some((number, value % 100))
}

fn form(number: &str, year: u32, amendment: &[&str]) -> String {
    let level = |level: &&str| format!("/{}", level.trim_start_matches('0'));
    let amendment: String = amendment.iter().map(level).collect();
    format!("{number}/{year:02}{amendment}")
}

/// What a reference is where no number and year are read in it.
fn whole_form(pieces: &[LoosePiece]) -> Option<String> {
    let said = pieces.iter().filter_map(|piece| match piece {
        LoosePiece::Figures(figures) => Some(figures.trim_start_matches('0')),
        LoosePiece::Word(word) => Some(word.as_str()),
        LoosePiece::Sign(_) => None,
    });
    let form = said.collect::<Vec<_>>().join(" ");
    (!form.is_empty()).then(|| format!("={form}"))
}

/// The words of a title that count, put together: "Mispel-Gasse" is "Mispelgasse".
fn form_of(title: &str) -> Option<String> {
    let is_small = |word: &str| SMALL.contains(&format!(" {word} "));
    let words = pieces(title).into_iter().filter_map(|piece| match piece {
        LoosePiece::Word(word) => Some(word).filter(|word| !is_small(word)),
        LoosePiece::Figures(figures) => Some(figures),
        LoosePiece::Sign(_) => None,
    });
    let form: String = words.collect();
    (!form.is_empty()).then_some(form)
}

/// A title without its parts in brackets; a bracket that nothing closes is a sign.
fn without_brackets(title: &str) -> String {
    let mut out = String::new();
    let mut rest = title;
    while let Some(open) = rest.find(['(', '[', '{', '（', '［']) {
        let behind = &rest[open..];
        let Some(close) = behind.find([')', ']', '}', '）', '］']) else { break };
        out.push_str(&rest[..open]);
        out.push(' ');
        rest = &behind[close..];
        rest = rest.strip_prefix(|_: char| true).unwrap_or_default();
    }
    out + rest
}

/// A title without the number before it: with a word that says that it is one, or a colon behind it, and
/// where that is enough with neither.
fn without_number(title: &str, any: bool) -> &str {
    let mut rest = title.trim_start();
    let mut is_named = false;
    loop {
        let word = rest.find(|c: char| !c.is_alphabetic()).map_or(rest, |end| &rest[..end]);
        if word.is_empty() || !BEFORE.contains(&fold(word).as_str()) {
            break;
        }
        is_named = true;
        rest = rest[word.len()..].trim_start_matches(|c: char| !c.is_alphanumeric());
    }
    let is_of_number = |c: char| c.is_numeric() || matches!(c, '.' | ',' | '/' | '-');
    let end = rest.find(|c: char| !is_of_number(c)).unwrap_or(rest.len());
    let (number, behind) = rest.split_at(end);
    if !number.contains(char::is_numeric) {
        return title;
    }
    let letter = behind.strip_prefix(|c: char| c.is_ascii_alphabetic());
    let behind = letter.filter(|b| !b.starts_with(char::is_alphabetic)).unwrap_or(behind);
    let is_parted = behind.trim_start().starts_with([':', ')', '–', '—', '-', '|']);
    let has_levels = number.trim_matches(|c: char| !c.is_numeric()).contains('.');
    match is_named || is_parted || has_levels || any {
        true => behind,
        false => title,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const PARTS: [&str; 15] =
        [".", ",", "/", "-", "․", "。", "·", " ", ". ", " - ", "–", "．", "‧", "_", ".\u{200b}"];

    fn is_of(number: &str, item: &str) -> bool {
        LooseNumber::of(number).is_of(&LooseNumber::of(item))
    }

    #[test]
    fn every_spelling_of_a_number_is_hidden_and_no_other_number() {
        for part in PARTS {
            for before in ["", "TOP ", "TOP: ", "Ö ", "Ö-", "zu ", "Punkt ", "Tagesordnungspunkt "]
            {
                for behind in ["", ".", "a", " a", " (neu)", ".1", "-1", "/1", " Zusatz", " und 9"]
                {
                    for [first, second] in [["7", "5"], ["07", "05"], ["７", "５"]] {
                        let number = format!("{before}{first}{part}{second}{behind}");
                        assert!(is_of(&number, "7.5"), "{number}");
                        assert!(!is_of(&number, "7.51") && !is_of(&number, "5"), "{number}");
                        assert!(!LooseNumber::of(&number).is_not_public(), "{number}");
                    }
                }
            }
        }
        assert!(is_of("10 a", "10") && is_of("１０", "10") && is_of("3 und 4", "4"));
        assert!(!is_of("7", "7.5") && !is_of("–", "7") && !is_of("7", "–") && is_of("A", "a."));
        assert!(!is_of("N 1", "1") && !is_of("1", "N 1"));
    }

    #[test]
    fn a_number_says_anywhere_that_it_is_not_public() {
        for number in [
            "N 1",
            "n1",
            "NÖ 5",
            "nö.5",
            "nichtöffentlich 1",
            "Nicht öffentlich 1",
            "5 (N)",
            "5 nö",
            "5 N",
            "vertraulich 2",
            "N I",
            "(N) 4",
            "[N] 6",
            "TOP: N 7",
            "Ö/N 8",
            "N.9",
            "ＴＯＰ Ｎ １０",
            "ö N 11",
            "NÖ-2",
            "NO\u{308} 3",
            "1 N",
            "TOP N 01",
            "geheim 4",
            "N",
            "nichtöffentlicher Teil",
        ] {
            assert!(LooseNumber::of(number).is_not_public(), "{number}");
        }
        for number in ["Ö 3", "7.5 (neu)", "Nr. 5", "TOP 5 Nachtrag", "Nachtrag 5", "–", "", "A 1"]
        {
            assert!(!LooseNumber::of(number).is_not_public(), "{number}");
        }
    }

    fn hides(paper: &str, other: &str) -> bool {
        !paper_forms(paper).is_disjoint(&papers_meant(other))
    }

    #[test]
    fn every_spelling_of_a_paper_is_hidden_and_no_other_paper() {
        for part in ["/", "-", " / ", "–", ".", " aus ", "\u{2044}", "_", " "] {
            for kind in ["", "DS", "DS ", "DS-", "ds", "Drucksache ", "ÄA DS", "Änderungsantrag DS"]
            {
                for year in ["26", "2026", "２６"] {
                    for suffix in [
                        "",
                        " neu",
                        "-1",
                        ".1",
                        "/1",
                        "/1/2",
                        " (nö)",
                        " und DS0902/26",
                        ", DS0888/26",
                        "/12",
                    ] {
                        for number in ["901", "0901", "00901"] {
                            let other = format!("{kind}{number}{part}{year}{suffix}");
                            assert!(hides("DS0901/26", &other), "{other}");
                            assert!(!hides("DS0903/26", &other), "{other}");
                            assert!(!hides("DS0901/25", &other), "{other}");
                            let plain = !suffix.starts_with(['-', '.', '/']);
                            assert!(!plain || hides(&other, "DS0901/26"), "{other}");
                            assert!(hides(&other, &other), "{other}");
                        }
                    }
                }
            }
        }
        assert!(hides("A1/25, DS901/26", "DS 0901-26") && hides("901/26-12/26", "901/26"));
        assert!(!hides("DS0901/26/1", "DS0901/26") && hides("DS0901/26/1", "901-26.1 neu"));
        assert!(!hides("DS0901/26/1", "DS0901/26/11") && !hides("DS0901/26", "DS0901/261"));
        assert!(hides("2026/0901", "901/26") && hides("DS0901/05", "901/2005"));
        assert!(hides("Zitterwort", "ZITTERWORT neu") && !hides("Zitterwort", "Zitter"));
        assert!(paper_forms("–").is_empty() && papers_meant("").is_empty());
        assert!(papers_meant(&"1/".repeat(100_000)).len() < 1_000, "long texts take no long time");
    }

    fn is_called(title: &str, hidden: &str) -> bool {
        title_form(hidden).is_some_and(|hidden| titles_meant(title).contains(&hidden))
    }

    #[test]
    fn titles_that_every_agenda_has_tell_no_item() {
        for title in [
            "Mitteilungen",
            "TOP 5: Anfragen der Mitglieder",
            "Verschiedenes",
            "Genehmigung der Niederschrift",
        ] {
            assert_eq!(title_form(title), None, "{title}");
        }
        for title in ["Kauf der Mispelgasse", "Bericht zum Zwiebelhof", "Bericht 2024", "und"] {
            assert!(title_form(title).is_some(), "{title}");
        }
    }

    #[test]
    fn every_spelling_of_a_title_is_hidden_and_no_other_title() {
        let hidden = "Kauf der Mispelgasse";
        for before in ["", "TOP 10: ", "TOP 10 ", "10: ", "10 – ", "7.5 ", "Zu TOP 10.1a: ", "N 1 "]
        {
            for title in [
                "Kauf der Mispelgasse",
                "Kauf Mispelgasse",
                "KAUF DER MISPELGASSE.",
                "Kauf der Mispel-gasse",
                "Kauf der Mispel-\u{ad}gasse",
                "Kauf der Mispelgaſſe",
                "Kauf von der „Mispelgasse“",
                "Kauf und  Mispelgasse",
                "Kauf (neu) der Mispelgasse [NÖ]",
            ] {
                for behind in ["", " (Anlage)", " [N]", "!", " (a) (b)", " ("] {
                    let title = format!("{before}{title}{behind}");
                    assert!(is_called(&title, hidden), "{title}");
                    assert!(!is_called(&title, "Kauf der Quittengasse"), "{title}");
                    assert!(is_called(&title, &title), "{title}");
                }
            }
        }
        assert!(!is_called("11. Änderung der Satzung", "10. Änderung der Satzung"));
        assert!(is_called("(Anlage)", "(Anlage)") && is_called("Über", "über"));
        assert!(title_form("…").is_none());
    }

    proptest! {
        #[test]
        fn whatever_is_hidden_hides_itself_and_what_is_added_to_it(text in "\\PC{0,24}", more in "[a-z ]{0,8}") {
            let number = LooseNumber::of(&text);
            let is_any = number.has_levels() || !number.letters.is_empty();
            prop_assert!(!is_any || number.is_of(&number));
            let longer = format!("{text} ({more})");
            prop_assert!(paper_forms(&text).is_subset(&papers_meant(&longer)));
            prop_assert!(title_form(&text).is_none() || is_called(&text, &text));
        }

        #[test]
        fn levels_hide_what_lies_below_them(
            levels in prop::collection::vec(0u64..200, 1..4),
            below in prop::collection::vec(0u64..200, 0..3),
            part in prop::sample::select(&PARTS[..]),
        ) {
            let text = |levels: &[u64], part: &str| {
                levels.iter().map(u64::to_string).collect::<Vec<_>>().join(part)
            };
            let all: Vec<u64> = levels.iter().chain(&below).copied().collect();
            prop_assert!(is_of(&text(&all, part), &text(&levels, ".")));
            prop_assert_eq!(is_of(&text(&levels, "."), &text(&all, part)), below.is_empty());
        }
    }
}
