#!/bin/sh
# shellcheck disable=SC2154
test_description='identities of providers: linking and unlinking'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=t/lib-auth.sh
. "$EM_SRC/t/lib-auth.sh"
# shellcheck source=t/lib-oidc.sh
. "$EM_SRC/t/lib-oidc.sh"

oidc_double
em_start

# link NAME ISSUER SUB [JSON]: links an identity to the account of a user.
link() {
	link_as=$1
	shift
	link_body=$(obj provider="$(provider_of "$1")" id_token="$(token_for "$@")")
	eval "link_token=\$TOKEN_$link_as"
	em_until 'api POST /auth/identities -t "$link_token" "$link_body" &&
	    [ "$status" != 503 ]'
}
unlink() {
	eval "unlink_token=\$TOKEN_$1"
	api DELETE "/auth/identities/$2" -t "$unlink_token"
}

test_expect_success 'a user links an identity with another address, and it signs in' '
	person ana && link ana a ana-1 && expect 201 &&
	check_json ".provider == \"google\"" && first=$(json .id) &&
	test "$(sent ana@example.org identity_linked)" = 1 &&
	sign a ana-1 && expect 200 && check_json ".user.user_id == $ID_ana" &&
	link ana a ana-1 && expect 200 && check_json ".id == $first" &&
	api GET /user/security -t "$TOKEN_ana" && expect 200 &&
	check_json "[.events[] | select(.kind == \"identity_linked\")] |
	    length == 1"
'

test_expect_success 'an identity of another account cannot be linked' '
	person bob && link bob a ana-1 && expect 409 identity_in_use &&
	sign a ana-1 && check_json ".user.user_id == $ID_ana"
'

test_expect_success 'linking requires a recent sign-in or the password' '
	em_sql "UPDATE device_session SET created_at = created_at - 1000000
	    WHERE user_id = $ID_bob" &&
	link bob a bob-1 && expect 403 reauthentication_required &&
	body_json=$(obj provider=google id_token="$(token_for a bob-1)" \
	    password="$EM_PASSWORD") &&
	api POST /auth/identities -t "$TOKEN_bob" "$body_json" && expect 201
'

test_expect_success 'an identity is removed by its account only' '
	unlink bob "$first" && expect 404 &&
	unlink ana "$first" && expect 204 &&
	test "$(sent ana@example.org identity_unlinked)" = 1 &&
	unlink ana "$first" && expect 404 &&
	sign a ana-1 && expect 201 && check_json ".user.user_id != $ID_ana"
'

test_expect_success 'the last way to sign in cannot be removed' '
	sign b cid && expect 201 && TOKEN_cid=$(json .access_token) &&
	api GET /auth/identities -t "$TOKEN_cid" && expect 200 &&
	one=$(json ".identities[0].id") &&
	unlink cid "$one" && expect 409 last_sign_in_method &&
	link cid c cid && expect 201 && two=$(json .id) &&
	unlink cid "$one" && expect 204 &&
	unlink cid "$two" && expect 409 last_sign_in_method
'

test_expect_success 'a password does not replace the last identity of an account without an address' '
	sign c wil && expect 201 && TOKEN_wil=$(json .access_token) &&
	api GET /auth/identities -t "$TOKEN_wil" && expect 200 &&
	one=$(json ".identities[0].id") &&
	api POST /user/password -t "$TOKEN_wil" \
	    "{\"new_password\":\"$EM_PASSWORD\"}" && expect 204 &&
	unlink wil "$one" && expect 409 last_sign_in_method &&
	sign c wil && expect 200
'

# The promotion of one redemption, and a debt, belong to the person.
test_expect_success 'an identity of a deleted account is recognized when it returns' '
	em_user adm admin && api POST /admin/promotions -t "$TOKEN_adm" \
	    "{\"code\":\"ONE\",\"kind\":\"bonus\",\"value\":100}" && expect 201 &&
	for name in Ret ret; do
		sign c "$name" && expect 201 && token=$(json .access_token) &&
		api POST /promotions/redeem -t "$token" "{\"code\":\"ONE\"}" &&
		expect 200 || return 1
	done &&
	former=$(em_sql "SELECT user_id FROM identity WHERE subject = \"ret\"") &&
	api DELETE "/user/profile?forfeit=true" -t "$token" && expect 204 &&
	sign c ret && expect 201 && token=$(json .access_token) &&
	check_json ".user.user_id != $former" &&
	api POST /promotions/redeem -t "$token" "{\"code\":\"ONE\"}" &&
	expect 409 promotion_already_redeemed
