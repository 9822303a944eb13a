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

    proptest! {
        #[test]
        fn likeness_is_symmetric(a in "[a-z]{1,10}", b in "[a-z]{1,10}") {
            prop_assert!((likeness(&a, &b) - likeness(&b, &a)).abs() < 1e-6);
        }
    }
}
