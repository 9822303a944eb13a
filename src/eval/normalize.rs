//! The published normaliser of our word error rates. Figures made with different versions are not
//! comparable, so the version is printed with every figure.

use mitschnitt_german::{abbreviations, numerals};
use unicode_normalization::UnicodeNormalization;

/// Raised when the same texts would normalise differently.
pub const VERSION: u32 = 1;

/// One written word as the words that are compared: NFKC, lower case, punctuation dropped,
/// diacritics kept, numbers and abbreviations spelt out. May be several words, or none.
pub fn normalize(word: &str) -> Vec<String> {
    let lower = word.nfkc().collect::<String>().to_lowercase();
    let core = lower.trim_matches(|c: char| "„“”\"'‚‘’()[],;:!?…–—".contains(c));
    if let Some(spoken) = abbreviations::spoken(core) {
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
        Ok(0) => vec![numerals::spell(0); zeros],
        Ok(n) if n < numerals::MILLION => {
            let mut spelt = vec![numerals::spell(0); zeros];
            spelt.push(numerals::spell(n));
            spelt
        }
        _ => vec![part.to_owned()],
    }
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

    /// Numbers and abbreviations come from lists that others use too: who changes these raises
    /// [`VERSION`] and writes the new value here.
    #[test]
    fn what_is_spelt_out_is_that_of_its_version() {
        let hash = |hash: u64, text: &str| {
            let bytes = text.bytes().chain([0]);
            bytes.fold(hash, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3))
        };
        let numbers = (0..=1_000_000u32).flat_map(|n| normalize(&n.to_string()));
        let numbers = numbers.fold(0xcbf2_9ce4_8422_2325, |h, word| hash(h, &word));
        assert_eq!((VERSION, numbers), (1, 0x1e83_4e35_3bf6_ca6d));
        let mut spoken: Vec<String> = abbreviations::all_spoken()
            .map(|(written, spoken)| format!("{written} {spoken}"))
            .collect();
        spoken.sort_unstable();
        #[rustfmt::skip]
        assert_eq!((VERSION, spoken.join("; ")), (1,
            "% prozent; & und; abs. absatz; art. artikel; bzw. beziehungsweise; ca. circa; d.h. das heißt; \
             dr. doktor; mio. millionen; mrd. milliarden; nr. nummer; prof. professor; u.a. unter anderem; \
             usw. und so weiter; z.b. zum beispiel; § paragraf; € euro".to_owned()));
    }
}
