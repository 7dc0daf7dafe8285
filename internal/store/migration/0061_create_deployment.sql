-- Deployments as documents, and their history as rows: what dashboards, progressions and lists read.
CREATE TABLE deployment (
    id             @text NOT NULL PRIMARY KEY,
    seq            BIGINT NOT NULL,
    revision       BIGINT NOT NULL,
    doc            @json NOT NULL,
    space_id       @text NOT NULL,
    project_id     @text NOT NULL,
    environment_id @text NOT NULL,
    tenant_id      @text NOT NULL,
    channel_id     @text NOT NULL,
    release_id     @text NOT NULL,
    task_id        @text NOT NULL,
    name_fold      @text NOT NULL
);
CREATE INDEX deployment_release_id ON deployment (release_id, seq);
CREATE INDEX deployment_project_id ON deployment (project_id, seq);
CREATE INDEX deployment_space_id ON deployment (space_id, seq);
CREATE INDEX deployment_task_id ON deployment (task_id);
CREATE TABLE deployment_link (
    owner_id @text NOT NULL,
    kind     @text NOT NULL,
    value    @text NOT NULL,
    PRIMARY KEY (owner_id, kind, value)
);
CREATE INDEX deployment_link_value ON deployment_link (kind, value);

-- state is empty until the deployment has ended; its task knows how it stands until then. is_current marks the newest
-- deployment of a project to an environment for a tenant (or for none).
CREATE TABLE deployment_history (
    deployment_id   @text NOT NULL PRIMARY KEY,
    seq             BIGINT NOT NULL,
    space_id        @text NOT NULL,
    project_id      @text NOT NULL,
    environment_id  @text NOT NULL,
    tenant_id       @text NOT NULL,
    channel_id      @text NOT NULL,
    release_id      @text NOT NULL,
    release_version @text NOT NULL,
    task_id         @text NOT NULL,
    created         @time NOT NULL,
    queued          @time NOT NULL,
    started         @time,
    completed       @time,
    state           @text NOT NULL,
    error_message   @text NOT NULL,
    has_warnings    @bool NOT NULL,
    is_current      @bool NOT NULL
);
CREATE INDEX deployment_history_current ON deployment_history (space_id, project_id) WHERE is_current;
CREATE INDEX deployment_history_place ON deployment_history (project_id, environment_id, tenant_id, seq);
CREATE INDEX deployment_history_release_id ON deployment_history (release_id, seq);
CREATE INDEX deployment_history_task_id ON deployment_history (task_id);
