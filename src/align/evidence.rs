//! What the words say about who speaks, segment by segment and boundary by boundary; and what pauses and
//! closing words say for a change of speaker, learnt from the meeting itself, since rooms, recognisers and
//! councils differ. Owns the weights of formulas, names, thanks and forms of address; decides nothing.

use std::collections::BTreeSet;

use super::course::{Opening, Stretch};
use super::lexicon::FormulaKind;
use super::names::{NameContext, NameMention, is_address};
use super::roster::Roster;
use super::stream::{FormulaMatch, SpeechSegment, StreamToken, WordStream};
use super::voices::Voices;

/// How far back from a boundary a name hands over (words).
const REACH: usize = 30;
/// What a name with its form of address is worth as the chair's last word.
const LAST_WORD: f32 = 2.5;
/// Speeches are longer than what a chair says: price of a word of the chair's. A mayor who
/// presides also debates; the chair of a council that elects its chair seldom does.
const WORD_OF_MAYOR: f32 = 0.0015;
const WORD_OF_CHAIR: f32 = 0.015;
/// What a role is worth that only the paper says who holds: less than a name, more than nobody known.
const BY_ROLE: f32 = 4.5;
/// For how many segments a question announced by the chair may still begin.
const PENDING: usize = 8;

/// Everything the decoder knows about the segments.
pub(super) struct Evidence<'a> {
    pub stream: &'a WordStream,
    pub hits: &'a [FormulaMatch],
    pub roster: &'a Roster,
    pub mentions: Vec<NameMention>,
    pub voices: Voices,
    /// Per segment: log-odds that the chair speaks.
    pub chair: Vec<f32>,
    /// Per segment: who may be handed the floor at its start.
    pub offers: Vec<Vec<(usize, f32)>>,
    /// Per segment: strength of a hand-over formula just before, name or not.
    pub floor: Vec<f32>,
    /// Per segment: strength of a chair's interjection in the segment before.
    pub interjected: Vec<f32>,
    /// Per segment: persons thanked at its start.
    pub thanked: Vec<Vec<usize>>,
    /// Per segment: strength of a question announced shortly before.
    pub pending: Vec<f32>,
    /// Per segment: how much its start sounds like the answer to a question.
    pub answers: Vec<f32>,
    /// Per segment: persons for or against whom its words speak.
    pub about: Vec<Vec<(usize, f32)>>,
}

impl<'a> Evidence<'a> {
    /// Reads all segments once.
    pub fn gather(
        stream: &'a WordStream,
        hits: &'a [FormulaMatch],
        roster: &'a Roster,
        voices: Voices,
    ) -> Self {
        let by_segment = hits_by_segment(stream, hits);
        let wanted = |i: usize| {
            let segment = stream.segments[i];
            let has = |j: usize, kind: fn(&FormulaMatch) -> bool| {
                by_segment.get(j).is_some_and(|hits| hits.iter().any(kind))
            };
            if has(i, |h| h.kind == FormulaKind::Floor && h.weight >= 2.0) {
                return Some(NameContext::Floor);
            }
            let near = [i.saturating_sub(1), i, i + 1];
            (segment.end - segment.first <= 16
                || near.iter().any(|j| has(*j, |h| names_somebody(h.kind))))
            .then_some(NameContext::Any)
        };
        let mentions = roster.mentions(&stream.tokens, &stream.segments, wanted);
        let word = if roster.chair_governs() { WORD_OF_MAYOR } else { WORD_OF_CHAIR };
        let mut evidence = Self {
            stream,
            hits,
            roster,
            voices,
            chair: chair_odds(stream, &by_segment, &mentions, word),
            offers: Vec::new(),
            floor: Vec::new(),
            interjected: Vec::new(),
            thanked: Vec::new(),
            pending: Vec::new(),
            answers: Vec::new(),
            about: Vec::new(),
            mentions,
        };
        evidence.look_back(&by_segment);
        evidence.listen(&by_segment);
        evidence
    }

