-- What the recogniser answered to each window, under the hash of everything that decides it.
CREATE TABLE recognized_window (
    meeting   TEXT NOT NULL,
    recording TEXT NOT NULL,
    key       TEXT NOT NULL,
    content   TEXT NOT NULL,                   -- JSON: segments with tokens
    PRIMARY KEY (meeting, recording, key),
    FOREIGN KEY (meeting, recording) REFERENCES recording (meeting, sha256) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
