-- The name that people gave a node, where it is not the one that its process is started with. The latter, in the column name, is what the
-- node is known by to itself: its sessions, its scripts, its start.
ALTER TABLE node ADD COLUMN shown_name @text;
CREATE UNIQUE INDEX node_shown_name_key ON node (shown_name);
