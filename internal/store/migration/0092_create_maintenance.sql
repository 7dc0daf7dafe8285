-- Whether the installation is in maintenance mode: one row.
CREATE TABLE maintenance (
    id         @text NOT NULL PRIMARY KEY,
    is_on      @bool NOT NULL,
    changed_at @time NOT NULL,
    changed_by @text NOT NULL
);
INSERT INTO maintenance (id, is_on, changed_at, changed_by) VALUES ('maintenance', FALSE, 0, '');
