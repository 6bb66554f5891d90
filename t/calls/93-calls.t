#!/bin/sh
test_description='calls: ringing, talking, ending'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"
em_conf limits.write_rate=0
em_conf calls.rings=0
em_conf calls.rings_hour=0
em_conf calls.rings_total=0
# The test moves the times of sessions.
em_conf calls.gap=86400
em_conf calls.lost_after=86400
em_start

# call NAME ACTION: sends an action for the last call.
call() {
	eval "who=\$TOKEN_$1"
	api POST "/call/$2" -t "$who" "{\"callId\":$call}"
}

# ring: cat calls lis.
ring() {
	api POST /call/start -t "$TOKEN_cat" "{\"callerId\":$ID_cat,
	    \"calleeId\":$ID_lis}" && expect 201 && call=$(json .call_id)
}

events() {
	eval "who=\$TOKEN_$1"
	api GET "/events?after=${2:-0}" -t "$who" && expect 200
}

is_busy() {
	api GET "/presence/$1" -t "$TOKEN_cat" && check_json ".is_busy == $2"
}

# pushed TEMPLATE FILTER: waits for a push message that matches FILTER.
pushed() {
	pushed_one="select(.template == \"$1\") | $2"
	em_until 'jq -e "$pushed_one" <"$EM_STATE/outbox.jsonl" >/dev/null'
}

# jobs_in SECONDS: runs the jobs at SECONDS from now.
jobs_in() {
	em_jobs "$(date -u -d "+$1 seconds" +%Y-%m-%dT%H:%M:%SZ)"
}

money() {
	em_cli ledger adjust "$1" "$2" --reason "for a test" >/dev/null
}

test_expect_success 'setup: a customer with money, and a listener' '
	em_user cat && em_user dan && em_user lis customer listener &&
	em_user adm admin && em_device cat lis &&
	em_sql "INSERT INTO listener(user_id, verification, rate_per_minute,
	    languages, registered_at) VALUES ($ID_lis, 1, 600, 0, 1)" &&
	money cat 100000
'

test_expect_success 'POST /call/start checks its conditions in the documented order' '
	api POST /call/start -t "$TOKEN_cat" "{\"callerId\":$ID_dan,
	    \"calleeId\":$ID_lis}" && expect 403 forbidden &&
	api POST /call/start -t "$TOKEN_cat" "{\"calleeId\":$ID_cat}" &&
	expect 400 cannot_call_self &&
	api POST /call/start -t "$TOKEN_cat" "{\"calleeId\":$ID_dan}" &&
	expect 404 not_found &&
	api POST /call/start -t "$TOKEN_cat" "{\"calleeId\":999999}" &&
	expect 404 not_found &&
	api POST /call/start -t "$TOKEN_cat" "{\"calleeId\":$ID_lis}" &&
	expect 409 callee_offline &&
	[ "$(em_sql "SELECT count(*) FROM outbox WHERE template = '\''call_missed'\''
	    AND user_id = $ID_lis")" = 1 ] &&
	api GET /notifications -t "$TOKEN_lis" && check_json ".unread_count == 1 and
	    .notifications[0].title == \"Missed call\" and
	    .notifications[0].data == {type: \"call.missed\",
	    caller_id: $ID_cat}" &&
	api POST /call/start -t "$TOKEN_cat" "{\"calleeId\":$ID_lis}" &&
	expect 409 callee_offline &&
	api GET /notifications -t "$TOKEN_lis" && check_json ".unread_count == 1" &&
	api POST /notifications/devices -t "$TOKEN_lis" \
	    "{\"token\":\"lis-phone-1\",\"platform\":\"android\"}" && expect 201 &&
	api POST /presence/update -t "$TOKEN_lis" "{\"status\":\"online\",
	    \"reachable_for\":43200}" && expect 200 &&
	api POST /call/start -t "$TOKEN_dan" "{\"calleeId\":$ID_lis}" &&
	expect 402 insufficient_balance &&
	api POST /call/start -t "$TOKEN_cat" "{\"calleeId\":$ID_lis,
	    \"channelName\":\"a/b\"}" && expect 400 validation_failed &&
	[ "$(em_sql "SELECT count(*) FROM call")" = 0 ]
'

test_expect_success 'a started call rings, and both users are busy' '
	ring && check_json ".state == \"ringing\" and .rtc.provider == \"webrtc\"
	    and .rtc.channel == .channel_name and .session_id == null" &&
	is_busy "$ID_lis" true && is_busy "$ID_cat" true &&
	events lis && check_json ".events[-1] | .type == \"call.incoming\" and
	    .data.call_id == $call and .data.caller_username == \"cat\"" &&
	pushed call_incoming ".data.call_id == $call and
	    .data.collapse == \"call-$call\" and .to == \"user:$ID_lis\"" &&
	money dan 100000 &&
	api POST /call/start -t "$TOKEN_dan" "{\"calleeId\":$ID_lis}" &&
	expect 409 callee_busy && check_json ".wait_time >= 1" &&
	api POST /sessions/start -t "$TOKEN_dan" "{\"listener_id\":$ID_lis}" &&
	expect 409 listener_busy
