-- One row for each start of a scheduled duty: the cluster starts it once.
CREATE TABLE duty_start (
    name @text  NOT NULL,
    due  @time  NOT NULL,
    node @text  NOT NULL,
    PRIMARY KEY (name, due)
);
CREATE INDEX duty_start_due ON duty_start (due);
