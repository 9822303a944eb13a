//! The languages that Whisper knows, by its own codes. Owns which there are and what to suggest for other
//! spellings; refuses to know which of them a model understands.

use std::fmt;
use std::str::FromStr;

/// A language that Whisper knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Language(usize);

impl Language {
    /// English, the only one that models without languages know.
    pub const ENGLISH: Self = Self(0);
    /// German.
    pub const GERMAN: Self = Self(2);

    /// Whisper's code of it: "de".
    pub fn code(self) -> &'static str {
        LANGUAGES[self.0].0
    }

    /// Its German name: "Deutsch".
    pub fn name(self) -> &'static str {
        LANGUAGES[self.0].1
    }

    /// Its number in Whisper's order: a model that knows `n` languages knows the first `n`.
    pub fn number(self) -> usize {
        self.0
    }
}

/// Reads Whisper's code, in letters of either case.
impl FromStr for Language {
    type Err = UnknownLanguage;

    fn from_str(text: &str) -> Result<Self, UnknownLanguage> {
        let code = text.trim().to_lowercase();
        let found = LANGUAGES.iter().position(|(known, ..)| *known == code);
        found.map(Self).ok_or_else(|| UnknownLanguage(text.trim().to_owned()))
    }
}

/// A text that is no code of Whisper's; the message suggests one, or lists them.
#[derive(Debug)]
pub struct UnknownLanguage(String);

impl UnknownLanguage {
    /// What was probably meant: the language of that name, or of a longer code ("deu", "de-DE").
    fn suggestion(&self) -> Option<Language> {
        let text = self.0.to_lowercase();
        let is_named = |(_, german, english): &(&str, &str, &str)| {
            german.to_lowercase() == text || *english == text
        };
        let three = ISO_639_2.iter().find(|(three, _)| *three == text).map(|(_, code)| *code);
        let first = text.split(['-', '_']).next().unwrap_or_default();
        let code = three.unwrap_or(first);
        let by_name = LANGUAGES.iter().position(is_named);
        by_name.or_else(|| LANGUAGES.iter().position(|(known, ..)| *known == code)).map(Language)
    }
}

impl fmt::Display for UnknownLanguage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "„{}“ ist kein Sprachkürzel von Whisper", self.0)?;
        if let Some(meant) = self.suggestion() {
            return write!(f, "; für {} nehmen Sie {}", meant.name(), meant.code());
        }
        let codes: Vec<&str> = LANGUAGES.iter().map(|(code, ..)| *code).collect();
        write!(f, "; für Deutsch nehmen Sie de. Möglich sind: {}", codes.join(", "))
    }
}

impl std::error::Error for UnknownLanguage {}

/// Codes of three letters that are written in Germany, and Whisper's for them.
const ISO_639_2: [(&str, &str); 12] = [
    ("deu", "de"),
    ("ger", "de"),
    ("eng", "en"),
    ("fra", "fr"),
    ("fre", "fr"),
    ("ita", "it"),
    ("nld", "nl"),
    ("pol", "pl"),
    ("rus", "ru"),
    ("spa", "es"),
    ("tur", "tr"),
    ("ukr", "uk"),
];

