//! One archive and the lives of the program over it: started, asked for one thing after the other, killed at a
//! random moment, started again. Owns how it is killed, what became of the step whose answer never came, and when
//! everything has settled.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use mitschnitt::credentials::SignInToken;
use mitschnitt::domain::{DeskRole, JobState, MeetingId};
use mitschnitt::store::Store;
use rustix::process::{Pid, Signal, kill_process, kill_process_group};

use super::asking::{Answer, Asking, Door, Honest, Request, source, speeches};
use super::checks::{self, Rule, Violation};
use super::doors;
use super::model::{Model, Record, Registered, word};
use super::random::Random;
use super::steps::{RECORDS, Step, choose};
use crate::desk_site::{DeskSite, settings, signed_in};
use crate::harness::Archive;

/// Longest life of a program in milliseconds, of most and of some: long enough for jobs and for chores.
const LONGEST_LIFE: [u64; 2] = [700, 2_500];
/// What everything needs to settle on a busy machine, at most.
const PATIENCE: Duration = Duration::from_secs(60);

/// The archive, the model of it, and who is signed in.
pub struct World {
    pub archive: Archive,
    /// Keeps the folder of a copy.
    _copied_to: Option<tempfile::TempDir>,
    pub sources: Arc<tempfile::TempDir>,
    pub model: Model,
    pub random: Random,
    /// What the archive and the model differed in, so far.
    pub found: Vec<Violation>,
    pub door: Box<dyn Door>,
    /// How long everything may take to settle.
    pub patience: Duration,
    settings: PathBuf,
    token: SignInToken,
    /// The step whose answer never came.
    open: Option<Step>,
}

/// Who is killed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Victim {
    /// The site with its workers, and the command that runs.
    Everybody,
    /// The site alone: its workers notice.
    Site,
    /// Its workers first, everybody later.
    Workers,
}

impl World {
    /// An archive with meetings that were imported, and an account that may do everything at the desk.
    pub fn new(seed: u64) -> Self {
        let archive = Archive::new();
        let settings = settings(&archive, "workers = 1\nlease_seconds = 2\n");
        let token = signed_in(&archive, DeskRole::Admin, jiff::Timestamp::now());
        let sources = Arc::new(tempfile::tempdir().unwrap());
        let mut model = Model::default();
        let mut lines = String::new();
        for number in 0..RECORDS[0] {
            let meeting = format!("kt-{number}");
            lines += &speeches(&meeting, 0);
            model.records.insert(meeting.clone(), Record::new());
            model.apply(&Step::Import { meeting, version: 0 }, "");
        }
        for number in 0..RECORDS[1] {
            let meeting = format!("kq-{number}");
            lines += &speeches(&meeting, 0);
            model.queued.entry(meeting).or_default().insert(0, 0);
        }
        model.tally.clear();
        let file = source(sources.path(), 0);
        std::fs::write(&file, lines).unwrap();
        archive.run(&["import", file.to_str().unwrap()]).expect(0);
        let (door, found) = (Box::new(Honest), Vec::new());
        let random = Random::new(seed);
        let (patience, open) = (PATIENCE, None);
        Self {
            archive,
            _copied_to: None,
            sources,
            model,
            random,
            found,
            door,
            patience,
            settings,
            token,
            open,
        }
    }

