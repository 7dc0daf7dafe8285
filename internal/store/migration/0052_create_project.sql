-- Projects, their groups, lifecycles and channels.
CREATE TABLE project_group (
    id        @text NOT NULL PRIMARY KEY,
    seq       BIGINT NOT NULL,
    revision  BIGINT NOT NULL,
    doc       @json NOT NULL,
    space_id  @text NOT NULL,
    name_fold @text NOT NULL,
    slug      @text NOT NULL
);
CREATE UNIQUE INDEX project_group_space_id_name_fold_key ON project_group (space_id, name_fold);
CREATE UNIQUE INDEX project_group_space_id_slug_key ON project_group (space_id, slug);
CREATE TABLE lifecycle (
    id        @text NOT NULL PRIMARY KEY,
    seq       BIGINT NOT NULL,
    revision  BIGINT NOT NULL,
    doc       @json NOT NULL,
    space_id  @text NOT NULL,
    name_fold @text NOT NULL,
    slug      @text NOT NULL
);
CREATE UNIQUE INDEX lifecycle_space_id_name_fold_key ON lifecycle (space_id, name_fold);
CREATE UNIQUE INDEX lifecycle_space_id_slug_key ON lifecycle (space_id, slug);
CREATE TABLE lifecycle_link (
    owner_id @text NOT NULL,
    kind     @text NOT NULL,
    value    @text NOT NULL,
    PRIMARY KEY (owner_id, kind, value)
);
CREATE INDEX lifecycle_link_value ON lifecycle_link (kind, value);
CREATE TABLE project (
    id          @text NOT NULL PRIMARY KEY,
    seq         BIGINT NOT NULL,
    revision    BIGINT NOT NULL,
    doc         @json NOT NULL,
    space_id    @text NOT NULL,
    name_fold   @text NOT NULL,
    slug        @text NOT NULL,
    group_id    @text NOT NULL,
    lifecycle_id @text NOT NULL,
    cloned_from  @text NOT NULL,
    is_disabled  @bool NOT NULL
);
CREATE UNIQUE INDEX project_space_id_name_fold_key ON project (space_id, name_fold);
CREATE UNIQUE INDEX project_space_id_slug_key ON project (space_id, slug);
CREATE INDEX project_group_id ON project (group_id);
CREATE INDEX project_lifecycle_id ON project (lifecycle_id);
CREATE TABLE project_link (
    owner_id @text NOT NULL,
    kind     @text NOT NULL,
    value    @text NOT NULL,
    PRIMARY KEY (owner_id, kind, value)
);
CREATE INDEX project_link_value ON project_link (kind, value);
CREATE TABLE channel (
    id           @text NOT NULL PRIMARY KEY,
    seq          BIGINT NOT NULL,
    revision     BIGINT NOT NULL,
    doc          @json NOT NULL,
    space_id     @text NOT NULL,
    project_id   @text NOT NULL,
    name_fold    @text NOT NULL,
    slug_in_project @text NOT NULL,
    lifecycle_id @text NOT NULL,
    is_default   @bool NOT NULL
);
CREATE UNIQUE INDEX channel_project_id_name_fold_key ON channel (project_id, name_fold);
CREATE UNIQUE INDEX channel_project_id_slug_in_project_key ON channel (project_id, slug_in_project);
CREATE INDEX channel_lifecycle_id ON channel (lifecycle_id);
