-- The authority that certifies nodes to each other; see internal/cluster/authority. One row.
CREATE TABLE cluster_authority (
    id          @text NOT NULL PRIMARY KEY,
    -- In PEM.
    certificate @text NOT NULL,
    -- PKCS #8, sealed.
    private_key @text NOT NULL,
    created_at  @time NOT NULL
);
