//! What the site says of a search and its hits.

use super::{Lang, Texts};
use crate::domain::{TextExtent, VoteCounts};
use crate::search::{Breadth, CountedBy, How, InLanguage, Results, VoteRef, in_words};

/// What a search looked through.
#[derive(Clone, Debug, Default)]
pub struct SearchedExtent {
    /// Meetings whose words are known.
    pub with_text: usize,
    /// Meetings of which only agenda and titles are.
    pub without_text: usize,
    /// What was said in the former.
    pub text: TextExtent,
}

impl Texts {
    /// "12 Treffer".
    pub fn hits(&self, n: &u64) -> String {
        match (self.lang, *n) {
            (_, 0) => self.no_hits.to_owned(),
            (Lang::De, _) => format!("{} Treffer", self.number(n)),
            (Lang::En, 1) => "1 hit".to_owned(),
            (Lang::En, _) => format!("{} hits", self.number(n)),
        }
    }

    /// "30 Ja, 20 Nein, 3 Enthaltungen", and who counted if the source did not.
    pub fn counts_of(&self, vote: &VoteRef) -> Option<String> {
        let counts = vote.counts?;
        let (yes, no, abstain) = (counts.yes, counts.no, counts.abstain);
        let said = self.counts(&VoteCounts { yes, no, abstain });
        Some(match counts.counted {
            CountedBy::Source => said,
            CountedBy::SingleVotes => format!("{said}; {}", self.directory().counted),
        })
    }

    /// "Nur ähnlich sind davon 3."
    pub fn similar_among(&self, n: &u64) -> String {
        match self.lang {
            Lang::De => format!("Nur ähnlich sind davon {}.", self.number(n)),
            Lang::En => format!("{} of them merely similar.", self.number(n)),
        }
    }

    /// How far apart the words of a query may stand.
    pub fn breadth(&self, breadth: Breadth) -> &'static str {
        match breadth {
            Breadth::Passage => self.breadth_passage,
            Breadth::Speech => self.breadth_speech,
            Breadth::Item => self.breadth_item,
            Breadth::Most => self.breadth_most,
        }
    }

    /// How a query was read, where that differs from what was typed.
    pub fn understood(&self, results: &Results) -> Option<String> {
        let language = match self.lang {
            Lang::De => InLanguage::German,
            Lang::En => InLanguage::English,
        };
        in_words(&results.reading, language)
    }

    /// How far apart words stand in what was found, where that is farther than was asked for.
    pub fn found_wider(&self, results: &Results, asked: &Breadth) -> Option<String> {
        match results.breadth {
            breadth if results.total == 0 || breadth == *asked => None,
            Breadth::Passage => None,
            Breadth::Speech => Some(self.wider_speech.to_owned()),
            Breadth::Item => Some(self.wider_item.to_owned()),
            Breadth::Most => Some(self.without(&results.missing)),
        }
    }

    /// That not all words stand together, and which do not.
    fn without(&self, missing: &[String]) -> String {
        let quoted: Vec<String> = missing.iter().map(|word| format!("„{word}“")).collect();
        let quoted = quoted.join(", ");
        match self.lang {
            Lang::De => format!(
                "Alle Wörter zusammen stehen nirgends. Gefunden ist, was ohne {quoted} auskommt."
            ),
            Lang::En => {
                format!("Nowhere do all words stand together. Found is what does without {quoted}.")
            }
        }
    }

    /// A role by its name in filters.
    pub fn role_named<'n>(&self, name: &'n str) -> &'n str
    where
        Self: 'n,
    {
        match name {
            "chair" => self.chair,
            "member" => self.role_member,
            "administration" => self.administration,
            "guest" => self.guest,
            "resident" => self.resident,
            "unknown" => self.role_unknown,
            other => other,
        }
    }

    /// "Alle 12 Fundstellen dieser Debatte".
    pub fn all_in_debate(&self, n: &u64) -> String {
        match self.lang {
            Lang::De => format!("Alle {} Fundstellen dieser Debatte", self.number(n)),
            Lang::En => format!("All {} places in this debate", self.number(n)),
        }
    }

    /// "11 Beiträge, 14 Fundstellen".
    pub fn in_debate(&self, speeches: &Option<u64>, places: &u64) -> String {
        let count = |n: u64, one: &str, many: &str| {
            format!("{} {}", self.number(&n), if n == 1 { one } else { many })
        };
        let (speech, place) = match self.lang {
            Lang::De => (("Beitrag", "Beiträge"), ("Fundstelle", "Fundstellen")),
            Lang::En => (("speech", "speeches"), ("place", "places")),
        };
        let speeches = speeches.filter(|n| *n > 0).map(|n| count(n, speech.0, speech.1));
        let places = count(*places, place.0, place.1);
        speeches.into_iter().chain([places]).collect::<Vec<_>>().join(", ")
    }

    /// How a word of a query is answered, before the words that answer it.
    pub fn how(&self, how: &How) -> &'static str {
        match how {
            How::Exact => self.how_exact,
            How::WordForm => self.how_word_form,
            How::Part => self.how_part,
            How::Paper => self.how_paper,
            How::Speaker => self.how_speaker,
            How::Title => self.how_title,
            How::Spelling => self.how_spelling,
            How::Sound => self.how_sound,
            How::Related => self.how_related,
        }
    }

    /// What was searched: "Durchsucht ist der Wortlaut von 4 Sitzungen (12 h 5 min, 98 000 Wörter)."
    pub fn extent(&self, searched: &SearchedExtent) -> String {
        let SearchedExtent { with_text, without_text, text } = searched;
        let is_german = self.lang == Lang::De;
        let mut size = Vec::new();
        if text.speech_ms >= 60_000 {
            size.push(self.duration(&text.speech_ms));
        }
        if text.words > 0 {
            let words = if is_german { "Wörter" } else { "words" };
            size.push(format!("{} {words}", self.number(&text.words)));
        }
        let size = match size.is_empty() {
            true => String::new(),
            false => format!(" ({})", size.join(", ")),
        };
        let mut told = match (is_german, with_text) {
            (true, 1) => format!("Durchsucht ist der Wortlaut von 1 Sitzung{size}."),
            (true, n) => format!("Durchsucht ist der Wortlaut von {n} Sitzungen{size}."),
            (false, 1) => format!("The words of 1 meeting were searched{size}."),
            (false, n) => format!("The words of {n} meetings were searched{size}."),
        };
        if text.unheard_ms > 0 {
            let length = self.duration(&text.unheard_ms);
            told += &match is_german {
                true => format!(
                    " Nicht zu finden ist, was in {length} gesagt wurde, die nicht verschriftet sind."
                ),
                false => format!(
                    " What was said in {length} that could not be transcribed cannot be found."
                ),
            };
        }
        // In hundredths; less than half of one is not worth a word.
        let doubtful = (text.doubtful_words * 100 + text.words / 2) / text.words.max(1);
        if doubtful > 0 {
            told += &match is_german {
                true => format!(" {doubtful} % der Wörter sind unsicher erkannt."),
                false => format!(" {doubtful}% of the words are doubtful."),
            };
        }
        told += &match (is_german, without_text) {
            (_, 0) => String::new(),
            (true, 1) => " Von 1 weiteren Sitzung nur Tagesordnung und Titel.".to_owned(),
            (true, n) => format!(" Von {n} weiteren Sitzungen nur Tagesordnung und Titel."),
            (false, 1) => " Of 1 more meeting only agenda and titles.".to_owned(),
            (false, n) => format!(" Of {n} more meetings only agenda and titles."),
        };
        told
    }
}
