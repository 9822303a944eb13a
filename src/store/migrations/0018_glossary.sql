-- The glossaries of bodies. A term is never changed or deleted: taking back is written beside it, once. Adding and
-- taking back are counted together, over all bodies, so that a glossary can be read as it was after any change.
CREATE TABLE glossary_term (
    number        INTEGER PRIMARY KEY,
    body          TEXT NOT NULL,               -- outlives its meetings
    spelling      TEXT NOT NULL,
    kind          TEXT NOT NULL CHECK (kind IN ('name', 'place', 'term')),
    note          TEXT NOT NULL,
    added         INTEGER NOT NULL,            -- the change that added it
    made_by       TEXT NOT NULL,
    made_at       TEXT NOT NULL,
    taken_back    INTEGER,                     -- the change that took it back
    taken_back_by TEXT,
    taken_back_at TEXT,
    CHECK ((taken_back IS NULL) = (taken_back_by IS NULL)),
    CHECK ((taken_back IS NULL) = (taken_back_at IS NULL))
) STRICT;
CREATE UNIQUE INDEX glossary_spelling_holds_once ON glossary_term (body, spelling) WHERE taken_back IS NULL;
CREATE TRIGGER glossary_term_is_only_taken_back BEFORE UPDATE ON glossary_term
WHEN OLD.taken_back IS NOT NULL OR NEW.taken_back IS NULL
  OR (NEW.number, NEW.body, NEW.spelling, NEW.kind, NEW.note, NEW.added, NEW.made_by, NEW.made_at)
     IS NOT (OLD.number, OLD.body, OLD.spelling, OLD.kind, OLD.note, OLD.added, OLD.made_by, OLD.made_at)
BEGIN SELECT RAISE(ABORT, 'a term is never changed'); END;
CREATE TRIGGER glossary_term_is_not_deleted BEFORE DELETE ON glossary_term
BEGIN SELECT RAISE(ABORT, 'a term is never deleted'); END;

-- How terms were misheard; it grows.
CREATE TABLE glossary_misheard (
    term     INTEGER NOT NULL REFERENCES glossary_term,
    position INTEGER NOT NULL,
    heard_as TEXT NOT NULL,
    PRIMARY KEY (term, position),
    UNIQUE (term, heard_as)
) STRICT, WITHOUT ROWID;

-- Up to which change of glossaries the terms go that a recording is heard with. What came later does not have it
-- heard anew.
CREATE TABLE heard_glossary (
    meeting   TEXT NOT NULL,
    recording TEXT NOT NULL,
    through   INTEGER NOT NULL,
    PRIMARY KEY (meeting, recording),
    FOREIGN KEY (meeting, recording) REFERENCES recording (meeting, sha256) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
