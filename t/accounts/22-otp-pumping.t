#!/bin/sh
# shellcheck disable=SC2154
test_description='auth: limits that protect against SMS pumping fraud'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=t/lib-auth.sh
. "$EM_SRC/t/lib-auth.sh"

em_conf auth.otp_max_countries=2
em_conf auth.otp_min_used_from=4
em_conf auth.otp_min_used_percent=50
em_conf auth.otp_allowed_prefixes=+91,+1555,+44,+33,+81
em_conf limits.exempt_networks=10.0.0.0/8
em_conf limits.address_rate=1000
em_start

# refused LIMIT: prints how many requests the limit has rejected.
refused() {
	em_cli status --json | jq ".refused.code_$1"
}

test_expect_success 'a client address can request codes to two countries a day' '
	register bob_a1 phone=+919876500001 && expect 201 &&
	register bob_a2 phone=+442079460001 && expect 201 &&
	register bob_a3 phone=+919876500002 && expect 201 && before=$(users) &&
	register bob_a4 phone=+33612345678 && expect 429 rate_limited &&
	test "$(users)" = "$before" && test "$(refused countries)" = 1 &&
	register bob_a4 phone=+442079460002 && expect 201 &&
	register bob_a5 email=a5@example.org && expect 201
'

test_expect_success 'POST /auth/resend-otp returns 202 if the limit of countries is reached' '
	fresh && register bob_b1 phone=+33612345679 && expect 201 &&
	register bob_b2 phone=+815012345678 && expect 201 && otp_age 31 &&
	post resend-otp identifier=bob_a1 purpose=register && expect 202 &&
	test "$(sent +919876500001 otp_register)" = 1 &&
	test "$(refused countries)" = 2 && fresh && otp_age 31 &&
	post resend-otp identifier=bob_a1 purpose=register && expect 202 &&
	test "$(sent +919876500001 otp_register)" = 2
'

test_expect_success 'a prefix whose codes are never used gets no more codes in this hour' '
	fresh && for n in 1 2 3 4; do
		from 127.0.1$n.1 && register bob_c$n phone=+155512345$n$n && expect 201 || return 1
	done &&
	register bob_c5 phone=+15551234599 && expect 429 rate_limited &&
	test "$(refused unproved)" = 1 &&
	register bob_d1 phone=+919876500009 && expect 201
'

test_expect_success 'a prefix gets more codes if at least half of them are used' '
	from 127.0.15.1 && verify bob_c1 "$(code_of +15551234511)" &&
	expect 200 &&
	register bob_c5 phone=+15551234599 && expect 429 &&
	verify bob_c2 "$(code_of +15551234522)" && expect 200 &&
	register bob_c5 phone=+15551234599 && expect 201 &&
	from 127.0.16.1 && register bob_c6 phone=+15551234598 && expect 429 &&
	verify bob_c3 "$(code_of +15551234533)" && expect 200 &&
	register bob_c6 phone=+15551234598 && expect 201
'

test_expect_success 'exempt client addresses have no limit of countries' '
	em_stop && em_conf limits.exempt_networks=127.0.0.0/8 && em_start && fresh &&
	register bob_e1 phone=+919876500021 && expect 201 &&
	register bob_e2 phone=+442079460021 && expect 201 &&
	register bob_e3 phone=+33612345621 && expect 201
'

test_done
