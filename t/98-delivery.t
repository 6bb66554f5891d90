#!/bin/sh
# shellcheck disable=SC2016
test_description='delivery: SMS, e-mail and push messages by providers'
. "$(dirname "$0")/lib.sh"

em_temp
SECRET=whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw
log=$PWD/senders.log mails=$PWD/mails.log
: >"$log"; : >"$mails"
started=
em_end_senders() { for p in $started; do kill "$p" 2>/dev/null; done; }
trap 'left=$?; em_end_senders; (exit $left); em_exit' EXIT

wait_for() {
	n=200
	until [ -s "$1" ]; do
		n=$((n - 1)); [ $n -gt 0 ] || exit 1
		sleep 0.05
	done
}
(umask 077; openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 \
    -out sa.pem 2>/dev/null
openssl pkey -in sa.pem -pubout -out sa.pub
jq -n --rawfile k sa.pem '{type: "service_account", project_id: "demo",
    client_email: "a@demo.iam", private_key: $k, private_key_id: "k1",
    token_uri: "https://oauth2.googleapis.com/token"}' >sa.json
openssl req -x509 -newkey rsa:2048 -nodes -keyout mail.key -out mail.crt \
    -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost 2>/dev/null
echo "$SECRET" >whsec; echo 12345 >twilio)
/usr/bin/python3 "$EM_SRC/t/doubles/senders.py" --port-file p1 --log "$log" \
    --public sa.pub --secret "$SECRET" 2>senders.err &
started=$!
/usr/bin/python3 "$EM_SRC/t/doubles/mail.py" p2 "$mails" mail.crt mail.key \
    2>mail.err &
started="$started $!"
wait_for p1; wait_for p2
U=http://127.0.0.1:$(cat p1)
em_conf delivery.sms=webhook
em_conf "delivery.sms_url=$U/sms"
em_conf "delivery.sms_secret_file=$PWD/whsec"
em_conf "delivery.twilio_url=$U"
em_conf delivery.twilio_account=AC1
em_conf "delivery.twilio_token_file=$PWD/twilio"
em_conf delivery.twilio_from=+15550199
em_conf delivery.email=smtp
em_conf "delivery.smtp_url=smtp://localhost:$(cat p2)"
em_conf "delivery.smtp_ca_file=$PWD/mail.crt"
em_conf delivery.mail_from=house@example.org
em_conf delivery.push=fcm
em_conf "delivery.fcm_url=$U"
em_conf "delivery.fcm_token_url=$U/token"
em_conf "delivery.fcm_key_file=$PWD/sa.json"
em_bare >/dev/null || exit 1
now=$(date +%s)000
em_sql "INSERT INTO user(uuid, status, username, referral_code, created_at, updated_at)
    VALUES (randomblob(16), 1, 'ana', 'R1', 1, 1)"

# put LANE RECIPIENT [TEMPLATE [DATA [TTL-SECONDS [URGENT]]]]
put() {
	em_sql "INSERT INTO outbox(lane, user_id, recipient, template, code, title,
		body, data, urgent, due_at, expires_at, created_at)
	    VALUES ($1, 1, $2, '${3:-otp_login}', '123456', 'Title',
		'Body.' || char(10) || '.two', ${4:-NULL}, ${6:-0}, 0,
		$now + ${5:-3600} * 1000, 0)"
}
device() {
	em_sql "INSERT INTO push_device VALUES ('$1', 1, 0, ${2:-0}, 1, $now)"
}
last() {
	em_sql "SELECT state, coalesce(error, '') FROM outbox
	    ORDER BY id DESC LIMIT 1"
}
run() {
	em_jobs "$@" >out 2>>"$EM_STATE/log/once.log"
}

