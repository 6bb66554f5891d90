#!/bin/sh
test_description='calls: several devices, limits of rings, reuse of channels'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=t/lib-money.sh
. "$EM_SRC/t/lib-money.sh"
em_conf limits.write_rate=0
em_conf billing.free_seconds=0
em_start

# device NAME ACCOUNT: signs in on another device. Sets TOKEN_NAME and
# DEVICE_NAME, the id of the login session.
device() {
	api POST /auth/login "{\"identifier\":\"$2\",
	    \"password\":\"$EM_PASSWORD\"}" && expect 200 &&
	eval "TOKEN_$1=$(json .access_token)" &&
	api GET /auth/sessions -t "$(token_of "$1")" &&
	eval "DEVICE_$1=$(json '.sessions[] | select(.is_current) | .id')"
}
# step NAME ACTION: sends an action for the last call.
step() {
	api POST "/call/$2" -t "$(token_of "$1")" "{\"callId\":$call}"
}
start() {
	api POST /call/start -t "$(token_of "$1")" "{\"calleeId\":$(id_of "$2")
	    ${3:+,\"channelName\":\"$3\"}}"
}
is_there() {
	api POST /presence/update -t "$(token_of "$1")" '{"status":"online"}' &&
	expect 200
}
ring() {
	is_there lis && start cat lis && expect 201 && call=$(json .call_id)
}
last_event() {
	api GET "/events?after=0&limit=500" -t "$(token_of "$1")" &&
	check_json ".events | map(select(.type | startswith(\"call.\")))[-1] |
	    $2"
}
# older SECONDS: moves all calls SECONDS into the past.
older() {
	em_sql "UPDATE call SET created_at = created_at - $1 * 1000"
}
# rings N ANSWER: cat calls lis N times without an answer.
rings() {
	for i in $(seq "$1"); do
		ring && step "${2:-cat}" "${3:-cancel}" && expect 200 || return 1
	done
}
refused() {
	is_there lis && start "${1:-cat}" "${2:-lis}" &&
	expect 429 ring_limited && wait=$(header Retry-After)
}

test_expect_success 'setup: a listener with two devices' '
	em_user adm admin && em_user cat && em_user dan && listener lis 600 &&
	listener lea 600 && fund cat 600000 && fund dan 600000 &&
	device one lis && device two lis &&
	em_sql "UPDATE user SET image = '\''cat.jpg'\'' WHERE id = $ID_cat"
'

test_expect_success 'an incoming call names caller, picture, channel, price and deadline' '
	ring && channel=$(json .channel_name) && until=$(json .ring_expires_at) &&
	last_event lis ".type == \"call.incoming\" and .data.call_id == $call and
	    .data.caller_id == $ID_cat and .data.caller_username == \"cat\" and
	    (.data.caller_image_url | endswith(\"/media/cat.jpg\")) and
	    .data.kind == \"audio\" and .data.channel == \"$channel\" and
	    .data.rate_per_minute == 600 and .data.deadline == \"$until\"" &&
	em_until "jq -e \"select(.template == \\\"call_incoming\\\") | .data |
	    .call_id == $call and .caller_username == \\\"cat\\\" and
	    .kind == \\\"audio\\\" and .channel == \\\"$channel\\\" and
	    .rate_per_minute == 600 and .deadline > 1000000000 and
	    (.caller_image_url | type) == \\\"string\\\"\" \
	    \"$EM_STATE/outbox.jsonl\" >jq.out"
'

test_expect_success 'a call belongs to the device that accepts it' '
	step one accept && expect 200 && check_json ".rtc" &&
	step two accept && expect 409 answered_elsewhere &&
	step one accept && expect 200 && check_json ".rtc.expires_at" &&
	api GET "/calls/$call" -t "$TOKEN_two" && expect 200 &&
	check_json "has(\"rtc\") | not" &&
	api GET "/calls/$call" -t "$TOKEN_one" && check_json "has(\"rtc\")"
'

test_expect_success 'only the other devices are told to stop ringing' '
	last_event one ".type == \"call.accepted\" and .data.reason == null and
	    .data.answered_on == $DEVICE_one and (.data | has(\"rtc\") | not)" &&
	last_event two ".type == \"call.accepted\" and
	    .data.reason == \"answered_elsewhere\" and
	    .data.answered_on == $DEVICE_one" &&
	last_event cat ".type == \"call.accepted\" and .data.reason == null and
	    .data.answered_on == null and .data.rtc" &&
	em_until "jq -e \"select(.template == \\\"call_over\\\") | .data |
	    .reason == \\\"answered_elsewhere\\\" and
	    .answered_on == $DEVICE_one\" \"$EM_STATE/outbox.jsonl\" >jq.out"
'

test_expect_success 'the end has a reason, and names the device that answered to the callee' '
	step two end && expect 200 &&
	last_event lis ".type == \"call.ended\" and .data.reason == \"ended\" and
	    .data.answered_on == $DEVICE_one" &&
	last_event cat ".type == \"call.ended\" and .data.reason == \"ended\" and
	    .data.answered_on == null" &&
	step one accept && expect 409 call_state
'

test_expect_success 'of 50 devices that accept at once exactly one answers' '
	for i in $(seq 50); do
		device "d$i" lis && token_of "d$i" || return 1
	done >devices &&
	ring && /usr/bin/python3 "$EM_SRC/t/tools/at_once.py" "$URL/call/accept" \
	    "{\"callId\":$call}" <devices >answers &&
	[ "$(grep -c "^200 .*\"expires_at\"" answers)" = 1 ] &&
	[ "$(grep -c "^409 .*\"answered_elsewhere\"" answers)" = 49 ] &&
	[ "$(em_sql "SELECT count(*) FROM session WHERE state = 0")" = 1 ] &&
	step cat end && expect 200 && sound
'

test_expect_success 'three unanswered calls in ten minutes are allowed' '
	older 4000 && rings 1 cat cancel && rings 1 lis reject && ring &&
	em_sql "UPDATE call SET ring_until = created_at WHERE id = $call" &&
	step cat timeout && expect 200 && refused && [ "$wait" -gt 500 ] &&
	[ "$wait" -le 600 ] && is_there lea && start cat lea && expect 201 &&
	call=$(json .call_id) && step cat cancel && expect 200 &&
	older 601 && ring && step cat cancel
'

test_expect_success 'refused requests do not count' '
	older 4000 && rings 2 && em_user eve &&
	for i in 1 2 3 4 5; do
		start eve lis && expect 402 || return 1
	done &&
	api POST /presence/update -t "$TOKEN_lis" "{\"status\":\"offline\"}" &&
	start cat lis && expect 409 callee_offline && ring &&
	start dan lis && expect 409 callee_busy && step cat cancel && refused &&
	start eve lis && expect 402
'

test_expect_success 'an accepted call resets the count of the pair' '
	older 4000 && rings 2 && ring && step lis accept && expect 200 &&
	step cat end && rings 3 && refused
'

test_expect_success 'an availability alert allows one more call' '
	em_sql "INSERT INTO availability_alert_state(listener_id, user_id, alerted_at)
	    VALUES ($ID_lis, $ID_cat, $(date +%s)999)" && sleep 1 &&
	ring && step cat cancel && expect 200 && refused &&
	em_sql "DELETE FROM availability_alert_state"
'

test_expect_success 'ten unanswered calls in an hour are allowed' '
	older 4000 && for n in 1 2 3; do
		rings 3 && older 601 || return 1
	done &&
	rings 1 && older 601 && refused && [ "$wait" -gt 1000 ] &&
	older 1800 && ring && step cat cancel
'

test_expect_success 'thirty unanswered calls of a user in an hour are allowed' '
	older 4000 && em_stop && em_conf calls.rings=0 &&
	em_conf calls.rings_hour=0 && em_start && rings 15 && older 900 &&
	rings 15 && refused && [ "$wait" -gt 2600 ] && [ "$wait" -le 2700 ] &&
	refused cat lea && older 1801 && is_there lea && start cat lea &&
	expect 429 && older 900 && start cat lea && expect 201 &&
	call=$(json .call_id) && step cat cancel && expect 200
'

test_expect_success 'the same two users may reuse a channel at once' '
	older 4000 && is_there lis && start cat lis "room 1" && expect 201 &&
	first=$(json .call_id) && call=$first &&
	is_there lea && start dan lea "room 1" && expect 409 channel_taken &&
	step lis accept && expect 200 && step cat end && expect 200 &&
	start dan lea "room 1" && expect 409 channel_taken &&
	start cat lis "room 1" && expect 201 && call=$(json .call_id) &&
	check_json ".channel_name == \"room 1\"" &&
	api GET "/calls/$first" -t "$TOKEN_cat" &&
	check_json ".channel_name == \"room 1\" and .state == \"ended\"" &&
	step cat cancel && expect 200
'

test_expect_success 'others may reuse a channel when its tokens have expired' '
	start dan lea "room 1" && expect 201 && call=$(json .call_id) &&
	step dan cancel && start cat lis "room 2" && expect 201 &&
	call=$(json .call_id) && step lis accept && step cat end &&
	start dan lea "room 2" && expect 409 channel_taken &&
	em_sql "UPDATE session SET tokens_until = $(date +%s)000 - 1000" &&
	start dan lea "room 2" && expect 201 && call=$(json .call_id) &&
	step lea accept && expect 200 && check_json ".rtc.channel == \"room 2\"" &&
	step lea end && expect 200
'

test_done
