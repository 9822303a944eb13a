//! The queue under every order of events, with a clock of its own.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use proptest::prelude::*;

use super::*;
use crate::domain::{
    Body, BodyId, Council, Digest, ErrorKind, JobPriority, JobWork, MOST_ATTEMPTS, Meeting,
    MeetingId,
};
use crate::store::{Cancelled, Enqueued, QueueSwitch, Registration};

const LEASE: Duration = Duration::from_secs(60);
const WORKERS: usize = 3;

fn at(ms: i64) -> Timestamp {
    Timestamp::from_millisecond(1_700_000_000_000 + ms).unwrap()
}

fn made(ms: i64) -> Signature {
    Signature { by: "klein".into(), at: at(ms) }
}

fn meeting(n: usize) -> MeetingId {
    MeetingId::new(format!("kt-{n}")).unwrap()
}

/// An archive with three meetings.
fn archive() -> (tempfile::TempDir, Store) {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::create(dir.path()).unwrap();
    for n in 0..3 {
        store.register(&Registration::of(&council(meeting(n)), &[])).unwrap();
    }
    (dir, store)
}

fn council(id: MeetingId) -> Council {
    let body = Body { id: BodyId::new("b").unwrap(), name: "Musterland".into() };
    let meeting = Meeting {
        name: format!("Sitzung {id}"),
        id,
        oparl_id: None,
        body: body.id.clone(),
        organizations: Vec::new(),
        start: None,
        date: None,
        cancelled: false,
        synthetic: true,
        participants: Vec::new(),
        agenda: Vec::new(),
    };
    Council { body, organizations: Vec::new(), persons: Vec::new(), papers: Vec::new(), meeting }
}

/// Six works, two of each meeting.
fn work(n: usize) -> JobWork {
    let meeting = meeting(n % 3);
    if n < 3 { JobWork::Align { meeting } } else { JobWork::Publish { meeting } }
}

fn order(n: usize, ms: i64) -> NewJob {
    NewJob { work: work(n % 6), priority: JobPriority::new((n % 2) as i32), queued: made(ms) }
}

fn terms<'a>(worker: &'a str, ms: i64) -> LeaseTerms<'a> {
    LeaseTerms { worker, now: at(ms), length: LEASE }
}

fn failure(kind: ErrorKind, no_room: bool) -> JobFailure {
    JobFailure { kind, what: "planted".into(), remedy: String::new(), no_room }
}

#[derive(Clone, Debug)]
enum Step {
    Enqueue(usize),
    Begin(usize, usize),
    Lease(usize),
    Beat(usize),
    Progress(usize),
    Leave(usize, u8),
    Die(usize),
    Cancel(usize),
    Retry(usize),
    Switch(usize, bool),
    SwitchAll(bool),
    Pass(u32),
}

fn step() -> impl Strategy<Value = Step> {
    let worker = 0..WORKERS;
    prop_oneof![
        3 => (0usize..6).prop_map(Step::Enqueue),
        1 => (worker.clone(), 0usize..6).prop_map(|(w, n)| Step::Begin(w, n)),
        5 => worker.clone().prop_map(Step::Lease),
        2 => worker.clone().prop_map(Step::Beat),
        2 => worker.clone().prop_map(Step::Progress),
        4 => (worker.clone(), 0u8..5).prop_map(|(w, how)| Step::Leave(w, how)),
        1 => worker.prop_map(Step::Die),
        1 => (0usize..9).prop_map(Step::Cancel),
        1 => (0usize..9).prop_map(Step::Retry),
        1 => (0usize..9, any::<bool>()).prop_map(|(n, to)| Step::Switch(n, to)),
        1 => any::<bool>().prop_map(Step::SwitchAll),
        3 => (0u32..200_000).prop_map(Step::Pass),
    ]
}

fn switch(pause: bool) -> QueueSwitch {
    if pause { QueueSwitch::Pause } else { QueueSwitch::Resume }
}

/// What the workers believe, and what is true.
#[derive(Default)]
struct Model {
    /// Every lease that a worker was ever given, the newest last; a worker forgets none when it is stale.
    believed: [Vec<JobLease>; WORKERS],
    /// The newest token of each job.
    newest: BTreeMap<i64, u64>,
    highest: u64,
}

impl Model {
    fn given(&mut self, worker: usize, lease: JobLease) {
        assert!(lease.token > self.highest, "tokens only grow");
        self.highest = lease.token;
        self.newest.insert(lease.job.number(), lease.token);
        self.believed[worker].push(lease);
    }
}

