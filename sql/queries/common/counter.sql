-- name: counter_get
-- index: counter primary key
SELECT n FROM counter WHERE name = :name;
