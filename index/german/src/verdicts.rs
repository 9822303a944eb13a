//! What votes result in, and how German says it: "abgelehnt", "Ablehnung", "einstimmig beschlossen". One table
//! for whoever asks for a result and for what minutes print of one. Reads words and counts nothing; what a chair
//! says in whole sentences is alignment's.

use std::collections::BTreeSet;

use crate::folding::fold;

/// What is told of a vote: what became of what was voted on, or by how many.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum VoteVerdict {
    /// Angenommen, beschlossen, zugestimmt.
    Adopted,
    /// Abgelehnt.
    Rejected,
    /// Überwiesen, verwiesen.
    Referred,
    /// Vertagt, zurückgestellt.
    Postponed,
    /// Zurückgezogen.
    Withdrawn,
    /// Zur Kenntnis genommen.
    Noted,
    /// Gewählt.
    Elected,
    /// Einstimmig.
    Unanimous,
    /// Mehrheitlich.
    ByMajority,
}

use VoteVerdict::{
    Adopted, ByMajority, Elected, Noted, Postponed, Referred, Rejected, Unanimous, Withdrawn,
};

/// How a verdict is said.
struct Saying {
    verdict: VoteVerdict,
    code: &'static str,
    /// Participles, which say what was done.
    done: &'static str,
    /// Nouns, which say it only where no participle does: "Vertagung abgelehnt" is a rejection.
    named: &'static str,
    /// Beginnings of whatever may be typed to ask for it; with a full stop the whole word.
    asked: &'static str,
}

#[rustfmt::skip]
const SAYINGS: [Saying; 9] = [
    Saying { verdict: Adopted, code: "adopted",
        done: "angenommen beschlossen zugestimmt gebilligt genehmigt verabschiedet adopted approved accepted",
        named: "annahme zustimmung genehmigung adoption",
        asked: "angenommen annahme beschloss beschliess beschluss. zugestimm zustimm gebillig genehmig verabschied adopt approv accept" },
    Saying { verdict: Rejected, code: "rejected",
        done: "abgelehnt verworfen rejected",
        named: "ablehnung rejection",
        asked: "abgelehn ablehn verworfen reject" },
    Saying { verdict: Referred, code: "referred",
        done: "ueberwiesen verwiesen rueckverwiesen zurueckverwiesen referred",
        named: "ueberweisung verweisung rueckverweisung",
        asked: "ueberw verwies verweis rueckverw zurueckverw refer" },
    Saying { verdict: Postponed, code: "postponed",
        done: "vertagt zurueckgestellt verschoben postponed deferred",
        named: "vertagung zurueckstellung",
        asked: "vertag zurueckgestell zurueckstell verschob verschieb postpon defer" },
    Saying { verdict: Withdrawn, code: "withdrawn",
        done: "zurueckgezogen zurueckgenommen withdrawn",
        named: "ruecknahme",
        asked: "zurueckgezog zurueckzieh zurueckgenomm ruecknahme withdr" },
    Saying { verdict: Noted, code: "noted",
        done: "kenntnis noted",
        named: "kenntnisnahme",
        asked: "kenntnis noted" },
    Saying { verdict: Elected, code: "elected",
        done: "gewaehlt wiedergewaehlt elected",
        named: "wahl wiederwahl",
        asked: "gewaehlt wahl. wiederwahl wiedergewaehlt elect" },
    Saying { verdict: Unanimous, code: "unanimous",
        done: "", named: "",
        asked: "einstimm einmuetig einhellig unanim" },
    Saying { verdict: ByMajority, code: "by_majority",
        done: "", named: "",
        asked: "mehrheit majority" },
];

/// What only recommends something to those who decide.
const RECOMMENDS: [&str; 4] = ["empfohlen", "empfiehlt", "empfehlen", "recommended"];
const NEGATIONS: [&str; 7] = ["nicht", "kein", "keine", "keiner", "keinen", "ohne", "not"];
/// Before "einstimmig": a majority.
const NEARLY: [&str; 4] = ["annaehernd", "beinahe", "fast", "nahezu"];

