//! What is asked of the archive: uploads part by part, registering, steps to publication and back, withholding
//! and releasing, imports, jobs. Owns which step makes sense where the model stands; asks nothing itself.

use mitschnitt::domain::{ReviewState, ReviewStep};

use super::model::{JobAsked, Model, Record, Registered, Reviewed, SPEECHES, Upload, What};
use super::random::Random;

/// Imported meetings, of each kind: by command, and by jobs.
pub const RECORDS: [u32; 2] = [6, 2];
/// So many uploads are under way at once.
const MOST_OPEN: usize = 3;
/// So many recordings become meetings; after that, uploads are discarded when they are there.
const MOST_MEETINGS: usize = 30;
/// Samples a second of the recordings, and their length in seconds.
const SOUND: (u32, u32) = (8_000, 3);

/// Something that is asked for.
#[derive(Clone)]
pub enum Step {
    Begin(Box<Upload>),
    /// The next part of an upload, up to there.
    Part {
        upload: usize,
        to: u64,
    },
    /// A part that was acknowledged already, once more.
    Repeat {
        upload: usize,
        from: u64,
    },
    Discard(usize),
    Register(usize),
    Review {
        meeting: String,
        step: ReviewStep,
    },
    Withhold {
        meeting: String,
        what: What,
        why: String,
    },
    Release {
        meeting: String,
        number: u32,
    },
    Import {
        meeting: String,
        version: u32,
    },
    /// A job; one that imports says which version.
    Queue {
        work: JobAsked,
        version: Option<u32>,
    },
}

impl Step {
    pub fn name(&self) -> &'static str {
        match self {
            Self::Begin(_) => "begin",
            Self::Part { .. } => "part",
            Self::Repeat { .. } => "repeat",
            Self::Discard(_) => "discard",
            Self::Register(_) => "register",
            Self::Review { step: ReviewStep::Check, .. } => "check",
            Self::Review { step: ReviewStep::Release, .. } => "publish",
            Self::Review { step: ReviewStep::Reopen, .. } => "unpublish",
            Self::Withhold { what: What::Meeting, .. } => "withhold a meeting",
            Self::Withhold { .. } => "withhold a span",
            Self::Release { .. } => "release",
            Self::Import { .. } => "import",
            Self::Queue { .. } => "job",
        }
    }

    /// The jobs that it asks for, itself or by the way.
    pub fn brings_along(&self, model: &Model) -> Option<JobAsked> {
        let of = |kind: &str, meeting: &str| Some((kind.to_owned(), meeting.to_owned()));
        match self {
            Self::Register(upload) => of("transcribe", &model.uploads[*upload].meeting),
            Self::Review { meeting, .. } => of("publish", meeting),
            Self::Withhold { meeting, what: What::Speeches(..), .. } => of("publish", meeting),
            Self::Queue { work, .. } => Some(work.clone()),
            _ => None,
        }
    }
}

/// The meeting that a version is imported to by a job.
pub fn queued_meeting(version: u32) -> String {
    format!("kq-{}", version % RECORDS[1])
}

/// A step that may be taken now.
pub fn choose(model: &mut Model, random: &mut Random) -> Step {
    loop {
        if let Some(step) = propose(model, random) {
            return step;
        }
    }
}

fn propose(model: &mut Model, random: &mut Random) -> Option<Step> {
    match random.below(100) {
        0..12 => begin(model, random),
        12..42 => part(model, random),
        42..46 => repeat(model, random),
        46..52 => discard(model, random),
        52..55 => register(model, random),
        55..69 => review(model, random),
        69..77 => withhold(model, random),
        77..82 => release(model, random),
        82..88 => import(model, random),
        _ => Some(queue(model, random)),
    }
}

fn uploads(model: &Model, which: impl Fn(&Upload) -> bool) -> Vec<usize> {
    let all = model.uploads.iter().enumerate();
    all.filter(|(_, upload)| which(upload)).map(|(n, _)| n).collect()
}

fn begin(model: &Model, random: &mut Random) -> Option<Step> {
    if uploads(model, Upload::is_open).len() >= MOST_OPEN {
        return None;
    }
    let number = model.uploads.len() as u64 + 1_000 * random.below(1_000_000);
    Some(Step::Begin(Box::new(Upload {
        name: format!("aufnahme-{number}.wav"),
        meeting: format!("rat-{number}"),
        content: silence(random),
        id: None,
        offset: 0,
        is_discarded: false,
        registered: Registered::NotAsked,
        is_cut: random.below(4) == 0,
        review: Reviewed::DRAFT,
    })))
}

fn part(model: &Model, random: &mut Random) -> Option<Step> {
    let upload = random.pick(&uploads(model, Upload::is_open))?;
    let Upload { offset, content, .. } = &model.uploads[upload];
    let length = content.len() as u64;
    let to = (offset + 1 + random.below(length / 2)).min(length);
    Some(Step::Part { upload, to })
}

fn repeat(model: &Model, random: &mut Random) -> Option<Step> {
    let begun = |upload: &Upload| upload.is_open() && upload.offset > 0;
    let upload = random.pick(&uploads(model, begun))?;
    let from = random.below(model.uploads[upload].offset);
    Some(Step::Repeat { upload, from })
}

