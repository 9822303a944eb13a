//! The ledger: a small file, one line for everything that was ever restricted, released or removed,
//! beside the archive or where the settings put it. Owns that an older copy of the archive never
//! shows what was withdrawn since: file and archive take over from each other what they lack.

use std::collections::BTreeSet;
use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::path::Path;

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Transaction, params};
use serde::{Deserialize, Serialize};

use super::restrictions::{self, NewRestriction, ReachedSpeech};
use super::{Json, Parsed, Store, redacting};
use crate::domain::{Digest, Error, MeetingId, Restriction, Result, Signature, Span};

/// A line of the ledger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Event {
    /// Its own name, of no other line.
    pub(super) id: String,
    meeting: Option<MeetingId>,
    #[serde(flatten)]
    what: LedgerEntry,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum LedgerEntry {
    /// Whose ledger this is; its first line.
    Archive(String),
    /// A restriction was set.
    Set {
        restriction: NewRestriction,
        spans: Vec<Span>,
        speeches: Vec<ReachedSpeech>,
        /// Its number in its meeting, where the line was written after the fact.
        #[serde(default)]
        number: Option<u32>,
    },
    /// The restriction that a line set was found to lie elsewhere.
    Placed { set: String, spans: Vec<Span> },
    /// The restriction that a line set was released.
    Released { set: String, by: Signature },
    /// The meeting was removed.
    Removed(Signature),
    /// The meeting was read in again.
    Returned(Timestamp),
}

impl Event {
    fn new(meeting: &MeetingId, what: LedgerEntry) -> Self {
        let mut event = Self { id: String::new(), meeting: Some(meeting.clone()), what };
        // Of what it says, of now, and of the process: the same fact twice is two lines.
        let now = Timestamp::now().as_nanosecond();
        let text = format!("{now} {} {event:?}", std::process::id());
        event.id = Digest::of(text.as_bytes()).as_str()[..32].to_owned();
        event
    }

    pub(super) fn set(
        meeting: &MeetingId,
        new: &NewRestriction,
        spans: &[Span],
        speeches: &[ReachedSpeech],
    ) -> Self {
        Self::new(
            meeting,
            LedgerEntry::Set {
                restriction: new.clone(),
                spans: spans.to_vec(),
                speeches: speeches.to_vec(),
                number: None,
            },
        )
    }

    pub(super) fn placed(meeting: &MeetingId, set: &str, spans: &[Span]) -> Self {
        Self::new(meeting, LedgerEntry::Placed { set: set.to_owned(), spans: spans.to_vec() })
    }

    pub(super) fn released(meeting: &MeetingId, set: &str, by: &Signature) -> Self {
        Self::new(meeting, LedgerEntry::Released { set: set.to_owned(), by: by.clone() })
    }

    pub(super) fn removed(meeting: &MeetingId, by: &Signature) -> Self {
        Self::new(meeting, LedgerEntry::Removed(by.clone()))
    }

    pub(super) fn returned(meeting: &MeetingId) -> Self {
        Self::new(meeting, LedgerEntry::Returned(Timestamp::now()))
    }
}

/// Adds a line to the archive's copy of the ledger; [`Store::write_ledger`] brings it to the file.
pub(super) fn append(t: &Transaction, event: &Event) -> rusqlite::Result<()> {
    t.execute("INSERT INTO ledger (id, line) VALUES (?1, ?2)", params![event.id, Json(event)])?;
    Ok(())
}

/// Lines for restrictions that were set before there was a ledger.
pub(super) fn complete(t: &Transaction) -> rusqlite::Result<()> {
    let missing: Vec<(MeetingId, String, u32)> = t
        .prepare(
            "SELECT meeting, event, number FROM restriction
             WHERE event NOT IN (SELECT id FROM ledger) ORDER BY meeting, number",
        )?
        .query_map([], |r| Ok((r.get::<_, Parsed<_>>(0)?.0, r.get(1)?, r.get(2)?)))?
        .collect::<Result<_, _>>()?;
    for (meeting, id, number) in missing {
        let all = restrictions::of_meeting(t, &meeting)?;
        let Some(r) = all.into_iter().find(|r| r.number == number) else { continue };
        let Restriction { scope, spans, covers, origin, why, withdrew, made, unplaced, .. } = r;
        let restriction = NewRestriction { scope, covers, origin, why, withdrew, made, unplaced };
        let what =
            LedgerEntry::Set { restriction, spans, speeches: Vec::new(), number: Some(number) };
        append(t, &Event { id, meeting: Some(meeting), what })?;
    }
    Ok(())
}

fn archive_name(c: &Connection) -> rusqlite::Result<String> {
    c.query_row("SELECT value FROM setting WHERE name = 'archive'", [], |r| r.get(0))
}

