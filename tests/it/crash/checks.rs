//! Where the archive differs from the model. Owns the rules that hold after every kill (`archive`), and those that
//! hold once everything has settled (`settled`); what the public sees is `doors`'.

use std::collections::{BTreeMap, BTreeSet};

use mitschnitt::domain::{Act, AuditEntry, Digest, Job, JobState, JobWork, MeetingId};
use mitschnitt::store::Store;

use super::model::{JobAsked, Model, Record, Registered, SPEECHES, Upload, word};
use crate::desk_site::CLERK;
use crate::harness::Archive;

/// The archive remembers so many jobs that are over.
const REMEMBERED: i64 = 900;

/// What must always be so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rule {
    /// What was acknowledged is there.
    Kept,
    /// What is there was asked for, and as a whole.
    Asked,
    /// Of an upload those bytes are there that were sent, each once.
    Bytes,
    /// The search finds what is published, and nothing else.
    Found,
    /// Nothing that was withdrawn is seen.
    Withdrawn,
    /// Everything is done once.
    Twice,
    /// Everything comes to an end.
    Unending,
    /// The audit tells all of it.
    Audited,
}

/// A rule that is broken, and where.
#[derive(Clone)]
pub struct Violation {
    pub rule: Rule,
    pub what: String,
}

impl std::fmt::Debug for Violation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}: {}", self.rule, self.what)
    }
}

impl Rule {
    pub fn broken(self, what: impl Into<String>) -> Violation {
        Violation { rule: self, what: what.into() }
    }
}

/// What the checks of one look share.
struct Look<'a> {
    model: &'a Model,
    store: &'a Store,
    audit: Vec<AuditEntry>,
    found: Vec<Violation>,
}

impl<'a> Look<'a> {
    fn new(model: &'a Model, store: &'a Store) -> Self {
        Self { model, store, audit: store.audit().unwrap(), found: Vec::new() }
    }

    fn note(&mut self, is_broken: bool, rule: Rule, what: impl FnOnce() -> String) {
        if is_broken {
            self.found.push(rule.broken(what()));
        }
    }

    fn acts(&self, act: Act, subject: &str) -> usize {
        self.audit.iter().filter(|entry| entry.act == act && entry.subject == subject).count()
    }
}

/// What holds at any moment at which nobody writes.
pub fn archive(model: &Model, store: &Store) -> Vec<Violation> {
    let mut look = Look::new(model, store);
    look.uploads();
    look.meetings();
    for (id, record) in &model.records {
        look.record(id, record);
    }
    look.queued();
    look.jobs();
    look.found
}

/// What holds besides once there is nothing left to do.
pub fn settled(model: &Model, store: &Store) -> Vec<Violation> {
    let mut look = Look::new(model, store);
    for upload in model.uploads.iter().filter(|upload| !upload.is_discarded) {
        look.settled_upload(upload);
    }
    look.folders();
    look.settled_jobs();
    look.found
}

/// The chain of the audit, also against what it was at the last look.
pub fn chain(archive: &Archive) -> Vec<Violation> {
    let known = archive.dir().join("audit.jsonl");
    let mut arguments = vec!["audit", "verify"];
    if known.exists() {
        arguments.extend(["--against", known.to_str().unwrap()]);
    }
    let verified = archive.run(&arguments);
    let found = (verified.code != 0).then(|| Rule::Audited.broken(verified.stdout));
    if found.is_none() {
        archive.run(&["audit", "export", "--output", known.to_str().unwrap()]).expect(0);
    }
    found.into_iter().collect()
}

/// How many steps with a meeting the audit tells of.
pub fn review_steps(store: &Store, meeting: &str) -> usize {
    let audit = store.audit().unwrap();
    let of = |entry: &&AuditEntry| entry.act == Act::ReviewChanged && entry.subject == meeting;
    audit.iter().filter(of).count()
}

/// A job as the model knows it.
pub fn asked(work: &JobWork) -> JobAsked {
    let of = match work {
        JobWork::Import { files, .. } => {
            let name = files[0].file_stem().unwrap().to_string_lossy();
            name.trim_start_matches("reden-").to_owned()
        }
        _ => work.meeting().map(ToString::to_string).unwrap_or_default(),
    };
    (work.kind().code().to_owned(), of)
}

