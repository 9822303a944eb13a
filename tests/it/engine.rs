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

/// Greets like the real engine and dies when the first window comes.
const DYING: &str = r#"
import struct, sys
def frame():
    (length,) = struct.unpack("<I", sys.stdin.buffer.read(4))
    return sys.stdin.buffer.read(length)
frame()
answer = b'"Ready"'
sys.stdout.buffer.write(struct.pack("<I", len(answer)) + answer)
sys.stdout.buffer.flush()
frame()
sys.exit("died of a planted fault")
"#;

/// The first process is a stand-in that dies, every later one the real engine.
#[test]
fn a_crash_costs_one_try_of_one_window() {
    let dir = tempfile::tempdir().unwrap();
    let (died, dying) = (dir.path().join("died"), dir.path().join("dying.py"));
    std::fs::write(&dying, DYING).unwrap();
    let script = format!(
        "if [ -e '{died}' ]; then exec '{real}' engine; fi; touch '{died}'; exec python3 '{dying}'",
        real = env!("CARGO_BIN_EXE_mitschnitt"),
        died = died.display(),
        dying = dying.display(),
    );
    let model = root().join("fixtures/models/ggml-demo-de-q8_0.bin");
    let mut engine =
        EngineProcess::start(command("sh", &["-c", &script]), model, settings(), 1).unwrap();
    assert!(died.exists(), "the stand-in was started");
    let tone: Vec<f32> = (0..16_000).map(|i| (i as f32 * 0.05).sin() * 0.1).collect();
    engine.recognize(&tone).unwrap();
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
