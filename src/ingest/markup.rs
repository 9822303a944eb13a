//! HTML in texts that should have none: tags and character references, also those that were escaped twice.
//! Owns what counts as a tag: the name of one of HTML's elements with attributes as HTML writes them.
//! Refuses to make HTML safe: what it gives is text, to be escaped where it is shown.

use std::borrow::Cow;

/// A text escaped by so many programs in a row is still read.
const MOST_ROUNDS: usize = 4;

/// The text without tags and with the characters that references stand for; owned only where that changes
/// something. What ends a line or block in HTML ends a line.
pub fn plain(text: &str) -> Cow<'_, str> {
    let mut read = Cow::Borrowed(text);
    for _ in 0..MOST_ROUNDS {
        let without_tags = replaced(&read, '<', tag);
        let next = replaced(without_tags.as_deref().unwrap_or(&read), '&', reference);
        match next.or(without_tags) {
            Some(next) => read = Cow::Owned(next),
            None => break,
        }
    }
    read
}

/// How many bytes something takes, and what it stands for.
type Replacement = (usize, Cow<'static, str>);

/// The text with each `sign` replaced that `known` knows: by what it stands for, with the bytes that it takes
/// from the sign on. `None` where it knows none.
fn replaced(text: &str, sign: char, known: fn(&str) -> Option<Replacement>) -> Option<String> {
    let mut out: Option<String> = None;
    let (mut copied, mut from) = (0, 0);
    while let Some(found) = text[from..].find(sign) {
        let at = from + found;
        from = at + sign.len_utf8();
        if let Some((length, meaning)) = known(&text[at..]) {
            let out = out.get_or_insert_default();
            out.push_str(&text[copied..at]);
            out.push_str(&meaning);
            (copied, from) = (at + length, at + length);
        }
    }
    let mut out = out?;
    out.push_str(&text[copied..]);
    Some(out)
}

/// Elements that stand on lines of their own, or end one.
const BLOCKS: &[&str] = &[
    "address",
    "article",
    "aside",
    "blockquote",
    "body",
    "br",
    "caption",
    "center",
    "dd",
    "div",
    "dl",
    "dt",
    "fieldset",
    "figcaption",
    "figure",
    "footer",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "head",
    "header",
    "hr",
    "html",
    "li",
    "main",
    "nav",
    "ol",
    "p",
    "pre",
    "section",
    "table",
    "tbody",
    "tfoot",
    "thead",
    "tr",
    "ul",
];

/// Elements between words.
const GAPS: &[&str] = &["iframe", "img", "input", "object", "td", "th"];

/// Elements within a line, also within a word.
const INLINE: &[&str] = &[
    "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "col", "colgroup", "del",
    "dfn", "em", "font", "i", "ins", "kbd", "label", "link", "mark", "meta", "nobr", "s", "samp",
    "small", "span", "strike", "strong", "sub", "sup", "time", "tt", "u", "var", "wbr",
];

/// Elements whose content is not text.
const UNSEEN: &[&str] = &["script", "style"];

/// Attributes that need no value.
const BARE_ATTRIBUTES: &[&str] =
    &["checked", "compact", "disabled", "hidden", "nohref", "noshade", "nowrap", "reversed"];

/// What a tag or comment at the start of `text` stands for, and its length in bytes.
fn tag(text: &str) -> Option<Replacement> {
    if text.starts_with("<!--") {
        return text.find("-->").map(|end| (end + 3, "".into()));
    }
    if starts_with(text, "<!doctype") || starts_with(text, "<?xml") {
        return text.find('>').map(|end| (end + 1, "".into()));
    }
    let closes = text.starts_with("</");
    let from = if closes { 2 } else { 1 };
    let name = &text[from..];
    let name = &name[..name.find(|c: char| !c.is_ascii_alphanumeric() && c != ':')?];
    let end = from + name.len();
    let (length, attributes) = attributes(&text[end..])?;
    let end = end + length;
    let name = name.to_ascii_lowercase();
    let is = |elements: &[&str]| elements.contains(&name.as_str());
    // "Variante <A>" is no link.
    if name == "a" && !closes && attributes == 0 {
        return None;
    }
    if is(UNSEEN) {
        let close = format!("</{name}");
        let rest = &text[end..];
        let content = rest.to_ascii_lowercase().find(&close).filter(|_| !closes);
        let close = content.and_then(|at| Some(at + rest[at..].find('>')? + 1)).unwrap_or(0);
        return Some((end + close, "".into()));
    }
    let meaning = match () {
        () if is(BLOCKS) => "\n",
        () if is(GAPS) => " ",
        // Word writes <o:p> and <st1:place>.
        () if is(INLINE) || name.contains(':') => "",
        () => return None,
    };
    Some((end, meaning.into()))
}

/// The length of attributes with the `>` behind them, and how many they are; `None` where this is no tag.
fn attributes(text: &str) -> Option<(usize, usize)> {
    let mut rest = text;
    for attributes in 0.. {
        let spaced = rest.starts_with(|c: char| c.is_whitespace());
        rest = rest.trim_start();
        let closed = rest.strip_prefix('/').map_or(rest, str::trim_start);
        if let Some(behind) = closed.strip_prefix('>') {
            return Some((text.len() - behind.len(), attributes));
        }
        let name = &rest[..rest.find(|c: char| !is_of_attribute(c)).unwrap_or(rest.len())];
        if !spaced || name.is_empty() {
            return None;
        }
        rest = &rest[name.len()..];
        match rest.trim_start().strip_prefix('=') {
            Some(value) => rest = behind_value(value.trim_start())?,
            None if BARE_ATTRIBUTES.contains(&name.to_ascii_lowercase().as_str()) => {}
            None => return None,
        }
    }
    None
}

fn is_of_attribute(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | ':' | '.')
}

