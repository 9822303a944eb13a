//! What was asked of the archive and what it answered: what the archive is measured by after every kill. Owns what
//! each step would leave behind; knows neither the program nor its files.

use std::collections::{BTreeMap, BTreeSet};

use mitschnitt::domain::{Digest, ReviewState, ReviewStep};

use super::steps::Step;

/// Speeches of each imported meeting.
pub const SPEECHES: u32 = 4;
/// A word of every speech: who searches for it finds every meeting in which anything may be read.
pub const COMMON: &str = "Breitbandausbau";

/// Everything that was acknowledged.
#[derive(Clone, Default)]
pub struct Model {
    pub uploads: Vec<Upload>,
    /// Meetings whose speeches are imported, by id.
    pub records: BTreeMap<String, Record>,
    /// Meetings whose speeches jobs import: which job imported which version.
    pub queued: BTreeMap<String, BTreeMap<i64, u32>>,
    /// Jobs by number, with what they are to do.
    pub jobs: BTreeMap<i64, JobAsked>,
    /// What any job was ever asked to do, also where the answer never came or another step brings it along.
    pub works: BTreeSet<JobAsked>,
    /// The last version of any import.
    pub version: u32,
    /// How many acknowledged steps of each kind there were.
    pub tally: BTreeMap<&'static str, u32>,
}

/// What a job is to do: its kind, and its meeting or file.
pub type JobAsked = (String, String);

/// A recording that is sent.
#[derive(Clone)]
pub struct Upload {
    /// What its file is called, of which there is one.
    pub name: String,
    /// The meeting that it is to become.
    pub meeting: String,
    pub content: Vec<u8>,
    /// Its id in the archive, once it was begun.
    pub id: Option<String>,
    /// How much of it was acknowledged.
    pub offset: u64,
    pub is_discarded: bool,
    pub registered: Registered,
    /// Whether it was to be cut.
    pub is_cut: bool,
    pub review: Reviewed,
}

/// Whether a recording was to become a meeting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Registered {
    NotAsked,
    /// The answer never came.
    Perhaps,
    Acknowledged,
}

/// How far people have come with a meeting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reviewed {
    pub state: ReviewState,
    pub is_checked: bool,
    /// Steps so far.
    pub steps: usize,
}

/// A meeting whose speeches are imported.
#[derive(Clone)]
pub struct Record {
    /// The version that was imported last.
    pub version: u32,
    /// The words by which the speeches are known that may be read.
    pub said: BTreeMap<u32, String>,
    /// Words that may be read nowhere any more.
    pub gone: BTreeSet<String>,
    pub restrictions: Vec<Withheld>,
    pub review: Reviewed,
}

/// Something that somebody withheld.
#[derive(Clone)]
pub struct Withheld {
    /// The reason, of which there is one.
    pub why: String,
    /// Its number in its meeting.
    pub number: u32,
    pub what: What,
    pub is_released: bool,
}

/// What of a meeting is withheld.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    Meeting,
    /// The speeches from one on, up to another one.
    Speeches(u32, u32),
}

impl Reviewed {
    pub const IMPORTED: Self = Self { state: ReviewState::Published, is_checked: false, steps: 0 };
    pub const DRAFT: Self = Self { state: ReviewState::Draft, is_checked: false, steps: 0 };

    pub fn is_public(&self) -> bool {
        self.state == ReviewState::Published
    }

    /// What a step leads to.
    pub fn after(self, step: ReviewStep) -> Self {
        let steps = self.steps + 1;
        match step {
            ReviewStep::Check => {
                Self { state: self.state.max(ReviewState::Checked), is_checked: true, steps }
            }
            ReviewStep::Release => Self { state: ReviewState::Published, steps, ..self },
            ReviewStep::Reopen => Self { steps, ..Self::DRAFT },
        }
    }
}

impl Record {
    pub fn new() -> Self {
        let (said, gone) = (BTreeMap::new(), BTreeSet::new());
        Self { version: 0, said, gone, restrictions: Vec::new(), review: Reviewed::IMPORTED }
    }

    /// Restrictions that hold.
    pub fn in_force(&self) -> impl Iterator<Item = &Withheld> {
        self.restrictions.iter().filter(|withheld| !withheld.is_released)
    }

    /// Whether anything of it may be seen.
    pub fn is_public(&self) -> bool {
        self.review.is_public() && !self.in_force().any(|w| w.what == What::Meeting)
    }

