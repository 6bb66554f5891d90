#!/bin/sh
test_description='sessions: outages of the service are not billed'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck disable=SC2034
em_strict=1
# shellcheck source=t/lib-money.sh
. "$EM_SRC/t/lib-money.sh"
em_conf limits.write_rate=0
em_conf billing.free_seconds=0
em_conf sessions.direct=immediate
em_start
em_stop_jobs

# down SECONDS RAN: as if the session had started SECONDS and RAN ago, and the
# service had been down since it ran for RAN seconds. Sets $up, when it is up
# again, in Unix time.
down() {
	ago $(($1 + $2)) && seen cat "$2" && seen lis "$2" &&
	up=$(date +%s) &&
	em_sql "INSERT INTO setting(key, value)
	    SELECT 'session_beat', started_at + $2 * 1000 FROM session
	    WHERE id = $s ON CONFLICT (key) DO UPDATE
	    SET value = excluded.value"
}
# run_until SECONDS: runs the jobs until SECONDS after $up, without an outage.
# run_at SECONDS: runs them once.
run_until() {
	for step in 0 15 30 45 60 75; do
		[ $step -ge "$1" ] || run_at $step || return 1
	done
	run_at "$1"
}
run_at() {
	em_jobs "$(date -u -d "@$((up + $1))" +%Y-%m-%dT%H:%M:%SZ)" >jobs.out
}
beat() {
	api POST /call/heartbeat -t "$(token_of "$1")" "{\"session_id\":$s}" &&
	expect 204
}
# begin: cat calls lis, who accepts, so that both devices are known.
begin() {
	# A failed test leaves a call.
	[ -z "${call-}" ] || api POST /call/end -t "$TOKEN_lis" \
	    "{\"call_id\":$call}"
	online lis &&
	api POST /call/start -t "$TOKEN_cat" "{\"callee_id\":$ID_lis}" &&
	expect 201 && call=$(json .call_id) &&
	api POST /call/accept -t "$TOKEN_lis" "{\"call_id\":$call}" &&
	expect 200 && s=$(json .session_id)
}

test_expect_success 'setup: accounts' '
	em_user adm admin && em_user cat && listener lis 600 &&
	fund cat 1000000
'

test_expect_success 'the jobs store that the service ran while a session is live' '
	em_jobs >jobs.out && is "" "$(em_sql "SELECT value FROM setting
	    WHERE key = '\''session_beat'\''")" && begin && em_jobs >jobs.out &&
	is 1 "$(em_sql "SELECT value - started_at BETWEEN 0 AND 60000
	    FROM setting, session WHERE key = '\''session_beat'\''
	    AND session.id = $s")" && end cat
'

test_expect_success 'a session ends at the start of an outage if the parties do not return' '
	begin && down 3600 2 && run_at 0 && is "0|1|1" "$(row "state, gap_open,
	    paused_ms = ${up}000 - started_at - 2000")" && run_until 60 &&
	is 0 "$(row state)" && run_at 61 &&
	is "1|10|2000|600" "$(row "state, cause, ended_at - billed_from,
	    cost")" && sound &&
	api GET "/sessions/$s/receipt" -t "$TOKEN_cat" && expect 200 &&
	check_json ".cause == \"outage\" and .duration_ms == 2000 and
	    (.lines[0].text | test(\"outage\"))"
'

test_expect_success 'a session continues after an outage if both parties return, and the outage is free' '
	begin && down 3600 70 && em_jobs >jobs.out && beat cat &&
	em_jobs >jobs.out && is 1 "$(row gap_open)" && beat lis &&
	em_jobs >jobs.out && is "0|0" "$(row "state, gap_open")" && ago 20 && end lis &&
	check_json ".cost == 1200 and .duration_ms > 85000 and
	    .duration_ms < 110000" && sound &&
	api GET "/sessions/$s/receipt" -t "$TOKEN_cat" && expect 200 &&
	check_json "[.lines[] | select(.what == \"outage\")] | length == 1"
'

test_expect_success 'one returned party is not enough' '
	begin && down 600 130 && run_at 0 && beat cat && run_until 50 &&
	beat cat && run_at 61 &&
	is "1|10|130000|1800" "$(row "state, cause, ended_at - billed_from,
	    cost")" && sound
'

test_expect_success 'a party that ends the session first ends it at the start of the outage' '
	begin && down 600 10 && end cat && check_json ".cost == 600 and
	    .cause == \"outage\" and .duration_ms == 10000" && sound
'

test_expect_success 'money for one minute does not run out during an outage' '
	em_user dan && fund dan 600 && cat=$TOKEN_cat && TOKEN_cat=$TOKEN_dan &&
	begin && down 600 10 && em_jobs >jobs.out && is 0 "$(row state)" &&
	beat cat && beat lis && em_jobs >jobs.out && is 0 "$(row state)" &&
	end lis && check_json ".cost == 600" && TOKEN_cat=$cat && sound
'

test_expect_success 'a second outage before the parties return extends the first' '
	begin && down 600 10 && run_at 0 && run_at 30 &&
	is "1|1" "$(row "gap_open, gap_until = ${up}000 + 30000")" &&
	for step in 45 60 75 90; do run_at $step || return 1; done &&
	is 0 "$(row state)" && run_at 91 &&
	is "1|10|10000|600" "$(row "state, cause, ended_at - billed_from,
	    cost")" && sound
'

test_expect_success 'a pause shorter than calls.gap is billed' '
	begin && down 15 50 && jobs 66 >jobs.out && is 0 "$(row gap_open)" &&
	end cat && check_json ".cost == 1200 and .cause == \"customer\"" && sound
'

test_expect_success 'a clock set back makes both parties prove their presence again' '
	begin && em_sql "UPDATE setting SET value = value + 3600000
	    WHERE key = '\''session_beat'\''; UPDATE session_party
	    SET proof_at = proof_at + 3600000 WHERE session_id = $s" &&
	seen cat 3600 && seen lis 3600 && up=$(date +%s) && run_at 0 &&
	is 0 "$(row state)" && run_until 80 && is 1 "$(row state)" && sound
'

test_done
