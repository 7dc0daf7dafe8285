CREATE TABLE account (
    id           @text NOT NULL PRIMARY KEY,
    seq          BIGINT NOT NULL,
    revision     BIGINT NOT NULL,
    doc          @json NOT NULL,
    space_id     @text NOT NULL,
    name_fold    @text NOT NULL,
    slug         @text NOT NULL,
    account_type @text NOT NULL
);
CREATE UNIQUE INDEX account_space_id_name_fold_key ON account (space_id, name_fold);
CREATE UNIQUE INDEX account_space_id_slug_key ON account (space_id, slug);
CREATE TABLE account_link (
    owner_id @text NOT NULL,
    kind     @text NOT NULL,
    value    @text NOT NULL,
    PRIMARY KEY (owner_id, kind, value)
);
CREATE INDEX account_link_value ON account_link (kind, value);
