-- Networks that accounts have signed in from.

-- name: network_known
-- index: sign_in_network primary key
SELECT 1 FROM sign_in_network
WHERE user_id = :user AND network = :network AND used_at >= :since;

-- name: network_used
-- index: sign_in_network primary key
INSERT INTO sign_in_network(user_id, network, used_at)
VALUES (:user, :network, :now)
ON CONFLICT (user_id, network) DO UPDATE SET used_at = excluded.used_at;
