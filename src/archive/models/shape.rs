//! What the sizes in a model's head say of how it is used: alignment heads, window, prompt, languages.
//! Pure; refuses to guess from names.

use crate::domain::Language;

/// The sizes of a Whisper network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ModelShape {
    /// Tokens, special ones included.
    pub vocabulary: u32,
    /// Positions that the encoder gives, 20 ms each.
    pub audio_context: u32,
    /// Numbers a position of the encoder, …
    pub audio_width: u32,
    /// … its heads …
    pub audio_heads: u32,
    /// … and its layers.
    pub audio_layers: u32,
    /// Tokens that the decoder sees at once.
    pub text_context: u32,
    /// Numbers a position of the decoder, …
    pub text_width: u32,
    /// … its heads …
    pub text_heads: u32,
    /// … and its layers.
    pub text_layers: u32,
    /// Bands of the spectrum.
    pub mels: u32,
}

/// The models for which whisper.cpp knows the attention heads whose peaks follow the sound, for word
/// times by dynamic time warping.
#[allow(missing_docs)] // the names say it all
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Preset {
    TinyEn,
    Tiny,
    BaseEn,
    Base,
    SmallEn,
    Small,
    MediumEn,
    Medium,
    LargeV2,
    LargeV3,
    LargeV3Turbo,
}

/// The attention heads that give word times.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AlignmentHeads {
    /// Those that whisper.cpp lists for a published model.
    Preset(Preset),
    /// All of so many last layers of the decoder.
    LastLayers(u32),
}

/// A vocabulary from this size on has languages.
const MULTILINGUAL: u32 = 51_865;
/// Tokens of a multilingual vocabulary that are no languages.
const BESIDE_LANGUAGES: u32 = 51_766;
/// One position of the encoder lasts so many milliseconds.
const POSITION_MS: u32 = 20;
/// whisper.cpp makes spectra of this much sound, in milliseconds, whatever a model might take.
const LONGEST_WINDOW_MS: u32 = 30_000;
/// So many heads are looked at where nobody knows which follow the sound (large-v2 has 23 known ones);
/// more cost memory for each token.
const MOST_HEADS: u32 = 24;

impl ModelShape {
    /// The heads that give word times. The published models' are known by their sizes, which a
    /// fine-tune shares with what it was made of; of others (distilled ones) all heads of the last
    /// layers are taken, as OpenAI's own program does: at most half of the layers.
    ///
    /// `large-v1` has the sizes of `large-v2` and is taken for it.
    pub fn alignment_heads(&self) -> AlignmentHeads {
        let is_like = |preset: &&Preset| {
            let known = Self::of(**preset);
            let sizes = |s: &Self| {
                let audio = (s.audio_width, s.audio_heads, s.audio_layers, s.mels);
                (audio, (s.text_width, s.text_heads, s.text_layers), s.is_multilingual())
            };
            sizes(&known) == sizes(self)
        };
        if let Some(preset) = PRESETS.iter().find(is_like) {
            return AlignmentHeads::Preset(*preset);
        }
        let affordable = (MOST_HEADS / self.text_heads).max(1);
        AlignmentHeads::LastLayers((self.text_layers / 2).clamp(1, affordable))
    }

    /// The sizes of a published model.
    pub fn of(preset: Preset) -> Self {
        let (width, heads, audio_layers, text_layers) = match preset {
            Preset::Tiny | Preset::TinyEn => (384, 6, 4, 4),
            Preset::Base | Preset::BaseEn => (512, 8, 6, 6),
            Preset::Small | Preset::SmallEn => (768, 12, 12, 12),
            Preset::Medium | Preset::MediumEn => (1024, 16, 24, 24),
            Preset::LargeV2 | Preset::LargeV3 => (1280, 20, 32, 32),
            Preset::LargeV3Turbo => (1280, 20, 32, 4),
        };
        let (vocabulary, mels) = match preset {
            Preset::TinyEn | Preset::BaseEn | Preset::SmallEn | Preset::MediumEn => (51_864, 80),
            Preset::Tiny | Preset::Base | Preset::Small | Preset::Medium | Preset::LargeV2 => {
                (51_865, 80)
            }
            Preset::LargeV3 | Preset::LargeV3Turbo => (51_866, 128),
        };
        Self {
            vocabulary,
            audio_context: 1500,
            audio_width: width,
            audio_heads: heads,
            audio_layers,
            text_context: 448,
            text_width: width,
            text_heads: heads,
            text_layers,
            mels,
        }
    }

