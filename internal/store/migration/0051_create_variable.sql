-- Variable sets with the snapshots that releases keep of them, and the library's sets.
CREATE TABLE variable_set (
    id       @text NOT NULL PRIMARY KEY,
    seq      BIGINT NOT NULL,
    revision BIGINT NOT NULL,
    doc      @json NOT NULL,
    space_id @text NOT NULL,
    owner_id @text NOT NULL,
    snapshot @bool NOT NULL
);
CREATE INDEX variable_set_owner ON variable_set (owner_id);
CREATE TABLE variable_set_link (
    owner_id @text NOT NULL,
    kind     @text NOT NULL,
    value    @text NOT NULL,
    PRIMARY KEY (owner_id, kind, value)
);
CREATE INDEX variable_set_link_value ON variable_set_link (kind, value);
CREATE TABLE library_variable_set (
    id           @text NOT NULL PRIMARY KEY,
    seq          BIGINT NOT NULL,
    revision     BIGINT NOT NULL,
    doc          @json NOT NULL,
    space_id     @text NOT NULL,
    name_fold    @text NOT NULL,
    content_type @text NOT NULL
);
CREATE UNIQUE INDEX library_variable_set_space_id_content_type_name_fold_key ON library_variable_set (space_id, content_type, name_fold);
