//! Whatever is hidden, shown, replaced, moved, read in and run again, in any order: no word of a hidden
//! place leaves by any door, and no other word is lost.
//!
//! The meeting is invented: a word each second, ten seconds to an item. The recogniser is a stand-in
//! that hears each word, the aligner one that knows each item: real ones are in `withdrawal` and `demo`.

use std::collections::{BTreeMap, BTreeSet};

use mitschnitt::archive::DataDir;
use mitschnitt::domain::*;
use mitschnitt::edition::{Editions, Viewer};
use mitschnitt::export::{Format, export_meeting};
use mitschnitt::inbox::Inbox;
use mitschnitt::pipeline::{Efforts, Pipeline, Silent, Wanted};
use mitschnitt::search::{Guarded, SearchBackend, SearchRequest, Searcher};
use mitschnitt::store::{Heard, NewRestriction, Put, Registration, Store};
use mitschnitt::{child::ChildProgram, media::Decoder, web};
use proptest::prelude::*;
use tower::ServiceExt as _;

use crate::shared::soak;

/// Seconds, and words, of an item.
const BLOCK: u64 = 10;
const ITEMS: u64 = 5;

/// What can be done to the meeting.
#[derive(Clone, Debug)]
enum Step {
    Hide(usize),
    Show(usize),
    Rename(usize),
    Renumber(usize),
    OtherIds,
    Shuffle(u64),
    Delete(usize),
    Insert,
    WithholdItem(usize),
    WithholdSpan(u64, u64),
    Release(usize),
    Public(u64),
    Replace,
    Move(u64),
    Remove,
    /// A step of the review, of the meeting or of one of its items.
    Review(Option<usize>, ReviewStep),
    Run,
}

fn step() -> impl Strategy<Value = Step> {
    let item = 0..ITEMS as usize;
    prop_oneof![
        3 => item.clone().prop_map(Step::Hide),
        2 => item.clone().prop_map(Step::Show),
        1 => item.clone().prop_map(Step::Rename),
        1 => item.clone().prop_map(Step::Renumber),
        1 => Just(Step::OtherIds),
        1 => (1u64..99).prop_map(Step::Shuffle),
        1 => item.clone().prop_map(Step::Delete),
        1 => Just(Step::Insert),
        2 => item.clone().prop_map(Step::WithholdItem),
        4 => (prop::option::weighted(0.8, item), 0..3usize).prop_map(|(item, step)| {
            Step::Review(item, [ReviewStep::Reopen, ReviewStep::Check, ReviewStep::Release][step])
        }),
        2 => (0..ITEMS * BLOCK, 1u64..15).prop_map(|(a, n)| Step::WithholdSpan(a, a + n)),
        2 => (0usize..9).prop_map(Step::Release),
        1 => (20u64..=ITEMS * BLOCK).prop_map(Step::Public),
        1 => Just(Step::Replace),
        1 => (0u64..9).prop_map(Step::Move),
        1 => Just(Step::Remove),
        5 => Just(Step::Run),
    ]
}

/// An item as its source has it.
#[derive(Clone, Debug)]
struct Item {
    /// Which ten seconds are its own; an inserted one has none.
    block: Option<u64>,
    id: String,
    number: String,
    title: String,
    public: bool,
}

/// Seconds of the recording.
type Region = (u64, u64);

/// The meeting, and what a person who did these steps expects of it.
struct World {
    _dir: tempfile::TempDir,
    store: Store,
    searcher: Searcher,
    items: Vec<Item>,
    positional: bool,
    fresh: u32,
    public: u64,
    offset: u64,
    recording: u32,
    /// What is hidden until a person releases the restriction of this number.
    hidden: Vec<(u32, Region)>,
    /// What its source alone hides, because it was never published: until it shows it.
    soft: BTreeMap<u64, u32>,
    /// The blocks of which something was published.
    published: BTreeSet<u64>,
    heard: bool,
    there: bool,
    /// Items that were reviewed apart from the meeting, by the ids that the archive has for them.
    reviewed: BTreeMap<AgendaItemId, Option<u64>>,
    /// The site, which runs all the time.
    site: Editions,
}

fn id() -> MeetingId {
    MeetingId::new("kt-1").unwrap()
}

