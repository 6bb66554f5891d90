-- Statements of /health and /metrics.

-- name: health_ping
-- index: counter primary key
SELECT 1 FROM counter WHERE name = 'listed';

-- name: health_jobs
-- index: none: a row a job
-- allow: scan
SELECT name, ran_at FROM job WHERE ran_at IS NOT NULL;
