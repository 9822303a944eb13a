//! What people put right outlives a new transcript: corrections of texts as debates are, laid upon a second text
//! with other words, counted by where they come to stand.

use std::collections::BTreeMap;
use std::ops::Range;

use mitschnitt::domain::{
    AgendaItem, AgendaItemId, Council, Covers, Digest, Fact, FixedPoint, MediaTime, MeetingId,
    OfRecording, Origin, PublicSpans, Recording, Role, Scope, ShownAs, Signature, SoundChoice,
    Span, TextChange, Transcript, Word,
};
use mitschnitt::store::{CorrectedText, Heard, NewRestriction, Registration, Revised, Store};

use crate::harness::{Archive, demo, ffmpeg, root};
use crate::shared::{shared, skipped, soak};

/// Corrections of a text: so many, of the kinds in turn.
const CORRECTIONS: usize = 200;
/// Words of the second text that are others, in a hundred.
const CHANGED: u64 = 15;

/// xorshift64: the same in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, n: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % n
    }
}

/// A text heard once more, and where each of its words comes from: a word of the first text, or none.
struct Second {
    transcript: Transcript,
    origins: Vec<Option<usize>>,
}

/// The text with every seventh or so word misheard, left out, doubled or invented, and all times a little off.
fn heard_again(first: &Transcript, random: &mut Random) -> Second {
    let mut words: Vec<Word> = Vec::new();
    let mut origins = Vec::new();
    let mut last = MediaTime::ZERO;
    let mut put = |text: String, word: &Word, origin: Option<usize>, random: &mut Random| {
        let off = random.below(300) as i64 - 150;
        // No two begin at once: what is fixed holds for the words that begin in a stretch.
        let start_ms = word.start_ms.moved(off).max(last);
        let end_ms = word.end_ms.moved(off).max(start_ms);
        last = start_ms.plus_millis(1);
        words.push(Word { text, start_ms, end_ms, ..word.clone() });
        origins.push(origin);
    };
    for (n, word) in first.words.iter().enumerate() {
        let other = first.words[random.below(first.words.len() as u64) as usize].text.clone();
        match (random.below(100) < CHANGED, random.below(100)) {
            (false, _) => put(word.text.clone(), word, Some(n), random),
            (true, 0..55) => put(garbled(&word.text, random), word, Some(n), random),
            (true, 55..70) => put(other, word, Some(n), random),
            (true, 70..85) => {}
            (true, _) => {
                put(word.text.clone(), word, Some(n), random);
                put(other, word, None, random);
            }
        }
    }
    let mut transcript = first.clone();
    transcript.utterances = (0..words.len())
        .step_by(12)
        .map(|first_word| mitschnitt::domain::Utterance {
            first_word,
            n_words: 12.min(words.len() - first_word),
            speaker_label: None,
        })
        .collect();
    transcript.words = words;
    Second { transcript, origins }
}

fn garbled(text: &str, random: &mut Random) -> String {
    let mut letters: Vec<char> = text.chars().collect();
    for _ in 0..1 + letters.len() / 4 {
        let at = random.below(letters.len() as u64) as usize;
        letters[at] = ['a', 'e', 'n', 't', 'r', 's'][random.below(6) as usize];
    }
    letters.into_iter().collect()
}

/// What a clerk writes in place of words `range` of a text.
fn typed(
    words: &[Word],
    kind: usize,
    at: usize,
    random: &mut Random,
) -> (Range<usize>, Vec<String>) {
    let text = &words[at].text;
    let other = || "Musterberg".to_owned();
    match kind {
        0 => (at..at + 1, vec![garbled(&format!("{text}x"), random)]),
        1 => (at..at + 1, vec![other()]),
        2 => {
            let middle = text.char_indices().nth(text.chars().count() / 2).map_or(0, |(n, _)| n);
            let (a, b) = text.split_at(middle);
            (at..at + 1, [a, b].iter().filter(|p| !p.is_empty()).map(|p| format!("{p}q")).collect())
        }
        3 => (at..at + 1 + random.below(2) as usize, Vec::new()),
        4 => (at..at, vec!["übrigens".to_owned(), "wirklich".to_owned()]),
        _ => (
            at..at + 3,
            [other(), "qund".to_owned(), "qandere".to_owned(), "qmehr".to_owned()].to_vec(),
        ),
    }
}

