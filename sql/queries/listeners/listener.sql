-- Listeners, the cards of a page, and the listener's own entry.

-- When the hours of a listener begin next. The value is shown if the listener
-- is offline.
-- fragment: listener_next
    CASE WHEN p.has_hours = 1 THEN (SELECT hours_next(a.time_zone, a.weekly,
	a.exceptions, :now, a.limit_until)
	FROM listener_availability AS a
	WHERE a.user_id = p.user_id AND a.accepting = 1) END

-- The cards of a list of ids, in its order, listed or not.
-- name: listener_items
-- index: primary keys; favorite_pair
SELECT u.id, u.username, u.sex, u.bio, u.interests, u.image,
    u.preferred_language, u.country,
    l.rating_sum, l.rating_count, l.mean_call_ms,
    p.status, p.online_until, p.reachable_until, p.busy_since, p.last_seen,
-- use: listener_next
    , l.languages, l.rate_per_minute, l.sessions_count, l.rating_count,
    e.favorites_count,
    EXISTS (SELECT 1 FROM favorite AS f
	WHERE f.user_id = :viewer AND f.kind = 1 AND f.entity_id = u.id),
    p.listed, l.verification, l.reason, l.registered_at, u.status,
    iif(l.audio, l.rate_per_minute, NULL), l.rate_video,
    EXISTS (SELECT 1 FROM user_block_pair AS b
	WHERE b.user_id = :viewer AND b.other_id = u.id)
FROM json_each(:ids) AS j
CROSS JOIN user AS u ON u.id = j.value
CROSS JOIN listener AS l ON l.user_id = u.id
CROSS JOIN presence AS p ON p.user_id = u.id
CROSS JOIN favoritable AS e ON e.kind = 1 AND e.id = u.id;

-- name: listener_state
-- index: listener primary key
SELECT verification FROM listener WHERE user_id = :user;

-- A new listener, or a new registration after a rejection.
-- name: listener_put
-- index: listener primary key
INSERT INTO listener(user_id, verification, rate_per_minute, languages,
    registered_at)
VALUES (:user, 0, :rate, :languages, :now)
ON CONFLICT (user_id) DO UPDATE
SET verification = 0, reason = NULL, verified_at = NULL,
    rate_per_minute = excluded.rate_per_minute,
    languages = excluded.languages, registered_at = excluded.registered_at,
    version = version + 1;

-- Null does not change a column.
-- name: listener_change
-- index: listener primary key
UPDATE listener SET version = version + 1,
    languages = coalesce(:languages, languages)
WHERE user_id = :user;

-- name: listener_languages_drop
-- index: listener_language_user
DELETE FROM listener_language WHERE user_id = :user;

-- name: listener_languages_add
-- index: none: an insert
INSERT INTO listener_language(language, user_id)
SELECT j.value, :user FROM json_each(:languages) AS j
WHERE true
ON CONFLICT (language, user_id) DO NOTHING;

-- The listener's texts are columns of the user. The empty text deletes a value,
-- null does not change it. :roles are added.
-- name: listener_user
-- index: user primary key
UPDATE user SET roles = roles | :roles, version = version + 1,
    updated_at = :now,
    bio = CASE WHEN :bio IS NULL THEN bio ELSE nullif(:bio, '') END,
    interests = CASE WHEN :interests IS NULL THEN interests
	ELSE nullif(:interests, '') END
WHERE id = :user;
