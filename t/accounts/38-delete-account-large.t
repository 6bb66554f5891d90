#!/bin/sh
test_description='accounts: large deletions are invisible at once and deleted in batches'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"

em_conf limits.write_rate=0
em_start

# rows ID: prints how many rows of each kind an account owns.
rows() {
	em_sql "SELECT 'favorite', count(*) FROM favorite WHERE user_id = $1
	    UNION ALL SELECT 'log', count(*) FROM favorite_log WHERE user_id = $1
	    UNION ALL SELECT 'flyer', count(*) FROM flyer WHERE publisher_id = $1
	    UNION ALL SELECT 'style', count(*) FROM style WHERE owner_id = $1
	    UNION ALL SELECT 'creative', count(*) FROM creative WHERE owner_id = $1
	    UNION ALL SELECT 'document', count(*) FROM document WHERE owner_id = $1
	    UNION ALL SELECT 'device', count(*) FROM device_session WHERE user_id = $1
	    UNION ALL SELECT 'notification', count(*) FROM notification
		WHERE user_id = $1
	    UNION ALL SELECT 'event', count(*) FROM event WHERE user_id = $1
	    UNION ALL SELECT 'ticket', count(*) FROM ticket WHERE user_id = $1
	    UNION ALL SELECT 'outbox', count(*) FROM outbox WHERE user_id = $1
	    UNION ALL SELECT 'key', count(*) FROM idempotency WHERE user_id = $1"
}

# counters: prints every stored counter that differs from its rows.
counters() {
	em_sql "SELECT kind, id, favorites_count FROM favoritable WHERE favorites_count
	    <> (SELECT count(*) FROM favorite AS f WHERE f.kind = favoritable.kind AND
	    f.entity_id = favoritable.id)
	    UNION ALL SELECT user_id, kind, n FROM favorite_total AS t WHERE n <>
	    (SELECT count(*) FROM favorite AS f WHERE f.user_id = t.user_id AND
	    f.kind = t.kind)
	    UNION ALL SELECT name, n, 0 FROM counter WHERE
	    (name = 'flyer' AND n <> (SELECT count(*) FROM flyer)) OR
	    (name = 'style' AND n <> (SELECT count(*) FROM style)) OR
	    (name = 'creative:published' AND n <> (SELECT count(*) FROM creative
		WHERE is_published = 1)) OR
	    (name = 'document:public' AND n <> (SELECT count(*) FROM document
		WHERE is_public = 1))
	    UNION ALL SELECT user_id, n_rows, n_bytes FROM quota_usage
	    WHERE n_rows <> (SELECT count(*) FROM flyer WHERE publisher_id = user_id)
	    + (SELECT count(*) FROM style WHERE owner_id = user_id)
	    + (SELECT count(*) FROM creative WHERE owner_id = user_id)
	    + (SELECT count(*) FROM document WHERE owner_id = user_id)" >wrong &&
	test_must_be_empty wrong &&
	test "$(em_sql "PRAGMA integrity_check")" = ok &&
	test -z "$(em_sql "PRAGMA foreign_key_check")" &&
	em_sql "INSERT INTO flyer_text(flyer_text, rank)
	    VALUES ('integrity-check', 1)"
}
test_must_be_empty() {
	test ! -s "$1" || { note "$(cat "$1")"; return 1; }
}

# dashed HEX: prints a UUID in the form with hyphens.
dashed() {
	echo "$1" | sed -E 's/(.{8})(.{4})(.{4})(.{4})/\1-\2-\3-\4-/'
}

# of N SQL: prints SQL that runs for each n from 1 to N.
of() {
	echo "UPDATE user SET id = id WHERE id < 0;
	    WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c
	    WHERE n < $1) $2;"
}

