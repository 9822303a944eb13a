//! The encoder against OpenAI's, and its way back.

use std::path::Path;

use proptest::prelude::*;

use super::*;
use crate::archive::models;

/// Loaded once for all tests.
fn demo() -> &'static Tokenizer {
    static DEMO: std::sync::LazyLock<Tokenizer> = std::sync::LazyLock::new(|| {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/models/whisper-base-q8_0.bin");
        let model = models::find(file, &[]).unwrap();
        Tokenizer::new(model.vocabulary().unwrap(), model.shape().unwrap().longest_prompt())
    });
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
}
