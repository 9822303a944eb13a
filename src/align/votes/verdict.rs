//! Whether a sentence of the chair tells a result now, and which: "damit ist der Antrag mehrheitlich
//! abgelehnt". Owns the words of results and of everything that only resembles one (past,
//! hypothesis, request, recommendation); reads one sentence at a time and counts nothing.
//!
//! German grammar does most of the work: in a main clause the finite verb stands before the
//! participle ("der Antrag ist angenommen"), in "dass", "wenn" and "ob" clauses behind it.

use super::tally::{Sentence, Tally};
use crate::domain::{Majority, Outcome};

/// What was said before a sentence, as far as it decides what the sentence means.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct BallotContext {
    /// The chair has just put something to the vote.
    pub open: bool,
    /// The chair asked last who is against or abstains: "die Mehrheit" would be theirs.
    pub against_asked: bool,
    /// A referral has been proposed and nothing else put to the vote since.
    pub referral: bool,
    /// Time for debate or the agenda itself is being arranged: not a decision on the item.
    pub arranging: bool,
}

/// A result: words `first..end` of its sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Verdict {
    pub outcome: Outcome,
    pub majority: Option<Majority>,
    pub first: usize,
    pub end: usize,
    /// Only the majority was said ("Das ist einstimmig."), which nobody says of a refusal without
    /// naming it.
    pub implied: bool,
}

/// The word that carries a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Head {
    Participle(Outcome),
    Noun(Outcome),
    Majority,
    Adjective(Majority),
    /// "verweisen wir", "vertagen wir": said and done.
    Deed(Outcome),
    Notice,
    /// "verfahren wir so".
    Proceed,
    /// "die erforderliche Mehrheit nicht erreicht".
    Quorum,
}

/// What marks a result as that of just now, for certain and by habit.
const THUS: &[&str] = &["damit", "hiermit", "mithin", "somit"];
const THEN: &[&str] = &["also", "dann"];
/// Finite verbs of the present, and those of the past.
const IS: &[&str] = &["gilt", "ist", "sind", "wird"];
#[rustfmt::skip]
const WAS: &[&str] = &[
    "habe", "haben", "haette", "haetten", "hat", "hatte", "hatten", "waere", "waeren", "war",
    "waren", "werden", "wuerde", "wuerden", "wurde", "wurden",
];
/// What makes a wish, a request, a recommendation or a question of a result.
#[rustfmt::skip]
const UNREAL: &[&str] = &[
    "beantragt", "bitte", "bitten", "darf", "duerfen", "duerfte", "durfte", "empfehle",
    "empfehlen", "empfiehlt", "empfohlen", "freue", "freuen", "hoffe", "hoffen", "kann",
    "koennen", "koennte", "koennten", "konnte", "konnten", "moechte", "moechten", "muss",
    "muessen", "muesste", "musste", "ob", "schlage", "schlaegt", "soll", "sollen", "sollte", "sollten", "vorschlagen", "wer", "will",
    "wollen", "wollte", "wuensche", "wuenscht",
];
/// What makes an hypothesis of it.
const IF: &[&str] = &["falls", "sofern", "sollte", "sollten", "wenn"];
/// What places it before today's meeting.
#[rustfmt::skip]
const BEFORE_NOW: &[&str] = &[
    "bereits", "damals", "frueher", "gestern", "jahr", "jahre", "jahren", "neulich", "schon",
    "seinerzeit", "vorhin", "zuvor",
];
/// How large a majority may be called.
#[rustfmt::skip]
const LARGE: &[&str] = &[
    "breite", "breiter", "deutliche", "deutlicher", "eindeutige", "grosse", "grosser",
    "klare", "klarer", "knappe", "knapper", "ueberwaeltigende", "ueberwaeltigender",
    "ueberwiegende",
];
/// What is postponed or taken back in a meeting; elsewhere a building site may be.
#[rustfmt::skip]
const SUBJECTS: &[&str] = &[
    "aenderungsantrag", "anfrage", "antrag", "antraege", "beratung", "beschlussvorlage",
    "drucksache", "entscheidung", "ergaenzungsantrag", "gesetzentwurf", "punkt",
    "tagesordnungspunkt", "top", "vorlage", "vorlagen",
];

/// The first result told in words `from..` of a sentence.
pub(super) fn find(sentence: &Sentence, from: usize, context: BallotContext) -> Option<Verdict> {
    (from..sentence.words.len()).find_map(|at| {
        let head = head(&sentence.words, at)?;
        VerdictReading::new(sentence, from, at, context).verdict(head)
    })
}