struct Case {
    _dir: tempfile::TempDir,
    store: Store,
    id: MeetingId,
    recording: Recording,
}

impl Case {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::create(dir.path()).unwrap();
        let id = MeetingId::new("kt-1").unwrap();
        let path = dir.path().join("ton.wav");
        std::fs::write(&path, "").unwrap();
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
        let case = Self { _dir: dir, store, id, recording };
        case.register(&["Bericht", "Haushalt", "Radweg", "Schule"], &case.recording);
        case
    }

    /// Reads the meeting in, with these items numbered from 1 on.
    fn register(&self, titles: &[&str], recording: &Recording) {
        let date = jiff::civil::date(2026, 6, 12);
        let mut council = Council::by_names(&self.id, "Lindenau", Some("Rat"), date).unwrap();
        for (n, title) in titles.iter().enumerate() {
            council.meeting.agenda.push(AgendaItem {
                id: AgendaItemId::new(format!("kt-1/{n}")).unwrap(),
                number: Some((n + 1).to_string()),
                order: n as u32,
                title: (*title).to_owned(),
                public: true,
                papers: Vec::new(),
                result: None,
            });
        }
        self.store.register(&Registration::of(&council, std::slice::from_ref(recording))).unwrap();
    }

    fn hear(&self, transcript: &Transcript, recording: &Recording, key: &str) {
        let heard = Heard { public: &recording.public, sound: &recording.sound };
        let key = Digest::of(key.as_bytes());
        assert!(
            self.store
                .put_transcript(&self.id, &recording.sha256, &key, transcript, &heard)
                .unwrap()
        );
    }

    fn text(&self) -> CorrectedText {
        self.store.corrected_texts(&self.id).unwrap().remove(0)
    }

    /// Item by title, as the agenda has it now.
    fn item(&self, title: &str) -> AgendaItemId {
        let council = self.store.council(&self.id).unwrap();
        council.meeting.agenda.iter().find(|item| item.title == title).unwrap().id.clone()
    }
}

fn signed() -> Signature {
    Signature { by: "konto-1".into(), at: jiff::Timestamp::UNIX_EPOCH }
}

/// Where corrections came to stand.
#[derive(Debug, Default)]
struct Count {
    right: usize,
    shown: usize,
    wrong: usize,
    lost: usize,
}

impl std::ops::AddAssign<&Count> for Count {
    fn add_assign(&mut self, other: &Count) {
        self.right += other.right;
        self.shown += other.shown;
        self.wrong += other.wrong;
        self.lost += other.lost;
    }
}

impl Count {
    /// At least 98 of 100 are at their place, the others are shown, and none is elsewhere or lost.
    fn hold(&self) {
        assert_eq!((self.lost, self.wrong), (0, 0), "{self:?}");
        assert!(self.right * 100 >= 98 * (self.right + self.shown), "{self:?}");
    }
}

