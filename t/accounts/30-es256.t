#!/bin/sh
test_description='auth: tokens signed with ES256'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=t/lib-auth.sh
. "$EM_SRC/t/lib-auth.sh"

keys=$PWD
openssl ecparam -name prime256v1 -genkey -noout 2>/dev/null |
    openssl pkcs8 -topk8 -nocrypt -out private.pem 2>/dev/null
openssl pkey -in private.pem -pubout -out public.pem
chmod 600 private.pem
em_conf auth.jwt_alg=ES256
em_conf "auth.jwt_private_key=$keys/private.pem"
em_conf "auth.jwt_public_key=$keys/public.pem"
em_start

b64() {
	base64 -w 0 | tr -d = | tr +/ -_
}

test_expect_success 'tokens name ES256, and every pool accepts them' '
	person ana && T=$TOKEN_ana &&
	test "$(printf %s "$T" | cut -d. -f1)" = \
	    "$(printf "{\"alg\":\"ES256\",\"typ\":\"JWT\"}" | b64)" &&
	for path in /user/profile /auth/sessions /customer/favorites \
	    /api/users/me/favorites/ /api/documents; do
		api GET $path -t "$T" && expect 200 || return 1
	done
'

test_expect_success 'HS256 tokens return 401, including those signed with the public key' '
	payload=$(printf %s "$T" | cut -d. -f2) &&
	text=$(printf "{\"alg\":\"HS256\",\"typ\":\"JWT\"}" | b64).$payload &&
	sig=$(printf %s "$text" | openssl dgst -sha256 -binary -mac HMAC \
	    -macopt "hexkey:$(od -An -v -tx1 public.pem | tr -d " \n")" | b64) &&
	api GET /user/profile -t "$text.$sig" && expect 401 token_invalid &&
	api GET /user/profile -t "$text." && expect 401 token_invalid &&
	key=$(cat "$EM_STATE/key") &&
	sig=$(printf %s "$text" | openssl dgst -sha256 -binary -mac HMAC \
	    -macopt "hexkey:$key" | b64) &&
	api GET /user/profile -t "$text.$sig" && expect 401 token_invalid
'

test_expect_success 'a repeated refresh returns the same claims with another signature' '
	post refresh-token refresh_token="$REFRESH_ana" && expect 200 &&
	one=$(json .refresh_token) && a=$(json .access_token) &&
	post refresh-token refresh_token="$REFRESH_ana" && expect 200 &&
	b=$(json .access_token) && test "$(json .refresh_token)" = "$one" &&
	test "${a%.*}" = "${b%.*}" &&
	api GET /user/profile -t "$a" && expect 200 &&
	api GET /user/profile -t "$b" && expect 200
'

test_expect_success 'only the auth pool needs the private key' '
	mv private.pem away.pem &&
	for pid in $(em_workers user); do kill -9 "$pid" || return 1; done &&
	sleep 1 && api GET /user/profile -t "$T" && expect 200 &&
	mv away.pem private.pem
'

test_expect_success 'a private key readable by everybody stops the worker from starting' '
	em_allow "\"event\":\"(jwt_key|start)\"" && chmod 644 private.pem &&
	for pid in $(em_workers auth); do kill -9 "$pid" || return 1; done &&
	em_until "grep -q \"accessible by other users\" \"$EM_STATE/log/auth.log\"" &&
	chmod 600 private.pem &&
	em_until "api GET /auth/sessions -t \"$T\" && test \$status = 200"
'

test_done
