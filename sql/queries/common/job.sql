-- When each job last ran and is due.

-- name: job_put
-- index: job primary key
INSERT INTO job(name, due_at, ran_at, done)
VALUES (:name, :due, :now, :done)
ON CONFLICT (name) DO UPDATE SET due_at = excluded.due_at,
    ran_at = excluded.ran_at, done = done + excluded.done;
