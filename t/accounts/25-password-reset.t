#!/bin/sh
test_description='auth: password reset'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=t/lib-auth.sh
. "$EM_SRC/t/lib-auth.sh"

em_start

# reset IDENTIFIER CODE [PASSWORD]: sets a new password with a code.
reset() {
	post password/reset identifier="$1" code="$2" \
	    new_password="${3-another-horse-8}"
}

forgot() {
	post password/forgot identifier="$1"
}

test_expect_success 'a code sets a new password' '
	person ana && old=$TOKEN_ana refresh=$REFRESH_ana &&
	forgot ana@example.org && expect 202 &&
	check_json ".resend_after == 30 and (.message | length) > 0" &&
	reset ana@example.org "$(code_of ana@example.org)" && expect 204 &&
	test ! -s "$body"
'

test_expect_success 'after a reset, the new password works and the old one returns 401' '
	post login identifier=ana password="$EM_PASSWORD" &&
	expect 401 invalid_credentials &&
	post login identifier=ana password=another-horse-8 && expect 200
'

test_expect_success 'a password reset signs out all sessions' '
	api GET /user/profile -t "$old" && expect 401 token_invalid &&
	post refresh-token refresh_token="$refresh" && expect 401 token_invalid
'

test_expect_success 'a password reset ends other codes and forgets other networks' '
	person rea && forgot rea && code=$(code_of rea@example.org) &&
	post login identifier=rea && expect 202 &&
	login=$(code_of rea@example.org) &&
	em_sql "INSERT INTO sign_in_network(user_id, network, used_at)
	    VALUES ($ID_rea, zeroblob(32), 4e12)" &&
	reset rea "$code" && expect 204 &&
	verify rea "$login" login && expect 400 &&
	test "$(em_sql "SELECT count(*) FROM sign_in_network
	    WHERE user_id = $ID_rea")" = 1
'

test_expect_success 'a password reset notifies the account owner' '
	test "$(sent ana@example.org password_changed)" = 1
'

test_expect_success 'a password reset code is accepted once' '
	code=$(code_of ana@example.org) &&
	reset ana@example.org "$code" third-horse-77 && expect 400 otp_expired &&
	post login identifier=ana password=another-horse-8 && expect 200
'

test_expect_success 'a password reset removes the lock after wrong passwords' '
	for n in 1 2 3 4 5 6 7 8 9 10; do
		post login identifier=ana password=wrong-pass-$n &&
		expect 401 || return 1
	done &&
	post login identifier=ana password=another-horse-8 && expect 429 &&
	otp_age 31 && forgot ana && expect 202 &&
	reset ana "$(code_of ana@example.org)" fourth-horse-66 && expect 204 &&
	post login identifier=ana password=fourth-horse-66 && expect 200
'

test_expect_success 'a password can be reset by phone number and by username' '
	register ben phone=+919876500041 email=ben@example.org && expect 201 &&
	verify ben "$(code_of +919876500041)" && expect 200 &&
	forgot ben && expect 202 &&
	reset BEN "$(code_of +919876500041)" && expect 204 && otp_age 31 &&
	forgot +919876500041 && expect 202 &&
	reset +919876500041 "$(code_of +919876500041)" fifth-horse-55 &&
	expect 204 && post login identifier=ben password=fifth-horse-55 && expect 200
'

test_expect_success 'no code is sent to an unverified e-mail address, nor to the phone' '
	otp_age 31 && phone=$(sent +919876500041 otp_reset) &&
	forgot ben@example.org && expect 202 &&
	test "$(sent ben@example.org otp_reset)" = 0 &&
	test "$(sent +919876500041 otp_reset)" = "$phone"
'

test_expect_success 'a wrong code changes nothing and counts as an attempt' '
	otp_age 31 && forgot ana && expect 202 &&
	code=$(code_of ana@example.org) && bad=$(other_code "$code") &&
	for left in 4 3 2 1 0; do
		reset ana "$bad" && expect 400 otp_invalid &&
		check_json ".attempts_left == $left" || return 1
	done &&
	reset ana "$code" && expect 429 otp_locked &&
	post login identifier=ana password=fourth-horse-66 && expect 200
