-- Releases, and the defects that block them. The version is compared without regard to case.
CREATE TABLE project_release (
    id           @text NOT NULL PRIMARY KEY,
    seq          BIGINT NOT NULL,
    revision     BIGINT NOT NULL,
    doc          @json NOT NULL,
    space_id     @text NOT NULL,
    project_id   @text NOT NULL,
    channel_id   @text NOT NULL,
    version_fold @text NOT NULL
);
CREATE UNIQUE INDEX project_release_project_id_version_fold_key ON project_release (project_id, version_fold);
CREATE INDEX project_release_space_id ON project_release (space_id);
CREATE INDEX project_release_project_id_seq ON project_release (project_id, seq);
CREATE INDEX project_release_channel_id ON project_release (channel_id, seq);
CREATE TABLE project_release_link (
    owner_id @text NOT NULL,
    kind     @text NOT NULL,
    value    @text NOT NULL,
    PRIMARY KEY (owner_id, kind, value)
);
CREATE INDEX project_release_link_value ON project_release_link (kind, value);

CREATE TABLE release_defect (
    id         @text NOT NULL PRIMARY KEY,
    seq        BIGINT NOT NULL,
    revision   BIGINT NOT NULL,
    doc        @json NOT NULL,
    space_id   @text NOT NULL,
    release_id @text NOT NULL,
    status     @text NOT NULL
);
CREATE INDEX release_defect_release_id ON release_defect (release_id, status);