/// Whether something put to the vote ends here, so that a result may follow in the same breath
/// ("bitte um Ihr Votum, das ist einstimmig"). Recognisers lose the full stop between them.
pub(super) fn puts_to_vote(words: &[&str], i: usize) -> bool {
    let near = |back: usize, wanted: &[&str]| {
        words[i.saturating_sub(back)..i].iter().any(|w| wanted.contains(w))
    };
    match words[i] {
        "handzeichen" | "kartenzeichen" | "votum" | "gegenprobe" => true,
        "abstimmung" | "schlussabstimmung" | "beschlussfassung" => {
            near(2, &["zur", "die", "zu", "in"])
        }
        "abstimmen" => near(6, &["lasse", "lassen", "gleich", "jetzt", "nun"]),
        "jetzt" => near(1, &["ab"]),
        "stimmt" => near(1, &["wer"]),
        "dafuer" | "dagegen" | "zustimmen" | "zu" => near(6, &["wer"]),
        "enthaelt" => near(2, &["wer"]),
        "wollen" | "moechten" | "moechte" => near(1, &["zustimmen"]),
        "erheben" => near(3, &["sich"]),
        _ => false,
    }
}

fn head(words: &[&str], at: usize) -> Option<Head> {
    use Outcome::*;
    let beside = |pronoun: &str| {
        at > 0 && words[at - 1] == pronoun || words.get(at + 1).is_some_and(|w| *w == pronoun)
    };
    Some(match words[at] {
        "angenommen" | "beschlossen" | "zugestimmt" | "gebilligt" | "genehmigt"
        | "verabschiedet" => Head::Participle(Adopted),
        "abgelehnt" => Head::Participle(Rejected),
        "ueberwiesen" | "verwiesen" => Head::Participle(Referred),
        "vertagt" | "zurueckgestellt" | "verschoben" => Head::Participle(Postponed),
        "zurueckgezogen" => Head::Participle(Withdrawn),
        "gewaehlt" => Head::Participle(Elected),
        "zustimmung" | "annahme" | "unterstuetzung" => Head::Noun(Adopted),
        "ablehnung" => Head::Noun(Rejected),
        "mehrheit" => Head::Majority,
        "verweisen" | "ueberweisen" if beside("wir") => Head::Deed(Referred),
        "verweise" | "ueberweise" if beside("ich") => Head::Deed(Referred),
        "vertagen" if beside("wir") => Head::Deed(Postponed),
        "zurueck" => Head::Deed(back(&words[at.saturating_sub(8)..at])?),
        "erreicht" | "gefunden" | "verfehlt" => Head::Quorum,
        "kenntnis" if at > 0 && words[at - 1] == "zur" => Head::Notice,
        "verfahren" | "machen" if beside("wir") => Head::Proceed,
        _ => Head::Adjective(adjective(words, at)?),
    })
}

/// What is done "zurück": "stellen wir den Punkt", "die Fraktion zieht den Antrag".
fn back(before: &[&str]) -> Option<Outcome> {
    before.windows(2).find_map(|w| match w {
        ["stellen", "wir"] | ["stelle", "ich"] => Some(Outcome::Postponed),
        ["zieht", _] => Some(Outcome::Withdrawn),
        _ => None,
    })
}

/// "einstimmig", "mehrheitlich" in any inflection; nothing behind "nicht".
fn adjective(words: &[&str], at: usize) -> Option<Majority> {
    let before = &words[at.saturating_sub(2)..at];
    let word = words[at];
    let unanimous = word.starts_with("einstimmig") || word.starts_with("einmuetig");
    let vague = before.iter().any(|w| matches!(*w, "nicht" | "ziemlich"));
    if vague || !(unanimous || word.starts_with("mehrheitlich")) {
        return None;
    }
    let nearly = ["annaehernd", "beinahe", "fast", "nahezu"].iter().any(|w| before.contains(w));
    Some(if unanimous && !nearly { Majority::Unanimous } else { Majority::ByMajority })
}

/// The majority told in words `from..end`: "einstimmig", "mit großer Mehrheit".
fn majority(words: &[&str], from: usize, end: usize) -> Option<Majority> {
    let told = (from..end).find_map(|i| adjective(words, i));
    told.or_else(|| {
        let i = (from..end).find(|i| words[*i] == "mehrheit")?;
        let before = &words[i.saturating_sub(4).max(from)..i];
        let large = before.iter().any(|w| LARGE.contains(w) || *w == "mit");
        let missed = before.contains(&"keine") || before.contains(&"ohne");
        (large && !missed).then_some(Majority::ByMajority)
    })
}

