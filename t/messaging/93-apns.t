#!/bin/sh
# shellcheck disable=SC2016,SC2154
test_description='delivery: push messages by the service of Apple'
. "$(dirname "$0")/../lib.sh"
# shellcheck source=t/lib-message-doubles.sh
. "$EM_SRC/t/lib-message-doubles.sh"

command -v node >/dev/null || { skip_all='node is not installed'; test_done; }

em_temp
push_double
apns_double
em_bare >/dev/null || exit 1
now=$(date +%s)000
em_sql "INSERT INTO user(uuid, status, username, referral_code, created_at, updated_at)
    VALUES (randomblob(16), 1, 'ana', 'R1', 1, 1);
    INSERT INTO device_session(id, user_id, created_at, used_at)
    VALUES (11, 1, $now, $now), (12, 1, $now, $now)"

# device TOKEN CHANNEL [ENVIRONMENT [SESSION [REGISTERED]]]: 0 fcm, 1 apns,
# 2 voip; 0 production, 1 sandbox.
device() {
	em_sql "INSERT INTO push_device(token, user_id, platform, kind, channel,
	    environment, session_id, created_at, used_at) VALUES ('$1', 1, 1, 0,
	    $2, ${3:-0}, ${4:-NULL}, 1, ${5:-$now})"
}
# put TEMPLATE [TITLE [DATA [TTL-SECONDS [URGENT]]]]: queues a message to all
# devices of the user.
put() {
	em_sql "INSERT INTO outbox(channel, user_id, template, title, body, data,
	    urgent, due_at, expires_at, created_at) VALUES (3, 1, '$1',
	    ${2:-'Title'}, ${2:-'Body'}, ${3:-NULL}, ${5:-0}, 0,
	    $now + ${4:-3600} * 1000, 0)"
}
ring='{"type":"call.incoming","call_id":77,"caller_username":"ben","deadline":9,"collapse":"call-77"}'
run() {
	: >"$apns" && : >"$log" &&
	em_jobs "$@" >out 2>>"$EM_STATE/log/once.log"
}
# got FILTER: checks the log of the double with jq.
got() {
	jq -se "$1" "$apns" >/dev/null || { note "$(cat "$apns")"; return 1; }
}
forget() {
	em_sql "DELETE FROM outbox; DELETE FROM push_device"
}
states() {
	em_sql "SELECT state, coalesce(error, '') FROM outbox
	    WHERE recipient IS NOT NULL ORDER BY id"
}
devices() {
	em_sql "SELECT coalesce(group_concat(token, ' '), '') FROM (SELECT token
	    FROM push_device ORDER BY token)"
}

