-- What a space keeps where a lifecycle or a runbook does not say.
CREATE TABLE retention_policy (
    id             @text NOT NULL PRIMARY KEY,
    seq            BIGINT NOT NULL,
    revision       BIGINT NOT NULL,
    doc            @json NOT NULL,
    space_id       @text NOT NULL,
    retention_type @text NOT NULL
);
CREATE UNIQUE INDEX retention_policy_space_id_retention_type_key ON retention_policy (space_id, retention_type);
