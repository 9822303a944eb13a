-- What may not be seen. It belongs to a meeting's id and not to its row: it outlives recordings,
-- imports and the removal of the meeting. Set, released once, never changed or deleted.
CREATE TABLE restriction (
    meeting     TEXT NOT NULL,
    number      INTEGER NOT NULL,
    event       TEXT NOT NULL UNIQUE,          -- the ledger's entry that set it
    content     TEXT NOT NULL,                 -- JSON: scope, covers, origin, why, withdrew, made
    released_by TEXT,
    released_at TEXT,
    PRIMARY KEY (meeting, number),
    CHECK ((released_by IS NULL) = (released_at IS NULL))
) STRICT, WITHOUT ROWID;
CREATE TRIGGER restriction_is_only_released BEFORE UPDATE ON restriction
WHEN OLD.released_at IS NOT NULL OR NEW.released_at IS NULL
  OR (NEW.meeting, NEW.number, NEW.event, NEW.content)
     IS NOT (OLD.meeting, OLD.number, OLD.event, OLD.content)
BEGIN SELECT RAISE(ABORT, 'a restriction is never changed'); END;
CREATE TRIGGER restriction_is_never_deleted BEFORE DELETE ON restriction
BEGIN SELECT RAISE(ABORT, 'a restriction is never deleted'); END;

-- Where a restriction lies on the meeting's clock, as far as that is known.
CREATE TABLE restriction_span (
    meeting  TEXT NOT NULL,
    number   INTEGER NOT NULL,
    start_ms INTEGER NOT NULL,
    end_ms   INTEGER NOT NULL,
    PRIMARY KEY (meeting, number, start_ms, end_ms),
    FOREIGN KEY (meeting, number) REFERENCES restriction (meeting, number)
) STRICT, WITHOUT ROWID;

-- Speeches of another record that a restriction reaches: known again by a keyed hash of their words,
-- or by their number, also where a later import gives no times.
CREATE TABLE restriction_speech (
    meeting TEXT NOT NULL,
    number  INTEGER NOT NULL,
    speech  INTEGER NOT NULL,
    words   TEXT NOT NULL,
    PRIMARY KEY (meeting, number, speech, words),
    FOREIGN KEY (meeting, number) REFERENCES restriction (meeting, number)
) STRICT, WITHOUT ROWID;

-- Where items are treated, on the meeting's clock: times only, also of stretches whose words are gone.
CREATE TABLE item_place (
    meeting  TEXT NOT NULL REFERENCES meeting ON DELETE CASCADE,
    item     TEXT NOT NULL,
    start_ms INTEGER NOT NULL,
    end_ms   INTEGER NOT NULL,
    shown    INTEGER NOT NULL,                 -- whether its words were shown once
    PRIMARY KEY (meeting, item, start_ms, end_ms)
) STRICT, WITHOUT ROWID;

-- Everything that was ever restricted, released or removed, line by line as in the file beside.
CREATE TABLE ledger (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    id       TEXT NOT NULL UNIQUE,
    line     TEXT NOT NULL
) STRICT;

-- Why a meeting is not shown although nothing of it is restricted.
CREATE TABLE held (
    meeting TEXT NOT NULL REFERENCES meeting ON DELETE CASCADE,
    reason  TEXT NOT NULL,
    detail  TEXT NOT NULL,                     -- JSON
    since   TEXT NOT NULL,
    PRIMARY KEY (meeting, reason)
) STRICT, WITHOUT ROWID;

-- Recordings that a person said keep the meeting's clock.
CREATE TABLE confirmed (
    meeting   TEXT NOT NULL,
    recording TEXT NOT NULL,
    made_by   TEXT NOT NULL,
    made_at   TEXT NOT NULL,
    PRIMARY KEY (meeting, recording)
) STRICT, WITHOUT ROWID;

-- Recordings that a meeting had: by their loudness it is known whether others run on the same clock.
CREATE TABLE former_recording (
    meeting   TEXT NOT NULL,
    sha256    TEXT NOT NULL,
    offset_ms INTEGER NOT NULL,
    public    TEXT NOT NULL,                   -- JSON, like `public` of a recording
    loudness  BLOB,
    PRIMARY KEY (meeting, sha256)
) STRICT, WITHOUT ROWID;