/// Corrects a text, has it heard again, and counts.
fn carried(
    first: &Transcript,
    second: &Second,
    corrections: usize,
    random: &mut Random,
) -> BTreeMap<&'static str, Count> {
    const KINDS: [&str; 8] =
        ["word", "name", "split", "deletion", "insertion", "phrase", "speaker", "item"];
    let case = Case::new();
    case.hear(first, &case.recording, "first");
    let plain = case.text();
    let of = OfRecording {
        sha256: &case.recording.sha256,
        offset: MediaTime::ZERO,
        public: &PublicSpans::WHOLE,
    };
    let every = first.words.len() / (corrections + 1);
    let (mut edits, mut meant) = (Vec::new(), Vec::new());
    let mut points: Vec<(u32, Range<usize>, usize)> = Vec::new();
    for n in 0..corrections {
        let at = (n + 1) * every + random.below(every as u64 / 2) as usize;
        let kind = n % KINDS.len();
        if kind >= 6 {
            let range = at..(at + 5 + random.below(40) as usize).min(first.words.len() - 1);
            let span =
                Span::new(first.words[range.start].start_ms, first.words[range.end].start_ms);
            let fact = match kind {
                6 => Fact::Speaker { person: None, role: Role::Chair },
                _ => Fact::Items(vec![case.item("Radweg")]),
            };
            let point = FixedPoint { span: span.unwrap(), fact };
            points.push((
                case.store.add_overrule(&case.id, &point, &signed()).unwrap(),
                range,
                kind,
            ));
            continue;
        }
        let (range, texts) = typed(&first.words, kind, at, random);
        let around = at.saturating_sub(9)..(range.end + 9).min(first.words.len());
        let was = plain.corrected.text(&around);
        let before = plain.corrected.text(&(around.start..range.start));
        let behind = plain.corrected.text(&(range.end..around.end));
        let text = format!("{before} {} {behind}", texts.join(" "));
        let new = plain.corrected.edits(&first.words, of, around, &was, &text).unwrap();
        assert_eq!(new.len(), 1, "{was} -> {text}");
        edits.extend(new);
        meant.push((range, kind));
    }
    let seen = case.store.revisions_seen(&case.id).unwrap();
    let Revised::Kept(numbers) =
        case.store.add_revisions(&case.id, &edits, &seen, &signed()).unwrap()
    else {
        panic!("nobody else is here");
    };
    // Every correction stands where it was made, before anything is heard again.
    let corrected = case.text().corrected;
    assert!(corrected.unplaced.is_empty(), "{:?}", corrected.unplaced);
    case.hear(&second.transcript, &case.recording, "second");
    let corrected = case.text().corrected;
    let mut counts: BTreeMap<&str, Count> = BTreeMap::new();
    for (number, (range, kind)) in numbers.iter().zip(&meant) {
        let count = counts.entry(KINDS[*kind]).or_default();
        let placed = corrected.placed.iter().find(|p| p.number == *number);
        let unplaced = corrected.unplaced.iter().any(|u| u.number == *number);
        // An insertion without room for it has taken in the word before.
        let known = &edits[numbers.iter().position(|n| n == number).unwrap()].edit;
        let own = match (&known.change, known.anchor.words.len()) {
            (TextChange::Words(_), 1) if range.is_empty() => range.start - 1..range.start,
            _ => range.clone(),
        };
        match (placed, unplaced) {
            (Some(placed), _) if is_right(&placed.place, &own, &second.origins) => count.right += 1,
            (Some(placed), _) => {
                count.wrong += 1;
                let there = &second.transcript.words[placed.place.clone()];
                let there: Vec<&str> = there.iter().map(|w| w.text.as_str()).collect();
                println!("wrong: {} {:?} at {there:?}", KINDS[*kind], known.anchor);
            }
            (None, true) => count.shown += 1,
            (None, false) => count.lost += 1,
        }
    }
    let placed = case.store.placed_overrules(&case.id).unwrap();
    for (number, range, kind) in &points {
        let count = counts.entry(KINDS[*kind]).or_default();
        let Some(placed) = placed.iter().find(|p| p.overrule.number == *number) else {
            count.lost += 1;
            continue;
        };
        let words = &second.transcript.words;
        let at = |time: MediaTime| words.partition_point(|w| w.start_ms < time);
        let now = at(placed.span.start())..at(placed.span.end());
        match (is_right(&now, range, &second.origins), placed.is_sure) {
            (true, _) => count.right += 1,
            (false, false) => count.shown += 1,
            (false, true) => {
                count.wrong += 1;
                println!(
                    "wrong: {} {range:?} at {now:?}: {:?}",
                    KINDS[*kind],
                    &second.origins[now.clone()]
                );
            }
        }
    }
    counts
}

