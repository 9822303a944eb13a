//! The encoder against OpenAI's, its way back, and damaged files.

use std::path::PathBuf;

use proptest::prelude::*;

use super::*;

fn model() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/models/whisper-base-q8_0.bin")
}

/// Loaded once for all tests.
fn demo() -> &'static Tokenizer {
    static DEMO: std::sync::LazyLock<Tokenizer> =
        std::sync::LazyLock::new(|| Tokenizer::from_model(&model()).unwrap());
    &DEMO
}

/// fixtures/tokens.json was made with OpenAI's own encoder.
#[test]
fn texts_get_the_ids_that_openai_gives_them() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/tokens.json");
    let golden: Vec<(String, Vec<i32>)> =
        serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    assert!(golden.len() > 100);
    for (text, ids) in golden {
        assert_eq!(demo().encode(&text), ids, "{text:?}");
    }
}

#[test]
fn unknown_ids_stand_for_nothing() {
    assert!(demo().decode(&[-1, 50_256, 50_257, 51_864, i32::MAX]).is_empty());
}

proptest! {
    #[test]
    fn what_is_encoded_is_decoded(text in "(\\PC|[ \n\täöüß'0-9a-z])*") {
        let ids = demo().encode(&text);
        prop_assert_eq!(demo().decode(&ids), text.into_bytes());
    }

    /// A piece in the middle of a text gets the same ids as alone, so prompts can be put together.
    #[test]
    fn words_after_a_space_are_encoded_alone(a in "\\pL{1,9}", b in "\\pL{1,9}") {
        let mut apart = demo().encode(&a);
        apart.extend(demo().encode(&format!(" {b}")));
        prop_assert_eq!(demo().encode(&format!("{a} {b}")), apart);
    }

    /// A small model file of the right form, then cut or with bytes changed: read or refused.
    #[test]
    fn a_damaged_file_is_refused_and_harms_nobody(
        cut in 0usize..1500,
        changes in prop::collection::vec((0usize..1500, any::<u8>()), 0..4),
    ) {
        let whole = small_file();
        prop_assert!(vocabulary_file::read(&mut whole.as_slice()).is_ok());
        let cut = cut.min(whole.len() - 1);
        prop_assert!(vocabulary_file::read(&mut &whole[..cut]).is_err());
        let mut changed = whole;
        for (at, byte) in changes {
            let at = at % changed.len();
            changed[at] = byte;
        }
        if let Ok(tokens) = vocabulary_file::read(&mut changed.as_slice()) {
            let tokenizer = Tokenizer::new(tokens);
            prop_assert_eq!(tokenizer.decode(&tokenizer.encode("Müller")), "Müller".as_bytes());
        }
    }
}

/// Magic, sizes, four filters and a token for every byte.
fn small_file() -> Vec<u8> {
    let numbers = |n: &[u32]| n.iter().flat_map(|n| n.to_le_bytes()).collect::<Vec<u8>>();
    let mut file = numbers(&[0x6767_6d6c, 256, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 2, 2]);
    file.extend([0; 16]);
    file.extend(numbers(&[256]));
    for byte in 0..=255u8 {
        file.extend(numbers(&[1]));
        file.push(byte);
    }
    file
}