/// A word that no other is like: search must not find it by likeness.
fn word(n: u64) -> String {
    let syllables = ["ba", "ke", "di", "fo", "gu", "la", "me", "ni", "po", "ru"];
    let of = |n: u64| syllables[n as usize % 10];
    format!("{}{}zwq{}x{}", of(n), of(n / 10), of(n * 7 + 3), of(n / 10 + 5))
}

/// A title in which no word is.
fn title(n: u32) -> String {
    let letters = n.to_string().bytes().map(|b| char::from(b - b'0' + b'a')).collect::<String>();
    format!("Titel yv{letters}vy")
}

impl World {
    fn new(positional: bool) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::create(dir.path()).unwrap();
        let searcher = Searcher::open(&dir.path().join("index")).unwrap().0;
        let item = |n: u64| Item {
            block: Some(n),
            id: format!("https://ris.example/{n}"),
            number: format!("Ö {}", n + 1),
            title: title(n as u32),
            public: true,
        };
        let items = (0..ITEMS).map(item).collect();
        let mut world = Self {
            _dir: dir,
            site: Editions::new(store.clone(), Viewer::Public),
            store,
            searcher,
            items,
            positional,
            fresh: 0,
            public: ITEMS * BLOCK,
            offset: 0,
            recording: 0,
            hidden: Vec::new(),
            soft: BTreeMap::new(),
            published: BTreeSet::new(),
            heard: false,
            there: false,
            reviewed: BTreeMap::new(),
        };
        world.ingest(None);
        world
    }

    fn fresh(&mut self) -> u32 {
        self.fresh += 1;
        self.fresh
    }

    fn in_force(&self) -> Vec<Restriction> {
        let all = self.store.restrictions_of(&id()).unwrap();
        all.into_iter().filter(Restriction::holds).collect()
    }

    fn recording(&self) -> Recording {
        let span = Span::new(MediaTime::ZERO, MediaTime::from_millis(self.public * 1000)).unwrap();
        Recording {
            sha256: Digest::of(&self.recording.to_le_bytes()),
            path: "/aufnahmen/sitzung.mp4".into(),
            bytes: 8,
            offset: MediaTime::from_millis(self.offset * 1000),
            video_url: None,
            video_offset_ms: 0,
            shown_as: Default::default(),
            public: PublicSpans::only(vec![span]),
            sound: SoundChoice::default(),
            seats: Vec::new(),
        }
    }

    /// Reads the meeting in as its source has it. What that withdraws is `region`'s.
    fn ingest(&mut self, region: Option<Region>) {
        let place = |n: usize| format!("kt-1/{n}");
        let mut titles = SourceTitles::default();
        let agenda = self.items.iter().enumerate().map(|(n, item)| {
            let own = if self.positional { place(n) } else { item.id.clone() };
            let own = AgendaItemId::new(own).unwrap();
            if !item.public {
                titles.hide(&own, item.title.clone());
            }
            AgendaItem {
                id: own,
                number: Some(item.number.clone()),
                order: n as u32,
                title: if item.public { item.title.clone() } else { String::new() },
                public: item.public,
                papers: Vec::new(),
                result: None,
            }
        });
        let agenda = agenda.collect();
        let council = Council {
            body: Body { id: BodyId::new("b").unwrap(), name: "Musterland".into() },
            organizations: Vec::new(),
            persons: Vec::new(),
            papers: Vec::new(),
            meeting: Meeting {
                id: id(),
                oparl_id: None,
                body: BodyId::new("b").unwrap(),
                organizations: Vec::new(),
                name: "Sitzung".into(),
                start: None,
                date: None,
                cancelled: false,
                synthetic: true,
                participants: Vec::new(),
                agenda,
            },
        };
        let before: BTreeSet<u32> = self.in_force().iter().map(|r| r.number).collect();
        let recordings = [self.recording()];
        let new = Registration {
            titles: &titles,
            origin: Origin::Manifest,
            ..Registration::of(&council, &recordings)
        };
        self.store.register(&new).unwrap();
        self.there = true;
        for r in self.in_force().iter().filter(|r| !before.contains(&r.number)) {
            let lies_in = |(a, b): &Region| {
                let at = |s: u64| MediaTime::from_millis((s + self.offset) * 1000);
                let region = Span::new(at(*a), at(*b)).unwrap();
                r.spans.iter().any(|span| span.overlap_millis(region) > 500)
            };
            self.hidden.extend(region.filter(lies_in).map(|region| (r.number, region)));
        }
        self.finish();
    }

    /// What every command does at its end.
    fn finish(&self) {
        let pipeline = self.pipeline();
        let unpurged = pipeline.purge().unwrap();
        assert!(unpurged.is_empty(), "{unpurged:?}");
        if self.there {
            pipeline.index(&id()).unwrap();
        }
    }

    fn pipeline(&self) -> Pipeline<'_> {
        let data_dir = DataDir::new(self.store.data_dir());
        Pipeline {
            store: &self.store,
            searcher: &self.searcher,
            files: Box::new(data_dir.files()),
            locks: data_dir.locks(),
            engine: ChildProgram::of("/nicht/gebraucht", "engine"),
            decoder: Decoder::Here,
            cutting: Cutting::default(),
            decoding: DecodingSettings::default(),
            wanted: Wanted::default(),
            efforts: Efforts::new(None),
            terms: Vec::new(),
            model_dirs: Vec::new(),
            progress: &Silent,
        }
    }

    /// The stand-ins for recogniser and aligner, until nothing changes.
    fn run(&mut self) {
        if !self.there {
            return;
        }
        for _ in 0..4 {
            for recording in self.store.recordings(&id()).unwrap() {
                self.hear(&recording);
            }
            if self.align() {
                break;
            }
        }
        self.confirm_nowhere();
        let visible: Vec<u64> = self.visible().iter().map(|w| w / BLOCK).collect();
        self.published.extend(visible);
        self.heard = true;
        self.finish();
    }

    /// A person says of restricted items that were put in between that they are treated nowhere.
    fn confirm_nowhere(&self) {
        let council = self.store.council(&id()).unwrap();
        let by = Signature { by: "Amt".into(), at: "2026-01-01T00:00:00Z".parse().unwrap() };
        for held in self.store.held(&id()).unwrap() {
            let number: u32 = held.detail.parse().unwrap();
            let in_force = self.in_force();
            let restriction = in_force.iter().find(|r| r.number == number).unwrap();
            let Scope::Item(identity) = &restriction.scope else { panic!("{restriction:?}") };
            let place = council.meeting.agenda.iter().position(|i| i.id == identity.id);
            if place.is_some_and(|n| self.items[n].block.is_none()) {
                self.store.confirm_unplaced(&id(), number, &by).unwrap();
            }
        }
    }

    fn hear(&self, recording: &Recording) {
        let shown = self.store.shown_transcript(&id(), &recording.sha256).unwrap();
        if shown.is_some_and(|s| recording.public.is_within(&s.heard)) {
            return;
        }
        let word = |n: u64| Word {
            text: word(n),
            start_ms: MediaTime::from_millis(n * 1000 + 100),
            end_ms: MediaTime::from_millis(n * 1000 + 900),
            confidence: 1.0,
            raw: None,
        };
        let words: Vec<Word> = (0..ITEMS * BLOCK).map(word).collect();
        let utterances = (0..words.len()).step_by(4);
        let transcript = Transcript {
            times: Default::default(),
            format: TRANSCRIPT_FORMAT.into(),
            media: MediaRef {
                sha256: None,
                duration_ms: MediaTime::from_millis(ITEMS * BLOCK * 1000),
            },
            engine: Engine::named("test"),
            language: "de".into(),
            utterances: utterances
                .map(|first_word| Utterance {
                    first_word,
                    n_words: 4.min(words.len() - first_word),
                    speaker_label: None,
                })
                .collect(),
            words,
            gaps: Vec::new(),
            warnings: Vec::new(),
        };
        let transcript = transcript.only(&recording.public);
        let heard = Heard { public: &recording.public, sound: &recording.sound };
        let key = Digest::of(b"key");
        assert!(
            self.store.put_transcript(&id(), &recording.sha256, &key, &transcript, &heard).unwrap()
        );
    }

    /// Gives whether that was the last of it.
    fn align(&self) -> bool {
        let council = self.store.council(&id()).unwrap();
        let texts = self.store.shown_transcripts(&id()).unwrap();
        let Some(transcript) = self.store.meeting_transcript(&id()).unwrap() else { return true };
        let shift = self.offset * 1000;
        let item = |(n, item): (usize, &AgendaItem)| {
            let block = self.items[n].block;
            let span = block.and_then(|b| {
                let at = |s: u64| MediaTime::from_millis(s * 1000 + shift);
                Span::new(at(b * BLOCK), at((b + 1) * BLOCK))
            });
            // Where nothing of it is in the text, no aligner finds it.
            let heard = span.filter(|s| transcript.words.iter().any(|w| s.contains(w.start_ms)));
            ItemAlignment {
                id: item.id.clone(),
                number: item.number.clone(),
                spans: heard.into_iter().collect(),
                confidence: 1.0,
                evidence: transcript.words.iter().take(3).map(|w| w.text.clone().into()).collect(),
                votes: Vec::new(),
            }
        };
        let alignment = Alignment {
            format: ALIGNMENT_FORMAT.into(),
            items: council.meeting.agenda.iter().enumerate().map(item).collect(),
            turns: Vec::new(),
        };
        let key = Digest::of(format!("{texts:?}").as_bytes());
        matches!(self.store.put_alignment(&id(), &key, &alignment, &texts).unwrap(), Put::Kept)
    }

    /// The words that may be seen, by what was done.
    fn visible(&self) -> Vec<u64> {
        let hidden = |n: u64| {
            let by_person = self.hidden.iter().any(|(_, (a, b))| *a <= n && n < *b);
            let by_source = self.items.iter().any(|i| !i.public && i.block == Some(n / BLOCK));
            by_person || by_source || self.soft.contains_key(&(n / BLOCK))
        };
        (0..self.public.min(ITEMS * BLOCK)).filter(|n| !hidden(*n)).collect()
    }

    fn block(block: u64) -> Region {
        (block * BLOCK, (block + 1) * BLOCK)
    }

    fn step(&mut self, step: &Step) {
        let index = |n: &usize, items: &[Item]| n % items.len().max(1);
        if self.items.is_empty() || !self.there && !matches!(step, Step::Show(_)) {
            self.there = true;
            return self.ingest(None);
        }
        match step {
            Step::Run => self.run(),
            Step::Hide(n) => {
                let n = index(n, &self.items);
                let item = &mut self.items[n];
                let was_public = std::mem::replace(&mut item.public, false);
                let region = item.block.filter(|b| was_public && self.published.contains(b));
                self.ingest(region.map(Self::block));
            }
            Step::Show(n) => {
                let n = index(n, &self.items);
                self.items[n].public = true;
                if let Some(block) = self.items[n].block {
                    self.soft.remove(&block);
                }
                self.ingest(None);
            }
            Step::Rename(n) => {
                let n = index(n, &self.items);
                self.items[n].title = title(100 + self.fresh());
                self.ingest(None);
            }
            Step::Renumber(n) => {
                let n = index(n, &self.items);
                self.items[n].number = format!("Z {}", self.fresh());
                self.ingest(None);
            }
            Step::OtherIds => {
                let fresh = self.fresh();
                for (n, item) in self.items.iter_mut().enumerate() {
                    item.id = format!("https://neu.example/{fresh}/{n}");
                }
                self.ingest(None);
            }
            Step::Shuffle(seed) => {
                let length = self.items.len();
                self.items.rotate_left(*seed as usize % length);
                self.ingest(None);
            }
            Step::Delete(n) => {
                let n = index(n, &self.items);
                let item = self.items.remove(n);
                let Some(block) = item.block else { return self.ingest(None) };
                if !item.public && !self.hidden.iter().any(|(_, r)| *r == Self::block(block)) {
                    // Placed by a run while its source hid it, or never heard.
                    let placed = self
                        .in_force()
                        .iter()
                        .find(|r| {
                            matches!(r.scope, Scope::Item(_))
                                && !r.spans.is_empty()
                                && !r.withdrew
                                && r.spans.iter().any(|s| {
                                    (s.start().millis() + 500) / 1000 == block * BLOCK + self.offset
                                })
                        })
                        .map(|r| r.number);
                    if let Some(number) = placed {
                        self.soft.insert(block, number);
                    }
                }
                let shown = item.public && self.published.contains(&block) && self.heard;
                self.ingest(shown.then(|| Self::block(block)));
            }
            Step::Insert => {
                let fresh = self.fresh();
                self.items.insert(
                    0,
                    Item {
                        block: None,
                        id: format!("https://ris.example/neu/{fresh}"),
                        number: format!("E {fresh}"),
                        title: title(200 + fresh),
                        public: true,
                    },
                );
                self.ingest(None);
            }
            Step::WithholdItem(n) => {
                let n = index(n, &self.items);
                let council = self.store.council(&id()).unwrap();
                let item = council.meeting.agenda[n].id.clone();
                let identity = self.store.identity_of(&id(), &item).unwrap().unwrap();
                let places = self.store.places_of(&id(), &item).unwrap();
                let number = self.restrict(Scope::Item(identity), &places);
                if let Some(block) = self.items[n].block {
                    self.hidden.push((number, Self::block(block)));
                }
            }
            Step::WithholdSpan(a, b) => {
                let at = |s: u64| MediaTime::from_millis((s + self.offset) * 1000);
                let number = self.restrict(Scope::Span, &[Span::new(at(*a), at(*b)).unwrap()]);
                self.hidden.push((number, (*a, *b)));
            }
            Step::Release(n) => {
                let in_force = self.in_force();
                let Some(r) = in_force.get(n % in_force.len().max(1)) else { return };
                let by =
                    Signature { by: "Amt".into(), at: "2026-01-01T00:00:00Z".parse().unwrap() };
                self.store.release(&id(), r.number, &by, None).unwrap();
                self.hidden.retain(|(number, _)| *number != r.number);
                self.soft.retain(|_, number| *number != r.number);
                self.finish();
            }
            Step::Public(end) => {
                let lost = (*end < self.public && self.heard).then_some((*end, self.public));
                self.public = *end;
                self.ingest(lost);
            }
            Step::Replace => {
                self.recording += 1;
                self.ingest(None);
            }
            Step::Move(offset) => {
                self.offset = *offset;
                self.ingest(None);
            }
            Step::Review(n, step) => {
                let by =
                    Signature { by: "Amt".into(), at: "2026-01-01T00:00:00Z".parse().unwrap() };
                let item = n.map(|n| {
                    let n = index(&n, &self.items);
                    let council = self.store.council(&id()).unwrap();
                    (council.meeting.agenda[n].id.clone(), self.items[n].block)
                });
                let own = item.as_ref().map(|(item, _)| item);
                let _ = self.store.take_review_step(&id(), own, *step, &by, Eyes::Two, None);
                self.reviewed.extend(item);
                self.finish();
            }
            Step::Remove => {
                let by =
                    Signature { by: "Amt".into(), at: "2026-01-01T00:00:00Z".parse().unwrap() };
                self.store.remove_meeting(&id(), &by).unwrap();
                self.there = false;
                self.heard = false;
                self.published.clear();
                self.finish();
            }
        }
    }

    /// The blocks that wait to be released, the lot where the meeting does.
    fn unreleased(&self) -> BTreeSet<u64> {
        let review = self.store.review(&id()).unwrap();
        if !review.meeting.is_public() {
            return (0..ITEMS).collect();
        }
        let waiting = self.reviewed.iter().filter(|(item, _)| !review.of(item).is_public());
        waiting.filter_map(|(_, block)| *block).collect()
    }

    /// Whether something waits of which no text says where it is treated: nothing is shown then.
    fn waits_without_place(&self) -> bool {
        let review = self.store.review(&id()).unwrap();
        let alignment = self.store.alignment(&id()).unwrap().map(|stored| stored.alignment);
        review.unpublished().into_iter().any(|item| {
            let mut items = alignment.iter().flat_map(|a| &a.items);
            items.find(|i| i.id == *item).is_none_or(|i| i.spans.is_empty())
        })
    }

    fn restrict(&mut self, scope: Scope, spans: &[Span]) -> u32 {
        let new = NewRestriction {
            scope,
            covers: Covers::Everything,
            origin: Origin::Clerk,
            why: "Probe".into(),
            withdrew: true,
            unplaced: false,
            made: Signature { by: "Amt".into(), at: "2026-01-01T00:00:00Z".parse().unwrap() },
        };
        let set = self.store.restrict(&id(), &new, spans, None).unwrap();
        self.finish();
        set.number
    }

    /// Everything that leaves the archive.
    fn doors(&self) -> String {
        let editions = self.site.clone();
        let mut text = String::new();
        if let Ok(edition) = editions.load(&id()) {
            for (_, format) in Format::ALL {
                text += &export_meeting(&edition, None, format, None).unwrap_or_default();
            }
        }
        let search = Guarded::new(std::sync::Arc::new(self.searcher.clone()), editions.clone());
        let state = web::State {
            clips: None,
            editions,
            searcher: std::sync::Arc::new(search),
            site: web::Site::default(),
            reports: Some(web::Reporting::new(
                Inbox::beside(self.store.data_dir()),
                Vec::new(),
                90,
            )),
        };
        let router = web::router(state);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let paths = [
            "/sitzung/kt-1",
            "/api/v1/meetings/kt-1",
            "/sitzungen",
            "/suche.atom?q=Titel*",
            "/sitzung/kt-1/fehler?w=0-9",
        ];
        let directory = self.site.directory().unwrap();
        let both = |page: String, feed: &str| [page.clone() + feed, page];
        let persons = directory.persons.iter();
        let persons =
            persons.flat_map(|p| both(format!("/person/{}", p.address), "/beitraege.atom"));
        let papers = directory.papers.iter();
        let papers =
            papers.flat_map(|p| both(format!("/vorlage/{}", p.address), "/beratungen.atom"));
        let lists = ["/personen", "/vorlagen", "/gremium/kreistag", "/kalender"];
        let feeds = ["/gremium/kreistag/sitzungen.atom", "/sitzungen.ics", "/sitemap.xml"];
        let pages = paths.into_iter().chain(lists).chain(feeds).map(str::to_owned);
        // Every word that there may be, chosen in a list of hits.
        let chosen: Vec<String> =
            (0..ITEMS * BLOCK).map(|n| format!("treffer=/sitzung/kt-1%3Fw={n}")).collect();
        let cited = ["csv", "ris"].map(|form| format!("/suche/zitate.{form}?{}", chosen.join("&")));
        for path in pages.chain(persons).chain(papers).chain(cited) {
            let request = axum::http::Request::get(path).body(axum::body::Body::empty()).unwrap();
            text += &runtime.block_on(async {
                let answer = router.clone().oneshot(request).await.unwrap();
                let bytes = axum::body::to_bytes(answer.into_body(), 1 << 24).await.unwrap();
                String::from_utf8_lossy(&bytes).into_owned()
            });
        }
        text
    }

    fn found(&self, word: &str) -> u64 {
        let editions = Editions::new(self.store.clone(), Viewer::Public);
        let search = Guarded::new(std::sync::Arc::new(self.searcher.clone()), editions);
        let request = SearchRequest { q: format!("\"{word}\""), ..SearchRequest::default() };
        search.search(&request).unwrap().total
    }

    /// Nothing leaks; after a run, nothing is lost either.
    fn check(&self, after_run: bool) -> Result<(), TestCaseError> {
        let doors = self.doors();
        let visible: BTreeSet<u64> =
            if self.there { self.visible().into_iter().collect() } else { BTreeSet::new() };
        // Where a hidden item has no place, nothing is shown, and nobody can say more.
        let held = !self.store.held(&id()).unwrap().is_empty() || self.waits_without_place();
        let unreleased = self.unreleased();
        let stored = std::fs::read(self.store.file()).unwrap();
        let stored = String::from_utf8_lossy(&stored);
        for n in 0..ITEMS * BLOCK {
            let word = word(n);
            let waits = unreleased.contains(&(n / BLOCK));
            if !visible.contains(&n) || waits {
                prop_assert!(!doors.contains(&word), "word {n} leaks through a door");
                // What waits to be released is not gone.
                let is_gone = !visible.contains(&n);
                prop_assert!(
                    held || !is_gone || !stored.contains(&word),
                    "word {n} is still stored"
                );
                if n % 3 == 0 {
                    prop_assert_eq!(self.found(&word), 0, "word {} is found", n);
                }
            } else if after_run && !held {
                prop_assert!(doors.contains(&word), "word {n} is lost");
                if n % 7 == 0 {
                    prop_assert_eq!(self.found(&word), 1, "word {} is not found", n);
                }
            }
        }
        for item in self.items.iter().filter(|i| !i.public) {
            prop_assert!(!doors.contains(&item.title), "the title of a hidden item leaks");
        }
        Ok(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: if soak() { 400 } else { 48 },
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn no_hidden_word_leaves_and_no_other_is_lost(
        steps in prop::collection::vec(step(), 3..12),
        positional: bool,
    ) {
        let mut world = World::new(positional);
        for step in &steps {
            let there = world.there;
            world.step(step);
            world.check(there && matches!(step, Step::Run))?;
        }
        if !world.there {
            world.ingest(None);
        }
        world.run();
        world.check(true)?;
    }
}