test_expect_success 'a message is an alert with sound, priority 10 and the bundle ID as topic' '
	device aa01 1 && put notification "" "'\''{\"notification_id\":7,\"collapse\":\"x\"}'\''" &&
	run && grep -q "^apns 1$" out &&
	got "length == 1 and (.[0] | .status == 200 and .environment == \"production\"
	    and .headers == {\"apns-topic\": \"org.example.app\", \"apns-push-type\": \"alert\",
	    \"apns-priority\": \"10\", \"apns-collapse-id\": \"x\",
	    \"apns-expiration\": \"$((now / 1000 + 3600))\"} and
	    .body == {aps: {alert: {title: \"Title\", body: \"Body\"}, sound: \"default\"},
	    type: \"notification\", data: {notification_id: 7, collapse: \"x\"}})" &&
	[ "$(em_sql "SELECT count(*) FROM outbox WHERE state <> 1 OR body IS NOT NULL")" = 0 ]
'

test_expect_success 'a login session with a VoIP token is called only there' '
	forget && device aa01 1 0 11 && device cafe01 2 0 11 && device good-1 0 0 11 &&
	device aa02 1 0 12 && device good-2 0 &&
	put call_incoming "" "'\''$ring'\''" 900 1 && run &&
	got "map(select(.status == 200)) | length == 2 and (map(select(.to == \"cafe01\"))[0] |
	    .headers == {\"apns-topic\": \"org.example.app.voip\", \"apns-push-type\": \"voip\",
	    \"apns-priority\": \"10\", \"apns-expiration\": \"$((now / 1000 + 900))\"} and
	    .body == {aps: {}, type: \"call.incoming\", data: $ring}) and
	    (map(select(.to == \"aa02\"))[0] | .headers[\"apns-push-type\"] == \"alert\" and
	    .headers[\"apns-collapse-id\"] == \"call-77\")" &&
	jq -se "map(select(.what == \"fcm\") | .to) == [\"good-2\"]" "$log"
'

test_expect_success 'the end of a call is no VoIP push, and is data only at priority 5' '
	put call_over NULL "'\''{\"type\":\"call.over\",\"call_id\":77,\"collapse\":\"call-77\"}'\''" 900 1 &&
	run && got "(map(.to) | sort) == [\"aa01\", \"aa02\"] and all(.[]; .status == 200 and
	    .headers[\"apns-push-type\"] == \"background\" and
	    .headers[\"apns-priority\"] == \"5\" and
	    .body.aps == {\"content-available\": 1})" &&
	jq -se "map(select(.what == \"fcm\") | .to) | sort == [\"good-1\", \"good-2\"]" "$log"
'

test_expect_success 'other messages are not sent to a VoIP token' '
	put notification && run &&
	got "(map(.to) | sort) == [\"aa01\", \"aa02\"]"
'

test_expect_success 'a device of the sandbox gets messages from the sandbox' '
	forget && device 5a01 1 1 && device 5acafe01 2 1 12 &&
	put notification && put call_incoming "" "'\''$ring'\''" 900 1 && run &&
	got "length == 3 and all(.[]; .status == 200 and .environment == \"sandbox\")"
'

test_expect_success 'a ring beyond its deadline is not sent' '
	forget && device cafe01 2 && put call_incoming "" "'\''$ring'\''" -1 1 && run &&
	got "length == 0"
'

test_expect_success 'the collapse ID has at most 64 bytes and is safe in a header' '
	forget && device aa01 1 &&
	for id in "$(printf %064d 1)" "$(printf %065d 1)" "a b" "ü"; do
		put notification "" "'\''{\"collapse\":\"$id\"}'\''" || return 1
	done && run && got "length == 4 and all(.[]; .status == 200 and
	    (.headers[\"apns-collapse-id\"] | test(\"^[0-9a-f]{64}\$\")))"
'

test_expect_success 'a text that exceeds the limit of 4 KB is cut between two characters' '
	forget && device aa01 1 && device good-1 0 && put notification &&
	em_sql "UPDATE outbox SET body = replace(hex(zeroblob(1000)), '\''00'\'', '\''ह\"'\''),
	    data = json_object('\''x'\'', hex(zeroblob(900)))" && run &&
	got "length == 1 and (.[0] | .status == 200 and (.body.data.x | length) == 1800 and
	    (.body.aps.alert.body | length > 100 and length < 1000 and
	    test(\"^(ह\\\")+ह?\$\")))" &&
	jq -se "map(select(.what == \"fcm\")) | length == 1 and (.[0].bad | not)" "$log"
'

test_expect_success 'data that exceed the limit fail without a request' '
	forget && device aa01 1 && put notification &&
	em_sql "UPDATE outbox SET data = json_object('\''x'\'', hex(zeroblob(2100)))" &&
	run && got "length == 0" && [ "$(states)" = "2|the data are too large" ]
'

# ring_with N: queues a ring whose data have N more bytes, and sends it.
ring_with() {
	em_sql "DELETE FROM outbox" && put call_incoming "" "'{}'" 900 1 &&
	em_sql "UPDATE outbox SET data = json_set('$ring', '\$.caller_image_url',
	    substr(hex(zeroblob(5120)), 1, $1))" && run
}

test_expect_success 'a VoIP push has at most 5120 bytes, and another ring 4096' '
	forget && device cafe01 2 0 11 && device aa02 1 0 12 && ring_with 1 &&
	got "length == 2 and all(.[]; .status == 200)" &&
	voip=$(jq -s "map(select(.to == \"cafe01\"))[0].bytes" "$apns") &&
	alert=$(jq -s "map(select(.to == \"aa02\"))[0].bytes" "$apns") &&
	ring_with $((4096 - alert + 1)) && got "map([.to, .status, .bytes]) |
	    sort == [[\"aa02\", 200, 4096],
	    [\"cafe01\", 200, $((4096 - alert + voip))]]" &&
	ring_with $((5120 - voip + 1)) &&
	got "map([.to, .status, .bytes]) == [[\"cafe01\", 200, 5120]]" &&
	[ "$(states)" = "2|the data are too large" ] &&
	ring_with $((5120 - voip + 2)) && got "length == 0" &&
	[ "$(states | sort -u)" = "2|the data are too large" ]
'

test_expect_success 'a device is deleted if its token is invalid, but not for other errors' '
	forget && for token in aa01 bad001 f00101 dead02 e41001 dead0101 429001 \
	    500001; do
		device $token 1 || return 1
	done &&
	put notification && { run; true; } && got "length == 8" &&
	devices >out && echo "429001 500001 aa01 dead0101" >want &&
	test_cmp want out
'

test_expect_success 'an invalid token is deleted only if others are accepted for its topic' '
	forget && device bad001 1 && put notification && run &&
	[ "$(states)" = "2|400 BadDeviceToken" ] && [ "$(devices)" = bad001 ]
'

test_expect_success 'a device that was registered after it was unregistered is tried again' '
	forget && device dead0101 1 && put notification && { run; true; } &&
	[ "$(devices)" = dead0101 ] && [ "$(states | cut -d"|" -f1)" = "0" ]
'

test_expect_success 'an unsuitable device of one user is not an error of the account' '
	forget && device 429001 1 && device aa01 1 && put notification &&
	{ run; true; } && put notification && { run; true; } &&
	got "map(select(.to == \"aa01\" and .status == 200)) | length == 1"
'

test_expect_success 'a connection that Apple closes because it is idle is replaced' '
	forget && device 1d1e01 1 && put notification && run &&
	grep -q "^apns 1$" out && got "map(.status) == [400, 200]"
'

test_expect_success 'all processes use the same provider token, and later ones too' '
	forget && device aa01 1 && put notification && run && cp "$apns" first &&
	put notification && run &&
	[ "$(jq -s ".[0].jwt" first)" = "$(jq -s ".[0].jwt" "$apns")" ] &&
	[ "$(stat -c %a "$EM_STATE/run/apns-token")" = 600 ]
'

# at SECONDS: prints a time relative to the start, as em_jobs expects it.
at() {
	date -u -d "@$((now / 1000 + $1))" +%Y-%m-%dT%H:%M:%SZ
}

test_expect_success 'a token is renewed after 45 minutes' '
	apns_set set "{\"offset\":2640}" && put notification "" NULL 9000 &&
	run "$(at 2640)" && [ "$(jq -s ".[0].jwt" first)" = "$(jq -s ".[0].jwt" "$apns")" ] &&
	apns_set set "{\"offset\":2760}" && put notification "" NULL 9000 &&
	run "$(at 2760)" && got "length == 1 and .[0].status == 200" &&
	[ "$(jq -s ".[0].jwt" first)" != "$(jq -s ".[0].jwt" "$apns")" ]
'

test_expect_success 'an expired token is renewed, and the message is sent again' '
	apns_set set "{\"offset\":6400}" && put notification "" NULL 9000 &&
	run "$(at 4000)" && got "map(.status) == [403, 200] and
	    .[0].reason == \"ExpiredProviderToken\""
'

test_expect_success 'a token that is younger than 20 minutes is not replaced' '
	apns_set set "{\"offset\":7700}" && put notification "" NULL 9000 &&
	{ run "$(at 5100)"; got "map(.status) == [403]"; } &&
	em_sql "UPDATE outbox SET due_at = 0" && run "$(at 5300)" &&
	got "map(.status) == [403, 200]"
'

test_expect_success 'errors of the account keep the devices and the messages' '
	forget && rm "$EM_STATE/run/apns-token" && apns_set set "{\"offset\":0}" &&
	device 403001 1 && device aa01 1 && put notification && { run; true; } &&
	got "any(.[]; .reason == \"TooManyProviderTokenUpdates\")" &&
	[ "$(devices)" = "403001 aa01" ] &&
	[ "$(em_sql "SELECT count(*) FROM outbox WHERE state = 0")" = 2 ]
'

test_expect_success 'invalid settings are reported' '
	conf=$EM_STATE/earmark.conf && cp "$conf" right &&
	for change in "apns_key_id = x" "apns_team_id = x" "apns_topic =" \
	    "apns_url = http://push.example.org" "apns_key_file = $PWD/sa.pem"; do
		key=${change%% *} && chmod 600 sa.pem &&
		sed "s|^$key = .*|$change|" right >"$conf" &&
		test_expect_code 3 em_jobs 2>err && grep -q "delivery.$key" err || {
			note "$change: $(cat err)"
			return 1
		}
	done && cp right "$conf"
'

test_expect_success 'messages for a provider that is not configured fail with a reason' '
	sed -i "s|^apns_key_file = .*|apns_key_file =|" "$EM_STATE/earmark.conf" &&
	forget && device aa01 1 && put notification && run &&
	[ "$(states)" = "2|its provider is not configured" ]
'

test_done