    /// The same archive in another folder, with the same model.
    pub fn copy(&self) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let copied = std::process::Command::new("cp")
            .args(["-a", "--"])
            .arg(self.archive.dir().join("."))
            .arg(folder.path())
            .status();
        assert!(copied.unwrap().success());
        let archive = Archive::at(folder.path());
        Self {
            settings: folder.path().join("mitschnitt.toml"),
            archive,
            _copied_to: Some(folder),
            sources: Arc::clone(&self.sources),
            model: self.model.clone(),
            random: self.random.clone(),
            found: Vec::new(),
            door: Box::new(Honest),
            patience: PATIENCE,
            token: self.token.clone(),
            open: None,
        }
    }

    pub fn store(&self) -> Store {
        Store::open_to_read(self.archive.dir()).unwrap()
    }

    /// The last of what the program has said.
    pub fn log(&self) -> String {
        let log = std::fs::read(self.archive.dir().join("protokoll")).unwrap_or_default();
        let log = String::from_utf8_lossy(&log).into_owned();
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(40)..].join("\n")
    }

    /// The program, running undisturbed.
    pub fn start(&self) -> DeskSite {
        let site = DeskSite::over(&self.archive, &self.settings, &self.token, |_| {});
        site.expect("the program does not start")
    }

    /// A life of the program that ends by a kill; then the archive is looked at.
    pub fn live_and_die(&mut self) {
        let longest = LONGEST_LIFE[usize::from(self.random.below(5) == 0)];
        let life = Duration::from_millis(self.random.below(longest));
        let while_starting = self.random.below(10) == 0;
        let victim = match self.random.below(10) {
            0 | 1 => Victim::Site,
            2 | 3 => Victim::Workers,
            _ => Victim::Everybody,
        };
        let is_killed = Arc::new(AtomicBool::new(false));
        let mut killer = None;
        let born = |group| {
            if while_starting {
                killer = Some(kill_after(life / 4, victim, group, &is_killed));
            }
        };
        let site = DeskSite::over(&self.archive, &self.settings, &self.token, born);
        if let Some(site) = &site {
            let killer =
                killer.get_or_insert_with(|| kill_after(life, victim, site.id(), &is_killed));
            while !is_killed.load(Ordering::Relaxed) && !killer.is_finished() {
                let step = choose(&mut self.model, &mut self.random);
                if !self.take(step, site) {
                    break;
                }
            }
        }
        killer.expect("somebody kills it").join().unwrap();
        if victim == Victim::Site {
            // Its workers live on for a while.
            thread::sleep(Duration::from_millis(self.random.below(400)));
        }
        // Only now its number may become another's.
        drop(site);
        self.look();
    }

    /// Takes a step; whether an answer came.
    pub fn take(&mut self, step: Step, site: &DeskSite) -> bool {
        self.model.works.extend(step.brings_along(&self.model));
        let mut asking = Asking {
            archive: &self.archive,
            settings: &self.settings,
            sources: self.sources.path(),
            clerk: &site.clerk,
            group: site.id(),
            door: &mut *self.door,
        };
        match asking.ask(&step, &self.model) {
            Answer::Yes(told) => {
                if let Step::Repeat { .. } = &step {
                    self.found.push(Rule::Twice.broken("a part was taken twice"));
                }
                self.model.apply(&step, &told);
                self.found.extend(doors::at_once(&step, &self.model, &site.clerk));
                true
            }
            Answer::No => {
                self.model.count("refused");
                true
            }
            Answer::Lost => {
                self.model.count("unanswered");
                if let Step::Register(upload) = &step {
                    self.model.uploads[*upload].registered = Registered::Perhaps;
                } else {
                    self.open = Some(step);
                }
                false
            }
        }
    }

    /// Looks at what a kill has left: what became of the open step, and whether all else is as it was.
    pub fn look(&mut self) {
        let store = self.store();
        if let Some(step) = self.open.take()
            && let Some(told) = self.done(&step, &store)
        {
            self.model.apply(&step, &told);
        }
        self.found.extend(checks::archive(&self.model, &store));
    }

    /// Whether a step was done whose answer never came; then with what it would have said.
    fn done(&self, step: &Step, store: &Store) -> Option<String> {
        let id = |meeting: &str| MeetingId::new(meeting).unwrap();
        let upload = |n: usize| {
            let id = self.model.uploads[n].id.as_deref();
            store.intakes().unwrap().into_iter().find(|intake| Some(intake.id.as_str()) == id)
        };
        match step {
            Step::Begin(new) => {
                let all = store.intakes().unwrap();
                let found = all.iter().find(|intake| intake.file_name.as_str() == new.name);
                return found.map(|intake| intake.id.to_string());
            }
            Step::Part { upload: n, to } => upload(*n)?.received == *to,
            Step::Repeat { .. } | Step::Register(_) => false,
            Step::Discard(n) => upload(*n).is_none(),
            Step::Review { meeting, .. } => {
                checks::review_steps(store, meeting) > self.model.review(meeting).steps
            }
            Step::Withhold { meeting, why, .. } => {
                store.restrictions_of(&id(meeting)).unwrap().iter().any(|r| r.why == *why)
            }
            Step::Release { meeting, number } => {
                let all = store.restrictions_of(&id(meeting)).unwrap();
                all.iter().any(|r| r.number == *number && !r.holds())
            }
            Step::Import { meeting, version } => {
                let of = |order| word(meeting, *version, order);
                let all = store.speeches(&id(meeting)).unwrap();
                all.iter().any(|speech| speech.text.contains(&of(speech.order)))
            }
            Step::Queue { work, .. } => {
                let all = store.jobs(u32::MAX).unwrap();
                let is_new = |job: &i64| !self.model.jobs.contains_key(job);
                let mut found = all.iter().filter(|job| checks::asked(&job.work) == *work);
                let found = found.find(|job| is_new(&job.id.number()));
                return found.map(|job| job.id.to_string());
            }
        }
        .then(String::new)
    }

    /// Lets the program live undisturbed until there is nothing left to do, and looks at all of it: the archive,
    /// and what the public sees.
    pub fn settle(&mut self) {
        let site = self.start();
        let until = Instant::now() + self.patience;
        while let Some(unsettled) = self.unsettled(&site) {
            if Instant::now() > until {
                self.found.push(Rule::Unending.broken(unsettled));
                break;
            }
            thread::sleep(Duration::from_millis(50));
        }
        let store = self.store();
        for upload in &mut self.model.uploads {
            // What was perhaps asked for is decided by now.
            let is_there = store.council(&MeetingId::new(upload.meeting.clone()).unwrap()).is_ok();
            upload.registered = match (upload.registered, is_there) {
                (Registered::Perhaps, true) => Registered::Acknowledged,
                (Registered::Perhaps, false) => Registered::NotAsked,
                (known, _) => known,
            };
        }
        self.found.extend(checks::archive(&self.model, &store));
        self.found.extend(checks::settled(&self.model, &store));
        self.found.extend(doors::all(&self.model, &store, &site.clerk));
        drop(site);
        self.found.extend(checks::chain(&self.archive));
    }

    /// What is still to be done, if anything; jobs that wait for another attempt are told not to.
    fn unsettled(&mut self, site: &DeskSite) -> Option<String> {
        let store = self.store();
        let pending = store.pending_purges().unwrap();
        if !pending.is_empty() {
            return Some(format!("{pending:?} is still to be purged"));
        }
        for intake in store.intakes().unwrap() {
            if intake.is_received() && !intake.is_whole() {
                return Some(format!("{} is not read through", intake.file_name));
            }
            let mut ours = self.model.uploads.iter();
            let of = ours.find(|upload| upload.name == intake.file_name.as_str());
            if of.is_some_and(|of| of.registered == Registered::Acknowledged)
                && intake.meeting.is_none()
            {
                return Some(format!("{} was to be registered and is not", intake.file_name));
            }
        }
        let jobs = store.jobs(u32::MAX).unwrap();
        let mut open = jobs.iter().filter(|job| job.state != JobState::Done);
        let open = open.next()?;
        if open.state != JobState::Running {
            let path = format!("/arbeitsplatz/auftraege/{}", open.id);
            let headers = vec![(crate::desk_site::FORM.0, crate::desk_site::FORM.1.to_owned())];
            let request = Request { method: "POST", path, headers, body: b"tun=retry".to_vec() };
            // Where the job has just ended, there is nothing to be tried again.
            Honest.send(&site.clerk, request).unwrap();
        }
        Some(format!("{open:?} has not ended: {:?}", store.job_log(open.id)))
    }
}

