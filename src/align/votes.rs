//! Results of votes as the chair announces them, attached to the item under which they fall.
//! Owns the course of a ballot: what is put to the vote, counted, decided; and which item it is
//! about. Refuses to conclude: where the words do not say a result, there is none.
//!
//! `tally` cuts sentences and reads their numbers, `verdict` its result; each uses those
//! named before it. Only what the chair says counts.

mod tally;
#[cfg(test)]
mod tests;
mod verdict;

use super::agenda;
use super::item_decoder::Stretch;
use super::items::Items;
use super::lexicon::{self, FormulaKind};
use super::stream::{FormulaMatch, SpeechSegment, WordStream, span_of};
use crate::domain::{ItemAlignment, Majority, Outcome, Transcript, Vote};

use tally::{Sentence, Side, Tally, sentences};
use verdict::{BallotContext, Verdict};

/// For how many words something put to the vote waits for its result.
const BALLOT: usize = 80;
/// For how many words a proposed referral waits for agreement.
const PROPOSAL: usize = 60;
/// For how many words talk of debating time or of changes to the agenda colours an agreement.
const ARRANGED: usize = 40;
/// Within how many words the same result said twice is one result.
const AGAIN: usize = 60;
/// For how many words the result of a roll call waits until it is read out.
const ROLL_CALL: usize = 200;
/// From this score on title words say which item a roll call was about.
const TITLED: f32 = 2.0;
/// An agenda noun this plain ("Tagesordnungspunkt", not "Punkt") names another item for certain.
const PLAIN_NOUN: f32 = 3.0;
/// Nouns weaker than this ("Ziffer", "Nummer") count the parts of a motion.
const PART_NOUN: f32 = 1.5;

/// A result found in words `first..end`, and the items it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Announced {
    pub items: Vec<usize>,
    pub first: usize,
    pub end: usize,
    outcome: Outcome,
    majority: Option<Majority>,
    tally: Tally,
    /// Only how many, not what, was said.
    implied: bool,
}

/// Results in order of time. `chair` holds the tokens `first..end` of the chair's turns. Linear.
pub(super) fn find(
    stream: &WordStream,
    hits: &[FormulaMatch],
    items: &Items,
    stretches: &[Stretch],
    chair: &[(usize, usize)],
) -> Vec<Announced> {
    let mut course = VoteReader { stream, items, found: Vec::new(), ballot: Ballot::default() };
    for stretch in stretches {
        course.ballot = Ballot::default();
        let from = chair.partition_point(|turn| turn.1 <= stretch.first);
        for turn in chair[from..].iter().take_while(|turn| turn.0 < stretch.end) {
            let (first, end) = (turn.0.max(stretch.first), turn.1.min(stretch.end));
            course.ballot.elsewhere = false;
            for sentence in sentences(&stream.tokens, first, end) {
                course.hear(&sentence, hits, stretch);
            }
        }
        course.count_out(stretch);
    }
    course.found
}

/// Writes results under their items, unless these are not public.
pub(super) fn attach(
    aligned: &mut [ItemAlignment],
    transcript: &Transcript,
    stream: &WordStream,
    announced: &[Announced],
) {
    for result in announced {
        let Some(span) = span_of(transcript, result.first, result.end) else { continue };
        for &item in &result.items {
            let held = |s: &crate::domain::Span| s.start() <= span.start() && span.end() <= s.end();
            // Items that are not public have no spans.
            if !aligned[item].spans.iter().any(held) {
                continue;
            }
            aligned[item].votes.push(Vote {
                start_ms: span.start(),
                end_ms: span.end(),
                outcome: result.outcome,
                majority: result.majority,
                in_favour: result.tally.in_favour,
                against: result.tally.against,
                abstentions: result.tally.abstentions,
                words: stream.quote(result.first, result.end),
            });
        }
    }
}

/// What is being decided.
#[derive(Clone, Debug, Default)]
struct Ballot {
    /// Behind the words that last put something to the vote.
    opened: Option<usize>,
    /// Behind a proposed referral.
    referral: Option<usize>,
    /// Behind words about debating time or changes to the agenda.
    arranged: Option<usize>,
    /// Whom the last question asked to show themselves.
    asked: Vec<Side>,
    tally: Tally,
    /// Tokens in which the tally was told.
    counted: Option<(usize, usize)>,
    /// Items named by number among those called together.
    named: Vec<usize>,
    /// Another item was named: what follows in this turn is about that one.
    elsewhere: bool,
    /// Where the chair began to read out the result of a roll call.
    roll_call: Option<usize>,
    /// Whether the last result of this stretch may still be said again.
    fresh: bool,
}

