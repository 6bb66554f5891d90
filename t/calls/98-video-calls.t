#!/bin/sh
test_description='calls and sessions with video'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=t/lib-money.sh
. "$EM_SRC/t/lib-money.sh"
em_conf limits.write_rate=0
em_conf billing.free_seconds=0
em_conf calls.rings=0
em_conf billing.rate_changes=1000
em_start

# ring NAME [MEMBERS]: NAME calls lis with video. Sets $call.
ring() {
	api POST /call/start -t "$(token_of "$1")" \
	    "{\"calleeId\":$ID_lis,\"kind\":\"video\"${2:+,$2}}"
	call=$(json .call_id)
}
# act NAME ACTION: sends an action for $call.
act() {
	api POST "/call/$2" -t "$(token_of "$1")" "{\"callId\":$call}"
}
# offer RATES: lis offers exactly these kinds.
offer() {
	api PUT /listeners/profile -t "$TOKEN_lis" "{\"rates\":{$1}}" &&
	expect 200
}
# direct NAME MEMBERS: NAME starts a session with lis without a call.
direct() {
	api POST /sessions/start -t "$(token_of "$1")" \
	    "{\"listenerId\":$ID_lis,$2}"
	s=$(json .session_id)
}
live() {
	em_sql "SELECT (SELECT count(*) FROM call_live) +
	    (SELECT count(*) FROM session WHERE state = 0)"
}

test_expect_success 'setup: a listener who offers audio and video' '
	em_user adm admin && em_user ana && em_user bob &&
	listener lis 500 && fund ana 100000 && fund bob 899 &&
	offer "\"audio\":500,\"video\":900" && check_json ".rate_per_minute == 500" &&
	api GET "/listeners/$ID_lis" && expect 200 &&
	check_json ".kinds == [\"audio\", \"video\"] and
	    .rates == {audio: 500, video: 900}"
'

test_expect_success 'the price of a video call is the rate for video' '
	api GET "/call/tariff?calleeId=$ID_lis&kind=video" -t "$TOKEN_ana" &&
	expect 200 && check_json ".kind == \"video\" and
	    .tariff.rate_per_minute == 900" &&
	ring ana "\"expectedRate\":900" && expect 201 &&
	check_json ".kind == \"video\" and .tariff.rate_per_minute == 900" &&
	is "1|900" "$(em_sql "SELECT kind, rate FROM call WHERE id = $call")"
'

test_expect_success 'the listener learns the kind and its price from event and push' '
	events lis call.incoming | tail -n 1 >got && jq -e ".call_id == $call and
	    .kind == \"video\" and .rate_per_minute == 900" got >jq.out &&
	em_until "jq -e \"select(.template == \\\"call_incoming\\\") |
	    .title == \\\"Incoming video call\\\" and
	    .body == \\\"ana is calling with video\\\" and (.data |
	    .call_id == $call and .kind == \\\"video\\\" and
	    .rate_per_minute == 900)\" \"$EM_STATE/outbox.jsonl\" >jq.out"
'

test_expect_success 'changes of the listener while it rings do not matter' '
	offer "\"audio\":500,\"video\":5000" && offer "\"audio\":500" &&
	act lis accept && expect 200 && s=$(json .session_id) &&
	check_json ".kind == \"video\" and .state == \"accepted\"" &&
	is "1|900" "$(row "kind, rate")" && ago 70 && act ana end &&
	expect 200 && check_json ".kind == \"video\" and .cost == 1800" && sound
'

test_expect_success 'call, session, receipt and lists have the kind' '
	api GET "/calls/$call" -t "$TOKEN_lis" && check_json ".kind == \"video\"" &&
	api GET /calls/history -t "$TOKEN_ana" &&
	check_json ".calls[0].kind == \"video\"" &&
	api GET "/sessions/$s" -t "$TOKEN_lis" && check_json ".kind == \"video\"" &&
	api GET /sessions/history -t "$TOKEN_ana" &&
	check_json ".sessions[0].kind == \"video\"" &&
	api GET "/sessions/$s/receipt" -t "$TOKEN_ana" &&
	check_json ".kind == \"video\" and .rate_per_minute == 900" &&
	api GET /admin/calls -t "$TOKEN_adm" &&
	check_json ".calls[0].kind == \"video\"" &&
	api GET /admin/sessions -t "$TOKEN_adm" &&
	check_json ".sessions[0].kind == \"video\"" &&
	api GET /api/v1/me/export -t "$TOKEN_ana" &&
	check_json ".paid_sessions[0].kind == \"video\""
'