test_expect_success 'an SMS is a webhook, signed as Standard Webhooks says' '
	put 1 "'\''+15550123'\''" && run && grep -q "^sms 1$" out &&
	jq -se "length == 1 and (.[0] | .good and .type == \"sms.send\" and
	    .data == {to: \"+15550123\", template: \"otp_login\",
	    code: \"123456\", text: \"Body.\n.two\"} and .id == \"msg_1\")" "$log" &&
	[ "$(last)" = "1|" ]
'

test_expect_success 'or a message of Twilio'\''s' '
	sed -i "s/^sms = .*/sms = twilio/" "$EM_STATE/earmark.conf" && : >"$log" &&
	put 1 "'\''+15550123'\''" && run &&
	jq -se "length == 1 and (.[0] | .good and .To == \"+15550123\" and
	    .From == \"+15550199\" and .Body == \"Body.\n.two\")" "$log"
'

test_expect_success 'e-mail goes by SMTP, with TLS' '
	put 2 "'\''ana@example.org'\''" && run && grep -q "^email 1$" out &&
	jq -se "length == 1 and (.[0] | .tls and .from == \"house@example.org\" and
	    .to == [\"ana@example.org\"] and (.text | contains(\"Subject: Title\r\n\")
	    and endswith(\"\r\n\r\nBody.\r\n.two\r\n\") and
	    contains(\"\r\nMessage-ID: <\") and startswith(\"Date: \")))" "$mails"
'

test_expect_success 'an address that is refused is given up, or tried later' '
	put 2 "'\''nobody@example.org'\''" && run && [ "$(last)" = "2|SMTP 550" ] &&
	put 2 "'\''later@example.org'\''" && { run; [ "$(last)" = "0|SMTP 451" ]; } &&
	em_sql "DELETE FROM outbox"
'

test_expect_success 'a push message goes to each device; a dead one is forgotten' '
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

test_expect_success 'a call rings at once, for as long as it rings, and no more' '
	: >"$log" && em_sql "DELETE FROM push_device" && device good-1 &&
	put 3 NULL notification && put 3 NULL call_incoming \
	    "'\''{\"type\":\"call.incoming\",\"call_id\":77,\"deadline\":9,\"collapse\":\"call-77\"}'\''" 20 1 &&
	run &&
	jq -se "map(select(.what == \"fcm\")) | .[0].message as \$m | length == 2 and
	    (\$m | .notification == null and .data.call_id == \"77\" and
	    .data.type == \"call.incoming\" and .android.priority == \"high\" and
	    .android.collapse_key == \"call-77\" and
	    (.android.ttl | rtrimstr(\"s\") | tonumber) <= 20 and
	    .apns.headers[\"apns-collapse-id\"] == \"call-77\")" "$log" &&
	: >"$log" && put 3 NULL call_incoming NULL -1 1 && run &&
	! grep -q fcm "$log" && [ "$(last)" = "2|expired" ]
'

test_expect_success 'who does not want calls by push gets none' '
	: >"$log" && em_sql "INSERT INTO preference(user_id, off) VALUES (1, 2)" &&
	put 3 NULL call_incoming NULL 20 1 && run && ! grep -q fcm "$log" &&
	[ "$(last)" = "2|not wanted" ] && em_sql "DELETE FROM preference"
'

test_expect_success 'Retry-After is honoured, and nobody else is bothered' '
	: >"$log" && em_sql "DELETE FROM push_device" && device busy-1 &&
	put 3 "'\''busy-1'\''" notification && put 3 "'\''busy-1'\''" notification &&
	{ run; [ "$(grep -c fcm "$log")" = 1 ]; } &&
	[ "$(em_sql "SELECT count(*) FROM outbox WHERE state = 0 AND attempts = 1
	    AND due_at >= $now + 60000 AND error = '\''429 QUOTA_EXCEEDED'\''")" = 1 ] &&
	[ "$(em_sql "SELECT count(*) FROM outbox WHERE state = 0 AND attempts = 0
	    AND leased_until = 0")" = 1 ] && em_sql "DELETE FROM outbox"
'

test_expect_success 'what is down is tried again until it expires' '
	em_sql "DELETE FROM push_device" && device down-1 &&
	put 3 "'\''down-1'\''" notification NULL 600 && { run; true; } &&
	[ "$(em_sql "SELECT state FROM outbox WHERE error LIKE '\''503%'\''")" = 0 ] &&
	run "$(date -u -d @$((now / 1000 + 700)) +%Y-%m-%dT%H:%M:%SZ)" &&
	[ "$(last)" = "2|expired" ]
'

test_expect_success 'a device that is another'\''s by now gets nothing' '
	: >"$log" && put 3 "'\''good-of-ben'\''" notification && run &&
	! grep -q fcm "$log" && [ "$(last)" = "2|the device is gone" ]
'

test_expect_success 'a lane that hangs delays no other' '
	em_sql "DELETE FROM outbox" && device hang-1 && : >"$mails" &&
	put 3 "'\''hang-1'\''" notification && put 2 "'\''ana@example.org'\''" &&
	"$EM_BUILD/earmark-jobs" -c "$EM_STATE/earmark.conf" \
	    2>>"$EM_STATE/log/jobs.log" &
	jobs=$! && n=100 &&
	until [ -s "$mails" ]; do
		n=$((n - 1)); [ $n -gt 0 ] || break
		sleep 0.05
	done
	kill -9 $jobs; wait $jobs 2>/dev/null
	[ $n -gt 0 ]
'

test_expect_success 'a mistake in the settings is told at the start' '
	sed -i "s/^fcm_key_file = .*/fcm_key_file = nowhere/" \
	    "$EM_STATE/earmark.conf" &&
	test_expect_code 3 em_jobs 2>err && grep -q delivery.fcm_key_file err
'

test_done
