#!/bin/sh
test_description='quotas: rows, bytes and favorites of an account'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"

em_conf limits.rows=4
em_conf limits.bytes=1000000
em_conf limits.favorites=3
em_conf limits.write_rate=0
em_start

# usage NAME: prints the stored counters, "rows|bytes".
usage() {
	eval "usage_id=\$ID_$1"
	em_sql "SELECT n_rows, n_bytes FROM quota_usage WHERE user_id = $usage_id"
}

# counted: succeeds if the counters equal the sums over the tables.
counted() {
	em_sql "SELECT user_id, n_rows, n_bytes FROM quota_usage
	    WHERE n_rows > 0 ORDER BY user_id" >counters &&
	em_sql "SELECT o, count(*), sum(b) FROM (
	    SELECT publisher_id AS o, content_bytes AS b FROM flyer
	    UNION ALL SELECT owner_id, content_bytes FROM style
	    UNION ALL SELECT owner_id, content_bytes FROM creative
	    UNION ALL SELECT owner_id, content_bytes FROM document)
	    GROUP BY o ORDER BY o" >sums && test_cmp sums counters &&
	[ "$(em_sql "SELECT count(*) FROM quota_usage
	    WHERE n_rows = 0 AND n_bytes <> 0")" = 0 ]
}

# exceeded LIMIT USED: expects 409 quota_exceeded with these numbers.
exceeded() {
	expect 409 quota_exceeded &&
	check_json ".limit == $1 and .used == $2"
}

# text N: prints N letters.
text() {
	head -c "$1" /dev/zero | tr '\0' x
}

test_expect_success 'setup: accounts' '
	em_user ana && em_user ben && em_user root admin
'

test_expect_success 'each item counts as a row and the bytes of its texts' '
	api POST /api/flyers/ -t "$TOKEN_ana" "{\"title\":\"é\",
	    \"description\":\"four\",\"category\":\"c\",\"address\":\"ad\"}" &&
	expect 201 && flyer=$(json .id) && [ "$(usage ana)" = "1|9" ] &&
	api POST /api/styles -t "$TOKEN_ana" "{\"name\":\"s\",
	    \"html_url\":\"http://a/\"}" &&
	expect 201 && style=$(json .id) && [ "$(usage ana)" = "2|19" ] &&
	api POST /api/creatives -t "$TOKEN_ana" "{\"bundle_id\":\"b\",
	    \"asset_ids\":[\"x\",\"y\"]}" &&
	expect 201 && [ "$(usage ana)" = "3|23" ] &&
	api POST /api/documents -t "$TOKEN_ana" "{\"title\":\"d\",
	    \"content\":\"12345\",\"status\":\"draft\"}" &&
	expect 201 && document=$(json .id) && [ "$(usage ana)" = "4|34" ] &&
	counted
'

test_expect_success 'an item above limits.rows returns 409 with limit and used' '
	api POST /api/flyers/ -t "$TOKEN_ana" "{\"title\":\"t\"}" &&
	exceeded 4 4 && check_json ".detail == .message" &&
	api POST /api/styles -t "$TOKEN_ana" "{\"name\":\"s\"}" &&
	exceeded 4 4 && check_json "has(\"detail\") | not" &&
	api POST /api/creatives -t "$TOKEN_ana" "{}" && exceeded 4 4 &&
	api POST /api/documents -t "$TOKEN_ana" "{\"title\":\"d\"}" &&
	exceeded 4 4 &&
	api POST /api/documents -t "$TOKEN_ana" \
	    -H "Accept: application/problem+json" "{\"title\":\"d\"}" &&
	check_json ".code == \"quota_exceeded\" and .limit == 4" &&
	[ "$(usage ana)" = "4|34" ] && counted
'

test_expect_success 'quotas are per account, and a deletion frees a row' '
	api POST /api/flyers/ -t "$TOKEN_ben" "{\"title\":\"t\"}" && expect 201 &&
	api DELETE "/api/styles/$style" -t "$TOKEN_ana" && expect 204 &&
	[ "$(usage ana)" = "3|24" ] &&
	api POST /api/styles -t "$TOKEN_ana" "{\"name\":\"s\"}" && expect 201 &&
	counted
'

test_expect_success 'a change adjusts the bytes in both directions' '
	api PATCH "/api/documents/$document" -t "$TOKEN_ana" \
	    "{\"content\":\"1234567\"}" && expect 200 &&
	[ "$(usage ana)" = "4|27" ] &&
	api PATCH "/api/flyers/$flyer" -t "$TOKEN_ana" \
	    "{\"description\":\"\"}" && expect 200 &&
	[ "$(usage ana)" = "4|23" ] && counted
'

