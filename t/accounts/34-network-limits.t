#!/bin/sh
# shellcheck disable=SC2154
test_description='auth: limits for networks of clients'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=t/lib-auth.sh
. "$EM_SRC/t/lib-auth.sh"

em_conf limits.exempt_networks=10.0.0.0/8
em_conf limits.address_rate=1000
em_conf auth.otp_max_per_network_hour=25
em_conf auth.otp_max_email_per_network_hour=30
em_conf auth.otp_max_unverified_per_network=5
em_conf auth.otp_min_used_from=20
em_conf auth.otp_min_used_percent=10
em_conf auth.otp_max_per_prefix_hour=50
em_start

# refused LIMIT: prints how many requests the limit has rejected.
refused() {
	em_cli status --json | jq ".refused.$1"
}

# phones NAME FROM TO: registers by SMS. $status is that of the last request.
phones() {
	for phones_n in $(seq "$2" "$3"); do
		register "$1_$phones_n" \
		    phone="$(printf '+9198765%05d' "$phones_n")" || return 1
	done
}

test_expect_success 'setup: two existing accounts' '
	from 127.0.1.1 &&
	register old phone=+919000000001 && expect 201 &&
	verify old "$(code_of +919000000001)" && expect 200 &&
	register second phone=+919000000002 email=second@example.org &&
	expect 201 && verify second "$(code_of +919000000002)" && expect 200 &&
	no_codes && fresh
'

test_expect_success 'a network with five unverified registrations gets 429' '
	from 127.0.2.1 && phones a 1 5 && expect 201 && before=$(users) &&
	phones a 6 6 && expect 429 rate_limited &&
	test "$(header Retry-After)" -gt 0 && test "$(users)" = "$before" &&
	from 127.0.2.200 && phones a 6 6 && expect 429 &&
	test "$(refused code_network_unproved)" = 2
'

test_expect_success '100 registrations of one network do not block the country' '
	phones a 7 100 && expect 429 &&
	from 127.0.3.1 && phones b 101 101 && expect 201 &&
	test "$(refused code_unproved)" = 0 && test "$(refused code_prefix)" = 0
'

test_expect_success 'a limited network can register by e-mail and sign in to its accounts' '
	from 127.0.2.1 && register amail email=amail@example.org && expect 201 &&
	post login identifier=old && expect 202 &&
	test "$(sent +919000000001 otp_login)" = 1
'

test_expect_success 'a network whose registrations are verified has no such limit' '
	from 127.0.4.1 && for n in $(seq 201 212); do
		phones c $n $n && expect 201 &&
		verify c_$n "$(code_of "+9198765$(printf %05d $n)")" &&
		expect 200 || return 1
	done
'

test_expect_success 'a network can request 25 codes by phone number an hour' '
	for n in $(seq 213 225); do
		post login identifier=+9198765$(printf %05d $n) && expect 202 ||
		    return 1
	done &&
	post login identifier=+919876599999 && expect 429 rate_limited &&
	post login identifier=+919000000001 && expect 429 rate_limited &&
	post password/forgot identifier=+919876588888 && expect 429 &&
	test "$(header Retry-After)" -gt 3000 &&
	test "$(refused code_network)" = 3 &&
	from 127.0.5.1 && post login identifier=+919876599999 && expect 202
'

test_expect_success 'a username counts like a phone number because an SMS may follow' '
	from 127.0.4.1 && post login identifier=nobody && expect 429 rate_limited &&
	post login identifier=old && expect 429 rate_limited
'

test_expect_success 'codes by e-mail address have a separate limit' '
	for n in $(seq 30); do
		post login identifier=nobody$n@example.org && expect 202 ||
		    return 1
	done &&
	register cmail email=cmail@example.org && expect 429 rate_limited
'

test_expect_success 'one network changes the share of used codes of a country only slightly' '
	fresh && em_sql "DELETE FROM otp" && for n in $(seq 5); do
		from 127.0.13$n.1 && phones f ${n}51 ${n}54 && expect 201 ||
		    return 1
	done &&
	from 127.0.20.1 && phones f 50 50 && expect 201 &&
	test "$(refused code_unproved)" = 0
'

test_expect_success 'registrations that get no code count only for their network' '
	fresh && for n in $(seq 11); do
		from 127.0.$((160 + n)).1 && for k in $(seq 5); do
			register g_${n}_$k phone=+919876511111 && expect 201 ||
			    return 1
		done || return 1
	done &&
	register g_12 phone=+919876511111 && expect 429 rate_limited &&
	from 127.0.20.1 && phones g 61 61 && expect 201 &&
	test "$(refused code_prefix)" = 0
'

test_expect_success 'registrations with one e-mail address are limited by network, also as a second address' '
	fresh && from 127.0.152.1 && for n in $(seq 30); do
		register h_$n email=h@example.org && expect 201 || return 1
	done &&
	before=$(users) && register h_31 email=h@example.org &&
	expect 429 rate_limited &&
	register h_32 phone=+919876522222 email=h@example.org &&
	expect 429 rate_limited && test "$(users)" = "$before" &&
	register h_33 phone=+919876522222 && expect 201