impl VoteVerdict {
    /// Its name in the index and in answers.
    pub fn code(self) -> &'static str {
        SAYINGS.iter().find(|saying| saying.verdict == self).map_or("", |saying| saying.code)
    }

    /// The one of this code.
    pub fn of_code(code: &str) -> Option<Self> {
        SAYINGS.iter().find(|saying| saying.code == code).map(|saying| saying.verdict)
    }

    /// The verdicts that somebody asks for in words: "abgelehnte", "Ablehnung", "einstimmig abgelehnt".
    pub fn asked(text: &str) -> BTreeSet<Self> {
        let words = words(text);
        let asks = |beginning: &str| match beginning.strip_suffix('.') {
            Some(whole) => words.iter().any(|word| word == whole),
            None => words.iter().any(|word| word.starts_with(beginning)),
        };
        let is_asked = |saying: &&Saying| text == saying.code || saying.asked.split(' ').any(asks);
        SAYINGS.iter().filter(is_asked).map(|saying| saying.verdict).collect()
    }

    /// The verdicts that a printed result tells: "mehrheitlich abgelehnt". None where it only recommends, or
    /// tells nothing in words.
    pub fn told(result: &str) -> BTreeSet<Self> {
        let words = words(result);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        if words.iter().any(|word| RECOMMENDS.contains(word)) {
            return BTreeSet::new();
        }
        let said = |of: fn(&Saying) -> &'static str, negated: bool| -> BTreeSet<Self> {
            let says = |saying: &&Saying| {
                let is_said = |at: usize| of(saying).split(' ').any(|word| word == words[at]);
                (0..words.len()).any(|at| is_said(at) && is_negated(&words, at) == negated)
            };
            SAYINGS.iter().filter(says).map(|saying| saying.verdict).collect()
        };
        let mut told = said(|saying| saying.done, false);
        // "Nicht angenommen" is no more than that where something else was done.
        if told.is_empty() && said(|saying| saying.done, true).contains(&Adopted) {
            told.insert(Rejected);
        }
        if told.is_empty() {
            told = said(|saying| saying.named, false);
        }
        told.extend(majority(&words));
        told
    }
}

/// By how many, where that is said.
fn majority(words: &[&str]) -> Option<VoteVerdict> {
    (0..words.len()).find_map(|at| {
        let before = &words[at.saturating_sub(3)..at];
        let unanimous =
            ["einstimmig", "einmuetig", "unanim"].iter().any(|word| words[at].starts_with(word));
        let majority = words[at].starts_with("mehrheitlich")
            || words[at] == "mehrheit" && before.contains(&"mit");
        match unanimous || majority {
            true if is_negated(words, at) => None,
            true if majority || before.iter().any(|w| NEARLY.contains(w)) => Some(ByMajority),
            true => Some(Unanimous),
            false => None,
        }
    })
}

fn is_negated(words: &[&str], at: usize) -> bool {
    at > 0 && NEGATIONS.contains(&words[at - 1])
}

fn words(text: &str) -> Vec<String> {
    let words = text.split(|c: char| !c.is_alphanumeric());
    words.map(fold).filter(|word| !word.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(verdicts: BTreeSet<VoteVerdict>) -> Vec<&'static str> {
        verdicts.into_iter().map(VoteVerdict::code).collect()
    }

    #[test]
    fn results_are_read_as_printed_and_never_beyond() {
        for (result, told) in [
            ("abgelehnt", &["rejected"][..]),
            ("Einstimmig beschlossen.", &["adopted", "unanimous"]),
            ("mit großer Mehrheit abgelehnt (3 Ja, 20 Nein)", &["rejected", "by_majority"]),
            ("fast einstimmig angenommen", &["adopted", "by_majority"]),
            ("nicht einstimmig, aber mehrheitlich angenommen", &["adopted", "by_majority"]),
            ("Dem Antrag wird nicht zugestimmt", &["rejected"]),
            ("nicht beschlossen, vertagt", &["postponed"]),
            ("ohne Gegenstimmen angenommen", &["adopted"]),
            ("Antrag auf Vertagung abgelehnt", &["rejected"]),
            ("Ablehnung", &["rejected"]),
            ("zur Kenntnis genommen", &["noted"]),
            ("in den Finanzausschuss überwiesen", &["referred"]),
            ("Zurückgezogen", &["withdrawn"]),
            ("einstimmig", &["unanimous"]),
            ("Ablehnung empfohlen", &[]),
            ("30 Ja, 20 Nein, 3 Enthaltungen", &[]),
            ("Beschluss 012/25", &[]),
            ("", &[]),
        ] {
            assert_eq!(codes(VoteVerdict::told(result)), told, "{result}");
        }
    }

    #[test]
    fn what_is_asked_may_be_inflected_or_another_word_for_it() {
        for (asked, code) in [
            ("abgelehnt", "rejected"),
            ("Ablehnung", "rejected"),
            ("abgelehnte", "rejected"),
            ("angenommen", "adopted"),
            ("beschlossen", "adopted"),
            ("Beschluss", "adopted"),
            ("Zustimmung", "adopted"),
            ("überwiesen", "referred"),
            ("Vertagung", "postponed"),
            ("zurückgezogener", "withdrawn"),
            ("Kenntnisnahme", "noted"),
            ("zur Kenntnis genommen", "noted"),
            ("Wahl", "elected"),
            ("einstimmig", "unanimous"),
            ("mehrheitlich", "by_majority"),
            ("by_majority", "by_majority"),
            ("rejected", "rejected"),
        ] {
            assert_eq!(codes(VoteVerdict::asked(asked)), [code], "{asked}");
        }
        assert_eq!(codes(VoteVerdict::asked("einstimmig abgelehnt")), ["rejected", "unanimous"]);
        assert!(
            ["Radweg", "Beschlussvorlage"].iter().all(|word| VoteVerdict::asked(word).is_empty())
        );
        let of_code = SAYINGS.iter().map(|saying| VoteVerdict::of_code(saying.code));
        assert!(of_code.zip(&SAYINGS).all(|(read, saying)| read == Some(saying.verdict)));
    }
}
