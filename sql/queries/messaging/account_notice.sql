-- The login sessions of a user, those with the user agent of one of them, and
-- that user agent.
-- name: account_notice_sessions
-- index: device_session_user, device_session primary key
SELECT count(*), sum(d.user_agent IS n.user_agent), n.user_agent
FROM device_session AS n
CROSS JOIN device_session AS d INDEXED BY device_session_user
    ON d.user_id = n.user_id
WHERE n.id = :session AND n.user_id = :user;
