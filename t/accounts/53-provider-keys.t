#!/bin/sh
# shellcheck disable=SC2154
test_description='the keys of OpenID providers are fetched by earmark-jobs'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=t/lib-auth.sh
. "$EM_SRC/t/lib-auth.sh"
# shellcheck source=t/lib-oidc.sh
. "$EM_SRC/t/lib-oidc.sh"

oidc_double
em_start

# try ISSUER TOKEN: signs in without waiting for keys.
try() {
	post id-token provider="$(provider_of "$1")" id_token="$2"
}
keys_of() {
	em_sql "SELECT group_concat(kid) FROM oidc_key
	    WHERE provider = \"$(provider_of "$1")\""
}
column() {
	em_sql "SELECT $2 FROM oidc_provider
	    WHERE name = \"$(provider_of "$1")\""
}

test_expect_success 'the keys are fetched when the program starts, with their lifetime' '
	em_until "[ \"\$(em_sql \"SELECT count(*) FROM oidc_provider
	    WHERE fetched_at > 0\")\" = 3 ]" &&
	test "$(column a "fresh_until - fetched_at")" = 3600000 &&
	sign a ana && expect 201 && test "$(oidc count "{\"issuer\":\"a\"}")" = 1
'

test_expect_success 'a new key is fetched when a token needs it' '
	keys_age 61 && kid=$(oidc rotate "{\"issuer\":\"a\",\"keep\":true}") &&
	text=$(token_for a ana) && try a "$text" &&
	expect 503 provider_keys_pending && header Retry-After >after &&
	test "$(cat after)" -le 60 &&
	send_token a "$text" && expect 200 &&
	keys_of a >list && grep "$kid" list && grep , list
'

test_expect_success 'an unknown key is requested at most once per minute' '
	n=$(oidc count "{\"issuer\":\"a\"}") &&
	text=$(forged a "{}" "{\"kid\":\"unknown\"}") &&
	try a "$text" && expect 401 id_token_invalid &&
	try a "$text" && expect 401 id_token_invalid &&
	test "$(oidc count "{\"issuer\":\"a\"}")" = "$n" &&
	keys_age 61 && send_token a "$text" && expect 401 id_token_invalid &&
	test "$(oidc count "{\"issuer\":\"a\"}")" = $((n + 1))
'

test_expect_success 'a key that the provider has removed is not valid' '
	text=$(token_for a ana) && keys_age 61 &&
	oidc rotate "{\"issuer\":\"a\",\"keep\":false}" &&
	send_token a "$(token_for a ana)" && expect 200 &&
	try a "$text" && expect 401 id_token_invalid
'

test_expect_success 'the former keys are valid while the provider fails' '
	em_allow "oidc_keys" && keys_age 61 &&
	oidc jwks "{\"issuer\":\"a\",\"mode\":\"error\"}" &&
	em_sql "UPDATE oidc_provider SET fresh_until = 0" &&
	em_until "[ -n \"\$(column a error)\" ]" &&
	sign a ana && expect 200 &&
	oidc rotate "{\"issuer\":\"a\",\"keep\":true}" &&
	try a "$(token_for a ana)" && expect 503 provider_keys_pending &&
	oidc jwks "{\"issuer\":\"a\",\"mode\":\"ok\"}" && keys_age 61 &&
	sign a ana && expect 200 && test -z "$(column a error)"
'

test_expect_success 'the metrics count the requests of each provider that succeeded and failed' '
	api GET /metrics && expect 200 && counted() {
		sed -n "s/^earmark_oidc_key_fetches_total{provider=\"$1\",result=\"$2\"} //p" "$body"
	} && test "$(counted google failed)" -ge 1 &&
	test "$(counted google ok)" -ge 3 && test "$(counted other ok)" -ge 1 &&
	test -z "$(counted other failed)"
'

