//! What a meeting's page says of film, gaps and hits.

use super::{Lang, Texts};
use crate::domain::{GapReason, VoteCounts};

impl Texts {
    /// Why nothing can be read in a place, and how much of it.
    pub fn gap(&self, reason: GapReason, length_ms: u64) -> String {
        let why = match reason {
            GapReason::Failed => self.failed_gap,
            GapReason::NotPublic => self.not_public_gap,
            GapReason::Silence | GapReason::NoSpeech => self.silent_gap,
        };
        match length_ms {
            0 => why.to_owned(),
            ms => format!("{why} ({})", self.duration(&ms)),
        }
    }

    /// Where a meeting's film is.
    pub fn film_elsewhere(&self, provider: &str) -> String {
        match self.lang {
            Lang::De => format!("Der Film dieser Sitzung liegt bei {provider}."),
            Lang::En => format!("The film of this meeting is at {provider}."),
        }
    }

    /// What happens where it is loaded.
    pub fn film_notice(&self, provider: &str) -> String {
        match self.lang {
            Lang::De => format!(
                "Erst wenn Sie ihn laden oder öffnen, erfährt {provider} Ihre IP-Adresse und kann Cookies setzen."
            ),
            Lang::En => format!(
                "Only when you load or open it does {provider} learn your IP address and may set cookies."
            ),
        }
    }

    /// "Bei YouTube öffnen".
    pub fn film_open(&self, provider: &str) -> String {
        match self.lang {
            Lang::De => format!("Bei {provider} öffnen"),
            Lang::En => format!("Open at {provider}"),
        }
    }

    /// "Treffer {n} von {m}", for the page's script.
    pub fn hit_of_pattern(&self) -> &'static str {
        match self.lang {
            Lang::De => "Treffer {n} von {m}",
            Lang::En => "Hit {n} of {m}",
        }
    }

    /// "{m} Fundstellen", for the page's script.
    pub fn places_pattern(&self) -> &'static str {
        match self.lang {
            Lang::De => "{m} Fundstellen",
            Lang::En => "{m} places",
        }
    }

    /// "17 Fundstellen".
    pub fn places_here(&self, n: &usize) -> String {
        match (self.lang, n) {
            (Lang::De, 1) => "1 Fundstelle".to_owned(),
            (Lang::En, 1) => "1 place".to_owned(),
            _ => self.places_pattern().replace("{m}", &n.to_string()),
        }
    }

    /// "30 Ja, 20 Nein, 3 Enthaltungen", as the source counted.
    pub fn counts(&self, counts: &VoteCounts) -> String {
        let (yes, no, abstain) = match self.lang {
            Lang::De => ("Ja", "Nein", "Enthaltungen"),
            Lang::En => ("yes", "no", "abstentions"),
        };
        let all = [(counts.yes, yes), (counts.no, no), (counts.abstain, abstain)];
        let said = all.into_iter().filter_map(|(n, what)| Some(format!("{} {what}", n?)));
        said.collect::<Vec<_>>().join(", ")
    }
}
