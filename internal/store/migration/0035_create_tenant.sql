CREATE TABLE tenant (
    id          @text NOT NULL PRIMARY KEY,
    seq         BIGINT NOT NULL,
    revision    BIGINT NOT NULL,
    doc         @json NOT NULL,
    space_id    @text NOT NULL,
    name_fold   @text NOT NULL,
    slug        @text NOT NULL,
    is_disabled @bool NOT NULL,
    cloned_from @text NOT NULL
);
CREATE UNIQUE INDEX tenant_space_id_name_fold_key ON tenant (space_id, name_fold);
CREATE UNIQUE INDEX tenant_space_id_slug_key ON tenant (space_id, slug);
-- kind: tenant_tag (folded), project, environment, project_environment ("Projects-1/Environments-2").
CREATE TABLE tenant_link (
    owner_id @text NOT NULL,
    kind     @text NOT NULL,
    value    @text NOT NULL,
    PRIMARY KEY (owner_id, kind, value)
);
CREATE INDEX tenant_link_value ON tenant_link (kind, value);

CREATE TABLE tag_set (
    id         @text NOT NULL PRIMARY KEY,
    seq        BIGINT NOT NULL,
    revision   BIGINT NOT NULL,
    doc        @json NOT NULL,
    space_id   @text NOT NULL,
    name_fold  @text NOT NULL,
    sort_order BIGINT NOT NULL
);
CREATE UNIQUE INDEX tag_set_space_id_name_fold_key ON tag_set (space_id, name_fold);
CREATE TABLE tag_set_link (
    owner_id @text NOT NULL,
    kind     @text NOT NULL,
    value    @text NOT NULL,
    PRIMARY KEY (owner_id, kind, value)
);
CREATE INDEX tag_set_link_value ON tag_set_link (kind, value);