/// Whether a write under this lease must succeed: it is the newest of a job that runs.
fn is_held(store: &Store, model: &Model, lease: JobLease) -> bool {
    let runs = store.job(lease.job).is_ok_and(|job| job.state == JobState::Running);
    runs && model.newest.get(&lease.job.number()) == Some(&lease.token)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

    #[test]
    fn a_job_has_one_holder_and_comes_to_an_end(steps in prop::collection::vec(step(), 1..70)) {
        let (_dir, store) = archive();
        let mut model = Model::default();
        let mut now = 0_i64;
        for step in steps {
            now += 1;
            match step {
                Step::Enqueue(n) => { store.enqueue(&order(n, now)).unwrap(); }
                Step::Begin(w, n) => {
                    let begun = store.begin_job(&order(n, now), &terms(&w.to_string(), now)).unwrap();
                    match begun {
                        Begun::Lease(lease) => model.given(w, lease),
                        Begun::Busy(job) => prop_assert!(job.work.meeting() == work(n % 6).meeting()),
                    }
                }
                Step::Lease(w) => {
                    let leased = store.lease_job(&terms(&w.to_string(), now)).unwrap();
                    if let Some((job, lease)) = leased {
                        prop_assert!(!store.queue_state().unwrap().paused && job.due <= at(now));
                        model.given(w, lease);
                    }
                }
                Step::Beat(w) => {
                    let Some(&lease) = model.believed[w].last() else { continue };
                    let held = is_held(&store, &model, lease);
                    let beat = store.heartbeat(lease, &terms(&w.to_string(), now)).unwrap();
                    prop_assert_eq!(beat != Heartbeat::Lost, held);
                }
                Step::Progress(w) => {
                    // Every lease that it ever had, so that a sleeper's old ones are tried too.
                    for lease in model.believed[w].clone() {
                        let held = is_held(&store, &model, lease);
                        let before = store.job(lease.job).ok();
                        let kept = store.job_progress(lease, &JobProgress::default()).unwrap();
                        prop_assert_eq!(kept, held);
                        let halted = before.as_ref().is_some_and(|j| j.cancel_asked || j.paused);
                        let written = store.under(lease).forget_windows(&meeting(0), &Digest::of(b""));
                        prop_assert_eq!(written.is_ok(), held && !halted);
                        if !held {
                            prop_assert_eq!(store.job(lease.job).ok(), before, "a late write changes nothing");
                        }
                    }
                }
                Step::Leave(w, how) => {
                    let Some(&lease) = model.believed[w].last() else { continue };
                    let (passing, lasting) = (failure(ErrorKind::Failed, false), failure(ErrorKind::BadInput, false));
                    let room = failure(ErrorKind::Archive, true);
                    let how = match how {
                        0 => JobEnd::Done("done"),
                        1 => JobEnd::Failed(&passing),
                        2 => JobEnd::Failed(&lasting),
                        3 => JobEnd::Failed(&room),
                        _ => JobEnd::Released,
                    };
                    let held = is_held(&store, &model, lease);
                    prop_assert_eq!(store.leave_job(lease, &how, at(now)).unwrap().is_some(), held);
                }
                Step::Die(w) => {
                    store.lose_jobs_of(&w.to_string(), at(now)).unwrap();
                    prop_assert!(!store.job_holders().unwrap().contains(&w.to_string()));
                }
                Step::Cancel(n) => { let _ = store.cancel_job(JobId::new(n as i64), &made(now)); }
                Step::Retry(n) => { let _ = store.retry_job(JobId::new(n as i64), &made(now)); }
                Step::Switch(n, to) => { let _ = store.switch_job(JobId::new(n as i64), switch(to), &made(now)); }
                Step::SwitchAll(to) => store.switch_queue(switch(to), &made(now)).unwrap(),
                Step::Pass(ms) => now += i64::from(ms),
            }
            let jobs = store.jobs(1_000).unwrap();
            let running: Vec<_> = jobs.iter().filter(|j| j.state == JobState::Running).collect();
            for job in &jobs {
                prop_assert!(job.attempts <= MOST_ATTEMPTS, "{job:?}");
                let same = jobs.iter().filter(|j| j.state.is_open() && j.work == job.work).count();
                prop_assert!(same <= 1, "two open jobs of the same work");
                prop_assert_eq!(job.worker.is_some(), job.state == JobState::Running);
            }
            for job in &running {
                let alone = running.iter().filter(|j| j.work.meeting() == job.work.meeting()).count();
                prop_assert_eq!(alone, 1, "two jobs at one meeting");
            }
        }
        // Whatever has happened: one worker that works, and time, bring every job to its end.
        store.switch_queue(QueueSwitch::Resume, &made(now)).unwrap();
        for job in store.jobs(1_000).unwrap() {
            let _ = store.switch_job(job.id, QueueSwitch::Resume, &made(now));
        }
        for _ in 0..40 {
            now += 40 * 60_000;
            // In vain where the only one was lost just now, and waits for its pause.
            let Some((_, lease)) = store.lease_job(&terms("last", now)).unwrap() else { continue };
            store.leave_job(lease, &JobEnd::Done(""), at(now)).unwrap();
        }
        let open = store.jobs(1_000).unwrap().into_iter().filter(|j| j.state.is_open()).count();
        prop_assert_eq!(open, 0);
        prop_assert_eq!(store.audit_faults(&[]).unwrap(), []);
    }
}

