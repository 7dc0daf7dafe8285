-- What a user has chosen to see on the dashboard of a space.
CREATE TABLE dashboard_configuration (
    id       @text NOT NULL PRIMARY KEY,
    seq      BIGINT NOT NULL,
    revision BIGINT NOT NULL,
    doc      @json NOT NULL,
    space_id @text NOT NULL
);
