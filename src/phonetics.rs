//! How words sound and how far apart they are: folding, Cologne phonetics, edit distance, stems.
//! Owns string comparison only; knows no roster and no agenda.

/// Lower case, umlauts and accents to their base letters, everything but letters and digits away.
pub fn fold(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars().flat_map(char::to_lowercase) {
        match c {
            'ä' | 'à' | 'á' | 'â' | 'ã' | 'å' | 'ă' | 'ą' => out.push('a'),
            'ö' | 'ó' | 'ò' | 'ô' | 'ø' | 'ő' | 'õ' => out.push('o'),
            'ü' | 'ú' | 'ù' | 'û' | 'ű' | 'ů' => out.push('u'),
            'ß' => out.push_str("ss"),
            'é' | 'è' | 'ê' | 'ë' | 'ě' | 'ę' => out.push('e'),
            'í' | 'ì' | 'î' | 'ï' | 'ı' => out.push('i'),
            'ç' | 'ć' | 'č' => out.push('c'),
            'ş' | 'š' | 'ś' => out.push('s'),
            'ğ' => out.push('g'),
            'ñ' | 'ń' | 'ň' => out.push('n'),
            'ł' => out.push('l'),
            'ž' | 'ż' | 'ź' => out.push('z'),
            'ý' => out.push('y'),
            c if c.is_alphanumeric() => out.push(c),
            _ => {}
        }
    }
    out
}

/// The Cologne code (Postel 1969, "Kölner Phonetik") of a folded word: equal for words that sound
/// alike to a German ear ("Meyer", "Maier"). Digits in the word are dropped.
pub fn cologne(folded: &str) -> String {
    let letters: Vec<char> = folded.chars().filter(char::is_ascii_lowercase).collect();
    let mut raw: Vec<u8> = Vec::with_capacity(letters.len());
    for (i, &c) in letters.iter().enumerate() {
        let before = i.checked_sub(1).map(|j| letters[j]);
        let after = letters.get(i + 1).copied();
        match code(c, before, after) {
            Some(48) => raw.extend([4, 8]),
            Some(digit) => raw.push(digit),
            None => {}
        }
    }
    raw.dedup();
    raw.iter()
        .enumerate()
        .filter(|(i, d)| *i == 0 || **d != 0)
        .map(|(_, d)| char::from(b'0' + d))
        .collect()
}

/// One letter's digit by its neighbours; 48 stands for "4 then 8" (x).
fn code(c: char, before: Option<char>, after: Option<char>) -> Option<u8> {
    let next_in = |set: &str| after.is_some_and(|a| set.contains(a));
    Some(match c {
        'a' | 'e' | 'i' | 'j' | 'o' | 'u' | 'y' => 0,
        'b' => 1,
        'p' => {
            if after == Some('h') {
                3
            } else {
                1
            }
        }
        'd' | 't' => {
            if next_in("csz") {
                8
            } else {
                2
            }
        }
        'f' | 'v' | 'w' => 3,
        'g' | 'k' | 'q' => 4,
        'c' => match before {
            None => {
                if next_in("ahkloqrux") {
                    4
                } else {
                    8
                }
            }
            Some('s' | 'z') => 8,
            Some(_) => {
                if next_in("ahkoqux") {
                    4
                } else {
                    8
                }
            }
        },
        'x' => {
            if matches!(before, Some('c' | 'k' | 'q')) {
                8
            } else {
                48
            }
        }
        'l' => 5,
        'm' | 'n' => 6,
        'r' => 7,
        's' | 'z' => 8,
        _ => return None,
    })
}

/// Edits (insert, delete, replace, swap neighbours) from `a` to `b`, by characters.
pub fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i; b.len() + 1];
        for j in 1..=b.len() {
            let replaced = last[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            row[j] = replaced.min(last[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                row[j] = row[j].min(before[j - 2] + 1);
            }
        }
        before = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

/// How alike two folded names are, 0..=1; 1 only for the same letters. Below 0.6 means "no".
/// An unstressed "-er" is heard as "-a".
pub fn likeness(a: &str, b: &str) -> f32 {
    let heard = match (a.strip_suffix('a'), b.strip_suffix('a')) {
        (Some(a), None) if b.ends_with("er") => alike(&format!("{a}er"), b),
        (None, Some(b)) if a.ends_with("er") => alike(a, &format!("{b}er")),
        _ => 0.0,
    };
    alike(a, b).max(0.95 * heard)
}

fn alike(a: &str, b: &str) -> f32 {
    if a == b {
        return 1.0;
    }
    let longest = a.chars().count().max(b.chars().count());
    let shortest = a.chars().count().min(b.chars().count());
    if shortest < 2 || longest - shortest > 3 {
        return 0.0;
    }
    let letters = 1.0 - distance(a, b) as f32 / longest as f32;
    let (ca, cb) = (cologne(a), cologne(b));
    if ca == cb && !ca.is_empty() {
        return (0.75 + 0.2 * letters).min(0.95);
    }
    let sounds = 1.0 - distance(&ca, &cb) as f32 / ca.len().max(cb.len()).max(1) as f32;
    if shortest < 4 { 0.0 } else { 0.55 * letters + 0.4 * sounds }
}

/// A folded word without its inflection, so that "Satzungen" meets "Satzung". Crude on purpose:
/// both sides of a comparison are cut the same way.
pub fn stem(folded: &str) -> &str {
    for ending in ["en", "er", "es", "em", "e", "s", "n"] {
        if let Some(cut) = folded.strip_suffix(ending)
            && cut.len() >= 4
        {
            return cut;
        }
    }
    folded
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_that_sound_alike_share_a_code() {
        for (a, b) in
            [("meyer", "maier"), ("kramer", "crama"), ("braun", "proun"), ("wolf", "volf")]
        {
            assert!(likeness(a, b) >= 0.6, "{a} {b} {}", likeness(a, b));
        }
        assert_eq!(cologne("mullerludenscheidt"), "65752682");
    }

    #[test]
    fn different_names_stay_apart() {
        for (a, b) in [("schmidt", "krug"), ("bauer", "lehmann"), ("wolf", "hofmann")] {
            assert!(likeness(a, b) < 0.6, "{a} {b} {}", likeness(a, b));
        }
    }

    proptest! {
        #[test]
        fn likeness_is_symmetric(a in "[a-z]{1,10}", b in "[a-z]{1,10}") {
            prop_assert!((likeness(&a, &b) - likeness(&b, &a)).abs() < 1e-6);
        }
    }
}
