-- A row for each server task; its life is told in internal/task.
CREATE TABLE server_task (
    id             @text   NOT NULL PRIMARY KEY,
    seq            BIGINT  NOT NULL,
    -- A random ID from which tickets are made: task numbers can come again after a database lost its last commits.
    uuid           @text   NOT NULL,
    space_id       @text   NOT NULL,
    kind           @text   NOT NULL,
    description    @text   NOT NULL,
    description_key @text  NOT NULL,
    arguments      @json   NOT NULL,
    state          @text   NOT NULL,
    -- What the task is about; empty where it is about none.
    project_id     @text   NOT NULL,
    environment_id @text   NOT NULL,
    tenant_id      @text   NOT NULL,
    runbook_id     @text   NOT NULL,
    -- Only one task with the same exclusion key is under way at a time; empty: none is excluded.
    exclusion      @text   NOT NULL,
    priority       BIGINT  NOT NULL,
    moved_to_top   BIGINT  NOT NULL,
    queued_at      @time   NOT NULL,
    not_before     @time,
    expires_at     @time,
    started_at     @time,
    completed_at   @time,
    updated_at     @time   NOT NULL,
    created_by     @text   NOT NULL,
    error_message  @text   NOT NULL,
    has_warnings   @bool   NOT NULL,
    interrupted    @bool   NOT NULL,
    cancelled_by   @text   NOT NULL,
    -- The runner: the epoch of its node, and its fence, new at each claim.
    owner_node     @text   NOT NULL,
    owner_epoch    @text,
    fence          @text   NOT NULL,
    -- A started task that waits for something holds no runner until it is due or woken.
    wait_until     @time,
    wait_reason    @text   NOT NULL,
    -- The name of the node that need not wait, because what the task waits for is its return; empty: none.
    wanted_node    @text   NOT NULL,
    -- What its runner may be about to wait for has come meanwhile: then it must not wait.
    woken          @bool   NOT NULL,
    -- Claims since the journal last grew; a task that kills its runners is held.
    fruitless      BIGINT  NOT NULL,
    held           @bool   NOT NULL,
    -- Counters of the log, moved under this row's lock.
    log_chunk      BIGINT  NOT NULL,
    log_line       BIGINT  NOT NULL
);
CREATE INDEX server_task_state ON server_task (state, seq);
CREATE INDEX server_task_epoch ON server_task (owner_epoch);
CREATE INDEX server_task_project ON server_task (project_id, environment_id, seq);
CREATE INDEX server_task_space ON server_task (space_id, seq);
CREATE INDEX server_task_expiry ON server_task (state, expires_at);

-- Tasks under way that exclude others: the claim inserts, the end deletes.
CREATE TABLE task_exclusion (
    key     @text NOT NULL PRIMARY KEY,
    task_id @text NOT NULL
);
CREATE INDEX task_exclusion_task ON task_exclusion (task_id);

-- Reader and writer locks on targets and the like. A request waits in line until it is granted.
CREATE TABLE task_lock (
    resource @text  NOT NULL,
    place    BIGINT NOT NULL,
    task_id  @text  NOT NULL,
    holder   @text  NOT NULL,
    writes   @bool  NOT NULL,
    granted  @bool  NOT NULL,
    PRIMARY KEY (resource, place)
);
CREATE UNIQUE INDEX task_lock_resource_task_id_holder_key ON task_lock (resource, task_id, holder);
CREATE INDEX task_lock_task ON task_lock (task_id);

CREATE TABLE task_lock_line (
    resource @text  NOT NULL PRIMARY KEY,
    next     BIGINT NOT NULL
);

-- Scripts that a finished task may have left running on a machine; the next holder settles them first.
CREATE TABLE task_unsettled (
    machine_id @text NOT NULL,
    ticket     @text NOT NULL,
    task_id    @text NOT NULL,
    at         @time NOT NULL,
    PRIMARY KEY (machine_id, ticket)
);

-- Settings of the queue as a whole: whether it is paused.
CREATE TABLE task_queue (
    id     @text NOT NULL PRIMARY KEY,
    paused @bool NOT NULL
);
