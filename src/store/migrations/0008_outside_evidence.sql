-- What others recorded of a meeting: replaced whole by kind, never edited; less what may not be seen.
CREATE TABLE recorded_vote (
    meeting  TEXT NOT NULL REFERENCES meeting ON DELETE CASCADE,
    position INTEGER NOT NULL,
    content  TEXT NOT NULL,                    -- JSON
    PRIMARY KEY (meeting, position)
) STRICT;

CREATE TABLE speaker_segment (
    meeting  TEXT NOT NULL REFERENCES meeting ON DELETE CASCADE,
    position INTEGER NOT NULL,
    content  TEXT NOT NULL,                    -- JSON
    PRIMARY KEY (meeting, position)
) STRICT;
