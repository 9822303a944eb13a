//! Equal spelling for equal words: composed, lower case, without punctuation around, ß and umlauts
//! written out. It never drops an umlaut (schon is not schön).

use std::ops::Range;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Signs that are words by themselves, as in "§ 36" or "5 %".
const SPOKEN_SIGNS: [char; 4] = ['§', '€', '%', '&'];

/// Letters before this one are composed, and so are their small ones: Latin, but for the Turkish I
/// with a dot, which is behind it.
const FIRST_UNCOMPOSED: char = '\u{0130}';

/// Longest form kept, in bytes; what is longer was never a word.
const MAX_BYTES: usize = 128;

/// The one spelling under which `word` is indexed: "Straße," is "strasse", "Müller" is "mueller".
/// `None` where nothing of it is spoken.
pub(crate) fn exact(word: &str) -> Option<String> {
    let core = &word[core_range(word)?];
    let mut out = String::with_capacity(core.len() + 4);
    // Composing takes longer than all the rest, and nearly all words are composed.
    if core.chars().all(|c| c < FIRST_UNCOMPOSED) {
        spell(core.chars().filter(|&c| !is_ignored(c)).flat_map(char::to_lowercase), &mut out);
    } else {
        let letters = core.chars().filter(|&c| !is_ignored(c)).nfc();
        spell(letters.flat_map(char::to_lowercase).nfc(), &mut out);
        // What a letter was written out to meets the marks that stood behind it: "ö\u{301}".
        out = out.nfc().collect();
    }
    (!out.is_empty()).then_some(out)
}

/// Soft hyphens, joiners, marks of direction and of byte order.
fn is_ignored(c: char) -> bool {
    matches!(c, '\u{00AD}' | '\u{200B}'..='\u{200F}' | '\u{FEFF}')
}

/// Writes letters in the one spelling.
fn spell(letters: impl Iterator<Item = char>, out: &mut String) {
    for c in letters {
        match c {
            'ä' => out.push_str("ae"),
            'ö' => out.push_str("oe"),
            'ü' => out.push_str("ue"),
            'ß' => out.push_str("ss"),
            '\u{2019}' | '\u{02BC}' | '`' | '´' => out.push('\''),
            '\u{2010}'..='\u{2015}' => out.push('-'),
            c => out.push(c),
        }
        if out.len() >= MAX_BYTES {
            break;
        }
    }
}

/// The bytes of `word` between its surrounding punctuation; a lone sign such as "§" is its own
/// core. `None` where there is nothing to search for.
pub(crate) fn core_range(word: &str) -> Option<Range<usize>> {
    bounds(word, is_letter).or_else(|| bounds(word, |c| SPOKEN_SIGNS.contains(&c)))
}

/// Whether a core may begin or end with `c`. Some combining marks count as letters of an alphabet,
/// but composing puts marks into another order, so that none may be the first; and one apostrophe
/// counts as a letter, which here is written as the others are.
fn is_letter(c: char) -> bool {
    c.is_alphanumeric() && (c.is_ascii() || !(is_combining_mark(c) || c == '\u{02BC}'))
}

/// `word` without the punctuation around it; `None` where that would change what is spoken.
pub(crate) fn bare(word: &str) -> Option<&str> {
    let bare = core_range(word).map(|core| &word[core]);
    bare.filter(|_| signed(word).is_none())
}

/// A number and the sign that is written to it without a space, each as a word: "§36", "20%", "5€".
pub(crate) fn signed(word: &str) -> Option<(&str, &str)> {
    let core = core_range(word)?;
    let is_number = |text: &str| text.bytes().all(|b| b.is_ascii_digit() || b",.".contains(&b));
    let number = &word[core.clone()];
    let before = word[..core.start].chars().next_back();
    let behind = word[core.end..].chars().next();
    let sign = |c: Option<char>| c.filter(|c| matches!(c, '§' | '€' | '%'));
    let place = match (sign(before), sign(behind)) {
        (Some(sign), _) => core.start - sign.len_utf8()..core.start,
        (_, Some(sign)) => core.end..core.end + sign.len_utf8(),
        _ => return None,
    };
    is_number(number).then_some((number, &word[place]))
}

fn bounds(word: &str, keep: impl Fn(char) -> bool) -> Option<Range<usize>> {
    let (start, _) = word.char_indices().find(|&(_, c)| keep(c))?;
    let (last, c) = word.char_indices().rev().find(|&(_, c)| keep(c))?;
    Some(start..end_with_marks(word, last + c.len_utf8()))
}

/// A combining mark after the last letter belongs to it ("Cafe\u{301}").
fn end_with_marks(word: &str, end: usize) -> usize {
    let marks = word[end..]
        .chars()
        .take_while(|&c| is_combining_mark(c))
        .map(char::len_utf8)
        .sum::<usize>();
    end + marks
}
