-- Who did what: appended in the transaction that does it, never changed, each entry with the hash of the one
-- before it. Nothing of what was spoken stands here.
CREATE TABLE audit (
    number   INTEGER PRIMARY KEY,
    made_by  TEXT NOT NULL,
    made_at  TEXT NOT NULL,
    act      TEXT NOT NULL,
    subject  TEXT NOT NULL,
    details  TEXT NOT NULL,                    -- JSON: texts by name
    previous TEXT NOT NULL,
    hash     TEXT NOT NULL
) STRICT;
CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'an entry of the audit is never changed'); END;
CREATE TRIGGER audit_is_not_deleted BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'an entry of the audit is never deleted'); END;

-- Where the chain ends, so that entries taken off its end are missed.
CREATE TABLE audit_head (
    one    INTEGER PRIMARY KEY CHECK (one = 1),
    number INTEGER NOT NULL,
    hash   TEXT NOT NULL
) STRICT;
