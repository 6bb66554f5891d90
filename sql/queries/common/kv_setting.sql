-- Persistent integers by name.

-- name: kv_setting_get
-- index: setting primary key
SELECT value FROM setting WHERE key = :key;

-- name: kv_setting_put
-- index: setting primary key
INSERT INTO setting(key, value) VALUES (:key, :value)
ON CONFLICT (key) DO UPDATE SET value = excluded.value;
