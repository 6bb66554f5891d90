-- name: counter_get
-- index: tally primary key
SELECT n FROM tally WHERE name = :name;
