-- What was answered to a POST with an Idempotency-Key, written in the transaction of the change itself.
CREATE TABLE idempotency (
    user_id @text NOT NULL,
    idem_key @text NOT NULL,
    request @text NOT NULL,
    status  BIGINT NOT NULL,
    answer  @text NOT NULL,
    at      @time NOT NULL,
    PRIMARY KEY (user_id, idem_key)
);
CREATE INDEX idempotency_at ON idempotency (at);