struct VoteReader<'a> {
    stream: &'a WordStream,
    items: &'a Items,
    found: Vec<Announced>,
    ballot: Ballot,
}

impl VoteReader<'_> {
    /// One sentence of the chair's.
    fn hear(&mut self, sentence: &Sentence, hits: &[FormulaMatch], stretch: &Stretch) {
        let end = sentence.first + sentence.words.len();
        if calls(hits, sentence.first, end) {
            self.count_out(stretch);
            self.ballot =
                Ballot { named: std::mem::take(&mut self.ballot.named), ..Ballot::default() };
        }
        if self.ballot.counted.is_some_and(|counted| counted.1 + BALLOT < sentence.first) {
            self.count_out(stretch);
        }
        let other = self.name(sentence, stretch);
        let mut from = 0;
        let mut told = false;
        while let Some(verdict) = verdict::find(sentence, from, self.context(sentence)) {
            from = verdict.end.max(from + 1);
            let last = verdict::find(sentence, from, self.context(sentence)).is_none();
            let counts = if last { sentence.words.len() } else { verdict.end };
            if !other {
                self.decide(sentence, verdict, counts, stretch);
            }
            told = true;
        }
        if !told {
            self.count(sentence);
        }
        self.note(sentence, from, stretch);
    }

    fn context(&self, sentence: &Sentence) -> BallotContext {
        let ballot = &self.ballot;
        let recent = |at: Option<usize>, words: usize| at.filter(|at| sentence.first < at + words);
        let open = recent(ballot.opened, BALLOT);
        let since = |at: Option<usize>| at.is_some_and(|at| open.is_none_or(|open| at >= open));
        let referral = recent(ballot.referral, PROPOSAL);
        BallotContext {
            open: open.is_some() && !since(referral),
            against_asked: ballot.asked.iter().any(|side| *side != Side::InFavour),
            referral: since(referral),
            arranging: since(recent(ballot.arranged, ARRANGED)),
        }
    }

    /// Keeps which of the items called together a sentence names. Returns whether it names another.
    fn name(&mut self, sentence: &Sentence, stretch: &Stretch) -> bool {
        let segment =
            SpeechSegment { first: sentence.first, end: sentence.first + sentence.words.len() };
        let said = |start: &str| sentence.words.iter().any(|w| w.starts_with(start));
        if said("ergebnis") && (said("namentlich") || said("ermittelt") || said("wahl")) {
            self.ballot.roll_call = Some(sentence.first);
        }
        let Some(mention) = agenda::mention_in(self.stream, segment) else { return false };
        let called = self.items.called(&mention.numbers);
        let here: Vec<usize> =
            called.iter().copied().filter(|item| stretch.items.contains(item)).collect();
        if !here.is_empty() && mention.noun >= PART_NOUN {
            (self.ballot.named, self.ballot.elsewhere) = (here, false);
        } else if !called.is_empty() && mention.noun >= PLAIN_NOUN {
            // "Ich komme zurück zu TOP 7" lasts; a mere mention only colours its own sentence.
            self.ballot.elsewhere |= said("zurueck") || said("ergebnis");
            return true;
        }
        false
    }

    /// Whether what is decided up to token `end` is about an item treated elsewhere: one named, or
    /// one whose title is read with the result of a roll call.
    fn is_elsewhere(&self, end: usize, stretch: &Stretch) -> bool {
        let Some(first) = self.ballot.roll_call.filter(|first| end < first + ROLL_CALL) else {
            return self.ballot.elsewhere;
        };
        let titles = self.items.title_scores(self.stream, first, end);
        let best = |here: bool| {
            let of = titles.iter().filter(|(item, _)| stretch.items.contains(item) == here);
            of.map(|(_, score)| *score).fold(0.0, f32::max)
        };
        self.ballot.elsewhere || best(false) >= TITLED && best(false) > best(true) + 1.0
    }

    /// A result was told.
    fn decide(&mut self, sentence: &Sentence, verdict: Verdict, counts: usize, stretch: &Stretch) {
        let own = Tally::read(sentence, verdict.first, counts);
        let tally = self.tally_of(verdict, own, stretch);
        let end = if own == Tally::read(sentence, verdict.first, verdict.end) {
            verdict.end
        } else {
            counts
        };
        let first = sentence.first + verdict.first;
        let counted = self.ballot.counted.filter(|_| tally != own).map_or(first, |c| c.0);
        let announced = Announced {
            items: self.about(stretch),
            first: if first - counted <= BALLOT { counted.min(first) } else { first },
            end: sentence.first + end,
            outcome: verdict.outcome,
            majority: verdict.majority,
            tally,
            implied: verdict.implied,
        };
        let elsewhere = self.is_elsewhere(announced.end, stretch);
        let once_more = ["auch", "ebenfalls", "ebenso", "wieder", "wiederum"];
        let own_words = &sentence.words[verdict.first..verdict.end];
        let again = self.ballot.fresh
            && !own_words.iter().any(|w| once_more.contains(w))
            && self.found.last().is_some_and(|last| {
                last.end + AGAIN > announced.first && last.items == announced.items
            });
        match self.found.last_mut() {
            _ if elsewhere => {}
            Some(last) if again && last.is_said_again(&announced) => last.join(announced),
            _ => self.found.push(announced),
        }
        self.ballot = Ballot {
            named: std::mem::take(&mut self.ballot.named),
            elsewhere: self.ballot.elsewhere,
            roll_call: self.ballot.roll_call,
            fresh: !elsewhere,
            ..Ballot::default()
        };
    }

    /// The numbers of a result: those in its own words, else those counted before it.
    fn tally_of(&mut self, verdict: Verdict, own: Tally, stretch: &Stretch) -> Tally {
        let opposed = |tally: Tally| tally.against.is_some_and(|n| n > 0);
        let unanimous = verdict.majority == Some(Majority::Unanimous);
        if unanimous && opposed(self.ballot.tally) {
            self.count_out(stretch);
        }
        let tally = match verdict.outcome {
            Outcome::Adopted | Outcome::Elected => own.or(self.ballot.tally),
            Outcome::Rejected => own.or(self.ballot.tally).of_rejection(),
            _ => own,
        };
        // "Punkt 2 einstimmig, Punkt 3 mit zwei Gegenstimmen": numbers of something else.
        if unanimous && opposed(tally) { Tally::default() } else { tally }
    }

    fn about(&self, stretch: &Stretch) -> Vec<usize> {
        match self.ballot.named.is_empty() {
            true => stretch.items.clone(),
            false => self.ballot.named.clone(),
        }
    }

    /// Numbers of a sentence that tells no result.
    fn count(&mut self, sentence: &Sentence) {
        let end = sentence.first + sentence.words.len();
        let open = self.ballot.opened.is_some_and(|at| sentence.first < at + BALLOT);
        let mut tally = match sentence.asks || verdict::reports(&sentence.words) {
            true => Tally::default(),
            false => Tally::read(sentence, 0, sentence.words.len()),
        };
        if let Some(n) = tally::answer(sentence)
            && tally.is_empty()
            && (n == 0 || self.ballot.asked.len() == 1)
        {
            self.ballot.asked.iter().for_each(|side| *tally.of(*side) = Some(n));
        }
        if let Some(last) = self.found.last_mut()
            && self.ballot.fresh
            && last.end == sentence.first
            && sentence.words.len() <= 8
            && !tally.is_empty()
        {
            // "Damit ist das angenommen. Bei zwei Gegenstimmen."
            last.tally = last.tally.or(tally);
            last.end = end;
            return;
        }
        if tally.is_empty() || !(open || tally.in_favour.is_some()) {
            return;
        }
        let from = self.ballot.counted.map_or(sentence.first, |counted| counted.0);
        self.ballot.tally = tally.or(self.ballot.tally);
        self.ballot.counted = Some((from, end));
        self.ballot.opened = Some(end);
    }

    /// What a sentence prepares, behind its last result at word `from`.
    fn note(&mut self, sentence: &Sentence, from: usize, stretch: &Stretch) {
        let words = &sentence.words;
        let behind = |i: usize| Some(sentence.first + i + 1);
        if let Some(i) = (from..words.len()).rev().find(|i| verdict::puts_to_vote(words, *i)) {
            self.ballot.opened = behind(i);
        }
        let asked = tally::asks(sentence);
        if from == 0 && !asked.is_empty() && (sentence.asks || words.len() <= 6) {
            self.ballot.opened = behind(words.len() - 1);
            self.ballot.fresh &= !asked.contains(&Side::InFavour);
            if asked.contains(&Side::InFavour) {
                self.ballot.roll_call = None;
            }
            self.ballot.asked = asked;
        } else {
            self.ballot.asked.clear();
        }
        if sentence.tokens.iter().any(|t| t.key.and_then(lexicon::noun).is_some()) {
            self.ballot.fresh = false;
        }
        if puts_new(words, from) {
            self.count_out(stretch);
            self.ballot.fresh = false;
        }
        let any = |wanted: &[&str]| words[from..].iter().any(|w| wanted.contains(w));
        if any(&["empfiehlt"]) {
            self.ballot.fresh = false;
        }
        if any(&["handzeichen", "kartenzeichen", "erheben", "votum"]) {
            self.ballot.roll_call = None;
        }
        let refers =
            words[from..].iter().any(|w| w.starts_with("ueberweis") || w.starts_with("verweis"));
        let proposes =
            words[from..].iter().any(|w| w.contains("vorschl") || w.contains("vorgeschl"));
        if refers && (proposes || any(&["schlage", "schlaegt", "beantragt", "wer"])) {
            self.ballot.referral = behind(words.len() - 1);
        }
        if any(&[
            "minuten",
            "redezeit",
            "erweitern",
            "erweitert",
            "aufsetzen",
            "aufgesetzt",
            "absetzen",
        ]) {
            self.ballot.arranged = behind(words.len() - 1);
        }
    }

    /// A ballot that was counted on both sides, and nothing more said: the numbers are the result.
    fn count_out(&mut self, stretch: &Stretch) {
        let tally = std::mem::take(&mut self.ballot.tally);
        let Some((first, end)) = self.ballot.counted.take() else { return };
        let (Some(yes), Some(no)) = (tally.in_favour, tally.against) else { return };
        if yes != no && !self.is_elsewhere(end, stretch) {
            let outcome = if yes > no { Outcome::Adopted } else { Outcome::Rejected };
            let items = self.about(stretch);
            let implied = false;
            self.found.push(Announced {
                items,
                first,
                end,
                outcome,
                majority: None,
                tally,
                implied,
            });
        }
    }
}