'

test_expect_success 'a linked identity of a deleted account is recognized too' '
	sign c lin && expect 201 && token=$(json .access_token) &&
	api POST /promotions/redeem -t "$token" "{\"code\":\"ONE\"}" &&
	expect 200 &&
	api DELETE "/user/profile?forfeit=true" -t "$token" && expect 204 &&
	person pia && link pia c lin && expect 201 &&
	api POST /promotions/redeem -t "$TOKEN_pia" "{\"code\":\"ONE\"}" &&
	expect 409 promotion_already_redeemed
'

test_expect_success 'an identity that an account removed is recognized too' '
	person rio && link rio c rem && expect 201 && id=$(json .id) &&
	api POST /promotions/redeem -t "$TOKEN_rio" "{\"code\":\"ONE\"}" &&
	expect 200 && unlink rio "$id" && expect 204 && sign c rem &&
	expect 201 && token=$(json .access_token) &&
	api POST /promotions/redeem -t "$token" "{\"code\":\"ONE\"}" &&
	expect 409 promotion_already_redeemed
'

test_expect_success 'an address of Google counts only if Google is its mail provider' '
	sign a gia "$(verified gia@example.org)" && expect 201 &&
	check_json ".user.email == null" &&
	sign a gio "$(verified gio@gmail.com)" && expect 201 &&
	check_json ".user.email == \"gio@gmail.com\"" &&
	sign a gus "{\"email\":\"gus@example.org\",\"email_verified\":true,
	    \"hd\":\"example.org\"}" && expect 201 &&
	check_json ".user.email == \"gus@example.org\""
'

test_expect_success 'undoing a change of contact removes the identities that an attacker linked' '
	person dan && link dan a mal7 && expect 201 &&
	otp_age 31 && api POST /user/email -t "$TOKEN_dan" \
	    "{\"email\":\"mal7@example.org\"}" && expect 202 &&
	api POST /user/email/verify -t "$TOKEN_dan" \
	    "{\"code\":\"$(code_of mal7@example.org)\"}" && expect 200 &&
	delivered && link=$(jq -r "select(.to == \"dan@example.org\" and
	    .template == \"contact_undo\") | .body" \
	    "$EM_STATE/outbox.jsonl" | sed -n "s,.*/restore/\([A-Za-z0-9_-]*\).*,\1,p") &&
	api POST /user/restore "{\"token\":\"$link\"}" && expect 204 &&
	sign a mal7 && expect 201 && check_json ".user.user_id != $ID_dan"
'

test_expect_success 'a password reset removes the identities and tells which' '
	fresh && person eva && link eva a mal8 && expect 201 &&
	link eva b mal9 && expect 201 && fresh && no_codes &&
	sign c eva-own "$(verified eva@example.org)" && expect 200 &&
	check_json ".user.user_id == $ID_eva" &&
	post password/forgot identifier=eva && expect 202 &&
	post password/reset identifier=eva new_password=another-horse-8 \
	    code="$(code_of eva@example.org)" && expect 204 &&
	delivered && jq -e "select(.to == \"eva@example.org\" and
	    .template == \"identity_unlinked\") |
	    .body | test(\"google, apple, other\")" "$EM_STATE/outbox.jsonl" &&
	sign a mal8 && expect 201 && check_json ".user.user_id != $ID_eva" &&
	sign b mal9 && expect 201 && check_json ".user.user_id != $ID_eva"
'

test_expect_success 'after a reset, an identity with the verified address links itself again' '
	sign c eva-own "$(verified eva@example.org)" && expect 200 &&
	check_json ".user.user_id == $ID_eva" &&
	post login identifier=eva password=another-horse-8 && expect 200 &&
	api GET /user/security -t "$(json .access_token)" && expect 200 &&
	check_json "[.events[] | select(.kind == \"identity_unlinked\")] |
	    length == 3"
'

test_done