    /// Agenda calls are the chair's words; and under an item it is known who brought it in, so that
    /// "das Wort hat die Antragstellerin" names somebody. `movers` are persons by item.
    pub fn called(&mut self, stretches: &[Stretch], movers: &[Vec<usize>]) {
        let called = |s: &&Stretch| matches!(s.opened, Opening::Called { .. });
        for stretch in stretches.iter().filter(called) {
            if let Some(odds) = self.chair.get_mut(self.stream.segment_at(stretch.first)) {
                *odds += 4.0 * stretch.confidence;
            }
        }
        for hit in self.hits.iter().filter(|h| h.kind == FormulaKind::Floor) {
            let segment = self.stream.segment_at(hit.first);
            let end = hit.end.min(self.stream.segments[segment].end);
            let words = &self.stream.tokens[hit.first..end];
            if !words.iter().any(|t| t.key.is_some_and(is_mover)) {
                continue;
            }
            let under = stretches.iter().find(|s| s.first <= hit.first && hit.first < s.end);
            let brought_in = under.map(|s| s.items.iter().flat_map(|i| &movers[*i]).copied());
            let persons: BTreeSet<usize> = brought_in.into_iter().flatten().collect();
            let (Some(&mover), 1) = (persons.first(), persons.len()) else { continue };
            let offers = self.offers.get_mut(segment + 1).filter(|offers| offers.is_empty());
            if let Some(offers) = offers.filter(|_| self.roster.chair() != Some(mover)) {
                offers.push((mover, BY_ROLE));
            }
        }
    }

    /// Who was announced to put a question shortly before segment `i`.
    pub fn questioner(&self, i: usize) -> Option<usize> {
        let at = self.stream.segments[i].first;
        let from = self.stream.segments[i.saturating_sub(PENDING)].first;
        let behind = self.hits.partition_point(|h| h.first < at);
        let hit = self.hits[..behind]
            .iter()
            .rev()
            .take_while(|h| h.first >= from)
            .find(|h| h.kind == FormulaKind::Question)?;
        let after = self.mentions.partition_point(|m| m.first < hit.first);
        let behind = self.mentions[after..].iter().find(|m| m.end <= at && m.first <= hit.end + 10);
        // "Der Kollege X möchte eine Zwischenfrage stellen."
        let before = || {
            let near = self.mentions[..after].last().filter(|m| m.end + 6 >= hit.first)?;
            let between = &self.stream.tokens[near.end - 1..hit.first];
            (!between.iter().any(|t| t.punctuated())).then_some(near)
        };
        behind.or_else(before)?.persons.first().map(|p| p.0)
    }

    /// What the words of each segment say about who speaks them.
    fn listen(&mut self, by_segment: &[&[FormulaMatch]]) {
        let mut mention = 0;
        for (i, segment) in self.stream.segments.iter().enumerate() {
            let words = self.stream.words(*segment);
            let mut about: Vec<(usize, f32)> = Vec::new();
            for party in self.roster.own_parties(words) {
                about.extend((0..self.roster.len()).filter_map(|p| {
                    let member = self.roster.belongs(p, &party)?;
                    Some((p, if member { 1.5 } else { -1.5 }))
                }));
            }
            while mention < self.mentions.len() && self.mentions[mention].first < segment.first {
                mention += 1;
            }
            let named = self.mentions[mention..].iter().take_while(|m| m.first < segment.end);
            for m in named.filter(|m| m.addressed) {
                about.extend(m.persons.iter().filter(|p| p.1 >= 0.9).map(|p| (p.0, -1.2)));
            }
            self.about.push(about);
            let thanks = by_segment[i].iter().any(|h| h.kind == FormulaKind::Thanks);
            let asked = words
                .iter()
                .take(14)
                .any(|t| matches!(t.text.as_str(), "frage" | "zwischenfrage" | "nachfrage"));
            self.answers.push(if thanks && asked { 3.0 } else { 0.0 });
            let recent = by_segment[i.saturating_sub(PENDING)..i].iter().copied().flatten();
            let pending = recent.filter(|h| h.kind == FormulaKind::Question).map(|h| h.weight);
            let asking = by_segment[i].iter().filter(|h| h.kind == FormulaKind::Asked);
            let asking = asking.map(|h| if h.weight >= 5.0 { h.weight } else { 0.0 });
            self.pending.push(pending.chain(asking).fold(0.0, f32::max));
        }
    }

