//! The pages of long meetings in a real browser, and the editor of one. `cargo bench --bench long_meeting`
//!
//! An archive is made of two invented meetings, of eight hours and 80,000 words and of four and 40,000, with the
//! words of `fixtures/debates`, and served by the program. `web/browser/long_meeting.js` asks for pages at a quarter
//! of the processor's speed and prints their largest contentful paint and what it was, layout shift and sizes; then it
//! saves paragraphs in the editor and types. Before that, what of a save is the archive's: with no correction before
//! it, with a thousand, and with a thousand on a text that was heard anew, beside what reading the text alone takes.

use std::io::{self, BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use mitschnitt::domain::{
    ALIGNMENT_FORMAT, AgendaItem, AgendaItemId, Alignment, Council, Digest, Engine, ItemAlignment,
    MediaRef, MediaTime, MeetingId, Membership, OfRecording, ParagraphEdit, Person, PersonId,
    PublicSpans, Recording, Role, ShownAs, Signature, SoundChoice, Span, TRANSCRIPT_FORMAT,
    Transcript, Turn, Utterance, Word,
};
use mitschnitt::store::{Heard, Published, Registration, Store};

const FILM: &str = "fixtures/meetings/kreistag-demo/sitzung.mp4";
const DEBATES: &str = "fixtures/debates/speeches.jsonl";
/// From one word to the next: 80,000 words take eight hours.
const WORD_MS: u64 = 360;
/// Words of a sentence, of a speech, of an item.
const SENTENCE: usize = 14;
const SPEECH: usize = 280;
const ITEM: usize = 2_800;
/// Corrections that are there before.
const BEFORE: usize = 1_000;
const ROUNDS: usize = 15;

fn main() -> io::Result<()> {
    let folder = tempfile::tempdir()?;
    let data = folder.path().join("data");
    let said = said()?;
    let store = Store::create(data.as_path()).expect("an archive");
    let editor = LongMeeting::write(&store, "vier-stunden", &said[..40_000], folder.path())?;
    let archive = folder.path().join("saves");
    let saves = Store::create(archive.as_path()).expect("an archive");
    LongMeeting::write(&saves, "vier-stunden", &said[..40_000], &archive)?.time_saves(&saves);
    drop(saves);
    let page = LongMeeting::write(&store, "acht-stunden", &said, folder.path())?;
    drop(store);
    let site = Site::start(&data, folder.path())?;
    let measured = Command::new("node")
        .arg("long_meeting.js")
        .current_dir("web/browser")
        .env("MITSCHNITT_URL", &site.address)
        .env("MITSCHNITT_DESK", &site.desk)
        .env("MITSCHNITT_DESK_ACCOUNTS", &site.accounts)
        .env("MITSCHNITT_TRUTH", Path::new(env!("CARGO_MANIFEST_DIR")).join(TRUTH))
        .env("MITSCHNITT_LONG_PAGE", page.id.as_str())
        .env("MITSCHNITT_LONG_TEXT", editor.id.as_str())
        .status()?;
    match measured.success() {
        true => Ok(()),
        false => Err(io::Error::other(
            "the browser could not measure; `make browser` installs what it needs",
        )),
    }
}

/// What the browser tests' common part wants to know.
const TRUTH: &str = "fixtures/meetings/kreistag-demo/truth.json";

/// Eighty thousand words that were said in debates.
fn said() -> io::Result<Vec<String>> {
    let mut words = Vec::new();
    for line in std::fs::read_to_string(DEBATES)?.lines() {
        let speech: serde_json::Value = serde_json::from_str(line)?;
        let text = speech["text"].as_str().unwrap_or_default();
        words.extend(text.split_whitespace().map(str::to_owned));
    }
    words.truncate(80_000);
    assert_eq!(words.len(), 80_000, "{DEBATES} has too few words");
    Ok(words)
}

/// An invented meeting of the archive.
struct LongMeeting<'w> {
    id: MeetingId,
    recording: Recording,
    said: &'w [String],
}

impl<'w> LongMeeting<'w> {
    fn write(store: &Store, id: &str, said: &'w [String], folder: &Path) -> io::Result<Self> {
        let id = MeetingId::new(id).expect("an id");
        let path = folder.join(format!("{id}.mp4"));
        std::fs::copy(FILM, &path)?;
        let recording = Recording {
            sha256: Digest::of(id.as_str().as_bytes()),
            bytes: path.metadata()?.len(),
            path,
            offset: MediaTime::ZERO,
            video_url: None,
            video_offset_ms: 0,
            shown_as: ShownAs::File,
            public: PublicSpans::WHOLE,
            sound: SoundChoice::default(),
            seats: Vec::new(),
        };
        let meeting = Self { id, recording, said };
        let council = meeting.council();
        let recordings = std::slice::from_ref(&meeting.recording);
        store.register(&Registration::of(&council, recordings)).expect("a meeting");
        let published = Published {
            sha256: Digest::of(format!("copy of {}", meeting.id).as_bytes()),
            path: meeting.recording.path.clone(),
            bytes: meeting.recording.bytes,
            shows: PublicSpans::WHOLE,
            made_of: String::new(),
            has_video: true,
        };
        store
            .put_published(&meeting.id, &meeting.recording.sha256, &published)
            .expect("a public copy");
        meeting.hear(store, 0);
        let texts = store.shown_transcripts(&meeting.id).expect("a text");
        let alignment = meeting.alignment(&council);
        store
            .put_alignment(&meeting.id, &Digest::of(b"aligned"), &alignment, &texts)
            .expect("an alignment");
        Ok(meeting)
    }

