#!/bin/sh
test_description='clock changes during paid sessions'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"

if em_sanitized; then
	skip_all='the sanitizers and this clock do not go together'
	test_done
fi

hour=3600
em_temp
EM_CLOCK=$EM_TEMP/clock
LD_PRELOAD=$EM_BUILD/t/faults/tools/clock.so
export EM_CLOCK LD_PRELOAD
em_conf sessions.direct=immediate
em_conf calls.lost_after=86400
em_conf calls.gap=86400
em_conf billing.free_per_day=1000
em_start
unset LD_PRELOAD

# clock SECONDS: moves the clock of the service by SECONDS from the true time.
# All users sign in again, because tokens expire and have a start time.
clock() {
	echo "$1" >"$EM_CLOCK.new" &&
	mv "$EM_CLOCK.new" "$EM_CLOCK" &&
	em_login ana && em_login liz && em_login root
}

# balance N: succeeds if the balance of ana is N.
balance() {
	api GET /user/balance -t "$TOKEN_ana" && expect 200 &&
	check_json ".balance == $1"
}

start() {
	api POST /sessions/start -t "$TOKEN_ana" "{\"listener_id\":$ID_liz}" &&
	expect 201 && session=$(json .session_id)
}

# end FILTER: ends the session as ana, then as liz, who must get the same cost.
end() {
	api POST /sessions/end -t "$TOKEN_ana" "{\"session_id\":$session}" &&
	expect 200 && note "$(json -c .)" && check_json "$1" &&
	cost=$(json .cost) &&
	api POST /sessions/end -t "$TOKEN_liz" "{\"session_id\":$session}" &&
	expect 200 && check_json ".cost == $cost"
}

give() {
	api POST "/admin/wallets/$ID_ana/adjust" -t "$TOKEN_root" \
	    "{\"amount\":$1,\"reason\":\"test\"}" && expect 200
}

# jobs: runs the jobs at the time of the service.
jobs() {
	em_jobs "$(date -u -d "@$(($(date +%s) + $(cat "$EM_CLOCK")))" \
	    +%Y-%m-%dT%H:%M:%SZ)" >/dev/null
}

# whole: succeeds if no bill exists twice, no value is negative and the ledger
# is valid.
whole() {
	em_cli ledger verify &&
	test "$(em_sql "SELECT count(*) FROM (SELECT 1 FROM transfer
	    WHERE type = 4 GROUP BY reference HAVING count(*) > 1)")" = 0 &&
	test "$(em_sql "SELECT count(*) FROM session WHERE cost < 0
	    OR earned < 0 OR ended_at < started_at")" = 0
}

test_expect_success 'setup: a customer, and a listener with a rate of 100' '
	echo 0 >"$EM_CLOCK" &&
	em_user ana && em_user liz customer listener && em_user root admin &&
	em_sql "INSERT OR IGNORE INTO listener(user_id, rate_per_minute,
	    languages, registered_at) VALUES ($ID_liz, 100, '"'en'"', 0);
	    UPDATE listener SET verification = 1, rate_per_minute = 100;
	    UPDATE presence SET status = 1, online_until = 4102444800000
	    WHERE user_id = $ID_liz" &&
	give 250
'

test_expect_success 'one hour forward: the session ends at the second when the money ends' '
	start && clock $hour &&
	end ".cost == 200 and .billed_minutes == 2 and
	    .duration_seconds == 130 and .balance == 50" &&
	balance 50 && whole
'

test_expect_success 'one hour forward, seen by the jobs first: the bill is the same' '
	give 150 && start && clock $((2 * hour)) && jobs &&
	end ".cost == 200 and .duration_seconds == 130" &&
	balance 0 && whole
'

test_expect_success 'one hour back: nothing is billed and nothing is lost' '
	give 250 && start && clock $hour &&
	balance 250 && jobs && whole &&
	end ".cost == 0 and .duration_seconds == 0 and .balance == 250" &&
	balance 250 && whole
'

test_expect_success 'the next session is billed normally' '
	start && end ".cost == 0 and .balance == 250" &&
	api GET /user/transactions -t "$TOKEN_ana" && expect 200 &&
	check_json "[.transactions[].balance_after][0] == 250" &&
	check_json "(.transactions | map(.created_at)) ==
	    (.transactions | map(.created_at) | sort | reverse)"
'

test_expect_success 'forward and back: the actual duration is billed' '
	give 20000 && start && clock $((2 * hour)) && jobs &&
	test "$(em_sql "SELECT held_wallet FROM session
	    WHERE id = $session")" -gt 5000 &&
	clock $hour && balance 20250 && jobs &&
	end ".cost <= 100 and .duration_seconds < 60" &&
	balance $((20250 - cost)) && whole
'

test_expect_success 'back and forward: the actual duration is billed' '
	before=$((20250 - cost)) &&
	start && clock 0 && jobs && clock $hour && jobs &&
	end ".cost <= 100 and .duration_seconds < 60" &&
	balance $((before - cost)) && whole
'

test_expect_success 'no money is reserved and no user is busy' '
	test "$(em_sql "SELECT coalesce(sum(balance), 0) FROM ledger_account
	    WHERE id & 15 = 3")" = 0 &&
	test "$(em_sql "SELECT count(*) FROM presence
	    WHERE busy_since IS NOT NULL")" = 0
'

test_done