fn behind_value(text: &str) -> Option<&str> {
    match text.chars().next()? {
        quote @ ('"' | '\'') => text[1..].split_once(quote).map(|(_, behind)| behind),
        _ => {
            let end = text.find(|c: char| c.is_whitespace() || "<>\"'".contains(c))?;
            (end > 0).then_some(&text[end..])
        }
    }
}

fn starts_with(text: &str, lower: &str) -> bool {
    text.get(..lower.len()).is_some_and(|start| start.eq_ignore_ascii_case(lower))
}

/// References that are read without their semicolon, too: no German word begins like them.
const UNENDED: [&str; 8] = ["auml", "ouml", "uuml", "Auml", "Ouml", "Uuml", "szlig", "nbsp"];

/// The character that a reference at the start of `text` stands for, and its length in bytes.
fn reference(text: &str) -> Option<Replacement> {
    let name = &text[1..];
    if let Some(number) = name.strip_prefix('#') {
        return numbered(number).map(|(length, c)| (length + 2, c.to_string().into()));
    }
    let end = name.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(name.len());
    if name[end..].starts_with(';')
        && let Some(meaning) = named(&name[..end])
    {
        return Some((end + 2, meaning.into()));
    }
    let unended = UNENDED.into_iter().find(|known| name.starts_with(known))?;
    named(unended).map(|meaning| (unended.len() + 1, meaning.into()))
}

fn named(name: &str) -> Option<&'static str> {
    let table = &html_escape::NAMED_ENTITIES;
    let place = table.binary_search_by(|(known, _)| (*known).cmp(name.as_bytes())).ok()?;
    Some(table[place].1)
}