    fn council(&self) -> Council {
        let date = jiff::civil::date(2026, 6, 12);
        let mut council =
            Council::by_names(&self.id, "Landkreis Lindenau", Some("Kreistag"), date).expect("ids");
        council.meeting.synthetic = true;
        council.meeting.agenda = (0..self.said.len() / ITEM)
            .map(|n| AgendaItem {
                id: AgendaItemId::new(format!("{}/{n}", self.id)).expect("an id"),
                number: Some((n + 1).to_string()),
                order: n as u32,
                title: format!("{} und {}", self.said[n * ITEM], self.said[n * ITEM + 7]),
                public: true,
                papers: Vec::new(),
                result: None,
            })
            .collect();
        let names =
            ["Anna Ahorn", "Bernd Birke", "Clara Linde", "Doğan Eiche", "Eva Erle", "Fritz Fichte"];
        council.persons = (names.iter().enumerate())
            .map(|(n, name)| Person {
                id: PersonId::new(format!("{}/p{n}", self.id)).expect("an id"),
                name: (*name).to_owned(),
                family_name: None,
                given_name: None,
                form_of_address: None,
                titles: Vec::new(),
                memberships: vec![Membership {
                    organization: None,
                    organization_name: Some(["Grüne Liste", "Freie Wähler"][n % 2].to_owned()),
                    role: None,
                    is_party: true,
                    start: None,
                    end: None,
                }],
            })
            .collect();
        council
    }

    fn alignment(&self, council: &Council) -> Alignment {
        let time = |word: usize| MediaTime::from_millis(word as u64 * WORD_MS);
        let end = |word: usize| time(word.min(self.said.len()));
        let items = council.meeting.agenda.iter().enumerate().map(|(n, item)| ItemAlignment {
            id: item.id.clone(),
            number: item.number.clone(),
            spans: Span::new(time(n * ITEM), end((n + 1) * ITEM)).into_iter().collect(),
            confidence: 0.98,
            evidence: Vec::new(),
            votes: Vec::new(),
        });
        let turns = (0..self.said.len()).step_by(SPEECH).enumerate().map(|(n, first)| {
            let person = &council.persons[n % council.persons.len()];
            Turn {
                start_ms: time(first),
                end_ms: end(first + SPEECH),
                person: Some(person.id.clone()),
                name: Some(person.name.clone()),
                role: Role::Member,
                confidence: 0.95,
                evidence: Vec::new(),
            }
        });
        Alignment {
            format: ALIGNMENT_FORMAT.to_owned(),
            items: items.collect(),
            turns: turns.collect(),
        }
    }

    /// Puts a text into the archive that is so many milliseconds later than the first.
    fn hear(&self, store: &Store, shift: u64) {
        let heard = Heard { public: &self.recording.public, sound: &self.recording.sound };
        let key = Digest::of(format!("heard {shift}").as_bytes());
        store
            .put_transcript(&self.id, &self.recording.sha256, &key, &self.transcript(shift), &heard)
            .expect("a text");
    }

    fn transcript(&self, shift: u64) -> Transcript {
        let time = |n: usize, more: u64| MediaTime::from_millis(n as u64 * WORD_MS + more + shift);
        let words = self.said.iter().enumerate().map(|(n, text)| Word {
            text: text.clone(),
            start_ms: time(n, 0),
            end_ms: time(n, WORD_MS - 40),
            // Every twentieth is doubtful.
            confidence: if n % 20 == 13 { 0.4 } else { 0.9 },
            raw: None,
        });
        let count = self.said.len();
        Transcript {
            format: TRANSCRIPT_FORMAT.into(),
            media: MediaRef { sha256: None, duration_ms: time(count, 1_000) },
            engine: Engine::named("bench"),
            language: "de".into(),
            words: words.collect(),
            utterances: (0..count)
                .step_by(SENTENCE)
                .map(|first_word| Utterance {
                    first_word,
                    n_words: SENTENCE.min(count - first_word),
                    speaker_label: None,
                })
                .collect(),
            gaps: Vec::new(),
            warnings: Vec::new(),
            times: Default::default(),
        }
    }

