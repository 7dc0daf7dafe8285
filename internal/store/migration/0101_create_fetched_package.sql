-- Packages that were fetched from feeds elsewhere, and are kept so that the next deployment need not fetch them again. The row decides which
-- file a version is: blob_key is new for every time that it is fetched. A row may go at any time; its package is then fetched again.
CREATE TABLE fetched_package (
    feed_id      @text  NOT NULL,
    -- Compared without regard to case.
    package_fold @text  NOT NULL,
    -- Bytes that sort as versions do; equal for equal versions, such as 1.0 and 1.0.0.
    version_key  @bytes NOT NULL,
    -- The feed's address when it was fetched: at another address it may be another package.
    feed_uri     @text  NOT NULL,
    package_id   @text  NOT NULL,
    version      @text  NOT NULL,
    blob_key     @text  NOT NULL,
    size         BIGINT NOT NULL,
    sha1         @text  NOT NULL,
    sha256       @text  NOT NULL,
    -- The task that fetched it: one that wants everything fetched anew takes what it has fetched itself.
    task_id      @text  NOT NULL,
    used_at      @time  NOT NULL,
    PRIMARY KEY (feed_id, package_fold, version_key)
);
CREATE INDEX fetched_package_blob_key ON fetched_package (blob_key);
CREATE INDEX fetched_package_used_at ON fetched_package (used_at);
