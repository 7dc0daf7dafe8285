-- Deployment processes and the snapshots that releases keep of them.
CREATE TABLE deployment_process (
    id         @text NOT NULL PRIMARY KEY,
    seq        BIGINT NOT NULL,
    revision   BIGINT NOT NULL,
    doc        @json NOT NULL,
    space_id   @text NOT NULL,
    project_id @text NOT NULL,
    snapshot   @bool NOT NULL
);
CREATE INDEX deployment_process_project ON deployment_process (project_id);
