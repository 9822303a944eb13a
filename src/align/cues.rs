//! The cues by which speakers are told, and what each is worth. A cue is something that can be seen in the
//! words around a boundary, and is worth its weight (natural log-odds) times how strongly it is seen. The
//! weights are fitted to records of real debates by `cargo bench --bench fit` and stand in `weights.tsv`.
//! Owns names and weights; sees nothing.

use std::fmt::Write;
use std::sync::LazyLock;

macro_rules! cues {
    ($($(#[$doc:meta])* $cue:ident = $name:literal,)*) => {
        /// Something that can be seen.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(u8)]
        pub(super) enum SpeakerCue { $($(#[$doc])* $cue,)* }

        impl SpeakerCue {
            const ALL: &[SpeakerCue] = &[$(SpeakerCue::$cue,)*];

            /// As it stands in the file of weights.
            fn name(self) -> &'static str {
                match self { $(SpeakerCue::$cue => $name,)* }
            }
        }
    };
}

cues! {
    // The chair speaks.
    /// Ten words.
    ChairWords = "chair.words",
    /// Eight words or fewer.
    ChairShort = "chair.short",
    /// An item is opened.
    ChairCall = "chair.call",
    /// The next item is opened without a name.
    ChairNext = "chair.next",
    /// The meeting or its public part ends or goes on.
    ChairClose = "chair.close",
    /// Only chairs say this.
    ChairPhrase = "chair.phrase",
    /// A debate or vote is ended.
    ChairDone = "chair.done",
    /// Somebody is asked to come to an end.
    ChairInterject = "chair.interject",
    /// Somebody is asked whether they allow a question.
    ChairQuestion = "chair.question",
    /// The floor is given.
    ChairFloor = "chair.floor",
    /// Somebody is thanked by name.
    ChairThanksNamed = "chair.thanks_named",
    /// The first words are thanks.
    ChairThanksFirst = "chair.thanks_first",
    /// Members say this.
    ChairMember = "chair.member",
    /// The chair is greeted.
    ChairGreet = "chair.greet",
    /// Askers and those who answer say this.
    ChairAsked = "chair.asked",
    /// Somebody introduces themselves.
    ChairIntroduce = "chair.introduce",
    /// The chair is handed over or taken.
    ChairPresides = "chair.presides",
    /// A bare "Ja" or "Nein" to a name just called.
    ChairBareAnswer = "chair.bare_answer",
    /// Somebody is named in few words.
    ChairNames = "chair.names",
    /// Hardly more than a name, an office or a party: "Herr Landrat, bitte."
    ChairBareCall = "chair.bare_call",
    /// Nothing but a name within a sentence: ", Herr Muster," is said to somebody.
    ChairVocative = "chair.vocative",
    /// A few words, one of them "bitte".
    ChairPlease = "chair.please",
    /// An item was found to be opened here.
    ChairCalled = "chair.called",
    /// "wir", "uns", "unser".
    ChairWe = "chair.we",
    /// "ich".
    ChairI = "chair.i",
    /// The voice or microphone is the chair's, or (negative) somebody else's.
    ChairVoice = "chair.voice",
    // The chair only cuts in.
    InterruptingWords = "interrupting.words",
    InterruptingInterject = "interrupting.interject",
    InterruptingQuestion = "interrupting.question",
    InterruptingFloor = "interrupting.floor",
    /// "Das Wort hat …".
    InterruptingHandsOver = "interrupting.hands_over",
    InterruptingCall = "interrupting.call",
    InterruptingThanks = "interrupting.thanks",
    InterruptingDone = "interrupting.done",
    // Somebody puts a question.
    AskingWords = "asking.words",
    AskingQuestion = "asking.question",
    AskingMark = "asking.mark",
    // A certain person speaks.
    /// "wir von der …": their party.
    SpeaksOwnParty = "speaks.own_party",
    SpeaksOtherParty = "speaks.other_party",
    /// They are addressed.
    SpeaksAddressed = "speaks.addressed",
    SpeaksVoice = "speaks.voice",
    /// The head of the administration, who presides, debates; nobody greets themselves.
    SpeaksMayorGreets = "speaks.mayor_greets",
    /// … and presides no longer with what only chairs say.
    SpeaksMayorFormula = "speaks.mayor_formula",
    // A speech ends, and the chair goes on.
    End = "end",
    EndPause = "end.pause",
    EndRarePause = "end.rare_pause",
    EndClosed = "end.closed",
    EndThanks = "end.thanks",
    EndMidSentence = "end.mid_sentence",
    EndAnotherVoice = "end.another_voice",
    EndSameVoice = "end.same_voice",
    EndQuestion = "end.question",
    EndBareAnswer = "end.bare_answer",
    EndBareCall = "end.bare_call",
    /// The speaker is thanked by name, or addressed.
    EndThanksSpeaker = "end.thanks_speaker",
    EndThanksOther = "end.thanks_other",
    EndNamesSpeaker = "end.names_speaker",
    // The chair cuts in, and the speaker goes on behind.
    Interrupt = "interrupt",
    InterruptPause = "interrupt.pause",
    InterruptRarePause = "interrupt.rare_pause",
    InterruptClosed = "interrupt.closed",
    InterruptMidSentence = "interrupt.mid_sentence",
    InterruptThanks = "interrupt.thanks",
    InterruptAnotherVoice = "interrupt.another_voice",
    InterruptSameVoice = "interrupt.same_voice",
    InterruptNamesSpeaker = "interrupt.names_speaker",
    InterruptNamesOther = "interrupt.names_other",
    // The speaker goes on behind the chair.
    Resume = "resume",
    ResumePause = "resume.pause",
    ResumeRarePause = "resume.rare_pause",
    ResumeGreet = "resume.greet",
    ResumeInterjected = "resume.interjected",
    ResumeReminded = "resume.reminded",
    ResumeFloor = "resume.floor",
    ResumeHandedOver = "resume.handed_over",
    ResumeNamed = "resume.named",
    ResumeOtherNamed = "resume.other_named",
    ResumeAnotherVoice = "resume.another_voice",
    ResumeSameVoice = "resume.same_voice",
    // The chair goes on although the floor is given.
    StayFloor = "stay.floor",
    StayHanded = "stay.handed",
    /// "Das Wort hat …" and a name, and nothing behind it.
    StayHandedOver = "stay.handed_over",
    /// Words that give the floor, and hardly anything behind them.
    StayFloorLast = "stay.floor_last",
    StayFloorLastPause = "stay.floor_last_then_pause",
    /// A name with its title, and nothing behind it.
    StayCalled = "stay.called",
    StayCalledPause = "stay.called_then_pause",
    StayRarePause = "stay.rare_pause",
    StayGreet = "stay.greet",
    // A speech begins behind the chair.
    New = "new",
    NewPause = "new.pause",
    NewRarePause = "new.rare_pause",
    NewGreet = "new.greet",
    NewThanks = "new.thanks",
    NewFloor = "new.floor",
    /// "Das Wort hat …".
    NewHandedOver = "new.handed_over",
    NewMidSentence = "new.mid_sentence",
    NewAnotherVoice = "new.another_voice",
    NewSameVoice = "new.same_voice",
    /// It is the last speaker's again.
    NewAgain = "new.again",
    // Somebody unknown begins.
    Unknown = "unknown",
    UnknownFloorLast = "unknown.floor_last",
    UnknownFloor = "unknown.floor",
    UnknownSomebodyNamed = "unknown.somebody_named",
    // Somebody begins whom nobody named.
    Unnamed = "unnamed",
    UnnamedParty = "unnamed.party",
    UnnamedPartySize = "unnamed.party_size",
    UnnamedOtherParty = "unnamed.other_party",
    // Who begins without the chair.
    SwitchNamed = "switch.named",
    SwitchUnknown = "switch.unknown",
    SwitchMayor = "switch.mayor",
    // The head of the administration, who presides, begins to debate.
    MayorBegins = "mayor",
    MayorFloor = "mayor.floor",
    MayorThanks = "mayor.thanks",
    // Somebody begins who was named shortly before.
    Named = "named",
    NamedExact = "named.exact",
    NamedFit = "named.fit",
    NamedAhead = "named.ahead",
    NamedBehind = "named.behind",
    NamedAddressed = "named.addressed",
    NamedGiven = "named.given",
    NamedOtherGiven = "named.other_given",
    NamedParty = "named.party",
    NamedOtherParty = "named.other_party",
    NamedForm = "named.form",
    NamedOtherForm = "named.other_form",
    NamedFloor = "named.floor",
    NamedInterject = "named.interject",
    NamedWords = "named.words_since",
    NamedSentences = "named.sentences_since",
    NamedOthers = "named.others_since",
    NamedLast = "named.last_word",
    NamedLastAddressed = "named.last_word_addressed",
    NamedPlease = "named.please",
    NamedRecord = "named.for_the_record",
    NamedPaper = "named.as_author",
    NamedInSentence = "named.within_a_sentence",
    /// Nothing else stands between two commas.
    NamedVocative = "named.vocative",
    /// In a sentence that gives nobody the floor and thanks nobody.
    NamedUngiven = "named.ungiven",
    /// The chair is handed to them, not the floor.
    NamedToPreside = "named.to_preside",
    NamedGreeted = "named.greeted",
    NamedKindly = "named.kindly",
    NamedAsked = "named.asked",
    NamedAsks = "named.asks",
    NamedThanked = "named.thanked",
    NamedRecap = "named.recap",
    NamedByRole = "named.by_role",
    /// A voice begins that its source has a name for.
    NamedVoice = "named.voice",
    // Somebody begins whose name was not heard, but something like it.
    Misheard = "misheard",
    MisheardFit = "misheard.fit",
    MisheardAhead = "misheard.ahead",
    MisheardLong = "misheard.long",
    MisheardShort = "misheard.short",
    MisheardLast = "misheard.last_word",
    MisheardAddressed = "misheard.addressed",
    MisheardFloor = "misheard.floor",
    MisheardForm = "misheard.form",
    MisheardOtherForm = "misheard.other_form",
    MisheardParty = "misheard.party",
    MisheardOtherParty = "misheard.other_party",
    // Somebody puts a question, announced by the chair or not.
    Ask = "ask",
    AskPending = "ask.pending",
    AskPause = "ask.pause",
    AskHandedOver = "ask.handed_over",
    AskAlone = "ask_alone",
    AskAlonePause = "ask_alone.pause",
    AskAloneRarePause = "ask_alone.rare_pause",
    AskAloneMidSentence = "ask_alone.mid_sentence",
    AskAloneGreet = "ask_alone.greet",
    AskAloneVoice = "ask_alone.voice",
    AskAlonePending = "ask_alone.pending",
    // Who was asked goes on.
    Answer = "answer",
    AnswerPause = "answer.pause",
    AnswerRarePause = "answer.rare_pause",
    AnswerMark = "answer.mark",
    AnswerThanks = "answer.thanks",
    AnswerVoice = "answer.voice",
    /// Whoever answers addresses somebody at once.
    AnswerAddresses = "answer.addresses",
    // The chair follows a question.
    AfterQuestion = "after_question",
    // Somebody follows a speaker without the chair.
    Switch = "switch",
    SwitchPause = "switch.pause",
    SwitchRarePause = "switch.rare_pause",
    SwitchClosed = "switch.closed",
    SwitchGreet = "switch.greet",
    SwitchMidSentence = "switch.mid_sentence",
    SwitchMark = "switch.mark",
    SwitchAddresses = "switch.addresses",
    SwitchAnotherVoice = "switch.another_voice",
    SwitchSameVoice = "switch.same_voice",
}

/// What is known of cues before anything is fitted: voices and chairs who govern are in few records.
const BEFOREHAND: &[(SpeakerCue, f32)] = &[
    (SpeakerCue::MayorBegins, -1.0),
    (SpeakerCue::MayorFloor, -2.0),
    (SpeakerCue::SwitchMayor, -1.0),
    (SpeakerCue::SpeaksMayorGreets, -1.0),
    (SpeakerCue::SpeaksMayorFormula, -0.5),
    (SpeakerCue::ChairIntroduce, -1.0),
    (SpeakerCue::ChairBareAnswer, -5.0),
    (SpeakerCue::EndBareAnswer, 4.0),
    (SpeakerCue::ChairVoice, 0.7),
    (SpeakerCue::SpeaksVoice, 0.7),
    (SpeakerCue::EndAnotherVoice, 1.5),
    (SpeakerCue::EndSameVoice, -2.5),
    (SpeakerCue::InterruptAnotherVoice, 1.5),
    (SpeakerCue::InterruptSameVoice, -2.5),
    (SpeakerCue::ResumeAnotherVoice, 1.5),
    (SpeakerCue::ResumeSameVoice, -2.5),
    (SpeakerCue::NewAnotherVoice, 1.5),
    (SpeakerCue::NewSameVoice, -2.5),
    (SpeakerCue::SwitchAnotherVoice, 1.5),
    (SpeakerCue::SwitchSameVoice, -2.5),
    (SpeakerCue::AskAloneVoice, 2.0),
    (SpeakerCue::AnswerVoice, 2.0),
    (SpeakerCue::NamedByRole, 2.0),
    (SpeakerCue::NamedVoice, -1.0),
    (SpeakerCue::NamedToPreside, -8.0),
    (SpeakerCue::ChairPresides, 1.0),
];

/// Cues that some councils never give: where nobody greets the chair, that nobody greets says nothing.
/// What is fitted must do without each.
pub(super) const HABITS: [&[SpeakerCue]; 3] = [
    &[
        SpeakerCue::ChairGreet,
        SpeakerCue::ChairMember,
        SpeakerCue::NewGreet,
        SpeakerCue::ResumeGreet,
        SpeakerCue::StayGreet,
        SpeakerCue::AskAloneGreet,
        SpeakerCue::SwitchGreet,
    ],
    &[
        SpeakerCue::EndClosed,
        SpeakerCue::InterruptClosed,
        SpeakerCue::SwitchClosed,
        SpeakerCue::EndThanks,
        SpeakerCue::InterruptThanks,
    ],
    &[
        SpeakerCue::EndPause,
        SpeakerCue::EndRarePause,
        SpeakerCue::InterruptPause,
        SpeakerCue::InterruptRarePause,
        SpeakerCue::ResumePause,
        SpeakerCue::ResumeRarePause,
        SpeakerCue::StayRarePause,
        SpeakerCue::StayCalledPause,
        SpeakerCue::StayFloorLastPause,
        SpeakerCue::NewPause,
        SpeakerCue::NewRarePause,
        SpeakerCue::AskPause,
        SpeakerCue::AskAlonePause,
        SpeakerCue::AskAloneRarePause,
        SpeakerCue::AnswerPause,
        SpeakerCue::AnswerRarePause,
        SpeakerCue::SwitchPause,
        SpeakerCue::SwitchRarePause,
    ],
];

/// Cues seen at one place, each with its strength.
pub(super) type SeenCues = Vec<(SpeakerCue, f32)>;

/// What each cue is worth.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Weights(Vec<f32>);

static FITTED: LazyLock<Weights> = LazyLock::new(|| Weights::read(include_str!("weights.tsv")));

impl Weights {
    /// As fitted.
    pub fn fitted() -> &'static Self {
        &FITTED
    }

    /// What is known before anything is fitted.
    pub fn beforehand() -> Self {
        let mut weights = Self::zero();
        BEFOREHAND.iter().for_each(|(cue, weight)| weights.0[*cue as usize] = *weight);
        weights
    }

    fn zero() -> Self {
        Self(vec![0.0; SpeakerCue::ALL.len()])
    }

    /// What the cues seen at one place are worth together.
    pub fn of(&self, seen: &[(SpeakerCue, f32)]) -> f32 {
        seen.iter().map(|(cue, strength)| self.0[*cue as usize] * strength).sum()
    }

    /// All of them, in the order of the cues.
    pub fn values(&mut self) -> &mut [f32] {
        &mut self.0
    }

    /// Reads a file of weights; a cue that it does not name is worth nothing.
    fn read(text: &str) -> Self {
        let mut weights = Self::zero();
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let Some((name, weight)) = line.split_once('\t') else { continue };
            let cue = SpeakerCue::ALL.iter().find(|cue| cue.name() == name);
            if let (Some(cue), Ok(weight)) = (cue, weight.trim().parse()) {
                weights.0[*cue as usize] = weight;
            }
        }
        weights
    }

    /// As the file that is read.
    pub fn to_file(&self, about: &str) -> String {
        let mut text = String::new();
        for line in about.lines() {
            let _ = writeln!(text, "# {line}");
        }
        for cue in SpeakerCue::ALL {
            let _ = writeln!(text, "{}\t{:.3}", cue.name(), self.0[*cue as usize]);
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_of_weights_names_every_cue_once() {
        let text = include_str!("weights.tsv");
        let named: Vec<&str> = text
            .lines()
            .filter(|line| !line.starts_with('#'))
            .filter_map(|line| line.split('\t').next())
            .collect();
        let cues: Vec<&str> = SpeakerCue::ALL.iter().map(|cue| cue.name()).collect();
        assert_eq!(named, cues);
    }
}