test_expect_success 'events and notifications of the session have the kind' '
	for who in ana lis; do
		events $who session.started | tail -n 1 >got &&
		jq -e ".session_id == $s and .kind == \"video\" and
		    .rate_per_minute == 900" got >jq.out &&
		api GET /notifications -t "$(token_of $who)" &&
		check_json "[.notifications[].data | select(.session_id == $s) |
		    {type, kind}] == [{type: \"session.ended\", kind: \"video\"},
		    {type: \"session.started\", kind: \"video\"}]" || return 1
	done
'

test_expect_success 'a kind that is not offered returns 409, and nothing rings' '
	ring ana && expect 409 kind_not_offered &&
	direct ana "\"kind\":\"video\"" && expect 409 kind_not_offered &&
	offer "\"video\":900" && check_json ".kinds == [\"video\"] and
	    .rate_per_minute == 900" &&
	api POST /call/start -t "$TOKEN_ana" "{\"calleeId\":$ID_lis}" &&
	expect 409 kind_not_offered &&
	api GET "/call/tariff?calleeId=$ID_lis" -t "$TOKEN_ana" &&
	expect 409 kind_not_offered &&
	direct ana "\"kind\":\"audio\"" && expect 409 kind_not_offered &&
	is 0 "$(live)" && offer "\"audio\":500,\"video\":900"
'

test_expect_success 'an unknown kind returns 400 and names the member' '
	for kind in "\"chat\"" "\"Video\"" 1; do
		api POST /call/start -t "$TOKEN_ana" \
		    "{\"calleeId\":$ID_lis,\"kind\":$kind}" &&
		expect 400 validation_failed && check_json ".fields.kind" ||
		    return 1
	done &&
	direct ana "\"kind\":\"chat\"" && expect 400 validation_failed &&
	api GET "/call/tariff?calleeId=$ID_lis&kind=chat" -t "$TOKEN_ana" &&
	expect 400 validation_failed && is 0 "$(live)"
'

test_expect_success 'expected_rate is compared with the rate of the kind' '
	ring ana "\"expectedRate\":500" && expect 409 rate_changed &&
	check_json ".rate_per_minute == 900" &&
	direct ana "\"kind\":\"video\",\"expectedRate\":500" &&
	expect 409 rate_changed && check_json ".rate_per_minute == 900" &&
	is 0 "$(live)"
'

test_expect_success '402 names the rate for video, while audio is affordable' '
	ring bob && expect 402 insufficient_balance &&
	check_json ".needed == 900 and .available == 899 and
	    .rate_per_minute == 900" &&
	api POST /call/start -t "$TOKEN_bob" "{\"calleeId\":$ID_lis}" &&
	expect 201 && check_json ".kind == \"audio\" and
	    .tariff.rate_per_minute == 500" && call=$(json .call_id) &&
	act bob cancel && expect 200
'

test_expect_success 'free minutes below the rate for video apply to audio only' '
	em_user eva && minutes eva 10 500 && fund eva 2000 &&
	api GET "/call/tariff?calleeId=$ID_lis" -t "$TOKEN_eva" &&
	check_json ".tariff.free_minutes == 10" &&
	ring eva && expect 201 && check_json ".tariff.free_minutes == 0" &&
	act lis accept && s=$(json .session_id) && ago 30 && act eva end &&
	check_json ".cost == 900" && api GET /user/balance -t "$TOKEN_eva" &&
	check_json ".balance == 1100 and .free_minutes == 10" && sound
'

test_expect_success 'a session without a call has a kind, and so have its events' '
	direct ana "\"kind\":\"video\",\"expectedRate\":900" && expect 201 &&
	check_json ".kind == \"video\" and .tariff.rate_per_minute == 900" &&
	for who in ana lis; do
		events $who session.started | tail -n 1 >got &&
		jq -e ".session_id == $s and .kind == \"video\"" got >jq.out ||
		    return 1
	done && is "1|900" "$(row "kind, rate")" && ago 30 && end ana &&
	check_json ".cost == 900" && sound
'

test_expect_success 'a party tells the other one that its camera is off' '
	ring ana && act lis accept && expect 200 && s=$(json .session_id) &&
	api POST /call/signal -t "$TOKEN_lis" "{\"callId\":$call,
	    \"type\":\"media\",\"data\":{\"video\":false}}" && expect 204 &&
	events ana call.signal | tail -n 1 >got && jq -e ".call_id == $call and
	    .from == $ID_lis and .type == \"media\" and
	    .data == {video: false}" got >jq.out &&
	act ana end && expect 200
'

test_expect_success 'null in rates means that the kind is not offered' '
	offer "\"audio\":500,\"video\":null" && check_json ".kinds == [\"audio\"]"
'

test_done
