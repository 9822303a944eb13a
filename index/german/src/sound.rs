//! How words sound to a German ear: by a code that only consonants make, and letter by letter.

/// The Cologne code (Postel 1969, "Kölner Phonetik") of a word in lower case: equal for words that sound
/// alike to a German ear ("Meyer", "Maier"). Anything but a to z is dropped;
/// umlauts written out sound as they do.
pub fn cologne(word: &str) -> String {
    let letters: Vec<char> = word.chars().filter(char::is_ascii_lowercase).collect();
    coded(&letters, letters.len())
}

/// The code of the first `end` letters, of which each is heard by its neighbours.
fn coded(letters: &[char], end: usize) -> String {
    let mut raw: Vec<u8> = Vec::with_capacity(letters.len());
    for (i, &c) in letters[..end].iter().enumerate() {
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

/// Shortest code that still tells names apart where an r is not heard.
const MIN_VOWEL_R: usize = 3;

/// The Cologne code of a word as it is said: doubled letters count once ("Gotschalk" is "Gottschalk"), and an
/// r between a vowel and a consonant or the end is a vowel ("Karniel" is "Kaniel", "Gudajan" "Guderjahn"),
/// unless too little is left to tell a name.
pub fn spoken_code(word: &str) -> String {
    let letters = once(word);
    let without = without_vowel_r(&letters, letters.len());
    let code = coded(&without, without.len());
    match code.len() >= MIN_VOWEL_R {
        true => code,
        false => coded(&letters, letters.len()),
    }
}

/// Whether a word that begins so can have this [`spoken_code`]. Asked for every beginning on the way through a
/// dictionary, so it allocates nothing.
pub fn may_have_code(beginning: &str, code: &str) -> bool {
    may_begin(beginning, code, true) || may_begin(beginning, code, false)
}

/// The same, with each r that may be said as a vowel left out, or none.
fn may_begin(beginning: &str, code: &str, without_r: bool) -> bool {
    let bytes = beginning.as_bytes();
    let code = code.as_bytes();
    let is_vowel = |c: u8| matches!(c, b'a' | b'e' | b'i' | b'o' | b'u' | b'y');
    // The next letter that is another one, and that one's place.
    let next = |at: usize| {
        let other = |n: &usize| bytes[*n].is_ascii_lowercase() && bytes[*n] != bytes[at];
        (at + 1..bytes.len()).find(other)
    };
    let (mut matched, mut last_digit, mut before, mut at) = (0, None, None, 0);
    while at < bytes.len() && !bytes[at].is_ascii_lowercase() {
        at += 1;
    }
    // How the last letter sounds, and whether an r before it is one, the next letter decides.
    while let Some(behind) = next(at) {
        let (letter, after) = (bytes[at], bytes[behind]);
        at = behind;
        let spoken_before: Option<u8> = before;
        let is_dropped =
            without_r && letter == b'r' && spoken_before.is_some_and(is_vowel) && !is_vowel(after);
        if is_dropped {
            continue;
        }
        // Behind an r that is left out, the same letter is doubled no more than before it.
        let digits = match code_of(letter, spoken_before, Some(after)) {
            Some(48) => [Some(4), Some(8)],
            digit => [digit, None],
        };
        before = Some(letter);
        for digit in digits.into_iter().flatten() {
            if last_digit.replace(digit) == Some(digit) || digit == 0 && matched > 0 {
                continue;
            }
            if code.get(matched) != Some(&(b'0' + digit)) {
                return false;
            }
            matched += 1;
        }
    }
    true
}

fn code_of(letter: u8, before: Option<u8>, after: Option<u8>) -> Option<u8> {
    code(letter.into(), before.map(char::from), after.map(char::from))
}

/// The letters of a word, doubled ones once.
fn once(word: &str) -> Vec<char> {
    let mut letters: Vec<char> = word.chars().filter(char::is_ascii_lowercase).collect();
    letters.dedup();
    letters
}

/// The letters without each r among the first `end` that is said as a vowel.
fn without_vowel_r(letters: &[char], end: usize) -> Vec<char> {
    let is_vowel = |c: Option<&char>| c.is_some_and(|c| "aeiouy".contains(*c));
    let is_said = |i: usize| {
        let behind_vowel = i > 0 && is_vowel(letters.get(i - 1));
        letters[i] != 'r' || i >= end || !behind_vowel || is_vowel(letters.get(i + 1))
    };
    (0..letters.len()).filter(|i| is_said(*i)).map(|i| letters[i]).collect()
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

/// A word folded by ear as it is heard, with its vowels: letters that recognisers and writers mix up
/// made one (b/p, d/t, g/k/c/q, f/v/w/ph/pf, s/z/ß, i/y/ie, ei/ai), doubled ones once, no silent h, and
/// "-er" where the unstressed "-a" was written.
pub fn heard(folded: &str) -> String {
    let mut word = folded.to_owned();
    for (written, spoken) in [
        ("pf", "f"),
        ("ph", "f"),
        ("th", "t"),
        ("tz", "s"),
        ("ts", "s"),
        ("ck", "k"),
        ("x", "ks"),
        ("ai", "ei"),
        ("ay", "ei"),
        ("ey", "ei"),
        ("ie", "i"),
        ("oi", "eu"),
        ("au", "ou"),
    ] {
        word = word.replace(written, spoken);
    }
    let mut letters: Vec<char> = Vec::with_capacity(word.len());
    for c in word.chars() {
        let sound = match c {
            'p' => 'b',
            't' => 'd',
            'k' | 'c' | 'q' => 'g',
            'v' | 'w' => 'f',
            'z' => 's',
            'y' => 'i',
            'h' if !letters.is_empty() => continue,
            c => c,
        };
        if letters.last() != Some(&sound) {
            letters.push(sound);
        }
    }
    let word: String = letters.into_iter().collect();
    let ending = [("a", "er"), ("as", "ers")]
        .into_iter()
        .find_map(|(heard, meant)| Some(format!("{}{meant}", word.strip_suffix(heard)?)))
        .filter(|word| word.len() > 4);
    ending.unwrap_or(word)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_that_sound_alike_share_a_code() {
        for (a, b) in
            [("meyer", "maier"), ("braun", "proun"), ("wolf", "volf"), ("philippi", "filippi")]
        {
            assert_eq!(cologne(a), cologne(b), "{a} {b}");
        }
        assert_eq!(cologne("muellerluedenscheidt"), "65752682");
    }

    #[test]
    fn misheard_names_share_a_spoken_code() {
        for (a, b) in [("gottschalk", "gotschalk"), ("karniel", "canehl"), ("guderjahn", "gudajan")]
        {
            assert_eq!(spoken_code(a), spoken_code(b), "{a} {b}");
        }
        for (a, b) in [("berg", "beck"), ("werner", "wehner")] {
            assert_ne!(spoken_code(a), spoken_code(b), "{a} {b}");
        }
    }

    proptest! {
        /// Whoever walks words letter by letter meets no dead end on the way to one that has the code.
        #[test]
        fn every_beginning_may_have_the_code_of_the_whole(word in "[a-z]{1,14}", length in 0usize..14) {
            let code = spoken_code(&word);
            prop_assert!(may_have_code(&word[..length.min(word.len())], &code), "{word}");
        }
    }

    #[test]
    fn letters_that_are_mixed_up_are_heard_as_one() {
        for (a, b) in [("pfannkuch", "fannguch"), ("mayer", "meier"), ("kramer", "krama")] {
            assert_eq!(heard(a), heard(b), "{a} {b}");
        }
        assert_ne!(heard("kramer"), heard("krumer"));
    }
}
