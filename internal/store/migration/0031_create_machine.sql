-- Deployment targets and workers. subscription is the address of a polling agent, in its normal form, or empty.
CREATE TABLE machine (
    id            @text NOT NULL PRIMARY KEY,
    seq           BIGINT NOT NULL,
    revision      BIGINT NOT NULL,
    doc           @json NOT NULL,
    space_id      @text NOT NULL,
    name_fold     @text NOT NULL,
    slug          @text NOT NULL,
    is_disabled   @bool NOT NULL,
    comm_style    @text NOT NULL,
    thumbprint    @text NOT NULL,
    subscription  @text NOT NULL,
    policy_id     @text NOT NULL,
    participation @text NOT NULL
);
CREATE UNIQUE INDEX machine_space_id_name_fold_key ON machine (space_id, name_fold);
CREATE UNIQUE INDEX machine_space_id_slug_key ON machine (space_id, slug);
CREATE INDEX machine_thumbprint ON machine (thumbprint);
CREATE INDEX machine_subscription ON machine (subscription);
CREATE INDEX machine_policy_id ON machine (policy_id);
CREATE TABLE machine_link (
    owner_id @text NOT NULL,
    kind     @text NOT NULL,
    value    @text NOT NULL,
    PRIMARY KEY (owner_id, kind, value)
);
CREATE INDEX machine_link_value ON machine_link (kind, value);

CREATE TABLE worker (
    id           @text NOT NULL PRIMARY KEY,
    seq          BIGINT NOT NULL,
    revision     BIGINT NOT NULL,
    doc          @json NOT NULL,
    space_id     @text NOT NULL,
    name_fold    @text NOT NULL,
    slug         @text NOT NULL,
    is_disabled  @bool NOT NULL,
    comm_style   @text NOT NULL,
    thumbprint   @text NOT NULL,
    subscription @text NOT NULL,
    policy_id    @text NOT NULL
);
CREATE UNIQUE INDEX worker_space_id_name_fold_key ON worker (space_id, name_fold);
CREATE UNIQUE INDEX worker_space_id_slug_key ON worker (space_id, slug);
CREATE INDEX worker_thumbprint ON worker (thumbprint);
CREATE INDEX worker_subscription ON worker (subscription);
CREATE INDEX worker_policy_id ON worker (policy_id);
CREATE TABLE worker_link (
    owner_id @text NOT NULL,
    kind     @text NOT NULL,
    value    @text NOT NULL,
    PRIMARY KEY (owner_id, kind, value)
);
CREATE INDEX worker_link_value ON worker_link (kind, value);

-- What the last health check found out about a machine or a worker.
CREATE TABLE machine_health (
    machine_id          @text NOT NULL PRIMARY KEY,
    status              @text NOT NULL,
    summary             @text NOT NULL,
    checked_at          @time,
    since               @time NOT NULL,
    task_id             @text NOT NULL,
    agent_version       @text NOT NULL,
    os                  @text NOT NULL,
    os_version          @text NOT NULL,
    shell_name          @text NOT NULL,
    shell_fold          @text NOT NULL,
    shell_version       @text NOT NULL,
    architecture        @text NOT NULL,
    signature_algorithm @text NOT NULL,
    has_latest_tool     @bool NOT NULL,
    upgrade_available   @bool NOT NULL,
    latency_us          BIGINT NOT NULL
);
CREATE INDEX machine_health_status ON machine_health (status);

-- The thumbprint that a polling agent must have, as long as any machine or worker has its subscription.
CREATE TABLE polling_subscription (
    uri        @text NOT NULL PRIMARY KEY,
    thumbprint @text NOT NULL
);
