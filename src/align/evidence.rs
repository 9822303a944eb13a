//! What the words say about who speaks, segment by segment and boundary by boundary, as cues. Sees; weighs
//! nothing and decides nothing.

use std::collections::BTreeSet;

use super::cues::{SeenCues, SpeakerCue};
use super::item_decoder::{Opening, Stretch};
use super::lexicon::FormulaKind;
use super::names::{NameContext, NameMention, is_address};
use super::pause_model::PauseModel;
use super::presidency::Presidency;
use super::roster::Roster;
use super::stream::{FormulaMatch, SpeechSegment, StreamToken, WordStream};
use super::voices::{DecodedSpeaker, Voices};

/// For how many segments a question announced by the chair may still begin.
pub(super) const PENDING: usize = 8;
/// A formula of this weight hands the floor over in any case ("das Wort hat").
pub(super) const HANDS_OVER: f32 = 2.5;

/// So many words say more than thanks: behind fewer, a name is thanked or called.
const VOCATIVE_AFTER: usize = 4;

/// Everything the decoder knows about the segments.
pub(super) struct Evidence<'a> {
    pub stream: &'a WordStream,
    pub hits: &'a [FormulaMatch],
    pub roster: &'a Roster,
    pub mentions: Vec<NameMention>,
    /// Names that count as not understood.
    pub unheard: Vec<NameMention>,
    pub voices: Voices,
    pub presidency: Presidency,
    pub segments: Vec<SegmentEvidence>,
}

/// What is seen in a segment and at the boundary before it. For certain persons, what is seen of them
/// counts on top of what is seen for anybody.
#[derive(Clone, Debug, Default)]
pub(super) struct SegmentEvidence {
    /// The chair speaks these words.
    pub chair: SeenCues,
    /// The chair only cuts in with them.
    pub interrupting: SeenCues,
    /// Somebody puts a question with them.
    pub asking: SeenCues,
    /// A certain person speaks them.
    pub speaks: Vec<(usize, SeenCues)>,
    /// A speech ended before them, and these are the chair's.
    pub end: SeenCues,
    pub end_of: Vec<(usize, SeenCues)>,
    /// The chair cuts in with them.
    pub interrupt: SeenCues,
    pub interrupt_of: Vec<(usize, SeenCues)>,
    /// Who spoke before the chair goes on with them.
    pub resume: SeenCues,
    pub resume_of: Vec<(usize, SeenCues)>,
    /// The chair goes on with them.
    pub stay: SeenCues,
    /// A speech begins with them.
    pub new: SeenCues,
    /// … of somebody unknown.
    pub unknown: SeenCues,
    /// … of somebody nobody named.
    pub unnamed: SeenCues,
    pub unnamed_of: Vec<(usize, SeenCues)>,
    /// … of these.
    pub named: Vec<(usize, SeenCues)>,
    /// … of who spoke before.
    pub again: SeenCues,
    /// A question that the chair announced begins with them.
    pub ask: SeenCues,
    /// A question begins with them that nobody announced.
    pub ask_alone: SeenCues,
    /// The answer begins with them.
    pub answer: SeenCues,
    /// They are the chair's, behind a question.
    pub after_question: SeenCues,
    /// Somebody else speaks them, without the chair in between: anybody, these, somebody unknown.
    pub switch: SeenCues,
    pub switch_of: Vec<(usize, SeenCues)>,
    pub switch_unknown: SeenCues,
}

impl SegmentEvidence {
    /// Without what is seen of these cues.
    pub fn without(&mut self, cues: &[SpeakerCue]) {
        for seen in [
            &mut self.chair,
            &mut self.end,
            &mut self.interrupt,
            &mut self.resume,
            &mut self.stay,
            &mut self.new,
            &mut self.ask,
            &mut self.ask_alone,
            &mut self.answer,
            &mut self.switch,
        ] {
            seen.retain(|(cue, _)| !cues.contains(cue));
        }
    }
}