/// Whether words `now` of the second text are those that came of words `meant` of the first: all that are left of
/// these, and none of any other.
fn is_right(now: &Range<usize>, meant: &Range<usize>, origins: &[Option<usize>]) -> bool {
    let all = origins.iter().enumerate().all(|(word, origin)| match origin {
        Some(origin) => now.contains(&word) == meant.contains(origin),
        None => true,
    });
    // Between two words: behind all that were before it.
    let before =
        origins[..now.start].iter().flatten().all(|origin| *origin < meant.end.max(meant.start));
    let behind = origins[now.end..].iter().flatten().all(|origin| *origin >= meant.start);
    all && before && behind
}

/// The demo meeting is short: its corrections come in four goes, each with another second text.
#[test]
fn corrections_of_the_demo_meeting_outlive_a_second_text() {
    let (archive, _) = demo();
    let heard = archive.run(&["export", "kreistag-demo", "--format", "json"]).expect(0).json();
    let first: Transcript = serde_json::from_value(heard).unwrap();
    let mut all = Count::default();
    let mut random = Random(1_618_033);
    for _ in 0..4 {
        let second = heard_again(&first, &mut random);
        let counts = carried(&first, &second, CORRECTIONS / 4, &mut random);
        counts.values().for_each(|count| all += count);
    }
    println!("demo meeting: {all:?}");
    all.hold();
}

#[test]
fn corrections_outlive_a_second_text_with_other_words() {
    let Some(folder) = shared("data/align") else { return };
    let mut all = Count::default();
    let mut by_kind: BTreeMap<&str, Count> = BTreeMap::new();
    let cases =
        ["karlsruhe-ka-2014-01-21-clean", "bundestag-bt-20024-noisy", "sachsen-sn-02074-clean"];
    for (n, case) in cases.iter().enumerate() {
        let first = read(&folder.join(case).join("transcript.json.gz"));
        let mut random = Random(88_172_645_463_325_252 + n as u64);
        let second = heard_again(&first, &mut random);
        for (kind, count) in carried(&first, &second, CORRECTIONS, &mut random) {
            *by_kind.entry(kind).or_default() += &count;
            all += &count;
        }
    }
    for (kind, count) in &by_kind {
        println!("{kind}: {count:?}");
    }
    println!("all: {all:?}");
    all.hold();
}

fn read(path: &std::path::Path) -> Transcript {
    let file = std::fs::File::open(path).unwrap();
    serde_json::from_reader(std::io::BufReader::new(flate2::read::GzDecoder::new(file))).unwrap()
}

