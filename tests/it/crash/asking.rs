//! Steps asked of the running program: over the desk's own addresses, and by commands that are killed with it.
//! Owns what an answer means; a door between may be one that lies (`planted`).

use std::io;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use mitschnitt::domain::ReviewStep;
use rustix::process::Pid;
use serde_json::json;

use super::model::{COMMON, Model, SPEECHES, What, word};
use super::steps::{Step, queued_meeting};
use crate::desk_site::{Clerk, DeskAnswer, FORM, PART};
use crate::harness::Archive;

/// Seconds from the beginning of one imported speech to that of the next.
const EVERY: u32 = 60;

/// What became of a step.
pub enum Answer {
    /// It was acknowledged, with the id or number of what it made.
    Yes(String),
    /// It was refused: nothing has changed.
    No,
    /// The answer never came: it is done, or it is not.
    Lost,
}

/// A request to the desk.
#[derive(Clone)]
pub struct Request {
    pub method: &'static str,
    pub path: String,
    pub headers: Vec<(&'static str, String)>,
    pub body: Vec<u8>,
}

/// What stands between the clerk and the desk.
pub trait Door {
    fn send(&mut self, clerk: &Clerk, request: Request) -> io::Result<DeskAnswer>;
}

/// One that passes on what it is given.
pub struct Honest;

impl Door for Honest {
    fn send(&mut self, clerk: &Clerk, request: Request) -> io::Result<DeskAnswer> {
        let headers: Vec<(&str, &str)> =
            request.headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        clerk.try_ask(request.method, &request.path, &headers, &request.body)
    }
}

/// Who asks.
pub struct Asking<'a> {
    pub archive: &'a Archive,
    pub settings: &'a Path,
    /// Where files to be imported are written.
    pub sources: &'a Path,
    pub clerk: &'a Clerk,
    /// The group of processes that commands belong to, so that they are killed with it.
    pub group: Pid,
    pub door: &'a mut dyn Door,
}