impl<'a> Evidence<'a> {
    /// Reads all segments once.
    pub fn gather(
        stream: &'a WordStream,
        hits: &'a [FormulaMatch],
        roster: &'a Roster,
        voices: Voices,
        presidency: Presidency,
    ) -> Self {
        Self::gather_hearing(stream, hits, roster, (voices, presidency), |_| true)
    }

    /// As [`Self::gather`], of the names only those that are `heard`: recognisers do not hear each.
    pub fn gather_hearing(
        stream: &'a WordStream,
        hits: &'a [FormulaMatch],
        roster: &'a Roster,
        (voices, presidency): (Voices, Presidency),
        heard: impl Fn(&NameMention) -> bool,
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
        let (mentions, unheard) = mentions.into_iter().partition(heard);
        let segments = Vec::new();
        let mut evidence =
            Self { stream, hits, roster, voices, presidency, mentions, unheard, segments };
        let pauses = PauseModel::new(stream);
        let mut segments = Vec::with_capacity(stream.segments.len());
        for i in 0..stream.segments.len() {
            let mut seen = SegmentEvidence::default();
            evidence.listen(i, by_segment[i], &mut seen);
            evidence.look_back(i, &by_segment, &pauses, &mut seen);
            segments.push(seen);
        }
        evidence.segments = segments;
        evidence
    }