/// The character of "252;", "xFC;" and the like, and how long that is.
fn numbered(text: &str) -> Option<(usize, char)> {
    let (sign, radix) = if text.starts_with(['x', 'X']) { (1, 16) } else { (0, 10) };
    let digits = &text[sign..];
    let end = digits.find(|c: char| !c.is_digit(radix)).unwrap_or(digits.len());
    let code = u32::from_str_radix(&digits[..end], radix).ok()?;
    let c = match u8::try_from(code) {
        Ok(byte) => windows_1252(byte),
        Err(_) => char::from_u32(code)?,
    };
    let ended = digits[end..].starts_with(';');
    let length = sign + end + usize::from(ended);
    let is_text = !c.is_control() || matches!(c, '\t' | '\n' | '\r');
    // What is not ended is one only where it cannot be meant otherwise: "&#252r" is, "&#1" is not.
    (is_text && (ended || code >= 160)).then_some((length, c))
}

/// Windows-1252 agrees with Latin-1 but for these (WHATWG Encoding); HTML's numbers mean it, too.
pub fn windows_1252(byte: u8) -> char {
    const C1: [char; 32] = [
        '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž',
        '\u{8f}', '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}',
        'ž', 'Ÿ',
    ];
    match byte {
        0x80..=0x9f => C1[usize::from(byte - 0x80)],
        _ => char::from(byte),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_of_every_kind_are_read() {
        for (text, is) in [
            ("f&uuml;r Stra&szlig;enbau &amp; Verkehr", "für Straßenbau & Verkehr"),
            ("&bdquo;Zwergenland&ldquo; &ndash; &sect;&nbsp;5", "„Zwergenland“ – §\u{a0}5"),
            ("B&#252;rger &#8222;x&#8220; &#x2013; &#XE4;", "Bürger „x“ – ä"),
            ("&#150; &#132;x&#147; &#128;", "– „x“ €"),
            ("F&uumlr Stra&szlige, B&#252rger", "Für Straße, Bürger"),
            ("K&amp;auml;se &amp;amp; Brot &amp;lt;br&amp;gt;neu", "Käse & Brot \nneu"),
            ("&quot;Radweg&quot; &apos;s&apos; &#39;t&#39;", "\"Radweg\" 's' 't'"),
            ("&Scaron;koda &Ccaron;apek &lstrok;", "Škoda Čapek ł"),
            ("a &lt; b &gt; c", "a < b > c"),
        ] {
            assert_eq!(plain(text), is, "{text}");
        }
    }

    #[test]
    fn tags_end_lines_or_nothing() {
        for (text, is) in [
            ("<p>Eins</p><p>Zwei</p>", "\nEins\n\nZwei\n"),
            ("Stra<b>ßen</b>bau, <STRONG>neu</STRONG>", "Straßenbau, neu"),
            ("<a href=\"https://x.example/?a>b\" target=_blank>Link</a>", "Link"),
            ("<span style='color:red' nowrap>x</span ><br/><br /><BR>", "x\n\n\n"),
            ("&lt;p&gt;Alt &amp;bdquo;neu&amp;ldquo;&lt;/p&gt;", "\nAlt „neu“\n"),
            ("<o:p></o:p><!-- Rand -->x<style>p{color:red}</style>y", "xy"),
            ("<td>1</td><td>2</td>", " 1  2 "),
        ] {
            assert_eq!(plain(text), is, "{text}");
        }
    }

    #[test]
    fn what_people_write_stays() {
        for text in [
            "a < b",
            "a<b",
            "5 & 6",
            "R&D",
            "R&D; F&E",
            "<3",
            "AT&T",
            "x<y>z",
            "<Name>",
            "1 < 2 > 0",
            "a<b und c>d",
            "if a<p, b>0",
            "Variante <A>",
            "&",
            "&;",
            "&#;",
            "&#x;",
            "&unbekannt;",
            "<",
            "</",
            "<b",
            "< b >",
            "<>",
            "Müller&Söhne",
            "Recht&paragraf",
            "&#1",
            "&#0;",
            "&#99999999999;",
            "Klasse <10 Jahre>",
            "<b&gt",
            "<->",
            "<= 5",
            "=>",
        ] {
            let read = plain(text);
            assert_eq!(read, text);
            assert!(matches!(read, Cow::Borrowed(_)), "{text}");
        }
    }
}
