#!/bin/sh
# shellcheck disable=SC2016,SC2154
test_description='delivery: SMS, e-mail and push messages by providers'
. "$(dirname "$0")/../lib.sh"
# shellcheck source=t/lib-message-doubles.sh
. "$EM_SRC/t/lib-message-doubles.sh"

em_temp
send_doubles
em_bare >/dev/null || exit 1
now=$(date +%s)000
em_sql "INSERT INTO user(uuid, status, username, referral_code, created_at, updated_at)
    VALUES (randomblob(16), 1, 'ana', 'R1', 1, 1)"

# put CHANNEL RECIPIENT [TEMPLATE [DATA [TTL-SECONDS [URGENT]]]]: queues a
# message.
put() {
	em_sql "INSERT INTO outbox(channel, user_id, recipient, template, code, title,
		body, data, urgent, due_at, expires_at, created_at)
	    VALUES ($1, 1, $2, '${3:-otp_login}', '123456', 'Title',
		'Body.' || char(10) || '.two', ${4:-NULL}, ${6:-0}, 0,
		$now + ${5:-3600} * 1000, 0)"
}
device() {
	em_sql "INSERT INTO push_device(token, user_id, platform, kind, created_at,
	    used_at) VALUES ('$1', 1, 0, ${2:-0}, 1, $now)"
}
last() {
	em_sql "SELECT state, coalesce(error, '') FROM outbox
	    ORDER BY id DESC LIMIT 1"
}
run() {
	em_jobs "$@" >out 2>>"$EM_STATE/log/once.log"
}