    /// Agenda calls are the chair's words; and under an item it is known who brought it in, so that
    /// "das Wort hat die Antragstellerin" names somebody. `movers` are persons by item.
    pub fn called(&mut self, stretches: &[Stretch], movers: &[Vec<usize>]) {
        let called = |s: &&Stretch| matches!(s.opened, Opening::Called { .. });
        for stretch in stretches.iter().filter(called) {
            if let Some(seen) = self.segments.get_mut(self.stream.segment_at(stretch.first)) {
                seen.chair.push((SpeakerCue::ChairCalled, stretch.confidence));
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
            let behind = self.segments.get_mut(segment + 1).filter(|seen| seen.named.is_empty());
            if let Some(seen) = behind.filter(|_| self.presidency.at(segment + 1) != Some(mover)) {
                seen.named.push((mover, vec![(SpeakerCue::NamedByRole, 1.0)]));
            }
        }
    }

    /// Who presides in segment `i`, where that is known.
    pub fn presiding(&self, i: usize) -> Option<usize> {
        self.presidency.at(i)
    }

    /// The head of the administration, where they preside in segment `i`, and so may debate as the chair.
    pub fn presiding_mayor(&self, i: usize) -> Option<usize> {
        self.roster.mayor().filter(|mayor| self.presiding(i) == Some(*mayor))
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

    /// What the words of segment `i` say about who speaks them.
    fn listen(&self, i: usize, hits: &[FormulaMatch], seen: &mut SegmentEvidence) {
        let segment = self.stream.segments[i];
        let words = self.stream.words(segment);
        let tens = words.len() as f32 / 10.0;
        let named = self.mentions_in(segment);
        let strongest = |kind| strongest(hits, kind);
        let mut chair = vec![(SpeakerCue::ChairWords, tens)];
        chair.push((SpeakerCue::ChairShort, f32::from(words.len() <= 8)));
        let asked = strongest(FormulaKind::Asked) > 0.0;
        let sum = |kinds: &[FormulaKind]| {
            let counts = |h: &&FormulaMatch| kinds.contains(&h.kind) && !self.is_to_another(h);
            let weights = hits.iter().filter(counts).map(|h| h.weight);
            weights.sum::<f32>().min(6.0)
        };
        use FormulaKind as Kind;
        chair.extend([
            (SpeakerCue::ChairCall, sum(&[Kind::Call])),
            (SpeakerCue::ChairNext, sum(&[Kind::Next])),
            (SpeakerCue::ChairClose, sum(&[Kind::Close, Kind::Reopen])),
            (SpeakerCue::ChairPhrase, sum(&[Kind::Chair])),
            (SpeakerCue::ChairDone, sum(&[Kind::Done])),
            (SpeakerCue::ChairInterject, sum(&[Kind::Interject])),
            (SpeakerCue::ChairQuestion, sum(&[Kind::Question])),
            (SpeakerCue::ChairFloor, sum(&[Kind::Floor])),
            (SpeakerCue::ChairMember, sum(&[Kind::Member])),
            (SpeakerCue::ChairGreet, sum(&[Kind::Greet])),
            (SpeakerCue::ChairAsked, sum(&[Kind::Asked])),
            (SpeakerCue::ChairIntroduce, sum(&[Kind::Introduce])),
            (SpeakerCue::ChairBareAnswer, f32::from(self.answers_a_call(i))),
            (SpeakerCue::ChairPresides, sum(&[Kind::HandsChair, Kind::TakesChair])),
        ]);
        let thanks = || hits.iter().filter(|h| h.kind == Kind::Thanks);
        let to_named =
            thanks().any(|h| named.iter().any(|m| m.first >= h.end && m.first <= h.end + 4));
        if !asked {
            chair.push((SpeakerCue::ChairThanksNamed, f32::from(to_named)));
            let first = thanks().any(|h| h.first <= segment.first + 1);
            chair.push((SpeakerCue::ChairThanksFirst, f32::from(first && !to_named)));
        }
        let addressed = named.iter().any(|m| m.addressed);
        chair.push((SpeakerCue::ChairNames, f32::from(addressed && words.len() <= 8)));
        chair.push((SpeakerCue::ChairBareCall, f32::from(self.calls_barely(i))));
        let vocative = f32::from(self.is_vocative(segment.first));
        chair.push((SpeakerCue::ChairVocative, vocative));
        let please = words.len() <= 6 && words.iter().any(|t| t.text == "bitte");
        chair.push((SpeakerCue::ChairPlease, f32::from(please)));
        let count = |forms: &[&str]| {
            words.iter().filter(|t| forms.contains(&t.text.as_str())).count().min(4) as f32
        };
        chair.push((
            SpeakerCue::ChairWe,
            count(&["wir", "uns", "unser", "unsere", "unseren", "unserer"]),
        ));
        chair.push((SpeakerCue::ChairI, count(&["ich", "mich", "mir", "mein", "meine", "meiner"])));

        seen.interrupting.extend([
            (SpeakerCue::InterruptingWords, tens),
            (SpeakerCue::InterruptingInterject, sum(&[Kind::Interject])),
            (SpeakerCue::InterruptingQuestion, sum(&[Kind::Question])),
            (SpeakerCue::InterruptingFloor, sum(&[Kind::Floor])),
            (SpeakerCue::InterruptingHandsOver, f32::from(strongest(Kind::Floor) >= HANDS_OVER)),
            (SpeakerCue::InterruptingCall, sum(&[Kind::Call, Kind::Next])),
            (SpeakerCue::InterruptingThanks, f32::from(to_named)),
            (SpeakerCue::InterruptingDone, sum(&[Kind::Done, Kind::Close])),
        ]);
        seen.asking.extend([
            (SpeakerCue::AskingWords, tens),
            (SpeakerCue::AskingQuestion, sum(&[Kind::Asked]).min(3.0)),
            (SpeakerCue::AskingMark, f32::from(words.last().is_some_and(|t| t.raw.ends_with('?')))),
        ]);

        if let Some(mayor) = self.presiding_mayor(i) {
            let formula =
                sum(&[Kind::Call, Kind::Next, Kind::Close, Kind::Chair, Kind::Done, Kind::Floor]);
            let greets = sum(&[Kind::Greet]);
            let own = vec![
                (SpeakerCue::SpeaksMayorGreets, greets),
                (SpeakerCue::SpeaksMayorFormula, formula),
            ];
            seen.speaks.push((mayor, own));
        }
        for party in self.roster.own_parties(words) {
            for person in 0..self.roster.len() {
                match self.roster.belongs(person, &party) {
                    Some(true) => {
                        seen.speaks.push((person, vec![(SpeakerCue::SpeaksOwnParty, 1.0)]))
                    }
                    Some(false) => {
                        seen.speaks.push((person, vec![(SpeakerCue::SpeaksOtherParty, 1.0)]))
                    }
                    None => {}
                }
            }
        }
        for mention in named.iter().filter(|m| m.addressed) {
            let meant = mention.persons.iter().filter(|p| p.1 >= 0.9);
            seen.speaks.extend(meant.map(|p| (p.0, vec![(SpeakerCue::SpeaksAddressed, 1.0)])));
        }
        seen.chair = chair;
        hear(&self.voices, i, seen);
    }

    /// Whether a greeting of the chair is said to somebody else: where a Vorsitzende presides, "Herr Landrat"
    /// greets nobody.
    pub fn is_to_another(&self, hit: &FormulaMatch) -> bool {
        let from = self.mentions.partition_point(|m| m.end <= hit.first);
        let within = self.mentions.get(from).filter(|m| m.first < hit.end);
        hit.kind == FormulaKind::Greet
            && within.is_some_and(|m| {
                let chair = self.presiding(self.stream.segment_at(hit.first));
                chair.is_some_and(|chair| m.persons.iter().all(|p| p.0 != chair))
            })
    }

    /// Whether a segment is the bare answer to a name just called: a roll call.
    pub fn answers_a_call(&self, i: usize) -> bool {
        let words = self.stream.words(self.stream.segments[i]);
        let answer = |t: &StreamToken| {
            matches!(
                t.text.as_str(),
                "ja" | "nein" | "enthaltung" | "hier" | "anwesend" | "dafuer" | "dagegen"
            )
        };
        let called = || {
            let before = self.stream.segments[i - 1];
            let named = self.mentions_in(before).last().is_some_and(|m| m.end == before.end);
            named && before.end - before.first <= 5
        };
        i > 0 && words.len() <= 2 && words.iter().all(answer) && called()
    }

    /// Whether a segment is hardly more than whom it calls: "Herr Landrat, bitte."
    pub fn calls_barely(&self, i: usize) -> bool {
        let segment = self.stream.segments[i];
        self.is_within_sentence(segment) != Some(true) && self.only_names(segment)
    }

    /// Whether the words around token `at` only say to whom somebody speaks: ", Herr Muster,".
    pub fn is_vocative(&self, at: usize) -> bool {
        let segment = self.stream.segments[self.stream.segment_at(at)];
        let before = self.stream.tokens[..segment.first].iter().rev();
        let said = before.take(VOCATIVE_AFTER).take_while(|t| !t.ends_sentence()).count();
        said == VOCATIVE_AFTER
            && self.is_within_sentence(segment) == Some(true)
            && self.only_names(segment)
    }

    /// Whether a segment begins and ends within a sentence, where there is punctuation to tell.
    fn is_within_sentence(&self, segment: SpeechSegment) -> Option<bool> {
        let before = segment.first.checked_sub(1).map(|before| &self.stream.tokens[before])?;
        let last = &self.stream.tokens[segment.end - 1];
        let is_punctuated = before.punctuated() && last.punctuated();
        is_punctuated.then(|| !before.ends_sentence())
    }

    /// Whether a segment says little more than somebody's name, office or party.
    fn only_names(&self, segment: SpeechSegment) -> bool {
        let words = self.stream.words(segment);
        let named = self.mentions_in(segment);
        let said = |n: usize| {
            let (at, token) = (segment.first + n, &words[n]);
            named.iter().any(|m| m.first <= at && at < m.end)
                || is_address(token)
                || is_call_word(&token.text)
                || !self.roster.parties_in(std::slice::from_ref(token)).is_empty()
        };
        let whom = !named.is_empty()
            || words.iter().any(is_address)
            || !self.roster.parties_in(words).is_empty();
        words.len() <= 7 && whom && !is_reminder(words) && (0..words.len()).all(said)
    }

    /// Everybody of whom it is known whether they belong to one of these parties.
    pub fn of_party(&self, parties: &[String]) -> Vec<(usize, SeenCues)> {
        if parties.is_empty() {
            return Vec::new();
        }
        let belongs = |person: usize| {
            let known = parties.iter().filter_map(|party| self.roster.belongs(person, party));
            known.reduce(|a, b| a || b)
        };
        let persons: Vec<(usize, bool)> =
            (0..self.roster.len()).filter_map(|p| Some((p, belongs(p)?))).collect();
        let members = persons.iter().filter(|(_, member)| *member).count().max(1) as f32;
        let seen = |member: bool| match member {
            true => {
                vec![(SpeakerCue::UnnamedParty, 1.0), (SpeakerCue::UnnamedPartySize, members.ln())]
            }
            false => vec![(SpeakerCue::UnnamedOtherParty, 1.0)],
        };
        persons.into_iter().map(|(person, member)| (person, seen(member))).collect()
    }

    /// The formulas that begin in a segment.
    pub fn hits_in(&self, segment: usize) -> &[FormulaMatch] {
        let segment = self.stream.segments[segment];
        let from = self.hits.partition_point(|h| h.first < segment.first);
        let count = self.hits[from..].iter().take_while(|h| h.first < segment.end).count();
        &self.hits[from..from + count]
    }

    /// Who is named in a segment.
    pub fn mentions_in(&self, segment: SpeechSegment) -> &[NameMention] {
        let from = self.mentions.partition_point(|m| m.first < segment.first);
        let count = self.mentions[from..].iter().take_while(|m| m.first < segment.end).count();
        &self.mentions[from..from + count]
    }
}

/// What a voice or microphone says in segment `i`.
fn hear(voices: &Voices, i: usize, seen: &mut SegmentEvidence) {
    match voices.owner(i) {
        Some((DecodedSpeaker::Chair, trust)) => seen.chair.push((SpeakerCue::ChairVoice, trust)),
        Some((DecodedSpeaker::Person(person), trust)) => {
            seen.chair.push((SpeakerCue::ChairVoice, -trust));
            seen.speaks.push((person, vec![(SpeakerCue::SpeaksVoice, trust)]));
        }
        _ => {}
    }
}

pub(super) fn strongest(hits: &[FormulaMatch], kind: FormulaKind) -> f32 {
    hits.iter().filter(|h| h.kind == kind).map(|h| h.weight).fold(0.0, f32::max)
}

pub(super) fn strength_of(seen: &[(SpeakerCue, f32)], cue: SpeakerCue) -> f32 {
    seen.iter().find(|(c, _)| *c == cue).map_or(0.0, |(_, strength)| *strength)
}

/// "Herr Kollege!", "Kollege!": the chair reminds the speaker, and names nobody.
pub(super) fn is_reminder(words: &[StreamToken]) -> bool {
    let is = |i: usize, wanted: &[&str]| {
        words.get(i).and_then(|t| t.key).is_some_and(|key| wanted.contains(&key))
    };
    let bare = ["kollege", "kollegin", "abgeordneter", "abgeordnete"];
    words.len() <= 3 && is(0, &["herr", "frau"]) && is(1, &bare) || words.len() == 1 && is(0, &bare)
}

/// What stands around the name in a bare call.
fn is_call_word(text: &str) -> bool {
    matches!(
        text,
        "bitte"
            | "schoen"
            | "sehr"
            | "und"
            | "nun"
            | "jetzt"
            | "dann"
            | "zuerst"
            | "als"
            | "naechster"
            | "naechste"
            | "die"
            | "der"
            | "das"
            | "fraktion"
            | "von"
            | "fuer"
            | "gruppe"
    )
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
            | FormulaKind::HandsChair
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

pub(super) fn thanked(
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

/// Whether `mention` is who these thanks go to: "Vielen Dank, Frau X", not "Vielen Dank. Frau X".
pub(super) fn goes_to(stream: &WordStream, thanks: &FormulaMatch, mention: &NameMention) -> bool {
    thanks.end <= mention.first
        && mention.first <= thanks.end + 3
        && !stream.tokens[thanks.end - 1..mention.first].iter().any(|t| t.ends_sentence())
}