    /// Whether a speech is withheld.
    fn hides(&self, order: u32) -> bool {
        self.in_force().any(|w| w.what.reaches(order))
    }

    /// Takes out what is withheld now.
    fn cut(&mut self) {
        let hidden: Vec<u32> = self.said.keys().copied().filter(|o| self.hides(*o)).collect();
        for order in hidden {
            self.gone.extend(self.said.remove(&order));
        }
    }

    fn import(&mut self, meeting: &str, version: u32) {
        self.version = version;
        self.gone.extend(std::mem::take(&mut self.said).into_values());
        self.said = (0..SPEECHES).map(|order| (order, word(meeting, version, order))).collect();
        self.cut();
    }
}

impl What {
    pub fn reaches(&self, order: u32) -> bool {
        match self {
            Self::Meeting => true,
            Self::Speeches(first, end) => (*first..*end).contains(&order),
        }
    }
}

impl Upload {
    pub fn is_received(&self) -> bool {
        self.offset == self.content.len() as u64
    }

    /// Whether its next part may be sent.
    pub fn is_open(&self) -> bool {
        self.id.is_some() && !self.is_discarded && !self.is_received()
    }

    pub fn sha256(&self) -> Digest {
        Digest::of(&self.content)
    }
}

impl Model {
    /// Takes over what a step has done; `told` is the number or id that it came to.
    pub fn apply(&mut self, step: &Step, told: &str) {
        self.count(step.name());
        match step {
            Step::Begin(new) => {
                self.uploads.push(Upload { id: Some(told.to_owned()), ..(**new).clone() });
            }
            Step::Part { upload, to } => self.uploads[*upload].offset = *to,
            Step::Repeat { .. } => {}
            Step::Discard(upload) => self.uploads[*upload].is_discarded = true,
            Step::Register(upload) => {
                self.uploads[*upload].registered = Registered::Acknowledged;
            }
            Step::Review { meeting, step } => {
                let review = self.review_mut(meeting);
                *review = review.after(*step);
            }
            Step::Withhold { meeting, what, why } => {
                let record = self.record(meeting);
                let number = record.restrictions.len() as u32 + 1;
                let (why, what) = (why.clone(), what.clone());
                record.restrictions.push(Withheld { why, number, what, is_released: false });
                record.cut();
            }
            Step::Release { meeting, number } => {
                let all = &mut self.record(meeting).restrictions;
                let released = all.iter_mut().filter(|w| w.number == *number);
                released.for_each(|w| w.is_released = true);
            }
            Step::Import { meeting, version } => self.record(meeting).import(meeting, *version),
            Step::Queue { work, version } => {
                let number: i64 = told.parse().expect("jobs have numbers");
                self.jobs.insert(number, work.clone());
                if let Some(version) = version {
                    let meeting = super::steps::queued_meeting(*version);
                    self.queued.entry(meeting).or_default().insert(number, *version);
                }
            }
        }
    }

    pub fn count(&mut self, what: &'static str) {
        *self.tally.entry(what).or_default() += 1;
    }

    /// How far people have come with any meeting.
    pub fn review(&self, meeting: &str) -> Reviewed {
        let upload = self.uploads.iter().find(|upload| upload.meeting == meeting);
        upload.map_or_else(|| self.records[meeting].review, |upload| upload.review)
    }

    /// The same, to be changed.
    fn review_mut(&mut self, meeting: &str) -> &mut Reviewed {
        let mut uploads = self.uploads.iter_mut();
        match uploads.find(|upload| upload.meeting == meeting) {
            Some(upload) => &mut upload.review,
            None => &mut self.records.get_mut(meeting).expect("a meeting of ours").review,
        }
    }

    fn record(&mut self, meeting: &str) -> &mut Record {
        self.records.get_mut(meeting).expect("a meeting of ours")
    }
}

/// The word by which a speech of a version of a meeting is known, unlike any other.
pub fn word(meeting: &str, version: u32, order: u32) -> String {
    let digest = Digest::of(format!("{meeting} {version} {order}").as_bytes());
    // No vowel but one: neither endings nor compounds are found in it.
    let letters: Vec<char> = "bdfgklmpqrtvwxza".chars().collect();
    let letter = |c: char| letters[c.to_digit(16).unwrap_or_default() as usize];
    digest.as_str().chars().take(14).map(letter).collect()
}
