#!/bin/sh
# shellcheck disable=SC2154
test_description='POST /auth/continue: one form for sign-in and registration'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=t/lib-auth.sh
. "$EM_SRC/t/lib-auth.sh"

em_conf auth.otp_allowed_prefixes=+91,+44
em_start

# go IDENTIFIER: requests a code. enter IDENTIFIER CODE [KEY=VALUE]: uses it.
go() {
	post continue identifier="$1"
}

enter() {
	enter_who=$1 enter_code=$2
	shift 2
	post verify-otp identifier="$enter_who" code="$enter_code" "$@"
}

# sign NUMBER: continues with a new number. Sets T and ID.
sign() {
	go "$1" && expect 202 && enter "$1" "$(code_of "$1")" && expect 201 &&
	T=$(json .access_token) ID=$(json .user.user_id)
}

choose() {
	api POST /user/username -t "$T" "$(obj username="$1")"
}

test_expect_success 'a number and a code create an account' '
	n=$(users) && go "+91 98765 00101" && expect 202 &&
	check_json "keys == [\"expires_at\", \"message\", \"resend_after\"]" &&
	check_json ".message | test(\"account\") | not" &&
	test "$(users)" = "$n" &&
	enter +919876500101 "$(code_of +919876500101)" && expect 201 &&
	check_json ".is_new and .user.phone == \"+919876500101\" and
	    .user.email == null and .user.status == \"active\" and
	    .user.roles == [\"customer\"] and
	    (.user.username | test(\"^user_[2-9a-z]{10}$\"))" &&
	api GET /user/profile -t "$(json .access_token)" && expect 200 &&
	test "$(users)" = $((n + 1))
'

test_expect_success 'an e-mail address and a code create an account' '
	go ana@example.org && expect 202 &&
	enter Ana@Example.org "$(code_of ana@example.org)" && expect 201 &&
	check_json ".is_new and .user.email == \"ana@example.org\"" &&
	first=$(json .user.user_id)
'

test_expect_success 'the next time, the same form signs in' '
	fresh && otp_age 31 && go ana@example.org && expect 202 &&
	enter ana@example.org "$(code_of ana@example.org)" && expect 200 &&
	check_json ".is_new == false and .user.user_id == $first"
'

test_expect_success 'the response does not depend on the account' '
	fresh && otp_age 31 && person bea && go bea@example.org &&
	expect 202 && plain >one && go nobody@example.org && expect 202 &&
	plain >two && go +919876500102 && expect 202 && plain >three &&
	test_cmp one two && test_cmp one three &&
	test "$(sent bea@example.org otp_continue)" = 1 &&
	enter bea@example.org "$(code_of bea@example.org)" && expect 200 &&
	check_json ".user.username == \"bea\""
'

test_expect_success 'a number without country code returns 400, a username 202' '
	fresh && for text in 9876543210 "98765 43210" 098765-43210; do
		go "$text" && expect 400 validation_failed &&
		check_json ".fields.identifier == \"add the country code, for example +91 98765 43210\"" ||
		    return 1
	done &&
	go nobody && expect 202 && go user_12 && expect 202
'

test_expect_success 'an open code is valid only once and only with its address' '
	fresh && no_codes && go +919876500103 && expect 202 &&
	code=$(code_of +919876500103) && go +919876500104 && expect 202 &&
	other=$(code_of +919876500104) && test "$code" != "$other" &&
	{ enter +919876500104 "$code" && expect 400 otp_invalid; } &&
	{ enter bea "$code" && expect 400; } &&
	{ enter +919876500103 "$code" purpose=login && expect 400 otp_expired; } &&
	enter +919876500103 "$code" && expect 201 &&
	enter +919876500103 "$code" && expect 400 otp_expired
'

test_expect_success 'of 50 simultaneous verifications one creates the account' '
	fresh && go race@example.org && expect 202 &&
	obj identifier=race@example.org code="$(code_of race@example.org)" >race &&
	seq 50 | xargs -P 50 -I N curl -s -o /dev/null -w "%{http_code}\n" \
	    -H "Content-Type: application/json" -d @race "$URL/auth/verify-otp" |
	    sort | uniq -c | tr -s " " >out &&
	printf " 1 201\n 49 400\n" >want && test_cmp want out &&
	test "$(em_sql "SELECT count(*) FROM user
	    WHERE email = \"race@example.org\"")" = 1
'

test_expect_success 'the latest code of the identifier counts if purpose is absent' '
	fresh && no_codes && post login identifier=ana@example.org && expect 202 &&
	one=$(code_of ana@example.org) && go ana@example.org && expect 202 &&
	two=$(code_of ana@example.org) && test "$one" != "$two" &&
	{ enter ana@example.org "$one" && expect 400 otp_invalid; } &&
	enter ana@example.org "$two" && expect 200 &&
	enter ana@example.org "$one" purpose=login && expect 200
'

test_expect_success 'without purpose, codes of login and registration are accepted' '
	fresh && no_codes && post login identifier=bea && expect 202 &&
	code=$(code_of bea@example.org) &&
	enter bea@example.org "$code" && expect 200 &&
	register cleo email=cleo@example.org && expect 201 &&
	enter cleo "$(code_of cleo@example.org)" && expect 200 &&
	check_json ".is_new == false and .user.username == \"cleo\"" &&
	post login identifier=cleo password=$EM_PASSWORD && expect 200
'

test_expect_success 'POST /auth/resend-otp sends another code of purpose continue' '
	fresh && no_codes && go dora@example.org && expect 202 &&
	{ go dora@example.org && expect 429; } && otp_age 31 &&
	post resend-otp identifier=dora@example.org purpose=continue &&
	expect 202 && enter dora@example.org "$(code_of dora@example.org)" &&
	expect 201
'

test_expect_success 'POST /auth/resend-otp accepts the same identifiers as POST /auth/continue' '
	fresh && for who in 9876543210 "98765 43210" +1\ 212\ 555\ 0123; do
		go "$who" && expect 400 validation_failed && cp body want &&
		post resend-otp identifier="$who" purpose=continue &&
		expect 400 validation_failed && jq .fields want >one &&
		json .fields >two && test_cmp one two || return 1
	done &&
	post resend-otp identifier=9876543210 purpose=login && expect 202 &&
	post resend-otp identifier=nobody purpose=continue && expect 202
'

test_expect_success 'a referral code is accepted with the code that creates the account' '
	fresh && ref=$(em_sql "SELECT referral_code FROM user WHERE id = $ID_bea") &&
	go +919876500110 && expect 202 && code=$(code_of +919876500110) &&
	enter +919876500110 "$code" referral_code=NOBODY99 &&
	expect 400 validation_failed &&
	enter +919876500110 "$code" referral_code="$ref" && expect 201 &&
	test "$(em_sql "SELECT referred_by FROM user
	    WHERE id = $(json .user.user_id)")" = $ID_bea
'

test_expect_success 'a registration with the address becomes active without password and profile' '
	fresh && post register username=mallory password=attackers-horse-1 \
	    email=eve@example.org country=IN && expect 201 &&
	go eve@example.org && expect 202 && delivered &&
	enter eve@example.org "$(jq -r "select(.to == \"eve@example.org\" and
	    .template == \"otp_continue\") | .code" "$EM_STATE/outbox.jsonl")" &&
	expect 200 && check_json ".is_new == false and .user.country == null" &&
	T=$(json .access_token) &&
	post login identifier=mallory password=attackers-horse-1 &&
	expect 401 invalid_credentials && choose eve && expect 200 &&
	check_json ".username == \"eve\""
'

test_expect_success 'of several registrations with the address none keeps its password' '
	fresh && no_codes && post register username=mal1 \
	    password=attackers-horse-1 phone=+919876500111 && expect 201 &&
	post register username=mal2 password=attackers-horse-2 \
	    phone=+919876500111 && expect 201 && otp_age 31 &&
	go +919876500111 && expect 202 &&
	enter +919876500111 "$(code_of +919876500111)" && expect 200 &&
	post login identifier=mal1 password=attackers-horse-1 && status1=$status &&
	post login identifier=mal2 password=attackers-horse-2 &&
	test "$status1 $status" = "403 401"
'

test_expect_success 'the address can be registered while the code is on its way' '
	fresh && no_codes && go +919876500112 && expect 202 &&
	code=$(code_of +919876500112) && otp_age 31 &&
	register fay phone=+919876500112 && expect 201 &&
	verify fay "$(code_of +919876500112)" && expect 200 &&
	id=$(json .user.user_id) &&
	enter +919876500112 "$code" purpose=continue && expect 200 &&
	check_json ".user.user_id == $id"
'

test_expect_success 'a generated username can be replaced once' '
	fresh && sign +919876500113 &&
	{ choose bea && expect 409 username_taken; } &&
	{ choose "x y" && expect 400 validation_failed; } &&
	choose Gwen.1 && expect 200 && check_json ".username == \"gwen.1\"" &&
	choose gwen2 && expect 403 username_fixed &&
	T=$TOKEN_bea && choose bea2 && expect 403 username_fixed
'

test_expect_success 'a banned account gets a code but is not signed in' '
	fresh && em_sql "UPDATE user SET status = 3 WHERE id = $ID_bea" &&
	go bea@example.org && expect 202 &&
	enter bea@example.org "$(code_of bea@example.org)" &&
	expect 403 account_inactive &&
	em_sql "UPDATE user SET status = 1 WHERE id = $ID_bea"
'

test_expect_success 'a returning user is linked to the deleted account' '
	fresh && sign +919876500114 &&
	api DELETE /user/profile -t "$T" && expect 204 && no_codes && old=$ID &&
	sign +919876500114 && test "$(em_sql "SELECT count(*) FROM returning_user
	    WHERE user_id = $ID")" -ge 1
'

test_expect_success 'five wrong codes lock the code' '
	fresh && no_codes && go +919876500115 && expect 202 &&
	code=$(code_of +919876500115) && wrong=$(other_code "$code") &&
	for left in 4 3 2 1 0; do
		enter +919876500115 "$wrong" && expect 400 otp_invalid &&
		check_json ".attempts_left == $left" || return 1
	done &&
	enter +919876500115 "$code" && expect 429 otp_locked
'

test_expect_success 'numbers of other countries and texts that are no identifier return 400' '
	go +15551234567 && expect 400 validation_failed &&
	refuse_each continue 400 validation_failed <<-\END
	{"identifier":""}
	{"identifier":"a b@c"}
	{"identifier":"+12"}
	{"identifier":null}
	{}
	END
'

test_expect_success 'POST /auth/continue rejects invalid bodies' 'bodies_refused continue'

test_done
