-- What a process names by ID: environments, channels, feeds, worker pools.
CREATE TABLE deployment_process_link (
    owner_id @text NOT NULL,
    kind     @text NOT NULL,
    value    @text NOT NULL,
    PRIMARY KEY (owner_id, kind, value)
);
CREATE INDEX deployment_process_link_value ON deployment_process_link (kind, value);