fill() {
	em_sql "$(of 60 "INSERT INTO flyer(publisher_id, title, category,
	    lat, lng, created_at, updated_at) SELECT $1, 'gone ' || n, 'walks',
	    47000000, 19000000, n, n FROM c")
	$(of 70 "INSERT INTO style(uuid, owner_id, name, created_at, updated_at)
	    SELECT randomblob(16), $1, 'gone', n, n FROM c")
	$(of 70 "INSERT INTO creative(uuid, owner_id, collection_id, is_published,
	    created_at, updated_at) SELECT randomblob(16), $1,
	    x'5b7a8702b2c54de493c9000000000000', n % 2, n, n FROM c")
	$(of 70 "INSERT INTO document(uuid, owner_id, title, content, is_public,
	    created_at, updated_at) SELECT randomblob(16), $1, 'gone',
	    printf('%.*c', 40000, 'x'), n % 2, n, n FROM c")
	$(of 200 "INSERT INTO favorite_log(user_id, kind, entity_id, action, at,
	    request_id) SELECT $1, 2, n, 1, n, 'r' FROM c")
	$(of 90 "INSERT INTO device_session(user_id, created_at, used_at)
	    SELECT $1, n, 4000000000000 FROM c")
	$(of 900 "INSERT INTO refresh_token(hash, session_id, expires_at)
	    SELECT randomblob(32), (SELECT max(id) FROM device_session) - n % 90,
	    4000000000000 FROM c")
	$(of 120 "INSERT INTO notification(user_id, kind, title, body, created_at)
	    SELECT $1, 4, 't', 'b', 4000000000000 FROM c")
	$(of 30 "INSERT INTO ticket(user_id, subject, body, category, created_at,
	    updated_at) SELECT $1, 's', 'b', 1, n, n FROM c")
	$(of 90 "INSERT INTO ticket_reply(ticket_id, author_id, kind, body,
	    created_at) SELECT (SELECT max(id) FROM ticket) - n % 30, $1, 1, 'b', n
	    FROM c")
	$(of 90 "INSERT INTO idempotency(user_id, key, request, rc, created_at)
	    SELECT $1, n, randomblob(32), 0, 4000000000000 FROM c")
	INSERT INTO favorite(user_id, kind, entity_id, created_at, updated_at)
	    SELECT $1, 2, id, 1, 1 FROM flyer"
}

test_expect_success 'setup: an account with many rows of each kind, and a user who saved some' '
	em_user ana && em_user ben && em_user root admin &&
	api POST /api/flyers/ -t "$TOKEN_ben" "{\"title\":\"kept gone\",
	    \"category\":\"walks\",\"latitude\":47,\"longitude\":19}" &&
	expect 201 && kept=$(json .id) &&
	fill "$ID_ana" && flyer=$((kept + 1)) &&
	style=$(em_sql "SELECT lower(hex(uuid)) FROM style LIMIT 1") &&
	creative=$(em_sql "SELECT lower(hex(uuid)) FROM creative
	    WHERE is_published = 1 LIMIT 1") &&
	document=$(em_sql "SELECT lower(hex(uuid)) FROM document
	    WHERE is_public = 1 LIMIT 1") &&
	api POST "/api/flyers/$flyer/favorite/" -t "$TOKEN_ben" && expect 201 &&
	api POST /api/user-favorites -t "$TOKEN_ben" "{\"entity_id\":
	    \"$(dashed $document)\",\"entity_type\":\"document\"}" && expect 201 &&
	counters
'

# seen 1|0: succeeds if a reader sees all data of ana, or none.
seen() {
	api GET "/api/flyers/?limit=100" -t "$TOKEN_ben" && expect 200 &&
	check_json ".count == $((1 + $1 * 60 )) and
	    (.results | length) == $((1 + $1 * 60))" &&
	api GET "/api/flyers/?q=gone" && check_json ".count == $((1 + $1 * 60))" &&
	api GET "/api/flyers/?category=walks" &&
	check_json ".count == $((1 + $1 * 60))" &&
	api GET "/api/flyers/?q=gone&category=walks" &&
	check_json ".count == $((1 + $1 * 60))" &&
	api GET "/api/flyers/?near=47,19" &&
	check_json ".count == $((1 + $1 * 60))" &&
	api GET /api/styles -t "$TOKEN_ben" && check_json ".total_count ==
	    $(($1 * 70))" &&
	api GET /api/creatives -t "$TOKEN_ben" && check_json ".total_count ==
	    $(($1 * 35)) and (.items | length) == $(($1 * 10))" &&
	api GET "/api/creatives?collection_id=5b7a8702-b2c5-4de4-93c9-000000000000" \
	    -t "$TOKEN_ben" && check_json ".total_count == $(($1 * 35))" &&
	api GET /api/documents -t "$TOKEN_ben" && check_json ".total_count ==
	    $(($1 * 35)) and (.items | length) == $(($1 * 10))" &&
	for path in flyers/$flyer styles/$(dashed $style) \
	    creatives/$(dashed $creative) documents/$(dashed $document); do
		api GET "/api/$path" -t "$TOKEN_ben" &&
		expect $((404 - $1 * 204)) || return 1
	done &&
	api GET /api/users/me/favorites/ -t "$TOKEN_ben" &&
	check_json "length == $1" && flyers_tag=$(header ETag) &&
	api GET /api/user-favorites -t "$TOKEN_ben" &&
	check_json "(.items[0].entity_data != null) == ($1 == 1)" &&
	studio_tag=$(header ETag)
}

test_expect_success 'readers see the data before the deletion' 'seen 1'

test_expect_success 'the request deletes one batch, and readers see no data' '
	em_stop_jobs && was_flyers=$flyers_tag was_studio=$studio_tag &&
	api DELETE /user/profile -t "$TOKEN_ana" && expect 204 &&
	rows "$ID_ana" >left && note "$(tr "\n" " " <left)" &&
	grep "^document|70" left && grep "^favorite|11$" left &&
	test "$(em_sql "SELECT count(*) FROM account_removal")" = 1 &&
	seen 0 &&
	api GET /api/user-favorites -t "$TOKEN_ben" \
	    -H "If-None-Match: $was_studio" && expect 200 &&
	api GET /api/users/me/favorites/ -t "$TOKEN_ben" \
	    -H "If-None-Match: $was_flyers" && expect 200 &&
	api POST "/api/user-favorites/toggle" -t "$TOKEN_root" "{\"entity_id\":
	    \"$(dashed $document)\",\"entity_type\":\"document\"}" && expect 404 &&
	for token in "$TOKEN_root" "$TOKEN_ben"; do
		api POST "/api/flyers/$flyer/favorite/" -t "$token" &&
		expect 404 || return 1
	done &&
	api GET /user/profile -t "$TOKEN_ana" && expect 401
'

# Each batch is a transaction that adds its number of rows to the job.
test_expect_success 'a job that is killed continues until all rows are deleted' '
	em_sql "CREATE TABLE batch (n INTEGER);
	    INSERT OR IGNORE INTO job(name, due_at) VALUES ('\''removal'\'', 0);
	    CREATE TRIGGER batch AFTER UPDATE ON job WHEN NEW.name = '\''removal'\''
	    BEGIN INSERT INTO batch VALUES (NEW.done - OLD.done); END" &&
	for n in $(seq 6); do
		timeout -s KILL 0.0$n "$EM_BUILD/earmark-jobs" \
		    -c "$EM_STATE/earmark.conf" --once >/dev/null 2>&1
		seen 0 || return 1
	done &&
	em_jobs >out && em_jobs >out && grep "^removal 0$" out &&
	rows "$ID_ana" >left && ! grep -v "|0$" left &&
	test "$(em_sql "SELECT count(*) FROM account_removal")" = 0 &&
	test "$(em_sql "SELECT count(*) FROM entity_removal")" = 0 &&
	note "$(em_sql "SELECT max(n), count(*) FROM batch")" &&
	seen 0 && counters &&
	test "$(em_sql "SELECT max(n) <= 50 AND count(*) > 20 FROM batch")" = 1 &&
	test "$(em_sql "SELECT count(*) FROM favorite_log WHERE user_id = $ID_ben
	    AND kind = 2 AND entity_id = $flyer AND action = 0")" = 1
'

test_expect_success 'setup: a flyer and a destination that 300 accounts have saved' '
	em_sql "$(of 300 "INSERT INTO user(uuid, status, username, referral_code,
	    created_at, updated_at) SELECT randomblob(16), 1, '\''u'\'' || n,
	    '\''r'\'' || n, 1, 1 FROM c")" &&
	api POST /api/v1/destinations -t "$TOKEN_root" "{\"name\":\"n\"}" &&
	expect 201 && place=$(json .id) &&
	em_sql "INSERT INTO favorite(user_id, kind, entity_id, created_at,
	    updated_at) SELECT id, 2, $kept, 1, 1 FROM user WHERE username
	    GLOB '\''u[0-9]*'\'' OR username = '\''ben'\'';
	    INSERT INTO favorite(user_id, kind, entity_id, created_at, updated_at,
	    uuid) SELECT id, 3, (SELECT id FROM destination), 1, 1, randomblob(16)
	    FROM user WHERE username GLOB '\''u[0-9]*'\'' OR username = '\''ben'\''" &&
	api GET "/api/flyers/$kept/" && check_json ".favorites_count == 301" &&
	api GET /api/v1/users/me/favorites -t "$TOKEN_ben" &&
	check_json ".pagination.total == 1" && places_tag=$(header ETag) &&
	api GET /api/users/me/favorites/ -t "$TOKEN_ben" &&
	flyers_tag=$(header ETag)
'

test_expect_success 'a deleted flyer is in no list of favorites at once' '
	api DELETE "/api/flyers/$kept/" -t "$TOKEN_root" && expect 204 &&
	api DELETE "/api/v1/destinations/$place" -t "$TOKEN_root" && expect 204 &&
	test "$(em_sql "SELECT count(*) FROM favorite WHERE kind < 4")" = 602 &&
	api GET "/api/flyers/$kept/" && expect 404 &&
	api GET /api/users/me/favorites/ -t "$TOKEN_ben" \
	    -H "If-None-Match: $flyers_tag" && expect 200 &&
	check_json ". == []" &&
	api GET "/api/users/me/favorites/?limit=5" -t "$TOKEN_ben" &&
	check_json ".count == 0" &&
	api GET /api/v1/users/me/favorites -t "$TOKEN_ben" \
	    -H "If-None-Match: $places_tag" && expect 200 &&
	check_json ".pagination.total == 0 and .items == []" &&
	places_tag=$(header ETag) &&
	api GET "/api/flyers/$kept/favorite/" -t "$TOKEN_ben" && expect 200 &&
	check_json ".is_favorited == false" &&
	api POST "/api/flyers/$kept/favorite/" -t "$TOKEN_root" && expect 404 &&
	api POST "/api/flyers/$kept/favorite/" -t "$TOKEN_ben" && expect 404 &&
	api DELETE "/api/flyers/$kept/favorite/" -t "$TOKEN_ben" && expect 404 &&
	api POST /api/v1/users/me/favorites -t "$TOKEN_root" \
	    "{\"destination_id\":\"$place\"}" && expect 404 &&
	api DELETE "/api/v1/users/me/favorites/$place" -t "$TOKEN_ben" &&
	expect 404 not_saved &&
	api GET "/api/v1/destinations/$place/favorites/count" && expect 404 &&
	api POST /api/v1/me/favorites/contains -t "$TOKEN_ben" "{\"items\":[
	    {\"kind\":\"flyer\",\"id\":$kept},
	    {\"kind\":\"destination\",\"id\":\"$place\"}]}" &&
	check_json ".contains == [false, false]" &&
	api GET /api/v1/me/changes -t "$TOKEN_ben" && expect 200
'

test_expect_success 'jobs log the removal for each user and delete all favorites' '
	timeout -s KILL 0.04 "$EM_BUILD/earmark-jobs" \
	    -c "$EM_STATE/earmark.conf" --once >/dev/null 2>&1
	em_jobs >out && grep "^removal " out &&
	test "$(em_sql "SELECT count(*) FROM favorite WHERE kind < 4")" = 0 &&
	test "$(em_sql "SELECT count(*) FROM favoritable WHERE kind IN (2, 3)")" = 0 &&
	test "$(em_sql "SELECT max(n) FROM batch")" = 50 &&
	test "$(em_sql "SELECT count(DISTINCT user_id) FROM favorite_log WHERE
	    kind = 2 AND entity_id = $kept AND action = 0")" = 301 &&
	test "$(em_sql "SELECT count(*) FROM favorite_log WHERE kind = 3
	    AND action = 0 AND hex(entity_uuid) = upper(replace('\''$place'\'',
	    '\''-'\'', '\'''\''))")" = 301 &&
	api GET /api/v1/users/me/favorites -t "$TOKEN_ben" \
	    -H "If-None-Match: $places_tag" && expect 304 && counters
'

test_done
