-- Applied once and never edited; a change is a new file.

CREATE TABLE body (
    id   TEXT PRIMARY KEY,
    name TEXT NOT NULL
) STRICT;

CREATE TABLE organization (
    id             TEXT PRIMARY KEY,
    name           TEXT NOT NULL,
    short_name     TEXT,
    classification TEXT
) STRICT;

CREATE TABLE person (
    id              TEXT PRIMARY KEY,
    name            TEXT NOT NULL,
    family_name     TEXT,
    given_name      TEXT,
    form_of_address TEXT,
    titles          TEXT NOT NULL              -- JSON list
) STRICT;

CREATE TABLE membership (
    person            TEXT NOT NULL REFERENCES person ON DELETE CASCADE,
    position          INTEGER NOT NULL,
    organization      TEXT,                    -- as given; may name an organization we do not hold
    organization_name TEXT,
    role              TEXT,
    is_party          INTEGER NOT NULL,
    starts            TEXT,
    ends              TEXT,
    PRIMARY KEY (person, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE paper (
    id                       TEXT PRIMARY KEY,
    reference                TEXT,
    name                     TEXT NOT NULL,
    paper_type               TEXT,
    originator_persons       TEXT NOT NULL,    -- JSON lists of ids as given
    originator_organizations TEXT NOT NULL
) STRICT;

CREATE TABLE meeting (
    id            TEXT PRIMARY KEY,
    oparl_id      TEXT,
    body          TEXT NOT NULL REFERENCES body,
    organizations TEXT NOT NULL,               -- JSON lists of ids as given
    participants  TEXT NOT NULL,
    name          TEXT NOT NULL,
    starts        TEXT,
    date          TEXT,
    cancelled     INTEGER NOT NULL,
    synthetic     INTEGER NOT NULL
) STRICT;
CREATE INDEX meeting_by_date ON meeting (date);

-- What is known around a meeting: its organizations, its roster, its papers.
CREATE TABLE meeting_organization (
    meeting      TEXT NOT NULL REFERENCES meeting ON DELETE CASCADE,
    position     INTEGER NOT NULL,
    organization TEXT NOT NULL REFERENCES organization,
    PRIMARY KEY (meeting, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE meeting_person (
    meeting  TEXT NOT NULL REFERENCES meeting ON DELETE CASCADE,
    position INTEGER NOT NULL,
    person   TEXT NOT NULL REFERENCES person,
    PRIMARY KEY (meeting, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE meeting_paper (
    meeting  TEXT NOT NULL REFERENCES meeting ON DELETE CASCADE,
    position INTEGER NOT NULL,
    paper    TEXT NOT NULL REFERENCES paper,
    PRIMARY KEY (meeting, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE agenda_item (
    meeting  TEXT NOT NULL REFERENCES meeting ON DELETE CASCADE,
    position INTEGER NOT NULL,
    id       TEXT NOT NULL,
    number   TEXT,
    title    TEXT NOT NULL,
    public   INTEGER NOT NULL,
    result   TEXT,
    PRIMARY KEY (meeting, position),
    UNIQUE (meeting, id),
    CHECK (public OR (title = '' AND result IS NULL)) -- the title of a hidden item is never kept
) STRICT, WITHOUT ROWID;

CREATE TABLE agenda_item_paper (
    meeting TEXT NOT NULL,
    item    INTEGER NOT NULL,
    rank    INTEGER NOT NULL,
    paper   TEXT NOT NULL REFERENCES paper,
    PRIMARY KEY (meeting, item, rank),
    FOREIGN KEY (meeting, item) REFERENCES agenda_item (meeting, position) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE TABLE recording (
    meeting         TEXT NOT NULL REFERENCES meeting ON DELETE CASCADE,
    sha256          TEXT NOT NULL,
    position        INTEGER NOT NULL,
    path            TEXT NOT NULL,
    bytes           INTEGER NOT NULL,
    offset_ms       INTEGER NOT NULL,
    video_url       TEXT,
    video_offset_ms INTEGER NOT NULL,
    public          TEXT NOT NULL,             -- JSON: null (whole) or a list of spans
    transcript      INTEGER REFERENCES transcript ON DELETE SET NULL, -- the one that is shown
    PRIMARY KEY (meeting, sha256)
) STRICT;

-- Where an item was treated that became hidden afterwards: cut from the public parts for as long
-- as the item is hidden.
CREATE TABLE withheld (
    meeting   TEXT NOT NULL REFERENCES meeting ON DELETE CASCADE,
    item      TEXT NOT NULL,
    recording TEXT NOT NULL,
    span      TEXT NOT NULL                    -- JSON, on the recording's time line
) STRICT;
CREATE INDEX withheld_by_meeting ON withheld (meeting);

-- The file that the site may serve for a recording: the source itself, or its public copy.
CREATE TABLE published (
    meeting   TEXT NOT NULL,
    recording TEXT NOT NULL,
    sha256    TEXT NOT NULL,
    path      TEXT NOT NULL,
    bytes     INTEGER NOT NULL,
    PRIMARY KEY (meeting, recording),
    FOREIGN KEY (meeting, recording) REFERENCES recording (meeting, sha256) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX published_by_hash ON published (sha256);

-- One recogniser run. Never updated; deleted only when its recording's public parts change.
CREATE TABLE transcript (
    id        INTEGER PRIMARY KEY,
    meeting   TEXT NOT NULL,
    recording TEXT NOT NULL,
    key       TEXT NOT NULL,                   -- hash of everything that decides the text
    model     TEXT NOT NULL,
    created   TEXT NOT NULL,
    content   TEXT NOT NULL,                   -- mitschnitt.transcript/1
    UNIQUE (meeting, recording, key),
    FOREIGN KEY (meeting, recording) REFERENCES recording (meeting, sha256) ON DELETE CASCADE
) STRICT;
CREATE TRIGGER transcript_is_immutable BEFORE UPDATE ON transcript
BEGIN SELECT RAISE(ABORT, 'a transcript is never changed'); END;

CREATE TABLE alignment (
    meeting TEXT PRIMARY KEY REFERENCES meeting ON DELETE CASCADE,
    key     TEXT NOT NULL,                     -- hash of transcripts, agenda, roster, aligner
    content TEXT NOT NULL                      -- mitschnitt.alignment/1
) STRICT, WITHOUT ROWID;
