-- The tags of tenants that channels are limited to.
CREATE TABLE channel_link (
    owner_id @text NOT NULL,
    kind     @text NOT NULL,
    value    @text NOT NULL,
    PRIMARY KEY (owner_id, kind, value)
);
CREATE INDEX channel_link_value ON channel_link (kind, value);
