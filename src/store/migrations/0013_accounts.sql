-- Who works at the desk, and in which browsers they are signed in. Nothing here lets anybody sign in who reads
-- it but the second factor's secret, which is of no use without the password.
CREATE TABLE account (
    name      TEXT PRIMARY KEY,
    role      TEXT NOT NULL CHECK (role IN ('clerk', 'reviewer', 'admin', 'auditor')),
    password  TEXT NOT NULL,                    -- argon2id, PHC string
    totp      TEXT,                             -- secret of the second factor, base 32
    totp_step INTEGER NOT NULL DEFAULT 0,       -- of the code that was used last: none is used twice
    failures  INTEGER NOT NULL DEFAULT 0,       -- since somebody last signed in
    failed_at INTEGER NOT NULL DEFAULT 0,       -- seconds since 1970
    disabled  INTEGER NOT NULL DEFAULT 0 CHECK (disabled IN (0, 1)),
    created   TEXT NOT NULL
) STRICT;

-- Times in seconds since 1970, to be compared.
CREATE TABLE sign_in (
    number    INTEGER PRIMARY KEY AUTOINCREMENT,
    token     TEXT NOT NULL UNIQUE,             -- SHA-256 of it
    account   TEXT NOT NULL REFERENCES account (name) ON DELETE CASCADE,
    created   INTEGER NOT NULL,
    last_used INTEGER NOT NULL,
    expires   INTEGER NOT NULL,
    confirmed INTEGER NOT NULL,                 -- when the password was last shown
    browser   TEXT NOT NULL
) STRICT;
CREATE INDEX sign_in_of_account ON sign_in (account);
