-- When a copy of the master key was last shown to be the right one: at most one row. A copy of another key shows nothing.
CREATE TABLE master_key_check (
    id         @text NOT NULL PRIMARY KEY,
    key_id     @text NOT NULL,
    checked_at @time NOT NULL,
    checked_by @text NOT NULL
);
