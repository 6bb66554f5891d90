#!/bin/sh
# The doubles of the services count what they receive.
test_description='earmark doctor: services that cannot be reached, and their keys'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=t/lib-message-doubles.sh
. "$EM_SRC/t/lib-message-doubles.sh"
em_conf delivery.smtp_user=house
em_conf "delivery.smtp_password_file=$PWD/smtp.password"
(umask 077 && echo secret >smtp.password && echo sk_test_1 >stripe.key &&
    echo whsec_1 >stripe.hooks)
send_doubles
em_conf payments.providers=stripe
em_conf "payments.stripe_url=$U"
em_conf "payments.stripe_key_file=$PWD/stripe.key"
em_conf "payments.stripe_webhook_file=$PWD/stripe.hooks"
mkdir keys && openssl rsa -in sa.pem -noout -modulus | /usr/bin/python3 -c '
import base64, json, sys
n = bytes.fromhex(sys.stdin.read().strip().partition("=")[2])
print(json.dumps({"keys": [{"kty": "RSA", "kid": "1", "e": "AQAB",
    "n": base64.urlsafe_b64encode(n).decode().rstrip("=")}]}))' >keys/jwks.json
echo "{\"keys\":[]}" >keys/none.json
/usr/bin/python3 -u -m http.server --bind 127.0.0.1 --directory keys 0 \
    >web.log 2>&1 &
send_started="$send_started $!"
/usr/bin/python3 "$EM_SRC/t/doubles/stun.py" p5 2>stun.err &
send_started="$send_started $!"
em_until "grep -q \"port [0-9]\" web.log" && [ -n "$(send_port p5)" ] || exit 1
web=http://127.0.0.1:$(sed -n 's/.*port \([0-9]*\).*/\1/p' web.log)
{
	read -r udp
	read -r tcp
	read -r silent
} <p5
em_conf oidc.google.audiences=app
em_conf "oidc.google.jwks_url=$web/jwks.json"
em_conf "rtc.stun_urls=stun:127.0.0.1:$udp"
em_conf "rtc.turn_urls=turn:127.0.0.1:$tcp?transport=tcp"
(umask 077 && echo a-secret-of-the-relay >turn)
em_conf "rtc.turn_secret_file=$PWD/turn"
em_conf "rtc.agora_url=$U"
em_conf rtc.agora_customer_id=customer
em_bare >/dev/null || exit 1

# is NAME STATUS TEXT: succeeds if the check NAME has this result.
is() {
	em_cli doctor --json >doctor.json
	jq -e --arg name "$1" --arg status "$2" --arg text "$3" \
	    '.checks[] | select(.name == $name) | .status == $status and
	    (.message | contains($text))' doctor.json >out || {
		note "$1 is not $2:" "$(jq -c '.checks[]' doctor.json)"
		return 1
	}
}
# with KEY VALUE NAME STATUS TEXT: does the same with another value.
with() {
	cp "$EM_STATE/earmark.conf" kept.conf &&
	sed -i "s|^$1 = .*|$1 = $2|" "$EM_STATE/earmark.conf" &&
	is "$3" "$4" "$5"
	found=$?
	cp kept.conf "$EM_STATE/earmark.conf"
	return $found
}

test_expect_success 'services that can be reached are ok' '
	is "mail server" ok "smtp://localhost:" && is "SMS gateway" ok "$U is" &&
	is FCM ok "$U" && is Stripe ok "$U" && is "Stripe keys" ok complete &&
	is Agora ok "$U" && is "sign-in with google" ok "$web is" &&
	is "STUN server" ok "stun:127.0.0.1:$udp is" &&
	is "TURN server" ok "turn:127.0.0.1:$tcp?transport=tcp is"
'

test_expect_success 'services that cannot be reached are bad' '
	with smtp_url smtp://localhost:1 "mail server" bad \
	    "check delivery.smtp_url" &&
	with smtp_url smtps://nowhere.invalid "mail server" bad \
	    "smtps://nowhere.invalid cannot be used: " &&
	with sms_url http://127.0.0.1:1/send?key=private "SMS gateway" bad \
	    "http://127.0.0.1:1 cannot be used: " &&
	! grep -q private doctor.json &&
	with fcm_url http://127.0.0.1:1 FCM bad "check delivery.fcm_url" &&
	with stripe_url http://127.0.0.1:1 Stripe bad "check payments.stripe_url"
'

test_expect_success 'OpenID providers without usable keys are bad' '
	with jwks_url http://127.0.0.1:1/x "sign-in with google" bad \
	    "check oidc.google.jwks_url" &&
	with jwks_url "$web/x" "sign-in with google" bad "it responded 404" &&
	with jwks_url "$web/none.json" "sign-in with google" bad "no key" &&
	with agora_url http://127.0.0.1:1 Agora bad "check rtc.agora_url"
'

test_expect_success 'STUN and TURN servers that do not respond are a warning' '
	with stun_urls "stun:127.0.0.1:$silent" "STUN server" warn \
	    "no response: unless devices can reach it, check rtc.stun_urls" &&
	with stun_urls stun:127.0.0.1:1 "STUN server" warn refused &&
	with stun_urls stun:nowhere.invalid "STUN server" warn \
	    "stun:nowhere.invalid cannot be reached" &&
	with stun_urls stun:127.0.0.1:x "STUN server" warn "no URL" &&
	with turn_urls "turn:127.0.0.1:1?transport=tcp" "TURN server" warn \
	    refused &&
	with turn_urls "turns:127.0.0.1:$tcp" "TURN server" warn rtc.turn_urls &&
	with turn_urls "turn:127.0.0.1:$udp?transport=udp" "TURN server" ok ""
'

test_expect_success 'a mail server with another certificate, and a wrong password, are bad' '
	with smtp_ca_file /etc/ssl/certs/ca-certificates.crt "mail server" bad \
	    "certificate" &&
	echo "auth 535 5.7.8 no" >faults &&
	is "mail server" bad "check delivery.smtp_user" && rm faults
'

test_expect_success 'missing and wrong keys are bad' '
	with smtp_password_file /nowhere "message keys" bad \
	    "delivery.smtp_password_file: /nowhere" &&
	with stripe_key_file /nowhere payments bad "payments.stripe_key_file" &&
	with stripe_key_file "$PWD/smtp.password" "Stripe keys" bad "sk_..." &&
	with stripe_webhook_file "$PWD/smtp.password" "Stripe keys" bad "whsec_..."
'

test_expect_success 'doctor sends neither messages nor requests' '
	test_must_be_empty "$log" && test_must_be_empty "$mails"
'

test_done
