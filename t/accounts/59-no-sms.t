#!/bin/sh
# shellcheck disable=SC2154
test_description='a service that sends no SMS (delivery.sms = none)'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=t/lib-auth.sh
. "$EM_SRC/t/lib-auth.sh"

em_conf delivery.sms=none
em_start

# no_sms FIELD: the response names the reason.
no_sms() {
	expect 400 validation_failed &&
	check_json ".fields == {$1: \"must be an e-mail address, because this service sends no SMS\"}"
}

test_expect_success 'a phone number returns 400 with the reason, known or not' '
	person ana && em_sql "UPDATE user SET phone = \"+919876543210\",
	    phone_ok = 1 WHERE id = $ID_ana" && before=$(users) &&
	for number in +919876543210 +919876543211; do
		post continue identifier=$number && no_sms identifier &&
		post resend-otp identifier=$number purpose=continue &&
		no_sms identifier &&
		register bea phone=$number && no_sms phone &&
		register bea phone=$number email=bea@example.org &&
		no_sms phone || return 1
	done &&
	post register username=bea password="$EM_PASSWORD" && expect 400 &&
	check_json ".fields == {email: \"is required\"}" &&
	test "$(users)" = "$before"
'

test_expect_success 'a page can find out that the service sends no SMS' '
	api GET /auth/session && expect 200 && check_json ".sends_sms == false" &&
	api GET /auth/session -t "$TOKEN_ana" && expect 200 &&
	check_json ".sends_sms == false and .user.username == \"ana\""
'

test_expect_success 'an account cannot add a phone number' '
	api POST /user/phone -t "$TOKEN_ana" "$(obj phone=+919876543212)" &&
	no_sms phone &&
	test_expect_code 1 em_cli user set-phone ana +919876543212 2>err &&
	grep "sends no SMS" err
'

test_expect_success 'an e-mail address signs in and creates accounts' '
	post continue identifier=cid@example.org && expect 202 &&
	verify cid@example.org "$(code_of cid@example.org)" continue && expect 201
'

test_expect_success 'an account with a verified number gets its codes by e-mail' '
	fresh && no_codes && post login identifier=+919876543210 && expect 202 &&
	verify +919876543210 "$(code_of ana@example.org)" login && expect 200 &&
	fresh && no_codes && post login identifier=ana && expect 202 &&
	verify ana "$(code_of ana@example.org)" login && expect 200
'

test_expect_success 'no SMS is queued, also for an account that has only a number' '
	em_sql "UPDATE user SET email = NULL, email_ok = 0 WHERE id = $ID_ana" &&
	fresh && post login identifier=ana && expect 202 &&
	post password/forgot identifier=+919876543210 && expect 202 && delivered &&
	test "$(em_sql "SELECT count(*) FROM outbox WHERE channel = 1")" = 0
'

test_done
