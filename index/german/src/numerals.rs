//! Numbers as words and words as numbers, from one table: "zweitausendeinundzwanzig" is 2021. Cardinal
//! numbers only, those below a million in one word, as German spells them. What a number counts or
//! names, its user knows.

use std::sync::LazyLock;

use crate::folding::fold;

/// The cardinal numbers below twenty.
const SMALL: [&str; 20] = [
    "null",
    "eins",
    "zwei",
    "drei",
    "vier",
    "fünf",
    "sechs",
    "sieben",
    "acht",
    "neun",
    "zehn",
    "elf",
    "zwölf",
    "dreizehn",
    "vierzehn",
    "fünfzehn",
    "sechzehn",
    "siebzehn",
    "achtzehn",
    "neunzehn",
];
/// The tens, from twenty.
const TENS: [&str; 8] =
    ["zwanzig", "dreißig", "vierzig", "fünfzig", "sechzig", "siebzig", "achtzig", "neunzig"];
const HUNDRED: &str = "hundert";
const THOUSAND: &str = "tausend";
const AND: &str = "und";
/// One, where more follows: "einundzwanzig", "eintausend".
const ONE: &str = "ein";
/// Two, on the telephone.
const TWO: &str = "zwo";

/// Longest word that is read, in bytes; what follows looks into the word again and again. A few numbers
/// are longer (576,685 has 61): to read them would change the index, and so its version.
const LONGEST: usize = 60;

/// The first number that is not one word.
pub const MILLION: u32 = 1_000_000;

/// A number below [`MILLION`] as it is written in words; larger ones in figures.
pub fn spell(n: u32) -> String {
    match (n / 1000, n % 1000) {
        _ if n >= MILLION => n.to_string(),
        (0, 0) => SMALL[0].to_owned(),
        (0, rest) => spell_hundreds(rest, SMALL[1]),
        (thousands, rest) => {
            format!(
                "{}{THOUSAND}{}",
                spell_hundreds(thousands, ONE),
                spell_hundreds(rest, SMALL[1])
            )
        }
    }
}

/// A number below a thousand, nothing for 0; a one at its end is `one`.
fn spell_hundreds(n: u32, one: &str) -> String {
    let digit = |n: usize| if n == 1 { ONE } else { SMALL[n] };
    let (hundreds, rest) = (n as usize / 100, n as usize % 100);
    let head = if hundreds > 0 { format!("{}{HUNDRED}", digit(hundreds)) } else { String::new() };
    let tail = match rest {
        0 => String::new(),
        1 => one.to_owned(),
        2..20 => SMALL[rest].to_owned(),
        _ if rest % 10 == 0 => TENS[rest / 10 - 2].to_owned(),
        _ => format!("{}{AND}{}", digit(rest % 10), TENS[rest / 10 - 2]),
    };
    head + &tail
}

/// All that is said for a number below two hundred, folded: "hundertzwei" as well as "einhundertzwo".
pub fn names(n: u32) -> Vec<String> {
    let spelt = fold(&spell(n));
    let two = spelt.strip_suffix(SMALL[2]).map(|head| format!("{head}{TWO}"));
    let mut names: Vec<String> = std::iter::once(spelt).chain(two).collect();
    if n >= 100 {
        let short = names.iter().filter_map(|name| name.strip_prefix(ONE)).map(str::to_owned);
        names.extend(short.collect::<Vec<_>>());
    }
    names
}

/// The folded table, and what is read besides.
struct Folded {
    small: Vec<String>,
    tens: Vec<String>,
}

static FOLDED: LazyLock<Folded> = LazyLock::new(|| {
    let fold = |words: &[&str]| words.iter().map(|word| fold(word)).collect();
    Folded { small: fold(&SMALL), tens: fold(&TENS) }
});

/// The value of a folded cardinal number in one word, below [`MILLION`]; "ein" alone is one as well.
pub fn read(folded: &str) -> Option<u64> {
    if folded.len() > LONGEST || !folded.is_ascii() {
        return None;
    }
    match folded.split_once(THOUSAND) {
        Some((thousands, rest)) => {
            let thousands = if thousands.is_empty() { 1 } else { read_hundreds(thousands)? };
            Some(thousands * 1000 + rest_of(rest, read_hundreds)?)
        }
        None => read_hundreds(folded),
    }
}

