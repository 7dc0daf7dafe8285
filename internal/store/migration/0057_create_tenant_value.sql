-- The values that a tenant gives to variable templates; one document for each tenant that gives any.
CREATE TABLE tenant_value (
    id        @text NOT NULL PRIMARY KEY,
    seq       BIGINT NOT NULL,
    revision  BIGINT NOT NULL,
    doc       @json NOT NULL,
    space_id  @text NOT NULL,
    tenant_id @text NOT NULL
);
CREATE UNIQUE INDEX tenant_value_tenant_id_key ON tenant_value (tenant_id);
