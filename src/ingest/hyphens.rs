//! Words that were cut at the end of a line, as texts from PDF have them: made whole. Owns which hyphens
//! only cut a word, which belong to it, and which stand for a part that follows ("Wasser- und Abwasser").

use std::borrow::Cow;

/// Hyphens at a line's end. The last two only ever cut.
const HYPHENS: [char; 4] = ['-', '\u{2010}', CUT, '¬'];
/// The soft hyphen.
const CUT: char = '\u{ad}';

/// Words that lead on from a hyphen that stands for the rest of a word.
const CONJUNCTIONS: [&str; 8] =
    ["und", "oder", "bzw", "beziehungsweise", "sowie", "und/oder", "u.", "o."];
/// Others that do so behind a noun; behind a short word they may be its end ("so-wie", "den-noch").
const BEHIND_NOUNS: [&str; 4] = ["bis", "wie", "noch", "als"];
const SHORTEST_NOUN: usize = 4;

/// What a hyphen at a line's end is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum LineEnd {
    /// Nothing but the mark of a cut.
    Cuts,
    /// Part of the word, which goes on in the next line.
    Joins,
    /// The end of what stands in this line.
    Ends,
}

/// The text with cut words whole; owned only where there are any.
pub fn joined(text: &str) -> Cow<'_, str> {
    let mut out: Option<String> = None;
    let mut copied = 0;
    for (at, hyphen) in text.char_indices().filter(|(_, c)| HYPHENS.contains(c)) {
        let behind = &text[at + hyphen.len_utf8()..];
        let next = behind.trim_start();
        let gap = &behind[..behind.len() - next.len()];
        let lines = line_ends(gap);
        if lines == 0 || at < copied {
            continue;
        }
        let word = text[..at].rsplit(char::is_whitespace).next().unwrap_or_default();
        let kept = match line_end(word, hyphen, lines, next) {
            LineEnd::Cuts => at,
            LineEnd::Joins => at + hyphen.len_utf8(),
            LineEnd::Ends => continue,
        };
        let out = out.get_or_insert_default();
        out.push_str(&text[copied..kept]);
        copied = text.len() - next.len();
    }
    match out {
        None => Cow::Borrowed(text),
        Some(out) => Cow::Owned(out + &text[copied..]),
    }
}

/// How many lines end in a gap between words: "\r\n" is one end, and so is the page's.
fn line_ends(gap: &str) -> usize {
    let gap = gap.replace("\r\n", "\n");
    gap.chars()
        .filter(|c| {
            matches!(c, '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}')
        })
        .count()
}

fn line_end(word: &str, hyphen: char, lines: usize, next: &str) -> LineEnd {
    let (Some(last), Some(first)) = (word.chars().next_back(), next.chars().next()) else {
        return LineEnd::Ends;
    };
    // "Bürger*-\ninnen", "Lehrer/-\ninnen".
    if matches!(last, '/' | '*' | ':' | '_') && first.is_lowercase() {
        return LineEnd::Joins;
    }
    if !last.is_alphanumeric() || !first.is_alphanumeric() {
        return LineEnd::Ends;
    }
    if matches!(hyphen, CUT | '¬') {
        return LineEnd::Cuts;
    }
    // Of "Rhein-Main-Ka-\nnal" only the last part is cut.
    let part = word.rsplit(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
    if leads_on(part, next) {
        return LineEnd::Ends;
    }
    // A number behind an empty line may be the page's.
    if first.is_numeric() {
        return if lines == 1 { LineEnd::Joins } else { LineEnd::Ends };
    }
    // "CDU-\nFraktion", "EU-\nweit", "GmbH-\nanteil", "S-\nbahn", "20-\nprozentig".
    let abbreviated = part.chars().count() == 1 || part.chars().skip(1).any(char::is_uppercase);
    match first.is_uppercase() || abbreviated || last.is_numeric() {
        true => LineEnd::Joins,
        false => LineEnd::Cuts,
    }
}

/// Whether the next word is a conjunction that a hyphen before it waits for.
fn leads_on(part: &str, next: &str) -> bool {
    let next = next.split(char::is_whitespace).next().unwrap_or_default();
    let capitals = part.chars().count() > 1 && part.chars().all(char::is_uppercase);
    // "WASSER-\nUND ABWASSER".
    let next = if capitals { next.to_lowercase() } else { next.to_owned() };
    let bare = next.trim_end_matches([',', ';', ':', ')']);
    let is =
        |word: &str| word == bare || !word.ends_with('.') && word == bare.trim_end_matches('.');
    let noun = part.starts_with(char::is_uppercase) && part.chars().count() >= SHORTEST_NOUN;
    CONJUNCTIONS.iter().any(|word| is(word)) || noun && BEHIND_NOUNS.iter().any(|word| is(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cut_words_are_whole() {
        for (text, is) in [
            ("Der Haushalts-\nplan liegt aus.", "Der Haushaltsplan liegt aus."),
            ("Was-\r\n  serversorgung", "Wasserversorgung"),
            ("Haus-\nhalts-\nsat-\nzung", "Haushaltssatzung"),
            ("Haus\u{ad}\nhalt, Haus¬\nhalt, Haus\u{2010} \nhalt", "Haushalt, Haushalt, Haushalt"),
            ("Rhein-Main-Ka-\nnal", "Rhein-Main-Kanal"),
            ("eine Ver-\u{c}waltung, Ver-\n\nwaltung", "eine Verwaltung, Verwaltung"),
            (
                "so-\nwie, den-\nnoch, nach-\nhaltig, un-\ndicht",
                "sowie, dennoch, nachhaltig, undicht",
            ),
            ("Wasser- und Ab-\nwasser", "Wasser- und Abwasser"),
        ] {
            assert_eq!(joined(text), is, "{text:?}");
        }
    }

    #[test]
    fn hyphens_that_belong_to_the_word_stay_in_it() {
        for (text, is) in [
            ("Ost-\nWest-Straße", "Ost-West-Straße"),
            ("die CDU-\nFraktion", "die CDU-Fraktion"),
            ("EU-\nweit, GmbH-\nanteil, S-\nbahn", "EU-weit, GmbH-anteil, S-bahn"),
            ("Frau Muster-\nBeispiel", "Frau Muster-Beispiel"),
            ("20-\nprozentig, 2020-\n2030, A-\n7", "20-prozentig, 2020-2030, A-7"),
            ("Lehrer/-\ninnen", "Lehrer/-innen"),
        ] {
            assert_eq!(joined(text), is, "{text:?}");
        }
    }

    #[test]
    fn hyphens_that_wait_for_the_rest_and_dashes_stay() {
        for text in [
            "Wasser- und\nAbwasser",
            "Wasser-\nund Abwasser",
            "Wasser-\nbzw. Abwasser",
            "Wasser-\nsowie Abwasser",
            "vor-\noder nachmittags",
            "Montag-\nbis Freitagabend",
            "WASSER-\nUND ABWASSER",
            "Grund-\nu. Hauptschule",
            "das ist -\nwie gesagt -\ngut",
            "Punkte:\n- erstens\n- zweitens",
            "Wasser- und Klärwerk",
            "Ende-\n",
            "Ende-",
            "-\nwie",
            "Sei-\n\n12\n\nte",
            "Markt-\n„Ost“",
            "a –\nb",
        ] {
            assert!(matches!(joined(text), Cow::Borrowed(_)), "{text:?} → {:?}", joined(text));
        }
    }
}
