-- What imports need beside the nouns' own statements.

-- name: import_owner
-- index: user's unique username
SELECT id FROM user WHERE username = :username AND status = 1;

-- name: import_verify
-- index: listener primary key
UPDATE listener SET verification = 1, verified_at = :now,
    version = version + 1
WHERE user_id = :id;