'

test_expect_success 'an invalid new password does not use up the code' '
	em_sql "UPDATE throttle SET ends_at = 0" && otp_age 31 && forgot ana &&
	code=$(code_of ana@example.org) &&
	for weak in short password1 12345678 zzzzzzzzzz ana-ana-2024; do
		reset ana "$code" "$weak" && expect 400 validation_failed &&
		check_json ".fields.new_password" || return 1
	done &&
	reset ana "$code" sixth-horse-44 && expect 204
'

test_expect_success 'responses do not reveal whether an account exists' '
	em_sql "UPDATE throttle SET ends_at = 0" && otp_age 600 &&
	for id in ana@example.org nobody@example.org; do
		{ forgot "$id" && plain; forgot "$id" && plain
		reset "$id" 000001 && plain; reset "$id" 000002 && plain; } >"$id"
	done && test_cmp ana@example.org nobody@example.org &&
	grep -q otp_invalid nobody@example.org &&
	test "$(sent nobody@example.org otp_reset)" = 0
'

test_expect_success 'an unverified account gets no password reset code' '
	register cat email=cat@example.org && expect 201 &&
	forgot cat@example.org && expect 202 &&
	reset cat@example.org "$(code_of cat@example.org)" &&
	case $status in 400) ;; *) expect 400 ;; esac &&
	test "$(sent cat@example.org otp_reset)" = 0 &&
	post login identifier=cat password="$EM_PASSWORD" &&
	expect 403 verification_required
'

test_expect_success 'a banned account cannot reset its password' '
	person dan && forgot dan && expect 202 && code=$(code_of dan@example.org) &&
	em_sql "UPDATE user SET status = 3 WHERE id = $ID_dan" &&
	reset dan "$code" && expect 403 account_inactive &&
	em_sql "UPDATE user SET status = 1 WHERE id = $ID_dan" &&
	post login identifier=dan password="$EM_PASSWORD" && expect 200
'

test_expect_success 'of six simultaneous resets with one code, one succeeds' '
	otp_age 31 && em_sql "UPDATE throttle SET ends_at = 0" && forgot dan &&
	code=$(code_of dan@example.org) &&
	for n in 1 2 3 4 5 6; do
		obj identifier=dan code="$code" new_password=horse-number-$n >r.$n
	done &&
	seq 6 | xargs -P 6 -I N curl -s -o /dev/null -w "%{http_code}\n" \
	    -H "Content-Type: application/json" -d @r.N \
	    "$URL/auth/password/reset" | sort | uniq -c | tr -s " " >out &&
	printf " 1 204\n 5 400\n" >want && test_cmp want out
'

test_expect_success 'POST /auth/password/forgot and /reset reject invalid bodies' '
	bodies_refused password/forgot && bodies_refused password/reset
'

test_expect_success 'POST /auth/password/forgot and /reset reject invalid members' '
	refuse_each password/forgot 400 validation_failed <<-\END &&
	{"identifier":""}
	{"identifier":null}
	{"identifier":["ana"]}
	{"identifier":5}
	END
	refuse_each password/reset 400 validation_failed <<-\END
	{"identifier":"ana","code":"123456"}
	{"identifier":"ana","new_password":"another-horse-8"}
	{"code":"123456","new_password":"another-horse-8"}
	{"identifier":"ana","code":"1234","new_password":"another-horse-8"}
	{"identifier":"ana","code":"abcdef","new_password":"another-horse-8"}
	{"identifier":"ana","code":123456,"new_password":"another-horse-8"}
	{"identifier":"ana","code":"123456","new_password":12345678901}
	{"identifier":"ana","code":"123456","new_password":null}
	{"identifier":"ana","code":"123456","new_password":"short"}
	END
'

test_done
