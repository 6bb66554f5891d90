#!/bin/sh
test_description='sessions: lost parties and proofs of presence'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck disable=SC2034
em_strict=1
# shellcheck source=t/lib-money.sh
. "$EM_SRC/t/lib-money.sh"
em_conf limits.write_rate=0
em_conf calls.rings=0
em_conf calls.rings_hour=0
em_conf calls.rings_total=0
em_conf billing.free_seconds=0
em_conf calls.gap=86400
em_conf presence.online_ttl=3600
em_start
em_stop_jobs

# take: cat calls lis, and lis accepts. Sets $call and $s.
take() {
	# A failed test leaves a call.
	[ -z "${call-}" ] || api POST /call/end -t "$TOKEN_lis" \
	    "{\"call_id\":$call}"
	online lis &&
	api POST /call/start -t "$TOKEN_cat" "{\"callee_id\":$ID_lis}" &&
	expect 201 && call=$(json .call_id) &&
	api POST /call/accept -t "$TOKEN_lis" "{\"call_id\":$call}" &&
	expect 200 && s=$(json .session_id)
}
state() {
	em_sql "SELECT state FROM call WHERE id = $call"
}
hang_up() {
	api POST /call/end -t "$TOKEN_cat" "{\"call_id\":$call}" && expect 200
}
# length: prints state, cause, the billed time in tens of seconds, rounded, and
# the cost of the session $s.
length() {
	row "state, cause, (ended_at - billed_from + 5000) / 10000 * 10, cost"
}
# connect NAME: opens a realtime connection that answers no ping, until $socket
# is killed.
connect() {
	api POST /realtime/ticket -t "$(token_of "$1")" && expect 201 &&
	ticket=$(json .ticket) && : >socket.out || return 1
	curl -sN "$URL/realtime?ticket=$ticket" \
	    -H "Connection: Upgrade" -H "Upgrade: websocket" \
	    -H "Sec-WebSocket-Version: 13" \
	    -H "Sec-WebSocket-Protocol: earmark.v1" \
	    -H "Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==" >socket.out &
	socket=$!
	em_until "grep -aq ready socket.out"
}
# tracked NAME: runs the jobs, and succeeds if NAME counts as a party that had a
# realtime connection.
tracked() {
	em_jobs >jobs.out && [ "$(party "$1" tracked)" = 1 ]
}
# proof_of NAME: prints the last proof of NAME in ms after the start.
proof_of() {
	party "$1" "proof_at - (SELECT started_at FROM session
	    WHERE id = session_id)"
}
# beat NAME: NAME sends a heartbeat for $call.
beat() {
	api POST /call/heartbeat -t "$(token_of "$1")" "{\"call_id\":$call}"
}

test_expect_success 'setup: accounts' '
	em_user adm admin && em_user cat && em_user dan &&
	listener lis 600 && fund cat 500000
'