test_expect_success 'a change above limits.bytes returns 409 and changes nothing' '
	em_sql "UPDATE quota_usage SET n_bytes = 999990 WHERE user_id = $ID_ana" &&
	api PATCH "/api/documents/$document" -t "$TOKEN_ana" \
	    "{\"content\":\"$(text 17)\"}" && expect 200 &&
	[ "$(usage ana)" = "4|1000000" ] &&
	api PATCH "/api/documents/$document" -t "$TOKEN_ana" \
	    "{\"content\":\"$(text 18)\"}" && exceeded 1000000 1000000 &&
	api PATCH "/api/flyers/$flyer" -t "$TOKEN_ana" \
	    "{\"address\":\"add\"}" && exceeded 1000000 1000000 &&
	[ "$(usage ana)" = "4|1000000" ] &&
	api GET "/api/documents/$document" -t "$TOKEN_ana" &&
	check_json ".content | length == 17"
'

test_expect_success 'a change by an administrator cannot exceed the quota of the publisher' '
	api PATCH "/api/flyers/$flyer" -t "$TOKEN_root" \
	    "{\"address\":\"add\"}" && exceeded 1000000 1000000
'

test_expect_success 'an account above a lowered limit can shrink items but not grow them' '
	em_sql "UPDATE quota_usage SET n_bytes = 2000000, n_rows = 9
	    WHERE user_id = $ID_ana" &&
	api PATCH "/api/flyers/$flyer" -t "$TOKEN_ana" \
	    "{\"title\":\"é\",\"address\":\"\"}" && expect 200 &&
	api PATCH "/api/documents/$document" -t "$TOKEN_ana" \
	    "{\"content\":\"1\",\"is_public\":true}" && expect 200 &&
	api PATCH "/api/documents/$document" -t "$TOKEN_ana" \
	    "{\"content\":\"12\"}" && expect 409 quota_exceeded &&
	em_sql "UPDATE quota_usage SET
	    n_rows = (SELECT count(*) FROM (SELECT owner_id FROM document
		UNION ALL SELECT owner_id FROM style
		UNION ALL SELECT owner_id FROM creative
		UNION ALL SELECT publisher_id FROM flyer) WHERE owner_id = user_id),
	    n_bytes = (SELECT sum(b) FROM (
		SELECT owner_id, content_bytes AS b FROM document
		UNION ALL SELECT owner_id, content_bytes FROM style
		UNION ALL SELECT owner_id, content_bytes FROM creative
		UNION ALL SELECT publisher_id, content_bytes FROM flyer)
		WHERE owner_id = user_id)" && counted
'

# at_once N PATH TOKEN BODY: prints the statuses of N simultaneous requests.
at_once() {
	seq "$1" | xargs -P "$1" -I @@ curl -s -o /dev/null \
	    -w "%{http_code}\n" -X POST -H "Authorization: Bearer $3" \
	    -H "Content-Type: application/json" -d "$4" "$URL$2" |
	    sort | uniq -c | tr -s " "
}

test_expect_success 'of 50 simultaneous writes, as many succeed as the quota allows' '
	em_user cat &&
	at_once 50 /api/documents "$TOKEN_cat" "{\"title\":\"t\"}" >out &&
	printf " 4 201\n 46 409\n" >want && test_cmp want out &&
	[ "$(usage cat)" = "4|24" ] && counted
'

test_expect_success 'favorites of all kinds share one limit' '
	api POST /api/flyers/ -t "$TOKEN_ben" "{\"title\":\"two\"}" && expect 201 &&
	api POST /api/v1/destinations -t "$TOKEN_root" "{\"name\":\"n\"}" &&
	expect 201 && place=$(json .id) &&
	em_user eve listener &&
	api POST /listeners/register -t "$TOKEN_eve" "{\"bio\":\"b\",
	    \"languages\":[\"hi\"],\"interests\":[],\"rate_per_minute\":100}" &&
	em_sql "UPDATE listener SET verification = 1" &&
	api POST "/api/flyers/$flyer/favorite/" -t "$TOKEN_ben" && expect 201 &&
	api POST /api/v1/users/me/favorites -t "$TOKEN_ben" \
	    "{\"destination_id\":\"$place\"}" && expect 201 &&
	api POST /api/user-favorites/toggle -t "$TOKEN_ben" \
	    "{\"entity_id\":\"$document\",\"entity_type\":\"document\"}" &&
	expect 200 &&
	api POST /customer/favorites -t "$TOKEN_ben" \
	    "{\"listener_id\":$ID_eve}" && exceeded 3 3 &&
	api POST "/api/flyers/$((flyer + 1))/favorite/" -t "$TOKEN_ben" &&
	exceeded 3 3 && check_json ".detail == .message" &&
	api POST /api/v1/users/me/favorites -t "$TOKEN_root" \
	    "{\"destination_id\":\"$place\"}" && expect 201 &&
	[ "$(em_sql "SELECT count(*) FROM favorite_log
	    WHERE user_id = $ID_ben")" = 3 ]
'