test_expect_success 'an SMS is sent as a webhook, signed by Standard Webhooks' '
	put 1 "'\''+15550123'\''" && run && grep -q "^sms 1$" out &&
	jq -se "length == 1 and (.[0] | .good and .type == \"sms.send\" and
	    .data == {to: \"+15550123\", template: \"otp_login\",
	    code: \"123456\", text: \"Body.\n.two\"} and .id == \"msg_1\")" "$log" &&
	[ "$(last)" = "1|" ]
'

test_expect_success 'an SMS is sent with Twilio' '
	sed -i "s/^sms = .*/sms = twilio/" "$EM_STATE/earmark.conf" && : >"$log" &&
	put 1 "'\''+15550123'\''" && run &&
	jq -se "length == 1 and (.[0] | .good and .To == \"+15550123\" and
	    .From == \"+15550199\" and .Body == \"Body.\n.two\")" "$log"
'

test_expect_success 'an error of Twilio about the number is final, and one about the account is retried' '
	put 1 "'\''+15005550001'\''" && run && [ "$(last)" = "2|status 400, code 21211" ] &&
	put 1 "'\''+15005550003'\''" && { run; true; } &&
	[ "$(last)" = "0|status 400, code 21408" ] &&
	sed -i "s/^twilio_from = .*/twilio_from = +15005550007/" "$EM_STATE/earmark.conf" &&
	put 1 "'\''+15550123'\''" && { run; true; } &&
	[ "$(last)" = "0|status 400, code 21606" ] && em_sql "DELETE FROM outbox" &&
	sed -i "s/^twilio_from = .*/twilio_from = +15550199/" "$EM_STATE/earmark.conf"
'

test_expect_success 'e-mail is sent by SMTP with TLS' '
	put 2 "'\''ana@example.org'\''" && run && grep -q "^email 1$" out &&
	jq -se "length == 1 and (.[0] | .tls and .from == \"house@example.org\" and
	    .to == [\"ana@example.org\"] and (.text | contains(\"Subject: Title\r\n\")
	    and endswith(\"\r\n\r\nBody.\r\n.two\r\n\") and
	    contains(\"\r\nMessage-ID: <\") and startswith(\"Date: \")))" "$mails"
'

test_expect_success 'title and text of an e-mail can have any length and characters' '
	: >"$mails" && put 2 "'\''ana@example.org'\''" &&
	em_sql "UPDATE outbox SET title = '\''Grüße, Zoë: '\'' || replace(hex(zeroblob(30)),
	    '\''00'\'', '\''é'\''), body = replace(hex(zeroblob(400)), '\''00'\'', '\''ü='\'')
	    WHERE state = 0" && run &&
	/usr/bin/python3 -c "
import email, email.policy, json, sys
text = json.loads(open(sys.argv[1]).read())[\"text\"]
assert text.isascii() and max(map(len, text.split(\"\r\n\"))) <= 76
m = email.message_from_string(text, policy=email.policy.default)
assert m[\"Subject\"] == \"Grüße, Zoë: \" + 30 * \"é\", m[\"Subject\"]
assert m.get_content().strip() == 400 * \"ü=\"" "$mails"
'

test_expect_success 'e-mail is dropped after a 5xx reply and retried after a 4xx reply' '
	put 2 "'\''nobody@example.org'\''" && run && [ "$(last)" = "2|SMTP rcpt 550" ] &&
	put 2 "'\''later@example.org'\''" && { run; [ "$(last)" = "0|SMTP rcpt 451" ]; } &&
	em_sql "DELETE FROM outbox"
'

test_expect_success 'a push message goes to all devices, and unregistered devices are deleted' '
	: >"$log" && device good-1 && device good-2 1 && device gone-3 &&
	device other-4 && device odd-5 &&
	put 3 NULL notification "'\''{\"notification_id\":7,\"a\":[1]}'\''" && run &&
	grep -q "^push 2$" out &&
	jq -se "map(select(.what == \"token\")) | length == 1 and .[0].good" "$log" &&
	jq -se "map(select(.what == \"fcm\")) | length == 5 and (any(.[]; .bad) | not)
	    and (map(select(.to == \"good-2\"))[0].message | .fid == \"good-2\" and
	    .notification.title == \"Title\" and .data.notification_id == \"7\" and
	    .data.json == \"{\\\"notification_id\\\":7,\\\"a\\\":[1]}\" and
	    .android.priority == \"normal\")" "$log" &&
	em_sql "SELECT token FROM push_device ORDER BY token" >got &&
	printf "good-1\ngood-2\n" >want && test_cmp want got &&
	em_sql "SELECT count(*) FROM outbox WHERE recipient IS NOT NULL OR
	    body IS NOT NULL OR state = 0" >got && echo 0 >want && test_cmp want got
'

test_expect_success 'only the new token of a device gets messages' '
	: >"$log" && em_sql "DELETE FROM push_device" && device gone-1 &&
	put 3 NULL notification && run && device good-9 && : >"$log" &&
	put 3 NULL notification && run && grep -q "^push 1$" out &&
	jq -se "map(select(.what == \"fcm\") | .to) == [\"good-9\"]" "$log" &&
	[ "$(em_sql "SELECT group_concat(token) FROM push_device")" = good-9 ]
'

test_expect_success 'a call is pushed with high priority and a deadline, without a collapse key' '
	: >"$log" && em_sql "DELETE FROM push_device" && device good-1 &&
	put 3 NULL notification && put 3 NULL call_incoming \
	    "'\''{\"type\":\"call.incoming\",\"call_id\":77,\"deadline\":9,\"collapse\":\"call-77\"}'\''" 900 1 &&
	run && jq -se "any(.[]; .bad) | not" "$log" &&
	jq -se "map(select(.what == \"fcm\")) | length == 2 and
	    (map(.message | select(.data.call_id != null)) | .[0]) as \$m |
	    (\$m | .notification == null and .data.call_id == \"77\" and
	    .data.type == \"call.incoming\" and .android.priority == \"high\" and
	    .android.collapse_key == null and
	    (.android.ttl | rtrimstr(\"s\") | tonumber) <= 900 and
	    .apns.headers[\"apns-collapse-id\"] == \"call-77\" and
	    .apns.headers[\"apns-push-type\"] == \"alert\" and
	    .apns.headers[\"apns-priority\"] == \"10\" and .apns.payload.aps ==
	    {alert: {title: \"Title\", body: \"Body.\\n.two\"}, sound: \"default\"})" "$log" &&
	: >"$log" && put 3 NULL call_incoming NULL -1 1 && run &&
	! grep -q fcm "$log" && [ "$(last)" = "2|expired" ]
'

test_expect_success 'the device that answered a call is not told to stop ringing' '
	: >"$log" && em_sql "DELETE FROM push_device;
	    INSERT INTO device_session(id, user_id, created_at, used_at)
	    VALUES (11, 1, $now, $now), (12, 1, $now, $now)" &&
	for i in 1 2; do
		device "good-$i" && em_sql "UPDATE push_device SET session_id = 1$i
		    WHERE token = '\''good-$i'\''" || return 1
	done &&
	put 3 NULL call_over "'\''{\"type\":\"call.over\",\"call_id\":77,\"reason\":\"answered_elsewhere\",\"answered_on\":11}'\''" 900 1 &&
	run && jq -se "map(select(.what == \"fcm\")) | length == 1 and
	    .[0].to == \"good-2\" and (.[0].message.data |
	    .reason == \"answered_elsewhere\" and .answered_on == \"11\")" "$log" &&
	: >"$log" && put 3 NULL call_over \
	    "'\''{\"call_id\":77,\"reason\":\"cancelled\",\"answered_on\":null}'\''" 900 1 &&
	run && [ "$(grep -c fcm "$log")" = 2 ] &&
	em_sql "DELETE FROM push_device WHERE token = '\''good-2'\''" &&
	put 3 NULL call_over "'\''{\"answered_on\":11}'\''" 900 1 && run &&
	[ "$(last)" = "1|" ] && em_sql "DELETE FROM device_session"
'

test_expect_success 'a user who disabled calls by push gets none' '
	: >"$log" && em_sql "INSERT INTO preference(user_id, off) VALUES (1, 2)" &&
	put 3 NULL call_incoming NULL 900 1 && run && ! grep -q fcm "$log" &&
	[ "$(last)" = "2|disabled by the user" ] &&
	em_sql "DELETE FROM preference"
'

test_expect_success 'the end of a call is data only, at priority 5 for Apple devices' '
	: >"$log" && device good-1 &&
	put 3 NULL call_over "'\''{\"call_id\":77}'\''" 900 1 &&
	em_sql "UPDATE outbox SET title = NULL, body = NULL WHERE state = 0" && run &&
	jq -se "map(select(.what == \"fcm\")) | length == 1 and (.[0] | (.bad | not) and
	    (.message | .notification == null and .android.priority == \"normal\" and
	    .apns.headers[\"apns-push-type\"] == \"background\" and
	    .apns.headers[\"apns-priority\"] == \"5\" and
	    .apns.payload.aps == {\"content-available\": 1}))" "$log"
'

test_expect_success 'Retry-After is honored and delays only the messages of that device' '
	: >"$log" && em_sql "DELETE FROM push_device" && device busy-1 &&
	device good-1 && put 3 "'\''busy-1'\''" notification &&
	put 3 "'\''busy-1'\''" notification &&
	put 3 "'\''good-1'\''" notification && { run; grep -q "^push 1$" out; } &&
	[ "$(em_sql "SELECT count(*) FROM outbox WHERE state = 0 AND attempts = 1
	    AND due_at >= $now + 60000 AND error = '\''429 QUOTA_EXCEEDED'\''")" = 2 ] &&
	em_sql "DELETE FROM outbox"
'

# at SECONDS: prints a time after the start of this script.
at() {
	date -u -d "@$((now / 1000 + $1))" +%Y-%m-%dT%H:%M:%SZ
}

test_expect_success 'a 429 is retried when Retry-After says so, or after 60 seconds without it' '
	device soon-1 && device full-1 && put 3 "'\''soon-1'\''" notification &&
	put 3 "'\''full-1'\''" notification && { run "$(at 0)"; true; } &&
	em_sql "SELECT recipient, due_at BETWEEN $now + 5000 AND $now + 9000,
	    due_at >= $now + 60000 FROM outbox ORDER BY id" >got &&
	printf "soon-1|1|0\nfull-1|0|1\n" >want && test_cmp want got &&
	em_sql "DELETE FROM outbox"
'

test_expect_success 'a ring to a device that gets too many messages is retried while it rings' '
	device rate-1 && put 3 "'\''rate-1'\''" call_incoming NULL 45 1 &&
	{ run "$(at 0)"; true; } && [ "$(last)" = "0|429 QUOTA_EXCEEDED" ] &&
	run "$(at 2)" && [ "$(last)" = "1|" ]
'

test_expect_success 'a ring that cannot be retried before the ringing ends is recorded as expired' '
	put 3 "'\''full-1'\''" call_incoming NULL 45 1 && { run "$(at 0)"; true; } &&
	[ "$(last)" = "2|expired after: 429 QUOTA_EXCEEDED" ] &&
	em_sql "DELETE FROM outbox"
'

test_expect_success 'if several devices in a row get 429, the channel pauses, except for calls' '
	: >"$log" && for i in 1 2 3 4 5; do
		device "few-$i" && put 3 "'\''few-$i'\''" notification || return 1
	done && : >"$log.quota" && { run; [ "$(grep -c fcm "$log")" = 3 ]; } &&
	rm "$log.quota" &&
	[ "$(em_sql "SELECT count(*) FROM outbox WHERE state = 0 AND attempts = 0
	    AND leased_until = 0")" = 2 ] && em_sql "DELETE FROM outbox"
'

test_expect_success 'a rejected access token is renewed' '
	: >"$log" && device late-1 && put 3 "'\''late-1'\''" notification &&
	run && grep -q "^push 1$" out && [ "$(last)" = "1|" ] &&
	[ "$(grep -c "\"token\", \"good\": true" "$log")" = 2 ]
'

test_expect_success 'a rejected sender account keeps messages and devices' '
	: >"$log" && device denied-1 && device wrong-1 &&
	put 3 "'\''wrong-1'\''" notification && { run; [ "$(last)" = "2|status 400" ]; } &&
	put 3 "'\''denied-1'\''" notification && { run; [ "$(last)" = "0|status 403" ]; } &&
	[ "$(em_sql "SELECT count(*) FROM push_device
	    WHERE token IN ('\''denied-1'\'', '\''wrong-1'\'')")" = 2 ] &&
	em_sql "DELETE FROM outbox"
'

test_expect_success 'a failing provider is retried until the message expires' '
	em_sql "DELETE FROM push_device" && device down-1 &&
	put 3 "'\''down-1'\''" notification NULL 600 && { run; true; } &&
	[ "$(em_sql "SELECT state FROM outbox WHERE error LIKE '\''503%'\''")" = 0 ] &&
	run "$(date -u -d @$((now / 1000 + 700)) +%Y-%m-%dT%H:%M:%SZ)" &&
	[ "$(last)" = "2|expired" ]
'

test_expect_success 'a message to a device that now belongs to another user is not sent' '
	: >"$log" && put 3 "'\''good-of-ben'\''" notification && run &&
	! grep -q fcm "$log" && [ "$(last)" = "2|the device was removed" ]
'

# many CHANNEL RECIPIENT N: queues N messages.
many() {
	em_sql "INSERT INTO outbox(channel, user_id, recipient, template, title,
		body, due_at, expires_at, created_at)
	    WITH n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $3)
	    SELECT $1, 1, '$2', 'notification', 'Title', 'Body', 0,
		$now + 3600000, 0 FROM n"
}

test_expect_success 'several messages are sent in parallel' '
	em_sql "DELETE FROM outbox" && device slow-1 && : >"$log" &&
	many 3 slow-1 300 && run &&
	parallel=$(jq -s "map(select(.what == \"slow\").parallel) | max" "$log") &&
	note "$parallel messages at a time" &&
	grep -q "^push 300$" out && [ "$(grep -c fcm "$log")" = 300 ] &&
	[ "$parallel" -ge 8 ]
'

test_expect_success 'sending continues if all parallel messages complete at once' '
	em_sql "DELETE FROM outbox" && device crowd-1 && many 3 crowd-1 100 &&
	run && grep -q "^push 100$" out
'

start_jobs() {
	"$EM_BUILD/earmark-jobs" -c "$EM_STATE/earmark.conf" \
	    2>>"$EM_STATE/log/jobs.log" &
	jobs=$!
}

# soon CONDITION: waits up to 9 s, which is less than a request may take.
soon() {
	n=180
	until eval "$1"; do
		n=$((n - 1)); [ $n -gt 0 ] || { note "never: $1"; return 1; }
		sleep 0.05
	done
}

test_expect_success 'a provider that does not respond delays no other messages' '
	em_sql "DELETE FROM outbox" && device hang-1 && device good-1 &&
	: >"$mails" && : >"$log" && many 3 good-1 1 && many 3 hang-1 1 &&
	many 3 good-1 60 && many 2 ana@example.org 1 && start_jobs &&
	soon "[ \$(grep -c fcm \"$log\") = 62 ] && [ -s \"$mails\" ]" &&
	soon "[ \$(em_sql \"SELECT count(*) FROM outbox WHERE state = 0\") = 1 ]" &&
	put 3 "'\''good-1'\''" call_incoming NULL 900 1 &&
	soon "[ \$(grep -c fcm \"$log\") = 63 ]"
	good=$?
	kill -9 $jobs && { wait $jobs 2>/dev/null; test $good = 0; }
'

test_expect_success 'invalid settings are reported at start' '
	conf=$EM_STATE/earmark.conf && cp "$conf" right &&
	chmod 604 sa.json && test_expect_code 3 em_jobs 2>err &&
	grep -q "delivery.fcm_key_file: .* is accessible by other users" err &&
	chmod 600 sa.json &&
	sed -i "s/^fcm_key_file = .*/fcm_key_file = nowhere/" "$conf" &&
	test_expect_code 3 em_jobs 2>err && grep -q delivery.fcm_key_file err &&
	cp right "$conf" &&
	sed -i "s|^fcm_url = .*|fcm_url = http://localhost.evil|" "$conf" &&
	test_expect_code 3 em_jobs 2>err &&
	grep -q "delivery.fcm_url must begin with https://" err &&
	cp right "$conf"
'

test_done
