//! Recordings that are coming in. Owns that what has arrived is counted once: it only grows, from exactly where
//! it stood; and that what came in whole, and what of it is public, is audited.

use std::path::Path;

use jiff::Timestamp;
use rusqlite::{OptionalExtension, Row, Transaction, params};

use super::{Parsed, Store, audit};
use crate::credentials::random_name;
use crate::domain::{
    Act, Digest, Error, FileName, Intake, IntakeId, IntakeSource, MeetingId, Result, Signature,
};

/// The file that a recording is registered with.
#[derive(Clone, Copy, Debug)]
pub struct RegisteredFile<'a> {
    /// Where it lies.
    pub path: &'a Path,
    /// Its hash.
    pub sha256: &'a Digest,
    /// Its length.
    pub bytes: u64,
}

const COLUMNS: &str =
    "id, file_name, source, bytes, received, sha256, path, made_by, made_at, touched, meeting";

impl Store {
    /// What a new one is called: nothing that can be guessed.
    pub fn new_intake_id() -> IntakeId {
        // Hexadecimal digits are always an id.
        IntakeId::new(random_name()).expect("hexadecimal digits are an id")
    }

    /// All that somebody may want to see, the newest first.
    pub fn intakes(&self) -> Result<Vec<Intake>> {
        let stored = self.read(|c| {
            let sql =
                format!("SELECT {COLUMNS} FROM intake WHERE dismissed = 0 ORDER BY made_at DESC");
            c.prepare_cached(&sql)?.query_map([], intake)?.collect::<rusqlite::Result<Vec<_>>>()
        })?;
        Ok(stored.into_iter().map(|intake| self.placed(intake)).collect())
    }

    /// One of them.
    ///
    /// # Errors
    /// `NotFound` where there is none of this id.
    pub fn intake(&self, id: &IntakeId) -> Result<Intake> {
        let found = self.read(|c| {
            let sql = format!("SELECT {COLUMNS} FROM intake WHERE id = ?1 AND dismissed = 0");
            c.prepare_cached(&sql)?.query_row([id.as_str()], intake).optional()
        })?;
        found.map(|intake| self.placed(intake)).ok_or_else(|| {
            Error::not_found("Eine solche Aufnahme ist nicht (mehr) im Eingang")
                .remedy("Sie wurde verworfen, oder das Hochladen ist abgelaufen; beginnen Sie neu")
        })
    }

    /// Takes a new one in. What is there as a whole is audited at once.
    ///
    /// # Errors
    /// `BadInput` where its file is in the list already.
    pub fn begin_intake(&self, new: &Intake) -> Result<()> {
        let path = self.stored_path(&new.path);
        let begun = self.write(|t| {
            let known = t
                .query_row(
                    "SELECT id FROM intake WHERE path = ?1 AND dismissed = 0",
                    [text(&path)],
                    |_| Ok(()),
                )
                .optional()?;
            if known.is_some() {
                return Ok(false);
            }
            t.execute(
                "INSERT OR REPLACE INTO intake
                   (id, file_name, source, bytes, received, sha256, path, made_by, made_at, touched)
                 VALUES (?1, ?2, ?3, ?4, ?5, NULL, ?6, ?7, ?8, ?9)",
                params![
                    new.id.as_str(),
                    new.file_name.as_str(),
                    new.source.code(),
                    new.bytes,
                    new.received,
                    text(&path),
                    new.made.by,
                    new.made.at.to_string(),
                    new.touched.to_string(),
                ],
            )?;
            if new.source != IntakeSource::Upload {
                arrived(t, new, &new.made, &[])?;
            }
            Ok(true)
        })?;
        match begun {
            true => Ok(()),
            false => Err(Error::bad_input("Diese Datei steht schon im Eingang")
                .remedy("Öffnen Sie sie dort")),
        }
    }

    /// Notes that what has arrived reaches from `from` to `to`; gives whether it did stand at `from`. Only to
    /// be called once those bytes are safe.
    ///
    /// # Errors
    /// `NoRoom` or `Archive` where it cannot be written.
    pub fn raise_intake(&self, id: &IntakeId, from: u64, to: u64, at: Timestamp) -> Result<bool> {
        self.write(|t| {
            let raised = t
                .prepare_cached(
                    "UPDATE intake SET received = ?3, touched = ?4
                     WHERE id = ?1 AND received = ?2 AND sha256 IS NULL AND ?3 > ?2",
                )?
                .execute(params![id.as_str(), from, to, at.to_string()])?;
            Ok(raised == 1)
        })
    }

