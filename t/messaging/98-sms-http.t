#!/bin/sh
# shellcheck disable=SC2016,SC2154
test_description='sms = http: the configurations of earmark.conf(5)'
. "$(dirname "$0")/../lib.sh"

em_temp
texts=$EM_TEMP/texts
sms=$PWD/sms.log
mkdir -p "$texts/en" "$texts/hi"
: >"$sms"
for l in en1 hi2; do
	{
		printf 'Template-ID: 110716000000000000%s\n\n' "${l#??}"
		cat "$EM_SRC/templates/${l%?}/otp_login.sms"
	} >"$texts/${l%?}/otp_login.sms"
done
/usr/bin/python3 "$EM_SRC/t/doubles/sms.py" port "$sms" 2>sms.err &
double=$!
trap 'left=$?; kill $double; (exit $left); em_exit' EXIT
em_until '[ -s port ]'
S=http://127.0.0.1:$(cat port)
(umask 077 && echo k3y-of-the-account >sms.key)

# provider NAME [KEY=VALUE]: starts the services with the documented example.
provider() {
	sed -n "/begin example $1/,/end example $1/p" \
	    "$EM_SRC/man/earmark.conf.5" | sed -n 's/ = /=/p' |
	    sed "s/^/delivery./; s/\\\\-/-/g; s|https://[a-z0-9.]*/|$S/$1/|
		s|\(sms_secret_file=\).*|\1$PWD/sms.key|
		s|\(sms_entity_id=\).*|\11101000000000000001|
		s|\(sms_sender=\).*|\1ERMARK|" >conf
	[ "$(wc -l <conf)" -ge 6 ] || return 1
	EM_CONF="$(cat conf)
paths.template_dir=$texts
delivery.sms_app_hash=yY9CeQORT+t
delivery.sms_web_host=example.com
${2-}
"
	em_start
}
# code LANGUAGE: requests a code for ana, and waits for the provider.
code() {
	: >"$sms" && em_sql "UPDATE user SET preferred_language = '$1',
	    phone = '+919876543210', phone_ok = 1 WHERE username = 'ana';
	    DELETE FROM public_counter; DELETE FROM throttle; DELETE FROM otp;
	    DELETE FROM otp_request; DELETE FROM outbox" &&
	api POST /auth/login '{"identifier":"ana"}' && expect 202 &&
	em_until '[ -s "$sms" ]'
}
sent() {
	em_until '[ "$(em_sql "SELECT state FROM outbox")" = 1 ]'
}

test_expect_success 'MSG91 accepts the documented configuration' '
	provider msg91 && em_user ana && code hi && sent &&
	jq -se "length == 1 and .[0].answer.type == \"success\" and
	    (.[0].given | fromjson | .template_id == \"1107160000000000002\" and
	    (.recipients[0] | .mobiles == \"919876543210\" and .app == \"Earmark\"))" \
	    "$sms"
'

test_expect_success 'an error in the body of a response with status 200 is not a success' '
	echo "Your {{code}}" >"$texts/hi/otp_login.sms" &&
	em_cli pools restart auth >/dev/null && code hi &&
	jq -se ".[0].status == 200 and .[0].answer.type == \"error\"" "$sms" &&
	em_until "[ \"\$(em_sql \"SELECT state, error LIKE '\''%sms_http_success'\''
	    FROM outbox\")\" = \"0|1\" ]" && em_stop
'

test_expect_success 'Fast2SMS accepts texts that equal the registered template' '
	printf "Template-ID: 1107160000000000002\n\n" >"$texts/hi/otp_login.sms" &&
	cat "$EM_SRC/templates/hi/otp_login.sms" >>"$texts/hi/otp_login.sms" &&
	provider fast2sms && code en && sent && code hi && sent &&
	jq -se ".[0].answer.return == true and (.[0].given | fromjson | .message |
	    contains(\"साइन इन\"))" "$sms"
'

test_expect_success 'a text that differs from the registered template is retried' '
	echo "Please: {{code}}" >>"$texts/hi/otp_login.sms" &&
	em_cli pools restart auth >/dev/null && code hi &&
	jq -se ".[0].answer.status_code == 427" "$sms" &&
	em_until "[ \"\$(em_sql \"SELECT state, attempts > 1, error FROM outbox
	    ORDER BY id DESC LIMIT 1\")\" = \"0|1|status 400\" ]"
'

test_done
