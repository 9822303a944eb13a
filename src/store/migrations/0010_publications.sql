-- When a meeting was first shown, and when what is shown of it last changed. What was there before this was
-- noted counts by its texts, else as of now.
CREATE TABLE publication (
    meeting     TEXT PRIMARY KEY REFERENCES meeting ON DELETE CASCADE,
    first_shown TEXT NOT NULL,
    changed     TEXT NOT NULL,
    shows       TEXT                           -- hash of what is shown; '' while nothing is, null while unknown
) STRICT, WITHOUT ROWID;
INSERT INTO publication (meeting, first_shown, changed)
    SELECT m.id, coalesce(min(t.created), strftime('%Y-%m-%dT%H:%M:%SZ', 'now')),
        coalesce(max(t.created), strftime('%Y-%m-%dT%H:%M:%SZ', 'now'))
    FROM meeting m LEFT JOIN transcript t ON t.meeting = m.id GROUP BY m.id;
