#!/bin/sh
test_description='system: /health, /version, /metrics'
. "$(dirname "$0")/../lib.sh"
em_conf server.metrics_token=scrape-me
em_start

test_expect_success 'GET /health returns the state of database, backup and restore test' '
	for p in /health /api/v1/health /health/; do
		api GET $p && expect 200 &&
		check_json ". == {status: \"ok\", database: \"ok\",
		    backup: {status: \"never\", last_success_at: null},
		    restore_drill: {status: \"never\", last_success_at: null}}" ||
		    return 1
	done &&
	api HEAD /health && expect 200 &&
	header Cache-Control | grep -q no-store &&
	for p in /health/live /api/v1/health/live; do
		api GET $p && expect 200 && check_json ". == {status: \"ok\"}" ||
		    return 1
	done &&
	api POST /health "{}" && expect 405 &&
	api GET /health -t nonsense && expect 200
'

test_expect_success 'GET /health returns 503 and names a pool whose workers do not respond' '
	kill -STOP $(em_workers listeners) &&
	touch -d "20 seconds ago" "$EM_STATE"/run/worker-listeners-* &&
	api GET /health && expect 200 &&
	touch -d "40 seconds ago" "$EM_STATE"/run/worker-listeners-* &&
	api GET /health; kill -CONT $(em_workers listeners)
	expect 503 pool_unavailable &&
	[ "$(json .message)" = "The pool listeners does not respond" ] &&
	header Retry-After | grep -q . && api GET /health/live && expect 200 &&
	em_until "api GET /health && [ \"\$status\" = 200 ]"
'

test_expect_success 'GET /version returns version, commit and schema' '
	api GET /version && expect 200 &&
	check_json "(.version | test(\"^[0-9.]+\")) and (.commit | length > 0) and
	    .schema == $(em_sql "PRAGMA user_version")"
'

test_expect_success 'GET /metrics needs no token from a loopback address' '
	em_user ana &&
	api GET /metrics && expect 200 &&
	[ "$(header Content-Type)" = \
	    "text/plain; version=0.0.4; charset=utf-8" ] &&
	grep -q "^earmark_build_info{version=" "$body" &&
	grep -q "^earmark_users{status=\"active\"} 1$" "$body" &&
	grep -q "^earmark_outbox_pending{lane=\"push\"} 0$" "$body" &&
	! grep -vE "^(#.*|[a-z_]+(\{[a-z_]+=\"[^\"]*\"(,[a-z_]+=\"[^\"]*\")*\})? [0-9.]+)$" \
	    "$body"
'

test_expect_success 'metrics contain what is live, the amounts of today and the disk' '
	today=$(($(date +%s) / 86400 * 86400000)) &&
	em_sql "INSERT INTO rollup(metric, span, start, label, n) VALUES
	    (5, 2, $today, '\'''\'', -5), (6, 2, $today, '\'''\'', 123456),
	    (3, 2, $today, '\''ended'\'', 7), (3, 2, $today, '\''missed'\'', 2)" &&
	api GET /metrics &&
	for line in "calls_live 0" "sessions_live 0" "listeners_online 0" \
	    "today{metric=\"calls\"} 9" \
	    "today_amount{metric=\"topups\",currency=\"INR\"} 1234.56" \
	    "today_amount{metric=\"revenue\",currency=\"INR\"} -0.05" \
	    "today_amount{metric=\"refunds\",currency=\"INR\"} 0.00"; do
		grep -qxF "earmark_$line" "$body" || {
			note "no $line"
			return 1
		}
	done &&
	test "$(grep -cE "^earmark_(disk_(free|size)|database_size)_bytes [1-9]" \
	    "$body")" = 3
'

test_expect_success 'each metric series appears once' '
	grep -v "^#" "$body" | sed "s/ [^ ]*$//" | sort | uniq -d >twice &&
	[ ! -s twice ]
'

test_expect_success 'each metric series is documented in earmark-pool(8) with its labels' '
	"$EM_SRC/t/tools/docs.py" series "$EM_SRC" "$body" >wrong || {
		note "$(cat wrong)"
		return 1
	}
'

# promtool is optional.
command -v promtool >/dev/null && test_set_prereq PROMTOOL
test_expect_success PROMTOOL 'promtool check metrics reports nothing' '
	promtool check metrics <"$body" >wrong 2>&1 || {
		note "$(cat wrong)"
		return 1
	}
'

test_expect_success 'metrics contain the results of the last ledger and audit checks' '
	proved() {
		em_until "api GET /metrics && grep -qx \"$1\" \"$body\""
	} &&
	proved "earmark_ledger_proof_failed 0" &&
	proved "earmark_ledger_last_whole_proof_timestamp_seconds [1-9].*" &&
	proved "earmark_audit_last_proof_timestamp_seconds [1-9].*" &&
	at=$(date +%s) &&
	em_sql "UPDATE chain_check_log SET ok = 0,
	    first_wrong = '\''row 3'\'', links = 7,
	    checked_at = ${at}123 WHERE name = '\''audit'\''" &&
	api GET /metrics &&
	grep -qx "earmark_audit_proof_failed 1" "$body" &&
	grep -qx "earmark_audit_rows 7" "$body" &&
	grep -qx "earmark_audit_last_proof_timestamp_seconds $at" "$body" &&
	grep -qx "earmark_ledger_proof_failed 0" "$body" &&
	em_sql "UPDATE chain_check_log SET ok = 1, first_wrong = NULL
	    WHERE name = '\''audit'\''"
'

healths() {
	api GET /metrics && grep -F 'route="/health"' "$body" |
	    awk '{ n += $2 } END { print n + 0 }'
}
test_expect_success 'requests are counted by route and never by path' '
	before=$(healths) &&
	for i in 1 2 3 4 5; do
		api GET /health || return 1
	done &&
	em_until "[ \$(healths) -ge $((before + 5)) ]" &&
	api GET "/presence/$ID_ana" -t "$TOKEN_ana" && sleep 1.2 &&
	api GET /metrics && ! grep -q "presence/$ID_ana" "$body"
'

test_expect_success 'GET /metrics accepts the configured token and no other' '
	api GET /metrics -t scrape-me && expect 200 &&
	api GET /metrics -t scrape-it && expect 401 token_invalid &&
	[ "$(header WWW-Authenticate)" = Bearer ] &&
	api GET /metrics -t "$TOKEN_ana" && expect 401 token_invalid &&
	api GET /metrics -H "Authorization: Basic abc" &&
	expect 401 token_invalid &&
	api GET /api/v1/metrics && expect 404
'

test_expect_success 'GET /metrics needs the token from other addresses' '
	elsewhere() {
		"$EM_SRC/t/tools/fastcgi.py" "$EM_STATE/run/system.sock" \
		    REQUEST_METHOD=GET REQUEST_URI=/metrics CONTENT_LENGTH=0 \
		    "$@" >out
	} &&
	elsewhere REMOTE_ADDR=127.0.0.1 && grep -q "^Status: 200" out &&
	elsewhere REMOTE_ADDR=::1 && grep -q "^Status: 200" out &&
	for a in 10.0.0.1 192.168.1.127 1270.0.0.1 ::2 "" unix:; do
		elsewhere "REMOTE_ADDR=$a" && grep -q "^Status: 401" out &&
		grep -q token_required out || return 1
	done &&
	elsewhere REMOTE_ADDR=10.0.0.1 \
	    "HTTP_AUTHORIZATION=Bearer scrape-me" &&
	grep -q "^Status: 200" out
'

test_expect_success 'metrics contain no personal data and no secrets' '
	api GET /metrics && ! grep -qE "ana|scrape-me|@" "$body"
'

test_expect_success 'GET /metrics returns 403 to other addresses if no token is configured' '
	em_stop && EM_CONF= && em_start &&
	api GET /metrics && expect 200 &&
	elsewhere REMOTE_ADDR=10.0.0.1 && grep -q "^Status: 403" out &&
	elsewhere REMOTE_ADDR=10.0.0.1 "HTTP_AUTHORIZATION=Bearer " &&
	grep -q "^Status: 403" out
'

test_expect_success 'GET /health returns 503 if a table is missing, /health/live returns 200' '
	em_allow "db_|no such table|health|disk I/O|malformed|not a database" &&
	em_sql "DROP TABLE counter" &&
	api GET /health && expect 503 && [ -n "$(header Retry-After)" ] &&
	check_json ".error == \"database_unavailable\"" &&
	api GET /health/live && expect 200
'

test_expect_success 'GET /health returns 503 if a pool does not run' '
	kill "$(cat "$EM_STATE/run/calls.pid")" &&
	em_until "test -z \"\$(em_workers calls 2>/dev/null)\"" &&
	em_until "api GET /health && [ \"\$status\" = 503 ]" &&
	[ "$(json .message)" = "The pool calls does not respond" ] &&
	api GET /health/live && expect 200
'

test_done
