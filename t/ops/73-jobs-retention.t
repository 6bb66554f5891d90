#!/bin/sh
# shellcheck disable=SC2016
test_description='earmark-jobs: deletion of expired rows'
. "$(dirname "$0")/../lib.sh"

# In the SQL below, @T is the time of the run in ms, @H an hour and @D a day.
T=2040-06-15T12:00:00Z
ms=$(($(date -u -d "$T" +%s) * 1000))
H=3600000 D=86400000

at() {
	em_sql "$(printf '%s' "$1" | sed "s/@T/$ms/g; s/@H/$H/g; s/@D/$D/g")"
}

em_conf jobs.history_days=30
em_conf auth.refresh_ttl=864000
em_bare >/dev/null || exit 1
em_sql "INSERT INTO user(uuid, status, username, referral_code, created_at, updated_at)
    VALUES (randomblob(16), 1, 'ana', 'R1', 1, 1), (randomblob(16), 1, 'bob', 'R2', 1, 1)" ||
    exit 1

test_expect_success 'expired codes are deleted after a day' '
	at "INSERT INTO otp(key, user_id, purpose, hash, tries_left, created_at, expires_at)
	    VALUES (randomblob(32), 1, 0, randomblob(32), 5, 1, @T - @D - 1),
		(randomblob(32), 1, 1, randomblob(32), 5, 1, @T - 1),
		(randomblob(32), 2, 0, randomblob(32), 5, 1, @T + 1)" &&
	em_jobs $T >out &&
	test "$(em_sql "SELECT count(*) FROM otp WHERE expires_at < $ms - $D")" = 0 &&
	test "$(em_sql "SELECT count(*) FROM otp")" = 2
'

test_expect_success 'ended sessions and expired refresh tokens are deleted' '
	at "INSERT INTO device_session(id, user_id, revoked_at, created_at, used_at) VALUES
		(1, 1, NULL, 1, @T - 1), (2, 1, @T - 6 * @D, 1, @T - 6 * @D),
		(3, 1, @T - 7 * @D - 1, 1, @T - 7 * @D), (4, 2, NULL, 1, @T - 11 * @D),
		(5, 2, NULL, 1, @T - 9 * @D)" &&
	at "INSERT INTO refresh_token(hash, session_id, expires_at) VALUES
		(x'\''$(printf %064d 1)'\'', 1, @T - 1), (x'\''$(printf %064d 2)'\'', 1, @T + 1),
		(x'\''$(printf %064d 3)'\'', 3, @T + 1)" &&
	em_jobs $T >out &&
	em_sql "SELECT id FROM device_session ORDER BY id" >out &&
	printf "1\n2\n5\n" >want &&
	test_cmp want out &&
	em_sql "SELECT hex(substr(hash, 32)) FROM refresh_token" >out &&
	echo 02 >want &&
	test_cmp want out
'

test_expect_success 'old throttles, idempotency keys and messages are deleted' '
	at "INSERT INTO throttle(scope, key, n, started_at, ends_at) VALUES
		('\''login'\'', x'\''01'\'', 1, 1, @T - 1), ('\''login'\'', x'\''02'\'', 1, 1, @T + 1)" &&
	at "INSERT INTO idempotency(user_id, key, request, rc, created_at) VALUES
		(1, '\''a'\'', randomblob(32), 0, @T - @D - 1), (1, '\''b'\'', randomblob(32), 0, @T - @D + 1)" &&
	at "INSERT INTO outbox(channel, template, state, due_at, expires_at, created_at, done_at)
	    VALUES (1, '\''old'\'', 1, 1, 1, 1, @T - 7 * @D - 1), (1, '\''new'\'', 2, 1, 1, 1, @T - 6 * @D)" &&
	em_jobs $T >out &&
	test "$(em_sql "SELECT hex(key) FROM throttle")" = 02 &&
	test "$(em_sql "SELECT key FROM idempotency")" = b &&
	test "$(em_sql "SELECT template FROM outbox")" = new
'

test_expect_success 'expired counters, code requests and networks are deleted' '
	at "INSERT INTO public_counter(scope, key, n, ends_at) VALUES
		('\''login'\'', zeroblob(32), 1, @T - 1), ('\''otp'\'', zeroblob(32), 1, @T + 1)" &&
	at "INSERT INTO otp_request(key, code, created_at, expires_at) VALUES
		(zeroblob(32), zeroblob(32), 1, @T - @D - 1), (randomblob(32), zeroblob(32), 2, @T - 1)" &&
	at "INSERT INTO sign_in_network(user_id, network, used_at) VALUES
		(1, zeroblob(32), @T - 30 * @D - 1), (2, zeroblob(32), @T - 30 * @D)" &&
	em_jobs $T >out &&
	test "$(em_sql "SELECT scope FROM public_counter")" = otp &&
	test "$(em_sql "SELECT created_at FROM otp_request")" = 2 &&
	test "$(em_sql "SELECT user_id FROM sign_in_network")" = 2
'

test_expect_success 'the log of favorites is deleted from its start, with its lowest number stored' '
	at "INSERT INTO favorite_log(user_id, kind, entity_id, action, at, request_id)
	    WITH n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1300)
	    SELECT 1, 2, 7, i % 2, CASE WHEN i <= 1200 THEN @T - 31 * @D ELSE @T - 29 * @D END,
		'\''r'\'' FROM n" &&
	em_jobs $T >out &&
	test "$(em_sql "SELECT min(seq), max(seq), count(*) FROM favorite_log")" = "1201|1300|100" &&
	test "$(em_sql "SELECT value FROM setting WHERE key = '\''favorite_log_floor'\''")" = 1200 &&
	em_jobs $T >out &&
	grep -q "^prune 0$" out &&
	test "$(em_sql "SELECT value FROM setting WHERE key = '\''favorite_log_floor'\''")" = 1200
'

test_expect_success 'hours before all ranking windows are deleted' '
	at "INSERT INTO popular_hour(kind, hour, entity_id, saves) VALUES
		(2, @T - 31 * @D - @H, 1, 5), (2, @T - 30 * @D, 1, 5)" &&
	em_jobs $T >out &&
	test "$(em_sql "SELECT count(*) FROM popular_hour WHERE entity_id = 1")" = 1
'

test_expect_success 'one run deletes thousands of rows in small transactions' '
	at "INSERT INTO throttle(scope, key, n, started_at, ends_at)
	    WITH n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3210)
	    SELECT '\''login'\'', CAST(i AS BLOB), 1, 1, i FROM n" &&
	em_jobs $T >out &&
	grep -q "^prune 3210$" out &&
	test "$(em_sql "SELECT count(*) FROM throttle")" = 1
'

test_expect_success 'a run at the present time deletes only expired rows' '
	em_sql "SELECT count(*) FROM favorite_log" >before &&
	em_jobs >out &&
	em_sql "SELECT count(*) FROM favorite_log" | test_cmp before - &&
	test "$(em_sql "PRAGMA integrity_check")" = ok
'

test_done
