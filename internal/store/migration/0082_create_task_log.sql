-- The log of a task is a tree of blocks (a step, a machine in a step); lines belong to blocks.
CREATE TABLE task_log_block (
    task_id    @text  NOT NULL,
    id         @text  NOT NULL,
    parent_id  @text  NOT NULL,
    place      BIGINT NOT NULL,
    name       @text  NOT NULL,
    status     @text  NOT NULL,
    progress   BIGINT NOT NULL,
    progress_message @text NOT NULL,
    started_at @time,
    ended_at   @time,
    lines      BIGINT NOT NULL,
    -- The number of the change that wrote the row last; a tail asks for what is newer than what it has.
    changed    BIGINT NOT NULL,
    PRIMARY KEY (task_id, id)
);
CREATE INDEX task_log_block_changed ON task_log_block (task_id, changed);

-- Lines of one block, compressed. Numbers come from the task's counter under its row's lock: no gap is filled later.
CREATE TABLE task_log_chunk (
    task_id     @text  NOT NULL,
    number      BIGINT NOT NULL,
    block_id    @text  NOT NULL,
    -- The ordinal in the block of the first line (from 0), and how many there are.
    first_line  BIGINT NOT NULL,
    lines       BIGINT NOT NULL,
    -- The number in the task of the first line (from 1).
    first_number BIGINT NOT NULL,
    data        @bytes NOT NULL,
    PRIMARY KEY (task_id, number)
);
CREATE INDEX task_log_chunk_block ON task_log_chunk (task_id, block_id, first_line);

-- Logs of ended tasks, compacted to one file in the blob store.
CREATE TABLE task_log_file (
    task_id @text  NOT NULL PRIMARY KEY,
    key     @text  NOT NULL,
    size    BIGINT NOT NULL,
    sha256  @text  NOT NULL
);
