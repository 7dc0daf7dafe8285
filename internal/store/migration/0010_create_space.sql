CREATE TABLE space (
    id         @text NOT NULL PRIMARY KEY,
    seq        BIGINT NOT NULL,
    revision   BIGINT NOT NULL,
    doc        @json NOT NULL,
    name       @text NOT NULL,
    name_fold  @text NOT NULL,
    slug       @text NOT NULL,
    is_default @bool NOT NULL,
    queue_stopped @bool NOT NULL
);
CREATE UNIQUE INDEX space_name_fold_key ON space (name_fold);
CREATE UNIQUE INDEX space_slug_key ON space (slug);