fn id(meeting: &str) -> MeetingId {
    MeetingId::new(meeting).unwrap()
}

impl Look<'_> {
    /// Every upload stands where it was acknowledged to stand, with the bytes that were sent.
    fn uploads(&mut self) {
        let intakes = self.store.intakes().unwrap();
        let mut by_name: BTreeMap<&str, Vec<_>> = BTreeMap::new();
        for intake in &intakes {
            by_name.entry(intake.file_name.as_str()).or_default().push(intake);
        }
        for upload in &self.model.uploads {
            let found = by_name.remove(upload.name.as_str()).unwrap_or_default();
            let name = &upload.name;
            self.note(found.len() > 1, Rule::Asked, || format!("{name} is there twice"));
            let Some(intake) = found.first() else {
                let is_lost = !upload.is_discarded;
                self.note(is_lost, Rule::Kept, || format!("the upload of {name} is gone"));
                continue;
            };
            self.note(upload.is_discarded, Rule::Asked, || format!("{name} was discarded"));
            let is_own = intake.meeting.as_ref().is_none_or(|meeting| {
                meeting.as_str() == upload.meeting && upload.registered != Registered::NotAsked
            });
            self.note(!is_own, Rule::Asked, || format!("{name} is of {:?}", intake.meeting));
            if intake.meeting.is_some() && upload.is_cut {
                continue;
            }
            let (stands, sent) = (intake.received, upload.offset);
            self.note(stands < sent, Rule::Kept, || format!("{name}: {stands} of {sent} bytes"));
            self.note(stands > sent, Rule::Bytes, || format!("{name}: {stands}, {sent} were sent"));
            let bytes = std::fs::read(&intake.path).unwrap_or_default();
            let sent = &upload.content[..(stands as usize).min(upload.content.len())];
            self.note(!bytes.starts_with(sent), Rule::Bytes, || format!("{name} has other bytes"));
            let is_other = intake.sha256.as_ref().is_some_and(|sha256| *sha256 != upload.sha256());
            self.note(is_other, Rule::Bytes, || format!("{name} has another hash"));
        }
        for name in by_name.keys() {
            self.found.push(Rule::Asked.broken(format!("nobody has sent {name}")));
        }
    }

    /// There are no meetings but ours, and people have come as far with them as they were told.
    fn meetings(&mut self) {
        let there: BTreeSet<String> =
            self.store.meetings().unwrap().into_iter().map(|m| m.id.to_string()).collect();
        let asked = |upload: &&Upload| upload.registered != Registered::NotAsked;
        let taken_in = self.model.uploads.iter().filter(asked).map(|upload| &upload.meeting);
        let imported = self.model.records.keys().chain(self.model.queued.keys());
        let ours: BTreeSet<&String> = imported.clone().chain(taken_in.clone()).collect();
        for other in there.iter().filter(|meeting| !ours.contains(meeting)) {
            self.found.push(Rule::Asked.broken(format!("nobody has made the meeting {other}")));
        }
        for lost in imported.filter(|meeting| !there.contains(*meeting)) {
            self.found.push(Rule::Kept.broken(format!("the meeting {lost} is gone")));
        }
        let reviewed = self.model.records.keys().chain(taken_in);
        for meeting in reviewed.filter(|meeting| there.contains(*meeting)) {
            let is = self.store.review(&id(meeting)).unwrap().meeting;
            let should = self.model.review(meeting);
            let differs = (is.state, is.checked.is_some()) != (should.state, should.is_checked);
            self.note(differs, Rule::Kept, || format!("{meeting} is {is:?}, not {should:?}"));
            let steps = self.acts(Act::ReviewChanged, meeting);
            let told = should.steps;
            let what = || format!("{meeting}: {steps} steps in the audit, {told} were taken");
            self.note(steps != told, Rule::Audited, what);
        }
    }

    /// A meeting that was imported says what may be said of its last version, and is restricted as it was asked.
    fn record(&mut self, meeting: &str, record: &Record) {
        let restrictions = self.store.restrictions_of(&id(meeting)).unwrap();
        let is: Vec<(&str, bool)> =
            restrictions.iter().map(|r| (r.why.as_str(), !r.holds())).collect();
        let should: Vec<(&str, bool)> =
            record.restrictions.iter().map(|w| (w.why.as_str(), w.is_released)).collect();
        for lost in should.iter().filter(|withheld| !is.contains(withheld)) {
            self.found.push(Rule::Kept.broken(format!("{meeting}: {lost:?} is not in {is:?}")));
        }
        for other in is.iter().filter(|restriction| !should.contains(restriction)) {
            self.found.push(Rule::Asked.broken(format!("{meeting}: {other:?}, not {should:?}")));
        }
        let counts = [
            (Act::Restricted, should.len()),
            (Act::Released, should.iter().filter(|(_, is_released)| *is_released).count()),
        ];
        for (act, told) in counts {
            let audited = self.acts(act, meeting);
            let what = || format!("{meeting}: {audited} × {act:?} in the audit, {told} were done");
            self.note(audited != told, Rule::Audited, what);
        }
        let speeches = self.store.speeches(&id(meeting)).unwrap();
        let said: BTreeSet<u32> = speeches.iter().map(|speech| speech.order).collect();
        for (order, word) in &record.said {
            let is_there = speeches.iter().any(|s| s.order == *order && s.text.contains(word));
            let version = record.version;
            let what = || format!("{meeting}: speech {order} is not the one of import {version}");
            self.note(!is_there, Rule::Kept, what);
        }
        for order in said.iter().filter(|order| !record.said.contains_key(*order)) {
            self.found.push(Rule::Withdrawn.broken(format!("{meeting}: speech {order} is stored")));
        }
    }

    /// What jobs have imported is whole, and one of what they were to import.
    fn queued(&mut self) {
        for (meeting, versions) in &self.model.queued {
            let speeches = self.store.speeches(&id(meeting)).unwrap();
            let is = |version: u32| {
                speeches.len() == SPEECHES as usize
                    && speeches.iter().all(|s| s.text.contains(&word(meeting, version, s.order)))
            };
            // One whose answer never came is found among the jobs before this.
            let is_one = versions.values().any(|version| is(*version));
            self.note(!is_one, Rule::Asked, || format!("{meeting} is of none of {versions:?}"));
        }
    }

    /// Jobs that were acknowledged are there; there are no others; none was done twice.
    fn jobs(&mut self) {
        let jobs = self.store.jobs(u32::MAX).unwrap();
        let numbers: BTreeSet<i64> = jobs.iter().map(|job| job.id.number()).collect();
        let last = numbers.last().copied().unwrap_or_default();
        for (number, work) in self.model.jobs.range(last - REMEMBERED..) {
            let is_lost = !numbers.contains(number);
            self.note(is_lost, Rule::Kept, || format!("job {number} ({work:?}) is gone"));
        }
        for job in &jobs {
            let work = asked(&job.work);
            let is_other = !self.model.works.contains(&work);
            self.note(is_other, Rule::Asked, || format!("nobody has asked for {job:?}"));
            let done = self.acts(Act::JobDone, &job.id.to_string());
            self.note(done > 1, Rule::Twice, || format!("job {} was done {done} times", job.id));
            let is_half = (job.state == JobState::Done) != (done == 1) && done <= 1;
            let what = || format!("job {} is {:?}, and was done {done} times", job.id, job.state);
            self.note(is_half, Rule::Audited, what);
        }
    }

    /// A recording is there as it was sent, or cut; as a meeting's it was heard once.
    fn settled_upload(&mut self, upload: &Upload) {
        let (name, meeting) = (&upload.name, &upload.meeting);
        let intakes = self.store.intakes().unwrap();
        let Some(intake) = intakes.iter().find(|i| i.file_name.as_str() == *name) else { return };
        if upload.is_received() {
            let told = self.acts(Act::RecordingUploaded, intake.id.as_str());
            self.note(told != 1, Rule::Audited, || format!("{name} arrived {told} times"));
        }
        if upload.registered != Registered::Acknowledged {
            let is_half = self.acts(Act::MeetingRegistered, meeting) > 0;
            self.note(is_half, Rule::Asked, || format!("{meeting} is half registered"));
            return;
        }
        let told = self.acts(Act::MeetingRegistered, meeting);
        self.note(told != 1, Rule::Audited, || format!("{meeting} was registered {told} times"));
        let recordings = self.store.recordings(&id(meeting)).unwrap();
        let [recording] = recordings.as_slice() else {
            self.found.push(Rule::Kept.broken(format!("{meeting} has {recordings:?}")));
            return;
        };
        let bytes = std::fs::read(&recording.path).unwrap_or_default();
        let is_whole = Digest::of(&bytes) == recording.sha256;
        self.note(!is_whole, Rule::Bytes, || format!("{meeting}: the recording is another"));
        let is_original = bytes == upload.content;
        let what = || format!("{meeting}: the original is there: {is_original}");
        self.note(is_original == upload.is_cut, Rule::Bytes, what);
        let folder = recording.path.parent().unwrap();
        let sounds = std::fs::read_dir(folder).unwrap().flatten();
        let sounds = sounds.filter(|file| file.path().extension().is_some_and(|e| e == "wav"));
        let left = sounds.filter(|file| file.path() != recording.path).count();
        self.note(left > 0, Rule::Withdrawn, || format!("{meeting}: the uncut original is there"));
        let texts = self.store.transcript_count(&id(meeting), &recording.sha256).unwrap();
        let what = || format!("{meeting} was to be heard, and has {texts} texts");
        self.note(texts == 0, Rule::Kept, what);
        self.note(texts > 1, Rule::Twice, || format!("{meeting} has {texts} texts"));
        let public = self.store.data_dir().join("public").join(meeting);
        let copies = std::fs::read_dir(public)
            .map_or(0, |files| files.flatten().filter(|file| file.path().is_file()).count());
        let served = self.store.published_paths(meeting).unwrap().len();
        let what = || format!("{meeting}: {copies} copies, {served} are served");
        self.note(copies != served, Rule::Twice, what);
    }

    /// Of what is not in the list any more, nothing is left.
    fn folders(&mut self) {
        let known: BTreeSet<String> =
            self.store.intakes().unwrap().into_iter().map(|intake| intake.id.to_string()).collect();
        let Ok(folders) = std::fs::read_dir(self.store.data_dir().join("intake")) else { return };
        for folder in folders.flatten() {
            let name = folder.file_name().to_string_lossy().into_owned();
            let is_left = !known.contains(&name);
            self.note(is_left, Rule::Withdrawn, || format!("the discarded {name} is on the disk"));
        }
    }

    /// Every job is done, also those that steps at the desk bring along; what was imported last is what is said.
    fn settled_jobs(&mut self) {
        let jobs = self.store.jobs(u32::MAX).unwrap();
        for job in jobs.iter().filter(|job| job.state != JobState::Done) {
            self.found.push(Rule::Unending.broken(format!("{job:?}")));
        }
        let mut unmade: BTreeMap<&str, &AuditEntry> = BTreeMap::new();
        for entry in &self.audit {
            let at_the_desk = entry.made.by == CLERK;
            let details = &entry.details;
            match entry.act {
                Act::ReviewChanged | Act::Restricted if at_the_desk => {
                    unmade.insert(&entry.subject, entry);
                }
                Act::JobDone if details.get("kind").is_some_and(|kind| kind == "publish") => {
                    unmade.remove(details["meeting"].as_str());
                }
                _ => {}
            }
        }
        for entry in unmade.values() {
            self.found.push(Rule::Asked.broken(format!("no copy was made after {entry:?}")));
        }
        for (meeting, versions) in &self.model.queued {
            let of = |job: &&Job| versions.contains_key(&job.id.number());
            let last = jobs.iter().filter(of).max_by_key(|job| (job.ended, job.id));
            let version = last.map_or(0, |job| versions[&job.id.number()]);
            let speeches = self.store.speeches(&id(meeting)).unwrap();
            let is_it =
                |s: &mitschnitt::domain::Speech| s.text.contains(&word(meeting, version, s.order));
            let is_other = !speeches.iter().all(is_it);
            let what =
                || format!("{meeting}: job {last:?} was the last, and its words are not there");
            self.note(is_other, Rule::Kept, what);
        }
    }
}
