//! One file through the recogniser: model to settings, sound to transcript, failures to words.

use std::path::Path;

use super::calibration::{Efforts, Trier, Wanted};
use super::{Progress, Stage};
use crate::archive::models::{AlignmentHeads, Model, ModelShape, Preset};
use crate::child::ChildProgram;
use crate::domain::{
    ChannelNumber, Cutting, DecodingSettings, Digest, Engine, Error, GapReason, Language,
    MediaTime, PublicSpans, Result, SoundChoice, Span, SpeakerLabel, TimeAccuracy, Transcript,
    WHISPER, Warning, WarningKind,
};
use crate::media::{self, AudioStream, Decoder, SoundCheck, StereoChannel};
use crate::transcribe::{
    self, Aligner, EngineProcess, Hints, Journal, Patience, RecognitionInputs, Settings, Task,
    Tokenizer,
};

/// A file to be recognised.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    /// Where it lies.
    pub path: &'a Path,
    /// Its hash.
    pub sha256: &'a Digest,
    /// What of it may be processed.
    pub public: &'a PublicSpans,
    /// Which track and channels of it.
    pub sound: &'a SoundChoice,
    /// Whose microphone each channel is, in their order; may name fewer than there are.
    pub seats: &'a [String],
}

impl Source<'_> {
    /// Opens its sound.
    ///
    /// # Errors
    /// Those of [`media::open`].
    pub(super) fn open(&self, decoder: &Decoder) -> Result<AudioStream> {
        media::open(self.path, self.public, self.sound, decoder)
    }

    /// Who is heard where, by the microphones.
    fn voices(&self, seats: &[(Span, ChannelNumber)]) -> Vec<(Span, SpeakerLabel)> {
        let name = |channel: ChannelNumber| match self.seats.get(channel.index()) {
            Some(seat) => seat.clone(),
            None => format!("Kanal {channel}"),
        };
        seats.iter().map(|(span, channel)| (*span, SpeakerLabel(name(*channel)))).collect()
    }
}

/// How recordings are recognised, with or without an archive.
pub struct Recognition<'a> {
    /// The model, already verified.
    pub model: &'a Model,
    /// Its hash.
    pub model_sha256: &'a Digest,
    /// How it is used.
    pub settings: Settings,
    /// How windows are cut.
    pub cutting: Cutting,
    /// How the engine's process is started.
    pub engine: &'a ChildProgram,
    /// Where files are decoded.
    pub decoder: &'a Decoder,
    /// How many windows at once.
    pub wanted: Wanted,
    /// What is remembered of that.
    pub efforts: &'a Efforts,
    /// Where answers are kept, if they are.
    pub journal: Option<&'a dyn Journal>,
    /// What is known beforehand.
    pub hints: &'a Hints,
    /// Who waits.
    pub progress: &'a dyn Progress,
}

impl Recognition<'_> {
    /// Transcribes one file.
    ///
    /// # Errors
    /// `BadInput` where the file cannot be read; `Failed` where the recogniser failed on everything
    /// it was asked; those of the journal.
    pub fn transcribe(&self, source: &Source<'_>) -> Result<Transcript> {
        let Self { model, model_sha256, settings, cutting, engine, progress, .. } = self;
        let trier = Trier { model, model_sha256, settings, cutting, engine, progress: *progress };
        let mut sound = source.open(self.decoder)?;
        let length = sound.duration();
        let effort = self.efforts.choose(self.wanted, &trier, source, length, self.decoder)?;
        let task = self.task(source, length);
        let mut recognizer = EngineProcess::start(
            (*engine).clone(),
            model.path.clone(),
            settings.clone(),
            effort,
            Patience::default(),
        )?;
        progress.begin(Stage::Recognition, &model.name, length);
        let mut blocks = std::iter::from_fn(|| sound.next_block().transpose());
        let mut done = |reached| progress.at(reached);
        let transcript = transcribe::transcribe(&mut blocks, &task, &mut recognizer, &mut done);
        progress.end();
        let mut transcript = transcript?;
        transcript.media.sha256 = Some(source.sha256.clone());
        transcribe::label(&mut transcript, &source.voices(sound.seats()));
        let lost = |s: &Span| Warning {
            start_ms: s.start(),
            end_ms: s.end(),
            kind: WarningKind::MissingSound,
        };
        transcript.warnings.extend(sound.missing().iter().map(lost));
        transcript.warnings.sort_by_key(|w| (w.start_ms, w.end_ms));
        if transcript.times == TimeAccuracy::Approximate {
            let (name, model) = (source.path.display(), &model.name);
            tracing::warn!(
                "Das Modell „{model}“ sagt in {name} nicht, wann es was gehört hat: die Zeiten der Wörter \
                 sind aus Lautstärke und Länge geschätzt und als ungefähr vermerkt. Genaue gibt jedes \
                 veröffentlichte Modell (mitschnitt model list)"
            );
        }
        for remark in remarks(sound.check()) {
            tracing::warn!("{}: {remark}", source.path.display());
        }
        speech_in(transcript, source.path)
    }

    fn task<'t>(&'t self, source: &Source<'t>, length: Option<MediaTime>) -> Task<'t> {
        let version = transcribe::engine_version();
        Task {
            length,
            public: source.public,
            cutting: self.cutting,
            engine: Engine {
                name: WHISPER.into(),
                version: version.into(),
                model: self.model.name.clone(),
                model_sha256: Some(self.model_sha256.clone()),
                settings: serde_json::json!({
                    "sound": source.sound,
                    "recognizer": self.settings,
                    "windows": self.cutting,
                    "policy": transcribe::VERSION,
                }),
            },
            inputs: RecognitionInputs {
                source: source.sha256.clone(),
                sound: source.sound.clone(),
                model: self.model_sha256.clone(),
                settings: self.settings.clone(),
                engine: version.into(),
            },
            journal: self.journal,
            hints: self.hints,
        }
    }
}

