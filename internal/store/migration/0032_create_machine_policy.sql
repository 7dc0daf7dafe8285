CREATE TABLE machine_policy (
    id         @text NOT NULL PRIMARY KEY,
    seq        BIGINT NOT NULL,
    revision   BIGINT NOT NULL,
    doc        @json NOT NULL,
    space_id   @text NOT NULL,
    name_fold  @text NOT NULL,
    is_default @bool NOT NULL
);
CREATE UNIQUE INDEX machine_policy_space_id_name_fold_key ON machine_policy (space_id, name_fold);

CREATE TABLE worker_pool (
    id         @text NOT NULL PRIMARY KEY,
    seq        BIGINT NOT NULL,
    revision   BIGINT NOT NULL,
    doc        @json NOT NULL,
    space_id   @text NOT NULL,
    name_fold  @text NOT NULL,
    slug       @text NOT NULL,
    is_default @bool NOT NULL,
    sort_order BIGINT NOT NULL
);
CREATE UNIQUE INDEX worker_pool_space_id_name_fold_key ON worker_pool (space_id, name_fold);
CREATE UNIQUE INDEX worker_pool_space_id_slug_key ON worker_pool (space_id, slug);

CREATE TABLE proxy (
    id        @text NOT NULL PRIMARY KEY,
    seq       BIGINT NOT NULL,
    revision  BIGINT NOT NULL,
    doc       @json NOT NULL,
    space_id  @text NOT NULL,
    name_fold @text NOT NULL
);
CREATE UNIQUE INDEX proxy_space_id_name_fold_key ON proxy (space_id, name_fold);