'

test_expect_success 'actions of the wrong user return 409 or 404' '
	call cat accept && expect 409 call_state &&
	check_json ".state == \"ringing\"" &&
	call lis cancel && expect 409 call_state &&
	call cat end && expect 409 call_state &&
	call cat timeout && expect 409 call_state &&
	call dan accept && expect 404 not_found &&
	call dan end && expect 404 not_found &&
	api GET "/calls/$call" -t "$TOKEN_dan" && expect 404 not_found
'

test_expect_success 'accepting a call starts a session, and both users get an event' '
	call lis accept && expect 200 && check_json ".state == \"accepted\" and
	    .rtc.channel == .channel_name and .session_id > 0" &&
	session=$(json .session_id) &&
	call lis accept && expect 200 && check_json ".session_id == $session" &&
	call lis reject && expect 409 call_state &&
	call cat cancel && expect 409 call_state &&
	events cat && check_json "[.events[] | select(.type == \"call.accepted\")]
	    | length == 1 and .[0].data.rtc.provider == \"webrtc\" and
	    .[0].data.session_id == $session" &&
	events lis && check_json "[.events[] | select(.type == \"call.accepted\")]
	    | length == 1 and (.[0].data | has(\"rtc\") | not)" &&
	api POST /sessions/start -t "$TOKEN_cat" "{\"listener_id\":$ID_lis,
	    \"call_id\":$call}" && expect 201 &&
	check_json ".session_id == $session"
'

# A call can send 200 signals in a minute. Two minutes of the clock may share
# them.
test_expect_success 'signals are delivered only to the other user' '
	after=$(events lis && json .last) &&
	api POST /call/signal -t "$TOKEN_cat" "{\"callId\":$call,
	    \"type\":\"offer\",\"data\":{\"sdp\":\"v=0\\r\\n\\\"x\\\"\"}}" &&
	expect 204 &&
	events lis "$after" && check_json ".events | length == 1 and
	    (.[0].data | .type == \"offer\" and .from == $ID_cat and
	    .data.sdp == \"v=0\\r\\n\\\"x\\\"\")" &&
	api POST /call/signal -t "$TOKEN_dan" "{\"callId\":$call,
	    \"type\":\"offer\"}" && expect 404 &&
	api POST /call/signal -t "$TOKEN_cat" "{\"callId\":$call,
	    \"type\":\"offer\",\"data\":\"$(printf %020000d 0)\"}" &&
	expect 413 &&
	signal="{\"callId\":$call,\"type\":\"candidate\",\"data\":null}" &&
	curl -s -o /dev/null -w "%{http_code}\n" -d "$signal" \
	    -H "Authorization: Bearer $TOKEN_lis" \
	    -H "Content-Type: application/json" \
	    "$URL/call/signal#[1-401]" >codes &&
	grep -q 429 codes && [ "$(grep -c 204 codes)" -ge 100 ]
'

test_expect_success 'a top-up during a call sends a new credential' '
	after=$(events cat && json .last) && money cat 5000 &&
	events cat "$after" && check_json "[.events[] |
	    select(.type == \"session.extended\")] | length == 1 and
	    .[0].data.rtc.provider == \"webrtc\""
'

test_expect_success 'ending a call bills it, and both users are free' '
	em_sql "UPDATE session SET started_at = started_at - 90000,
	    billed_from = billed_from - 90000,
	    leased_until = leased_until - 90000,
	    lasts_until = lasts_until - 90000 WHERE id = $session" &&
	em_sql "UPDATE call SET accepted_at = accepted_at - 90000
	    WHERE id = $call" &&
	call cat end && expect 200 && check_json ".state == \"ended\" and
	    .duration_seconds >= 89 and .cost == 1200 and
	    .ended_by == $ID_cat" &&
	call cat end && expect 200 && call lis end && expect 200 &&
	check_json "has(\"cost\") | not" &&
	call lis accept && expect 409 call_state &&
	is_busy "$ID_lis" false && is_busy "$ID_cat" false &&
	events lis && check_json "[.events[] | select(.type == \"call.ended\")]
	    | length == 1" &&
	em_cli ledger verify
'

test_expect_success 'a call can be rejected by the listener and cancelled by the customer' '
	ring && call lis reject && expect 200 &&
	check_json ".state == \"rejected\"" && call lis reject && expect 200 &&
	call cat cancel && expect 409 call_state &&
	events lis && check_json ".events[-1] | .type == \"call.rejected\" and
	    .data == {call_id: $call, reason: \"rejected\",
	    answered_on: null}" &&
	ring && call cat cancel && expect 200 &&
	check_json ".state == \"cancelled\"" &&
	call cat cancel && expect 200 &&
	events lis && check_json "[.events[] | select(.type ==
	    \"call.cancelled\")] | length == 1 and .[0].data.reason ==
	    \"cancelled\"" &&
	api GET /notifications -t "$TOKEN_lis" && check_json "([.notifications[] |
	    select(.data.type == \"call.missed\")] | length) == 2
	    and .notifications[0].data == {type: \"call.missed\",
	    caller_id: $ID_cat}" &&
	pushed call_over ".data.call_id == $call and
	    .data.reason == \"cancelled\" and .data.answered_on == null" &&
	call lis accept && expect 409 call_state &&
	[ "$(em_sql "SELECT count(*) FROM outbox
	    WHERE template = '\''call_over'\''")" -ge 2 ] &&
	is_busy "$ID_lis" false
'

test_expect_success 'a call that is not accepted is missed at its deadline' '
	ring && em_sql "UPDATE call SET created_at = created_at - 40000,
	    ring_until = ring_until - 40000 WHERE id = $call" &&
	deadline=$(em_sql "SELECT ring_until FROM call WHERE id = $call") &&
	call lis accept && expect 409 call_state &&
	check_json ".state == \"missed\"" &&
	[ "$(em_sql "SELECT ended_at FROM call WHERE id = $call")" = \
	    "$deadline" ] && is_busy "$ID_lis" false &&
	call cat timeout && expect 200 && check_json ".state == \"missed\"" &&
	api GET /notifications -t "$TOKEN_lis" && check_json "([.notifications[] |
	    select(.data.type == \"call.missed\")] | length) == 3 and
	    .notifications[0].title == \"Missed call\""
'

test_expect_success 'after three missed calls the listener is not reachable any more' '
	for i in 2 3; do
		api POST /presence/update -t "$TOKEN_lis" "{\"status\":\"online\"}" &&
		ring && jobs_in 35 >jobs && grep -qx "ring 1" jobs || return 1
	done &&
	[ "$(em_sql "SELECT reachable_until FROM presence
	    WHERE user_id = $ID_lis")" = 0 ]
'

test_expect_success 'a call ends at the second when the money ends' '
	api POST /presence/update -t "$TOKEN_lis" "{\"status\":\"online\"}" &&
	money dan -98000 &&
	api POST /call/start -t "$TOKEN_dan" "{\"calleeId\":$ID_lis}" &&
	expect 201 && call=$(json .call_id) && call lis accept && expect 200 &&
	session=$(json .session_id) &&
	jobs_in 600 >jobs &&
	api GET "/calls/$call" -t "$TOKEN_dan" && expect 200 &&
	check_json ".state == \"ended\" and .cause == \"money\" and
	    .duration_seconds == 190 and .cost == 1800" &&
	is_busy "$ID_lis" false && em_cli ledger verify
'

test_expect_success 'a ban ends the call' '
	api POST /presence/update -t "$TOKEN_lis" "{\"status\":\"online\"}" &&
	ring && call lis accept && expect 200 &&
	api POST /admin/ban-user -t "$TOKEN_adm" "{\"user_id\":$ID_cat,
	    \"reason\":\"test\"}" && expect 200 &&
	api GET "/calls/$call" -t "$TOKEN_lis" && expect 200 &&
	check_json ".state == \"ended\" and .cause == \"ban\"" &&
	api POST /presence/query -t "$TOKEN_lis" "{\"user_ids\":[$ID_lis]}" &&
	! grep -q "\"is_busy\":true" "$body" &&
	[ "$(em_sql "SELECT count(*) FROM call_live")" = 0 ]
'

test_expect_success 'GET /calls/history can be paged and filtered by state' '
	api GET "/calls/history?per_page=3" -t "$TOKEN_lis" && expect 200 &&
	check_json "(.calls | length) == 3 and .total_count == 8 and
	    .calls[0].call_id > .calls[1].call_id" &&
	next=$(json .next_cursor) &&
	api GET "/calls/history?per_page=100&cursor=$next" -t "$TOKEN_lis" &&
	check_json "(.calls | length) == 5" &&
	api GET "/calls/history?state=missed" -t "$TOKEN_lis" &&
	check_json ".total_count == 3 and (.calls | all(.state == \"missed\"))" &&
	api GET "/calls/history?userId=$ID_lis" -t "$TOKEN_dan" &&
	expect 403 forbidden &&
	api GET "/calls/history?userId=$ID_lis" -t "$TOKEN_adm" &&
	check_json ".total_count == 8"
'

test_expect_success 'without Agora its endpoints return 501' '
	api POST /agora/token -t "$TOKEN_lis" "{\"channelName\":\"x\"}" &&
	expect 501 agora_not_configured &&
	api POST /agora/callback "{}" && expect 501 agora_not_configured
'

test_done
