#!/bin/sh
# shellcheck disable=SC2154
test_description='POST /auth/id-token: sign-in with OpenID providers'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=t/lib-auth.sh
. "$EM_SRC/t/lib-auth.sh"
# shellcheck source=t/lib-oidc.sh
. "$EM_SRC/t/lib-oidc.sh"

oidc_double
em_conf oidc.google.email=verified
em_start

# refused TOKEN [CODE [KEY=VALUE]]: a token of a is rejected; no account is added.
refused() {
	refused_text=$1 refused_code=${2:-id_token_invalid} refused_n=$(users)
	shift
	[ $# -eq 0 ] || shift
	send_token a "$refused_text" "$@" && expect 401 "$refused_code" &&
	test "$(users)" = "$refused_n"
}

test_expect_success 'a token of a provider creates an account with its verified address' '
	sign a ana "$(verified ana@example.org)" && expect 201 &&
	check_json ".is_new and .user.email == \"ana@example.org\" and
	    (.user.username | test(\"^user_[2-9a-z]{10}$\"))" &&
	ana=$(json .user.user_id) TOKEN_ana=$(json .access_token) &&
	test "$(em_sql "SELECT email_ok FROM user WHERE id = $ana")" = 1
'

test_expect_success 'the next token of the identity signs the same account in' '
	sign a ana "$(verified changed@example.org)" && expect 200 &&
	check_json ".is_new == false and .user.user_id == $ana and
	    .user.email == \"ana@example.org\""
'

test_expect_success 'the same subject of another provider is another account' '
	sign c ana && expect 201 && check_json ".user.user_id != $ana"
'

test_expect_success 'Apple sends email_verified as a string and private addresses' '
	sign b eve "{\"email\":\"x1@privaterelay.appleid.com\",
	    \"email_verified\":\"true\",\"is_private_email\":\"true\"}" &&
	expect 201 &&
	check_json ".user.email == \"x1@privaterelay.appleid.com\"" &&
	sign b fay "{\"email\":\"fay@example.org\",\"email_verified\":\"false\"}" &&
	expect 201 && check_json ".user.email == null"
'

test_expect_success 'two providers with one verified address sign one account in, and it is notified' '
	sign b ana "{\"email\":\"Ana@Example.org\",\"email_verified\":\"true\"}" &&
	expect 200 && check_json ".user.user_id == $ana and .is_new == false" &&
	test "$(sent ana@example.org identity_linked)" = 1 &&
	api GET /auth/identities -t "$TOKEN_ana" && expect 200 &&
	check_json "[.identities[].provider] == [\"google\", \"apple\"]"
'

test_expect_success 'a token is accepted once' '
	text=$(token_for a ana) && send_token a "$text" && expect 200 &&
	send_token a "$text" && expect 401 id_token_used
'

test_expect_success 'an ES256 token whose signature was changed is not accepted again' '
	text=$(token_for b ana) && send_token b "$text" && expect 200 &&
	twin=$(/usr/bin/python3 -c "
import base64, sys
head, body, sig = sys.argv[1].split(\".\")
raw = base64.urlsafe_b64decode(sig + \"==\")
n = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551
s = n - int.from_bytes(raw[32:], \"big\")
sig = base64.urlsafe_b64encode(raw[:32] + s.to_bytes(32, \"big\"))
print(head + \".\" + body + \".\" + sig.decode().rstrip(\"=\"))" "$text") &&
	test "$text" != "$twin" &&
	send_token b "$twin" && expect 401 id_token_used
'

test_expect_success 'the nonce matches as sent or as its SHA-256' '
	text=$(token_for a ana "{\"nonce\":\"n-1\"}") &&
	send_token a "$text" nonce=n-1 && expect 200 &&
	hex=$(printf n-2 | sha256sum | cut -c 1-64) &&
	text=$(token_for a ana "{\"nonce\":\"$hex\"}") &&
	send_token a "$text" nonce=n-2 && expect 200 &&
	text=$(token_for a ana "{\"nonce\":\"n-3\"}") &&
	refused "$text" && refused "$text" id_token_invalid nonce=n-4 &&
	refused "$(token_for a ana)" id_token_invalid nonce=n-5
'

test_expect_success 'the audience must be a client of this service' '
	refused "$(forged a "{\"aud\":\"evil\"}")" &&
	refused "$(forged a "{\"aud\":[]}")" &&
	refused "$(forged a "{\"aud\":5}")" &&
	refused "$(forged a "{\"aud\":null}")" &&
	refused "$(forged a "{\"aud\":[\"app\",\"evil\"],\"azp\":\"app\"}")" &&
	refused "$(forged a "{\"aud\":[\"app\",\"app-ios\"]}")" &&
	send_token a "$(forged a "{\"aud\":[\"app\"]}")" && expect 201 &&
	send_token a "$(forged a "{\"aud\":[\"app\",\"app-ios\"],
	    \"azp\":\"app\",\"jti\":1}")" && expect 200
'

test_expect_success 'azp must be a client of this service or a configured party' '
	refused "$(forged a "{\"azp\":\"evil\"}")" &&
	refused "$(forged a "{\"azp\":\"\"}")" &&
	send_token a "$(forged a "{\"azp\":\"android\",\"jti\":2}")" && expect 200
'

test_expect_success 'the issuer must be that of the provider' '
	refused "$(forged a "{\"iss\":\"$ISSUER_b\"}")" &&
	refused "$(forged a "{\"iss\":\"$ISSUER_a/\"}")" &&
	refused "$(forged a "{\"iss\":null}")" &&
	refused "$(token_for b ana)" &&
	send_token a "$(forged a "{\"iss\":\"accounts.example.org\"}")" &&
	expect 200
'

test_expect_success 'expired, old and future tokens are rejected' '
	now=$(date +%s) &&
	refused "$(forged a "{\"exp\":$((now - 1))}")" id_token_expired &&
	refused "$(forged a "{\"iat\":$((now + 600)),\"exp\":$((now + 900))}")" &&
	refused "$(forged a "{\"nbf\":$((now + 600))}")" &&
	refused "$(forged a "{\"iat\":$((now - 90000))}")" &&
	refused "$(forged a "{\"exp\":$((now + 100000))}")" &&
	refused "$(forged a "{\"exp\":null}")" &&
	refused "$(forged a "{\"iat\":null}")" &&
	refused "$(forged a "{\"exp\":\"$((now + 600))\"}")"
'

test_expect_success 'only RS256 and ES256 with the key of the provider are accepted' '
	refused "$(forged a "{}" "{}" none)" &&
	refused "$(forged a "{}" "{}" none)AAAA" &&
	refused "$(forged a "{}" "{}" public)" &&
	refused "$(forged a "{}" "{}" other)" &&
	refused "$(forged a "{}" "{\"alg\":\"RS512\"}")" &&
	refused "$(forged a "{}" "{\"alg\":\"ES256\"}")" &&
	refused "$(forged a "{}" "{\"alg\":\"rs256\"}")" &&
	refused "$(forged a "{}" "{\"kid\":null}")" &&
	refused "$(forged a "{}" "{\"crit\":[\"exp\"],\"exp\":1}")" &&
	text=$(forged a) && refused "${text%.*}.$(forged a "{\"jti\":3}" | sed "s/.*[.]//")"
'

test_expect_success 'texts that are no tokens are rejected' '
	for text in x . .. a.b.c "$(forged a | tr . ,)" "$(forged a)." \
	    "$(forged a)="; do
		refused "$text" || return 1
	done &&
	refused "$(forged a "{\"sub\":\"\"}")" &&
	refused "$(forged a "{\"sub\":7}")"
'

test_expect_success 'an unknown provider, and absent members, are invalid' '
	post id-token provider=nobody id_token=x && expect 400 validation_failed &&
	check_json ".fields.provider" &&
	post id-token provider=google && expect 400 validation_failed &&
	post id-token id_token=x && expect 400 validation_failed
'

test_expect_success 'a member with another spelling does not verify an address' '
	sign a gil "{\"email\":\"gil@example.org\",\"email_verified\":false}" &&
	expect 201 && check_json ".user.email == null" &&
	send_token a "$(forged a "{\"sub\":\"gus\",\"email\":\"gus@example.org\",
	    \"emailVerified\":true}")" && expect 201 &&
	check_json ".user.email == null"
'

test_expect_success 'an account with a second factor is asked for it, and is not linked' '
	em_user mia && person zoe && expect 200 &&
	api POST /user/mfa/totp -t "$TOKEN_zoe" && expect 200 &&
	secret=$(json .secret) &&
	api POST /user/mfa/totp/verify -t "$TOKEN_zoe" \
	    "{\"code\":\"$(oathtool --totp --base32 "$secret")\"}" &&
	expect 200 &&
	sign a zoe "$(verified zoe@example.org)" && expect 401 mfa_required &&
	check_json ".mfa_token" && api GET /auth/identities -t "$TOKEN_zoe" &&
	expect 200 && check_json ".identities == []"
'

test_expect_success 'an inactive account cannot sign in' '
	em_sql "UPDATE user SET status = 3 WHERE id = $ana" &&
	sign a ana && expect 403 account_inactive &&
	em_sql "UPDATE user SET status = 1 WHERE id = $ana"
'

test_expect_success 'a deleted account loses its identities' '
	sign a del && expect 201 && old=$(json .user.user_id) &&
	api DELETE /user/profile -t "$(json .access_token)" && expect 204 &&
	test -z "$(em_sql "SELECT id FROM identity WHERE user_id = $old")" &&
	sign a del && expect 201 && check_json ".user.user_id != $old"
'

test_done
