//! What else could give the starts of words: other heads of the model than those that are known to follow
//! the sound, or none; and on the very tokens that the program's own words come from the recogniser's
//! times as they are, or moved to the next voiced frame. Owns these other ways; refuses to be used by
//! the program.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::sync::Arc;

use mitschnitt::archive::models;
use mitschnitt::child::ChildProgram;
use mitschnitt::domain::{
    Cutting, DecodingSettings, Digest, Engine, Language, MediaTime, PublicSpans, SoundChoice,
    WHISPER, Word,
};
use mitschnitt::eval::{SaidWord, WordTimes};
use mitschnitt::transcribe::{
    self, Aligner, Effort, EngineProcess, Hints, Patience, RecognitionInputs, RecognitionRequest,
    Recognizer, RecognizerError, Segment, Settings, Task,
};
use mitschnitt::vad::{FRAME, FRAME_MS, Vad};
use mitschnitt::{media, pipeline};

/// A frame is voiced from this probability on.
const VOICED: f32 = 0.35;

/// Prints how far the starts of words lie from the truth, for each way to get them.
pub fn compare(said: &[SaidWord], recording: &Path) -> io::Result<()> {
    let models = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/models");
    let model = models::find(models::BUNDLED, &[models]).map_err(other)?;
    let settings =
        pipeline::settings(&model, Language::GERMAN, DecodingSettings::default()).map_err(other)?;
    let last = |n: u32| (format!("all heads of the last {n} layers"), Aligner::LastLayers(n));
    let ways = [
        ("loudness and length alone".to_owned(), Aligner::Loudness),
        last(1),
        last(2),
        last(3),
        ("the known heads".to_owned(), settings.aligner.clone()),
    ];
    let sound = sound(recording)?;
    let mut vad = Vad::new();
    let mut heard = vad.push(&sound);
    heard.extend(vad.finish());
    let speech: Vec<f32> = heard.iter().map(|h| h.speech).collect();
    for (name, aligner) in ways {
        let timed = aligner != Aligner::Loudness;
        let settings = Settings { aligner, ..settings.clone() };
        let program = ChildProgram::of(env!("CARGO_BIN_EXE_mitschnitt"), EngineProcess::COMMAND);
        let (effort, patience) = (Effort { jobs: 2, threads: 1 }, Patience::default());
        let engine = EngineProcess::start(program, model.path.clone(), settings, effort, patience)
            .map_err(other)?;
        let mut ear = Ear { engine, asked: BTreeMap::new(), windows: BTreeMap::new() };
        let placed = words(&mut ear, &sound)?;
        if timed {
            let raw = raw(&ear.windows, &sound);
            let snapped: Vec<Word> = raw.iter().map(|w| snapped(w, &speech)).collect();
            println!("{name}: {}", WordTimes::compare(said, &until(said, raw)));
            println!("{name}, snapped: {}", WordTimes::compare(said, &until(said, snapped)));
        }
        let mut lengths: Vec<u64> = placed.iter().map(|w| w.end_ms.since(w.start_ms)).collect();
        lengths.sort_unstable();
        let median = lengths.get(lengths.len() / 2).copied().unwrap_or(0);
        println!("{name}, placed: {}", WordTimes::compare(said, &until(said, placed)));
        println!("{name}, placed: {} words, median length {median} ms", lengths.len());
    }
    Ok(())
}

fn sound(recording: &Path) -> io::Result<Vec<f32>> {
    let mut stream =
        media::open(recording, &PublicSpans::WHOLE, &SoundChoice::default(), &media::Decoder::Here)
            .map_err(other)?;
    let mut sound = Vec::new();
    while let Some(block) = stream.next_block().map_err(other)? {
        sound.extend(block);
    }
    Ok(sound)
}

/// A recogniser that remembers what it was asked and what it answered last to each window.
struct Ear {
    engine: EngineProcess,
    asked: BTreeMap<u64, Arc<Vec<f32>>>,
    windows: BTreeMap<u64, (Arc<Vec<f32>>, Vec<Segment>)>,
}

impl Recognizer for Ear {
    fn capacity(&self) -> usize {
        self.engine.capacity()
    }

    fn submit(&mut self, request: RecognitionRequest) {
        self.asked.insert(request.id, request.samples.clone());
        self.engine.submit(request);
    }

    fn answer(&mut self) -> Option<(u64, Result<Vec<Segment>, RecognizerError>)> {
        let (id, heard) = self.engine.answer()?;
        if let (Ok(segments), Some(samples)) = (&heard, self.asked.get(&id)) {
            self.windows.insert(id, (samples.clone(), segments.clone()));
        }
        Some((id, heard))
    }

    fn settings(&self) -> &Settings {
        self.engine.settings()
    }
}

/// The program's own words.
fn words(ear: &mut Ear, sound: &[f32]) -> io::Result<Vec<Word>> {
    let about = Engine { model: models::BUNDLED.into(), ..Engine::named(WHISPER) };
    let nothing = Digest::of(b"");
    let task = Task {
        length: None,
        public: &PublicSpans::WHOLE,
        cutting: Cutting::default(),
        engine: about,
        inputs: RecognitionInputs {
            source: nothing.clone(),
            sound: SoundChoice::default(),
            model: nothing,
            settings: ear.settings().clone(),
            engine: String::new(),
        },
        journal: None,
        hints: &Hints::default(),
    };
    let mut blocks = sound.chunks(16_000).map(|block| Ok(block.to_vec()));
    transcribe::transcribe(&mut blocks, &task, ear, &mut |_| {}).map(|t| t.words).map_err(other)
}

/// Each word from the end of the token before it, each window found again by its sound.
fn raw(windows: &BTreeMap<u64, (Arc<Vec<f32>>, Vec<Segment>)>, sound: &[f32]) -> Vec<Word> {
    let mut words: Vec<Word> = Vec::new();
    let mut at = 0;
    for (samples, segments) in windows.values() {
        // The last window is completed with silence.
        let here = |at: &usize| sound[*at..].iter().zip(samples.iter()).all(|(a, b)| a == b);
        at = (at..sound.len()).step_by(FRAME).find(here).expect("a window is part of the sound");
        let start = MediaTime::from_millis((at / FRAME) as u64 * FRAME_MS);
        let mut before = start;
        for (i, token) in segments.iter().flat_map(|s| &s.tokens).enumerate() {
            let end = token.end_ms.map_or(before, |end| start.plus_millis(end.into()).max(before));
            let text = String::from_utf8_lossy(&token.bytes);
            match words.last_mut().filter(|_| i > 0 && !text.starts_with(' ')) {
                Some(word) => word.text.push_str(&text),
                None => words.push(Word {
                    text: text.into_owned(),
                    start_ms: before,
                    end_ms: end,
                    confidence: 1.0,
                    raw: None,
                }),
            }
            before = end;
        }
    }
    words
}

fn snapped(word: &Word, speech: &[f32]) -> Word {
    let frame = (word.start_ms.millis() / FRAME_MS) as usize;
    let voiced = speech.iter().skip(frame).position(|p| *p >= VOICED).unwrap_or(0);
    let start = MediaTime::from_millis((frame + voiced) as u64 * FRAME_MS);
    Word { start_ms: start.max(word.start_ms), ..word.clone() }
}

/// Only as far as there is truth.
fn until(said: &[SaidWord], mut heard: Vec<Word>) -> Vec<Word> {
    let end = said.last().map_or(MediaTime::ZERO, |said| said.word.end_ms);
    heard.retain(|w| w.start_ms <= end);
    heard
}

fn other(error: mitschnitt::domain::Error) -> io::Error {
    io::Error::other(error.to_string())
}
