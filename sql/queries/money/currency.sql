-- The currency of the database.

-- name: currency_get
-- index: currency primary key
SELECT code FROM currency WHERE id = 1;

-- name: currency_set
-- index: currency primary key
INSERT INTO currency(id, code) VALUES (1, :code);