fn read_hundreds(word: &str) -> Option<u64> {
    match word.split_once(HUNDRED) {
        Some((hundreds, rest)) => {
            // Years are counted in hundreds: "neunzehnhundertneunundachtzig".
            let hundreds = if hundreds.is_empty() { 1 } else { below_hundred(hundreds)? };
            (hundreds < 20).then_some(hundreds * 100 + rest_of(rest, below_hundred)?)
        }
        None => below_hundred(word),
    }
}

/// What follows "hundert" or "tausend", which may be nothing.
fn rest_of(rest: &str, read: fn(&str) -> Option<u64>) -> Option<u64> {
    match rest.strip_prefix(AND).unwrap_or(rest) {
        "" => Some(0),
        rest => read(rest),
    }
}

fn below_hundred(word: &str) -> Option<u64> {
    let place = |list: &[String], word: &str| list.iter().position(|w| w == word).map(|p| p as u64);
    let small = |word: &str| if word == TWO { Some(2) } else { place(&FOLDED.small, word) };
    let tens = |word: &str| place(&FOLDED.tens, word).map(|place| place * 10 + 20);
    small(word).or_else(|| tens(word)).or_else(|| {
        // Only "einundzwanzig", "einhundert" and "eintausend" say "ein" for one.
        let (unit, ten) = word.split_once(AND).unwrap_or((word, ""));
        let unit = if unit == ONE { Some(1) } else { small(unit).filter(|u| (1..10).contains(u)) };
        match ten {
            "" => unit.filter(|_| word == ONE),
            ten => Some(unit? + tens(ten)?),
        }
    })
}

/// What a folded word multiplies the number before it by ("Mio.", "Milliarden").
pub fn scale(folded: &str) -> Option<u64> {
    Some(match folded {
        "tausend" | "tsd" => 1_000,
        "million" | "millionen" | "mio" => 1_000_000,
        "milliarde" | "milliarden" | "mrd" => 1_000_000_000,
        "billion" | "billionen" => 1_000_000_000_000,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn numbers_are_spelt_as_german_does() {
        for (n, spelt) in [
            (0, "null"),
            (1, "eins"),
            (16, "sechzehn"),
            (21, "einundzwanzig"),
            (30, "dreißig"),
            (101, "einhunderteins"),
            (1000, "eintausend"),
            (1989, "eintausendneunhundertneunundachtzig"),
            (21_001, "einundzwanzigtausendeins"),
            (999_999, "neunhundertneunundneunzigtausendneunhundertneunundneunzig"),
            (1_000_000, "1000000"),
        ] {
            assert_eq!(spell(n), spelt);
        }
    }

    #[test]
    fn numbers_are_read_as_they_are_said() {
        for (word, value) in [
            ("zwo", Some(2)),
            ("neunzehnhundertneunundachtzig", Some(1989)),
            ("hundertundeins", Some(101)),
            ("zweitausendundeinundzwanzig", Some(2021)),
            ("ein", Some(1)),
            ("und", None),
            ("hundertschaft", None),
            ("fuenfte", None),
            ("", None),
        ] {
            assert_eq!(read(word), value, "{word}");
        }
        assert_eq!(names(2), ["zwei", "zwo"]);
        assert_eq!(names(21), ["einundzwanzig"]);
        assert_eq!(names(100), ["einhundert", "hundert"]);
        assert_eq!(names(102), ["einhundertzwei", "einhundertzwo", "hundertzwei", "hundertzwo"]);
    }

    #[test]
    fn all_names_of_small_numbers_are_read() {
        for n in 0..200 {
            for name in names(n) {
                assert_eq!(read(&name), Some(u64::from(n)), "{name}");
            }
        }
    }

    proptest! {
        #[test]
        fn what_is_spelt_is_read(n in 0u32..MILLION) {
            let spelt = fold(&spell(n));
            prop_assert_eq!(read(&spelt), (spelt.len() <= LONGEST).then_some(u64::from(n)));
        }

        #[test]
        fn nothing_panics(word in "\\PC{0,70}", built in "(ein|und|zwei|hundert|tausend|zig|zwanzig){0,8}") {
            let _ = (read(&word), read(&built), scale(&word));
        }
    }
}