#[test]
fn attempts_are_bounded_and_pauses_kept() {
    let (_dir, store) = archive();
    let id = store.enqueue(&order(0, 0)).unwrap().id();
    assert_eq!(store.enqueue(&order(0, 1)).unwrap(), Enqueued::AlreadyOpen(id));
    let failure = failure(ErrorKind::Failed, false);
    let mut now = 0;
    for attempt in 1..=MOST_ATTEMPTS {
        let (job, lease) = store.lease_job(&terms("w", now)).unwrap().expect("it is due");
        assert_eq!(job.attempts, attempt);
        let state = store.leave_job(lease, &JobEnd::Failed(&failure), at(now)).unwrap();
        let last = attempt == MOST_ATTEMPTS;
        assert_eq!(state, Some(if last { JobState::Failed } else { JobState::Queued }));
        let pause = pause_after(attempt).as_millis() as i64;
        assert!(store.lease_job(&terms("w", now + pause - 1)).unwrap().is_none(), "too early");
        now += pause;
    }
    assert!(store.lease_job(&terms("w", now * 10)).unwrap().is_none());
    assert_eq!(store.retry_job(id, &made(now)).unwrap(), Enqueued::New(id));
    assert_eq!(store.job(id).unwrap().attempts, 0);
}

/// What is asked for while a job of the same work runs may concern what that has looked at already.
#[test]
fn what_is_asked_for_again_while_it_runs_is_done_once_more() {
    let (_dir, store) = archive();
    let id = store.enqueue(&order(0, 0)).unwrap().id();
    let (_, lease) = store.lease_job(&terms("w", 0)).unwrap().unwrap();
    assert_eq!(store.enqueue(&order(0, 1)).unwrap(), Enqueued::AlreadyOpen(id));
    let left = store.leave_job(lease, &JobEnd::Done(""), at(2)).unwrap();
    assert_eq!(left, Some(JobState::Queued));
    let (again, lease) = store.lease_job(&terms("w", 3)).unwrap().unwrap();
    assert_eq!((again.id, again.attempts), (id, 1));
    assert_eq!(store.leave_job(lease, &JobEnd::Done(""), at(4)).unwrap(), Some(JobState::Done));
    let done = store.audit().unwrap().iter().filter(|e| e.act == Act::JobDone).count();
    assert_eq!(done, 1);
    // Also where a command does it by itself, and fails.
    let Begun::Lease(own) = store.begin_job(&order(0, 5), &terms("w", 5)).unwrap() else {
        panic!()
    };
    assert_eq!(store.enqueue(&order(0, 6)).unwrap(), Enqueued::AlreadyOpen(own.job));
    store.lose_jobs_of("w", at(7)).unwrap();
    let (_, lease) = store.lease_job(&terms("w", 8)).unwrap().unwrap();
    assert_eq!(store.leave_job(lease, &JobEnd::Done(""), at(9)).unwrap(), Some(JobState::Done));
}

#[test]
fn want_of_room_is_waited_for_without_counting() {
    let (_dir, store) = archive();
    let id = store.enqueue(&order(0, 0)).unwrap().id();
    let full = failure(ErrorKind::Archive, true);
    for n in 0..20 {
        let now = n * 60_000;
        let (_, lease) = store.lease_job(&terms("w", now)).unwrap().expect("every minute");
        let state = store.leave_job(lease, &JobEnd::Failed(&full), at(now)).unwrap();
        assert_eq!(state, Some(JobState::Queued));
    }
    let (_, lease) = store.lease_job(&terms("w", 20 * 60_000)).unwrap().unwrap();
    store.leave_job(lease, &JobEnd::Done("x=1"), at(20 * 60_000)).unwrap();
    assert_eq!(store.job(id).unwrap().state, JobState::Done);
}

