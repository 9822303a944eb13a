-- Recordings on their way into the archive. What has arrived is what `received` says, and never more than what
-- is safely in the file; rows stay once the recording belongs to a meeting.
CREATE TABLE intake (
    id        TEXT PRIMARY KEY,
    file_name TEXT NOT NULL,                    -- to be shown; it names no file of ours
    source    TEXT NOT NULL CHECK (source IN ('upload', 'server', 'watched')),
    bytes     INTEGER NOT NULL CHECK (bytes > 0),
    received  INTEGER NOT NULL CHECK (received BETWEEN 0 AND bytes),
    sha256    TEXT,
    path      TEXT NOT NULL UNIQUE,             -- relative where it lies in the data directory
    made_by   TEXT NOT NULL,
    made_at   TEXT NOT NULL,
    touched   TEXT NOT NULL,
    meeting   TEXT,
    dismissed INTEGER NOT NULL DEFAULT 0 CHECK (dismissed IN (0, 1)),  -- of the watched folder, and not wanted
    CHECK (sha256 IS NULL OR received = bytes)
) STRICT;