    /// Fills what each boundary knows from the words before and behind it.
    fn look_back(&mut self, by_segment: &[&[FormulaMatch]]) {
        let count = self.stream.segments.len();
        let chair = self.roster.chair();
        let mut mention = 0;
        for i in 0..count {
            let at = self.stream.segments[i].first;
            while mention < self.mentions.len() && self.mentions[mention].end <= at {
                mention += 1;
            }
            let recent = &self.mentions[mention.saturating_sub(6)..mention];
            let near: Vec<FormulaMatch> =
                (i.saturating_sub(4)..i).flat_map(|j| by_segment[j]).copied().collect();
            let mut offers: Vec<(usize, f32)> = Vec::new();
            for m in recent.iter().filter(|m| at - m.end <= REACH) {
                let gain = offer(self.stream, m, &near, at);
                for (person, fit) in m.persons.iter().filter(|(p, _)| Some(*p) != chair) {
                    let value = gain + 5.0 * (fit - 0.75);
                    match offers.iter_mut().find(|o| o.0 == *person) {
                        Some(o) => o.1 = o.1.max(value),
                        None => offers.push((*person, value)),
                    }
                }
            }
            offers.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
            self.offers.push(offers);
            let last = i.checked_sub(1).map_or(&[][..], |j| by_segment[j]);
            let strongest =
                |kind| last.iter().filter(|h| h.kind == kind).map(|h| h.weight).fold(0.0, f32::max);
            let reminded = i
                .checked_sub(1)
                .is_some_and(|j| is_reminder(self.stream.words(self.stream.segments[j])));
            let called = !reminded
                && i.checked_sub(1).is_some_and(|j| {
                    let words = self.stream.words(self.stream.segments[j]);
                    words.len() <= 6 && words.iter().any(is_address)
                });
            self.floor.push(strongest(FormulaKind::Floor).max(if called { 3.0 } else { 0.0 }));
            let asked = strongest(FormulaKind::Interject).max(strongest(FormulaKind::Question));
            self.interjected.push(if reminded { 3.0 } else { asked });
            self.thanked.push(thanked(self.stream, &self.mentions[mention..], by_segment[i], at));
        }
    }
}

/// "Herr Kollege!", "Kollege!": the chair reminds the speaker, and names nobody.
fn is_reminder(words: &[StreamToken]) -> bool {
    let is = |i: usize, wanted: &[&str]| {
        words.get(i).and_then(|t| t.key).is_some_and(|key| wanted.contains(&key))
    };
    let bare = ["kollege", "kollegin", "abgeordneter", "abgeordnete"];
    words.len() <= 3 && is(0, &["herr", "frau"]) && is(1, &bare) || words.len() == 1 && is(0, &bare)
}

/// The role that stands for whoever brought an item's paper in.
fn is_mover(key: &str) -> bool {
    ["antragsteller", "antragstellerin"].contains(&key)
}

fn names_somebody(kind: FormulaKind) -> bool {
    matches!(
        kind,
        FormulaKind::Floor
            | FormulaKind::Thanks
            | FormulaKind::Interject
            | FormulaKind::Question
            | FormulaKind::Chair
            | FormulaKind::Done
    )
}

