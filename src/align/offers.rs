//! Whom the words before a boundary offer the floor: who was named, and whose name may have been misheard.
//! Owns what is seen of a mention; weighs nothing.

use mitschnitt_german::likeness::heard_within;

use super::cues::{SeenCues, SpeakerCue};
use super::evidence::{Evidence, goes_to, strength_of, strongest};
use super::lexicon::FormulaKind;
use super::names::{NameMention, is_address, is_common};
use super::roster::party_key;
use super::stream::{FormulaMatch, SpeechSegment, StreamToken, WordStream};

/// How far back from a boundary a name hands over (words).
const REACH: usize = 45;
/// Longer sentences hand over no name that was not heard (words).
const LONGEST_HAND_OVER: usize = 14;
/// In how many segments such a sentence may lie.
const SENTENCE_WITHIN: usize = 4;
/// In how many of its last words the name stands.
const NAME_WITHIN: usize = 7;
/// Below this, something like a name was not said (see [`heard_within`]).
const MISHEARD: f32 = 0.55;

impl Evidence<'_> {
    /// Who was named before segment `i`, closely enough to speak from there on, and what of it is seen.
    pub fn offers(&self, i: usize, by_segment: &[&[FormulaMatch]]) -> Vec<(usize, SeenCues)> {
        let at = self.stream.segments[i].first;
        let to = self.mentions.partition_point(|m| m.end <= at);
        let recent = &self.mentions[to.saturating_sub(8)..to];
        let near: Vec<FormulaMatch> =
            (i.saturating_sub(6)..i).flat_map(|j| by_segment[j]).copied().collect();
        let mut offers: Vec<(usize, f32, SeenCues)> = Vec::new();
        for (n, mention) in recent.iter().enumerate().filter(|(_, m)| at - m.end <= REACH) {
            let others = recent[n + 1..].len() as f32;
            let around = offer(self.stream, mention, &near, at);
            let likely = rough(&around);
            let best = mention.persons.first().map_or(0.0, |p| p.1);
            for (person, fit) in mention.persons.iter() {
                if Some(*person) == self.presiding(i) {
                    continue;
                }
                let next = mention.persons.iter().filter(|p| p.0 != *person);
                let next = next.map(|p| p.1).fold(0.0, f32::max);
                let mut seen = around.clone();
                seen.push((SpeakerCue::NamedVocative, f32::from(self.is_vocative(mention.first))));
                seen.push((SpeakerCue::NamedOthers, others.min(3.0)));
                seen.push((SpeakerCue::NamedFit, 4.0 * (fit - 0.75)));
                seen.push((SpeakerCue::NamedExact, f32::from(*fit >= 0.99)));
                seen.push((SpeakerCue::NamedAhead, 4.0 * (fit - next).clamp(0.0, 0.5)));
                seen.push((SpeakerCue::NamedBehind, 4.0 * (best - fit).clamp(0.0, 0.5)));
                self.surroundings(mention, *person, &mut seen);
                let likely = likely + 4.0 * fit;
                match offers.iter_mut().find(|o| o.0 == *person) {
                    Some(o) if o.1 < likely => *o = (*person, likely, seen),
                    Some(_) => {}
                    None => offers.push((*person, likely, seen)),
                }
            }
        }
        let mut offers: Vec<(usize, SeenCues)> =
            offers.into_iter().map(|(person, _, seen)| (person, seen)).collect();
        let known: Vec<usize> = recent
            .iter()
            .filter(|m| at - m.end <= 8)
            .flat_map(|m| m.persons.iter().filter(|p| p.1 >= 0.9).map(|p| p.0))
            .collect();
        if known.is_empty() {
            for (person, seen) in self.misheard(i, by_segment) {
                if !offers.iter().any(|o| o.0 == person) {
                    offers.push((person, seen));
                }
            }
        }
        offers
    }

    /// Whose name may have been said in the last words before segment `i`, where it was not heard as a name:
    /// the border of a word was heard elsewhere, or another word in its place.
    fn misheard(&self, i: usize, by_segment: &[&[FormulaMatch]]) -> Vec<(usize, SeenCues)> {
        let Some(last) = i.checked_sub(1) else { return Vec::new() };
        // The last sentence, though commas and pauses cut it: "Stadtrat Muster, bitte."
        let end = self.stream.segments[last].end;
        let ends =
            |j: &usize| self.stream.tokens[self.stream.segments[*j].first - 1].ends_sentence();
        let first = (i.saturating_sub(SENTENCE_WITHIN)..i)
            .rev()
            .filter(|j| *j > 0)
            .find(ends)
            .filter(|j| end - self.stream.segments[*j].first <= LONGEST_HAND_OVER)
            .unwrap_or(last);
        let segment = SpeechSegment { first: self.stream.segments[first].first, end };
        let hits = &by_segment[first..i];
        let strongest = |kind| hits.iter().map(|hits| strongest(hits, kind)).fold(0.0, f32::max);
        let words = self.stream.words(segment);
        let floor = strongest(FormulaKind::Floor);
        let hands = floor > 0.0
            || strongest(FormulaKind::Thanks) > 0.0
            || words.iter().any(is_address)
            || words.len() <= 6;
        if !hands || words.len() > LONGEST_HAND_OVER {
            return Vec::new();
        }
        let from = words.len().saturating_sub(NAME_WITHIN);
        let tail = &words[from..];
        // What is known to be something else is no name; but behind a form of address stands one, whatever
        // was heard ("Stadtrat kann man wo es ne").
        let mut text = String::new();
        let mut addressed_before = false;
        for (n, token) in tail.iter().enumerate() {
            let at = segment.first + from + n;
            let is_unheard = self.unheard.iter().any(|m| m.first <= at && at < m.end);
            let is_formula = token.key.is_some() || is_address(token);
            let is_known = is_formula || is_common(&token.text) && !addressed_before;
            match is_unheard || is_known {
                true => text.push('-'),
                false => text.push_str(&token.text),
            }
            addressed_before = match is_address(token) {
                true => !is_unheard && !token.punctuated(),
                false => addressed_before && !is_formula && !token.punctuated(),
            };
        }
        let end = text.trim_end_matches('-').len();
        let addressed = tail.iter().any(is_address)
            || ["stadtrat", "stadtraetin", "kollege", "kollegin", "abgeordnete"]
                .iter()
                .any(|title| heard_within(title, &text).0 >= 0.7);
        let form = words.iter().rev().find_map(|t| match t.text.as_str() {
            "frau" | "kollegin" | "stadtraetin" | "kreisraetin" | "abgeordnete" => Some("frau"),
            "herr" | "herrn" | "kollege" | "kollegen" | "stadtrat" | "kreisrat"
            | "abgeordneter" => Some("herr"),
            _ => None,
        });
        let parties = self.roster.parties_in(words);
        let mut found: Vec<(usize, f32, usize, usize)> = (0..self.roster.len())
            .filter(|person| Some(*person) != self.presiding(i))
            .filter_map(|person| {
                let name = self.roster.whole_family(person)?;
                let (fit, end) = heard_within(name, &text);
                (fit >= MISHEARD).then_some((person, fit, end, name.len()))
            })
            .collect();
        found.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        found.truncate(4);
        let best = found.first().map_or(0.0, |f| f.1);
        let next = found.get(1).map_or(MISHEARD, |f| f.1);
        let seen = |(person, fit, ends, length): (usize, f32, usize, usize)| {
            let ahead = if fit == best { fit - next } else { fit - best };
            let mut seen = vec![
                (SpeakerCue::Misheard, 1.0),
                (SpeakerCue::MisheardFit, 5.0 * (fit - 0.7)),
                (SpeakerCue::MisheardAhead, 5.0 * ahead),
                (SpeakerCue::MisheardLong, f32::from(length >= 8)),
                (SpeakerCue::MisheardShort, f32::from(length <= 4)),
                (SpeakerCue::MisheardLast, f32::from(ends + 1 >= end)),
                (SpeakerCue::MisheardAddressed, f32::from(addressed)),
                (SpeakerCue::MisheardFloor, floor.min(4.0)),
            ];
            if let Some(form) = form.and_then(|form| self.roster.is_addressed(person, form)) {
                seen.push((
                    if form { SpeakerCue::MisheardForm } else { SpeakerCue::MisheardOtherForm },
                    1.0,
                ));
            }
            let belongs = parties.iter().filter_map(|party| self.roster.belongs(person, party));
            if let Some(any) = belongs.reduce(|a, b| a || b) {
                seen.push((
                    if any { SpeakerCue::MisheardParty } else { SpeakerCue::MisheardOtherParty },
                    1.0,
                ));
            }
            (person, seen)
        };
        found.into_iter().map(seen).collect()
    }

    /// What party, form of address and given name around a mention say for a person.
    fn surroundings(&self, mention: &NameMention, person: usize, seen: &mut SeenCues) {
        let tokens = &self.stream.tokens;
        let segment = self.stream.segments[self.stream.segment_at(mention.first)];
        let from = segment.first.max(mention.first.saturating_sub(12));
        let to = segment.end.min(mention.end + 8);
        let mut parties = Vec::new();
        for token in tokens[from..to].iter().filter(|t| t.text.len() >= 3) {
            for part in token.raw.split(|c: char| !c.is_alphanumeric()) {
                let key = party_key(part);
                if self.roster.is_party(&key) {
                    parties.push(key);
                }
            }
        }
        let belongs = parties.iter().filter_map(|party| self.roster.belongs(person, party));
        if let Some(any) = belongs.reduce(|a, b| a || b) {
            seen.push((
                if any { SpeakerCue::NamedParty } else { SpeakerCue::NamedOtherParty },
                1.0,
            ));
        }
        let before =
            tokens[segment.first.max(mention.first.saturating_sub(3))..mention.first].iter();
        let said = before
            .rev()
            .find(|t| matches!(t.text.as_str(), "frau" | "herr" | "herrn" | "kollegin"));
        if let Some(form) = said.and_then(|said| self.roster.is_addressed(person, &said.text)) {
            seen.push((if form { SpeakerCue::NamedForm } else { SpeakerCue::NamedOtherForm }, 1.0));
        }
    }
}