/// One candidate: the head at `at`, and what stands around it.
struct VerdictReading<'a> {
    words: &'a [&'a str],
    sentence: &'a Sentence<'a>,
    context: BallotContext,
    at: usize,
    /// Where the words begin that may belong to this result.
    cut: usize,
    /// "damit", "somit": its place.
    thus: Option<usize>,
    then: bool,
    /// The finite verb before the head.
    verb: Option<usize>,
}

impl<'a> VerdictReading<'a> {
    fn new(sentence: &'a Sentence<'a>, from: usize, at: usize, mut context: BallotContext) -> Self {
        let words = &sentence.words[..];
        let cut = (from..at).rev().find(|i| puts_to_vote(words, *i)).map_or(from, |i| i + 1);
        context.open |= cut > from;
        let verb = |i: &usize| IS.contains(&words[*i]) || WAS.contains(&words[*i]);
        let thus = (cut..at).rev().find(|i| {
            THUS.contains(&words[*i]) && {
                // "damit" with a verb beside it tells a result; "damit das beschlossen wird" an aim.
                let beside = i.checked_sub(1).filter(|b| *b >= cut).is_some_and(|b| verb(&b));
                beside || i + 1 == at || verb(&(i + 1)) || tells(words, i + 1)
            }
        });
        let then = words[cut..at].iter().any(|w| THEN.contains(w));
        let start = thus.map_or(cut, |i| i.saturating_sub(1).max(cut));
        let verb = (start.max(at.saturating_sub(25))..at).rev().find(verb);
        Self { words, sentence, context, at, cut, thus, then, verb }
    }

    fn verdict(&self, head: Head) -> Option<Verdict> {
        if self.sentence.asks || self.hypothetical() || self.unreal() {
            return None;
        }
        let (outcome, implied) = match head {
            Head::Participle(outcome) => (self.participle(outcome)?, false),
            Head::Noun(outcome) => (self.noun(outcome)?, false),
            Head::Majority => self.majority_noun()?,
            Head::Adjective(majority) => (self.adjective(majority)?, true),
            Head::Deed(outcome) => (self.deed(outcome)?, false),
            Head::Notice => (self.notice()?, false),
            Head::Proceed => (self.proceed()?, false),
            Head::Quorum => self.quorum()?,
        };
        let arranged = self.context.arranging && !self.context.open;
        if arranged && outcome == Outcome::Adopted {
            return None;
        }
        let end = self.end();
        let majority = match head {
            Head::Adjective(majority) => Some(majority),
            Head::Majority if outcome == Outcome::Rejected => None,
            Head::Majority if self.is(self.at.saturating_sub(1), "die") => None,
            Head::Majority => {
                majority(self.words, self.start(), self.at).or(Some(Majority::ByMajority))
            }
            _ => majority(self.words, self.start(), end),
        };
        Some(Verdict { outcome, majority, first: self.start(), end, implied })
    }

    /// Where the result's own words start.
    fn start(&self) -> usize {
        self.cut.max(self.at.saturating_sub(30))
    }

    /// The head's last words: what still says how ("…, mit großer Mehrheit").
    fn end(&self) -> usize {
        // A full stop may be lost before what comes next.
        let stop = |i: &usize| {
            let word = self.words[*i];
            let next = matches!(word, "ich" | "wir") && *i > self.at + 1;
            next || word == "wer" || THUS.contains(&word) || THEN.contains(&word)
        };
        let most = self.words.len().min(self.at + 12);
        let end = (self.at + 1..most).find(stop).unwrap_or(most);
        if self.is(end - 1, "und") { end - 1 } else { end }
    }

    fn is(&self, i: usize, word: &str) -> bool {
        self.words.get(i) == Some(&word)
    }

    fn between(&self, from: usize, to: usize, any: &[&str]) -> bool {
        self.words[from.min(to)..to].iter().any(|w| any.contains(w))
    }

    /// "Wenn das abgelehnt wird …"; but "wenn es keine Gegenstimmen gibt, ist das angenommen".
    fn hypothetical(&self) -> bool {
        let Some(i) = (self.cut..self.at).rev().find(|i| IF.contains(&self.words[*i])) else {
            let close = self.words.len().min(self.at + 5);
            return self.between(self.at + 1, close, &["falls", "sofern", "wenn"]);
        };
        let settled = self.words[i..self.at].iter().any(|w| {
            w.starts_with("gegenstimme") || w.starts_with("widerspr") || w.starts_with("einw")
        });
        !(settled && self.verb.is_some_and(|v| v > i))
    }