/// An archive that is brought up to date beside the ledger of its later days takes that one's name.
pub(super) fn adopt_name(t: &Transaction, path: &Path) -> rusqlite::Result<()> {
    let lines = read(path).unwrap_or_default();
    if let Some((_, Event { what: LedgerEntry::Archive(name), .. })) = lines.first() {
        t.execute("UPDATE setting SET value = ?1 WHERE name = 'archive'", [name])?;
    }
    Ok(())
}

/// The lines of a ledger's file; a torn last one is none.
fn read(path: &Path) -> Result<Vec<(String, Event)>> {
    let mut text = String::new();
    match File::open(path) {
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        opened => {
            opened.and_then(|mut f| f.read_to_string(&mut text)).map_err(|e| unusable(path, e))?
        }
    };
    let whole = text.rfind('\n').map_or("", |end| &text[..=end]);
    let mut lines = Vec::new();
    for (n, line) in whole.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let event = serde_json::from_str(line).map_err(|e| {
            let place = format!("{}, Zeile {}", path.display(), n + 1);
            Error::archive(format!("{place}: das Sperrverzeichnis ist nicht lesbar"))
                .because(e)
                .remedy("Spielen Sie diese Datei aus der Sicherung zurück; ohne sie wird nichts gezeigt")
        })?;
        lines.push((line.to_owned(), event));
    }
    Ok(lines)
}

fn unusable(path: &Path, error: std::io::Error) -> Error {
    Error::archive(format!(
        "Das Sperrverzeichnis {} ist nicht les- oder beschreibbar",
        path.display()
    ))
    .because(error)
    .remedy("Prüfen Sie Rechte und freien Platz, und `restrictions_file` in mitschnitt.toml")
}

impl Store {
    /// Takes over from the file what the archive lacks, as after the archive was put back from a
    /// backup. Gives the meetings that this touched.
    ///
    /// # Errors
    /// `Archive` where the file cannot be read or belongs to another archive.
    pub(super) fn read_ledger(&self) -> Result<BTreeSet<MeetingId>> {
        let missing = self.missing_events()?;
        if missing.is_empty() {
            return Ok(BTreeSet::new());
        }
        let removed_for_good = removed_at_the_end(&missing);
        let touched = self.write(|t| {
            let mut touched = BTreeSet::new();
            for (line, event) in &missing {
                // Another process may have been first.
                let new = t.execute(
                    "INSERT OR IGNORE INTO ledger (id, line) VALUES (?1, ?2)",
                    [&event.id, line],
                )?;
                let Some(meeting) = event.meeting.as_ref().filter(|_| new == 1) else { continue };
                take_over(t, meeting, event)?;
                touched.insert(meeting.clone());
            }
            for (meeting, by) in &removed_for_good {
                super::meetings::remove(t, meeting, by)?;
            }
            for meeting in &touched {
                redacting::apply(t, meeting)?;
                restrictions::note_purges(t, meeting)?;
            }
            Ok(touched)
        })?;
        tracing::warn!(
            lines = missing.len(),
            meetings = touched.len(),
            "taken over from the ledger"
        );
        Ok(touched)
    }

    /// The lines of the file that the archive does not know.
    pub(super) fn missing_events(&self) -> Result<Vec<(String, Event)>> {
        let path = self.ledger();
        let lines = read(path)?;
        let (name, known) = self.read(|c| {
            let known: BTreeSet<String> = c
                .prepare("SELECT id FROM ledger")?
                .query_map([], |r| r.get(0))?
                .collect::<Result<_, _>>()?;
            Ok((archive_name(c)?, known))
        })?;
        if let Some((_, Event { what: LedgerEntry::Archive(other), .. })) = lines.first()
            && *other != name
        {
            let path = path.display();
            return Err(Error::archive(format!(
                "Das Sperrverzeichnis {path} gehört zu einem anderen Archiv"
            ))
            .remedy("Nennen Sie in mitschnitt.toml mit `restrictions_file` das richtige; ist das Archiv dazu verloren, spielen Sie seine Sicherung zurück (mitschnitt restore)"));
        }
        let new = |(_, event): &(String, Event)| {
            !matches!(event.what, LedgerEntry::Archive(_)) && !known.contains(&event.id)
        };
        Ok(lines.into_iter().filter(new).collect())
    }

    /// The name that the archive gave itself when it was made.
    ///
    /// # Errors
    /// `Archive` where it cannot be read.
    pub fn name(&self) -> Result<String> {
        self.read(archive_name)
    }

    /// Brings to the file what it lacks. Where that fails, what was done is done all the same, and the
    /// file's lines stay to be written.
    pub(super) fn tell_ledger(&self) -> Result<()> {
        let Err(error) = self.write_ledger() else { return Ok(()) };
        tracing::error!(%error, "the ledger could not be written");
        self.write(|t| super::purge::note(t, super::purge::Purge::Ledger, ""))
    }

