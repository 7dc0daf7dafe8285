-- What a node says of itself with its heartbeat, and how it is drained; see internal/cluster.
ALTER TABLE node ADD COLUMN stopping @bool NOT NULL DEFAULT FALSE;
ALTER TABLE node ADD COLUMN trouble @text NOT NULL DEFAULT '';
-- While a node drains: until when running tasks go on there. NULL: they are handed over.
ALTER TABLE node ADD COLUMN stays_until @time;
-- When the node last found that the database had lost writes which it had acknowledged.
ALTER TABLE node ADD COLUMN rewound_at @time;

-- Duties that are under way: the epoch of the node that does them. No duty overlaps itself.
CREATE TABLE duty (
    name  @text NOT NULL PRIMARY KEY,
    epoch @text
);