    /// Wishes, requests, recommendations and questions, between the verb and the head.
    fn unreal(&self) -> bool {
        let states = self.states();
        let from = self.verb.or(self.thus).unwrap_or(self.cut);
        let behind = [
            "haben", "haetten", "hatten", "soll", "sollen", "sollte", "sollten", "werden",
            "wuerde", "wurde",
        ];
        !states && self.between(from, self.at, UNREAL)
            || self.words.get(self.at + 1).is_some_and(|w| behind.contains(w))
    }

    /// "Ich stelle fest, dass …".
    fn states(&self) -> bool {
        self.words[self.cut..self.at].iter().any(|w| w.starts_with("fest"))
    }

    /// Told of another day or another body, unless "damit" makes it a result of just now.
    fn of_old(&self) -> bool {
        let verb = self.verb.unwrap_or(self.cut);
        let from = verb.saturating_sub(8).max(self.cut);
        self.thus.is_none()
            && (from..self.at).any(|i| {
                let word = self.words[i];
                let year = word.len() == 4 && (word.starts_with("19") || word.starts_with("20"));
                let year = year && word.parse::<u32>().is_ok() || word.starts_with("zweitausend");
                let last = matches!(word, "letzten" | "letzter" | "vergangenen" | "vorigen")
                    && ["jahr", "mal", "sitzung", "woche"].contains(&self.words[i + 1]);
                // What is put to the vote may be named by its date.
                let dated =
                    (i >= verb || !self.context.open) && (year || BEFORE_NOW.contains(&word));
                let elsewhere = matches!(word, "im" | "vom")
                    && self.words[i + 1..self.at.clamp(i + 1, i + 3)].iter().any(|w| committee(w));
                dated || last || elsewhere
            })
    }

    /// Whether the clause tells something now: its verb stands before the head, and in the present
    /// unless "damit" makes a past tense the result of just now.
    fn main_clause(&self) -> Option<bool> {
        let Some(verb) = self.verb else {
            // "… dass das beschlossen ist": the verb behind the head makes it a clause of another.
            let last = self.words.len().min(self.at + 3);
            let is = self.between(self.at + 1, last, IS);
            let other = is || self.between(self.at + 1, last, WAS);
            return if is && self.states() { Some(true) } else { (!other).then_some(false) };
        };
        // "Ist das so beschlossen": a question that lost its mark.
        if verb == 0 && matches!(self.words[1], "das" | "der" | "die" | "dies" | "es" | "sie") {
            return None;
        }
        let now = IS.contains(&self.words[verb]);
        let how = majority(self.words, self.start(), self.at).is_some() || self.counted();
        let others = self.words[self.cut..self.at].iter().any(|w| committee(w));
        let just_now =
            matches!(self.words[verb], "wurde" | "wurden") && (self.context.open && how && !others);
        let settled = self.thus.is_some() || self.then && (self.context.open || how) || just_now;
        let would = matches!(self.words[verb], "wuerde" | "wuerden");
        (!would && (now || settled)).then_some(true)
    }

    fn participle(&self, outcome: Outcome) -> Option<Outcome> {
        let negated = self.between(self.at.saturating_sub(3).max(self.cut), self.at, &["nicht"]);
        let not_yet = self.between(self.at.saturating_sub(4).max(self.cut), self.at, &["noch"]);
        let given_back = matches!(outcome, Outcome::Withdrawn | Outcome::Postponed);
        let verb = match self.main_clause() {
            Some(verb) => verb,
            // "Der Antrag wurde zurückgezogen" is news, not history.
            None if outcome == Outcome::Withdrawn => self.verb.is_some(),
            None => return None,
        };
        // Who is elected accepts the election.
        let accepted = outcome == Outcome::Adopted
            && self.between(self.at.saturating_sub(2).max(self.cut), self.at, &["wahl"]);
        if accepted || negated && not_yet || self.of_old() && outcome != Outcome::Referred {
            return None;
        }
        let so = self.at > self.cut && self.is(self.at - 1, "so");
        let short = self.words.len() - self.cut <= 4;
        let marked = self.thus.is_some() || self.then;
        let how = majority(self.words, self.start(), self.at).is_some() || self.counted();
        let subject = self.words[self.cut..self.at].iter().any(|w| SUBJECTS.contains(w));
        let anchored = match verb {
            _ if given_back => marked || verb && subject,
            true => marked || self.context.open || how || so,
            false => marked || how || so && short || self.context.open && (so || short),
        };
        match (anchored, negated, outcome) {
            (false, ..) => None,
            (_, true, Outcome::Adopted | Outcome::Elected) => Some(Outcome::Rejected),
            (_, true, _) => None,
            (_, _, Outcome::Adopted) if self.about_referral() => Some(Outcome::Referred),
            _ => Some(outcome),
        }
    }