    /// Brings to the file what it lacks; on the disk when this returns.
    ///
    /// # Errors
    /// `Archive` where it cannot be written. The archive itself has everything then.
    pub fn write_ledger(&self) -> Result<()> {
        let path = self.ledger();
        // One process at a time, or lines would stand there twice.
        let mut file = open_locked(path).map_err(|e| unusable(path, e))?;
        let present: BTreeSet<String> = read(path)?.into_iter().map(|(_, e)| e.id).collect();
        let (name, lines) = self.read(|c| {
            let lines: Vec<(String, String)> = c
                .prepare("SELECT id, line FROM ledger ORDER BY position")?
                .query_map([], |r| Ok((r.get(0)?, r.get(1)?)))?
                .collect::<Result<_, _>>()?;
            Ok((archive_name(c)?, lines))
        })?;
        let mut text = String::new();
        if present.is_empty() {
            let first = Event { id: "0".into(), meeting: None, what: LedgerEntry::Archive(name) };
            text += &(serde_json::to_string(&first).unwrap_or_default() + "\n");
        }
        for (_, line) in lines.iter().filter(|(id, _)| !present.contains(id)) {
            text += line;
            text.push('\n');
        }
        if text.is_empty() {
            return Ok(());
        }
        add(&mut file, &text).map_err(|e| unusable(path, e))?;
        self.remember_ledger()
    }

    /// Whether the ledger's file was elsewhere than beside the archive, and is not there now.
    pub(super) fn is_ledger_lost(&self) -> Result<bool> {
        if self.ledger().exists() || self.ledger().parent() == self.file().parent() {
            return Ok(false);
        }
        let known: Option<String> = self.read(|c| {
            c.query_row("SELECT value FROM setting WHERE name = 'ledger'", [], |r| r.get(0))
                .optional()
        })?;
        Ok(known == Some(absolute(self.ledger())))
    }

    fn remember_ledger(&self) -> Result<()> {
        let path = absolute(self.ledger());
        self.write(|t| {
            t.execute("INSERT OR REPLACE INTO setting VALUES ('ledger', ?1)", [&path]).map(|_| ())
        })
    }
}

fn open_locked(path: &Path) -> std::io::Result<File> {
    // Its folder is not made: where a disk is not mounted, a new one would hide the ledger.
    let file = OpenOptions::new().read(true).append(true).create(true).open(path)?;
    file.lock()?;
    Ok(file)
}

/// A path as it is the same from everywhere.
fn absolute(path: &Path) -> String {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned()).to_string_lossy().into_owned()
}

/// Appends whole lines; what a kill tore off at the end is ended first.
fn add(file: &mut File, text: &str) -> std::io::Result<()> {
    let mut before = Vec::new();
    file.read_to_end(&mut before)?;
    let whole = before.iter().rposition(|b| *b == b'\n').map_or(0, |end| end + 1);
    if whole < before.len() {
        file.set_len(whole as u64)?;
    }
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

/// The meetings of which the last line says that they were removed.
fn removed_at_the_end(events: &[(String, Event)]) -> Vec<(MeetingId, Signature)> {
    let mut last = std::collections::BTreeMap::new();
    for (_, event) in events {
        let Some(meeting) = &event.meeting else { continue };
        match &event.what {
            LedgerEntry::Removed(by) => last.insert(meeting.clone(), Some(by.clone())),
            LedgerEntry::Returned(_) => last.insert(meeting.clone(), None),
            _ => None,
        };
    }
    last.into_iter().filter_map(|(meeting, by)| Some((meeting, by?))).collect()
}

fn take_over(t: &Transaction, meeting: &MeetingId, event: &Event) -> rusqlite::Result<()> {
    let number_of = |set: &String| -> rusqlite::Result<Option<u32>> {
        t.query_row("SELECT number FROM restriction WHERE event = ?1", [set], |r| r.get(0))
            .optional()
    };
    match &event.what {
        LedgerEntry::Set { restriction, spans, speeches, number } => {
            restrictions::insert(t, meeting, &event.id, restriction, spans, speeches, *number)?;
        }
        LedgerEntry::Placed { set, spans } => {
            // Beside where it lay: the recordings of an older archive may lie elsewhere on the clock.
            if let Some(number) = number_of(set)? {
                restrictions::add_spans(t, meeting, number, spans)?;
            }
        }
        LedgerEntry::Released { set, by } => {
            if let Some(number) = number_of(set)? {
                restrictions::put_release(t, meeting, number, by)?;
            }
        }
        LedgerEntry::Archive(_) | LedgerEntry::Removed(_) | LedgerEntry::Returned(_) => {}
    }
    Ok(())
}
