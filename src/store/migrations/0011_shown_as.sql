-- How the site shows a recording: a copy of its own, where its public copy lies, or not at all.
ALTER TABLE recording ADD COLUMN shown_as TEXT NOT NULL DEFAULT 'file';
