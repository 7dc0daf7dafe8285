CREATE TABLE environment (
    id         @text NOT NULL PRIMARY KEY,
    seq        BIGINT NOT NULL,
    revision   BIGINT NOT NULL,
    doc        @json NOT NULL,
    space_id   @text NOT NULL,
    name_fold  @text NOT NULL,
    slug       @text NOT NULL,
    sort_order BIGINT NOT NULL
);
CREATE UNIQUE INDEX environment_space_id_name_fold_key ON environment (space_id, name_fold);
CREATE UNIQUE INDEX environment_space_id_slug_key ON environment (space_id, slug);