test_expect_success 'saving an existing favorite does not count' '
	api POST "/api/flyers/$flyer/favorite/" -t "$TOKEN_ben" && expect 200 &&
	api POST /api/v1/users/me/favorites -t "$TOKEN_ben" \
	    "{\"destination_id\":\"$place\"}" && expect 409 already_saved &&
	api DELETE "/api/flyers/$flyer/favorite/" -t "$TOKEN_ben" && expect 204 &&
	api POST /customer/favorites -t "$TOKEN_ben" \
	    "{\"listener_id\":$ID_eve}" && expect 200
'

# of N SQL: runs SQL with a table c(n) that contains 1 to N.
of() {
	em_sql "UPDATE user SET id = id WHERE id < 0;
	    WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c
	    WHERE n < $1) $2"
}

test_expect_success 'the newest 10,000 responses for idempotency keys are kept' '
	of 10000 "INSERT INTO idempotency(user_id, key, request, rc, body,
	    created_at) SELECT $ID_ben, n, randomblob(32), 0, x'\''00'\'',
	    1000 * unixepoch() - 20000 + n FROM c" &&
	toggled() {
		api POST /api/user-favorites/toggle -t "$TOKEN_ben" \
		    -H "Idempotency-Key: $1" "{\"entity_id\":\"$document\",
		    \"entity_type\":\"document\"}" && expect 200
	} &&
	toggled newest && toggled newest &&
	test "$(header Idempotent-Replayed)" = true &&
	test "$(em_sql "SELECT n_keys, count(*), min(CAST(key AS INTEGER) +
	    20000 * (key = '\''newest'\'')) FROM quota_usage JOIN idempotency USING
	    (user_id) WHERE user_id = $ID_ben")" = "9991|9991|11"
'

test_expect_success 'responses for idempotency keys use at most 16 MiB' '
	em_sql "UPDATE idempotency SET body = zeroblob(40000) WHERE
	    user_id = $ID_ben AND CAST(key AS INTEGER) BETWEEN 11 AND 500" &&
	toggled large &&
	test "$(em_sql "SELECT key_bytes = (SELECT sum(length(body))
	    FROM idempotency WHERE user_id = $ID_ben) AND
	    key_bytes BETWEEN 16000000 AND 16777216
	    FROM quota_usage WHERE user_id = $ID_ben")" = 1
'

test_expect_success 'the newest 200,000 rows of the log of favorites are kept' '
	api GET /api/v1/me/changes -t "$TOKEN_ben" && since=$(json .cursor) &&
	of 200000 "INSERT INTO favorite_log(user_id, kind, entity_id, action, at,
	    request_id) SELECT $ID_ben, 2, 1, n % 2, 1, '\''r'\'' FROM c" &&
	api DELETE /customer/favorites -t "$TOKEN_ben" \
	    "{\"listener_id\":$ID_eve}" && expect 200 &&
	test "$(em_sql "SELECT count(*) BETWEEN 200000 AND 200001 FROM favorite_log
	    WHERE user_id = $ID_ben")" = 1 &&
	test "$(em_sql "SELECT sum(log_n) = (SELECT count(*) FROM favorite_log
	    WHERE user_id = $ID_ben) FROM favorite_total
	    WHERE user_id = $ID_ben")" = 1 &&
	api GET "/api/v1/me/changes?since=$since" -t "$TOKEN_ben" &&
	expect 200 && check_json ".full == true"
'

test_expect_success 'the newest 400 sessions of an account are kept' '
	of 399 "INSERT INTO device_session(user_id, created_at, used_at)
	    SELECT $ID_eve, n, 4000000000000 FROM c" &&
	old=$TOKEN_eve && em_login eve && em_login eve &&
	test "$(em_sql "SELECT count(*) FROM device_session
	    WHERE user_id = $ID_eve")" = 400 &&
	api GET /user/profile -t "$TOKEN_eve" && expect 200 &&
	api GET /user/profile -t "$old" && expect 401
'

test_expect_success 'an account has at most 100 pending payments' '
	of 100 "INSERT INTO payment(user_id, provider, amount, currency, page_key,
	    created_at, updated_at) SELECT $ID_ben, 1, 1000, '\''INR'\'',
	    randomblob(16), 1000 * unixepoch(), 1000 * unixepoch() FROM c" &&
	api POST /payments/initiate -t "$TOKEN_ben" "{\"amount\":1000}" &&
	expect 429 rate_limited && test "$(header Retry-After)" = 60 &&
	em_sql "UPDATE payment SET status = 3 WHERE id = (SELECT max(id)
	    FROM payment)" &&
	api POST /payments/initiate -t "$TOKEN_ben" "{\"amount\":1000}" &&
	expect 201
'

test_expect_success 'deleting an account deletes its counters' '
	api DELETE /user/profile -t "$TOKEN_cat" && expect 204 &&
	[ "$(usage cat)" = "0|0" ] && counted
'

test_done