test_expect_success 'a response of 1 MB is rejected' '
	oidc jwks "{\"issuer\":\"b\",\"mode\":\"big\"}" && keys_age 61 &&
	oidc rotate "{\"issuer\":\"b\",\"keep\":true}" &&
	try b "$(token_for b ana)" && expect 503 provider_keys_pending &&
	em_until "[ \"\$(column b error)\" = \"the response is too large\" ]" &&
	oidc jwks "{\"issuer\":\"b\",\"mode\":\"ok\"}" && keys_age 61 &&
	sign b ana && expect 201
'

test_expect_success 'a provider that hangs delays neither other users nor other providers' '
	oidc jwks "{\"issuer\":\"c\",\"mode\":\"hang\"}" && keys_age 61 &&
	n=$(oidc count "{\"issuer\":\"c\"}") &&
	oidc rotate "{\"issuer\":\"c\",\"keep\":true}" &&
	text=$(token_for c ana) && try c "$text" &&
	expect 503 provider_keys_pending &&
	em_until "[ \"\$(oidc count \"{\\\"issuer\\\":\\\"c\\\"}\")\" -gt $n ]" &&
	test -z "$(column c error)" &&
	try c "$text" && expect 503 provider_keys_pending &&
	test "$(header Retry-After)" = 2 &&
	sign a ana && expect 200 && sign b ana && expect 200 &&
	em_user bob && test -z "$(column c error)" &&
	em_until "[ -n \"\$(column c error)\" ]" &&
	try c "$text" && expect 503 provider_keys_pending &&
	oidc jwks "{\"issuer\":\"c\",\"mode\":\"ok\"}" && keys_age 61 &&
	send_token c "$text" && expect 201
'

# overtakes: rotates the keys of a while c hangs. Succeeds if those of a were
# stored before the request to c ended, which takes 5 s.
overtakes() {
	keys_age 61 && n=$(oidc count '{"issuer":"c"}') &&
	oidc rotate '{"issuer":"c","keep":true}' &&
	oidc rotate '{"issuer":"a","keep":true}' &&
	try c "$(token_for c ana)" && expect 503 provider_keys_pending &&
	em_until '[ "$(oidc count "{\"issuer\":\"c\"}")" -gt $n ]' &&
	began=$(column c tried_at) && sign a ana && expect 200 &&
	em_until '[ -n "$(column c error)" ]' &&
	note "after $(($(column a fetched_at) - began)) ms" &&
	[ $(($(column a fetched_at) - began)) -lt 5000 ]
}

# A slow machine may need 5 s for the requests, so there are several attempts.
test_expect_success 'the keys of a provider that become due while another one hangs are fetched at once' '
	oidc jwks "{\"issuer\":\"c\",\"mode\":\"hang\"}" &&
	{ overtakes || overtakes || overtakes || overtakes; } &&
	oidc jwks "{\"issuer\":\"c\",\"mode\":\"ok\"}" && keys_age 61 &&
	sign c ana && expect 200
'

test_expect_success 'the keys of another URL are not used' '
	oidc jwks "{\"issuer\":\"a\",\"mode\":\"error\"}" &&
	em_sql "UPDATE oidc_provider SET url = \"http://127.0.0.1:1/\"
	    WHERE name = \"google\"" &&
	try a "$(token_for a ana)" && expect 503 provider_keys_pending &&
	oidc jwks "{\"issuer\":\"a\",\"mode\":\"ok\"}" && keys_age 61 &&
	sign a ana && expect 200 && test "$(column a url)" = "$ISSUER_a/jwks"
'

test_expect_success 'jwks_url must be https, or on this host' '
	cp "$EM_STATE/earmark.conf" wrong.conf &&
	printf "[oidc.bad]\nissuer = https://bad.example\naudiences = app\n" \
	    >>wrong.conf &&
	cp "$EM_STATE/key" . &&
	test_must_fail "$EM_BUILD/earmark-jobs" -c wrong.conf -t 2>err &&
	grep "oidc.bad. requires issuer and jwks_url" err &&
	echo "jwks_url = http://bad.example/keys" >>wrong.conf &&
	test_must_fail "$EM_BUILD/earmark-jobs" -c wrong.conf -t 2>err &&
	grep "oidc.bad.jwks_url must begin with https" err
'

test_done
