//! What becomes of a recording when the recogniser fails on a part of it.

use super::*;
use crate::media;

#[test]
fn a_window_that_fails_is_a_named_gap_and_the_rest_goes_on() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures/audio/de_rhasspy-0004.webm");
    let mut sound =
        media::open(&path, &PublicSpans::WHOLE, &Default::default(), &media::Decoder::Here)
            .unwrap();
    let mut blocks = std::iter::from_fn(|| sound.next_block().transpose());
    let settings = Settings {
        language: "de".into(),
        window_ms: 2000,
        audio_ctx: 0,
        beam: 1,
        aligner: Aligner::TokenTimes,
    };
    let word = Token { bytes: b" Danke".to_vec(), probability: 0.9, end_ms: 500 };
    let heard = vec![Segment { no_speech: 0.0, tokens: vec![word] }];
    let answers = vec![Err(RecognizerError("planted".into())), Ok(heard)];
    let mut recognizer = Replay::new(settings, answers);
    let engine = Engine {
        name: "replay".into(),
        version: String::new(),
        model: String::new(),
        model_sha256: None,
        settings: serde_json::Value::Null,
    };
    let transcript =
        transcribe(&mut blocks, None, &PublicSpans::WHOLE, &mut recognizer, engine, &mut |_| {})
            .unwrap();
    assert!(recognizer.asked.len() >= 2, "{:?}", recognizer.asked);
    assert!(recognizer.asked.iter().all(|n| *n <= 2 * SAMPLE_RATE as usize));
    let failed: Vec<_> = transcript.gaps.iter().filter(|g| g.reason == GapReason::Failed).collect();
    let [gap] = failed.as_slice() else { panic!("one failed gap, not {failed:?}") };
    let [word] = transcript.words.as_slice() else { panic!("one word: {:?}", transcript.words) };
    assert_eq!(word.text, "Danke");
    assert!(word.start_ms >= gap.end_ms, "the word is of the window behind the failed one");
}