fn hits_by_segment<'a>(stream: &WordStream, hits: &'a [FormulaMatch]) -> Vec<&'a [FormulaMatch]> {
    let mut from = 0;
    let slice = |segment: &SpeechSegment| {
        let start = from + hits[from..].partition_point(|h| h.first < segment.first);
        let end = start + hits[start..].partition_point(|h| h.first < segment.end);
        from = end;
        &hits[start..end]
    };
    stream.segments.iter().map(slice).collect()
}

/// What a name says for its bearer speaking from token `at` on.
fn offer(stream: &WordStream, mention: &NameMention, near: &[FormulaMatch], at: usize) -> f32 {
    let close = |h: &&FormulaMatch| h.first + 12 >= mention.first && h.first <= mention.end + 6;
    let strongest = |kind: FormulaKind| {
        near.iter().filter(close).filter(|h| h.kind == kind).map(|h| h.weight).fold(0.0, f32::max)
    };
    let floor = strongest(FormulaKind::Floor);
    let interjected = strongest(FormulaKind::Interject);
    let thanked = near.iter().any(|h| h.kind == FormulaKind::Thanks && goes_to(stream, h, mention));
    let pleased = stream.tokens[mention.end..at].iter().any(|t| t.text == "bitte");
    let between = &stream.tokens[mention.end..at];
    let sentences = between.iter().filter(|t| t.ends_sentence()).count() as f32;
    let mut gain =
        2.0 + floor.max(0.7 * interjected) - 0.12 * between.len() as f32 - 0.6 * sentences;
    gain += if mention.addressed { 0.7 } else { -0.5 };
    if between.len() <= 1 {
        gain += if mention.addressed { LAST_WORD } else { 1.0 };
    }
    // "… gibt seine Rede zu Protokoll", and "Zu Protokoll geben ihre Reden X und Y".
    let in_sentence =
        || stream.tokens[..mention.first].iter().rev().take_while(|t| !t.ends_sentence());
    let lead = in_sentence().take(10);
    if between.iter().chain(lead).any(|t| t.text == "protokoll") {
        gain -= 4.0;
    }
    // "… zu dem Antrag der Abgeordneten X, Y, weiterer Abgeordneter und der Fraktion Z".
    if floor < 2.0 && in_sentence().take(12).any(|t| is_paper(&t.text)) {
        gain -= 3.0;
    }
    // "Das stimmt nicht, Frau X" in somebody's speech.
    let before = stream.tokens[..mention.first].iter().rev().take(7);
    if floor == 0.0
        && interjected == 0.0
        && before.take_while(|t| !t.ends_sentence() && t.pause < 400).count() >= 6
    {
        gain -= 2.0;
    }
    // "Frau Präsidentin! Herr Minister X!" greets, "lieber Kollege X" argues.
    let greets = |h: &&FormulaMatch| {
        h.kind == FormulaKind::Greet && h.end <= mention.first && h.end + 8 >= mention.first
    };
    if near.iter().any(|h| greets(&h)) {
        gain -= 4.0;
    }
    let kind_word = |t: &StreamToken| {
        ["liebe", "lieber", "geehrte", "geehrter", "verehrte", "verehrter", "werter", "werte"]
            .contains(&t.text.as_str())
    };
    if floor < 2.0
        && stream.tokens[mention.first.saturating_sub(3)..mention.first].iter().any(kind_word)
    {
        gain -= 5.0;
    }
    // "Herr X, vielen Dank, dass Sie meine Zwischenfrage zulassen."
    let asked = |h: &FormulaMatch| {
        h.kind == FormulaKind::Asked && h.first <= mention.end + 8 && mention.first <= h.end + 8
    };
    if floor < 2.0 && near.iter().any(asked) {
        gain -= 5.0;
    }
    let asks = near.iter().any(|h| {
        h.kind == FormulaKind::Question && h.first < mention.first && mention.first <= h.end + 10
    });
    if asks {
        gain -= 3.5;
    }
    if thanked && !pleased && floor < 2.0 {
        gain -= 2.0;
    }
    gain
}

