-- Jobs: work that somebody asked for and some process does. Nothing of what was spoken stands here.
CREATE TABLE job (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    work          TEXT NOT NULL,                       -- JSON: the kind, and what decides the work
    meeting       TEXT REFERENCES meeting (id) ON DELETE CASCADE,
    state         TEXT NOT NULL CHECK (state IN ('queued', 'running', 'done', 'failed', 'cancelled')),
    priority      INTEGER NOT NULL,
    queued_by     TEXT NOT NULL,
    queued_ms     INTEGER NOT NULL,
    due_ms        INTEGER NOT NULL,
    attempts      INTEGER NOT NULL DEFAULT 0,
    most_attempts INTEGER NOT NULL,
    token         INTEGER NOT NULL DEFAULT 0,          -- of the last lease
    worker        TEXT,
    lease_ms      INTEGER,                             -- when the lease runs out
    began_ms      INTEGER,
    ended_ms      INTEGER,
    cancel_asked  INTEGER NOT NULL DEFAULT 0,
    paused        INTEGER NOT NULL DEFAULT 0,
    progress      TEXT,                                -- JSON
    failure       TEXT,                                -- JSON
    version       INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE UNIQUE INDEX work_is_open_once ON job (work) WHERE state IN ('queued', 'running');
CREATE UNIQUE INDEX one_job_of_a_meeting_runs ON job (meeting) WHERE state = 'running';
CREATE INDEX job_by_state ON job (state, priority DESC, queued_ms, id);
CREATE INDEX job_by_meeting ON job (meeting);
CREATE INDEX job_by_version ON job (version);

CREATE TABLE job_line (
    job    INTEGER NOT NULL REFERENCES job (id) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    at_ms  INTEGER NOT NULL,
    event  TEXT NOT NULL,
    detail TEXT NOT NULL,
    PRIMARY KEY (job, number)
) STRICT, WITHOUT ROWID;

-- The queue as a whole: the highest token ever given, the highest version, whether it is halted.
CREATE TABLE job_queue (
    one     INTEGER PRIMARY KEY CHECK (one = 1),
    token   INTEGER NOT NULL DEFAULT 0,
    version INTEGER NOT NULL DEFAULT 0,
    paused  INTEGER NOT NULL DEFAULT 0
) STRICT;
INSERT INTO job_queue (one) VALUES (1);
