//! The queue with real processes: stopped, killed, called off in the middle of a job; every job is done once,
//! and what is written late is refused.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use mitschnitt::domain::{Act, Job, JobId, JobState, MeetingId};
use mitschnitt::store::Store;

use crate::harness::{Archive, ffmpeg, root};
use crate::small_disk::SmallDisk;

/// Longer than a job of these tests takes on a busy machine.
const LONG: Duration = Duration::from_secs(400);
const MEETING: &str = "kurz";

/// An archive with a meeting that is many windows long, and a lease that soon runs out.
struct Case {
    archive: Archive,
    settings: PathBuf,
}

impl Case {
    fn new() -> Self {
        Self::over(Archive::new())
    }

    fn over(archive: Archive) -> Self {
        let folder = archive.dir().join("quelle");
        std::fs::create_dir_all(&folder).unwrap();
        let source = root().join("fixtures/meetings/kreistag-demo/sitzung.mp4");
        ffmpeg(&["-i", source.to_str().unwrap(), "-t", "14", "-vn"], &folder.join("ton.wav"));
        let manifest = format!(
            "[meeting]\nid = \"{MEETING}\"\nbody = \"Landkreis Musterland\"\norganization = \"Kreistag\"\n\
             name = \"Sitzung\"\nstart = \"2021-06-21T17:00:00+02:00\"\nsynthetic = true\n\
             [[recording]]\nfile = \"ton.wav\"\n\
             [[agenda]]\nnumber = \"1\"\ntitle = \"Einwohnerfragestunde\"\npublic = true\n"
        );
        let path = folder.join("meeting.toml");
        std::fs::write(&path, manifest).unwrap();
        let settings = archive.dir().join("einstellungen.toml");
        std::fs::write(
            &settings,
            "[windows]\nlongest_ms = 3000\n[desk]\nworkers = 1\nlease_seconds = 2\n",
        )
        .unwrap();
        archive.run(&["ingest", path.to_str().unwrap()]).expect(0);
        Self { archive, settings }
    }

    fn store(&self) -> Store {
        Store::open(self.archive.dir()).unwrap()
    }

    fn run(&self, arguments: &[&str]) -> crate::harness::Output {
        let mut all = vec!["--config", self.settings.to_str().unwrap()];
        all.extend(arguments);
        self.archive.run(&all)
    }

    /// Asks for the meeting's text.
    fn order(&self, further: &[&str]) -> JobId {
        let mut all = vec!["jobs", "--json", "add", "transcribe"];
        all.extend((!further.contains(&"--all")).then_some(MEETING));
        all.extend(further);
        let added = self.run(&all).expect(0).json();
        JobId::new(added["job"].as_i64().unwrap())
    }

    /// A process with these arguments, and the file of what it says.
    fn start(&self, arguments: &[&str]) -> Process {
        let log = self.archive.dir().join(format!("protokoll-{}", rand()));
        let child = self
            .archive
            .command(&["-v", "--config", self.settings.to_str().unwrap()])
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(File::create(&log).unwrap())
            .spawn()
            .unwrap();
        Process { child, log }
    }

    fn worker(&self) -> Process {
        self.start(&["worker"])
    }

    /// Waits until the job is so.
    #[track_caller]
    fn wait(&self, id: JobId, what: &str, is_so: impl Fn(&Job) -> bool) -> Job {
        let (store, until) = (self.store(), Instant::now() + LONG);
        loop {
            let job = store.job(id).unwrap();
            if is_so(&job) {
                return job;
            }
            assert!(Instant::now() < until, "never {what}: {job:?} {:?}", store.job_log(id));
            assert!(what == "failed" || job.state != JobState::Failed, "{job:?}");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Waits until windows of the meeting are being recognised.
    fn wait_for_recognition(&self, id: JobId) {
        self.wait(id, "recognised", |job| {
            job.progress.as_ref().is_some_and(|p| p.stage == "recognition")
        });
    }

    fn acts(&self, act: Act) -> usize {
        self.store().audit().unwrap().iter().filter(|entry| entry.act == act).count()
    }

    /// Everything of the meeting that counts: which text is shown and how many there are, the alignment's key.
    fn result(&self) -> (String, u64, Option<String>) {
        let (store, id) = (self.store(), MeetingId::new(MEETING).unwrap());
        let recording = store.recordings(&id).unwrap().remove(0);
        let shown = store.shown_transcripts(&id).unwrap();
        let texts = store.transcript_count(&id, &recording.sha256).unwrap();
        let alignment = store.alignment_key(&id).unwrap().map(|key| key.to_string());
        (format!("{shown:?}"), texts, alignment)
    }
}

fn rand() -> u128 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_nanos()
}

/// A process that ends with the test.
struct Process {
    child: Child,
    log: PathBuf,
}

impl Process {
    fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        let sent = Command::new("kill").args([&format!("-{name}"), &pid]).status().unwrap();
        assert!(sent.success(), "{name}");
    }

