//! The glossaries of bodies: terms are added and taken back, never changed or deleted. Owns that a glossary can
//! be read as it was after any change, and up to which change a recording was heard with it.

use rusqlite::{Connection, OptionalExtension, Transaction, params};

use super::{Parsed, Store, audit};
use crate::domain::{
    Act, Body, BodyId, Digest, Error, GlossaryKind, GlossaryTerm, HeardAs, MeetingId,
    NewGlossaryTerm, Result, Signature,
};

/// A state of all glossaries: the number of the change that made it. None has been made before the first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct GlossaryState(u64);

impl Store {
    /// Adds a term to a body's glossary; gives its number. Of one that is there already, only forms that it was
    /// misheard as are added.
    ///
    /// # Errors
    /// `BadInput` where there is no such body.
    pub fn add_glossary_term(
        &self,
        body: &BodyId,
        term: &NewGlossaryTerm,
        made: &Signature,
    ) -> Result<u64> {
        let added = self.write(|t| {
            if body_name(t, body)?.is_none() {
                return Ok(None);
            }
            let known = in_force(t, body, term.spelling.as_str())?;
            let number = match known {
                Some(number) => number,
                None => insert(t, body, term, made)?,
            };
            let misheard = term.heard_as.iter().map(|form| add_misheard(t, number, form));
            let more: usize = misheard.sum::<rusqlite::Result<_>>()?;
            if known.is_none() || more > 0 {
                let number = number.to_string();
                let details = [("number", &*number), ("kind", term.kind.code())];
                audit::append(t, made, Act::GlossaryTermAdded, body.as_str(), &details)?;
            }
            Ok(Some(number))
        })?;
        added.ok_or_else(|| {
            Error::bad_input(format!("Es gibt keine Körperschaft „{body}“"))
                .remedy("Nehmen Sie erst eine Sitzung von ihr auf")
        })
    }

    /// Takes a term back; it stays in the history.
    ///
    /// # Errors
    /// `NotFound` where there is no such term, or it was taken back before.
    pub fn take_back_glossary_term(&self, number: u64, taken_back: &Signature) -> Result<()> {
        let done = self.write(|t| {
            let row: Option<(String, bool)> = t
                .query_row(
                    "SELECT body, taken_back IS NOT NULL FROM glossary_term WHERE number = ?1",
                    [number],
                    |r| Ok((r.get(0)?, r.get(1)?)),
                )
                .optional()?;
            let Some((body, false)) = row else { return Ok(false) };
            t.execute(
                "UPDATE glossary_term SET taken_back = ?2, taken_back_by = ?3, taken_back_at = ?4
                 WHERE number = ?1",
                params![number, next_change(t)?, taken_back.by, taken_back.at.to_string()],
            )?;
            let details = [("number", &*number.to_string())];
            audit::append(t, taken_back, Act::GlossaryTermTakenBack, &body, &details)?;
            Ok(true)
        })?;
        match done {
            true => Ok(()),
            false => Err(Error::not_found(format!("Kein Wörterbuch hat den Eintrag {number}"))
                .remedy("Laden Sie die Liste neu: vielleicht hat ihn schon jemand entfernt")),
        }
    }

    /// What holds of a body's glossary, by its spelling.
    pub fn glossary(&self, body: &BodyId) -> Result<Vec<GlossaryTerm>> {
        let mut terms = self.glossary_history(body)?;
        terms.retain(|term| term.taken_back.is_none());
        terms.sort_by_cached_key(|term| mitschnitt_german::folding::fold(term.spelling.as_str()));
        Ok(terms)
    }

    /// All terms that a body's glossary ever had, in the order in which they were added.
    pub fn glossary_history(&self, body: &BodyId) -> Result<Vec<GlossaryTerm>> {
        self.read(|c| select(c, body, "1 = 1", 0))
    }

    /// A body's glossary as it was in a state, in the order in which its terms were added.
    pub fn glossary_at(&self, body: &BodyId, state: GlossaryState) -> Result<Vec<GlossaryTerm>> {
        let held = "added <= ?2 AND (taken_back IS NULL OR taken_back > ?2)";
        self.read(|c| select(c, body, held, state.0))
    }

    /// The state that all glossaries are in.
    pub fn glossary_state(&self) -> Result<GlossaryState> {
        self.read(|c| Ok(GlossaryState(changes(c)?)))
    }