/// What members move or ask, and are named for.
fn is_paper(text: &str) -> bool {
    ["antrag", "antraege", "antrags", "gesetzentwurf", "gesetzentwurfs", "anfrage"]
        .iter()
        .any(|paper| text.ends_with(paper))
}

/// Whether `mention` is who these thanks go to: "Vielen Dank, Frau X", not "Vielen Dank. Frau X".
fn goes_to(stream: &WordStream, thanks: &FormulaMatch, mention: &NameMention) -> bool {
    thanks.end <= mention.first
        && mention.first <= thanks.end + 3
        && !stream.tokens[thanks.end - 1..mention.first].iter().any(|t| t.ends_sentence())
}

fn thanked(
    stream: &WordStream,
    mentions: &[NameMention],
    hits: &[FormulaMatch],
    at: usize,
) -> Vec<usize> {
    if hits.iter().any(|h| h.kind == FormulaKind::Asked) {
        return Vec::new();
    }
    let thanks = hits.iter().filter(|h| h.kind == FormulaKind::Thanks && h.first <= at + 2);
    let pairs = thanks.flat_map(|h| mentions.iter().take(2).map(move |m| (h, m)));
    let named = pairs.filter(|(h, m)| goes_to(stream, h, m)).map(|(_, m)| m).next();
    let named = named.filter(|m| stream.tokens.get(m.end).is_none_or(|t| t.text != "bitte"));
    named.map(|m| m.persons.iter().map(|p| p.0).collect()).unwrap_or_default()
}

/// Log-odds per segment that the chair speaks, from formulas and agenda calls.
fn chair_odds(
    stream: &WordStream,
    by_segment: &[&[FormulaMatch]],
    mentions: &[NameMention],
    word: f32,
) -> Vec<f32> {
    let mut odds: Vec<f32> = Vec::with_capacity(stream.segments.len());
    let mut mention = 0;
    for (segment, hits) in stream.segments.iter().zip(by_segment) {
        while mention < mentions.len() && mentions[mention].first < segment.first {
            mention += 1;
        }
        let named = mentions.get(mention).filter(|m| m.first < segment.end);
        let asked = hits.iter().any(|h| h.kind == FormulaKind::Asked);
        let mut sum = 0.0;
        for hit in *hits {
            sum += match hit.kind {
                FormulaKind::Call => 0.5 * hit.weight,
                FormulaKind::Next => 0.7 * hit.weight,
                FormulaKind::Close
                | FormulaKind::Reopen
                | FormulaKind::Chair
                | FormulaKind::Done => hit.weight,
                FormulaKind::Interject | FormulaKind::Question => 0.8 * hit.weight,
                FormulaKind::Floor => 0.6 * hit.weight,
                FormulaKind::Thanks if asked => 0.0,
                FormulaKind::Thanks
                    if named.is_some_and(|m| m.first >= hit.end && m.first <= hit.end + 4) =>
                {
                    2.0
                }
                FormulaKind::Thanks if hit.first <= segment.first + 1 => 0.4,
                FormulaKind::Thanks | FormulaKind::Arrange => 0.0,
                FormulaKind::Member
                | FormulaKind::Greet
                | FormulaKind::Asked
                | FormulaKind::Introduce => -hit.weight,
            };
        }
        if let Some(m) = named
            && m.addressed
            && segment.end - segment.first <= 8
        {
            sum += 1.0;
        }
        odds.push(sum.clamp(-5.0, 6.0) - word * (segment.end - segment.first) as f32);
    }
    odds
}

