-- Which machines and workers a task works on.
CREATE TABLE task_machine (
    task_id    @text NOT NULL,
    machine_id @text NOT NULL,
    PRIMARY KEY (task_id, machine_id)
);
CREATE INDEX task_machine_machine ON task_machine (machine_id);
