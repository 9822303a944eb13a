//! The published normaliser of our word error rates. Figures made with different versions are not
//! comparable, so the version is printed with every figure.

use unicode_normalization::UnicodeNormalization;

/// Raised when the same texts would normalise differently.
pub const VERSION: u32 = 1;

/// Written forms that are spoken as other words (after lower-casing, before punctuation goes).
const SPOKEN: &[(&str, &str)] = &[
    ("dr.", "doktor"),
    ("prof.", "professor"),
    ("nr.", "nummer"),
    ("abs.", "absatz"),
    ("art.", "artikel"),
    ("bzw.", "beziehungsweise"),
    ("ca.", "circa"),
    ("z.b.", "zum beispiel"),
    ("d.h.", "das heißt"),
    ("u.a.", "unter anderem"),
    ("usw.", "und so weiter"),
    ("mio.", "millionen"),
    ("mrd.", "milliarden"),
    ("%", "prozent"),
    ("§", "paragraf"),
    ("€", "euro"),
    ("&", "und"),
];

/// One written word as the words that are compared: NFKC, lower case, punctuation dropped,
/// diacritics kept, numbers and abbreviations spelt out. May be several words, or none.
pub fn normalize(word: &str) -> Vec<String> {
    let lower = word.nfkc().collect::<String>().to_lowercase();
    let core = lower.trim_matches(|c: char| "„“”\"'‚‘’()[],;:!?…–—".contains(c));
    if let Some((_, spoken)) = SPOKEN.iter().find(|(written, _)| *written == core) {
        return spoken.split(' ').map(str::to_owned).collect();
    }
    let joined = join_thousands(core);
    joined.split(|c: char| !c.is_alphanumeric()).filter(|p| !p.is_empty()).flat_map(spell).collect()
}

/// A text as the words that are compared.
pub fn words(text: &str) -> Vec<String> {
    text.split_whitespace().flat_map(normalize).collect()
}

/// "5.000" is one number.
fn join_thousands(text: &str) -> String {
    let groups: Vec<&str> = text.split('.').collect();
    let grouped = groups.len() > 1
        && (1..=3).contains(&groups[0].len())
        && groups[1..].iter().all(|g| g.len() == 3)
        && groups.iter().all(|g| g.bytes().all(|b| b.is_ascii_digit()));
    if grouped { groups.concat() } else { text.to_owned() }
}

fn spell(part: &str) -> Vec<String> {
    if !part.bytes().all(|b| b.is_ascii_digit()) {
        return vec![part.to_owned()];
    }
    let zeros = part.bytes().take_while(|b| *b == b'0').count();
    match part.parse::<u32>() {
        Ok(0) => vec!["null".to_owned(); zeros],
        Ok(n) if n < 1_000_000 => {
            let mut spelt = vec!["null".to_owned(); zeros];
            spelt.push(number(n));
            spelt
        }
        _ => vec![part.to_owned()],
    }
}

const SMALL: [&str; 20] = [
    "",
    "ein",
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
const TENS: [&str; 10] = [
    "", "", "zwanzig", "dreißig", "vierzig", "fünfzig", "sechzig", "siebzig", "achtzig", "neunzig",
];

/// 1..1_000_000 in German words, as one word.
fn number(n: u32) -> String {
    match (n / 1000, n % 1000) {
        (0, rest) => below_thousand(rest, "eins"),
        (thousands, 0) => format!("{}tausend", below_thousand(thousands, "ein")),
        (thousands, rest) => {
            format!("{}tausend{}", below_thousand(thousands, "ein"), below_thousand(rest, "eins"))
        }
    }
}

fn below_thousand(n: u32, one: &str) -> String {
    let (hundreds, rest) = (n as usize / 100, n as usize % 100);
    let head = if hundreds > 0 { format!("{}hundert", SMALL[hundreds]) } else { String::new() };
    let tail = match rest {
        1 => one.to_owned(),
        0..20 => SMALL[rest].to_owned(),
        _ if rest % 10 == 0 => TENS[rest / 10].to_owned(),
        _ => format!("{}und{}", SMALL[rest % 10], TENS[rest / 10]),
    };
    head + &tail
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn written_and_spoken_forms_meet() {
        for (written, spoken) in [
            ("MV-0029/21:", "MV null null neunundzwanzig einundzwanzig"),
            ("5.000 €", "fünftausend Euro"),
            ("„Straße“", "straße"),
            ("2021", "zweitausendeinundzwanzig"),
            ("101", "einhunderteins"),
            ("§ 36", "Paragraf sechsunddreißig"),
            ("Dr. Müller,", "Doktor Müller"),
        ] {
            assert_eq!(words(written), words(spoken));
        }
        assert_ne!(words("Müller"), words("Muller"), "diacritics are kept");
        assert!(words("– … !").is_empty());
    }
}
