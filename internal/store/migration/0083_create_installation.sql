-- What all nodes of one installation share; see internal/cluster.
CREATE TABLE installation (
    id          @text NOT NULL PRIMARY KEY,
    uuid        @text NOT NULL,
    -- Tells whether a master key is the right one.
    key_check   @text NOT NULL,
    -- The server's identity towards agents (PKCS #8 and certificate in PEM), and the key of tickets; sealed.
    certificate @text NOT NULL,
    ticket_key  @text NOT NULL,
    created_at  @time NOT NULL
);

-- Data keys, wrapped by the master key; the last one seals.
CREATE TABLE data_key (
    seq     BIGINT NOT NULL PRIMARY KEY,
    wrapped @text  NOT NULL
);
