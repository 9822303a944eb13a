//! The audit's rows: appended by whatever changes something, in the same transaction. Owns that none is
//! written without its link to the one before.

use rusqlite::{Connection, OptionalExtension, Transaction, params};

use super::{Json, Parsed, Store};
use crate::domain::{
    Act, AuditEntry, AuditFault, AuditHead, Error, Result, Signature, audit_faults,
};

impl Store {
    /// Notes something that changed nothing else in the archive.
    ///
    /// # Errors
    /// `Archive` where it cannot be written.
    pub fn note(
        &self,
        made: &Signature,
        act: Act,
        subject: &str,
        details: &[(&str, &str)],
    ) -> Result<()> {
        self.write_reserved(|t| append(t, made, act, subject, details))
    }

    /// Up to `limit` entries with numbers below `before`, the newest first; from the end where none is given.
    pub fn audit_page(&self, before: Option<u64>, limit: u32) -> Result<Vec<AuditEntry>> {
        self.read(|c| {
            select(
                c,
                "WHERE number < ?1 ORDER BY number DESC LIMIT ?2",
                params![before.unwrap_or(i64::MAX as u64), limit],
            )
        })
    }

    /// All entries in their order.
    pub fn audit(&self) -> Result<Vec<AuditEntry>> {
        self.read(|c| select(c, "ORDER BY number", []))
    }

    /// All entries as lines of JSON, the last of which says who took them.
    ///
    /// # Errors
    /// `Archive` where that cannot be noted.
    pub fn export_audit(&self, made: &Signature) -> Result<String> {
        self.note(made, Act::AuditExported, "", &[])?;
        let mut text = String::new();
        for entry in self.audit()? {
            let line = serde_json::to_string(&entry)
                .map_err(|e| Error::failed("Ein Eintrag lässt sich nicht schreiben").because(e))?;
            text.push_str(&line);
            text.push('\n');
        }
        Ok(text)
    }

    /// Every break in the chain; `known` are entries that were exported earlier.
    pub fn audit_faults(&self, known: &[AuditEntry]) -> Result<Vec<AuditFault>> {
        let (entries, head) = self.read(|c| Ok((select(c, "ORDER BY number", [])?, head(c)?)))?;
        Ok(audit_faults(&entries, head.as_ref(), known))
    }
}

/// Appends an entry, in the transaction that does what it tells.
pub(super) fn append(
    t: &Transaction,
    made: &Signature,
    act: Act,
    subject: &str,
    details: &[(&str, &str)],
) -> rusqlite::Result<()> {
    let entry = AuditEntry::after(head(t)?.as_ref(), made.clone(), act, subject, details);
    let number = entry.number;
    t.prepare_cached(
        "INSERT INTO audit (number, made_by, made_at, act, subject, details, previous, hash)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )?
    .execute(params![
        number,
        entry.made.by,
        entry.made.at.to_string(),
        act.code(),
        entry.subject,
        Json(&entry.details),
        entry.previous.as_str(),
        entry.hash.as_str(),
    ])?;
    t.prepare_cached(
        "INSERT INTO audit_head (one, number, hash) VALUES (1, ?1, ?2)
         ON CONFLICT (one) DO UPDATE SET number = excluded.number, hash = excluded.hash",
    )?
    .execute(params![number, entry.hash.as_str()])?;
    Ok(())
}

fn head(c: &Connection) -> rusqlite::Result<Option<AuditHead>> {
    c.prepare_cached("SELECT number, hash FROM audit_head")?
        .query_row([], |r| Ok(AuditHead { number: r.get(0)?, hash: r.get::<_, Parsed<_>>(1)?.0 }))
        .optional()
}

fn select(
    c: &Connection,
    which: &str,
    params: impl rusqlite::Params,
) -> rusqlite::Result<Vec<AuditEntry>> {
    let sql = format!(
        "SELECT number, made_by, made_at, act, subject, details, previous, hash FROM audit {which}"
    );
    c.prepare_cached(&sql)?
        .query_map(params, |r| {
            Ok(AuditEntry {
                number: r.get(0)?,
                made: Signature { by: r.get(1)?, at: r.get::<_, Parsed<_>>(2)?.0 },
                act: act(&r.get::<_, String>(3)?)?,
                subject: r.get(4)?,
                details: r.get::<_, Json<_>>(5)?.0,
                previous: r.get::<_, Parsed<_>>(6)?.0,
                hash: r.get::<_, Parsed<_>>(7)?.0,
            })
        })?
        .collect()
}

fn act(code: &str) -> rusqlite::Result<Act> {
    let value = serde_json::Value::String(code.to_owned());
    serde_json::from_value(value).map_err(|e| {
        rusqlite::Error::FromSqlConversionFailure(3, rusqlite::types::Type::Text, e.into())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn archive() -> (tempfile::TempDir, Store) {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::create(dir.path()).unwrap();
        let made = Signature { by: "klein".to_owned(), at: jiff::Timestamp::now() };
        for n in 0..6 {
            store.note(&made, Act::SignedIn, &format!("konto-{n}"), &[("from", "desk")]).unwrap();
        }
        (dir, store)
    }

    #[test]
    fn nobody_changes_or_deletes_an_entry() {
        let (_dir, store) = archive();
        for sql in ["UPDATE audit SET made_by = 'x'", "DELETE FROM audit WHERE number = 6"] {
            assert!(store.write(|t| t.execute(sql, [])).is_err(), "{sql}");
        }
        assert_eq!(store.audit_faults(&[]).unwrap(), []);
        assert_eq!(store.audit_page(Some(3), 9).unwrap().len(), 2);
    }

    /// Whoever can write the file can drop the triggers too; the chain tells all the same.
    #[test]
    fn what_was_done_to_the_file_itself_is_found() {
        for (sql, fault) in [
            ("UPDATE audit SET subject = 'x' WHERE number = 3", AuditFault::Changed(3)),
            ("DELETE FROM audit WHERE number = 4", AuditFault::Missing(4, 1)),
            ("DELETE FROM audit WHERE number > 4", AuditFault::Missing(5, 2)),
            (
                "UPDATE audit SET number = 9 WHERE number = 2; UPDATE audit SET number = 2 WHERE number = 3;
                 UPDATE audit SET number = 3 WHERE number = 9",
                AuditFault::Changed(2),
            ),
        ] {
            let (_dir, store) = archive();
            let known = store.audit().unwrap();
            store
                .write(|t| {
                    t.execute_batch("DROP TRIGGER audit_is_not_changed; DROP TRIGGER audit_is_not_deleted;")?;
                    t.execute_batch(sql)
                })
                .unwrap();
            assert!(store.audit_faults(&[]).unwrap().contains(&fault), "{sql}");
            assert!(!store.audit_faults(&known).unwrap().is_empty());
        }
    }
}
