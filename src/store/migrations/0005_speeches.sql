-- Meetings that were put on record elsewhere (`import`): replaced whole, never edited.
CREATE TABLE imported (
    meeting TEXT PRIMARY KEY REFERENCES meeting ON DELETE CASCADE,
    key     TEXT NOT NULL                      -- hash of the speeches
) STRICT, WITHOUT ROWID;

CREATE TABLE speech (
    meeting  TEXT NOT NULL REFERENCES imported ON DELETE CASCADE,
    position INTEGER NOT NULL,
    content  TEXT NOT NULL,                    -- JSON
    PRIMARY KEY (meeting, position)
) STRICT;