#[test]
fn a_holder_writes_nothing_once_it_is_called_off_or_another_has_the_job() {
    let (_dir, store) = archive();
    let id = store.enqueue(&order(0, 0)).unwrap().id();
    let forget = |lease| store.under(lease).forget_windows(&meeting(0), &Digest::of(b""));
    let (_, first) = store.lease_job(&terms("sleeper", 0)).unwrap().unwrap();
    forget(first).unwrap();
    // Past its lease, and taken back: another attempt after a pause, by another.
    let later = LEASE.as_millis() as i64;
    assert_eq!(store.lose_overdue_jobs(at(later)).unwrap(), ["sleeper"]);
    assert!(forget(first).is_err());
    let (_, second) = store.lease_job(&terms("w", later + 15_000)).unwrap().unwrap();
    assert!(forget(first).is_err());
    assert_eq!(store.leave_job(first, &JobEnd::Done(""), at(later)).unwrap(), None);
    forget(second).unwrap();
    assert_eq!(store.cancel_job(id, &made(later)).unwrap(), Cancelled::Asked);
    let refused = forget(second).unwrap_err();
    assert!(refused.to_string().contains("mitschnitt jobs"), "{refused}");
    let beat = store.heartbeat(second, &terms("w", later + 16_000)).unwrap();
    assert_eq!(beat, Heartbeat::LetGo);
    let failure = JobFailure::from(&refused);
    let left = store.leave_job(second, &JobEnd::Failed(&failure), at(later)).unwrap();
    assert_eq!(left, Some(JobState::Cancelled));
    let acts: Vec<Act> = store.audit().unwrap().iter().map(|entry| entry.act).collect();
    assert_eq!(acts.iter().filter(|a| **a == Act::JobCancelled).count(), 1, "{acts:?}");
}

#[test]
fn what_a_command_does_itself_leaves_a_trace_only_where_it_did_something() {
    let (_dir, store) = archive();
    let audited = store.audit().unwrap().len();
    let begin = |worker: &str, n| store.begin_job(&order(n, 0), &terms(worker, 0)).unwrap();
    let Begun::Lease(lease) = begin("a", 0) else { panic!("nobody is at it") };
    assert!(matches!(begin("b", 0), Begun::Busy(_)), "the same work");
    assert!(matches!(begin("b", 3), Begun::Busy(_)), "other work at the same meeting");
    assert_eq!(store.leave_job(lease, &JobEnd::Nothing, at(1)).unwrap(), Some(JobState::Done));
    assert_eq!((store.jobs(9).unwrap().len(), store.audit().unwrap().len()), (0, audited));
    // One that dies is not tried again: who began it, begins it again.
    let Begun::Lease(_) = begin("a", 0) else { panic!("nobody is at it") };
    store.lose_jobs_of("a", at(2)).unwrap();
    assert_eq!(store.jobs(9).unwrap()[0].state, JobState::Failed);
    // One that waits is taken as it is, and stays in the queue where it fails.
    let id = store.enqueue(&order(0, 3)).unwrap().id();
    let Begun::Lease(taken) = begin("a", 0) else { panic!("nobody is at it") };
    assert_eq!(taken.job, id);
    store.lose_jobs_of("a", at(4)).unwrap();
    assert_eq!(store.job(id).unwrap().state, JobState::Queued);
}

#[test]
fn whoever_watches_sees_each_change_and_logs_stay_short() {
    let (_dir, store) = archive();
    let before = store.queue_state().unwrap().version;
    let id = store.enqueue(&order(0, 0)).unwrap().id();
    let changed = store.jobs_since(before).unwrap();
    assert_eq!(changed.iter().map(|job| job.id).collect::<Vec<_>>(), [id]);
    let seen = store.queue_state().unwrap().version;
    assert!(store.jobs_since(seen).unwrap().is_empty());
    let (_, lease) = store.lease_job(&terms("w", 0)).unwrap().unwrap();
    for n in 0..300 {
        assert!(store.job_note(lease, JobEvent::Stage, &n.to_string()).unwrap());
    }
    let log = store.job_log(id).unwrap();
    assert_eq!((log.len(), log[199].detail.as_str()), (200, "299"));
    assert_eq!(store.jobs_since(seen).unwrap().len(), 1);
    // A meeting that goes takes its jobs along, and whoever is at them writes nothing more.
    store.remove_meeting(&meeting(0), &made(1)).unwrap();
    assert!(store.jobs(9).unwrap().is_empty());
    assert!(store.under(lease).forget_windows(&meeting(1), &Digest::of(b"")).is_err());
}
