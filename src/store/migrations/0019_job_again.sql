-- Whether somebody has asked for a job once more while it ran: what it had looked at by then may have changed.
ALTER TABLE job ADD COLUMN again INTEGER NOT NULL DEFAULT 0 CHECK (again IN (0, 1));
