CREATE TABLE artifact (
    id         @text  NOT NULL PRIMARY KEY,
    seq        BIGINT NOT NULL,
    revision   BIGINT NOT NULL,
    doc        @json  NOT NULL,
    space_id   @text  NOT NULL,
    task_id    @text  NOT NULL,
    name_fold  @text  NOT NULL
);
CREATE INDEX artifact_space ON artifact (space_id, seq);
CREATE TABLE artifact_link (
    owner_id @text NOT NULL,
    kind     @text NOT NULL,
    value    @text NOT NULL,
    PRIMARY KEY (owner_id, kind, value)
);
CREATE INDEX artifact_link_value ON artifact_link (kind, value);

-- Files of artifacts. The current one is what the artifact holds; another is on its way in, or is to be deleted.
CREATE TABLE artifact_file (
    key         @text  NOT NULL PRIMARY KEY,
    artifact_id @text  NOT NULL,
    current     @bool  NOT NULL,
    size        BIGINT NOT NULL,
    -- Empty where it is not known.
    sha256      @text  NOT NULL,
    at          @time  NOT NULL
);
CREATE INDEX artifact_file_artifact ON artifact_file (artifact_id);