    /// With which state of the glossaries a recording is heard; `None` where nobody has said.
    pub fn heard_glossary(
        &self,
        meeting: &MeetingId,
        recording: &Digest,
    ) -> Result<Option<GlossaryState>> {
        self.read(|c| {
            c.query_row(
                "SELECT through FROM heard_glossary WHERE meeting = ?1 AND recording = ?2",
                [meeting.as_str(), recording.as_str()],
                |r| r.get(0).map(GlossaryState),
            )
            .optional()
        })
    }

    /// Says so; nothing where the recording is gone meanwhile.
    pub fn hear_with_glossary(
        &self,
        meeting: &MeetingId,
        recording: &Digest,
        state: GlossaryState,
    ) -> Result<()> {
        self.write(|t| {
            t.execute(
                "INSERT OR REPLACE INTO heard_glossary
                 SELECT meeting, sha256, ?3 FROM recording WHERE meeting = ?1 AND sha256 = ?2",
                params![meeting.as_str(), recording.as_str(), state.0],
            )?;
            Ok(())
        })
    }

    /// The bodies of which there are meetings, by their names.
    pub fn bodies(&self) -> Result<Vec<Body>> {
        self.read(|c| {
            c.prepare_cached(
                "SELECT id, name FROM body WHERE id IN (SELECT body FROM meeting) ORDER BY name, id",
            )?
            .query_map([], |r| Ok(Body { id: r.get::<_, Parsed<_>>(0)?.0, name: r.get(1)? }))?
            .collect()
        })
    }
}

fn body_name(c: &Connection, body: &BodyId) -> rusqlite::Result<Option<String>> {
    c.query_row("SELECT name FROM body WHERE id = ?1", [body.as_str()], |r| r.get(0)).optional()
}

fn in_force(c: &Connection, body: &BodyId, spelling: &str) -> rusqlite::Result<Option<u64>> {
    c.query_row(
        "SELECT number FROM glossary_term WHERE body = ?1 AND spelling = ?2 AND taken_back IS NULL",
        [body.as_str(), spelling],
        |r| r.get(0),
    )
    .optional()
}

fn insert(
    t: &Transaction,
    body: &BodyId,
    term: &NewGlossaryTerm,
    made: &Signature,
) -> rusqlite::Result<u64> {
    t.query_row(
        "INSERT INTO glossary_term (body, spelling, kind, note, added, made_by, made_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) RETURNING number",
        params![
            body.as_str(),
            term.spelling.as_str(),
            term.kind.code(),
            term.note(),
            next_change(t)?,
            made.by,
            made.at.to_string()
        ],
        |r| r.get(0),
    )
}

/// How many forms were added: none that is known already.
fn add_misheard(t: &Transaction, term: u64, form: &HeardAs) -> rusqlite::Result<usize> {
    t.execute(
        "INSERT OR IGNORE INTO glossary_misheard
         SELECT ?1, coalesce(max(position), 0) + 1, ?2 FROM glossary_misheard WHERE term = ?1",
        params![term, form.as_str()],
    )
}

fn changes(c: &Connection) -> rusqlite::Result<u64> {
    c.query_row(
        "SELECT max(coalesce(max(added), 0), coalesce(max(taken_back), 0)) FROM glossary_term",
        [],
        |r| r.get(0),
    )
}

fn next_change(c: &Connection) -> rusqlite::Result<u64> {
    Ok(changes(c)? + 1)
}

