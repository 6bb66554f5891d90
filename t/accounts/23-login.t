#!/bin/sh
test_description='POST /auth/login: passwords'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=t/lib-auth.sh
. "$EM_SRC/t/lib-auth.sh"

em_conf auth.access_ttl=600
em_argon
em_start

login() {
	post login identifier="$1" password="${2-$EM_PASSWORD}"
}

test_expect_success 'login by username and e-mail ignores case and surrounding spaces' '
	person ana &&
	for id in ana ANA " ana " ana@example.org Ana@Example.ORG; do
		login "$id" && expect 200 &&
		check_json ".token_type == \"Bearer\" and .expires_in == 600 and
		    .user.username == \"ana\" and (.refresh_token | length) == 43
		    and (.access_token | split(\".\") | length) == 3" || return 1
	done &&
	test "$(header Cache-Control)" = no-store
'

test_expect_success 'login by phone number ignores surrounding spaces' '
	register bob phone=+919876500021 && expect 201 &&
	verify +919876500021 "$(code_of +919876500021)" && expect 200 &&
	login +919876500021 && expect 200 && login " +919876500021" && expect 200
'

test_expect_success 'each login creates a session with tokens of its own' '
	login ana && one=$(json .access_token) two=$(json .refresh_token) &&
	login ana && test "$(json .access_token)" != "$one" &&
	test "$(json .refresh_token)" != "$two"
'

test_expect_success 'a wrong password and an unknown account get the same response' '
	login ana wrong-pass-1 && expect 401 invalid_credentials && plain >known &&
	test "$(header WWW-Authenticate)" = Bearer &&
	for id in nobody nobody@example.org +919870000000 n_b_dy "*@example.org"; do
		login "$id" wrong-pass-1 && expect 401 invalid_credentials &&
		plain >unknown && test_cmp known unknown || return 1
	done
'

test_expect_success 'passwords are compared exactly' '
	for pass in "$EM_PASSWORD " " $EM_PASSWORD" "${EM_PASSWORD}x" \
	    "${EM_PASSWORD%?}" "$(echo $EM_PASSWORD | tr a-z A-Z)" x; do
		login bob "$pass" && expect 401 invalid_credentials || return 1
	done &&
	login bob && expect 200
'

test_expect_success 'login to an unverified account returns 403 and sends a new code' '
	register cat email=cat@example.org && expect 201 &&
	first=$(code_of cat@example.org) &&
	otp_age 31 && login cat && expect 403 verification_required &&
	plain >sent &&
	test "$(sent cat@example.org otp_register)" = 2 &&
	login cat && expect 403 verification_required && plain >unsent &&
	test_cmp sent unsent && ! grep -q "code was sent" unsent &&
	login cat@example.org && expect 403 verification_required &&
	test "$(sent cat@example.org otp_register)" = 2 &&
	login cat wrong-pass-1 && expect 401 invalid_credentials &&
	verify cat "$(code_of cat@example.org)" && expect 200 &&
	login cat && expect 200
'

test_expect_success 'the code after a login is accepted with the identifier of that login' '
	register cora phone=+919876500077 email=cora@example.org && expect 201 &&
	otp_age 301 && login cora@example.org &&
	expect 403 verification_required &&
	verify cora@example.org "$(code_of +919876500077)" && expect 200 &&
	check_json ".user.username == \"cora\""
'

test_expect_success 'after ten wrong passwords in 15 minutes, the right one returns 429 too' '
	person dan && login dan && expect 200 &&
	for n in 1 2 3 4 5 6 7 8 9 10; do
		login dan wrong-pass-$n && expect 401 invalid_credentials ||
		    return 1
	done &&
	login dan wrong-pass-0 && expect 429 rate_limited &&
	test "$(header Retry-After)" -gt 800 &&
	test "$(header Retry-After)" -le 900 &&
	login dan && expect 429 rate_limited && login DAN && expect 429 &&
	plain >known
'

test_expect_success 'an unknown account gets the same 429 after ten attempts' '
	for n in 1 2 3 4 5 6 7 8 9 10; do
		login nemo wrong-pass-$n && expect 401 || return 1
	done &&
	login nemo && expect 429 && plain >unknown && test_cmp known unknown
'

test_expect_success 'wrong passwords for one account do not affect other accounts' '
	login ana && expect 200
'

test_expect_success 'login is possible again after 15 minutes' '
	em_sql "UPDATE throttle SET ends_at = ends_at - 900000;
	    UPDATE public_counter SET ends_at = ends_at - 900000" &&
	login dan && expect 200
'

test_expect_success 'a successful login resets the count of wrong passwords' '
	for n in 1 2 3 4 5 6 7 8 9; do
		login dan wrong-pass-$n && expect 401 || return 1
	done &&
	login dan && expect 200 &&
	login dan wrong-pass-1 && expect 401
'

test_expect_success 'of 30 simultaneous wrong passwords, ten are checked' '
	obj identifier=eve password=wrong-pass-1 >wrong &&
	seq 30 | xargs -P 30 -I N curl -s -o /dev/null -w "%{http_code}\n" \
	    -H "Content-Type: application/json" -d @wrong \
	    "$URL/auth/login" | sort | uniq -c | tr -s " " >out &&
	printf " 10 401\n 20 429\n" >want && test_cmp want out
'

test_expect_success 'the count of wrong passwords survives a restart of the workers' '
	for pid in $(em_workers auth); do kill -9 "$pid" || return 1; done &&
	sleep 1 && login eve && expect 429
'

test_expect_success 'login without a password sends a code' '
	post login identifier=ana@example.org && expect 202 &&
	check_json "(.message | length) > 0 and .resend_after == 30" &&
	verify ana@example.org "$(code_of ana@example.org)" login && expect 200
'

test_expect_success 'an account without a password can sign in only with a code' '
	person fay && em_sql "UPDATE user SET password = NULL WHERE id = $ID_fay" &&
	login fay && expect 401 invalid_credentials &&
	login fay "" && expect 400 validation_failed &&
	post login identifier=fay && expect 202 &&
	verify fay "$(code_of fay@example.org)" login && expect 200
'

test_expect_success 'login to a banned account returns 403 until the ban ends' '
	person gil && em_cli user ban gil --reason test &&
	login gil && expect 403 account_inactive &&
	check_json ".ban_reason == \"test\" and has(\"banned_until\") and
	    .banned_until == null" &&
	login gil wrong-pass-1 && expect 401 invalid_credentials &&
	check_json "has(\"ban_reason\") or has(\"banned_until\") | not" &&
	em_sql "UPDATE user SET banned_until = 1 WHERE id = $ID_gil" &&
	login gil && expect 200 && check_json ".user.status == \"active\"" &&
	em_sql "UPDATE user SET status = 3, banned_until = 99999999999999
	    WHERE id = $ID_gil" &&
	login gil && expect 403 account_inactive &&
	check_json ".banned_until == \"5138-11-16T09:46:39Z\"" &&
	em_cli user unban gil &&
	login gil && expect 200
'

test_expect_success 'a hash with outdated parameters is replaced at login' '
	/usr/bin/python3 - "$EM_BUILD" "$EM_PASSWORD" >old <<-\END &&
	import ctypes, ctypes.util, sys
	so = ctypes.CDLL("libsodium.so.23")
	so.sodium_init()
	out = ctypes.create_string_buffer(128)
	word = sys.argv[2].encode()
	assert so.crypto_pwhash_str(out, word, ctypes.c_ulonglong(len(word)),
	    ctypes.c_ulonglong(1), ctypes.c_size_t(8192 * 1024)) == 0
	print(out.value.decode())
	END
	em_sql "SELECT password FROM user WHERE password IS NOT NULL" >hashes &&
	test -s hashes &&
	test "$(grep -vc "^.argon2id.v=19.m=19456,t=2,p=1." hashes)" = 0 &&
	em_sql "UPDATE user SET password = \"$(cat old)\" WHERE id = $ID_dan" &&
	login dan wrong-pass-1 && expect 401 &&
	test "$(em_sql "SELECT password FROM user WHERE id = $ID_dan")" = "$(cat old)" &&
	login dan && expect 200 &&
	em_sql "SELECT password FROM user WHERE id = $ID_dan" >new &&
	grep -q "^.argon2id.v=19.m=19456,t=2,p=1" new &&
	login dan && expect 200 &&
	test "$(em_sql "SELECT password FROM user WHERE id = $ID_dan")" = "$(cat new)"
'

test_expect_success 'a damaged hash matches no password and returns 401' '
	em_sql "UPDATE user SET password = \"\$argon2id\$v=19\$m=1\" WHERE id = $ID_fay" &&
	login fay && expect 401 invalid_credentials
'

test_expect_success 'forged and foreign access tokens return 401' '
	login ana && TOKEN=$(json .access_token) REFRESH=$(json .refresh_token) &&
	api GET /user/profile -t "$TOKEN" && expect 200 &&
	cut_off=$(printf %s "$TOKEN" | sed "s/\.[^.]*$/./") &&
	none=$(printf "{\"alg\":\"none\"}" | base64 | tr -d = | tr +/ -_) &&
	for bad in x "$REFRESH" "$cut_off" "${TOKEN}x" "${TOKEN%??}" "$TOKEN.x" \
	    "$none.$(printf %s "$TOKEN" | cut -d. -f2)." "" "null" \
	    "$(printf %02100d 1)"; do
		api GET /user/profile -H "Authorization: Bearer $bad" &&
		expect 401 token_invalid || return 1
	done &&
	api GET /user/profile -H "Authorization: Basic YW5hOmFuYQ==" &&
	expect 401 token_invalid &&
	api GET /user/profile -H "Authorization: $TOKEN" && expect 401 &&
	api GET "/user/profile?access_token=$TOKEN" && expect 401 token_required &&
	api GET /user/profile && expect 401 token_required &&
	test "$(header WWW-Authenticate)" = Bearer
'

test_expect_success 'an access token expires after auth.access_ttl' '
	em_sql "SELECT 1" && claims=$(printf %s "$TOKEN" | cut -d. -f2 |
	    tr _- /+) &&
	{ printf %s "$claims===" | base64 -d 2>/dev/null || :; } >claims &&
	jq -e ".exp - .iat == 600 and .iss == \"earmark\" and
	    .aud == \"earmark\" and .use == \"access\" and .nbf == .iat and
	    (.sub | type) == \"string\" and (.sid | type) == \"number\" and
	    (.jti | length) == 16" claims
'

test_expect_success 'no log and no message contains a password' '
	delivered && ! grep -ah "$EM_PASSWORD" "$EM_STATE"/log/* \
	    "$EM_STATE/outbox.jsonl" && ! grep -ah wrong-pass "$EM_STATE"/log/*
'

test_expect_success 'POST /auth/login rejects invalid bodies' 'bodies_refused login'

test_expect_success 'POST /auth/login rejects invalid members' '
	refuse_each login 400 validation_failed <<-\END
	{"password":"correct-horse-9"}
	{"identifier":"","password":"correct-horse-9"}
	{"identifier":"   ","password":"correct-horse-9"}
	{"identifier":null,"password":"correct-horse-9"}
	{"identifier":["ana"],"password":"correct-horse-9"}
	{"identifier":{"$gt":""},"password":"correct-horse-9"}
	{"identifier":1,"password":"correct-horse-9"}
	{"identifier":"ana","password":""}
	{"identifier":"ana","password":1}
	{"identifier":"ana","password":true}
	{"identifier":"ana","password":["correct-horse-9"]}
	{"identifier":"ana","password":{"$ne":""}}
	{"identifier":"a\u0007na","password":"correct-horse-9"}
	{"identifier":"what is this?","password":"correct-horse-9"}
	{"identifier":"*","password":"correct-horse-9"}
	{"identifier":"+91987","password":"correct-horse-9"}
	END
'

# The responses of other requests are much faster, so a response that is not
# delayed fails.
test_expect_success 'responses to sign-ins are sent at least 10 ms after the request' '
	sed -n "s/^#define SEND_PAD.*10000.*/10/p" "$EM_SRC/fcgi/core/send.h" |
	    grep -qx 10 &&
	for body in "{\"identifier\":\"nobody\"}" "{}" \
	    "{\"identifier\":\"ana\",\"password\":\"wrong-horse-1\"}"; do
		for path in login continue password/forgot; do
			curl -s -o out -w "%{time_connect} %{time_starttransfer}\n" \
			    -H "Content-Type: application/json" -d "$body" \
			    "$URL/auth/$path" >times &&
			awk "{ exit \$2 - \$1 < 0.010 }" times || {
				note "$path: $(cat times)"
				return 1
			}
		done
	done
'

test_expect_success 'a password above 200 characters returns 400 without hashing' '
	login ana "$(printf %0201d 1)" && expect 400 validation_failed
'

test_expect_success 'a later account with the same unverified e-mail address does not displace the first' '
	em_sql "DELETE FROM throttle; DELETE FROM public_counter" &&
	for n in 1 2 3; do
		register both$n phone=+91981110000$n email=both@example.org &&
		expect 201 &&
		verify both$n "$(code_of +91981110000$n)" && expect 200 || return 1
	done &&
	post login identifier=both@example.org password=$EM_PASSWORD &&
	expect 200 && check_json ".user.username == \"both1\"" &&
	post login identifier=both@example.org && expect 202 &&
	post password/forgot identifier=both@example.org && expect 202 &&
	delivered && test "$(jq -r ".to + \" \" + .template" \
	    "$EM_STATE/outbox.jsonl" | grep -cE "^\\+91981110000. otp_(login|reset)")" = 0
'

test_done
