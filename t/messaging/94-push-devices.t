#!/bin/sh
# shellcheck disable=SC2016,SC2154
test_description='push devices: registration, calls, and the end of a login session'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=t/lib-money.sh
. "$EM_SRC/t/lib-money.sh"
# shellcheck source=t/lib-auth.sh
. "$EM_SRC/t/lib-auth.sh"
# shellcheck source=t/lib-message-doubles.sh
. "$EM_SRC/t/lib-message-doubles.sh"

command -v node >/dev/null || { skip_all='node is not installed'; test_done; }

em_temp
push_double
apns_double
em_conf limits.write_rate=0
em_conf billing.free_seconds=0
em_start

# device TOKEN JSON: registers a push device with an access token.
device() {
	api POST /notifications/devices -t "$1" "$2"
}
# apple TOKEN PUSH-TOKEN CHANNEL
apple() {
	device "$1" "{\"token\":\"$2\",\"platform\":\"ios\",\"channel\":\"$3\"}" &&
	case $status in 200 | 201) ;; *) expect 201 ;; esac
}
android() {
	device "$1" "{\"token\":\"$2\",\"platform\":\"android\"}" &&
	case $status in 200 | 201) ;; *) expect 201 ;; esac
}
# sign_in NAME: sets T (access token) and S (id) of a new login session.
sign_in() {
	api POST /auth/login "$(obj identifier="$1" password="$EM_PASSWORD")" &&
	expect 200 && T=$(json .access_token) &&
	S=$(em_sql 'SELECT max(id) FROM device_session')
}
list() {
	api GET /notifications/devices -t "$1" && expect 200
}

test_expect_success 'a device of Apple is registered with channel and environment' '
	person ana && person ben && em_user adm admin &&
	device "$TOKEN_ana" "{\"token\":\"AABBCCDD01\",\"platform\":\"ios\",
	    \"channel\":\"voip\",\"environment\":\"development\"}" && expect 201 &&
	check_json ".token == \"aabbccdd01\" and .platform == \"ios\" and
	    .kind == \"token\" and .channel == \"voip\" and
	    .environment == \"sandbox\" and .created_at" &&
	device "$TOKEN_ana" "{\"token\":\"aabbccdd01\",\"platform\":\"ios\",
	    \"channel\":\"voip\"}" && expect 200 &&
	check_json ".environment == \"production\""
'

test_expect_success 'a device has channel fcm and environment production by default' '
	android "$TOKEN_ana" fcm:Token-1 && expect 201 &&
	check_json ".channel == \"fcm\" and .environment == \"production\" and
	    .kind == \"token\""
'

test_expect_success 'GET /notifications/devices lists the devices of the caller only' '
	apple "$TOKEN_ben" beef0001 apns && list "$TOKEN_ana" &&
	check_json "[.devices[].token] | sort == [\"aabbccdd01\", \"fcm:Token-1\"]" &&
	check_json "all(.devices[]; .last_used_at and .created_at)" &&
	tag=$(header ETag) &&
	api GET /notifications/devices -t "$TOKEN_ana" -H "If-None-Match: $tag" &&
	expect 304 && list "$TOKEN_ben" &&
	check_json "[.devices[] | [.token, .channel]] == [[\"beef0001\", \"apns\"]]"
'

test_expect_success 'a device of Apple can be removed by its token in any case' '
	api DELETE /notifications/devices/AABBCCDD01 -t "$TOKEN_ben" &&
	expect 404 not_found &&
	api DELETE /notifications/devices/AABBCCDD01 -t "$TOKEN_ana" &&
	expect 204 && api GET /notifications/devices -t "$TOKEN_ana" \
	    -H "If-None-Match: $tag" && expect 200 &&
	check_json "[.devices[].token] == [\"fcm:Token-1\"]"
'

test_expect_success 'channels of Apple require platform ios and a token in hex' '
	for json in "\"platform\":\"android\",\"token\":\"aabbccdd\"" \
	    "\"platform\":\"web\",\"token\":\"aabbccdd\"" \
	    "\"platform\":\"ios\",\"token\":\"aabbccddx\"" \
	    "\"platform\":\"ios\",\"token\":\"aabbccdd0\"" \
	    "\"platform\":\"ios\",\"token\":\"$(printf %0202d 1)\"" \
	    "\"platform\":\"ios\",\"token\":\"aabbccdd\",\"kind\":\"fid\"" \
	    "\"platform\":\"ios\",\"token\":\"aabbccdd\",\"environment\":\"x\""; do
		device "$TOKEN_ana" "{\"channel\":\"voip\",$json}" &&
		expect 400 validation_failed || return 1
	done &&
	device "$TOKEN_ana" "{\"token\":\"aabbccdd\",\"platform\":\"ios\",
	    \"channel\":\"pigeon\"}" && expect 400 validation_failed
'

test_expect_success 'a push message above the limit of the providers returns 400' '
	many=$(printf %01000d 0 | sed "s/0/ह/g") && data=$(printf %01900d 0) &&
	send() {
		api POST /notifications/send -t "$TOKEN_adm" \
		    -H "Idempotency-Key: $(cat /proc/sys/kernel/random/uuid)" "$1"
	} &&
	send "{\"user_id\":$ID_ben,\"title\":\"t\",\"body\":\"$many\",\"data\":{\"x\":\"$data\"}}" &&
	expect 400 validation_failed && check_json ".fields.body | test(\"4096\")" &&
	[ "$(em_sql "SELECT count(*) FROM notification")" = 0 ] &&
	send "{\"user_id\":$ID_ben,\"title\":\"t\",\"body\":\"$many\",\"data\":{\"x\":\"$data\"},
	    \"channels\":[\"in_app\",\"email\"]}" && expect 202 &&
	send "{\"user_id\":$ID_ben,\"title\":\"t\",\"body\":\"$many\"}" && expect 202 &&
	em_until "grep -q \"\\\"to\\\":\\\"beef0001\\\"\" \"$apns\"" &&
	jq -se "length == 1 and .[0].status == 200 and
	    (.[0].body.aps.alert.body | length) == 1000" "$apns"
