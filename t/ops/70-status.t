#!/bin/sh
# shellcheck disable=SC2016
test_description='earmark status and GET /admin/status'
. "$(dirname "$0")/../lib.sh"
# shellcheck source=t/lib-schemas.sh
. "$EM_SRC/t/lib-schemas.sh"

em_allow '"event":"db_fault"'
em_start || exit 1

says() {
	em_cli status --json >said.json && jq -e "$1" said.json >out || {
		note "not $1:" "$(cat said.json)"
		return 1
	}
}

test_expect_success 'status lists programs, pools, schema, database and disk' '
	em_user adm admin && em_user ana &&
	em_until "says \".programs == {jobs: true, realtime: true} and
	    all(.pools[]; .ready == .workers)\"" &&
	says ".schema == {database: $levels, program: $levels} and
	    (.pools | length) == 10 and .uptime_seconds < 300 and
	    .database.size_bytes > 0 and .disk.free_bytes > 0 and
	    .disk.total_bytes >= .disk.free_bytes and
	    .backup.status == \"never\" and .backup.name == null" &&
	em_cli version >out &&
	test "$(sed -n "s/^sqlite //p" out)" = "$(jq -r .sqlite said.json)"
'

test_expect_success 'GET /admin/status returns the same to administrators only' '
	api GET /admin/status -t "$TOKEN_adm" && expect 200 &&
	header Cache-Control | grep -q no-store &&
	em_cli status --json >said.json &&
	for file in "$body" said.json; do
		jq "del(.at, .uptime_seconds, .database, .disk, .outbox,
		    .ledger, .audit)" "$file" >"$(basename "$file").same" || return 1
	done &&
	test_cmp said.json.same body.same &&
	test "$(jq -c "[paths | map(tostring)] | sort" "$body")" = \
	    "$(jq -c "[paths | map(tostring)] | sort" said.json)" &&
	api GET /admin/status -t "$TOKEN_ana" && expect 403 &&
	api GET /admin/status && expect 401
'

test_expect_success 'status counts rejected requests by limit' '
	says ".refused | length == 23 and add == 0" &&
	for n in $(seq 11); do
		api POST /auth/login "{\"identifier\":\"ana\",\"password\":\"no-no-no-no\"}" ||
		    return 1
	done && expect 429 && says ".refused | .password == 1 and add == 1"
'

test_expect_success 'without --json, status prints one value per line' '
	em_cli status >out && grep -qx "programs.jobs: yes" out &&
	grep -qx "backup.status: never" out && grep -qx "backup.name: -" out &&
	grep -qx "pools name=auth workers=2 ready=2 failed=-" out &&
	grep -qx "schema.database: $levels" out
'

test_expect_success 'status contains backups, restore tests, messages and checks' '
	em_cli backup >out && name=$(basename "$(cat out)") && em_cli drill >out &&
	says ".backup.status == \"ok\" and .backup.name == \"$name\" and
	    .restore_drill.status == \"ok\" and .restore_drill.name == \"$name\" and
	    .backup.size_bytes > 100000 and .backup.error == null" &&
	test_expect_code 1 em_cli backup /nowhere/at/all 2>err &&
	says ".backup.status == \"failed\" and .backup.name == \"$name\" and
	    (.backup.error | test(\"nowhere\"))" &&
	now=$(date +%s) &&
	em_until "[ \"\$(em_sql \"SELECT count(*) FROM chain_check_log\")\" = 2 ]" &&
	says ".ledger.status == \"ok\" and .audit.status == \"ok\" and
	    .ledger.transfers >= 0 and .audit.rows >= 0" &&
	em_sql "UPDATE chain_check_log SET ok = 0, first_wrong = '\''row 3'\'',
	    checked_at = ${now}000 WHERE name = '\''audit'\''" &&
	says ".audit.status == \"wrong\" and .audit.first_wrong == \"row 3\"" &&
	em_sql "INSERT INTO outbox(channel, template, due_at, expires_at, created_at,
	    leased_until) VALUES (2, '\''x'\'', 1, 9999999999999, 1, 9999999999999)" &&
	says ".outbox.pending == 1 and .outbox.oldest_due_seconds > 1000000"
'

test_expect_success 'status reports stopped programs and pools' '
	em_stop &&
	says ".programs == {jobs: false, realtime: false} and
	    all(.pools[]; .ready == 0) and .uptime_seconds == null"
'

test_expect_success 'status of a database with another schema contains what is available' '
	make_level 9 "$EM_STATE/earmark.db" &&
	says ".schema == {database: 9, program: $levels} and .backup == null" &&
	rm "$EM_STATE"/earmark.db* && refuses 4 "does not exist" em_cli status
'

test_done
