//! How long alignment takes: six hours with 120 items and a roster of eighty, and a quarter of that
//! with the same agenda and roster. `cargo bench --bench align`

use std::path::Path;
use std::time::{Duration, Instant};

use mitschnitt::domain::{
    AgendaItem, AgendaItemId, Council, Engine, MediaRef, MediaTime, Person, PersonId,
    TRANSCRIPT_FORMAT, Transcript, Utterance, Word,
};
use mitschnitt::eval::Truth;
use mitschnitt::{align, ingest};

const ROUNDS: usize = 5;
const ITEMS: usize = 120;
const PERSONS: usize = 80;
/// Six hours, in milliseconds.
const LONG: u64 = 6 * 3600 * 1000;

fn main() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/meetings/kreistag-demo");
    let truth = std::fs::read_to_string(folder.join("truth.json")).expect("the demo's truth");
    let truth: Truth = serde_json::from_str(&truth).expect("a truth file");
    let mut meetings = ingest::read(&folder.join("meeting.toml"));
    let council = enlarged(meetings.remove(0).expect("the demo meeting").council);
    let (short, long) = (held(&truth, &council, LONG / 4), held(&truth, &council, LONG));
    let (mut least_short, mut least_long) = (Duration::MAX, Duration::MAX);
    for _ in 0..ROUNDS {
        least_short = least_short.min(timed(&short, &council));
        least_long = least_long.min(timed(&long, &council));
    }
    println!("{ITEMS} items, {} persons, one core", council.persons.len());
    for (transcript, time) in [(&short, least_short), (&long, least_long)] {
        println!(
            "{:.1} h, {} words: {:.0} ms",
            transcript.media.duration_ms.as_secs_f64() / 3600.0,
            transcript.words.len(),
            time.as_secs_f64() * 1000.0
        );
    }
    let ratio = least_long.as_secs_f64() / least_short.as_secs_f64();
    println!("four times as long takes {ratio:.2} times as long (linear: 4)");
}

/// The demo's council with a long agenda and a large roster.
fn enlarged(mut council: Council) -> Council {
    let places = ["Nauen", "Rathenow", "Falkensee", "Friesack", "Ketzin", "Premnitz"];
    let matters = ["Radwegenetz", "Rufbus", "Sanierung der Turnhalle", "Kreisstraße", "Schulbau"];
    let item = |n: usize| AgendaItem {
        id: AgendaItemId::new(format!("item-{n}")).expect("an id"),
        number: Some(format!("Ö {}", n + 1)),
        order: n as u32,
        title: format!("{} in {}, Abschnitt {n}", matters[n % 5], places[n % 6]),
        public: true,
        papers: Vec::new(),
        result: None,
    };
    council.meeting.agenda = (0..ITEMS).map(item).collect();
    let syllables = ["ber", "lin", "mo", "ra", "stett", "tal", "wo", "zim"];
    for n in 0..PERSONS {
        let name = [n % 8, n / 8 % 8, (n * 5 + 3) % 8].map(|i| syllables[i]).concat();
        let pattern: &Person = &council.persons[n % council.persons.len()];
        council.persons.push(Person {
            id: PersonId::new(format!("person-{n}")).expect("an id"),
            family_name: Some(name.clone()),
            name,
            ..pattern.clone()
        });
    }
    council
}

/// A meeting of that length: every item called in turn, and under it the demo's debates.
fn held(truth: &Truth, council: &Council, length: u64) -> Transcript {
    let mut words: Vec<Word> = Vec::new();
    let mut now = 0;
    let mut say = |text: &str, pause: u64, now: &mut u64| {
        *now += pause;
        let start_ms = MediaTime::from_millis(*now);
        *now += 320;
        let end_ms = MediaTime::from_millis(*now);
        words.push(Word { text: text.to_owned(), start_ms, end_ms, confidence: 1.0, raw: None });
    };
    let mut debate = truth.words.iter().cycle();
    let each = length / ITEMS as u64;
    for (n, item) in council.meeting.agenda.iter().enumerate() {
        let call = format!("Ich rufe auf den Tagesordnungspunkt {}: {}.", n + 1, item.title);
        call.split(' ')
            .enumerate()
            .for_each(|(i, w)| say(w, if i == 0 { 1500 } else { 40 }, &mut now));
        while now < (n as u64 + 1) * each {
            let speaker = &council.persons[(now / 7) as usize % council.persons.len()];
            let floor =
                format!("Das Wort hat {}.", speaker.family_name.as_deref().unwrap_or("Quast"));
            floor
                .split(' ')
                .enumerate()
                .for_each(|(i, w)| say(w, if i == 0 { 900 } else { 40 }, &mut now));
            for (i, word) in debate.by_ref().take(150).enumerate() {
                say(&word.word.text, if i == 0 { 1500 } else { 60 }, &mut now);
            }
        }
    }
    let utterances = (0..words.len().div_ceil(12)).map(|i| Utterance {
        first_word: i * 12,
        n_words: 12.min(words.len() - i * 12),
        speaker_label: None,
    });
    Transcript {
        times: Default::default(),
        format: TRANSCRIPT_FORMAT.into(),
        media: MediaRef { sha256: None, duration_ms: MediaTime::from_millis(now) },
        engine: Engine::named("truth"),
        language: "de".into(),
        utterances: utterances.collect(),
        words,
        gaps: Vec::new(),
        warnings: Vec::new(),
    }
}

fn timed(transcript: &Transcript, council: &Council) -> Duration {
    let began = Instant::now();
    std::hint::black_box(align::align(transcript, council, &[]));
    began.elapsed()
}
