-- The execution journal; see internal/executor/journal.
CREATE TABLE run_plan (
    task_id @text NOT NULL PRIMARY KEY,
    format  BIGINT NOT NULL,
    plan    @json NOT NULL
);

-- One script in one place. unit names step, action, machine and phase.
CREATE TABLE run_script (
    task_id     @text  NOT NULL,
    unit        @text  NOT NULL,
    attempt     BIGINT NOT NULL,
    machine_id  @text  NOT NULL,
    state       @text  NOT NULL,
    ticket      @text  NOT NULL,
    handle      @text  NOT NULL,
    -- How many lines of the agent's log are in ours, and where the reader of lines stands after them.
    sequence    BIGINT NOT NULL,
    reader      @json  NOT NULL,
    result      @json  NOT NULL,
    exit_code   BIGINT NOT NULL,
    started_at  @time,
    finished_at @time,
    PRIMARY KEY (task_id, unit, attempt)
);

-- What a script asked for with its lines: output variables, secrets to mask, artifacts.
CREATE TABLE run_output (
    task_id   @text  NOT NULL,
    unit      @text  NOT NULL,
    name      @text  NOT NULL,
    action    @text  NOT NULL,
    machine   @text  NOT NULL,
    value     @text  NOT NULL,
    sensitive @bool  NOT NULL,
    visible   @bool  NOT NULL,
    place     BIGINT NOT NULL,
    PRIMARY KEY (task_id, unit, name)
);

CREATE TABLE run_secret (
    task_id @text NOT NULL,
    sealed  @text NOT NULL,
    PRIMARY KEY (task_id, sealed)
);

CREATE TABLE run_artifact (
    task_id  @text  NOT NULL,
    unit     @text  NOT NULL,
    place    BIGINT NOT NULL,
    path     @text  NOT NULL,
    name     @text  NOT NULL,
    state    @text  NOT NULL,
    PRIMARY KEY (task_id, unit, place)
);

-- How a step, or an action in a place, ended.
CREATE TABLE run_outcome (
    task_id  @text NOT NULL,
    item     @text NOT NULL,
    state    @text NOT NULL,
    message  @text NOT NULL,
    ended_at @time NOT NULL,
    PRIMARY KEY (task_id, item)
);