/// Which of several mentions of a person is the one that gives them the floor: roughly, by the formula
/// and how near it is.
fn rough(seen: &[(SpeakerCue, f32)]) -> f32 {
    let of = |cue| strength_of(seen, cue);
    of(SpeakerCue::NamedFloor) + of(SpeakerCue::NamedLast)
        - of(SpeakerCue::NamedWords)
        - of(SpeakerCue::NamedRecord)
        - 2.0 * of(SpeakerCue::NamedThanked)
}

/// What is seen of a mention, for its bearer speaking from token `at` on.
fn offer(stream: &WordStream, mention: &NameMention, near: &[FormulaMatch], at: usize) -> SeenCues {
    let close = |h: &&FormulaMatch| h.first + 12 >= mention.first && h.first <= mention.end + 6;
    let strongest = |kind: FormulaKind| {
        near.iter().filter(close).filter(|h| h.kind == kind).map(|h| h.weight).fold(0.0, f32::max)
    };
    let floor = strongest(FormulaKind::Floor);
    let interjected = strongest(FormulaKind::Interject);
    let thanked = near.iter().any(|h| h.kind == FormulaKind::Thanks && goes_to(stream, h, mention));
    let between = &stream.tokens[mention.end..at];
    let pleased = between.iter().any(|t| t.text == "bitte");
    // Sentences begun since: the full stop behind "Herr Muster, bitte." begins none.
    let since = stream.tokens[mention.end - 1..at - 1].iter();
    let sentences = since.filter(|t| t.ends_sentence()).count() as f32;
    let addressed = f32::from(mention.addressed);
    let last = f32::from(between.len() <= 1);
    // "… gibt seine Rede zu Protokoll", and "Zu Protokoll geben ihre Reden X und Y".
    let in_sentence =
        || stream.tokens[..mention.first].iter().rev().take_while(|t| !t.ends_sentence());
    let record = between.iter().chain(in_sentence().take(10)).any(|t| t.text == "protokoll");
    // "… zu dem Antrag der Abgeordneten X, Y, weiterer Abgeordneter und der Fraktion Z".
    let author = floor < 2.0 && in_sentence().take(12).any(|t| is_paper(&t.text));
    // "Das stimmt nicht, Frau X" in somebody's speech.
    let lead = stream.tokens[..mention.first].iter().rev().take(7);
    let within = floor == 0.0
        && interjected == 0.0
        && lead.take_while(|t| !t.ends_sentence() && t.pause < 400).count() >= 6;
    let presides = near.iter().any(|h| {
        h.kind == FormulaKind::HandsChair && h.first < mention.first && mention.first <= h.end + 6
    });
    let anything_before = in_sentence().take(3).count() >= 2;
    let ungiven = floor == 0.0 && interjected == 0.0 && !thanked && !pleased && anything_before;
    // "Frau Präsidentin! Herr Minister X!" greets, "lieber Kollege X" argues.
    let greeted = near.iter().any(|h| {
        h.kind == FormulaKind::Greet && h.end <= mention.first && h.end + 8 >= mention.first
    });
    let kind_word = |t: &StreamToken| {
        ["liebe", "lieber", "geehrte", "geehrter", "verehrte", "verehrter", "werter", "werte"]
            .contains(&t.text.as_str())
    };
    let kindly = floor < 2.0
        && stream.tokens[mention.first.saturating_sub(3)..mention.first].iter().any(kind_word);
    // "Herr X, vielen Dank, dass Sie meine Zwischenfrage zulassen."
    let asked = floor < 2.0
        && near.iter().any(|h| {
            h.kind == FormulaKind::Asked && h.first <= mention.end + 8 && mention.first <= h.end + 8
        });
    let asks = near.iter().any(|h| {
        h.kind == FormulaKind::Question && h.first < mention.first && mention.first <= h.end + 10
    });
    // "Für die Fraktion sprach Herr X."
    let sentence: Vec<&StreamToken> = in_sentence()
        .take(8)
        .chain(stream.tokens[mention.end..].iter().take(6).take_while(|t| !t.punctuated()))
        .collect();
    let recap = sentence.iter().any(|t| {
        matches!(
            t.text.as_str(),
            "sprach" | "war" | "hoerten" | "redete" | "gesprochen" | "gehoert"
        )
    });
    let is = f32::from;
    vec![
        (SpeakerCue::Named, 1.0),
        (SpeakerCue::NamedAddressed, addressed),
        (SpeakerCue::NamedGiven, is(mention.given == Some(true))),
        (SpeakerCue::NamedOtherGiven, is(mention.given == Some(false))),
        (SpeakerCue::NamedFloor, floor.min(4.0)),
        (SpeakerCue::NamedInterject, interjected.min(4.0)),
        (SpeakerCue::NamedWords, between.len() as f32 / 10.0),
        (SpeakerCue::NamedSentences, sentences.min(4.0)),
        (SpeakerCue::NamedLast, last),
        (SpeakerCue::NamedLastAddressed, last * addressed),
        (SpeakerCue::NamedPlease, is(pleased)),
        (SpeakerCue::NamedRecord, is(record)),
        (SpeakerCue::NamedPaper, is(author)),
        (SpeakerCue::NamedInSentence, is(within)),
        (SpeakerCue::NamedToPreside, is(presides)),
        (SpeakerCue::NamedUngiven, is(ungiven)),
        (SpeakerCue::NamedGreeted, is(greeted)),
        (SpeakerCue::NamedKindly, is(kindly)),
        (SpeakerCue::NamedAsked, is(asked)),
        (SpeakerCue::NamedAsks, is(asks)),
        (SpeakerCue::NamedThanked, is(thanked && !pleased && floor < 2.0)),
        (SpeakerCue::NamedRecap, is(recap)),
    ]
}

/// What members move or ask, and are named for.
fn is_paper(text: &str) -> bool {
    ["antrag", "antraege", "antrags", "gesetzentwurf", "gesetzentwurfs", "anfrage"]
        .iter()
        .any(|paper| text.ends_with(paper))
}