    /// Counts in the result's own words ("bei drei Gegenstimmen beschlossen").
    fn counted(&self) -> bool {
        self.between(self.start(), self.at, &["stimmengleichheit"])
            || !Tally::read(self.sentence, self.start(), self.at).is_empty()
    }

    /// What was decided is a referral.
    fn about_referral(&self) -> bool {
        let said = |w: &&str| w.starts_with("ueberweis") || w.starts_with("verweis");
        self.words[self.start()..self.at].iter().any(said)
            || self.context.referral && !self.context.open
    }

    /// "einstimmige Zustimmung", "mehrheitliche Ablehnung".
    fn noun(&self, outcome: Outcome) -> Option<Outcome> {
        let near = self.at.saturating_sub(4).max(self.cut);
        let how = (near..self.at).any(|i| {
            let large = self.context.open && LARGE.contains(&self.words[i]);
            large || adjective(self.words, i).is_some()
        });
        let wished = self.between(near, self.at, &["auf", "um"]);
        let with = self.words.len().min(self.at + 5);
        let behind = majority(self.words, self.at + 1, with).is_some();
        let thanks = self.between(self.cut, self.at, &["dank", "danke", "danken"]);
        if wished || !(how || behind) || thanks && !self.context.open || self.of_old() {
            return None;
        }
        (self.told() || thanks).then_some(outcome)
    }

    /// "Das ist …", or hardly any other words.
    fn told(&self) -> bool {
        let tells = |i: usize| matches!(self.words[i], "ist" | "sind" | "war" | "sehe" | "stelle");
        let near = self.at.saturating_sub(8).max(self.cut);
        let verb = (near..self.at).any(tells);
        verb && (self.context.open || self.thus.is_some() || self.then || self.points(near))
            || self.thus.is_some()
            || self.at - self.cut <= 3 && (self.context.open || self.words.len() <= 6)
    }

    /// "Das ist …", "Ich stelle … fest": this one, now.
    fn points(&self, from: usize) -> bool {
        self.between(from, self.at, &["das", "dies", "es", "stelle", "sehe"])
    }

    /// "Das ist die Mehrheit", "das hat keine Mehrheit".
    fn majority_noun(&self) -> Option<(Outcome, bool)> {
        let near = self.at.saturating_sub(4).max(self.cut);
        let plain = (near..self.at).any(|i| adjective(self.words, i).is_some());
        let named = self.between(near, self.at, LARGE)
            || self.between(near, self.at, &["die", "eine"])
            || plain;
        let by = self.between(near, self.at, &["mit", "bei", "von", "fuer"]);
        let tail = self.words.len() - self.at;
        if !(self.context.open || plain || self.thus.is_some()) || by || self.of_old() || tail > 5 {
            return None;
        }
        if self.between(self.at.saturating_sub(2).max(self.cut), self.at, &["keine"]) {
            return Some((Outcome::Rejected, false));
        }
        (named && self.told() && !self.context.against_asked).then_some((Outcome::Adopted, true))
    }

    /// "Das ist einstimmig." without another word that carries the result.
    fn adjective(&self, majority: Majority) -> Option<Outcome> {
        let stop = self.end();
        let follows = |i: usize| {
            matches!(
                head(self.words, i),
                Some(Head::Participle(_) | Head::Noun(_) | Head::Majority)
            )
        };
        if (self.at + 1..stop).any(follows) || self.of_old() {
            return None;
        }
        let agree = self.between(self.at.saturating_sub(6).max(self.cut), self.at, &["stimmen"])
            && matches!(self.words.get(self.at + 1), Some(&("zu" | "dafuer")));
        let tail = self.words.len() - self.at - 1;
        let ends = tail <= 3 || self.sentence.tokens[self.at].punctuated();
        let open = self.context.open;
        let fits = match majority {
            Majority::Unanimous => agree || self.told() && (ends || open && tail <= 8),
            Majority::ByMajority => open && self.told() && ends,
        };
        fits.then_some(Outcome::Adopted)
    }