fn select(
    c: &Connection,
    body: &BodyId,
    which: &str,
    state: u64,
) -> rusqlite::Result<Vec<GlossaryTerm>> {
    let mut misheard = c.prepare_cached(
        "SELECT heard_as FROM glossary_misheard WHERE term = ?1 ORDER BY position",
    )?;
    let sql = format!(
        "SELECT number, body, spelling, kind, note, made_by, made_at, taken_back_by, taken_back_at
         FROM glossary_term WHERE body = ?1 AND ?2 >= 0 AND {which} ORDER BY added"
    );
    c.prepare_cached(&sql)?
        .query_map(params![body.as_str(), state], |r| {
            let number: u64 = r.get(0)?;
            let taken_back: Option<String> = r.get(7)?;
            Ok(GlossaryTerm {
                number,
                body: r.get::<_, Parsed<_>>(1)?.0,
                spelling: r.get::<_, Parsed<_>>(2)?.0,
                kind: r.get::<_, Parsed<GlossaryKind>>(3)?.0,
                heard_as: misheard
                    .query_map([number], |m| Ok(m.get::<_, Parsed<_>>(0)?.0))?
                    .collect::<Result<_, _>>()?,
                note: r.get(4)?,
                made: Signature { by: r.get(5)?, at: r.get::<_, Parsed<_>>(6)?.0 },
                taken_back: match taken_back {
                    Some(by) => Some(Signature { by, at: r.get::<_, Parsed<_>>(8)?.0 }),
                    None => None,
                },
            })
        })?
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::TermSpelling;
    use crate::store::Registration;

    fn archive() -> (tempfile::TempDir, Store, BodyId) {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::create(dir.path()).unwrap();
        let council = crate::store::tests::council();
        store.register(&Registration::of(&council, &[])).unwrap();
        (dir, store, council.body.id)
    }

    fn signed() -> Signature {
        Signature { by: "klein".to_owned(), at: jiff::Timestamp::UNIX_EPOCH }
    }

    fn term(text: &str) -> NewGlossaryTerm {
        NewGlossaryTerm::new(GlossaryKind::Place, TermSpelling::new(text).unwrap())
    }

    fn spellings(terms: &[GlossaryTerm]) -> Vec<&str> {
        terms.iter().map(|term| term.spelling.as_str()).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        /// Whatever was added and taken back: every earlier state is read as it was.
        #[test]
        fn a_glossary_is_read_as_it_was_in_any_state(steps in prop::collection::vec((0usize..4, any::<bool>()), 1..14)) {
            let (_dir, store, body) = archive();
            let mut states = vec![(store.glossary_state().unwrap(), Vec::new())];
            let mut holding: Vec<(String, u64)> = Vec::new();
            for (name, adds) in steps {
                let name = ["Aue", "Bug", "Cham", "Dahn"][name];
                match holding.iter().position(|(held, _)| held == name) {
                    None if adds => {
                        let number = store.add_glossary_term(&body, &term(name), &signed()).unwrap();
                        holding.push((name.to_owned(), number));
                    }
                    Some(place) if !adds => {
                        let (_, number) = holding.remove(place);
                        store.take_back_glossary_term(number, &signed()).unwrap();
                        prop_assert!(store.take_back_glossary_term(number, &signed()).is_err());
                    }
                    Some(place) => {
                        // What is there already is no change.
                        let before = store.glossary_state().unwrap();
                        let number = store.add_glossary_term(&body, &term(name), &signed()).unwrap();
                        prop_assert_eq!(number, holding[place].1);
                        prop_assert_eq!(store.glossary_state().unwrap(), before);
                    }
                    None => {}
                }
                let names = holding.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>();
                states.push((store.glossary_state().unwrap(), names));
            }
            for (state, names) in states {
                let terms = store.glossary_at(&body, state).unwrap();
                prop_assert_eq!(spellings(&terms), names);
            }
        }
    }

    #[test]
    fn terms_grow_by_what_they_are_misheard_as_and_are_never_changed() {
        let (_dir, store, body) = archive();
        let heard = |form: &str| term("Gödenroth").heard_as([TermSpelling::new(form).unwrap()]);
        store.add_glossary_term(&body, &heard("Göden Rot"), &signed()).unwrap();
        let number = store.add_glossary_term(&body, &heard("Köhlerrot"), &signed()).unwrap();
        let terms = store.glossary(&body).unwrap();
        let forms: Vec<&str> = terms[0].heard_as.iter().map(TermSpelling::as_str).collect();
        assert_eq!(forms, ["Göden Rot", "Köhlerrot"]);
        for sql in [
            "UPDATE glossary_term SET spelling = 'x'",
            "DELETE FROM glossary_term",
            "UPDATE glossary_term SET taken_back = NULL",
        ] {
            assert!(store.write(|t| t.execute(sql, [])).is_err(), "{sql}");
        }
        store.take_back_glossary_term(number, &signed()).unwrap();
        assert!(store.glossary(&body).unwrap().is_empty());
        assert_eq!(store.glossary_history(&body).unwrap().len(), 1);
        let nobody = BodyId::new("none").unwrap();
        assert!(store.add_glossary_term(&nobody, &term("Aue"), &signed()).is_err());
        // The audit tells who and when, and no word.
        let audit = serde_json::to_string(&store.audit().unwrap()).unwrap();
        assert!(
            audit.contains("glossary_term_added") && audit.contains("glossary_term_taken_back")
        );
        assert!(!audit.contains("denroth") && !audit.contains("hlerrot"), "{audit}");
    }
}
