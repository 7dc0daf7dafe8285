-- The rotation of the master key that is under way: at most one. Until it is finished either key opens the installation.
CREATE TABLE key_rotation (
    id        @text NOT NULL PRIMARY KEY,
    -- As installation.key_check, of the new key.
    key_check @text NOT NULL,
    -- The new master key, sealed by a data key: nodes that run take it from here.
    handover  @text NOT NULL,
    begun_at  @time NOT NULL
);

-- The data keys, wrapped by the new master key.
CREATE TABLE key_rotation_data_key (
    seq     BIGINT NOT NULL PRIMARY KEY,
    wrapped @text  NOT NULL
);

-- Which master key each node would start with again: from a file, which it replaces itself, or from a setting, which people change.
CREATE TABLE node_master_key (
    node_id @text NOT NULL PRIMARY KEY,
    epoch   @text NOT NULL,
    key_id  @text NOT NULL,
    origin  @text NOT NULL,
    problem @text NOT NULL
);
