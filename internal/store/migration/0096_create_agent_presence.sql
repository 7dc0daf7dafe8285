-- A row for each connection of a polling agent to a node; see internal/tentacle/presence. It counts as long as its epoch
-- is that of a node.
CREATE TABLE agent_presence (
    epoch        @text  NOT NULL,
    -- Unique in the epoch, and growing.
    connection   BIGINT NOT NULL,
    node_id      @text  NOT NULL,
    subscription @text  NOT NULL,
    thumbprint   @text  NOT NULL,
    since        @time  NOT NULL,
    PRIMARY KEY (epoch, connection)
);
CREATE INDEX agent_presence_subscription ON agent_presence (subscription);
