-- Public keys of OpenID providers.

-- name: oidc_key_find
-- index: oidc_provider primary key, oidc_key primary key
SELECT k.first, k.second FROM oidc_provider AS p
JOIN oidc_key AS k ON k.provider = p.name
WHERE p.name = :name AND p.url = :url AND k.kid = :kid AND k.type = :type;

-- name: oidc_key_provider
-- index: oidc_provider primary key
SELECT tried_at, fetched_at, fresh_until, wanted, error FROM oidc_provider
WHERE name = :name AND url = :url;

-- name: oidc_key_want
-- index: oidc_provider primary key
UPDATE oidc_provider SET wanted = 1 WHERE name = :name AND url = :url;

-- name: oidc_key_forget
-- index: oidc_provider primary key
DELETE FROM oidc_provider WHERE name = :name AND url <> :url;

-- name: oidc_key_begin
-- index: oidc_provider primary key
INSERT INTO oidc_provider(name, url, tried_at, fetched_at, fresh_until, wanted)
VALUES (:name, :url, :now, 0, 0, 0)
ON CONFLICT (name) DO UPDATE SET tried_at = :now, wanted = 0, error = NULL;

-- name: oidc_key_fetched
-- index: oidc_provider primary key
UPDATE oidc_provider SET fetched_at = :now, fresh_until = :until, error = NULL
WHERE name = :name AND url = :url;

-- name: oidc_key_failed
-- index: oidc_provider primary key
UPDATE oidc_provider SET error = :error WHERE name = :name AND url = :url;

-- name: oidc_key_drop
-- index: oidc_key primary key
DELETE FROM oidc_key WHERE provider = :name;

-- name: oidc_key_add
-- index: oidc_key primary key
INSERT INTO oidc_key(provider, kid, type, first, second)
VALUES (:name, :kid, :type, :first, :second);