fn discard(model: &Model, random: &mut Random) -> Option<Step> {
    let is_full = meetings(model) >= MOST_MEETINGS;
    let unwanted = |upload: &Upload| {
        upload.id.is_some()
            && !upload.is_discarded
            && upload.registered == Registered::NotAsked
            && (is_full || !upload.is_received())
    };
    random.pick(&uploads(model, unwanted)).map(Step::Discard)
}

fn register(model: &Model, random: &mut Random) -> Option<Step> {
    if meetings(model) >= MOST_MEETINGS {
        return None;
    }
    let ready = |upload: &Upload| {
        upload.is_received() && !upload.is_discarded && upload.registered == Registered::NotAsked
    };
    random.pick(&uploads(model, ready)).map(Step::Register)
}

fn meetings(model: &Model) -> usize {
    uploads(model, |upload| upload.registered != Registered::NotAsked).len()
}

fn review(model: &Model, random: &mut Random) -> Option<Step> {
    let taken_in = model.uploads.iter().filter(|u| u.registered == Registered::Acknowledged);
    let taken_in = taken_in.map(|u| (u.meeting.clone(), u.review));
    let records = model.records.iter().map(|(id, record)| (id.clone(), record.review));
    let (meeting, review) = random.pick(&records.chain(taken_in).collect::<Vec<_>>())?;
    let step = match review.state {
        ReviewState::Draft => ReviewStep::Check,
        ReviewState::Checked => ReviewStep::Release,
        ReviewState::Published if random.below(3) == 0 => ReviewStep::Check,
        ReviewState::Published => ReviewStep::Reopen,
    };
    Some(Step::Review { meeting, step })
}

fn withhold(model: &Model, random: &mut Random) -> Option<Step> {
    let spoken = |(_, record): &(&String, &Record)| !record.said.is_empty();
    let all: Vec<&String> = model.records.iter().filter(spoken).map(|(id, _)| id).collect();
    let meeting = random.pick(&all)?.clone();
    let first = random.below(u64::from(SPEECHES)) as u32;
    let what = match random.below(4) {
        0 => What::Meeting,
        1 => What::Speeches(first, SPEECHES),
        _ => What::Speeches(first, first + 1),
    };
    let why =
        format!("grund-{}-{}", model.records[&meeting].restrictions.len(), random.below(1 << 40));
    Some(Step::Withhold { meeting, what, why })
}

fn release(model: &Model, random: &mut Random) -> Option<Step> {
    let of = |(id, record): (&String, &Record)| -> Vec<(String, u32)> {
        record.in_force().map(|withheld| (id.clone(), withheld.number)).collect()
    };
    let all: Vec<(String, u32)> = model.records.iter().flat_map(of).collect();
    let (meeting, number) = random.pick(&all)?;
    Some(Step::Release { meeting, number })
}

fn import(model: &mut Model, random: &mut Random) -> Option<Step> {
    let all: Vec<String> = model.records.keys().cloned().collect();
    let meeting = random.pick(&all)?;
    model.version += 1;
    Some(Step::Import { meeting, version: model.version })
}

fn queue(model: &mut Model, random: &mut Random) -> Step {
    let taken_in = uploads(model, |upload| upload.registered == Registered::Acknowledged);
    let meeting = random.pick(&taken_in).map(|upload| model.uploads[upload].meeting.clone());
    let work = |kind: &str, of: &str| (kind.to_owned(), of.to_owned());
    let (work, version) = match (random.below(10), meeting) {
        (0, _) => (work("index", ""), None),
        (1, _) => (work("purge", ""), None),
        (2, Some(meeting)) => (work("publish", &meeting), None),
        (3, Some(meeting)) => (work("align", &meeting), None),
        (4 | 5, Some(meeting)) => (work("transcribe", &meeting), None),
        _ => {
            model.version += 1;
            // The file is written when it is asked for; it is known by its version.
            (work("import", &model.version.to_string()), Some(model.version))
        }
    };
    Step::Queue { work, version }
}

/// A recording in which nobody speaks, unlike any other.
fn silence(random: &mut Random) -> Vec<u8> {
    let (rate, seconds) = SOUND;
    let bytes = rate * seconds * 2;
    let mut wav = Vec::with_capacity(bytes as usize + 44);
    wav.extend(b"RIFF");
    wav.extend((bytes + 36).to_le_bytes());
    wav.extend(b"WAVEfmt ");
    wav.extend(16_u32.to_le_bytes());
    wav.extend([1_u16.to_le_bytes(), 1_u16.to_le_bytes()].concat());
    wav.extend([rate.to_le_bytes(), (rate * 2).to_le_bytes()].concat());
    wav.extend([2_u16.to_le_bytes(), 16_u16.to_le_bytes()].concat());
    wav.extend(b"data");
    wav.extend(bytes.to_le_bytes());
    for _ in 0..rate * seconds {
        wav.extend((random.below(7) as i16 - 3).to_le_bytes());
    }
    wav
}
