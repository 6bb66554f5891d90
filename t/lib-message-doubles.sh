# Doubles of the providers of SMS, e-mail and push messages. Sourced after
# lib.sh.
#
#	push_double [OPTION...]
#			starts t/doubles/senders.py and configures FCM. It has
#			TLS if the options include "--tls mail.crt mail.key"
#	send_doubles [OPTION...]
#			also starts t/doubles/mail.py, and configures SMS by
#			webhook and e-mail with TLS. Both fail with --chaos RATE
#	apns_double [OPTION...]
#			starts t/doubles/apns.js and configures APNs. $apns is
#			its log. "apns_set PATH [JSON]" controls it.
#
# The file faults makes the mail server reject commands (t/doubles/mail.py).
# $log and $mails contain what the doubles received. They end with the test. $U
# is the address of senders.py. $SECRET signs SMS webhooks.
# shellcheck shell=sh disable=SC2034,SC2154

SECRET=whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw
log=$PWD/senders.log mails=$PWD/mails.log
send_started=
em_end_senders() {
	for send_pid in $send_started; do
		kill "$send_pid" 2>/dev/null
	done
}
trap 'left=$?; em_end_senders; (exit $left); em_exit' EXIT

send_port() {
	em_until "[ -s $1 ]" && cat "$1"
}

send_keys() {
	umask 077
	openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 \
	    -out sa.pem 2>/dev/null
	openssl pkey -in sa.pem -pubout -out sa.pub
	jq -n --rawfile k sa.pem '{type: "service_account",
	    project_id: "demo", client_email: "a@demo.iam", private_key: $k,
	    private_key_id: "k1",
	    token_uri: "https://oauth2.googleapis.com/token"}' >sa.json
	openssl req -x509 -newkey rsa:2048 -nodes -keyout mail.key \
	    -out mail.crt -days 2 -subj /CN=localhost \
	    -addext subjectAltName=DNS:localhost 2>/dev/null
	echo "$SECRET" >whsec
	echo 12345 >twilio
}

push_double() {
	: >"$log"
	(send_keys)
	/usr/bin/python3 "$EM_SRC/t/doubles/senders.py" --port-file p1 \
	    --log "$log" --public sa.pub --secret "$SECRET" "$@" \
	    2>senders.err &
	send_started=$!
	case " $* " in
	*" --tls "*)
		U=https://localhost:$(send_port p1)
		em_conf "delivery.fcm_ca_file=$PWD/mail.crt"
		em_conf "delivery.sms_ca_file=$PWD/mail.crt"
		;;
	*) U=http://127.0.0.1:$(send_port p1) ;;
	esac
	em_conf delivery.push=fcm
	em_conf "delivery.fcm_url=$U"
	em_conf "delivery.fcm_token_url=$U/token"
	em_conf "delivery.fcm_key_file=$PWD/sa.json"
}

send_doubles() {
	: >"$mails"
	push_double "$@"
	[ "${1-}" = --chaos ] || set --
	/usr/bin/python3 "$EM_SRC/t/doubles/mail.py" p2 "$mails" mail.crt \
	    mail.key faults ${2:+"$2"} 2>mail.err &
	send_started="$send_started $!"
	em_conf delivery.sms=webhook
	em_conf "delivery.sms_url=$U/sms"
	em_conf "delivery.sms_secret_file=$PWD/whsec"
	em_conf "delivery.twilio_url=$U"
	em_conf delivery.twilio_account=AC1
	em_conf "delivery.twilio_token_file=$PWD/twilio"
	em_conf delivery.twilio_from=+15550199
	em_conf delivery.email=smtp
	em_conf "delivery.smtp_url=smtp://localhost:$(send_port p2)"
	em_conf "delivery.smtp_ca_file=$PWD/mail.crt"
	em_conf delivery.mail_from=house@example.org
}

apns=$PWD/apns.log
apns_keys() {
	umask 077
	openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 \
	    -out apns.p8 2>/dev/null
	openssl pkey -in apns.p8 -pubout -out apns.pub
	openssl req -x509 -newkey rsa:2048 -nodes -keyout apns.key \
	    -out apns.crt -days 2 -subj /CN=localhost \
	    -addext subjectAltName=DNS:localhost 2>/dev/null
}
apns_double() {
	: >"$apns"
	(apns_keys)
	node "$EM_SRC/t/doubles/apns.js" --port-file p4 --log "$apns" \
	    --cert apns.crt --key apns.key --public apns.pub \
	    --key-id ABCDE12345 --team TEAM567890 --topic org.example.app \
	    "$@" 2>apns.err &
	send_started="$send_started $!"
	em_until "[ -s p4 ]" && {
		read -r apns_port
		read -r apns_sandbox
	} <p4
	em_conf "delivery.apns_url=https://localhost:$apns_port"
	em_conf "delivery.apns_sandbox_url=https://localhost:$apns_sandbox"
	em_conf "delivery.apns_ca_file=$PWD/apns.crt"
	em_conf "delivery.apns_key_file=$PWD/apns.p8"
	em_conf delivery.apns_key_id=ABCDE12345
	em_conf delivery.apns_team_id=TEAM567890
	em_conf delivery.apns_topic=org.example.app
}
apns_set() {
	curl -sS --http2 --cacert apns.crt -d "${2:-{\}}" \
	    "https://localhost:$apns_port/_/$1" >/dev/null
}
