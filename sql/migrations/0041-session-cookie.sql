-- Adds login sessions of browsers, which send a cookie instead of tokens.
--
-- device_session.cookie: the SHA-256 of the cookie; null for sessions with
-- tokens.
-- device_session.staff: 1 if the cookie is one of /console/, else 0.

ALTER TABLE device_session ADD COLUMN cookie BLOB CHECK (length(cookie) = 32);
ALTER TABLE device_session ADD COLUMN staff INTEGER NOT NULL DEFAULT 0
CHECK (staff IN (0, 1));
CREATE UNIQUE INDEX device_session_cookie ON device_session(cookie)
WHERE cookie IS NOT NULL;
