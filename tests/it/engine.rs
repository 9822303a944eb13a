//! The engine process: what happens when it dies in the middle of the work.

use mitschnitt::transcribe::{Aligner, EngineCommand, EngineProcess, Recognizer, Settings};

use crate::harness::root;

fn settings() -> Settings {
    Settings {
        language: "de".into(),
        window_ms: 6000,
        audio_ctx: 500,
        beam: 1,
        aligner: Aligner::TokenTimes,
    }
}

fn command(program: &str, arguments: &[&str]) -> EngineCommand {
    EngineCommand {
        program: program.into(),
        arguments: arguments.iter().map(|a| (*a).to_owned()).collect(),
    }
}

/// An engine that dies at its first window, and is the real one from then on.
#[test]
fn a_crash_costs_one_try_of_one_window() {
    let dir = tempfile::tempdir().unwrap();
    let marker = dir.path().join("died");
    let real = env!("CARGO_BIN_EXE_mitschnitt");
    // `head -c` lets the greeting and part of the first window through, then ends the real engine.
    let script = format!(
        "if [ -e '{m}' ]; then exec '{real}' engine; else touch '{m}'; head -c 3000 | '{real}' engine; exit 9; fi",
        m = marker.display()
    );
    let model = root().join("fixtures/models/ggml-demo-de-q8_0.bin");
    let shell = command("sh", &["-c", &script]);
    let mut engine = EngineProcess::start(shell, model, settings(), 1).unwrap();
    let tone: Vec<f32> = (0..16_000).map(|i| (i as f32 * 0.05).sin() * 0.1).collect();
    engine.recognize(&tone).unwrap();
    assert!(marker.exists());
    engine.recognize(&tone).unwrap();
}

#[test]
fn a_model_that_cannot_be_loaded_is_named() {
    let broken = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(broken.path(), b"not a model").unwrap();
    let real = command(env!("CARGO_BIN_EXE_mitschnitt"), &["engine"]);
    let Err(error) = EngineProcess::start(real, broken.path().to_owned(), settings(), 1) else {
        panic!("rubbish was loaded")
    };
    assert!(error.to_string().contains(broken.path().to_str().unwrap()), "{error}");
}
