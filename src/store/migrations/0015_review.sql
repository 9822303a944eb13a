-- How far people have come with a meeting, and with items that are treated apart from it. A meeting without a
-- row is published and unchecked: it was taken in by command line, or before there were reviews. Rows outlive
-- `remove`, so that a draft that is read in again is one.
CREATE TABLE review (
    meeting      TEXT NOT NULL,
    item         TEXT NOT NULL,                -- '' for the meeting
    state        TEXT NOT NULL,
    checked_by   TEXT,
    checked_at   TEXT,
    checked_text TEXT,                         -- hash of the text that was checked
    PRIMARY KEY (meeting, item),
    CHECK ((checked_by IS NULL) = (checked_at IS NULL)),
    CHECK ((checked_by IS NULL) = (checked_text IS NULL))
) STRICT, WITHOUT ROWID;

-- How decisions are shown that are not shown as they are on record.
CREATE TABLE resolution_form (
    meeting TEXT NOT NULL,
    item    TEXT NOT NULL,
    form    TEXT NOT NULL,                     -- JSON
    PRIMARY KEY (meeting, item)
) STRICT, WITHOUT ROWID;