'

test_expect_success 'registrations whose username is taken are limited by network' '
	fresh && from 127.0.153.1 && for n in $(seq 30); do
		register old email=i_$n@example.org &&
		expect 409 username_taken || return 1
	done &&
	register old email=i_31@example.org && expect 429 rate_limited &&
	from 127.0.154.1 && register old email=i_31@example.org &&
	expect 409 username_taken
'

test_expect_success 'twenty networks can reach the limit of unused codes of a country' '
	fresh && for n in $(seq 5); do
		for k in $(seq 4); do
			from 127.0.1$n$k.1 && phones d $n$k $n$k &&
			expect 201 || return 1
		done || return 1
	done &&
	from 127.0.20.1 && phones d 99 99 && expect 429 rate_limited &&
	test "$(refused code_unproved)" = 1
'

test_expect_success 'that limit does not affect existing accounts and e-mail' '
	otp_age 31 && before=$(sent +919000000001 otp_login) &&
	post login identifier=old && expect 202 &&
	test "$(sent +919000000001 otp_login)" = $((before + 1)) &&
	post password/forgot identifier=+919000000002 && expect 202 &&
	test "$(sent +919000000002 otp_reset)" = 1 &&
	register dmail email=dmail@example.org && expect 201 &&
	test "$(refused code_account)" = 0
'

test_expect_success 'resent registration codes do not use up the limit of existing accounts' '
	fresh && em_sql "UPDATE throttle SET n = 50 WHERE scope = \"otp_prefix\"" &&
	otp_age 31 && post resend-otp identifier=d_11 purpose=register &&
	expect 202 &&
	em_sql "UPDATE throttle SET n = 50 WHERE scope = \"otp_prefix\"" &&
	otp_age 31 && before=$(sent +919876500012 otp_register) &&
	post resend-otp identifier=d_12 purpose=register && expect 202 &&
	test "$(sent +919876500012 otp_register)" = "$before" &&
	phones e 301 301 && expect 201 &&
	before=$(sent +919000000001 otp_login) &&
	post login identifier=old && expect 202 &&
	test "$(sent +919000000001 otp_login)" = $((before + 1))
'

test_expect_success 'existing accounts have a limit with a metric of its own' '
	em_sql "UPDATE throttle SET n = 50 WHERE scope = \"otp_prefix\"" &&
	before=$(sent +919000000001 otp_login) && otp_age 31 &&
	post login identifier=old && expect 202 &&
	test "$(sent +919000000001 otp_login)" = "$before" &&
	test "$(refused code_account)" = 1
'

test_expect_success 'the limit of existing accounts does not apply in a network they have signed in from' '
	from 127.0.1.99 && otp_age 31 &&
	post login identifier=+919000000001 && expect 202 &&
	test "$(sent +919000000001 otp_login)" = $((before + 1))
'

test_expect_success 'e-mail has a daily limit of its own' '
	fresh && post login identifier=second && expect 202 &&
	em_sql "UPDATE throttle SET n = 60000 WHERE scope = \"otp_day\"" &&
	otp_age 31 && before=$(sent +919000000002 otp_login) &&
	post login identifier=second && expect 202 &&
	test "$(sent +919000000002 otp_login)" = "$before" &&
	register fmail email=fmail@example.org && expect 201 &&
	test "$(sent fmail@example.org otp_register)" = 1
'

# from6 ADDRESS: requests come from that IPv6 address, as nginx sees it.
from6() {
	echo "header = \"X-Forwarded-For: $1\"" >"$CURL_HOME/.curlrc"
}

test_expect_success 'an IPv6 /48 has twice the limit of unverified registrations by SMS' '
	fresh && no_codes &&
	sed -i "s|^http {|http {\nset_real_ip_from 127.0.0.1;\nreal_ip_header X-Forwarded-For;|" \
	    "$EM_STATE/nginx.conf" &&
	em_reload_nginx &&
	for n in 1 2; do
		from6 2001:db8:77:$n::1 && phones v ${n}71 ${n}75 &&
		expect 201 || return 1
	done &&
	from6 2001:db8:77:3::1 && phones v 371 371 && expect 429 rate_limited &&
	from6 2001:db8:78:1::1 && phones v 471 471 && expect 201
'

test_expect_success 'verified registrations do not count against the limit of an IPv6 /48' '
	fresh && no_codes && for n in 1 2 3 4; do
		from6 2001:db8:79:$n::1 && for k in 1 2 3 4; do
			phones w 5$n$k 5$n$k && expect 201 &&
			verify w_5$n$k "$(code_of "+9198765005$n$k")" &&
			expect 200 || return 1
		done || return 1
	done
'

test_done
