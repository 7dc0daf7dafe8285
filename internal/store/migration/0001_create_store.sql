-- Numbers of the IDs that people see: Projects-1, Projects-2 …
CREATE TABLE id_counter (
    prefix @text NOT NULL PRIMARY KEY,
    next   BIGINT NOT NULL
);

-- A row for each committed write of the last days; see the package comment of store.
CREATE TABLE write_mark (
    id @text NOT NULL PRIMARY KEY,
    at @time NOT NULL
);
CREATE INDEX write_mark_at ON write_mark (at);
