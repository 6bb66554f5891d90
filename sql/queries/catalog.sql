-- What the catalogs share.

-- Everybody who has saved a thing that is about to go.
-- name: catalog_gone
-- index: favorite_entity
INSERT INTO favorite_log(user_id, kind, entity_id, entity_uuid, action, at,
    request_id)
SELECT f.user_id, f.kind, f.entity_id, :uuid, 0, :now, :request
FROM favorite AS f
WHERE f.kind = :kind AND f.entity_id = :id;

-- The same for all flyers of an account that is about to go; its own favorites
-- go without a word.
-- name: catalog_gone_with
-- index: flyer_publisher, favorite_entity
INSERT INTO favorite_log(user_id, kind, entity_id, action, at, request_id)
SELECT f.user_id, f.kind, f.entity_id, 0, :now, :request
FROM flyer AS x
CROSS JOIN favorite AS f ON f.kind = 2 AND f.entity_id = x.id
WHERE x.publisher_id = :id AND f.user_id <> :id;