/// Whether an item is called in tokens `first..end`.
fn calls(hits: &[FormulaMatch], first: usize, end: usize) -> bool {
    let from = hits.partition_point(|h| h.first < first);
    hits[from..]
        .iter()
        .take_while(|h| h.first < end)
        .any(|h| h.kind == FormulaKind::Next || h.kind == FormulaKind::Call && h.weight >= 2.5)
}

/// Whether something new is put to the vote, not only the other side asked for.
fn puts_new(words: &[&str], from: usize) -> bool {
    let other_side = ["dagegen", "gegenprobe", "enthaelt"];
    (from..words.len()).any(|i| {
        let against = words[i..].iter().take(3).any(|w| other_side.contains(w));
        !against && verdict::puts_to_vote(words, i)
    })
}

impl Announced {
    /// Whether `other`, told soon after with nothing put to the vote between, is this result again.
    fn is_said_again(&self, other: &Self) -> bool {
        let same = self.outcome == other.outcome || self.implied || other.implied;
        let majority = self.majority.is_none() || other.majority.is_none();
        let one = |vote: &Self| vote.majority == Some(Majority::Unanimous);
        let opposed = |vote: &Self| vote.tally.against.is_some_and(|n| n > 0);
        same && (majority || self.majority == other.majority)
            && !self.tally.contradicts(other.tally)
            && !(one(self) && opposed(other) || one(other) && opposed(self))
    }

    fn join(&mut self, other: Self) {
        if self.implied {
            self.outcome = other.outcome;
            self.implied = other.implied;
        }
        self.majority = self.majority.or(other.majority);
        self.tally = self.tally.or(other.tally);
        self.end = other.end;
    }
}
