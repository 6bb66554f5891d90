#!/bin/sh
test_description='the server is down when the money of a session ends'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"

em_conf limits.write_rate=0
em_conf billing.free_seconds=0
em_allow 'recv\(\) failed|prematurely closed|signal 9'
em_start

# power_off: kills all processes at once.
power_off() {
	for file in "$EM_STATE"/run/*.pid; do
		kill -s KILL -- "-$(cat "$file")"
	done
	"$EM_SRC/demo" --stop --state "$EM_STATE" >/dev/null
}

# ended SESSION: waits until the session has ended.
ended() {
	em_until "[ \$(em_sql \"SELECT state FROM session WHERE id = $1\") = 1 ]"
}

verifies() {
	em_cli ledger verify >/dev/null
}

# starts NAME AMOUNT: starts a session of NAME with AMOUNT. Sets $session.
starts() {
	em_user "$1" && em_user "$1_listens" listener customer &&
	eval "customer=\$ID_$1 listener=\$ID_$1_listens token=\$TOKEN_$1" &&
	em_sql "INSERT INTO listener(user_id, rate_per_minute, languages,
	    registered_at) VALUES ($listener, 100, 'en', 0);
	    UPDATE listener SET verification = 1 WHERE user_id = $listener" &&
	em_cli ledger adjust "$customer" "$2" --reason "to begin with" &&
	api POST /sessions/start -t "$token" "{\"listener_id\":$listener}" &&
	expect 201 && session=$(json .session_id)
}

# back SESSION SECONDS: moves the start of the session into the past.
back() {
	em_sql "UPDATE session SET started_at = started_at - $2 * 1000,
	    billed_from = billed_from - $2 * 1000,
	    leased_until = leased_until - $2 * 1000 WHERE id = $1"
}

test_expect_success 'setup: sessions with money for one minute, three minutes and many' '
	starts one 100 && one=$session &&
	starts three 350 && three=$session &&
	starts plenty 100000 && plenty=$session
'

test_expect_success 'all processes are killed, and ten minutes pass' '
	power_off &&
	back "$one" 600 && back "$three" 600 && back "$plenty" 600
'

test_expect_success 'after the restart, sessions without money have ended' '
	em_start && ended "$one" && ended "$three" && verifies
'

test_expect_success 'they ended at the second when the money ended' '
	test "$(em_sql "SELECT ended_at - started_at, cost, billed_minutes,
	    cause, balance FROM session WHERE id = $one")" = "60000|100|1|3|0" &&
	test "$(em_sql "SELECT ended_at - started_at, cost, billed_minutes,
	    cause, balance FROM session WHERE id = $three")" \
	    = "180000|300|3|3|50"
'

test_expect_success 'a session with money continues and is billed for the downtime' '
	test "$(em_sql "SELECT state, held_wallet BETWEEN 1100 AND 1200
	    FROM session WHERE id = $plenty")" = "0|1" &&
	api POST /sessions/end -t "$TOKEN_plenty" "{\"session_id\":$plenty}" &&
	expect 200 &&
	check_json ".cost == 1100 and .billed_minutes == 11" &&
	verifies
'

test_expect_success 'responses contain the right bill' '
	api POST /sessions/end -t "$TOKEN_one" "{\"session_id\":$one}" &&
	expect 200 &&
	check_json ".cost == 100 and .duration_seconds == 60 and .balance == 0" &&
	api GET "/sessions/$three" -t "$TOKEN_three" && expect 200 &&
	api GET "/sessions/$three/receipt" -t "$TOKEN_three" && expect 200
'

test_expect_success 'no user is busy' '
	test "$(em_sql "SELECT count(*) FROM presence WHERE busy_since
	    IS NOT NULL")" = 0
'

# Control: a wrong end must be reported.
test_expect_success 'a session that ended one second later is reported' '
	cp "$EM_STATE/earmark.db" copy.db &&
	cp "$EM_STATE/earmark.db-wal" copy.db-wal &&
	sqlite3 copy.db "PRAGMA ignore_check_constraints = ON;
	    DROP TRIGGER session_final;
	    UPDATE session SET ended_at = ended_at + 1000 WHERE id = $one" &&
	test "$(sqlite3 copy.db "SELECT ended_at - started_at FROM session
	    WHERE id = $one")" != 60000
'

if [ "${EARMARK_FAULT-}" = full ]; then
	# The following test waits for a real minute.
	test_expect_success 'the same holds without changed times' '
		starts real 100 && real=$session &&
		began=$(em_sql "SELECT started_at FROM session WHERE id = $real") &&
		power_off && sleep 65 && em_start && ended "$real" &&
		test "$(em_sql "SELECT started_at, ended_at - started_at, cost,
		    cause FROM session WHERE id = $real")" \
		    = "$began|60000|100|3" &&
		verifies
	'
fi

test_done
