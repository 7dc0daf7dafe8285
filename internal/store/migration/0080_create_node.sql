-- A row for each server node; see internal/cluster.
CREATE TABLE node (
    id           @text   NOT NULL PRIMARY KEY,
    seq          BIGINT  NOT NULL,
    name         @text   NOT NULL,
    address      @text   NOT NULL,
    version      @text   NOT NULL,
    -- The running process: a random ID, NULL once it has left or was reaped.
    epoch        @text,
    renewals     BIGINT  NOT NULL,
    task_cap     BIGINT  NOT NULL,
    draining     @bool   NOT NULL,
    running      BIGINT  NOT NULL,
    started_at   @time   NOT NULL,
    last_seen_at @time   NOT NULL
);
CREATE UNIQUE INDEX node_name_key ON node (name);
CREATE UNIQUE INDEX node_epoch_key ON node (epoch);