-- Meetings that were removed and not read in again since.
CREATE TABLE removed (
    meeting  TEXT PRIMARY KEY,
    oparl_id TEXT,
    held_by  TEXT,                             -- who met when, as JSON: body, organizations, start
    made_by  TEXT NOT NULL,
    made_at  TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Files that were served and may not be served again.
CREATE TABLE withdrawn_media (
    sha256 TEXT PRIMARY KEY,
    since  TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- What is still to be deleted or overwritten of what was withdrawn.
CREATE TABLE pending_purge (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    what    TEXT NOT NULL,                     -- index, copies (of a meeting), file, log, ledger
    subject TEXT NOT NULL,                     -- the meeting, or the file's path
    since   TEXT NOT NULL,
    UNIQUE (what, subject)
) STRICT;
INSERT INTO pending_purge (what, subject, since)
    SELECT 'index', '', strftime('%Y-%m-%dT%H:%M:%SZ', 'now') FROM purge_due;
DROP TABLE purge_due;

-- What the archive knows of itself: `archive` its own name, `key` that of hidden titles.
CREATE TABLE setting (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO setting VALUES ('archive', lower(hex(randomblob(16)))), ('key', lower(hex(randomblob(32))));

-- What an item is known again by, and what its source says of it.
ALTER TABLE agenda_item ADD COLUMN source_id TEXT;
ALTER TABLE agenda_item ADD COLUMN title_hash TEXT;
ALTER TABLE agenda_item ADD COLUMN source_public INTEGER NOT NULL DEFAULT 1;
UPDATE agenda_item SET source_public = public;
UPDATE agenda_item SET source_id = id WHERE id NOT LIKE meeting || '/%';

-- `public` is what may be processed: what the source says, without what is restricted.
ALTER TABLE recording ADD COLUMN source_public TEXT NOT NULL DEFAULT 'null';    -- JSON, like `public`
ALTER TABLE recording ADD COLUMN unsaid INTEGER NOT NULL DEFAULT 0;            -- the source says nothing of it
ALTER TABLE recording ADD COLUMN loudness BLOB;                                -- of its public parts
UPDATE recording SET source_public = public;
-- Whoever read a meeting in before had no reason to say what is public of it.
UPDATE recording SET unsaid = 1 WHERE (public = 'null'
        OR EXISTS (SELECT 1 FROM withheld w
                   WHERE w.meeting = recording.meeting AND w.recording = recording.sha256))
    AND meeting IN (SELECT meeting FROM agenda_item WHERE NOT public);

-- What a transcript was made of, less what was taken out of it since.
DROP TRIGGER transcript_is_immutable;
ALTER TABLE transcript ADD COLUMN heard TEXT NOT NULL DEFAULT 'null';           -- JSON, like `public`
UPDATE transcript SET heard = (SELECT r.public FROM recording r
    WHERE r.meeting = transcript.meeting AND r.sha256 = transcript.recording);
CREATE TRIGGER transcript_is_immutable BEFORE UPDATE ON transcript
BEGIN SELECT RAISE(ABORT, 'a transcript is never changed'); END;
ALTER TABLE recognized_window ADD COLUMN start_ms INTEGER;
ALTER TABLE recognized_window ADD COLUMN end_ms INTEGER;

-- What a copy shows, and of what it was made.
ALTER TABLE published ADD COLUMN shows TEXT NOT NULL DEFAULT '[]';              -- JSON, like `public`
ALTER TABLE published ADD COLUMN made_of TEXT NOT NULL DEFAULT '';
ALTER TABLE published ADD COLUMN has_video INTEGER NOT NULL DEFAULT 1;
UPDATE published SET shows = (SELECT r.public FROM recording r
    WHERE r.meeting = published.meeting AND r.sha256 = published.recording);

-- What was withheld becomes a restriction of the item.
INSERT INTO restriction (meeting, number, event, content)
    SELECT meeting, row_number() OVER (PARTITION BY meeting ORDER BY item), lower(hex(randomblob(16))),
        json_object('scope', json_object('item', json_object('id', item,
                'source', iif(item LIKE meeting || '/%', NULL, item),
                'number', (SELECT number FROM agenda_item a
                           WHERE a.meeting = w.meeting AND a.id = w.item), 'title', NULL)),
            'covers', 'everything', 'origin', 'council', 'why', 'nicht mehr öffentlich',
            'withdrew', json('true'),
            'unplaced', json(iif(EXISTS (SELECT 1 FROM recording r WHERE r.meeting = w.meeting),
                                 'false', 'true')),
            'made', json_object('by', 'Umstellung', 'at', strftime('%Y-%m-%dT%H:%M:%SZ', 'now')))
    FROM (SELECT DISTINCT meeting, item FROM withheld) w;
INSERT OR IGNORE INTO restriction_span
    SELECT w.meeting, x.number, json_extract(w.span, '$.start_ms') + r.offset_ms,
        json_extract(w.span, '$.end_ms') + r.offset_ms
    FROM withheld w
    -- Of a recording that was replaced since, where those begin that are there now.
    JOIN recording r ON r.meeting = w.meeting AND (r.sha256 = w.recording
        OR NOT EXISTS (SELECT 1 FROM recording q
                       WHERE q.meeting = w.meeting AND q.sha256 = w.recording))
    JOIN restriction x ON x.meeting = w.meeting
        AND json_extract(x.content, '$.scope.item.id') = w.item;
DROP TABLE withheld;
PRAGMA application_id = 1298756723;
