//! Texts as foreign programs write them → as people read them: HTML's tags and character references
//! become what they stand for, words that a line's end cut become whole. Refuses to take for markup what
//! people write themselves ("a < b", "R&D", "<3").

use std::borrow::Cow;

use super::hyphens;
use super::markup;

/// Text on one line, without markup and control characters; nothing if nothing is left ("N/A" is nothing).
pub fn line(text: &str) -> Option<String> {
    let plain = markup::plain(text);
    let line = one_line(&visible(&hyphens::joined(&plain)));
    is_something(&line).then_some(line)
}

/// What was said, with its line breaks, in which nothing is changed but markup and cut words.
pub fn paragraphs(text: &str) -> String {
    let plain = markup::plain(text);
    let whole = hyphens::joined(&plain);
    let visible = visible(&whole);
    match plain {
        Cow::Borrowed(_) => visible.into_owned(),
        // Tags leave blanks and empty lines behind.
        Cow::Owned(_) => {
            let lines: Vec<String> = visible.lines().map(one_line).collect();
            let mut kept = lines.into_iter().filter(|line| !line.is_empty());
            let first = kept.next().unwrap_or_default();
            kept.fold(first, |text, line| text + "\n" + &line)
        }
    }
}

/// A line as this program read it before it knew markup: what was named or hashed then is known again
/// by it.
pub fn former_line(text: &str) -> String {
    one_line(text)
}

/// A text as it was read before this program knew markup, where that makes a difference.
pub fn former(text: &str) -> Option<String> {
    matches!(markup::plain(text), Cow::Owned(_)).then(|| text.to_owned())
}

/// Whether a text says anything: blanks and "N/A" do not.
pub fn is_something(text: &str) -> bool {
    let text = text.trim();
    !text.is_empty() && !text.eq_ignore_ascii_case("n/a")
}

fn one_line(text: &str) -> String {
    let words = text.split(|c: char| c.is_whitespace() || c.is_control());
    words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// Without characters that only say where a word may be cut.
fn visible(text: &str) -> Cow<'_, str> {
    const INVISIBLE: [char; 4] = ['\u{ad}', '\u{200b}', '\u{2060}', '\u{feff}'];
    match text.contains(INVISIBLE) {
        true => Cow::Owned(text.replace(INVISIBLE, "")),
        false => Cow::Borrowed(text),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_text_is_read_and_reading_it_again_changes_nothing_of_plain_text(
            text in "[a-zäöüß &;#x0-9<>/=\"\\-\\n\u{ad}A-C!]{0,60}",
        ) {
            let once = paragraphs(&text);
            prop_assert!(once.len() <= text.len() + 8);
            let _ = line(&text);
            if !text.contains(['&', '<', '-', '\u{ad}']) {
                prop_assert_eq!(once, text);
            }
        }
    }

    #[test]
    fn lines_have_neither_markup_nor_breaks() {
        for (text, is) in [
            (
                "Errichtung der Kindertagesst&auml;tte &bdquo;Zwergenland&ldquo;<br />Beschluss",
                "Errichtung der Kindertagesstätte „Zwergenland“ Beschluss",
            ),
            ("<p>Umgestaltung\tLindenplatz</p>\r\n", "Umgestaltung Lindenplatz"),
            ("Neubau der Was-\nserleitung", "Neubau der Wasserleitung"),
            ("Wasser-<br/>und Abwasser", "Wasser- und Abwasser"),
            ("W&auml;rme&shy;planung", "Wärmeplanung"),
            ("5&nbsp;000&nbsp;&euro;", "5 000 €"),
        ] {
            assert_eq!(line(text).as_deref(), Some(is), "{text}");
        }
        for nothing in ["", " ", "<p>&nbsp;</p>", "n/a", "<br>", "&#8203;"] {
            assert_eq!(line(nothing), None, "{nothing}");
        }
    }

    #[test]
    fn speeches_keep_their_paragraphs_and_plain_ones_every_blank() {
        let html = "<p>Guten Abend,<br>liebe G&auml;ste.</p>\n<p>Der Haus-<br />halt ist gr&ouml;&szlig;er.</p>";
        assert_eq!(paragraphs(html), "Guten Abend,\nliebe Gäste.\nDer Haushalt ist größer.");
        let plain = " Ein  Satz.\n\n Noch einer – a < b. ";
        assert_eq!(paragraphs(plain), plain);
    }

    #[test]
    fn what_was_read_otherwise_before_is_known() {
        assert_eq!(former_line("F&uuml;r\n  alle"), "F&uuml;r alle");
        assert_eq!(former("R&D, 5 < 6"), None);
        assert_eq!(former("<b>Rat</b>").as_deref(), Some("<b>Rat</b>"));
    }
}
