-- The audit: what was done, by whom, to what. seq follows the order of commits.
CREATE TABLE event (
    id                 @text NOT NULL PRIMARY KEY,
    seq                BIGINT NOT NULL,
    space_id           @text NOT NULL,
    category           @text NOT NULL,
    document_id        @text NOT NULL,
    document_type      @text NOT NULL,
    user_id            @text NOT NULL,
    username           @text NOT NULL,
    is_service         @bool NOT NULL,
    established_with   @text NOT NULL,
    user_agent         @text NOT NULL,
    ip_address         @text NOT NULL,
    agent              @text NOT NULL,
    occurred           @time NOT NULL,
    message            @text NOT NULL,
    message_html       @text NOT NULL,
    message_references @json NOT NULL,
    comments           @text NOT NULL,
    details            @text NOT NULL,
    document_before    @json,
    document_after     @json
);
CREATE UNIQUE INDEX event_seq_key ON event (seq);
CREATE INDEX event_space_id_seq ON event (space_id, seq);
CREATE INDEX event_occurred ON event (occurred);
CREATE INDEX event_user_id_seq ON event (user_id, seq);
CREATE TABLE event_link (
    owner_id @text NOT NULL,
    kind     @text NOT NULL,
    value    @text NOT NULL,
    PRIMARY KEY (owner_id, kind, value)
);
CREATE INDEX event_link_value ON event_link (kind, value);
