CREATE TABLE feed (
    id        @text NOT NULL PRIMARY KEY,
    seq       BIGINT NOT NULL,
    revision  BIGINT NOT NULL,
    doc       @json NOT NULL,
    space_id  @text NOT NULL,
    name_fold @text NOT NULL,
    slug      @text NOT NULL,
    feed_type @text NOT NULL
);
CREATE UNIQUE INDEX feed_space_id_name_fold_key ON feed (space_id, name_fold);
CREATE UNIQUE INDEX feed_space_id_slug_key ON feed (space_id, slug);

-- The packages of the built-in feeds. The row decides which file a version is: blob_key is new for every upload.
CREATE TABLE package (
    space_id      @text   NOT NULL,
    seq           BIGINT  NOT NULL,
    package_id    @text   NOT NULL,
    -- Compared without regard to case.
    package_fold  @text   NOT NULL,
    version       @text   NOT NULL,
    -- Bytes that sort as versions do; equal for equal versions, such as 1.0 and 1.0.0.
    version_key   @bytes  NOT NULL,
    prerelease    @bool   NOT NULL,
    -- The folded "id.version", by which a document's ID finds it.
    name_fold     @text   NOT NULL,
    extension     @text   NOT NULL,
    blob_key      @text   NOT NULL,
    size          BIGINT  NOT NULL,
    sha1          @text   NOT NULL,
    sha256        @text   NOT NULL,
    title         @text   NOT NULL,
    summary       @text   NOT NULL,
    description   @text   NOT NULL,
    release_notes @text   NOT NULL,
    published     @time   NOT NULL,
    published_by  @text   NOT NULL,
    PRIMARY KEY (space_id, package_fold, version_key)
);
CREATE INDEX package_name_fold ON package (space_id, name_fold);
CREATE INDEX package_blob_key ON package (blob_key);