impl Asking<'_> {
    /// Asks for a step.
    pub fn ask(&mut self, step: &Step, model: &Model) -> Answer {
        match step {
            Step::Begin(upload) => {
                let name = base64(&upload.name);
                let headers = vec![
                    ("Upload-Length", upload.content.len().to_string()),
                    ("Upload-Metadata", format!("filename {name}")),
                ];
                let answer = self.desk("POST", "/aufnahmen/hochladen", headers, Vec::new());
                told(answer, 201, |answer| {
                    let address = answer.header("location");
                    address.rsplit('/').next().unwrap_or_default().to_owned()
                })
            }
            Step::Part { upload, to } => {
                let upload = &model.uploads[*upload];
                self.send_part(upload.id.as_deref(), &upload.content, upload.offset, *to)
            }
            Step::Repeat { upload, from } => {
                let upload = &model.uploads[*upload];
                self.send_part(upload.id.as_deref(), &upload.content, *from, upload.offset)
            }
            Step::Discard(upload) => {
                let id = model.uploads[*upload].id.as_deref().unwrap_or_default();
                let path = format!("/aufnahmen/hochladen/{id}");
                told(self.desk("DELETE", &path, Vec::new(), Vec::new()), 204, nothing)
            }
            Step::Register(number) => {
                let upload = &model.uploads[*number];
                // Two meetings of one council at one time would be one meeting.
                let later = jiff::Span::new().days(*number as i64);
                let day = jiff::civil::date(2001, 1, 1).checked_add(later).unwrap();
                let title = word(&upload.meeting, 0, 0);
                let mut fields = format!(
                    "art=formular&kennung={}&koerperschaft=Musterstadt&gremium=Rat&beginn={day}T17:00\
                     &tagesordnung=1+{title}&spur=1&kanaele=mix&zeigen=file&bestaetigt=ja",
                    upload.meeting
                );
                if upload.is_cut {
                    fields += "&kuerzen=ja&nichtoeffentlich=00:00:00%E2%80%9300:00:01";
                }
                let path = format!("/aufnahmen/{}", upload.id.as_deref().unwrap_or_default());
                self.form(&path, fields)
            }
            Step::Review { meeting, step } => {
                let code = match step {
                    ReviewStep::Check => "check",
                    ReviewStep::Release => "release",
                    ReviewStep::Reopen => "reopen",
                };
                self.form(&format!("/sitzungen/{meeting}/pruefstand"), format!("schritt={code}"))
            }
            Step::Withhold { meeting, what: What::Speeches(first, end), why } => {
                let time = |order: &u32| format!("{:02}:{:02}:00", order / 60, order % 60);
                let fields = format!("von={}&bis={}&grund={why}", time(first), time(end));
                self.form(&format!("/sitzungen/{meeting}/sperre"), fields)
            }
            Step::Withhold { meeting, what: What::Meeting, why } => {
                self.command(&["withhold", meeting, "--all", "--why", why], nothing_said)
            }
            Step::Release { meeting, number } => {
                let number = number.to_string();
                self.command(&["release", meeting, "--restriction", &number], nothing_said)
            }
            Step::Import { meeting, version } => {
                let file = self.written(meeting, *version);
                self.command(&["import", file.to_str().unwrap()], nothing_said)
            }
            Step::Queue { work: (kind, of), version } => {
                let of = match version {
                    Some(version) => {
                        self.written(&queued_meeting(*version), *version).display().to_string()
                    }
                    None => of.clone(),
                };
                let mut arguments = vec!["jobs", "--json", "add", kind];
                arguments.extend((!of.is_empty()).then_some(of.as_str()));
                self.command(&arguments, |said| {
                    let said: serde_json::Value = serde_json::from_str(said).unwrap();
                    said["job"].to_string()
                })
            }
        }
    }

    fn send_part(&mut self, id: Option<&str>, content: &[u8], from: u64, to: u64) -> Answer {
        let path = format!("/aufnahmen/hochladen/{}", id.unwrap_or_default());
        let (kind, value) = PART;
        let headers = vec![("Upload-Offset", from.to_string()), (kind, value.to_owned())];
        let part = content[from as usize..to as usize].to_vec();
        let stands = |answer: &DeskAnswer| answer.header("upload-offset").to_owned();
        told(self.desk("PATCH", &path, headers, part), 204, stands)
    }

    fn form(&mut self, path: &str, fields: String) -> Answer {
        let (kind, value) = FORM;
        let headers = vec![(kind, value.to_owned())];
        told(self.desk("POST", path, headers, fields.into_bytes()), 303, nothing)
    }

    fn desk(
        &mut self,
        method: &'static str,
        path: &str,
        headers: Vec<(&'static str, String)>,
        body: Vec<u8>,
    ) -> io::Result<DeskAnswer> {
        let path = format!("/arbeitsplatz{path}");
        self.door.send(self.clerk, Request { method, path, headers, body })
    }

    /// Runs a command among the processes that are to be killed.
    fn command(&self, arguments: &[&str], what: impl FnOnce(&str) -> String) -> Answer {
        let mut all = vec!["--config", self.settings.to_str().unwrap()];
        all.extend(arguments);
        let mut command = self.archive.command(&all);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        // Where the group is gone, so is the program: nothing is asked.
        command.process_group(self.group.as_raw_nonzero().get());
        let Ok(output) = command.output() else { return Answer::Lost };
        match output.status.code() {
            Some(0) => Answer::Yes(what(&String::from_utf8_lossy(&output.stdout))),
            // It may have done its work and failed at the end of it.
            _ => Answer::Lost,
        }
    }

    /// The file with the speeches of a version of a meeting.
    fn written(&self, meeting: &str, version: u32) -> PathBuf {
        let file = source(self.sources, version);
        std::fs::write(&file, speeches(meeting, version)).unwrap();
        file
    }
}

/// The file of a version.
pub fn source(sources: &Path, version: u32) -> PathBuf {
    sources.join(format!("reden-{version}.jsonl"))
}

/// The speeches of a version of a meeting, each with its word.
pub fn speeches(meeting: &str, version: u32) -> String {
    let line = |order: u32| {
        let text = format!(
            "Zum {COMMON} im Kreis sage ich nur: {}. Die Förderung der Wärmeplanung kommt später.",
            word(meeting, version, order)
        );
        let line = json!({
            "meeting": meeting, "date": "2023-05-04", "body": "Landkreis Musterland",
            "organization": "Kreistag", "order": order, "speaker": "Anna Muster",
            "start_ms": order * EVERY * 1_000, "end_ms": (order + 1) * EVERY * 1_000 - 5_000,
            "text": text,
        });
        format!("{line}\n")
    };
    (0..SPEECHES).map(line).collect()
}

fn told(
    answer: io::Result<DeskAnswer>,
    status: u16,
    what: impl FnOnce(&DeskAnswer) -> String,
) -> Answer {
    match answer {
        Err(_) => Answer::Lost,
        Ok(answer) if answer.status == status => Answer::Yes(what(&answer)),
        Ok(_) => Answer::No,
    }
}

fn nothing(_: &DeskAnswer) -> String {
    String::new()
}

fn nothing_said(_: &str) -> String {
    String::new()
}

fn base64(text: &str) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(text)
}