/// What is fixed moves with its meeting: with a recording that lies elsewhere on the clock, with one that takes the
/// place of another of the same sound, and with an item that is numbered anew; never to another item.
#[test]
fn overrules_and_corrections_move_with_the_meeting() {
    let Some(folder) = shared("data/align") else { return };
    let first = read(&folder.join("karlsruhe-ka-2014-01-21-clean/transcript.json.gz"));
    let case = Case::new();
    case.hear(&first, &case.recording, "first");
    let (from, to) = (first.words[400].start_ms, first.words[460].start_ms);
    let span = Span::new(from, to).unwrap();
    let radweg = case.item("Radweg");
    let item = FixedPoint { span, fact: Fact::Items(vec![radweg.clone()]) };
    let chair = FixedPoint { span, fact: Fact::Speaker { person: None, role: Role::Chair } };
    for point in [&item, &chair] {
        case.store.add_overrule(&case.id, point, &signed()).unwrap();
    }
    let plain = case.text();
    let of = OfRecording {
        sha256: &case.recording.sha256,
        offset: MediaTime::ZERO,
        public: &PublicSpans::WHOLE,
    };
    let was = plain.corrected.text(&(420..440));
    let text = format!("Geprüft {was}");
    let mut edits = plain.corrected.edits(&first.words, of, 420..440, &was, &text).unwrap();
    // A minute and a half behind it, and that is where it lies on the meeting's clock later on.
    let behind = first.words[420].start_ms.plus_millis(102_000);
    let other = first.words.partition_point(|word| word.start_ms < behind);
    let other = other..other + 3;
    let was = plain.corrected.text(&other);
    let text = format!("{was} Nachher");
    edits.extend(plain.corrected.edits(&first.words, of, other, &was, &text).unwrap());
    let seen = case.store.revisions_seen(&case.id).unwrap();
    case.store.add_revisions(&case.id, &edits, &seen, &signed()).unwrap();
    assert_eq!(case.store.fixed_points(&case.id).unwrap(), [item.clone(), chair.clone()]);

    // The recording begins a minute and a half later, and an item came before all others.
    let later = Recording { offset: MediaTime::from_millis(90_000), ..case.recording.clone() };
    case.register(&["Eröffnung", "Bericht", "Haushalt", "Radweg", "Schule"], &later);
    let moved = case.store.fixed_points(&case.id).unwrap();
    assert_eq!(moved[0].fact, Fact::Items(vec![case.item("Radweg")]));
    for point in &moved {
        assert_eq!(point.span.start().millis(), from.millis() + 90_000);
        assert_eq!(point.span.end().millis(), to.millis() + 90_000);
    }

    // Another file of the same sound, which begins twelve seconds earlier.
    let mut random = Random(4_711);
    let mut second = heard_again(&first, &mut random).transcript;
    let times = second.words.iter_mut().flat_map(|w| [&mut w.start_ms, &mut w.end_ms]);
    times.for_each(|time| *time = time.plus_millis(12_000));
    let other = Recording { sha256: Digest::of(b"other"), ..later };
    case.register(&["Eröffnung", "Bericht", "Radweg", "Haushalt", "Schule"], &other);
    case.hear(&second, &other, "second");
    for placed in case.store.placed_overrules(&case.id).unwrap() {
        assert!(placed.is_sure, "{placed:?}");
        let off = placed.span.start().millis() as i64 - (from.millis() + 102_000) as i64;
        assert!(off.abs() < 400, "{off} ms");
    }
    let corrected = case.text().corrected;
    let [placed, _] = corrected.placed.as_slice() else { panic!("{:?}", corrected.unplaced) };
    assert!(corrected.text(&placed.words).contains("Geprüft"));

    // What is withdrawn now goes out of what was put right in the former recording, and nothing else does.
    let words = &corrected.transcript.words[placed.words.clone()];
    let hidden = Span::new(words[0].start_ms, words[words.len() - 1].end_ms).unwrap();
    let new = NewRestriction {
        scope: Scope::Span,
        covers: Covers::Everything,
        origin: Origin::Clerk,
        why: "Probe".into(),
        withdrew: true,
        made: signed(),
        unplaced: false,
    };
    let hidden = hidden.on_meeting_clock(MediaTime::from_millis(90_000));
    case.store.restrict(&case.id, &new, &[hidden], None).unwrap();
    let kept = format!("{:?}", case.store.revisions(&case.id).unwrap());
    assert!(!kept.contains("Geprüft"), "{kept}");
    assert!(kept.contains("Nachher"), "{kept}");
}

