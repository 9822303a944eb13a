//! Faults that the program does not have, planted where it would show them: in its answers, by a door between it
//! and the clerk; on its disk, by rows and files as the fault would leave them. Each must be found by the rule
//! that is there for it: a check that finds nothing proves nothing.

use std::io;
use std::time::Duration;

use mitschnitt::domain::{Act, Eyes, MeetingId, ReviewStep, Signature};
use mitschnitt::store::Store;

use super::asking::{Door, Honest, Request, source, speeches};
use super::checks::Rule;
use super::model::{Upload, What};
use super::steps::{RECORDS, Step, choose, queued_meeting};
use super::world::World;
use crate::desk_site::{Clerk, DeskAnswer};

/// Steps of the archive into which faults are planted.
const STEPS: u32 = 60;

/// Acknowledges before anything is written: what it was sent goes on only with what comes next.
struct AnswersFirst(Option<Request>);

impl Door for AnswersFirst {
    fn send(&mut self, clerk: &Clerk, request: Request) -> io::Result<DeskAnswer> {
        if let Some(held) = self.0.take() {
            Honest.send(clerk, held)?;
        }
        let answer = match request.method {
            "PATCH" => {
                let from: usize = request.headers[0].1.parse().unwrap();
                let to = from + request.body.len();
                DeskAnswer::made_up(204, &format!("upload-offset: {to}"))
            }
            _ => DeskAnswer::made_up(303, ""),
        };
        self.0 = Some(request);
        Ok(answer)
    }
}

/// Sends every part of an upload once more, as the next one.
struct SendsTwice;

impl Door for SendsTwice {
    fn send(&mut self, clerk: &Clerk, request: Request) -> io::Result<DeskAnswer> {
        let mut again = request.clone();
        let answer = Honest.send(clerk, request)?;
        if again.method == "PATCH" && answer.status == 204 {
            again.headers[0].1 = answer.header("upload-offset").to_owned();
            Honest.send(clerk, again)?;
        }
        Ok(answer)
    }
}