'

reachable() {
	api POST /presence/update -t "$TOKEN_lis" \
	    '{"status":"online","reachable_for":600}'
}
test_expect_success 'a device that only gets alerts of APNs cannot ring' '
	listener lis 600 && em_user cat && fund cat 600000 &&
	reachable && expect 409 no_ringing_device &&
	apple "$TOKEN_lis" aa0001ff apns && reachable &&
	expect 409 no_ringing_device && apple "$TOKEN_lis" cafe01ff voip &&
	reachable && expect 200
'

test_expect_success 'a call reaches an iPhone by VoIP with all that its screen shows' '
	: >"$apns" && online lis && start_call() {
		api POST /call/start -t "$TOKEN_cat" "{\"calleeId\":$ID_lis}" &&
		expect 201 && call=$(json .call_id)
	} && start_call && em_until "grep -q cafe01ff \"$apns\"" &&
	jq -se "length == 1 and (.[0] | .status == 200 and
	    .headers[\"apns-push-type\"] == \"voip\" and
	    (.headers[\"apns-expiration\"] | tonumber) == .body.data.deadline and
	    .body.type == \"call.incoming\" and (.body.data |
	    .call_id == $call and .caller_id == $ID_cat and
	    .caller_username == \"cat\" and has(\"caller_image_url\") and
	    .kind == \"audio\" and (.channel | length > 0) and
	    .rate_per_minute == 600))" "$apns"
'

test_expect_success 'push data contain no media credentials' '
	! grep -qiE "token\"|credential|turn:|password" "$apns"
'

test_expect_success 'the end of a call does not use the VoIP token' '
	: >"$apns" && api POST /call/cancel -t "$TOKEN_cat" "{\"callId\":$call}" &&
	expect 200 && em_until "grep -q call.over \"$apns\"" &&
	jq -se "all(.[]; .to == \"aa0001ff\" and .status == 200) and
	    (map(select(.body.type == \"call.over\")) | length == 1 and
	    .[0].headers[\"apns-push-type\"] == \"background\" and
	    .[0].body.data.reason == \"cancelled\" and
	    .[0].body.data.call_id == $call)" "$apns"
'

# register_all: registers a device of each channel for the session T.
register_all() {
	apple "$T" cafe0000aa voip && apple "$T" aa0000aa apns &&
	android "$T" phone-of-ana
}
# queue: queues a message to each of these devices and one to all devices, due
# later.
queue() {
	em_sql "INSERT INTO outbox(channel, provider, user_id, recipient, template,
		title, body, data, urgent, due_at, expires_at, created_at)
	    SELECT 3, value <> 'phone-of-ana' AND value IS NOT NULL, $ID_ana,
	    value, 'call_incoming', 'Private', 'Private', NULL, 1,
	    unixepoch() * 1000 + 1800000, unixepoch() * 1000 + 3600000, 0
	    FROM json_each('[\"cafe0000aa\",\"aa0000aa\",\"phone-of-ana\",null]')"
}
# silent: sends everything that is queued. Succeeds if no provider got a
# message for these devices.
silent() {
	: >"$apns" && : >"$log" &&
	em_sql "UPDATE outbox SET due_at = 0 WHERE state = 0" &&
	em_until "[ -z \"\$(em_sql \"SELECT 1 FROM outbox WHERE state = 0\")\" ]" &&
	! grep -qE "cafe0000aa|aa0000aa|phone-of-ana" "$apns" "$log"
}

test_expect_success 'control: queued messages of a signed-in session are sent' '
	sign_in ana && register_all && queue && ! silent &&
	grep -q cafe0000aa "$apns" && grep -q aa0000aa "$apns" &&
	grep -q phone-of-ana "$log"
'

test_expect_success 'logout stops queued messages' '
	queue && api POST /auth/logout -t "$T" && expect 204 && silent
'

test_expect_success 'ending a session from another device stops queued messages' '
	sign_in ana && register_all && queue &&
	api DELETE "/auth/sessions/$S" -t "$TOKEN_ana" && expect 204 && silent
'

test_expect_success 'logout-all stops queued messages' '
	sign_in ana && register_all && queue &&
	api POST /auth/logout-all -t "$T" && expect 204 && silent
'

test_expect_success 'a password reset stops queued messages' '
	sign_in ana && register_all && queue && otp_age 31 &&
	{ old=$(em_code ana@example.org) || :; } &&
	post password/forgot identifier=ana && expect 202 &&
	em_until "em_code ana@example.org >code &&
	    test \"\$(cat code)\" != \"$old\"" &&
	post password/reset identifier=ana code="$(cat code)" \
	    new_password="$EM_PASSWORD" && expect 204 && silent
'

test_expect_success 'a ban stops queued messages' '
	sign_in ana && register_all && queue && em_cli user ban ana --reason x &&
	silent && em_cli user unban ana && silent
'

test_expect_success 'a device that another user registers gets no queued messages of the first' '
	sign_in ana && register_all && queue &&
	apple "$TOKEN_ben" cafe0000aa voip && apple "$TOKEN_ben" aa0000aa apns &&
	android "$TOKEN_ben" phone-of-ana && silent
'

test_expect_success 'account deletion stops queued messages' '
	sign_in ana && register_all && queue &&
	api DELETE /user/profile -t "$T" && expect 204 && silent
'

test_done