/// Kills after this long; gives who does.
fn kill_after(
    life: Duration,
    victim: Victim,
    group: Pid,
    is_killed: &Arc<AtomicBool>,
) -> JoinHandle<()> {
    let is_killed = Arc::clone(is_killed);
    thread::spawn(move || {
        if victim == Victim::Workers {
            thread::sleep(life / 2);
            for child in workers(group) {
                let _gone = kill_process(child, Signal::KILL);
            }
            thread::sleep(life / 2);
        } else {
            thread::sleep(life);
        }
        let _gone = match victim {
            Victim::Site => kill_process(group, Signal::KILL),
            Victim::Everybody | Victim::Workers => kill_process_group(group, Signal::KILL),
        };
        is_killed.store(true, Ordering::Relaxed);
    })
}

/// The workers that a site has started; its other children are parts of itself.
fn workers(of: Pid) -> Vec<Pid> {
    let folder = format!("/proc/{}/task", of.as_raw_nonzero());
    let Ok(tasks) = std::fs::read_dir(folder) else { return Vec::new() };
    let lists = tasks.flatten().map(|task| std::fs::read_to_string(task.path().join("children")));
    let lists: Vec<String> = lists.map_while(Result::ok).collect();
    let numbers = lists.iter().flat_map(|list| list.split_whitespace());
    let works = |number: &&str| {
        let command = std::fs::read(format!("/proc/{number}/cmdline")).unwrap_or_default();
        command.split(|byte| *byte == 0).any(|argument| argument == b"worker")
    };
    numbers.filter(works).filter_map(|number| Pid::from_raw(number.parse().ok()?)).collect()
}