/// A fault, what it breaks, and how it is planted into a copy of the archive.
type Fault = (&'static str, Rule, fn(&mut World));

const FAULTS: &[Fault] = &[
    ("a part of an upload is acknowledged before it is written", Rule::Kept, |world| {
        world.door = Box::new(AnswersFirst(None));
        step(world, part);
        world.look();
    }),
    ("a step of a review is acknowledged before it is written", Rule::Kept, |world| {
        world.door = Box::new(AnswersFirst(None));
        step(world, |world| reopen(&public(world)));
        world.look();
    }),
    ("a restriction is written after the answer", Rule::Withdrawn, |world| {
        world.door = Box::new(AnswersFirst(None));
        step(world, |world| {
            let (what, why) = (What::Speeches(0, 4), "zu spät".to_owned());
            Step::Withhold { meeting: public(world), what, why }
        });
    }),
    ("a part of an upload is counted twice", Rule::Bytes, |world| {
        world.door = Box::new(SendsTwice);
        step(world, part);
        world.look();
    }),
    ("bytes are counted that are not on the disk", Rule::Bytes, |world| {
        step(world, part);
        let uploads = &world.model.uploads;
        let name = &uploads.iter().find(|upload| upload.is_open()).unwrap().name;
        let all = world.store().intakes().unwrap();
        let intake = all.iter().find(|intake| intake.file_name.as_str() == name).unwrap();
        let file = std::fs::OpenOptions::new().write(true).open(&intake.path).unwrap();
        file.set_len(intake.received - 1).unwrap();
        world.look();
    }),
    ("a meeting is noted as indexed before it is", Rule::Withdrawn, |world| {
        let step = reopen(&public(world));
        unpublish(world, &step);
        change(world, "DELETE FROM pending_purge WHERE what = 'index'");
        world.settle();
    }),
    ("a lease is never checked: what comes late is written", Rule::Kept, |world| {
        let version = world.model.version + 1;
        world.model.version = version;
        let work = ("import".to_owned(), version.to_string());
        step(world, |_| Step::Queue { work: work.clone(), version: Some(version) });
        world.settle();
        assert!(world.found.is_empty(), "{:#?}", world.found);
        // What another process, which had the job before, writes when it wakes up.
        let late = source(world.sources.path(), 0).with_extension("late");
        std::fs::write(&late, speeches(&queued_meeting(version), version - RECORDS[1])).unwrap();
        world.archive.run(&["import", late.to_str().unwrap()]).expect(0);
        world.settle();
    }),
    ("a lease is never checked: a job ends twice", Rule::Twice, |world| {
        let job = *world.model.jobs.keys().next().unwrap();
        let details = [("kind", "import")];
        writing(world).note(&made(), Act::JobDone, &job.to_string(), &details).unwrap();
        world.look();
    }),
    ("a job is acknowledged and forgotten", Rule::Kept, |world| {
        let job = *world.model.jobs.keys().next().unwrap();
        change(world, &format!("DELETE FROM job WHERE id = {job}"));
        world.look();
    }),
    ("a job waits for ever", Rule::Unending, |world| {
        world.patience = Duration::from_secs(2);
        step(world, |_| Step::Queue { work: ("index".into(), String::new()), version: None });
        change(
            world,
            "UPDATE job SET paused = 1, state = 'queued', ended_ms = NULL WHERE id = (SELECT max(id) FROM job)",
        );
        world.settle();
    }),
    ("an entry of the audit is missing", Rule::Audited, |world| {
        change(
            world,
            "DROP TRIGGER audit_is_not_deleted;
             DELETE FROM audit WHERE number = (SELECT max(number) / 2 FROM audit)",
        );
        world.found.extend(super::checks::chain(&world.archive));
    }),
    ("something is done and not audited", Rule::Audited, |world| {
        let meeting = public(world);
        let step = reopen(&meeting);
        world.model.apply(&step, "");
        change(
            world,
            &format!(
                "INSERT OR REPLACE INTO review VALUES ('{meeting}', '', 'draft', NULL, NULL, NULL)"
            ),
        );
        world.look();
    }),
    ("something is there that nobody asked for", Rule::Asked, |world| {
        change(
            world,
            "INSERT INTO intake SELECT 'abc', 'nie-gesandt.wav', source, bytes, 0, NULL, 'intake/abc/x.wav',
               made_by, made_at, touched, NULL, 0 FROM intake LIMIT 1",
        );
        world.look();
    }),
];

#[test]
fn planted_faults_are_found() {
    let mut sound = World::new(7);
    let site = sound.start();
    for _ in 0..STEPS {
        let step = choose(&mut sound.model, &mut sound.random);
        assert!(sound.take(step, &site), "an answer is missing: {:?}", sound.found);
    }
    drop(site);
    sound.look();
    sound.settle();
    assert!(sound.found.is_empty(), "without a fault: {:#?}", sound.found);
    for (fault, rule, plant) in FAULTS {
        let mut world = sound.copy();
        plant(&mut world);
        let is_found = world.found.iter().any(|violation| violation.rule == *rule);
        assert!(is_found, "not found: {fault} (only {:#?})", world.found);
        println!("{fault}: {:?}", world.found[0]);
    }
}

/// Takes a step while the program runs, and kills it.
fn step(world: &mut World, step: impl Fn(&World) -> Step) {
    let site = world.start();
    if !world.model.uploads.iter().any(Upload::is_open) {
        let begin = loop {
            if let begin @ Step::Begin(_) = choose(&mut world.model, &mut world.random) {
                break begin;
            }
        };
        let door = std::mem::replace(&mut world.door, Box::new(Honest));
        assert!(world.take(begin, &site));
        world.door = door;
    }
    let step = step(world);
    assert!(world.take(step, &site));
    drop(site);
}

/// The first part of an upload, short enough to fit twice.
fn part(world: &World) -> Step {
    let uploads = &world.model.uploads;
    let upload = uploads.iter().position(Upload::is_open).unwrap();
    let Upload { offset, content, .. } = &uploads[upload];
    Step::Part { upload, to: offset + (content.len() as u64 - offset) / 2 }
}

/// A meeting that is public and says something.
fn public(world: &World) -> String {
    let mut records = world.model.records.iter();
    let speaks = records.find(|(_, r)| r.is_public() && r.said.contains_key(&0));
    speaks.expect("a meeting that is public").0.clone()
}

fn reopen(meeting: &str) -> Step {
    Step::Review { meeting: meeting.to_owned(), step: ReviewStep::Reopen }
}

/// Takes the step with nobody there who would index it.
fn unpublish(world: &mut World, step: &Step) {
    let Step::Review { meeting, step: review } = step else { unreachable!() };
    let id = MeetingId::new(meeting.clone()).unwrap();
    writing(world).take_review_step(&id, None, *review, &made(), Eyes::Two, None).unwrap();
    world.model.apply(step, "");
}

fn writing(world: &World) -> Store {
    Store::open(world.archive.dir()).unwrap()
}

fn made() -> Signature {
    Signature { by: "test".to_owned(), at: jiff::Timestamp::now() }
}

/// Changes the archive behind the program's back.
fn change(world: &World, sql: &str) {
    let database = rusqlite::Connection::open(world.archive.dir().join("archive.sqlite")).unwrap();
    database.execute_batch(sql).unwrap();
}
