-- What readers report as wrong. Nothing here says who they are, but for what they leave themselves; a contact goes
-- when its report is closed, words go when they may not be seen any more.
CREATE TABLE report (
    number      INTEGER PRIMARY KEY AUTOINCREMENT,
    meeting     TEXT NOT NULL,
    start_ms    INTEGER,                       -- where the words began, on the meeting's clock of that time
    end_ms      INTEGER,
    has_place   INTEGER NOT NULL CHECK (has_place IN (0, 1)),
    words       TEXT,                          -- as they were shown, and what they are known again by
    before      TEXT,
    after       TEXT,
    seal        TEXT,
    kind        TEXT NOT NULL CHECK (kind IN ('words', 'speaker', 'item', 'other')),
    text        TEXT NOT NULL CHECK (length(text) BETWEEN 1 AND 1000),
    contact     TEXT CHECK (length(contact) BETWEEN 1 AND 200),
    received_at TEXT NOT NULL,
    form        TEXT UNIQUE,                   -- the same form sent twice is one report
    state       TEXT NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'done', 'dismissed')),
    closed_by   TEXT,
    closed_at   TEXT,
    CHECK (has_place = 1 OR (words IS NULL AND start_ms IS NULL)),
    CHECK ((words IS NULL) = (before IS NULL) AND (words IS NULL) = (after IS NULL) AND (words IS NULL) = (seal IS NULL)),
    CHECK ((start_ms IS NULL) = (end_ms IS NULL)),
    CHECK ((state = 'open') = (closed_at IS NULL) AND (state = 'open') = (closed_by IS NULL)),
    CHECK (state = 'open' OR contact IS NULL)
) STRICT;
CREATE INDEX report_by_state ON report (state, number);
CREATE INDEX report_by_meeting ON report (meeting, state);