/// Code, German and English name, in Whisper's order.
const LANGUAGES: [(&str, &str, &str); 100] = [
    ("en", "Englisch", "english"),
    ("zh", "Chinesisch", "chinese"),
    ("de", "Deutsch", "german"),
    ("es", "Spanisch", "spanish"),
    ("ru", "Russisch", "russian"),
    ("ko", "Koreanisch", "korean"),
    ("fr", "Französisch", "french"),
    ("ja", "Japanisch", "japanese"),
    ("pt", "Portugiesisch", "portuguese"),
    ("tr", "Türkisch", "turkish"),
    ("pl", "Polnisch", "polish"),
    ("ca", "Katalanisch", "catalan"),
    ("nl", "Niederländisch", "dutch"),
    ("ar", "Arabisch", "arabic"),
    ("sv", "Schwedisch", "swedish"),
    ("it", "Italienisch", "italian"),
    ("id", "Indonesisch", "indonesian"),
    ("hi", "Hindi", "hindi"),
    ("fi", "Finnisch", "finnish"),
    ("vi", "Vietnamesisch", "vietnamese"),
    ("he", "Hebräisch", "hebrew"),
    ("uk", "Ukrainisch", "ukrainian"),
    ("el", "Griechisch", "greek"),
    ("ms", "Malaiisch", "malay"),
    ("cs", "Tschechisch", "czech"),
    ("ro", "Rumänisch", "romanian"),
    ("da", "Dänisch", "danish"),
    ("hu", "Ungarisch", "hungarian"),
    ("ta", "Tamil", "tamil"),
    ("no", "Norwegisch", "norwegian"),
    ("th", "Thailändisch", "thai"),
    ("ur", "Urdu", "urdu"),
    ("hr", "Kroatisch", "croatian"),
    ("bg", "Bulgarisch", "bulgarian"),
    ("lt", "Litauisch", "lithuanian"),
    ("la", "Lateinisch", "latin"),
    ("mi", "Maori", "maori"),
    ("ml", "Malayalam", "malayalam"),
    ("cy", "Walisisch", "welsh"),
    ("sk", "Slowakisch", "slovak"),
    ("te", "Telugu", "telugu"),
    ("fa", "Persisch", "persian"),
    ("lv", "Lettisch", "latvian"),
    ("bn", "Bengalisch", "bengali"),
    ("sr", "Serbisch", "serbian"),
    ("az", "Aserbaidschanisch", "azerbaijani"),
    ("sl", "Slowenisch", "slovenian"),
    ("kn", "Kannada", "kannada"),
    ("et", "Estnisch", "estonian"),
    ("mk", "Mazedonisch", "macedonian"),
    ("br", "Bretonisch", "breton"),
    ("eu", "Baskisch", "basque"),
    ("is", "Isländisch", "icelandic"),
    ("hy", "Armenisch", "armenian"),
    ("ne", "Nepalesisch", "nepali"),
    ("mn", "Mongolisch", "mongolian"),
    ("bs", "Bosnisch", "bosnian"),
    ("kk", "Kasachisch", "kazakh"),
    ("sq", "Albanisch", "albanian"),
    ("sw", "Suaheli", "swahili"),
    ("gl", "Galicisch", "galician"),
    ("mr", "Marathi", "marathi"),
    ("pa", "Pandschabi", "punjabi"),
    ("si", "Singhalesisch", "sinhala"),
    ("km", "Khmer", "khmer"),
    ("sn", "Shona", "shona"),
    ("yo", "Yoruba", "yoruba"),
    ("so", "Somali", "somali"),
    ("af", "Afrikaans", "afrikaans"),
    ("oc", "Okzitanisch", "occitan"),
    ("ka", "Georgisch", "georgian"),
    ("be", "Belarussisch", "belarusian"),
    ("tg", "Tadschikisch", "tajik"),
    ("sd", "Sindhi", "sindhi"),
    ("gu", "Gujarati", "gujarati"),
    ("am", "Amharisch", "amharic"),
    ("yi", "Jiddisch", "yiddish"),
    ("lo", "Laotisch", "lao"),
    ("uz", "Usbekisch", "uzbek"),
    ("fo", "Färöisch", "faroese"),
    ("ht", "Haitianisch", "haitian creole"),
    ("ps", "Paschtu", "pashto"),
    ("tk", "Turkmenisch", "turkmen"),
    ("nn", "Nynorsk", "nynorsk"),
    ("mt", "Maltesisch", "maltese"),
    ("sa", "Sanskrit", "sanskrit"),
    ("lb", "Luxemburgisch", "luxembourgish"),
    ("my", "Birmanisch", "myanmar"),
    ("bo", "Tibetisch", "tibetan"),
    ("tl", "Tagalog", "tagalog"),
    ("mg", "Madagassisch", "malagasy"),
    ("as", "Assamesisch", "assamese"),
    ("tt", "Tatarisch", "tatar"),
    ("haw", "Hawaiisch", "hawaiian"),
    ("ln", "Lingala", "lingala"),
    ("ha", "Hausa", "hausa"),
    ("ba", "Baschkirisch", "bashkir"),
    ("jw", "Javanisch", "javanese"),
    ("su", "Sundanesisch", "sundanese"),
    ("yue", "Kantonesisch", "cantonese"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_read_and_other_spellings_get_the_code_suggested() {
        assert_eq!("de".parse::<Language>().unwrap(), Language::GERMAN);
        assert_eq!(" EN ".parse::<Language>().unwrap(), Language::ENGLISH);
        for (text, code) in [
            ("deutsch", "de"),
            ("German", "de"),
            ("deu", "de"),
            ("de-AT", "de"),
            ("englisch", "en"),
        ] {
            let message = text.parse::<Language>().unwrap_err().to_string();
            assert!(message.ends_with(&format!("nehmen Sie {code}")), "{message}");
        }
        for text in ["xx", "", "auto"] {
            let message = text.parse::<Language>().unwrap_err().to_string();
            assert!(message.contains("en, zh, de,") && message.contains("yue"), "{message}");
        }
    }
}
