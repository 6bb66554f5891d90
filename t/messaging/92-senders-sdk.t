#!/bin/sh
# npm installs the libraries of the vendors for this test only.
# shellcheck disable=SC2154
test_description='delivery: messages and doubles match the libraries of FCM, APNs, Twilio and Standard Webhooks'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=t/lib-message-doubles.sh
. "$EM_SRC/t/lib-message-doubles.sh"
# shellcheck source=t/lib-npm.sh
. "$EM_SRC/t/lib-npm.sh"

packages=$EM_BUILD/t/npm-senders
export npm_config_omit=optional
npm_need "$packages" "$EM_SRC"/t/npm/senders/*

em_temp
send_doubles
: >tls.log
openssl req -x509 -newkey rsa:2048 -nodes -keyout tls.key -out tls.crt \
    -days 2 -subj /CN=double -addext subjectAltName=DNS:oauth2.googleapis.com,DNS:fcm.googleapis.com,DNS:www.googleapis.com,DNS:accounts.google.com \
    2>/dev/null
/usr/bin/python3 "$EM_SRC/t/doubles/senders.py" --port-file p3 \
    --log tls.log --public sa.pub --secret "$SECRET" --tls tls.crt tls.key \
    2>tls.err &
send_started="$send_started $!"
TLS_PORT=$(send_port p3)
apns_double
em_bare >/dev/null || exit 1
em_sql "INSERT INTO user(uuid, status, username, referral_code, created_at,
    updated_at) VALUES (randomblob(16), 1, 'ana', 'R1', 1, 1)"
em_sql "INSERT INTO push_device(token, user_id, platform, kind,
    created_at, used_at) VALUES ('good-1', 1, 0, 0, 1, $(date +%s)000)"

sdk() {
	node "$packages/senders.js" "$@" >sdk.out 2>&1 || {
		note "$(cat sdk.out)"
		return 1
	}
}
# put CHANNEL RECIPIENT TEMPLATE DATA: queues a message.
put() {
	em_sql "INSERT INTO outbox(channel, user_id, recipient, template, title,
		body, data, urgent, due_at, expires_at, created_at)
	    VALUES ($1, 1, '$2', '$3', 'Title', 'Body.' || char(10) || '.two',
		$4, 0, 0, $(date +%s)000 + 60000, 0)"
}
run() {
	em_jobs >out 2>>"$EM_STATE/log/once.log"
}

test_expect_success 'the FCM library signs in, sends and reads errors of the double' '
	sdk fcm "$TLS_PORT" sa.json tls.crt &&
	jq -se "map(select(.what == \"token\")) | length >= 1 and all(.good)" \
	    tls.log
'

test_expect_success 'the FCM double rejects invalid messages to Apple devices' '
	sdk fcm_apple "$TLS_PORT" sa.json tls.crt
'

test_expect_success 'the FCM library retries if the double fails' '
	: >tls.log && sdk fcm_down "$TLS_PORT" sa.json tls.crt &&
	[ "$(grep -c "\"down-1\", \"message\"" tls.log)" = 5 ]
'

test_expect_success 'requests to FCM equal those of its library' '
	: >tls.log &&
	put 3 good-1 notification "'\''{\"notification_id\":7}'\''" && run &&
	put 3 good-1 call_incoming "'\''{\"type\":\"call.incoming\",\"call_id\":77,\"deadline\":9,\"collapse\":\"call-77\"}'\''" &&
	run &&
	put 3 good-1 call_over "'\''{\"type\":\"call.over\",\"call_id\":77,\"collapse\":\"call-77\"}'\''" &&
	em_sql "UPDATE outbox SET title = NULL, body = NULL WHERE state = 0" &&
	run && sdk fcm_same "$TLS_PORT" sa.json tls.crt "$log" tls.log
'

test_expect_success 'the APNs library sends, and reads the errors of the double' '
	sdk apns "$apns_port" apns.p8 apns.crt
'

test_expect_success 'the double of APNs accepts one recent token of the right key and team' '
	openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 \
	    -out other.p8 2>/dev/null &&
	apns_set set "{\"offset\":1300}" &&
	em_sql "INSERT INTO push_device(token, user_id, platform, kind, channel,
	    created_at, used_at) VALUES ('\''aa01'\'', 1, 1, 0, 1, 1,
	    $(date +%s)000)" &&
	em_sql "INSERT INTO outbox(channel, provider, user_id, recipient,
	    template, title, body, due_at, expires_at, created_at) VALUES (3, 1,
	    1, '\''aa01'\'', '\''notification'\'', '\''t'\'', '\''b'\'', 0,
	    $(date +%s)000 + 60000, 0)" && run && grep -q "^apns 1$" out &&
	sdk apns_token "$apns_port" apns.p8 apns.crt other.p8
'

test_expect_success 'SMS webhooks pass the verification of the Standard Webhooks library' '
	put 1 +15550123 otp_login NULL && run && grep -q "^sms 1$" out &&
	sdk webhook 0 "$log" "$SECRET"
'

test_expect_success 'requests to Twilio equal those of its library' '
	sed -i "s/^sms = .*/sms = twilio/" "$EM_STATE/earmark.conf" &&
	put 1 +15550123 otp_login NULL && run && grep -q "^sms 1$" out &&
	sdk twilio "${U##*:}" "$log"
'

test_done
