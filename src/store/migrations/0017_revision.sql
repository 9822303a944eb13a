-- What people put right in texts, numbered within the meeting. Nothing is changed or deleted but with its meeting;
-- taking back is written beside it, once. Of a place that may no longer be seen the words go: all of an edit, or
-- those around it.
CREATE TABLE revision (
    meeting       TEXT NOT NULL REFERENCES meeting ON DELETE CASCADE,
    number        INTEGER NOT NULL,
    batch         INTEGER NOT NULL,            -- number of the first that was saved with it
    edit          TEXT,                        -- JSON: place and change; NULL once its words may not be seen
    replaces      TEXT NOT NULL,               -- JSON list of numbers
    made_by       TEXT NOT NULL,
    made_at       TEXT NOT NULL,
    taken_back_by TEXT,
    taken_back_at TEXT,
    PRIMARY KEY (meeting, number),
    CHECK ((taken_back_by IS NULL) = (taken_back_at IS NULL))
) STRICT, WITHOUT ROWID;
CREATE TRIGGER revision_is_only_taken_back_or_redacted BEFORE UPDATE ON revision
WHEN (NEW.meeting, NEW.number, NEW.batch, NEW.replaces, NEW.made_by, NEW.made_at)
       IS NOT (OLD.meeting, OLD.number, OLD.batch, OLD.replaces, OLD.made_by, OLD.made_at)
  OR (OLD.taken_back_at IS NOT NULL AND NEW.taken_back_at IS NOT OLD.taken_back_at)
  OR (OLD.edit IS NULL AND NEW.edit IS NOT NULL)
  OR length(NEW.edit) > length(OLD.edit)
BEGIN SELECT RAISE(ABORT, 'a revision is never changed'); END;

-- Where overrules lie by words and recording, and what their items are known by: they move with the meeting.
CREATE TABLE overrule_anchor (
    meeting TEXT NOT NULL,
    number  INTEGER NOT NULL,
    content TEXT NOT NULL,                     -- JSON
    PRIMARY KEY (meeting, number),
    FOREIGN KEY (meeting, number) REFERENCES overrule (meeting, number) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

-- Who works on which part of a text: an item by its id, what belongs to none by ''.
CREATE TABLE text_claim (
    meeting    TEXT NOT NULL REFERENCES meeting ON DELETE CASCADE,
    item       TEXT NOT NULL,
    claimed_by TEXT NOT NULL,
    claimed_at TEXT NOT NULL,
    PRIMARY KEY (meeting, item)
) STRICT, WITHOUT ROWID;

-- Minutes of work on a meeting's text, by nobody in particular; only where the settings ask for them.
CREATE TABLE work_time (
    meeting TEXT PRIMARY KEY REFERENCES meeting ON DELETE CASCADE,
    minutes INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
