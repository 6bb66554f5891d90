#!/bin/sh
# shellcheck disable=SC2154
test_description='auth: strangers cannot use up the codes of an account'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=t/lib-auth.sh
. "$EM_SRC/t/lib-auth.sh"

em_conf limits.exempt_networks=10.0.0.0/8
em_conf limits.address_rate=10000
em_conf auth.otp_max_attempts_per_network=30
em_start

# guess IDENTIFIER PURPOSE N: sends N wrong codes.
guess() {
	for guess_n in $(seq "$3"); do
		verify "$1" 00000$((guess_n % 10)) "$2" || return 1
	done
}

test_expect_success 'an owner signs in from a network' '
	from 127.0.1.1 && person ana && no_codes && fresh
'

test_expect_success 'wrong codes from other networks do not lock the owner out' '
	for n in 1 2 3; do
		from 127.0.5$n.1 && otp_age 31 &&
		post login identifier=ana && expect 202 &&
		guess ana login 6 && expect 429 otp_locked || return 1
	done &&
	from 127.0.1.200 && otp_age 31 &&
	post login identifier=ana && expect 202 &&
	verify ana "$(code_of ana@example.org)" login && expect 200
'

test_expect_success 'wrong codes lock the account for all networks that it has not signed in from' '
	from 127.0.60.1 && otp_age 31 && post login identifier=ana && expect 202 &&
	verify ana "$(code_of ana@example.org)" login && expect 400 otp_invalid
'

test_expect_success 'a code that strangers guessed at is still valid in the network of the owner' '
	fresh && no_codes && from 127.0.1.1 && post login identifier=ana &&
	expect 202 && code=$(code_of ana@example.org) &&
	from 127.0.61.1 && guess ana login 5 &&
	from 127.0.62.1 && verify ana "$code" login && expect 400 otp_invalid &&
	no_codes && from 127.0.1.1 && post login identifier=ana && expect 202 &&
	code=$(code_of ana@example.org) && from 127.0.61.1 && guess ana login 5 &&
	from 127.0.1.1 && verify ana "$code" login && expect 200
'

test_expect_success 'wrong codes from the network of the owner are limited' '
	fresh && no_codes && from 127.0.1.1 && for n in 1 2; do
		otp_age 31 && post login identifier=ana && expect 202 &&
		guess ana login 5 && expect 400 otp_invalid || return 1
	done &&
	otp_age 31 && post login identifier=ana@example.org && expect 202 &&
	verify ana@example.org "$(code_of ana@example.org)" login &&
	expect 400 otp_invalid
'

test_expect_success 'requests from other networks neither delay nor use up those of the owner' '
	fresh && no_codes && from 127.0.63.1 && for n in $(seq 10); do
		otp_age 31 && post password/forgot identifier=ana &&
		expect 202 || return 1
	done &&
	otp_age 31 && post password/forgot identifier=ana &&
	expect 429 rate_limited &&
	otp_age 31 && from 127.0.64.1 && before=$(sent ana@example.org otp_reset) &&
	post password/forgot identifier=ana && expect 202 &&
	test "$(sent ana@example.org otp_reset)" = "$before" &&
	from 127.0.1.1 && post password/forgot identifier=ana && expect 202 &&
	test "$(sent ana@example.org otp_reset)" = $((before + 1)) &&
	post login identifier=ana && expect 202 &&
	test "$(sent ana@example.org otp_login)" -gt 0
'

test_expect_success 'wrong codes of one registration do not block another with the address' '
	fresh && no_codes && from 127.0.70.1 &&
	register mallory email=vic@example.org && expect 201 &&
	for n in 1 2 3; do
		otp_age 31 && post resend-otp identifier=mallory purpose=register &&
		expect 202 && guess mallory register 5 || return 1
	done &&
	from 127.0.71.1 && otp_age 31 &&
	register vic email=vic@example.org && expect 201 &&
	verify vic "$(code_of vic@example.org)" && expect 200
'

test_expect_success 'one address gets at most 50 codes of registrations per day' '
	fresh && no_codes && for n in 1 2 3 4 5 6; do
		from 127.0.8$n.1 && for k in $(seq 10); do
			otp_age 31 && register m$n$k email=bob@example.org &&
			expect 201 || return 1
		done || return 1
	done &&
	test "$(sent bob@example.org otp_register)" = 50
'

test_expect_success 'wrong codes of a network are limited over all identifiers' '
	fresh && no_codes && from 127.0.90.1 && for n in $(seq 30); do
		verify nobody$n@example.org 000001 login &&
		expect 400 otp_expired || return 1
	done &&
	verify nobody31@example.org 000001 login && expect 429 otp_locked &&
	test "$(header Retry-After)" -gt 800 &&
	post password/reset identifier=ana code=000001 \
	    new_password=another-horse-8 && expect 429 otp_locked &&
	from 127.0.91.1 && verify nobody31@example.org 000001 login &&
	expect 400 otp_expired
'

test_done
