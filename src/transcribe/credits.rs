//! Lines that Whisper learnt from the credits of films and says into music and silence: "Untertitelung des
//! ZDF, 2020", "Copyright WDR", "Untertitel von Stephanie Geiges". Owns what counts as one, in any spelling;
//! refuses to decide what becomes of it. Words that people in a meeting say alone ("Vielen Dank") are none.

use mitschnitt_german::folding::fold;
use mitschnitt_german::numerals;

/// Who broadcasts in German, as folded; of names in several words those that say enough.
const BROADCASTERS: &str = "\
    3sat ard arddeutschland ardalpha ardtext arte br daserste deutschlandfunk dlf drs dw funk hr kika \
    mdr ndr orf phoenix prosieben radiobremen rb rbb rtl sat1 sf sr srf swr vox wdr zdf zdfinfo zdfneo \
    rundfunk suedwestrundfunk mitteldeutscher norddeutscher westdeutscher hessischer bayerischer \
    saarlaendischer oesterreichischer schweizer";

/// What credits are about.
const CREDITS: &str = "\
    untertitel untertitelt untertitelung untertitelungen liveuntertitel liveuntertitelung copyright \
    copyrights textung untertitelredaktion amara amaraorg";

/// What stands around it.
const AROUND: &str = "\
    im in auftrag auftrage des der die das dem von vom fuer durch by mit und the of text erstellt bearbeitet \
    bearbeitung aufgrund community org com www de rechte alle vorbehalten deutsche deutschen deutscher";

/// Behind these stands somebody's name.
const BY: [&str; 3] = ["von", "durch", "by"];
/// Of at most so many words.
const LONGEST_NAME: usize = 3;

/// Years of films.
const YEARS: std::ops::RangeInclusive<u64> = 1950..=2099;

/// What viewers are told at the end; anything may follow that is no longer than [`LONGEST_TAIL`].
const FAREWELLS: &[&str] = &[
    "vielen dank fürs zuschauen",
    "danke fürs zuschauen",
    "vielen dank fürs zusehen",
    "vielen dank für ihr zuschauen",
    "vielen dank für s zuschauen",
    "bis zum nächsten mal tschüss",
    "abonniert den kanal",
    "abonniere den kanal",
    "vergesst nicht zu abonnieren",
    "das war s für heute bis zum nächsten mal",
    "mehr informationen auf www",
];
/// Bytes.
const LONGEST_TAIL: usize = 24;
/// What is said of sounds.
const SOUNDS: &[&str] = &["musik", "applaus"];

/// Whether a text, in lower case without punctuation and its spaces single, is nothing but such a line.
pub(super) fn is_credit(bare: &str) -> bool {
    let is_farewell = FAREWELLS.iter().any(|phrase| {
        bare.strip_prefix(phrase).is_some_and(|tail| {
            tail.is_empty() || tail.starts_with(' ') && tail.len() <= LONGEST_TAIL
        })
    });
    is_farewell || SOUNDS.contains(&bare) || is_made_of_credits(bare)
}

/// Whether all words belong to credits, and enough of them to no other sentence.
fn is_made_of_credits(bare: &str) -> bool {
    let words = spelt_together(bare);
    let (mut credits, mut broadcasters, mut years, mut orders) = (0, 0, 0, 0);
    let mut at = 0;
    while let Some(word) = words.get(at) {
        at += 1;
        if is_of(CREDITS, word) {
            credits += 1;
        } else if is_of(BROADCASTERS, word) {
            broadcasters += 1;
        } else if is_year(word) {
            years += 1;
        } else if !is_of(AROUND, word) {
            return false;
        }
        orders += usize::from(word.starts_with("auftrag"));
        if BY.contains(&word.as_str()) && credits > 0 {
            let rest = &words[at..];
            let name = rest.iter().take_while(|w| !is_of(BROADCASTERS, w) && !is_year(w)).count();
            at += if name <= LONGEST_NAME { name } else { 0 };
        }
    }
    let alone = words.len() <= 2 && words.len() == broadcasters + years;
    credits > 0 || broadcasters > 0 && (years > 0 || orders > 0 || alone)
}

/// The words as folded, with letters that stand alone as one word ("Z. D. F."), and a year apart that was
/// written to a name ("WDR2020").
fn spelt_together(bare: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut is_spelling = false;
    for word in bare.split(' ').map(fold).filter(|word| !word.is_empty()) {
        let is_letter = word.chars().count() == 1 && word.chars().all(char::is_alphabetic);
        match words.last_mut() {
            Some(last) if is_letter && is_spelling => last.push_str(&word),
            _ => {
                let year = word.len().saturating_sub(4);
                match word.split_at_checked(year) {
                    Some((name, year)) if !name.is_empty() && is_digits(year) => {
                        words.extend([name.to_owned(), year.to_owned()]);
                    }
                    _ => words.push(word),
                }
            }
        }
        is_spelling = is_letter;
    }
    words
}

fn is_digits(word: &str) -> bool {
    word.bytes().all(|b| b.is_ascii_digit())
}

fn is_year(word: &str) -> bool {
    let year = if is_digits(word) { word.parse().ok() } else { numerals::read(word) };
    year.is_some_and(|year| YEARS.contains(&year))
}

fn is_of(list: &str, word: &str) -> bool {
    list.split_whitespace().any(|known| known == word)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transcribe::policy::bare;

    #[test]
    fn credits_are_known_in_any_spelling() {
        for text in [
            "Untertitelung des ZDF, 2020",
            "Untertitel im Auftrag des ZDF für funk, 2017",
            "Untertitelung. BR 2018",
            "Copyright WDR 2020",
            "© WDR 2021",
            "WDR2021",
            "Copyright W. D. R. zweitausendzwanzig",
            "SWR 2019",
            "SWR",
            "ARD Text im Auftrag von Funk",
            "Untertitel von Stephanie Geiges",
            "Untertitel der Amara.org-Community",
            "Untertitelung aufgrund der Amara.org-Community",
            "Untertitel erstellt von",
            "Vielen Dank fürs Zuschauen!",
            "Musik",
        ] {
            assert!(is_credit(&bare(text)), "{text}");
        }
    }

    #[test]
    fn what_is_said_in_a_meeting_is_no_credit() {
        for text in [
            "Die Untertitelung des ZDF war Thema in der letzten Sitzung des Kreistages",
            "Untertitelung des ZDF war Thema in der letzten Sitzung des Kreistages",
            "Der WDR hat 2020 darüber berichtet.",
            "Im Auftrag des Landrats.",
            "2020.",
            "Der Auftrag von 2020",
            "Musik und Kunst sind freiwillige Aufgaben",
            "Vielen Dank.",
            "Das Copyright liegt bei der Fotografin.",
            "",
        ] {
            assert!(!is_credit(&bare(text)), "{text}");
        }
    }
}