    /// The most sound that is heard at once, in milliseconds.
    pub fn window_ms(&self) -> u32 {
        (self.audio_context * POSITION_MS).min(LONGEST_WINDOW_MS)
    }

    /// Tokens of a prompt that are looked at: half of what the decoder sees, as whisper.cpp cuts.
    pub fn longest_prompt(&self) -> usize {
        self.text_context as usize / 2
    }

    /// Whether it knows other languages than English.
    pub fn is_multilingual(&self) -> bool {
        self.vocabulary >= MULTILINGUAL
    }

    /// Whether it knows a language.
    pub fn understands(&self, language: Language) -> bool {
        let languages = self.vocabulary.saturating_sub(BESIDE_LANGUAGES) as usize;
        language == Language::ENGLISH || self.is_multilingual() && language.number() < languages
    }

    /// How many tensors its file holds.
    pub fn tensors(&self) -> u64 {
        // Positions, two convolutions and a norm; positions, tokens and a norm; then for each layer
        // norms, attention and perceptron, in the decoder attention to the encoder, too.
        11 + 15 * u64::from(self.audio_layers) + 24 * u64::from(self.text_layers)
    }
}

const PRESETS: [Preset; 11] = [
    Preset::TinyEn,
    Preset::Tiny,
    Preset::BaseEn,
    Preset::Base,
    Preset::SmallEn,
    Preset::Small,
    Preset::MediumEn,
    Preset::Medium,
    Preset::LargeV2,
    Preset::LargeV3,
    Preset::LargeV3Turbo,
];

#[cfg(test)]
mod tests {
    use super::super::ggml;
    use super::*;

    #[test]
    fn the_head_of_a_file_chooses_the_alignment_heads() {
        for preset in PRESETS {
            let file = ggml::tests::small_file(&ModelShape::of(preset));
            let shape = ggml::shape(&mut file.as_slice()).unwrap();
            assert_eq!(shape.alignment_heads(), AlignmentHeads::Preset(preset));
        }
        let turbo = ModelShape::of(Preset::LargeV3Turbo);
        let small = ModelShape::of(Preset::SmallEn);
        let others = [
            // distil-large-v3 and -v2, distil-medium.en, distil-small.en as published.
            (ModelShape { text_layers: 2, ..turbo }, 1),
            (ModelShape { text_layers: 2, ..ModelShape::of(Preset::LargeV2) }, 1),
            (ModelShape { text_layers: 2, ..ModelShape::of(Preset::MediumEn) }, 1),
            (ModelShape { text_layers: 4, ..small }, 2),
            // Of one layer there is no half, and of many wide ones not all are taken.
            (ModelShape { text_layers: 1, ..small }, 1),
            (ModelShape { text_layers: 16, ..turbo }, 1),
        ];
        for (shape, layers) in others {
            assert_eq!(shape.alignment_heads(), AlignmentHeads::LastLayers(layers), "{shape:?}");
        }
    }

    #[test]
    fn window_prompt_and_languages_are_those_of_the_head() {
        let base = ModelShape::of(Preset::Base);
        assert_eq!((base.window_ms(), base.longest_prompt()), (30_000, 224));
        let short = ModelShape { audio_context: 500, text_context: 128, ..base };
        assert_eq!((short.window_ms(), short.longest_prompt()), (10_000, 64));
        assert_eq!(ModelShape { audio_context: 3000, ..base }.window_ms(), 30_000);

        let cantonese: Language = "yue".parse().unwrap();
        assert!(base.understands(Language::GERMAN) && !base.understands(cantonese));
        assert!(ModelShape::of(Preset::LargeV3).understands(cantonese));
        let english = ModelShape::of(Preset::BaseEn);
        assert!(english.understands(Language::ENGLISH) && !english.understands(Language::GERMAN));
    }

    /// As whisper.cpp loads them.
    #[test]
    fn the_number_of_tensors_is_known() {
        let known = [(Preset::Tiny, 167), (Preset::Base, 245), (Preset::LargeV3, 1259)];
        for (preset, tensors) in known {
            assert_eq!(ModelShape::of(preset).tensors(), tensors);
        }
    }
}