    fn deed(&self, outcome: Outcome) -> Option<Outcome> {
        let near = self.at.saturating_sub(4).max(self.cut);
        let clause = self.between(near, self.at, &["bevor", "dass", "weil", "wo", "wie"]);
        let choice = self.is(self.at + 1, "oder") || self.is(self.at + 2, "oder");
        let last = self.words.len().min(self.at + 14);
        let negated = self.between(self.at, last.min(self.at + 6), &["nicht"]);
        let would =
            self.between(near, self.at, &["werden", "wuerde", "wuerden", "wurde", "wurden"]);
        let marked = self.thus.is_some() || self.then || self.context.open;
        let fits = match outcome {
            Outcome::Referred => {
                self.words[self.cut..last].iter().any(|w| committee(w))
                    && !self.is(self.at + 1, "auf")
                    && !self.is(self.at + 2, "auf")
            }
            Outcome::Withdrawn => self.words[self.cut..last].iter().any(|w| SUBJECTS.contains(w)),
            _ => marked || self.words[self.cut..last].iter().any(|w| SUBJECTS.contains(w)),
        };
        (fits && !clause && !choice && !negated && !would).then_some(outcome)
    }

    /// "Dann nehmen wir das so zur Kenntnis", "damit ist das zur Kenntnis genommen".
    fn notice(&self) -> Option<Outcome> {
        let near = self.at.saturating_sub(12).max(self.cut);
        let last = self.words.len().min(self.at + 5);
        let told_that = self.between(self.at + 1, last, &["dass", "was", "wie", "zu"]);
        let taken = self.is(self.at + 1, "genommen");
        let clause = self.words.get(self.at + 2).is_some_and(|w| WAS.contains(w) || IS.contains(w));
        let we = (near..self.at).any(|i| {
            matches!(self.words[i], "wir" | "sie")
                && (taken || {
                    let verb = |j: usize| self.is(j, "nehmen");
                    verb(i + 1) || i > 0 && verb(i - 1)
                })
        });
        let marked = self.thus.is_some() || self.then || self.context.open;
        let is_taken = taken && self.verb.is_some_and(|v| IS.contains(&self.words[v])) && marked;
        let ours = we && (marked || self.between(near, self.at, &["wir"]) || taken);
        (!told_that && !clause && !self.of_old() && (is_taken || ours)).then_some(Outcome::Noted)
    }

    /// "Damit hat sie die erforderliche Mehrheit nicht erreicht", after the numbers.
    fn quorum(&self) -> Option<(Outcome, bool)> {
        let near = self.at.saturating_sub(10).max(self.cut);
        let majority = self.between(near, self.at, &["mehrheit"]);
        let missed = self.is(self.at, "verfehlt") || self.between(near, self.at, &["nicht"]);
        if !self.context.open || !majority || self.verb.is_none() {
            return None;
        }
        Some(if missed { (Outcome::Rejected, false) } else { (Outcome::Adopted, true) })
    }

    /// "Dann verfahren wir so" where a referral was proposed.
    fn proceed(&self) -> Option<Outcome> {
        let last = self.words.len().min(self.at + 7);
        let so = self.between(self.cut, last, &["so", "wie", "entsprechend", "vorgeschlagen"]);
        let agreed = so && self.context.referral && !self.context.open;
        (agreed && !self.between(self.cut, self.at, &["nicht"])).then_some(Outcome::Referred)
    }
}

/// Whether a sentence reports what others decided or recommend, so that its numbers are theirs.
pub(super) fn reports(words: &[&str]) -> bool {
    let participle = |i: usize| matches!(head(words, i), Some(Head::Participle(_)));
    (0..words.len()).any(participle)
        || words.iter().any(|w| committee(w) || w.starts_with("empf") || BEFORE_NOW.contains(w))
}

/// Whether the word at `i` begins a result ("damit mehrheitliche Annahme").
fn tells(words: &[&str], i: usize) -> bool {
    i < words.len()
        && (adjective(words, i).is_some() || matches!(words[i], "findet" | "nehmen" | "verweisen"))
}

/// "Sozialausschuss", "Beirat": a body of another.
fn committee(word: &str) -> bool {
    [
        "ausschuss",
        "ausschusse",
        "ausschusses",
        "ausschuesse",
        "ausschuessen",
        "beirat",
        "fraktionen",
        "ortsrat",
    ]
    .iter()
    .any(|body| word.ends_with(body))
}
