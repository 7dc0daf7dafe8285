CREATE TABLE app_user (
    id            @text NOT NULL PRIMARY KEY,
    seq           BIGINT NOT NULL,
    revision      BIGINT NOT NULL,
    doc           @json NOT NULL,
    username_fold @text NOT NULL,
    search_fold   @text NOT NULL,
    email_fold    @text NOT NULL,
    is_active     @bool NOT NULL,
    is_service    @bool NOT NULL
);
CREATE UNIQUE INDEX app_user_username_fold_key ON app_user (username_fold);
CREATE INDEX app_user_email_fold ON app_user (email_fold);

-- Hashes of passwords, apart from the users' documents.
CREATE TABLE user_password (
    user_id @text NOT NULL PRIMARY KEY,
    hash    @text NOT NULL,
    changed @time NOT NULL
);

CREATE TABLE team (
    id        @text NOT NULL PRIMARY KEY,
    seq       BIGINT NOT NULL,
    revision  BIGINT NOT NULL,
    doc       @json NOT NULL,
    name      @text NOT NULL,
    name_fold @text NOT NULL,
    slug      @text NOT NULL,
    space_id  @text NOT NULL
);
CREATE UNIQUE INDEX team_space_id_name_fold_key ON team (space_id, name_fold);
CREATE TABLE team_link (
    owner_id @text NOT NULL,
    kind     @text NOT NULL,
    value    @text NOT NULL,
    PRIMARY KEY (owner_id, kind, value)
);
CREATE INDEX team_link_value ON team_link (kind, value);

CREATE TABLE user_role (
    id        @text NOT NULL PRIMARY KEY,
    seq       BIGINT NOT NULL,
    revision  BIGINT NOT NULL,
    doc       @json NOT NULL,
    name      @text NOT NULL,
    name_fold @text NOT NULL
);
CREATE UNIQUE INDEX user_role_name_fold_key ON user_role (name_fold);

CREATE TABLE scoped_user_role (
    id           @text NOT NULL PRIMARY KEY,
    seq          BIGINT NOT NULL,
    revision     BIGINT NOT NULL,
    doc          @json NOT NULL,
    team_id      @text NOT NULL,
    user_role_id @text NOT NULL,
    space_id     @text NOT NULL
);
CREATE INDEX scoped_user_role_team_id ON scoped_user_role (team_id);

-- Counters that move when permissions change: one row for each user, and "*" for all.
CREATE TABLE access_version (
    id      @text NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL
);
INSERT INTO access_version (id, version) VALUES ('*', 1);

CREATE TABLE api_key (
    id        @text NOT NULL PRIMARY KEY,
    user_id   @text NOT NULL,
    key_hash  @text NOT NULL,
    hint      @text NOT NULL,
    purpose   @text NOT NULL,
    created   @time NOT NULL,
    expires   @time,
    last_used @time
);
CREATE UNIQUE INDEX api_key_key_hash_key ON api_key (key_hash);
CREATE INDEX api_key_user_id ON api_key (user_id);

CREATE TABLE session (
    token_hash @text NOT NULL PRIMARY KEY,
    csrf_hash  @text NOT NULL,
    user_id    @text NOT NULL,
    remember   @bool NOT NULL,
    created    @time NOT NULL,
    last_seen  @time NOT NULL,
    expires    @time NOT NULL,
    ip_address @text NOT NULL,
    user_agent @text NOT NULL
);
CREATE INDEX session_user_id ON session (user_id);
CREATE INDEX session_expires ON session (expires);

-- Failed sign-ins of one user name or one address, counted over a window.
CREATE TABLE sign_in_failure (
    id           @text NOT NULL PRIMARY KEY,
    failures     BIGINT NOT NULL,
    window_start @time NOT NULL,
    locked_until @time
);
