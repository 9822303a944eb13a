-- What clerks have fixed over the alignment, numbered within the meeting. Nothing is changed or
-- deleted but with its meeting; taking back is written beside it, once.
CREATE TABLE overrule (
    meeting       TEXT NOT NULL REFERENCES meeting ON DELETE CASCADE,
    number        INTEGER NOT NULL,
    point         TEXT NOT NULL,               -- JSON, on the meeting's clock
    made_by       TEXT NOT NULL,
    made_at       TEXT NOT NULL,
    taken_back_by TEXT,
    taken_back_at TEXT,
    PRIMARY KEY (meeting, number),
    CHECK ((taken_back_by IS NULL) = (taken_back_at IS NULL))
) STRICT, WITHOUT ROWID;
CREATE TRIGGER overrule_is_only_taken_back BEFORE UPDATE ON overrule
WHEN OLD.taken_back_at IS NOT NULL OR NEW.taken_back_at IS NULL
  OR (NEW.meeting, NEW.number, NEW.point, NEW.made_by, NEW.made_at)
     IS NOT (OLD.meeting, OLD.number, OLD.point, OLD.made_by, OLD.made_at)
BEGIN SELECT RAISE(ABORT, 'an overrule is never changed'); END;