/// What an operator should know of level and channels, though all was heard as well as can be.
fn remarks(check: SoundCheck) -> Vec<String> {
    let mut remarks = Vec::new();
    match check.silent {
        Some(StereoChannel::Left) => remarks.push("Der linke Kanal ist stumm".to_owned()),
        Some(StereoChannel::Right) => remarks.push("Der rechte Kanal ist stumm".to_owned()),
        None => {}
    }
    if check.is_inverse {
        remarks.push(
            "Die beiden Kanäle sind gegenphasig und wurden so gemischt, dass sie sich nicht \
             auslöschen. Bitte die Kabel der Aufnahme prüfen"
                .to_owned(),
        );
    }
    if let Some(decibels) = check.soft_db {
        remarks.push(format!(
            "Die Aufnahme ist sehr leise (lauteste Sekunde {} dB unter Vollaussteuerung). Bitte den \
             Eingangspegel prüfen",
            decibels.abs()
        ));
    }
    remarks
}

/// A recording in which nobody speaks is told and no failure; one in which everything failed is.
fn speech_in(transcript: Transcript, path: &Path) -> Result<Transcript> {
    if !transcript.words.is_empty() {
        return Ok(transcript);
    }
    let name = path.display();
    let Some(failed) = transcript.gaps.iter().find(|g| g.reason == GapReason::Failed) else {
        tracing::warn!(
            "In {name} ist keine Sprache zu hören. Wenn doch gesprochen wird: Tonspur und \
             öffentliche Zeiten im Manifest prüfen"
        );
        return Ok(transcript);
    };
    let why = failed.detail.clone().unwrap_or_default();
    Err(Error::failed(format!("Die Spracherkennung ist an {name} ganz gescheitert ({why})"))
        .remedy("`mitschnitt doctor` prüft Modell und Speicher"))
}

/// How a model wants to be used, which the head of its file says.
///
/// # Errors
/// `BadInput` where it does not understand the language, or the file cannot be read.
pub fn settings(model: &Model, language: Language, decoding: DecodingSettings) -> Result<Settings> {
    let shape = model.shape()?;
    if !shape.understands(language) {
        return Err(not_understood(model, &shape, language));
    }
    Ok(Settings {
        language: language.code().to_owned(),
        window_ms: shape.window_ms(),
        aligner: match shape.alignment_heads() {
            AlignmentHeads::Preset(preset) => Aligner::Preset(preset_name(preset).into()),
            AlignmentHeads::LastLayers(layers) => Aligner::LastLayers(layers),
        },
        decoding,
    })
}

fn not_understood(model: &Model, shape: &ModelShape, language: Language) -> Error {
    let (name, wanted, code) = (&model.name, language.name(), language.code());
    if shape.is_multilingual() {
        return Error::bad_input(format!(
            "Das Modell „{name}“ kennt die Sprache {wanted} ({code}) nicht"
        ))
        .remedy(
            "Nehmen Sie large-v3 oder large-v3-turbo (`mitschnitt model fetch large-v3-turbo`)",
        );
    }
    Error::bad_input(format!(
        "Das Modell „{name}“ versteht nur Englisch (sein Wortschatz hat keine Sprachen), die Aufnahme soll \
         {wanted} sein ({code})"
    ))
    .remedy(
        "Nehmen Sie ein mehrsprachiges, dessen Name nicht auf .en endet: --model base, --model small \
         (`mitschnitt model list`)",
    )
}

fn preset_name(preset: Preset) -> &'static str {
    match preset {
        Preset::TinyEn => "tiny.en",
        Preset::Tiny => "tiny",
        Preset::BaseEn => "base.en",
        Preset::Base => "base",
        Preset::SmallEn => "small.en",
        Preset::Small => "small",
        Preset::MediumEn => "medium.en",
        Preset::Medium => "medium",
        Preset::LargeV2 => "large-v2",
        Preset::LargeV3 => "large-v3",
        Preset::LargeV3Turbo => "large-v3-turbo",
    }
}

/// A model's own encoder.
///
/// # Errors
/// `BadInput` where its vocabulary cannot be read.
pub(super) fn tokenizer(model: &Model) -> Result<Tokenizer> {
    Ok(Tokenizer::new(model.vocabulary()?, model.shape()?.longest_prompt()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_with_the_sound_is_said_in_german() {
        assert!(remarks(SoundCheck::default()).is_empty());
        let check =
            SoundCheck { silent: Some(StereoChannel::Left), is_inverse: true, soft_db: Some(-57) };
        let said = remarks(check).join("\n");
        for part in ["linke Kanal ist stumm", "gegenphasig", "57 dB unter"] {
            assert!(said.contains(part), "{said}");
        }
    }
}
