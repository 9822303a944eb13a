-- How much of what is shown of a meeting can be searched (TextExtent); null until it is indexed the next time.
ALTER TABLE publication ADD COLUMN extent TEXT;
