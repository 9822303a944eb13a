//! What the boundaries between segments show of a change of speaker: pauses, endings, greetings, hand-overs.
//! Sees; weighs nothing.

use std::collections::BTreeMap;

use super::cues::{SeenCues, SpeakerCue};
use super::evidence::{
    Evidence, HANDS_OVER, PENDING, SegmentEvidence, is_reminder, strength_of, strongest, thanked,
};
use super::lexicon::FormulaKind;
use super::names::is_address;
use super::pause_model::PauseModel;
use super::stream::{FormulaMatch, SpeechSegment};

impl Evidence<'_> {
    /// What the boundary before segment `i` knows from the words before and behind it.
    pub fn look_back(
        &self,
        i: usize,
        by_segment: &[&[FormulaMatch]],
        pauses: &PauseModel,
        seen: &mut SegmentEvidence,
    ) {
        use FormulaKind as Kind;
        let segment = self.stream.segments[i];
        let at = segment.first;
        let last = i.checked_sub(1).map_or(&[][..], |j| by_segment[j]);
        let before = i.checked_sub(1).map(|j| self.stream.segments[j]);
        let tokens = &self.stream.tokens;
        let (pause, rare) = pauses.at(self.stream, i);
        let (another, same) = match self.voices.change(i) {
            Some(true) => (1.0, 0.0),
            Some(false) => (0.0, 1.0),
            None => (0.0, 0.0),
        };
        let closed = before.map_or(0.0, |before| f32::from(closes(last, before)));
        let within = f32::from(pauses.punctuated && at > 0 && !tokens[at - 1].ends_sentence());
        let mark = f32::from(at > 0 && tokens[at - 1].raw.ends_with('?'));
        let behind = &by_segment[i..(i + 3).min(by_segment.len())];
        let soon = |kind: FormulaKind| {
            let near = behind.iter().flat_map(|hits| hits.iter()).filter(|h| h.first < at + 10);
            let counts = |h: &&FormulaMatch| h.kind == kind && !self.is_to_another(h);
            near.filter(counts).map(|h| h.weight).fold(0.0, f32::max)
        };
        let greet = soon(Kind::Greet).max(soon(Kind::Member).min(1.5));
        let thanks_first =
            by_segment[i].iter().find(|h| h.kind == Kind::Thanks && h.first <= at + 2);
        let asked_here = by_segment[i].iter().any(|h| h.kind == Kind::Asked);
        let thanks = f32::from(thanks_first.is_some());
        let reminded = before.is_some_and(|b| is_reminder(self.stream.words(b)));
        let called = before.is_some_and(|b| {
            let words = self.stream.words(b);
            !reminded && words.len() <= 6 && words.iter().any(is_address)
        });
        let floor = strongest(last, Kind::Floor).max(if called { 3.0 } else { 0.0 });
        let handed_over = f32::from(strongest(last, Kind::Floor) >= HANDS_OVER);
        let interjected = strongest(last, Kind::Interject).max(strongest(last, Kind::Question));
        let recent = by_segment[i.saturating_sub(PENDING)..i].iter().copied().flatten();
        let pending = recent.filter(|h| h.kind == Kind::Question).map(|h| h.weight);
        let asking = by_segment[i].iter().filter(|h| h.kind == Kind::Asked && h.weight >= 5.0);
        let pending = pending.chain(asking.map(|h| h.weight)).fold(0.0, f32::max);
        let here = self.mentions_in(segment);

        seen.named = self.offers(i, by_segment);
        if let Some((person, trust)) = self.voices.begins(i) {
            let voice = (SpeakerCue::NamedVoice, trust);
            match seen.named.iter_mut().find(|(named, _)| *named == person) {
                Some((_, seen)) => seen.push(voice),
                None => seen.named.push((person, vec![voice])),
            }
        }
        let called_last = seen.named.iter().any(|(_, seen)| {
            strength_of(seen, SpeakerCue::NamedLastAddressed) > 0.0
                && strength_of(seen, SpeakerCue::NamedThanked) == 0.0
        });
        let handed_last = handed_over > 0.0
            && seen.named.iter().any(|(_, seen)| strength_of(seen, SpeakerCue::NamedLast) > 0.0);
        let named = seen.named.iter().map(|(p, _)| (*p, vec![(SpeakerCue::SwitchNamed, 1.0)]));
        seen.switch_of = named.collect();
        seen.switch_unknown.push((SpeakerCue::SwitchUnknown, 1.0));
        let floor_last = before.is_some_and(|b| {
            last.iter().any(|h| h.kind == Kind::Floor && h.weight >= 2.0 && h.end + 4 >= b.end)
        });
        let floor_last = f32::from(floor_last);
        let handed = seen.named.iter().any(|(_, seen)| {
            strength_of(seen, SpeakerCue::NamedFloor) >= 2.0
                || strength_of(seen, SpeakerCue::NamedLast) > 0.0
        });

        seen.end.extend([
            (SpeakerCue::End, 1.0),
            (SpeakerCue::EndPause, pause),
            (SpeakerCue::EndRarePause, rare),
            (SpeakerCue::EndClosed, closed),
            (SpeakerCue::EndThanks, thanks),
            (SpeakerCue::EndMidSentence, within),
            (SpeakerCue::EndAnotherVoice, another),
            (SpeakerCue::EndSameVoice, same),
            (SpeakerCue::EndQuestion, mark),
            (SpeakerCue::EndBareAnswer, f32::from(i > 0 && self.answers_a_call(i - 1))),
            (SpeakerCue::EndBareCall, f32::from(self.calls_barely(i))),
        ]);
        seen.interrupt.extend([
            (SpeakerCue::Interrupt, 1.0),
            (SpeakerCue::InterruptPause, pause),
            (SpeakerCue::InterruptRarePause, rare),
            (SpeakerCue::InterruptClosed, closed),
            (SpeakerCue::InterruptMidSentence, within),
            (SpeakerCue::InterruptThanks, thanks),
            (SpeakerCue::InterruptAnotherVoice, another),
            (SpeakerCue::InterruptSameVoice, same),
        ]);
        let near_start = here.iter().filter(|m| m.first <= at + 4 && m.addressed);
        let named_here: Vec<usize> =
            near_start.flat_map(|m| m.persons.iter().map(|p| p.0)).collect();
        let addresses = f32::from(!named_here.is_empty());
        if !named_here.is_empty() {
            seen.interrupt.push((SpeakerCue::InterruptNamesOther, 1.0));
            for person in &named_here {
                let own = vec![
                    (SpeakerCue::InterruptNamesOther, -1.0),
                    (SpeakerCue::InterruptNamesSpeaker, 1.0),
                ];
                seen.interrupt_of.push((*person, own));
            }
        }
        let thanked = thanked(self.stream, here, by_segment[i], at);
        if !thanked.is_empty() && !asked_here {
            seen.end.push((SpeakerCue::EndThanksOther, 1.0));
        }
        let mut end_of: BTreeMap<usize, SeenCues> = BTreeMap::new();
        for person in thanked.iter().filter(|_| !asked_here) {
            let own = [(SpeakerCue::EndThanksOther, -1.0), (SpeakerCue::EndThanksSpeaker, 1.0)];
            end_of.entry(*person).or_default().extend(own);
        }
        for person in named_here.iter().filter(|p| !thanked.contains(p)) {
            end_of.entry(*person).or_default().push((SpeakerCue::EndNamesSpeaker, 1.0));
        }
        seen.end_of.extend(end_of);

        seen.resume.extend([
            (SpeakerCue::Resume, 1.0),
            (SpeakerCue::ResumePause, pause),
            (SpeakerCue::ResumeRarePause, rare),
            (SpeakerCue::ResumeGreet, greet),
            (SpeakerCue::ResumeInterjected, interjected),
            (SpeakerCue::ResumeReminded, f32::from(reminded)),
            (SpeakerCue::ResumeFloor, floor),
            (SpeakerCue::ResumeHandedOver, handed_over),
            (SpeakerCue::ResumeOtherNamed, f32::from(!seen.named.is_empty())),
            (SpeakerCue::ResumeAnotherVoice, another),
            (SpeakerCue::ResumeSameVoice, same),
        ]);
        seen.resume_of.extend(seen.named.iter().map(|(person, _)| {
            (*person, vec![(SpeakerCue::ResumeOtherNamed, -1.0), (SpeakerCue::ResumeNamed, 1.0)])
        }));
        seen.stay.extend([
            (SpeakerCue::StayFloor, floor),
            (SpeakerCue::StayHanded, f32::from(handed)),
            (SpeakerCue::StayHandedOver, f32::from(handed_last)),
            (SpeakerCue::StayFloorLast, floor_last),
            (SpeakerCue::StayCalled, f32::from(called_last)),
            (
                SpeakerCue::StayCalledPause,
                if called_last { rare.max(2.5 * pause.min(1.0)) } else { 0.0 },
            ),
            (SpeakerCue::StayFloorLastPause, floor_last * rare.max(2.5 * pause.min(1.0))),
            (SpeakerCue::StayRarePause, rare),
            (SpeakerCue::StayGreet, greet),
        ]);
        seen.new.extend([
            (SpeakerCue::New, 1.0),
            (SpeakerCue::NewPause, pause),
            (SpeakerCue::NewRarePause, rare),
            (SpeakerCue::NewGreet, greet),
            (SpeakerCue::NewThanks, thanks),
            (SpeakerCue::NewFloor, floor),
            (SpeakerCue::NewHandedOver, handed_over),
            (SpeakerCue::NewMidSentence, within),
            (SpeakerCue::NewAnotherVoice, another),
            (SpeakerCue::NewSameVoice, same),
        ]);
        seen.again.push((SpeakerCue::NewAgain, 1.0));
        seen.unknown.extend([
            (SpeakerCue::Unknown, 1.0),
            (SpeakerCue::UnknownFloor, floor),
            (SpeakerCue::UnknownFloorLast, floor_last),
            (SpeakerCue::UnknownSomebodyNamed, f32::from(handed)),
        ]);
        seen.unnamed.push((SpeakerCue::Unnamed, 1.0));
        if let Some(before) = before.filter(|before| before.end - before.first <= 20) {
            let parties = self.roster.parties_in(self.stream.words(before));
            seen.unnamed_of = self.of_party(&parties);
        }
        seen.ask.extend([
            (SpeakerCue::Ask, 1.0),
            (SpeakerCue::AskPending, pending),
            (SpeakerCue::AskPause, rare),
        ]);
        seen.ask.push((SpeakerCue::AskHandedOver, handed_over));
        seen.ask_alone.extend([
            (SpeakerCue::AskAlone, 1.0),
            (SpeakerCue::AskAlonePause, pause),
            (SpeakerCue::AskAloneRarePause, rare),
            (SpeakerCue::AskAloneMidSentence, within),
            (SpeakerCue::AskAloneGreet, soon(Kind::Greet)),
            (SpeakerCue::AskAloneVoice, another - same),
            (SpeakerCue::AskAlonePending, pending),
        ]);
        let asked_words = self.stream.words(segment).iter().take(14);
        let asked_words = asked_words.filter(|t| {
            matches!(t.text.as_str(), "frage" | "zwischenfrage" | "nachfrage" | "fragen")
        });
        let answers = thanks_first.is_some() && asked_words.count() > 0;
        seen.answer.extend([
            (SpeakerCue::Answer, 1.0),
            (SpeakerCue::AnswerPause, pause),
            (SpeakerCue::AnswerRarePause, rare),
            (SpeakerCue::AnswerMark, mark),
            (SpeakerCue::AnswerThanks, f32::from(answers)),
            (SpeakerCue::AnswerVoice, another - same),
            (SpeakerCue::AnswerAddresses, addresses),
        ]);
        seen.after_question.push((SpeakerCue::AfterQuestion, 1.0));
        seen.switch.extend([
            (SpeakerCue::Switch, 1.0),
            (SpeakerCue::SwitchPause, pause),
            (SpeakerCue::SwitchRarePause, rare),
            (SpeakerCue::SwitchClosed, closed),
            (SpeakerCue::SwitchGreet, soon(Kind::Greet)),
            (SpeakerCue::SwitchMidSentence, within),
            (SpeakerCue::SwitchMark, mark),
            (SpeakerCue::SwitchAddresses, addresses),
            (SpeakerCue::SwitchAnotherVoice, another),
            (SpeakerCue::SwitchSameVoice, same),
        ]);
        if let Some(mayor) = self.presiding_mayor(i) {
            let begins = vec![
                (SpeakerCue::MayorBegins, 1.0),
                (SpeakerCue::MayorFloor, floor),
                (SpeakerCue::MayorThanks, thanks),
            ];
            seen.named.push((mayor, begins));
            seen.switch_of.push((mayor, vec![(SpeakerCue::SwitchMayor, 1.0)]));
        }
    }
}

/// Whether a segment ends as speeches end: with thanks.
fn closes(hits: &[FormulaMatch], segment: SpeechSegment) -> bool {
    hits.iter().any(|h| {
        let thanks =
            h.kind == FormulaKind::Thanks || h.kind == FormulaKind::Member && h.weight >= 3.0;
        thanks && h.end + 5 >= segment.end
    })
}
