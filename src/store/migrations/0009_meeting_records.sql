-- A meeting as others have it on record: name, film, minutes, agenda; replaced whole, less what may not be seen.
CREATE TABLE meeting_record (
    meeting TEXT PRIMARY KEY REFERENCES meeting ON DELETE CASCADE,
    made    INTEGER NOT NULL,                  -- whether the archive has the meeting from this record alone
    content TEXT NOT NULL                      -- JSON
) STRICT, WITHOUT ROWID;

-- References of the papers of hidden items, as keyed hashes: by them they are known again under other numbers.
-- They belong to the meeting's id, as restrictions do.
CREATE TABLE hidden_paper (
    meeting TEXT NOT NULL,
    item    TEXT NOT NULL,
    paper   TEXT NOT NULL,
    PRIMARY KEY (meeting, item, paper)
) STRICT, WITHOUT ROWID;