/// Upper ends of the bins of pauses, in milliseconds.
const BINS: [u64; 9] = [100, 200, 300, 420, 560, 800, 1200, 2000, u64::MAX];
/// Shares of the bins before anything is learnt: at changes of speaker, and elsewhere.
const AT_CHANGE: [f32; 9] = [0.12, 0.06, 0.06, 0.08, 0.10, 0.14, 0.16, 0.14, 0.14];
const ELSEWHERE: [f32; 9] = [0.40, 0.14, 0.11, 0.10, 0.08, 0.08, 0.05, 0.03, 0.01];
/// Shares of closing words (thanks for the attention) before anything is learnt.
const CLOSED_AT_CHANGE: f32 = 0.25;
const CLOSED_ELSEWHERE: f32 = 0.02;
/// How many observations the shares above are worth.
const TRUST: f32 = 15.0;
/// No single habit is worth more than this.
const MOST: f32 = 3.0;

/// Log-odds for a change, by pause and by closing words.
pub(super) struct Habits {
    pauses: [f32; BINS.len()],
    closed: f32,
    open: f32,
}

impl Habits {
    /// Counts what precedes changes that are plain by their words, and everything else.
    pub fn learn(evidence: &Evidence) -> Self {
        let mut change = AT_CHANGE.map(|share| TRUST * share);
        let mut other = ELSEWHERE.map(|share| TRUST * share);
        let mut closed = [TRUST * CLOSED_AT_CHANGE, TRUST * CLOSED_ELSEWHERE];
        let mut all = [TRUST, TRUST];
        for i in 1..evidence.stream.segments.len() {
            let bin = bin(pause(evidence.stream, i));
            let quiet = evidence.chair[i] <= 0.0 && evidence.chair[i - 1] <= 0.0;
            let handed = evidence.offers[i].first().is_some_and(|o| o.1 >= 6.0);
            let taken = evidence.chair[i] >= 2.0 && evidence.chair[i - 1] < 1.0 && !handed;
            if handed {
                change[bin] += 1.0;
            } else if quiet && evidence.offers[i].is_empty() {
                other[bin] += 1.0;
            }
            if taken || quiet {
                let kind = usize::from(quiet);
                all[kind] += 1.0;
                closed[kind] += if closes(evidence, i - 1) { 1.0 } else { 0.0 };
            }
        }
        let (all_change, all_other) = (change.iter().sum::<f32>(), other.iter().sum::<f32>());
        let mut pauses = [0.0; BINS.len()];
        for (bin, odds) in pauses.iter_mut().enumerate() {
            let ratio = (change[bin] / all_change) / (other[bin] / all_other);
            *odds = ratio.ln().clamp(-MOST, MOST);
        }
        let (yes, no) = (closed[0] / all[0], closed[1] / all[1]);
        let odds = |a: f32, b: f32| (a / b).ln().clamp(-MOST, MOST);
        Self { pauses, closed: odds(yes, no), open: odds(1.0 - yes, 1.0 - no) }
    }

    /// Log-odds of the pause before segment `i` for a change of speaker.
    pub fn pause(&self, stream: &WordStream, i: usize) -> f32 {
        self.pauses[bin(pause(stream, i))]
    }

    /// Log-odds of the words before segment `i` for the end of a speech.
    pub fn ending(&self, evidence: &Evidence, i: usize) -> f32 {
        if closes(evidence, i - 1) { self.closed } else { self.open }
    }
}

/// Whether a segment ends as speeches end: with thanks.
fn closes(evidence: &Evidence, segment: usize) -> bool {
    let segment = evidence.stream.segments[segment];
    let from = evidence.hits.partition_point(|h| h.first < segment.first);
    evidence.hits[from..].iter().take_while(|h| h.first < segment.end).any(|h| {
        let thanks =
            h.kind == FormulaKind::Thanks || h.kind == FormulaKind::Member && h.weight >= 3.0;
        thanks && h.end + 5 >= segment.end
    })
}

fn pause(stream: &WordStream, segment: usize) -> u64 {
    stream.tokens[stream.segments[segment].first].pause
}

fn bin(pause: u64) -> usize {
    BINS.iter().position(|end| pause < *end).unwrap_or(BINS.len() - 1)
}