/// The same with what real Whisper hears: a debate that was heard once, corrected, and heard again through noise,
/// through a telephone's band, cut into other windows, greedily, and by another quantization of the model. Where a
/// place is in what was said tells whether it is the same.
#[test]
fn corrections_outlive_the_same_sound_heard_otherwise() {
    if !soak() {
        skipped("a quarter of an hour of sound is heard five times; `make soak` does");
        return;
    }
    let Some(folder) = shared("data/heard") else { return };
    let case = folder.join("karlsruhe-ka-2018-03-20-heard");
    let first = read(&case.join("transcript.json.gz"));
    let said = std::fs::read_to_string(case.join("ref.txt")).unwrap();
    let said: Vec<&str> = said.split_whitespace().collect();
    let archive = Archive::new();
    let sound = case.join("sound.webm");
    let sound = sound.to_str().unwrap();
    let noise = "anoisesrc=color=pink:amplitude=0.02:sample_rate=48000";
    let noisy = archive.dir().join("noisy.wav");
    let narrow = archive.dir().join("narrow.wav");
    let mixed = "[0:a][1:a]amix=inputs=2:duration=first:normalize=0";
    ffmpeg(&["-i", sound, "-f", "lavfi", "-i", noise, "-filter_complex", mixed], &noisy);
    ffmpeg(&["-i", sound, "-af", "highpass=300,lowpass=3000"], &narrow);
    let settings = |name: &str, text: &str| {
        let path = archive.dir().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let windows = settings("fenster.toml", "[windows]\nlongest_ms = 9000\n");
    let greedy = settings("gierig.toml", "[decoding]\nbeams = 1\n");
    let coarser = requantized(archive.dir());
    let mut all = Count::default();
    for (name, arguments) in [
        ("greedy", vec!["--config", &greedy, "transcribe", sound]),
        ("q5_1", vec!["transcribe", sound, "--model", coarser.to_str().unwrap()]),
        ("noise", vec!["transcribe", noisy.to_str().unwrap()]),
        ("band", vec!["transcribe", narrow.to_str().unwrap()]),
        ("windows", vec!["--config", &windows, "transcribe", sound]),
    ] {
        let heard = archive.run(&arguments).expect(0).json();
        let transcript: Transcript = serde_json::from_value(heard).unwrap();
        let there = in_speech(&transcript, &said);
        let same = there.iter().flatten().count() * 100 / said.len();
        // Each word of the second text is the word of the first that says the same of what was said.
        let mut of_speech: BTreeMap<usize, usize> = BTreeMap::new();
        for (n, at) in in_speech(&first, &said).iter().enumerate() {
            of_speech.extend(at.map(|at| (at, n)));
        }
        let origins =
            there.iter().map(|at| at.and_then(|at| of_speech.get(&at).copied())).collect();
        let second = Second { transcript, origins };
        let mut sum = Count::default();
        let counts = carried(&first, &second, CORRECTIONS, &mut Random(2_718_281));
        counts.values().for_each(|count| sum += count);
        println!("{name}: {sum:?}, {same} % of the words are as said");
        all += &sum;
    }
    println!("all: {all:?}");
    all.hold();
}

/// The bundled model with coarser weights (`examples/requantize.rs`).
fn requantized(folder: &std::path::Path) -> std::path::PathBuf {
    let program = std::path::Path::new(env!("CARGO_BIN_EXE_mitschnitt"));
    let made = folder.join("whisper-base-q5_1.bin");
    let status = std::process::Command::new(program.with_file_name("examples/requantize"))
        .arg(root().join("fixtures/models/whisper-base-q8_0.bin"))
        .arg(&made)
        .status();
    assert!(status.unwrap().success(), "another quantization could not be made");
    made
}

/// For each word of a text the word that was said, where it is spelt the same: the way to lay both beside each
/// other with the fewest differences.
fn in_speech(text: &Transcript, said: &[&str]) -> Vec<Option<usize>> {
    let bare = |word: &str| word.to_lowercase().replace(|c: char| !c.is_alphanumeric(), "");
    let heard: Vec<String> = text.words.iter().map(|word| bare(&word.text)).collect();
    let said: Vec<String> = said.iter().map(|word| bare(word)).collect();
    let columns = said.len() + 1;
    let mut costs = vec![0u16; (heard.len() + 1) * columns];
    for h in 0..=heard.len() {
        for s in 0..=said.len() {
            costs[h * columns + s] = match (h, s) {
                (0, n) | (n, 0) => n as u16,
                _ => {
                    let same = costs[(h - 1) * columns + s - 1]
                        + 2 * u16::from(heard[h - 1] != said[s - 1]);
                    same.min(costs[(h - 1) * columns + s] + 1).min(costs[h * columns + s - 1] + 1)
                }
            };
        }
    }
    let (mut h, mut s) = (heard.len(), said.len());
    let mut found = vec![None; heard.len()];
    while h > 0 && s > 0 {
        let here = costs[h * columns + s];
        let is_same = heard[h - 1] == said[s - 1];
        if is_same && here == costs[(h - 1) * columns + s - 1] {
            (h, s) = (h - 1, s - 1);
            found[h] = Some(s);
        } else if here == costs[(h - 1) * columns + s] + 1 {
            h -= 1;
        } else if here == costs[h * columns + s - 1] + 1 {
            s -= 1;
        } else {
            (h, s) = (h - 1, s - 1);
        }
    }
    found
}