test_expect_success 'a lost customer ends the session at the last proof, free of further charge' '
	take && ago 300 && seen cat 100 && seen lis 295 && jobs 300 >jobs.out &&
	is "1|8|100|1200" "$(length)" && is 2 "$(state)" &&
	is 1 "$(row waived)" &&
	api GET "/sessions/$s/receipt" -t "$TOKEN_cat" && expect 200 &&
	check_json ".cause == \"lost_customer\" and (.lines[0].text |
	    test(\"lost connection of the customer\"))" &&
	is "" "$(em_sql "SELECT user_id FROM presence
	    WHERE busy_since IS NOT NULL")" && sound
'

test_expect_success 'a lost listener ends the session at the last proof' '
	take && ago 300 && seen cat 295 && seen lis 150 && jobs 300 >jobs.out &&
	is "1|9|150|1800" "$(length)" && is 0 "$(row waived)" && sound
'

test_expect_success 'the fourth lost connection of a customer in a day is billed until the detection' '
	for n in 2 3; do
		take && ago 300 && seen cat 100 && seen lis 295 &&
		jobs 300 >jobs.out && is "1|8|100|1200" "$(length)" || return 1
	done &&
	take && ago 300 && seen cat 100 && seen lis 295 && jobs 301 >jobs.out &&
	is "1|8|300|3600|0" "$(length)|$(row waived)" && sound &&
	em_sql "SELECT count(*) FROM session WHERE waived = 1" >n &&
	is 3 "$(cat n)"
'

test_expect_success 'a session continues while both parties prove their presence' '
	take && ago 300 && seen cat 250 && seen lis 245 && jobs 300 >jobs.out &&
	is 0 "$(row state)" && beat cat && expect 204 && beat lis &&
	expect 204 && later 50 && is 0 "$(row state)" &&
	is 1 "$(party cat tracked)" && hang_up
'

test_expect_success 'parties that were never seen again do not talk forever' '
	take && ago 900 && seen cat 20 0 && seen lis 10 0 &&
	jobs 900 >jobs.out && is "1|9|10|600" "$(length)" && sound
'

test_expect_success 'without a realtime connection, a media credential proves presence until it expires' '
	take && ago 300 && seen cat 295 0 1300 && seen lis 10 0 400 &&
	jobs 300 >jobs.out && is 0 "$(row state)" && jobs 459 >jobs.out &&
	is 0 "$(row state)" && jobs 461 >jobs.out && is 1 "$(row state)" &&
	is 9 "$(row cause)" && is 400 "$(length | cut -d"|" -f3)" &&
	sound
'

test_expect_success 'with a realtime connection, an unused credential proves nothing' '
	take && ago 300 && seen cat 295 && seen lis 10 1 400 &&
	jobs 300 >jobs.out && is "1|9" "$(row "state, cause")"
'

test_expect_success 'every authenticated request of the login session is a proof' '
	take && ago 300 && seen cat 295 && seen lis 10 &&
	api GET /user/balance -t "$TOKEN_lis" && expect 200 &&
	em_jobs >jobs.out && is 0 "$(row state)" && hang_up
'

test_expect_success 'requests of another login session prove nothing' '
	take && first=$TOKEN_lis && em_login lis && ago 300 && seen cat 295 &&
	seen lis 10 && api GET /user/balance -t "$TOKEN_lis" && expect 200 &&
	beat lis && expect 409 answered_elsewhere && em_jobs >jobs.out &&
	is "1|9|10|600" "$(length)" && TOKEN_lis=$first
'

test_expect_success 'a realtime connection is a proof and makes a party tracked' '
	take && ago 300 && seen cat 295 && seen lis 10 0 && connect lis &&
	tracked lis && is 0 "$(row state)" && kill $socket && hang_up
'

test_expect_success 'a realtime connection that is older than the session makes a party tracked' '
	connect lis && take && em_until "tracked lis" &&
	is 1 "$(party lis "credential_until - proof_at > 200000")" &&
	jobs 59 >jobs.out && is 0 "$(row state)" && jobs 70 >jobs.out &&
	is "1|9" "$(row "state, cause")" && kill $socket
'

test_expect_success 'a close of the connection is a proof if it comes from the client' '
	take && ago 300 && connect lis && seen cat 295 && seen lis 260 &&
	kill $socket && em_until "em_jobs >jobs.out; test \$(proof_of lis) -gt \
	    260000" && hang_up &&
	take && ago 300 && connect lis && seen cat 295 && seen lis 260 &&
	em_sql "UPDATE device_session SET revoked_at = 1
	    WHERE id = $(party lis device_id)"
	wait $socket
	em_jobs >jobs.out && is 260000 "$(proof_of lis)" && hang_up &&
	em_login lis
'

test_expect_success 'heartbeats do not wait for the writer lock and do not write' '
	take || return 1
	before=$(em_sql "SELECT count(*), sum(proof_at) FROM session_party")
	flock -F "$EM_STATE/writer.lock" sleep 60 &
	holder=$!
	em_until "! flock -n \"$EM_STATE/writer.lock\" true" &&
	beat lis && expect 204 && kill $holder &&
	is "$before" "$(em_sql "SELECT count(*), sum(proof_at) FROM
	    session_party")" && hang_up
'

test_expect_success 'wrong heartbeats are rejected' '
	beat lis && expect 409 call_state && take && beat cat && expect 204 &&
	api POST /call/heartbeat -t "$TOKEN_dan" "{\"call_id\":$call}" &&
	expect 404 not_found &&
	api POST /call/heartbeat -t "$TOKEN_dan" "{\"session_id\":$s}" &&
	expect 404 not_found &&
	api POST /call/heartbeat -t "$TOKEN_lis" "{\"sessionId\":$s}" &&
	expect 204 && api POST /call/heartbeat -t "$TOKEN_lis" "{}" &&
	expect 400 validation_failed &&
	api POST /call/heartbeat -t "$TOKEN_lis" \
	    "{\"sessionId\":$s,\"callId\":$call}" &&
	expect 400 validation_failed && hang_up &&
	api POST /call/heartbeat -t "$TOKEN_lis" "{\"sessionId\":$s}" &&
	expect 409 session_ended
'

test_expect_success 'a party that hangs up after the loss does not bill the time since' '
	take && ago 300 && seen cat 295 && seen lis 100 && hang_up &&
	check_json ".cause == \"lost_listener\" and .cost == 1200" && sound
'

test_expect_success 'billing starts when both parties report that they are connected' '
	take && ago 20 && api POST /call/connected -t "$TOKEN_cat" \
	    "{\"call_id\":$call}" && expect 204 &&
	is 0 "$(row "billed_from - started_at")" &&
	api POST /call/connected -t "$TOKEN_lis" "{\"session_id\":$s}" &&
	expect 204 && moved=$(row "billed_from - started_at") &&
	test "$moved" -ge 20000 && test "$moved" -le 30000 &&
	is "$((moved + 60000))" "$(row "leased_until - started_at")" &&
	api POST /call/connected -t "$TOKEN_lis" "{\"session_id\":$s}" &&
	expect 204 && is "$moved" "$(row "billed_from - started_at")" &&
	ago 41 && hang_up && check_json ".cost == 600" && sound
'

test_expect_success 'a late report moves the start of billing by at most 30 s' '
	take && ago 50 && for who in cat lis; do
		api POST /call/connected -t "$(token_of $who)" \
		    "{\"call_id\":$call}" && expect 204 || return 1
	done &&
	is 30000 "$(row "billed_from - started_at")" && hang_up && sound
'

test_expect_success 'a WebRTC call whose media failed within 30 s costs nothing' '
	em_user eva && fund eva 60000 && cat=$TOKEN_cat && TOKEN_cat=$TOKEN_eva &&
	for n in 1 2 3; do
		take && ago 10 && api POST /call/end -t "$TOKEN_lis" \
		    "{\"call_id\":$call,\"reason\":\"media_failed\"}" &&
		expect 200 && check_json ".cause == \"failed\"" &&
		is "1|11|0|0" "$(length)" || return 1
	done && is "$(em_sql "SELECT balance FROM ledger_account
	    WHERE id = $ID_eva * 16 + 1")" 60000 && sound
'

test_expect_success 'a fourth failed call in a day is billed, and so is one after 30 s' '
	take && ago 20 && api POST /call/end -t "$TOKEN_eva" \
	    "{\"call_id\":$call,\"reason\":\"media_failed\"}" && expect 200 &&
	is "1|1|600" "$(row "state, cause, cost")" && em_user fay && fund fay 60000 &&
	TOKEN_cat=$TOKEN_fay && take && ago 31 &&
	api POST /sessions/end -t "$TOKEN_fay" \
	    "{\"session_id\":$s,\"reason\":\"media_failed\"}" && expect 200 &&
	check_json ".cause == \"customer\" and .cost == 600" && sound &&
	TOKEN_cat=$cat
'

test_expect_success 'an administrator ends a session' '
	take && ago 70 &&
	api POST "/admin/sessions/$s/end" -t "$TOKEN_cat" "{\"reason\":\"x\"}" &&
	expect 403 role_required &&
	api POST "/admin/sessions/$s/end" -t "$TOKEN_adm" "{}" &&
	expect 400 validation_failed &&
	api POST "/admin/sessions/999/end" -t "$TOKEN_adm" \
	    "{\"reason\":\"x\"}" && expect 404 not_found &&
	api POST "/admin/sessions/$s/end" -t "$TOKEN_adm" \
	    "{\"reason\":\"they asked\"}" && expect 200 &&
	check_json ".cause == \"operator\" and .cost == 1200" &&
	is 2 "$(state)" && is 1 "$(em_sql "SELECT count(*) FROM audit
	    WHERE action = '\''session.end'\''")" &&
	api POST "/admin/sessions/$s/end" -t "$TOKEN_adm" \
	    "{\"reason\":\"x\"}" && expect 409 session_ended && sound
'

test_expect_success 'the live call of a listener who is rejected ends' '
	take && ago 70 && api POST "/admin/listeners/$ID_lis/reject" \
	    -t "$TOKEN_adm" "{\"reason\":\"complaints\"}" && expect 200 &&
	is "1|6|1200" "$(row "state, cause, cost")" && is 2 "$(state)" && sound &&
	em_sql "UPDATE listener SET verification = 1 WHERE user_id = $ID_lis" &&
	take && api POST /admin/ban-user -t "$TOKEN_adm" \
	    "{\"user_id\":$ID_lis,\"reason\":\"x\"}" && expect 200 &&
	is "1|4" "$(row "state, cause")"
'

test_done
