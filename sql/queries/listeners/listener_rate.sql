-- The rates of listeners for each kind of call.

-- name: listener_rate_get
-- index: listener primary key
SELECT iif(audio, rate_per_minute, NULL), rate_video FROM listener
WHERE user_id = :user;

-- name: listener_rate_set
-- index: listener primary key
UPDATE listener SET version = version + 1, audio = :audio IS NOT NULL,
    rate_video = :video, rate_per_minute = coalesce(:audio, :video)
WHERE user_id = :user;

-- The rates as JSON, for the audit. Null: not offered.
-- name: listener_rate_audit
-- index: listener primary key
SELECT json_object('audio', iif(audio, rate_per_minute, NULL),
    'video', rate_video)
FROM listener WHERE user_id = :user;

-- name: listener_rate_log
-- index: none: an insert
INSERT INTO listener_rate_change(user_id, at, registration, audio_before,
    video_before, audio, video)
VALUES (:user, :now, :registration, :audio_before, :video_before, :audio,
    :video);

-- The time of the change that allows a further one when it is a day old.
-- name: listener_rate_limit
-- index: listener_rate_change_user
SELECT at FROM listener_rate_change
WHERE user_id = :user AND registration = 0 AND at > :since
ORDER BY id DESC LIMIT 1 OFFSET :offset;

-- name: listener_rate_list
-- index: listener_rate_change_user
SELECT id, at, registration, audio_before, video_before, audio, video
FROM listener_rate_change
WHERE user_id = :user AND id < :before
ORDER BY id DESC LIMIT :limit OFFSET :offset;

-- name: listener_rate_count
-- index: listener_rate_change_user
SELECT count(*) FROM listener_rate_change WHERE user_id = :user;

-- Listeners above the maximum rate that were not notified of this maximum.
-- name: listener_rate_high
-- index: listener_rate_high
SELECT user_id FROM listener INDEXED BY listener_rate_high
WHERE max(rate_per_minute, ifnull(rate_video, 0)) > :max
    AND max_rate_notified IS NOT :max
LIMIT :limit;

-- name: listener_rate_notified
-- index: listener primary key
UPDATE listener SET max_rate_notified = :max WHERE user_id = :user;
