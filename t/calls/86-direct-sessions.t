#!/bin/sh
test_description='sessions without a call'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck disable=SC2034
em_strict=1
# shellcheck source=t/lib-money.sh
. "$EM_SRC/t/lib-money.sh"
em_conf limits.write_rate=0
em_conf billing.free_seconds=0
em_conf calls.gap=86400
em_start
em_stop_jobs

offline() {
	em_sql "UPDATE presence SET status = 0, online_until = 0
	    WHERE user_id = $(id_of "$1")"
}
beat() {
	api POST /call/heartbeat -t "$(token_of "$1")" "{\"session_id\":$s}"
}

test_expect_success 'setup: accounts' '
	em_user adm admin && em_user cat && em_user dan &&
	listener lis 600 && fund cat 100000 && fund dan 100000
'

test_expect_success 'a session with an offline listener is rejected and costs nothing' '
	offline lis && api POST /sessions/start -t "$TOKEN_cat" \
	    "{\"listener_id\":$ID_lis}" && expect 409 listener_offline &&
	has cat "100000|0|0" &&
	is 0 "$(em_sql "SELECT count(*) FROM session")" && online lis
'

test_expect_success 'the listener is notified with the name of the customer' '
	start cat lis && check_json ".channel | test(\"^session-\")" &&
	events lis session.started >got &&
	jq -e ".customer_username == \"cat\" and .customer_id == $ID_cat and
	    .session_id == $s and .kind == \"audio\" and
	    (has(\"max_seconds\") | not)" got &&
	api GET /notifications -t "$TOKEN_lis" && expect 200 &&
	check_json ".notifications[0] | (.body | test(\"cat\")) and
	    .data.type == \"session.started\"" && is 1 "$(row waiting)"
'

test_expect_success 'billing starts with the first request of the listener' '
	ago 15 && api GET /user/balance -t "$TOKEN_lis" && expect 200 &&
	em_jobs >jobs.out && is 1 "$(row waiting)" && beat lis && expect 204 &&
	em_jobs >jobs.out && is 0 "$(row waiting)" &&
	late=$(row "billed_from - started_at") && test "$late" -ge 15000 &&
	test "$late" -le 30000 &&
	is "$((late + 60000))" "$(row "leased_until - started_at")" &&
	is 1 "$(em_sql "SELECT device_id IS NOT NULL FROM session_party
	    WHERE session_id = $s AND side = 2")" &&
	ago 46 && end cat && check_json ".billed_minutes == 1 and
	    .cost == 600" && sound
'

test_expect_success 'a session that the listener never sees fails at no cost' '
	start cat lis && ago 31 && em_jobs >jobs.out &&
	is "1|11|0|0" "$(row "state, cause, cost, ended_at - billed_from")" &&
	api GET "/sessions/$s/receipt" -t "$TOKEN_cat" && expect 200 &&
	check_json ".cause == \"failed\" and .duration_ms == 0" && sound &&
	is "" "$(em_sql "SELECT user_id FROM presence
	    WHERE busy_since IS NOT NULL")"
'

test_expect_success 'a customer who ends a session before the listener came pays nothing' '
	start cat lis && ago 25 && end cat && check_json ".cost == 0 and
	    .duration_seconds == 0" && sound
'

test_expect_success 'the parties send signals to each other' '
	start cat lis && api POST /call/signal -t "$TOKEN_lis" \
	    "{\"session_id\":$s,\"type\":\"offer\",\"data\":{\"sdp\":1}}" &&
	expect 204 && em_jobs >jobs.out && is 0 "$(row waiting)" &&
	events cat call.signal >got && jq -e ".session_id == $s and
	    .from == $ID_lis and .data.sdp == 1" got &&
	api POST /call/signal -t "$TOKEN_dan" \
	    "{\"session_id\":$s,\"type\":\"bye\"}" && expect 404 not_found &&
	end cat && api POST /call/signal -t "$TOKEN_cat" \
	    "{\"session_id\":$s,\"type\":\"bye\"}" && expect 409 session_ended
'

test_expect_success 'the request of the listener also counts if the session ends before the job' '
	start cat lis && ago 5 && beat lis && expect 204 && end cat &&
	check_json ".cost == 600 and .cause == \"customer\"" && sound
'

test_expect_success 'sessions.direct=immediate bills from the start' '
	em_stop && em_conf sessions.direct=immediate && em_start &&
	em_stop_jobs && online lis &&
	start cat lis && is 0 "$(row waiting)" && ago 65 &&
	seen cat 60 && em_jobs >jobs.out && is 0 "$(row state)" && end cat &&
	check_json ".cost == 1200" && sound
'

test_expect_success 'sessions.direct=off requires a call' '
	em_stop && em_conf sessions.direct=off && em_start && online lis &&
	api POST /sessions/start -t "$TOKEN_cat" "{\"listener_id\":$ID_lis}" &&
	expect 403 call_required &&
	api POST /call/start -t "$TOKEN_cat" "{\"callee_id\":$ID_lis}" &&
	expect 201
'

test_done
