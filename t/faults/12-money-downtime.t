#!/bin/sh
test_description='an outage of the server is not billed'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"

em_conf limits.write_rate=0
em_conf billing.free_seconds=0
em_conf sessions.direct=immediate
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
	    UPDATE listener SET verification = 1 WHERE user_id = $listener;
	    UPDATE presence SET status = 1, online_until = 4102444800000
	    WHERE user_id = $listener" &&
	em_cli ledger adjust "$customer" "$2" --reason "to begin with" &&
	api POST /sessions/start -t "$token" "{\"listener_id\":$listener}" &&
	expect 201 && session=$(json .session_id)
}

# back SESSION SECONDS: moves the start of the session into the past.
back() {
	em_sql "UPDATE session SET started_at = started_at - $2 * 1000,
	    billed_from = billed_from - $2 * 1000,
	    lasts_until = lasts_until - $2 * 1000,
	    leased_until = leased_until - $2 * 1000 WHERE id = $1;
	    UPDATE session_party SET proof_at = proof_at - $2 * 1000
	    WHERE session_id = $1"
}

# over NAME SESSION: NAME ends the session, whose outage is not billed.
over() {
	api POST /sessions/end -t "$(eval "echo \"\$TOKEN_$1\"")" \
	    "{\"session_id\":$2}" && expect 200 &&
	check_json ".cost == 100 and .duration_seconds < 30"
}

test_expect_success 'setup: sessions with money for one minute, three minutes and many' '
	starts one 100 && one=$session &&
	starts three 350 && three=$session &&
	starts plenty 100000 && plenty=$session &&
	em_until "[ \$(em_sql \"SELECT count(*) FROM setting
	    WHERE key = '\''session_beat'\''\") = 1 ]"
'

test_expect_success 'all processes are killed, and ten minutes pass' '
	power_off &&
	back "$one" 600 && back "$three" 600 && back "$plenty" 600 &&
	em_sql "UPDATE setting SET value = value - 600000
	    WHERE key = '\''session_beat'\''"
'

test_expect_success 'after the restart, the sessions wait for their parties' '
	em_start && em_until "[ \$(em_sql \"SELECT sum(gap_open) FROM session
	    WHERE state = 0\") = 3 ]" && verifies
'

test_expect_success 'a session that ends after the outage is billed without it' '
	over one "$one" && over three "$three" && verifies
'

test_expect_success 'a session whose customer returns continues without the outage' '
	api POST /call/heartbeat -t "$TOKEN_plenty" \
	    "{\"session_id\":$plenty}" && expect 204 &&
	em_until "[ \$(em_sql \"SELECT gap_open FROM session
	    WHERE id = $plenty\") = 0 ]" &&
	api POST /sessions/end -t "$TOKEN_plenty" "{\"session_id\":$plenty}" &&
	expect 200 && check_json ".cost == 100 and .billed_minutes == 1 and
	    .cause == \"customer\"" && verifies
'

test_expect_success 'the receipt names the outage' '
	api GET "/sessions/$plenty/receipt" -t "$TOKEN_plenty" && expect 200 &&
	check_json "[.lines[] | select(.what == \"outage\")] | length == 1"
'

test_expect_success 'no user is busy' '
	test "$(em_sql "SELECT count(*) FROM presence WHERE busy_since
	    IS NOT NULL")" = 0
'

if [ "${EARMARK_FAULT-}" = full ]; then
	# The following test waits for a real minute.
	test_expect_success 'the same holds without changed times' '
		starts real 1000 && real=$session && power_off && sleep 65 &&
		em_start && over real "$real" && verifies
	'
fi

test_done
