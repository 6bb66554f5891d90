-- What the catalogs share.

-- Everybody who has saved a thing that is about to go.
-- name: catalog_gone
-- index: favorite_entity
INSERT INTO favorite_log(user_id, kind, entity_id, entity_uuid, action, at,
    request_id)
SELECT f.user_id, f.kind, f.entity_id, :uuid, 0, :now, :request
FROM favorite AS f
WHERE f.kind = :kind AND f.entity_id = :id;