    /// Stops it where it is not writing, which would keep everybody else from it.
    fn stop(&self, archive: &Path) {
        let database = rusqlite::Connection::open(archive.join("archive.sqlite")).unwrap();
        database.busy_timeout(Duration::from_millis(300)).unwrap();
        loop {
            self.signal("STOP");
            std::thread::sleep(Duration::from_millis(20));
            if database.execute_batch("BEGIN IMMEDIATE; ROLLBACK;").is_ok() {
                return;
            }
            self.signal("CONT");
            std::thread::sleep(Duration::from_millis(15));
        }
    }

    fn said(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap()
    }

    #[track_caller]
    fn wait_to_say(&self, words: &str) {
        let until = Instant::now() + LONG;
        while !self.said().contains(words) {
            assert!(Instant::now() < until, "„{words}“ is not in:\n{}", self.said());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Ends it in good order.
    fn end(mut self) -> Option<i32> {
        self.signal("TERM");
        let until = Instant::now() + Duration::from_secs(20);
        while Instant::now() < until {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code();
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("it does not end:\n{}", self.said());
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_worker_that_sleeps_past_its_lease_writes_nothing_late() {
    let case = Case::new();
    let id = case.order(&[]);
    let sleeper = case.worker();
    case.wait_for_recognition(id);
    // Whoever comes meanwhile is told so, and leaves no trace.
    case.run(&["run"]).expect(5).says(&[MEETING, "Ein anderer Lauf"]);
    assert_eq!(case.store().jobs(9).unwrap().len(), 1);
    sleeper.stop(case.archive.dir());
    let other = case.worker();
    case.wait(id, "given to another", |job| job.state == JobState::Queued && job.attempts == 1);
    // Without waiting for the pause before the next attempt.
    case.run(&["jobs", "retry", &id.to_string()]).expect(0);
    let done = case.wait(id, "done", |job| job.state == JobState::Done);
    assert_eq!(done.attempts, 2, "{done:?}");
    let (result, log) = (case.result(), case.store().job_log(id).unwrap());
    sleeper.signal("CONT");
    sleeper.wait_to_say("what came of it late was refused");
    assert_eq!(case.result(), result);
    assert_eq!(case.store().job_log(id).unwrap(), log);
    assert_eq!((case.acts(Act::JobQueued), case.acts(Act::JobDone)), (1, 1));
    assert_eq!((sleeper.end(), other.end()), (Some(0), Some(0)));
    let again = case.run(&["run"]).expect(0);
    assert_eq!(again.stdout, "kurz: auf dem Stand\n");
}

#[test]
fn a_job_whose_workers_are_killed_is_done_once() {
    let case = Case::new();
    let id = case.order(&["--all"]);
    let mut windows = 0;
    for attempt in 1..=2 {
        let mut worker = case.worker();
        case.wait_for_recognition(id);
        // A window further each time.
        std::thread::sleep(Duration::from_millis(400 * attempt));
        worker.child.kill().unwrap();
        worker.child.wait().unwrap();
        let lost = case.store().job(id).unwrap();
        assert_eq!(u64::from(lost.attempts), attempt, "{lost:?}");
        windows += 1;
        // Another worker sees at once that it is gone, without waiting for the lease.
        let seen = case.worker();
        case.wait(id, "given back", |job| job.state == JobState::Queued);
        drop(seen);
        case.run(&["jobs", "retry", &id.to_string()]).expect(0);
    }
    case.run(&["worker", "--once"]).expect(0).says(&["1 Auftrag erledigt"]);
    let done = case.store().job(id).unwrap();
    assert_eq!((done.state, done.attempts, windows), (JobState::Done, 3, 2), "{done:?}");
    assert_eq!((case.acts(Act::JobDone), case.acts(Act::JobFailed)), (1, 0));
    assert_eq!(case.run(&["run"]).expect(0).stdout, "kurz: auf dem Stand\n");
    // The same again has nothing to do; with further terms the text is another, and the old one is kept.
    let terms = case.archive.dir().join("begriffe.txt");
    std::fs::write(&terms, "Breitbandausbau\nMusterbrück\n").unwrap();
    let (_, texts, _) = case.result();
    case.order(&["--vocabulary", terms.to_str().unwrap()]);
    case.run(&["worker", "--once"]).expect(0);
    assert!(case.result().1 > texts, "{:?}", case.result());
    let listed = case.run(&["jobs", "--json"]).expect(0).json();
    assert_eq!(listed["jobs"].as_array().unwrap().len(), 2, "{listed}");
}

#[test]
fn a_job_that_is_called_off_ends_and_the_next_one_begins() {
    let case = Case::new();
    let id = case.order(&[]);
    let worker = case.worker();
    case.wait_for_recognition(id);
    assert_eq!(
        case.run(&["jobs", "cancel", &id.to_string()]).expect(0).stdout.trim(),
        "Auftrag 1 wird abgebrochen"
    );
    let job = case.wait(id, "called off", |job| job.state == JobState::Cancelled);
    assert_eq!(job.attempts, 1);
    assert_eq!(case.result().2, None, "nothing was aligned");
    assert_eq!((case.acts(Act::JobCancelled), case.acts(Act::JobDone)), (1, 0));
    // The queue is halted: nothing begins, until it goes on.
    case.run(&["jobs", "pause"]).expect(0);
    let next = case.order(&["--force"]);
    std::thread::sleep(Duration::from_secs(2));
    assert_eq!(case.store().job(next).unwrap().attempts, 0);
    case.run(&["jobs", "resume"]).expect(0);
    case.wait_for_recognition(next);
    // Told to end, a worker gives its job back: another may begin it at once, as if it had never been begun.
    assert_eq!(worker.end(), Some(0));
    let job = case.store().job(next).unwrap();
    assert_eq!((job.state, job.attempts), (JobState::Queued, 0), "{job:?}");
}

#[test]
fn the_site_has_workers_that_end_with_it() {
    let case = Case::new();
    let mut site = case.start(&["serve", "--listen", "127.0.0.1:0"]);
    let id = case.order(&[]);
    case.wait_for_recognition(id);
    let worker: u32 = {
        let holder = case.store().job_holders().unwrap().remove(0);
        holder.split('-').next().unwrap().parse().unwrap()
    };
    let lives = |pid: u32| Path::new(&format!("/proc/{pid}/stat")).exists();
    assert!(lives(worker));
    // However the site ends: its workers have nothing to read any more.
    site.child.kill().unwrap();
    site.child.wait().unwrap();
    case.wait(id, "given back", |job| job.state == JobState::Queued && job.attempts == 0);
    let until = Instant::now() + Duration::from_secs(10);
    while lives(worker) && Instant::now() < until {
        std::thread::sleep(Duration::from_millis(20));
    }
    assert!(!lives(worker), "the worker outlives the site");
    let site = case.start(&["serve", "--listen", "127.0.0.1:0"]);
    case.wait(id, "done", |job| job.state == JobState::Done);
    assert_eq!(site.end(), Some(0));
    // Orders that cannot be carried out fail at once, and say what to do.
    let wrong = case.order(&["--model", "gibt-es-nicht"]);
    case.run(&["worker", "--once"]).expect(1);
    let failed = case.wait(wrong, "failed", |job| job.state == JobState::Failed);
    assert_eq!(failed.attempts, 1, "{failed:?}");
    let shown = case.run(&["jobs", "show", &wrong.to_string()]).expect(0).stdout;
    assert!(shown.contains("gibt-es-nicht") && shown.contains("gescheitert"), "{shown}");
    let doctor = case.run(&["doctor"]).expect(1).stdout;
    assert!(
        doctor.contains(&format!("Auftrag {wrong}")) && doctor.contains("jobs retry"),
        "{doctor}"
    );
    case.run(&["jobs", "show", "99"]).expect(4);
    case.run(&["jobs", "add", "align", "unbekannt"]).expect(4);
}

/// A job that fails for want of room waits, and is done when there is some.
#[test]
fn a_full_disk_is_waited_out() {
    let Some(small) = SmallDisk::mount("64m") else { return };
    let case = Case::over(Archive::at(&small.path().join("archiv")));
    let id = case.order(&[]);
    let worker = case.worker();
    case.wait_for_recognition(id);
    let filler = small.fill();
    worker.wait_to_say("how the job ended cannot be noted yet");
    std::fs::remove_file(&filler).unwrap();
    let waits = case.wait(id, "given back", |job| job.state == JobState::Queued);
    // The worker noted it itself, or another process took its lease back, which it could not prolong.
    assert!(waits.failure.is_some_and(|f| f.no_room || f.what.contains("hängt")));
    case.run(&["jobs", "retry", &id.to_string()]).expect(0);
    case.wait(id, "done", |job| job.state == JobState::Done);
    assert_eq!(case.acts(Act::JobDone), 1);
    assert_eq!(worker.end(), Some(0));
}
