-- What a package's manifest says beyond its texts, as JSON; empty for packages without one, and those of older releases.
ALTER TABLE package ADD COLUMN facts @json NOT NULL DEFAULT '{}';
