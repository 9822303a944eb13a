//! The engine process: what happens when it dies or hangs in the middle of the work, and that an
//! answer depends on its request alone.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use mitschnitt::child::ChildProgram;
use mitschnitt::domain::{DecodingSettings, PublicSpans};
use mitschnitt::media;
use mitschnitt::transcribe::{
    Aligner, DecodingStrategy, Effort, EngineProcess, Patience, RecognitionRequest, Recognizer,
    RecognizerError, Segment, Settings,
};

use crate::harness::root;

fn settings() -> Settings {
    Settings {
        language: "de".into(),
        window_ms: 30_000,
        aligner: Aligner::Preset("base".into()),
        decoding: DecodingSettings::default(),
    }
}

fn command(program: &str, arguments: &[&str]) -> ChildProgram {
    ChildProgram {
        program: program.into(),
        arguments: arguments.iter().map(|a| (*a).to_owned()).collect(),
    }
}

const REAL: &str = env!("CARGO_BIN_EXE_mitschnitt");

/// Long enough for a busy machine.
const LONG: Duration = Duration::from_secs(60);

fn start(command: ChildProgram, jobs: u32, window: Duration) -> EngineProcess {
    let model = root().join("fixtures/models/whisper-base-q8_0.bin");
    let patience = Patience { load: LONG, window, times: 0 };
    let effort = Effort { jobs, threads: 1 };
    EngineProcess::start(command, model, settings(), effort, patience).unwrap()
}

/// Stretches of five seconds of the demo meeting.
fn speech(n: usize) -> Vec<Arc<Vec<f32>>> {
    let path = root().join("fixtures/meetings/kreistag-demo/sitzung.mp4");
    let mut stream =
        media::open(&path, &PublicSpans::WHOLE, &Default::default(), &media::Decoder::Here)
            .unwrap();
    let mut sound = Vec::new();
    while sound.len() < n * 80_000 {
        sound.extend(stream.next_block().unwrap().unwrap());
    }
    sound.chunks_exact(80_000).take(n).map(|c| Arc::new(c.to_vec())).collect()
}

fn ask(id: u64, samples: &Arc<Vec<f32>>, search: DecodingStrategy) -> RecognitionRequest {
    RecognitionRequest { id, samples: samples.clone(), search, prompt: Vec::new() }
}

type Answers = BTreeMap<u64, Result<Vec<Segment>, RecognizerError>>;

fn answers(engine: &mut EngineProcess) -> Answers {
    std::iter::from_fn(|| engine.answer()).collect()
}

/// Greets like the real engine; at the window whose sound starts with 0.5 it dies or hangs, every
/// other it answers with silence.
const FAULTY: &str = r#"
import struct, sys, time
def frame():
    head = sys.stdin.buffer.read(5)
    if len(head) < 5: sys.exit(0)
    return sys.stdin.buffer.read(struct.unpack("<Ic", head)[0])
def say(text):
    sys.stdout.buffer.write(struct.pack("<Ic", len(text), b"j") + text)
    sys.stdout.buffer.flush()
import json
frame()
say(b'"Ready"')
while True:
    ask, sound = json.loads(frame()), frame()
    if struct.unpack("<f", sound[:4])[0] == 0.5:
        if sys.argv[1] == "dies": sys.exit("died of a planted fault")
        time.sleep(3600)
    say(json.dumps({"Heard": [ask["id"], []]}).encode())
"#;

fn faulty(folder: &Path, how: &str) -> ChildProgram {
    let script = folder.join("faulty.py");
    std::fs::write(&script, FAULTY).unwrap();
    command("python3", &[script.to_str().unwrap(), how])
}

#[test]
fn a_window_that_kills_or_hangs_the_engine_is_given_up_and_no_other() {
    let folder = tempfile::tempdir().unwrap();
    for (how, reason) in [("dies", "planted fault"), ("hangs", "hangs")] {
        // The stand-in answers at once; its hang is waited for this long, and for longer in vain.
        let mut engine = start(faulty(folder.path(), how), 3, Duration::from_secs(8));
        for id in 0..7 {
            let first = if id == 3 { 0.5 } else { 0.0 };
            engine.submit(ask(id, &Arc::new(vec![first; 16_000]), DecodingStrategy::Beam(1)));
        }
        let answers = answers(&mut engine);
        assert_eq!(answers.len(), 7);
        for (id, answer) in answers {
            match answer {
                Ok(_) => assert_ne!(id, 3),
                Err(error) => {
                    assert_eq!(id, 3, "{error}");
                    assert!(error.0.contains(reason), "{error}");
                }
            }
        }
    }
}

/// The first process is a stand-in that dies, every later one the real engine.
#[test]
fn a_crash_costs_one_try() {
    let folder = tempfile::tempdir().unwrap();
    let died = folder.path().join("died");
    let ChildProgram { program, arguments } = faulty(folder.path(), "dies");
    let script = format!(
        "if [ -e '{died}' ]; then exec '{REAL}' engine; fi; touch '{died}'; exec '{}' '{}' dies",
        program.display(),
        arguments[0],
        died = died.display(),
    );
    let mut engine = start(command("sh", &["-c", &script]), 1, LONG);
    assert!(died.exists(), "the stand-in was started");
    let mut tone: Vec<f32> = (0..16_000).map(|i| (i as f32 * 0.05).sin() * 0.1).collect();
    tone[0] = 0.5;
    let tone = Arc::new(tone);
    engine.submit(ask(0, &tone, DecodingStrategy::Beam(1)));
    engine.submit(ask(1, &tone, DecodingStrategy::Beam(1)));
    assert!(answers(&mut engine).values().all(Result::is_ok));
}

/// Whatever was heard before, in whichever state, side by side or alone, with one thread or two.
#[test]
fn an_answer_depends_on_its_request_alone() {
    let windows = speech(2);
    let searches = [
        (DecodingStrategy::Beam(5), 0),
        (DecodingStrategy::Beam(5), 1),
        (DecodingStrategy::Beam(2), 1),
    ];
    let searches = searches.into_iter().chain([(DecodingStrategy::Sample(0.8), 0)]);
    let requests: Vec<RecognitionRequest> =
        searches.zip(0..).map(|((search, window), id)| ask(id, &windows[window], search)).collect();
    let mut side_by_side = start(command(REAL, &[EngineProcess::COMMAND]), 2, LONG);
    requests.iter().cloned().for_each(|r| side_by_side.submit(r));
    let expected = answers(&mut side_by_side);
    assert!(expected.values().flatten().flatten().any(|s| !s.tokens.is_empty()));
    let mut alone = start(command(REAL, &[EngineProcess::COMMAND]), 1, LONG);
    requests.iter().rev().cloned().for_each(|r| alone.submit(r));
    let other = answers(&mut alone);
    let differ: Vec<_> = expected.iter().filter(|(id, e)| other[*id] != **e).map(|e| e.0).collect();
    assert!(differ.is_empty(), "requests {differ:?} are answered differently in another order");
}

#[test]
fn a_model_that_cannot_be_loaded_is_named() {
    let broken = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(broken.path(), b"not a model").unwrap();
    let real = command(REAL, &[EngineProcess::COMMAND]);
    let effort = Effort { jobs: 1, threads: 1 };
    let path = broken.path().to_owned();
    let Err(error) = EngineProcess::start(real, path, settings(), effort, Patience::default())
    else {
        panic!("rubbish was loaded")
    };
    assert!(error.to_string().contains(broken.path().to_str().unwrap()), "{error}");
}
