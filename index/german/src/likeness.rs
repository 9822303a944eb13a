//! How far two folded words are apart, by letters and by sound. Compares what it is given; knows no
//! names.

use crate::sound::cologne;

/// Edits (insert, delete, replace, swap neighbours) from `a` to `b`, by characters: the distance of
/// optimal string alignment, after Damerau (1964) and Levenshtein (1966).
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

/// Whether two folded words begin alike and have most of their letters at both ends in common: quicker than
/// [`likeness`], for many comparisons.
pub fn are_spelt_alike(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let (short, long) = (a.len().min(b.len()), a.len().max(b.len()));
    if short < 4 || short * 10 < long * 6 || a[0] != b[0] {
        return false;
    }
    let front = a.iter().zip(b).take_while(|(a, b)| a == b).count();
    let back = a.iter().rev().zip(b.iter().rev()).take_while(|(a, b)| a == b).count();
    front.saturating_add(back).min(short) * 10 >= long * 6
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

/// How much of a folded name can be heard somewhere in folded text without spaces, and where it ends there:
/// 1 for all its letters in a row. Recognisers set the borders of words elsewhere ("stattradkramme" holds
/// "kramer"); what sounds alike costs less than what does not.
pub fn heard_within(name: &str, text: &str) -> (f32, usize) {
    let (name, text) = (name.as_bytes(), text.as_bytes());
    if name.is_empty() {
        return (0.0, 0);
    }
    // The name may begin and end anywhere in the text (Sellers 1980).
    let mut last = vec![0.0f32; text.len() + 1];
    for (i, letter) in name.iter().enumerate() {
        let mut row = vec![last[0] + left_out(name, i); text.len() + 1];
        for (j, heard) in text.iter().enumerate() {
            let replaced = last[j] + replaced(*letter, *heard);
            let missing = last[j + 1] + left_out(name, i);
            let added = row[j] + left_out(text, j);
            row[j + 1] = replaced.min(missing).min(added);
        }
        last = row;
    }
    let (end, cost) = last
        .iter()
        .enumerate()
        .min_by(|a, b| a.1.total_cmp(b.1))
        .map_or((0, name.len() as f32), |(end, cost)| (end, *cost));
    ((1.0 - cost / name.len() as f32).max(0.0), end)
}

/// What a letter costs that stands in one of two words only: little for a vowel, an "h" or a letter twice.
fn left_out(word: &[u8], at: usize) -> f32 {
    match word[at] {
        letter if at > 0 && word[at - 1] == letter => 0.2,
        b'h' => 0.3,
        b'a' | b'e' | b'i' | b'o' | b'u' | b'y' => 0.5,
        b'r' if at > 0 => 0.6,
        _ => 0.9,
    }
}

/// What one letter for another costs.
fn replaced(a: u8, b: u8) -> f32 {
    const ALIKE: [&[u8]; 8] = [b"bp", b"dt", b"gkcq", b"szcx", b"vfw", b"mn", b"ijy", b"lr"];
    let vowel = |letter: u8| b"aeiouy".contains(&letter);
    match (a, b) {
        (a, b) if a == b => 0.0,
        (a, b) if ALIKE.iter().any(|alike| alike.contains(&a) && alike.contains(&b)) => 0.3,
        (a, b) if vowel(a) && vowel(b) => 0.4,
        _ => 1.0,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_that_sound_alike_are_alike() {
        for (a, b) in
            [("meyer", "maier"), ("kramer", "crama"), ("braun", "proun"), ("wolf", "volf")]
        {
            assert!(likeness(a, b) >= 0.6, "{a} {b} {}", likeness(a, b));
        }
    }

    #[test]
    fn different_names_stay_apart() {
        for (a, b) in [("schmidt", "krug"), ("bauer", "lehmann"), ("wolf", "hofmann")] {
            assert!(likeness(a, b) < 0.6, "{a} {b} {}", likeness(a, b));
        }
    }

    #[test]
    fn names_are_heard_across_the_borders_of_words() {
        for (name, text) in [
            ("kramer", "stattradkramme"),
            ("karmannwoessner", "herrkannmanwoesne"),
            ("wenzel", "kollegewaenzen"),
        ] {
            assert!(heard_within(name, text).0 > 0.68, "{name} {:?}", heard_within(name, text));
        }
        // Whoever was not named fits far worse than whoever was.
        assert!(heard_within("kramer", "bittefraulenz").0 < 0.6);
        assert_eq!(heard_within("lenz", "fraulenzbitte"), (1.0, 8));
    }

    proptest! {
        #[test]
        fn likeness_is_symmetric(a in "[a-z]{1,10}", b in "[a-z]{1,10}") {
            prop_assert!((likeness(&a, &b) - likeness(&b, &a)).abs() < 1e-6);
        }
    }
}