    /// Notes the hash of an upload that is there as a whole.
    ///
    /// # Errors
    /// `NoRoom` or `Archive` where it cannot be written.
    pub fn finish_intake(&self, id: &IntakeId, sha256: &Digest, at: Timestamp) -> Result<()> {
        let intake = self.intake(id)?;
        self.write(|t| {
            let finished = t.execute(
                "UPDATE intake SET sha256 = ?2 WHERE id = ?1 AND sha256 IS NULL AND received = bytes",
                [id.as_str(), sha256.as_str()],
            )?;
            if finished == 1 {
                let made = Signature { by: intake.made.by.clone(), at };
                arrived(t, &intake, &made, &[("sha256", sha256.as_str())])?;
            }
            Ok(())
        })
    }

    /// Forgets one that is not wanted. One of the watched folder is remembered as that, as long as its file is
    /// there.
    ///
    /// # Errors
    /// `BadInput` where a meeting has it.
    pub fn forget_intake(&self, id: &IntakeId) -> Result<()> {
        if self.intake(id)?.meeting.is_some() {
            return Err(Error::bad_input("Diese Aufnahme gehört zu einer Sitzung")
                .remedy("Entfernen Sie zuerst die Sitzung"));
        }
        self.write(|t| {
            t.execute(
                "UPDATE intake SET dismissed = 1 WHERE id = ?1 AND source = 'watched'",
                [id.as_str()],
            )?;
            t.execute("DELETE FROM intake WHERE id = ?1 AND dismissed = 0", [id.as_str()])?;
            Ok(())
        })
    }

    /// Whether a file was ever in the list, with this length.
    pub fn knows_intake(&self, path: &Path, bytes: u64) -> Result<bool> {
        let path = self.stored_path(path);
        self.read(|c| {
            c.prepare_cached(
                "SELECT 1 FROM intake WHERE path = ?1 AND (bytes = ?2 OR dismissed = 0)",
            )?
            .query_row(params![text(&path), bytes], |_| Ok(()))
            .optional()
            .map(|found| found.is_some())
        })
    }

    /// Notes that a recording belongs to a meeting now, by this file, and that somebody confirmed what of it is
    /// public.
    ///
    /// # Errors
    /// `NoRoom` or `Archive` where it cannot be written.
    pub fn register_intake(
        &self,
        id: &IntakeId,
        meeting: &MeetingId,
        file: RegisteredFile<'_>,
        public: &str,
        made: &Signature,
    ) -> Result<()> {
        let path = self.stored_path(file.path);
        self.write(|t| {
            t.execute(
                "UPDATE intake SET meeting = ?2, path = ?3, sha256 = ?4, bytes = ?5, received = ?5
                 WHERE id = ?1",
                params![
                    id.as_str(),
                    meeting.as_str(),
                    text(&path),
                    file.sha256.as_str(),
                    file.bytes
                ],
            )?;
            let recording = file.sha256.as_str();
            let details = [("recording", recording), ("intake", id.as_str())];
            audit::append(t, made, Act::MeetingRegistered, meeting.as_str(), &details)?;
            let details = [("recording", recording), ("public", public)];
            audit::append(t, made, Act::PublicConfirmed, meeting.as_str(), &details)
        })
    }

    fn placed(&self, intake: Intake) -> Intake {
        Intake { path: self.data_dir().join(&intake.path), ..intake }
    }
}

/// Audits that a recording is there as a whole.
fn arrived(
    t: &Transaction,
    intake: &Intake,
    made: &Signature,
    more: &[(&str, &str)],
) -> rusqlite::Result<()> {
    let bytes = intake.bytes.to_string();
    let mut details = vec![
        ("file", intake.file_name.as_str()),
        ("bytes", bytes.as_str()),
        ("source", intake.source.code()),
    ];
    details.extend(more);
    audit::append(t, made, Act::RecordingUploaded, intake.id.as_str(), &details)
}

fn intake(row: &Row<'_>) -> rusqlite::Result<Intake> {
    Ok(Intake {
        id: row.get::<_, Parsed<_>>(0)?.0,
        file_name: FileName::cleaned(&row.get::<_, String>(1)?),
        source: row.get::<_, Parsed<_>>(2)?.0,
        bytes: row.get(3)?,
        received: row.get(4)?,
        sha256: row.get::<_, Option<Parsed<_>>>(5)?.map(|sha256| sha256.0),
        path: row.get::<_, String>(6)?.into(),
        made: Signature { by: row.get(7)?, at: row.get::<_, Parsed<_>>(8)?.0 },
        touched: row.get::<_, Parsed<_>>(9)?.0,
        meeting: row.get::<_, Option<Parsed<_>>>(10)?.map(|meeting| meeting.0),
    })
}

/// A path as it is stored; whoever takes a file in has refused those that are no text.
fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}
