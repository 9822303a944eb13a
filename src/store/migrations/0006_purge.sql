-- Set while the search index may still hold bytes of what was withdrawn or removed.
CREATE TABLE purge_due (id INTEGER PRIMARY KEY CHECK (id = 1)) STRICT;