    /// Prints how long saves take in the archive alone.
    fn time_saves(&self, store: &Store) {
        println!(
            "a saved paragraph of {} words, archive alone, and reading the text: fastest / median of {ROUNDS}",
            self.said.len()
        );
        self.report(store, "no correction before");
        let text = store.corrected_texts(&self.id).expect("texts").remove(0);
        let edits: Vec<ParagraphEdit> = (0..BEFORE)
            .flat_map(|n| {
                let at = 200 + n * 30;
                let was = text.corrected.text(&(at..at + 20));
                let new = was
                    .split_once(' ')
                    .map_or(String::new(), |(_, rest)| format!("Berichtigt {rest}"));
                text.corrected
                    .edits(&text.transcript.words, self.of(), at..at + 20, &was, &new)
                    .expect("edits")
            })
            .collect();
        let seen = store.revisions_seen(&self.id).expect("revisions");
        store.add_revisions(&self.id, &edits, &seen, &signed()).expect("corrections");
        self.report(store, "a thousand before");
        self.hear(store, 130);
        let corrected = store.corrected_texts(&self.id).expect("texts").remove(0).corrected;
        println!(
            "  heard anew: {} in place, {} without a sure place",
            corrected.placed.len(),
            corrected.unplaced.len()
        );
        self.report(store, "a thousand, heard anew");
    }

    fn of(&self) -> OfRecording<'_> {
        let Recording { sha256, offset, public, .. } = &self.recording;
        OfRecording { sha256, offset: *offset, public }
    }

    /// Saves and reads in turn.
    fn report(&self, store: &Store, what: &str) {
        let (mut saves, mut reads) = (Vec::new(), Vec::new());
        for round in 0..ROUNDS {
            let began = Instant::now();
            let text = store.transcript(&self.id, &self.recording.sha256).expect("a text");
            reads.push(began.elapsed());
            drop(text);
            let began = Instant::now();
            self.save(store, 31_000 + round * 40);
            saves.push(began.elapsed());
        }
        let ms = |time: Duration| time.as_secs_f64() * 1000.0;
        let mut line = format!("  {what}:");
        for (name, times) in [("save", &mut saves), ("read", &mut reads)] {
            times.sort();
            line += &format!("  {name} {:.1} / {:.1} ms", ms(times[0]), ms(times[times.len() / 2]));
        }
        println!("{line}");
    }

    /// What the desk does for a saved paragraph.
    fn save(&self, store: &Store, at: usize) {
        let seen = store.revisions_seen(&self.id).expect("revisions");
        let texts = store.corrected_texts(&self.id).expect("texts");
        let text = &texts[0];
        let range = at..at + 60;
        let was = text.corrected.text(&range);
        let new = format!("Berichtigt{at} {was}");
        let edits = text
            .corrected
            .edits(&text.transcript.words, self.of(), range, &was, &new)
            .expect("edits");
        store.add_revisions(&self.id, &edits, &seen, &signed()).expect("a correction");
        store.correct_again(&self.id, texts).expect("texts");
    }
}

fn signed() -> Signature {
    Signature { by: "konto-1".into(), at: jiff::Timestamp::now() }
}

/// The program, serving an archive with a desk that a clerk can sign in to.
struct Site {
    child: Child,
    address: String,
    desk: String,
    accounts: String,
}

impl Site {
    fn start(data: &Path, folder: &Path) -> io::Result<Self> {
        let program = env!("CARGO_BIN_EXE_mitschnitt");
        let config = folder.join("mitschnitt.toml");
        std::fs::write(&config, "[desk]\nlisten = \"127.0.0.1:0\"\n")?;
        let password = "Messung-am-Arbeitsplatz-7";
        let mut added = Command::new(program)
            .arg("--data-dir")
            .arg(data)
            .args(["user", "add", "clerk", "--role", "clerk"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        writeln!(added.stdin.take().expect("piped"), "{password}")?;
        let told = String::from_utf8_lossy(&added.wait_with_output()?.stdout).into_owned();
        let secret = told.split("secret=").nth(1).unwrap_or_default();
        let secret = secret.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
        let account = serde_json::json!({"name": "clerk", "password": password, "secret": secret});
        let accounts = serde_json::json!({ "clerk": account }).to_string();
        let mut child = Command::new(program)
            .arg("--data-dir")
            .arg(data)
            .arg("--config")
            .arg(&config)
            .args(["serve", "--listen", "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let log = BufReader::new(child.stderr.take().expect("piped"));
        let out = BufReader::new(child.stdout.take().expect("piped"));
        let (tell, desk) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            for line in log.lines().map_while(Result::ok) {
                if let Some((_, address)) = line.split_once("Arbeitsplatz: ") {
                    let address = address.split_whitespace().next().unwrap_or_default();
                    // Nobody waits any more: nothing is lost.
                    let _ = tell.send(address.trim_end_matches("/arbeitsplatz").to_owned());
                }
            }
        });
        let mut site = Self { child, address: String::new(), desk: String::new(), accounts };
        let mut lines = out.lines().map_while(Result::ok);
        site.address = lines
            .find(|line| line.starts_with("http://"))
            .ok_or_else(|| io::Error::other("the site did not start"))?;
        site.desk = desk.recv_timeout(Duration::from_secs(60)).map_err(io::Error::other)?;
        std::thread::spawn(move || lines.for_each(drop));
        Ok(site)
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        // It has ended by itself: the same.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
