//! How long it takes to save a corrected paragraph of a meeting of 40,000 words, from the request to the answer but
//! for the web: with no correction before it, with a thousand, and with a thousand on a text that was heard anew.
//! Beside it, in the same run, what reading the text alone takes. `cargo bench --bench correcting`

use std::time::{Duration, Instant};

use mitschnitt::domain::{
    Council, Digest, Engine, MediaRef, MediaTime, MeetingId, OfRecording, ParagraphEdit,
    PublicSpans, Recording, ShownAs, Signature, SoundChoice, TRANSCRIPT_FORMAT, Transcript,
    Utterance, Word,
};
use mitschnitt::store::{Heard, Registration, Store};

const WORDS: usize = 40_000;
const BEFORE: usize = 1_000;
const ROUNDS: usize = 15;

fn main() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::create(folder.path()).expect("an archive");
    let id = MeetingId::new("kt-1").expect("an id");
    let path = folder.path().join("ton.wav");
    std::fs::write(&path, "").expect("a file");
    let recording = Recording {
        sha256: Digest::of(b"sound"),
        path,
        bytes: 0,
        offset: MediaTime::ZERO,
        video_url: None,
        video_offset_ms: 0,
        shown_as: ShownAs::File,
        public: PublicSpans::WHOLE,
        sound: SoundChoice::default(),
        seats: Vec::new(),
    };
    let date = jiff::civil::date(2026, 6, 12);
    let council = Council::by_names(&id, "Lindenau", Some("Rat"), date).expect("a council");
    store
        .register(&Registration::of(&council, std::slice::from_ref(&recording)))
        .expect("a meeting");
    let hear = |key: &str, shift: u64| {
        let heard = Heard { public: &recording.public, sound: &recording.sound };
        let key = Digest::of(key.as_bytes());
        store
            .put_transcript(&id, &recording.sha256, &key, &transcript(shift), &heard)
            .expect("a text");
    };
    hear("first", 0);
    println!(
        "{WORDS} words, fastest and median of {ROUNDS} saves; reading the text alone beside it"
    );
    report("no correction before", &store, &id, &recording);
    let text = store.corrected_texts(&id).expect("texts").remove(0);
    let of = OfRecording { sha256: &recording.sha256, offset: MediaTime::ZERO };
    let edits: Vec<ParagraphEdit> = (0..BEFORE)
        .flat_map(|n| {
            let at = 200 + n * 30;
            let was = text.corrected.text(&(at..at + 20));
            let new = was.replacen("wort", "berichtigt", 1);
            text.corrected
                .edits(&text.transcript.words, of, at..at + 20, &was, &new)
                .expect("edits")
        })
        .collect();
    let seen = store.revisions_seen(&id).expect("revisions");
    store.add_revisions(&id, &edits, &seen, &signed()).expect("corrections");
    report("a thousand before", &store, &id, &recording);
    hear("second", 130);
    let corrected = store.corrected_texts(&id).expect("texts").remove(0).corrected;
    println!(
        "  heard anew: {} in place, {} without a sure place",
        corrected.placed.len(),
        corrected.unplaced.len()
    );
    report("a thousand, heard anew", &store, &id, &recording);
}

/// Measures saves and reads in turn.
fn report(what: &str, store: &Store, id: &MeetingId, recording: &Recording) {
    let (mut saves, mut reads) = (Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        let began = Instant::now();
        let read = store.transcript(id, &recording.sha256).expect("a text").expect("a text");
        reads.push(began.elapsed());
        drop(read);
        let began = Instant::now();
        save(store, id, recording, 31_000 + round * 40);
        saves.push(began.elapsed());
    }
    let ms = |time: Duration| time.as_secs_f64() * 1000.0;
    let mut line = format!("{what}:");
    for (name, times) in [("save", &mut saves), ("read", &mut reads)] {
        times.sort();
        line += &format!("  {name} {:.1} / {:.1} ms", ms(times[0]), ms(times[times.len() / 2]));
    }
    println!("{line}");
}

/// What the desk does for a saved paragraph.
fn save(store: &Store, id: &MeetingId, recording: &Recording, at: usize) {
    let seen = store.revisions_seen(id).expect("revisions");
    let texts = store.corrected_texts(id).expect("texts");
    let text = &texts[0];
    let of = OfRecording { sha256: &recording.sha256, offset: recording.offset };
    let range = at..at + 60;
    let was = text.corrected.text(&range);
    let new = format!("Berichtigt{at} {was}");
    let edits = text.corrected.edits(&text.transcript.words, of, range, &was, &new).expect("edits");
    store.add_revisions(id, &edits, &seen, &signed()).expect("a correction");
    store.correct_again(id, texts).expect("texts");
}

fn signed() -> Signature {
    Signature { by: "konto-1".into(), at: jiff::Timestamp::now() }
}

/// A text of words that are told apart by their numbers, so many milliseconds later.
fn transcript(shift: u64) -> Transcript {
    let word = |n: usize| Word {
        text: if n.is_multiple_of(7) { format!("wort{n}.") } else { format!("wort{}", n % 997) },
        start_ms: MediaTime::from_millis(n as u64 * 400 + shift),
        end_ms: MediaTime::from_millis(n as u64 * 400 + 330 + shift),
        confidence: 0.9,
        raw: None,
    };
    Transcript {
        format: TRANSCRIPT_FORMAT.into(),
        media: MediaRef {
            sha256: None,
            duration_ms: MediaTime::from_millis(WORDS as u64 * 400 + 1_000),
        },
        engine: Engine::named("bench"),
        language: "de".into(),
        words: (0..WORDS).map(word).collect(),
        utterances: (0..WORDS)
            .step_by(14)
            .map(|first_word| Utterance {
                first_word,
                n_words: 14.min(WORDS - first_word),
                speaker_label: None,
            })
            .collect(),
        gaps: Vec::new(),
        warnings: Vec::new(),
        times: Default::default(),
    }
}
