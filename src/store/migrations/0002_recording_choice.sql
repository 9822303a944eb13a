-- Which sound of a recording is transcribed, and whose microphone each channel is.

ALTER TABLE recording ADD COLUMN sound TEXT NOT NULL DEFAULT '{"track":"first","channels":"mix"}'; -- JSON
ALTER TABLE recording ADD COLUMN seats TEXT NOT NULL DEFAULT '[]'; -- JSON list, in the channels' order
